"""The rows of `pooled.tsv`: every pooled set of a locus in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genopool.association.effects import Effect, PooledSet
from genopool.config import OVERALL
from genopool.pooling.methods import NUMBERS, PooledNumbers, pool_numbers
from genopool.ratios import ratio

if TYPE_CHECKING:
    from genopool.pooling.settings import Pooling

POOLED_COLUMNS = (
    "locus effect_allele model stratifier stratum k k_studies k_reported k_double_zero k_corrected "
    "k_without_n n_cases n_controls method tau2_method interval log_or se or ci_low ci_high "
    "statistic df p_value tau2 tau2_ci_low tau2_ci_high i2 h2 q q_df q_p prediction pi_low pi_high "
    "between_strata reason"
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
    numbers = pool_numbers(sets, settings)
    rows = []
    for i, pooled_set in enumerate(sets):
        for j, effect in enumerate(pooled_set.pooled):
            if j < numbers.weights.shape[1]:
                effect.weight = 100 * float(numbers.weights[i, j])
        if numbers.k[i] == 0 and pooled_set.stratifier != OVERALL:
            continue
        rows.append(
            {
                **_identity(locus, pooled_set),
                **_counts(pooled_set, settings),
                **result_columns(numbers, i, settings),
                "reason": "; ".join(_reasons(pooled_set, numbers, i)),
            }
        )
    return rows


def result_columns(numbers: PooledNumbers, i: int, settings: Pooling) -> dict[str, Any]:
    """The columns of `pooled.tsv` that the way of pooling decides, but for `reason`."""
    return {
        **_estimates(numbers, i),
        "method": settings.method,
        "tau2_method": settings.tau2_used,
        "interval": numbers.interval[i],
        "prediction": settings.prediction_used if settings.has_tau2 else "",
        "between_strata": settings.between_strata_used,
    }


def _identity(locus: str, pooled_set: PooledSet) -> dict[str, Any]:
    return {
        "locus": locus,
        "effect_allele": pooled_set.question,
        "model": pooled_set.model,
        "stratifier": pooled_set.stratifier,
        "stratum": pooled_set.stratum,
    }


def _counts(pooled_set: PooledSet, settings: Pooling) -> dict[str, Any]:
    effects = pooled_set.pooled
    return {
        "k": len(effects),
        "k_studies": len({effect.row.study for effect in pooled_set.effects if effect.used}),
        "k_reported": sum(effect.source == "reported" for effect in effects),
        "k_double_zero": pooled_set.double_zero,
        "k_corrected": 0 if settings.needs_counts else sum(e.correction > 0 for e in effects),
        "k_without_n": sum(np.isnan(e.n_cases) or np.isnan(e.n_controls) for e in effects),
        "n_cases": _sum_of_stated([e.n_cases for e in effects]),
        "n_controls": _controls(effects),
    }


def _sum_of_stated(numbers: Sequence[float]) -> float:
    """The sum of the numbers that are known; NaN if none is."""
    stated = [number for number in numbers if not np.isnan(number)]
    return sum(stated) if stated else np.nan


def _controls(effects: Sequence[Effect]) -> float:
    """People in the control groups, those that rows share counted once."""
    groups: dict[str | int, float] = {}
    for place, effect in enumerate(effects):
        if not np.isnan(effect.n_controls):
            name = effect.row.control_group or place
            groups[name] = max(groups.get(name, 0.0), effect.n_controls)
    return _sum_of_stated(list(groups.values()))


def _estimates(numbers: PooledNumbers, i: int) -> dict[str, float]:
    """The numbers of a set as `pooled.tsv` has them: ratios exponentiated, the rest as it is."""
    row = {
        name: float(getattr(numbers, name)[i])
        for name in NUMBERS
        if name not in ("ci_low", "ci_high", "pi_low", "pi_high")
    }
    for name, log in (
        ("or", "log_or"),
        *((n, n) for n in ("ci_low", "ci_high", "pi_low", "pi_high")),
    ):
        row[name] = ratio(float(getattr(numbers, log)[i]))
    return row


def _reasons(pooled_set: PooledSet, numbers: PooledNumbers, i: int) -> list[str]:
    """What is missing from the row, or to be read with care, and why."""
    if numbers.k[i] == 0:
        reasons = {e.reason for e in pooled_set.effects if e.reason and not e.is_pooled}
        if not reasons:
            return ["no study answers this"]
        return ["no study can be pooled: " + "; ".join(sorted(reasons))]
    return numbers.reasons[i]
