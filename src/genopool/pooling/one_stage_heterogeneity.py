"""Tests of a common odds ratio in the one-stage models, against one for every study."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from genopool.pooling.one_stage_models import (
    at_the_ends,
    conditional_arm,
    log_binomial,
    saturated_random_intercept,
)
from genopool.pooling.one_stage_optimise import Maximum, maximise

_FARTHEST = 60.0
# Study effects that spread more than this tell of controls that are all exposed or all not.
_RUNAWAY_SIGMA = 20.0


def heterogeneity(name: str, counts: list[NDArray], maximum: Maximum) -> dict[str, float]:
    """Wald and likelihood ratio tests of a common odds ratio, with their p-values.

    Parameters
    ----------
    name : str
        The model.
    counts : list of ndarray
        a, b, c, d of two or more studies.
    maximum : Maximum
        The model's fit, which holds the likelihood of a common odds ratio.

    Returns
    -------
    dict
        ``q_wald``, ``q_lrt``, their p-values, and ``q_df``. A study whose own log odds ratio is
        infinite adds nothing to ``q_wald``, the limit of what it adds as it grows, but counts
        in the degrees of freedom, as in metafor. Only ``q_df`` if UM.RS with a log odds ratio
        for every study has no maximum.
    """
    df = counts[0].size - 1.0
    if name == "UM.RS":
        saturated = _with_random_intercept(counts, maximum)
        if saturated is None:
            return {"q_df": df}
        log_or, precision, value = saturated
    else:
        log_or, information, value = _study_by_study(name, *counts)
        precision = np.diag(information)
    total = precision.sum(axis=0)
    between = float(log_or @ precision @ log_or)
    if total.sum() > 0:
        between -= float(total @ log_or) ** 2 / float(total.sum())
    q = {
        "q_wald": max(0.0, between),
        "q_lrt": max(0.0, 2 * (value - maximum.value_without_tau)),
    }
    return q | {f"{test}_p": float(chdtrc(df, x)) for test, x in q.items()} | {"q_df": df}


def _study_by_study(name, a, b, c, d):
    """Finite log odds ratios with their information, and the log-likelihood of all studies."""
    low, high = at_the_ends(name, a, b, c, d)
    inside = ~(low | high)
    if name == "CM.EL":
        arm = conditional_arm(a, b, c, d)
        eta, information = _solve_mean(arm, inside)
        fitted = arm.x[:, 0] * eta - arm.cumulants(eta[:, None])[0][:, 0] + arm.log_weight
        # At an end the conditional probability goes to 1.
        return eta[inside], information[inside], float(fitted[inside].sum())
    groups = [(a, a + c)] if name == "CM.AL" else [(a, a + b), (c, c + d)]
    value = sum(float((log_binomial(n, x) + _log_power(n, x)).sum()) for x, n in groups)
    a, b, c, d = (x[inside] for x in (a, b, c, d))
    if name == "CM.AL":
        return np.log(a / c) - np.log((a + b) / (c + d)), 1 / (1 / a + 1 / c), value
    return np.log(a * d / (b * c)), 1 / (1 / a + 1 / b + 1 / c + 1 / d), value


def _log_power(n, x):
    """Logarithm of p^x (1 - p)^(n - x) at its largest, p = x / n."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x > 0, x * np.log(x / n), 0) + np.where(
            x < n, (n - x) * np.log1p(-x / n), 0
        )


def _solve_mean(arm, inside) -> tuple[NDArray, NDArray]:
    """Log odds ratio at which the conditional mean is the count, and the variance there."""
    x = arm.x[:, 0]
    low, high = np.full(x.shape, -_FARTHEST), np.full(x.shape, _FARTHEST)
    eta = np.zeros(x.shape)
    for _ in range(200):
        _, mean, variance = (y[:, 0] for y in arm.cumulants(eta[:, None]))
        low, high = np.where(mean < x, eta, low), np.where(mean > x, eta, high)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            guess = eta + np.clip((x - mean) / variance, -2.0, 2.0)
        guess = np.where((guess >= low) & (guess <= high), guess, (low + high) / 2)
        moved = np.abs(guess - eta)[inside & (mean != x)]
        eta = np.where(inside & (mean != x), guess, eta)
        if moved.size == 0 or moved.max() < 1e-13:
            break
    return eta, variance


def _with_random_intercept(counts, maximum: Maximum):
    """As `_study_by_study`, with the study effects integrated out: a full precision matrix."""
    model = saturated_random_intercept(*counts, start=maximum.point.shared[0, 2:])
    fit = maximise(model, runaway=_RUNAWAY_SIGMA)
    if not (fit.exact and fit.point.converged[0]):
        return None
    shared, local = fit.point.shared, fit.point.local
    psi = np.concatenate([np.repeat(shared, local.shape[1], axis=0), local.T], axis=1)
    d = model.likelihood.evaluate(psi[None], fit.points, fit.point.nodes)
    information = -d.hessian[0]
    free = ~fit.frozen[0]
    inside = (counts[0] > 0) & (counts[1] > 0)
    common = information[:, :2, :2].sum(axis=0)[np.ix_(free, free)]
    cross = information[inside, 2, :2][:, free]
    precision = np.diag(information[inside, 2, 2]) - cross @ np.linalg.solve(common, cross.T)
    return local[0, inside], precision, float(fit.point.value[0])
