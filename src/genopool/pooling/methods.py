"""One face for every way of pooling: what each method needs, and its numbers for many sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

from genopool.association.effects import PooledSet
from genopool.pooling.fit import Fit
from genopool.pooling.inverse_variance import pool
from genopool.pooling.tau2_intervals import tau2_interval

if TYPE_CHECKING:
    from genopool.pooling.settings import Pooling


@dataclass
class PooledNumbers:
    """The numbers of pooled sets, log scale, shape (sets,); NaN for what a method does not have.

    Attributes
    ----------
    k : ndarray of int
        Studies pooled.
    weights : ndarray, shape (sets, studies)
        Shares of the studies; NaN where a method has none.
    interval : list of str
        Name of the interval that each set got.
    reasons : list of list of str
        What is missing or to be read with care.
    """

    k: np.ndarray
    weights: np.ndarray
    interval: list[str]
    reasons: list[list[str]]
    log_or: np.ndarray = field(default=None)
    se: np.ndarray = field(default=None)
    ci_low: np.ndarray = field(default=None)
    ci_high: np.ndarray = field(default=None)
    statistic: np.ndarray = field(default=None)
    df: np.ndarray = field(default=None)
    p_value: np.ndarray = field(default=None)
    tau2: np.ndarray = field(default=None)
    tau2_ci_low: np.ndarray = field(default=None)
    tau2_ci_high: np.ndarray = field(default=None)
    i2: np.ndarray = field(default=None)
    h2: np.ndarray = field(default=None)
    q: np.ndarray = field(default=None)
    q_df: np.ndarray = field(default=None)
    q_p: np.ndarray = field(default=None)
    pi_low: np.ndarray = field(default=None)
    pi_high: np.ndarray = field(default=None)

    def __post_init__(self) -> None:
        for name in NUMBERS:
            if getattr(self, name) is None:
                setattr(self, name, np.full(self.k.shape, np.nan))


ABOVE_1 = "probability that the odds ratio exceeds 1"
"""Begins what is said of a Bayesian result."""
NUMBERS = tuple(
    f.name for f in fields(PooledNumbers) if f.name not in ("k", "weights", "interval", "reasons")
)


def pool_numbers(sets: Sequence[PooledSet], settings: Pooling) -> PooledNumbers:
    """Pool every set by the configured method.

    Parameters
    ----------
    sets : sequence of PooledSet
    settings : Pooling
    """
    if settings.method == "inverse-variance":
        return _inverse_variance(sets, settings)
    if settings.method == "bayes":
        return _bayes(sets, settings)
    if settings.method == "mantel-haenszel":
        return _mantel_haenszel(sets, settings)
    if settings.method == "peto":
        return _peto(sets, settings)
    if settings.method == "exact":
        return _exact(sets, settings)
    return _one_stage(sets, settings)


def log_odds_ratios(sets: Sequence[PooledSet]) -> tuple[np.ndarray, np.ndarray]:
    """Log odds ratios and variances, shape (sets, studies), NaN where a set has fewer."""
    width = max([1, *(len(pooled_set.pooled) for pooled_set in sets)])
    log_or, variance = np.full((2, len(sets), width), np.nan)
    for i, pooled_set in enumerate(sets):
        for j, effect in enumerate(pooled_set.pooled):
            log_or[i, j], variance[i, j] = effect.log_or, effect.se**2
    return log_or, variance


def _cells(sets: Sequence[PooledSet]) -> np.ndarray:
    """The uncorrected 2×2 tables, shape (4, sets, studies)."""
    width = max([1, *(len(pooled_set.pooled) for pooled_set in sets)])
    cells = np.full((4, len(sets), width), np.nan)
    for i, pooled_set in enumerate(sets):
        for j, effect in enumerate(pooled_set.pooled):
            cases, controls = effect.cases, effect.controls
            cells[:, i, j] = (cases.exposed, cases.unexposed, controls.exposed, controls.unexposed)
    return cells


def _inverse_variance(sets: Sequence[PooledSet], settings: Pooling) -> PooledNumbers:
    log_or, variance = log_odds_ratios(sets)
    fit = pool(
        log_or,
        variance,
        tau2=settings.tau2_used,
        interval=settings.interval_used,
        level=settings.level,
        prediction=settings.prediction_used,
    )
    equal_effects = settings.tau2_used == "EE"
    low = high = np.full(fit.k.shape, np.nan)
    if not equal_effects:
        low, high = tau2_interval(log_or, variance, level=settings.level)
    reasons = []
    for i, k in enumerate(fit.k):
        said = cautions(fit, i)
        if k == 2 and settings.prediction_used == "riley":
            said.append("Riley's prediction interval needs three studies")
        if k > 1 and not equal_effects and high[i] == 0:
            said.append("effects more alike than chance makes them: the tau² interval is 0 to 0")
        reasons.append(said)
    several = fit.k > 1
    return PooledNumbers(
        k=fit.k,
        weights=fit.weights,
        interval=[str(name) for name in fit.interval_used],
        reasons=reasons,
        log_or=fit.estimate,
        tau2_ci_low=np.where(several, low, np.nan),
        tau2_ci_high=np.where(several, high, np.nan),
        **_same_names(fit),
    )


def cautions(fit: Fit, i: int) -> list[str]:
    """What is missing from set `i` of an inverse-variance fit, or to be read with care."""
    k, said = fit.k[i], []
    if k == 1:
        said.append("one study: its own estimate with a Wald interval, no heterogeneity")
    if k > 1 and fit.tau2_method == "EE":
        said.append("equal effects: no tau², no prediction interval")
    if k == 2 and fit.df[i] == 1:
        said.append("two studies: the interval rests on one degree of freedom")
    if fit.identical[i]:
        said.append("identical effects: the never-narrower interval is used; are studies repeated?")
    elif fit.narrower[i]:
        said.append("the Hartung-Knapp interval is narrower than Wald's")
    return said


def _same_names(fit: object) -> dict[str, np.ndarray]:
    """The numbers that a fit has under the names of `PooledNumbers`, but for tau²'s limits."""
    return {
        name: getattr(fit, name)
        for name in NUMBERS
        if hasattr(fit, name) and not name.startswith(("tau2_ci", "log_or"))
    }


def _without_heterogeneity(k: np.ndarray, method: str) -> list[list[str]]:
    said = {0: [], 1: ["one study: no heterogeneity"]}
    several = [f"{method}: one odds ratio for all, no tau²"]
    return [list(said.get(int(n), several)) for n in k]


def _mantel_haenszel(sets: Sequence[PooledSet], settings: Pooling) -> PooledNumbers:
    from genopool.pooling.mantel_haenszel import mantel_haenszel

    a, b, c, d = _cells(sets)
    fit = mantel_haenszel(a, b, c, d, level=settings.level)
    with np.errstate(invalid="ignore"):
        weights = b * c / (a + b + c + d)
        weights = weights / np.nansum(weights, axis=1, keepdims=True)
    reasons = _without_heterogeneity(fit.k, "Mantel-Haenszel")
    for i, estimate in enumerate(fit.estimate):
        if fit.k[i] and np.isnan(estimate):
            reasons[i].append("the pooled odds ratio is 0 or infinite")
    return PooledNumbers(
        k=fit.k,
        weights=weights,
        interval=["wald" if k else "" for k in fit.k],
        reasons=reasons,
        log_or=fit.estimate,
        **_same_names(fit),
    )


def _peto(sets: Sequence[PooledSet], settings: Pooling) -> PooledNumbers:
    from genopool.pooling.peto import peto

    fit = peto(*_cells(sets), level=settings.level)
    return PooledNumbers(
        k=fit.k,
        weights=fit.weights,
        interval=["wald" if k else "" for k in fit.k],
        reasons=_without_heterogeneity(fit.k, "Peto"),
        log_or=fit.estimate,
        **_same_names(fit),
    )


def _exact(sets: Sequence[PooledSet], settings: Pooling) -> PooledNumbers:
    from genopool.pooling.exact import conditional_exact

    fit = conditional_exact(*_cells(sets), level=settings.level)
    reasons = _without_heterogeneity(fit.k, "conditional exact")
    for i, estimate in enumerate(fit.estimate):
        if np.isinf(estimate):
            reasons[i].append("the odds ratio is 0 or infinite, with one exact limit")
    return PooledNumbers(
        k=fit.k,
        weights=np.full((len(sets), 1), np.nan),
        interval=["exact" if k else "" for k in fit.k],
        reasons=reasons,
        log_or=fit.estimate,
        **_same_names(fit),
    )


def _one_stage(sets: Sequence[PooledSet], settings: Pooling) -> PooledNumbers:
    from genopool.pooling.one_stage import glmm

    fit = glmm(
        *_cells(sets),
        model=settings.method,
        level=settings.level,
        interval=settings.interval_used,
        drop_double_zero=settings.zero_cells.drop_double_zero,
    )
    predicted = settings.prediction_used == "default"
    numbers = PooledNumbers(
        k=fit.k,
        weights=np.full((len(sets), 1), np.nan),
        interval=[settings.interval_used if k else "" for k in fit.k],
        reasons=[
            [str(reason)] if k and reason else []
            for k, reason in zip(fit.k, fit.reason, strict=True)
        ],
        log_or=fit.estimate,
        q=fit.q_lrt,
        q_p=fit.q_lrt_p,
        tau2_ci_low=fit.tau2_ci_low,
        tau2_ci_high=fit.tau2_ci_high,
        **_same_names(fit),
    )
    if not predicted:
        numbers.pi_low, numbers.pi_high = np.full((2, len(sets)), np.nan)
    return numbers


def _bayes(sets: Sequence[PooledSet], settings: Pooling) -> PooledNumbers:
    from genopool.pooling.bayes import pool_bayes

    priors = settings.bayes
    fit = pool_bayes(
        *log_odds_ratios(sets),
        tau_prior=priors.tau_prior,
        tau_scale=priors.tau_scale,
        effect_prior=priors.effect_prior,
        level=settings.level,
        interval=settings.interval_used,
    )
    reasons = []
    for i, k in enumerate(fit.k):
        said = []
        if k:
            said.append(f"{ABOVE_1}: {fit.probability_above_1[i]:.4g}")
        if k == 1:
            said.append("one study: heterogeneity rests on the prior alone")
        reasons.append(said)
    numbers = PooledNumbers(
        k=fit.k,
        weights=fit.weights,
        interval=[settings.interval_used if k else "" for k in fit.k],
        reasons=reasons,
        log_or=fit.estimate,
        tau2_ci_low=fit.tau2_ci_low,
        tau2_ci_high=fit.tau2_ci_high,
        **_same_names(fit),
    )
    if settings.prediction_used == "none":
        numbers.pi_low, numbers.pi_high = np.full((2, len(sets)), np.nan)
    return numbers
