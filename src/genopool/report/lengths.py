"""The section of a repeat that compares its lengths one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from genopool.config import OVERALL
from genopool.report import cells, provenance
from genopool.report.comparison import by_stratifier, printed_allele, stratifier_name
from genopool.report.inputs import Figure, Locus, ReportInputs, number, text, whole
from genopool.report.layout import Body, Column, Numbering, Plot, Row, Table
from genopool.report.svg import Inliner

RowOf = dict[str, Any]
_TREND = "trend"
_FEW = 12
_COUNTED_ELSEWHERE = ("contained in ", "cases counted with ")
KINDS = {
    "length_distribution": "Distribution of lengths",
    "length_odds_ratios": "Odds ratio of each length",
    "length_trend": "Forest plots of the trend",
}


@dataclass(frozen=True)
class LengthSection:
    """What is said of single lengths; only `nothing` where no study gives them.

    Attributes
    ----------
    nothing : str
    summary, without : str
        The trend in a sentence, and the rows that give no lengths.
    shown : sequence of Plot
        The distribution and the odds ratios, by the first stratifier.
    folded : sequence of (str, sequence of Plot)
        The other figures by kind.
    trend, lengths : Table or None
    strata : sequence of Table
        The odds ratios of the lengths in each stratum.
    """

    nothing: str = ""
    summary: str = ""
    without: str = ""
    shown: Sequence[Plot] = ()
    folded: Sequence[tuple[str, Sequence[Plot]]] = ()
    trend: Table | None = None
    lengths: Table | None = None
    strata: Sequence[Table] = ()


def length_section(
    inputs: ReportInputs,
    locus: Locus,
    lengths: Sequence[RowOf],
    trend: Sequence[RowOf],
    effects: Sequence[RowOf],
    studies: Sequence[RowOf],
    figures: Sequence[Figure],
    numbering: Numbering,
    inliner: Inliner,
) -> LengthSection | None:
    """Build the section; None for a locus that is no repeat or has no rows of these tables.

    Parameters
    ----------
    inputs : ReportInputs
    locus : Locus
    lengths, trend, effects, studies : sequence of dict
        Rows of `lengths`, `length_trend`, `length_effects` and `studies` of the locus.
    figures : sequence of Figure
        Those of lengths.
    numbering : Numbering
    inliner : Inliner
    """
    if locus.kind != "repeat" or not (lengths or trend):
        return None
    pooled = [row for row in [*lengths, *trend] if _has_result(row)]
    if not pooled:
        return LengthSection(nothing=_nothing(trend, effects))
    used = [text(row["study"]) for row in effects if text(row["used"]) == "yes"]
    origin = provenance.of_studies(studies, used)
    shown, folded = _plots(inputs, locus, figures, origin, numbering, inliner)
    return LengthSection(
        summary=_summary(inputs, trend),
        without=_without(effects),
        shown=shown,
        folded=folded,
        trend=_trend_table(inputs, locus, trend, origin, numbering),
        lengths=_length_table(inputs, locus, lengths, OVERALL, origin, numbering),
        strata=[
            _length_table(inputs, locus, lengths, name, origin, numbering)
            for name in dict.fromkeys(text(row["stratifier"]) for row in lengths)
            if name != OVERALL
        ],
    )


def _has_result(row: RowOf) -> bool:
    is_reference = text(row.get("length")) and text(row["length"]) == text(row["reference"])
    return whole(row["k"]) > 0 and not is_reference


def _nothing(trend: Sequence[RowOf], effects: Sequence[RowOf]) -> str:
    if not effects:
        return (
            "No study table gives counts by length, so no length was compared with another and no "
            "trend over the length was fitted."
        )
    reasons = dict.fromkeys(text(row["reason"]) for row in trend if text(row["reason"]))
    return f"No lengths were compared, and no trend was fitted: {'; '.join(reasons)}."


def _summary(inputs: ReportInputs, trend: Sequence[RowOf]) -> str:
    row = next((row for row in trend if text(row["stratifier"]) == OVERALL), None)
    if row is None or not whole(row["k"]):
        return f"No trend over the length was pooled: {text(row['reason']) if row else 'no study'}."
    numbers = []
    if number(row["ci_low"]) is not None and number(row["ci_high"]) is not None:
        limits = cells.interval(row["ci_low"], row["ci_high"])
        numbers.append(f"{cells.level(inputs.level)} {_interval(inputs)} {limits}")
    if number(row["p_value"]) is not None:
        numbers.append(f"p {_equals(cells.p_value(row['p_value']))}")
    studies = cells.plural(whole(row["k_studies"]), "study", "studies")
    said = (
        f"Each further repeat goes with {cells.ratio(number(row['or']) or 0)} times the odds of "
        f"{inputs.outcome} ({', '.join([*numbers, studies])})."
    )
    p = number(row["linearity_p"])
    if p is not None:
        departs = "depart" if p < 0.05 else "do not clearly depart"
        test = f"chi²({whole(row['linearity_df'])}) = {number(row['linearity_chi2']):.2f}"
        said += (
            f" The log odds {departs} from a straight line in the length (score test of each "
            f"length's own effect beyond the studies' lines, {test}, p "
            f"{_equals(cells.p_value(p))})."
        )
    return said


def _interval(inputs: ReportInputs) -> str:
    return "credible interval" if inputs.pooling.method == "bayes" else "CI"


def _equals(p: str | Markup) -> str:
    return str(p) if str(p).startswith("<") else f"= {p}"


def _without(effects: Sequence[RowOf]) -> str:
    """The rows whose people are not in the trend, with why."""
    reasons: dict[str, list[str]] = {}
    for row in effects:
        is_overall = text(row["stratifier"]) == OVERALL and text(row["length"]) == _TREND
        elsewhere = text(row["reason"]).startswith(_COUNTED_ELSEWHERE)
        if is_overall and text(row["used"]) == "no" and not elsewhere:
            population = text(row["population"])
            name = text(row["study"]) + (f" ({population})" if population else "")
            reasons.setdefault(text(row["reason"]), []).append(name)
    if not reasons:
        return ""
    listed = []
    for reason, names in reasons.items():
        more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        listed.append(f"{', '.join(names[:_FEW])}{more} ({reason})")
    return f"Not in the trend: {'; '.join(listed)}."


def _size(row: RowOf, cases: str, controls: str) -> str | Markup:
    k, studies = whole(row["k"]), whole(row["k_studies"])
    of = f"{k}" if not studies or studies == k else f"{studies} ({k} rows)"
    return cells.stacked(
        of, f"{cells.count(row[cases], 'none')} / {cells.count(row[controls], 'none')}"
    )


def _numbers(row: RowOf) -> list[str | Markup]:
    """Odds ratio, interval, p, heterogeneity; dashes that carry the reason."""
    why = text(row["reason"]) or "one study or none"
    return [
        cells.ratio(row["or"], why),
        cells.interval(row["ci_low"], row["ci_high"], why),
        cells.p_value(row["p_value"], why),
        cells.variance(row["tau2"], why),
        cells.percent(row["i2"], why),
    ]


def _columns(inputs: ReportInputs, ratio: str) -> list[Column]:
    return [
        Column(ratio, "num"),
        Column(f"{cells.level(inputs.level)} {_interval(inputs)}", "ci"),
        Column("p", "num"),
        Column("tau²", "num"),
        Column("I²", "num"),
    ]


def _notes(row: RowOf) -> list[str]:
    said = text(row["reason"])
    return [said[:1].upper() + said[1:] + "."] if said else []


def _stratum_name(row: RowOf) -> str:
    if text(row["stratifier"]) == OVERALL:
        return "Overall"
    return text(row["stratum"])


def _bodies(rows: Sequence[RowOf], line: Any) -> list[Body]:
    """Rows under the name of their stratifier."""
    names = dict.fromkeys(text(row["stratifier"]) for row in rows)
    return [
        Body(
            [line(row) for row in rows if text(row["stratifier"]) == name],
            "" if name == OVERALL else by_stratifier(name).capitalize(),
        )
        for name in names
    ]


def _trend_table(
    inputs: ReportInputs,
    locus: Locus,
    rows: Sequence[RowOf],
    origin: str,
    numbering: Numbering,
) -> Table | None:
    if not rows:
        return None

    def line(row: RowOf) -> Row:
        why = text(row["reason"]) or "not tested: no third length is frequent enough"
        chi2 = cells.fixed(row["linearity_chi2"], 2, why)
        if number(row["linearity_chi2"]) is not None:
            chi2 = f"{chi2} ({whole(row['linearity_df'])})"
        means = [cells.fixed(row[f"{side}_mean_length"], 2, why) for side in ("case", "control")]
        values = [
            _stratum_name(row),
            _size(row, "n_cases", "n_controls"),
            *means,
            *_numbers(row),
            cells.stacked(chi2, cells.p_value(row["linearity_p"], why)),
        ]
        return Row(values, notes=_notes(row), noted=5)

    columns = [
        Column("Stratum"),
        Column(cells.stacked("Studies", "cases / controls"), "num"),
        Column("Cases", "num", "Mean length"),
        Column("Controls", "num", "Mean length"),
        *_columns(inputs, "OR per repeat"),
        Column(cells.stacked("Linearity chi² (df)", "p"), "num"),
    ]
    caption = (
        f"{locus.name}: odds ratio of {inputs.outcome} for each further repeat. Above 1: higher "
        "odds with more repeats; below 1: lower odds. By people, on the sum of their two lengths, "
        f"or by chromosomes where a study gives those. {origin}"
    ).rstrip()
    return numbering.table(caption, columns, _bodies(rows, line))


def _length_table(
    inputs: ReportInputs,
    locus: Locus,
    rows: Sequence[RowOf],
    stratifier: str,
    origin: str,
    numbering: Numbering,
) -> Table | None:
    rows = [row for row in rows if text(row["stratifier"]) == stratifier]
    if not rows:
        return None
    reference = printed_allele(text(rows[0]["reference"]))

    def line(row: RowOf) -> Row:
        length = printed_allele(text(row["length"]))
        size = _size(row, "case_chromosomes", "control_chromosomes")
        if text(row["length"]) == text(row["reference"]):
            why = "the reference, with which the others are compared"
            dashes = [cells.absent(why)] * 4
            return Row([f"{length} (reference)", size, "1", *dashes], notes=_notes(row))
        return Row([length, size, *_numbers(row)], notes=_notes(row), noted=3)

    strata = dict.fromkeys(text(row["stratum"]) for row in rows)
    bodies = [
        Body(
            [line(row) for row in rows if text(row["stratum"]) == stratum],
            "" if stratifier == OVERALL else stratum,
        )
        for stratum in strata
    ]
    columns = [
        Column("Length"),
        Column(cells.stacked("Studies", "chromosomes of cases / controls"), "num"),
        *_columns(inputs, "OR"),
    ]
    by = "" if stratifier == OVERALL else f" by {stratifier_name(stratifier)}"
    caption = (
        f"{locus.name}{by}: odds ratio of {inputs.outcome}, chromosomes with each length against "
        f"chromosomes with {reference}. Above 1: higher odds with the length than with "
        f"{reference}; below 1: lower odds. The odds ratios share the reference and so go up and "
        f"down together; p-values are of single lengths, not adjusted for their number. {origin}"
    ).rstrip()
    return numbering.table(caption, columns, bodies)


def _plots(
    inputs: ReportInputs,
    locus: Locus,
    figures: Sequence[Figure],
    origin: str,
    numbering: Numbering,
    inliner: Inliner,
) -> tuple[list[Plot], list[tuple[str, list[Plot]]]]:
    """The figures to show at once, one of each of the first two kinds, and those folded away."""
    configured = [*inputs.section("strata"), OVERALL]
    in_order = sorted(
        figures,
        key=lambda f: configured.index(f.stratifier) if f.stratifier in configured else 99,
    )
    by_kind = {kind: [f for f in in_order if f.kind == kind] for kind in KINDS}
    first = [by_kind[kind].pop(0) for kind in list(KINDS)[:2] if by_kind[kind]]

    def plot(figure: Figure) -> Plot:
        number_of = numbering.figure()
        said = f"{locus.name}, {KINDS[figure.kind].lower()}, {by_stratifier(figure.stratifier)}"
        svg = inliner.inline(figure.source(), f"f{number_of}", figure.alt or f"{said}.")
        caption = figure.caption or f"{said}: {_said(inputs, figure.kind)} {origin}".rstrip()
        return Plot(f"figure-{number_of}", number_of, svg, caption)

    shown = [plot(figure) for figure in first]
    folded = [(KINDS[kind], [plot(f) for f in rest]) for kind, rest in by_kind.items() if rest]
    return shown, folded


def _said(inputs: ReportInputs, kind: str) -> str:
    return {
        "length_distribution": f"chromosomes of cases of {inputs.outcome} and of controls.",
        "length_odds_ratios": (
            f"above 1, higher odds of {inputs.outcome} with the length than with the reference."
        ),
        "length_trend": f"above 1, higher odds of {inputs.outcome} with each further repeat.",
    }[kind]


def method_text(inputs: ReportInputs) -> str:
    """What was done about the lengths of repeats; blank where no study gives them."""
    if inputs.length_trend is None or not (inputs.length_trend["k"].fillna(0) != 0).any():
        return ""
    return (
        "Chromosomes with each length of a repeat are compared with chromosomes of the reference "
        "length, in the studies that give both. The variance comes from the people who carry them "
        "and needs no Hardy-Weinberg equilibrium; where a study gives chromosomes only, or a zero "
        "was corrected, it assumes it. Lengths of fewer than ten chromosomes in a pool are listed "
        "and not pooled. The trend is each study's logistic regression on the sum of a person's "
        "two lengths, or on the length of single chromosomes, pooled like other log odds ratios. "
        "Whether the log odds follow a straight line is a score test of one coefficient a length, "
        "common to the studies, beyond each study's own line."
    )
