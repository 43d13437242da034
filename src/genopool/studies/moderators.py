"""Columns of the tables that odds ratios are regressed on, as the configuration names them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from math import isfinite, nan
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from genopool.config_values import as_text
from genopool.studies.cells import is_blank
from genopool.studies.findings import Finding
from genopool.studies.records import Row, StudyTables
from genopool.studies.strata import NUMBER

if TYPE_CHECKING:
    from genopool.config import Config

#: Moderators that are there without a column of their name.
AUTOMATIC = ("year", "control_frequency", "people")
#: Before the name of a stratifier that is called like one of those.
OF_STRATA = "strata."


def as_moderators(value: Any) -> Any:
    """One tuple of names a regression: `latitude` alone, `[latitude, year]` jointly."""
    if value is None:
        return ()
    entries = value if isinstance(value, list | tuple) else [value]
    named = []
    for entry in entries:
        names = entry if isinstance(entry, list | tuple) else [entry]
        texts = tuple(as_text(name) for name in names)
        if not texts:
            raise ValueError("expected the name of a column, or a list of names, not []")
        folded = [text.lower() for text in texts]
        repeated = sorted({text for text in folded if folded.count(text) > 1})
        if repeated:
            raise ValueError(f"{', '.join(repeated)} is named twice in one regression")
        named.append(texts)
    return tuple(dict.fromkeys(named))


_NAMES = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
#: Regressions, each as the moderators in it.
Moderators = Annotated[
    tuple[tuple[str, ...], ...],
    BeforeValidator(as_moderators),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": _NAMES}]}),
]


def resolve(name: str, stratifiers: Collection[str]) -> tuple[str, str]:
    """What a name stands for: (`automatic` | `stratifier` | `column`, its own name).

    Raises
    ------
    ValueError
        `strata.` before something that is not a stratifier.
    """
    if name.startswith(OF_STRATA):
        stratifier = name.removeprefix(OF_STRATA)
        if stratifier not in stratifiers:
            from genopool.config_problems import suggestion

            close = suggestion(stratifier, stratifiers)
            raise ValueError(f"moderators: {stratifier!r} is not a stratifier{close}")
        return "stratifier", stratifier
    if name.lower() in AUTOMATIC:
        return "automatic", name.lower()
    if name in stratifiers:
        return "stratifier", name
    return "column", name.lower()


def as_number(text: str) -> float:
    """A number as a table writes it, with a decimal comma too; NaN for anything else."""
    match = re.fullmatch(NUMBER, text.strip())
    number = float(match[0].replace(",", ".")) if match else nan
    return number if isfinite(number) else nan


def is_numeric(values: Iterable[str]) -> bool:
    """Whether most of the different values that are given are numbers."""
    given = {value.strip() for value in values if not is_blank(value.strip())}
    numbers = sum(as_number(value) == as_number(value) for value in given)
    return 2 * numbers > len(given)


def moderator_columns(config: Config) -> tuple[str, ...]:
    """The columns of the tables that are moderators, in the order of the configuration."""
    names = [resolve(name, config.strata) for entry in config.moderators for name in entry]
    return tuple(dict.fromkeys(name for kind, name in names if kind == "column"))


def check_moderators(config: Config, tables: StudyTables) -> list[Finding]:
    """Moderators whose column no table has, and values that cannot stand among numbers."""
    findings = []
    for column in moderator_columns(config):
        if tables.rows and column not in tables.carried_columns:
            findings.append(_without_column(column, config, tables))
        for locus in config.loci:
            rows = [row for row in tables.rows if row.locus == locus]
            findings += _no_numbers(rows, column)
    return findings


def _without_column(column: str, config: Config, tables: StudyTables) -> Finding:
    from genopool.config_problems import suggestion

    known = [*tables.carried_columns, *AUTOMATIC, *config.strata]
    return Finding(
        "warning",
        "moderator_without_column",
        f"no study table has the column {column!r}, which is named under moderators"
        f"{suggestion(column, known)}",
        column=column,
        expected=f"a column of the study tables, a stratifier, or one of {', '.join(AUTOMATIC)}",
        action="nothing is regressed on it",
    )


def _no_numbers(rows: list[Row], column: str) -> list[Finding]:
    """Values of a column of numbers that are none."""
    if not is_numeric(row.values.get(column, "") for row in rows):
        return []
    findings = []
    for row in rows:
        value = row.values.get(column, "").strip()
        if not is_blank(value) and as_number(value) != as_number(value):
            findings.append(
                row.finding(
                    "warning",
                    "moderator_not_a_number",
                    f"{column} {value!r} is not a number, and most values of {column} are",
                    column=column,
                    value=value,
                    expected="a number, or blank",
                    action=f"the row is left out of regressions on {column}",
                )
            )
    return findings
