"""GOSH: the pooled odds ratio and I² of every subset of the studies, as a density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.gosh import Gosh, gosh
from genopool.diagnostics.influence import influence
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, theme, wording
from genopool.figures.axes import Area, Axis, Tick
from genopool.figures.diagnostics.frame import figure_of_studies
from genopool.figures.diagnostics.members import members
from genopool.figures.odds_axis import OddsAxis, tick_label
from genopool.figures.page import Page, Points
from genopool.figures.plot import Key, Panel
from genopool.figures.questions import Question
from genopool.figures.text import clean, width
from genopool.pooling.inverse_variance import pool

_I2_TICKS = tuple(Tick(value, f"{value:.0f}%") for value in (0.0, 25.0, 50.0, 75.0, 100.0))
_WHOLE = marks.Look("diamond", theme.SQUARE, theme.INK, 1.0)
#: With no more subsets than this each is a dot.
MOST_DOTS = 512
_COLUMNS, _ROWS = 60, 40
_HEIGHT, _WIDTH = 225.0, 400.0
#: Of the width and height of the density: the histograms beside it, and where they begin.
_MARGIN, _GAP = 0.2, 0.025
#: Grey levels of the density, light to dark.
LEVELS = ("#e2e2e2", "#c6c6c6", "#a5a5a5", "#808080", "#585858", "#303030")
#: The axis leaves out this share of the subsets on either side.
_OUTSIDE = 0.0005


@dataclass(frozen=True)
class Density:
    """Subsets counted in cells.

    Attributes
    ----------
    x_edges, y_edges : ndarray
        Of log odds ratios and of I², in per cent.
    count : ndarray of int, shape (columns, rows)
    level : ndarray of int
        1 to 6 on a log scale of the count, 0 for an empty cell.
    """

    x_edges: np.ndarray
    y_edges: np.ndarray
    count: np.ndarray
    level: np.ndarray


def odds_limits(estimate: np.ndarray, whole: float) -> tuple[float, float]:
    """Ends of the axis of log odds ratios: nearly all subsets, and the pool of all studies."""
    low, high = np.quantile(estimate, [_OUTSIDE, 1 - _OUTSIDE])
    low, high = min(low, whole, 0.0), max(high, whole, 0.0)
    room = 0.03 * max(high - low, 0.1)
    return float(low - room), float(high + room)


def density(estimate: np.ndarray, i2: np.ndarray, limits: tuple[float, float]) -> Density:
    """Count subsets in cells of log odds ratio and I²."""
    x_edges = np.linspace(*limits, _COLUMNS + 1)
    y_edges = np.linspace(0.0, 100.0, _ROWS + 1)
    count, _, _ = np.histogram2d(estimate, i2, bins=(x_edges, y_edges))
    share = np.log1p(count) / np.log1p(max(count.max(), 1.0))
    level = np.ceil(len(LEVELS) * share - 1e-9).astype(int)
    return Density(x_edges, y_edges, count.astype(int), level)


def cells(counted: Density) -> list[list[tuple[float, float, float, float]]]:
    """Rectangles (x low, y low, x high, y high) of each level, neighbours in a row joined."""
    found: list[list[tuple[float, float, float, float]]] = [[] for _ in LEVELS]
    for row in range(counted.level.shape[1]):
        of_row = counted.level[:, row]
        starts = np.flatnonzero(np.diff(of_row, prepend=-1))
        for start, end in zip(starts, [*starts[1:], of_row.size], strict=True):
            if of_row[start]:
                ends = counted.x_edges[start], counted.x_edges[end]
                low, high = counted.y_edges[row : row + 2]
                found[of_row[start] - 1].append((ends[0], low, ends[1], high))
    return found


def most_influential(log_or: np.ndarray, variance: np.ndarray, tau2: str) -> int:
    """The study with the largest Cook's distance."""
    return int(np.nanargmax(influence(log_or, variance, tau2=tau2).cook_d))


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The pools of all subsets of the studies of an overall pool, or of a sample of them."""
    studies = members(pools, i)
    pair = studies.log_or, studies.variance
    found = gosh(*pair)
    whole = pool(*pair, tau2="EE", interval="wald", prediction="none")
    study = most_influential(*pair, pools.choices["tau2"])
    shown = _Shown(found, float(whole.estimate), float(whole.i2), found.member[:, study])
    name = clean(studies.labels[study])
    limits = odds_limits(found.estimate, shown.estimate)
    margin = _MARGIN if found.estimate.size > MOST_DOTS else 0.0
    return figure_of_studies(
        [
            Panel(
                "",
                "",
                Axis(
                    "Pooled odds ratio of a subset",
                    *_with_margin(*limits, margin),
                    "odds",
                    ticks=_odds_ticks(limits, margin),
                    line=False,
                ),
                Axis(
                    "I² of the subset",
                    *_with_margin(0.0, 100.0, margin),
                    ticks=_I2_TICKS,
                    line=False,
                ),
                lambda page, area: _contents(page, area, shown, limits),
                height=_HEIGHT * (1 + margin),
            )
        ],
        pools,
        i,
        question,
        stratifier,
        kind="pools of subsets of the studies (GOSH)",
        paragraphs=[
            _method(found),
            _to_see(found, shown, limits, name),
        ],
        keys=_keys(found, name),
    )


@dataclass(frozen=True)
class _Shown:
    """The subsets to draw, the pool of all studies, and which subsets have the study."""

    subsets: Gosh
    estimate: float
    i2: float
    has_study: np.ndarray


def _with_margin(low: float, high: float, margin: float) -> tuple[float, float]:
    return low, high + margin * (high - low)


def _odds_ticks(limits: tuple[float, float], margin: float) -> tuple[Tick, ...]:
    axis = OddsAxis(*limits, left=0.0, width=_WIDTH / (1 + margin))
    odds = axis.ticks(lambda label: theme.SLACK * width(label, theme.SMALL), gap=5.0)
    return tuple(Tick(float(np.log(value)), tick_label(value)) for value in odds)


def _contents(page: Page, area: Area, shown: _Shown, limits: tuple[float, float]) -> None:
    found = shown.subsets
    area.line(page, "no effect", 0.0, [0.0, 100.0], theme.RULE, 0.8)
    if found.estimate.size <= MOST_DOTS:
        inside = (found.estimate >= limits[0]) & (found.estimate <= limits[1])
        for has, look in ((False, marks.OPEN), (True, marks.DOT)):
            those = inside & (shown.has_study == has)
            points = area.points(found.estimate[those], found.i2[those])
            marks.draw_marks(page, f"dots {'with' if has else 'without'}", points, look, 1.9)
    else:
        counted = density(found.estimate, found.i2, limits)
        for grey, rectangles in zip(LEVELS, cells(counted), strict=True):
            page.areas("density", [_rectangle(area, *r) for r in rectangles], grey)
        _histogram(page, area, shown, counted.x_edges, found.estimate, across=True)
        _histogram(page, area, shown, counted.y_edges, found.i2, across=False)
    whole = area.points(shown.estimate, shown.i2)
    marks.draw_marks(page, "all studies", whole, _WHOLE, 4.2)
    _axis_lines(page, area, limits)


def _rectangle(area: Area, x0: float, y0: float, x1: float, y1: float) -> Points:
    left, right, bottom, top = area.x(x0), area.x(x1), area.y(y0), area.y(y1)
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def _histogram(
    page: Page, area: Area, shown: _Shown, edges: np.ndarray, values: np.ndarray, *, across: bool
) -> None:
    """Beside the density: all subsets as a grey area, with and without the study as lines."""
    axis = area.y_axis if across else area.x_axis
    span = (axis.high - axis.low) / (1 + _MARGIN)
    base, reach = axis.low + (1 + _GAP) * span, (_MARGIN - _GAP) * span
    highest = np.histogram(values, edges)[0].max()
    for name, those, color, dashes in (
        ("all subsets", np.full(values.size, True), theme.FAINT, ""),
        ("with", shown.has_study, theme.DIAMOND_OVERALL, "-"),
        ("without", ~shown.has_study, theme.PREDICTION, "--"),
    ):
        count = np.histogram(values[those], edges)[0]
        along = np.repeat(edges, 2)
        beyond = base + reach * np.concatenate([[0], np.repeat(count, 2), [0]]) / highest
        x, y = (along, beyond) if across else (beyond, along)
        if dashes:
            area.line(page, f"histogram {name}", x, y, color, 1.0, dashes)
        else:
            area.polygon(page, f"histogram {name}", x, y, color)


def _axis_lines(page: Page, area: Area, limits: tuple[float, float]) -> None:
    left, bottom, right, top = area.left, area.bottom, area.x(limits[1]), area.y(100.0)
    ticks = [[(area.x(t.value), bottom), (area.x(t.value), bottom + 3)] for t in area.x_axis.ticks]
    ticks += [[(left, area.y(t.value)), (left - 3, area.y(t.value))] for t in area.y_axis.ticks]
    page.lines("axis", [[(left, top), (left, bottom), (right, bottom)], *ticks], theme.INK, 0.8)


def _keys(found: Gosh, name: str) -> list[Key]:
    whole = Key("All studies", marks.legend(marks.sample(_WHOLE, 4.2)))
    if found.estimate.size <= MOST_DOTS:
        return [
            Key(f"With {name}", marks.legend(marks.sample(marks.DOT, 1.9))),
            Key(f"Without {name}", marks.legend(marks.sample(marks.OPEN, 1.9))),
            whole,
        ]
    return [
        Key("Subsets: darker, more of them", _scale),
        Key(f"With {name}", marks.legend(marks.line(theme.DIAMOND_OVERALL, width=1.0))),
        Key(f"Without {name}", marks.legend(marks.line(theme.PREDICTION, "--", 1.0))),
        whole,
    ]


def _scale(page: Page, left: float, right: float, y: float) -> None:
    step = (right - left) / len(LEVELS)
    for i, grey in enumerate(LEVELS):
        x = left + i * step
        page.areas("legend", [[(x, y - 4), (x + step, y - 4), (x + step, y + 4), (x, y + 4)]], grey)


def _method(found: Gosh) -> str:
    number = f"{found.estimate.size:,}"
    which = (
        f"All {number} subsets of two or more of them"
        if found.all_subsets
        else f"{number} subsets of two or more of them, drawn at random with a fixed seed"
    )
    return f"{which}, each pooled with equal effects (inverse variance), and its I² (Olkin 2012)."


def _to_see(found: Gosh, shown: _Shown, limits: tuple[float, float], name: str) -> str:
    beyond = int(((found.estimate < limits[0]) | (found.estimate > limits[1])).sum())
    outside = f" {beyond:,} subsets lie beyond the axis." if beyond else ""
    odds, shares = [], []
    for those in (shown.has_study, ~shown.has_study):
        odds.append(wording.odds_ratio(float(np.median(found.estimate[those]))))
        shares.append(wording.per_cent(float(np.median(found.i2[those]))))
    return (
        "One cloud around the diamond says that no few studies make the result; several clouds, or "
        f"two separate lines, say that they do. {name} has the largest Cook's distance: the median "
        f"odds ratio is {odds[0]} with it and {odds[1]} without, the median I² {shares[0]} and "
        f"{shares[1]}.{outside}"
    )
