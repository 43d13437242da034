"""Whether a result hangs on a study or on a choice: sensitivity and influence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from genopool.report import cells
from genopool.report.inputs import ReportInputs, number, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.results import interval_heading
from genopool.report.subject import Diagnosed, Subject, sentences, why

RowOf = dict[str, Any]


def _pooled_columns(inputs: ReportInputs) -> list[Column]:
    return [
        Column("Studies", "num"),
        Column("OR", "num"),
        Column(interval_heading(inputs), "ci"),
        Column("p", "num"),
        Column("I²", "num"),
    ]


def _pooled_cells(row: RowOf) -> list[str | Markup]:
    reason = why(row)
    return [
        cells.count(row["k"], reason),
        cells.ratio(row["or"], reason),
        cells.interval(row["ci_low"], row["ci_high"], reason),
        cells.p_value(row["p_value"], reason),
        cells.percent(row["i2"], reason),
    ]


def sensitivity(
    subject: Subject, diagnosed: Diagnosed, numbering: Numbering
) -> tuple[str, list[Table]]:
    """The result again with other studies and methods, and what each study does to it."""
    rows = diagnosed.of("sensitivity", subject.model)
    tables = []
    lines = list(_sensitivity_lines(rows))
    if lines:
        columns = [Column("Analysis"), *_pooled_columns(subject.inputs)]
        caption = subject.caption("The pooled result again, with other studies or another method.")
        tables.append(numbering.table(caption, columns, [Body(lines)]))
    influence = diagnosed.of("influence", subject.model)
    if any(number(row["rstudent"]) is not None for row in influence):
        tables.append(_influence_table(subject, influence, numbering))
    return _alone(rows), tables


def _alone(rows: Sequence[RowOf]) -> str:
    """Why nothing could be left out, for a result of one study."""
    reasons = {
        text(row["reason"]) for row in rows if not whole(row["k"]) and _is(row, "leave_one_out")
    }
    said = "; ".join(sorted(reason for reason in reasons if reason))
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _is(row: RowOf, *analyses: str) -> bool:
    return text(row["analysis"]) in analyses


def _sensitivity_lines(rows: Sequence[RowOf]) -> Iterable[Row]:
    """The two ends of what leaving studies out does, and one line each of the rest."""
    without = [r for r in rows if _is(r, "leave_one_out") and number(r["or"]) is not None]
    ends = _ends(without)
    for row, which in ends:
        label = f"Without {text(row['left_out'])} ({which} of {len(without)} left out in turn)"
        yield Row([label, *_pooled_cells(row)])
    named = {
        "leave_two_out_lowest": "Without {} (lowest of all pairs)",
        "leave_two_out_highest": "Without {} (highest of all pairs)",
        "without_hwe_departure": "Without studies out of Hardy-Weinberg equilibrium: {}",
        "hwe_adjusted": "Adjusted for departures from Hardy-Weinberg equilibrium",
        "counts_only": "Without reported estimates",
    }
    for analysis, label in named.items():
        for row in rows:
            if _is(row, analysis) and (number(row["or"]) is not None or text(row["reason"])):
                left_out = cells.listed(text(row["left_out"]).split("; "))
                words = label.format(left_out).rstrip(": ")
                yield Row(
                    [words, *_pooled_cells(row)], notes=sentences(text(row["reason"])), noted=0
                )
    specified = [r for r in rows if text(r["analysis"]).startswith("tau2=")]
    found = [r for r in specified if number(r["or"]) is not None]
    for row in found:
        if text(row["analysis"]).startswith("tau2=EE,"):
            yield Row(["Equal (fixed) effects", *_pooled_cells(row)])
    for row, which in _ends(found):
        words = f"{_specification(row)} ({which} odds ratio of {len(found)} methods)"
        yield Row([words, *_pooled_cells(row)])
    narrow = [r for r in found if number(r["p_value"]) is not None]
    if len(narrow) > 1:
        least = max(narrow, key=lambda r: number(r["p_value"]) or 0.0)
        yield Row(
            [
                f"{_specification(least)} (largest p of {len(narrow)} methods)",
                *_pooled_cells(least),
            ]
        )


def _ends(rows: Sequence[RowOf]) -> list[tuple[RowOf, str]]:
    if len(rows) < 2:
        return [(row, "lowest") for row in rows]
    by_ratio = sorted(rows, key=lambda row: number(row["or"]) or 0.0)
    return [(by_ratio[0], "lowest"), (by_ratio[-1], "highest")]


def _specification(row: RowOf) -> str:
    tau2, _, interval = text(row["analysis"]).partition(",")
    return f"{tau2.removeprefix('tau2=')} with {interval.removeprefix('interval=')} interval"


def _influence_table(subject: Subject, rows: Sequence[RowOf], numbering: Numbering) -> Table:
    columns = [
        Column("Study"),
        Column("Weight", "num"),
        Column("Studentised residual", "num"),
        Column("DFFITS", "num"),
        Column("Cook's distance", "num"),
        Column("Covariance ratio", "num"),
        Column("tau²", "num", "Without it"),
        Column("Q", "num", "Without it"),
    ]
    lines = []
    for row in rows:
        reason = why(row)
        population = text(row["population"])
        name = text(row["study"]) + (f" ({population})" if population else "")
        marked = text(row["is_influential"]) == "yes"
        label = Markup("{}{}").format(
            name, Markup(' <span class="chip">influential</span>') if marked else ""
        )
        lines.append(
            Row(
                [
                    label,
                    cells.percent(row["weight"], reason),
                    cells.fixed(row["rstudent"], 2, reason),
                    cells.fixed(row["dffits"], 2, reason),
                    cells.fixed(row["cook_d"], 3, reason),
                    cells.fixed(row["cov_r"], 2, reason),
                    cells.variance(row["tau2_del"], reason),
                    cells.fixed(row["q_del"], 2, reason),
                ]
            )
        )
    caption = subject.caption("What each study does to the pooled log odds ratio.")
    return numbering.table(caption, columns, [Body(lines)])
