"""Inverse-variance pooling: the mean, its interval, heterogeneity and prediction."""

import math

import numpy as np
from scipy.special import chdtrc

from genopool.pooling.fit import Fit
from genopool.pooling.intervals import INTERVALS, check_interval, wald
from genopool.pooling.moments import typical_variance, weighted_mean
from genopool.pooling.names import check_level, check_name
from genopool.pooling.prediction import PREDICTIONS, bootstrap_prediction, prediction_half_width
from genopool.pooling.study_sets import StudySets, check_pair, in_chunks
from genopool.pooling.tau2 import TAU2_METHODS, check_weights, estimate_tau2


def pool(
    log_or,
    variance,
    *,
    tau2: str = "REML",
    interval: str | None = None,
    level: float = 0.95,
    prediction: str = "default",
    weights=None,
) -> Fit:
    """Pool log odds ratios by inverse variance, with or without between-study variance.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study. All
        leading axes are pooled in one call.
    tau2 : str
        `EE` for equal effects, else the estimator of tau² (`genopool.pooling.tau2`), by
        metafor's name.
    interval : str, optional
        Interval and test of the mean (`genopool.pooling.intervals`). Left out: `hartung-knapp`,
        or `wald` under equal effects. One study always gets Wald's.
    level : float
        Level of the confidence and prediction intervals.
    prediction : str
        Prediction interval (`genopool.pooling.prediction`).
    weights : array_like, shape (..., studies), optional
        Weights of the generalised Q, for `tau2="GENQ"` and no other. They serve for tau² alone;
        the mean has inverse-variance weights (metafor's `rma` uses them for both).

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        Unknown or impossible choices; impossible variances, naming the index.

    References
    ----------
    Hartung J, Knapp G (2001) Stat Med 20:3875. Higgins JPT, Thompson SG (2002) Stat Med 21:1539.
    """
    check_name("tau2", tau2, TAU2_METHODS)
    interval = check_interval(tau2, interval)
    check_name("prediction", prediction, PREDICTIONS)
    check_level(level)
    y, v = check_pair(log_or, variance)
    a = check_weights(tau2, weights, v)

    lead, studies = y.shape[:-1], y.shape[-1]
    flat = (math.prod(lead), studies)
    y, v = y.reshape(flat), v.reshape(flat)
    a = None if a is None else a.reshape(flat)
    out: dict[str, np.ndarray] = {}
    share = np.empty(v.shape)
    for part, s in in_chunks(y, v):
        with np.errstate(all="ignore"):
            t = estimate_tau2(s, tau2, None if a is None else a[part])
            columns, used, w1 = _columns(s, t, tau2, interval, level, prediction)
            np.divide(1 / w1[:, None], v[part] + used[:, None], out=share[part])
        for name, values in columns.items():
            out.setdefault(name, np.empty(v.shape[0], values.dtype))[part] = values
    return Fit(
        **{name: x.reshape(lead)[()] for name, x in out.items()},
        weights=share.reshape(*lead, studies),
        tau2_method=tau2,
        interval=interval,
        level=level,
        prediction=prediction,
    )


def _columns(
    s: StudySets, t: np.ndarray, tau2: str, interval: str, level: float, prediction: str
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """The fields of `Fit` for the sets of one chunk, the tau² in the weights, and their sums."""
    k, df = s.k, s.k - 1.0
    zero = np.zeros(k.shape)
    none, single, several = k == 0, k == 1, k > 1
    method = INTERVALS[interval]
    used = zero if tau2 == "EE" or method.equal_effects_mean else np.where(several, t, 0.0)
    equal = weighted_mean(s, zero)
    mean = equal if used is zero else weighted_mean(s, used)

    ci = method.interval(s, np.where(several, t, 0.0), mean, level)
    if single.any() and interval != "wald":
        alone = wald(s, zero, equal, level)
        for field in ("se", "df", "statistic", "p_value", "low", "high"):
            setattr(ci, field, np.where(single, getattr(alone, field), getattr(ci, field)))
    if tau2 == "EE":
        i2 = np.maximum(0.0, 1 - df / equal.weighted_ss)
        h2 = equal.weighted_ss / df
    else:
        typical = typical_variance(s)
        i2 = t / (t + typical)
        h2 = 1 + t / typical
    if prediction == "nagashima" and tau2 != "EE":
        pi_low, pi_high = bootstrap_prediction(s, level)
    else:
        spread = np.where(several, t, np.nan)
        pi = prediction_half_width(prediction, ci.se, ci.df, k, spread, level)
        pi_low, pi_high = mean.estimate - pi, mean.estimate + pi

    columns = {
        "estimate": mean.estimate,
        "se": ci.se,
        "statistic": ci.statistic,
        "df": ci.df,
        "p_value": ci.p_value,
        "ci_low": ci.low,
        "ci_high": ci.high,
        "tau2": t,
        "q": np.where(several, equal.weighted_ss, np.nan),
        "q_df": df,
        "q_p": np.where(several, chdtrc(df, equal.weighted_ss), np.nan),
        "i2": np.where(several, 100 * i2, np.nan),
        "h2": np.where(several, h2, np.nan),
        "pi_low": pi_low,
        "pi_high": pi_high,
    }
    if none.any():
        for values in columns.values():
            values[none] = np.nan
    columns |= {
        "k": k,
        "wald": single & (interval != "wald"),
        "identical": ci.identical & several,
        "narrower": ci.narrower & several,
    }
    return columns, used, mean.w1
