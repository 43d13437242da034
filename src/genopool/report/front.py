"""The opening of the report: the account of what was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from genopool.report import cells
from genopool.report.account import Account, Tally, reason
from genopool.report.inputs import Locus, text
from genopool.report.layout import Body, Column, Numbering, Row, Table


def account_tables(
    account: Account, loci: Sequence[Locus], numbering: Numbering
) -> tuple[Table, Table, Table | None, Table | None]:
    """The account by locus, by table, by reason and row by row (the last two if a row was not
    used)."""
    names = {locus.key: locus.name for locus in loci}
    by_locus = _tallies(
        "Rows of the study tables, by locus. Rows add up to the line below them; studies do not, "
        "since one study can be read for several loci.",
        "Locus",
        [(_locus_link(key, names), tally) for key, tally in account.loci],
        account.total,
        numbering,
    )
    by_table = _tallies(
        "Rows of the study tables, by table.", "Table", account.tables, account.total, numbering
    )
    if not account.unused:
        return by_locus, by_table, None, None
    reasons = numbering.table(
        "Rows that were not used in any pooled odds ratio, by reason.",
        [Column("Reason"), Column("Rows", "num")],
        [
            Body([Row([why, cells.count(n)]) for why, n in account.total.reasons]),
            Body([Row(["All rows not used", cells.count(account.total.unused)], "total")]),
        ],
    )
    rows = numbering.table(
        "The rows that were not used.",
        [Column(c) for c in ("Study", "Population", "Locus", "Kind", "Where")]
        + [Column("Reason", "note")],
        [
            Body(
                [
                    Row(
                        [
                            text(row["study"]),
                            text(row["population"]) or "whole study",
                            text(row["locus"]),
                            text(row["kind"]),
                            where(row),
                            reason(row),
                        ]
                    )
                    for row in account.unused
                ]
            )
        ],
    )
    return by_locus, by_table, reasons, rows


def _locus_link(key: str, names: dict[str, str]) -> str | Markup:
    if key not in names:
        return key
    return Markup('<a href="#locus-{}">{}</a>').format(key, names[key])


def _tallies(
    caption: str,
    heading: str,
    tallies: Iterable[tuple[str | Markup, Tally]],
    total: Tally,
    numbering: Numbering,
) -> Table:
    columns = [
        Column(heading),
        Column("read", "num", "Rows"),
        Column("counts", "num", "Rows"),
        Column("estimates", "num", "Rows"),
        Column("used", "num", "Rows"),
        Column("not used", "num", "Rows"),
        Column("read", "num", "Studies"),
        Column("used", "num", "Studies"),
        Column("read", "num", "Populations"),
    ]
    rows = [Row([name, *_numbers(tally)]) for name, tally in tallies]
    return numbering.table(
        caption, columns, [Body(rows), Body([Row(["All", *_numbers(total)], "total")])]
    )


def _numbers(tally: Tally) -> list[str | Markup]:
    values = (
        tally.rows,
        tally.counts,
        tally.estimates,
        tally.used,
        tally.unused,
        tally.studies,
        tally.studies_used,
        tally.populations,
    )
    return [cells.count(value) for value in values]


def where(row: dict[str, Any]) -> str:
    """The place of a row: file, sheet, line or row, column."""
    parts = [text(row["file"])]
    if text(row["sheet"]):
        parts.append(f"sheet {text(row['sheet'])}")
    if text(row["row"]):
        parts.append(f"row {text(row['row'])}")
    if text(row.get("column")):
        parts.append(f"column {text(row['column'])}")
    return ", ".join(part for part in parts if part)
