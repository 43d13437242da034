"""An empty study table as a workbook: drop-downs, and cells that refuse what cannot be."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from genopool.commands.headers import TableColumn

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

#: Rows with drop-downs and checks.
ROWS = 1_000
MAX_COUNT = 1_000_000_000
_TEXT, _GENERAL = "@", "General"
#: What cannot be typed here says so in words: (type, operator, formula, title, message).
_NUMBERS = {
    "count": ("whole", ("0", str(MAX_COUNT)), "a whole number, 0 or more; blank: not reported"),
    "ratio": ("decimal", ("0",), "a number above 0"),
    "positive": ("decimal", ("0",), "a number above 0"),
    "proportion": ("decimal", ("0", "1"), "a number from 0 to 1"),
    "year": ("whole", ("1900", "2100"), "not a year, as 2005: is it what you mean?"),
    "number": ("decimal", ("-1E9", "1E9"), "not a number: is it what you mean?"),
}
#: Asked about and not refused: the reader takes ranges too, as 2003-2005.
_ASKED = ("year", "number")


def empty_workbook(columns: Sequence[TableColumn], locus: str, kind: str) -> bytes:
    """The bytes of a workbook, the same every time.

    Parameters
    ----------
    columns : sequence of TableColumn
    locus, kind : str
        For the sheet of instructions.
    """
    from openpyxl import Workbook

    book = Workbook()
    table = book.active
    table.title = "studies"
    _write_header(table, columns)
    lists = book.create_sheet("lists")
    lists.sheet_state = "hidden"
    _add_checks(table, lists, columns)
    _write_instructions(book, columns, locus, kind)
    data = io.BytesIO()
    book.save(data)
    return _reproducible(data.getvalue())


def _write_header(table: Worksheet, columns: Sequence[TableColumn]) -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(columns, start=1):
        cell = _write_text(table, 1, place, column.name)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8EEF4")
        width = table.column_dimensions[get_column_letter(place)]
        width.width = max(12, len(column.name) + 3)
        # Else Excel makes dates of genotypes as 10/11 and numbers of PubMed identifiers.
        width.number_format = _TEXT if column.holds == "text" else _GENERAL
    table.freeze_panes = "C2"


def _write_text(sheet: Worksheet, row: int, place: int, text: str):
    """Write a cell that is text even if it begins with `=`."""
    cell = sheet.cell(row, place, text)
    cell.data_type = "s"
    cell.number_format = _TEXT
    return cell


def _add_checks(table: Worksheet, lists: Worksheet, columns: Sequence[TableColumn]) -> None:
    from openpyxl.utils import get_column_letter

    letters = {column.name: get_column_letter(i) for i, column in enumerate(columns, start=1)}
    last = 0
    for column in columns:
        letter = letters[column.name]
        if column.values:
            # One column for all lists: side by side they could look like a header.
            first = last + 1
            for last, value in enumerate(column.values, start=first):
                _write_text(lists, last, 1, value)
            check = _choice(column, f"lists!$A${first}:$A${last}")
        elif column.name in ("ci_low", "ci_high"):
            check = _limit(column, letters)
        elif column.holds in _NUMBERS:
            check = _number(column)
        else:
            continue
        check.add(f"{letter}2:{letter}{ROWS + 1}")
        table.add_data_validation(check)


def _validation(column: TableColumn, message: str, **rule: object) -> DataValidation:
    from openpyxl.worksheet.datavalidation import DataValidation

    return DataValidation(
        allow_blank=True,
        showErrorMessage=True,
        showInputMessage=True,
        errorTitle=column.name[:32],
        error=message[:255],
        promptTitle=column.name[:32],
        prompt=column.meaning[:255],
        **rule,
    )


def _choice(column: TableColumn, cells: str) -> DataValidation:
    """A drop-down; another value is refused, or asked about where it can be right."""
    message = (
        "choose one of the list" if column.only_these else "not in the list: is it what you mean?"
    )
    style = "stop" if column.only_these else "warning"
    return _validation(column, message, type="list", formula1=cells, errorStyle=style)


def _number(column: TableColumn) -> DataValidation:
    kind, limits, message = _NUMBERS[column.holds]
    if len(limits) == 1:
        rule = {"operator": "greaterThan", "formula1": limits[0]}
    else:
        rule = {"operator": "between", "formula1": limits[0], "formula2": limits[1]}
    style = "warning" if column.holds in _ASKED else "stop"
    return _validation(column, message, type=kind, errorStyle=style, **rule)


def _limit(column: TableColumn, letters: dict[str, str]) -> DataValidation:
    """A limit above 0, and the lower one below the upper one where both are given."""
    low, high, own = (f"{letters[name]}2" for name in ("ci_low", "ci_high", column.name))
    formula = f'AND(ISNUMBER({own}),{own}>0,OR({low}="",{high}="",{low}<{high}))'
    message = "a number above 0, and ci_low below ci_high"
    return _validation(column, message, type="custom", formula1=formula)


def _write_instructions(
    book: Workbook, columns: Sequence[TableColumn], locus: str, kind: str
) -> None:
    """A line a cell: no cell is a header's name, so nothing here can be taken for a table."""
    from openpyxl.styles import Alignment

    sheet = book.create_sheet("instructions")
    shape = {
        "counts": "One row for each study, or for each part of it that has counts of its own.",
        "long": "One row for each genotype of a study; the other columns agree in all of them.",
        "alleles": "One row for each allele of a study, counting chromosomes, not people.",
        "estimates": "One row for each odds ratio that a paper reports.",
    }[kind]
    lines = [
        f"Study table for {locus}: fill in the sheet 'studies', and save it as .xlsx in the folder "
        "of the study tables.",
        shape,
        "A blank cell means not reported; 0 means none.",
        "",
        *(f"{column.name}: {column.meaning}" for column in columns),
    ]
    sheet.column_dimensions["A"].width = 100
    for row, line in enumerate(lines, start=1):
        _write_text(sheet, row, 1, line).alignment = Alignment(wrap_text=True, vertical="top")


def _reproducible(data: bytes) -> bytes:
    """The same workbook without the time at which it was written."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(fixed, "w") as copy:
        for part in archive.infolist():
            content = archive.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:(created|modified)[^>]*>)[^<]*",
                    rb"\g<1>2000-01-01T00:00:00Z",
                    content,
                )
            entry = zipfile.ZipInfo(part.filename, date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            copy.writestr(entry, content)
    return fixed.getvalue()
