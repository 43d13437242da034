"""Forest plots: a table of studies beside their odds ratios on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite, isnan, log
from typing import TYPE_CHECKING, TypeAlias

from matplotlib.figure import Figure

from genopool.figures import theme, wording
from genopool.figures.captions import MISSING_GLYPHS, caption
from genopool.figures.forest_analysis import Analysis, Record
from genopool.figures.forest_layout import (
    BOLD,
    MARGIN,
    STRATIFIED_WEIGHTS,
    columns,
    heading_lines,
    label_lines,
)
from genopool.figures.forest_marks import PLANTED_HEIGHT, PLANTED_WIDTH, Marks, planted_bar
from genopool.figures.forest_rows import Block, Estimate, rows
from genopool.figures.odds_axis import tick_label
from genopool.figures.page import Page, Points
from genopool.figures.questions import Question
from genopool.figures.text import face, width, wrapped

if TYPE_CHECKING:
    import pandas as pd

Table: TypeAlias = "pd.DataFrame | Iterable[Record]"

_BLOCK_GAP = 6.0
_APART = 3.0  # between rows, for each line of a label after its first
_AXIS_HEIGHT = 27.0
_HALF_CAPITAL = 0.365  # of the type size, in DejaVu Sans


def forest_plot(
    effects: Table,
    pooled: Table,
    strata: Table,
    *,
    stratifier: str,
    question: Question,
    level: float = 0.95,
    planted: Mapping[tuple[str, str], float] | None = None,
) -> Figure:
    """Draw the forest plot of one locus, effect allele and model by one stratifier.

    Parameters
    ----------
    effects, pooled, strata : DataFrame, or iterable of mapping
        Rows of the result tables of one locus, effect allele and model, with all stratifiers.
        Blank is NaN, None or an empty text; a column left out is blank.
    stratifier : str
        ``overall``, or the stratifier whose strata are the blocks of the plot.
    question : Question
        The question in words.
    level : float
        Level of the intervals in the tables.
    planted : mapping of (stratifier, stratum) to float, optional
        Log odds ratios that simulated studies were made with, to mark beside the pooled ones.

    Returns
    -------
    Figure
        As wide and high as its text needs. Its label is its title.

    Raises
    ------
    ValueError
        If the tables hold several questions, no overall result, or not the stratifier.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, such as 0.95, not {level!r}")
    analysis = Analysis(
        *(_records(table) for table in (effects, pooled, strata)),
        stratifier=stratifier,
        question=question,
        planted=planted,
    )
    with theme.settings():
        return _Drawing(analysis, level).figure()


def _records(table: Table) -> Iterable[Record]:
    return table.to_dict("records") if hasattr(table, "to_dict") else table


class _Drawing:
    """Sets a forest plot on a page; each method begins at a height and returns the next."""

    def __init__(self, analysis: Analysis, level: float) -> None:
        self.rows = rows(analysis)
        self.caption = caption(analysis, self.rows.notes, level)
        self.stratified = analysis.stratified
        self.level = f"{100 * level:g}%"
        # The studies' intervals are not credible intervals, which a Bayesian result has.
        bayesian = analysis.whole.get("method") == "bayes"
        self.interval = f"{self.level} {'interval' if bayesian else 'CI'}"
        first, second = self.caption.headings
        self.headings = (heading_lines(first), [second])
        self.columns = columns(self.rows, self.headings, self.interval, self.stratified)
        self.marks = Marks(self.columns.axis, self.rows.largest_area())
        self.page = Page()

    def figure(self) -> Figure:
        page, body = self.page, self.rows
        top = self._header(self._title(MARGIN) + 5)
        y = top + 4
        for i, block in enumerate(body.blocks):
            y = self._block(block, y + (_BLOCK_GAP if i else 0))
        if body.overall:
            y += _BLOCK_GAP if self.stratified else 3
            y = self._row(body.overall, y, "overall diamond")
        if body.prediction:
            y = self._prediction(body.prediction, y)
        axis_y = y + 3
        self._axis(top, axis_y)
        self.marks.draw(page)
        foot = axis_y + _AXIS_HEIGHT
        if body.planted():
            foot = self._legend_of_planted(foot)
        y = max(self._notes(body.lines, axis_y), foot) + 8
        self._rule(y, theme.RULE, 0.6)
        y = self._paragraphs(y + 6)
        return page.figure(self.columns.page, y + MARGIN - 4, self.caption.title)

    def _title(self, y: float) -> float:
        room = (self.columns.right - MARGIN) / theme.SLACK
        for line in wrapped(self.caption.title, theme.TITLE, room, BOLD):
            self.page.write(MARGIN, y + theme.TITLE * 0.8, line, size=theme.TITLE, weight=BOLD)
            y += theme.TITLE * 1.3
        for line in wrapped(self.caption.subtitle, theme.SIZE, room):
            self.page.write(MARGIN, y + theme.SIZE * 0.85, line, color=theme.MUTED)
            y += theme.LINE
        return y

    def _header(self, y: float) -> float:
        place = self.columns
        deepest = max(len(lines) for lines in self.headings)
        last = y + theme.LINE * (1 + deepest) + 1
        rules: list[Points] = []

        def write(x: float, text: str, align: str = "right", up: int = 0) -> None:
            self.page.write(x, last - up * theme.LINE, text, weight=BOLD, align=align)

        def write_over(left: float, right: float, text: str, up: int) -> None:
            write((left + right) / 2, text, "center", up)
            y = last - up * theme.LINE + 3
            rules.append([(left, y), (right, y)])

        write(place.label, "Study", "left")
        for i, x in enumerate(place.counts):
            for up, line in enumerate(reversed(self.headings[i % 2])):
                write(x, line, up=up)
        write_over(place.counts_left[0], place.counts[1], "Cases", deepest)
        write_over(place.counts_left[1], place.counts[3], "Controls", deepest)
        write(place.axis.left + place.axis.width / 2, "Odds ratio", "center")
        write(place.odds, "OR")
        write(place.interval, self.interval)
        if self.stratified and place.weights:
            for x, heading in zip(place.weights, STRATIFIED_WEIGHTS, strict=True):
                write(x, heading)
            left = place.weights[0] - width(STRATIFIED_WEIGHTS[0], theme.SIZE, BOLD)
            write_over(left, place.weights[1], "Weight", 1)
        elif place.weights:
            write(place.weights[0], "Weight")
        self.page.lines("rules", rules, theme.RULE, 0.5)
        self._rule(last + 5, theme.INK, 0.8)
        return last + 5

    def _block(self, block: Block, y: float) -> float:
        if block.title:
            for line in wrapped(block.title, theme.SIZE, self.columns.note_width, BOLD):
                self.page.write(self.columns.label, _baseline(y), line, weight=BOLD)
                y += theme.ROW
        for study in block.studies:
            y = self._row(study, y)
        if block.pooled:
            y = self._row(block.pooled, y, "diamonds")
        return self._notes(block.lines, y)

    def _row(self, estimate: Estimate, y: float, diamond: str = "") -> float:
        """A study, or a pooled result with its `diamond`."""
        place, weight = self.columns, BOLD if diamond else "normal"
        lines = label_lines(estimate.label, weight)
        height = theme.ROW + (len(lines) - 1) * (theme.LINE + _APART)
        first = y + (len(lines) - 1) * _APART / 2
        for i, line in enumerate(lines):
            self.page.write(place.label, _baseline(first + i * theme.LINE), line, weight=weight)
        baseline = _baseline(y, height)
        for x, cell in zip(place.counts, estimate.counts, strict=True):
            self.page.write(x, baseline, cell, weight=weight, align="right")
        self._numbers(estimate, baseline, weight)
        shares = [estimate.overall_weight]
        if self.stratified:
            shares.insert(0, estimate.stratum_weight)
        for x, share in zip(place.weights, shares if place.weights else (), strict=True):
            # The overall result has no weight in a stratum, and that is no gap in the table.
            if isfinite(share) or not diamond:
                self.page.write(x, baseline, wording.per_cent(share), weight=weight, align="right")
        if diamond:
            self.marks.pooled(estimate, y + height / 2, diamond)
        else:
            self.marks.study(estimate, y + height / 2)
        return y + height

    def _prediction(self, prediction: Estimate, y: float) -> float:
        label = f"{self.level} {prediction.label}"
        self.page.write(self.columns.label, _baseline(y), label)
        self._numbers(prediction, _baseline(y), "normal")
        self.marks.prediction(prediction, y + theme.ROW / 2)
        return y + theme.ROW

    def _numbers(self, estimate: Estimate, baseline: float, weight: str) -> None:
        limits = wording.interval(estimate.low, estimate.high)
        self.page.write(self.columns.interval, baseline, limits, weight=weight, align="right")
        if not isnan(estimate.log_or):
            odds = wording.odds_ratio(estimate.log_or)
            self.page.write(self.columns.odds, baseline, odds, weight=weight, align="right")

    def _axis(self, top: float, bottom: float) -> None:
        axis, page, overall = self.columns.axis, self.page, self.rows.overall
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
        page.lines("axis", lines, theme.INK, 0.8)
        for x, text, align in (
            (one - 6, "← lower odds", "right"),
            (one + 6, "higher odds →", "left"),
        ):
            page.write(x, bottom + 23, text, size=theme.SMALL, color=theme.MUTED, align=align)

    def _legend_of_planted(self, y: float) -> float:
        """What the bars at planted odds ratios are, below the axis."""
        axis, overall = self.columns.axis, self.rows.overall
        text = "planted odds ratio"
        if overall and isfinite(overall.planted):
            text += f", overall {wording.odds_ratio(overall.planted)}"
        x = axis.left + (axis.width - width(text, theme.SMALL)) / 2
        middle = y + 4 + PLANTED_HEIGHT / 2
        bar = planted_bar(x - 5, middle)
        self.page.lines("legend of planted", [bar], theme.PLANTED, PLANTED_WIDTH)
        baseline = middle + _HALF_CAPITAL * theme.SMALL
        self.page.write(x, baseline, text, size=theme.SMALL)
        return middle + PLANTED_HEIGHT / 2

    def _notes(self, lines: Iterable[str], y: float) -> float:
        for note in lines:
            for line in wrapped(note, theme.SMALL, self.columns.note_width):
                y += theme.SMALL_LINE
                self._small(line, y, theme.MUTED)
        return y

    def _paragraphs(self, y: float) -> float:
        room = (self.columns.right - MARGIN) / theme.SLACK
        paragraphs = self.caption.paragraphs
        if self.page.lacks_glyphs() or not all(map(face("normal").has, paragraphs)):
            paragraphs += (MISSING_GLYPHS,)
        for paragraph in paragraphs:
            for line in wrapped(paragraph, theme.SMALL, room):
                y += theme.SMALL_LINE
                self._small(line, y, theme.INK)
            y += 1.5
        return y

    def _small(self, line: str, bottom: float, color: str) -> None:
        baseline = bottom - 0.25 * theme.SMALL_LINE
        self.page.write(MARGIN, baseline, line, size=theme.SMALL, color=color)

    def _rule(self, y: float, color: str, thickness: float) -> None:
        self.page.lines("rules", [[(MARGIN, y), (self.columns.right, y)]], color, thickness)


def _baseline(y: float, height: float = theme.ROW) -> float:
    """The baseline of text centred in a row that begins at `y`."""
    return y + height / 2 + _HALF_CAPITAL * theme.SIZE
