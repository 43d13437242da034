"""Findings as text: a table for people, one line each for editors."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from genopool.commands.places import CellPlaces
from genopool.commands.project import displayed
from genopool.studies.findings import SEVERITIES, Finding
from genopool.terminal import printable

#: Bold red, yellow, cyan.
_COLOURS = {"error": "1;31", "warning": "33", "note": "36"}
_LONGEST = 600
_INDENT = 10


def as_table(
    findings: Sequence[Finding],
    paths: Mapping[str, Path],
    *,
    width: int = 100,
    coloured: bool = False,
) -> str:
    """Findings by file, wrapped to the width of a terminal.

    Parameters
    ----------
    findings : sequence of Finding
        In order.
    paths : mapping of str to Path
        Where the files are that findings name.
    width : int
    coloured : bool
        Whether to colour severities with terminal sequences.
    """
    lines = []
    for file, group in groupby(findings, key=lambda finding: finding.file):
        name = _path(file, paths) or "The project"
        lines.append(f"\033[1m{name}\033[0m" if coloured else name)
        for finding in group:
            lines += _entry(finding, max(width, 40), coloured)
        lines.append("")
    return "\n".join(lines)


def _entry(finding: Finding, width: int, coloured: bool) -> list[str]:
    place = finding.place.removeprefix(finding.file).removeprefix(", ")
    head = ", ".join(part for part in (place, finding.study, finding.population) if part)
    severity = f"{finding.severity:<{_INDENT - 3}}"
    if coloured:
        severity = f"\033[{_COLOURS[finding.severity]}m{severity}\033[0m"
    first, *more = _wrapped(f"{head + ' ' if head else ''}[{finding.check}]", width)
    lines = [f"  {severity} {first.lstrip()}", *more, *_wrapped(finding.message, width)]
    for label in ("expected", "why", "action"):
        text = getattr(finding, label)
        if text:
            lines += _wrapped(f"{label}: {text}", width)
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    indent = " " * _INDENT
    return textwrap.wrap(
        printable(text, _LONGEST), width, initial_indent=indent, subsequent_indent=indent
    ) or [indent]


def summary(findings: Iterable[Finding]) -> str:
    """How many errors, warnings and notes there are."""
    counted = Counter(finding.severity for finding in findings)
    return ", ".join(
        f"{counted[severity]:,} {severity}{'' if counted[severity] == 1 else 's'}"
        for severity in SEVERITIES
    )


def as_lines(findings: Iterable[Finding], paths: Mapping[str, Path], source: Path) -> str:
    """One line a finding: `file:row:column: severity: message [check]`.

    What has no row is in row 1; what is of no file, in the configuration `source`.
    """
    column_of = columns(paths)
    lines = []
    for finding in findings:
        message = finding.message + (f"; expected {finding.expected}" if finding.expected else "")
        lines.append(
            f"{_path(finding.file, paths) or displayed(source)}:{finding.row or 1}:"
            f"{column_of(finding) or 1}: {finding.severity}: "
            f"{printable(message, _LONGEST)} [{finding.check}]"
        )
    return "\n".join([*lines, ""]) if lines else ""


def columns(paths: Mapping[str, Path]) -> Callable[[Finding], int | None]:
    """A function that gives the character with which a finding's cell begins, where known."""
    places = {name: CellPlaces(path) for name, path in paths.items()}

    def column(finding: Finding) -> int | None:
        is_text = finding.column and finding.file in places and not finding.sheet
        return places[finding.file].column(finding) if is_text else None

    return column


def _path(file: str, paths: Mapping[str, Path]) -> str:
    return displayed(paths[file]) if file in paths else printable(file)
