"""The distribution of a repeat's lengths, and the odds ratios of each, by stratum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from matplotlib.figure import Figure

from genopool.association.comparisons import printed
from genopool.figures import marks, method_wording, theme, wording
from genopool.figures.axes import ODDS, Area, Axis, Tick, runs
from genopool.figures.forest_analysis import log_of
from genopool.figures.odds_axis import axis_limits
from genopool.figures.page import Page, Points
from genopool.figures.plot import Key, Panel, plot_figure
from genopool.figures.questions import Question
from genopool.figures.wording import number, text

Row = dict[str, Any]
OVERALL = "overall"
_TREND = theme.PREDICTION
_OF_TREND = (
    "Line and band: the pooled trend per repeat and its interval, drawn from the reference. "
)
_INSET = 9.0
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.25)


def place_of(length: str) -> float:
    """Where a length stands on the axis: a tail at its own end, so `<=15` at 15, `<15` at 14."""
    for sign, step in (("<=", 0), (">=", 0), ("<", -1), (">", 1)):
        if length.startswith(sign):
            return float(length.removeprefix(sign)) + step
    return float(length)


def distribution_figure(
    rows: Iterable[Row], *, stratifier: str, question: Question, reference: str = ""
) -> Figure:
    """Draw the lengths of each stratum: controls, cases, and the single studies behind them.

    Parameters
    ----------
    rows : iterable of dict
        Rows of `length_distribution.tsv` of one locus.
    stratifier : str
        ``overall``, or the stratifier whose strata are the panels.
    question : Question
        The locus and the outcome in words.
    reference : str
        The reference length, for the caption.
    """
    chosen = [row for row in rows if row["stratifier"] == stratifier]
    shares = [number(r.get(f"{side}_frequency")) for r in chosen for side in ("case", "control")]
    highest = max((share for share in shares if isfinite(share)), default=0.1)
    step = next((s for s in _STEPS if highest / s <= 5), _STEPS[-1])
    top = step * -(-highest // step)
    ticks = tuple(Tick(i * step, f"{100 * i * step:.0f}%") for i in range(round(top / step) + 1))
    strata = list(dict.fromkeys(row["stratum"] for row in chosen))
    by = f" by {_stratifier(question, stratifier)}" if stratifier != OVERALL else ""
    x = _length_axis(chosen)
    y = Axis("Share of chromosomes", 0.0, top, ticks=ticks, grid=True)
    return plot_figure(
        [_distribution_panel(stratum, chosen, x, y) for stratum in strata],
        title=_title(question, f"lengths{by}"),
        subtitle=f"Chromosomes of cases of {question.outcome} and of controls",
        paragraphs=[
            "Share of the chromosomes that have each length, in controls and in cases; each study "
            "counts by its chromosomes, shared controls once. Thin lines: controls of single "
            f"studies. {_frequency_range(chosen, reference)}",
            _tails(chosen),
            *question.notes,
        ],
        keys=[
            Key(
                "Controls", marks.legend(marks.line(theme.DIAMOND_OVERALL), marks.sample(marks.DOT))
            ),
            Key(
                "Cases",
                marks.legend(marks.line(theme.PREDICTION, "--"), marks.sample(marks.OPEN_SQUARE)),
            ),
            Key("Controls of single studies", marks.legend(marks.line(theme.FAINT, width=0.6))),
        ],
    )


def odds_figure(
    pooled: Iterable[Row],
    trend: Iterable[Row],
    *,
    stratifier: str,
    question: Question,
    level: float = 0.95,
) -> Figure:
    """Draw the pooled odds ratio of each length against the reference, with the trend's line.

    Parameters
    ----------
    pooled, trend : iterable of dict
        Rows of `lengths.tsv` and `length_trend.tsv` of one locus.
    stratifier : str
        ``overall``, or the stratifier whose strata are the panels.
    question : Question
        The locus and the outcome in words.
    level : float
        Level of the intervals.
    """
    rows = [row for row in pooled if row["stratifier"] == stratifier]
    slopes = {row["stratum"]: row for row in trend if row["stratifier"] == stratifier}
    strata = list(dict.fromkeys(row["stratum"] for row in rows))
    drawn = [row for row in rows if row["length"] != row["reference"] and number(row["k"]) > 0]
    single = [float(row["length"]) for row in rows if row["length"].isdigit()]
    columns = [
        [number(row.get("log_or")) for row in drawn],
        [log_of(number(row.get("ci_low"))) for row in drawn],
        [log_of(number(row.get("ci_high"))) for row in drawn],
    ]
    x, y = _length_axis(rows), Axis("Odds ratio", *axis_limits(*columns), scale=ODDS, grid=True)
    reference = rows[0]["reference"]
    ends = min(single), max(single)
    by = f" by {_stratifier(question, stratifier)}" if stratifier != OVERALL else ""
    first = next((row for row in drawn if text(row.get("method"))), {})
    method = method_wording.method(
        *(text(first.get(c)) for c in ("method", "tau2_method", "interval"))
    )
    interval = method_wording.limits(
        next((text(r.get("interval")) for r in drawn if number(r["k"]) > 1), "wald"),
        level,
        text(first.get("method")),
    )
    frequencies = _share_range(drawn)
    has_trend = any(number(row.get("k")) > 0 for row in slopes.values())
    return plot_figure(
        [_odds_panel(stratum, rows, slopes.get(stratum), ends, x, y) for stratum in strata],
        title=_title(question, f"odds ratio of each length against {printed(reference)}{by}"),
        subtitle=question.outcome[:1].upper() + question.outcome[1:],
        paragraphs=[
            f"Pooled odds ratio of {question.outcome}, chromosomes with each length against "
            f"chromosomes with {printed(reference)}. Below 1: lower odds of {question.outcome} "
            f"with the length than with {printed(reference)}; above 1: higher odds. {frequencies}",
            f"{method}, {interval}. Arrows: intervals that go on. "
            + (_OF_TREND if has_trend else "")
            + "The odds ratios share the reference and so go up and down together, and so many "
            "are looked at that some stand out by chance"
            + (": the trend is one test." if has_trend else "."),
            _left_out(rows),
            _tails(rows),
            *question.notes,
        ],
        keys=[
            Key(
                "Pooled odds ratio, with interval",
                marks.legend(marks.line(theme.INK, width=0.9), marks.sample(marks.DOT)),
            ),
            Key("Reference", marks.legend(marks.sample(marks.OPEN_DIAMOND))),
            *(
                [Key("Trend per repeat", marks.legend(marks.band(), marks.line(_TREND, "--")))]
                if has_trend
                else []
            ),
        ],
    )


def _title(question: Question, shown: str) -> str:
    return f"{question.locus}: {shown}"


def _distribution_panel(stratum: str, rows: Sequence[Row], x: Axis, y: Axis) -> Panel:
    own = [row for row in rows if row["stratum"] == stratum]
    whole = [row for row in own if not text(row.get("study"))]
    studies: dict[tuple[str, str], list[Row]] = {}
    for row in own:
        if text(row.get("study")):
            key = (row["study"], text(row.get("population")))
            studies.setdefault(key, []).append(row)

    def draw(page: Page, area: Area) -> None:
        lines = [_curve(area, of_study, "control") for of_study in studies.values()]
        page.lines("studies", [x for line in lines for x in runs(line)], theme.FAINT, 0.6)
        for side, color, dashes, look in (
            ("control", theme.DIAMOND_OVERALL, "-", marks.DOT),
            ("case", theme.PREDICTION, "--", marks.OPEN_SQUARE),
        ):
            curve = _curve(area, whole, side)
            page.lines(f"{side}s", runs(curve), color, 1.3, dashes)
            told = [point for point in curve if point]
            marks.draw_marks(page, f"{side} points", told, look)

    totals = [
        max((number(r.get(f"{side}_total")) for r in whole), default=0)
        for side in ("case", "control")
    ]
    k = len(studies)
    note = "{}: {} case, {} control chromosomes".format(
        wording.studies(k, k), *map(wording.count, totals)
    )
    return Panel(_heading(stratum), note, x, y, draw)


def _odds_panel(
    stratum: str,
    rows: Sequence[Row],
    slope: Row | None,
    ends: tuple[float, float],
    x_axis: Axis,
    y_axis: Axis,
) -> Panel:
    own = [row for row in rows if row["stratum"] == stratum]
    reference = place_of(own[0]["reference"])

    def draw(page: Page, area: Area) -> None:
        low, high = area.y_axis.low, area.y_axis.high
        one = area.y(0.0)
        page.lines("no effect", [[(area.left, one), (area.right, one)]], theme.RULE, 0.8)
        if slope is not None and number(slope.get("k")) > 0:
            _draw_trend(page, area, slope, reference, ends)
        intervals: list[Points] = []
        arrows: list[Points] = []
        points = []
        for row in own:
            estimate = number(row.get("log_or"))
            x = area.x(place_of(row["length"]))
            if row["length"] == row["reference"] or not isfinite(estimate):
                continue
            limits = [log_of(number(row.get(name))) for name in ("ci_low", "ci_high")]
            if all(limit == limit for limit in limits):
                inside = [min(max(limit, low), high) for limit in limits]
                intervals.append([(x, area.y(value)) for value in inside])
                arrows += [marks.arrow(x, area.y(low), 4.2)] if limits[0] < low else []
                arrows += [marks.arrow(x, area.y(high), -4.2)] if limits[1] > high else []
            if low <= estimate <= high:
                points.append((x, area.y(estimate)))
        page.lines("intervals", intervals, theme.INK, 0.9)
        page.areas("arrows", arrows, theme.INK)
        marks.draw_marks(page, "points", points, marks.DOT)
        at_reference = [(area.x(reference), one)]
        marks.draw_marks(page, "reference", at_reference, marks.OPEN_DIAMOND, 3.2)

    return Panel(_heading(stratum), _trend_note(slope), x_axis, y_axis, draw)


def _draw_trend(
    page: Page, area: Area, slope: Row, reference: float, ends: tuple[float, float]
) -> None:
    """The line through the reference, cut where the panel ends, and its band."""
    low, high = area.y_axis.low, area.y_axis.high
    limits = [log_of(number(slope.get(name))) for name in ("ci_low", "ci_high")]
    if all(map(isfinite, limits)):
        for end in ends:
            if end != reference:
                band = _clipped_band(reference, end, limits, (low, high))
                page.areas("band", [[(area.x(x), area.y(y)) for x, y in band]], theme.BAND)
    estimate = number(slope.get("log_or"))
    pieces = []
    for end in ends:
        reach = end
        value = (end - reference) * estimate
        if estimate and not low <= value <= high:
            reach = reference + (high if value > high else low) / estimate
        pieces.append([(reference, 0.0), (reach, (reach - reference) * estimate)])
    lines = [[(area.x(x), area.y(y)) for x, y in piece] for piece in pieces]
    page.lines("trend", lines, _TREND, 1.2, "--")


def _clipped_band(
    reference: float, end: float, slopes: Sequence[float], limits: tuple[float, float]
) -> list[tuple[float, float]]:
    """The wedge between two slopes from the reference to an end, within the panel."""
    steps = 40
    xs = [reference + (end - reference) * i / steps for i in range(steps + 1)]
    sides = [
        [(x, min(max((x - reference) * slope, limits[0]), limits[1])) for x in xs]
        for slope in slopes
    ]
    return sides[0] + sides[1][::-1]


def _trend_note(slope: Row | None) -> str:
    if slope is None or not number(slope.get("k")) > 0:
        return "no trend: " + (text(slope.get("reason")) if slope else "no study gives all lengths")
    estimate = wording.odds_ratio(number(slope.get("log_or")))
    limits = wording.interval(*(log_of(number(slope.get(n))) for n in ("ci_low", "ci_high")))
    k, k_studies = (int(number(slope.get(name))) for name in ("k", "k_studies"))
    p = number(slope.get("p_value"))
    test = f", {wording.p_value(p)}" if isfinite(p) else ""
    return f"{wording.studies(k, k_studies)}: {estimate} per repeat {limits}{test}"


def _heading(stratum: str) -> str:
    return "All studies" if stratum == "all" else stratum


def _stratifier(question: Question, stratifier: str) -> str:
    return question.stratifier or stratifier.replace("_", " ")


def _length_axis(rows: Iterable[Row]) -> Axis:
    lengths = dict.fromkeys(row["length"] for row in rows)
    ticks = [Tick(place_of(length), printed(length)) for length in lengths]
    ticks.sort(key=lambda tick: tick.value)
    ends = ticks[0].value, ticks[-1].value
    return Axis("Length (repeats)", *ends, ticks=tuple(ticks), inset=_INSET)


def _tails(rows: Iterable[Row]) -> str:
    tails = [printed(n) for n in dict.fromkeys(r["length"] for r in rows) if not n.isdigit()]
    return f"Lengths taken together, as configured: {', '.join(tails)}." if tails else ""


def _left_out(rows: Sequence[Row]) -> str:
    """The lengths that are not drawn in a panel."""
    shown = {(row["stratum"], row["length"]) for row in rows if number(row["k"]) > 0}
    strata = dict.fromkeys(row["stratum"] for row in rows)
    said = []
    for stratum in strata:
        lengths = dict.fromkeys(row["length"] for row in rows if row["stratum"] == stratum)
        missing = [printed(length) for length in lengths if (stratum, length) not in shown]
        if missing:
            where = "" if stratum == "all" else f" in {stratum}"
            said.append(f"{', '.join(missing)}{where}")
    return f"Too rare to pool, and not drawn: {'; '.join(said)}." if said else ""


def _frequency_range(rows: Sequence[Row], reference: str) -> str:
    shares = [
        number(row.get("control_frequency"))
        for row in rows
        if row["length"] == reference and text(row.get("study"))
    ]
    shares = [share for share in shares if isfinite(share)]
    if not shares:
        return ""
    low, high = (wording.per_cent(100 * share) for share in (min(shares), max(shares)))
    return (
        f"{printed(reference)}, the reference of the odds ratios, is {low} to {high} of a study's "
        "control chromosomes."
    )


def _share_range(rows: Sequence[Row]) -> str:
    """How common the lengths are in controls, beside the reference."""
    shares = []
    for row in rows:
        ours, others = (number(row.get(f"control_{n}")) for n in ("chromosomes", "reference"))
        if ours + others > 0:
            shares.append(ours / (ours + others))
    if not shares:
        return ""
    low, high = (wording.per_cent(100 * share) for share in (min(shares), max(shares)))
    return (
        f"Of the control chromosomes with one of the two lengths compared, {low} to {high} have "
        "the length that is not the reference."
    )


def _curve(area: Area, rows: Sequence[Row], side: str) -> list[tuple[float, float] | None]:
    """The points of a line over the lengths; None where the length is not told."""
    points: list[tuple[float, float] | None] = []
    for row in sorted(rows, key=lambda row: place_of(row["length"])):
        share = number(row.get(f"{side}_frequency"))
        told = isfinite(share)
        points.append((area.x(place_of(row["length"])), area.y(share)) if told else None)
    return points
