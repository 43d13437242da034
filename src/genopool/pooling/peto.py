"""Peto's one-step pooling of 2×2 tables."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr, ndtri

from genopool.association.counts import checked_counts
from genopool.pooling.names import check_level


@dataclass(frozen=True)
class PetoFit:
    """Peto result; every array has the leading axes of the data, log scale, `i2` in per cent.

    What does not exist is NaN: everything but `k*` when no table has a variance; `q`, `q_p`,
    `i2` and `h2` with one table.

    Attributes
    ----------
    estimate, se, statistic, p_value, ci_low, ci_high : ndarray
        Pooled log odds ratio, standard error, z, two-sided p and confidence limits.
    q, q_df, q_p, i2, h2 : ndarray
        Heterogeneity chi², k - 1, its p, max(0, (q - df) / q) in per cent, and q / df.
    weights : ndarray, shape (..., studies)
        Share of each table in the variance sum; they sum to 1. NaN where a table is absent
        or has no variance.
    k, k_double_zero, k_empty_group : ndarray of int
        Tables pooled; tables without variance since nobody or everybody is exposed; tables
        without cases or controls.
    level : float
        Level of the confidence interval.
    """

    estimate: NDArray[np.float64]
    se: NDArray[np.float64]
    statistic: NDArray[np.float64]
    p_value: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    q: NDArray[np.float64]
    q_df: NDArray[np.float64]
    q_p: NDArray[np.float64]
    i2: NDArray[np.float64]
    h2: NDArray[np.float64]
    weights: NDArray[np.float64]
    k: NDArray[np.int64]
    k_double_zero: NDArray[np.int64]
    k_empty_group: NDArray[np.int64]
    level: float


def peto(a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike, *, level: float = 0.95) -> PetoFit:
    """Pool 2×2 tables by Peto's method: sum(O - E) / sum(V).

    No correction of zero cells is needed. The method is biased for large effects and for
    groups of very different size (Greenland and Salvan 1990).

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it, broadcast together.
        Fractions are allowed; NaN in any cell is an absent study.
    level : float
        Level of the confidence interval.

    Returns
    -------
    PetoFit

    Raises
    ------
    ValueError
        A negative or infinite count (with its index), a `level` outside (0, 1), or no axis of
        studies.

    Notes
    -----
    Yusuf, Peto, Lewis, Collins and Sleight (1985), Prog Cardiovasc Dis 27, 335-371, with the
    hypergeometric mean and variance of a; as ``metafor::rma.peto``.
    """
    check_level(level)
    a, b, c, d = checked_counts(a=a, b=b, c=c, d=d)
    if a.ndim == 0:
        raise ValueError("a, b, c and d need an axis of studies; give lists or arrays")
    present = ~np.isnan(a + b + c + d)
    a, b, c, d = (np.where(present, x, 0.0) for x in (a, b, c, d))
    cases, controls, exposed, unexposed = a + b, c + d, a + c, b + d
    empty = present & ((cases == 0) | (controls == 0))
    double_zero = present & ~empty & ((exposed == 0) | (unexposed == 0))
    used = present & ~empty & ~double_zero

    n = np.where(used, cases + controls, 2.0)
    deviation = np.where(used, a - cases * (exposed / n), 0.0)
    variance = (cases / n) * (controls / n) * exposed * (unexposed / (n - 1))
    variance = np.where(used, variance, 0.0)
    k = used.sum(axis=-1)
    total, deviations = variance.sum(axis=-1), deviation.sum(axis=-1)
    q = (deviation**2 / np.where(used, variance, 1.0)).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.where(k > 1, np.maximum(0.0, q - deviations**2 / total), np.nan)
        df = np.where(k > 0, k - 1.0, np.nan)
        estimate, se = deviations / total, 1 / np.sqrt(np.where(k > 0, total, np.nan))
        z = estimate / se
        half = ndtri((1 + level) / 2) * se
        return PetoFit(
            estimate=estimate,
            se=se,
            statistic=z,
            p_value=2 * ndtr(-np.abs(z)),
            ci_low=estimate - half,
            ci_high=estimate + half,
            q=q,
            q_df=df,
            q_p=np.where(k > 1, chdtrc(df, q), np.nan),
            i2=np.where(k > 1, 100 * np.fmax(0.0, (q - df) / q), np.nan),
            h2=q / df,
            weights=np.where(used, variance / total[..., None], np.nan),
            k=k,
            k_double_zero=double_zero.sum(axis=-1),
            k_empty_group=empty.sum(axis=-1),
            level=level,
        )
