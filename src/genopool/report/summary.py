"""The summary: every locus, effect allele and model in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from genopool.report import cells, glyphs, provenance
from genopool.report.comparison import favours, frequencies, printed_allele
from genopool.report.inputs import Locus, ReportInputs, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.pooling_methods import ON_K_MINUS_1
from genopool.report.results import (
    NOT_COMPUTED,
    SIZE_HEADING,
    Cell,
    has_result,
    interval_heading,
    is_overall,
    model_cell,
    size_cell,
    some,
    triple,
)

RowOf = dict[str, Any]


# Chips, which may begin with a number, and what they say.
CHIPS = {
    "not pooled": "one study: nothing is pooled",
    "1 df": "two studies: the interval rests on t with one degree of freedom",
    "reported": (
        "wholly, or for so many studies, odds ratios that papers report without counts; they lean "
        "to positive results"
    ),
    "reconstructed": "rests in part on counts worked out from what a paper does print",
    "simulated": "rests in part on numbers that were made up",
    "zero cell": "a study was corrected for a cell with nobody in it",
    "left out": "so many studies say nothing, since nobody or everybody has the exposure",
}


def summary_table(
    inputs: ReportInputs,
    pooled: Sequence[RowOf],
    effects: Mapping[str, Sequence[RowOf]],
    numbering: Numbering,
) -> Table:
    """One line for every locus × effect allele × model, overall; models without data together.

    `effects` are the rows of each locus.
    """
    overall = [row for row in pooled if is_overall(row)]
    scale = glyphs.scale(t for row in overall if has_result(row) and (t := triple(row)))
    layout = _layout(inputs, [row for row in overall if has_result(row)], scale)
    bodies = []
    for locus in inputs.loci:
        rows = [row for row in overall if text(row["locus"]) == locus.key]
        for effect in locus.effect_alleles or [""]:
            chosen = [row for row in rows if text(row["effect_allele"]) == effect]
            lines = [_summary_row(locus, row, layout) for row in chosen if has_result(row)]
            lines += _without_data(
                [row for row in chosen if not has_result(row)], everything=not lines
            )
            heading = Markup('<a href="#locus-{}">{}</a>').format(locus.key, locus.name)
            if effect:
                heading += f": effect allele {printed_allele(effect)}"
            known = sorted(frequencies(effects.get(locus.key, ()), effect).values())
            if known:
                span = cells.span(known[0], known[-1])
                heading += Markup(' <span class="minor">{} of control alleles</span>').format(span)
            bodies.append(Body(lines, heading))
    caption = (
        "Pooled odds ratios, overall, for every locus, effect allele and model. Each row names "
        f"what it compares. {favours(inputs.outcome)} The effect allele's frequency range in "
        "controls stands beside it where a study gives genotype counts."
    )
    columns = [Column("Model"), *(column for column, _ in layout)]
    return numbering.table(caption, columns, bodies)


def _layout(
    inputs: ReportInputs, rows: Sequence[RowOf], scale: glyphs.Scale
) -> list[tuple[Column, Cell]]:
    """The columns after the first, each with its cell of a row; those that no row has a number
    for are left out."""
    layout: list[tuple[Column, Cell]] = [
        (Column(SIZE_HEADING, "num"), lambda row, _: size_cell(row)),
        (Column("OR", "num"), lambda row, why: cells.ratio(row["or"], why)),
        (
            Column(interval_heading(inputs), "ci"),
            lambda row, why: cells.interval(row["ci_low"], row["ci_high"], why),
        ),
        (
            Column(glyphs.axis(scale), "plot"),
            lambda row, why: glyphs.mark(scale, t) if (t := triple(row)) else cells.absent(why),
        ),
    ]
    if some(rows, "p_value"):
        layout.append((Column("p", "num"), lambda row, why: cells.p_value(row["p_value"], why)))
    spread: list[tuple[str, Cell]] = []
    if some(rows, "tau2"):
        spread.append(("tau²", lambda row, why: cells.variance(row["tau2"], why)))
    if some(rows, "i2"):
        spread.append(("I²", lambda row, why: cells.percent(row["i2"], why)))
    if len(spread) == 2:
        (above, first), (below, second) = spread
        layout.append(
            (
                Column(cells.stacked(above, below), "num"),
                lambda row, why: cells.stacked(first(row, why), second(row, why)),
            )
        )
    elif spread:
        layout.append((Column(spread[0][0], "num"), spread[0][1]))
    if some(rows, "pi_low"):
        layout.append(
            (
                Column(f"{cells.level(inputs.level)} prediction", "ci"),
                lambda row, why: cells.interval(row["pi_low"], row["pi_high"], why),
            )
        )
    return layout


def legend(pooled: Sequence[RowOf]) -> list[tuple[str, str]]:
    """The chips that occur in the summary, with what they mean."""
    chips = [c for row in pooled if is_overall(row) and has_result(row) for c in _cautions(row)]
    return [(name, said) for name, said in CHIPS.items() if any(c.endswith(name) for c in chips)]


def _summary_row(locus: Locus, row: RowOf, layout: Sequence[tuple[Column, Cell]]) -> Row:
    why = text(row["reason"]) or NOT_COMPUTED
    heading = model_cell(locus, row, _cautions(row))
    return Row([heading, *(cell(row, why) for _, cell in layout)])


def _without_data(rows: Sequence[RowOf], *, everything: bool) -> list[Row]:
    """The models without a result, those with the same reason on one line."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        reason = text(row["reason"]) or "no study answers it"
        reasons.setdefault(reason, []).append(text(row["model"]))
    if not reasons:
        return [Row(["No result: not analysed."], "none", wide=True)] if everything else []
    return [
        Row([f"No result for {_models(models, everything, reasons)}: {reason}."], "none", wide=True)
        for reason, models in reasons.items()
    ]


def _models(models: list[str], everything: bool, reasons: dict[str, list[str]]) -> str:
    if everything and len(reasons) == 1 and len(models) > 1:
        return "any model"
    return cells.listed(models, "or")


def _cautions(row: RowOf) -> list[str]:
    """Short words on how little a result rests on, explained below the summary."""
    k, reported = whole(row["k"]), whole(row["k_reported"])
    found = []
    if k == 1:
        found.append("not pooled")
    elif k == 2 and text(row.get("interval")) in ON_K_MINUS_1:
        found.append("1 df")
    if reported:
        found.append("reported" if reported == k else f"{reported} reported")
    found += [word for word in provenance.KINDS if word in row.get("origin", "")]
    if whole(row["k_corrected"]):
        found.append("zero cell")
    if whole(row["k_double_zero"]):
        found.append(f"{whole(row['k_double_zero'])} left out")
    return found
