"""Where the header of a sheet is: below titles, and in up to three rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from genopool.studies.cells import tidy
from genopool.studies.raw.headers import (
    Header,
    group_of,
    is_group,
    known_names,
    read_header,
    read_name,
)

#: Filled rows among which the header is looked for, and the rows that it may have.
SEARCHED = 30
MOST_ROWS = 3
ESTIMATE_NAMES = {"effect_allele", "model"}
LONG_NAMES = {"cases", "controls"}

_UNIT = re.compile(
    r"^[(\[]?(n|no\.?|number|counts?|%|n\s*[,;]?\s*[(\[]?\s*%\s*[)\]]?)[)\]]?$", re.I
)
Rows = Sequence[tuple[int, list[str]]]


@dataclass(frozen=True)
class FoundHeader:
    """A header and where it is.

    Attributes
    ----------
    first, height : int
        Place of its first row among the filled rows, and number of rows.
    header : Header
    """

    first: int
    height: int
    header: Header


def find_header(filled: Rows, kept: frozenset[str]) -> FoundHeader:
    """The header of a study table.

    The first row, or the first two or three rows together, that name the study and what a table of
    counts or of estimates needs. If there is none, the row with the most names that are known, so
    that the message about it says what is missing.
    """
    searched = filled[:SEARCHED]
    for height in range(1, MOST_ROWS + 1):
        for first in range(len(searched) - height + 1):
            rows = [cells for _, cells in searched[first : first + height]]
            if height == 1 and sum(map(bool, rows[0])) < 2:
                continue
            names = rows[0] if height == 1 else _together(rows)
            header = read_header(_without_tail(names), kept)
            if _is_complete(header):
                found = FoundHeader(first, height, header)
                return _with_units(searched, found, kept)
    known = [known_names(cells, kept) for _, cells in searched]
    first = known.index(max(known)) if max(known) else 0
    return FoundHeader(first, 1, read_header(_without_tail(searched[first][1]), kept))


def _with_units(searched: Rows, found: FoundHeader, kept: frozenset[str]) -> FoundHeader:
    """The header with the row below it, if that says only what the columns count: n, %."""
    below = found.first + found.height
    if below >= len(searched):
        return found
    cells = [cell.strip() for cell in searched[below][1] if cell.strip()]
    if not all(_UNIT.match(cell) for cell in cells):
        return found
    rows = [cells for _, cells in searched[found.first : below + 1]]
    header = read_header(_without_tail(_together(rows)), kept)
    return FoundHeader(found.first, found.height + 1, header)


def exact_header(filled: Rows) -> FoundHeader:
    """The first filled row, its names meaning themselves."""
    names = _without_tail(filled[0][1])
    return FoundHeader(0, 1, read_header(names, frozenset(name.strip().lower() for name in names)))


def _without_tail(names: Sequence[str]) -> list[str]:
    names = list(names)
    while names and not names[-1].strip():
        names.pop()
    return names


def _is_complete(header: Header) -> bool:
    names = {column.name for column in header.columns if not column.label}
    has_counts = any(column.label for column in header.columns)
    is_long = names >= LONG_NAMES and bool(names & {"genotype", "allele"})
    is_estimates = names >= ESTIMATE_NAMES and bool(names & {"estimate", "estimate_ci"})
    return "study" in names and (has_counts or is_long or is_estimates)


def _together(rows: Sequence[list[str]]) -> list[str]:
    """One name a column from several header rows.

    A cell over a group of columns (`Cases` over `AA`, `AC`, `CC`) belongs to each of them, with
    blanks beside it or, merged, to none but the first. Where the rows together name no counts, the
    lowest name is the column's own.
    """
    width = max(map(len, rows))
    cells = [[tidy(text) for text in row] + [""] * (width - len(row)) for row in rows]
    filled = [_spread(row, cells[number + 1 :]) for number, row in enumerate(cells)]
    names = []
    for place in range(width):
        parts = [row[place] for row in filled if row[place]]
        own = [row[place] for row in cells if row[place]]
        joined = " ".join(dict.fromkeys(parts))
        if not _is_count(joined) and len(parts) > 1:
            # words beside the group's own: Gastric cancer patients, over AA
            joined = " ".join(group_of(part) or part for part in parts)
        names.append(joined if _is_count(joined) else own[-1] if own else "")
    return names


def _spread(row: list[str], below: Sequence[list[str]]) -> list[str]:
    """A row with each name of a group repeated over the blanks to its right."""
    spread, group = [], ""
    for place, text in enumerate(row):
        if text:
            group = text if is_group(text) else ""
        named_below = any(lower[place] for lower in below)
        spread.append(text or (group if named_below else ""))
    return spread


def _is_count(name: str) -> bool:
    column = read_name(name).column
    return bool(column.label) or column.name.rstrip("?") in ("n_cases", "n_controls", *LONG_NAMES)
