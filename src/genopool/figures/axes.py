"""The axes of a panel, their ticks, and the plotting area that they span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log, log10
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from genopool.figures import theme
from genopool.figures.clipping import Box, clipped_area, clipped_line
from genopool.figures.odds_axis import FURTHEST, OddsAxis, tick_label
from genopool.figures.page import Page, Points
from genopool.figures.text import width

T = TypeVar("T")
LINEAR, ODDS = "linear", "odds"
_STEPS = (1.0, 2.0, 5.0, 10.0)
_FURTHEST = 1e5  # points; beyond, lines lose their direction in floating point


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what stands there; the label may be empty."""

    value: float
    label: str


@dataclass(frozen=True)
class Axis:
    """An axis: what it measures and how far it reaches.

    Parameters
    ----------
    title : str
        What it measures; may be empty.
    low, high : float
        Its ends, low < high; log odds ratios on the scale `odds`.
    scale : str
        `linear`, or `odds`: values are log odds ratios and labels plain odds ratios.
    ticks : tuple of Tick, optional
        By default at round numbers, as many as fit. An empty tuple is none at all.
    reverse : bool
        Whether `high` is at the left or the bottom.
    whole : bool
        Whether round numbers must be whole, as of years.
    grid : bool
        Whether lines across the area mark the ticks; of y, in place of the axis line.
    line : bool
        Whether the axis line and the ticks' marks are drawn. With ``ticks=()`` and no line
        nothing of the axis is seen.
    inset : float
        Distance of the ends from the area's edges, in points.
    """

    title: str
    low: float
    high: float
    scale: str = LINEAR
    ticks: tuple[Tick, ...] | None = None
    reverse: bool = False
    whole: bool = False
    grid: bool = False
    line: bool = True
    inset: float = 0.0

    def share(self, value: ArrayLike) -> np.ndarray:
        """How far along from left or bottom a value stands, 0 to 1 within the axis."""
        share = (np.asarray(value, dtype=float) - self.low) / ((self.high - self.low) or 1.0)
        return 1.0 - share if self.reverse else share

    def placed_ticks(self, length: float, *, across: bool) -> list[Tick]:
        """The ticks of an axis of `length` points that runs `across` the page or up it."""
        if self.ticks is not None:
            return list(self.ticks)
        if self.scale == ODDS:
            low, high = max(self.low, -FURTHEST), min(self.high, FURTHEST)
            shown = length * (high - low) / (self.high - self.low)
            axis = OddsAxis(low, high, left=0.0, width=shown)
            room = {"label_width": _label_width, "gap": 5.0}
            if not across:
                room = {"label_width": lambda _: 9.0, "gap": 3.0}
            return [Tick(log(odds), tick_label(odds)) for odds in axis.ticks(**room)]
        most = max(2, int(length / (50.0 if across else 26.0)))
        ticks = round_ticks(self.low, self.high, most, whole=self.whole)
        while across and len(ticks) > 2 and _touch(self, ticks, length):
            most -= 1
            ticks = round_ticks(self.low, self.high, most, whole=self.whole)
        return ticks


def _label_width(label: str) -> float:
    return theme.SLACK * width(label, theme.SMALL)


def _touch(axis: Axis, ticks: Sequence[Tick], length: float) -> bool:
    step = abs(float(axis.share(ticks[1].value) - axis.share(ticks[0].value))) * length
    return max(_label_width(tick.label) for tick in ticks) + 6.0 > step


def round_ticks(low: float, high: float, most: int = 6, *, whole: bool = False) -> list[Tick]:
    """Ticks at multiples of 1, 2 or 5 times a power of ten within `low` to `high`.

    Parameters
    ----------
    low, high : float
    most : int
        No more ticks than this; the finest step that gives no more is taken.
    whole : bool
        Whether the step is at least 1.
    """
    if not high > low:
        return [Tick(low, round_label(low, 0 if whole else 2))]
    power = floor(log10((high - low) / max(most, 1)))
    if whole:
        power = max(power, 0)
    rounding = 1e-9 * (high - low)
    for exponent in (power, power + 1, power + 2):
        for step in (s * 10.0**exponent for s in _STEPS[:3]):
            first, last = ceil((low - rounding) / step), floor((high + rounding) / step)
            if last - first + 1 <= most:
                decimals = max(0, -exponent)
                places = [i * step for i in range(first, last + 1)]
                return [Tick(place, round_label(place, decimals)) for place in places]
    return []


def round_label(value: float, decimals: int) -> str:
    """``0.25``, ``2005``, ``12,000``, ``−1``."""
    said = f"{abs(value):,.{decimals}f}" if abs(value) >= 10_000 else f"{abs(value):.{decimals}f}"
    return f"−{said}" if value < 0 and float(f"{abs(value):.{decimals}f}") else said


def round_limits(low: float, high: float, room: float = 0.04) -> tuple[float, float]:
    """Limits with some room beyond the data; of a single value, around it."""
    if not (isfinite(low) and isfinite(high)):
        return 0.0, 1.0
    spread = (high - low) or max(abs(high), 1.0) * 0.1
    return low - room * spread, high + room * spread


@dataclass(frozen=True)
class Area:
    """The plotting area of a panel: places on the page, in points, from values on its axes.

    What is drawn by its methods is cut off at its edges; NaN breaks a line.
    """

    left: float
    top: float
    width: float
    height: float
    x_axis: Axis
    y_axis: Axis

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def box(self) -> Box:
        return self.left, self.top, self.right, self.bottom

    def x(self, value: float) -> float:
        inset = self.x_axis.inset
        share = float(self.x_axis.share(value))
        return self.left + inset + share * (self.width - 2 * inset)

    def y(self, value: float) -> float:
        inset = self.y_axis.inset
        share = float(self.y_axis.share(value))
        return self.bottom - inset - share * (self.height - 2 * inset)

    def points(self, xs: ArrayLike, ys: ArrayLike) -> list[tuple[float, float]]:
        """Places of values; `xs` and `ys` are broadcast together. NaN stays NaN."""
        xs, ys = np.broadcast_arrays(np.asarray(xs, dtype=float), np.asarray(ys, dtype=float))
        return [
            (_near(self.x(x)), _near(self.y(y)))
            for x, y in zip(xs.ravel().tolist(), ys.ravel().tolist(), strict=True)
        ]

    def holds(self, point: tuple[float, float], room: float = 1e-6) -> bool:
        """Whether a place on the page is within the area."""
        x, y = point
        return (
            self.left - room <= x <= self.right + room
            and self.top - room <= y <= self.bottom + room
        )

    def line(
        self,
        page: Page,
        name: str,
        xs: ArrayLike,
        ys: ArrayLike,
        color: str = theme.INK,
        width: float = 1.0,
        dashes: str = "-",
    ) -> None:
        """Draw a line through values, labelled `name`; a single x or y is the same all along."""
        pieces = []
        for run in runs(self.points(xs, ys)):
            pieces += clipped_line(run, self.box)
        page.lines(name, pieces, color, width, dashes)

    def polygon(
        self,
        page: Page,
        name: str,
        xs: ArrayLike,
        ys: ArrayLike,
        fill: str,
        edge: str = "none",
        width: float = 0.0,
    ) -> None:
        """Fill the polygon through values, labelled `name`."""
        inside = clipped_area(self.points(xs, ys), self.box)
        page.areas(name, [inside] if inside else [], fill, edge, width)

    def band(
        self, page: Page, name: str, xs: ArrayLike, lows: ArrayLike, highs: ArrayLike, fill: str
    ) -> None:
        """Fill between two lines over the same `xs`, labelled `name`."""
        below, above = self.points(xs, lows), self.points(xs, highs)
        pairs = [
            pair if all(c == c for point in pair for c in point) else None
            for pair in zip(below, above, strict=True)
        ]
        pieces = []
        for run in _unbroken(pairs):
            outline = [low for low, _ in run] + [high for _, high in reversed(run)]
            pieces.append(clipped_area(outline, self.box))
        page.areas(name, [piece for piece in pieces if piece], fill)


def runs(points: Sequence[tuple[float, float] | None]) -> list[Points]:
    """The unbroken pieces of a line, which None or NaN breaks."""
    return _unbroken([None if p is None or p[0] != p[0] or p[1] != p[1] else p for p in points])


def _unbroken(items: Sequence[T | None]) -> list[list[T]]:
    """Runs of two or more items between the Nones."""
    found: list[list[T]] = [[]]
    for item in items:
        if item is None:
            found.append([])
        else:
            found[-1].append(item)
    return [run for run in found if len(run) > 1]


def _near(place: float) -> float:
    return min(max(place, -_FURTHEST), _FURTHEST) if place == place else place
