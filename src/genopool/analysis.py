"""From the study tables to everything that is computed for a locus."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from genopool.association.effects import LocusEffects, PooledSet, locus_effects
from genopool.association.equilibrium import check_equilibrium
from genopool.association.equilibrium_in_full import describe_departures
from genopool.association.length_effects import length_findings
from genopool.association.tables import effect_rows
from genopool.config import OVERALL, Config, Project
from genopool.diagnostics.integrity.checks import check_across_loci, check_locus
from genopool.pooling.equilibrium_tables import pool_equilibrium
from genopool.pooling.length_tables import LengthResults, analyse_lengths
from genopool.pooling.strata_tables import compare_strata
from genopool.pooling.tables import pool_sets
from genopool.studies.findings import Finding, errors, in_order
from genopool.studies.published import read_published
from genopool.studies.records import StudyTables
from genopool.studies.truth import read_truth

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class LocusResults:
    """The tables of one locus as rows.

    Attributes
    ----------
    effects, pooled, strata, hwe, hwe_pooled, estimates, account : list of dict
    counts_only : list of dict
        Rows of `pooled` that rest on reported estimates, pooled again without them.
    lengths : LengthResults
        Of a repeat: its lengths compared with one another.
    findings : list of Finding
    sets : list of PooledSet
        The studies of every pooled row, before and after the choice of who is counted.
    """

    effects: Rows
    pooled: Rows
    strata: Rows
    hwe: Rows
    hwe_pooled: Rows
    estimates: Rows
    account: Rows
    counts_only: Rows
    lengths: LengthResults
    findings: list[Finding]
    sets: list[PooledSet]


def analyse_locus(config: Config, locus: str, tables: StudyTables) -> LocusResults:
    """Everything that is computed for a locus.

    Parameters
    ----------
    config : Config
    locus : str
        A key of the configuration's loci.
    tables : StudyTables
        The tables that name the locus, without errors.
    """
    found = locus_effects(config, locus, tables)
    pooled = pool_sets(locus, found.sets, config.pooling)
    strata = compare_strata(locus, found.sets, tuple(config.strata), config.pooling, found.overlaps)
    tested, departures = check_equilibrium(config, locus, tables)
    lengths = analyse_lengths(config, locus, tables)
    effects = list(effect_rows(locus, found.sets, tables.carried_columns, config.pooling.level))
    return LocusResults(
        effects=effects,
        pooled=pooled,
        strata=strata,
        hwe=describe_departures(config, locus, tables, tested),
        hwe_pooled=pool_equilibrium(config, locus, tables),
        estimates=_estimates(locus, found),
        account=_account(locus, found, tables, lengths),
        counts_only=_counts_only(config, locus, tables, pooled),
        lengths=lengths,
        findings=_locus_findings(config, locus, tables, found, departures, lengths.findings),
        sets=found.sets,
    )


def check_input(project: Project, tables: StudyTables) -> list[Finding]:
    """Everything there is to say about the input, without pooling: `results/integrity.tsv`.

    Parameters
    ----------
    project : Project
    tables : StudyTables
        All of the study tables.

    Returns
    -------
    list of Finding
        In order. Where there are errors the studies are not compared with each other, since rows
        with errors are not among them.
    """
    findings = [*tables.findings, *read_published(project)[1], *read_truth(project)[1]]
    if not errors(findings):
        for locus in project.config.loci:
            counts, estimates = tables.of_locus(locus)
            own = replace(tables, counts=tuple(counts), estimates=tuple(estimates))
            found = locus_effects(project.config, locus, own)
            _, departures = check_equilibrium(project.config, locus, own)
            lengths = length_findings(project.config, locus, own)
            findings += _locus_findings(project.config, locus, own, found, departures, lengths)
        findings += check_across_loci(project.config, tables)
    return in_order(findings)


def _locus_findings(
    config: Config,
    locus: str,
    tables: StudyTables,
    found: LocusEffects,
    departures: list[Finding],
    lengths: list[Finding],
) -> list[Finding]:
    """What the tables of one locus say beyond their rows; of `analyse_locus` and `check_input`."""
    return [
        *found.findings,
        *lengths,
        *departures,
        *check_locus(config, locus, tables),
    ]


def _counts_only(config: Config, locus: str, tables: StudyTables, pooled: Rows) -> Rows:
    """The pooled rows that mix counts and reported estimates, from counts alone."""
    keys = ("effect_allele", "model", "stratifier", "stratum")
    mixed = {tuple(row[key] for key in keys) for row in pooled if row["k_reported"]}
    if not mixed:
        return []
    reported = config.reported.model_copy(update={"use": False})
    without = config.model_copy(update={"reported": reported})
    sets = locus_effects(without, locus, tables).sets
    rows = pool_sets(locus, sets, config.pooling)
    return [row for row in rows if row["k"] and tuple(row[key] for key in keys) in mixed]


def _estimates(locus: str, found: LocusEffects) -> Rows:
    """The rows of `estimates.tsv`: as read, as turned, and whether they are pooled."""
    pooled, reasons = _used_rows(found)
    rows = []
    for row, answers in found.reported:
        for answer in answers:
            question = answer.question.effect_allele if answer.question else ""
            key = (id(row), question, answer.model)
            rows.append(
                {
                    **found.populations[id(row)].values,
                    "file": row.file,
                    "sheet": row.sheet,
                    "row": row.row,
                    "study": row.study,
                    "population": row.population,
                    "locus": locus,
                    "control_group": row.control_group,
                    "reported_effect_allele": row.effect_allele,
                    "reported_model": row.model,
                    "measure": row.measure,
                    "estimate": row.estimate,
                    "ci_low": row.ci_low,
                    "ci_high": row.ci_high,
                    "level": row.level,
                    "adjusted": row.adjusted,
                    "n_cases": row.n_cases,
                    "n_controls": row.n_controls,
                    "effect_allele": question,
                    "model": answer.model if question else "",
                    "log_estimate": answer.log_estimate if question else None,
                    "se": row.log_se if answer.log_estimate == answer.log_estimate else None,
                    "used": "yes" if key in pooled else "no",
                    "reason": "" if key in pooled else answer.reason or reasons.get(key, ""),
                }
            )
    return rows


def _used_rows(
    found: LocusEffects,
) -> tuple[set[tuple[int, str, str]], dict[tuple[int, str, str], str]]:
    """Which rows enter a pooled set, by row, effect allele and model; and why others do not."""
    pooled, reasons = set(), {}
    for pooled_set in found.sets:
        for effect in pooled_set.effects:
            key = (id(effect.row), effect.question, effect.model)
            if effect.used:
                pooled.add(key)
            elif pooled_set.stratifier == OVERALL or key not in reasons:
                reasons[key] = effect.reason
    return pooled, reasons


def _account(locus: str, found: LocusEffects, tables: StudyTables, lengths: LengthResults) -> Rows:
    """One row per row of the tables: whether any analysis uses it, and if not, why."""
    pooled, reasons = _used_rows(found)
    used = {row for row, _, _ in pooled}
    by_length = {
        (row["file"], row["sheet"], row["row"]) for row in lengths.effects if row["used"] == "yes"
    }
    why: dict[int, dict[str, None]] = {}
    for (row, _, _), reason in reasons.items():
        why.setdefault(row, {})[reason] = None
    for estimate, answers in found.reported:
        for answer in answers:
            if answer.reason:
                why.setdefault(id(estimate), {})[answer.reason] = None
    rows = []
    counts, estimates = tables.of_locus(locus)
    for kind, records in (("counts", counts), ("estimates", estimates)):
        for record in records:
            place = (record.file, record.sheet, record.row)
            is_used = id(record) in used or (kind == "counts" and place in by_length)
            for number in record.rows:
                rows.append(
                    {
                        "file": record.file,
                        "sheet": record.sheet,
                        "row": number,
                        "kind": kind,
                        "study": record.study,
                        "population": record.population,
                        "locus": locus,
                        "used": "yes" if is_used else "no",
                        "reason": "" if is_used else "; ".join(why.get(id(record), {})),
                    }
                )
    return rows


def study_rows(tables: StudyTables) -> Rows:
    """The rows of `studies.tsv`: every count cell, harmonised."""
    return [
        {
            **row.values,
            "file": row.file,
            "sheet": row.sheet,
            "row": cell.row,
            "study": row.study,
            "population": row.population,
            "locus": row.locus,
            "control_group": row.control_group,
            "unit": cell.label.unit,
            "genotype": cell.label.text,
            "cases": cell.cases,
            "controls": cell.controls,
        }
        for row in tables.counts
        for cell in row.cells
    ]
