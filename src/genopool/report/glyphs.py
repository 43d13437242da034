"""Small odds ratios with their intervals, drawn in a table's row on one common log scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

_WIDTH, _MARGIN = 120.0, 10.0
_HEIGHT, _HEIGHT_OF_TWO = 18.0, 24.0
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True)
class Scale:
    """A log axis from `low` to `high`, odds ratios."""

    low: float
    high: float

    def x(self, ratio: float) -> float:
        share = math.log(ratio / self.low) / math.log(self.high / self.low)
        return _MARGIN + (_WIDTH - 2 * _MARGIN) * share


def scale(intervals: Iterable[tuple[float, float, float]]) -> Scale:
    """A scale on which every estimate lies; intervals may be clipped.

    A single study can have an interval of many orders of magnitude, which would press everything
    else together: the axis ends at the ticks that hold all estimates and most of the limits.
    """
    intervals = list(intervals)
    limits = sorted(abs(math.log(v)) for _, low, high in intervals for v in (low, high) if v > 0)
    most = limits[int(0.85 * (len(limits) - 1))] if limits else 0.0
    estimates = [abs(math.log(ratio)) for ratio, _, _ in intervals if ratio > 0]
    reach = max([math.log(2), min(most, math.log(50)), *estimates])
    high = next((tick for tick in _TICKS if tick > 1 and math.log(tick) >= reach), math.exp(reach))
    return Scale(1 / high, high)


def axis(on: Scale) -> Markup:
    """The heading of the column: the ends of the axis and 1."""
    parts = []
    for value in (on.low, 1.0, on.high):
        label = f"{value:.2g}"
        parts.append(f'<text x="{on.x(value):.1f}" y="12">{label}</text>')
    return Markup('<span class="vh">Drawn on a log scale</span>') + _svg(
        "axis", "".join(parts), _HEIGHT
    )


def mark(on: Scale, *estimates: tuple[float, float, float], styles: tuple[str, ...] = ()) -> Markup:
    """One line and square for each estimate (odds ratio, lower and upper limit)."""
    height = _HEIGHT if len(estimates) < 2 else _HEIGHT_OF_TWO
    parts = [f'<path class="one" d="M{on.x(1.0):.1f} 0V{height:.0f}"/>']
    step = height / (len(estimates) + 1)
    for index, (ratio, low, high) in enumerate(estimates):
        y = step * (index + 1)
        style = styles[index] if index < len(styles) else "ours"
        x1, x2 = on.x(max(low, on.low)), on.x(min(high, on.high))
        line = f"M{x1:.1f} {y:.1f}H{x2:.1f}"
        if low < on.low:
            line += f"M{x1 + 4:.1f} {y - 3:.1f}l-4 3l4 3"
        if high > on.high:
            line += f"M{x2 - 4:.1f} {y - 3:.1f}l4 3l-4 3"
        parts.append(f'<path class="{style}" d="{line}"/>')
        if on.low <= ratio <= on.high:
            parts.append(
                f'<rect class="{style}" x="{on.x(ratio) - 3:.1f}" y="{y - 3:.1f}" '
                'width="6" height="6"/>'
            )
    return _svg("glyph", "".join(parts), height)


def _svg(style: str, inside: str, height: float) -> Markup:
    # The numbers stand in the row's own cells: for screen readers the drawing adds nothing.
    return Markup(
        f'<svg class="{style}" width="{_WIDTH:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {_WIDTH:.0f} {height:.0f}" aria-hidden="true">{inside}</svg>'
    )
