"""Columns that hold two or three numbers: `95% CI`, `OR (95% CI)`, `Cases (AA/AC/CC)`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from genopool.studies.cells import fold, is_blank, plain
from genopool.studies.findings import Finding
from genopool.studies.numbers import LONGEST
from genopool.studies.raw.headers import MEASURE_NAMES, is_three_genotypes
from genopool.studies.raw.tables import Column, RawTable

_POINT, _COMMA = r"\d+(?:\.\d+)?|\.\d+", r"\d+(?:,\d+)?"


def _interval(number: str, between: str) -> str:
    return rf"[(\[]?\s*(?:95\s*%\s*CI\s*[:,=]?\s*)?({number})\s*(?:{between})\s*({number})\s*[)\]]?"


#: A comma between the limits needs points in them, a comma in them something else between them.
_FORMS = ((_POINT, r"-|–|—|~|to|,|;|/"), (_COMMA, r"-|–|—|~|to|;|/|,\s"))
_INTERVALS = [re.compile(rf"^{_interval(*form)}$", re.IGNORECASE) for form in _FORMS]
_ESTIMATES = [
    re.compile(rf"^({form[0]})\s*[,;:]?\s*{_interval(*form)}$", re.IGNORECASE) for form in _FORMS
]
_WORDS = {False: "an interval", True: "three counts"}
_PARTS = {"ci": ("ci_low", "ci_high"), "estimate_ci": ("estimate", "ci_low", "ci_high")}


def split_cells(table: RawTable) -> RawTable:
    """The table with a column for each number, and one for the measure that a header names.

    A cell that cannot be split is an error; an interval beside counts, where it is carried only, a
    warning.
    """
    findings: list[Finding] = []
    counts = any(column.label for column in table.columns) or "genotype" in table.names
    for name, parts in _PARTS.items():
        place = table.position(name)
        if place is not None and not table.names & set(parts):
            columns = tuple(Column(part, "", table.columns[place].written) for part in parts)
            expected = "0.91-1.51" if len(parts) == 2 else "1.17 (0.91-1.51)"
            severity = "warning" if counts else "error"
            table = _split(table, place, columns, _interval_of, (severity, expected), findings)
    for column in [column for column in table.columns if is_three_genotypes(column.label)]:
        columns = tuple(replace(column, label=label) for label in column.label.split("/"))
        place = table.columns.index(column)
        table = _split(table, place, columns, _three_counts, ("error", "10/20/30"), findings)
    return replace(_with_measure(table), findings=(*table.findings, *findings))


def _split(
    table: RawTable,
    place: int,
    columns: tuple[Column, ...],
    read: Callable[[str, int], tuple[str, ...] | None],
    otherwise: tuple[str, str],
    findings: list[Finding],
) -> RawTable:
    severity, expected = otherwise
    rows = []
    for line, cells in table.rows:
        text, number = cells[place], len(columns)
        parts = ("",) * number if is_blank(text) else read(text, number)
        if parts is None:
            parts = ("",) * number
            findings.append(
                Finding(
                    severity,
                    "unread_cell",
                    f"{text[:LONGEST]!r} is not {_WORDS[columns[0].label != '']}",
                    file=table.file,
                    sheet=table.sheet,
                    row=line,
                    column=columns[0].written,
                    value=text,
                    expected=expected,
                    action="" if severity == "error" else "the cell was not read",
                )
            )
        rows.append((line, cells[:place] + parts + cells[place + 1 :]))
    columns = table.columns[:place] + columns + table.columns[place + 1 :]
    return replace(table, columns=columns, rows=tuple(rows))


def _interval_of(text: str, number: int) -> tuple[str, ...] | None:
    """The limits of an interval, after the estimate where there are three numbers."""
    text = plain(text)
    if len(text) > LONGEST:
        return None
    forms = _INTERVALS if number == 2 else _ESTIMATES
    for form in forms:
        match = form.match(text)
        # 0,91 alone is one number, and not 0 to 91
        if match and ("." in text or not re.search(r"\d,\d", text) or form is not forms[0]):
            return match.groups()
    return (text, "", "") if number == 3 and re.fullmatch(r"[\d.,]+", text) else None


def _three_counts(text: str, number: int) -> tuple[str, ...] | None:
    parts = tuple(part.strip() for part in re.split(r"[/;|]", plain(text)))
    return parts if len(parts) == number and all(parts) else None


def _with_measure(table: RawTable) -> RawTable:
    """`OR` above the estimates says what they measure."""
    place = table.position("estimate")
    if place is None or "measure" in table.names or "effect_allele" not in table.names:
        return table
    written = table.columns[place].written
    measure = MEASURE_NAMES.get(re.sub(r"( and)? (95%|ci).*$", "", fold(written)))
    if measure is None:
        return table
    columns = (*table.columns, Column("measure", "", written))
    rows = tuple((line, (*cells, measure)) for line, cells in table.rows)
    return replace(table, columns=columns, rows=rows)
