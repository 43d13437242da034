"""What forest plots of pooled results say, row by row: without each study, and cumulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, log
from typing import Any

import numpy as np

from genopool.diagnostics.tables.diagnose import table_of
from genopool.diagnostics.tables.pools import Pools, Rows
from genopool.figures import wording
from genopool.figures.forest_analysis import TURNED, log_of
from genopool.figures.forest_rows import Estimate
from genopool.figures.questions import Question
from genopool.figures.text import clean
from genopool.figures.wording import number, text

LEAVE_ONE_OUT, BY_YEAR, BY_PRECISION = "leave_one_out", "cumulative_year", "cumulative_precision"
_FEWEST = 3
"""Of two studies, each of the other results is a single study's."""
_ROOM = log(1.5)
_COLUMNS = {
    "p": ("p_value", wording.bare_p),
    "I²": ("i2", wording.per_cent),
    "τ²": ("tau2", wording.bare_tau2),
}


@dataclass(frozen=True, slots=True)
class Step(Estimate):
    """A pooled result as a line of the table."""

    last: tuple[str, ...] = ()
    """The cells after the interval."""
    k: int = 0


@dataclass(frozen=True)
class Repooled:
    """Pooled results of some of the studies, and of all of them.

    Attributes
    ----------
    analysis : str
        ``leave_one_out``, ``cumulative_year`` or ``cumulative_precision``.
    steps : list of Step
    overall : Step
    rows : list of dict
        The rows of `sensitivity.tsv` that the steps show.
    whole : dict
        The row of `pooled.tsv` that `overall` shows.
    headings : tuple of str
        Of the cells after the interval.
    turned : bool
        Whether a study is marked as turned round.
    """

    analysis: str
    steps: list[Step]
    overall: Step
    rows: Rows
    whole: dict[str, Any]
    headings: tuple[str, ...]
    turned: bool


def cumulative_analysis(pools: Pools, i: int) -> str:
    """The order in which the studies of a pool are added: by year where all have one."""
    return BY_PRECISION if np.isnan(pools.years(i)).any() else BY_YEAR


def why_not(pools: Pools, i: int, analysis: str) -> str:
    """Why an overall pool has no such figure; empty if it has."""
    if len(pools.effects[i]) < _FEWEST:
        return "fewer than three studies"
    rows = rows_of(pools, i, analysis)
    if any(isfinite(number(row.get("log_or"))) for row in rows):
        return ""
    reasons = dict.fromkeys(text(row["reason"]) for row in rows if text(row["reason"]))
    return "; ".join(reasons) or "no result of some of the studies has an odds ratio"


def rows_of(pools: Pools, i: int, analysis: str) -> Rows:
    """The rows of `sensitivity.tsv` of a pool and an analysis."""
    key = pools.key(i) | {"analysis": analysis}
    table = table_of(pools, "sensitivity")
    return [row for row in table if all(row[name] == value for name, value in key.items())]


def repooled(pools: Pools, i: int, question: Question, analysis: str) -> Repooled:
    """The lines of the figure of an overall pool."""
    rows, whole = rows_of(pools, i, analysis), pools.rows[i]
    shown = [
        heading
        for heading, (column, _) in _COLUMNS.items()
        if any(isfinite(number(row.get(column))) for row in (*rows, whole))
    ]
    turned = {
        label
        for label, effect in zip(pools.labels(i), pools.effects[i], strict=True)
        if effect.study in question.turned
    }
    years = dict(zip(pools.labels(i), pools.years(i), strict=True))
    steps = []
    for place, row in enumerate(rows):
        study = row["left_out"] or row["added"]
        name = clean(study) + (f" {TURNED}" if study in turned else "")
        if analysis == LEAVE_ONE_OUT:
            label = f"Without {name}"
        else:
            label = f"{'+ ' if place else ''}{_with_year(name, analysis, years[study])}"
        steps.append(_step(row, label, shown))
    k = int(whole["k"])
    label = f"Overall, {wording.studies(k, int(whole['k_studies']) or k)}"
    overall = _step(whole, label, shown)
    return Repooled(analysis, steps, overall, rows, whole, tuple(shown), bool(turned))


def held(steps: Sequence[Step], overall: Step) -> list[Estimate]:
    """What the axis has to hold: of one study or two, whose interval can be vast, the middle."""
    middles = (
        replace(
            step, low=max(step.low, step.log_or - _ROOM), high=min(step.high, step.log_or + _ROOM)
        )
        if step.k < _FEWEST
        else step
        for step in steps
    )
    return [*middles, overall]


def _with_year(name: str, analysis: str, year: float) -> str:
    if analysis != BY_YEAR or f"{year:.0f}" in name:
        return name
    return f"{name} ({year:.0f})"


def _step(row: dict[str, Any], label: str, shown: Sequence[str]) -> Step:
    k = int(number(row.get("k")))
    counts = (number(row.get(name)) for name in ("n_cases", "n_controls"))
    cells = []
    for heading in shown:
        column, said = _COLUMNS[heading]
        cells.append(said(number(row.get(column))))
    return Step(
        label=label,
        counts=(str(k), *map(wording.count, counts)),
        log_or=number(row.get("log_or")),
        low=log_of(number(row.get("ci_low"))),
        high=log_of(number(row.get("ci_high"))),
        last=tuple(cells),
        k=k,
    )
