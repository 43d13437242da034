"""Which stratum a row belongs to, for every stratifier of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from genopool.studies.cells import is_blank
from genopool.studies.findings import Finding
from genopool.studies.populations import EVERYBODY
from genopool.studies.records import Row, StudyTables

if TYPE_CHECKING:
    from genopool.config import Config, Stratifier

CROSS = " | "
OTHER = "Other"
#: A decimal comma is one where it cannot be a thousands separator (1,234) or a list (2003,2005).
_COMMA = r"0?,[0-9]+|[0-9]{1,3},[0-9]{1,2}(?![0-9])"
NUMBER = rf"[+-]?(?:{_COMMA}|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?"
FOR_EVERYBODY = "stands for everybody, and so for no stratum"
#: A number, or two that are joined: 2003, 2003-2005, 40 to 60.
_RANGE = re.compile(rf"({NUMBER})(?:\s*(?:-|–|—|to|/)\s*({NUMBER}))?")


@dataclass(frozen=True)
class Assignment:
    """A value's stratum (None: in no stratum), whether the configuration places it, and why not."""

    stratum: str | None
    listed: bool = True
    problem: str = ""


class Strata:
    """The strata of a configuration.

    Values match without case; a stratum that is named by the tables alone takes the spelling that
    sorts first.

    Parameters
    ----------
    config : Config
    rows : iterable of Row
        The rows whose spellings count.
    """

    def __init__(self, config: Config, rows: Iterable[Row]) -> None:
        self._stratifiers = config.strata
        self._crossed: dict[tuple[str, str], tuple[str, ...]] = {}
        columns = config.stratifier_columns
        spellings = {
            row.values[column] for row in rows for column in columns if column in row.values
        }
        self._spelling: dict[str, str] = {}
        for spelling in sorted(spellings):
            self._spelling.setdefault(spelling.casefold(), spelling)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._stratifiers)

    def assign(self, name: str, values: Mapping[str, str]) -> Assignment:
        """The stratum of a row with these column values."""
        stratifier = self._stratifiers[name]
        if stratifier.crossed:
            parts = [self.assign(part, values) for part in stratifier.crossed]
            if any(part.stratum is None for part in parts):
                return Assignment(None)
            label = CROSS.join(part.stratum for part in parts)
            self._crossed[name, label] = tuple(part.stratum for part in parts)
            return Assignment(label)
        column = (stratifier.column or name).strip().lower()
        value = values.get(column, "").strip()
        if is_blank(value):
            return Assignment(None)
        if stratifier.groups:
            return _grouped(stratifier, self._spelling.get(value.casefold(), value))
        if value.casefold() in EVERYBODY:
            return Assignment(None, listed=False, problem=FOR_EVERYBODY)
        if stratifier.cuts:
            return _cut(stratifier, value)
        return Assignment(self._spelling.get(value.casefold(), value))

    def order(self, name: str, found: Iterable[str]) -> list[str]:
        """The strata that were found, as written in the configuration, else sorted."""
        found = set(found)
        stratifier = self._stratifiers[name]
        if stratifier.crossed:
            ranks = [
                {
                    label: rank
                    for rank, label in enumerate(
                        self.order(part, {self._crossed[name, label][place] for label in found})
                    )
                }
                for place, part in enumerate(stratifier.crossed)
            ]
            return sorted(
                found,
                key=lambda label: [
                    rank[part] for rank, part in zip(ranks, self._crossed[name, label], strict=True)
                ],
            )
        written = list(stratifier.groups) or [label for label, _, _ in _intervals(stratifier)]
        rest = sorted(found - set(written), key=lambda label: (label == OTHER, label))
        return [label for label in written if label in found] + rest


def _grouped(stratifier: Stratifier, value: str) -> Assignment:
    folded = value.casefold()
    for label, members in stratifier.groups.items():
        if folded in {member.casefold() for member in members}:
            return Assignment(label)
    for label in stratifier.groups:
        if folded == label.casefold():
            return Assignment(label)
    if folded in EVERYBODY:
        return Assignment(None, listed=False, problem=FOR_EVERYBODY)
    own = next(
        (label for label in stratifier.groups if label.casefold() == OTHER.casefold()), OTHER
    )
    return {
        "exclude": Assignment(None, listed=False),
        "own": Assignment(own, listed=False),
        "each": Assignment(value, listed=False),
        "error": Assignment(None, listed=False, problem="is in no group"),
    }[stratifier.other]


def _intervals(stratifier: Stratifier) -> list[tuple[str, float, float]]:
    cuts = [f"{cut:.15g}" for cut in stratifier.cuts]
    if not cuts:
        return []
    infinity = float("inf")
    middle = [
        (f"{cuts[i]} to < {cuts[i + 1]}", stratifier.cuts[i], stratifier.cuts[i + 1])
        for i in range(len(cuts) - 1)
    ]
    return [
        (f"< {cuts[0]}", -infinity, stratifier.cuts[0]),
        *middle,
        (f">= {cuts[-1]}", stratifier.cuts[-1], infinity),
    ]


def _cut(stratifier: Stratifier, value: str) -> Assignment:
    """The interval of a number, or of a range that lies in one of them."""
    match = _RANGE.fullmatch(value)
    if not match:
        return Assignment(None, listed=False, problem="is not a number")
    low, high = (float(text.replace(",", ".")) for text in (match[1], match[2] or match[1]))
    if not isfinite(low) or not isfinite(high) or low > high:
        return Assignment(None, listed=False, problem="is not a number, nor a range")
    places = [
        next(label for label, start, end in _intervals(stratifier) if start <= number < end)
        for number in (low, high)
    ]
    if places[0] != places[1]:
        return Assignment(None, listed=False, problem=f"spans {places[0]!r} and {places[1]!r}")
    return Assignment(places[0])


def check_strata(config: Config, tables: StudyTables) -> list[Finding]:
    """Values that no group takes in, and stratifiers whose column no table has."""
    strata = Strata(config, tables.rows)
    findings = []
    for name, stratifier in config.strata.items():
        if stratifier.crossed:
            continue
        column = (stratifier.column or name).strip().lower()
        if tables.rows and column not in tables.carried_columns:
            from genopool.config_problems import suggestion

            close = suggestion(column, tables.carried_columns)
            findings.append(
                Finding(
                    "warning",
                    "stratifier_without_column",
                    f"no study table has the column {column!r} of stratifier {name!r}{close}",
                    column=column,
                    expected="a column of that name in the study tables",
                    action="nothing is stratified by it",
                )
            )
        for row in tables.rows:
            assigned = strata.assign(name, row.values)
            if not assigned.listed:
                findings.append(_unlisted(row, name, column, stratifier, assigned))
    return findings


def _unlisted(
    row: Row, name: str, column: str, stratifier: Stratifier, assigned: Assignment
) -> Finding:
    """The finding about a value that the configuration does not place."""
    from genopool.config_problems import suggestion

    value = row.values[column]
    message = f"{column} {value!r} {assigned.problem or f'is in no group of stratifier {name!r}'}"
    if stratifier.groups and assigned.problem != FOR_EVERYBODY:
        known = [member for group in stratifier.groups.items() for member in (group[0], *group[1])]
        message += suggestion(value, known)
    expected = "a number" if stratifier.cuts else "a stratum, or blank"
    if stratifier.groups:
        expected = f"a value of the groups {', '.join(stratifier.groups)}"
    action = "the row is in no stratum; it still counts overall"
    if assigned.stratum is not None:
        action = f"the row is in the stratum {assigned.stratum}"
    where = {"column": column, "value": value, "expected": expected}
    if assigned.problem == FOR_EVERYBODY:
        return row.finding("note", "everybody", message, **where, action=action)
    if stratifier.cuts:
        return row.finding("warning", "not_a_number", message, **where, action=action)
    if assigned.problem:
        return row.finding("error", "value_in_no_group", message, **where)
    return row.finding("note", "value_in_no_group", message, **where, action=action)
