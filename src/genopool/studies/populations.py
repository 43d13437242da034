"""Who is counted: the coarsest rows that answer a question, never a whole and its part together.

A row with a blank `population` is the whole study. The rules are those of `docs/method.md`: of the
rows that can answer, rows contained in another are left out, and what remains must be disjoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from genopool.studies.findings import Finding
from genopool.studies.records import CountRow, Row
from genopool.studies.sex import FEMALE, MALE, SEX

#: Words in a column of strata for a row that is about everybody.
EVERYBODY = ("all", "overall")


@dataclass(frozen=True)
class Population:
    """A row and what is known of its people.

    Attributes
    ----------
    row : Row
    values : mapping of str to str
        The row's columns, with the stratifiers that a part leaves blank taken from the whole.
    own : mapping of str to str
        The stratifiers that the row itself fills, case-folded.
    """

    row: Row
    values: Mapping[str, str]
    own: Mapping[str, str]

    def contains(self, other: Population) -> bool:
        """Whether the other's people are all among this row's."""
        if other.row.is_whole:
            return False
        return self._covers(other) and (
            self.row.is_whole or (bool(self.own) and not other._covers(self))
        )

    def _covers(self, other: Population) -> bool:
        """Whether every stratum that this row fills itself is also the other's."""
        return all(_folded(other.values, column) == value for column, value in self.own.items())

    def is_disjoint_from(self, other: Population) -> bool:
        """Whether nobody can be in both, as far as the stratifiers and the labels tell.

        A whole is never disjoint from a part, whatever its strata say.
        """
        if self.row.is_whole or other.row.is_whole:
            return False
        return self.differs_in_stratifier(other) or (
            set(self.own) == set(other.own)
            and self.row.population.casefold() != other.row.population.casefold()
        )

    def differs_in_stratifier(self, other: Population) -> bool:
        return any(
            column in other.own and other.own[column] != value for column, value in self.own.items()
        )


@dataclass(frozen=True)
class Candidate:
    """A population with counts or an estimate that answers a question.

    Attributes
    ----------
    population : Population
    source : {"counts", "reported"}
    people : float
        Cases and controls together, 0 where not stated.
    """

    population: Population
    source: str
    people: float

    @property
    def row(self) -> Row:
        return self.population.row


@dataclass
class Selection:
    """The candidates that are counted, why the others are not, and what is worth saying."""

    chosen: list[Candidate]
    rejected: list[tuple[Candidate, str]]
    findings: list[Finding]


def populations(rows: Sequence[Row], columns: Sequence[str]) -> dict[int, Population]:
    """The population of every row of one locus, by `id` of the row.

    Parameters
    ----------
    rows : sequence of Row
    columns : sequence of str
        The columns that stratifiers read. In a study with rows of men and of women `sex` tells
        people apart too, whether one of them reads it or not.
    """
    sexes: dict[str, set[str]] = {}
    for row in rows:
        sexes.setdefault(row.study, set()).add(row.values.get(SEX, ""))
    of_study = {
        study: tuple(dict.fromkeys([*columns, SEX])) if {MALE, FEMALE} <= found else columns
        for study, found in sexes.items()
    }
    wholes: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.is_whole:
            known = wholes.setdefault(row.study, {})
            for column in of_study[row.study]:
                if _is_given(row, column):
                    known.setdefault(column, row.values[column])
    described = {}
    for row in rows:
        filled = {
            column: row.values[column] for column in of_study[row.study] if _is_given(row, column)
        }
        inherited = {} if row.is_whole else wholes.get(row.study, {})
        described[id(row)] = Population(
            row=row,
            values={**row.values, **inherited, **filled},
            own={column: value.strip().casefold() for column, value in filled.items()},
        )
    return described


def _is_given(row: Row, column: str) -> bool:
    """Whether a row says to which stratum its people belong; `all` of them belong to none."""
    return row.values.get(column, "").strip().casefold() not in ("", *EVERYBODY)


def select(candidates: Iterable[Candidate], prefer: str = "adjusted") -> Selection:
    """Choose the rows that enter one analysis.

    Parameters
    ----------
    candidates : iterable of Candidate
        Rows of one locus that answer the model and lie in the stratum.
    prefer : {"adjusted", "unadjusted"}
        Which reported estimate enters when a paper gives both.

    Returns
    -------
    Selection
        With the candidates in their order.
    """
    candidates = list(candidates)
    by_study: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_study.setdefault(candidate.row.study, []).append(candidate)
    selection = Selection([], [], [])
    for rows in by_study.values():
        rows = _one_per_people(rows, prefer, selection)
        rows = _without_contained(rows, selection)
        selection.chosen += _disjoint(rows, selection)
    place = {id(candidate): number for number, candidate in enumerate(candidates)}
    selection.chosen.sort(key=lambda candidate: place[id(candidate)])
    selection.rejected.sort(key=lambda pair: place[id(pair[0])])
    return selection


def _one_per_people(rows: list[Candidate], prefer: str, selection: Selection) -> list[Candidate]:
    """Of rows that describe the same people: counts, then the preferred estimate."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in rows:
        groups.setdefault(candidate.row.population.casefold(), []).append(candidate)
    kept = []
    for group in groups.values():
        best = min(group, key=lambda candidate: _preference(candidate, prefer))
        kept.append(best)
        for candidate in group:
            if candidate is best:
                continue
            if best.source == "counts" and isinstance(candidate.row, CountRow):
                reason = f"row {best.row.row} of {best.row.file} gives the same people's counts"
            elif best.source == "counts":
                reason = "counts preferred"
            elif best.row.adjusted != candidate.row.adjusted:
                adjusted = {"yes": "adjusted", "no": "unadjusted"}.get(best.row.adjusted, "another")
                reason = f"{adjusted} estimate preferred"
            else:
                reason = f"row {best.row.row} of {best.row.file} reports the same people"
            selection.rejected.append((candidate, reason))
    return kept


def _preference(candidate: Candidate, prefer: str) -> tuple[int, int]:
    if candidate.source == "counts":
        return 0, 0
    order = ("yes", "no", "unknown") if prefer == "adjusted" else ("no", "unknown", "yes")
    return 1, order.index(candidate.row.adjusted)


def _without_contained(rows: list[Candidate], selection: Selection) -> list[Candidate]:
    kept = []
    for candidate in rows:
        whole = next(
            (
                other
                for other in rows
                if other is not candidate and other.population.contains(candidate.population)
            ),
            None,
        )
        if whole is None:
            kept.append(candidate)
            continue
        selection.rejected.append((candidate, f"contained in {_name(whole)}"))
        selection.findings.append(
            candidate.row.finding(
                "note",
                "part_of_whole",
                f"{candidate.row.name} is part of {_name(whole)}",
                why="nobody may be counted twice",
                action="where both answer, the whole is counted and the part is not",
            )
        )
    return kept


def _disjoint(rows: list[Candidate], selection: Selection) -> list[Candidate]:
    """The rows themselves if nobody can be in two of them, else the largest family of parts."""
    pairs = [(a, b) for place, a in enumerate(rows) for b in rows[:place]]
    if all(a.population.is_disjoint_from(b.population) for a, b in pairs):
        for a, b in pairs:
            if not a.population.differs_in_stratifier(b.population):
                selection.findings.append(
                    a.row.finding(
                        "note",
                        "parts_by_label",
                        f"{a.row.name} and {b.row.name} differ in their labels only",
                        why="the tables do not show that nobody is in both",
                        action="both are counted, as different people",
                    )
                )
        return rows
    families: dict[tuple[bool, frozenset[str]], list[Candidate]] = {}
    for candidate in sorted(rows, key=lambda candidate: not candidate.row.is_whole):
        key = (candidate.row.is_whole, frozenset(candidate.population.own))
        families.setdefault(key, []).append(candidate)
    largest = max(families.values(), key=lambda family: sum(c.people for c in family))
    if not all(
        a.population.is_disjoint_from(b.population)
        for place, a in enumerate(largest)
        for b in largest[:place]
    ):
        largest = [max(largest, key=lambda candidate: candidate.people)]
    kept = ", ".join(_name(candidate) for candidate in largest)
    left_out = [candidate for candidate in rows if candidate not in largest]
    for candidate in left_out:
        selection.rejected.append((candidate, f"may share people with {kept}"))
    selection.findings.append(
        largest[0].row.finding(
            "warning",
            "overlapping_parts",
            f"rows of {largest[0].row.study} may share people: "
            + ", ".join(sorted({_name(candidate) for candidate in rows})),
            why="nobody may be counted twice",
            action=f"counted: {kept} (the most people); left out: "
            + ", ".join(_name(candidate) for candidate in left_out),
        )
    )
    return largest


def _name(candidate: Candidate) -> str:
    row = candidate.row
    return row.name if row.population else "the whole study"


def _folded(values: Mapping[str, str], column: str) -> str:
    return values.get(column, "").strip().casefold()
