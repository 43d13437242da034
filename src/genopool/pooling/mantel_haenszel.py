"""Mantel-Haenszel pooling of 2×2 tables."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr, ndtri

from genopool.association.counts import ABSENT, DOUBLE_ZERO, EMPTY_GROUP, Correction, checked_counts
from genopool.association.odds_ratios import two_by_two
from genopool.pooling.names import check_level


@dataclass(frozen=True)
class MantelHaenszelFit:
    """Mantel-Haenszel result; every array has the leading axes of the data.

    Log scale, except `i2` (per cent). What does not exist is NaN: everything but `k*` when no
    table can be used; the estimate, its heterogeneity and the Breslow-Day test when the pooled
    odds ratio is 0 or infinite; `q`, `q_p` and `i2` with fewer than two studies.

    Attributes
    ----------
    estimate, se, statistic, p_value, ci_low, ci_high : ndarray
        Pooled log odds ratio, its Robins-Breslow-Greenland standard error, z, two-sided p and
        confidence limits.
    q, q_df, q_p, i2, h2 : ndarray
        Inverse-variance weighted squared deviations of the studies' log odds ratios from
        `estimate`, k - 1, chi² p, max(0, (q - df) / q) in per cent, and q / df.
    cmh, cmh_p : ndarray
        Cochran's chi² (1 df) of no association, with the binomial variance of each table
        (divisor N), and its p: ``CO`` of ``metafor::rma.mh``.
    cmh_hypergeometric, cmh_hypergeometric_p : ndarray
        The same with the hypergeometric variance (divisor N - 1) of Mantel and Haenszel:
        ``MH`` of ``rma.mh``, which it prints as CMH, and R's ``mantelhaen.test``.
    breslow_day_tarone, breslow_day_tarone_df, breslow_day_tarone_p : ndarray
        Breslow-Day test of a common odds ratio with Tarone's correction.
    weights : ndarray, shape (..., studies)
        Share of each table in the denominator of the odds ratio, bc / N; they sum to 1. NaN
        where a table is absent or dropped, or the denominator is 0.
    k, k_double_zero, k_empty_group : ndarray of int
        Tables pooled; tables dropped since nobody or everybody is exposed; tables dropped since
        there are no cases or no controls.
    k_corrected, k_corrected_q : ndarray of int
        Tables whose counts were corrected for everything; tables corrected for `q` only, where
        a log odds ratio does not exist otherwise.
    correction : float or str
        Amount added to the counts, as asked for.
    apply : str
        To which studies it was added.
    continuity : bool
        Whether the two CMH statistics have the continuity correction.
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
    cmh: NDArray[np.float64]
    cmh_p: NDArray[np.float64]
    cmh_hypergeometric: NDArray[np.float64]
    cmh_hypergeometric_p: NDArray[np.float64]
    breslow_day_tarone: NDArray[np.float64]
    breslow_day_tarone_df: NDArray[np.float64]
    breslow_day_tarone_p: NDArray[np.float64]
    weights: NDArray[np.float64]
    k: NDArray[np.int64]
    k_double_zero: NDArray[np.int64]
    k_empty_group: NDArray[np.int64]
    k_corrected: NDArray[np.int64]
    k_corrected_q: NDArray[np.int64]
    correction: Correction
    apply: str
    continuity: bool
    level: float


def mantel_haenszel(
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    d: ArrayLike,
    *,
    level: float = 0.95,
    correction: Correction = 0.0,
    apply: str = "only0",
    drop_double_zero: bool = True,
    continuity: bool = True,
) -> MantelHaenszelFit:
    """Pool 2×2 tables by the Mantel-Haenszel odds ratio.

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it, broadcast together.
        Fractions are allowed; NaN in any cell is an absent study.
    level : float
        Level of the confidence interval.
    correction : float or "treatment-arm"
        Added to the counts of the studies that `apply` names, as in
        `genopool.association.odds_ratios.two_by_two`. 0, the default, since the method needs
        none: a zero cell only hinders it if all studies have it.
    apply : {"only0", "if0all", "all", "none"}
        Which studies are corrected.
    drop_double_zero : bool
        Drop studies whose exposure is absent or universal, which count for nothing unless they
        are corrected. Studies without cases or controls are always dropped.
    continuity : bool
        Subtract 1/2 from |sum(a) - expected| in the CMH statistics.

    Returns
    -------
    MantelHaenszelFit

    Raises
    ------
    ValueError
        A negative or infinite count (with its index), an unknown `correction` or `apply`, a
        `level` outside (0, 1), or no axis of studies.

    Notes
    -----
    Variance: Robins, Breslow and Greenland (1986), Biometrics 42, 311-323. CMH: Cochran (1954),
    Biometrics 10, 417-451; Mantel and Haenszel (1959), JNCI 22, 719-748; (|delta| - 1/2)² as
    there and in metafor, also when |delta| < 1/2. Homogeneity: Breslow and Day (1980), p. 142,
    with Tarone (1985), Biometrika 72, 91-95. `q` is that of ``metafor::rma.mh``: studies that
    still have a zero cell get 1/2 in each cell, for `q` alone.
    """
    check_level(level)
    a, b, c, d = checked_counts(a=a, b=b, c=c, d=d)
    if a.ndim == 0:
        raise ValueError("a, b, c and d need an axis of studies; give lists or arrays")
    rule = two_by_two(
        a, b, c, d, correction=correction, apply=apply, drop_double_zero=drop_double_zero
    )
    used = ~np.isin(rule.status, (ABSENT, DOUBLE_ZERO, EMPTY_GROUP))
    a, b = (np.where(used, x + rule.added, 0.0) for x in (a, b))
    c, d = (np.where(used, x + rule.added_controls, 0.0) for x in (c, d))
    n = np.where(used, a + b + c + d, 1.0)

    for_q = two_by_two(a, b, c, d)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        estimate, se = _robins_breslow_greenland(a, b, c, d, n)
        q, q_df, q_p = _heterogeneity(for_q.log_or, for_q.variance, estimate)
        cmh, cmh_hypergeometric = _cochran_mantel_haenszel(a, b, c, d, n, continuity)
        tarone, tarone_df = _breslow_day_tarone(a, b, c, d, estimate)
        weight = b * c / n
        z = estimate / se
        half = ndtri((1 + level) / 2) * se
        return MantelHaenszelFit(
            estimate=estimate,
            se=se,
            statistic=z,
            p_value=2 * ndtr(-np.abs(z)),
            ci_low=estimate - half,
            ci_high=estimate + half,
            q=q,
            q_df=q_df,
            q_p=q_p,
            i2=np.where(np.isnan(q), np.nan, 100 * np.fmax(0.0, (q - q_df) / q)),
            h2=q / q_df,
            cmh=cmh,
            cmh_p=chdtrc(1, cmh),
            cmh_hypergeometric=cmh_hypergeometric,
            cmh_hypergeometric_p=chdtrc(1, cmh_hypergeometric),
            breslow_day_tarone=tarone,
            breslow_day_tarone_df=tarone_df,
            breslow_day_tarone_p=np.where(tarone_df > 0, chdtrc(tarone_df, tarone), np.nan),
            weights=np.where(used, weight / weight.sum(axis=-1, keepdims=True), np.nan),
            k=used.sum(axis=-1),
            k_double_zero=(rule.status == DOUBLE_ZERO).sum(axis=-1),
            k_empty_group=(rule.status == EMPTY_GROUP).sum(axis=-1),
            k_corrected=((rule.added > 0) & used).sum(axis=-1),
            k_corrected_q=((for_q.added > 0) & used).sum(axis=-1),
            correction=correction,
            apply=apply,
            continuity=continuity,
            level=level,
        )


def _robins_breslow_greenland(a, b, c, d, n):
    """Log odds ratio and standard error; NaN where the odds ratio is 0, infinite or 0/0."""
    r, s = a * d / n, b * c / n
    p, q = (a + d) / n, (b + c) / n
    sum_r, sum_s = r.sum(axis=-1), s.sum(axis=-1)
    exists = (sum_r > 0) & (sum_s > 0)
    estimate = np.where(exists, np.log(sum_r) - np.log(sum_s), np.nan)
    variance = (
        (p * r).sum(axis=-1) / sum_r**2
        + (p * s + q * r).sum(axis=-1) / (sum_r * sum_s)
        + (q * s).sum(axis=-1) / sum_s**2
    ) / 2
    return estimate, np.where(exists, np.sqrt(variance), np.nan)


def _heterogeneity(log_or, variance, estimate):
    """Q about the pooled value, its degrees of freedom and p; NaN below two studies."""
    k = (~np.isnan(log_or)).sum(axis=-1)
    q = np.nansum((log_or - estimate[..., None]) ** 2 / variance, axis=-1)
    several = (k > 1) & ~np.isnan(estimate)
    q = np.where(several, q, np.nan)
    df = np.where(k > 0, k - 1.0, np.nan)
    return q, df, np.where(several, chdtrc(df, q), np.nan)


def _cochran_mantel_haenszel(a, b, c, d, n, continuity):
    """Chi² with the binomial and with the hypergeometric variance of each table."""
    cases, controls, exposed, unexposed = a + b, c + d, a + c, b + d
    delta = np.abs((a - cases * (exposed / n)).sum(axis=-1)) - 0.5 * continuity
    binomial = (cases / n) * (controls / n) * exposed * (unexposed / n)
    # A table of one person has no variance: 0 rather than 0/0.
    hypergeometric = binomial * (n / np.where(n > 1, n - 1, 1.0))
    totals = binomial.sum(axis=-1), hypergeometric.sum(axis=-1)
    return [np.where(total > 0, delta**2 / total, np.nan) for total in totals]


def _breslow_day_tarone(a, b, c, d, estimate):
    """Statistic and degrees of freedom (informative tables less 1)."""
    cases, controls, exposed, unexposed = a + b, c + d, a + c, b + d
    ratio = np.exp(estimate)[..., None]
    # Fitted number of exposed cases: the root of a quadratic in the form that does not cancel
    # for a ratio near 1.
    s = ratio * (cases + exposed) + (controls - exposed)
    root = np.sqrt(s**2 - 4 * cases * exposed * ratio * (ratio - 1))
    fitted = np.where(
        s > 0,
        2 * ratio * cases * exposed / (s + root),
        (s - root) / (2 * (ratio - 1)),
    )
    informative = (fitted > 0) & (exposed > 0) & (unexposed > 0) & (controls > 0)
    variance = 1 / (
        1 / fitted
        + 1 / (cases - fitted)
        + 1 / (exposed - fitted)
        + 1 / (controls - exposed + fitted)
    )
    residual = np.where(informative, a - fitted, 0.0)
    weight = np.where(informative, variance, 1.0)
    breslow_day = (residual**2 / weight).sum(axis=-1)
    total = np.where(informative, variance, 0.0).sum(axis=-1)
    statistic = np.maximum(0.0, breslow_day - residual.sum(axis=-1) ** 2 / total)
    df = informative.sum(axis=-1) - 1.0
    exists = ~np.isnan(estimate)
    return np.where(exists, statistic, np.nan), np.where(exists, df, np.nan)
