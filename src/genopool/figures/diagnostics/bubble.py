"""Bubble plot: odds ratios against numbers that describe the studies, with the regression lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log2, log10

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.meta_regression import MetaRegression, meta_regression
from genopool.diagnostics.permutation import PermutationTest
from genopool.diagnostics.regression_summaries import regression_line
from genopool.diagnostics.tables.metaregression import permutation_of
from genopool.diagnostics.tables.moderators import Moderator
from genopool.diagnostics.tables.pools import Pools
from genopool.diagnostics.tables.regressions import Regression, Regressions, regression_choices
from genopool.figures import marks, theme, wording
from genopool.figures.axes import ODDS, Area, Axis, Tick, round_label, round_limits, round_ticks
from genopool.figures.diagnostics import words
from genopool.figures.diagnostics.frame import (
    beyond_said,
    figure_of_studies,
    key_of_one,
    study_keys,
)
from genopool.figures.diagnostics.members import Members, members, too_few
from genopool.figures.labels import place_labels
from genopool.figures.odds_axis import axis_limits
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel
from genopool.figures.questions import Question
from genopool.studies.moderators import resolve

_HEIGHT = 170.0
_COLUMNS = 3
_LARGEST = 7.5
"""Radius of the largest mark, in points."""
_NAMED = 3
_STEPS = 60
_MOST_TICKS = 5
_FAR = 2.0


@dataclass(frozen=True)
class Bubbles:
    """One panel: a number that describes the studies, and the regression on it.

    Attributes
    ----------
    moderator : Moderator
        Of the studies of the pool in the order of its arrays.
    regression : Regression
    fit : MetaRegression
        On the number less its mean.
    """

    moderator: Moderator
    regression: Regression
    fit: MetaRegression

    @property
    def mean(self) -> float:
        return float(np.nanmean(self.moderator.numbers))


def bubbles(pools: Pools, i: int) -> tuple[list[Bubbles], list[str]]:
    """The panels of an overall pool, and why other numbers have none."""
    regressions, choices = Regressions(pools), regression_choices(pools)
    found, why = [], []
    for name in regressions.characteristics.singles:
        if resolve(name, pools.config.strata)[0] == "stratifier":
            continue
        moderator = regressions.characteristics.of_pool(i, name)
        if moderator.numbers is None:
            continue
        regression = regressions.single(i, name)
        if regression.reason:
            why.append(regression.reason)
            continue
        fit = meta_regression(regression.y, regression.v, regression.x, **choices)
        if fit.status:
            why.append(f"{regression.moderator}: {fit.status}")
        else:
            found.append(Bubbles(moderator, regression, fit))
    return found, why


def why_not(pools: Pools, i: int) -> str:
    """Why the overall pool `i` has no bubble plot; blank if it has."""
    few = too_few(pools, i)
    if few:
        return few
    found, why = bubbles(pools, i)
    return "" if found else f"no number to regress on: {'; '.join(why)}"


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The bubble plots of an overall pool, one for each number that its studies differ in."""
    found, why = bubbles(pools, i)
    studies = members(pools, i, stratifier)
    estimates = studies.log_or
    y = Axis(
        "Odds ratio (logarithmic axis)", *axis_limits(*[estimates] * 3), scale=ODDS, inset=_LARGEST
    )
    choices = regression_choices(pools)
    said = [_said(one, permutation_of(one.regression, choices)) for one in found]
    return figure_of_studies(
        [_panel(one, note, studies, y, question) for one, note in zip(found, said, strict=True)],
        pools,
        i,
        question,
        stratifier,
        kind="bubble plot",
        keys=[
            *study_keys(studies),
            Key(
                f"Regression, with its {100 * choices['level']:g}% interval",
                marks.legend(marks.band(), marks.line(theme.PREDICTION, width=1.2)),
            ),
            key_of_one(),
        ],
        paragraphs=[
            f"Meta-regression of the log odds ratio on each number "
            "alone. "
            f"{words.method(choices['tau2'], choices['interval'], choices['level'])}; "
            "the area of a mark is proportional to the study's weight, but for the smallest. "
            "Slopes are ratios of odds ratios. A permutation p shuffles the numbers among the "
            "studies. Named: up to three studies furthest from each line, as far as there is room."
            + beyond_said(studies, y),
            "What to look for: a line that climbs or falls says that studies with larger values "
            "tend to have larger or smaller odds ratios. It compares studies, not people, and "
            "with several numbers one may stand out by chance.",
            _cautions_said(found),
            f"Not shown: {'; '.join(why)}." if why else "",
        ],
        columns=_COLUMNS,
    )


def _panel(one: Bubbles, note: str, studies: Members, y: Axis, question: Question) -> Panel:
    """A number's panel; numbers are drawn in the units of the regression."""

    def contents(page: Page, area: Area) -> None:
        _draw(page, area, studies, one)

    return Panel(_title(one.moderator.name, question), note, _x_axis(one), y, contents, _HEIGHT)


def _x_axis(one: Bubbles) -> Axis:
    """Ticks are labelled in plain units; the regression's own may be doublings or tenths."""
    numbers, name = one.moderator.numbers, one.moderator.name
    limits = round_limits(float(np.nanmin(numbers)), float(np.nanmax(numbers)), 0.08)
    if name == "people":
        return Axis("People (logarithmic axis)", *limits, ticks=_ticks_of_people(*limits))
    if name == "control_frequency":
        shares = [one.moderator.back(limit) for limit in limits]
        ticks = round_ticks(*shares, _MOST_TICKS)
        scale = shares[1] / limits[1]
        return Axis(
            "Frequency in controls",
            *limits,
            ticks=tuple(Tick(tick.value / scale, tick.label) for tick in ticks),
        )
    if name == "year":
        return Axis("Year", *limits, ticks=tuple(round_ticks(*limits, _MOST_TICKS, whole=True)))
    return Axis(name, *limits, ticks=tuple(round_ticks(*limits, _MOST_TICKS)))


def _ticks_of_people(low: float, high: float) -> tuple[Tick, ...]:
    """Round numbers of people between two powers of 2, given by their exponents."""
    decades = range(floor(low * log10(2)), ceil(high * log10(2)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        numbers = [step * 10**decade for decade in decades for step in steps]
        inside = [n for n in numbers if low <= log2(n) <= high]
        if len(inside) <= _MOST_TICKS:
            break
    if len(inside) < 2:
        inside = [tick.value for tick in round_ticks(2**low, 2**high, _MOST_TICKS, whole=True)]
    return tuple(Tick(log2(n), round_label(n, 0)) for n in inside)


def _title(name: str, question: Question) -> str:
    titles = {
        "year": "Year of the study",
        "people": "Number of people",
        "control_frequency": f"How common {question.effect_allele} is",
    }
    return titles.get(name, _plain(name))


def _plain(name: str) -> str:
    said = name.replace("_", " ")
    return said[:1].upper() + said[1:]


def _said(one: Bubbles, test: PermutationTest | str) -> str:
    """The slope of a panel, its p-values and its studies."""
    slope, low, high, p = (
        float(getattr(one.fit, name)[1])
        for name in ("coefficients", "ci_low", "ci_high", "p_value")
    )
    unit = one.regression.terms[0].unit
    permutation = ""
    if isinstance(test, PermutationTest):
        permutation = f", by permutation {wording.p_value(float(test.p_value[1]))}"
    return (
        f"{wording.studies(*[one.regression.k] * 2)}; slope {wording.odds_ratio(slope)} "
        f"{wording.interval(low, high)} {unit}; {wording.p_value(p)}{permutation}"
    )


def _cautions_said(found: Sequence[Bubbles]) -> str:
    """What to bear in mind of which panel, each caution once."""
    names: dict[str, list[str]] = {}
    for one in found:
        for caution in one.regression.cautions:
            names.setdefault(caution, []).append(one.moderator.name.replace("_", " "))
    said = [f"{', '.join(of)}: {caution}" for caution, of in names.items()]
    return f"Caution. {'. '.join(text[:1].upper() + text[1:] for text in said)}." if said else ""


def _draw(page: Page, area: Area, studies: Members, one: Bubbles) -> None:
    low, high = area.x_axis.low, area.x_axis.high
    xs = np.linspace(low, high, _STEPS + 1)
    line = regression_line(one.fit, (xs - one.mean)[:, None])
    area.band(page, "band", xs, line.ci_low, line.ci_high, theme.BAND)
    area.line(page, "no effect", [low, high], 0.0, theme.RULE, 0.8)
    numbers = one.moderator.numbers[studies.order]
    shown_studies = studies.only(np.isfinite(numbers))
    numbers = numbers[np.isfinite(numbers)]
    spread = np.sqrt(shown_studies.variance + np.nan_to_num(float(one.fit.tau2)))
    radii = marks.radii_of(spread**-2.0, _LARGEST)
    boxes = shown_studies.draw(page, area, numbers, shown_studies.log_or, radii)
    area.line(page, "regression", xs, line.log_or, theme.PREDICTION, 1.2)
    expected = regression_line(one.fit, (numbers - one.mean)[:, None]).log_or
    distance = np.abs(shown_studies.log_or - expected) / spread
    far = [int(j) for j in np.argsort(-distance, kind="stable") if distance[j] > _FAR]
    place_labels(
        page,
        area,
        [(shown_studies.labels[j], boxes[j]) for j in far],
        boxes=boxes,
        lines=[area.points(xs, line.log_or), area.points([low, high], 0.0)],
        most=_NAMED,
    )
