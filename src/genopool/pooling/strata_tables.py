"""The rows of `strata.tsv`: whether strata differ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc

from genopool.association.effects import PooledSet
from genopool.config import OVERALL
from genopool.pooling.between_strata import between_strata
from genopool.pooling.methods import pool_numbers

if TYPE_CHECKING:
    from genopool.pooling.settings import Pooling
    from genopool.studies.overlaps import Overlaps

STRATA_COLUMNS = (
    "locus effect_allele model stratifier strata k tau2_between statistic distribution df1 df2 "
    "p_value reason"
).split()
NO_BAYESIAN_TEST = "the Bayesian model has no test between strata; compare the intervals"
Key = tuple[str, str, str]


def compare_strata(
    locus: str,
    sets: Sequence[PooledSet],
    stratifiers: Sequence[str],
    settings: Pooling,
    overlaps: Overlaps | None = None,
) -> list[dict[str, Any]]:
    """The between-stratum test of every effect allele, model and stratifier.

    Parameters
    ----------
    locus : str
    sets : sequence of PooledSet
    stratifiers : sequence of str
    settings : Pooling
    overlaps : Overlaps, optional
        Which studies share people: strata that do are not compared.

    Returns
    -------
    list of dict
        Rows of `strata.tsv`; `reason` says why a test was not made.
    """
    groups: dict[Key, list[PooledSet]] = {
        (s.question, s.model, name): []
        for s in sets
        if s.stratifier == OVERALL
        for name in stratifiers
    }
    for pooled_set in sets:
        if pooled_set.stratifier != OVERALL and pooled_set.pooled:
            groups[pooled_set.question, pooled_set.model, pooled_set.stratifier].append(pooled_set)
    why_not = {key: _why_not(strata, settings, overlaps) for key, strata in groups.items()}
    tested = {key: strata for key, strata in groups.items() if not why_not[key]}
    if settings.method == "inverse-variance":
        tests = _by_studies(tested, settings)
    else:
        tests = _by_strata(tested, settings)
    rows = []
    for key, strata in groups.items():
        row = dict(zip(("effect_allele", "model", "stratifier"), key, strict=True))
        row |= {
            "locus": locus,
            "strata": len(strata),
            "k": sum(len(s.pooled) for s in strata),
            "tau2_between": settings.between_strata_used,
            "reason": why_not[key],
        }
        test = tests.get(key)
        if test is not None and np.isnan(test["statistic"]):
            row["reason"] = (
                "no more studies than strata: nothing is left to judge the difference by"
            )
        elif test is not None:
            row |= test
        rows.append(row)
    return rows


def _why_not(strata: Sequence[PooledSet], settings: Pooling, overlaps: Overlaps | None) -> str:
    if not strata:
        return "no study lies in a stratum"
    if len(strata) < 2:
        return "one stratum: nothing to compare"
    shared = _controls_in_two_strata(strata)
    if shared:
        return f"strata share the controls {', '.join(shared)}, so they are not apart"
    if overlaps:
        shared = _people_in_two_strata(strata, overlaps)
        if shared:
            return f"{' and '.join(shared)} have subjects in common, so the strata are not apart"
    if settings.method == "bayes":
        return NO_BAYESIAN_TEST
    return ""


def _controls_in_two_strata(strata: Sequence[PooledSet]) -> list[str]:
    seen: dict[str, int] = {}
    shared = set()
    for place, pooled_set in enumerate(strata):
        for effect in pooled_set.pooled:
            name = effect.row.control_group
            if name and seen.setdefault(name, place) != place:
                shared.add(name)
    return sorted(shared)


def _people_in_two_strata(strata: Sequence[PooledSet], overlaps: Overlaps) -> tuple[str, ...]:
    """The first two studies of the same people that lie in different strata."""
    for one, other in combinations(strata, 2):
        for effect, another in product(one.pooled, other.pooled):
            if overlaps.share_people(effect, another):
                return effect.study, another.study
    return ()


def _by_studies(tested: dict[Key, list[PooledSet]], settings: Pooling) -> dict[Key, dict[str, Any]]:
    """The tests of the inverse-variance method, in one call."""
    if not tested:
        return {}
    width = max(sum(len(s.pooled) for s in strata) for strata in tested.values())
    log_or, variance = np.full((2, len(tested), width), np.nan)
    labels = np.full((len(tested), width), -1)
    for i, strata in enumerate(tested.values()):
        members = [(label, e) for label, s in enumerate(strata) for e in s.pooled]
        for j, (label, effect) in enumerate(members):
            log_or[i, j], variance[i, j], labels[i, j] = effect.log_or, effect.se**2, label
    test = between_strata(
        log_or,
        variance,
        labels,
        tau2=settings.tau2_used,
        interval=settings.interval_used,
        between=settings.between_strata_used,
    )
    return {
        key: {
            "statistic": float(test.statistic[i]),
            "distribution": test.distribution,
            "df1": float(test.df1[i]),
            "df2": float(test.df2[i]),
            "p_value": float(test.p_value[i]),
        }
        for i, key in enumerate(tested)
    }


def _by_strata(tested: dict[Key, list[PooledSet]], settings: Pooling) -> dict[Key, dict[str, Any]]:
    """Weighted squares of the strata's means around their common mean, against chi-square."""
    tests = {}
    for key, strata in tested.items():
        numbers = pool_numbers(strata, settings)
        weights = 1 / numbers.se**2
        mean = np.sum(weights * numbers.log_or) / np.sum(weights)
        statistic = float(np.sum(weights * (numbers.log_or - mean) ** 2))
        df = len(strata) - 1
        tests[key] = {
            "statistic": statistic,
            "distribution": "chi2",
            "df1": df,
            "p_value": float(chdtrc(df, statistic)),
        }
    return tests
