"""What stands above and below a forest plot: title, headings, caption and footnotes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from genopool.figures import wording
from genopool.figures.forest_rows import (
    CORRECTED,
    OVERALL,
    PARTS_ONLY,
    TURNED,
    WHOLE_IN_OVERALL,
    Analysis,
)
from genopool.figures.text import clean
from genopool.figures.wording import number, text

_FEW = 6


@dataclass(frozen=True, slots=True)
class Caption:
    """The words around a forest plot."""

    title: str
    subtitle: str
    headings: tuple[str, str]
    """Over the two columns of cases, and over the two of controls."""
    paragraphs: tuple[str, ...]


def caption(analysis: Analysis, level: float) -> Caption:
    """The words around the forest plot of `analysis`, with intervals at `level`."""
    question, model = analysis.question, analysis.model
    stratifier = question.stratifier or analysis.stratifier.replace("_", " ")
    by = f" · by {stratifier}" if analysis.stratified else ""
    if model == "additive":
        headings = ("EAF, %", "People")
    else:
        headings = (clean(question.exposed_heading), "Alleles" if model == "allelic" else "Total")
    paragraphs = [_compared(analysis), _method(analysis, level), *_footnotes(analysis)]
    return Caption(
        title=clean(f"{question.locus}: {question.comparison}"),
        subtitle=clean(f"{question.outcome[:1].upper()}{question.outcome[1:]} · {model} model{by}"),
        headings=headings,
        paragraphs=tuple(clean(p) for p in (*paragraphs, *question.notes)),
    )


def _compared(analysis: Analysis) -> str:
    question, model = analysis.question, analysis.model
    below, above = question.sides()
    frequency = "Effect-allele frequency" + (" (EAF)" if model == "additive" else "")
    if question.frequency_range is None:
        limits = "not known, since no study gives genotype counts"
    else:
        low, high = (wording.per_cent(100 * limit) for limit in question.frequency_range)
        limits = low if low == high else f"{low} to {high}"
    return (
        f"Odds ratio of {question.outcome}: {question.comparison} "
        f"(effect allele {question.effect_allele}, {model} model). "
        f"Below 1: {below}; above 1: {above}. {frequency} in controls: {limits}."
    )


def _method(analysis: Analysis, level: float) -> str:
    pools = [analysis.whole, *analysis.summaries.values()]
    pooled = next((row for row in pools if number(row.get("k")) > 1), None)
    if pooled is None:
        interval = text(analysis.whole.get("interval"))
        sentences = [f"One study alone is not pooled; {wording.method('', '', interval, level)}."]
    else:
        names = (text(pooled.get(column)) for column in ("method", "tau2_method", "interval"))
        sentences = [f"{wording.method(*names, level)}."]
    if analysis.used:
        where = " in the overall analysis" if analysis.stratified else ""
        sentences.append(f"The area of a square is proportional to the study's weight{where}.")
    if any(row.get("source") == "reported" for row in analysis.used):
        sentences.append(
            "Open square: odds ratio as the study reports it, without counts to compute it from."
        )
    return " ".join(sentences)


def _footnotes(analysis: Analysis) -> list[str]:
    marks = set().union(*(analysis.marks(row) for row in analysis.used))
    marked = [f"{mark} {said}" for mark, said in _meanings(analysis).items() if mark in marks]
    missing = []
    unknown = number(analysis.whole.get("k_without_n"))
    if unknown > 0:
        which = "one estimate that does" if unknown == 1 else f"{unknown:.0f} estimates that do"
        missing.append(f"Totals leave out {which} not state the number of people.")
    left_out = _left_out(analysis)
    if left_out:
        total = sum(left_out.values())
        rows = "row that could answer is" if total == 1 else "rows that could answer are"
        reasons = "; ".join(f"{n} {reason}" for reason, n in left_out.items())
        missing.append(f"{total} {rows} not used: {reasons}.")
    return [" ".join(sentences) for sentences in (marked, missing) if sentences]


def _meanings(analysis: Analysis) -> dict[str, str]:
    wholes = list(dict.fromkeys(clean(row["study"]) for row in analysis.outside_strata[1]))
    named = ", ".join(wholes[:_FEW]) + (" and others" if len(wholes) > _FEW else "")
    return {
        PARTS_ONLY: "Part of a study of which no result for the whole can be used.",
        WHOLE_IN_OVERALL: (
            f"Part of a study that enters the overall estimate as a whole ({named})."
            if wholes
            else "Not in the overall estimate as a row of its own."
        ),
        TURNED: "Alleles turned round, as the configuration asks.",
        CORRECTED: "Counts entered with a continuity correction.",
    }


def _left_out(analysis: Analysis) -> Counter[str]:
    """How many rows are used nowhere in the figure, by reason."""
    used = {(row["study"], text(row.get("population"))) for row in analysis.used}
    reasons: dict[tuple[str, ...], str] = {}
    for row in sorted(analysis.candidates, key=lambda row: row["stratifier"] != OVERALL):
        if row["used"] == "yes" or (row["study"], text(row.get("population"))) in used:
            continue
        reason = clean(text(row.get("reason"))) or "no reason given"
        if reason.startswith("contained in"):
            reason = "contained in another row"
        place = tuple(
            text(row.get(name)) for name in ("file", "sheet", "row", "study", "population")
        )
        reasons.setdefault(place, reason)
    return Counter(reasons.values())
