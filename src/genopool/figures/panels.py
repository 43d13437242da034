"""Small panels of one measure by length, side by side, on a page with a title and a caption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from genopool.figures import theme
from genopool.figures.captions import MISSING_GLYPHS
from genopool.figures.page import Page, Points
from genopool.figures.text import clean, face, width, wrapped

MARGIN = 13.0
BOLD = "bold"
_PANEL_WIDTH, _WIDE = 236.0, 400.0
PANEL_HEIGHT = 124.0
_BETWEEN = 16.0
_AXIS_LABELS = 30.0
_INSET = 9.0
_BELOW = 16.0
_LEGEND_MARK = 22.0
_TITLE_OF_AXIS = {"size": theme.SMALL, "color": theme.MUTED}


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what stands there; the label may be empty."""

    value: float
    label: str


@dataclass(frozen=True)
class Key:
    """A line of the legend: what it says, and a function that draws its mark.

    The function takes the page, the left and right end of the mark, and its height.
    """

    text: str
    draw: Callable[[Page, float, float, float], None]


@dataclass(frozen=True)
class Area:
    """The plotting area of a panel: places in points from lengths and values."""

    left: float
    top: float
    width: float
    height: float
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, value: float) -> float:
        low, high = self.x_limits
        return self.left + _INSET + (value - low) / ((high - low) or 1) * (self.width - 2 * _INSET)

    def y(self, value: float) -> float:
        low, high = self.y_limits
        return self.bottom - (value - low) / (high - low) * self.height


@dataclass(frozen=True)
class Panel:
    """A panel: its heading, a line below it, and what draws its contents."""

    title: str
    note: str
    draw: Callable[[Page, Area], None]


def panels_figure(
    panels: Sequence[Panel],
    *,
    title: str,
    subtitle: str,
    paragraphs: Sequence[str],
    keys: Sequence[Key],
    x_title: str,
    y_title: str,
    x_ticks: Sequence[Tick],
    y_ticks: Sequence[Tick],
    y_limits: tuple[float, float],
) -> Figure:
    """Set panels on a page, two beside each other, all with the same axes.

    Parameters
    ----------
    panels : sequence of Panel
    title, subtitle : str
    paragraphs : sequence of str
        The caption.
    keys : sequence of Key
        The legend.
    x_title, y_title : str
        What the axes measure.
    x_ticks, y_ticks : sequence of Tick
        Labels on the axis of lengths that would touch are left out, the first one kept.
    y_limits : tuple of float

    Returns
    -------
    Figure
        As high as its text needs. Its label is its title.
    """
    with theme.settings():
        page = Page()
        across = min(2, len(panels))
        panel_width = _WIDE if across == 1 else _PANEL_WIDTH
        right = MARGIN + across * (_AXIS_LABELS + panel_width) + (across - 1) * _BETWEEN
        room = (right - MARGIN) / theme.SLACK
        y = _lines(page, wrapped(clean(title), theme.TITLE, room, BOLD), MARGIN, theme.TITLE, BOLD)
        y = _lines(page, wrapped(clean(subtitle), theme.SIZE, room), y, theme.SIZE, "normal")
        y = _legend(page, keys, y + 4, right)
        y = _small(page, [clean(y_title)], y + 4, theme.MUTED)
        limits = (min(t.value for t in x_ticks), max(t.value for t in x_ticks))
        for start in range(0, len(panels), across):
            row = panels[start : start + across]
            heads = [_head(panel, panel_width) for panel in row]
            top = y + 4 + max(map(len, heads)) * theme.LINE + 4
            for i, (panel, head) in enumerate(zip(row, heads, strict=True)):
                left = MARGIN + _AXIS_LABELS + i * (panel_width + _AXIS_LABELS + _BETWEEN)
                for place, (line, weight) in enumerate(reversed(head)):
                    size = theme.SIZE if weight == BOLD else theme.SMALL
                    color = theme.INK if weight == BOLD else theme.MUTED
                    baseline = top - 6 - place * theme.LINE
                    page.write(left, baseline, line, weight=weight, size=size, color=color)
                area = Area(left, top, panel_width, PANEL_HEIGHT, limits, y_limits)
                _axes(page, area, x_ticks, y_ticks)
                panel.draw(page, area)
                if start + across >= len(panels):
                    middle, below = left + panel_width / 2, area.bottom + _BELOW + 6
                    page.write(middle, below, clean(x_title), **_TITLE_OF_AXIS, align="center")
            y = top + PANEL_HEIGHT + _BELOW
        y += 14
        page.lines("rules", [[(MARGIN, y), (right, y)]], theme.RULE, 0.6)
        said = [clean(paragraph) for paragraph in paragraphs if paragraph]
        if page.lacks_glyphs() or not all(map(face("normal").has, said)):
            said.append(MISSING_GLYPHS)
        y += 5
        for paragraph in said:
            y = _small(page, wrapped(paragraph, theme.SMALL, room), y, theme.INK) + 1.5
        return page.figure(right + MARGIN, y + MARGIN - 4, clean(title))


def _lines(page: Page, lines: Sequence[str], y: float, size: float, weight: str) -> float:
    color = theme.INK if weight == BOLD else theme.MUTED
    for line in lines:
        page.write(MARGIN, y + size * 0.85, line, size=size, weight=weight, color=color)
        y += size * 1.32
    return y


def _small(page: Page, lines: Sequence[str], y: float, color: str) -> float:
    for line in lines:
        y += theme.SMALL_LINE
        page.write(MARGIN, y - 0.25 * theme.SMALL_LINE, line, size=theme.SMALL, color=color)
    return y


def _head(panel: Panel, room: float) -> list[tuple[str, str]]:
    """The lines above a panel, with their weights."""
    room /= theme.SLACK
    title = [(line, BOLD) for line in wrapped(clean(panel.title), theme.SIZE, room, BOLD)]
    return title + [(line, "normal") for line in wrapped(clean(panel.note), theme.SMALL, room)]


def _legend(page: Page, keys: Sequence[Key], y: float, right: float) -> float:
    x = MARGIN
    for key in keys:
        wide = theme.SLACK * width(clean(key.text), theme.SMALL)
        if x > MARGIN and x + _LEGEND_MARK + 5 + wide > right:
            x, y = MARGIN, y + theme.LINE
        key.draw(page, x, x + _LEGEND_MARK, y + 6)
        page.write(x + _LEGEND_MARK + 5, y + 8.7, clean(key.text), size=theme.SMALL)
        x += _LEGEND_MARK + 5 + wide + 14
    return y + theme.LINE


def _axes(page: Page, area: Area, x_ticks: Sequence[Tick], y_ticks: Sequence[Tick]) -> None:
    ticks: list[Points] = []
    grid: list[Points] = []
    for tick in y_ticks:
        y = area.y(tick.value)
        grid.append([(area.left, y), (area.right, y)])
        page.write(area.left - 4, y + 2.6, tick.label, size=theme.SMALL, align="right")
    end = float("-inf")
    for tick in x_ticks:
        x = area.x(tick.value)
        ticks.append([(x, area.bottom), (x, area.bottom + 3)])
        half = theme.SLACK * width(tick.label, theme.SMALL) / 2
        if x - half > end + 2:
            page.write(x, area.bottom + 11.5, tick.label, size=theme.SMALL, align="center")
            end = x + half
    page.lines("grid", grid, theme.GRID, 0.5)
    page.lines(
        "axis", [*ticks, [(area.left, area.bottom), (area.right, area.bottom)]], theme.INK, 0.8
    )
