"""Forest plots of pooled results: without each study in turn, and as studies come in."""

from __future__ import annotations

from matplotlib.figure import Figure

from genopool.diagnostics.tables.pools import Pools
from genopool.figures import theme
from genopool.figures.captions import titles
from genopool.figures.diagnostics import repooled_words
from genopool.figures.diagnostics.drawer import Drawer
from genopool.figures.diagnostics.repooled import (
    LEAVE_ONE_OUT,
    Repooled,
    cumulative_analysis,
    held,
    repooled,
    why_not,
)
from genopool.figures.forest_layout import (
    BOLD,
    GAP,
    MARGIN,
    WIDE_GAP,
    Columns,
    interval_heading,
    label_lines,
    place_columns,
    widest,
)
from genopool.figures.forest_sheet import AXIS_HEIGHT, RULE_WIDTH, Sheet
from genopool.figures.questions import Question

_COUNTS = ("k", "Cases", "Controls")


def _draw(pools: Pools, i: int, question: Question, analysis: str) -> Figure:
    content = repooled(pools, i, question, analysis)
    interval = interval_heading(content.whole, pools.config.pooling.level)
    lines = repooled_words.notes(content)
    title, subtitle = titles(question, content.whole["model"], repooled_words.BY[analysis])
    with theme.settings():
        sheet = Sheet(_columns(content, lines, interval))
        top = _header(sheet, content, interval, sheet.title(title, subtitle, MARGIN) + 5)
        y = top + 4
        for step in content.steps:
            y = sheet.row(step, y, sheet.marks.repooled, step.last)
        overall = content.overall
        axis_y = sheet.row(overall, y + 3, _overall_diamond(sheet), overall.last, BOLD) + 3
        sheet.band(top, axis_y, overall)
        sheet.axis(top, axis_y, overall)
        sheet.marks.draw(sheet.page)
        y = max(sheet.notes(lines, axis_y), axis_y + AXIS_HEIGHT) + 8
        sheet.rule(y, theme.RULE, 0.6)
        said = repooled_words.paragraphs(pools, i, question, content)
        return sheet.figure(
            sheet.paragraphs(said, y + 6), f"{title}, {repooled_words.BY[analysis]}"
        )


def _overall_diamond(sheet: Sheet):
    return lambda estimate, y: sheet.marks.pooled(estimate, y, "overall diamond")


def _columns(content: Repooled, lines: list[str], interval: str) -> Columns:
    steps, overall = content.steps, content.overall
    counts = []
    for place, heading in enumerate(_COUNTS):
        cells = widest(step.counts[place] for step in steps)
        bold = widest((heading, overall.counts[place]), BOLD)
        counts.append((GAP if place else WIDE_GAP, max(cells, bold)))
    last = []
    for place, heading in enumerate(content.headings):
        cells = widest(step.last[place] for step in steps)
        last.append(max(cells, widest((heading, overall.last[place]), BOLD)))
    labels = max(widest(label_lines(step.label)) for step in steps)
    return place_columns(
        label_width=max(labels, widest(label_lines(overall.label, BOLD), BOLD)),
        counts=counts,
        notes=lines,
        drawn=[*steps, overall],
        interval=interval,
        last=last,
        held=held(steps, overall),
    )


def _header(sheet: Sheet, content: Repooled, interval: str, y: float) -> float:
    place, level = sheet.columns, y + theme.LINE
    left_out = content.analysis == LEAVE_ONE_OUT
    heading = "Study left out" if left_out else "Study added"
    sheet.page.write(place.label, level, heading, weight=BOLD)
    headings = zip((*place.counts, *place.last), (*_COUNTS, *content.headings), strict=True)
    for x, text in headings:
        sheet.page.write(x, level, text, weight=BOLD, align="right")
    sheet.estimate_headings(level, interval)
    sheet.rule(level + 5, theme.INK, RULE_WIDTH)
    return level + 5


def _draw_leave_one_out(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    return _draw(pools, i, question, LEAVE_ONE_OUT)


def _draw_cumulative(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    return _draw(pools, i, question, cumulative_analysis(pools, i))


LEAVE_ONE_OUT_FOREST = Drawer(
    _draw_leave_one_out, lambda pools, i: why_not(pools, i, LEAVE_ONE_OUT)
)
CUMULATIVE_FOREST = Drawer(
    _draw_cumulative, lambda pools, i: why_not(pools, i, cumulative_analysis(pools, i))
)
