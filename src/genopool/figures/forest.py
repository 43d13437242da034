"""Forest plots: a table of studies beside their odds ratios on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from matplotlib.figure import Figure

from genopool.figures import theme, wording
from genopool.figures.captions import caption
from genopool.figures.forest_analysis import Analysis, Record
from genopool.figures.forest_layout import (
    BOLD,
    MARGIN,
    STRATIFIED_WEIGHTS,
    columns,
    heading_lines,
    interval_heading,
)
from genopool.figures.forest_marks import PLANTED_HEIGHT, PLANTED_WIDTH, planted_bar
from genopool.figures.forest_rows import Block, Estimate, rows
from genopool.figures.forest_sheet import AXIS_HEIGHT, HALF_CAPITAL, RULE_WIDTH, Sheet, baseline
from genopool.figures.page import Points
from genopool.figures.questions import Question
from genopool.figures.text import width, wrapped

if TYPE_CHECKING:
    import pandas as pd

Table: TypeAlias = "pd.DataFrame | Iterable[Record]"

_BLOCK_GAP = 6.0


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
        return _Drawing(analysis, level).plot()


def _records(table: Table) -> Iterable[Record]:
    return table.to_dict("records") if hasattr(table, "to_dict") else table


class _Drawing(Sheet):
    """Sets a forest plot on a page; each method begins at a height and returns the next."""

    def __init__(self, analysis: Analysis, level: float) -> None:
        self.rows = rows(analysis)
        self.caption = caption(analysis, self.rows.notes, level)
        self.stratified = analysis.stratified
        self.level = f"{100 * level:g}%"
        self.interval = interval_heading(analysis.whole, level)
        first, second = self.caption.headings
        self.headings = (heading_lines(first), [second])
        places = columns(self.rows, self.headings, self.interval, self.stratified)
        super().__init__(places, self.rows.largest_area())

    def plot(self) -> Figure:
        body = self.rows
        top = self._header(self.title(self.caption.title, self.caption.subtitle, MARGIN) + 5)
        y = top + 4
        for i, block in enumerate(body.blocks):
            y = self._block(block, y + (_BLOCK_GAP if i else 0))
        if body.overall:
            y += _BLOCK_GAP if self.stratified else 3
            y = self._row(body.overall, y, "overall diamond")
        if body.prediction:
            y = self._prediction(body.prediction, y)
        axis_y = y + 3
        self.axis(top, axis_y, body.overall)
        self.marks.draw(self.page)
        foot = axis_y + AXIS_HEIGHT
        if body.planted():
            foot = self._legend_of_planted(foot)
        y = max(self.notes(body.lines, axis_y), foot) + 8
        self.rule(y, theme.RULE, 0.6)
        return self.figure(self.paragraphs(self.caption.paragraphs, y + 6), self.caption.title)

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
        write_over(place.counts_left[2], place.counts[3], "Controls", deepest)
        self.estimate_headings(last, self.interval)
        if self.stratified and place.last:
            for x, heading in zip(place.last, STRATIFIED_WEIGHTS, strict=True):
                write(x, heading)
            left = place.last[0] - width(STRATIFIED_WEIGHTS[0], theme.SIZE, BOLD)
            write_over(left, place.last[1], "Weight", 1)
        elif place.last:
            write(place.last[0], "Weight")
        self.page.lines("rules", rules, theme.RULE, 0.5)
        self.rule(last + 5, theme.INK, RULE_WIDTH)
        return last + 5

    def _block(self, block: Block, y: float) -> float:
        if block.title:
            for line in wrapped(block.title, theme.SIZE, self.columns.note_width, BOLD):
                self.page.write(self.columns.label, baseline(y), line, weight=BOLD)
                y += theme.ROW
        for study in block.studies:
            y = self._row(study, y)
        if block.pooled:
            y = self._row(block.pooled, y, "diamonds")
        return self.notes(block.lines, y)

    def _row(self, estimate: Estimate, y: float, diamond: str = "") -> float:
        """A study, or a pooled result with its `diamond`."""
        shares = [estimate.overall_weight]
        if self.stratified:
            shares.insert(0, estimate.stratum_weight)
        # The overall result has no weight in a stratum, and that is no gap in the table.
        cells = [
            wording.per_cent(share) if isfinite(share) or not diamond else "" for share in shares
        ]
        mark = partial(self.marks.pooled, name=diamond) if diamond else self.marks.study
        last = cells if self.columns.last else ()
        return self.row(estimate, y, mark, last, BOLD if diamond else "normal")

    def _prediction(self, prediction: Estimate, y: float) -> float:
        label = f"{self.level} {prediction.label}"
        self.page.write(self.columns.label, baseline(y), label)
        self.numbers(prediction, baseline(y), "normal")
        self.marks.prediction(prediction, y + theme.ROW / 2)
        return y + theme.ROW

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
        level = middle + HALF_CAPITAL * theme.SMALL
        self.page.write(x, level, text, size=theme.SMALL)
        return middle + PLANTED_HEIGHT / 2
