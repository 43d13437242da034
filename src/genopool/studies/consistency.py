"""Checks that need more than one row: repeated rows, shared controls, wholes and parts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from genopool.studies.findings import Finding
from genopool.studies.genotypes import overlap
from genopool.studies.records import CountCell, CountRow, EstimateRow, Row
from genopool.studies.wholes import check_sums

#: More sets of controls in one group than this are a column taken for another, not a group.
MOST_CONTROLS = 100


def check(
    counts: Sequence[CountRow], estimates: Sequence[EstimateRow], columns: Sequence[str] = ()
) -> list[Finding]:
    """Rows that contradict each other.

    Parameters
    ----------
    counts, estimates : sequence of Row
    columns : sequence of str
        The columns that stratifiers read.
    """
    return [
        *_repeated_counts(counts),
        *_repeated_estimates(estimates),
        *_shared_controls(counts),
        *_spellings([*counts, *estimates]),
        *check_sums(counts, estimates, columns),
    ]


def _at(row: Row, number: int | None = None) -> str:
    sheet = f", sheet {row.sheet}" if row.sheet else ""
    return f"{row.file}{sheet}, row {number or row.row}"


def _repeated_counts(counts: Sequence[CountRow]) -> list[Finding]:
    """The same study, population, locus and genotype in two rows or files."""
    findings = []
    by_people: dict[tuple[str, ...], list[CountRow]] = {}
    for row in counts:
        by_people.setdefault((row.study, row.population, row.locus), []).append(row)
    for rows in by_people.values():
        # The first cell of each label: a row is compared with few, however many rows there are.
        seen: dict[tuple[str, str], tuple[CountCell, CountRow]] = {}
        for row in rows:
            repeated = _first_repeated(row, seen.values()) if seen else None
            if repeated is not None:
                cell, there, other = repeated
                findings.append(
                    row.finding(
                        "error",
                        "repeated_row",
                        f"{cell.label.text} of this study, population and locus is also in "
                        f"{_at(other, there.row)}",
                        row=cell.row,
                        value=cell.label.text,
                        expected="one row a population (name parts of a study in the column "
                        "population)",
                    )
                )
            for cell in row.cells:
                seen.setdefault((cell.label.unit, cell.label.text), (cell, row))
    return findings


def _first_repeated(
    row: CountRow, seen: Iterable[tuple[CountCell, CountRow]]
) -> tuple[CountCell, CountCell, CountRow] | None:
    """The first cell of the row that counts people of an earlier row, that cell and that row."""
    seen = list(seen)
    for cell in row.cells:
        for there, other in seen:
            if cell.label.unit == there.label.unit and any(
                overlap(a, b) for a in cell.label.members for b in there.label.members
            ):
                return cell, there, other
    return None


def _repeated_estimates(estimates: Sequence[EstimateRow]) -> list[Finding]:
    findings = []
    first: dict[tuple[object, ...], EstimateRow] = {}
    for row in estimates:
        key = (row.study, row.population, row.locus, row.alleles, row.model, row.measure)
        key += (row.adjusted,)
        other = first.setdefault(key, row)
        if other is not row:
            findings.append(
                row.finding(
                    "error",
                    "repeated_row",
                    f"the {row.model} {row.measure} of {row.effect_allele} of this study, "
                    f"population and locus is also in {_at(other)}",
                    value=row.effect_allele,
                    expected="one row an estimate",
                )
            )
    return findings


def _spellings(rows: Sequence[Row]) -> list[Finding]:
    """Study labels that differ in case or blanks only, which are taken as different studies."""
    first: dict[str, Row] = {}
    findings = []
    for row in rows:
        # NFKC, since an accent can be part of its letter or follow it, and look the same.
        spelling = unicodedata.normalize("NFKC", row.study).casefold()
        other = first.setdefault("".join(spelling.split()), row)
        if other.study != row.study:
            findings.append(
                row.finding(
                    "warning",
                    "study_spelling",
                    f"{row.study!r} is spelt almost like {other.study!r} in {_at(other)}",
                    column="study",
                    value=row.study,
                    expected="the same label in every row of a study",
                    why="parts of one study could be counted as studies of their own",
                    action="taken as two studies",
                )
            )
    return findings


def _shared_controls(counts: Sequence[CountRow]) -> list[Finding]:
    """Rows with one control group whose controls differ."""
    findings = []
    groups: dict[tuple[str, str], list[CountRow]] = {}
    for row in counts:
        if row.control_group:
            groups.setdefault((row.locus, row.control_group), []).append(row)
    for (_, name), rows in groups.items():
        of_sex = {row.sex_on_x: row for row in reversed(rows)}
        if {"male", "female"} <= set(of_sex):
            first, second = sorted(
                (of_sex["male"], of_sex["female"]), key=lambda row: rows.index(row)
            )
            findings.append(_of_both_sexes(second, first))
            continue
        different = _with_different_controls(rows)
        if len(different) > MOST_CONTROLS:
            findings.append(
                different[MOST_CONTROLS].finding(
                    "error",
                    "control_group_differs",
                    f"control_group {name!r} has {len(different):,} different sets of controls",
                    column="control_group",
                    value=name,
                    expected="the same control counts in every row of a control group",
                )
            )
            continue
        agreeing: list[CountRow] = []
        for row in different:
            other = next((o for o in agreeing if not _may_share(o, row, different)), None)
            if other is None:
                agreeing.append(row)
                continue
            here, there = controls(row), controls(other)
            findings.append(
                row.finding(
                    "error",
                    "control_group_differs",
                    f"control_group {name!r} has other controls here than in {_at(other)} "
                    f"({_listed(here)} against {_listed(there)})",
                    column="control_group",
                    value=name,
                    expected="the same control counts in every row of a control group",
                )
            )
    return findings


def _of_both_sexes(row: CountRow, other: CountRow) -> Finding:
    return row.finding(
        "error",
        "control_group_differs",
        f"control_group {row.control_group!r} is of men here or in {_at(other)}, and of women in "
        "the other, at a locus of chromosome X",
        column="control_group",
        value=row.control_group,
        expected="a control group of each sex, or none where each row has its own controls",
    )


def _with_different_controls(rows: Sequence[CountRow]) -> list[CountRow]:
    """The first row of each set of control counts, of wholes and of parts."""
    first: dict[tuple[object, ...], CountRow] = {}
    for row in rows:
        first.setdefault((row.is_whole, *controls(row).items()), row)
    return list(first.values())


def controls(row: CountRow) -> dict[str, int | None]:
    """The control counts of a row, by genotype."""
    return {cell.label.text: cell.controls for cell in row.cells}


def _may_share(one: CountRow, other: CountRow, rows: Sequence[CountRow]) -> bool:
    """Whether the controls of two rows can be of one group.

    Equal in every genotype that both give; or a part's, no more in any; or both parts of a third
    row of the group.
    """
    here, there = controls(one), controls(other)
    if all(here[label] == there[label] for label in _given_by_both(here, there)):
        return True
    if _is_part(one, here, there) or _is_part(other, there, here):
        return True
    return any(
        _is_part(one, here, whole) and _is_part(other, there, whole)
        for whole in (controls(row) for row in rows if row is not one and row is not other)
    )


def _given_by_both(here: dict[str, int | None], there: dict[str, int | None]) -> list[str]:
    return [
        label for label, count in here.items() if count is not None and there.get(label) is not None
    ]


def _is_part(row: CountRow, own: dict[str, int | None], whole: dict[str, int | None]) -> bool:
    return not row.is_whole and all(
        own[label] <= whole[label] for label in _given_by_both(own, whole)
    )


def _listed(counts: dict[str, int | None]) -> str:
    return ", ".join(f"{label} {'blank' if n is None else n}" for label, n in counts.items())
