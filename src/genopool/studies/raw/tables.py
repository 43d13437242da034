"""Tables of text: a sheet as it stands in its file, and the table that is found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from genopool.studies.findings import Finding
from genopool.studies.numbers import Decimals, decimal_marks


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        Lower case; for a count column `cases` or `controls`.
    label : str
        Of a count column, the genotype or allele as written; else blank.
    written : str
        The header as written.
    percent : bool
        A column of percentages that stands beside a count column of the same label.
    """

    name: str
    label: str
    written: str
    percent: bool = False


@dataclass(frozen=True)
class Grid:
    """A sheet as it stands in its file.

    Attributes
    ----------
    file, sheet : str
        Name of the file in the study folder; of the sheet, blank unless the file is a workbook.
    rows : tuple of (int, list of str)
        Line of the file (or row of the sheet) and its cells.
    delimiter : str
        What separates the cells of a text file.
    dates, formulas : mapping of (int, int) to str
        Cells by row and position that a spreadsheet took for dates, and formulas without a value.
    merged : tuple of (int, int, int, int)
        First and last row, first and last position of merged cells.
    remarks : tuple of Finding
        What the file's reader has to say about the sheet.
    """

    file: str
    sheet: str
    rows: tuple[tuple[int, list[str]], ...]
    delimiter: str = ""
    dates: Mapping[tuple[int, int], str] = field(default_factory=dict)
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merged: tuple[tuple[int, int, int, int], ...] = ()
    remarks: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class RawTable:
    """The table of a sheet, still text.

    Attributes
    ----------
    file, sheet : str
    columns : tuple of Column
    rows : tuple of (int, tuple of str)
        Line of the file (or row of the sheet) and the cells by position of their column.
    header_row : int
    delimiter : str
        What separates the cells of a text file.
    findings : tuple of Finding
        What reading the sheet found, and what it set aside.
    """

    file: str
    sheet: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    header_row: int = 1
    delimiter: str = ""
    findings: tuple[Finding, ...] = ()

    @cached_property
    def names(self) -> set[str]:
        """Names of the columns that are not counts."""
        return set(self._places)

    @cached_property
    def _places(self) -> dict[str, int]:
        places: dict[str, int] = {}
        for place, column in enumerate(self.columns):
            if not column.label:
                places.setdefault(column.name, place)
        return places

    def position(self, name: str) -> int | None:
        """Where the column `name` stands, or None."""
        return self._places.get(name)

    @cached_property
    def decimals(self) -> Decimals:
        """Which decimal mark the table uses, as far as its cells tell."""
        return decimal_marks((cells for _, cells in self.rows), self.delimiter == ";")
