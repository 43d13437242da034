"""The truth planted in simulated studies, beside what was estimated from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, nan, sqrt

from markupsafe import Markup

from genopool.config import OVERALL
from genopool.report import cells
from genopool.report.comparison import printed_allele, stratifier_name
from genopool.report.inputs import Locus, ReportInputs, number, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.planted import (
    Planted,
    RowOf,
    binomial_range,
    is_of_lengths,
    key_of,
    match,
    of_lengths,
)
from genopool.report.results import has_result, interval_heading, is_overall, model_cell
from genopool.studies.truth import KEY, LENGTH_TREND

ONE_STUDY = "one study alone, whose interval is not of the mean"


@dataclass(frozen=True)
class TruthSection:
    """What the report says of planted truth."""

    lead: str
    coverage: Table | None
    overall: Table | None
    by_locus: Sequence[tuple[str, Table]]
    lengths: Table | None
    unmatched: Table | None
    n_unmatched: int


def truth_section(
    inputs: ReportInputs,
    truth: Sequence[RowOf],
    pooled: Sequence[RowOf],
    numbering: Numbering,
    lengths: Sequence[RowOf] = (),
    trend: Sequence[RowOf] = (),
) -> TruthSection | None:
    """The section on planted truth; None where no table of it was read.

    `lengths` and `trend` are the pooled results about the lengths of repeats, if there are any.
    """
    if not truth:
        return None
    loci = {locus.key: locus for locus in inputs.loci}
    rows = match((row for row in truth if not is_of_lengths(row)), pooled, inputs.loci)
    matched = [planted for planted in rows if planted.ours is not None]
    unmatched = [planted for planted in rows if planted.ours is None]
    of_overall = [planted for planted in matched if is_overall(planted.ours)]
    in_strata = [planted for planted in matched if not is_overall(planted.ours)]
    about_lengths = match(
        (row for row in truth if is_of_lengths(row)), of_lengths(lengths, trend), inputs.loci
    )
    known = {key_of(planted.row) for planted in matched}
    results = [row for row in pooled if has_result(row)]
    if lengths or trend:
        unmatched += [planted for planted in about_lengths if planted.ours is None]
    lacking = sum(key_of(row) not in known for row in results)
    return TruthSection(
        lead=_lead(inputs, matched, lacking),
        coverage=_coverage(inputs, matched, numbering) if matched else None,
        overall=_beside(
            inputs,
            loci,
            of_overall,
            "Planted truth beside the estimate, overall.",
            numbering,
        )
        if of_overall
        else None,
        by_locus=[
            (
                locus.name,
                _beside(
                    inputs,
                    loci,
                    chosen,
                    f"{locus.name}: planted truth beside the estimate, by stratum.",
                    numbering,
                ),
            )
            for locus in inputs.loci
            if (chosen := [p for p in in_strata if text(p.row["locus"]) == locus.key])
        ],
        lengths=_lengths(inputs, loci, about_lengths, numbering) if about_lengths else None,
        unmatched=_unmatched(unmatched, numbering) if unmatched else None,
        n_unmatched=len(unmatched),
    )


def _lead(inputs: ReportInputs, matched: Sequence[Planted], lacking: int) -> str:
    judged = [planted.covered for planted in matched if planted.covered is not None]
    level = cells.level(inputs.level)
    said = (
        "These studies were made with known odds ratios. The truth of a result is the expected "
        "random-effects mean of the studies that it pools, given their sizes and allele "
        "frequencies; tau is the standard deviation of their own truths about it."
    )
    if judged:
        low, high = binomial_range(len(judged), inputs.level)
        said += (
            f" Of the {level} intervals of two studies or more, {len(judged):,} in number, "
            f"{sum(judged):,} ({100 * sum(judged) / len(judged):.1f}%) hold their truth; were they "
            f"independent, {low:,} to {high:,} would in 95% of simulations. They are not: the "
            "models and strata of a locus look at the same people, so they hit or miss together."
        )
    if lacking:
        said += f" {cells.plural(lacking, 'result')} of ours {'has' if lacking == 1 else 'have'} "
        said += "no planted truth in the table."
    return said


def _coverage(inputs: ReportInputs, matched: Sequence[Planted], numbering: Numbering) -> Table:
    """How many intervals hold the truth, by stratifier, model and locus."""
    level = cells.level(inputs.level)
    names = {locus.key: locus.name for locus in inputs.loci}

    def body(heading: str, key: Callable[[Planted], str]) -> Body:
        groups: dict[str, list[Planted]] = {}
        for planted in matched:
            groups.setdefault(key(planted), []).append(planted)
        return Body([_coverage_row(inputs, name, group) for name, group in groups.items()], heading)

    bodies = [
        body("By stratifier", lambda p: stratifier_name(text(p.row["stratifier"]))),
        body("By model", lambda p: text(p.row["model"])),
        body("By locus", lambda p: names.get(text(p.row["locus"]), text(p.row["locus"]))),
        Body([_coverage_row(inputs, "All results", matched, "total")]),
    ]
    columns = [
        Column("Results"),
        Column("intervals", "num", f"{level} intervals of the odds ratio"),
        Column("hold the truth", "num", f"{level} intervals of the odds ratio"),
        Column("share", "num", f"{level} intervals of the odds ratio"),
        Column("expected", "num", f"{level} intervals of the odds ratio"),
        Column("intervals", "num", f"{level} intervals of tau²"),
        Column("share", "num", f"{level} intervals of tau²"),
        Column("intervals", "num", f"{level} prediction intervals"),
        Column("studies inside", "num", f"{level} prediction intervals"),
    ]
    caption = (
        "How many intervals hold the planted truth. Expected: the number in 95% of simulations if "
        "the intervals were independent (binomial). Studies inside: the share of the planted "
        "distribution of studies' truths that a prediction interval takes in, on average; its "
        f"level, {level}, is expected. Results of one study alone are left out."
    )
    return numbering.table(caption, columns, bodies)


def _coverage_row(
    inputs: ReportInputs, name: str, group: Sequence[Planted], style: str = ""
) -> Row:
    why = "no result of two studies or more"
    held = [p.covered for p in group if p.covered is not None]
    tau = [p.tau_covered for p in group if p.tau_covered is not None]
    predicted = [p.predicted for p in group if p.predicted is not None]
    low, high = binomial_range(len(held), inputs.level)
    return Row(
        [
            name,
            cells.count(len(held)),
            cells.count(sum(held)) if held else cells.absent(why),
            _share(held, why),
            f"{low:,} to {high:,}" if held else cells.absent(why),
            cells.count(len(tau)),
            _share(tau, "no interval of tau²"),
            cells.count(len(predicted)),
            _share(predicted, "no prediction interval"),
        ],
        style,
    )


def _share(values: Sequence[float], why: str) -> str | Markup:
    return cells.percent(100 * sum(values) / len(values)) if values else cells.absent(why)


def _beside(
    inputs: ReportInputs,
    loci: Mapping[str, Locus],
    chosen: Sequence[Planted],
    caption: str,
    numbering: Numbering,
) -> Table:
    ci, level = interval_heading(inputs), cells.level(inputs.level)
    overall = all(is_overall(planted.ours) for planted in chosen)
    columns = [
        Column("Model" if overall else "Stratum"),
        Column("studies", "num"),
        Column("OR", "num", "Planted"),
        Column("tau", "num", "Planted"),
        Column("OR", "num", "Estimated"),
        Column(ci, "ci", "Estimated"),
        Column("holds it", "text", "Estimated"),
        Column("tau", "num", "Estimated"),
        Column(f"{level} prediction", "ci", "Estimated"),
        Column("studies inside", "num", "Estimated"),
    ]
    groups: dict[str | Markup, list[Row]] = {}
    for planted in chosen:
        locus = loci[text(planted.row["locus"])]
        allele = printed_allele(text(planted.row["effect_allele"]))
        heading: str | Markup = f"{locus.name}: effect allele {allele}"
        if not overall:
            heading = Markup("{}, {}").format(allele, model_cell(locus, planted.ours))
        groups.setdefault(heading, []).append(_beside_row(locus, planted, overall))
    bodies = [Body(rows, heading) for heading, rows in groups.items()]
    caption += (
        " Holds it: whether the interval holds the planted odds ratio. Studies inside: the share "
        "of the planted distribution of studies' truths in the prediction interval."
    )
    return numbering.table(caption, columns, bodies)


def _beside_row(locus: Locus, planted: Planted, overall: bool) -> Row:
    ours = planted.ours
    why = text(ours["reason"]) or "does not exist for this pool"
    first: str | Markup = model_cell(locus, ours)
    if not overall:
        first = f"{stratifier_name(text(ours['stratifier']))}: {text(ours['stratum'])}"
    predicted, tau2 = planted.predicted, number(ours["tau2"])
    return Row(
        [
            first,
            str(whole(ours["k"])),
            cells.ratio(exp(planted.log_or)),
            cells.fixed(planted.tau, 3),
            cells.ratio(ours["or"]),
            cells.interval(ours["ci_low"], ours["ci_high"], why),
            _held(planted.covered, ONE_STUDY),
            cells.fixed(nan if tau2 is None else sqrt(tau2), 3, why),
            cells.interval(ours["pi_low"], ours["pi_high"], why),
            cells.percent(None if predicted is None else 100 * predicted, why),
        ]
    )


def _lengths(
    inputs: ReportInputs,
    loci: Mapping[str, Locus],
    chosen: Sequence[Planted],
    numbering: Numbering,
) -> Table:
    """What was planted about the lengths of repeats, overall, beside the estimates."""
    groups: dict[str, list[Row]] = {}
    for planted in chosen:
        row, ours = planted.row, planted.ours or {}
        if text(row["stratifier"]) != OVERALL:
            continue
        key, why = text(row["locus"]), planted.why or text(ours.get("reason"))
        trend = text(row["model"]) == LENGTH_TREND
        what = "each repeat more" if trend else f"{text(row['effect_allele'])} repeats"
        against = "one repeat fewer" if trend else f"{text(row['reference'])} repeats"
        groups.setdefault(loci[key].name if key in loci else key, []).append(
            Row(
                [
                    what,
                    against,
                    cells.count(row.get("k"), "not stated"),
                    cells.fixed(exp(planted.log_or), 3),
                    cells.fixed(planted.tau, 3),
                    cells.count(ours.get("k"), why),
                    cells.fixed(ours.get("or"), 3, why),
                    cells.interval(ours.get("ci_low"), ours.get("ci_high"), why),
                    _held(planted.covered, why or ONE_STUDY),
                ]
            )
        )
    columns = [
        Column("Length"),
        Column("against"),
        Column("studies", "num", "Planted"),
        Column("OR", "num", "Planted"),
        Column("tau", "num", "Planted"),
        Column("studies", "num", "Estimated"),
        Column("OR", "num", "Estimated"),
        Column(interval_heading(inputs), "ci", "Estimated"),
        Column("holds it", "text", "Estimated"),
    ]
    caption = (
        "What was planted about single lengths of repeats and their trend, overall, beside the "
        "estimates. Studies whose people are not expected to have a length are not counted."
    )
    return numbering.table(caption, columns, [Body(lines, name) for name, lines in groups.items()])


def _held(covered: bool | None, why: str) -> str | Markup:
    if covered is None:
        return cells.absent(why)
    return "yes" if covered else Markup('<span class="chip">no</span>')


def _unmatched(rows: Sequence[Planted], numbering: Numbering) -> Table:
    blank = cells.absent("blank")
    lines = [
        Row(
            [
                *(text(planted.row[name]) or blank for name in KEY),
                cells.ratio(exp(planted.log_or)),
                planted.why,
            ]
        )
        for planted in rows
    ]
    columns = [Column(name.replace("_", " ").capitalize()) for name in KEY]
    columns += [Column("Planted OR", "num"), Column("Why", "note")]
    return numbering.table(
        "Rows of the table of truth that match no result.", columns, [Body(lines)]
    )
