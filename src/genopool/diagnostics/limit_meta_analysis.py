"""Limit meta-analysis: the odds ratio of studies of unlimited precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from genopool.diagnostics.funnel_regression import egger, weighted_line
from genopool.diagnostics.pet_peese import no_line
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_level
from genopool.pooling.study_sets import check_pair


@dataclass(frozen=True)
class LimitMetaAnalysis:
    """A limit meta-analysis; arrays have the leading axes of the data, NaN where there is none.

    Attributes
    ----------
    log_or, se, ci_low, ci_high : ndarray
        The adjusted log odds ratio: what a study without sampling error would show on average.
    statistic, p_value : ndarray
        z of it.
    intercept, slope : ndarray
        alpha and beta of the generalised radial plot.
    bias_statistic, bias_p : ndarray
        z of alpha: the small-study effect, heterogeneity allowed for.
    tau2 : ndarray
        Between-study variance of the unadjusted pool.
    shrunken : ndarray, shape (..., studies)
        The studies' log odds ratios in the limit (figure 2 of the paper).
    q_small, q_small_p : ndarray
        Part of Q that the small-study effect explains, chi² on 1 df. The p-value takes all other
        heterogeneity to be chance; believe `bias_p` where there is some.
    q_residual, q_residual_p : ndarray
        The rest, chi² on k - 2.
    g2 : ndarray
        Share of the limit's variation that is between studies, per cent.
    k : ndarray of int
    reason : ndarray of str
    level : float
    """

    log_or: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    intercept: np.ndarray
    slope: np.ndarray
    bias_statistic: np.ndarray
    bias_p: np.ndarray
    tau2: np.ndarray
    shrunken: np.ndarray
    q_small: np.ndarray
    q_small_p: np.ndarray
    q_residual: np.ndarray
    q_residual_p: np.ndarray
    g2: np.ndarray
    k: np.ndarray
    reason: np.ndarray
    level: float


def limit_meta_analysis(
    log_or, variance, *, tau2: str = "REML", level: float = 0.95
) -> LimitMetaAnalysis:
    """Rücker et al.'s limit meta-analysis, adjusted by its expectation.

    The model is y_i = beta + √(v_i + tau²) (alpha + e_i), with e_i standard normal. As v_i goes to
    0 the mean becomes beta + tau alpha.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tau2 : str
        Estimator of the between-study variance, or `EE` for none.
    level : float
        Level of the interval.

    Returns
    -------
    LimitMetaAnalysis
        The standard error is that of beta + tau alpha in the model above, tau² taken as known.
        (metasens leaves tau² out of it, which is too narrow with heterogeneity.)

    Raises
    ------
    ValueError
        An unknown estimator; impossible variances or level.

    References
    ----------
    Rücker G, Schwarzer G, Carpenter JR, Binder H, Schumacher M (2011) Biostatistics 12:122.
    """
    check_level(level)
    y, v = check_pair(log_or, variance)
    fit = pool(y, v, tau2=tau2, interval="wald", prediction="none")
    t = np.nan_to_num(fit.tau2)
    spread = np.sqrt(v + t[..., None])
    precision = 1 / spread
    there = np.isfinite(y)
    k = there.sum(axis=-1)
    line = weighted_line(y * precision, precision, np.where(there, 1.0, np.nan))
    exists = np.isfinite(line.slope)
    alpha, beta = line.intercept, line.slope
    tau = np.sqrt(t)
    adjusted = beta + tau * alpha
    with np.errstate(all="ignore"):
        centre = np.nansum(precision, axis=-1) / k
        about = np.nansum((precision - centre[..., None]) ** 2, axis=-1)
        # of slope + tau * intercept, errors of variance 1
        se = np.where(exists, np.sqrt(t / k + (1 - tau * centre) ** 2 / about), np.nan)
        shrunken = beta[..., None] + tau[..., None] * precision * (y - beta[..., None])
        own = 1 / np.sqrt(v)
        radial = weighted_line(shrunken * own, own, np.where(there, 1.0, np.nan))
        fitted = radial.intercept[..., None] + radial.slope[..., None] * own
        z = shrunken * own
        mean_z = np.nansum(z, axis=-1) / k
        total = np.nansum((z - mean_z[..., None]) ** 2, axis=-1)
        residual = np.nansum((z - fitted) ** 2, axis=-1)
        g2 = np.where(exists & (total > 0), 100 * residual / total, np.nan)
        statistic = adjusted / se
        bias = alpha / np.sqrt(1 / k + centre**2 / about)
    funnel = egger(y, v)
    q_residual = _residual_q(y, v, funnel)
    q_small = np.maximum(fit.q - q_residual, 0.0)
    half = ndtri((1 + level) / 2) * se
    return LimitMetaAnalysis(
        log_or=adjusted,
        se=se,
        ci_low=adjusted - half,
        ci_high=adjusted + half,
        statistic=statistic,
        p_value=2 * ndtr(-np.abs(statistic)),
        intercept=alpha,
        slope=beta,
        bias_statistic=bias,
        bias_p=2 * ndtr(-np.abs(bias)),
        tau2=fit.tau2,
        shrunken=np.where(there, shrunken, np.nan),
        q_small=q_small,
        q_small_p=chdtrc(1, q_small),
        q_residual=q_residual,
        q_residual_p=chdtrc(funnel.df, q_residual),
        g2=g2,
        k=k,
        reason=no_line(k, exists),
        level=level,
    )


def _residual_q(y: np.ndarray, v: np.ndarray, funnel) -> np.ndarray:
    """Weighted squares about Egger's line."""
    with np.errstate(all="ignore"):
        line = funnel.intercept[..., None] + funnel.slope[..., None] * np.sqrt(v)
        squares = np.nansum((y - line) ** 2 / v, axis=-1)
    return np.where(np.isfinite(funnel.slope), squares, np.nan)
