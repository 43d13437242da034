"""The same subjects in two papers: which of the studies is counted.

A row names the other studies of its people in the column `overlaps`, separated by `;`; that holds
both ways. It says nothing of a third study: if A shares people with B and B with C, A and C may
both be counted once B is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from genopool.studies.populations import Candidate, Population
from genopool.studies.records import Row
from genopool.studies.settings import KEEP

OVERLAPS = "overlaps"
BY_CONFIGURATION = "which the configuration keeps"
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")


def folded(study: str) -> str:
    """A study's label without case and blanks, as names are compared."""
    return "".join(study.casefold().split())


def named_in(row: Row) -> list[str]:
    """The studies that a row says to share people with."""
    names = (name.strip() for name in row.values.get(OVERLAPS, "").split(";"))
    return [name for name in names if name]


@dataclass(frozen=True)
class LeftOut:
    """A candidate that is not counted, since another study has its people.

    Attributes
    ----------
    candidate : Candidate
    kept : str
        The study that is counted.
    why : str
        Why that one, with the numbers.
    rule : str
        The same in a few words.
    """

    candidate: Candidate
    kept: str
    why: str
    rule: str

    @property
    def reason(self) -> str:
        return f"same people as {self.kept}, {self.rule}"


class Overlaps:
    """Which studies of a locus share people, and which of them is counted.

    Parameters
    ----------
    settings : mapping
        `overlaps` of the configuration.
    populations : mapping of int to Population
        All rows of the locus.
    """

    def __init__(self, settings: Mapping[str, str], populations: Mapping[int, Population]) -> None:
        self.rule = settings[KEEP]
        self._preferred = {
            folded(study): folded(kept) for study, kept in settings.items() if study != KEEP
        }
        self._declared: dict[tuple[str, str], list[Population]] = {}
        self._years: dict[str, int] = {}
        for population in populations.values():
            years = [int(found) for found in _YEAR.findall(population.values.get("year", ""))]
            study = folded(population.row.study)
            self._years[study] = max([self._years.get(study, 0), *years])
            for name in named_in(population.row):
                key = (folded(population.row.study), folded(name))
                self._declared.setdefault(key, []).append(population)

        pairs = (*self._declared, *self._preferred.items())
        self._named = frozenset(study for pair in pairs for study in pair)

    def __bool__(self) -> bool:
        return bool(self._declared or self._preferred)

    def share_people(self, one: Candidate, other: Candidate) -> bool:
        """Whether the tables or the configuration say that the same people are in both."""
        a, b = folded(one.row.study), folded(other.row.study)
        sexes = {one.population.values.get("sex", ""), other.population.values.get("sex", "")}
        if a == b or sexes == {"male", "female"}:
            return False
        if self._preferred.get(a) == b or self._preferred.get(b) == a:
            return True
        return self._says(one, b) or self._says(other, a)

    def _says(self, candidate: Candidate, study: str) -> bool:
        """Whether a row that may have people of the candidate names the study."""
        named = self._declared.get((folded(candidate.row.study), study), [])
        return any(
            population is candidate.population
            or not population.is_disjoint_from(candidate.population)
            for population in named
        )

    def resolve(self, chosen: Sequence[Candidate]) -> list[LeftOut]:
        """The candidates that may not be counted beside the others.

        The study that the configuration keeps, or that has the most people (or is the newest), is
        kept; whatever shares people with it is left out; then the next of those that remain.

        Parameters
        ----------
        chosen : sequence of Candidate
            The rows of one pooled set, nobody twice within a study.
        """
        shared: dict[int, list[Candidate]] = {}
        named = [one for one in chosen if folded(one.row.study) in self._named]
        for place, one in enumerate(named):
            for other in named[:place]:
                if self.share_people(one, other):
                    shared.setdefault(id(one), []).append(other)
                    shared.setdefault(id(other), []).append(one)
        waiting = [candidate for candidate in chosen if id(candidate) in shared]
        left_out: list[LeftOut] = []
        while waiting:
            sharing = self._sharing(waiting, shared)
            best = min(
                (study for study, members in sharing.items() if not self._yields(members, shared)),
                key=lambda study: self._rank(study, sharing[study], shared),
            )
            kept = sharing[best]
            settled = {id(candidate) for candidate in kept}
            for candidate in waiting:
                if any(id(other) in settled for other in shared[id(candidate)]):
                    why, rule = self._why(kept, sharing[folded(candidate.row.study)])
                    left_out.append(LeftOut(candidate, kept[0].row.study, why, rule))
            settled |= {id(one.candidate) for one in left_out}
            for others in shared.values():
                others[:] = [other for other in others if id(other) not in settled]
            waiting = [c for c in waiting if id(c) not in settled and shared[id(c)]]
        return left_out

    @staticmethod
    def _sharing(
        waiting: Sequence[Candidate], shared: Mapping[int, Sequence[Candidate]]
    ) -> dict[str, list[Candidate]]:
        """The candidates that still share people, by study."""
        by_study: dict[str, list[Candidate]] = {}
        for candidate in waiting:
            if shared[id(candidate)]:
                by_study.setdefault(folded(candidate.row.study), []).append(candidate)
        return by_study

    def _yields(
        self, members: Sequence[Candidate], shared: Mapping[int, Sequence[Candidate]]
    ) -> bool:
        """Whether the configuration keeps another of the studies that are still there instead."""
        preferred = self._preferred.get(folded(members[0].row.study))
        return preferred is not None and any(
            folded(other.row.study) == preferred for c in members for other in shared[id(c)]
        )

    def _rank(
        self,
        study: str,
        members: Sequence[Candidate],
        shared: Mapping[int, Sequence[Candidate]],
    ) -> tuple[object, ...]:
        """What the configuration keeps comes first, then by its rule."""
        people, year = -_people(members), -self._years[study]
        is_preferred = any(
            self._preferred.get(folded(other.row.study)) == study
            for candidate in members
            for other in shared[id(candidate)]
        )
        by_rule = (people, year) if self.rule == "larger" else (year, people)
        return (not is_preferred, *by_rule, study)

    def _why(self, kept: Sequence[Candidate], left: Sequence[Candidate]) -> tuple[str, str]:
        """Why one study is kept in place of another: with numbers, and in a few words."""
        if self._preferred.get(folded(left[0].row.study)) == folded(kept[0].row.study):
            return "the configuration keeps it", BY_CONFIGURATION
        people = _people(kept), _people(left)
        years = tuple(self._years[folded(rows[0].row.study)] for rows in (kept, left))
        sizes = f"{_stated(people[0])} against {_stated(people[1])}"
        ages = f"{years[0]} against {years[1] or 'no year'}"
        size = (people[0] > people[1], f"larger, {sizes}", "the larger study")
        age = (years[0] > years[1], f"newer, {ages}", "the newer study")
        order = (size, age) if self.rule == "larger" else (age, size)
        for holds, why, rule in order:
            if holds:
                return why, rule
        if people[0] == people[1] and years[0] == years[1]:
            return f"neither larger nor newer ({_stated(people[0])} in each), the first by label", (
                "the first by label"
            )
        # A study can go before a larger one that gives way to another by the configuration.
        return f"the configuration passes over the other, {sizes}", BY_CONFIGURATION


def _people(members: Iterable[Candidate]) -> float:
    return sum(candidate.people for candidate in members)


def _stated(people: float) -> str:
    return f"{people:,.10g} people" if people else "a number of people that is not stated"
