"""PET and PEESE: the pooled odds ratio that a study of unlimited size would show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from genopool.diagnostics.checking import check_probability
from genopool.diagnostics.funnel_regression import FunnelRegression, weighted_line
from genopool.pooling.names import check_level
from genopool.pooling.study_sets import check_pair


@dataclass(frozen=True)
class Adjusted:
    """A log odds ratio adjusted for small-study effects; arrays have the leading axes.

    Attributes
    ----------
    log_or, se, ci_low, ci_high : ndarray
        NaN where it does not exist.
    statistic, df, p_value : ndarray
        Test that the adjusted odds ratio is 1.
    bias, bias_statistic, bias_p : ndarray
        Slope on the regressor, its t and its two-sided p: the small-study effect.
    k : ndarray of int
    reason : ndarray of str
        Blank, or why there is none.
    level : float
    """

    log_or: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    statistic: np.ndarray
    df: np.ndarray
    p_value: np.ndarray
    bias: np.ndarray
    bias_statistic: np.ndarray
    bias_p: np.ndarray
    k: np.ndarray
    reason: np.ndarray
    level: float


@dataclass(frozen=True)
class PetPeese:
    """The conditional estimator.

    Attributes
    ----------
    pet, peese : Adjusted
    chosen : ndarray of str
        `PET` or `PEESE`; blank without an estimate.
    estimate : Adjusted
        The chosen one.
    """

    pet: Adjusted
    peese: Adjusted
    chosen: np.ndarray
    estimate: Adjusted


def pet(log_or, variance, *, level: float = 0.95) -> Adjusted:
    """Precision-effect test: the intercept of Egger's regression on the standard error.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    level : float
        Level of the interval.

    Returns
    -------
    Adjusted

    Raises
    ------
    ValueError
        Impossible variances or level.

    References
    ----------
    Stanley TD, Doucouliagos H (2014) Res Synth Methods 5:60.
    """
    check_level(level)
    y, v = check_pair(log_or, variance)
    return _adjusted(weighted_line(y, np.sqrt(v), 1 / v), level)


def peese(log_or, variance, *, level: float = 0.95) -> Adjusted:
    """Precision-effect estimate with standard error: the intercept of the line on the variance.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    level : float
        Level of the interval.

    Returns
    -------
    Adjusted

    Raises
    ------
    ValueError
        Impossible variances or level.

    References
    ----------
    Stanley TD, Doucouliagos H (2014) Res Synth Methods 5:60.
    """
    check_level(level)
    y, v = check_pair(log_or, variance)
    return _adjusted(weighted_line(y, v, 1 / v), level)


def pet_peese(log_or, variance, *, alpha: float = 0.1, level: float = 0.95) -> PetPeese:
    """PEESE where PET finds an effect, else PET.

    PET takes too much off a real effect, PEESE too little off none.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    alpha : float
        PEESE is taken where PET's two-sided p is below it. The authors test one-sided at 0.05 in
        the direction of interest; a genetic effect can have either.
    level : float
        Level of the intervals.

    Returns
    -------
    PetPeese

    Raises
    ------
    ValueError
        Impossible variances, `alpha` or level.

    References
    ----------
    Stanley TD, Doucouliagos H (2014) Res Synth Methods 5:60. Stanley TD (2017) Soc Psychol Personal
    Sci 8:581 (it fails with few studies or much heterogeneity).
    """
    check_probability("alpha", alpha)
    first, second = pet(log_or, variance, level=level), peese(log_or, variance, level=level)
    effect = first.p_value < alpha
    picked = {
        name: np.where(effect, getattr(second, name), getattr(first, name))
        for name in Adjusted.__dataclass_fields__
        if name != "level"
    }
    exists = np.isfinite(picked["log_or"])
    return PetPeese(
        pet=first,
        peese=second,
        chosen=np.where(exists, np.where(effect, "PEESE", "PET"), ""),
        estimate=Adjusted(**picked, level=level),
    )


def _adjusted(line: FunnelRegression, level: float) -> Adjusted:
    with np.errstate(all="ignore"):
        statistic = line.intercept / line.intercept_se
    half = stdtrit(line.df, (1 + level) / 2) * line.intercept_se
    return Adjusted(
        log_or=line.intercept,
        se=line.intercept_se,
        ci_low=line.intercept - half,
        ci_high=line.intercept + half,
        statistic=statistic,
        df=line.df,
        p_value=2 * stdtr(line.df, -np.abs(statistic)),
        bias=line.slope,
        bias_statistic=line.statistic,
        bias_p=line.p_value,
        k=line.k,
        reason=no_line(line.k, np.isfinite(line.intercept)),
        level=level,
    )


def no_line(k: np.ndarray, exists: np.ndarray) -> np.ndarray:
    """Why there is no regression line through a funnel plot; blank where there is one."""
    of_few = np.where(k < 3, "fewer than three studies", "all studies are equally precise")
    return np.where(exists, "", of_few)
