"""The marks of the figures of lengths, and their samples in the legend."""

from __future__ import annotations

from collections.abc import Callable

from genopool.figures import theme
from genopool.figures.page import Page, Points

_MARK = 2.1
_SAMPLE = 11.0
Mark = Callable[[Page, Points, str], None]


def line(color: str, dashes: str = "-", width: float = 1.3) -> Mark:
    """A piece of line, for the legend."""

    def draw(page: Page, points: Points, name: str) -> None:
        lines = [[(x - _SAMPLE, y), (x + _SAMPLE, y)] for x, y in points]
        page.lines(name, lines, color, width, dashes)

    return draw


def legend(*marks: Mark) -> Callable[[Page, float, float, float], None]:
    def draw(page: Page, left: float, right: float, y: float) -> None:
        for mark in marks:
            mark(page, [((left + right) / 2, y)], "legend")

    return draw


def band(page: Page, points: Points, name: str) -> None:
    """A piece of band, for the legend."""
    areas = [
        [(x - _SAMPLE, y - 4), (x + _SAMPLE, y - 4), (x + _SAMPLE, y + 4), (x - _SAMPLE, y + 4)]
        for x, y in points
    ]
    page.areas(name, areas, theme.BAND)


def dots(page: Page, points: Points, name: str) -> None:
    areas = [_octagon(x, y, _MARK + 0.3) for x, y in points]
    page.areas(name, areas, theme.DIAMOND_OVERALL)


def squares(page: Page, points: Points, name: str) -> None:
    areas = [_square(x, y, _MARK) for x, y in points]
    page.areas(name, areas, theme.PAPER, theme.PREDICTION, 1.0)


def diamonds(page: Page, points: Points, name: str) -> None:
    half = _MARK + 1.6
    areas = [[(x - half, y), (x, y - half), (x + half, y), (x, y + half)] for x, y in points]
    page.areas(name, areas, theme.PAPER, theme.INK, 1.0)


def _octagon(x: float, y: float, r: float) -> Points:
    s = 0.4142 * r
    return [
        (x - r, y - s), (x - s, y - r), (x + s, y - r), (x + r, y - s),
        (x + r, y + s), (x + s, y + r), (x - s, y + r), (x - r, y + s),
    ]  # fmt: skip


def _square(x: float, y: float, half: float) -> Points:
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


def arrow(x: float, tip: float, length: float) -> Points:
    """An arrow's head, its base `length` above its tip (below if negative)."""
    half = abs(length) / 2
    return [(x, tip), (x - half, tip - length), (x + half, tip - length)]
