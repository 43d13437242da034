"""A table of estimates beside their places on an axis of odds ratios, set on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import isnan, log

from matplotlib.figure import Figure

from genopool.figures import theme, wording
from genopool.figures.captions import MISSING_GLYPHS
from genopool.figures.forest_layout import BOLD, MARGIN, Columns, label_lines
from genopool.figures.forest_marks import Marks
from genopool.figures.forest_rows import Estimate
from genopool.figures.odds_axis import tick_label
from genopool.figures.page import Page, Points
from genopool.figures.text import face, width, wrapped

AXIS_HEIGHT = 27.0
RULE_WIDTH = 0.8  # of the axis and of the line under the headings
HALF_CAPITAL = 0.365  # of the type size, in DejaVu Sans
_APART = 3.0  # between rows, for each line of a label after its first


class Sheet:
    """What all forest plots are set with; each method begins at a height and returns the next.

    Parameters
    ----------
    columns : Columns
    largest_area : float
        Of the largest square, on the scale of `Estimate.area`.
    """

    def __init__(self, columns: Columns, largest_area: float = 1.0) -> None:
        self.columns = columns
        self.marks = Marks(columns.axis, largest_area)
        self.page = Page()

    def figure(self, y: float, title: str) -> Figure:
        """The page, its text ending at `y`."""
        return self.page.figure(self.columns.page, y + MARGIN - 4, title)

    def title(self, title: str, subtitle: str, y: float) -> float:
        """The title in bold and a line below it."""
        room = (self.columns.right - MARGIN) / theme.SLACK
        for line in wrapped(title, theme.TITLE, room, BOLD):
            self.page.write(MARGIN, y + theme.TITLE * 0.8, line, size=theme.TITLE, weight=BOLD)
            y += theme.TITLE * 1.3
        for line in wrapped(subtitle, theme.SIZE, room):
            self.page.write(MARGIN, y + theme.SIZE * 0.85, line, color=theme.MUTED)
            y += theme.LINE
        return y

    def estimate_headings(self, baseline: float, interval: str) -> None:
        """Headings of the axis and of the odds ratios and intervals beside it."""
        place = self.columns
        middle = place.axis.left + place.axis.width / 2
        for x, text, align in (
            (middle, "Odds ratio", "center"),
            (place.odds, "OR", "right"),
            (place.interval, interval, "right"),
        ):
            self.page.write(x, baseline, text, weight=BOLD, align=align)

    def row(
        self,
        estimate: Estimate,
        y: float,
        mark: Callable[[Estimate, float], None],
        last: Sequence[str] = (),
        weight: str = "normal",
    ) -> float:
        """An estimate: its line of the table, the cells after the interval, and its mark."""
        place = self.columns
        lines = label_lines(estimate.label, weight)
        height = theme.ROW + (len(lines) - 1) * (theme.LINE + _APART)
        first = y + (len(lines) - 1) * _APART / 2
        for i, line in enumerate(lines):
            self.page.write(place.label, baseline(first + i * theme.LINE), line, weight=weight)
        level = baseline(y, height)
        for x, cell in zip(place.counts, estimate.counts, strict=True):
            self.page.write(x, level, cell, weight=weight, align="right")
        self.numbers(estimate, level, weight)
        for x, cell in zip(place.last, last, strict=True):
            self.page.write(x, level, cell, weight=weight, align="right")
        mark(estimate, y + height / 2)
        return y + height

    def numbers(self, estimate: Estimate, level: float, weight: str) -> None:
        """The odds ratio and its interval."""
        limits = wording.interval(estimate.low, estimate.high)
        self.page.write(self.columns.interval, level, limits, weight=weight, align="right")
        if not isnan(estimate.log_or):
            odds = wording.odds_ratio(estimate.log_or)
            self.page.write(self.columns.odds, level, odds, weight=weight, align="right")

    def axis(self, top: float, bottom: float, overall: Estimate | None) -> None:
        """The axis at `bottom`, and lines from `top` at 1 and at the `overall` odds ratio."""
        axis, page = self.columns.axis, self.page
        one = float(axis.place(0.0))
        page.lines("no effect", [[(one, top), (one, bottom)]], theme.RULE, 0.8)
        if overall and axis.low < overall.log_or < axis.high:
            x = float(axis.place(overall.log_or))
            page.lines("overall", [[(x, top), (x, bottom)]], theme.DIAMOND_OVERALL, 0.7, "--")
        lines: list[Points] = [[(axis.left, bottom), (axis.left + axis.width, bottom)]]
        for odds in axis.ticks(lambda label: theme.SLACK * width(label, theme.SMALL), gap=5.0):
            x = float(axis.place(log(odds)))
            lines.append([(x, bottom), (x, bottom + 3)])
            page.write(x, bottom + 11.5, tick_label(odds), size=theme.SMALL, align="center")
        page.lines("axis", lines, theme.INK, RULE_WIDTH)
        for x, text, align in (
            (one - 6, "← lower odds", "right"),
            (one + 6, "higher odds →", "left"),
        ):
            page.write(x, bottom + 23, text, size=theme.SMALL, color=theme.MUTED, align=align)

    def band(self, top: float, bottom: float, overall: Estimate) -> None:
        """A band over the `overall` interval, between rules and behind what is drawn after it."""
        axis = self.columns.axis
        low, high = max(overall.low, axis.low), min(overall.high, axis.high)
        if low < high:
            left, right = (float(axis.place(end)) for end in (low, high))
            top, bottom = top + RULE_WIDTH / 2, bottom - RULE_WIDTH / 2
            shape = [(left, top), (right, top), (right, bottom), (left, bottom)]
            self.page.areas("overall interval", [shape], theme.GRID)

    def notes(self, lines: Iterable[str], y: float) -> float:
        """Small lines left of the axis."""
        for note in lines:
            for line in wrapped(note, theme.SMALL, self.columns.note_width):
                y += theme.SMALL_LINE
                self._small(line, y, theme.MUTED)
        return y

    def paragraphs(self, paragraphs: tuple[str, ...], y: float) -> float:
        """The caption, over the width of the page."""
        room = (self.columns.right - MARGIN) / theme.SLACK
        if self.page.lacks_glyphs() or not all(map(face("normal").has, paragraphs)):
            paragraphs += (MISSING_GLYPHS,)
        for paragraph in paragraphs:
            for line in wrapped(paragraph, theme.SMALL, room):
                y += theme.SMALL_LINE
                self._small(line, y, theme.INK)
            y += 1.5
        return y

    def rule(self, y: float, color: str, thickness: float) -> None:
        """A line across the page."""
        self.page.lines("rules", [[(MARGIN, y), (self.columns.right, y)]], color, thickness)

    def _small(self, line: str, bottom: float, color: str) -> None:
        level = bottom - 0.25 * theme.SMALL_LINE
        self.page.write(MARGIN, level, line, size=theme.SMALL, color=color)


def baseline(y: float, height: float = theme.ROW) -> float:
    """The baseline of text centred in a row that begins at `y`."""
    return y + height / 2 + HALF_CAPITAL * theme.SIZE
