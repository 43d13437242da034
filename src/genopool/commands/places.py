"""Where in the text of a file a cell begins, for editors and for CI."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from genopool.studies.findings import Finding

_DELIMITERS = "\t,;"
_ENCODINGS = ("utf-8-sig", "latin-1")


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
        self._starts: dict[tuple[int, str], list[int]] = {}

    @cached_property
    def _lines(self) -> list[str]:
        try:
            data = self.path.read_bytes()
        except OSError:
            return []
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16", "replace").splitlines()
        for encoding in _ENCODINGS:
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return []

    @cached_property
    def _header_places(self) -> dict[str, tuple[str, int]]:
        """Delimiter and place of each name in the first line that has several cells."""
        for line in self._lines:
            delimiter = max(_DELIMITERS, key=line.count)
            starts = cell_starts(line, delimiter)
            if len(starts) > 1:
                ends = [*(start - 1 for start in starts[1:]), len(line)]
                names = [
                    line[start:end].strip().strip('"').strip()
                    for start, end in zip(starts, ends, strict=True)
                ]
                return {name: (delimiter, place) for place, name in enumerate(names)}
        return {}

    def column(self, finding: Finding) -> int | None:
        """The character, counted from 1, with which the cell of a finding begins."""
        if finding.row is None or not 1 <= finding.row <= len(self._lines):
            return None
        delimiter, place = self._header_places.get(finding.column, ("", -1))
        if not delimiter:
            return None
        key = (finding.row, delimiter)
        if key not in self._starts:  # a row of many cells can have a finding in each
            self._starts = {key: cell_starts(self._lines[finding.row - 1], delimiter)}
        starts = self._starts[key]
        return starts[place] + 1 if 0 <= place < len(starts) else None


def cell_starts(line: str, delimiter: str) -> list[int]:
    """Where the cells of a line begin; delimiters in quotes do not count."""
    starts, quoted = [0], False
    for place, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            starts.append(place + 1)
    return starts
