"""The marks of figures of panels, and their samples in the legend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from typing import TYPE_CHECKING

import numpy as np

from genopool.figures import theme
from genopool.figures.clipping import Box, clipped_area
from genopool.figures.page import Page, Points

if TYPE_CHECKING:
    from genopool.figures.axes import Area

RADIUS = 2.7
_SAMPLE = 11.0
_SIDES_OF_CIRCLE = 24
_FEW = 25
Sample = Callable[[Page, Points, str], None]


def _regular(corners: int, turn: float, inner: float = 1.0) -> np.ndarray:
    """Corners on a circle, every second one at `inner` of its radius; of area pi."""
    angles = 2 * pi * np.arange(corners) / corners + turn
    radii = np.where(np.arange(corners) % 2, inner, 1.0)
    shape = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    return shape * sqrt(pi / _area(shape))


def _area(shape: np.ndarray) -> float:
    x, y = shape.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _plus() -> np.ndarray:
    """An upright cross, its arms a third of its width."""
    arm = np.array([(1, 3), (1, 1), (3, 1), (3, -1)], dtype=float)
    turns = [np.array([[cos(a), sin(a)], [-sin(a), cos(a)]]) for a in np.arange(4) * pi / 2]
    shape = np.concatenate([arm[:3] @ turn.T for turn in turns])
    return shape * sqrt(pi / _area(shape))


_DOWN, _UP = pi / 2, -pi / 2
_TURN = np.array([[1.0, 1.0], [-1.0, 1.0]]) / sqrt(2)
#: Outlines about the origin, all of the area of a circle of radius 1.
SHAPES = {
    "circle": _regular(_SIDES_OF_CIRCLE, 0.0),
    "square": _regular(4, pi / 4),
    "triangle": _regular(3, _UP),
    "diamond": _regular(4, 0.0),
    "down": _regular(3, _DOWN),
    "plus": _plus(),
    "star": _regular(10, _UP, 0.45),
    "cross": _plus() @ _TURN,
}


@dataclass(frozen=True)
class Look:
    """How a mark looks: its shape, a name of `SHAPES`, its fill and its edge."""

    shape: str
    fill: str
    edge: str = theme.PAPER
    width: float = 0.5


#: Of strata, in their order; each differs from the others in shape and its neighbours in lightness.
STRATA = (
    Look("circle", theme.DIAMOND_OVERALL),
    Look("square", theme.PREDICTION),
    Look("triangle", theme.SQUARE, theme.DIAMOND_OVERALL),
    Look("diamond", theme.PLANTED),
    Look("down", theme.INK),
    Look("plus", theme.DIAMOND, theme.INK),
    Look("star", theme.PREDICTION, theme.INK),
    Look("cross", theme.MUTED),
)
OPEN = Look("circle", theme.PAPER, theme.INK, 0.9)
"""Of studies that are not there, such as those that trim and fill adds."""
DOT = Look("circle", theme.DIAMOND_OVERALL)
OPEN_SQUARE = Look("square", theme.PAPER, theme.PREDICTION, 1.0)
OPEN_DIAMOND = Look("diamond", theme.PAPER, theme.INK, 1.0)


def outline(shape: str, x: float, y: float, radius: float = RADIUS) -> Points:
    """The outline of a mark at a place, of the area of a circle of `radius` points."""
    return [(x + radius * float(u), y + radius * float(v)) for u, v in SHAPES[shape]]


def extent(shape: str, x: float, y: float, radius: float = RADIUS) -> Box:
    """The box that a mark takes."""
    left, top = SHAPES[shape].min(axis=0) * radius
    right, bottom = SHAPES[shape].max(axis=0) * radius
    return x + float(left), y + float(top), x + float(right), y + float(bottom)


def radii_of(sizes: np.ndarray, largest: float, smallest: float = 1.6) -> np.ndarray:
    """Radii of marks whose areas are in proportion to `sizes`, smaller where there are many.

    Parameters
    ----------
    sizes : ndarray, shape (marks,)
        Positive.
    largest, smallest : float
        Radii of the largest mark among few, and the least of any, in points.
    """
    crowded = min(1.0, sqrt(_FEW / len(sizes)))
    radii = largest * crowded * np.sqrt(sizes / sizes.max())
    return np.maximum(radii, smallest)


def draw_marks(
    page: Page,
    name: str,
    points: Points,
    look: Look,
    radii: float | Iterable[float] = RADIUS,
    area: Area | None = None,
) -> list[Box]:
    """Draw marks at places on the page, as one artist labelled `name`.

    Parameters
    ----------
    page : Page
    name : str
    points : sequence of (float, float)
        Those with NaN are left out.
    look : Look
    radii : float or iterable of float
        Of circles of the same area, in points, for each place.
    area : Area, optional
        Marks whose centre is outside are left out, and the others cut off at its edges.

    Returns
    -------
    list of Box
        What each mark takes, for placing labels.
    """
    sizes = [radii] * len(points) if isinstance(radii, int | float) else list(radii)
    outlines, boxes = [], []
    for (x, y), radius in zip(points, sizes, strict=True):
        if x != x or y != y or (area is not None and not area.holds((x, y))):
            continue
        mark = outline(look.shape, x, y, radius)
        if area is not None:
            mark = clipped_area(mark, area.box)
        outlines.append(mark)
        boxes.append(extent(look.shape, x, y, radius))
    page.areas(name, outlines, look.fill, look.edge, look.width)
    return boxes


def sample(look: Look, radius: float = RADIUS + 0.3) -> Sample:
    """A mark, for the legend."""

    def draw(page: Page, points: Points, name: str) -> None:
        draw_marks(page, name, points, look, radius)

    return draw


def line(color: str, dashes: str = "-", width: float = 1.3) -> Sample:
    """A piece of line, for the legend."""

    def draw(page: Page, points: Points, name: str) -> None:
        lines = [[(x - _SAMPLE, y), (x + _SAMPLE, y)] for x, y in points]
        page.lines(name, lines, color, width, dashes)

    return draw


def band(fill: str = theme.BAND, edge: str = "none") -> Sample:
    """A piece of band, for the legend."""

    def draw(page: Page, points: Points, name: str) -> None:
        areas = [
            [(x - _SAMPLE, y - 4), (x + _SAMPLE, y - 4), (x + _SAMPLE, y + 4), (x - _SAMPLE, y + 4)]
            for x, y in points
        ]
        page.areas(name, areas, fill, edge, 0.5 if edge != "none" else 0.0)

    return draw


def legend(*samples: Sample) -> Callable[[Page, float, float, float], None]:
    """What a `Key` draws: samples on top of each other."""

    def draw(page: Page, left: float, right: float, y: float) -> None:
        for one in samples:
            one(page, [((left + right) / 2, y)], "legend")

    return draw


def looks(strata: Sequence[str]) -> dict[str, Look]:
    """A look for each stratum; those beyond the last look share it."""
    return {name: STRATA[min(i, len(STRATA) - 1)] for i, name in enumerate(strata)}


def arrow(x: float, tip: float, length: float) -> Points:
    """An arrow's head, its base `length` above its tip (below if negative)."""
    half = abs(length) / 2
    return [(x, tip), (x - half, tip - length), (x + half, tip - length)]


def draw_arrows(page: Page, name: str, points: Points, area: Area, length: float = 5.0) -> None:
    """Draw an arrow at the edge for each place beyond the area, pointing out of it."""
    heads = []
    for x, y in points:
        if x != x or y != y or area.holds((x, y)):
            continue
        inside = min(max(x, area.left), area.right), min(max(y, area.top), area.bottom)
        if x != inside[0]:
            sign = 1 if x > inside[0] else -1
            heads.append(_arrow_across(inside[0], inside[1], sign * length))
        else:
            heads.append(arrow(*inside, length if y > inside[1] else -length))
    page.areas(name, heads, theme.INK)


def _arrow_across(tip: float, y: float, length: float) -> Points:
    """An arrow's head, its base `length` to the left of its tip (to the right if negative)."""
    half = abs(length) / 2
    return [(tip, y), (tip - length, y - half), (tip - length, y + half)]
