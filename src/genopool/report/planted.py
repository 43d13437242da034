"""Planted truth matched to pooled results, and whether their intervals hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import erf, exp, lgamma, log, log1p, sqrt
from typing import Any

from genopool.report.inputs import Locus, number, text, whole
from genopool.report.results import has_result
from genopool.studies.truth import KEY, LENGTH_TREND, PER_LENGTH

RowOf = Mapping[str, Any]


@dataclass(frozen=True)
class Planted:
    """A row of the table of truth and the pooled result that it is about.

    `ours` is None, and `why` says so, where there is none.
    """

    row: RowOf
    ours: RowOf | None = None
    why: str = ""

    @property
    def log_or(self) -> float:
        return number(self.row["log_or"])

    @property
    def tau(self) -> float:
        return number(self.row["tau"])

    @property
    def covered(self) -> bool | None:
        """Whether the interval holds the truth; None where there is none, or one study alone.

        One study's interval is of that study's own truth, not of the mean.
        """
        return _holds(self._of_several("ci_low"), self.log_or, self._of_several("ci_high"))

    @property
    def tau_covered(self) -> bool | None:
        """Whether the interval of tau² holds that of the truth."""
        return _holds(
            self._of_several("tau2_ci_low"),
            self.tau**2,
            self._of_several("tau2_ci_high"),
            ratio=False,
        )

    @property
    def predicted(self) -> float | None:
        """The share of studies' planted truths, taken as normal, in the prediction interval."""
        low, high = self._of_several("pi_low"), self._of_several("pi_high")
        if low is None or high is None or low <= 0:
            return None
        if self.tau == 0:
            return float(log(low) <= self.log_or <= log(high))
        return _normal((log(high) - self.log_or) / self.tau) - _normal(
            (log(low) - self.log_or) / self.tau
        )

    def _of_several(self, column: str) -> float | None:
        """A number of a result of more than one study."""
        return number(self.ours[column]) if self.ours and whole(self.ours["k"]) > 1 else None


def _holds(low: float | None, value: float, high: float | None, ratio: bool = True) -> bool | None:
    if low is None or high is None:
        return None
    return low <= (exp(value) if ratio else value) <= high


def _normal(z: float) -> float:
    return 0.5 * (1 + erf(z / sqrt(2)))


def match(truth: Iterable[RowOf], pooled: Iterable[RowOf], loci: Sequence[Locus]) -> list[Planted]:
    """Match rows of truth to pooled results, in their own order."""
    index = {key_of(row): row for row in pooled}
    known = {locus.key: locus for locus in loci}
    found = []
    for row in truth:
        ours = index.get(key_of(row))
        if ours is not None and has_result(ours):
            found.append(Planted(row, ours))
        else:
            found.append(Planted(row, why=_why(row, ours, known)))
    return found


def _why(row: RowOf, ours: RowOf | None, loci: Mapping[str, Locus]) -> str:
    locus = loci.get(text(row["locus"]))
    if locus is None:
        return "the locus is not configured"
    if ours is not None:
        return "no study here answers this"
    if text(row["effect_allele"]) not in locus.effect_alleles:
        return "not an effect allele of the configuration"
    return "no such result: another model, stratifier or stratum"


def key_of(row: RowOf) -> tuple[str, ...]:
    """The result that a row is about."""
    return tuple(text(row[name]) for name in KEY)


def is_of_lengths(row: RowOf) -> bool:
    """Whether a row of truth is about the lengths of a repeat."""
    return text(row["model"]) in (PER_LENGTH, LENGTH_TREND)


def binomial_range(n: int, p: float, mass: float = 0.95) -> tuple[int, int]:
    """The central range of a binomial number: at most (1 - `mass`) / 2 lies beyond either end."""
    tail, below, low, high = (1 - mass) / 2, 0.0, None, n
    for k in range(n + 1):
        below += exp(
            lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p)
        )
        if low is None and below > tail:
            low = k
        if below >= 1 - tail:
            high = k
            break
    return low or 0, high
