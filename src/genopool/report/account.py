"""The account: everything that was read, what became of it, and that the numbers add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from genopool.report.inputs import Locus, text


@dataclass(frozen=True)
class Tally:
    """Rows of study tables and what became of them.

    `rows` = `used` + `unused`, and `unused` is the sum of `reasons`.
    """

    rows: int
    counts: int
    estimates: int
    used: int
    reasons: tuple[tuple[str, int], ...]
    tables: int
    studies: int
    populations: int
    studies_used: int

    @property
    def unused(self) -> int:
        return self.rows - self.used


@dataclass(frozen=True)
class Account:
    """The tally of everything, of each locus, of each table, and the rows that were not used."""

    total: Tally
    loci: tuple[tuple[str, Tally], ...]
    tables: tuple[tuple[str, Tally], ...]
    unused: tuple[dict[str, Any], ...]


def table_name(row: dict[str, Any]) -> str:
    """A table: its file, and its sheet if it has one."""
    sheet = text(row["sheet"])
    return f"{text(row['file'])}, sheet {sheet}" if sheet else text(row["file"])


def reason(row: dict[str, Any]) -> str:
    """Why a row was not used."""
    return text(row["reason"]) or "no reason given"


def tally(rows: Iterable[dict[str, Any]]) -> Tally:
    """Count rows.

    Raises
    ------
    ValueError
        If `used` is neither `yes` nor `no`, or `kind` neither `counts` nor `estimates`.
    """
    rows = list(rows)
    for row in rows:
        for column, valid in (("used", ("yes", "no")), ("kind", ("counts", "estimates"))):
            if text(row[column]) not in valid:
                raise ValueError(
                    f"account: {column} is {row[column]!r} in {table_name(row)} "
                    f"row {text(row['row'])}; expected {' or '.join(valid)}"
                )
    used = [row for row in rows if text(row["used"]) == "yes"]
    reasons = Counter(reason(row) for row in rows if text(row["used"]) == "no")
    kinds = Counter(text(row["kind"]) for row in rows)
    return Tally(
        rows=len(rows),
        counts=kinds["counts"],
        estimates=kinds["estimates"],
        used=len(used),
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        tables=len({table_name(row) for row in rows}),
        studies=len({text(row["study"]) for row in rows}),
        populations=len({(text(row["study"]), text(row["population"])) for row in rows}),
        studies_used=len({text(row["study"]) for row in used}),
    )


def account(rows: Sequence[dict[str, Any]], loci: Sequence[Locus]) -> Account:
    """The account of all rows: loci in configured order, tables in the order read."""
    loci_read = {text(row["locus"]): None for row in rows}
    keys = list(dict.fromkeys([locus.key for locus in loci] + list(loci_read)))
    names = list(dict.fromkeys(table_name(row) for row in rows))
    return Account(
        total=tally(rows),
        loci=tuple((key, tally(r for r in rows if text(r["locus"]) == key)) for key in keys),
        tables=tuple((name, tally(r for r in rows if table_name(r) == name)) for name in names),
        unused=tuple(row for row in rows if text(row["used"]) == "no"),
    )
