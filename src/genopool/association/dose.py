"""The log odds ratio per unit of a dose: the logistic trend of counts over any doses.

The additive model is the trend over 0, 1 and 2 effect alleles; the trend over the length of a
repeat has as many doses as there are lengths.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from genopool.association.counts import (
    ABSENT,
    DOUBLE_ZERO,
    EMPTY_GROUP,
    NOT_CORRECTED,
    USED,
    Correction,
    amounts_to_add,
    checked_correction,
    checked_counts,
)

# Newton needs 5 to 10 steps; a study whose cases and controls barely overlap some 30.
MAX_STEPS = 200
# Of a step, in standard deviations of the dose: the error left is its square.
TOLERANCE = 1e-10

Array = NDArray[np.float64]
Solve = Callable[[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True)
class TrendFit:
    """Log odds ratios per unit of dose and what was done to each study.

    Attributes
    ----------
    log_or, variance : ndarray
        Slope of the logistic model and its inverse information; NaN for a study not used.
    added, added_controls : ndarray
        Amount added to each count of the cases and of the controls, 0 if none.
    status : ndarray of int
        A code of `genopool.association.counts.STATUS_TEXT`.
    """

    log_or: Array
    variance: Array
    added: Array
    added_controls: Array
    status: NDArray[np.int8]


def logistic_trend(
    cases: ArrayLike,
    controls: ArrayLike,
    doses: ArrayLike,
    *,
    correction: Correction = 0.5,
    apply: str = "only0",
) -> TrendFit:
    """Maximum-likelihood slope of logit(case) on a dose, such as the length of a repeat.

    Parameters
    ----------
    cases, controls : array_like, shape (..., studies, doses)
        People by dose (of a genotype: the sum of its two lengths), or chromosomes by length.
        Fractions are allowed; NaN in any is an absent study.
    doses : array_like, shape (doses,)
        The dose of each count; equal doses are added up.
    correction : float or "treatment-arm"
        Added to the counts of every dose that the study has, where the slope would be infinite,
        and nowhere else. ``"treatment-arm"`` adds the group's share of all people.
    apply : {"only0", "if0all", "all", "none"}
        With ``"none"`` a study of infinite slope is dropped. The others do the same here: a
        zero cell alone is no reason to correct.

    Returns
    -------
    TrendFit
        Arrays of shape (..., studies).

    Raises
    ------
    ValueError
        A negative or infinite count (with its index), doses that are not finite or not as many
        as the counts, an unknown `apply` or `correction`.

    Notes
    -----
    The slope is finite unless the highest dose in one group is no higher than the lowest in the
    other (Albert and Anderson 1984: separation, complete or quasi). If everybody has one dose
    there is no slope, and the study is dropped. Counts of people need no Hardy-Weinberg
    equilibrium; counts of chromosomes are taken for independent draws, which they are in it.
    """
    checked_correction(correction, apply)
    given = np.asarray(doses, dtype=float)
    case_counts, control_counts = checked_counts(cases=cases, controls=controls)
    if given.ndim != 1 or case_counts.ndim == 0 or case_counts.shape[-1] != given.size:
        raise ValueError(
            f"cases and controls have shape {case_counts.shape} and doses {given.shape}: "
            "the last axis must be the doses"
        )
    if not np.isfinite(given).all():
        raise ValueError("doses must be finite numbers")
    distinct, place = np.unique(given, return_inverse=True)
    to_distinct = np.equal.outer(place, np.arange(distinct.size)).astype(float)
    x, y = case_counts @ to_distinct, control_counts @ to_distinct
    return fit_slopes(
        x,
        y,
        lambda a, b: _newton(a, b, distinct)[:2],
        correction=correction,
        apply=apply,
        where=(x + y) > 0,
    )


def fit_slopes(
    cases: Array,
    controls: Array,
    solve: Solve,
    *,
    correction: Correction,
    apply: str,
    where: NDArray[np.bool_] | bool = True,
) -> TrendFit:
    """Slopes of the studies that have one, and the fate of the others.

    Parameters
    ----------
    cases, controls : ndarray, shape (..., doses)
        Checked counts, the doses increasing.
    solve : callable
        Slope and inverse information of studies, shape (studies, doses), whose slope is finite.
    correction, apply
        As in `logistic_trend`.
    where : ndarray of bool, shape (..., doses), or True
        The counts that a correction is added to.
    """
    n_cases, n_controls = cases.sum(axis=-1), controls.sum(axis=-1)
    status = np.full(n_cases.shape, USED, dtype=np.int8)
    status[((cases + controls) > 0).sum(axis=-1) <= 1] = DOUBLE_ZERO
    status[(n_cases == 0) | (n_controls == 0)] = EMPTY_GROUP
    status[np.isnan(n_cases + n_controls)] = ABSENT

    infinite = (status == USED) & (_separated(cases, controls) | _separated(controls, cases))
    for_cases, for_controls = amounts_to_add(correction, n_cases, n_controls)
    corrected = infinite & (apply != "none")
    added = np.where(corrected, for_cases, 0.0)
    added_controls = np.where(corrected, for_controls, 0.0)
    status[infinite & ((added == 0) | (added_controls == 0))] = NOT_CORRECTED

    used = status == USED
    log_or, variance = np.full(used.shape, np.nan), np.full(used.shape, np.nan)
    log_or[used], variance[used] = solve(
        np.where(where, cases + added[..., None], cases)[used],
        np.where(where, controls + added_controls[..., None], controls)[used],
    )
    return TrendFit(
        log_or=log_or,
        variance=variance,
        added=np.where(used, added, 0.0),
        added_controls=np.where(used, added_controls, 0.0),
        status=status,
    )


def _separated(lower: Array, upper: Array) -> NDArray[np.bool_]:
    """Whether the highest dose in `lower` is no higher than the lowest in `upper`."""
    highest = lower.shape[-1] - 1 - np.argmax(lower[..., ::-1] > 0, axis=-1)
    lowest = np.argmax(upper > 0, axis=-1)
    return highest <= lowest


def fitted_cases(cases: Array, controls: Array, doses: Array) -> Array:
    """The share of cases at each dose under the logistic trend.

    Parameters
    ----------
    cases, controls : ndarray, shape (studies, doses)
        Of studies whose slope is finite.
    doses : ndarray, shape (doses,)
        Not all equal; in any order, and equal ones allowed.
    """
    return _newton(cases, controls, doses)[2]


def _newton(cases: Array, controls: Array, doses: Array) -> tuple[Array, Array, Array]:
    """Slope, inverse information and shares of cases, by Newton steps that never lose likelihood.

    The log likelihood is strictly concave, so a step that does not gain is halved until it does.
    The dose is taken in standard deviations from its mean, which keeps the steps well scaled.
    """
    n = cases + controls
    total = n.sum(axis=-1, keepdims=True)
    mean = (n @ doses)[:, None] / total
    spread = np.sqrt((n * (doses - mean) ** 2).sum(axis=-1, keepdims=True) / total)
    z = (doses - mean) / spread
    level = np.log(cases.sum(axis=-1)) - np.log(controls.sum(axis=-1))
    slope = np.zeros(len(cases))
    active = np.arange(len(cases))
    for _ in range(MAX_STEPS):
        if active.size == 0:
            break
        x, m, dose = cases[active], n[active], z[active]
        here = level[active], slope[active]
        p = expit(here[0][:, None] + here[1][:, None] * dose)
        residual = x - m * p
        w = m * p * (1 - p)
        w0, w1, w2 = w.sum(axis=-1), (w * dose).sum(axis=-1), (w * dose**2).sum(axis=-1)
        g0, g1 = residual.sum(axis=-1), (residual * dose).sum(axis=-1)
        determinant = w0 * w2 - w1**2
        step = (w2 * g0 - w1 * g1) / determinant, (w0 * g1 - w1 * g0) / determinant
        before = _log_likelihood(x, m, dose, *here)
        share = np.ones(len(active))
        close = np.maximum(np.abs(step[0]), np.abs(step[1])) < TOLERANCE * (1 + np.abs(here[1]))
        for _ in range(60):
            new = here[0] + share * step[0], here[1] + share * step[1]
            worse = _log_likelihood(x, m, dose, *new) < before
            # The last steps gain less than rounding shows.
            worse &= np.maximum(np.abs(step[0]), np.abs(step[1])) * share > 1e-6
            if not worse.any():
                break
            share = np.where(worse, share / 2, share)
        level[active], slope[active] = new
        active = active[~close]
    p = expit(level[:, None] + slope[:, None] * z)
    w = n * p * (1 - p)
    centre = (w * z).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
    information = (w * (z - centre) ** 2).sum(axis=-1) / spread[:, 0] ** -2
    return slope / spread[:, 0], 1 / information, p


def _log_likelihood(cases: Array, n: Array, dose: Array, level: Array, slope: Array) -> Array:
    eta = level[:, None] + slope[:, None] * dose
    return (cases * eta - n * np.logaddexp(0.0, eta)).sum(axis=-1)
