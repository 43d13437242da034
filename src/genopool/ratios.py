"""Odds ratios from their logarithms."""

from __future__ import annotations

from math import exp, inf, log
from sys import float_info

_LARGEST = log(float_info.max)


def ratio(log_ratio: float) -> float:
    """exp(log_ratio), infinite where no number is as large: limits that two studies leave open."""
    return inf if log_ratio > _LARGEST else exp(log_ratio)
