"""Hardy-Weinberg equilibrium in the controls of every study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genopool.association.answers import RowCounts
from genopool.association.effects import questions_of
from genopool.association.hardy_weinberg import SMALL_EXPECTED, hwe
from genopool.studies.findings import Finding
from genopool.studies.populations import populations
from genopool.studies.records import CountRow, StudyTables
from genopool.studies.strata import Strata

if TYPE_CHECKING:
    from genopool.config import Config

HWE_COLUMNS = (
    "locus file sheet row study population control_group effect_allele n0 n1 n2 "
    "effect_allele_frequency chi2 p_chi2 p_exact p_mid inbreeding_coefficient minimum_expected "
    "p_chi2_corrected f_ci_low f_ci_high disequilibrium lindley_alpha p_all_alleles "
    "test_all_alleles reason"
).split()
_TESTED = HWE_COLUMNS[HWE_COLUMNS.index("n2") + 1 : HWE_COLUMNS.index("p_chi2_corrected")]

#: How `reason` begins to say that a row's people are of several ancestries.
MIXED = "mixed ancestry"


def check_equilibrium(
    config: Config, locus: str, tables: StudyTables
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Test the controls of every row of counts, once per control group.

    Parameters
    ----------
    config : Config
    locus : str
    tables : StudyTables

    Returns
    -------
    rows : list of dict
        Rows of `hwe.tsv`, as far as findings rest on them (`describe_departures` adds the rest);
        `reason` says why a row could not be tested, or how to read it.
    findings : list of Finding
        Departures, by the thresholds `checks: hwe` of the configuration.
    """
    counts, estimates = tables.of_locus(locus)
    alleles, questions = questions_of(config, locus)
    mixed = mixed_ancestry(config, [*counts, *estimates])
    tested = once_per_control_group(counts)
    rows: list[dict[str, Any]] = []
    for question in questions:
        for row in tested:
            cells = RowCounts(row, alleles, question)
            numbers = cells.by_copies("controls")
            notes = []
            if np.isnan(numbers).any():
                reason = cells.answer("additive").reason
                if cells.is_of_men:
                    reason = "men have one allele of chromosome X"
                notes.append("not tested: " + (reason or "controls are not given by genotype"))
                numbers = (np.nan,) * 3
            else:
                if alleles.kind != "snp":
                    notes.append(f"collapsed: {question.effect_allele} against the rest")
                if id(row) in mixed:
                    notes.append(f"{MIXED}: its parts differ in {mixed[id(row)]}")
            rows.append(
                {
                    "locus": locus,
                    "file": row.file,
                    "sheet": row.sheet,
                    "row": row.row,
                    "study": row.study,
                    "population": row.population,
                    "control_group": row.control_group,
                    "effect_allele": question.effect_allele,
                    **{f"n{copies}": number for copies, number in enumerate(numbers)},
                    "reason": "; ".join(notes),
                }
            )
    if not rows:
        return [], []
    result = hwe(*(np.array([row[f"n{copies}"] for row in rows]) for copies in range(3)))
    findings = []
    by_row = {(row.file, row.sheet, row.row): row for row in tested}
    for i, row in enumerate(rows):
        for name in _TESTED:
            row[name] = float(getattr(result, name)[i])
        record = by_row[row["file"], row["sheet"], row["row"]]
        findings += _departure(config, record, row, id(record) in mixed)
    return rows, findings


def once_per_control_group(counts: Sequence[CountRow]) -> list[CountRow]:
    """Every row, of those that share controls the one with the most."""

    def people(row: CountRow) -> int:
        return sum(cell.controls or 0 for cell in row.cells)

    largest: dict[str, CountRow] = {}
    for row in counts:
        if row.control_group:
            known = largest.setdefault(row.control_group, row)
            if people(row) > people(known):
                largest[row.control_group] = row
    return [row for row in counts if largest.get(row.control_group, row) is row]


def mixed_ancestry(config: Config, rows: Sequence[Any]) -> dict[int, str]:
    """Wholes whose parts differ in the stratifier within which frequencies are comparable."""
    name = config.allele_frequency_by
    if not name:
        return {}
    described = populations(rows, config.stratifier_columns)
    strata = Strata(config, rows)
    by_study: dict[str, set[str | None]] = {}
    for row in rows:
        if not row.is_whole:
            stratum = strata.assign(name, described[id(row)].values).stratum
            by_study.setdefault(row.study, set()).add(stratum)
    return {
        id(row): name
        for row in rows
        if row.is_whole and len(by_study.get(row.study, set()) - {None}) > 1
    }


def decisive_p(row: Mapping[str, Any]) -> tuple[float, bool]:
    """The p-value of a row of `hwe.tsv` that counts, and whether it is the exact one."""
    exact = row["minimum_expected"] < SMALL_EXPECTED
    return row["p_exact"] if exact else row["p_chi2"], exact


def _departure(
    config: Config, record: CountRow, row: dict[str, Any], is_mixed: bool
) -> list[Finding]:
    p, exact = decisive_p(row)
    thresholds = config.checks.hwe
    if not p < thresholds.note:
        return []
    f = row["inbreeding_coefficient"]
    direction = "too few heterozygotes" if f > 0 else "too many heterozygotes"
    severity = "warning" if p < thresholds.warning and not is_mixed else "note"
    return [
        record.finding(
            severity,
            "hardy_weinberg",
            f"controls depart from Hardy-Weinberg equilibrium: {direction} "
            f"(n0, n1, n2 = {row['n0']:g}, {row['n1']:g}, {row['n2']:g} copies of "
            f"{row['effect_allele']}; inbreeding coefficient {f:.2f}; "
            f"{'exact' if exact else 'chi-square'} p = {p:.2g})",
            expected=f"p of {thresholds.note:g} or more",
            why="genotyping error, mixed ancestry, relatedness or selected controls can do this"
            + (" (this study mixes ancestries)" if is_mixed else ""),
            action="the study is pooled; look at its source and at the results without it",
        )
    ]
