"""Labels that are one label in two spellings, and so two strata or two studies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from genopool.diagnostics.integrity.country_table import KNOWN
from genopool.diagnostics.integrity.samples import in_file_order, place_of
from genopool.diagnostics.integrity.spelling import alike, is_near, tokens
from genopool.studies.findings import Finding
from genopool.studies.records import Row, StudyTables
from genopool.studies.strata import Strata

if TYPE_CHECKING:
    from genopool.config import Config

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)([a-z]?)(?![a-z0-9])", re.IGNORECASE)
_OTHERS = re.compile(r"\bet\.?\s*al\b\.?|\band (colleagues|others|co-?workers)\b", re.IGNORECASE)
_PARTICLES = frozenset(
    "al da de del della den der di do dos du el la le san st ten ter van von".split()
)
#: Rows that a message names one by one.
NAMED = 6
#: Values of a column beyond which only spellings that differ in blanks and signs are compared.
MANY_VALUES = 200
#: Words that tables use for the same people, so that a table with two of them has two strata.
SYNONYMS = (
    frozenset(["caucasian", "european", "white"]),
    frozenset(["african", "black"]),
    frozenset(["hispanic", "latino", "latin american"]),
)
_SPELT = "is spelt almost like *"
_SYNONYM = "is a word that tables use for the same people as *"
#: The shortest author's name that may be taken for another one misspelt: many short ones are real.
AUTHOR_LETTERS = 8


def check_labels(config: Config, tables: StudyTables) -> list[Finding]:
    """Values of the stratifiers, and study labels, that differ in spelling only."""
    return _stratifier_values(config, tables) + _study_labels(config, tables)


def _stratifier_values(config: Config, tables: StudyTables) -> list[Finding]:
    severity = config.checks.label_spelling
    if severity == "off":
        return []
    strata = Strata(config, tables.rows)
    findings = []
    for name, stratifier in config.strata.items():
        if stratifier.crossed or stratifier.cuts:
            continue
        column = (stratifier.column or name).strip().lower()
        rows: dict[str, list[Row]] = {}
        for row in in_file_order(tables.rows):
            value = row.values.get(column, "").strip()
            if value:
                rows.setdefault(value.casefold(), []).append(row)
        configured = {
            text.casefold(): text
            for label, members in stratifier.groups.items()
            for text in (label, *members)
        }
        # What the configuration names is right; else the spelling that most rows have.
        order = sorted(rows, key=lambda v: (v not in configured, -len(rows[v]), v))
        right = [*configured, *(value for value in order if value not in configured)]
        stratum = {
            value: strata.assign(name, {column: value}).stratum for value in {*rows, *configured}
        }
        place = {value: number for number, value in enumerate(right)}
        same_letters: dict[str, list[str]] = {}
        for value in right:
            same_letters.setdefault("".join(tokens(value)), []).append(value)
        for value in order:
            if value in configured:
                continue
            few = len(rows) <= MANY_VALUES
            elsewhere = [
                known
                for known in (right if few else same_letters["".join(tokens(value))])
                if place[known] < place[value]
                and (stratum[known] != stratum[value] or stratum[value] is None)
            ]
            for is_it, grade, how in (
                (_same_label, severity, _SPELT),
                (_synonyms, "note", _SYNONYM),
            ):
                other = next((known for known in elsewhere if is_it(value, known)), None)
                if other is not None:
                    there = rows.get(other, ())
                    right_one = configured.get(other) or there[0].values[column].strip()
                    if other in configured:
                        how += " (of the configuration)"
                    findings.append(_value(grade, column, rows[value], there, right_one, how))
                    break
    return findings


def _same_label(one: str, other: str) -> bool:
    return alike(one, other, KNOWN)


def _synonyms(one: str, other: str) -> bool:
    both = {" ".join(tokens(label)) for label in (one, other)}
    return any(both <= words for words in SYNONYMS)


def _value(
    severity: str, column: str, rows: Sequence[Row], others: Sequence[Row], right: str, how: str
) -> Finding:
    value = rows[0].values[column].strip()
    beside = f", which {_rows(others)} {'has' if len(others) == 1 else 'have'}" if others else ""
    return rows[0].finding(
        severity,
        "label_spelling",
        f"{column} {value!r} ({_places(rows)}) {how.replace('*', repr(right), 1)}{beside}",
        column=column,
        value=value,
        expected=f"{right} (or both values named in a group of the stratifier)",
        why="the same people under two labels are two strata, or one is in none",
        action="taken as a value of its own",
    )


def _rows(rows: Sequence[Row]) -> str:
    return "1 row" if len(rows) == 1 else f"{len(rows)} rows"


def _places(rows: Sequence[Row]) -> str:
    by_file: dict[str, list[int]] = {}
    for row in rows[:NAMED]:
        name = f"{row.file}, sheet {row.sheet}" if row.sheet else row.file
        by_file.setdefault(name, []).append(row.row)
    said = [
        f"row{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))} of {name}"
        for name, numbers in by_file.items()
    ]
    rest = len(rows) - NAMED
    return "; ".join(said) + (f"; and {_rows(rows[NAMED:])} more" if rest > 0 else "")


def author_and_year(label: str) -> tuple[str, str]:
    """`('wen', '2005')` of `Wen et al. (2005)`; the year keeps a letter that tells papers apart."""
    years = list(_YEAR.finditer(label))
    year = years[-1][1] + years[-1][2].casefold() if years else ""
    name = label[: years[-1].start()] + " " + label[years[-1].end() :] if years else label
    return " ".join(tokens(_OTHERS.sub(" ", name))), year


def author_stem(label: str) -> str:
    """`sashio` of `Sashio UC` and of `Sashio et al. 2009b`; blank where no word begins the label.

    The first word, with the particles before it.
    """
    words = author_and_year(label)[0].split()
    first = next((n for n, word in enumerate(words) if word not in _PARTICLES), len(words) - 1)
    stem = " ".join(words[: first + 1])
    return stem if sum(c.isalpha() for c in stem) > 1 else ""


def _study_labels(config: Config, tables: StudyTables) -> list[Finding]:
    severity = config.checks.study_labels_alike
    if severity == "off":
        return []
    first: dict[str, Row] = {}
    for row in in_file_order(tables.rows):
        first.setdefault(row.study, row)
    findings = []
    by_key: dict[tuple[str, str], Row] = {}
    by_year: dict[tuple[str, str], list[tuple[str, Row]]] = {}
    for row in first.values():
        author, year = key = author_and_year(row.study)
        if not author:
            continue
        if key in by_key:
            folded = ["".join(label.casefold().split()) for label in (row.study, by_key[key].study)]
            if folded[0] != folded[1]:  # or `study_spelling` has said so
                findings.append(_alike(row, by_key[key], severity))
            continue
        by_key[key] = row
        if not year:
            continue
        for other, there in by_year.get((year, author[0]), ()):
            if min(len(author), len(other)) >= AUTHOR_LETTERS and is_near(author, other):
                findings.append(_alike(row, there, "note"))
        by_year.setdefault((year, author[0]), []).append((author, row))
    return findings


def _alike(row: Row, other: Row, severity: str) -> Finding:
    return row.finding(
        severity,
        "study_labels_alike",
        f"the study {row.study!r} is labelled almost like {place_of(other)}",
        column="study",
        value=row.study,
        expected="the same label in every row of a study",
        why="parts of one study could be counted as studies of their own",
        action="taken as two studies",
    )
