"""Regression tests of funnel asymmetry: do small studies show other odds ratios than large ones?

Each test is a straight line fitted by weighted least squares, one for every set of studies; they
differ in what is regressed on what and with which weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from genopool.association.counts import checked_counts
from genopool.pooling.study_sets import check_pair

#: Weighted squares of the regressor about its mean that are rounding, relative to its mean square.
_SPREAD = 1e-20


@dataclass(frozen=True)
class FunnelRegression:
    """A regression test; arrays have the leading axes of the data, NaN where it does not exist.

    It does not exist with fewer than three studies, or where all have the same value of the
    regressor.

    Attributes
    ----------
    slope, se : ndarray
        Slope on the regressor and its standard error.
    statistic, df, p_value : ndarray
        t of the slope on k - 2 degrees of freedom, two-sided.
    intercept, intercept_se : ndarray
        The line where the regressor is 0. In Egger's and Peters' tests it is the log odds ratio of
        a study of unlimited size.
    k : ndarray of int
        Number of studies.
    """

    slope: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    df: np.ndarray
    p_value: np.ndarray
    intercept: np.ndarray
    intercept_se: np.ndarray
    k: np.ndarray


def egger(log_or, variance) -> FunnelRegression:
    """Egger's test: the log odds ratio on its standard error.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.

    Returns
    -------
    FunnelRegression

    Raises
    ------
    ValueError
        For impossible variances, as `genopool.pool` does.

    References
    ----------
    Egger M et al. (1997) BMJ 315:629, as a regression weighted by inverse variances with a
    dispersion factor (`regtest(model="lm")` of metafor).
    """
    y, v = check_pair(log_or, variance)
    return weighted_line(y, np.sqrt(v), 1 / v)


def macaskill(log_or, variance, people) -> FunnelRegression:
    """Macaskill's test: the log odds ratio on the number of people, weighted by inverse variances.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    people : array_like, shape (..., studies)
        Cases and controls together.

    Returns
    -------
    FunnelRegression

    Raises
    ------
    ValueError
        For impossible variances, as `genopool.pool` does.

    References
    ----------
    Macaskill P, Walter SD, Irwig L (2001) Stat Med 20:641.
    """
    y, v = check_pair(log_or, variance)
    return weighted_line(y, np.broadcast_to(np.asarray(people, dtype=float), y.shape), 1 / v)


def peters(log_or, a, b, c, d) -> FunnelRegression:
    """Peters' test: the log odds ratio on the inverse of the number of people.

    The weights are those of the margins, (a + c)(b + d) / n: unlike inverse variances they do not
    depend on the odds ratio.

    Parameters
    ----------
    log_or : array_like, shape (..., studies)
        Log odds ratios; NaN marks an absent study.
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it; broadcast together.

    Returns
    -------
    FunnelRegression

    Raises
    ------
    ValueError
        For negative counts.

    References
    ----------
    Peters JL et al. (2006) JAMA 295:676.
    """
    a, b, c, d = checked_counts(a=a, b=b, c=c, d=d)
    n = a + b + c + d
    with np.errstate(all="ignore"):
        return weighted_line(np.asarray(log_or, dtype=float), 1 / n, (a + c) * (b + d) / n)


def harbord(a, b, c, d) -> FunnelRegression:
    """Harbord's test: the score over its variance on one over the root of that variance.

    No correction of zero cells is needed; a study in which nobody or everybody has the exposure,
    or without cases or controls, tells nothing and is left out.

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it; broadcast together.
        NaN in any marks an absent study.

    Returns
    -------
    FunnelRegression

    Raises
    ------
    ValueError
        For negative counts.

    References
    ----------
    Harbord RM, Egger M, Sterne JAC (2006) Stat Med 25:3443.
    """
    a, b, c, d = checked_counts(a=a, b=b, c=c, d=d)
    n = a + b + c + d
    with np.errstate(all="ignore"):
        score = a - (a + b) * (a + c) / n
        variance = (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1))
        return weighted_line(score / variance, 1 / np.sqrt(variance), variance)


def deeks(log_or, a, b, c, d) -> FunnelRegression:
    """Deeks' test: the log odds ratio on one over the root of the effective sample size.

    Parameters
    ----------
    log_or : array_like, shape (..., studies)
        Log odds ratios; NaN marks an absent study.
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it; broadcast together.

    Returns
    -------
    FunnelRegression

    Raises
    ------
    ValueError
        For negative counts.

    References
    ----------
    Deeks JJ, Macaskill P, Irwig L (2005) J Clin Epidemiol 58:882. The effective sample size is
    4 n1 n2 / (n1 + n2) for n1 cases and n2 controls.
    """
    a, b, c, d = checked_counts(a=a, b=b, c=c, d=d)
    with np.errstate(all="ignore"):
        effective = 4 * (a + b) * (c + d) / (a + b + c + d)
        return weighted_line(np.asarray(log_or, dtype=float), 1 / np.sqrt(effective), effective)


def weighted_line(y: np.ndarray, x: np.ndarray, weight: np.ndarray) -> FunnelRegression:
    """Weighted least squares of y on x, with a dispersion factor estimated from the residuals."""
    there = np.isfinite(y) & np.isfinite(x) & np.isfinite(weight)
    k = there.sum(axis=-1)
    with np.errstate(all="ignore"):
        w, x, y = (np.where(there, values, 0.0) for values in (weight, x, y))
        total = w.sum(axis=-1)
        mean_x, mean_y = ((w * values).sum(axis=-1) / total for values in (x, y))
        x = np.where(there, x - mean_x[..., None], 0.0)
        y = np.where(there, y - mean_y[..., None], 0.0)
        spread = (w * x * x).sum(axis=-1)
        usable = (k > 2) & (spread > _SPREAD * total * mean_x**2)
        spread = np.where(usable, spread, np.nan)
        slope = (w * x * y).sum(axis=-1) / spread
        residual = y - slope[..., None] * x
        df = np.where(usable, k - 2.0, np.nan)
        dispersion = (w * residual * residual).sum(axis=-1) / df
        se = np.sqrt(dispersion / spread)
        statistic = slope / se
        return FunnelRegression(
            slope=slope,
            se=se,
            statistic=statistic,
            df=df,
            p_value=2 * stdtr(df, -np.abs(statistic)),
            intercept=mean_y - slope * mean_x,
            intercept_se=np.sqrt(dispersion * (1 / total + mean_x**2 / spread)),
            k=k,
        )
