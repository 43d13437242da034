"""Reading the counts of one population: which genotypes its cells count, and how many people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from genopool.studies.carried_numbers import check_carried
from genopool.studies.cells import is_blank
from genopool.studies.coverage import is_complete
from genopool.studies.findings import Finding
from genopool.studies.generic_genotypes import AmbiguousNaming, naming_of
from genopool.studies.genotypes import Label, LabelError, LocusAlleles, overlap
from genopool.studies.numbers import (
    NOTHING_TELLS,
    CountText,
    Decimals,
    NumberProblem,
    read_count,
    read_percentage,
)
from genopool.studies.percentages import PrintedCount
from genopool.studies.records import CountCell, CountRow, TakenCell
from genopool.studies.row_sums import STATED, agreement, has_more

#: The unit of a long table whose column `genotype` may name a single allele.
EITHER = "genotype or allele"
MAX_LABELS = 1_830


@dataclass(frozen=True)
class WrittenCell:
    """The cases and controls of one genotype as the table writes them.

    Attributes
    ----------
    row : int
    label : str
        The genotype or allele.
    columns : tuple of str
        Names of the columns of the label, of the cases and of the controls.
    cases, controls : str
    percentages : tuple of str
        Of the cases and the controls, where columns of their own give them.
    places : tuple of int
        Where the columns of cases and controls stand in the table.
    """

    row: int
    label: str
    columns: tuple[str, str, str]
    cases: str
    controls: str
    percentages: tuple[str, str] = ("", "")
    places: tuple[int, int] = (-1, -1)

    @property
    def is_blank(self) -> bool:
        return is_blank(self.cases) and is_blank(self.controls)


@dataclass
class ReadCounts:
    """A record, or None where the row has errors; and what was found."""

    record: CountRow | None = None
    findings: list[Finding] = field(default_factory=list)
    taken: list[TakenCell] = field(default_factory=list)


def read_counts(
    shared: Mapping[str, Any],
    written: Sequence[WrittenCell],
    alleles: LocusAlleles,
    unit: str = "",
    decimals: Decimals = NOTHING_TELLS,
) -> ReadCounts:
    """Read the counts of a population.

    Parameters
    ----------
    shared : mapping
        What counts and estimates have in common, as the fields of `Row`.
    written : sequence of WrittenCell
    alleles : LocusAlleles
    unit : {"", "genotype", "allele", EITHER}
        What the labels of a long table have to be; blank for a wide one, whose blank cells may
        belong to another locus.
    decimals : Decimals
        Which decimal mark the table uses.
    """
    reader = _CountReader(CountRow(**shared), alleles, unit, decimals)
    cells = reader.cells(written)
    has_errors = any(finding.severity == "error" for finding in reader.findings)
    record = None
    if not has_errors:
        record = CountRow(**shared, cells=tuple(cells), states_more=reader.states_more)
    return ReadCounts(record, reader.findings, reader.taken)


class _CountReader:
    def __init__(
        self, place: CountRow, alleles: LocusAlleles, unit: str, decimals: Decimals
    ) -> None:
        self.place = place
        self.alleles = alleles
        self.unit = unit
        self.decimals = decimals
        self.findings: list[Finding] = []
        self.taken: list[TakenCell] = []
        self.states_more = any(not is_blank(place.values.get(name, "")) for name in STATED)

    def cells(self, written: Sequence[WrittenCell]) -> list[CountCell]:
        written = self._without_generic_names(written)
        claimed = [cell.label for cell in written if self.unit or not cell.is_blank]
        other_strand = self._is_on_other_strand(claimed)
        read: list[tuple[WrittenCell, CountCell]] = []
        printed: list[tuple[PrintedCount, PrintedCount]] = []
        for cell in written:
            label = self._label(cell, other_strand)
            if label is None:
                continue
            cases, controls = (self._count(cell, side) for side in (0, 1))
            numbers = [None if text is None else text.count for text in (cases, controls)]
            read.append((cell, CountCell(cell.row, label, *numbers)))
            printed.append(
                (
                    PrintedCount(label, cell.columns[1], cell.row, cases),
                    PrintedCount(label, cell.columns[2], cell.row, controls),
                )
            )
        kept = self._without_overlap(read)
        if not any(finding.severity == "error" for finding in self.findings):
            there = {id(cell) for cell in kept}
            printed = [
                pair for pair, (_, cell) in zip(printed, read, strict=True) if id(cell) in there
            ]
            self.states_more |= has_more([count for pair in printed for count in pair])
            self.findings += agreement(self.place, printed, self.alleles, self.decimals)
            kept = self._without_alleles(kept)
            self.findings += check_carried(self.place, kept, self.alleles, self.decimals)
        if not self.findings and all(c.cases is None and c.controls is None for c in kept):
            self._find(
                "warning",
                "no_counts",
                "the row gives no counts",
                action="the row answers nothing and is listed as not used",
            )
        return kept

    def _without_generic_names(self, written: Sequence[WrittenCell]) -> Sequence[WrittenCell]:
        """The cells with genotypes of the locus in place of names that name no allele."""
        claimed = [cell.label for cell in written if self.unit or not cell.is_blank]
        if self.unit == "allele":
            return written
        try:
            naming = naming_of(claimed, self.alleles)
        except AmbiguousNaming as problem:
            self._find(
                "error",
                "ambiguous_genotype",
                str(problem),
                column=next(cell.columns[0] for cell in written if cell.label == claimed[0]),
                value=claimed[0],
                expected=f"genotypes of {self.place.locus} ({self.alleles.described})",
            )
            return []
        if naming is None:
            return written
        named = [
            (cell, naming.genotype(cell.label, self.alleles))
            for cell in written
            if self.unit or not cell.is_blank
        ]
        taken = ", ".join(dict.fromkeys(f"{cell.label} as {name}" for cell, name in named))
        self._find(
            "note" if naming.tells else "warning",
            "generic_genotypes",
            f"genotypes are named without their alleles ({naming.name}): {taken}",
            why="" if naming.tells else "nothing in the table says which allele is meant",
            action="the reference allele of the configuration was taken as the first",
        )
        return [replace(cell, label=name) for cell, name in named]

    def _without_alleles(self, cells: list[CountCell]) -> list[CountCell]:
        """Genotype counts say all that allele counts beside them say."""
        genotypes = [cell for cell in cells if cell.label.unit == "genotype"]
        if len(genotypes) in (0, len(cells)):
            return cells
        complete = all(None not in (c.cases, c.controls) for c in genotypes) and is_complete(
            [cell.label for cell in genotypes], self.alleles
        )
        if not complete:
            return cells
        cell = next(cell for cell in cells if cell.label.unit == "allele")
        if cell.cases is not None:
            how = "allele counts beside genotype counts, compared with them and not used"
            self.taken.append(TakenCell(how, cell.row, "", str(cell.cases), cell.cases))
        return genotypes

    def _find(self, severity: str, check: str, message: str, **more: Any) -> None:
        self.findings.append(self.place.finding(severity, check, message, **more))

    def _read_all(self, labels: Sequence[str], other_strand: bool) -> list[Label] | None:
        try:
            return [self.alleles.label(text, other_strand=other_strand) for text in labels]
        except LabelError:
            return None

    def _is_on_other_strand(self, labels: Sequence[str]) -> bool:
        """Whether the labels name the locus's alleles on the other strand only."""
        if self._read_all(labels, other_strand=False) is not None:
            self._note_case(labels)
            return False
        if not self.alleles.is_nucleotide:
            return False
        translated = self._read_all(labels, other_strand=True)
        if translated is None:
            return False
        self._find(
            "note",
            "other_strand",
            f"genotypes are given on the other strand ({', '.join(labels)}), "
            f"the locus has {self.alleles.described}",
            action="translated to " + ", ".join(label.text for label in translated),
            why="the same variant read from the complementary strand",
        )
        return True

    def _note_case(self, labels: Sequence[str]) -> None:
        alleles = self.alleles.alleles
        different = [
            text
            for text in labels
            if not any(allele in text for allele in alleles)
            and any(allele.casefold() in text.casefold() for allele in alleles)
        ]
        if different:
            self._find(
                "note",
                "case_ignored",
                f"{', '.join(different)}: alleles are written in another case than in the "
                f"configuration ({'/'.join(alleles)})",
                action="case was ignored",
            )

    def _label(self, cell: WrittenCell, other_strand: bool) -> Label | None:
        """The cell's label; None where it is wrong, or blank and of another locus."""
        where = {"row": cell.row, "column": cell.columns[0], "value": cell.label}
        try:
            label = self.alleles.label(cell.label, other_strand=other_strand)
        except LabelError as problem:
            if self.unit or not cell.is_blank:
                expected = f"genotypes of {self.place.locus} ({self.alleles.described})"
                self._find("error", "unknown_genotype", str(problem), **where, expected=expected)
            return None
        if self.unit and label.unit not in self.unit:
            self._find(
                "error",
                "unknown_genotype",
                f"{cell.label!r} is {'an' if label.unit == 'allele' else 'a'} {label.unit}",
                **where,
                expected=f"{self.unit}s in the column {self.unit}",
            )
            return None
        return label

    def _without_overlap(self, read: Sequence[tuple[WrittenCell, CountCell]]) -> list[CountCell]:
        """The cells without blank ones that others fill; an error where two count the same people.

        A table may have a column for AC, one for CC and one for their sum, each study filling what
        it reports; but never two columns of one name.
        """
        if len(read) > MAX_LABELS:
            self._find(
                "error",
                "too_many_genotypes",
                f"{len(read):,} genotypes or alleles of one population",
                expected=f"at most {MAX_LABELS:,}, those of a repeat with 60 lengths",
            )
            return []
        dropped: set[int] = set()
        for place, (written, cell) in enumerate(read):
            for earlier, (other_written, other) in enumerate(read[:place]):
                if not _overlap(cell.label, other.label):
                    continue
                if cell.label.text != other.label.text and (
                    written.is_blank or other_written.is_blank
                ):
                    dropped.add(place if written.is_blank else earlier)
                    continue
                where = f"row {other.row}" if self.unit else other_written.columns[0]
                self._find(
                    "error",
                    "repeated_genotype",
                    f"{written.label!r} counts people whom {other_written.label!r} ({where}) "
                    "counts too",
                    row=cell.row,
                    column=written.columns[0],
                    value=written.label,
                    expected="each genotype once",
                )
        # Blank alleles beside genotypes, or the other way round, belong to other studies.
        given = {cell.label.unit for written, cell in read if not written.is_blank}
        return [
            cell
            for place, (_, cell) in enumerate(read)
            if place not in dropped and (not given or cell.label.unit in given)
        ]

    def _count(self, cell: WrittenCell, side: int) -> CountText | None:
        text, column = (cell.cases, cell.controls)[side], cell.columns[1 + side]
        if is_blank(text):
            return None
        try:
            read = read_count(text, self.decimals, cell.places[side])
        except NumberProblem as problem:
            self._find(
                "error",
                "not_a_count",
                str(problem),
                row=cell.row,
                column=column,
                value=text,
                expected=problem.expected,
            )
            return None
        if read.taken:
            self.taken.append(TakenCell(read.taken, cell.row, column, text, read.count))
        beside = cell.percentages[side]
        if beside and read.percentage is None:
            read = replace(read, percentage=read_percentage(beside))
        return read


def _overlap(one: Label, other: Label) -> bool:
    return one.unit == other.unit and any(overlap(a, b) for a in one.members for b in other.members)
