"""The table of a sheet: its header, its rows, and what stands around them and is set aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from genopool.studies.cells import EXCEL_ERROR, tidy, without_footnote
from genopool.studies.findings import Finding
from genopool.studies.raw.delimiters import DELIMITERS
from genopool.studies.raw.header_rows import FoundHeader, exact_header, find_header
from genopool.studies.raw.set_aside import set_aside
from genopool.studies.raw.tables import Column, Grid, RawTable

MAX_CELL = 32_767
#: Columns of labels, which a spreadsheet makes dates of.
LABEL_COLUMNS = frozenset(["genotype", "allele", "effect_allele", "locus", "study"])
NUMBER_COLUMNS = frozenset(["cases", "controls", "estimate", "estimate_ci", "ci_low", "ci_high"])


def table_of(grid: Grid, kept: frozenset[str] | None) -> RawTable | None:
    """The table of a sheet, or None where it is empty.

    Parameters
    ----------
    grid : Grid
    kept : frozenset of str or None
        Names that are never taken for another; None for all of them, in a table that is no study
        table.
    """
    filled = [(line, cells) for line, cells in grid.rows if any(map(str.strip, cells))]
    if not filled:
        return None
    found = exact_header(filled) if kept is None else find_header(filled, kept)
    layout = _Layout(grid, found, filled)
    return layout.table(aside=kept is not None)


class _Layout:
    def __init__(
        self, grid: Grid, found: FoundHeader, filled: Sequence[tuple[int, list[str]]]
    ) -> None:
        self.grid = grid
        self.columns = found.header.columns
        self.header = found.header
        below = found.first + found.height
        self.above = filled[: found.first]
        self.header_lines = [line for line, _ in filled[found.first : below]]
        self.body = filled[below:]
        self.columns = tuple(map(self._settled, range(len(self.columns)), self.columns))
        self.findings: list[Finding] = list(grid.remarks)

    def _settled(self, place: int, column: Column) -> Column:
        """`AA cases (%)` with cells as 45 (12.3) is a column of counts."""
        if not column.percent or replace(column, percent=False, written="") in {
            replace(other, written="") for other in self.columns
        }:
            return column
        cells = [cells[place] for _, cells in self.body if len(cells) > place and cells[place]]
        both = sum(bool(re.search(r"\d.*[(\[].*\d", cell)) for cell in cells)
        return replace(column, percent=False) if both > len(cells) / 2 else column

    @property
    def header_row(self) -> int:
        return self.header_lines[0]

    def table(self, aside: bool) -> RawTable:
        self._report_header()
        rows = self._merged_filled()
        if aside:
            self._report_titles()
            names = [column.written for column in self.columns]
            rows, remarks = set_aside(self.grid, self.columns, names, rows)
            self.findings += remarks
        kept = tuple((line, self._cells(line, cells)) for line, cells in rows)
        if aside:
            kept = self._without_marks(kept)
        return RawTable(
            self.grid.file,
            self.grid.sheet,
            self.columns,
            kept,
            self.header_row,
            self.grid.delimiter,
            tuple(self.findings),
        )

    def _find(self, severity: str, check: str, message: str, row: int, **more: Any) -> None:
        where = {"file": self.grid.file, "sheet": self.grid.sheet, "row": row}
        self.findings.append(Finding(severity, check, message, **where, **more))

    def _report_header(self) -> None:
        for message, written, expected in self.header.problems:
            self._find("error", "header", message, self.header_row, column=written,
                       expected=expected)  # fmt: skip
        for place, column in enumerate(self.columns):
            if not column.written and any(
                len(cells) > place and cells[place].strip() for _, cells in self.body
            ):
                self._find(
                    "error",
                    "header",
                    f"column {place + 1} has values and no name",
                    self.header_row,
                    expected="a name above each column",
                )
        for (line, place), coordinate in self.grid.dates.items():
            if line in self.header_lines:
                self._find(
                    "error",
                    "date_for_label",
                    f"cell {coordinate} of the header is a date",
                    line,
                    value=self._at(line, place),
                    expected="text: format the cell as text and type the name again",
                )
        if self.header.guesses:
            taken = ", ".join(f"{written!r} as {name}" for written, name in self.header.guesses)
            self._find(
                "note",
                "header_guessed",
                f"columns are named otherwise than in the documentation: {taken}",
                self.header_row,
                why="a synonym may have been meant otherwise",
                action="taken as said; rename a column that was meant otherwise",
            )

    def _report_titles(self) -> None:
        for line, cells in self.above:
            text = " ".join(cell.strip() for cell in cells if cell.strip())
            if sum(cell.strip().isdigit() for cell in cells) > 2:
                self._find(
                    "error",
                    "row_above_header",
                    f"a row of numbers above the header: {text[:200]!r}",
                    line,
                    value=text[:80],
                    expected="the header above the rows",
                )
                continue
            self._find(
                "note",
                "title_row",
                f"text above the header: {text[:200]!r}",
                line,
                value=text[:80],
                action="the row was not read as part of the table",
            )
        if len(self.header_lines) > 1:
            written = ", ".join(column.written for column in self.columns if column.label)
            for line in self.header_lines:
                self._find(
                    "note",
                    "header_rows",
                    f"the header has {len(self.header_lines)} rows, read together as {written}",
                    line,
                    action="each column was named by all of them",
                )

    def _at(self, line: int, place: int) -> str:
        cells = dict(self.grid.rows)[line]
        return cells[place] if place < len(cells) else ""

    def _merged_filled(self) -> list[tuple[int, list[str]]]:
        """The body with the value of vertically merged cells in every row of theirs."""
        first_body = self.header_lines[-1]
        merged = [area for area in self.grid.merged if area[0] > first_body and area[1] > area[0]]
        if not merged:
            return list(self.body)
        rows = {line: list(cells) for line, cells in self.grid.rows if line > first_body}
        for top, bottom, left, right in merged:
            for place in range(left, min(right + 1, len(self.columns))):
                column, value = self.columns[place], rows[top][left]
                if not value.strip():
                    continue
                for line in range(top + 1, bottom + 1):
                    rows[line][place] = value
                counts = bool(column.label) or column.name in NUMBER_COLUMNS
                self._find(
                    "warning" if counts else "note",
                    "merged_cells",
                    f"{value.strip()[:80]!r} is merged over the rows {top} to {bottom}",
                    top,
                    column=column.written,
                    value=value.strip()[:80],
                    why="the same people may be counted in each of the rows" if counts else "",
                    action="read in each of these rows"
                    + ("; if they share controls, name a control_group" if counts else ""),
                )
        return [(line, cells) for line, cells in rows.items() if any(map(str.strip, cells))]

    def _cells(self, line: int, cells: list[str]) -> tuple[str, ...]:
        """The cells of a row, one a column; what is wrong with them goes into the findings."""
        columns = self.columns
        extra = [cell for cell in cells[len(columns) :] if cell.strip()]
        if extra:
            self._find(
                "error",
                "row_length",
                f"{len(cells)} cells under a header of {len(columns)}",
                line,
                value=extra[0][:80],
                expected="a cell for each column (quote a cell that holds the separator)",
            )
        missing = [c for c in columns[len(cells) :] if c.label or c.name in NUMBER_COLUMNS]
        if missing and not self.grid.sheet:
            self._find(
                "error",
                "row_length",
                f"{len(cells)} cells under a header of {len(columns)}",
                line,
                column=missing[0].written,
                value=cells[-1][:80] if cells else "",
                expected="a cell for each column, a blank one where nothing is reported"
                + self._other_separator(cells),
                why="a missing separator moves every number into the column before",
            )
        for place, cell in enumerate(cells[: len(columns)]):
            if len(cell) > MAX_CELL:
                self._find(
                    "error",
                    "cell_length",
                    f"a cell of {len(cell):,} characters",
                    line,
                    column=columns[place].written,
                    value=cell[:80] + "…",
                    expected=f"at most {MAX_CELL:,} characters",
                )
            elif cell[:1] == "#" and EXCEL_ERROR.match(cell.strip()) and columns[place].written:
                self._find(
                    "error",
                    "cell_error",
                    f"the spreadsheet could not compute the cell ({cell.strip()})",
                    line,
                    column=columns[place].written,
                    value=cell.strip(),
                    expected="a value, or a blank cell",
                )
        if self.grid.dates or self.grid.formulas:
            self._spreadsheet_problems(line)
        read = tuple(tidy(cell[:MAX_CELL]) for cell in cells[: len(columns)])
        return read + ("",) * (len(columns) - len(read))

    def _other_separator(self, cells: list[str]) -> str:
        """What to add where a row seems to be cut by another character than the header."""
        filled = [cell for cell in cells if cell.strip()]
        for delimiter, name in DELIMITERS.items():
            if (
                delimiter != self.grid.delimiter
                and len(filled) == 1
                and filled[0].count(delimiter) > 1
            ):
                return f" (this row has the separator {name}, the header has another)"
        return ""

    def _spreadsheet_problems(self, line: int) -> None:
        for place, column in enumerate(self.columns):
            if (line, place) in self.grid.dates and _is_label(column):
                self._find(
                    "error",
                    "date_for_label",
                    f"cell {self.grid.dates[line, place]} is a date, where alleles are meant",
                    line,
                    column=column.written,
                    value=self._at(line, place),
                    expected="text: format the column as text and type the label again",
                )
            if (line, place) in self.grid.formulas:
                self._find(
                    "error",
                    "formula_without_value",
                    "the cell has a formula and no stored value",
                    line,
                    column=column.written,
                    value=self.grid.formulas[line, place],
                    expected="a value: open the file in Excel and save it",
                )

    def _without_marks(self, rows: Any) -> Any:
        """Study labels without the marks that point to a note below the table."""
        names = [column.name for column in self.columns]
        if "study" not in names:
            return rows
        place = names.index("study")
        read = []
        for line, cells in rows:
            label, marks = without_footnote(cells[place])
            if marks and not re.fullmatch(r"[\W_]*", label):
                self._find(
                    "note",
                    "footnote_mark",
                    f"{cells[place][:80]!r} ends with a mark that points to a note",
                    line,
                    column=self.columns[place].written,
                    value=cells[place][:80],
                    study=label,
                    action=f"read as {label[:80]!r}",
                )
                cells = (*cells[:place], label, *cells[place + 1 :])
            read.append((line, cells))
        return tuple(read)


def _is_label(column: Column) -> bool:
    return not column.label and column.name in LABEL_COLUMNS
