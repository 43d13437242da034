"""Where the columns of a forest plot stand, from the widths of what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from genopool.figures import theme, wording
from genopool.figures.forest_rows import Rows
from genopool.figures.odds_axis import OddsAxis, axis_limits
from genopool.figures.text import balanced, width, wrapped

MARGIN = 13.0
BOLD = "bold"
STRATIFIED_WEIGHTS = ("Stratum", "Overall")
_GAP = 7.0
_WIDE_GAP = 14.0
_AXIS_WIDTH = 195.0
_LEAST_LABEL, _MOST_LABEL = 76.0, 225.0
_MOST_NOTE = 270.0
_FULL = "100.0%"
_HEADING, _MOST_HEADING = 66.0, 100.0


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the table, in points from the page's left edge.

    Text is aligned left at `label` and right at the other places.
    """

    label: float
    label_width: float
    """Labels are broken into lines of at most this."""
    counts: tuple[float, float, float, float]
    counts_left: tuple[float, float]
    """Where the widest text of the first column of cases, and of controls, begins."""
    axis: OddsAxis
    odds: float
    interval: float
    weights: tuple[float, ...]
    page: float

    @property
    def note_width(self) -> float:
        """Notes lie left of the axis, in lines of at most this."""
        return (self.counts[-1] - self.label) / theme.SLACK

    @property
    def right(self) -> float:
        """Where the last column ends."""
        return self.page - MARGIN


def columns(
    rows: Rows, headings: tuple[list[str], list[str]], interval: str, stratified: bool
) -> Columns:
    """Set the columns for `rows`.

    Parameters
    ----------
    rows : Rows
    headings : tuple of list of str
        Lines of the headings of each group's two columns of counts.
    interval : str
        Heading of the intervals.
    stratified : bool
        Whether weights, if there are any, are within strata beside the overall ones.
    """
    studies = [e for block in rows.blocks for e in block.studies]
    pooled = [e for e in (*(block.pooled for block in rows.blocks), rows.overall) if e]
    labels = [_widest(label_lines(e.label), False) for e in studies]
    labels += [_widest(label_lines(e.label, BOLD), True) for e in pooled]
    label_width = max([_LEAST_LABEL, *labels])

    needed = []
    for i in range(4):
        cells = _widest((e.counts[i] for e in studies), False)
        totals = _widest((e.counts[i] for e in pooled), True)
        needed.append(max(cells, totals, _widest(headings[i % 2], True)))
    gaps = (_WIDE_GAP, _GAP, _WIDE_GAP, _GAP)
    table = theme.SLACK * (label_width + sum(needed)) + sum(gaps)
    notes = [line for block in rows.blocks for line in block.lines] + list(rows.lines)
    note = max((width(line, theme.SMALL) for line in notes), default=0.0)
    spare = max(0.0, theme.SLACK * min(note, _MOST_NOTE) - table)

    x = MARGIN + theme.SLACK * label_width + spare
    ends = []
    for gap, own in zip(gaps, needed, strict=True):
        x += gap + theme.SLACK * own
        ends.append(x)
    drawn = rows.drawn()
    low, high = axis_limits(*([getattr(e, n) for e in drawn] for n in ("log_or", "low", "high")))
    axis = OddsAxis(low, high, x + _WIDE_GAP, _AXIS_WIDTH)

    odds = max(_widest((wording.odds_ratio(e.log_or) for e in drawn), True), _widest(["OR"], True))
    limits = _widest([interval, *(wording.interval(e.low, e.high) for e in drawn)], True)
    odds_end = axis.left + axis.width + _WIDE_GAP + theme.SLACK * odds
    interval_end = odds_end + _GAP + theme.SLACK * limits
    x = interval_end
    weights = []
    headings_of_weights = STRATIFIED_WEIGHTS if stratified else ("Weight",)
    for heading in headings_of_weights if rows.weighted else ():
        x += _GAP + theme.SLACK * _widest([heading, _FULL], True)
        weights.append(x)
    return Columns(
        label=MARGIN,
        label_width=label_width,
        counts=tuple(ends),
        counts_left=(ends[0] - needed[0], ends[2] - needed[2]),
        axis=axis,
        odds=odds_end,
        interval=interval_end,
        weights=tuple(weights),
        page=x + MARGIN,
    )


def heading_lines(heading: str) -> list[str]:
    """The heading of a column of counts in lines; a genotype is broken only if it is very long."""
    widest = _widest(heading.split(), True)
    return wrapped(heading, theme.SIZE, max(_HEADING, min(widest, _MOST_HEADING)), BOLD)


def label_lines(label: str, weight: str = "normal") -> list[str]:
    """A study's label in lines that keep the column of labels narrow."""
    return balanced(label, theme.SIZE, _MOST_LABEL, weight)


def _widest(texts: Iterable[str], bold: bool) -> float:
    weight = BOLD if bold else "normal"
    return max((width(t, theme.SIZE, weight) for t in texts), default=0.0)
