"""Figures of panels, each with its own axes, on a page with a title, a legend and a caption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from matplotlib.figure import Figure

from genopool.figures import theme
from genopool.figures.axes import Area, Axis
from genopool.figures.captions import MISSING_GLYPHS
from genopool.figures.page import Page, Points
from genopool.figures.text import clean, face, width, wrapped

MARGIN = 13.0
BOLD = "bold"
PANEL_HEIGHT = 124.0
_WIDTHS = {1: 400.0, 2: 236.0, 3: 158.0}
_BETWEEN = 16.0
_LEAST_LABELS = 24.0
_LABEL_GAP = 4.0
_BELOW = 16.0
_LEGEND_MARK = 22.0
_OF_AXIS = {"size": theme.SMALL, "color": theme.MUTED}
_Head: TypeAlias = "tuple[str, dict[str, Any]]"


@dataclass(frozen=True)
class Key:
    """A line of the legend: what it says, and a function that draws its mark.

    The function takes the page, the left and right end of the mark, and its height.
    """

    text: str
    draw: Callable[[Page, float, float, float], None]


@dataclass(frozen=True)
class Panel:
    """A panel of a figure.

    Parameters
    ----------
    title : str
        Its heading, in bold; may be empty.
    note : str
        A line below the heading; may be empty.
    x, y : Axis
        Below and at the left.
    draw : callable
        Draws the contents on a page and an area; called after the axes are drawn.
    height : float
        Of the plotting area, in points.
    right : Axis, optional
        A further vertical axis at the right, with a short title.
    """

    title: str
    note: str
    x: Axis
    y: Axis
    draw: Callable[[Page, Area], None]
    height: float = PANEL_HEIGHT
    right: Axis | None = None


def plot_figure(
    panels: Sequence[Panel],
    *,
    title: str,
    subtitle: str,
    paragraphs: Sequence[str],
    keys: Sequence[Key] = (),
    columns: int = 2,
    panel_width: float | None = None,
) -> Figure:
    """Set panels on a page, row by row.

    The title of an axis is written once where panels beside or below each other share it.

    Parameters
    ----------
    panels : sequence of Panel
    title, subtitle : str
    paragraphs : sequence of str
        The caption.
    keys : sequence of Key
        The legend.
    columns : int
        Panels beside each other, at most.
    panel_width : float, optional
        Width of each plotting area, in points.

    Returns
    -------
    Figure
        As high as its text needs. Its label is its title.
    """
    with theme.settings():
        page = Page()
        grid = _Grid(panels, min(columns, len(panels)), panel_width)
        right = grid.ends[-1]
        room = (right - MARGIN) / theme.SLACK
        y = _lines(page, wrapped(clean(title), theme.TITLE, room, BOLD), MARGIN, theme.TITLE, BOLD)
        y = _lines(page, wrapped(clean(subtitle), theme.SIZE, room), y, theme.SIZE, "normal")
        if keys:
            y = _legend(page, keys, y + 4, right)
        y = grid.draw(page, y)
        page.lines("rules", [[(MARGIN, y), (right, y)]], theme.RULE, 0.6)
        said = [clean(paragraph) for paragraph in paragraphs if paragraph]
        if page.lacks_glyphs() or not all(map(face("normal").has, said)):
            said.append(MISSING_GLYPHS)
        y += 5
        for paragraph in said:
            for line in wrapped(paragraph, theme.SMALL, room):
                y += theme.SMALL_LINE
                page.write(MARGIN, y - 0.25 * theme.SMALL_LINE, line, size=theme.SMALL)
            y += 1.5
        return page.figure(right + MARGIN, y + MARGIN - 4, clean(title))


def _lines(page: Page, lines: Sequence[str], y: float, size: float, weight: str) -> float:
    color = theme.INK if weight == BOLD else theme.MUTED
    for line in lines:
        page.write(MARGIN, y + size * 0.85, line, size=size, weight=weight, color=color)
        y += size * 1.32
    return y


def _legend(page: Page, keys: Sequence[Key], y: float, right: float) -> float:
    x = MARGIN
    room = (right - MARGIN - _LEGEND_MARK - 5) / theme.SLACK
    for key in keys:
        lines = wrapped(clean(key.text), theme.SMALL, room)
        wide = theme.SLACK * max(width(line, theme.SMALL) for line in lines)
        if x > MARGIN and x + _LEGEND_MARK + 5 + wide > right:
            x, y = MARGIN, y + theme.LINE
        key.draw(page, x, x + _LEGEND_MARK, y + 6)
        for i, line in enumerate(lines):
            baseline = y + 8.7 + i * theme.LINE
            page.write(x + _LEGEND_MARK + 5, baseline, line, size=theme.SMALL)
        x += _LEGEND_MARK + 5 + wide + 14
        y += (len(lines) - 1) * theme.LINE
    return y + theme.LINE


class _Grid:
    """Panels in rows and columns; each column as wide as the labels of its axes need."""

    def __init__(self, panels: Sequence[Panel], columns: int, panel_width: float | None) -> None:
        self.panels, self.columns = panels, columns
        self.width = panel_width or _WIDTHS[min(columns, max(_WIDTHS))]
        self.starts, self.lefts, self.ends = [], [], []
        x = MARGIN
        for i in range(columns):
            column = panels[i::columns]
            self.starts.append(x)
            x += max(_LEAST_LABELS, *(_labels_width(p.y, p.height) for p in column))
            self.lefts.append(x)
            beyond = [_labels_width(p.right, p.height) for p in column if p.right]
            over = (_overhang(p.x, self.width) - MARGIN / 2 for p in column)
            x += self.width + max(0.0, *over, *beyond)
            self.ends.append(x)
            x += _BETWEEN

    def draw(self, page: Page, y: float) -> float:
        """Draw all rows below `y`; the height where the last ends."""
        for start in range(0, len(self.panels), self.columns):
            row = range(start, min(start + self.columns, len(self.panels)))
            heads = [self._head(i) for i in row]
            measures = [self._y_titles(i) for i in row]
            for lines in (heads, measures):
                _make_even(lines)
            heads = [[*head, *measured] for head, measured in zip(heads, measures, strict=True)]
            top = y + 8 + max(map(len, heads)) * theme.LINE
            y = max(self._panel(page, i, top, head) for i, head in zip(row, heads, strict=True))
            y += 6
        return y + 4

    def _panel(self, page: Page, i: int, top: float, head: Sequence[_Head]) -> float:
        panel, column = self.panels[i], i % self.columns
        first = top - 6 - (len(head) - 1) * theme.LINE
        for down, (line, style) in enumerate(head):
            page.write(self.starts[column], first + down * theme.LINE, line, **style)
        area = Area(self.lefts[column], top, self.width, panel.height, panel.x, panel.y)
        _grid_lines(page, area)
        panel.draw(page, area)
        # Axes stand on what fills the area up to its edges.
        if panel.right is not None:
            self._right_axis(page, i, area, panel.right)
        _y_axis(page, area, area.y_axis, area.left, -1)
        x_axis(page, area)
        labelled = panel.x.ticks is None or any(tick.label for tick in panel.x.ticks)
        y = area.bottom + (_BELOW if labelled else 4)
        below = i + self.columns
        if below < len(self.panels) and self.panels[below].x.title == panel.x.title:
            return y
        for line in self._wrapped(panel.x.title, column):
            y += theme.SMALL_LINE
            middle = area.left + area.width / 2
            page.write(middle, y - 2, line, size=theme.SMALL, color=theme.MUTED, align="center")
        return y

    def _right_axis(self, page: Page, i: int, area: Area, axis: Axis) -> None:
        of_axis = replace(area, y_axis=axis)
        _y_axis(page, of_axis, axis, area.right, 1)
        end = self.ends[i % self.columns]
        page.write(end, area.top - 6, clean(axis.title), **_OF_AXIS, align="right")

    def _head(self, i: int) -> list[_Head]:
        """The heading and the note of a panel, with their looks."""
        panel, column = self.panels[i], i % self.columns
        heading = self._wrapped(panel.title, column, theme.SIZE, BOLD)
        note = self._wrapped(panel.note, column)
        return [*((line, {"weight": BOLD}) for line in heading), *((n, _OF_AXIS) for n in note)]

    def _y_titles(self, i: int) -> list[_Head]:
        """What the vertical axes measure; nothing where the panel at the left says it."""
        panel, column = self.panels[i], i % self.columns
        beside = self.panels[i - 1] if column else None
        title = "" if beside and beside.y.title == panel.y.title else panel.y.title
        lines: list[_Head] = [(line, _OF_AXIS) for line in self._wrapped(title, column)]
        return lines or ([("", _OF_AXIS)] if panel.right else [])

    def _wrapped(
        self, text: str, column: int, size: float = theme.SMALL, weight: str = "normal"
    ) -> list[str]:
        room = (self.ends[column] - self.starts[column]) / theme.SLACK
        return wrapped(clean(text), size, room, weight) if text else []


def _make_even(columns: Sequence[list[_Head]]) -> None:
    """Blank lines below the shorter of some columns of lines."""
    deepest = max(map(len, columns))
    for lines in columns:
        lines += [("", _OF_AXIS)] * (deepest - len(lines))


def _labels_width(axis: Axis, height: float) -> float:
    labels = (tick.label for tick in axis.placed_ticks(height, across=False))
    return max((theme.SLACK * width(n, theme.SMALL) for n in labels), default=0.0) + _LABEL_GAP + 3


def _overhang(axis: Axis, length: float) -> float:
    """How far the labels of an axis across reach beyond its end."""
    ends = (
        float(axis.share(tick.value)) * length + theme.SLACK * width(tick.label, theme.SMALL) / 2
        for tick in axis.placed_ticks(length, across=True)
    )
    return max(ends, default=0.0) - length


def _grid_lines(page: Page, area: Area) -> None:
    """Lines across the area at the ticks of the axes that ask for them."""
    x, y = area.x_axis, area.y_axis
    lines: list[Points] = []
    if y.grid:
        places = (area.y(tick.value) for tick in y.placed_ticks(area.height, across=False))
        lines += [[(area.left, place), (area.right, place)] for place in places]
    if x.grid:
        places = (area.x(tick.value) for tick in x.placed_ticks(area.width, across=True))
        lines += [[(place, area.top), (place, area.bottom)] for place in places]
    page.lines("grid", lines, theme.GRID, 0.5)


def _y_axis(page: Page, area: Area, axis: Axis, x: float, side: int) -> None:
    """The vertical axis at `x`, its labels at the left (`side` -1) or right (1)."""
    has_line = axis.line and not axis.grid
    ticks: list[Points] = []
    for tick in axis.placed_ticks(area.height, across=False):
        y = area.y(tick.value)
        ticks.append([(x, y), (x + 3 * side, y)])
        gap = _LABEL_GAP + (1.5 if has_line else 0)
        align = "right" if side < 0 else "left"
        page.write(x + side * gap, y + 2.6, tick.label, size=theme.SMALL, align=align)
    if has_line:
        name = "y axis" if side < 0 else "right axis"
        page.lines(name, [[(x, area.top), (x, area.bottom)], *ticks], theme.INK, 0.8)


def x_axis(page: Page, area: Area) -> None:
    axis, bottom = area.x_axis, area.bottom
    ticks: list[Points] = []
    end = float("-inf")
    for tick in sorted(axis.placed_ticks(area.width, across=True), key=lambda t: area.x(t.value)):
        x = area.x(tick.value)
        ticks.append([(x, bottom), (x, bottom + 3)])
        half = theme.SLACK * width(tick.label, theme.SMALL) / 2
        if x - half > end + 2:
            page.write(x, bottom + 11.5, tick.label, size=theme.SMALL, align="center")
            end = x + half
    if axis.line:
        page.lines("axis", [[(area.left, bottom), (area.right, bottom)], *ticks], theme.INK, 0.8)
