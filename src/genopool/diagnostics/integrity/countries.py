"""The stated ancestry of a study against the country that it was done in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genopool.diagnostics.integrity.country_table import USUAL, WORDS
from genopool.diagnostics.integrity.samples import in_file_order
from genopool.diagnostics.integrity.spelling import tokens
from genopool.studies.findings import Finding
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

ANCESTRY_COLUMNS = ("ethnicity", "ancestry", "ethnic_group", "race")


def check_countries(config: Config, tables: StudyTables) -> list[Finding]:
    """Studies whose ancestry label is of another continent than their country's studies state.

    Nothing is said where the country is not in the table (people of many ancestries live in most),
    where a row names more than one country, or where the label is of no group that the table knows.
    """
    severity = config.checks.ethnicity_country
    if severity == "off" or "country" not in tables.carried_columns:
        return []
    columns = ancestry_columns(config, tables)
    said: dict[tuple[str, str, str], None] = {}
    findings = []
    for row in in_file_order(tables.rows):
        country = row.values.get("country", "").strip()
        usual = USUAL.get(" ".join(country.casefold().split()).removeprefix("the "))
        if usual is None:
            continue
        for column in columns:
            value = row.values.get(column, "").strip()
            group = broad_group(config, column, value)
            key = (row.study, country.casefold(), value.casefold())
            if group is None or _squares(group, usual) or key in said:
                continue
            said[key] = None
            findings.append(
                row.finding(
                    severity,
                    "ethnicity_country",
                    f"{column} is {value!r} and country {country!r}; studies from there usually "
                    f"state {_listed(usual)}",
                    column=column,
                    value=value,
                    expected="the group that the paper states for its participants",
                    why="a label on the wrong row puts the study in the wrong stratum; people "
                    "who moved, or a minority, may also have been studied",
                    action=f"the study is in the stratum that its {column} names",
                )
            )
    return findings


def ancestry_columns(config: Config, tables: StudyTables) -> list[str]:
    """The columns that state ancestry: those of usual names, and the one of allele_frequency_by."""
    names = list(ANCESTRY_COLUMNS)
    by = config.strata.get(config.allele_frequency_by)
    if by is not None and not by.crossed:
        names.append((by.column or config.allele_frequency_by).strip().lower())
    return [name for name in dict.fromkeys(names) if name in tables.carried_columns]


def broad_group(config: Config, column: str, value: str) -> str | None:
    """The broad group of a label, from its own words or from those of its configured group."""
    own = WORDS.get(" ".join(tokens(value)))
    if own or not value:
        return own
    for name, stratifier in config.strata.items():
        if (stratifier.column or name).strip().lower() != column:
            continue
        for label, members in stratifier.groups.items():
            if value.casefold() in {m.casefold() for m in (label, *members)}:
                found = {WORDS.get(" ".join(tokens(m))) for m in (label, *members)} - {None}
                return found.pop() if len(found) == 1 else None
    return None


def _squares(group: str, usual: frozenset[str]) -> bool:
    if group == "Asian":  # the broadest of words: East, South, Southeast and West
        return bool(usual & {"Asian", "East Asian", "South Asian", "Southeast Asian"})
    return group in usual


def _listed(usual: frozenset[str]) -> str:
    return " or ".join(sorted(usual))
