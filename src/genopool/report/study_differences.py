"""Whether small studies differ from large ones, and what else studies differ by."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from genopool.report import cells
from genopool.report.diagnostic_words import SMALL_STUDY_TESTS
from genopool.report.inputs import number, text
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.results import interval_heading
from genopool.report.subject import Diagnosed, Subject, exponential, sentences, why

RowOf = dict[str, Any]


def small_study(
    subject: Subject, diagnosed: Diagnosed, numbering: Numbering
) -> tuple[str, list[Table]]:
    """Tests of small-study effects, and the odds ratio without them."""
    rows = diagnosed.of("small_study", subject.model)
    tested = [row for row in rows if text(row["test"]) in SMALL_STUDY_TESTS]
    if not tested:
        reasons = dict.fromkeys(sentences(*(text(row["reason"]) for row in rows)))
        return " ".join(reasons), []
    lines = []
    for row in tested:
        reason = why(row)
        name = SMALL_STUDY_TESTS[text(row["test"])]
        read_first = text(row.get("recommended")) == "yes"
        label = Markup("{}{}").format(
            name, Markup(' <span class="chip">read this one</span>') if read_first else ""
        )
        adjusted = [exponential(row[c]) for c in ("adjusted_log_or", "ci_low", "ci_high")]
        filled = row["k_filled"]
        without = reason if number(row["p_value"]) is None else "a test, which adjusts nothing"
        lines.append(
            Row(
                [
                    label,
                    cells.count(row["k"], reason),
                    cells.p_value(row["p_value"], "not a test" if adjusted[0] else reason),
                    cells.ratio(
                        adjusted[0], reason if number(row["p_value"]) is None else "a test"
                    ),
                    cells.interval(adjusted[1], adjusted[2], without),
                    cells.count(filled, "nothing is filled in"),
                ],
                notes=sentences(text(row["reason"]), text(row["caution"])),
                noted=0,
            )
        )
    columns = [
        Column("Test or adjustment"),
        Column("Studies", "num"),
        Column("p", "num"),
        Column("Adjusted OR", "num"),
        Column(interval_heading(subject.inputs), "ci"),
        Column("Studies filled in", "num"),
    ]
    caption = subject.caption(
        "Whether small studies find other odds ratios than large ones, and the pooled odds ratio "
        "if they did not. One test was chosen before looking at any; the smallest p of many is no "
        "evidence."
    )
    return "", [numbering.table(caption, columns, [Body(lines)])]


def differences(
    subject: Subject, diagnosed: Diagnosed, numbering: Numbering
) -> tuple[str, list[Table]]:
    """Meta-regressions, and which could not be made and why."""
    rows = diagnosed.of("metaregression", subject.model)
    fitted = [row for row in rows if text(row["term"])]
    missing: dict[str, list[str]] = {}
    for row in rows:
        if not text(row["term"]) and text(row["reason"]):
            names = missing.setdefault(text(row["reason"]), [])
            if text(row["moderator"]) != "all":
                names.append(text(row["moderator"]).replace("_", " "))
    said = " ".join(
        f"No regression on {cells.listed(names)}: {reason}."
        if names
        else f"No regression: {reason}."
        for reason, names in missing.items()
    )
    if not fitted:
        return said, []
    bodies = []
    for moderator in dict.fromkeys(text(row["moderator"]) for row in fitted):
        lines = []
        for row in (r for r in fitted if text(r["moderator"]) == moderator):
            reason = why(row)
            limits = cells.interval(*(exponential(row[c]) for c in ("ci_low", "ci_high")), reason)
            lines.append(
                Row(
                    [
                        _term(row),
                        cells.count(row["k"], reason),
                        cells.ratio(exponential(row["estimate"]), reason),
                        limits,
                        cells.p_value(row["p_value"], reason),
                        cells.p_value(row["p_permutation"], reason),
                        cells.p_value(row["p_adjusted"], reason),
                        cells.percent(row["r2"], reason),
                    ],
                    notes=sentences(text(row["caution"]), text(row["reason"])),
                    noted=0,
                )
            )
        bodies.append(Body(lines, moderator.replace("_", " ")))
    columns = [
        Column("Term"),
        Column("Studies", "num"),
        Column("Ratio of ORs", "num"),
        Column(interval_heading(subject.inputs), "ci"),
        Column("p", "num"),
        Column("by permutation", "num"),
        Column("adjusted", "num"),
        Column("R²", "num"),
    ]
    caption = subject.caption(
        "Meta-regression: what studies that differ have in common. An intercept is an odds ratio, "
        "any other term the ratio by which it changes. Differences between studies need not be "
        "differences between people."
    )
    return said, [numbering.table(caption, columns, bodies)]


def _term(row: RowOf) -> str:
    """A term with what its ratio is for; the test of several at once says so."""
    term, unit, reference = (text(row.get(c)) for c in ("term", "unit", "reference"))
    if number(row["estimate"]) is None:
        return f"all terms of {text(row['moderator'])} at once"
    if term == "intercept":
        return f"intercept, at {reference}" if reference else term
    return f"{term}, {unit}" if unit else term
