"""The sheets of an Excel workbook as text, whatever the spreadsheet thinks of its cells."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from genopool.studies.findings import Finding
from genopool.studies.raw.encodings import kind_of
from genopool.studies.raw.limits import RefusedFile, refuse_sheet
from genopool.studies.raw.tables import Grid


class NotWorkbook(ValueError):
    """A file that is no workbook, saying what it is."""


def read_workbook(path: Path) -> list[Grid]:
    """Every sheet with a filled cell.

    Raises
    ------
    NotWorkbook
        If the file cannot be read.
    RefusedFile
        If a sheet reaches too far.
    """
    import warnings

    import openpyxl

    try:
        # From memory, since openpyxl leaves the file of a broken workbook open.
        content = path.read_bytes()
        if not content.startswith(b"PK"):
            raise NotWorkbook(f"not a workbook that can be read: it is {_kind(content[:4096])}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and extensions
            written = openpyxl.load_workbook(io.BytesIO(content), data_only=False)
            formulas = any(
                cell.data_type == "f" for sheet in written.worksheets for cell in _cells(sheet)
            )
            stored = (
                openpyxl.load_workbook(io.BytesIO(content), data_only=True) if formulas else written
            )
    except (NotWorkbook, RefusedFile):
        raise
    except Exception as error:  # openpyxl raises whatever its zip and XML readers raise
        reason = " ".join(str(error).split())[:200]
        raise NotWorkbook(f"not a workbook that can be read ({reason})") from error
    return [
        grid
        for sheet in written.worksheets
        if (grid := _grid(path.name, sheet, stored[sheet.title])) is not None
    ]


def _cells(sheet: Any) -> Iterator[Any]:
    """Every cell of a sheet that is not too large."""
    refuse_sheet(sheet.title, sheet.max_row, sheet.max_column)
    for row in sheet.iter_rows():
        yield from row


def _kind(start: bytes) -> str:
    if not start:
        return "empty"
    return kind_of(start) or ("text; give it the ending .csv" if b"\0" not in start else "damaged")


def _grid(file: str, sheet: Any, values: Any) -> Grid | None:
    rows: list[tuple[int, list[str]]] = []
    dates: dict[tuple[int, int], str] = {}
    formulas: dict[tuple[int, int], str] = {}
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = []
        for place, cell in enumerate(cells):
            value = cell.value
            if cell.data_type == "f":
                value = values.cell(number, place + 1).value
                if value is None:
                    formulas[number, place] = str(getattr(cell.value, "text", cell.value))
            if isinstance(value, datetime | date | time):
                dates[number, place] = cell.coordinate
            row.append(_cell_text(value, cell.number_format if value is not None else ""))
        rows.append((number, row))
    if not any(text.strip() for _, row in rows for text in row) and not formulas:
        return None
    merged = tuple(
        (area.min_row, area.max_row, area.min_col - 1, area.max_col - 1)
        for area in sorted(sheet.merged_cells.ranges, key=lambda area: area.bounds)
    )
    remarks = tuple(_hidden(file, sheet, rows))
    return Grid(
        file, sheet.title, tuple(rows), dates=dates, formulas=formulas, merged=merged,
        remarks=remarks,
    )  # fmt: skip


def _hidden(file: str, sheet: Any, rows: list[tuple[int, list[str]]]) -> list[Finding]:
    """Notes on what Excel does not show, which is read all the same."""
    filled = {number for number, cells in rows if any(cell.strip() for cell in cells)}
    hidden = []
    if sheet.sheet_state != "visible":
        hidden.append(("the sheet is hidden", None))
    hidden += [
        (f"row {number} is hidden", number)
        for number in sorted(filled)
        if number in sheet.row_dimensions and sheet.row_dimensions[number].hidden
    ]
    hidden += [
        (f"column {letter} is hidden", None)
        for letter, column in sorted(sheet.column_dimensions.items())
        if column.hidden
    ]
    return [
        Finding(
            "note",
            "hidden_cells",
            f"{what} in the workbook",
            file=file,
            sheet=sheet.title,
            row=row,
            why="what is hidden may have been left out on purpose",
            action="it was read; delete it if it should not be",
        )
        for what, row in hidden
    ]


def _cell_text(value: Any, number_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float) and "%" in number_format:
        return f"{value * 100:.10g}%"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
