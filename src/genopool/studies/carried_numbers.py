"""Numbers that a table prints beside its counts: can they be, and do the counts give them?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from genopool.studies.cells import is_blank
from genopool.studies.findings import Finding
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.numbers import Decimals, NumberProblem, Printed, read_number
from genopool.studies.records import CountCell, CountRow

#: What a column that is not blank can hold.
_RANGES = {"maf": (0, 0.5), "hwe_p": (0, 1)}
#: A printed Hardy-Weinberg p-value contradicts the counts only across this gulf: tests differ.
UNLIKELY, LIKELY = 0.001, 0.05
#: Papers round frequencies, and leave out a few people, before they print them.
FREQUENCY_LEEWAY = 0.01


def check_carried(
    row: CountRow, cells: Sequence[CountCell], alleles: LocusAlleles, decimals: Decimals
) -> list[Finding]:
    """Warnings about impossible frequencies and p-values, and about contradicted ones.

    Parameters
    ----------
    row : CountRow
        Its `values` hold `maf` and `hwe_p`, where the table has them.
    cells : sequence of CountCell
    alleles : LocusAlleles
    decimals : Decimals
    """
    printed = {
        name: number
        for name in _RANGES
        if (number := _number(row.values.get(name, ""), decimals)) is not None
    }
    findings = []
    for name, number in list(printed.items()):
        low, high = _RANGES[name]
        if not low <= number.value <= high:
            del printed[name]
            findings.append(
                row.finding(
                    "warning",
                    "impossible_value",
                    f"{name} is {row.values[name]}",
                    column=name,
                    value=row.values[name],
                    expected=f"a number from {low} to {high}",
                    why="a misprint, or a value in the wrong column",
                    action="carried as it stands",
                )
            )
    if "maf" in printed:
        findings += _check_frequency(row, printed["maf"], cells, alleles)
    if "hwe_p" in printed:
        findings += _check_equilibrium(row, printed["hwe_p"], cells, alleles)
    return findings


def _number(text: str, decimals: Decimals) -> Printed | None:
    if is_blank(text) or not text[0].isdigit():
        return None
    try:
        return read_number(text, decimals)
    except NumberProblem:
        return None


def _by_copies(
    cells: Sequence[CountCell], alleles: LocusAlleles, side: str
) -> tuple[int, int, int] | None:
    """People with 0, 1, 2 effect alleles of a locus with two alleles, if all are given."""
    if alleles.kind != "snp":
        return None
    people: dict[int, int] = {}
    for cell in cells:
        copies = cell.label.copies(2, 3)
        number = getattr(cell, side)
        if cell.label.unit != "genotype" or number is None or copies is None or len(copies) != 1:
            return None
        people[next(iter(copies))] = number
    return (people[0], people[1], people[2]) if set(people) == {0, 1, 2} else None


def _check_frequency(
    row: CountRow, maf: Printed, cells: Sequence[CountCell], alleles: LocusAlleles
) -> list[Finding]:
    groups = [_by_copies(cells, alleles, side) for side in ("cases", "controls")]
    if None in groups or not all(map(sum, groups)):
        return []
    groups.append(tuple(map(sum, zip(*groups, strict=True))))
    frequencies = [(n1 + 2 * n2) / (2 * (n0 + n1 + n2)) for n0, n1, n2 in groups]
    minor = [min(frequency, 1 - frequency) for frequency in frequencies]
    leeway = 2 * maf.rounding + FREQUENCY_LEEWAY
    if any(abs(frequency - maf.value) <= leeway for frequency in minor):
        return []
    return [
        row.finding(
            "warning",
            "frequency_differs",
            f"the minor allele frequency is {minor[1]:.3g} in controls, {minor[0]:.3g} in cases, "
            f"and {row.values['maf']} is printed",
            column="maf",
            value=row.values["maf"],
            expected=f"{minor[1]:.3g}",
            why="a misprint in a count, or the frequency of another sample",
            action="the counts are used as given",
        )
    ]


def _check_equilibrium(
    row: CountRow, printed: Printed, cells: Sequence[CountCell], alleles: LocusAlleles
) -> list[Finding]:
    group = _by_copies(cells, alleles, "controls")
    if group is None:
        return []
    n0, n1, n2 = group
    n = n0 + n1 + n2
    product = (2 * n0 + n1) * (n1 + 2 * n2)
    if not product:
        return []
    chi2 = n * (1 - 2 * n * n1 / product) ** 2
    p = math.erfc(math.sqrt(chi2 / 2))
    contradicted = (printed.value >= LIKELY and p < UNLIKELY) or (
        printed.value < UNLIKELY and p >= LIKELY
    )
    if not contradicted:
        return []
    return [
        row.finding(
            "warning",
            "hwe_p_differs",
            f"the controls have a Hardy-Weinberg p of {p:.2g}, and {row.values['hwe_p']} is "
            "printed",
            column="hwe_p",
            value=row.values["hwe_p"],
            expected=f"about {p:.2g}",
            why="a misprint in a count, or counts of another sample",
            action="the counts are used as given",
        )
    ]
