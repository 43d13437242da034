"""The summary: every locus, effect allele and model in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from genopool.report import cells, glyphs, provenance
from genopool.report.comparison import favours, frequencies, printed_allele
from genopool.report.inputs import Locus, ReportInputs, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.results import (
    NOT_COMPUTED,
    has_result,
    is_overall,
    model_cell,
    people_cells,
    studies_cell,
    triple,
)

RowOf = dict[str, Any]


# Chips, which may begin with a number, and what they say.
CHIPS = {
    "not pooled": "one study, shown as it is",
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
    ci = f"{cells.level(inputs.level)} CI"
    columns = [
        Column("Model"),
        Column("Studies", "num"),
        Column("Cases", "num"),
        Column("Controls", "num"),
        Column("OR", "num"),
        Column(ci, "ci"),
        Column(glyphs.axis(scale), "plot"),
        Column("p", "num"),
        Column("tau²", "num"),
        Column("I²", "num"),
        Column(f"{cells.level(inputs.level)} prediction", "ci"),
    ]
    bodies = []
    for locus in inputs.loci:
        rows = [row for row in overall if text(row["locus"]) == locus.key]
        for effect in locus.effect_alleles or [""]:
            chosen = [row for row in rows if text(row["effect_allele"]) == effect]
            lines = [_summary_row(locus, row, scale) for row in chosen if has_result(row)]
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
    return numbering.table(caption, columns, bodies)


def legend(pooled: Sequence[RowOf]) -> list[tuple[str, str]]:
    """The chips that occur in the summary, with what they mean."""
    chips = [c for row in pooled if is_overall(row) and has_result(row) for c in _cautions(row)]
    return [(name, said) for name, said in CHIPS.items() if any(c.endswith(name) for c in chips)]


def _summary_row(locus: Locus, row: RowOf, scale: glyphs.Scale) -> Row:
    reason = text(row["reason"]) or NOT_COMPUTED
    estimate = triple(row)
    return Row(
        [
            model_cell(locus, row, _cautions(row)),
            studies_cell(row),
            *people_cells(row),
            cells.ratio(row["or"], reason),
            cells.interval(row["ci_low"], row["ci_high"], reason),
            glyphs.mark(scale, estimate) if estimate else cells.absent(reason),
            cells.p_value(row["p_value"], reason),
            cells.variance(row["tau2"], reason),
            cells.percent(row["i2"], reason),
            cells.interval(row["pi_low"], row["pi_high"], reason),
        ]
    )


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
    elif k == 2 and "hartung" in text(row.get("interval")):
        found.append("1 df")
    if reported:
        found.append("reported" if reported == k else f"{reported} reported")
    found += [word for word in provenance.KINDS if word in row.get("origin", "")]
    if whole(row["k_corrected"]):
        found.append("zero cell")
    if whole(row["k_double_zero"]):
        found.append(f"{whole(row['k_double_zero'])} left out")
    return found
