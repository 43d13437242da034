"""The columns of `hwe.tsv` that no finding rests on: measures of departure, all alleles at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np

from genopool.association.answers import has_class, is_blank
from genopool.association.departure import hwe_departure
from genopool.association.effects import questions_of
from genopool.association.multiallelic_equilibrium import hwe_multiallelic
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.records import CountRow, StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

MEASURES = "p_chi2_corrected f_ci_low f_ci_high disequilibrium lindley_alpha".split()
ALL_ALLELES = "p_all_alleles test_all_alleles".split()
_TESTS = {"exact": "exact", "monte-carlo": "Monte Carlo"}
_REASONS = {
    "one allele only": "one allele only: nothing to test",
    "a genotype that nobody has": "nobody has one of the genotypes: no Lindley's alpha",
}


def describe_departures(
    config: Config, locus: str, tables: StudyTables, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of `hwe.tsv` in full.

    Parameters
    ----------
    config : Config
    locus : str
    tables : StudyTables
    rows : sequence of dict
        As `check_equilibrium` gives them.

    Returns
    -------
    list of dict
        The same with `MEASURES` and, at a locus of more than two alleles, `ALL_ALLELES`, and in
        `reason` why some do not exist.
    """
    if not rows:
        return []
    level = config.pooling.level
    measured = hwe_departure(
        *(np.array([row[f"n{copies}"] for row in rows]) for copies in range(3)), level=level
    )
    of_all = _all_alleles(config, locus, tables, {_place(row) for row in rows})
    described = []
    for i, row in enumerate(rows):
        numbers = {name: float(getattr(measured, name)[i]) for name in MEASURES}
        p, test, why_not = of_all.get(_place(row), (np.nan, "", ""))
        is_tested = not np.isnan(row["n0"])
        said = [row["reason"], _REASONS.get(str(measured.reason[i]), ""), why_not]
        described.append(
            {
                **row,
                **numbers,
                "p_all_alleles": p if is_tested else np.nan,
                "test_all_alleles": test if is_tested else "",
                "reason": "; ".join(filter(None, said)) if is_tested else row["reason"],
            }
        )
    return described


def _place(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["file"], row["sheet"], row["row"]


def _all_alleles(
    config: Config, locus: str, tables: StudyTables, tested: set[tuple[str, str, int]]
) -> dict[tuple[str, str, int], tuple[float, str, str]]:
    """p, test, and why there is none, of the rows tested at a locus of more than two alleles."""
    alleles, _ = questions_of(config, locus)
    if len(alleles.alleles) == 2:
        return {}
    found = {}
    for row in tables.of_locus(locus)[0]:
        place = row.file, row.sheet, row.row
        if place not in tested:
            continue
        people, reason = people_by_pair(row, alleles)
        p, test = np.nan, ""
        if people is not None:
            result = hwe_multiallelic(people)
            p, test = float(result.p_value), _TESTS.get(str(result.method), "")
        found[place] = p, test, reason
    return found


def people_by_pair(row: CountRow, alleles: LocusAlleles) -> tuple[np.ndarray | None, str]:
    """A row's controls by pair of alleles, or why it does not give them.

    Parameters
    ----------
    row : CountRow
    alleles : LocusAlleles
        Of a repeat or a multiallelic locus.

    Returns
    -------
    people : ndarray, shape (alleles, alleles), or None
        Upper triangle; alleles in the order of the locus, or of their lengths.
    reason : str
    """
    cells = [cell for cell in row.cells if cell.label.unit == "genotype"]
    if alleles.kind == "repeat":  # blank genotypes belong to other studies of the table
        cells = [cell for cell in cells if not is_blank(cell)]
    said = "all alleles are not tested together: "
    if not cells:
        return None, said + "people are not given by genotype"
    for cell in cells:
        if has_class(cell):
            return None, said + f"{cell.label.text} names a class of alleles"
        if len(cell.label.members) > 1:
            return None, said + f"{cell.label.text} is given only as a sum"
        if cell.controls is None:
            return None, said + f"{cell.label.text} is not reported"
    people = {cell.label.members[0]: cell.controls for cell in cells}
    names = sorted({allele for pair in people for allele in pair})
    if alleles.kind != "repeat":
        names = [1 << place for place in range(len(alleles.alleles))]
        for pair in combinations_with_replacement(names, 2):
            if pair not in people:
                return None, said + f"{alleles.genotype(pair)} is not reported"
    places = {allele: place for place, allele in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    for pair, number in people.items():
        matrix[tuple(sorted(places[allele] for allele in pair))] += number
    return matrix, ""
