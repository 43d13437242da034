"""Cumulative meta-analysis against monitoring boundaries (trial sequential analysis)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from genopool.diagnostics.sequential import (
    SequentialMonitoring,
    sequential_boundaries,
    sequential_monitoring,
)
from genopool.diagnostics.tables.credibility_information import (
    NO_YEARS,
    ONE_STUDY,
    WORTH_FINDING,
    look_order,
)
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, theme, wording
from genopool.figures.axes import Area, Axis
from genopool.figures.diagnostics import words
from genopool.figures.diagnostics.frame import figure_of_studies
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel
from genopool.figures.questions import Question
from genopool.figures.text import clean

_HEIGHT = 210.0
_RADIUS = 2.0
_STEPS_AHEAD = 8
_FURTHEST = 9.0
_LEAST_Z = 4.6
_NORMAL = 1.959963984540054
_Z_LINE = marks.line(theme.DIAMOND_OVERALL)
_BOUNDARY = marks.line(theme.PREDICTION)
_AHEAD = marks.line(theme.PREDICTION, ":")
_REQUIRED = marks.line(theme.INK, width=0.8)
_CONVENTIONAL = marks.line(theme.MUTED, "--", 0.8)


@dataclass(frozen=True)
class Looks:
    """The looks in the order in which studies come in; arrays have shape (looks,).

    Attributes
    ----------
    fraction : ndarray
        Information over the required information.
    z : ndarray
        Cumulative z.
    boundary : ndarray
        |z| that is significant; infinite for a look that does not count, NaN after the required
        information.
    labels : list of str
        The study that each look adds.
    """

    fraction: np.ndarray
    z: np.ndarray
    boundary: np.ndarray
    labels: list[str]


def looks_of(monitoring: SequentialMonitoring, labels: list[str]) -> Looks:
    """The looks of one set of studies, first to last."""
    there = np.flatnonzero(~np.isnan(monitoring.fraction))
    place = there[np.argsort(monitoring.fraction[there], kind="stable")]
    return Looks(
        *(getattr(monitoring, name)[place] for name in ("fraction", "z", "boundary")),
        labels=[labels[j] for j in place],
    )


def boundary_ahead(looks: Looks, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Fractions and boundaries from the last look to the required information; empty if reached.

    As if the studies to come were looked at in even steps.
    """
    if looks.fraction[-1] >= 1:
        return np.empty(0), np.empty(0)
    fraction = np.linspace(looks.fraction[-1], 1.0, _STEPS_AHEAD + 1)
    # A look whose boundary is this far out changes nothing at those after it.
    so_far = looks.fraction[:-1][looks.boundary[:-1] < _FURTHEST]
    return fraction, sequential_boundaries([*so_far, *fraction], alpha=alpha)[so_far.size :]


def why_not(pools: Pools, i: int) -> str:
    """Why a pool has no such figure; blank if it has."""
    if pools.rows[i]["k"] < 2:
        return ONE_STUDY
    return NO_YEARS if look_order(pools, i) is None else ""


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The cumulative z of an overall pool against its monitoring boundaries."""
    years = pools.years(i)
    tau2, interval, level = (pools.choices[name] for name in ("tau2", "interval", "level"))
    monitoring = sequential_monitoring(
        *(x[i, : years.size] for x in pools.pair),
        look_order(pools, i),
        odds_ratio=WORTH_FINDING,
        tau2=tau2,
        interval=interval,
    )
    looks = looks_of(monitoring, pools.labels(i))
    ahead = boundary_ahead(looks, monitoring.alpha)
    highest = max(_LEAST_Z, 1.1 * float(np.abs(looks.z).max()))
    panel = Panel(
        "",
        "",
        Axis("Share of the required information", 0.0, 1.04 * max(1.0, looks.fraction[-1])),
        Axis("Cumulative z (above 0: higher odds)", -highest, highest),
        lambda page, area: _contents(page, area, looks, ahead),
        height=_HEIGHT,
    )
    return figure_of_studies(
        [panel],
        pools,
        i,
        question,
        stratifier,
        kind="sequential monitoring",
        paragraphs=[
            f"They come in by year, {years.min():.0f} to {years.max():.0f}, those of one year by "
            f"name. {words.method(tau2, interval, level)}; z is the normal deviate of "
            "its p-value.",
            _assumed(monitoring)
            + (" Dotted: for studies to come, looked at in even steps." if ahead[0].size else ""),
            _found(looks, monitoring),
        ],
        keys=[
            Key("Cumulative z, a point a study", marks.legend(_Z_LINE, marks.sample(marks.DOT))),
            Key("Monitoring boundary", marks.legend(_BOUNDARY)),
            *([Key("Boundary ahead", marks.legend(_AHEAD))] if ahead[0].size else []),
            Key("±1.96, for one look only", marks.legend(_CONVENTIONAL)),
            Key("Required information", marks.legend(_REQUIRED)),
            Key(
                f"Last look, z = {_signed(looks.z[-1])}",
                marks.legend(marks.sample(marks.OPEN_DIAMOND)),
            ),
        ],
    )


def _contents(page: Page, area: Area, looks: Looks, ahead: tuple) -> None:
    ends = [area.x_axis.low, area.x_axis.high]
    area.line(page, "no effect", ends, 0.0, theme.RULE, 0.8)
    area.line(page, "required", 1.0, [area.y_axis.low, area.y_axis.high], theme.INK, 0.8)
    counts = np.isfinite(looks.boundary)
    for sign in (1, -1):
        area.line(page, "conventional", ends, sign * _NORMAL, theme.MUTED, 0.8, "--")
        area.line(
            page,
            "boundary",
            looks.fraction[counts],
            sign * looks.boundary[counts],
            theme.PREDICTION,
            1.3,
        )
        area.line(page, "boundary ahead", ahead[0], sign * ahead[1], theme.PREDICTION, 1.3, ":")
    area.line(page, "z", looks.fraction, looks.z, theme.DIAMOND_OVERALL, 1.3)
    points = area.points(looks.fraction, looks.z)
    marks.draw_marks(page, "points", points[:-1], marks.DOT, _RADIUS)
    marks.draw_marks(page, "last look", points[-1:], marks.OPEN_DIAMOND, _RADIUS + 1.5)


def _assumed(monitoring: SequentialMonitoring) -> str:
    return (
        f"Boundaries: O'Brien-Fleming spending (Lan and DeMets), two-sided α = "
        f"{monitoring.alpha:g}. The required information, at 1, is what finds an odds ratio of "
        f"{monitoring.odds_ratio:g} (or 1/{monitoring.odds_ratio:g}) with power "
        f"{monitoring.power:.0%}, more by the heterogeneity (diversity D² = "
        f"{wording.per_cent(100 * float(monitoring.diversity))})."
    )


def _found(looks: Looks, monitoring: SequentialMonitoring) -> str:
    """What to see: whether a boundary was crossed, and how much of the information there is."""
    beyond = np.flatnonzero(np.abs(looks.z) >= looks.boundary)
    passed = (np.abs(looks.z) >= _NORMAL).any()
    share = looks.fraction[-1]
    if beyond.size:
        first, counted = beyond[0], np.flatnonzero(~np.isnan(looks.boundary))[-1]
        said = (
            f"The line first crosses a boundary with {clean(looks.labels[first])} (z = "
            f"{_signed(looks.z[first])} against ±{looks.boundary[first]:.2f}): significant, even "
            "though the studies are looked at again and again"
        )
        is_back = abs(looks.z[counted]) < looks.boundary[counted]
        said += "; at the last look with a boundary it is back within. " if is_back else ". "
    else:
        until = " as long as there is one" if np.isnan(looks.boundary[-1]) else ""
        said = f"The line crosses no boundary{until}"
        said += ", though it has passed 1.96. " if passed else ". "
    if share >= 1:
        return said + _once_reached(looks)
    return said + (
        f"The studies hold {wording.per_cent(100 * share)} of the required information, so that "
        "what has not been found may still be there."
        if not beyond.size
        else f"The studies hold {wording.per_cent(100 * share)} of the required information."
    )


def _once_reached(looks: Looks) -> str:
    """z of all studies against the boundary of the last look that has one, as the table has it."""
    last = np.flatnonzero(~np.isnan(looks.boundary))[-1]
    said = "The required information has been reached"
    if last == looks.z.size - 1:
        return f"{said}."
    side = "beyond" if abs(looks.z[-1]) >= looks.boundary[last] else "within"
    return (
        f"{said}, with {last + 1} of {looks.z.size} studies; z of all of them, "
        f"{_signed(looks.z[-1])}, is {side} the boundary of that look, ±{looks.boundary[last]:.2f}."
    )


def _signed(z: float) -> str:
    return f"{z:.2f}".replace("-", "−")
