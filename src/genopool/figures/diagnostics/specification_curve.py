"""Specification curve: the pooled odds ratio under every estimator of tau² and interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.specification import specification_curve
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, theme, wording
from genopool.figures.axes import ODDS, Area, Axis, Tick
from genopool.figures.diagnostics.frame import figure_of_studies
from genopool.figures.diagnostics.members import members
from genopool.figures.odds_axis import axis_limits
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel
from genopool.figures.questions import Question
from genopool.pooling.intervals import INTERVALS
from genopool.pooling.tau2 import TAU2_METHODS

_HEIGHT, _WIDTH, _ROW = 150.0, 420.0, 9.6
_RADIUS = 1.7
_CLEAR = marks.line(theme.DIAMOND_OVERALL, width=1.2)
_UNCLEAR = marks.line(theme.RULE, width=1.2)
_POINT = marks.Look("circle", theme.DIAMOND_OVERALL)
_OPEN_POINT = marks.Look("circle", theme.PAPER, theme.MUTED, 0.9)
_CHOICE = marks.Look("square", theme.INK)


@dataclass(frozen=True)
class Specifications:
    """Specifications by increasing odds ratio; arrays have shape (specifications,).

    Attributes
    ----------
    tau2, interval : list of str
    estimate, low, high, p_value : ndarray
        Log odds ratios and their limits.
    configured : int
        Place of the configured specification; -1 if it is not among them.
    without : list of (str, str)
        Those that give no interval.
    """

    tau2: list[str]
    interval: list[str]
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    configured: int
    without: list[tuple[str, str]]


def specifications_of(pools: Pools, i: int) -> Specifications:
    """Every specification of a pool, sorted by odds ratio, then by the width of the interval."""
    studies = members(pools, i)
    level = pools.choices["level"]
    curve = specification_curve(studies.log_or, studies.variance, level=level)
    width = curve.ci_high - curve.ci_low
    told = np.isfinite(curve.estimate) & np.isfinite(width)
    # Estimates that agree to rounding are one, so that machines agree on the order.
    order = np.lexsort((np.arange(told.size), np.round(width, 9), np.round(curve.estimate, 9)))
    order = [j for j in order if told[j]]
    pairs = list(zip(curve.tau2_method, curve.interval, strict=True))
    names = [pairs[j] for j in order]
    wanted = pools.choices["tau2"], pools.choices["interval"]
    return Specifications(
        tau2=[tau2 for tau2, _ in names],
        interval=[interval for _, interval in names],
        estimate=curve.estimate[order],
        low=curve.ci_low[order],
        high=curve.ci_high[order],
        p_value=curve.p_value[order],
        configured=names.index(wanted) if wanted in names else -1,
        without=[pair for pair, is_told in zip(pairs, told, strict=True) if not is_told],
    )


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The odds ratio of an overall pool under every specification."""
    shown = specifications_of(pools, i)
    estimators = [name for name in TAU2_METHODS if name in shown.tau2]
    intervals = [name for name in INTERVALS if name in shown.interval]
    across = Axis("", -1.0, float(len(shown.tau2)), ticks=(), line=False)
    odds = Axis("Odds ratio", *axis_limits(shown.estimate, shown.low, shown.high), ODDS)
    # A row is left empty between the estimators and the intervals.
    rows = {name: float(row) for row, name in enumerate(estimators)}
    rows |= {name: float(row + len(estimators) + 1) for row, name in enumerate(intervals)}
    ticks = [Tick(row, name) for name, row in rows.items()]
    choice = Axis(
        "Estimator of τ², and interval", -0.7, max(rows.values()) + 0.7, ticks=tuple(ticks),
        reverse=True, grid=True,
    )  # fmt: skip
    return figure_of_studies(
        [
            Panel("", "", across, odds, lambda page, area: _curve(page, area, shown), _HEIGHT),
            Panel(
                "",
                "",
                across,
                choice,
                lambda page, area: _matrix(page, area, shown, rows),
                _ROW * (max(rows.values()) + 1.4),
            ),
        ],
        pools,
        i,
        question,
        stratifier,
        kind="specification curve",
        paragraphs=[
            f"Pooled by inverse variance in {len(shown.tau2)} ways, set out by odds ratio; "
            f"{100 * pools.choices['level']:g}% intervals. {_configured(shown)}{_without(shown)}"
            "Arrows: intervals that go on.",
            _to_see(shown),
        ],
        keys=[
            Key("Interval excludes 1", marks.legend(_CLEAR, marks.sample(_POINT))),
            Key("Interval includes 1", marks.legend(_UNCLEAR, marks.sample(_OPEN_POINT))),
            *([Key("As configured", marks.legend(marks.band()))] if shown.configured >= 0 else []),
        ],
        panel_width=_WIDTH,
    )


def _curve(page: Page, area: Area, shown: Specifications) -> None:
    _mark_configured(page, area, shown)
    area.line(page, "no effect", [area.x_axis.low, area.x_axis.high], 0.0, theme.INK, 0.8)
    for name, those, color, look in (
        ("with 1", ~excludes_one(shown), theme.RULE, _OPEN_POINT),
        ("without 1", excludes_one(shown), theme.DIAMOND_OVERALL, _POINT),
    ):
        places = np.flatnonzero(those).astype(float)
        nan = np.full(places.size, np.nan)
        xs = np.stack([places, places, nan], axis=-1).ravel()
        ys = np.stack([shown.low[those], shown.high[those], nan], axis=-1).ravel()
        area.line(page, f"intervals {name}", xs, ys, color, 1.2)
        points = area.points(places, shown.estimate[those])
        marks.draw_marks(page, f"points {name}", points, look, _RADIUS, area)
    low, high = area.y_axis.low, area.y_axis.high
    xs = [area.x(float(x)) for x in range(len(shown.tau2))]
    arrows = [
        marks.arrow(x, area.bottom, 3.6) for x, end in zip(xs, shown.low, strict=True) if end < low
    ]
    arrows += [
        marks.arrow(x, area.top, -3.6) for x, end in zip(xs, shown.high, strict=True) if end > high
    ]
    page.areas("arrows", arrows, theme.INK)


def _matrix(page: Page, area: Area, shown: Specifications, rows: dict[str, float]) -> None:
    _mark_configured(page, area, shown)
    places = np.arange(len(shown.tau2), dtype=float)
    for names in (shown.tau2, shown.interval):
        points = area.points(places, [rows[name] for name in names])
        marks.draw_marks(page, "choices", points, _CHOICE, _RADIUS)


def _mark_configured(page: Page, area: Area, shown: Specifications) -> None:
    if shown.configured >= 0:
        x = shown.configured
        low, high = area.y_axis.low, area.y_axis.high
        area.polygon(
            page, "configured", [x - 0.5, x + 0.5, x + 0.5, x - 0.5], [low, low, high, high],
            theme.BAND,
        )  # fmt: skip


def excludes_one(shown: Specifications) -> np.ndarray:
    """Whether an odds ratio of 1 is outside the interval."""
    return (shown.low > 0) | (shown.high < 0)


def _configured(shown: Specifications) -> str:
    if shown.configured < 0:
        return ""
    j = shown.configured
    return (
        f"As configured ({shown.tau2[j]}, {shown.interval[j]}): "
        f"{wording.odds_ratio(float(shown.estimate[j]))} "
        f"{wording.interval(float(shown.low[j]), float(shown.high[j]))}. "
    )


def _without(shown: Specifications) -> str:
    if not shown.without:
        return ""
    named = ", ".join(f"{tau2} with {interval}" for tau2, interval in shown.without)
    return f"No interval: {named}. "


def _to_see(shown: Specifications) -> str:
    low, high = (wording.odds_ratio(float(x)) for x in (shown.estimate[0], shown.estimate[-1]))
    return (
        f"The odds ratio runs from {low} to {high}, and {int(excludes_one(shown).sum())} of "
        f"{len(shown.tau2)} intervals exclude 1: a result that hangs on the choice is weak. "
        "The ways share their data, so that their number is no evidence."
    )
