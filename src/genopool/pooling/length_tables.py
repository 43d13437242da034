"""The result tables of a repeat's lengths: pooled, their trend, study by study, and counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from genopool.association.answers import NAN
from genopool.association.effects import Effect, PooledSet
from genopool.association.length_effects import TREND, LengthEffects, length_effects
from genopool.association.linearity import Linearity, linearity_test
from genopool.association.tables import effect_rows
from genopool.pooling.strata_tables import STRATA_COLUMNS, compare_strata
from genopool.pooling.tables import POOLED_COLUMNS, pool_sets
from genopool.studies.findings import Finding
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

Rows = list[dict[str, Any]]
_NUMBERS = POOLED_COLUMNS[POOLED_COLUMNS.index("method") :]
_NUMBERS.remove("between_strata")
LENGTH_COLUMNS = [
    *"locus stratifier stratum length reference k k_studies k_double_zero k_corrected".split(),
    *"case_chromosomes control_chromosomes case_reference control_reference".split(),
    *"n_cases n_controls".split(),
    *_NUMBERS,
]
TREND_COLUMNS = [
    *"locus stratifier stratum k k_studies k_double_zero k_corrected".split(),
    *"n_cases n_controls case_mean_length control_mean_length".split(),
    *_NUMBERS[:-1],
    *"linearity_chi2 linearity_df linearity_p reason".split(),
]
LENGTH_EFFECT_COLUMNS = (
    "locus file sheet row study population control_group length reference stratifier stratum "
    "case_chromosomes control_chromosomes case_reference control_reference case_mean_length "
    "control_mean_length n_cases n_controls correction correction_controls log_or se or ci_low "
    "ci_high weight used reason"
).split()
DISTRIBUTION_COLUMNS = (
    "locus file sheet row study population control_group stratifier stratum length "
    "case_chromosomes case_total case_frequency control_chromosomes control_total "
    "control_frequency"
).split()
LENGTH_STRATA_COLUMNS = ["length" if name == "effect_allele" else name for name in STRATA_COLUMNS]
LENGTH_STRATA_COLUMNS.remove("model")
_REFERENCE_OF_TREND = "one repeat fewer"


@dataclass(frozen=True)
class LengthResults:
    """The tables of the lengths of a repeat as rows; all empty for another locus.

    Attributes
    ----------
    pooled : list of dict
        Stratum × length, each against the reference.
    trend : list of dict
        The log odds ratio per repeat by stratum.
    strata : list of dict
        Length (or ``trend``) × stratifier: the between-stratum test.
    effects : list of dict
        Study × length (or ``trend``) × stratum.
    distribution : list of dict
        Chromosomes by length of each stratum (`study` blank) and of each of its rows.
    findings : list of Finding
    """

    pooled: Rows = field(default_factory=list)
    trend: Rows = field(default_factory=list)
    strata: Rows = field(default_factory=list)
    effects: Rows = field(default_factory=list)
    distribution: Rows = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def analyse_lengths(config: Config, locus: str, tables: StudyTables) -> LengthResults:
    """Compare the lengths of a repeat with one another, and fit their trend.

    Parameters
    ----------
    config : Config
    locus : str
    tables : StudyTables
        Without errors.
    """
    if config.loci[locus].kind != "repeat":
        return LengthResults()
    found = length_effects(config, locus, tables)
    sets = [*found.sets, *found.trends]
    # One call for all lengths, strata and trends.
    rows = {
        (row["effect_allele"], row["stratifier"], row["stratum"]): row
        for row in pool_sets(locus, sets, config.pooling)
    }
    return LengthResults(
        pooled=_pooled(locus, found, rows),
        trend=[_trend(found, s, rows[_key(s)]) for s in found.trends if _key(s) in rows],
        strata=[
            {**row, "length": row["effect_allele"]}
            for row in compare_strata(
                locus, sets, tuple(config.strata), config.pooling, found.overlaps
            )
        ],
        effects=list(_effects(config, tables, locus, found, sets)),
        distribution=list(_distribution(locus, found)),
        findings=found.findings,
    )


def _key(pooled_set: PooledSet) -> tuple[str, str, str]:
    return pooled_set.question, pooled_set.stratifier, pooled_set.stratum


def _pooled(locus: str, found: LengthEffects, rows: dict[Any, dict[str, Any]]) -> Rows:
    """The rows of `lengths.tsv`: by stratum, the lengths in increasing order."""
    if found.reference is None:
        return []
    by_place = {_key(pooled_set): pooled_set for pooled_set in found.sets}
    result = []
    for stratum in found.distributions:
        where = {"stratifier": stratum.stratifier, "stratum": stratum.stratum}
        for length in found.lengths:
            key = (length.name, stratum.stratifier, stratum.stratum)
            named = {"length": length.name, "reference": found.reference.name, **where}
            if length is found.reference:
                result.append({"locus": locus, **named, **_of_reference(found, stratum)})
            elif key in by_place:
                counted = _chromosomes(found.selected[id(by_place[key])])
                pooled = rows.get(key) or {
                    "locus": locus,
                    "k": 0,
                    "reason": _too_few(by_place[key]),
                }
                result.append({**pooled, **named, **counted})
    return result


def _too_few(pooled_set: PooledSet) -> str:
    """Why a length is not pooled in a stratum."""
    reasons = dict.fromkeys(effect.reason for effect in pooled_set.effects if effect.reason)
    return "no study can be pooled: " + "; ".join(reasons)


def _of_reference(found: LengthEffects, stratum: PooledSet) -> dict[str, Any]:
    """The row of the reference itself, whose odds ratio is 1."""
    place = found.lengths.index(found.reference)
    used = [e for e in stratum.effects if e.used and e.cases is not None]
    cases, controls = (
        float(np.nansum([getattr(e, side).by_length[place] for e in used]))
        for side in ("cases", "controls")
    )
    return {
        "k": len(used),
        "k_studies": len({effect.row.study for effect in stratum.effects if effect.used}),
        "case_chromosomes": cases,
        "control_chromosomes": controls,
        "case_reference": cases,
        "control_reference": controls,
        "log_or": 0.0,
        "or": 1.0,
        "reason": f"the reference: {found.chosen}",
    }


def _chromosomes(effects: Sequence[Effect]) -> dict[str, float]:
    there = [effect for effect in effects if effect.cases is not None]
    return {
        "case_chromosomes": sum(e.cases.exposed for e in there),
        "control_chromosomes": sum(e.controls.exposed for e in there),
        "case_reference": sum(e.cases.unexposed for e in there),
        "control_reference": sum(e.controls.unexposed for e in there),
    }


def _trend(found: LengthEffects, pooled_set: PooledSet, row: dict[str, Any]) -> dict[str, Any]:
    """A row of `length_trend.tsv`."""
    there = [e for e in found.selected[id(pooled_set)] if e.cases is not None]
    test = _linearity(found, there)
    means = [
        _mean(
            sum(getattr(e, side).repeats for e in there),
            sum(getattr(e, side).chromosomes for e in there),
        )
        for side in ("cases", "controls")
    ]
    if not pooled_set.effects:
        row["reason"] = "no study table gives counts of this locus"
    return {
        **row,
        "case_mean_length": means[0],
        "control_mean_length": means[1],
        "linearity_chi2": test.statistic if test else NAN,
        "linearity_df": test.df if test else NAN,
        "linearity_p": test.p_value if test else NAN,
    }


def _linearity(found: LengthEffects, effects: Sequence[Effect]) -> Linearity | None:
    finite = [e for e in effects if e.log_or == e.log_or and not e.correction]
    if not finite:
        return None
    return linearity_test(
        [effect.cases.by_kind for effect in finite],
        [effect.controls.by_kind for effect in finite],
        found.kinds,
    )


def _mean(repeats: float, chromosomes: float) -> float:
    return repeats / chromosomes if chromosomes else NAN


def _effects(
    config: Config,
    tables: StudyTables,
    locus: str,
    found: LengthEffects,
    sets: Sequence[PooledSet],
) -> Iterator[dict[str, Any]]:
    """The rows of `length_effects.tsv`."""
    reference = found.reference.name if found.reference else ""
    members = (effect for pooled_set in sets for effect in pooled_set.effects)
    rows = effect_rows(locus, sets, tables.carried_columns, config.pooling.level)
    for row, effect in zip(rows, members, strict=True):
        row["length"] = row["effect_allele"]
        is_trend = row["length"] == TREND
        row["reference"] = _REFERENCE_OF_TREND if is_trend else reference
        for side, counts in (("case", effect.cases), ("control", effect.controls)):
            if counts is None:
                continue
            if is_trend:
                row[f"{side}_mean_length"] = _mean(counts.repeats, counts.chromosomes)
            else:
                row[f"{side}_chromosomes"] = counts.exposed
                row[f"{side}_reference"] = counts.unexposed
        yield row


def _distribution(locus: str, found: LengthEffects) -> Iterator[dict[str, Any]]:
    """The rows of `length_distribution.tsv`."""
    for stratum in found.distributions:
        used = [e for e in stratum.effects if e.used and e.cases is not None]
        if not used:
            continue
        where = {
            "locus": locus,
            "stratifier": stratum.stratifier,
            "stratum": stratum.stratum,
        }
        for i, length in enumerate(found.lengths):
            told = [e for e in used if e.controls.by_length[i] == e.controls.by_length[i]]
            yield {**where, "length": length.name, **_frequencies(told, i)}
        for effect in used:
            row = effect.row
            study = {
                "file": row.file,
                "sheet": row.sheet,
                "row": row.row,
                "study": effect.study,
                "population": effect.population_name,
                "control_group": row.control_group,
            }
            for i, length in enumerate(found.lengths):
                yield {**where, **study, "length": length.name, **_frequencies([effect], i)}


def _frequencies(effects: Sequence[Effect], place: int) -> dict[str, float]:
    """Chromosomes of a length, of all lengths, and their ratio; blank where a row does not tell."""
    numbers = {}
    for name, side in (("case", "cases"), ("control", "controls")):
        of = [getattr(effect, side) for effect in effects]
        count = sum(counts.by_length[place] for counts in of) if of else NAN
        total = sum(counts.chromosomes for counts in of) if of else NAN
        numbers[f"{name}_chromosomes"] = count
        numbers[f"{name}_total"] = total
        numbers[f"{name}_frequency"] = count / total if total else NAN
    return numbers
