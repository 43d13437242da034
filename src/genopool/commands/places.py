"""Where in the text of a file a cell begins, for editors and for CI."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from genopool.studies.findings import Finding
from genopool.studies.raw.delimiters import NotRows, split_rows
from genopool.studies.raw.encodings import NotText, decode
from genopool.studies.raw.headers import known_names
from genopool.studies.raw.layout import table_of
from genopool.studies.raw.limits import RefusedFile
from genopool.studies.raw.tables import Grid

_NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Text:
    """The lines of a file, what separates their cells, and where each column stands."""

    lines: list[str] = field(default_factory=list)
    delimiter: str = ","
    places: dict[str, int] = field(default_factory=dict)


class CellPlaces:
    """The columns of the characters with which cells of a text file begin.

    A guide for the cursor only: what it cannot find is left out.

    Parameters
    ----------
    path : Path
        A file that was read without being refused for its size.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._starts: dict[int, list[int]] = {}

    @cached_property
    def _text(self) -> _Text:
        """As the reader of tables sees the file: below titles, and headers of several rows."""
        try:
            text = decode(self.path.read_bytes()).text
            delimiter, rows = split_rows(text, ",", lambda row: known_names(row, _NO_NAMES))
        except (OSError, NotText, NotRows, RefusedFile):
            return _Text()
        table = table_of(Grid(self.path.name, "", tuple(rows), delimiter), _NO_NAMES)
        places: dict[str, int] = {}
        # A finding names a column as the table does, or as the documentation does.
        for name in ("written", "name"):
            for place, column in enumerate(table.columns if table is not None else ()):
                if name == "written" or not column.label:
                    places.setdefault(getattr(column, name), place)
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return _Text(lines, delimiter, places)

    def column(self, finding: Finding) -> int | None:
        """The character, counted from 1, with which the cell of a finding begins."""
        text = self._text
        if finding.row is None or not 1 <= finding.row <= len(text.lines):
            return None
        place = text.places.get(finding.column)
        if place is None:
            return None
        if finding.row not in self._starts:  # a row of many cells can have a finding in each
            line = text.lines[finding.row - 1]
            self._starts = {finding.row: cell_starts(line, text.delimiter)}
        starts = self._starts[finding.row]
        return starts[place] + 1 if place < len(starts) else None


def cell_starts(line: str, delimiter: str) -> list[int]:
    """Where the cells of a line begin; delimiters in quotes do not count."""
    starts, quoted = [0], False
    for place, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            starts.append(place + 1)
    return starts
