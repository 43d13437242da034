"""Fail-safe N: a number that is asked for, and that should not be relied on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from genopool.diagnostics.checking import check_probability
from genopool.pooling.study_sets import check_pair


@dataclass(frozen=True)
class FailSafeN:
    """Numbers of unseen studies; NaN without studies.

    Attributes
    ----------
    rosenthal : ndarray
        Studies with a mean z of 0 that would bring Stouffer's one-sided p to `alpha`.
    orwin : ndarray
        Studies with a log odds ratio of 0 that would bring the unweighted mean to `target`.
    rosenberg : ndarray
        Studies of average weight with a log odds ratio of 0 that would bring the equal-effects
        two-sided p to `alpha`.
    target : ndarray
        Log odds ratio that Orwin's number is for.
    k : ndarray of int
    caution : str
        Why not to rely on it.
    """

    rosenthal: np.ndarray
    orwin: np.ndarray
    rosenberg: np.ndarray
    target: np.ndarray
    k: np.ndarray
    caution: str


CAUTION = (
    "fail-safe N takes unseen studies to have no effect on average, disregards heterogeneity and "
    "how large they are, and no distribution tells how many is enough"
)


def fail_safe_n(log_or, variance, *, alpha: float = 0.05, target=None) -> FailSafeN:
    """Fail-safe N of Rosenthal, Orwin and Rosenberg.

    Warning: these numbers take unseen studies to be null on average, which biased ones are not;
    they disregard heterogeneity; and nobody knows how many are enough. The Cochrane Handbook
    advises against them. They are here since readers ask; use the tests of small-study effects
    and the selection models.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    alpha : float
        Significance level to be lost: one-sided for Rosenthal's, two-sided for Rosenberg's.
    target : float or array_like, optional
        Log odds ratio that would be too small to matter, its sign disregarded; half the mean if
        left out.

    Returns
    -------
    FailSafeN
        Whole numbers, rounded up; 0 where what is to be lost is not there; infinite for a target
        of 0.

    Raises
    ------
    ValueError
        Impossible variances, `alpha` not between 0 and 1, an infinite target.

    References
    ----------
    Rosenthal R (1979) Psychol Bull 86:638. Orwin RG (1983) J Educ Stat 8:157. Rosenberg MS (2005)
    Evolution 59:464. Becker BJ (2005) in Publication Bias in Meta-Analysis, chapter 7 (why not).
    """
    check_probability("alpha", alpha)
    y, v = check_pair(log_or, variance)
    k = (~np.isnan(y)).sum(axis=-1)
    number = np.where(k > 0, k, np.nan)
    w = np.where(np.isnan(v), 0.0, 1 / v)
    yy = np.nan_to_num(y)
    total = w.sum(axis=-1)
    stouffer = np.abs((np.sqrt(w) * yy).sum(axis=-1))
    mean = yy.sum(axis=-1) / number
    if target is None:
        goal = mean / 2
    else:
        goal = np.broadcast_to(np.abs(np.asarray(target, dtype=float)), mean.shape)
        if np.isinf(goal).any():
            raise ValueError(f"target is {target!r}; it must be finite")
        goal = np.where(mean < 0, -goal, goal)
    with np.errstate(divide="ignore", invalid="ignore"):
        rosenthal = (stouffer / ndtri(1 - alpha)) ** 2 - number
        orwin = np.where(goal == 0, np.inf, number * (mean - goal) / goal)
        rosenberg = number * (((w * yy).sum(axis=-1) / ndtri(1 - alpha / 2)) ** 2 / total - 1)
    missing = np.isnan(mean)
    return FailSafeN(
        rosenthal=_whole(np.where(missing, np.nan, rosenthal)),
        orwin=_whole(np.where(missing, np.nan, orwin)),
        rosenberg=_whole(np.where(missing, np.nan, rosenberg)),
        target=np.where(missing, np.nan, goal),
        k=k,
        caution=CAUTION,
    )


def _whole(n: np.ndarray) -> np.ndarray:
    """0 or more, rounded up but for rounding errors."""
    n = np.maximum(n, 0.0)
    near = np.round(n)
    return np.where(np.isclose(n, near, rtol=0, atol=1.5e-8) | np.isinf(n), near, np.ceil(n))
