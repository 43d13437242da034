"""Rows that are no studies: notes below a table, headings of groups, totals, repeated headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from genopool.studies.cells import FOOTNOTE_MARKS, fold, is_blank
from genopool.studies.findings import Finding
from genopool.studies.numbers import CountText, NumberProblem, decimal_marks, read_count
from genopool.studies.raw.tables import Column, Grid

TOTAL_LABELS = frozenset(
    "total, totals, all, all studies, pooled, overall, combined, sum, grand total, subtotal, "
    "sub total, total studies, summary, meta analysis".split(", ")
)
_TOTAL_START = re.compile(r"^(sub-?\s?)?totals?\s*([(:,]|n\s*=|for\b|of\b)", re.IGNORECASE)
_NOTE_START = re.compile(
    rf"^\s*([{re.escape(FOOTNOTE_MARKS)}ªº¹²³ᵃᵇᶜᵈᵉ]|\(?[a-e1-9][):]\s|notes?\b|sources?\b|abbrev|data\b|"
    r"p\s*[-–]?\s*(value)?\s*[<=>]|hwe\b|hardy|values?\b|or[,:]|ci[,:]|bold|na[,:=]|nr[,:=]|footnote)",
    re.IGNORECASE,
)
_NUMBERS = frozenset(["cases", "controls", "estimate", "estimate_ci", "ci_low", "ci_high"])
_DIGIT = re.compile(r"\d")
_DATED = re.compile(r"\b(19|20)\d\d[a-z]?$")

Row = tuple[int, list[str]]


def set_aside(
    grid: Grid, columns: Sequence[Column], names: Sequence[str], rows: Sequence[Row]
) -> tuple[list[Row], list[Finding]]:
    """The rows of studies, and a finding for each row that is none."""
    aside = _Aside(grid, columns, names, rows)
    return aside.kept(), aside.findings


class _Aside:
    def __init__(
        self, grid: Grid, columns: Sequence[Column], names: Sequence[str], rows: Sequence[Row]
    ) -> None:
        self.grid = grid
        self.columns = columns
        self.names = [name.casefold() for name in names]
        self.rows = list(rows)
        self.findings: list[Finding] = []
        self.numbers = [
            place for place, column in enumerate(columns) if column.label or column.name in _NUMBERS
        ]
        places = {column.name: place for place, column in enumerate(columns) if not column.label}
        self.study, self.population = places.get("study"), places.get("population")

    def _find(self, severity: str, check: str, message: str, row: Row, **more: Any) -> None:
        line, cells = row
        text = " ".join(cell.strip() for cell in cells if cell.strip())
        where = {"file": self.grid.file, "sheet": self.grid.sheet, "row": line, "value": text[:80]}
        self.findings.append(Finding(severity, check, message, **(where | more)))

    def kept(self) -> list[Row]:
        numbers = [self._has_numbers(row) for row in self.rows]
        last = max((place for place, has in enumerate(numbers) if has), default=-1)
        kept: list[Row] = []
        for number, row in enumerate(self.rows):
            if self._repeats_header(row):
                self._find(
                    "note",
                    "repeated_header",
                    "the header is there again",
                    row,
                    action="the row was not read",
                )
            elif not numbers[number] and self._is_note(row, number > last):
                self._note(row, number > last)
            elif self._is_total(row) and len(self.rows) > 1:
                self._total(row, kept)
            else:
                kept.append(row)
        return kept

    def _has_numbers(self, row: Row) -> bool:
        """Whether most of the columns of numbers hold digits."""
        _, cells = row
        digits = sum(bool(_DIGIT.search(cells[p])) for p in self.numbers if p < len(cells))
        return digits > 0 and not (_NOTE_START.match(cells[0]) and digits < len(self.numbers) / 2)

    def _repeats_header(self, row: Row) -> bool:
        if not row[1] or row[1][0].strip().casefold() != self.names[0]:
            return False
        here = [cell.strip().casefold() for cell in row[1]]
        while here and not here[-1]:
            here.pop()
        return len(here) > 1 and here == self.names[: len(here)]

    def _is_note(self, row: Row, below: bool) -> bool:
        _, cells = row
        filled = [(place, cell.strip()) for place, cell in enumerate(cells) if cell.strip()]
        if self._is_cut_otherwise(cells, filled):
            return False
        if len(filled) == 1:
            place, text = filled[0]
            is_label = place == self.study and _DATED.search(text) and len(text) < 40
            return place not in self.numbers and not is_label and not is_blank(text)
        return below and bool(_NOTE_START.match(filled[0][1]))

    def _is_cut_otherwise(self, cells: list[str], filled: list[tuple[int, str]]) -> bool:
        """A row with the separators of another kind of file is a row, and an error."""
        if self.grid.sheet or len(filled) != 1:
            return False
        others = [d for d in ",;\t" if d != self.grid.delimiter]
        text = filled[0][1]
        most = max(text.count(other) for other in others)
        return most >= max(2, len(self.columns) - 2) and any(c.isdigit() for c in text)

    def _note(self, row: Row, below: bool) -> None:
        text = " ".join(cell.strip() for cell in row[1] if cell.strip())
        if below:
            self._find(
                "note",
                "table_note",
                f"text below the table: {text[:200]!r}",
                row,
                action="the row was not read as part of the table",
            )
        else:
            self._find(
                "warning",
                "heading_row",
                f"a row with nothing but {text[:200]!r}",
                row,
                expected="a row of a study",
                why="a heading of the rows below it says something about them that is lost",
                action="the row was set aside; give the rows below it a column that says so",
            )

    def _is_total(self, row: Row) -> bool:
        if self.study is None or self.study >= len(row[1]):
            return False
        label = row[1][self.study].strip().rstrip(FOOTNOTE_MARKS)
        return fold(label) in TOTAL_LABELS or bool(_TOTAL_START.match(label))

    def _total(self, row: Row, above: list[Row]) -> None:
        """Set a row of totals aside, and add the rows up that it is the total of."""
        differing = [] if self._has_parts(above) else self._differences(row, above)
        label = row[1][self.study].strip()[:80]
        if differing:
            places = "; ".join(
                f"{self.columns[place].written} {printed} printed, {added} added"
                for place, printed, added in differing
            )
            self._find(
                "warning",
                "total_row_differs",
                f"the row {label!r} is not the sum of the rows above it: {places}",
                row,
                column=self.columns[differing[0][0]].written,
                expected="the sum of the rows",
                why="a misprint in the total, or in a row above it, or a row that is missing",
                action="the row was set aside, since it is no study",
            )
        else:
            self._find(
                "note",
                "total_row",
                f"the row {label!r} is a total",
                row,
                action="the row was set aside, since it is no study",
            )

    def _has_parts(self, rows: list[Row]) -> bool:
        place = self.population
        return place is not None and any(
            place < len(cells) and not is_blank(cells[place].strip()) for _, cells in rows
        )

    def _differences(self, row: Row, above: list[Row]) -> list[tuple[int, int, int]]:
        columns = [p for p in self.numbers if self._is_count(self.columns[p])]
        rows = [*above, row]
        decimals = decimal_marks((tuple(cells) for _, cells in rows), self.grid.delimiter == ";")

        def count(cells: list[str], place: int) -> int | None:
            text = cells[place].strip() if place < len(cells) else ""
            if is_blank(text):
                return None
            try:
                read: CountText = read_count(text, decimals, place)
            except NumberProblem:
                return None
            return read.count

        differing = []
        for place in columns:
            printed = count(row[1], place)
            given = [count(cells, place) for _, cells in above]
            added = sum(number for number in given if number is not None)
            if printed is not None and printed != added:
                differing.append((place, printed, added))
        return differing

    @staticmethod
    def _is_count(column: Column) -> bool:
        return column.name in ("cases", "controls") and not column.percent
