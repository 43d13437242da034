"""The counts of rows as plain vectors, in every form in which two rows can be compared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genopool.association.answers import Question, RowCounts
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.overlaps import folded, named_in
from genopool.studies.records import CountRow, Row
from genopool.studies.settings import KEEP

if TYPE_CHECKING:
    from genopool.config import Config

#: Forms that two rows can be compared in although one of them gives less; the finest first.
COARSE = ("dominant", "recessive", "allelic")
Vector = tuple[int, ...]


@dataclass(frozen=True)
class Sample:
    """A row's counts in one form.

    Attributes
    ----------
    row : CountRow
    labels : tuple of str
        The cells that the row fills.
    cases, controls : tuple of int or None
        None where the row does not give them in this form.
    """

    row: CountRow
    labels: tuple[str, ...]
    cases: Vector | None
    controls: Vector | None

    @property
    def both(self) -> Vector | None:
        if self.cases is None or self.controls is None:
            return None
        return self.cases + self.controls


@dataclass(frozen=True)
class View:
    """A form of the counts.

    Attributes
    ----------
    form : str
        `genotypes`, `cells` or one of `COARSE`.
    effect_allele : str
        Whose copies are counted; blank for `cells`.
    turnable : bool
        Whether exchanging the two alleles reverses the vectors.
    """

    form: str
    effect_allele: str
    turnable: bool

    @property
    def is_finest(self) -> bool:
        """Whether rows that fill the same cells are compared in this form, and not in a finer."""
        return self.form == "cells" or (self.form == "genotypes" and self.turnable)


def views(
    rows: Iterable[CountRow], alleles: LocusAlleles, questions: Sequence[Question]
) -> dict[View, list[Sample]]:
    """All rows of a locus in every form that they can take, the finest form first."""
    is_snp = alleles.kind == "snp"
    found: dict[View, list[Sample]] = {}
    if not is_snp:
        found[View("cells", "", False)] = []
    asked = questions[:1] if is_snp else questions
    for form in ("genotypes", *COARSE):
        for question in asked:
            turnable = is_snp and form in ("genotypes", "allelic")
            found[View(form, question.effect_allele, turnable)] = []
    for row in rows:
        filled = [c for c in row.cells if c.cases is not None or c.controls is not None]
        labels = tuple(sorted(c.label.text for c in filled))
        if not is_snp:
            # Lengths that nobody has are columns of one table and missing from another.
            some = sorted(
                (c for c in filled if c.cases or c.controls), key=lambda cell: cell.label.text
            )
            sides = [[getattr(c, side) for c in some] for side in ("cases", "controls")]
            named = tuple(c.label.text for c in some)
            vectors = [None if None in s or not s else tuple(s) for s in sides]
            found[View("cells", "", False)].append(Sample(row, named, *vectors))
        for question in asked:
            for form, vectors in _forms(RowCounts(row, alleles, question)):
                turnable = is_snp and form in ("genotypes", "allelic")
                view = View(form, question.effect_allele, turnable)
                found[view].append(Sample(row, labels, *vectors))
    return {view: samples for view, samples in found.items() if samples}


def _forms(cells: RowCounts) -> list[tuple[str, list[Vector | None]]]:
    by_copies = [_whole(cells.by_copies(side)) for side in ("cases", "controls")]
    forms = []
    if by_copies != [None, None]:
        forms.append(("genotypes", by_copies))
    for form in COARSE:
        if None not in by_copies:
            vectors = [_coarser(form, *numbers) for numbers in by_copies]
        else:
            answer = cells.answer(form)
            if answer.reason:
                continue
            vectors = [
                _whole((side.exposed, side.unexposed)) for side in (answer.cases, answer.controls)
            ]
        forms.append((form, vectors))
    return forms


def _coarser(form: str, n0: int, n1: int, n2: int) -> Vector:
    if form == "dominant":
        return n1 + n2, n0
    return (n2, n0 + n1) if form == "recessive" else (2 * n2 + n1, 2 * n0 + n1)


def _whole(numbers: Sequence[float]) -> Vector | None:
    if any(math.isnan(number) for number in numbers) or not sum(numbers):
        return None
    return tuple(int(number) for number in numbers)


class DeclaredOverlaps:
    """Whether the tables or the configuration say themselves that two studies share people."""

    def __init__(self, config: Config) -> None:
        self._configured = {
            frozenset((folded(left), folded(kept)))
            for left, kept in config.overlaps.items()
            if left != KEEP
        }

    def __call__(self, one: Row, other: Row) -> bool:
        for row, there in ((one, other), (other, one)):
            if folded(there.study) in map(folded, named_in(row)):
                return True
        return bool(self._configured) and (
            frozenset((folded(one.study), folded(other.study))) in self._configured
        )


def place_of(row: Row) -> str:
    """A row as a message names it: its study and where it stands."""
    sheet = f", sheet {row.sheet}" if row.sheet else ""
    return f"{row.name} ({row.file}{sheet}, row {row.row})"


def units_per_person(row: CountRow) -> int:
    """Two where the row counts chromosomes, of which men have one at a locus of chromosome X."""
    is_allele = bool(row.cells) and row.cells[0].label.unit == "allele"
    return 2 if is_allele and getattr(row, "sex_on_x", "") != "male" else 1


def listed(counts: Sequence[int]) -> str:
    return ", ".join(str(count) for count in counts)


def in_file_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.file, row.sheet, row.row))
