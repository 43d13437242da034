"""L'Abbé plot: how common the exposure is in cases, against controls."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.study_plots import Labbe, labbe
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, theme
from genopool.figures.axes import Area, Axis, round_ticks
from genopool.figures.diagnostics.frame import figure_of_studies, key_of_one, pooled_said
from genopool.figures.diagnostics.members import FEWEST, Members, members, too_few
from genopool.figures.labels import place_labels
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel
from genopool.figures.questions import Question

_SIDE = 300.0
_NAMED = 6
_LARGEST = 10.0
"""Radius of the largest mark, in points."""
_INSET = 6.0


def why_not(pools: Pools, i: int) -> str:
    """Why the overall pool `i` has no L'Abbé plot; blank if it has."""
    few = too_few(pools, i)
    if few or _counted(pools, i).sum() >= FEWEST:
        return few
    return "fewer than three studies give the counts that this plot shows"


def _counted(pools: Pools, i: int) -> np.ndarray:
    """Which studies give counts of cases and of controls."""
    counts = pools.tables[:, i, : len(pools.effects[i])]
    return np.isfinite(counts).all(axis=0)


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The L'Abbé plot of an overall pool, its strata told apart by their marks."""
    every, model = members(pools, i, stratifier), pools.rows[i]["model"]
    estimate = float(every.fit.estimate)
    counted = _counted(pools, i)[every.order]
    studies = every.only(counted)
    found = labbe(*pools.tables[:, i, studies.order], log_or=estimate)
    radii = marks.radii_of(1 / studies.variance, _LARGEST)
    limits = _limits(found)
    noun = _noun(question, model)
    ticks = tuple(round_ticks(*limits, most=7))
    x, y = (
        Axis(f"{noun} in {side}, %", *limits, ticks=ticks, inset=_INSET)
        for side in ("controls", "cases")
    )
    missing = every.k - studies.k

    def contents(page: Page, area: Area) -> None:
        _draw(page, area, studies, found, radii, estimate)

    return figure_of_studies(
        [Panel("", "", x, y, contents, height=_SIDE)],
        pools,
        i,
        question,
        stratifier,
        kind="L'Abbé plot",
        keys=[
            *studies.keys(),
            Key("Pooled odds ratio", marks.legend(marks.line(theme.INK, width=1.1))),
            key_of_one("--"),
        ],
        paragraphs=[
            f"{_shares_said(question, model)} The area of a mark is proportional to the precision "
            "of the study's log odds ratio, but for the smallest. Curve: " + pooled_said(every),
            "What to look for: studies above the dashed diagonal have an odds ratio above 1. If "
            "the odds ratio is the same in all studies, the marks follow the curve, and their "
            "spread along it shows how much the populations differ. Named: the studies furthest "
            "from the curve in standard errors, as far as there is room.",
            f"Not shown: {missing} without counts." if missing else "",
        ],
        panel_width=_SIDE,
    )


def _limits(found: Labbe) -> tuple[float, float]:
    """Per cent, the same on both axes: all studies and some room, within 0 to 100."""
    shares = np.concatenate([found.controls, found.cases])
    low, high = 100 * float(np.nanmin(shares)), 100 * float(np.nanmax(shares))
    room = 0.08 * max(high - low, 5.0)
    return max(low - room, 0.0), min(high + room, 100.0)


def _noun(question: Question, model: str) -> str:
    if model in ("allelic", "additive"):
        return f"Alleles that are {question.effect_allele}"
    return f"People with {question.exposure}"


def _shares_said(question: Question, model: str) -> str:
    if model == "allelic":
        return "Shown are shares of alleles, two a person."
    if model == "additive":
        return (
            "Shown are shares of alleles, while the odds ratios compare people with one copy more; "
            "the two agree in Hardy-Weinberg equilibrium."
        )
    return "Shown are shares of the people whom the model compares."


def _draw(
    page: Page, area: Area, studies: Members, found: Labbe, radii: np.ndarray, estimate: float
) -> None:
    diagonal = np.array(area.x_axis.low), np.array(area.x_axis.high)
    curve = area.points(100 * found.line_controls, 100 * found.line_cases)
    area.line(page, "no effect", diagonal, diagonal, theme.RULE, 0.9, "--")
    xs, ys = 100 * found.controls, 100 * found.cases
    boxes = studies.draw(page, area, xs, ys, radii)
    area.line(page, "pooled", 100 * found.line_controls, 100 * found.line_cases, theme.INK, 1.1)
    z = np.abs(studies.log_or - estimate) / studies.se
    place_labels(
        page,
        area,
        [(studies.labels[j], boxes[j]) for j in np.argsort(-z, kind="stable")[: 3 * _NAMED]],
        boxes=boxes,
        lines=[curve, area.points(diagonal, diagonal)],
        most=_NAMED,
    )
