"""Baujat plot: which studies make the heterogeneity, and which move the pooled result."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.study_plots import Baujat, baujat
from genopool.diagnostics.tables.pools import Pools
from genopool.figures.axes import Area, Axis
from genopool.figures.diagnostics.frame import figure_of_studies
from genopool.figures.diagnostics.members import Members, members
from genopool.figures.labels import place_labels
from genopool.figures.page import Page
from genopool.figures.plot import Panel
from genopool.figures.questions import Question

_ACROSS = "Contribution to heterogeneity (part of Cochran's Q)"
_UPWARDS = "Influence on the pooled result"
_HEIGHT = 240.0
_NAMED = 10
_ROOM = 1.08
_INSET = 5.0
_ROUNDING = 1e-9


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The Baujat plot of an overall pool."""
    studies = members(pools, i, stratifier)
    found = baujat(studies.log_or, studies.variance)
    ends = (_ROOM * _largest(values) for values in (found.heterogeneity, found.influence))
    x, y = (
        Axis(title, 0.0, end, inset=_INSET)
        for title, end in zip((_ACROSS, _UPWARDS), ends, strict=True)
    )
    return figure_of_studies(
        [Panel("", "", x, y, lambda page, area: _draw(page, area, studies, found), height=_HEIGHT)],
        pools,
        i,
        question,
        stratifier,
        kind="Baujat plot",
        keys=studies.keys(),
        paragraphs=[
            "Across: the study's part in Q, the weighted squared "
            "distance of its log odds ratio from the mean. Upwards: how far the mean moves without "
            "the study, squared, in units of the variance of the mean without it. Both under equal "
            "effects (Baujat et al. 2002), where large studies weigh the most.",
            "What to look for: studies at the right make the heterogeneity, those at the top move "
            "the result, and one at the top right does both and deserves a second look at its "
            "data. Named: the most notable, as far as there is room.",
        ],
    )


def _largest(values: np.ndarray) -> float:
    """The largest value, or 1 where all are 0 but for rounding."""
    largest = float(np.nanmax(values))
    return largest if largest > _ROUNDING else 1.0


def _draw(page: Page, area: Area, studies: Members, found: Baujat) -> None:
    boxes = studies.draw(page, area, found.heterogeneity, found.influence)
    shares = [values / _largest(values) for values in (found.heterogeneity, found.influence)]
    notable = np.hypot(*shares)
    foremost = np.argsort(-notable, kind="stable")[:_NAMED]
    place_labels(
        page,
        area,
        [(studies.labels[j], boxes[j]) for j in foremost if notable[j] > _ROUNDING],
        boxes=boxes,
    )
