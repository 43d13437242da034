"""Which strata differ: every pair compared, and the p-values adjusted for that."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from genopool.diagnostics.meta_regression import meta_regression
from genopool.pooling.intervals import t_quantile, two_sided_p
from genopool.pooling.multiplicity import adjusted_p_values, holm
from genopool.pooling.study_sets import check_pair

#: Beyond as many pairs Holm's adjustment stands in for the joint distribution.
MOST_JOINT = 12

#: Of adjusted p-values; ten times finer takes some ten times as long.
ERROR = 1e-3


@dataclass(frozen=True)
class StratumContrasts:
    """Differences between strata; numbers have shape (..., pairs), NaN without a fit.

    Attributes
    ----------
    first, second : tuple of str
        The strata of each pair, in the order of their names.
    log_ratio, se, ci_low, ci_high : ndarray
        Log odds ratio in the first minus that in the second; the interval is of each pair alone.
    statistic, p_value : ndarray
    df : ndarray, shape (...)
        Degrees of freedom of t; NaN where the statistic is a z.
    p_adjusted : ndarray
        Probability of as large a difference between any pair, if no strata differ, to 0.001.
    status : ndarray of str, shape (...)
        Blank, or why there is no fit.
    adjustment : str
        `single-step` (joint normal distribution of the differences) or `holm`.
    level : float
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    log_ratio: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    df: np.ndarray
    p_adjusted: np.ndarray
    status: np.ndarray
    adjustment: str
    level: float


def stratum_contrasts(
    log_or,
    variance,
    strata,
    *,
    tau2: str = "REML",
    interval: str | None = None,
    level: float = 0.95,
) -> StratumContrasts:
    """Compare every pair of strata in one mixed-effects model with a common tau².

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    strata : sequence of str, shape (studies,)
        Each study's stratum; blank or None leaves the study out.
    tau2, interval, level
        As `genopool.meta_regression` takes them.

    Returns
    -------
    StratumContrasts
        Without a fit where a stratum has no study in a set, or there are no more studies than
        strata.

    Raises
    ------
    ValueError
        As `genopool.meta_regression` does; labels of another number; fewer than two strata.

    References
    ----------
    Hothorn T, Bretz F, Westfall P (2008) Biom J 50:346 (single-step p-values). With a t, each p is
    taken to the normal scale first.
    """
    y, v = check_pair(log_or, variance)
    labels = np.array(["" if label is None else str(label) for label in strata])
    if labels.shape != y.shape[-1:]:
        raise ValueError(f"strata has shape {labels.shape}; expected ({y.shape[-1]},)")
    names = sorted({str(label) for label in labels} - {""})
    if len(names) < 2:
        raise ValueError(f"strata has {len(names)} different labels; a comparison needs two")
    dummies = np.where(labels[:, None] == "", np.nan, labels[:, None] == np.array(names[1:]))
    fit = meta_regression(y, v, dummies, tau2=tau2, interval=interval, level=level)
    pairs = list(combinations(range(len(names)), 2))
    contrast = np.zeros((len(pairs), len(names)))
    for row, (i, j) in enumerate(pairs):
        contrast[row, i], contrast[row, j] = 1.0, -1.0
    contrast[:, 0] = 0.0  # the first stratum is the intercept of both
    ratio = np.asarray(fit.coefficients) @ contrast.T
    covariance = np.einsum("pa,...ab,qb->...pq", contrast, fit.covariance, contrast)
    se = np.sqrt(np.einsum("...pp->...p", covariance))
    statistic = ratio / se
    df = np.broadcast_to(np.asarray(fit.df)[..., None], statistic.shape)
    half = t_quantile(df.reshape(-1), level).reshape(df.shape) * se
    p = two_sided_p(statistic, df)
    joint = len(pairs) <= MOST_JOINT
    if joint:
        correlation = covariance / (se[..., :, None] * se[..., None, :])
        correlation = np.where(np.isfinite(correlation), correlation, np.eye(len(pairs)))
        adjusted = adjusted_p_values(p, correlation, error=ERROR)
    else:
        adjusted = holm(p)
    return StratumContrasts(
        first=tuple(names[i] for i, _ in pairs),
        second=tuple(names[j] for _, j in pairs),
        log_ratio=ratio,
        se=se,
        ci_low=ratio - half,
        ci_high=ratio + half,
        statistic=statistic,
        p_value=p,
        df=fit.df,
        p_adjusted=adjusted,
        status=fit.status,
        adjustment="single-step" if joint else "holm",
        level=level,
    )
