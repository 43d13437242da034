"""Tables, figures and their numbers as the templates take them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from markupsafe import Markup, escape

_SECOND_LINE = re.compile(r'(?= <span class="(?:below|under|value|warned)">)')


@dataclass(frozen=True)
class Column:
    """A column: `kind` is `text`, `num` (aligned to the right), `ci` (follows its number), `note`
    (long text), `where` (places and links), `est`
    (an estimate below its question) or `plot`; columns of one `group` share a heading above
    their own."""

    label: str | Markup
    kind: str = "text"
    group: str = ""


@dataclass(frozen=True)
class Row:
    """The cells of a row; the first one is its heading. A `wide` row has one cell over
    all columns. The `notes` become footnotes, marked at the cell `noted`. Links lead to `id`."""

    cells: Sequence[str | Markup]
    style: str = ""
    wide: bool = False
    notes: Sequence[str] = ()
    noted: int = 0
    id: str = ""


@dataclass(frozen=True)
class Body:
    """Rows under a common heading, which may be blank."""

    rows: Sequence[Row]
    heading: str | Markup = ""


@dataclass(frozen=True)
class Table:
    """A table with its number and caption."""

    id: str
    number: int
    caption: str | Markup
    columns: Sequence[Column]
    bodies: Sequence[Body]
    footnotes: Sequence[tuple[str, str]] = ()

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The upper line of headings, as (label, columns); empty if no column has a group."""
        spans: list[tuple[str, int]] = []
        for column in self.columns:
            if spans and column.group and spans[-1][0] == column.group:
                spans[-1] = (column.group, spans[-1][1] + 1)
            else:
                spans.append((column.group, 1))
        return spans if any(label for label, _ in spans) else []


@dataclass(frozen=True)
class Plot:
    """A figure, ready to be set into the page."""

    id: str
    number: int
    svg: Markup
    caption: str | Markup


@dataclass
class Numbering:
    """Numbers tables and figures in the order in which they are made."""

    _tables: Any = field(default_factory=lambda: count(1))
    _figures: Any = field(default_factory=lambda: count(1))

    def table(
        self, caption: str | Markup, columns: Sequence[Column], bodies: Sequence[Body]
    ) -> Table:
        """A table with the next number, the notes of its rows turned into lettered footnotes."""
        number = next(self._tables)
        ident = f"table-{number}"
        said = dict.fromkeys(n for body in bodies for row in body.rows for n in row.notes)
        letters = {note: _letters(position) for position, note in enumerate(said)}
        if letters:
            bodies = [
                Body([_marked(row, letters, ident) for row in body.rows], body.heading)
                for body in bodies
            ]
        footnotes = [(letter, note) for note, letter in letters.items()]
        return Table(ident, number, caption, columns, bodies, footnotes)

    def figure(self) -> int:
        return next(self._figures)


def _letters(position: int) -> str:
    """a, b, … z, aa, ab, …"""
    prefix, place = divmod(position, 26)
    return (_letters(prefix - 1) if prefix else "") + "abcdefghijklmnopqrstuvwxyz"[place]


def _marked(row: Row, letters: dict[str, str], ident: str) -> Row:
    if not row.notes:
        return row
    marks = Markup(",").join(
        Markup('<a href="#{0}-{1}">{1}</a>').format(ident, letters[note])
        for note in letters
        if note in row.notes
    )
    cells = list(row.cells)
    # At the end of the cell's first line: the spans below it are lines of their own.
    first, *below = _SECOND_LINE.split(escape(cells[row.noted]), maxsplit=1)
    cells[row.noted] = Markup("").join(
        [Markup(first), Markup("<sup>{}</sup>").format(marks), *map(Markup, below)]
    )
    return replace(row, cells=cells)
