"""What a row of counts answers: which genetic models can be formed from its cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import combinations_with_replacement
from typing import Any

from genopool.studies.genotypes import LocusAlleles, overlap
from genopool.studies.records import CountCell, CountRow
from genopool.studies.sex import MALE, UNKNOWN

NAN = float("nan")
#: Copies of the effect allele on the exposed and the unexposed side of each model of people.
SIDES: dict[str, tuple[frozenset[int], frozenset[int]]] = {
    "dominant": (frozenset({1, 2}), frozenset({0})),
    "recessive": (frozenset({2}), frozenset({0, 1})),
    "homozygous": (frozenset({2}), frozenset({0})),
    "heterozygous": (frozenset({1}), frozenset({0})),
    "overdominant": (frozenset({1}), frozenset({0, 2})),
}
_NEED_ALL = frozenset({0, 1, 2})
#: Alleles that a person has, by sex at a locus of chromosome X.
ALLELES_OF = {MALE: 1, UNKNOWN: NAN}


@dataclass(frozen=True)
class Question:
    """An effect allele of a locus and what it is compared with.

    Attributes
    ----------
    effect_allele : str
        As the configuration writes it.
    effect, compared : int
        The effect alleles, and all alleles of the comparison, as sets.
    against_rest : bool
        Whether all alleles of the locus are compared. If not, an estimate for the reference allele
        says nothing about the effect allele: its own reference may be another one.
    """

    effect_allele: str
    effect: int
    compared: int
    against_rest: bool = True


@dataclass(frozen=True)
class Counts:
    """One side's numbers, cases or controls.

    Attributes
    ----------
    by_copies : tuple of float
        People with 0, 1 and 2 effect alleles; NaN where the row does not give them.
    exposed, unexposed : float
        The cells of the 2×2 table; NaN in the additive model.
    people : float
        Everybody genotyped; in the homozygous and heterozygous models those compared.
    """

    by_copies: tuple[float, float, float]
    exposed: float
    unexposed: float
    people: float

    def scaled(self, factor: float) -> Counts:
        """The counts times `factor`, but for the number of people."""
        return self._each(lambda number: number * factor, people=self.people)

    def plus(self, others: Sequence[Counts]) -> Counts:
        """The sum of these counts and those of other people."""
        return self._each(lambda *numbers: sum(numbers), *others)

    def _each(self, change: Callable[..., float], *others: Counts, **kept: float) -> Counts:
        """Each number changed, together with the same ones of the others."""
        changed: dict[str, Any] = dict(kept)
        for field in fields(self):
            if field.name in kept:
                continue
            values = [getattr(counts, field.name) for counts in (self, *others)]
            if isinstance(values[0], tuple):
                changed[field.name] = tuple(map(change, *values))
            else:
                changed[field.name] = change(*values)
        return type(self)(**changed)


@dataclass(frozen=True)
class Answer:
    """The counts that answer a model, or the reason why the row does not."""

    cases: Counts | None = None
    controls: Counts | None = None
    reason: str = ""


class RowCounts:
    """The cells of a row as copies of one question's effect allele.

    Parameters
    ----------
    row : CountRow
    alleles : LocusAlleles
    question : Question
    """

    def __init__(self, row: CountRow, alleles: LocusAlleles, question: Question) -> None:
        self._alleles = alleles
        self._question = question
        self._sex_on_x = row.sex_on_x
        self._genotypes = self._read(row, "genotype")
        self._chromosomes = self._read(row, "allele")
        self._by_length = alleles.kind == "repeat" and not self._names_classes()
        if self._by_length:  # blank classes belong to other studies of the table
            self._genotypes = [
                (copies, cell) for copies, cell in self._genotypes if not has_class(cell)
            ]
        self._missing = {} if self._by_length else self._missing_genotypes()

    def _read(self, row: CountRow, unit: str) -> list[tuple[frozenset[int] | None, CountCell]]:
        return [
            (cell.label.copies(self._question.effect, self._question.compared), cell)
            for cell in row.cells
            if cell.label.unit == unit
        ]

    def _names_classes(self) -> bool:
        return any(has_class(cell) for _, cell in self._genotypes if not is_blank(cell))

    def _missing_genotypes(self) -> dict[int, str]:
        """A genotype that no cell counts, by its copies of the effect allele.

        A table by single lengths leaves out the genotypes that nobody has; a table by classes (or
        of a locus whose alleles are listed) has to give all of them.
        """
        members = [member for _, cell in self._genotypes for member in cell.label.members]
        if not members:
            return {}
        atoms = partition(
            self._question.compared,
            [self._question.effect, *(alleles for member in members for alleles in member)],
        )
        missing: dict[int, str] = {}
        for one, other in combinations_with_replacement(atoms, 2):
            if not any(overlap((one, other), member) for member in members):
                copies = sum(bool(alleles & self._question.effect) for alleles in (one, other))
                missing.setdefault(copies, self._alleles.genotype((one, other)))
        return missing

    @property
    def is_of_men(self) -> bool:
        """Whether everybody has one allele: men, at a locus of chromosome X."""
        return self._sex_on_x == MALE

    def by_copies(self, side: str) -> tuple[float, float, float]:
        """People with 0, 1 and 2 effect alleles, NaN where the cells do not say."""
        if self._sex_on_x == UNKNOWN:
            return NAN, NAN, NAN
        numbers = []
        for copies in (0, 1, 2):
            cells = [(c, cell) for c, cell in self._genotypes if c is None or copies in c]
            alone = all(c == {copies} for c, _ in cells)
            given = alone and self._genotypes and copies not in self._missing
            numbers.append(_total([cell for _, cell in cells], side) if given else NAN)
        return tuple(numbers)

    def alleles(self, side: str) -> tuple[float, float]:
        """Effect alleles, and all alleles, that a side carries; NaN where the cells do not say."""
        n0, n1, n2 = self.by_copies(side)
        if not math.isnan(n0 + n1 + n2):
            return 2 * n2 + n1, 2 * (n0 + n1 + n2)
        table = self.answer("allelic")
        if table.reason:
            return NAN, NAN
        counts = getattr(table, side)
        return counts.exposed, counts.exposed + counts.unexposed

    def left_out(self, side: str) -> float:
        """People who carry an allele outside the comparison; NaN where the cells do not say."""
        cells = self._chromosomes if self.is_of_men else self._genotypes
        return _total([cell for copies, cell in cells if copies == frozenset()], side)

    def answer(self, model: str) -> Answer:
        """The counts of a genetic model."""
        if self.is_of_men:
            return self._of_men(model)
        if self._sex_on_x == UNKNOWN and (model != "allelic" or not self._chromosomes):
            return Answer(reason="on chromosome X, and sex is not given")
        if model in SIDES:
            exposed, unexposed = SIDES[model]
            reason = self._why_not(exposed | unexposed, (exposed, unexposed))
            if reason:
                return Answer(reason=reason)
            everybody = model not in ("homozygous", "heterozygous")
            return Answer(
                *(
                    self._table(side, exposed, unexposed, everybody)
                    for side in ("cases", "controls")
                )
            )
        reason = self._why_not(_NEED_ALL, tuple(frozenset({copies}) for copies in (0, 1, 2)))
        if not reason and self._sex_on_x != UNKNOWN:
            return Answer(*(self._per_allele(side, model) for side in ("cases", "controls")))
        if model == "allelic" and self._chromosomes:
            return self._allele_table()
        return Answer(reason=reason)

    def _of_men(self, model: str) -> Answer:
        """Men have one allele: one chromosome, which the additive model takes as two copies."""
        if model not in ("allelic", "additive"):
            return Answer(reason="men have one allele of chromosome X, and so no genotype")
        if not self._chromosomes:
            return Answer(reason="gives no counts")
        found = self._allele_table()
        if found.reason or model == "allelic":
            return found
        return Answer(
            *(
                Counts((side.unexposed, 0.0, side.exposed), NAN, NAN, side.people)
                for side in (found.cases, found.controls)
            )
        )

    def _why_not(self, needed: frozenset[int], sides: Sequence[frozenset[int]]) -> str:
        """Why the genotypes do not give the sides of a comparison; blank if they do."""
        if not self._genotypes:
            return "gives chromosomes, not people" if self._chromosomes else "gives no counts"
        for copies, cell in self._genotypes:
            if copies is None:
                return f"{cell.label.text} does not tell copies of {self._question.effect_allele}"
            if not copies & needed:
                continue
            if not any(copies <= side for side in sides):
                return f"{cell.label.text} is given only as a sum"
            if cell.cases is None or cell.controls is None:
                return f"{cell.label.text} is not reported"
        missing = [self._missing[copies] for copies in sorted(needed) if copies in self._missing]
        return f"{missing[0]} is not reported" if missing else ""

    def _table(
        self, side: str, exposed: frozenset[int], unexposed: frozenset[int], everybody: bool
    ) -> Counts:
        sums = [
            _total([cell for copies, cell in self._genotypes if copies and copies <= of], side)
            for of in (exposed, unexposed)
        ]
        people = sum(sums)
        if everybody:
            people = _total([cell for copies, cell in self._genotypes if copies], side, known=True)
        return Counts(self.by_copies(side), sums[0], sums[1], people)

    def _per_allele(self, side: str, model: str) -> Counts:
        n0, n1, n2 = numbers = self.by_copies(side)
        if model == "additive":
            return Counts(numbers, NAN, NAN, n0 + n1 + n2)
        return Counts(numbers, 2 * n2 + n1, 2 * n0 + n1, n0 + n1 + n2)

    def _allele_table(self) -> Answer:
        named = 0
        for copies, cell in self._chromosomes:
            if copies is None:
                return Answer(
                    reason=f"{cell.label.text} does not tell {self._question.effect_allele}"
                )
            if copies and (cell.cases is None or cell.controls is None):
                return Answer(reason=f"{cell.label.text} is not reported")
            for member in cell.label.members:
                named |= member[0]
        missing = self._question.compared & ~named
        given = [cell for _, cell in self._chromosomes if not is_blank(cell)]
        by_length = self._alleles.kind == "repeat" and not any(map(has_class, given))
        if missing and not by_length:
            return Answer(reason=f"says nothing about {self._alleles.name(missing)}")
        sides = []
        for side in ("cases", "controls"):
            exposed, unexposed = (
                _total([cell for copies, cell in self._chromosomes if copies == {of}], side)
                for of in (1, 0)
            )
            people = (exposed + unexposed) / ALLELES_OF.get(self._sex_on_x, 2)
            sides.append(Counts((NAN, NAN, NAN), exposed, unexposed, people))
        return Answer(*sides)


def has_class(cell: CountCell) -> bool:
    """Whether a cell names a class of alleles, as `non-19`."""
    return any(alleles.bit_count() > 1 for member in cell.label.members for alleles in member)


def is_blank(cell: CountCell) -> bool:
    """Whether a cell gives neither cases nor controls."""
    return cell.cases is None and cell.controls is None


def partition(whole: int, sets: Sequence[int]) -> list[int]:
    """The pieces into which sets of alleles cut the whole, each inside or outside every set."""
    pieces = [whole]
    for alleles in dict.fromkeys(sets):
        pieces = [part for piece in pieces for part in (piece & alleles, piece & ~alleles) if part]
    return pieces


def _total(cells: Sequence[CountCell], side: str, *, known: bool = False) -> float:
    """Sum of a side's counts; NaN if one is missing, unless only the known ones are wanted."""
    numbers = [getattr(cell, side) for cell in cells]
    if known:
        numbers = [number for number in numbers if number is not None]
    return NAN if None in numbers else float(sum(numbers))
