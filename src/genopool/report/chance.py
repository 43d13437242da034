"""Whether a result could be chance: p-values of several models, and credibility."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genopool.config import OVERALL
from genopool.report import cells
from genopool.report.comparison import printed_allele
from genopool.report.diagnostic_words import QUANTITIES
from genopool.report.inputs import number, text
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.results import interval_heading
from genopool.report.subject import Diagnosed, Subject, sentences, why

RowOf = dict[str, Any]


def chance(subject: Subject, diagnosed: Diagnosed, numbering: Numbering) -> tuple[str, list[Table]]:
    """p-values of all models, and what the primary one's result is worth."""
    tables = []
    models = [
        row
        for row in diagnosed.rows.get("multiplicity", ())
        if text(row["stratifier"]) == OVERALL and number(row["p_value"]) is not None
    ]
    if models:
        tables.append(_multiplicity_table(subject, models, numbering))
    credible = [
        row
        for row in diagnosed.of("credibility", subject.model)
        if text(row["quantity"]) in QUANTITIES
    ]
    if any(number(row["value"]) is not None for row in credible):
        tables.append(_credibility_table(subject, credible, numbering))
    return "", tables


def _multiplicity_table(subject: Subject, rows: Sequence[RowOf], numbering: Numbering) -> Table:
    lines = []
    for row in rows:
        reason = why(row)
        lines.append(
            Row(
                [
                    text(row["model"]),
                    cells.p_value(row["p_value"], reason),
                    cells.p_value(row["p_adjusted"], reason),
                    text(row["adjustment"]),
                    cells.p_value(row.get("q_value"), "no p-value of the locus"),
                ],
                notes=sentences(text(row["reason"])),
                noted=0,
            )
        )
    columns = [
        Column("Model"),
        Column("p", "num"),
        Column("adjusted", "num"),
        Column("how"),
        Column("q over loci", "num"),
    ]
    allele = printed_allele(subject.effect)
    caption = (
        f"{subject.locus.name}, effect allele {allele}, overall: p-values adjusted for having "
        "looked at all of these models, which share their data, and the false discovery rate "
        "over loci of the smallest."
    )
    return numbering.table(caption, columns, [Body(lines)])


def _credibility_table(subject: Subject, rows: Sequence[RowOf], numbering: Numbering) -> Table:
    lines = []
    for name, (label, print_value) in QUANTITIES.items():
        for row in (r for r in rows if text(r["quantity"]) == name):
            if number(row["value"]) is None and not text(row["reason"]):
                continue
            reason = why(row)
            lines.append(
                Row(
                    [
                        label,
                        cells.ratio(row["given_or"], "none is assumed"),
                        text(row["prior"]) or cells.absent("none is assumed"),
                        print_value(row["value"], reason),
                        cells.interval(row["ci_low"], row["ci_high"], "has none"),
                    ],
                    notes=sentences(text(row["caution"])),
                    noted=0,
                )
            )
    columns = [
        Column("Quantity"),
        Column("if the OR is", "num"),
        Column("prior probability", "num"),
        Column("Value", "num"),
        Column(interval_heading(subject.inputs), "ci"),
    ]
    caption = subject.caption(
        "What the result is worth, given what was believed before it, and how much information "
        "there is."
    )
    return numbering.table(caption, columns, [Body(lines)])
