"""What the diagnostics of one effect allele are about, and what their tables share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genopool.config import OVERALL
from genopool.ratios import ratio
from genopool.report.comparison import comparison
from genopool.report.inputs import Locus, ReportInputs, number, text

RowOf = dict[str, Any]


@dataclass(frozen=True)
class Diagnosed:
    """The rows of the tables of diagnostics that are about one effect allele."""

    rows: Mapping[str, Sequence[RowOf]] = field(default_factory=dict)

    def of(self, table: str, model: str, stratifier: str = OVERALL) -> list[RowOf]:
        """Rows of one model and stratifier."""
        return [
            row
            for row in self.rows.get(table, ())
            if text(row["model"]) == model and text(row["stratifier"]) == stratifier
        ]


@dataclass(frozen=True)
class Subject:
    """What the tables and figures of a section are about."""

    inputs: ReportInputs
    locus: Locus
    effect: str
    model: str
    frequency: str

    def caption(self, what: str, more: str = "") -> str:
        """A caption that says what is compared, in whom, and which side of 1 means what."""
        compared = comparison(self.locus, self.effect, self.model)
        said = (
            f"{self.locus.name}, {self.model} model, overall: {compared.text}. {what} Above 1: "
            f"higher odds of {self.inputs.outcome} with {compared.exposed}; below 1: lower odds. "
            f"{self.frequency} {more}"
        )
        return " ".join(said.split())


def why(row: RowOf) -> str:
    """Why a number of a row does not exist."""
    return text(row["reason"]) or "does not exist here"


def sentences(*said: str) -> list[str]:
    """Texts as sentences; blank ones are left out."""
    return [words[:1].upper() + words[1:].rstrip(".") + "." for words in said if words]


def exponential(value: Any) -> float | None:
    """The odds ratio of a log odds ratio, None for a blank."""
    found = number(value)
    return None if found is None else ratio(found)
