"""Where the columns of a forest plot stand, from the widths of what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genopool.figures import theme, wording
from genopool.figures.forest_analysis import Record
from genopool.figures.forest_rows import Estimate, Rows
from genopool.figures.odds_axis import OddsAxis, axis_limits
from genopool.figures.text import balanced, width, wrapped

MARGIN = 13.0
BOLD = "bold"
STRATIFIED_WEIGHTS = ("Stratum", "Overall")
GAP = 7.0
WIDE_GAP = 14.0
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
    counts: tuple[float, ...]
    counts_left: tuple[float, ...]
    """Where the widest text of each column of counts begins."""
    axis: OddsAxis
    odds: float
    interval: float
    last: tuple[float, ...]
    """The columns after the intervals, such as weights."""
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
    labels = [widest(label_lines(e.label)) for e in studies]
    labels += [widest(label_lines(e.label, BOLD), BOLD) for e in pooled]
    counts = []
    for i, gap in enumerate((WIDE_GAP, GAP, WIDE_GAP, GAP)):
        cells = widest(e.counts[i] for e in studies)
        totals = widest((e.counts[i] for e in pooled), BOLD)
        counts.append((gap, max(cells, totals, widest(headings[i % 2], BOLD))))
    headings_of_weights = STRATIFIED_WEIGHTS if stratified else ("Weight",)
    return place_columns(
        label_width=max(labels, default=0.0),
        counts=counts,
        notes=[*(line for block in rows.blocks for line in block.lines), *rows.lines],
        drawn=rows.drawn(),
        interval=interval,
        last=[widest([h, _FULL], BOLD) for h in headings_of_weights if rows.weighted],
    )


def place_columns(
    *,
    label_width: float,
    counts: Sequence[tuple[float, float]],
    notes: Iterable[str],
    drawn: Sequence[Estimate],
    interval: str,
    last: Sequence[float],
    held: Sequence[Estimate] | None = None,
) -> Columns:
    """Set columns beside each other.

    Parameters
    ----------
    label_width : float
    counts : sequence of (float, float)
        The gap before each column of counts and the width of its text.
    notes : iterable of str
        Lines that stand below the labels and counts.
    drawn : sequence of Estimate
        All that stands on the axis.
    interval : str
        Heading of the intervals.
    last : sequence of float
        Widths of the columns after the intervals.
    held : sequence of Estimate, optional
        What the axis is made long enough for; by default all that is drawn.
    """
    label_width = max(_LEAST_LABEL, label_width)
    table = theme.SLACK * (label_width + sum(own for _, own in counts))
    table += sum(gap for gap, _ in counts)
    note = max((width(line, theme.SMALL) for line in notes), default=0.0)
    spare = max(0.0, theme.SLACK * min(note, _MOST_NOTE) - table)

    x = MARGIN + theme.SLACK * label_width + spare
    ends = []
    for gap, own in counts:
        x += gap + theme.SLACK * own
        ends.append(x)
    on_axis = drawn if held is None else held
    low, high = axis_limits(*([getattr(e, n) for e in on_axis] for n in ("log_or", "low", "high")))
    axis = OddsAxis(low, high, x + WIDE_GAP, _AXIS_WIDTH)

    odds = max(widest((wording.odds_ratio(e.log_or) for e in drawn), BOLD), widest(["OR"], BOLD))
    limits = widest([interval, *(wording.interval(e.low, e.high) for e in drawn)], BOLD)
    odds_end = axis.left + axis.width + WIDE_GAP + theme.SLACK * odds
    interval_end = odds_end + GAP + theme.SLACK * limits
    x = interval_end
    last_ends = []
    for own in last:
        x += GAP + theme.SLACK * own
        last_ends.append(x)
    return Columns(
        label=MARGIN,
        label_width=label_width,
        counts=tuple(ends),
        counts_left=tuple(end - own for end, (_, own) in zip(ends, counts, strict=True)),
        axis=axis,
        odds=odds_end,
        interval=interval_end,
        last=tuple(last_ends),
        page=x + MARGIN,
    )


def heading_lines(heading: str) -> list[str]:
    """The heading of a column of counts in lines; a genotype is broken only if it is very long."""
    longest = widest(heading.split(), BOLD)
    return wrapped(heading, theme.SIZE, max(_HEADING, min(longest, _MOST_HEADING)), BOLD)


def interval_heading(whole: Record, level: float) -> str:
    """The heading of the intervals, ``95% CI``."""
    # A single study's interval is no credible interval, which a Bayesian result has.
    bayesian = whole.get("method") == "bayes"
    return f"{100 * level:g}% {'interval' if bayesian else 'CI'}"


def label_lines(label: str, weight: str = "normal") -> list[str]:
    """A study's label in lines that keep the column of labels narrow."""
    return balanced(label, theme.SIZE, _MOST_LABEL, weight)


def widest(texts: Iterable[str], weight: str = "normal") -> float:
    """Width of the widest of some texts in points."""
    return max((width(t, theme.SIZE, weight) for t in texts), default=0.0)
