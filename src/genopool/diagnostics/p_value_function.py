"""The p-value of every odds ratio: studies, their pool and a new study (a drapery plot's data)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genopool.pooling.intervals import t_quantile, two_sided_p
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_name
from genopool.pooling.study_sets import check_pair

#: Intervals that are an estimate plus and minus a quantile of z or t times a standard error.
INTERVALS = ("wald", "wald-t", "hartung-knapp", "hartung-knapp-adhoc")
PREDICTIONS = ("default", "riley", "none")


@dataclass(frozen=True)
class PValueFunction:
    """Two-sided p-values of a grid of log odds ratios; arrays have the leading axes.

    Attributes
    ----------
    theta : ndarray, shape (grid,)
        Log odds ratios.
    studies : ndarray, shape (..., studies, grid)
        NaN for an absent study.
    pool : ndarray, shape (..., grid)
        Above 1 - level exactly within the pool's confidence interval.
    prediction : ndarray, shape (..., grid)
        Above 1 - level exactly within the prediction interval; NaN where there is none.
    reason : ndarray of str, shape (...)
        Blank, `no studies`, or `no prediction interval`.
    """

    theta: np.ndarray
    studies: np.ndarray
    pool: np.ndarray
    prediction: np.ndarray
    reason: np.ndarray


def p_value_function(
    log_or,
    variance,
    theta,
    *,
    tau2: str = "REML",
    interval: str = "hartung-knapp",
    prediction: str = "default",
) -> PValueFunction:
    """p-values of a grid of odds ratios, for each study, their pool and a new study's true effect.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    theta : array_like, shape (grid,)
        Log odds ratios to test.
    tau2 : str
        As `genopool.pool` takes it.
    interval : str
        `wald`, `wald-t`, `hartung-knapp` or `hartung-knapp-adhoc`.
    prediction : str
        `default`, `riley` or `none`.

    Returns
    -------
    PValueFunction

    Raises
    ------
    ValueError
        Unknown names, impossible variances, a grid that is not a list of finite numbers.

    References
    ----------
    Rücker G, Schwarzer G (2021) Res Synth Methods 12:8 (drapery plots).
    """
    check_name("interval", interval, INTERVALS)
    check_name("prediction", prediction, PREDICTIONS)
    y, v = check_pair(log_or, variance)
    grid = np.asarray(theta, dtype=float)
    if grid.ndim != 1 or not np.isfinite(grid).all():
        raise ValueError("theta must be a list of finite log odds ratios")
    fit = pool(y, v, tau2=tau2, interval=interval, prediction=prediction)
    df_ahead = np.asarray(fit.df if prediction != "riley" else fit.k - 2.0, dtype=float)
    with np.errstate(invalid="ignore"):
        sd_ahead = (fit.pi_high - fit.estimate) / t_quantile(np.atleast_1d(df_ahead), fit.level)
        sd_ahead = sd_ahead.reshape(df_ahead.shape)
    none = np.isnan(fit.pi_high)
    reason = np.where(none & (prediction != "none"), "no prediction interval", "")
    return PValueFunction(
        theta=grid,
        studies=_p(y, np.sqrt(v), np.full(y.shape, np.nan), grid),
        pool=_p(fit.estimate, fit.se, fit.df, grid),
        prediction=_p(fit.estimate, sd_ahead, df_ahead, grid),
        reason=np.where(fit.k == 0, "no studies", reason),
    )


def _p(estimate, sd, df, grid: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = (np.asarray(estimate)[..., None] - grid) / np.asarray(sd)[..., None]
    return two_sided_p(statistic, np.broadcast_to(np.asarray(df)[..., None], statistic.shape))
