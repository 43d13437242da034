"""What is refused before it is read: files that are none, that are too large, or that would grow.

A study table is small. These limits are far beyond any, and keep time and memory bounded whatever
somebody sends: a workbook of some kilobytes can unpack to gigabytes, or claim a cell in the last
row and column of a sheet.
"""

from __future__ import annotations

import stat
import xml.parsers.expat
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

MAX_BYTES = 20_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 16_384
#: Of all parts of a workbook, unpacked.
MAX_UNPACKED_BYTES = 50_000_000
MAX_PARTS = 1_000
MAX_SHEET_CELLS = 2_000_000
_XML_ENDINGS = (".xml", ".rels", ".vml")
_BLOCK = 65_536
#: What reading a broken archive raises; an OSError without a file name is a seek to nowhere.
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
_BROKEN_ARCHIVE += (ValueError, OSError)


class RefusedFile(ValueError):
    """A file that is not read; the message says why, `expected` what would be."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.expected = expected


def refuse_unfit(path: Path) -> None:
    """Refuse a path that cannot be a study table, before anything of it is read.

    Parameters
    ----------
    path : Path

    Raises
    ------
    RefusedFile
        If it is a folder, a pipe or a device, has more than 20 MB, or is a workbook that unpacks to
        more than 50 MB or declares entities.
    OSError
        If it is not there or may not be looked at.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise RefusedFile(f"not a file but {_kind(status.st_mode)}", "a file")
    if status.st_size > MAX_BYTES:
        raise RefusedFile(
            f"a file of {status.st_size:,} bytes", f"a table of at most {MAX_BYTES:,} bytes"
        )
    if path.suffix.lower() == ".xlsx":
        _refuse_workbook(path)


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def refuse_rows(number: int) -> None:
    """Refuse a table with more rows than a study table can have.

    Raises
    ------
    RefusedFile
    """
    if number > MAX_ROWS:
        raise RefusedFile(f"more than {MAX_ROWS:,} rows", f"at most {MAX_ROWS:,} rows a table")


def refuse_columns(number: int) -> None:
    """Refuse a table with more columns than a spreadsheet can have.

    Raises
    ------
    RefusedFile
    """
    if number > MAX_COLUMNS:
        raise RefusedFile(
            f"{number:,} columns", f"at most {MAX_COLUMNS:,} columns, as a spreadsheet has"
        )


def refuse_sheet(title: str, rows: int, columns: int) -> None:
    """Refuse a sheet whose cells reach too far, before rows and columns up to there are made.

    Raises
    ------
    RefusedFile
    """
    if rows * columns > MAX_SHEET_CELLS or rows > MAX_ROWS:
        raise RefusedFile(
            f"sheet {title!r} reaches to row {rows:,} and column {columns:,}",
            f"at most {MAX_ROWS:,} rows and {MAX_SHEET_CELLS:,} cells (delete what stands far "
            "below and right of the table, formats too)",
        )


def _refuse_workbook(path: Path) -> None:
    """Refuse a workbook by what its archive says it holds, and by its XML's first lines."""
    if not zipfile.is_zipfile(path):
        return  # its reader says what it is instead
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            # Python reads no more of a part than the archive says it has.
            if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
                raise RefusedFile(
                    f"a workbook of {len(parts):,} parts that unpacks to {unpacked:,} bytes",
                    f"at most {MAX_PARTS:,} parts and {MAX_UNPACKED_BYTES:,} bytes",
                )
            for part in parts:
                if part.filename.lower().endswith(_XML_ENDINGS):
                    with archive.open(part) as content:
                        _refuse_document_type(part.filename, content)
    except _BROKEN_ARCHIVE as error:
        if isinstance(error, RefusedFile) or getattr(error, "filename", None):
            raise
        raise RefusedFile(
            f"not a workbook that can be read ({error})", "an .xlsx file, without a password"
        ) from None


def _refuse_document_type(name: str, content: IO[bytes]) -> None:
    """Refuse a document type, which no workbook has and which entities are declared in."""
    parser = xml.parsers.expat.ParserCreate()
    in_content = False

    def refuse(*_: Any) -> None:
        raise RefusedFile(
            f"{name} declares a document type, whose entities could stand for anything",
            "a workbook as Excel or LibreOffice saves it",
        )

    def stop(*_: Any) -> None:
        nonlocal in_content
        in_content = True

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        while not in_content and (block := content.read(_BLOCK)):
            parser.Parse(block, False)
    except xml.parsers.expat.ExpatError:
        return  # openpyxl says what is wrong with it
