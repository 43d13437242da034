"""Numbers as papers print them: the ranges that their rounding leaves open."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from statistics import NormalDist

from genopool.studies.records import EstimateRow

_NUMBER = re.compile(r"\d*[.,]?\d+(?:[eE][+-]?\d+)?")


def _plain(text: str) -> str:
    """The number in a cell with a decimal point, whatever decimal mark it was written with."""
    found = _NUMBER.search(text.replace("·", "."))
    return found[0].replace(",", ".").lower() if found else ""


def decimals(text: str) -> int:
    """Decimals of a printed number: 2 for `1.50`."""
    mantissa, _, exponent = _plain(text).partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)


@dataclass(frozen=True)
class Range:
    """From the least to the greatest number that prints so."""

    low: float
    high: float

    def distance(self, value: float) -> float:
        """How far a number is outside, 0 inside."""
        return max(self.low - value, value - self.high, 0.0)


@dataclass(frozen=True)
class PrintedInterval:
    """An odds ratio and its interval on the log scale, with the rounding of the printed digits.

    Attributes
    ----------
    estimate : Range
    low, high : Range or None
    level : float
    """

    estimate: Range
    low: Range | None
    high: Range | None
    level: float

    @property
    def z(self) -> float:
        return normal_quantile(self.level)

    @property
    def se(self) -> Range | None:
        """Standard errors that the interval allows."""
        if self.low is None or self.high is None:
            return None
        narrow = max(self.high.low - self.low.high, 0.0)
        return Range(narrow / (2 * self.z), (self.high.high - self.low.low) / (2 * self.z))


def normal_quantile(level: float) -> float:
    """The two-sided standard normal quantile of a level: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def printed_interval(row: EstimateRow) -> PrintedInterval:
    """The numbers of a row with their rounding.

    A paper prints an estimate and its limits with as many decimals, and tables drop zeros at the
    end, so the most decimals of the three count for all.
    """
    written = [row.printed.get(name, "") for name in ("estimate", "ci_low", "ci_high")]
    most = max((decimals(text) for text in written if text), default=2)
    half = 0.5 * 10.0**-most

    def logs(value: float | None) -> Range | None:
        if value is None:
            return None
        return Range(math.log(max(value - half, value * 1e-3)), math.log(value + half))

    return PrintedInterval(logs(row.estimate), logs(row.ci_low), logs(row.ci_high), row.level)


def number(row: EstimateRow, name: str) -> Range | None:
    """A printed number that is not on the log scale, with its rounding; None if there is none."""
    text = _plain(row.printed.get(name, ""))
    if not text:
        return None
    value, half = float(text), 0.5 * 10.0 ** -decimals(text)
    return Range(max(value - half, 0.0), value + half)
