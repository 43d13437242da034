"""Permutation tests of a meta-regression: p-values that need no distribution."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from genopool.diagnostics.meta_regression import fit_designs, meta_regression
from genopool.pooling.study_sets import check_pair

#: Statistics this close are equal: the same arrangement in another order.
_TIE = 1e-8
_AT_ONCE = 1024
#: So few at first where the draw may end early, then twice as many each time.
_AT_FIRST_OF_A_SEQUENCE = 64


@dataclass(frozen=True)
class PermutationTest:
    """Permutation p-values of one meta-regression.

    Attributes
    ----------
    p_value : ndarray, shape (1 + moderators,)
        Two-sided p of each coefficient, the intercept first: how often its statistic is as far from
        0 or further.
    qm_p : float
        Of all moderators together.
    permutations : int
        How many arrangements of the moderators were fitted, that of the data included.
    exact : bool
        All different arrangements, and not a sample of them.
    k : int
    reason : str
        Blank, or why there is no test.
    """

    p_value: np.ndarray
    qm_p: float
    permutations: int
    exact: bool
    k: int
    reason: str


def permutation_test(
    log_or,
    variance,
    moderators,
    *,
    tau2: str = "REML",
    interval: str | None = None,
    most: int = 5000,
    enough: int | None = None,
    seed: int = 1,
) -> PermutationTest:
    """Refit a meta-regression with the studies' moderators shuffled among them.

    Parameters
    ----------
    log_or, variance : array_like, shape (studies,)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    moderators : array_like, shape (studies, moderators)
        A study's row stays together. NaN in any leaves the study out.
    tau2, interval
        As `genopool.meta_regression` takes them.
    most : int
        If there are no more different arrangements all are fitted, else so many are drawn.
    enough : int, optional
        A draw ends once the p of every moderator and of all together rests on so many arrangements
        as far from 0; a p is then their number over those drawn until the last of them (Besag and
        Clifford 1991). It holds its level as the full draw does, and large p-values cost little.
        The intercept's p is NaN where the draw ended before it was settled.
    seed : int
        Of the draw.

    Returns
    -------
    PermutationTest
        With p-values of at least one over the number of arrangements.

    Raises
    ------
    ValueError
        As `genopool.meta_regression` does; leading axes; `most` below 2, `enough` below 1.

    References
    ----------
    Higgins JPT, Thompson SG (2004) Stat Med 23:1663 (metafor's `permutest`). Besag J, Clifford P
    (1991) Biometrika 78:301.
    """
    if not isinstance(most, int) or most < 2:
        raise ValueError(f"most must be a whole number of at least 2, not {most!r}")
    if enough is not None and (not isinstance(enough, int) or enough < 1):
        raise ValueError(f"enough must be a whole number of at least 1, not {enough!r}")
    y, v = check_pair(log_or, variance)
    x = np.asarray(moderators, dtype=float)
    choices = {"tau2": tau2, "interval": interval}
    fit = meta_regression(y, v, x, **choices)
    if y.ndim != 1 or x.ndim != 2:
        raise ValueError("a permutation test takes one set of studies: arrays without leading axes")
    none = np.full(fit.coefficients.shape, np.nan)
    k = int(fit.k)
    if x.shape[1] == 0:
        return PermutationTest(none, np.nan, 0, False, k, "no moderators")
    if fit.status:
        return PermutationTest(none, np.nan, 0, False, k, str(fit.status))
    there = ~(np.isnan(y) | np.isnan(x).any(axis=-1))
    y, v, x = y[there], v[there], x[there]
    rows, kind = np.unique(x, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    number = arrangements(np.bincount(kind))
    exact = number <= most
    drawn = all_arrangements(np.bincount(kind)) if exact else _sample(kind, most - 1, seed)

    # qm stands last
    tally = _Tally(none.size + 1, None if exact else enough, counted=0 if exact else 1)
    least = np.append(np.abs(fit.statistic), fit.qm)
    least = least - _TIE * np.maximum(1, least)
    for part in _chunks(drawn, _AT_ONCE if exact or not enough else _AT_FIRST_OF_A_SEQUENCE):
        sets = (np.broadcast_to(a, part.shape) for a in (y, v))
        found = fit_designs(*sets, rows[part], fit.tau2_method, fit.interval, fit.level)
        far = np.column_stack([np.abs(found["statistic"]), found["qm"]])[found["status"] == ""]
        tally.add(far >= least)
        if tally.is_complete:
            break
    p = tally.p_values()
    return PermutationTest(p[:-1], float(p[-1]), tally.total, exact, k, "")


class _Tally:
    """How many arrangements are as far from 0, for each statistic.

    Parameters
    ----------
    statistics : int
    enough : int or None
        At so many a statistic is settled.
    counted : int
        The arrangement of the data, where it is not among those that come.
    """

    def __init__(self, statistics: int, enough: int | None, counted: int) -> None:
        self.enough, self.counted = enough, counted
        self.total = counted
        self.as_far = np.zeros(statistics, dtype=int)
        #: Arrangements drawn when a statistic was settled; 0 before.
        self.settled_at = np.zeros(statistics, dtype=int)

    @property
    def is_complete(self) -> bool:
        """Whether all but the intercept are settled."""
        return self.enough is not None and bool(self.settled_at[1:].all())

    def add(self, far: np.ndarray) -> None:
        """Count further arrangements, shape (arrangements, statistics)."""
        running = self.as_far + far.cumsum(axis=0)
        if self.enough is not None:
            reached = running >= self.enough
            now = reached.any(axis=0) & (self.settled_at == 0)
            drawn = self.total - self.counted
            self.settled_at[now] = drawn + 1 + reached.argmax(axis=0)[now]
        self.as_far += far.sum(axis=0)
        self.total += len(far)

    def p_values(self) -> np.ndarray:
        p = (self.counted + self.as_far) / self.total
        if self.enough is None:
            return p
        if self.is_complete:
            p[0] = np.nan
        return np.where(self.settled_at > 0, self.enough / np.maximum(self.settled_at, 1), p)


def arrangements(counts: np.ndarray) -> int:
    """Number of different orders of things of several kinds.

    Parameters
    ----------
    counts : ndarray of int
        Things of each kind.

    Returns
    -------
    int
    """
    number = math.factorial(int(counts.sum()))
    for count in counts:
        number //= math.factorial(int(count))
    return number


def all_arrangements(counts: np.ndarray) -> Iterator[np.ndarray]:
    """Every different order of things of several kinds, in lexical order.

    Parameters
    ----------
    counts : ndarray of int
        Things of each kind.

    Yields
    ------
    ndarray of int
        The kind in each place.
    """
    now = np.repeat(np.arange(counts.size), counts)
    while True:
        yield now.copy()
        rises = np.flatnonzero(now[:-1] < now[1:])
        if not rises.size:
            return
        at = rises[-1]
        swap = np.flatnonzero(now > now[at])
        swap = swap[swap > at][-1]
        now[at], now[swap] = now[swap], now[at]
        now[at + 1 :] = now[at + 1 :][::-1].copy()


def _sample(kind: np.ndarray, number: int, seed: int) -> Iterator[np.ndarray]:
    random = np.random.default_rng(seed)
    for _ in range(number):
        yield random.permutation(kind)


def _chunks(rows: Iterator[np.ndarray], size: int) -> Iterator[np.ndarray]:
    while part := list(islice(rows, size)):
        yield np.array(part)
        size = min(2 * size, _AT_ONCE)
