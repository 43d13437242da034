"""Trim and fill: studies that an asymmetric funnel plot seems to lack, and the pool with them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from genopool.diagnostics.meta_regression import meta_regression
from genopool.pooling.fit import Fit
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_name
from genopool.pooling.study_sets import check_pair

ESTIMATORS = ("L0", "R0", "Q0")
SIDES = ("auto", "left", "right")
#: In place of a number: it cycles, or trims every study.
NEVER_SETTLES = -1
#: Rounds after which an estimate that still moves is given up as cycling.
_MOST_ROUNDS = 100


@dataclass(frozen=True)
class TrimAndFill:
    """Studies that seem to be missing; arrays have the leading axes of the data.

    Attributes
    ----------
    k_filled : ndarray of int
        Studies filled in; -1 where their number never settles or would be all of the studies, and
        then nothing is filled.
    side : ndarray of str
        Where they seem to be missing: `left` (low odds ratios) or `right`.
    log_or, variance : ndarray, shape (..., 2 * studies)
        The studies as given, then the filled ones; NaN for none.
    fit : Fit
        The pool of all of them.
    """

    k_filled: np.ndarray
    side: np.ndarray
    log_or: np.ndarray
    variance: np.ndarray
    fit: Fit


def trim_and_fill(
    log_or,
    variance,
    *,
    estimator: str = "L0",
    side: str = "auto",
    tau2: str = "REML",
    interval: str | None = None,
    level: float = 0.95,
) -> TrimAndFill:
    """Trim the studies without a counterpart, and fill in their mirror images.

    A look at how the pool might change, not a corrected result: heterogeneity makes funnels
    asymmetric too.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    estimator : str
        Of the number missing: `L0`, `R0` or `Q0`.
    side : str
        `left`, `right`, or `auto`: opposite to the slope of the mixed-effects Egger regression.
    tau2, interval, level
        As `genopool.pool` takes them. The trimmed means use the same estimator of tau².

    Returns
    -------
    TrimAndFill

    Raises
    ------
    ValueError
        Unknown choices; impossible variances.

    References
    ----------
    Duval S, Tweedie R (2000) Biometrics 56:455, and J Am Stat Assoc 95:89. Steps as metafor's
    `trimfill`.
    """
    check_name("estimator", estimator, ESTIMATORS)
    check_name("side", side, SIDES)
    y, v = check_pair(log_or, variance)
    lead, studies = y.shape[:-1], y.shape[-1]
    y, v = (a.reshape(math.prod(lead), studies) for a in (y, v))
    right = np.full(y.shape[0], side == "right")
    if side == "auto":
        slope = meta_regression(y, v, np.sqrt(v)[..., None], tau2=tau2).coefficients[..., 1]
        right = slope < 0
    turned = np.where(right, -1.0, 1.0)[:, None]
    order = np.argsort(turned * y, axis=-1, kind="stable")  # NaN stands last
    ordered, of_ordered = (np.take_along_axis(a, order, axis=-1) for a in (turned * y, v))
    missing, centre = _missing(ordered, of_ordered, estimator, tau2)
    k = (~np.isnan(y)).sum(axis=-1)
    place = np.arange(studies)
    filled = (place >= (k - np.maximum(missing, 0))[:, None]) & (place < k[:, None])
    mirror = turned * np.where(filled, 2 * centre[:, None] - ordered, np.nan)
    y, v = (
        np.concatenate(pair, axis=-1)
        for pair in ((y, mirror), (v, np.where(filled, of_ordered, np.nan)))
    )
    y, v = (a.reshape(*lead, 2 * studies) for a in (y, v))
    return TrimAndFill(
        k_filled=missing.reshape(lead)[()],
        side=np.where(right, "right", "left").reshape(lead)[()],
        log_or=y,
        variance=v,
        fit=pool(y, v, tau2=tau2, interval=interval, level=level),
    )


def _missing(
    y: np.ndarray, v: np.ndarray, estimator: str, tau2: str
) -> tuple[np.ndarray, np.ndarray]:
    """How many studies each set of increasing effects lacks on its left, and its centre."""
    sets, studies = y.shape
    k = (~np.isnan(y)).sum(axis=-1)
    missing, centre = np.zeros(sets, dtype=int), np.full(sets, np.nan)
    place = np.arange(studies)
    moving = k > 0
    for _ in range(_MOST_ROUNDS):
        who = np.flatnonzero(moving)
        if not who.size:
            break
        kept = place < (k - missing)[who, None]
        trimmed = (np.where(kept, a[who], np.nan) for a in (y, v))
        centre[who] = pool(*trimmed, tau2=tau2, interval="wald", prediction="none").estimate
        now = _estimate(y[who] - centre[who, None], k[who], estimator)
        lost = now >= k[who]
        moving[who] = (now != missing[who]) & ~lost
        missing[who] = np.where(lost, NEVER_SETTLES, now)
    missing[moving] = NEVER_SETTLES
    return missing, centre


def _estimate(distance: np.ndarray, k: np.ndarray, estimator: str) -> np.ndarray:
    """R0, L0 or Q0 from the distances to the centre (Duval and Tweedie 2000)."""
    absolute = np.where(np.isnan(distance), np.inf, np.abs(distance))
    rank = absolute.argsort(axis=-1, kind="stable").argsort(axis=-1) + 1.0
    above, below = distance > 0, distance < 0
    n = k.astype(float)
    if estimator == "R0":
        number = n - np.where(below, rank, 0).max(axis=-1) - 1
    else:
        wilcoxon = np.where(above, rank, 0).sum(axis=-1)
        if estimator == "L0":
            number = (4 * wilcoxon - n * (n + 1)) / (2 * n - 1)
        else:
            number = n - 0.5 - np.sqrt(np.maximum(2 * n * n - 4 * wilcoxon + 0.25, 0))
    return np.maximum(np.rint(number), 0).astype(int)
