"""How far two strata's pooled odds ratios differ, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from genopool.diagnostics.checking import check_estimate, odds_ratios_off_one
from genopool.pooling.names import check_level


@dataclass(frozen=True)
class StratumDifference:
    """Two strata compared; arrays have the leading axes, NaN where one of them is absent.

    Attributes
    ----------
    log_ratio, se, ci_low, ci_high : ndarray
        Log of the first odds ratio over the second.
    statistic, p_value : ndarray
        Wald's z of a ratio of 1.
    probability_within : ndarray, shape (..., margins)
        Posterior probability that the larger odds ratio is less than `margin` times the other.
    probability_opposite : ndarray
        Posterior probability that one odds ratio is above 1 and the other below.
    margins : ndarray
    reason : ndarray of str
        Blank, or `a stratum has no estimate`.
    level : float
    """

    log_ratio: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    probability_within: np.ndarray
    probability_opposite: np.ndarray
    margins: np.ndarray
    reason: np.ndarray
    level: float


def stratum_difference(
    log_or, se, other_log_or, other_se, *, margins=(1.1, 1.25, 1.5), level: float = 0.95
) -> StratumDifference:
    """Ratio of two strata's odds ratios, and the probability that they hardly differ.

    Parameters
    ----------
    log_or, se, other_log_or, other_se : array_like, broadcast together
        Pooled log odds ratios of two strata that share no people, with standard errors; NaN in
        both of a pair is a stratum without an estimate.
    margins : sequence of float
        Ratios of odds ratios within which strata are taken to be alike.
    level : float
        Level of the interval.

    Returns
    -------
    StratumDifference

    Raises
    ------
    ValueError
        Impossible estimates, margins or level.

    Notes
    -----
    Probabilities take the estimates as normal and the prior as flat. Whether a difference was
    foreseen, is plausible, or was one of many, no number here tells: a small p-value of one
    difference among many is weak evidence.

    References
    ----------
    Altman DG, Bland JM (2003) BMJ 326:219 (the comparison of two estimates).
    """
    check_level(level)
    width = odds_ratios_off_one("margins", margins)
    one, of_one = check_estimate(log_or, se)
    two, of_two = check_estimate(other_log_or, other_se, ("other_log_or", "other_se"))
    d = one - two
    s = np.hypot(of_one, of_two)
    half = ndtri((1 + level) / 2) * s
    above, above_two = ndtr(one / of_one), ndtr(two / of_two)
    opposite = above * ndtr(-two / of_two) + ndtr(-one / of_one) * above_two
    dd, ss = d[..., None], s[..., None]
    return StratumDifference(
        log_ratio=d,
        se=s,
        ci_low=d - half,
        ci_high=d + half,
        statistic=d / s,
        p_value=2 * ndtr(-np.abs(d / s)),
        probability_within=ndtr((width - dd) / ss) - ndtr((-width - dd) / ss),
        probability_opposite=opposite,
        margins=np.atleast_1d(np.asarray(margins, dtype=float)),
        reason=np.where(np.isnan(d), "a stratum has no estimate", ""),
        level=level,
    )
