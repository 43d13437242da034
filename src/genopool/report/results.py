"""The tables of pooled odds ratios of one effect allele: overall and by stratifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup, escape

from genopool.config import OVERALL
from genopool.report import cells
from genopool.report.comparison import (
    by_stratifier,
    comparison,
    favours,
    printed_allele,
    stratifier_name,
)
from genopool.report.inputs import Locus, ReportInputs, number, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table

RowOf = dict[str, Any]
Cell = Callable[[RowOf, str], str | Markup]

NOT_COMPUTED = "does not exist for this pool"

_CI = 3  # the place of the interval among the columns


def interval_heading(inputs: ReportInputs) -> str:
    """What the intervals of pools are: `95% CI`, or `95% credible interval`."""
    kind = "credible interval" if inputs.pooling.method == "bayes" else "CI"
    return f"{cells.level(inputs.level)} {kind}"


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


def people_cell(row: RowOf) -> str | Markup:
    """Cases and controls, with a plus sign where some rows do not state theirs."""
    unknown = whole(row["k_without_n"])
    mark = Markup('<span title="{0}">+<span class="vh"> ({0})</span></span>').format(
        f"{cells.plural(unknown, 'row')} without numbers"
    )
    parts = []
    for column in ("n_cases", "n_controls"):
        stated = number(row[column])
        if not stated and unknown:
            parts.append(cells.absent("no study states them"))
        else:
            parts.append(escape(cells.count(stated, "not known")) + (mark if unknown else ""))
    return parts[0] if all(map(cells.is_absent, parts)) else Markup(" / ").join(parts)


def size_cell(row: RowOf) -> str | Markup:
    """Studies, and below them cases and controls."""
    return cells.stacked(studies_cell(row), people_cell(row))


SIZE_HEADING = cells.stacked("Studies", "cases / controls")


def some(rows: Sequence[RowOf], *columns: str) -> bool:
    """Whether any row has a number in one of the columns."""
    return any(number(row[column]) is not None for row in rows for column in columns)


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
        layout = _layout(inputs, rows)
        caption = (
            f"{locus.name}, effect allele {printed_allele(effect)}: pooled odds ratios "
            f"{by_stratifier(stratifier)}. {favours(inputs.outcome)} {frequency}"
        )
        if not some(rows, "i2", "q", "tau2") and all(whole(row["k"]) < 2 for row in rows):
            caption += (
                " No row has more than one study, so that there is no heterogeneity to show and "
                "no prediction interval."
            )
        if stratifier == OVERALL:
            bodies = [Body([_pooled_row(model_cell(locus, row), row, layout) for row in rows])]
            first = "Model"
        else:
            models = dict.fromkeys(text(row["model"]) for row in rows)
            why = _never_tested([tests.get((model, stratifier)) for model in models])
            caption += f" Strata are not compared: {why}." if why else ""
            bodies = [
                _by_stratum(
                    locus,
                    [row for row in rows if text(row["model"]) == model],
                    "" if why else _tested(tests.get((model, stratifier))),
                    layout,
                )
                for model in models
            ]
            first = stratifier_name(stratifier).capitalize()
        columns = [Column(first), *(column for column, _ in layout)]
        tables.append(numbering.table(caption, columns, bodies))
    return tables


def _layout(inputs: ReportInputs, rows: Sequence[RowOf]) -> list[tuple[Column, Cell]]:
    """The columns after the first, each with its cell of a row; those that no row has a number
    for are left out."""
    ci, spread = interval_heading(inputs), "Heterogeneity"
    layout: list[tuple[Column, Cell]] = [
        (Column(SIZE_HEADING, "num"), lambda row, _: size_cell(row)),
        (Column("OR", "num"), lambda row, why: cells.ratio(row["or"], why)),
        (Column(ci, "ci"), lambda row, why: cells.interval(row["ci_low"], row["ci_high"], why)),
    ]
    if some(rows, "p_value"):
        layout.append((Column("p", "num"), lambda row, why: cells.p_value(row["p_value"], why)))
    if some(rows, "tau2_ci_low"):
        column = Column(cells.stacked("tau²", ci), "num", spread)
        layout.append((column, lambda row, why: cells.stacked(*_tau2(row, why))))
    elif some(rows, "tau2"):
        layout.append((Column("tau²", "num", spread), lambda row, why: _tau2(row, why)[0]))
    if some(rows, "i2"):
        layout.append((Column(cells.stacked("I²", "H²"), "num", spread), _i2))
    if some(rows, "q"):
        layout.append((Column(cells.stacked("Q (df)", "p"), "num", spread), _q))
    if some(rows, "pi_low"):
        column = Column(f"{cells.level(inputs.level)} prediction", "ci")
        layout.append((column, lambda row, why: cells.interval(row["pi_low"], row["pi_high"], why)))
    return layout


def _tau2(row: RowOf, why: str) -> tuple[str | Markup, str | Markup]:
    limits = cells.variance_interval(row["tau2_ci_low"], row["tau2_ci_high"], why)
    return cells.variance(row["tau2"], why), limits


def _i2(row: RowOf, why: str) -> str | Markup:
    return cells.stacked(cells.percent(row["i2"], why), cells.fixed(row["h2"], 2, why))


def _q(row: RowOf, why: str) -> str | Markup:
    q, df = cells.fixed(row["q"], 2, why), number(row["q_df"])
    if number(row["q"]) is not None and df is not None:
        q = f"{q} ({df:.0f})"
    return cells.stacked(q, cells.p_value(row["q_p"], why))


def _pooled_row(heading: str | Markup, row: RowOf, layout: Sequence[tuple[Column, Cell]]) -> Row:
    """A row of `_layout`, its interval marked with the footnotes."""
    why = text(row["reason"]) or NOT_COMPUTED
    values = [heading, *(cell(row, why) for _, cell in layout)]
    return Row(values, notes=_notes(row), noted=_CI)


def _by_stratum(
    locus: Locus,
    rows: Sequence[RowOf],
    tested: str,
    layout: Sequence[tuple[Column, Cell]],
) -> Body:
    lines = [_pooled_row(text(row["stratum"]), row, layout) for row in rows]
    if tested:
        lines.append(Row([f"Between strata: {tested}"], "test", wide=True))
    compared = comparison(locus, text(rows[0]["effect_allele"]), text(rows[0]["model"])).text
    heading = Markup('{} <span class="minor">{}</span>').format(text(rows[0]["model"]), compared)
    return Body(lines, heading)


def _tested(test: RowOf | None) -> str:
    """The test in words; blank for one stratum, which has nothing to be compared with."""
    return between_strata(test) if test is None or whole(test["strata"]) > 1 else ""


def _never_tested(tests: Sequence[RowOf | None]) -> str:
    """The reason why no model's strata are compared, if it is one and the same."""
    possible = [test for test in tests if test is None or whole(test["strata"]) > 1]
    if any(test is None or number(test["statistic"]) is not None for test in possible):
        return ""
    reasons = {text(test["reason"]) for test in possible}
    return reasons.pop() if len(reasons) == 1 else ""


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
