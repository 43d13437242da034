"""Baujat plot: which studies make the heterogeneity, and which move the pooled result."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.study_plots import Baujat, baujat
from genopool.diagnostics.tables.pools import Pools
from genopool.figures.axes import Area, Axis
from genopool.figures.diagnostics import words
from genopool.figures.diagnostics.members import Members, members, shown
from genopool.figures.labels import place_labels
from genopool.figures.page import Page
from genopool.figures.plot import Panel, plot_figure
from genopool.figures.questions import Question

_ACROSS = "Contribution to heterogeneity (part of Cochran's Q)"
_UPWARDS = "Influence on the pooled result"
_HEIGHT = 240.0
_NAMED = 10
_ROOM = 1.08
_INSET = 5.0


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The Baujat plot of an overall pool."""
    studies, model = members(pools, i, stratifier), pools.rows[i]["model"]
    found = baujat(studies.log_or, studies.variance)
    ends = (_ROOM * float(np.nanmax(a)) or 1.0 for a in (found.heterogeneity, found.influence))
    x, y = (
        Axis(title, 0.0, end, inset=_INSET)
        for title, end in zip(
            (
                "Contribution to heterogeneity (part of Cochran's Q)",
                "Influence on the pooled result",
            ),
            ends,
            strict=True,
        )
    )
    return plot_figure(
        [Panel("", "", x, y, lambda page, area: _draw(page, area, studies, found), height=_HEIGHT)],
        title=f"{question.locus}: {question.comparison}",
        subtitle=words.subtitle(question, shown("Baujat plot", question, stratifier), model),
        keys=studies.keys(),
        paragraphs=[
            words.compared(question, model),
            f"{words.studies(pools, i)}. Across: the study's part in Q, the weighted squared "
            "distance of its log odds ratio from the mean. Upwards: how far the mean moves without "
            "the study, squared, in units of the variance of the mean without it. Both under equal "
            "effects (Baujat et al. 2002), where large studies weigh the most.",
            "What to look for: studies at the right make the heterogeneity, those at the top move "
            "the result, and one at the top right does both and deserves a second look at its "
            "data. Named: the most notable, as far as there is room.",
            *question.notes,
        ],
        columns=1,
    )


def _draw(page: Page, area: Area, studies: Members, found: Baujat) -> None:
    boxes = studies.draw(page, area, found.heterogeneity, found.influence)
    shares = [a / (np.nanmax(a) or 1.0) for a in (found.heterogeneity, found.influence)]
    notable = np.hypot(*shares)
    place_labels(
        page,
        area,
        [(studies.labels[j], boxes[j]) for j in np.argsort(-notable, kind="stable")[:_NAMED]],
        boxes=boxes,
    )
