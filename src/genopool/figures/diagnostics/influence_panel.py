"""Deletion diagnostics of every study, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.influence import Influence, influence
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, method_wording, theme, wording
from genopool.figures.axes import Area, Axis, Tick, round_limits, round_ticks
from genopool.figures.diagnostics.frame import figure_of_studies
from genopool.figures.diagnostics.members import members
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel, x_axis
from genopool.figures.questions import Question
from genopool.figures.text import clean, width, wrapped
from genopool.pooling.inverse_variance import pool

#: The median of chi² on 1 degree of freedom, and the normal quantile of 97.5%.
_COOK, _NORMAL = 0.454936423119573, 1.959963984540054
_COLUMN, _BETWEEN = 60.0, 12.0
_LABEL = 128.0
_LINE, _ROW = theme.SMALL_LINE, 11.4
_HEAD, _FOOT = 2 * theme.SMALL_LINE + 6, 16.0
_WEIGHT = 34.0
_NAMED = 8
_BOLD = {"size": theme.SMALL, "weight": "bold"}
# Squares, since each circle takes half a kilobyte of SVG and there are many.
_POINT = marks.Look("square", theme.DIAMOND_OVERALL)
_MARK = marks.Look("diamond", theme.PREDICTION, theme.INK, 0.7)


@dataclass(frozen=True)
class Measure:
    """A column of the figure.

    Attributes
    ----------
    title : str
    values : ndarray, shape (studies,)
    middle : float
        Where a study without influence stands.
    limits : tuple of float
        Beyond them a study stands out; none where there is no such limit.
    """

    title: str
    values: np.ndarray
    middle: float
    limits: tuple[float, ...] = ()


def measures(found: Influence, tau2: float, q: float) -> list[Measure]:
    """The columns, with metafor's limits for a model of one coefficient.

    Parameters
    ----------
    found : Influence
        Of one set of studies.
    tau2, q : float
        Of all studies.

    References
    ----------
    Viechtbauer W, Cheung MWL (2010) Res Synth Methods 1:112; metafor's `influence.rma.uni`.
    """
    k = int(np.isfinite(found.hat).sum())
    reach = 3 / sqrt(k - 1)
    columns = [
        Measure("Studentised residual", found.rstudent, 0.0, (-_NORMAL, _NORMAL)),
        Measure("DFFITS", found.dffits, 0.0, (-reach, reach)),
        Measure("Cook's distance", found.cook_d, 0.0, (_COOK,)),
        Measure("Covariance ratio", found.cov_r, 1.0),
        Measure("τ² without it", found.tau2_del, tau2),
        Measure("Q without it", found.q_del, q),
        Measure("Hat value", found.hat, 1 / k, (3 / k,)),
    ]
    return [column for column in columns if np.isfinite(column.values).any()]


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """What each study does to an overall pool."""
    studies = members(pools, i)
    pair = studies.log_or, studies.variance
    tau2 = pools.choices["tau2"]
    found = influence(*pair, tau2=tau2)
    whole = pool(*pair, tau2=tau2, interval="wald", prediction="none")
    columns = measures(found, float(whole.tau2), float(whole.q))
    rows = Rows.of(studies.labels)
    down = Axis("", -_HEAD, rows.height + _FOOT, ticks=rows.ticks, reverse=True, line=False)
    panel = Panel(
        "",
        "",
        Axis("", 0.0, 1.0, ticks=(), line=False),
        down,
        lambda page, area: _contents(page, area, columns, rows, found),
        height=_HEAD + rows.height + _FOOT,
    )
    return figure_of_studies(
        [panel],
        pools,
        i,
        question,
        stratifier,
        kind="influence of single studies",
        paragraphs=[
            "The most precise first. "
            f"{method_wording.method('inverse-variance', tau2, 'wald')}; each study is left out in "
            "turn. Studentised residual: how far it is from the pool of the others. DFFITS, Cook's "
            "distance: how far it moves the pool. Covariance ratio below 1: the pool is more "
            "precise without it. Hat value: its share of the weights.",
            _to_see(studies.labels, found.is_influential),
        ],
        keys=[
            Key("A study left out", marks.legend(marks.sample(_POINT))),
            Key("Influential", marks.legend(marks.band(), marks.sample(_MARK))),
            Key("No influence; of all studies", marks.legend(marks.line(theme.RULE, width=0.8))),
            Key("Limit", marks.legend(marks.line(theme.INK, "--", 0.7))),
        ],
        panel_width=len(columns) * (_COLUMN + _BETWEEN) + _WEIGHT,
    )


@dataclass(frozen=True)
class Rows:
    """Where the studies stand, in points down from the first row; long names take several lines.

    Attributes
    ----------
    middles, heights : list of float
    ticks : tuple of Tick
        A tick for each line of a name.
    """

    middles: list[float]
    heights: list[float]
    ticks: tuple[Tick, ...]

    @classmethod
    def of(cls, labels: Sequence[str]) -> Rows:
        middles, heights, ticks = [], [], []
        y = 0.0
        for label in labels:
            lines = wrapped(clean(label), theme.SMALL, _LABEL)
            heights.append(_ROW + (len(lines) - 1) * _LINE)
            middles.append(y + heights[-1] / 2)
            first = middles[-1] - (len(lines) - 1) * _LINE / 2
            ticks += [Tick(first + n * _LINE, line) for n, line in enumerate(lines)]
            y += heights[-1]
        return cls(middles, heights, tuple(ticks))

    @property
    def height(self) -> float:
        return sum(self.heights)


def _contents(
    page: Page, area: Area, columns: Sequence[Measure], rows: Rows, found: Influence
) -> None:
    marked = found.is_influential
    places = [area.y(middle) for middle in rows.middles]
    for y, height, is_marked in zip(places, rows.heights, marked, strict=True):
        if is_marked:
            y0, y1 = y - height / 2, y + height / 2
            row = [(area.left, y0), (area.right, y0), (area.right, y1), (area.left, y1)]
            page.areas("influential rows", [row], theme.BAND)
    page.lines("grid", [[(area.left, y), (area.right, y)] for y in places], theme.GRID, 0.5)
    _write_weights(page, area, places, found.hat)
    for n, column in enumerate(columns):
        left = area.left + n * (_COLUMN + _BETWEEN)
        _title(page, left, area.top, column.title)
        there = [*column.values[np.isfinite(column.values)], *column.limits]
        there += [column.middle] if isfinite(column.middle) else []
        limits = round_limits(min(there), max(there), 0.08)
        inner = Area(
            left,
            area.top + _HEAD,
            _COLUMN,
            rows.height,
            Axis("", *limits, ticks=_ticks(*limits)),
            Axis("", 0.0, rows.height, reverse=True),
        )
        _column(page, inner, column, rows, marked)


def _ticks(low: float, high: float) -> tuple[Tick, ...]:
    """Ticks whose labels stay clear of the next column's."""
    kept = []
    for tick in round_ticks(low, high, 3):
        half = theme.SLACK * width(tick.label, theme.SMALL) / 2
        x = (tick.value - low) / (high - low) * _COLUMN
        if half - x < _BETWEEN / 2 - 1 and x + half < _COLUMN + _BETWEEN / 2 - 1:
            kept.append(tick)
    return tuple(kept)


def _write_weights(page: Page, area: Area, places: Sequence[float], hat: np.ndarray) -> None:
    """The last column: each study's weight in figures, on paper in place of the grid."""
    left = area.right - _WEIGHT + 4
    page.areas(
        "ground", [[(left, area.top), (area.right, area.top), (area.right, area.bottom),
                    (left, area.bottom)]], theme.PAPER,
    )  # fmt: skip
    page.write(area.right, area.top + _HEAD - 6, "Weight", **_BOLD, align="right")
    for y, share in zip(places, hat, strict=True):
        said = wording.per_cent(100 * float(share))
        page.write(area.right, y + 2.6, said, size=theme.SMALL, align="right")


def _title(page: Page, left: float, top: float, title: str) -> None:
    lines = wrapped(title, theme.SMALL, (_COLUMN + _BETWEEN - 2) / theme.SLACK, "bold")
    for up, line in enumerate(reversed(lines)):
        baseline = top + _HEAD - 6 - up * _LINE
        page.write(left + _COLUMN / 2, baseline, line, **_BOLD, align="center")


def _column(page: Page, area: Area, column: Measure, rows: Rows, marked: np.ndarray) -> None:
    ends = [0.0, area.y_axis.high]
    area.line(page, "middle", column.middle, ends, theme.RULE, 0.8)
    for limit in column.limits:
        area.line(page, "limits", limit, ends, theme.INK, 0.7, "--")
    x_axis(page, area)
    middles = np.array(rows.middles)
    for name, those, look in (("points", ~marked, _POINT), ("influential", marked, _MARK)):
        points = area.points(column.values[those], middles[those])
        marks.draw_marks(page, name, points, look, 1.9 if name == "points" else 2.6)


def _to_see(labels: Sequence[str], marked: np.ndarray) -> str:
    named = [clean(label) for label, is_marked in zip(labels, marked, strict=True) if is_marked]
    rule = (
        "Influential is a study whose DFFITS, Cook's distance or hat value is beyond its limit, "
        "or that moves the pool by more than a standard error (metafor's rule): "
    )
    if not named:
        return f"{rule}here none is."
    others = f" and {len(named) - _NAMED} others" if len(named) > _NAMED else ""
    listed = f"{', '.join(named[:_NAMED])}{others}"
    return f"{rule}here {listed}. Look whether the conclusion holds without."
