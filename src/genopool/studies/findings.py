"""Findings about the input: what is wrong or remarkable, where, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from genopool.terminal import printable

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One row of `results/integrity.tsv`.

    Attributes
    ----------
    severity : {"error", "warning", "note"}
        An error stops the run; a warning deserves a look at the source; a note records a choice.
    check : str
        Name of the check, as in `docs/checks.md`.
    file, sheet, row, column, value
        Where it is and what stands there; `row` is the line of the file, or the row of the sheet.
    expected, message, why, action : str
        What should stand there, what was found, why it matters, what the workflow did.
    """

    severity: str
    check: str
    message: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    expected: str = ""
    study: str = ""
    population: str = ""
    locus: str = ""
    why: str = ""
    action: str = ""

    def as_row(self) -> dict[str, Any]:
        return {column: getattr(self, column) for column in FINDING_COLUMNS}

    @property
    def place(self) -> str:
        """Where the finding is, as a person would say it."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"sheet {self.sheet}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        if self.study:
            of = self.study + (f", {self.population}" if self.population else "")
            text += f" [{of}{', ' + self.locus if self.locus else ''}]"
        if self.expected:
            text += f"; expected {self.expected}"
        return text


FINDING_COLUMNS = (
    "severity check file sheet row column value expected study population locus message why action"
).split()


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Without repetitions, sorted by file, sheet, row, check and the rest."""
    return sorted(dict.fromkeys(findings), key=_place_first)


def _place_first(finding: Finding) -> tuple[Any, ...]:
    rest = "check column study locus message population value severity expected why action".split()
    place = (finding.file, finding.sheet, finding.row or 0)
    return (*place, *(getattr(finding, name) for name in rest))


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


#: So many errors are shown on the terminal, and so much of each.
MOST_SHOWN, LONGEST_SHOWN = 500, 1_000


def report_errors(findings: Iterable[Finding]) -> str:
    """All errors as one message, fit for a terminal whatever the tables hold."""
    found = errors(in_order(findings))
    count = f"{len(found):,} problems" if len(found) > 1 else "a problem"
    lines = [f"The tables of this project have {count}:"]
    lines += [f"  - {printable(str(finding), LONGEST_SHOWN)}" for finding in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        lines.append(f"  … and {len(found) - MOST_SHOWN:,} more")
    return "\n".join(lines)
