"""One-stage (generalised linear mixed) models of odds ratios."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from genopool.association.odds_ratios import two_by_two
from genopool.pooling.names import check_level, check_name
from genopool.pooling.one_stage_heterogeneity import heterogeneity
from genopool.pooling.one_stage_models import (
    ONE_STAGE_MODELS,
    TAU,
    THETA,
    degenerate_log_likelihood,
    infinite_maximum,
    one_stage_model,
)
from genopool.pooling.one_stage_optimise import Maximum, maximise
from genopool.pooling.one_stage_profile import likelihood_root, profile_limits
from genopool.pooling.whole_counts import sort_out, whole_counts

ONE_STAGE_INTERVALS = ("wald", "profile-likelihood")
"""Names of the intervals that `glmm` offers."""

# Where every study is at an end of what is possible, a tau beyond this is on its way to
# infinity, too slowly to be worth following.
_RUNAWAY_TAU = 6.0


@dataclass(frozen=True)
class OneStageFit:
    """Result of a one-stage model; every array has the leading axes of the data.

    Log scale, except `i2` (per cent). What does not exist is NaN, and `reason` says why: all
    but `k*` without a study or where the likelihood has no finite maximum; `tau2`, `i2`, `h2`,
    `q_*` and the prediction interval with one study; `tau2_ci_*` with Wald's interval.

    Attributes
    ----------
    estimate, se : ndarray
        Maximum-likelihood log odds ratio; its standard error from the observed information,
        that of tau included.
    statistic, p_value, ci_low, ci_high : ndarray
        z with Wald's interval; with the profile interval the signed root of the likelihood
        ratio. Limits, and two-sided p.
    tau2, tau2_ci_low, tau2_ci_high : ndarray
        Between-study variance, and its profile-likelihood limits.
    sigma2 : ndarray
        Variance of the random study effects of UM.RS.
    i2, h2 : ndarray
        From `tau2` and the typical variance of the studies' log odds ratios (1/2 added where
        there is a zero), as metafor.
    pi_low, pi_high : ndarray
        Prediction interval, estimate ± z sqrt(se² + tau²), as metafor.
    log_likelihood : ndarray
        At the maximum, with all constants.
    q_wald, q_wald_p, q_lrt, q_lrt_p, q_df : ndarray
        Wald and likelihood ratio tests of equal log odds ratios against one for each study.
    k, k_double_zero, k_empty_group : ndarray of int
        Studies in the model; dropped since nobody or everybody is exposed; dropped since there
        are no cases or no controls.
    quadrature_points : ndarray of int
        Points for each random effect that the estimate rests on; the next coarser rule gives
        the same to 1e-8 in log-likelihood (1e-5 at the longest rule) unless `reason` says
        otherwise.
    promised_gain : ndarray
        Log-likelihood that one more Newton step promises: below 1e-9 at a maximum.
    reason : ndarray of str
        Why something is missing; blank if nothing is.
    model, interval : str
    level : float
    """

    estimate: NDArray[np.float64]
    se: NDArray[np.float64]
    statistic: NDArray[np.float64]
    p_value: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    tau2: NDArray[np.float64]
    tau2_ci_low: NDArray[np.float64]
    tau2_ci_high: NDArray[np.float64]
    sigma2: NDArray[np.float64]
    i2: NDArray[np.float64]
    h2: NDArray[np.float64]
    pi_low: NDArray[np.float64]
    pi_high: NDArray[np.float64]
    log_likelihood: NDArray[np.float64]
    q_wald: NDArray[np.float64]
    q_wald_p: NDArray[np.float64]
    q_lrt: NDArray[np.float64]
    q_lrt_p: NDArray[np.float64]
    q_df: NDArray[np.float64]
    promised_gain: NDArray[np.float64]
    k: NDArray[np.int64]
    k_double_zero: NDArray[np.int64]
    k_empty_group: NDArray[np.int64]
    quadrature_points: NDArray[np.int64]
    reason: NDArray[np.str_]
    model: str
    interval: str
    level: float


_COUNTS = ("k", "k_double_zero", "k_empty_group", "quadrature_points")
_SETTINGS = ("reason", "model", "interval", "level")
_NUMBERS = tuple(
    f.name for f in fields(OneStageFit) if f.name not in _COUNTS and f.name not in _SETTINGS
)


def glmm(
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    d: ArrayLike,
    *,
    model: str = "UM.FS",
    level: float = 0.95,
    interval: str = "wald",
    drop_double_zero: bool = True,
) -> OneStageFit:
    """Pool 2×2 tables by a one-stage model, with maximum likelihood.

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it: whole numbers; NaN
        in any cell is an absent study. Each set over the leading axes is fitted by itself.
    model : {"UM.FS", "UM.RS", "CM.EL", "CM.AL"}
        Binomial with fixed or random study effects; non-central hypergeometric; its binomial
        approximation, which needs rare exposure in both groups. See
        `genopool.pooling.one_stage_models`.
    level : float
        Level of the intervals.
    interval : {"wald", "profile-likelihood"}
        How limits and p-value are computed.
    drop_double_zero : bool
        Drop studies whose exposure is absent or universal. They can stay in UM.RS only, where
        they tell about the distribution of the study effects; in the other models their
        likelihood is constant.

    Returns
    -------
    OneStageFit

    Raises
    ------
    ValueError
        An unknown model or interval; counts that are negative, infinite or fractional; a
        `level` outside (0, 1); `drop_double_zero=False` with a model that cannot use it.

    Notes
    -----
    Stijnen, Hamza and Özdemir (2010), Stat Med 29, 3046-3067; codings as
    ``metafor::rma.glmm(measure="OR", coding=1/2, cor=FALSE)``, Jackson et al. (2018), Stat Med
    37, 1059-1085. metafor integrates UM.FS and CM.AL with 7 points, UM.RS by Laplace's
    approximation, stops some 1e-4 before the maximum, and takes the standard error of CM.EL
    from finite differences of a loosely integrated likelihood. Here the quadrature is refined
    until it no longer matters, and the derivatives are exact.
    """
    check_name("model", model, ONE_STAGE_MODELS)
    check_name("interval", interval, ONE_STAGE_INTERVALS)
    check_level(level)
    if not drop_double_zero and model != "UM.RS":
        raise ValueError(
            f"{model} cannot keep double-zero studies: their likelihood does not depend on the "
            "odds ratio. Use model='UM.RS', or drop_double_zero=True"
        )
    a, b, c, d = whole_counts(a=a, b=b, c=c, d=d)
    used, double_zero, empty = sort_out(a, b, c, d)
    if not drop_double_zero:
        used |= double_zero

    sets = a.shape[:-1]
    numbers = {name: np.full(sets, np.nan) for name in _NUMBERS}
    points = np.zeros(sets, dtype=np.int64)
    reason = np.full(sets, "", dtype=object)
    for index in np.ndindex(*sets):
        keep = used[index]
        found, points[index], reason[index] = _fit(
            model, [x[index][keep] for x in (a, b, c, d)], level, interval
        )
        for name, value in found.items():
            numbers[name][index] = value
    return OneStageFit(
        **numbers,
        k=used.sum(axis=-1),
        k_double_zero=(double_zero & ~used).sum(axis=-1),
        k_empty_group=empty.sum(axis=-1),
        quadrature_points=points,
        reason=reason.astype(str),
        model=model,
        interval=interval,
        level=level,
    )


def _fit(name: str, counts: list, level: float, interval: str) -> tuple[dict, int, str]:
    """Numbers that exist, quadrature points, and the reason for what is missing."""
    k = counts[0].size
    if k == 0:
        return {}, 0, "no study with cases, controls, exposed and unexposed"
    reason = infinite_maximum(name, *counts)
    if reason:
        return {}, 0, reason
    model = one_stage_model(name, *counts)
    limit = degenerate_log_likelihood(name, *counts) if k > 1 else -np.inf
    runaway = _RUNAWAY_TAU if limit > -np.inf else np.inf
    maximum = maximise(model, estimate_deviations=k > 1, runaway=runaway)
    point = maximum.point
    if limit > -np.inf:
        escaped = point.shared[0, TAU] > runaway or not maximum.exact
        if escaped or point.value[0] < limit - 1e-9:
            return {}, 0, "the likelihood grows with tau² without bound: every study has zero cells"

    z = float(ndtri((1 + level) / 2))
    theta = float(point.shared[0, THETA])
    se = _standard_error(maximum)
    found = {
        "estimate": theta,
        "se": se,
        "log_likelihood": float(point.value[0]),
        "promised_gain": float(point.gain[0]),
        "statistic": theta / se,
        "ci_low": theta - z * se,
        "ci_high": theta + z * se,
    }
    reason = ""
    if interval == "profile-likelihood":
        found["statistic"] = likelihood_root(model.likelihood, maximum)
        unbounded = limit > point.value[0] - z**2 / 2
        limits = profile_limits(model.likelihood, maximum, level, se, unbounded)
        found["ci_low"], found["ci_high"] = limits.theta_low, limits.theta_high
        found["tau2_ci_low"], found["tau2_ci_high"] = limits.tau_low**2, limits.tau_high**2
        if unbounded:
            reason = "the profile likelihood stays above its limit as tau² grows without bound"
    found["p_value"] = float(2 * ndtr(-abs(found["statistic"])))
    if name == "UM.RS" and k > 1:
        found["sigma2"] = float(point.shared[0, 3] ** 2)
    if k == 1:
        return found, maximum.points, "one study: no heterogeneity"
    found |= _spread(counts, float(point.shared[0, TAU] ** 2), theta, se, z)
    found |= heterogeneity(name, counts, maximum)
    if not point.converged[0]:
        reason = "the maximum was not reached"
    elif not maximum.exact:
        reason = f"the quadrature has not settled at {maximum.points} points"
    return found, maximum.points, reason


def _standard_error(maximum: Maximum) -> float:
    """From the observed information; standard deviations of 0 are orthogonal to the rest."""
    free = ~maximum.frozen[0]
    information = -maximum.point.hessian[0][np.ix_(free, free)]
    values, vectors = np.linalg.eigh(information)
    variance = (vectors[0] ** 2 / np.maximum(values, 1e-300)).sum()
    return float(np.sqrt(variance))


def _spread(counts, tau2: float, theta: float, se: float, z: float) -> dict[str, float]:
    """tau², I², H² and prediction interval."""
    variance = two_by_two(*counts).variance
    w = 1 / variance[~np.isnan(variance)]
    half = z * np.sqrt(se**2 + tau2)
    found = {"tau2": tau2, "pi_low": theta - half, "pi_high": theta + half}
    if w.size > 1:
        typical = (w.size - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
        found |= {"i2": 100 * tau2 / (tau2 + typical), "h2": 1 + tau2 / typical}
    return found
