"""The logarithmic axis of odds ratios: how far it reaches and where its ticks stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray

FURTHEST = np.log(1000.0)
"""The axis never reaches beyond odds ratios of 1/1000 and 1000."""
_SHOWN_WHOLE = np.log(20.0)
_CUT_BACK = np.log(4.0)
_LEAST = np.log(1.25)
_LEAST_SHARE = 0.3
_BARE = np.log(1.5)  # a set of ticks may end this far from the end of the axis
_DECADES = 10.0 ** np.arange(-3, 4)
_TICKS = (
    (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5, 1.75, 2),
    (0.25, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 4),
    (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4),
    tuple(np.outer(_DECADES, (1, 2, 5)).ravel()),
    (0.001, 0.01, 0.1, 0.5, 1, 2, 10, 100, 1000),
    tuple(_DECADES),
    (0.001, 0.1, 1, 10, 1000),
    (0.001, 1, 1000),
)


@dataclass(frozen=True, slots=True)
class OddsAxis:
    """Places log odds ratios on a page.

    Parameters
    ----------
    low, high : float
        The ends, as log odds ratios.
    left, width : float
        Where it lies on the page, in points.
    """

    low: float
    high: float
    left: float
    width: float

    def place(self, log_or: ArrayLike) -> NDArray[np.float64]:
        """Distance from the page's left edge, in points."""
        share = (np.asarray(log_or, dtype=float) - self.low) / (self.high - self.low)
        return self.left + share * self.width

    def ticks(self, label_width: Callable[[str], float], gap: float, most: int = 8) -> list[float]:
        """Odds ratios for ticks: the finest plain set whose labels keep `gap` points apart.

        Parameters
        ----------
        label_width : callable
            Width of a label in points.
        gap : float
            Least distance between labels, in points.
        most : int
            No more ticks than this.
        """
        for candidates in _TICKS:
            inside = [
                float(t) for t in candidates if self.low - 1e-9 <= np.log(t) <= self.high + 1e-9
            ]
            places = self.place(np.log(inside))
            halves = np.array([label_width(tick_label(t)) / 2 for t in inside])
            room = np.diff(places) - halves[1:] - halves[:-1]
            reaches = (
                log(candidates[0]) < self.low + _BARE and log(candidates[-1]) > self.high - _BARE
            )
            if reaches and len(inside) <= most and np.all(room >= gap):
                return inside
        return [1.0]


def tick_label(odds: float) -> str:
    """``0.5``, ``1``, ``1000``: never an exponent."""
    return f"{odds:.3f}".rstrip("0").rstrip(".")


def axis_limits(estimates: ArrayLike, lows: ArrayLike, highs: ArrayLike) -> tuple[float, float]:
    """How far the axis reaches, as log odds ratios.

    All of every interval is shown if that lies within odds ratios of 1/20 and 20. Beyond, the axis
    goes as far as every estimate and four fifths of the intervals need, and at least to 1/4 or 4,
    since one study with a limit of 400 would otherwise squeeze the rest into a point; intervals
    that go on are drawn with an arrow. 1 is always well inside.

    Parameters
    ----------
    estimates, lows, highs : array_like
        Log odds ratios of all that is drawn. NaN is ignored.
    """
    estimates, lows, highs = (np.asarray(a, dtype=float) for a in (estimates, lows, highs))
    below = _reach(-estimates, -lows)
    above = _reach(estimates, highs)
    # 1 stays away from the ends, so that both sides can be labelled.
    share = _LEAST_SHARE / (1 - _LEAST_SHARE)
    return -max(below, share * above), max(above, share * below)


def _reach(estimates: NDArray[np.float64], limits: NDArray[np.float64]) -> float:
    limits = limits[np.isfinite(limits)]
    estimates = estimates[np.isfinite(estimates)]
    if not len(limits):
        return _LEAST
    furthest = max(limits.max(), _LEAST)
    if furthest > _SHOWN_WHOLE:
        needed = max(_CUT_BACK, np.quantile(limits, 0.8), 1.1 * estimates.max(initial=0.0))
        furthest = min(furthest, needed, FURTHEST)
    return 1.03 * furthest
