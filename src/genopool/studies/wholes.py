"""Wholes against their parts: counts that do not add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from genopool.studies.digits import likeliest, slip
from genopool.studies.findings import Finding
from genopool.studies.genotypes import Label
from genopool.studies.populations import Population, populations
from genopool.studies.records import CountCell, CountRow, Row

SIDES = ("cases", "controls")
#: Cells in which parts have to add up before they say anything of the others.
FEWEST_RIGHT = 3
Key = tuple[str, frozenset[tuple[int, ...]]]


def check_sums(
    counts: Sequence[CountRow], others: Sequence[Row], columns: Sequence[str]
) -> list[Finding]:
    """Parts that have more people than the row that contains them, or fewer.

    Parts of one study that fill the same stratifiers are added, cell by cell, where all of them
    give the cell; controls of one `control_group` once. Parts that fill none are compared one by
    one, since they may share people; unless they add up in most cells, which then tells of the
    others.

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
            by_label: dict[frozenset[tuple[str, str]], list[Population]] = {}
            for part in parts:
                by_label.setdefault(frozenset(part.own.items()), []).append(part)
            told = []
            for alike in by_label.values():
                found = _compare_by_label(whole, alike) if len(alike) > 1 else None
                if found is not None:
                    findings.append(found)
                    told.append(alike)
            for family in _families(parts):
                found = None if family in told else _compare(whole, family)
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


def _compare_by_label(whole: Population, parts: Sequence[Population]) -> Finding | None:
    """Parts told apart by their labels that add up to the whole in most cells and not in all.

    They may share people, so that sums tell nothing as a rule. Where they are right in more than
    half of the cells, and in three at least, the parts are all of the study, and the other cells
    wrong. Controls that all parts share are no sum, and so not right by adding up.
    """
    own = _cells(whole.row)
    of_parts = [_cells(part.row) for part in parts]
    right, wrong = 0, []
    for side in SIDES:
        of_side = [
            {
                key: number
                for key, cell in cells.items()
                if (number := getattr(cell, side)) is not None
            }
            for cells in (own, *of_parts)
        ]
        same = side == "controls" and _are_the_same(of_side[1:])
        shared = same or (side == "controls" and _have_one_group(parts))
        for key, cell in own.items():
            if not all(key in numbers for numbers in of_side):
                continue
            number, *numbers = (numbers[key] for numbers in of_side)
            total = numbers[0] if same else _sum(parts, numbers, side)
            if total == number:
                right += number > 0 and not shared
            else:
                wrong.append((f"{cell.label.text} {side}", number, total, numbers))
    if not wrong or right < max(FEWEST_RIGHT, len(wrong) + 1):
        return None
    named = whole.row.population or "the whole study"
    names = ", ".join(part.row.population for part in parts)
    told = [
        f"{cell} {number} where the parts have {total}"
        + _slip(number, total, numbers, named, parts)
        for cell, number, total, numbers in wrong
    ]
    return whole.row.finding(
        "warning",
        "parts_differ_from_whole",
        f"{names} add up to {named} in {right} cells and not in {len(wrong)}: " + "; ".join(told),
        value=str(wrong[0][1]),
        expected="the sum of the parts in every cell",
        why="a count is wrong in the whole or in a part",
        action=f"where {named} answers it is counted as given, and its parts are not",
    )


def _have_one_group(parts: Sequence[Population]) -> bool:
    """Whether any two parts share a control group."""
    groups = [part.row.control_group for part in parts if part.row.control_group]
    return len(groups) > len(set(groups))


def _are_the_same(of_parts: Sequence[Mapping[Key, int]]) -> bool:
    """Whether every part gives the same controls, which so are those of all of them."""
    return bool(of_parts[0]) and all(numbers == of_parts[0] for numbers in of_parts[1:])


def _slip(
    number: int, total: int, numbers: Sequence[int], named: str, parts: Sequence[Population]
) -> str:
    """The slip of the pen that would explain it, in the whole or in one of the parts."""
    candidates = [(slip(number, total), named)]
    candidates += [
        (slip(of_part, of_part + number - total), part.row.population)
        for of_part, part in zip(numbers, parts, strict=True)
    ]
    found = likeliest(candidates)
    return f" ({found[0][0]} in {' or '.join(place for _, place in found)}?)" if found else ""


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
