"""Can the input be trusted? The verdict, the checks that ran, the findings, and their marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from genopool.diagnostics.integrity.switches import SWITCHED_OFF
from genopool.report import cells
from genopool.report.front import where
from genopool.report.inputs import text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table

RowOf = dict[str, Any]
#: The warnings about each row of the tables, by file, sheet and row.
Warned = Mapping[tuple[str, str, str], Sequence[RowOf]]
SEVERITIES = {
    "error": ("Errors", "stop a run before anything is analysed"),
    "warning": ("Warnings", "something is probably wrong, or changes what a result means"),
    "note": ("Notes", "what was read in a particular way, for the record"),
}
#: Studies that the verdict names one by one.
NAMED = 10
PROPER_NAMES = {"hardy_weinberg": "Hardy-Weinberg"}


@dataclass(frozen=True)
class Findings:
    """The findings of one severity."""

    severity: str
    heading: str
    meaning: str
    table: Table
    n: int


@dataclass(frozen=True)
class Verdict:
    """The findings in a sentence or two.

    Attributes
    ----------
    is_clean : bool
        Whether there is nothing graver than a note.
    counts : str
        How many of each severity, and about how many studies.
    studies : tuple of (str, str)
        Studies with warnings, each with links to what is said of it.
    more : int
        Studies with warnings beyond those named.
    coverage : str
        How many checks ran, and how many had nothing to look at.
    """

    is_clean: bool
    counts: str
    studies: tuple[tuple[str, Markup], ...]
    more: int
    coverage: str


def anchor(rows: Sequence[RowOf]) -> None:
    """Give every finding the id that links lead to, the gravest first."""
    for number, row in enumerate(sorted(rows, key=_rank), 1):
        row["anchor"] = f"finding-{number}"


def _rank(row: RowOf) -> int:
    order, severity = list(SEVERITIES), text(row["severity"]).lower()
    return order.index(severity) if severity in order else len(order)


def is_grave(row: RowOf) -> bool:
    """Whether a finding is a warning (or an error, which no finished run has)."""
    return text(row["severity"]).lower() in ("error", "warning")


def verdict(rows: Sequence[RowOf], checks: Sequence[RowOf], studies: int) -> Verdict:
    """What a reader wants to know first: how many warnings, and about which studies."""
    grave = [row for row in rows if is_grave(row)]
    by_study: dict[str, list[RowOf]] = {}
    for row in grave:
        by_study.setdefault(text(row["study"]), []).append(row)
    without = by_study.pop("", [])
    notes = sum(text(row["severity"]).lower() == "note" for row in rows)
    said = cells.plural(len(grave), "warning") if grave else "No warning"
    if by_study:
        said += f", about {len(by_study):,} of the {cells.plural(studies, 'study', 'studies')} read"
        said += f" ({len(without):,} about the tables as such)" if without else ""
    elif without:
        said += ", about the tables as such"
    said += f"; {cells.plural(notes, 'note')}."
    named = tuple((study, _links(found)) for study, found in list(by_study.items())[:NAMED])
    if without:
        named = (*named, ("The tables as such", _links(without)))
    return Verdict(not grave, said, named, max(len(by_study) - NAMED, 0), _coverage(checks))


def _links(found: Iterable[RowOf]) -> Markup:
    """The checks that warn, each a link to its first finding."""
    first: dict[str, RowOf] = {}
    number: dict[str, int] = {}
    for row in found:
        name = check_name(row)
        first.setdefault(name, row)
        number[name] = number.get(name, 0) + 1
    return Markup(", ").join(
        Markup('<a href="#{}">{}</a>{}').format(
            row["anchor"], name, f" ({number[name]})" if number[name] > 1 else ""
        )
        for name, row in first.items()
    )


def check_name(row: RowOf) -> str:
    """`repeated counts` for `repeated_counts`."""
    name = text(row["check"])
    return PROPER_NAMES.get(name) or name.replace("_", " ") or "unnamed check"


def _coverage(checks: Sequence[RowOf]) -> str:
    idle = sum(bool(text(row["reason"])) for row in checks)
    ran = len(checks) - idle
    if not checks:
        return ""
    verb = "has" if ran == 1 else "have"
    said = f"{cells.plural(ran, 'check')} {verb} looked at the tables"
    if idle:
        why = "had nothing to look at" + (" or were switched off" if _any_off(checks) else "")
        said += f"; {idle} {why} and {'is' if idle == 1 else 'are'} silent"
    return f"{said}."


def _any_off(checks: Sequence[RowOf]) -> bool:
    return any(text(row["reason"]) == SWITCHED_OFF for row in checks)


def checks_table(rows: Sequence[RowOf], numbering: Numbering) -> Table | None:
    """The checks that ran, by subject; those that could not run stand last, with the reason."""
    if not rows:
        return None
    ran: dict[str, list[Row]] = {}
    idle = []
    for row in rows:
        found = [whole(row[column]) for column in ("warnings", "notes")]
        line = [text(row["title"]), *map(_number, found)]
        line.append(text(row["looks_at"]) or cells.absent("not described"))
        if text(row["reason"]):
            idle.append(Row([*line, text(row["reason"])], "unused"))
        else:
            style = "strong" if found[0] else ""
            lines = ran.setdefault(text(row["subject"]), [])
            lines.append(Row([*line, _compared(row)], style))
    bodies = [Body(lines, subject) for subject, lines in ran.items()]
    if idle:
        bodies.append(
            Body(idle, "Nothing to look at" + (", or switched off" if _any_off(rows) else ""))
        )
    columns = [
        Column("Check"),
        Column("warnings", "num", "Found"),
        Column("notes", "num", "Found"),
        Column("What it looks at", "note"),
        Column("Looked at", "where"),
    ]
    return numbering.table(
        "The checks of the input, what each looks at, and what it found. A check that is silent "
        "because it had nothing to look at says nothing for the input.",
        columns,
        bodies,
    )


def _compared(row: RowOf) -> str | Markup:
    n, unit = whole(row["compared"]), text(row["unit"])
    if not unit:
        return cells.absent("not counted")
    first, *rest = unit.split(" ")
    one = "study" if first == "studies" else first.removesuffix("s")
    return " ".join([cells.plural(n, one, first), *rest])


def _number(found: int) -> str | Markup:
    return cells.count(found) if found else Markup('<span class="minor">0</span>')


def findings(rows: Iterable[RowOf], numbering: Numbering) -> list[Findings]:
    """The findings by severity, the gravest first; a severity that is not known comes last."""
    groups: dict[str, list[RowOf]] = {}
    for row in sorted(rows, key=_rank):
        groups.setdefault(text(row["severity"]).lower(), []).append(row)
    return [_findings(severity, members, numbering) for severity, members in groups.items()]


def _findings(severity: str, rows: list[RowOf], numbering: Numbering) -> Findings:
    heading, meaning = SEVERITIES.get(severity, (severity.capitalize() or "Other", ""))
    columns = [
        Column("Study and place", "where"),
        Column("What was found", "note"),
        Column("Why it matters", "note"),
        Column("What was done", "note"),
    ]
    lines = [
        Row([_who(row), _what(row), _text(row, "why"), _text(row, "action")], id=row["anchor"])
        for row in rows
    ]
    caption = f"{heading} about the input"
    table = numbering.table(
        f"{caption}: {meaning}." if meaning else f"{caption}.", columns, [Body(lines)]
    )
    return Findings(severity, heading, meaning, table, len(rows))


def _text(row: RowOf, column: str) -> str | Markup:
    return text(row[column]) or cells.absent(f"no {column} recorded")


def _what(row: RowOf) -> Markup:
    parts = [
        Markup('<span class="check">{}</span>: {}').format(check_name(row), text(row["message"]))
    ]
    value, expected = text(row["value"]), text(row["expected"])
    if value:
        parts.append(Markup("Found <code>{}</code>").format(value))
    if expected:
        parts.append(Markup("{} {}").format("expected" if value else "Expected", expected))
    if len(parts) == 1:
        return parts[0]
    return (
        parts[0]
        + Markup('<br><span class="minor">')
        + Markup("; ").join(parts[1:])
        + Markup("</span>")
    )


def _who(row: RowOf) -> Markup:
    people = ", ".join(text(row[c]) for c in ("study", "population", "locus") if text(row[c]))
    place = escape(where(row))
    if not people:
        return place or Markup("the tables together")
    if not place:
        return escape(people)
    return Markup('{} <span class="under">{}</span>').format(people, place)


def marks(rows: Iterable[RowOf]) -> dict[tuple[str, str, str], list[RowOf]]:
    """The warnings about each row of the tables, by file, sheet and row."""
    found: dict[tuple[str, str, str], list[RowOf]] = {}
    for row in rows:
        if is_grave(row) and text(row["row"]):
            found.setdefault(_place(row), []).append(row)
    return found


def _place(row: RowOf) -> tuple[str, str, str]:
    return text(row["file"]), text(row.get("sheet")), text(row["row"])


def marked(
    cell: str | Markup,
    rows: Iterable[RowOf],
    warned: Mapping[tuple[str, str, str], Sequence[RowOf]],
) -> str | Markup:
    """A cell that names a study, with what is warned of its rows; links to the findings."""
    found = {
        id(finding): finding for row in rows for finding in warned.get(_place(row), ())
    }.values()
    if not found:
        return cell
    return Markup('{} <span class="warned">⚠ {}</span>').format(cell, _links(found))
