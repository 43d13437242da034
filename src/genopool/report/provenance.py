"""Numbers that no paper prints: wherever they are shown, it is said that they were made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from genopool.report import cells
from genopool.report.inputs import text
from genopool.studies import simulated
from genopool.studies.simulated import KINDS

RowOf = dict[str, Any]

_POOL = ("locus", "effect_allele", "model", "stratifier", "stratum")
_COMBINED = re.compile(r"cases counted with (.+) \(shared controls\)")
_PEOPLE = ("locus", "study", "population")


def kind(row: Mapping[str, Any]) -> str:
    """`reconstructed` or `simulated` if the column `provenance` says so, else blank."""
    return simulated.kind(text(row.get("provenance")))


def mark(rows: Mapping[str, Sequence[RowOf]], *, everything: bool = False) -> None:
    """Write into the rows of the tables what they rest on.

    Rows of `pooled`, `pooled_counts_only` and `hwe` get `origin`, a sentence that names the
    studies whose numbers were made, or a blank. Where `everything` is simulated the whole page
    says so, and no row needs to.
    """
    if everything:
        for name in ("pooled", "pooled_counts_only", "hwe"):
            for row in rows[name]:
                row["origin"] = ""
        return
    entered = [row for row in rows["effects"] if text(row["used"]) == "yes" or combined_with(row)]
    pools = _made(entered, _POOL)
    people = _made(rows["studies"], _PEOPLE)
    counted = _made(
        (row for row in entered if text(row.get("source")) != "reported"),
        _POOL,
    )
    for name, columns, made in (
        ("pooled", _POOL, pools),
        ("pooled_counts_only", _POOL, counted),
        ("hwe", _PEOPLE, people),
    ):
        for row in rows[name]:
            row["origin"] = _sentence(made.get(_key(row, columns), {}))


def of_studies(rows: Iterable[RowOf], names: Iterable[str]) -> str:
    """What is said of numbers that rest on the named studies, from their rows of `studies`."""
    wanted = set(names)
    made: dict[str, dict[str, None]] = {}
    for row in rows:
        if kind(row) and text(row["study"]) in wanted:
            made.setdefault(kind(row), {})[text(row["study"])] = None
    return _sentence(made)


def combined_with(row: Mapping[str, Any]) -> str:
    """The study that counts the cases of this row of `effects`, since both share their controls."""
    found = _COMBINED.fullmatch(text(row.get("reason"))) if text(row.get("used")) == "no" else None
    return found[1] if found else ""


def _key(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(text(row[column]) for column in columns)


def _made(
    rows: Iterable[RowOf], columns: Sequence[str]
) -> dict[tuple[str, ...], dict[str, dict[str, None]]]:
    """By key and kind, the studies whose numbers were made, in order."""
    found: dict[tuple[str, ...], dict[str, dict[str, None]]] = {}
    for row in rows:
        word = kind(row)
        if word:
            by_kind = found.setdefault(_key(row, columns), {})
            by_kind.setdefault(word, {})[combined_with(row) or text(row["study"])] = None
    return found


def _sentence(made: Mapping[str, Iterable[str]]) -> str:
    parts = [
        f"{word} numbers of {cells.listed(list(made[word]))}" for word in KINDS if word in made
    ]
    return f"Rests on {cells.listed(parts)}." if parts else ""
