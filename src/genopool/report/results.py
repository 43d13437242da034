"""The tables of pooled odds ratios of one effect allele: overall and by stratifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from genopool.report import cells
from genopool.report.comparison import (
    by_stratifier,
    comparison,
    favours,
    printed_allele,
    stratifier_name,
)
from genopool.report.inputs import OVERALL, Locus, ReportInputs, number, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table

RowOf = dict[str, Any]

NOT_COMPUTED = "does not exist for this pool"

_CI = 5  # the place of the interval among `_columns`


def triple(row: RowOf) -> tuple[float, float, float] | None:
    """The odds ratio and its limits, if it has all three."""
    values = tuple(number(row[c]) for c in ("or", "ci_low", "ci_high"))
    return None if None in values or min(values) <= 0 else values


def has_result(row: RowOf) -> bool:
    """Whether anything was pooled."""
    return whole(row["k"]) > 0 and number(row["or"]) is not None


def is_overall(row: RowOf) -> bool:
    """Whether it is of the unstratified analysis."""
    return text(row["stratifier"]) == OVERALL


def model_cell(locus: Locus, row: RowOf, chips: Sequence[str] = ()) -> Markup:
    """A model with what it compares below it, and short cautions beside it."""
    model = text(row["model"])
    compared = comparison(locus, text(row["effect_allele"]), model).text
    marks = Markup("").join(Markup(' <span class="chip">{}</span>').format(c) for c in chips)
    return Markup('{}{} <span class="under">{}</span>').format(model, marks, compared)


def studies_cell(row: RowOf) -> str:
    """k; where a study enters with several rows, both numbers."""
    k, studies = whole(row["k"]), whole(row["k_studies"])
    return f"{k}" if not studies or studies == k else f"{studies} ({k} rows)"


def people_cells(row: RowOf) -> list[str | Markup]:
    """Cases and controls, with a plus sign where some rows do not state theirs."""
    unknown = whole(row["k_without_n"])
    reason = "no study states them"
    if unknown >= whole(row["k"]):
        return [cells.absent(reason), cells.absent(reason)]
    mark = Markup('<span title="{0}">+<span class="vh"> ({0})</span></span>').format(
        f"{cells.plural(unknown, 'row')} without numbers"
    )
    numbers = [cells.count(row[c], reason) for c in ("n_cases", "n_controls")]
    return [escape(n) + mark if unknown else n for n in numbers]


def _notes(row: RowOf) -> list[str]:
    """The footnotes of a pooled row."""
    k, reported = whole(row["k"]), whole(row["k_reported"])
    notes = []
    if reported:
        notes.append(
            "Estimates that papers report, no counts."
            if reported == k
            else f"{reported} of {k} are estimates that papers report; the rest are counts."
        )
    if row.get("origin"):
        notes.append(row["origin"])
    if text(row["reason"]):
        notes.append(_sentence(text(row["reason"])))
    for column, words in (
        ("k_double_zero", "left out: nobody, or everybody, has the exposure."),
        ("k_corrected", "corrected for a zero cell."),
    ):
        if whole(row[column]):
            notes.append(f"{cells.plural(whole(row[column]), 'row')} {words}")
    if 0 < whole(row["k_without_n"]) < k:
        rows = cells.plural(whole(row["k_without_n"]), "row")
        notes.append(f"{rows} without numbers of people, which the totals leave out.")
    return notes


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + ("" if words.endswith(".") else ".")


def pooled_tables(
    inputs: ReportInputs,
    locus: Locus,
    effect: str,
    pooled: Sequence[RowOf],
    strata: Sequence[RowOf],
    frequency: str,
    numbering: Numbering,
) -> list[Table]:
    """The pooled tables of one effect allele: overall, then by every stratifier with data."""
    chosen = [row for row in pooled if text(row["effect_allele"]) == effect and has_result(row)]
    tests = {
        (text(row["model"]), text(row["stratifier"])): row
        for row in strata
        if text(row["effect_allele"]) == effect
    }
    configured = [OVERALL, *inputs.section("strata")]
    stratifiers = dict.fromkeys(text(row["stratifier"]) for row in chosen)
    order = sorted(stratifiers, key=lambda s: configured.index(s) if s in configured else 99)
    tables = []
    for stratifier in order:
        rows = [row for row in chosen if text(row["stratifier"]) == stratifier]
        several = any(whole(row["k"]) > 1 for row in rows)
        caption = (
            f"{locus.name}, effect allele {printed_allele(effect)}: pooled odds ratios "
            f"{by_stratifier(stratifier)}. {favours(inputs.outcome)} {frequency}"
        )
        if not several:
            caption += (
                " No row has more than one study, so that there is no heterogeneity to show and "
                "no prediction interval."
            )
        if stratifier == OVERALL:
            bodies = [Body([_pooled_row(model_cell(locus, row), row, several) for row in rows])]
            first = "Model"
        else:
            models = dict.fromkeys(text(row["model"]) for row in rows)
            bodies = [
                _by_stratum(
                    locus,
                    [row for row in rows if text(row["model"]) == model],
                    tests.get((model, stratifier)),
                    several,
                )
                for model in models
            ]
            first = stratifier_name(stratifier).capitalize()
        tables.append(numbering.table(caption, _columns(first, inputs.level, several), bodies))
    return tables


def _columns(first: str, level: float, several: bool) -> list[Column]:
    percent = cells.level(level)
    columns = [
        Column(first),
        Column("Studies", "num"),
        Column("Cases", "num"),
        Column("Controls", "num"),
        Column("OR", "num"),
        Column(f"{percent} CI", "ci"),
        Column("p", "num"),
    ]
    if several:
        columns += [
            Column("tau²", "num", "Heterogeneity"),
            Column(f"{percent} CI", "ci", "Heterogeneity"),
            Column("I²", "num", "Heterogeneity"),
            Column("H²", "num", "Heterogeneity"),
            Column("Q (df)", "num", "Heterogeneity"),
            Column("p", "num", "Heterogeneity"),
            Column(f"{percent} prediction", "ci"),
        ]
    return columns


def _pooled_row(heading: str | Markup, row: RowOf, several: bool) -> Row:
    """A row of `_columns`, its interval marked with the footnotes."""
    reason = text(row["reason"]) or NOT_COMPUTED
    values = [
        heading,
        studies_cell(row),
        *people_cells(row),
        cells.ratio(row["or"], reason),
        cells.interval(row["ci_low"], row["ci_high"], reason),
        cells.p_value(row["p_value"], reason),
    ]
    if several:
        q, df = cells.fixed(row["q"], 2, reason), number(row["q_df"])
        values += [
            cells.variance(row["tau2"], reason),
            cells.variance_interval(row["tau2_ci_low"], row["tau2_ci_high"], reason),
            cells.percent(row["i2"], reason),
            cells.fixed(row["h2"], 2, reason),
            q if number(row["q"]) is None or df is None else f"{q} ({df:.0f})",
            cells.p_value(row["q_p"], reason),
            cells.interval(row["pi_low"], row["pi_high"], reason),
        ]
    return Row(values, notes=_notes(row), noted=_CI)


def _by_stratum(locus: Locus, rows: Sequence[RowOf], test: RowOf | None, several: bool) -> Body:
    lines = [_pooled_row(text(row["stratum"]), row, several) for row in rows]
    lines.append(Row([f"Between strata: {between_strata(test)}"], "test", wide=True))
    compared = comparison(locus, text(rows[0]["effect_allele"]), text(rows[0]["model"])).text
    heading = Markup('{} <span class="minor">{}</span>').format(text(rows[0]["model"]), compared)
    return Body(lines, heading)


def between_strata(test: RowOf | None) -> str:
    """The test in words: F(1, 24) = 2.84, p = 0.10."""
    if test is None:
        return "not tested: no row in the table of tests"
    statistic = number(test["statistic"])
    reason = text(test["reason"])
    if statistic is None:
        return f"not tested: {reason or 'no statistic'}"
    df1, df2 = number(test["df1"]), number(test["df2"])
    if text(test["distribution"]).lower() == "f":
        said = f"F({df1:g}, {df2:g}) = {statistic:.2f}"
    else:
        said = f"chi²({df1:g}) = {statistic:.2f}"
    p = "–" if number(test["p_value"]) is None else cells.p_value(test["p_value"])
    equals = "" if str(p).startswith("<") else "= "
    return f"{said}, p {equals}{p}" + (f" ({reason})" if reason else "")
