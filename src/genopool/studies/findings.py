"""Findings about the input: what is wrong or remarkable, where, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
    return sorted(
        set(findings),
        key=lambda f: (f.file, f.sheet, f.row or 0, f.check, f.column, f.study, f.locus, f.message),
    )


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def report_errors(findings: Iterable[Finding]) -> str:
    """All errors as one message."""
    found = errors(in_order(findings))
    count = f"{len(found)} problems" if len(found) > 1 else "a problem"
    return "\n".join(
        [f"The tables of this project have {count}:", *(f"  - {finding}" for finding in found)]
    )
