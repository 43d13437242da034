"""Regression tests of funnel asymmetry that allow for heterogeneity between studies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import stdtr

from genopool.association.counts import checked_counts
from genopool.diagnostics.funnel_regression import FunnelRegression, egger
from genopool.diagnostics.meta_regression import meta_regression
from genopool.pooling.names import check_name
from genopool.pooling.study_sets import check_pair

MODELS = ("mixed", "egger")


def egger_mixed(log_or, variance, *, tau2: str = "REML") -> FunnelRegression:
    """Egger's test by meta-regression: the log odds ratio on its standard error, with tau².

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tau2 : str
        Estimator of the residual between-study variance, or `EE`.

    Returns
    -------
    FunnelRegression
        `statistic` is a z; `df` is NaN.

    Raises
    ------
    ValueError
        An unknown estimator; impossible variances.

    References
    ----------
    Sterne JAC, Egger M (2005) in Rothstein, Sutton and Borenstein, chapter 6 (metafor's `regtest`
    of an `rma` fit).
    """
    y, v = check_pair(log_or, variance)
    fit = meta_regression(y, v, np.sqrt(v)[..., None], tau2=tau2, interval="wald")
    statistic = fit.statistic[..., 1]
    return FunnelRegression(
        slope=fit.coefficients[..., 1],
        se=fit.se[..., 1],
        statistic=statistic,
        df=np.full(np.shape(statistic), np.nan)[()],
        p_value=fit.p_value[..., 1],
        intercept=fit.coefficients[..., 0],
        intercept_se=fit.se[..., 0],
        k=fit.k,
    )


def thompson(log_or, variance, *, tau2: str = "REML") -> FunnelRegression:
    """Thompson and Sharp's test: `egger_mixed` with a t on k - 2 degrees of freedom.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tau2 : str
        Estimator of the residual between-study variance, or `EE`.

    Returns
    -------
    FunnelRegression

    Raises
    ------
    ValueError
        An unknown estimator; impossible variances.

    References
    ----------
    Thompson SG, Sharp SJ (1999) Stat Med 18:2693.
    """
    return with_t(egger_mixed(log_or, variance, tau2=tau2))


def with_t(test: FunnelRegression) -> FunnelRegression:
    """A test by z, by t on k - 2 degrees of freedom."""
    df = np.where(np.isfinite(test.statistic), test.k - 2.0, np.nan)
    return replace(test, df=df[()], p_value=2 * stdtr(df, -np.abs(test.statistic)))


def ruecker(a, b, c, d, *, model: str = "mixed", tau2: str = "REML") -> FunnelRegression:
    """Rücker's test: arcsine differences, whose variance does not depend on the effect.

    Studies without cases or without controls are left out; zero cells need no correction, and
    studies in which nobody has the exposure count.

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it; broadcast together.
        NaN in any marks an absent study.
    model : str
        `mixed`: as `thompson`, the form that holds its level with heterogeneity. `egger`: a
        dispersion factor instead of tau².
    tau2 : str
        Estimator of the residual between-study variance (`mixed`).

    Returns
    -------
    FunnelRegression
        Of the arcsine difference: `slope` and `intercept` are not on the log scale.

    Raises
    ------
    ValueError
        Unknown names; negative counts.

    References
    ----------
    Rücker G, Schwarzer G, Carpenter J (2008) Stat Med 27:746.
    """
    check_name("model", model, MODELS)
    difference, variance = arcsine_difference(a, b, c, d)
    if model == "egger":
        return egger(difference, variance)
    return thompson(difference, variance, tau2=tau2)


def arcsine_difference(a, b, c, d) -> tuple[np.ndarray, np.ndarray]:
    """asin √(a/(a+b)) - asin √(c/(c+d)) and its variance, 1/4(a+b) + 1/4(c+d).

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it; broadcast together.
        NaN in any marks an absent study.

    Returns
    -------
    difference, variance : ndarray
        NaN for an absent study and for one without cases or controls.

    Raises
    ------
    ValueError
        Negative counts.
    """
    a, b, c, d = checked_counts(a=a, b=b, c=c, d=d)
    cases, controls = a + b, c + d
    there = (cases > 0) & (controls > 0)  # false for NaN
    with np.errstate(all="ignore"):
        difference = np.arcsin(np.sqrt(a / cases)) - np.arcsin(np.sqrt(c / controls))
        variance = 1 / (4 * cases) + 1 / (4 * controls)
    return np.where(there, difference, np.nan), np.where(there, variance, np.nan)
