"""The files of the study folder as rows of text cells.

Everything is text here, whatever a spreadsheet thinks of it; what a cell means is decided by
`genopool.studies.reading`. Only the standard library is needed, and openpyxl for workbooks.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from genopool.names import path_problem
from genopool.studies.findings import Finding
from genopool.studies.limits import (
    RefusedFile,
    refuse_columns,
    refuse_rows,
    refuse_sheet,
    refuse_unfit,
)

EXTENSIONS = (".csv", ".tsv", ".xlsx")
BLANKS = frozenset(["", "NA", "N/A", "-", ".", "NR"])
MAX_CELL = 32_767
_COUNT_COLUMN = re.compile(r"^(cases|controls)_(.+)$", re.IGNORECASE)


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
    """

    name: str
    label: str
    written: str


@dataclass(frozen=True)
class RawTable:
    """One sheet of text.

    Attributes
    ----------
    file, sheet : str
        Name of the file in the study folder; of the sheet, blank unless the file is a workbook.
    columns : tuple of Column
    rows : tuple of (int, dict)
        Line of the file (or row of the sheet) and the cells by position of their column.
    """

    file: str
    sheet: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def names(self) -> set[str]:
        """Names of the columns that are not counts."""
        return {column.name for column in self.columns if not column.label}

    def position(self, name: str) -> int | None:
        """Where the column `name` stands, or None."""
        for place, column in enumerate(self.columns):
            if column.name == name and not column.label:
                return place
        return None


def study_files(folder: Path) -> tuple[list[Path], list[Finding]]:
    """The tables of a folder in sorted order, and a note on every other file."""
    files, findings = [], []
    try:
        paths = sorted(folder.iterdir(), key=lambda p: p.name)
    except OSError as error:
        reason = f"the folder cannot be read: {error.strerror or error}"
        return [], [_unreadable(folder, reason, expected="a folder to read")]
    for path in paths:
        is_table = path.suffix.lower() in EXTENSIONS
        if path.name.startswith((".", "~$")) or (path.is_dir() and not is_table):
            continue
        if is_table and (reason := path_problem(path.name)):
            findings.append(_unreadable(path, reason, expected="another file name"))
        elif is_table:
            files.append(path)
        else:
            findings.append(
                Finding(
                    "note",
                    "file_ignored",
                    f"not a study table ({path.suffix or 'no extension'})",
                    file=path.name,
                    expected="csv, tsv or xlsx",
                    action="the file was not read",
                )
            )
    return files, findings


def read_file(path: Path) -> tuple[list[RawTable], list[Finding]]:
    """The tables of one file: one of a CSV or TSV, one a sheet of a workbook."""
    try:
        refuse_unfit(path)
        return _read_workbook(path) if path.suffix.lower() == ".xlsx" else _read_text(path)
    except OSError as error:
        reason = error.strerror or str(error)
        return [], [_unreadable(path, f"cannot be read: {reason}", expected="a file to read")]
    except RefusedFile as error:
        return [], [_unreadable(path, str(error), expected=error.expected)]


def _read_text(path: Path) -> tuple[list[RawTable], list[Finding]]:
    findings: list[Finding] = []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        return [], [_unreadable(path, "not UTF-8 text", row=row, expected="UTF-8 (save it so)")]
    rows: list[tuple[int, list[str]]] = []
    try:
        for line, cells in _csv_rows(text, "\t" if path.suffix.lower() == ".tsv" else ","):
            rows.append((line, cells))
            refuse_rows(len(rows))
            refuse_columns(len(cells))
    except csv.Error as error:
        row = rows[-1][0] + 1 if rows else 1
        return [], [_unreadable(path, f"not a table: {error}", row=row, expected="quotes in pairs")]
    table = _table(path.name, "", rows, findings)
    if table is None and not findings:
        findings.append(_unreadable(path, "an empty file", expected="a header and rows"))
    return [table] if table else [], findings


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _read_workbook(path: Path) -> tuple[list[RawTable], list[Finding]]:
    import warnings

    import openpyxl

    findings: list[Finding] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and extensions
            written = openpyxl.load_workbook(path, data_only=False)
            stored = openpyxl.load_workbook(path, data_only=True)
    except Exception as error:  # openpyxl raises whatever its zip and XML readers raise
        reason = " ".join(str(error).split())[:200]
        return [], [
            _unreadable(
                path,
                f"not a workbook that can be read ({reason})",
                expected="a workbook as Excel or LibreOffice saves it",
            )
        ]
    tables = []
    for sheet in written.worksheets:
        refuse_sheet(sheet.title, sheet.max_row, sheet.max_column)
        values = stored[sheet.title]
        rows: list[tuple[int, list[str]]] = []
        header: list[str] = []
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = []
            for cell in cells:
                value = cell.value
                column = header[len(row)] if len(row) < len(header) else ""
                if cell.data_type == "f":
                    value = values[cell.coordinate].value
                    if value is None:
                        findings.append(
                            Finding(
                                "error",
                                "formula_without_value",
                                f"cell {cell.coordinate} has a formula and no stored value",
                                file=path.name,
                                sheet=sheet.title,
                                row=number,
                                column=column,
                                value=str(cell.value),
                                expected="a value: open the file in Excel and save it",
                            )
                        )
                if isinstance(value, datetime | date | time) and _is_label_column(column):
                    findings.append(
                        Finding(
                            "error",
                            "date_for_label",
                            f"cell {cell.coordinate} is a date, where alleles are meant",
                            file=path.name,
                            sheet=sheet.title,
                            row=number,
                            column=column,
                            value=_cell_text(value),
                            expected="text: format the column as text and type the label again",
                        )
                    )
                row.append(_cell_text(value))
            if not header and any(cell.strip() for cell in row):
                header = row
                for cell, value in zip(cells, row, strict=True):
                    if isinstance(cell.value, datetime | date | time):
                        findings.append(
                            Finding(
                                "error",
                                "date_for_label",
                                f"cell {cell.coordinate} of the header is a date",
                                file=path.name,
                                sheet=sheet.title,
                                row=number,
                                value=value,
                                expected="text: format the cell as text and type the name again",
                            )
                        )
            rows.append((number, row))
        if not header:
            continue
        table = _table(path.name, sheet.title, rows, findings)
        if table:
            tables.append(table)
    if not tables and not findings:
        findings.append(_unreadable(path, "no sheet with a table", expected="a header and rows"))
    return tables, findings


def _is_label_column(written: str) -> bool:
    return written.strip().lower() in ("genotype", "allele", "effect_allele", "locus", "study")


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _table(
    file: str, sheet: str, rows: list[tuple[int, list[str]]], findings: list[Finding]
) -> RawTable | None:
    """The header and the rows below it; problems of their shape go into `findings`."""
    filled = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    if not filled:
        return None
    (header_line, header), *body = filled

    def problem(check: str, message: str, row: int, column: str = "", **more: str) -> None:
        findings.append(
            Finding("error", check, message, file=file, sheet=sheet, row=row, column=column, **more)
        )

    while header and not header[-1].strip():
        header = header[:-1]
    columns = tuple(_column(written) for written in header)
    first: dict[tuple[str, str], str] = {}
    for place, column in enumerate(columns, start=1):
        if not column.written:
            if any(len(cells) >= place and cells[place - 1].strip() for _, cells in body):
                problem("header", f"column {place} has values and no name", header_line)
            continue
        key = (column.name, column.label)
        if key in first:
            problem(
                "header",
                f"the column is there twice, as {first[key]!r} and {column.written!r}",
                header_line,
                column.written,
                expected="one column of each name",
            )
        first.setdefault(key, column.written)
    kept = []
    for line, cells in body:
        extra = [cell for cell in cells[len(columns) :] if cell.strip()]
        if extra:
            problem(
                "row_length",
                f"{len(cells)} cells under a header of {len(columns)}",
                line,
                value=extra[0][:80],
                expected="a cell for each column (quote a cell that holds the separator)",
            )
        for place, cell in enumerate(cells[: len(columns)]):
            if len(cell) > MAX_CELL:
                problem(
                    "cell_length",
                    f"a cell of {len(cell):,} characters",
                    line,
                    columns[place].written,
                    value=cell[:80] + "…",
                    expected=f"at most {MAX_CELL:,} characters",
                )
        padded = tuple(cell.strip()[:MAX_CELL] for cell in cells[: len(columns)])
        kept.append((line, padded + ("",) * (len(columns) - len(padded))))
    return RawTable(file, sheet, columns, tuple(kept))


def _column(written: str) -> Column:
    written = " ".join(written.split())
    match = _COUNT_COLUMN.match(written)
    if match:
        return Column(match.group(1).lower(), match.group(2).strip(), written)
    return Column(written.lower(), "", written)


def _unreadable(path: Path, message: str, **where: Any) -> Finding:
    return Finding("error", "unreadable_file", message, file=path.name, **where)
