"""Text as rows of cells: which character separates the cells is read from the content."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator

from genopool.studies.raw.limits import refuse_columns, refuse_rows

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
#: Enough rows to tell; a title above the header and notes below do not outvote them.
_SAMPLE = 60
_DECLARED = re.compile(r'^"?sep=(.)"?[,;\t]*\r?(\n|$|\r)', re.IGNORECASE)

Rows = list[tuple[int, list[str]]]


class NotRows(ValueError):
    """Text that cannot be cut into rows; `row` is the line that shows it."""

    def __init__(self, message: str, row: int, expected: str) -> None:
        super().__init__(message)
        self.row = row
        self.expected = expected


def split_rows(text: str, preferred: str, names: Callable[[list[str]], int]) -> tuple[str, Rows]:
    """Cut text into rows of cells.

    Parameters
    ----------
    text : str
    preferred : str
        The delimiter that the file's ending promises; it decides where the content does not.
    names : callable
        How many cells of a row are known names of columns.

    Returns
    -------
    delimiter : str
    rows : list of (int, list of str)
        With the number of the line in which each starts.

    Raises
    ------
    NotRows
        If two delimiters fit equally well, or quotes are not in pairs.
    RefusedFile
        If there are more rows or columns than a study table can have.
    """
    declared = _DECLARED.match(text)
    if declared:
        delimiter = {"t": "\t"}.get(declared.group(1), declared.group(1))
    else:
        delimiter = _delimiter(text, preferred, names)
    rows: Rows = []
    try:
        for row in _csv_rows(text, delimiter):
            rows.append(row)
            refuse_rows(len(rows))
            refuse_columns(len(row[1]))
    except csv.Error as error:
        raise NotRows(
            f"not a table: {_words(error)}", rows[-1][2] if rows else 1, "quotes in pairs"
        ) from None
    _check_swallowed(rows, delimiter)
    rows = [(line, cells) for line, cells, _ in rows]
    return delimiter, rows[1:] if declared else rows


def _words(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quote is opened and not closed"
    if "expected after" in str(error):
        return "text after a closing quote"
    if "field limit" in str(error):
        return f"a cell of more than {csv.field_size_limit():,} characters"
    return str(error)


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str], int]]:
    """Rows with the number of their first line, and of the line after them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for cells in reader:
        yield line, cells, reader.line_num + 1
        line = reader.line_num + 1


def _check_swallowed(rows: list, delimiter: str) -> None:
    """Refuse a cell with rows of the table in it: a quote that is closed by the next one."""
    width = max((len(cells) for _, cells, _ in rows), default=0)
    for line, cells, after in rows:
        if after - line < 2:
            continue
        for cell in cells:
            inner = cell.splitlines()
            if len(inner) > 1 and any(_is_row(text, delimiter, width) for text in inner):
                raise NotRows(
                    "a quoted cell has rows of the table in it: a quote is not closed",
                    line,
                    "quotes in pairs",
                )


def _is_row(text: str, delimiter: str, width: int) -> bool:
    """Whether a line within a cell is cut as the table is, with numbers as no sentence has."""
    cells = text.split(delimiter)
    numbers = sum(cell.strip(' "').isdigit() for cell in cells)
    return len(cells) >= max(3, width - 1) and numbers >= min(4, width // 2)


def _delimiter(text: str, preferred: str, names: Callable[[list[str]], int]) -> str:
    known: dict[str, int] = {}
    widths: dict[str, tuple[float, int]] = {}
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        sample = _sample(text, delimiter)
        known[delimiter] = max((names(cells) for cells in sample if len(cells) > 1), default=0)
        lengths = Counter(len(cells) for cells in sample if len(cells) > 1)
        width, times = max(lengths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        widths[delimiter] = (times / max(1, len(sample)), width)
    if not known:
        return preferred
    best = max(known.values())
    if best:
        candidates = [delimiter for delimiter, found in known.items() if found == best]
        if len(candidates) > 1:
            written = " and ".join(DELIMITERS[delimiter] for delimiter in candidates)
            raise NotRows(
                f"what separates the cells cannot be told: {written} fit equally well",
                1,
                "one separator in header and rows (or a first line sep=;)",
            )
        return candidates[0]
    if preferred in widths and widths[preferred][0] > 0.5:
        return preferred
    return max(widths, key=lambda d: (widths[d], d == preferred))


def _sample(text: str, delimiter: str) -> list[list[str]]:
    sample: list[list[str]] = []
    try:
        for _, cells, _ in _csv_rows(text[:200_000], delimiter):
            if any(cell.strip() for cell in cells):
                sample.append(cells)
            if len(sample) == _SAMPLE:
                break
    except csv.Error:
        pass
    return sample
