"""Rank tests of funnel plot asymmetry: do effects and their variances go together?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr

from genopool.pooling.mantel_haenszel import mantel_haenszel
from genopool.pooling.noncentral_hypergeometric import NoncentralHypergeometric
from genopool.pooling.study_sets import check_pair
from genopool.pooling.whole_counts import sort_out, whole_counts

#: Below this many studies, and without ties, Kendall's distribution is counted out.
FEWEST_FOR_NORMAL = 50


@dataclass(frozen=True)
class RankTest:
    """Kendall's rank correlation of effects and variances; arrays have the leading axes.

    Attributes
    ----------
    tau : ndarray
        Kendall's tau-b; NaN with fewer than two studies, or where one of the two never differs.
    statistic : ndarray
        z of the normal approximation; NaN where the p-value is exact.
    p_value : ndarray
        Two-sided.
    k : ndarray of int
        Number of studies.
    """

    tau: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    k: np.ndarray


def begg(log_or, variance) -> RankTest:
    """Begg and Mazumdar's test: standardised effects and variances.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.

    Returns
    -------
    RankTest
        Exact below 50 studies without ties, else the normal approximation with the variance for
        ties and no continuity correction (as R's `cor.test`, which metafor's `ranktest` calls).

    Raises
    ------
    ValueError
        For impossible variances, as `genopool.pool` does.

    References
    ----------
    Begg CB, Mazumdar M (1994) Biometrics 50:1088.
    """
    y, v = check_pair(log_or, variance)
    w = 1 / v
    total = np.nansum(w, axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        mean = np.nansum(w * y, axis=-1, keepdims=True) / total
        of_residual = np.where(np.isnan(v), np.nan, v - 1 / total)
        standardised = (y - mean) / np.sqrt(np.where(of_residual > 0, of_residual, np.nan))
    return _kendall(standardised, v, exact=True)


def schwarzer(a, b, c, d) -> RankTest:
    """Schwarzer, Antes and Schumacher's test for 2×2 tables.

    The exposed cases, standardised by the non-central hypergeometric distribution at the
    Mantel-Haenszel odds ratio, and one over its variance. Normal approximation.

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it, whole numbers;
        broadcast together. NaN in any marks an absent study.

    Returns
    -------
    RankTest

    Raises
    ------
    ValueError
        For counts that are negative or not whole.

    References
    ----------
    Schwarzer G, Antes G, Schumacher M (2007) Stat Med 26:721.
    """
    a, b, c, d = whole_counts(a=a, b=b, c=c, d=d)
    tells, _, _ = sort_out(a, b, c, d)
    n1, n2, m = (np.where(tells, x, 1).astype(np.int64) for x in (a + b, c + d, a + c))
    odds_ratio = np.nan_to_num(mantel_haenszel(a, b, c, d).estimate)
    tables = NoncentralHypergeometric(n1, n2, m)
    with np.errstate(all="ignore"):
        _, mean, variance = tables.cumulants(np.broadcast_to(odds_ratio[..., None], a.shape))
        variance = np.where(tells & (variance > 0), variance, np.nan)
        return _kendall((a - mean) / np.sqrt(variance), 1 / variance, exact=False)


def _kendall(x: np.ndarray, y: np.ndarray, *, exact: bool) -> RankTest:
    there = np.isfinite(x) & np.isfinite(y)
    k = there.sum(axis=-1)
    pairs = np.triu(np.ones((x.shape[-1],) * 2, dtype=bool), 1)
    pairs = pairs & there[..., :, None] & there[..., None, :]

    def signs(values: np.ndarray) -> np.ndarray:
        values = np.where(there, values, 0.0)
        return np.where(pairs, np.sign(values[..., :, None] - values[..., None, :]), 0.0)

    of_x, of_y = signs(x), signs(y)
    score = (of_x * of_y).sum(axis=(-1, -2))
    untied = [np.abs(of).sum(axis=(-1, -2)) for of in (of_x, of_y)]
    with np.errstate(all="ignore"):
        tau = np.where(k > 1, score / np.sqrt(untied[0] * untied[1]), np.nan)
        statistic = score / np.sqrt(_variance_of_score(there, x, y))
    p = 2 * ndtr(-np.abs(statistic))
    all_pairs = k * (k - 1) / 2
    counted = exact & (k > 1) & (k < FEWEST_FOR_NORMAL)
    counted &= (untied[0] == all_pairs) & (untied[1] == all_pairs)
    for number in np.unique(k[counted]) if np.ndim(k) else ([int(k)] if counted else []):
        which = counted & (k == number)
        p = np.where(which, _exact_p(int(number))[_place(score, int(number))], p)
    exists = np.isfinite(tau)
    return RankTest(
        tau=tau,
        statistic=np.where(counted | ~exists, np.nan, statistic),
        p_value=np.where(exists, p, np.nan),
        k=k,
    )


def _variance_of_score(there: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Variance of Kendall's score without association, ties allowed (Kendall 1970, eq. 4.3)."""
    n = there.sum(axis=-1).astype(float)
    ties = []
    for values in (x, y):
        values = np.where(there, values, np.nan)
        same = (values[..., :, None] == values[..., None, :]).sum(axis=-1).astype(float)
        # each member of a group of t ties counts 1/t of what the group does
        ties.append(np.where(there, same, 1.0))
    first = n * (n - 1) * (2 * n + 5)
    for t in ties:
        first = first - ((t - 1) * (2 * t + 5)).sum(axis=-1)
    second, third = (
        np.prod([sum_of(t).sum(axis=-1) for t in ties], axis=0)
        for sum_of in (lambda t: t - 1, lambda t: (t - 1) * (t - 2))
    )
    return first / 18 + second / (2 * n * (n - 1)) + third / (9 * n * (n - 1) * (n - 2))


def _place(score: np.ndarray, n: int) -> np.ndarray:
    """Discordant pairs, or concordant ones if they are fewer."""
    pairs = n * (n - 1) // 2
    return np.clip((pairs - np.abs(score)) / 2, 0, pairs // 2).astype(int)


@cache
def _exact_p(n: int) -> np.ndarray:
    """Two-sided p by the number of inversions, of all orders of n things equally likely."""
    shares = np.ones(1)
    for size in range(2, n + 1):
        shares = np.convolve(shares, np.full(size, 1 / size))
    return np.minimum(2 * np.cumsum(shares), 1.0)
