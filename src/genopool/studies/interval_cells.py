"""Columns that hold two or three numbers: `95% CI`, `OR (95% CI)`."""

from __future__ import annotations

import re
from dataclasses import replace

from genopool.studies.cells import fold, is_blank, plain
from genopool.studies.findings import Finding
from genopool.studies.headers import MEASURE_NAMES
from genopool.studies.numbers import LONGEST
from genopool.studies.raw_tables import Column, RawTable

_POINT, _COMMA = r"\d+(?:\.\d+)?|\.\d+", r"\d+(?:,\d+)?"


def _interval(number: str, between: str) -> str:
    return rf"[(\[]?\s*(?:95\s*%\s*CI\s*[:,=]?\s*)?({number})\s*(?:{between})\s*({number})\s*[)\]]?"


#: A comma between the limits needs points in them, a comma in them something else between them.
_FORMS = ((_POINT, r"-|–|—|~|to|,|;|/"), (_COMMA, r"-|–|—|~|to|;|/|,\s"))
_INTERVALS = [re.compile(rf"^{_interval(*form)}$", re.IGNORECASE) for form in _FORMS]
_ESTIMATES = [
    re.compile(rf"^({form[0]})\s*[,;:]?\s*{_interval(*form)}$", re.IGNORECASE) for form in _FORMS
]
_PARTS = {"ci": ("ci_low", "ci_high"), "estimate_ci": ("estimate", "ci_low", "ci_high")}


def split_intervals(table: RawTable) -> RawTable:
    """The table with a column for each number, and one for the measure that a header names.

    A cell that cannot be split is an error in an estimates table and a warning in a table of
    counts, where the interval is carried only.
    """
    findings: list[Finding] = []
    counts = any(column.label for column in table.columns) or "genotype" in table.names
    for name, parts in _PARTS.items():
        place = table.position(name)
        if place is not None and not table.names & set(parts):
            table = _split(table, place, parts, "warning" if counts else "error", findings)
    return replace(_with_measure(table), findings=(*table.findings, *findings))


def _split(
    table: RawTable, place: int, parts: tuple[str, ...], severity: str, findings: list[Finding]
) -> RawTable:
    written = table.columns[place].written
    columns = tuple(Column(part, "", written) for part in parts)
    forms = _INTERVALS if len(parts) == 2 else _ESTIMATES
    rows = []
    for line, cells in table.rows:
        numbers = _numbers(cells[place], forms, len(parts))
        if numbers is None:
            numbers = ("",) * len(parts)
            findings.append(
                Finding(
                    severity,
                    "unread_interval",
                    f"{cells[place][:LONGEST]!r} is not an interval",
                    file=table.file,
                    sheet=table.sheet,
                    row=line,
                    column=written,
                    value=cells[place],
                    expected="0.91-1.51" if len(parts) == 2 else "1.17 (0.91-1.51)",
                    action="" if severity == "error" else "the interval was not read",
                )
            )
        rows.append((line, cells[:place] + numbers + cells[place + 1 :]))
    columns = table.columns[:place] + columns + table.columns[place + 1 :]
    return replace(table, columns=columns, rows=tuple(rows))


def _numbers(text: str, forms: list[re.Pattern[str]], number: int) -> tuple[str, ...] | None:
    if is_blank(text):
        return ("",) * number
    text = plain(text)
    if len(text) > LONGEST:
        return None
    for form in forms:
        match = form.match(text)
        # 0,91 alone is one number, and not 0 to 91
        if match and ("." in text or not re.search(r"\d,\d", text) or form is not forms[0]):
            return match.groups()
    return (text, "", "") if number == 3 and re.fullmatch(r"[\d.,]+", text) else None


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
