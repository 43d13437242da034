"""Odds ratios with their intervals, as sentences have them."""

from __future__ import annotations

from math import isnan

from genopool.diagnostics.evidence import Estimate
from genopool.diagnostics.wording import odds_ratio, p_value, rounded


def limits(estimate: Estimate) -> str:
    return f"{odds_ratio(estimate.ci_low)} to {odds_ratio(estimate.ci_high)}"


def interval(estimate: Estimate, level: float) -> str:
    """`95% CI 1.02 to 1.51, p = 0.03`."""
    p = "" if isnan(estimate.p_value) else f", {p_value(estimate.p_value)}"
    return f"{100 * level:g}% {estimate.kind} {limits(estimate)}{p}"


def full(estimate: Estimate, level: float) -> str:
    """`1.24 (95% CI 1.02 to 1.51, p = 0.03)`."""
    return f"{rounded(estimate.odds_ratio)} ({interval(estimate, level)})"
