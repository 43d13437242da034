"""Whether a pooled result can be believed: the diagnostics of one effect allele."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from genopool.diagnostics import choice
from genopool.report import cells
from genopool.report.chance import chance
from genopool.report.comparison import by_stratifier, printed_allele
from genopool.report.diagnostic_words import FIGURES
from genopool.report.inputs import Figure
from genopool.report.layout import Numbering, Plot, Table
from genopool.report.robustness import sensitivity
from genopool.report.study_differences import differences, small_study
from genopool.report.subject import Diagnosed, Subject
from genopool.report.svg import Inliner

#: What the parts show; the verdict stands by itself.
TABLES = tuple(name for name in choice.TABLES if name != "verdict")


@dataclass(frozen=True)
class Part:
    """One question about a result: what is said of it, its tables and its figures, folded away."""

    heading: str
    said: str
    tables: Sequence[Table]
    plots: Sequence[Plot]


def diagnostic_parts(
    subject: Subject,
    diagnosed: Diagnosed,
    figures: Sequence[Figure],
    numbering: Numbering,
    inliner: Inliner,
) -> list[Part]:
    """The diagnostics of one effect allele's primary model, question by question.

    Parameters
    ----------
    subject : Subject
    diagnosed : Diagnosed
    figures : sequence of Figure
        Of this effect allele, any kind and model.
    numbering : Numbering
    inliner : Inliner

    Returns
    -------
    list of Part
        Those that have a table or a figure.
    """
    makers: list[tuple[str, Callable[..., tuple[str, list[Table]]], tuple[str, ...]]] = [
        (
            "Does it hang on one study, or on a choice of method?",
            sensitivity,
            ("leave_one_out", "cumulative", "influence_panel", "gosh", "specification_curve"),
        ),
        ("Could small studies explain it?", small_study, ("funnel",)),
        (
            "Why do studies differ?",
            differences,
            ("bubble", "baujat", "galbraith", "labbe", "ternary"),
        ),
        (
            "Could it be chance?",
            chance,
            ("drapery", "sequential"),
        ),
    ]
    parts = []
    for heading, make, kinds in makers:
        said, tables = make(subject, diagnosed, numbering)
        chosen = [f for kind in kinds for f in figures if f.kind == kind]
        plots = [_plot(subject, figure, numbering, inliner) for figure in _shown(subject, chosen)]
        missing = _not_drawn(subject, chosen)
        if tables or plots or said:
            parts.append(Part(heading, f"{said} {missing}".strip(), tables, plots))
    return parts


def _shown(subject: Subject, figures: Iterable[Figure]) -> list[Figure]:
    """Those of the primary model, and those that are of no one model."""
    return [f for f in figures if f.model in (subject.model, "genotypes") and not f.reason]


def _not_drawn(subject: Subject, figures: Iterable[Figure]) -> str:
    """Which kinds of figures there are none of, with why."""
    reasons: dict[str, list[str]] = {}
    for figure in figures:
        if figure.reason and figure.model in (subject.model, "genotypes"):
            reasons.setdefault(figure.reason, []).append(FIGURES[figure.kind].lower())
    if not reasons:
        return ""
    said = "; ".join(f"{cells.listed(names)} ({why})" for why, names in reasons.items())
    return f"Not drawn: {said}."


def _plot(subject: Subject, figure: Figure, numbering: Numbering, inliner: Inliner) -> Plot:
    place = numbering.figure()
    said = f"{FIGURES[figure.kind]}, {by_stratifier(figure.stratifier)}."
    if figure.model == "genotypes":
        caption = f"{subject.locus.name}, effect allele {printed_allele(subject.effect)}: {said}"
    else:
        caption = subject.caption(said)
    alt = figure.alt or f"{subject.locus.name}, {subject.model} model: {said}"
    svg = inliner.inline(figure.source(), f"f{place}", alt)
    return Plot(f"figure-{place}", place, svg, figure.caption or caption)
