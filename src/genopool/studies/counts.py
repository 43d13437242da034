"""Reading the counts of one population: which genotypes its cells count, and how many people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genopool.studies.files import BLANKS
from genopool.studies.findings import Finding
from genopool.studies.genotypes import Label, LabelError, LocusAlleles, overlap
from genopool.studies.records import CountCell, CountRow

MAX_COUNT = 10**9
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
    """

    row: int
    label: str
    columns: tuple[str, str, str]
    cases: str
    controls: str

    @property
    def is_blank(self) -> bool:
        return self.cases.upper() in BLANKS and self.controls.upper() in BLANKS


@dataclass
class ReadCounts:
    """A record, or None where the row has errors; and what was found."""

    record: CountRow | None = None
    findings: list[Finding] = field(default_factory=list)


def read_counts(
    shared: Mapping[str, Any],
    written: Sequence[WrittenCell],
    alleles: LocusAlleles,
    unit: str = "",
) -> ReadCounts:
    """Read the counts of a population.

    Parameters
    ----------
    shared : mapping
        What counts and estimates have in common, as the fields of `Row`.
    written : sequence of WrittenCell
    alleles : LocusAlleles
    unit : {"", "genotype", "allele"}
        What the labels of a long table have to be; blank for a wide one, whose blank cells may
        belong to another locus.
    """
    reader = _CountReader(CountRow(**shared), alleles, unit)
    cells = reader.cells(written)
    has_errors = any(finding.severity == "error" for finding in reader.findings)
    record = None if has_errors else CountRow(**shared, cells=tuple(cells))
    return ReadCounts(record, reader.findings)


class _CountReader:
    def __init__(self, place: CountRow, alleles: LocusAlleles, unit: str) -> None:
        self.place = place
        self.alleles = alleles
        self.unit = unit
        self.findings: list[Finding] = []

    def cells(self, written: Sequence[WrittenCell]) -> list[CountCell]:
        claimed = [cell.label for cell in written if self.unit or not cell.is_blank]
        other_strand = self._is_on_other_strand(claimed)
        read: list[tuple[WrittenCell, CountCell]] = []
        for cell in written:
            label = self._label(cell, other_strand)
            if label is not None:
                numbers = [
                    self._count(cell, text, column)
                    for text, column in zip(
                        (cell.cases, cell.controls), cell.columns[1:], strict=True
                    )
                ]
                read.append((cell, CountCell(cell.row, label, *numbers)))
        kept = self._without_overlap(read)
        if not self.findings and all(c.cases is None and c.controls is None for c in kept):
            self._find(
                "warning",
                "no_counts",
                "the row gives no counts",
                action="the row answers nothing and is listed as not used",
            )
        return kept

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
        if not self.alleles.is_nucleotide or self.alleles.is_palindromic:
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
        if self.unit and label.unit != self.unit:
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
        return [cell for place, (_, cell) in enumerate(read) if place not in dropped]

    def _count(self, cell: WrittenCell, text: str, column: str) -> int | None:
        if text.upper() in BLANKS:
            return None
        whole, _, decimals = text.partition(".")
        is_whole = whole.isascii() and whole.isdigit() and not decimals.strip("0")
        if is_whole and len(whole) < 20 and int(whole) <= MAX_COUNT:
            return int(whole)
        self._find(
            "error",
            "not_a_count",
            f"{text!r} is not a number of people",
            row=cell.row,
            column=column,
            value=text,
            expected=f"a whole number from 0 to {MAX_COUNT:,} (blank if not reported)",
        )
        return None


def _overlap(one: Label, other: Label) -> bool:
    return one.unit == other.unit and any(overlap(a, b) for a in one.members for b in other.members)
