"""Bytes as text: which encoding a file is in, and what it is when it is no text at all."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KINDS = (
    (b"%PDF", "a PDF document"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel file (.xls), or one with a password",
    ),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3", "a database (SQLite)"),
    (b"PAR1", "a Parquet file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)
_ARCHIVES = (
    (b"xl/workbook", "an Excel workbook; give it the ending .xlsx"),
    (b"xl/", "an Excel workbook; give it the ending .xlsx"),
    (b"word/", "a Word document"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet; save it as .xlsx or .csv"),
)
#: UTF-8 read as Windows-1252 by whoever saved the file: Ã¼ for ü.
_MOJIBAKE = re.compile("[ÂÃ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€[\u0080-\u00bf“”™˜¦¢]")


class NotText(ValueError):
    """Bytes that are no text.

    Attributes
    ----------
    row : int or None
        The line in which that shows.
    """

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


@dataclass(frozen=True)
class Decoded:
    """The text of a file.

    Attributes
    ----------
    text : str
    guessed : str
        The encoding, where the file does not prove it.
    row : int
        The line that shows it first.
    """

    text: str
    guessed: str = ""
    row: int = 1


def kind_of(data: bytes) -> str:
    """What the first bytes say that a file is; blank for text."""
    for start, kind in _KINDS:
        if data.startswith(start):
            return kind
    if data.startswith(b"PK\x03\x04"):
        for part, kind in _ARCHIVES:
            if part in data:
                return kind
        return "a ZIP archive"
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<table")):
        return "a web page (HTML)"
    if head.startswith(b"<?xml"):
        return "an XML document"
    return ""


def decode(data: bytes) -> Decoded:
    """The text of a file, without a byte-order mark.

    A file that is not Unicode is read as Windows-1252, which is Latin-1 with the signs that the
    latter lacks, and `guessed` says so.

    Raises
    ------
    NotText
        Naming what the file is.
    """
    kind = kind_of(data)
    if kind:
        raise NotText(f"not a table of text: it is {kind}")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return Decoded(data.decode(encoding))
            except UnicodeDecodeError as error:
                name = encoding.removesuffix("-sig").upper()
                raise NotText(f"the mark at its start says {name}, which it is not", 1) from error
    guessed = ""
    if b"\0" in data:
        encoding = _utf16_without_mark(data)
        try:
            text = data.decode(encoding) if encoding else ""
        except UnicodeDecodeError:
            text = ""
        if not text or not _is_readable(text):
            row = data[: data.index(b"\0")].count(b"\n") + 1
            raise NotText("not text: it has NUL bytes", row)
        return Decoded(text, encoding.upper())
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c" for byte in data[:4096])
    if controls > len(data[:4096]) / 50:
        raise NotText("not text: it has control characters all over", row)
    try:
        text, guessed = data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        text, guessed = data.decode("latin-1"), "Latin-1"
    return Decoded(text, guessed, row)


def _is_readable(text: str) -> bool:
    """Whether hardly a character is a control character, or one that has no meaning."""
    sample = text[:4096]
    odd = sum(
        unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") for c in sample if c not in "\t\n\r"
    )
    return "\0" not in sample and odd <= len(sample) / 50


def _utf16_without_mark(data: bytes) -> str:
    """Text of Western letters in UTF-16 has a NUL in every other byte."""
    even, odd = data[0:4096:2], data[1:4096:2]
    if len(data) % 2 or not odd:
        return ""
    if even.count(0) > 0.4 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    if odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    return ""


def damaged_letters(text: str) -> tuple[int, str] | None:
    """Line and example of letters that an earlier change of encoding spoilt, or None."""
    if text.isascii():
        return None
    place = text.find("\ufffd")
    match = _MOJIBAKE.search(text)
    if place < 0 and not match:
        return None
    start = match.start() if place < 0 else place
    line_start = max(text.rfind(mark, 0, start) for mark in "\n,;\t") + 1
    return text.count("\n", 0, start) + 1, text[line_start : start + 20].splitlines()[0]
