"""The files of the study folder as tables of text.

Everything is text here, whatever a spreadsheet thinks of it; what a cell means is decided by
`genopool.studies.reading`. Only the standard library is needed, and openpyxl for workbooks.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from genopool.names import path_problem
from genopool.studies.findings import Finding
from genopool.studies.raw.delimiters import NotRows, split_rows
from genopool.studies.raw.encodings import Decoded, NotText, damaged_letters, decode
from genopool.studies.raw.headers import known_names
from genopool.studies.raw.layout import table_of
from genopool.studies.raw.limits import RefusedFile, refuse_unfit
from genopool.studies.raw.split_cells import split_cells
from genopool.studies.raw.tables import Grid, RawTable

EXTENSIONS = (".csv", ".tsv", ".xlsx")
#: What to do about files of the study folder that hold tables and are not read.
_CURES = {
    ".xls": "save it as .xlsx",
    ".xlsm": "save it as .xlsx, without macros",
    ".xlsb": "save it as .xlsx",
    ".ods": "save it as .xlsx or .csv",
    ".numbers": "export it as .csv",
    ".txt": "if it is a study table, give it the ending .csv or .tsv",
    ".tab": "if it is a study table, give it the ending .tsv",
    ".dat": "if it is a study table, give it the ending .csv or .tsv",
    ".gz": "unpack it",
    ".zip": "unpack it",
    ".docx": "copy the table into a workbook",
    ".pdf": "copy the table into a workbook",
}


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
            ending = path.suffix.lower()
            cure = f"; {_CURES[ending]}" if ending in _CURES else ""
            findings.append(
                Finding(
                    "note",
                    "file_ignored",
                    f"not a study table ({path.suffix or 'no extension'})",
                    file=path.name,
                    expected=f"csv, tsv or xlsx{cure}",
                    action="the file was not read",
                )
            )
    return files, findings


def read_file(
    path: Path, kept: frozenset[str] | None = None
) -> tuple[list[RawTable], list[Finding]]:
    """The tables of one file: one of a CSV or TSV, one a sheet of a workbook.

    Parameters
    ----------
    path : Path
    kept : frozenset of str, optional
        Lower-case names of columns that mean themselves, in a study table. Without it no synonym
        is looked for and no row is set aside.

    Returns
    -------
    tables : list of RawTable
        Each with the findings about itself.
    findings : list of Finding
        About the file.
    """
    try:
        refuse_unfit(path)
        grids, findings = _read_grids(path, kept)
    except OSError as error:
        reason = error.strerror or str(error)
        return [], [_unreadable(path, f"cannot be read: {reason}", expected="a file to read")]
    except RefusedFile as error:
        return [], [_unreadable(path, str(error), expected=error.expected)]
    tables = [table for grid in grids if (table := table_of(grid, kept)) is not None]
    if not tables and not findings:
        is_workbook = path.suffix.lower() == ".xlsx"
        nothing = "no sheet with a table" if is_workbook else "an empty file"
        findings.append(_unreadable(path, nothing, expected="a header and rows"))
    return [split_cells(table) for table in tables] if kept is not None else tables, findings


def _read_grids(path: Path, kept: frozenset[str] | None) -> tuple[list[Grid], list[Finding]]:
    """The sheets of a workbook with something in them, or the rows of a text file."""
    if path.suffix.lower() != ".xlsx":
        return _read_text(path, kept)
    from genopool.studies.raw.workbooks import NotWorkbook, read_workbook

    try:
        return read_workbook(path), []
    except NotWorkbook as error:
        cure = "a workbook as Excel or LibreOffice saves it"
        return [], [_unreadable(path, str(error), expected=cure)]


def _read_text(path: Path, kept: frozenset[str] | None) -> tuple[list[Grid], list[Finding]]:
    """The rows of a text file."""
    try:
        decoded = decode(path.read_bytes())
    except NotText as problem:
        cure = "a table saved as CSV (UTF-8), or an .xlsx workbook"
        return [], [_unreadable(path, str(problem), row=problem.row, expected=cure)]
    preferred = "\t" if path.suffix.lower() == ".tsv" else ","
    names = kept or frozenset()
    try:
        delimiter, rows = split_rows(decoded.text, preferred, lambda row: known_names(row, names))
    except NotRows as problem:
        where = {"row": problem.row, "expected": problem.expected}
        return [], [_unreadable(path, str(problem), **where)]
    grid = Grid(path.name, "", tuple(rows), delimiter)
    if not any(cell.strip() for _, cells in rows for cell in cells):
        return [], []
    return [replace(grid, remarks=tuple(_remarks(path, decoded)))], []


def _remarks(path: Path, decoded: Decoded) -> list[Finding]:
    remarks = []
    if decoded.guessed:
        line = decoded.text.splitlines()[decoded.row - 1] if decoded.text else ""
        remarks.append(
            Finding(
                "note",
                "encoding_guessed",
                f"the file is not UTF-8 and does not say what it is: read as {decoded.guessed}",
                file=path.name,
                row=decoded.row,
                value=line[:80],
                expected="UTF-8",
                action="check the letters with accents; save the file as UTF-8 to be sure",
            )
        )
    damaged = damaged_letters(decoded.text)
    if damaged:
        remarks.append(
            Finding(
                "warning",
                "damaged_letters",
                f"letters were spoilt before the file was saved: {damaged[1]!r}",
                file=path.name,
                row=damaged[0],
                value=damaged[1][:80],
                expected="the letters of the source",
                why="one study under two spellings is counted as two",
                action="read as it stands",
            )
        )
    return remarks


def _unreadable(path: Path, message: str, **where: Any) -> Finding:
    return Finding("error", "unreadable_file", message, file=path.name, **where)
