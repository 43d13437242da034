"""Galbraith (radial) plot: how many standard errors each study is from 1, and from the pool."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.study_plots import Radial, radial
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, theme, wording
from genopool.figures.axes import ODDS, Area, Axis
from genopool.figures.diagnostics import words
from genopool.figures.diagnostics.members import Members, members, shown
from genopool.figures.labels import place_labels
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel, plot_figure
from genopool.figures.questions import Question

BAND = 2.0
"""Half width of the band, in standard errors."""
_HEIGHT = 250.0
_NAMED = 8
_ROOM = 1.06


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The Galbraith plot of an overall pool, its strata told apart by their marks."""
    studies, model = members(pools, i, stratifier), pools.rows[i]["model"]
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
    fit, level = studies.fit, studies.choices["level"]
    outside = int((np.abs(found.z - slope * found.precision) > BAND).sum())

    def contents(page: Page, area: Area) -> None:
        _draw(page, area, studies, found, slope)

    return plot_figure(
        [
            Panel("", "", x, y, contents, height=_HEIGHT, right=right),
        ],
        title=f"{question.locus}: {question.comparison}",
        subtitle=words.subtitle(
            question, shown("Galbraith (radial) plot", question, stratifier), model
        ),
        keys=[
            *(studies.keys() or [Key("Study", marks.legend(marks.sample(marks.DOT)))]),
            Key("Pooled odds ratio", marks.legend(marks.line(theme.INK, width=1.1))),
            Key("2 standard errors from it", marks.legend(marks.band(theme.SHADES[1]))),
            Key("Odds ratio 1", marks.legend(marks.line(theme.RULE, width=0.8))),
        ],
        paragraphs=[
            words.compared(question, model),
            f"{words.studies(pools, i)}. A line from the origin through a mark meets the "
            "right-hand axis at the study's odds ratio; precise studies stand at the right. Black "
            f"line: pooled odds ratio {wording.odds_ratio(slope)} "
            f"{wording.interval(float(fit.ci_low), float(fit.ci_high))}. "
            f"{words.method(studies.choices['tau2'], fit.interval, level)}.",
            "What to look for: about 95% of studies lie within the band if they differ by chance "
            f"alone; here {outside} of {studies.k} lie outside, and those are the ones that "
            "disagree with the pooled result. Named: those outside, as far as there is room.",
            words.other_method(pools),
            *question.notes,
        ],
        columns=1,
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
