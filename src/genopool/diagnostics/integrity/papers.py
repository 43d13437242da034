"""What the rows say of their papers: identifiers, years, and people of one team reported twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genopool.diagnostics.integrity.coincidence import EqualSizes
from genopool.diagnostics.integrity.labels import author_and_year
from genopool.diagnostics.integrity.samples import (
    DeclaredOverlaps,
    in_file_order,
    place_of,
    units_per_person,
)
from genopool.studies.findings import Finding
from genopool.studies.records import CountRow, EstimateRow, Row, StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

IDENTIFIERS = ("pmid", "doi")
#: A year, several years of recruitment, or one of two papers of a year.
_YEAR = re.compile(r"^(\d{4,})(?:\s*[-–/]\s*(\d{4}|\d\d)|\s?[a-z])?$", re.ASCII)
#: The polymerase chain reaction is of 1985; no study of genotypes by it is older.
FIRST_YEAR = 1980
#: Against slips of the keyboard; not the present year, so that results do not depend on the day.
LAST_YEAR = 2100
#: Years between two papers of one team on the same people.
YEARS_APART = 4
#: Groups smaller than this are of equal size by chance too often.
FEWEST_PEOPLE = 50
#: Coincidences expected in a study by chance, above which nothing is said.
COINCIDENCES = 1.0e-3


def check_papers(config: Config, tables: StudyTables) -> list[Finding]:
    """Identifiers shared by studies or more than one to a study, years that cannot be, and studies
    of one author, country and size."""
    rows = in_file_order(tables.rows)
    return [
        *_identifiers(config, rows),
        *_years(config, rows),
        *_same_people(config, tables),
    ]


def _identifiers(config: Config, rows: list[Row]) -> list[Finding]:
    severity = config.checks.same_paper
    if severity == "off":
        return []
    declared = DeclaredOverlaps(config)
    findings = []
    for column in IDENTIFIERS:
        owners: dict[str, dict[str, Row]] = {}
        papers: dict[tuple[str, str], dict[str, Row]] = {}
        for row in rows:
            value = row.values.get(column, "").strip().casefold()
            if value:
                owners.setdefault(value, {}).setdefault(row.study, row)
                # a study may be published locus by locus
                papers.setdefault((row.study, row.locus), {}).setdefault(value, row)
        for studies in owners.values():
            (_, first), *others = studies.items()
            for _, row in others:
                if declared(row, first):
                    continue
                findings.append(
                    row.finding(
                        severity,
                        "same_paper",
                        f"{row.study} has the {column} of {place_of(first)}",
                        column=column,
                        value=row.values[column],
                        expected="one label for one study",
                        why="a paper may hold several studies; if it is one, its people are "
                        "counted twice",
                        action="taken as two studies",
                    )
                )
        for (study, _), values in papers.items():
            (_, first), *others = values.items()
            for _, row in others:
                findings.append(
                    row.finding(
                        severity,
                        "same_paper",
                        f"{study} has {column} {row.values[column]} here and "
                        f"{first.values[column]} in row {first.row} of {first.file}",
                        column=column,
                        value=row.values[column],
                        expected="one paper to a study and locus",
                        why="two papers under one label may be two studies",
                        action="taken as one study",
                    )
                )
    return findings


def _agree(first: str, last: str, labelled: int) -> bool:
    """Whether the year of a label is one of the years written, or next to them."""
    last = first[: 4 - len(last)] + last
    return int(first) - 1 <= labelled <= int(last) + 1


def _years(config: Config, rows: list[Row]) -> list[Finding]:
    severity = config.checks.year
    if severity == "off":
        return []
    findings = []
    said: set[tuple[str, str]] = set()
    for row in rows:
        text = row.values.get("year", "").strip()
        if not text or (row.study, text) in said:
            continue
        said.add((row.study, text))
        labelled = author_and_year(row.study)[1][:4]
        written = _YEAR.match(text)
        if written is None:
            message = f"year {text!r} is not a year"
        elif not FIRST_YEAR <= int(written[1]) <= LAST_YEAR:
            message = f"year {text} cannot be that of a study of genotypes"
        elif labelled and not _agree(written[1], written[2] or written[1], int(labelled)):
            message = f"year is {text}, and the label {row.study!r} says {labelled}"
        else:
            continue
        findings.append(
            row.finding(
                severity,
                "year",
                message,
                column="year",
                value=text,
                expected="the year of publication in four digits",
                why="strata by year and the order of studies follow from it",
                action="taken as written",
            )
        )
    return findings


def _same_people(config: Config, tables: StudyTables) -> list[Finding]:
    """Studies of one first author and country, few years apart, with as many cases and controls."""
    severity = config.checks.same_people
    if severity == "off":
        return []
    groups: dict[tuple[object, ...], list[Row]] = {}
    sizes_of: dict[str, dict[str, tuple[float, float]]] = {}
    for row in in_file_order(tables.rows):
        author, year = author_and_year(row.study)
        sizes = _sizes(row)
        if author and year and sizes and min(sizes) >= FEWEST_PEOPLE:
            groups.setdefault((row.locus, author.split()[0], *sizes), []).append(row)
            sizes_of.setdefault(row.locus, {}).setdefault(row.study, sizes)
    declared = DeclaredOverlaps(config)
    findings = []
    for (locus, author, *sizes), members in groups.items():
        first = members[0]
        # Where groups of one size are the rule, an author's name twice is no evidence.
        named = sum(author_and_year(study)[0].split()[0] == author for study in sizes_of[locus])
        equal = EqualSizes(sizes_of[locus].values()).share(*sizes)
        expected = named * (named - 1) / 2 * equal / len(sizes_of[locus])
        if expected > COINCIDENCES:
            continue
        for row in {member.study: member for member in reversed(members)}.values():
            if row.study == first.study or declared(row, first):
                continue
            years = [int(author_and_year(r.study)[1][:4]) for r in (row, first)]
            country = [r.values.get("country", "").strip().casefold() for r in (row, first)]
            if abs(years[0] - years[1]) > YEARS_APART or (all(country) and len(set(country)) > 1):
                continue
            cases, controls = _sizes(row)
            findings.append(
                row.finding(
                    severity,
                    "same_people",
                    f"{row.study} has as many cases ({cases:g}) and controls ({controls:g}) as "
                    f"{place_of(first)}, of an author of the same name"
                    + (f" and the same country ({row.values['country']})" if all(country) else ""),
                    expected="other people in every study (or the column overlaps)",
                    why="papers of one team often report the same people again",
                    action="both are pooled; if they are the same people, say so in the column "
                    "overlaps",
                )
            )
    return findings


def _sizes(row: Row) -> tuple[float, float] | None:
    """Cases and controls, where the row gives all of them."""
    if isinstance(row, EstimateRow):
        given = (row.n_cases, row.n_controls)
        return None if None in given else given
    if not isinstance(row, CountRow) or not row.cells:
        return None
    sides = [[getattr(cell, side) for cell in row.cells] for side in ("cases", "controls")]
    if any(n is None for side in sides for n in side):
        return None
    per_person = units_per_person(row)
    return tuple(sum(side) / per_person for side in sides)
