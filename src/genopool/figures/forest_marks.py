"""The marks of forest plots: squares, dots, intervals, diamonds, the prediction interval."""

from __future__ import annotations

from math import cos, isfinite, isnan, sin, sqrt, tau

from genopool.figures import theme
from genopool.figures.forest_rows import Estimate
from genopool.figures.odds_axis import OddsAxis
from genopool.figures.page import Page, Points

LARGEST_SQUARE = 10.8
SMALLEST_SQUARE = 3.0
SMALLEST_OPEN_SQUARE = 4.4
DIAMOND_HEIGHT = 8.6
DOT_RADIUS = 2.9
BAR_HEIGHT = 3.0
ARROW = 4.8
PLANTED_HEIGHT, PLANTED_WIDTH = 12.6, 2.2
_CIRCLE = [(cos(tau * i / 24), sin(tau * i / 24)) for i in range(24)]
_LEAST_HALF_WIDTH = 1.4  # a narrower diamond or bar would vanish behind the overall line


class Marks:
    """Marks at their places on an axis, drawn together once all are known.

    Parameters
    ----------
    axis : OddsAxis
    largest_area : float
        Of the largest square possible; the others are in proportion.
    """

    def __init__(self, axis: OddsAxis, largest_area: float) -> None:
        self._axis = axis
        self._largest_area = largest_area
        self._squares: list[Points] = []
        self._open_squares: list[Points] = []
        self._points: list[Points] = []
        self._dots: list[Points] = []
        self._intervals: list[Points] = []
        self._arrows: list[Points] = []
        self._diamonds: dict[str, list[Points]] = {"diamonds": [], "overall diamond": []}
        self._bars: list[Points] = []
        self._planted: list[Points] = []

    def study(self, estimate: Estimate, y: float) -> None:
        """A square on its interval, `y` points from the top."""
        self._interval(estimate, y)
        if not self._axis.low <= estimate.log_or <= self._axis.high:
            return
        x = self._place(estimate.log_or)
        side = LARGEST_SQUARE * sqrt(max(estimate.area, 0.0) / self._largest_area)
        half = max(side, SMALLEST_OPEN_SQUARE if estimate.reported else SMALLEST_SQUARE) / 2
        square = [(x - half, y - half), (x + half, y - half), (x + half, y + half)]
        (self._open_squares if estimate.reported else self._squares).append(
            [*square, (x - half, y + half)]
        )
        if half > 2:
            self._points.append([(x, y - 2), (x, y + 2)])

    def repooled(self, estimate: Estimate, y: float) -> None:
        """A dot on its interval: a pooled result among others of the same studies."""
        self._interval(estimate, y)
        if self._axis.low <= estimate.log_or <= self._axis.high:
            x = self._place(estimate.log_or)
            self._dots.append([(x + DOT_RADIUS * c, y + DOT_RADIUS * s) for c, s in _CIRCLE])

    def pooled(self, estimate: Estimate, y: float, name: str = "diamonds") -> None:
        """A diamond over the interval, cut off where the axis ends, and a bar at what was planted.

        An exact result of 0 or infinity has an interval and no diamond.
        """
        if self._axis.low <= estimate.planted <= self._axis.high:
            self._planted.append(planted_bar(self._place(estimate.planted), y))
        if not all(map(isfinite, (estimate.log_or, estimate.low, estimate.high))):
            self._interval(estimate, y)
            return
        first, last = self._axis.left, self._axis.left + self._axis.width
        centre = self._place(estimate.log_or)
        low = min(self._place(estimate.low), centre - _LEAST_HALF_WIDTH)
        high = max(self._place(estimate.high), centre + _LEAST_HALF_WIDTH)
        upper = []
        for x in sorted({max(low, first), centre, min(high, last)}):
            if first <= x <= last and low <= x <= high:
                side = centre - low if x < centre else high - centre
                upper.append((x, DIAMOND_HEIGHT / 2 * (1 - abs(x - centre) / side)))
        if len(upper) > 1:
            self._diamonds[name].append(
                [(x, y - half) for x, half in upper]
                + [(x, y + half) for x, half in reversed(upper) if half > 0]
            )
        if low < first:
            self._arrows.append(_triangle(first - ARROW, y, ARROW))
        if high > last:
            self._arrows.append(_triangle(last + ARROW, y, -ARROW))

    def prediction(self, estimate: Estimate, y: float) -> None:
        """A bar over the prediction interval, pointed where the axis cuts it off."""
        axis = self._axis
        left, right = (self._place(v) for v in (estimate.low, estimate.high))
        spread = max(0.0, _LEAST_HALF_WIDTH - (right - left) / 2)
        left, right, half = left - spread, right + spread, BAR_HEIGHT / 2
        first, last = axis.left, axis.left + axis.width
        upper = [(min(left, last), y - half)]
        if left < first:
            upper = [(first, y), (first + ARROW, y - ARROW / 2), (first + ARROW, y - half)]
        if right > last:
            upper += [(last - ARROW, y - half), (last - ARROW, y - ARROW / 2), (last, y)]
        else:
            upper.append((max(right, first), y - half))
        self._bars.append(upper + [(x, 2 * y - above) for x, above in reversed(upper)])

    def draw(self, page: Page) -> None:
        """Put all marks on the page."""
        page.areas("squares", self._squares, theme.SQUARE)
        page.lines("intervals", self._intervals, theme.INK, 0.9)
        page.areas("reported squares", self._open_squares, "none", theme.INK, 0.9)
        page.lines("points", self._points, theme.INK, 0.9)
        page.areas("dots", self._dots, theme.DIAMOND_OVERALL)
        page.areas("diamonds", self._diamonds["diamonds"], theme.DIAMOND, theme.INK, 0.6)
        overall = self._diamonds["overall diamond"]
        page.areas("overall diamond", overall, theme.DIAMOND_OVERALL, theme.INK, 0.6)
        page.areas("prediction interval", self._bars, theme.PREDICTION)
        page.areas("arrows", self._arrows, theme.INK)
        page.lines("planted", self._planted, theme.PLANTED, PLANTED_WIDTH)

    def _interval(self, estimate: Estimate, y: float) -> None:
        """A line over the interval, with arrows where the axis cuts it off."""
        if isnan(estimate.low) or isnan(estimate.high):
            return
        axis = self._axis
        ends = (min(max(v, axis.low), axis.high) for v in (estimate.low, estimate.high))
        left, right = (self._place(end) for end in ends)
        self._intervals.append([(left, y), (right, y)])
        if estimate.low < axis.low:
            self._arrows.append(_triangle(left, y, ARROW))
        if estimate.high > axis.high:
            self._arrows.append(_triangle(right, y, -ARROW))

    def _place(self, log_or: float) -> float:
        return float(self._axis.place(log_or))


def planted_bar(x: float, y: float) -> Points:
    """A bar at a planted odds ratio, centred at `y`."""
    return [(x, y - PLANTED_HEIGHT / 2), (x, y + PLANTED_HEIGHT / 2)]


def _triangle(tip: float, y: float, length: float) -> Points:
    """An arrow's head, its base `length` to the right of its tip (to the left if negative)."""
    return [(tip, y), (tip + length, y - abs(length) / 2), (tip + length, y + abs(length) / 2)]
