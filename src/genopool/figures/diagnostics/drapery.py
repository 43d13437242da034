"""Drapery plot: the p-value of every odds ratio, for each study and for their pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from scipy.special import ndtri

from genopool.diagnostics.p_value_function import INTERVALS, PREDICTIONS, p_value_function
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, method_wording, theme
from genopool.figures.axes import ODDS, Area, Axis, Tick
from genopool.figures.diagnostics import words
from genopool.figures.diagnostics.frame import figure_of_studies
from genopool.figures.diagnostics.members import members
from genopool.figures.odds_axis import axis_limits
from genopool.figures.page import Page
from genopool.figures.plot import Key, Panel
from genopool.figures.questions import Question
from genopool.pooling.inverse_variance import pool

#: The smallest p-value of the axis, and those that have lines.
LEAST = 0.0005
LINES = (0.05, 0.01, 0.001)
_STEPS = 300
_HEIGHT = 240.0
_POOL = marks.line(theme.DIAMOND_OVERALL, width=2.2)
_STUDY = marks.line(theme.RULE, width=0.5)


@dataclass(frozen=True)
class Curves:
    """p-value functions as heights; see `height`.

    Attributes
    ----------
    theta : ndarray, shape (grid,)
        Log odds ratios.
    pool, prediction : ndarray, shape (grid,)
        Heights; NaN where there is none.
    studies : ndarray, shape (studies, 3)
        Log odds ratios at which each study's tent starts, peaks and ends.
    """

    theta: np.ndarray
    pool: np.ndarray
    prediction: np.ndarray
    studies: np.ndarray


def height(p_value: ArrayLike) -> np.ndarray:
    """-|z| of a two-sided p-value: 0 at p = 1, -1.96 at p = 0.05."""
    with np.errstate(divide="ignore"):
        return ndtri(np.asarray(p_value, dtype=float) / 2)


_LOWEST = float(height(LEAST))
_P_TICKS = tuple(
    Tick(float(height(p)), f"{p:g}") for p in (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001)
)
_LEVEL_TICKS = tuple(
    Tick(float(height(1 - level)), f"{100 * level:g}%")
    for level in (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
)


def interval_drawn(interval: str, tau2: str) -> str:
    """The interval that the function of the pool goes with: the one configured if it has one."""
    if interval in INTERVALS:
        return interval
    return "wald" if tau2 == "EE" else "hartung-knapp"


def curves(pools: Pools, i: int, limits: tuple[float, float]) -> Curves:
    """The curves of a pool within `limits`, log odds ratios."""
    studies = members(pools, i)
    y, v = studies.log_or, studies.variance
    tau2 = pools.choices["tau2"]
    prediction = pools.config.pooling.prediction_used
    whole = pool(y, v, tau2=tau2, interval="wald", prediction="none")
    fit = p_value_function(
        y,
        v,
        # With the estimate among them, so that the curve has its peak.
        np.unique([*np.linspace(*limits, _STEPS + 1), float(whole.estimate)]),
        tau2=tau2,
        interval=interval_drawn(pools.choices["interval"], tau2),
        prediction=prediction if prediction in PREDICTIONS else "default",
    )
    reach = -float(height(LEAST)) * np.sqrt(v)
    return Curves(
        theta=fit.theta,
        pool=height(fit.pool),
        prediction=height(fit.prediction),
        studies=np.stack([y - reach, y, y + reach], axis=-1),
    )


def draw(pools: Pools, i: int, question: Question, stratifier: str) -> Figure:
    """The p-value functions of an overall pool and of its studies."""
    studies = members(pools, i)
    y, v = studies.log_or, studies.variance
    spread = -float(height(0.05)) * np.sqrt(v)
    limits = axis_limits(y, y - spread, y + spread)
    shown = curves(pools, i, limits)
    panel = Panel(
        "",
        "",
        Axis("Odds ratio", *limits, ODDS),
        Axis("p-value of the odds ratio", _LOWEST, 0.0, ticks=_P_TICKS),
        lambda page, area: _contents(page, area, shown),
        height=_HEIGHT,
        right=Axis("Level of the interval", _LOWEST, 0.0, ticks=_LEVEL_TICKS),
    )
    has_prediction = bool(np.isfinite(shown.prediction).any())
    return figure_of_studies(
        [panel],
        pools,
        i,
        question,
        stratifier,
        kind="p-value functions (drapery plot)",
        paragraphs=[
            _method(pools, has_prediction),
            "A curve is the p-value of every odds ratio, 1 at the estimate; where it crosses a "
            "line, the interval of the level at the right ends. An odds ratio under the thick "
            "curve's peak fits the studies well, one far down its sides does not.",
        ],
        keys=[
            Key("Pool of the studies", marks.legend(_POOL)),
            Key("One study", marks.legend(_STUDY)),
            *([Key("New study's true effect", marks.legend(marks.band()))] * has_prediction),
        ],
    )


def _contents(page: Page, area: Area, shown: Curves) -> None:
    if np.isfinite(shown.prediction).any():
        area.polygon(
            page, "prediction", [shown.theta[0], *shown.theta, shown.theta[-1]],
            [_LOWEST, *np.nan_to_num(shown.prediction, nan=_LOWEST), _LOWEST], theme.BAND,
        )  # fmt: skip
    for p in LINES:
        area.line(page, "lines", shown.theta[[0, -1]], height(p), theme.MUTED, 0.6, "--")
    area.line(page, "no effect", 0.0, [_LOWEST, 0.0], theme.INK, 0.8)
    for study in shown.studies:
        area.line(page, "studies", study, [_LOWEST, 0.0, _LOWEST], theme.RULE, 0.5)
    # In halves, or the corner at the peak would stick out of the axis.
    peak = int(np.nanargmax(shown.pool))
    for half in (slice(None, peak + 1), slice(peak, None)):
        area.line(page, "pool", shown.theta[half], shown.pool[half], theme.DIAMOND_OVERALL, 2.2)


def _method(pools: Pools, has_prediction: bool) -> str:
    tau2, interval, level = (pools.choices[name] for name in ("tau2", "interval", "level"))
    drawn = interval_drawn(interval, tau2)
    said = f"{words.method(tau2, drawn, level)}."
    if drawn != interval:
        said += (
            f" The {method_wording.limits(interval, level)} that is configured is no multiple of "
            "a standard error, and has no such curve."
        )
    if has_prediction:
        said += " Shaded: the same for the true odds ratio of a new study (prediction interval"
        named = pools.config.pooling.prediction_used
        said += ")." if named in PREDICTIONS else f"; the usual one, since {named}'s has no curve)."
    return said
