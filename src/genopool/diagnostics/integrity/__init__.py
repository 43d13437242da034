"""The sentinel: errors of published tables that only their numbers give away."""
