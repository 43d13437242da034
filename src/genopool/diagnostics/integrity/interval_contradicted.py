"""Reported intervals against the standard error and the p-value of the same row."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from scipy.special import ndtri

from genopool.diagnostics.integrity.printed import PrintedInterval, Range, number, printed_interval
from genopool.diagnostics.integrity.samples import in_file_order
from genopool.studies.findings import Finding
from genopool.studies.records import EstimateRow, StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

_BOUND = re.compile(r"^(<=|>=|<|>|≤|≥)\s*(\d*\.?\d+(?:[eE][+-]?\d+)?)$")
#: A p-value of a score or likelihood-ratio test is not the interval's own: z may differ by so much.
Z_SHARE = 0.1


def check_interval_contradicted(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Rows whose interval does not have the standard error, or the p-value, printed beside it.

    The tolerances are `checks: interval_contradicted`: a share of the standard error, and units of
    z for the p-value, to which a tenth of z is added.
    """
    if config.checks.interval_contradicted.is_off:
        return []
    findings = []
    for row in in_file_order(tables.of_locus(locus)[1]):
        interval = printed_interval(row)
        if interval.se is not None and interval.se.low > 0:
            findings += _standard_error(config, row, interval)
            findings += _p_value(config, row, interval)
    return findings


def _standard_error(config: Config, row: EstimateRow, interval: PrintedInterval) -> list[Finding]:
    stated = number(row, "se")
    if stated is None:
        return []
    share = 1 + config.checks.interval_contradicted.se
    if _overlap(stated, interval.se, share):
        return []
    scaled = Range(interval.se.low * row.estimate, interval.se.high * row.estimate)
    fits = ""
    if _overlap(stated, scaled, share):
        fits = "; it would fit as the standard error of the ratio itself, not of its logarithm"
    return [
        _finding(
            row,
            "se",
            f"the standard error {row.printed['se']} is not that of the interval, "
            f"{_span(interval.se)}{fits}",
            expected="the standard error of the log estimate",
        )
    ]


def _p_value(config: Config, row: EstimateRow, interval: PrintedInterval) -> list[Finding]:
    """The z of the estimate over its standard error, against that of the p-value."""
    text = row.printed.get("p_value", "").replace(",", ".")
    bound, stated = _BOUND.match(text), number(row, "p_value")
    middle = abs(math.log(row.estimate))
    rounding = max(interval.estimate.high - interval.estimate.low, 0.0) / 2
    z = Range(max(middle - rounding, 0.0) / interval.se.high, (middle + rounding) / interval.se.low)
    tolerance = config.checks.interval_contradicted.z
    z = Range(z.low * (1 - Z_SHARE) - tolerance, z.high * (1 + Z_SHARE) + tolerance)
    if bound:
        limit = _z_of(float(bound[2]))
        contradicted = limit > z.high if "<" in bound[1] or "≤" in bound[1] else limit < z.low
    elif stated is not None:
        contradicted = _z_of(stated.low) < z.low or _z_of(stated.high) > z.high
    else:
        return []
    if not contradicted:
        return []
    own = 2 * _upper_tail(middle / ((interval.se.low + interval.se.high) / 2))
    return [
        _finding(
            row,
            "p_value",
            f"the p-value {text} is not that of the estimate {row.printed['estimate']} "
            f"({row.printed['ci_low']}–{row.printed['ci_high']}), which has p = {own:.2g}",
            expected=f"a p-value near {own:.2g}",
        )
    ]


def _z_of(p: float) -> float:
    if p <= 0:
        return math.inf
    return float(-ndtri(min(p, 1.0) / 2))


def _upper_tail(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))


def _overlap(one: Range, other: Range, share: float) -> bool:
    return one.high >= other.low / share and one.low <= other.high * share


def _span(interval: Range) -> str:
    low, high = f"{interval.low:.3g}", f"{interval.high:.3g}"
    return low if low == high else f"{low} to {high}"


def _finding(row: EstimateRow, column: str, message: str, expected: str) -> Finding:
    return row.finding(
        "warning",
        "interval_contradicted",
        message,
        column=column,
        value=row.printed[column],
        expected=expected,
        why="one of the numbers is misprinted or mistyped",
        action="pooled with the standard error that the interval gives",
    )
