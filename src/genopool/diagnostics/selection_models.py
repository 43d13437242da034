"""Selection models: how the pool changes if significant studies are likelier to be published."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from genopool.diagnostics.likelihood_maximum import covariance, maximise
from genopool.diagnostics.selection_likelihood import (
    SIDES,
    BetaWeights,
    Sample,
    StepWeights,
    log_likelihood,
)
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_level, check_name
from genopool.pooling.study_sets import check_pair

ALTERNATIVES = ("auto", *SIDES)
#: Bounds of the logarithm of a weight's parameter; a maximum beyond them is none.
_LARGEST_LOG_WEIGHT = math.log(1e4)
#: tau² this small beside the variances is 0, and is left out of the information.
_NO_SPREAD = 1e-7


@dataclass(frozen=True)
class SelectionModel:
    """A selection model; arrays have the leading axes of the data, NaN where there is no fit.

    Attributes
    ----------
    log_or, se, ci_low, ci_high : ndarray
        Mean log odds ratio of all studies, published or not; Wald's interval from the observed
        information.
    statistic, p_value : ndarray
        z of it.
    tau2 : ndarray
        Between-study variance (maximum likelihood).
    weight, weight_se : ndarray, shape (..., weights)
        Step function: chance of publication in each interval of p, relative to the first (1).
        Beta density: its two parameters, 1 and 1 without selection.
    studies : ndarray of int, shape (..., weights)
        Step function: studies in each interval of p. Beta density: all, twice.
    unadjusted : ndarray
        The mean without selection (maximum likelihood).
    lrt, lrt_df, lrt_p : ndarray
        Likelihood-ratio test against no selection.
    log_likelihood : ndarray
    k : ndarray of int
    alternative : ndarray of str
        `greater`, `less` or `two-sided`: the p-values that selection looks at.
    reason : ndarray of str
        Blank, or why there is no fit or no standard error.
    level : float
    """

    log_or: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    tau2: np.ndarray
    weight: np.ndarray
    weight_se: np.ndarray
    studies: np.ndarray
    unadjusted: np.ndarray
    lrt: np.ndarray
    lrt_df: np.ndarray
    lrt_p: np.ndarray
    log_likelihood: np.ndarray
    k: np.ndarray
    alternative: np.ndarray
    reason: np.ndarray
    level: float


def step_selection(
    log_or, variance, *, steps=(0.025,), alternative: str = "auto", level: float = 0.95
) -> SelectionModel:
    """Vevea and Hedges' selection model, the chance of publication a step function of p.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    steps : sequence of float
        Where the chance of publication changes: p-values between 0 and 1, one- or two-sided as
        `alternative` says.
    alternative : str
        `greater` or `less`: one-sided p of that direction. `two-sided`. `auto`: one-sided, in the
        direction of the unadjusted mean.
    level : float
        Level of the interval.

    Returns
    -------
    SelectionModel
        Without a fit where an interval of p has no study, since its weight then has no maximum.

    Raises
    ------
    ValueError
        Unknown or impossible choices; impossible variances.

    References
    ----------
    Vevea JL, Hedges LV (1995) Psychometrika 60:419 (metafor's `selmodel(type = "stepfun")`).
    """
    cuts = np.asarray(steps, dtype=float)
    if cuts.ndim != 1 or not cuts.size or not ((cuts > 0) & (cuts < 1)).all():
        raise ValueError(f"steps must be one or more numbers between 0 and 1, not {steps!r}")
    cuts = np.unique(cuts)
    return _each(log_or, variance, alternative, ALTERNATIVES, level, lambda s: StepWeights(s, cuts))


def beta_selection(
    log_or, variance, *, alternative: str = "auto", level: float = 0.95
) -> SelectionModel:
    """Selection model with the chance of publication proportional to a beta density of p.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    alternative : str
        `greater` or `less`: one-sided p of that direction. `auto`: in the direction of the
        unadjusted mean.
    level : float
        Level of the interval.

    Returns
    -------
    SelectionModel

    Raises
    ------
    ValueError
        Unknown or impossible choices; impossible variances.

    References
    ----------
    Citkowicz M, Vevea JL (2017) Psychol Methods 22:28. The weight stays the same below p = 1e-5
    and above 1 - 1e-5, as in metafor's `selmodel(type = "beta")`.
    """
    allowed = ("auto", "greater", "less")
    return _each(log_or, variance, alternative, allowed, level, BetaWeights)


def _each(log_or, variance, alternative: str, allowed, level: float, weights) -> SelectionModel:
    """Fit each set of studies on its own, and stack the fits."""
    check_name("alternative", alternative, allowed)
    check_level(level)
    y, v = check_pair(log_or, variance)
    lead = y.shape[:-1]
    y, v = (x.reshape(math.prod(lead), y.shape[-1]) for x in (y, v))
    start = pool(y, v, tau2="ML", interval="wald", prediction="none")
    rows = []
    for i in range(y.shape[0]):
        there = np.isfinite(y[i])
        mean, tau2 = float(start.estimate[i]), float(np.nan_to_num(start.tau2[i]))
        side = alternative
        if alternative == "auto":
            side = "less" if mean < 0 else "greater"
        sample = Sample(y[i, there], v[i, there], side)
        rows.append(_fit(sample, weights(sample), mean, tau2))
    size = weights(Sample(np.empty(0), np.empty(0), "greater")).shown
    shape = {"weight": (size,), "weight_se": (size,), "studies": (size,)}
    out = {}
    for name in _FIELDS:
        own = shape.get(name, ())
        found = np.array([row[name] for row in rows]) if rows else np.empty((0, *own))
        out[name] = found.reshape((*lead, *own))[()]
    half = ndtri((1 + level) / 2) * out["se"]
    statistic = out["log_or"] / out["se"]
    return SelectionModel(
        **out,
        ci_low=out["log_or"] - half,
        ci_high=out["log_or"] + half,
        statistic=statistic,
        p_value=2 * ndtr(-np.abs(statistic)),
        level=level,
    )


_FIELDS = ("log_or", "se", "tau2", "weight", "weight_se", "studies", "unadjusted", "lrt")
_FIELDS += ("lrt_df", "lrt_p", "log_likelihood", "k", "alternative", "reason")


def _fit(sample: Sample, weights, mean: float, tau2: float) -> dict[str, object]:
    """One set: maximum likelihood from several starts, and the test against no selection."""
    number = weights.parameters
    none = np.full(weights.shown, np.nan)
    out: dict[str, object] = dict.fromkeys(_FIELDS, np.nan) | {
        "weight": none,
        "weight_se": none,
        "studies": weights.studies,
        "unadjusted": mean,
        "lrt_df": number,
        "k": sample.y.size,
        "alternative": sample.side,
        "reason": "",
    }
    if sample.y.size < 2 + number:
        return out | {"reason": f"fewer than {2 + number} studies", "lrt_df": np.nan}
    if weights.impossible:
        return out | {"reason": weights.impossible, "lrt_df": np.nan}

    def natural(points: np.ndarray) -> np.ndarray:
        return log_likelihood(sample, weights, points)

    def natural_point(x: np.ndarray) -> np.ndarray:
        return np.concatenate([x[:, :1], x[:, 1:2] ** 2, np.exp(x[:, 2:])], axis=1)

    reach = 3 * (np.ptp(sample.y) + math.sqrt(sample.v.max()))
    tau = max(math.sqrt(tau2), 0.3 * math.sqrt(sample.v.min()))
    starts = [
        [at, spread, *[log_weight] * number]
        for at, spread, log_weight in (
            (mean, tau, 0.0),
            (mean / 2, 2 * tau, -1.0),
            (0.0, tau, -2.0),
            (mean, tau / 4, 1.0),
        )
    ]
    low = [mean - reach, -reach, *[-_LARGEST_LOG_WEIGHT] * number]
    high = [mean + reach, reach, *[_LARGEST_LOG_WEIGHT] * number]
    best = maximise(lambda x: natural(natural_point(x)), starts, low, high)
    if not np.isfinite(best.value) or best.at_bound.any():
        return out | {"reason": "the likelihood has no finite maximum", "lrt_df": np.nan}
    point = natural_point(best.at[None])[0]
    free = np.ones(point.size, dtype=bool)
    if point[1] < _NO_SPREAD * sample.v.min():
        point[1], free[1] = 0.0, False
    error = np.sqrt(np.diag(covariance(natural, point, free)))
    without = float(natural(np.array([[mean, tau2, *[1.0] * number]]))[0])
    lrt = max(0.0, 2 * (best.value - without))
    unclear = "" if np.isfinite(error[0]) else "the likelihood is too flat for a standard error"
    return out | {
        "log_or": point[0],
        "se": error[0],
        "tau2": point[1],
        "weight": weights.show(point[2:], 1.0),
        "weight_se": weights.show(error[2:], np.nan),
        "lrt": lrt,
        "lrt_p": float(chdtrc(number, lrt)),
        "log_likelihood": best.value,
        "reason": unclear,
    }
