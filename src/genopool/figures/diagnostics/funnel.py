"""Funnel plot: odds ratios against their standard errors, with what trim and fill would add."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from scipy.special import ndtri

from genopool.diagnostics.tables.pools import Pools
from genopool.diagnostics.tables.small_study import rows_of_pool
from genopool.diagnostics.trim_and_fill import TrimAndFill, trim_and_fill
from genopool.figures import marks, theme, wording
from genopool.figures.axes import ODDS, Area, Axis
from genopool.figures.diagnostics.frame import (
    beyond_said,
    figure_of_studies,
    pooled_said,
    study_keys,
)
from genopool.figures.diagnostics.members import Members, members
from genopool.figures.labels import place_labels
from genopool.figures.odds_axis import axis_limits
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel
from genopool.figures.questions import Question

#: Limits of p between the shaded regions, from the outermost.
P_LIMITS = (0.01, 0.05, 0.10)
_FILLS = (*reversed(theme.SHADES), theme.PAPER)
_REGIONS = ("p < 0.01", "p 0.01 to 0.05", "p 0.05 to 0.10", "p > 0.10")
_HEIGHT = 260.0
_INSET = 4.0
_BEYOND = 1.1
_NAMED = 6
_TESTS = {
    "harbord": "Harbord's test",
    "ruecker": "Rücker's arcsine test",
    "egger_mixed": "Egger's mixed-effects regression",
}


@dataclass(frozen=True)
class Funnel:
    """What a funnel plot shows.

    Attributes
    ----------
    studies : Members
    filled : TrimAndFill
        Of them in the same order (L0).
    added, added_se : ndarray
        Log odds ratios and standard errors of the studies filled in.
    limits : tuple of float
        Ends of the axis of log odds ratios.
    deepest : float
        End of the axis of standard errors.
    half : float
        Half of the funnel's width there: about the pooled log odds ratio lie, between
        `limits`, 95% (or what the level is) of studies that differ by chance alone.
    """

    studies: Members
    filled: TrimAndFill
    added: np.ndarray
    added_se: np.ndarray
    limits: tuple[float, float]
    deepest: float
    half: float


def funnel(pools: Pools, i: int, stratifier: str) -> Funnel:
    """What the funnel plot of the overall pool `i` shows."""
    studies = members(pools, i, stratifier)
    filled = trim_and_fill(studies.log_or, studies.variance, **studies.choices)
    added, of_added = (values[studies.k :] for values in (filled.log_or, filled.variance))
    there = np.isfinite(added)
    deepest = 1.06 * float(studies.se.max())
    half = float(ndtri((1 + studies.choices["level"]) / 2)) * deepest
    mean = float(studies.fit.estimate)
    every = [*studies.log_or, *added[there]]
    return Funnel(
        studies=studies,
        filled=filled,
        added=added[there],
        added_se=np.sqrt(of_added[there]),
        limits=axis_limits(every, [*every, mean - half], [*every, mean + half]),
        deepest=deepest,
        half=half,
    )


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The funnel plot of an overall pool, its strata told apart by their marks."""
    found = funnel(pools, i, stratifier)
    x = Axis("Odds ratio (logarithmic axis)", *found.limits, scale=ODDS, inset=_INSET)
    y = Axis("Standard error of the log odds ratio", 0.0, found.deepest, reverse=True, inset=_INSET)
    return figure_of_studies(
        [Panel("", "", x, y, lambda page, area: _draw(page, area, found), height=_HEIGHT)],
        pools,
        i,
        question,
        stratifier,
        kind="funnel plot",
        keys=_keys(found),
        paragraphs=[
            _lines_said(found, x),
            "What to look for: without small-study effects the marks spread evenly to both sides "
            "of the solid line, the wider the lower they stand. A gap on one side among the small "
            "studies, above all in the white region, suggests that results without significance "
            "stayed unpublished; heterogeneity and chance make gaps too.",
            f"{_test_said(pools, i, found.studies.k)} {_filled_said(found)}",
        ],
    )


def _draw(page: Page, area: Area, found: Funnel) -> None:
    studies, mean = found.studies, float(found.studies.fit.estimate)
    z = found.half / found.deepest
    # Beyond the axis, so that lines and regions are cut off at the edge of the area.
    deep = _BEYOND * found.deepest
    left, top, right, bottom = area.box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    page.areas(_REGIONS[0], [corners], _FILLS[0])
    for p, region, fill in zip(P_LIMITS, _REGIONS[1:], _FILLS[1:], strict=True):
        reach = -float(ndtri(p / 2)) * deep
        area.polygon(page, region, [-reach, 0.0, reach], [deep, 0.0, deep], fill)
    area.line(page, "no effect", 0.0, [0.0, deep], theme.RULE, 0.8)
    area.line(page, "pooled", mean, [0.0, deep], theme.INK, 1.1)
    sides = [[mean, mean - z * deep], [mean, mean + z * deep]]
    for side in sides:
        area.line(page, "pseudo limits", side, [0.0, deep], theme.INK, 0.9, "--")
    if len(found.added):
        adjusted = float(found.filled.fit.estimate)
        area.line(page, "adjusted", adjusted, [0.0, deep], theme.PREDICTION, 1.2, "-.")
    boxes = studies.draw(page, area, studies.log_or, studies.se)
    added = area.points(found.added, found.added_se)
    filled = marks.draw_marks(page, "filled in", added, marks.OPEN, area=area)
    distance = np.abs(studies.log_or - mean) / studies.se
    outside = [int(j) for j in np.argsort(-distance, kind="stable") if distance[j] > z]
    place_labels(
        page,
        area,
        [(studies.labels[j], boxes[j]) for j in outside],
        boxes=[*boxes, *filled],
        lines=[area.points(side, [0.0, deep]) for side in (*sides, [mean, mean], [0.0, 0.0])],
        most=_NAMED,
    )


def _keys(found: Funnel) -> list[Key]:
    level = f"{100 * found.studies.choices['level']:g}%"
    keys = study_keys(found.studies)
    if len(found.added):
        keys.append(Key("Filled in", marks.legend(marks.sample(marks.OPEN))))
    keys += [
        Key("Pooled odds ratio", marks.legend(marks.line(theme.INK, width=1.1))),
        Key(f"Its {level} funnel", marks.legend(marks.line(theme.INK, "--", 0.9))),
    ]
    if len(found.added):
        line = marks.line(theme.PREDICTION, "-.", 1.2)
        keys.append(Key("With those filled in", marks.legend(line)))
    return keys + [
        Key(region, marks.legend(marks.band(fill, theme.RULE)))
        for region, fill in zip(reversed(_REGIONS), reversed(_FILLS), strict=True)
    ]


def _lines_said(found: Funnel, x: Axis) -> str:
    """What the lines, the shading and the names are."""
    choices = found.studies.choices
    effects = "equal" if choices["tau2"] == "EE" else "random"
    return (
        f"Solid line: {pooled_said(found.studies)} Dashed lines: {found.half / found.deepest:.2f} "
        f"standard errors to each side of it, the pooled result of {effects} effects; "
        f"{100 * choices['level']:g}% of studies lie between them if they differ by chance alone "
        "(between-study variance is not added). Shading: the p-value of a single study against an "
        "odds ratio of 1 (grey line). Named: studies outside the dashed lines, the furthest "
        f"first, as far as there is room.{beyond_said(found.studies, x)}"
    )


def _test_said(pools: Pools, i: int, k: int) -> str:
    """The one test of asymmetry to read, and what to bear in mind."""
    row = next(r for r in rows_of_pool(pools, i, k, tuple(_TESTS)) if r["recommended"] == "yes")
    name = f"{_TESTS[row['test']]} of asymmetry, chosen before any p was looked at"
    if row["reason"]:
        return f"{name}: not computed ({row['reason']})."
    caution = f" Caution: {row['caution']}." if row["caution"] else ""
    return f"{name}: {wording.p_value(row['p_value'])}, {row['k']} studies.{caution}"


def _filled_said(found: Funnel) -> str:
    """What trim and fill does to the pool."""
    number = int(found.filled.k_filled)
    if number < 0:
        return "Trim and fill (L0) finds no number of missing studies."
    if not number:
        return "Trim and fill (L0) fills in no study."
    fit = found.filled.fit
    many = "1 study" if number == 1 else f"{number} studies"
    return (
        f"Trim and fill (L0) fills in {many} on the {found.filled.side}; with that the odds ratio "
        f"is {wording.odds_ratio(float(fit.estimate))} "
        f"{wording.interval(float(fit.ci_low), float(fit.ci_high))}. It shows how the pool might "
        "change and is no corrected result."
    )
