"""What a row of counts says about the single lengths of a repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

from genopool.association.answers import ALLELES_OF, NAN, Counts, has_class, is_blank, partition
from genopool.studies.genotypes import ALL_REPEATS, overlap, parse_tails
from genopool.studies.records import CountCell, CountRow

#: The lengths of a genotype, or of a chromosome, in increasing order.
Kind = tuple[int, ...]
NO_COUNTS = "gives no counts"


@dataclass(frozen=True)
class Length:
    """A length that is compared with the others, or a tail of lengths taken together.

    Attributes
    ----------
    name : str
        ``19``; of a tail as the configuration writes it, ``<=15``.
    alleles : int
        The lengths, as a set of bits.
    repeats : int or None
        None for a tail.
    """

    name: str
    alleles: int
    repeats: int | None


@dataclass(frozen=True)
class LengthCounts(Counts):
    """One side's chromosomes with a length (exposed) and with the reference length (unexposed).

    Attributes
    ----------
    moments : tuple of float
        Sums over people of l², r² and l r, with l and r a person's chromosomes of the length and
        of the reference; over chromosomes where the row gives chromosomes.
    """

    moments: tuple[float, float, float]


@dataclass(frozen=True)
class Distribution(Counts):
    """One side's chromosomes by length; NaN where the row does not tell.

    Attributes
    ----------
    by_length : tuple of float
    chromosomes : float
        All of them; NaN where some are not reported.
    """

    by_length: tuple[float, ...]
    chromosomes: float


@dataclass(frozen=True)
class KindCounts(Counts):
    """One side's people by genotype, or chromosomes by length.

    Attributes
    ----------
    by_kind : tuple of float
        In the order of the locus's kinds.
    repeats, chromosomes : float
        The sum of all lengths, and how many they are.
    """

    by_kind: tuple[float, ...]
    repeats: float
    chromosomes: float


def lengths_of(rows: Iterable[CountRow], tails: Sequence[str] = ()) -> list[Length]:
    """The lengths that the tables name, in increasing order, with the tails in their places.

    Parameters
    ----------
    rows : iterable of CountRow
        Of one repeat.
    tails : sequence of str
        As the configuration writes them.
    """
    named = {
        alleles
        for row in rows
        for cell in row.cells
        if not is_blank(cell)
        for member in cell.label.members
        for alleles in member
    }
    ends = parse_tails(tails)
    inside = ALL_REPEATS
    for lengths in ends.values():
        inside &= ~lengths
    single = [alleles for alleles in named if alleles.bit_count() == 1 and alleles & inside]
    found = [Length(str(a.bit_length() - 1), a, a.bit_length() - 1) for a in single]
    found += [
        Length(name, lengths, None)
        for name, lengths in ends.items()
        if any(alleles & ~lengths == 0 for alleles in named)
    ]
    return sorted(found, key=lambda length: length.alleles & -length.alleles)


class RowLengths:
    """The chromosomes of each length that a row counts.

    Parameters
    ----------
    row : CountRow
    lengths : sequence of Length
        Of the locus, as `lengths_of` gives them.
    """

    def __init__(self, row: CountRow, lengths: Sequence[Length]) -> None:
        self.lengths = lengths
        self.sex_on_x = row.sex_on_x
        cells = [c for c in row.cells if c.label.unit == "genotype" and not is_blank(c)]
        self.unit = "genotype" if cells else "allele"
        cells = [cell for cell in row.cells if cell.label.unit == self.unit]
        classes = any(has_class(cell) for cell in cells if not is_blank(cell))
        if not classes:  # blank classes belong to other studies of the table
            cells = [cell for cell in cells if not has_class(cell)]
        self.cells = cells if any(not is_blank(cell) for cell in cells) else []
        self._copies = [[_copies(cell, length) for length in lengths] for cell in self.cells]
        self._missing = self._unnamed() if classes else 0

    def _unnamed(self) -> int:
        """The lengths in genotypes, or alleles, that a row with classes does not name.

        A row by single lengths leaves out what nobody has; one by classes has to give all.
        """
        members = [member for cell in self.cells for member in cell.label.members]
        pieces = partition(
            ALL_REPEATS,
            [*(length.alleles for length in self.lengths), *(a for m in members for a in m)],
        )
        size = 2 if self.unit == "genotype" else 1
        missing = 0
        for kind in combinations_with_replacement(pieces, size):
            if not any(overlap(kind, member) for member in members):
                for alleles in kind:
                    missing |= alleles
        return missing

    def why_not(self, place: int) -> str:
        """Why the row does not count the chromosomes of a length; blank if it does."""
        if not self.cells:
            return NO_COUNTS
        length = self.lengths[place]
        for cell, copies in zip(self.cells, self._copies, strict=True):
            if copies[place] is None and not _is_zero(cell):
                return f"{cell.label.text} does not tell chromosomes of {length.name}"
            if copies[place] and (cell.cases is None or cell.controls is None):
                return f"{cell.label.text} is not reported"
        if self._missing & length.alleles:
            return f"not all {self.unit}s with {length.name} are reported"
        return ""

    @property
    def tells_lengths(self) -> bool:
        """Whether the chromosomes of two lengths or more are known, so that they compare."""
        return sum(not self.why_not(place) for place in range(len(self.lengths))) > 1

    def why_no_lengths(self) -> str:
        """Why no two lengths can be compared."""
        reasons = (self.why_not(place) for place in range(len(self.lengths)))
        return next((reason for reason in reasons if reason), "gives one length only")

    def people(self, side: str) -> float:
        """People that the row counts; chromosomes / 2 where it counts those."""
        numbers = [getattr(cell, side) for cell in self.cells]
        total = float(sum(number for number in numbers if number is not None))
        return total if self.unit == "genotype" else total / ALLELES_OF.get(self.sex_on_x, 2)

    def counts(self, side: str, place: int, reference: int) -> LengthCounts:
        """The chromosomes of a length and of the reference, both of which the row tells."""
        exposed = unexposed = 0.0
        moments = [0.0, 0.0, 0.0]
        for cell, copies in zip(self.cells, self._copies, strict=True):
            one, other, number = copies[place], copies[reference], getattr(cell, side)
            if number and (one or other):
                exposed += one * number
                unexposed += other * number
                for i, product in enumerate((one * one, other * other, one * other)):
                    moments[i] += product * number
        people = self.people(side)
        return LengthCounts((NAN,) * 3, exposed, unexposed, people, tuple(moments))

    def distribution(self, side: str) -> Distribution:
        """The chromosomes of every length."""
        numbers = []
        for place in range(len(self.lengths)):
            told = not self.why_not(place)
            numbers.append(self.counts(side, place, place).exposed if told else NAN)
        size = 2 if self.unit == "genotype" else 1
        given = [getattr(cell, side) for cell in self.cells]
        whole = NAN if None in given else float(size * sum(given))
        return Distribution((NAN,) * 3, NAN, NAN, self.people(side), tuple(numbers), whole)

    def why_no_trend(self) -> str:
        """Why the length of every chromosome is not known; blank if it is."""
        if not self.cells:
            return NO_COUNTS
        for cell in self.cells:
            if _is_zero(cell):
                continue
            if len(cell.label.members) > 1:
                return f"{cell.label.text} is given only as a sum"
            if has_class(cell):
                return f"{cell.label.text} does not give lengths"
            if is_blank(cell) or cell.cases is None or cell.controls is None:
                return f"{cell.label.text} is not reported"
        return ""

    def kinds(self) -> set[Kind]:
        """The genotypes or lengths that somebody has, of a row that tells the trend."""
        return {kind_of(cell) for cell in self.cells if not _is_zero(cell)}

    def by_kind(self, side: str, kinds: Sequence[Kind]) -> KindCounts:
        """The people, or chromosomes, of each kind."""
        found = {kind_of(cell): getattr(cell, side) for cell in self.cells if not _is_zero(cell)}
        numbers = tuple(float(found.get(kind, 0)) for kind in kinds)
        repeats = sum(sum(kind) * number for kind, number in found.items())
        chromosomes = sum(len(kind) * number for kind, number in found.items())
        people = self.people(side)
        return KindCounts((NAN,) * 3, NAN, NAN, people, numbers, float(repeats), float(chromosomes))


def kind_of(cell: CountCell) -> Kind:
    """The lengths of a cell that names one genotype, or one length."""
    return tuple(sorted(alleles.bit_length() - 1 for alleles in cell.label.members[0]))


def _is_zero(cell: CountCell) -> bool:
    """Whether nobody is in the cell, so that what it leaves open does not matter."""
    return cell.cases == 0 and cell.controls == 0


def _copies(cell: CountCell, length: Length) -> int | None:
    """Chromosomes of a length that a person (or chromosome) of the cell has; None if not told."""
    numbers = set()
    for member in cell.label.members:
        if any(alleles & length.alleles and alleles & ~length.alleles for alleles in member):
            return None
        numbers.add(sum(alleles & length.alleles != 0 for alleles in member))
    return numbers.pop() if len(numbers) == 1 else None
