"""Galbraith (radial) plot: how many standard errors each study is from 1, and from the pool."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.study_plots import Radial, radial
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, theme
from genopool.figures.axes import ODDS, Area, Axis
from genopool.figures.diagnostics.frame import (
    figure_of_studies,
    key_of_one,
    pooled_said,
    study_keys,
)
from genopool.figures.diagnostics.members import Members, members
from genopool.figures.labels import place_labels
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel
from genopool.figures.questions import Question

BAND = 2.0
"""Half width of the band, in standard errors."""
_HEIGHT = 250.0
_NAMED = 8
_ROOM = 1.06


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The Galbraith plot of an overall pool, its strata told apart by their marks."""
    studies = members(pools, i, stratifier)
    found = radial(studies.log_or, studies.variance, tau2="EE")
    slope = float(studies.fit.estimate)
    end = _ROOM * float(found.precision.max())
    reach = [*found.z, -BAND, BAND, slope * end - BAND, slope * end + BAND]
    room = (_ROOM - 1) * (max(reach) - min(reach))
    low, high = min(reach) - room, max(reach) + room
    x = Axis("Precision (one over the standard error of the log odds ratio)", 0.0, end)
    y = Axis("z (log odds ratio over its standard error)", low, high)
    # Where a line from the origin through a mark leaves the area, its slope is the log odds ratio.
    right = Axis("Odds ratio", low / end, high / end, scale=ODDS)
    outside = int((np.abs(found.z - slope * found.precision) > BAND).sum())

    def contents(page: Page, area: Area) -> None:
        _draw(page, area, studies, found, slope)

    return figure_of_studies(
        [Panel("", "", x, y, contents, height=_HEIGHT, right=right)],
        pools,
        i,
        question,
        stratifier,
        kind="Galbraith (radial) plot",
        keys=[
            *study_keys(studies),
            Key("Pooled odds ratio", marks.legend(marks.line(theme.INK, width=1.1))),
            Key("2 standard errors from it", marks.legend(marks.band(theme.SHADES[1]))),
            key_of_one(),
        ],
        paragraphs=[
            "A line from the origin through a mark meets the right-hand axis at the study's odds "
            f"ratio; precise studies stand at the right. Black line: {pooled_said(studies)}",
            "What to look for: about 95% of studies lie within the band if they differ by chance "
            f"alone; here {outside} of {studies.k} lie outside, and those are the ones that "
            "disagree with the pooled result. Named: those outside, as far as there is room.",
        ],
    )


def _draw(page: Page, area: Area, studies: Members, found: Radial, slope: float) -> None:
    end = area.x_axis.high
    xs = np.array([0.0, end])
    area.band(page, "band", xs, slope * xs - BAND, slope * xs + BAND, theme.SHADES[1])
    area.line(page, "no effect", xs, [0.0, 0.0], theme.RULE, 0.8)
    area.line(page, "pooled", xs, slope * xs, theme.INK, 1.1)
    boxes = studies.draw(page, area, found.precision, found.z)
    distance = np.abs(found.z - slope * found.precision)
    outside = [int(j) for j in np.argsort(-distance, kind="stable") if distance[j] > BAND]
    place_labels(
        page,
        area,
        [(studies.labels[j], boxes[j]) for j in outside],
        boxes=boxes,
        lines=[area.points(xs, slope * xs), area.points(xs, 0.0)],
        most=_NAMED,
    )
