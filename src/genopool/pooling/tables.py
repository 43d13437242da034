"""The rows of `pooled.tsv` and `strata.tsv`: every pooled set of a locus in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genopool.association.effects import Effect, PooledSet
from genopool.config import OVERALL
from genopool.pooling.between_strata import between_strata
from genopool.pooling.fit import Fit
from genopool.pooling.inverse_variance import pool
from genopool.pooling.tau2_intervals import tau2_interval

if TYPE_CHECKING:
    from genopool.config import Pooling

POOLED_COLUMNS = (
    "locus effect_allele model stratifier stratum k k_studies k_reported k_double_zero k_corrected "
    "k_without_n n_cases n_controls method tau2_method interval log_or se or ci_low ci_high "
    "statistic df p_value tau2 tau2_ci_low tau2_ci_high i2 h2 q q_df q_p prediction pi_low pi_high "
    "between_strata reason"
).split()
STRATA_COLUMNS = (
    "locus effect_allele model stratifier strata k tau2_between statistic distribution df1 df2 "
    "p_value reason"
).split()


def pool_sets(locus: str, sets: Sequence[PooledSet], settings: Pooling) -> list[dict[str, Any]]:
    """Pool every set; the weights are written into the sets' effects.

    Parameters
    ----------
    locus : str
    sets : sequence of PooledSet
    settings : Pooling

    Returns
    -------
    list of dict
        Rows of `pooled.tsv`: the overall analysis always, a stratum where it has a study.
    """
    if not sets:
        return []
    log_or, variance = _arrays(sets)
    fit = pool(
        log_or,
        variance,
        tau2=settings.tau2,
        interval=settings.interval_used,
        level=settings.level,
    )
    if settings.tau2 == "EE":
        tau2_low = tau2_high = np.full(len(sets), np.nan)
    else:
        tau2_low, tau2_high = tau2_interval(log_or, variance, level=settings.level)
    rows = []
    for i, pooled_set in enumerate(sets):
        for j, effect in enumerate(pooled_set.pooled):
            effect.weight = 100 * float(fit.weights[i, j])
        if fit.k[i] == 0 and pooled_set.stratifier != OVERALL:
            continue
        rows.append(
            {
                **_identity(locus, pooled_set),
                **_counts(pooled_set),
                **_estimates(fit, i),
                "tau2_ci_low": tau2_low[i] if fit.k[i] > 1 else np.nan,
                "tau2_ci_high": tau2_high[i] if fit.k[i] > 1 else np.nan,
                "method": "inverse-variance",
                "tau2_method": settings.tau2,
                "interval": str(fit.interval_used[i]),
                "prediction": "" if settings.tau2 == "EE" else "default",
                "between_strata": settings.between_strata,
                "reason": _reason(pooled_set, fit, i, float(tau2_high[i])),
            }
        )
    return rows


def _arrays(sets: Sequence[PooledSet]) -> tuple[np.ndarray, np.ndarray]:
    width = max(1, *(len(pooled_set.pooled) for pooled_set in sets))
    log_or, variance = np.full((2, len(sets), width), np.nan)
    for i, pooled_set in enumerate(sets):
        for j, effect in enumerate(pooled_set.pooled):
            log_or[i, j], variance[i, j] = effect.log_or, effect.se**2
    return log_or, variance


def _identity(locus: str, pooled_set: PooledSet) -> dict[str, Any]:
    return {
        "locus": locus,
        "effect_allele": pooled_set.question,
        "model": pooled_set.model,
        "stratifier": pooled_set.stratifier,
        "stratum": pooled_set.stratum,
    }


def _counts(pooled_set: PooledSet) -> dict[str, Any]:
    effects = pooled_set.pooled
    return {
        "k": len(effects),
        "k_studies": len({effect.row.study for effect in effects}),
        "k_reported": sum(effect.source == "reported" for effect in effects),
        "k_double_zero": pooled_set.double_zero,
        "k_corrected": sum(effect.correction > 0 for effect in effects),
        "k_without_n": sum(np.isnan(e.n_cases) or np.isnan(e.n_controls) for e in effects),
        "n_cases": sum(e.n_cases for e in effects if not np.isnan(e.n_cases)),
        "n_controls": _controls(effects),
    }


def _controls(effects: Sequence[Effect]) -> float:
    """People in the control groups, those that rows share counted once."""
    alone, groups = 0.0, {}
    for effect in effects:
        if np.isnan(effect.n_controls):
            continue
        name = effect.row.control_group
        if name:
            groups[name] = max(groups.get(name, 0.0), effect.n_controls)
        else:
            alone += effect.n_controls
    return alone + sum(groups.values())


def _estimates(fit: Fit, i: int) -> dict[str, float]:
    logs = {"log_or": fit.estimate, "se": fit.se, "statistic": fit.statistic, "df": fit.df}
    logs |= {"p_value": fit.p_value, "tau2": fit.tau2, "i2": fit.i2, "h2": fit.h2}
    logs |= {"q": fit.q, "q_df": fit.q_df, "q_p": fit.q_p}
    ratios = {"or": fit.estimate, "ci_low": fit.ci_low, "ci_high": fit.ci_high}
    ratios |= {"pi_low": fit.pi_low, "pi_high": fit.pi_high}
    return {name: float(values[i]) for name, values in logs.items()} | {
        name: float(np.exp(values[i])) for name, values in ratios.items()
    }


def _reason(pooled_set: PooledSet, fit: Fit, i: int, tau2_high: float) -> str:
    """What is missing from the row, or to be read with care, and why."""
    k = int(fit.k[i])
    if k == 0:
        reasons = {
            effect.reason for effect in pooled_set.effects if effect.reason and not effect.is_pooled
        }
        if not reasons:
            return "no study answers this"
        return "no study can be pooled: " + "; ".join(sorted(reasons))
    reasons = []
    if k == 1:
        reasons.append("one study: its own estimate with a Wald interval, no heterogeneity")
    if k > 1 and fit.tau2_method == "EE":
        reasons.append("equal effects: no tau², no prediction interval")
    if k == 2 and fit.interval_used[i] != "wald":
        reasons.append("two studies: the interval rests on one degree of freedom")
    if fit.identical[i]:
        reasons.append(
            "identical effects: the never-narrower interval is used; are studies repeated?"
        )
    elif fit.narrower[i]:
        reasons.append("the Hartung-Knapp interval is narrower than Wald's")
    if k > 1 and fit.tau2_method != "EE" and tau2_high == 0:
        reasons.append("effects more alike than chance makes them: the tau² interval is 0 to 0")
    return "; ".join(reasons)


def compare_strata(
    locus: str, sets: Sequence[PooledSet], settings: Pooling
) -> list[dict[str, Any]]:
    """The between-stratum test of every effect allele, model and stratifier.

    Returns
    -------
    list of dict
        Rows of `strata.tsv`, one where a stratifier has at least one stratum with a study.
    """
    groups: dict[tuple[str, str, str], list[PooledSet]] = {}
    for pooled_set in sets:
        if pooled_set.stratifier != OVERALL and pooled_set.pooled:
            key = (pooled_set.question, pooled_set.model, pooled_set.stratifier)
            groups.setdefault(key, []).append(pooled_set)
    if not groups:
        return []
    width = max(sum(len(s.pooled) for s in strata) for strata in groups.values())
    log_or, variance = np.full((2, len(groups), width), np.nan)
    labels = np.full((len(groups), width), -1)
    for i, strata in enumerate(groups.values()):
        members = [(label, e) for label, s in enumerate(strata) for e in s.pooled]
        for j, (label, effect) in enumerate(members):
            log_or[i, j], variance[i, j], labels[i, j] = effect.log_or, effect.se**2, label
    test = between_strata(
        log_or,
        variance,
        labels,
        tau2=settings.tau2,
        interval=settings.interval_used,
        between=settings.between_strata,
    )
    rows = []
    for i, (key, strata) in enumerate(groups.items()):
        row = dict(zip(("effect_allele", "model", "stratifier"), key, strict=True))
        k = sum(len(s.pooled) for s in strata)
        row |= {"locus": locus, "strata": len(strata), "k": k}
        row["tau2_between"] = settings.between_strata
        shared = _controls_in_two_strata(strata)
        if shared:
            row["reason"] = f"strata share the controls {', '.join(shared)}, so they are not apart"
        elif len(strata) < 2:
            row["reason"] = "one stratum: nothing to compare"
        elif np.isnan(test.statistic[i]):
            row["reason"] = (
                "no more studies than strata: nothing is left to judge the difference by"
            )
        else:
            row |= {
                "statistic": float(test.statistic[i]),
                "distribution": test.distribution,
                "df1": float(test.df1[i]),
                "df2": float(test.df2[i]),
                "p_value": float(test.p_value[i]),
            }
        rows.append(row)
    return rows


def _controls_in_two_strata(strata: Sequence[PooledSet]) -> list[str]:
    seen: dict[str, int] = {}
    shared = set()
    for place, pooled_set in enumerate(strata):
        for effect in pooled_set.pooled:
            name = effect.row.control_group
            if name and seen.setdefault(name, place) != place:
                shared.add(name)
    return sorted(shared)
