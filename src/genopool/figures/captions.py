"""What stands above and below a forest plot: title, headings, caption and footnotes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from genopool.figures import method_wording, wording
from genopool.figures.forest_analysis import (
    CORRECTED,
    COUNTED_WITHIN,
    PARTS_ONLY,
    TURNED,
    Analysis,
    Record,
)
from genopool.figures.forest_rows import TREND, row_label
from genopool.figures.questions import Question
from genopool.figures.text import clean
from genopool.figures.wording import number, text
from genopool.studies.simulated import kind

MISSING_GLYPHS = "Some characters are not in the font of this figure; the SVG holds them as text."
TURNED_ROUND = "Alleles turned round, as the configuration asks."
_FEW = 6


@dataclass(frozen=True, slots=True)
class Caption:
    """The words around a forest plot."""

    title: str
    subtitle: str
    headings: tuple[str, str]
    """Over the two columns of cases, and over the two of controls."""
    paragraphs: tuple[str, ...]


def caption(analysis: Analysis, notes: Iterable[str], level: float) -> Caption:
    """The words around the forest plot of `analysis`.

    Parameters
    ----------
    analysis : Analysis
    notes : iterable of str
        Footnotes of the rows.
    level : float
        Level of the intervals.
    """
    question, model = analysis.question, analysis.model
    stratifier = question.stratifier or analysis.stratifier.replace("_", " ")
    title, subtitle = titles(question, model, f"by {stratifier}" if analysis.stratified else "")
    if model == "additive":
        headings = ("EAF, %", "People")
    elif model == TREND:
        headings = ("Mean length", "People")
    else:
        headings = (clean(question.exposed_heading), "Alleles" if model == "allelic" else "Total")
    marked = " ".join([*_marked(analysis), *notes])
    remarks = " ".join(_remarks(analysis))
    paragraphs = [_compared(analysis), _method(analysis, level), marked, remarks, *question.notes]
    return Caption(
        title=title,
        subtitle=subtitle,
        headings=headings,
        paragraphs=tuple(clean(p) for p in paragraphs if p),
    )


def titles(question: Question, model: str, by: str = "") -> tuple[str, str]:
    """The title of a figure and the line below it, which ends with `by`."""
    named = "trend over length" if model == TREND else f"{model} model"
    outcome = f"{question.outcome[:1].upper()}{question.outcome[1:]}"
    title = clean(f"{question.locus}: {question.comparison}")
    return title, clean(" · ".join(part for part in (outcome, named, by) if part))


def _compared(analysis: Analysis) -> str:
    question = analysis.question
    if analysis.model != TREND:
        return compared(question, analysis.model)
    below, above = question.sides()
    return (
        f"Odds ratio of {question.outcome} for {question.comparison}, from the logistic "
        "regression of each study on the sum of a person's two lengths, or on single "
        f"chromosomes where a study gives those. Below 1: {below}; above 1: {above}. "
        f"{_mean_lengths(analysis)}"
    )


def compared(question: Question, model: str) -> str:
    """Which alleles or genotypes are compared, what the sides of 1 say, and the frequencies."""
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


def _mean_lengths(analysis: Analysis) -> str:
    means = [number(row.get("control_mean_length")) for row in analysis.used]
    means = [mean for mean in means if isfinite(mean)]
    if not means:
        return ""
    low, high = (f"{mean:.2f}" for mean in (min(means), max(means)))
    return f"Mean length of a control chromosome: {low} to {high} repeats."


def _method(analysis: Analysis, level: float) -> str:
    whole = analysis.whole
    pools = [whole, *analysis.summaries.values()]
    pooled = next((row for row in pools if analysis.has_diamond(row)), None)
    sentences = []
    if pooled is not None:
        sentences.append(pooled_by(pooled, level))
        if text(pooled.get("interval")) != "wald":
            sentences.append(f"Single studies: {method_wording.limits('wald', level)}.")
        if isfinite(number(whole.get("pi_low"))):
            sentences.append(method_wording.prediction(text(whole.get("prediction"))))
    elif analysis.used:
        limits = method_wording.limits("wald", level)
        sentences.append(f"One study alone is not pooled; {limits}.")
    if analysis.used:
        sentences.append(_squares(analysis))
    if any(row.get("source") == "reported" for row in analysis.used):
        sentences.append(
            "Open square: odds ratio as the study reports it, without counts to compute it from."
        )
    return " ".join(sentence for sentence in sentences if sentence)


def pooled_by(row: Record, level: float) -> str:
    """How a row of pooled results was made."""
    name, tau2, interval = (text(row.get(c)) for c in ("method", "tau2_method", "interval"))
    limits = method_wording.limits(interval, level, name)
    return f"{method_wording.method(name, tau2, interval)}, {limits}."


def _squares(analysis: Analysis) -> str:
    if not analysis.weighted:
        return "This method gives single studies no weights, so all squares have the same size."
    said = "The area of a square is proportional to the study's weight"
    if analysis.stratified:
        said += " in the overall analysis"
    if any(not analysis.in_overall(row) for row in analysis.stratum_rows):
        said += f"; that of a row marked {COUNTED_WITHIN} to its precision, on the same scale"
    return f"{said}."


def _marked(analysis: Analysis) -> list[str]:
    """What the signs after the studies' names mean."""
    marks = set().union(*(analysis.marks(row) for row in analysis.used))
    corrected = "Counts entered with a continuity correction."
    if text(analysis.whole.get("method")) not in ("", "inverse-variance", "bayes"):
        corrected = (
            "Drawn with a continuity correction; the pooled results use the counts as they are."
        )
    meanings = {
        PARTS_ONLY: "Part of a study of which no result for the whole can be used.",
        COUNTED_WITHIN: _counted_within(analysis),
        TURNED: TURNED_ROUND,
        CORRECTED: corrected,
    }
    return [f"{mark} {said}" for mark, said in meanings.items() if mark in marks]


def _counted_within(analysis: Analysis) -> str:
    places = []
    if analysis.wholes:
        places.append(f"the whole study ({_named(clean(r['study']) for r in analysis.wholes)})")
    if analysis.combined_outside:
        places.append(f"the combined row ({_named(map(row_label, analysis.combined_outside))})")
    said = []
    if places:
        said.append(f"Also counted, within {' or '.join(places)}, in the overall estimate.")
    if analysis.on_their_own:
        which = f"{_named(map(row_label, analysis.on_their_own))}: n" if places else "N"
        said.append(f"{which}ot in the overall estimate as a row of its own.")
    return " ".join(said)


def _remarks(analysis: Analysis) -> list[str]:
    """What is to be known about the rows and totals."""
    said = []
    if analysis.combined:
        named = _named(map(row_label, analysis.combined), "; ")
        said.append(f"Combined, since they share controls: {named}.")
    if analysis.differs_in_strata():
        said.append(
            "Some rows have other counts or corrections in the overall estimate than in their "
            "stratum, since controls are shared, and zero cells corrected, within each."
        )
    said += without_people(analysis.whole)
    if analysis.model in ("homozygous", "heterozygous") and _totals_differ(analysis.used):
        said.append(
            "Totals are people with the genotypes compared; those of reported estimates are "
            "everyone genotyped."
        )
    said += made_up(analysis.question, analysis.used)
    left_out = analysis.left_out()
    if left_out:
        total = sum(left_out.values())
        rows = "row is" if total == 1 else "rows are"
        reasons = [f"{reason} ({n})" for reason, n in left_out.items()]
        listed = "; ".join(reasons) if len(reasons) > 1 else next(iter(left_out))
        said.append(f"{total} {rows} not used: {listed}.")
    return said


def without_people(whole: Record) -> list[str]:
    """That some studies do not say how many people they are of, if so."""
    unknown = number(whole.get("k_without_n"))
    if not unknown > 0:
        return []
    which = "one estimate that does" if unknown == 1 else f"{unknown:.0f} estimates that do"
    return [f"Totals leave out {which} not state the number of people."]


def made_up(question: Question, used: Iterable[Record]) -> list[str]:
    """Which studies' numbers no paper prints, unless those of all are simulated."""
    if question.simulated:
        return []
    studies: dict[str, list[str]] = {}
    for row in used:
        word = kind(row.get("provenance"))
        if word:
            studies.setdefault(word, []).append(clean(row["study"]))
    return [f"{word.capitalize()} numbers: {_named(names)}." for word, names in studies.items()]


def _totals_differ(rows: Iterable[Record]) -> bool:
    """Whether there are both counts and reported estimates that state their people."""
    stated = {
        row.get("source")
        for row in rows
        if number(row.get("n_cases")) > 0 or number(row.get("n_controls")) > 0
    }
    return {"counts", "reported"} <= stated


def _named(names: Iterable[str], between: str = ", ") -> str:
    names = list(dict.fromkeys(names))
    return between.join(names[:_FEW]) + (" and others" if len(names) > _FEW else "")
