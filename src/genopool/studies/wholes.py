"""Wholes against their parts: counts that do not add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from genopool.studies.findings import Finding
from genopool.studies.genotypes import Label
from genopool.studies.populations import Population, populations
from genopool.studies.records import CountCell, CountRow, Row

SIDES = ("cases", "controls")
Key = tuple[str, frozenset[tuple[int, ...]]]


def check_sums(
    counts: Sequence[CountRow], others: Sequence[Row], columns: Sequence[str]
) -> list[Finding]:
    """Parts that have more people than the row that contains them, or fewer.

    Parts of one study that fill the same stratifiers are added, cell by cell, where all of them
    give the cell; controls of one `control_group` once. Parts that fill none are compared one by
    one, since they may share people.

    Parameters
    ----------
    counts : sequence of CountRow
    others : sequence of Row
        The rows of estimates, from which parts may inherit.
    columns : sequence of str
        The columns that stratifiers read.
    """
    findings: list[Finding] = []
    by_study: dict[tuple[str, str], list[Row]] = {}
    for row in (*counts, *others):
        by_study.setdefault((row.study, row.locus), []).append(row)
    for rows in by_study.values():
        described = populations(rows, columns)
        counted = [described[id(row)] for row in rows if isinstance(row, CountRow)]
        for whole in counted:
            parts = [part for part in counted if part is not whole and whole.contains(part)]
            for family in _families(parts):
                found = _compare(whole, family)
                if found is not None:
                    findings.append(found)
    return findings


def _families(parts: Sequence[Population]) -> Iterable[list[Population]]:
    """Parts that can be added: those that fill the same stratifiers and exclude each other."""
    families: dict[frozenset[str], list[Population]] = {}
    for part in parts:
        families.setdefault(frozenset(part.own), []).append(part)
    for filled, family in families.items():
        if filled and all(one.is_disjoint_from(other) for one, other in combinations(family, 2)):
            yield family
        else:
            yield from ([part] for part in family)


def _compare(whole: Population, family: Sequence[Population]) -> Finding | None:
    """What the sums of a family say about the row that contains it."""
    own = _cells(whole.row)
    of_parts = [_cells(part.row) for part in family]
    more, fewer = [], dict.fromkeys(SIDES, 0)
    for key, cell in own.items():
        found = [cells[key] for cells in of_parts if key in cells]
        for side in SIDES:
            number = getattr(cell, side)
            numbers = [getattr(part, side) for part in found]
            if number is None or len(found) < len(family) or None in numbers:
                continue
            total = _sum(family, numbers, side)
            if total > number:
                more.append(f"{cell.label.text} {side} {total} against {number}")
            elif total < number and len(family) > 1:
                fewer[side] += number - total
    names = ", ".join(part.row.population for part in family)
    named = whole.row.population or "the whole study"
    if more:
        return whole.row.finding(
            "warning",
            "parts_exceed_whole",
            f"{'together' if len(family) > 1 else 'the part'} {names} "
            f"{'have' if len(family) > 1 else 'has'} more people than {named}: " + "; ".join(more),
            expected="parts whose people are all among those of the row that contains them",
            why="a count is wrong, or parts share people or controls",
            action=f"where {named} answers it is counted, and its parts are not; controls that "
            "parts share are named in the column control_group",
        )
    if any(fewer.values()):
        missing = " and ".join(f"{number} {side}" for side, number in fewer.items() if number)
        return whole.row.finding(
            "note",
            "parts_below_whole",
            f"{missing} of {named} are in none of its parts ({names})",
            why="people without a known stratum, as a rule",
            action="they count where the whole does, and in no stratum",
        )
    return None


def _cells(row: CountRow) -> dict[Key, CountCell]:
    return {_key(cell.label): cell for cell in row.cells}


def _key(label: Label) -> Key:
    """A label as what it stands for, whatever its spelling."""
    return label.unit, frozenset(tuple(sorted(member)) for member in label.members)


def _sum(family: Sequence[Population], numbers: Sequence[int], side: str) -> int:
    """The people of all parts, controls that parts share once."""
    if side == "cases":
        return sum(numbers)
    groups: dict[str | int, int] = {}
    for place, (part, number) in enumerate(zip(family, numbers, strict=True)):
        group = part.row.control_group or place
        groups[group] = max(groups.get(group, 0), number)
    return sum(groups.values())
