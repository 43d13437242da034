"""The pooled odds ratio without each study, pair or set of studies, and as studies come in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genopool.pooling.fit import Fit
from genopool.pooling.inverse_variance import pool
from genopool.pooling.study_sets import check_pair


def leave_one_out(log_or, variance, **choices) -> Fit:
    """Pool again without each study in turn, all in one call.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    **choices
        As `genopool.pool` takes them: `tau2`, `interval`, `level`, `prediction`.

    Returns
    -------
    Fit
        With arrays of shape (..., studies): the pool without that study; NaN for an absent one.

    Raises
    ------
    ValueError
        As `genopool.pool` does.
    """
    y, v = check_pair(log_or, variance)
    left_out = np.eye(y.shape[-1], dtype=bool)
    absent = np.isnan(y)[..., :, None]
    return _pool_subsets(y, v, ~(left_out | absent), choices)


def cumulative(log_or, variance, order=None, **choices) -> Fit:
    """Pool the first study, the first two, and so on.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    order : array_like, shape (studies,) or (..., studies), optional
        Studies come in by increasing value (a year, or the variance for the most precise first);
        those with equal values in the order given. Left out: the order given.
    **choices
        As `genopool.pool` takes them: `tau2`, `interval`, `level`, `prediction`.

    Returns
    -------
    Fit
        With arrays of shape (..., studies): the pool of that study and of all that come before it;
        NaN for an absent one.

    Raises
    ------
    ValueError
        As `genopool.pool` does, and for an order that is NaN for a study that is there.
    """
    y, v = check_pair(log_or, variance)
    absent = np.isnan(y)
    rank = np.broadcast_to(np.arange(y.shape[-1]), y.shape)
    if order is not None:
        order = np.broadcast_to(np.asarray(order, dtype=float), y.shape)
        if (np.isnan(order) & ~absent).any():
            raise ValueError("order: a study that is there has no value (NaN)")
        rank = order.argsort(axis=-1, kind="stable").argsort(axis=-1)
    comes_in = rank[..., None, :] <= rank[..., :, None]
    return _pool_subsets(y, v, comes_in & ~absent[..., :, None], choices)


def _pool_subsets(y: np.ndarray, v: np.ndarray, kept: np.ndarray, choices: dict) -> Fit:
    """Pool subsets of the studies: `kept` has shape (..., subsets, studies)."""
    return pool(*(np.where(kept, x[..., None, :], np.nan) for x in (y, v)), **choices)


def without_studies(log_or, variance, left_out, **choices) -> Fit:
    """Pool again without given sets of studies, all in one call.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    left_out : array_like of bool, shape (sets, studies) or (..., sets, studies)
        The studies that each pool does without: those out of Hardy-Weinberg equilibrium, say, or
        those with reported estimates only.
    **choices
        As `genopool.pool` takes them: `tau2`, `interval`, `level`, `prediction`.

    Returns
    -------
    Fit
        With arrays of shape (..., sets).

    Raises
    ------
    ValueError
        As `genopool.pool` does, and for a `left_out` that is not of bool or does not fit.
    """
    y, v = check_pair(log_or, variance)
    out = np.asarray(left_out)
    if out.dtype != bool or out.ndim < 2 or out.shape[-1] != y.shape[-1]:
        raise ValueError(
            f"left_out is {out.dtype} of shape {out.shape}; expected bool, (..., sets, "
            f"{y.shape[-1]})"
        )
    return _pool_subsets(y, v, ~(out | np.isnan(y)[..., None, :]), choices)


@dataclass(frozen=True)
class LeaveTwoOut:
    """What leaving out any two studies does; arrays have the leading axes of the data.

    NaN (and -1 for places) with fewer than three studies.

    Attributes
    ----------
    lowest, highest : ndarray
        Smallest and largest pooled log odds ratio without two studies.
    without_lowest, without_highest : ndarray of int, shape (..., 2)
        The places of the two studies left out then.
    lowest_p, highest_p : ndarray
        Smallest and largest p-value.
    pairs, significant, reversed : ndarray of int
        Pairs of studies; how many of the pools without them have p below 1 - `level`, and how
        many a log odds ratio of the other sign than the pool of all.
    level : float
    """

    lowest: np.ndarray
    highest: np.ndarray
    without_lowest: np.ndarray
    without_highest: np.ndarray
    lowest_p: np.ndarray
    highest_p: np.ndarray
    pairs: np.ndarray
    significant: np.ndarray
    reversed: np.ndarray
    level: float


def leave_two_out(log_or, variance, *, level: float = 0.95, **choices) -> LeaveTwoOut:
    """Pool again without each pair of studies, and sum up what happens.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    level : float
        A pool with p below 1 - `level` counts as significant.
    **choices
        As `genopool.pool` takes them: `tau2`, `interval`.

    Returns
    -------
    LeaveTwoOut

    Raises
    ------
    ValueError
        As `genopool.pool` does.
    """
    y, v = check_pair(log_or, variance)
    if y.shape[-1] < 2:  # one pair, absent, so that there is something to look through
        room = [(0, 0)] * (y.ndim - 1) + [(0, 2)]
        y, v = (np.pad(x, room, constant_values=np.nan) for x in (y, v))
    first, second = np.triu_indices(y.shape[-1], 1)
    out = np.zeros((first.size, y.shape[-1]), dtype=bool)
    out[np.arange(first.size), first] = out[np.arange(first.size), second] = True
    choices = {"prediction": "none"} | choices | {"level": level}
    whole = np.asarray(pool(y, v, **choices).estimate)
    fit = without_studies(y, v, out, **choices)
    estimate, p = fit.estimate, fit.p_value
    there = ~np.isnan(y)
    counts = there[..., first] & there[..., second] & (there.sum(axis=-1) > 2)[..., None]
    some = counts.any(axis=-1)
    low, high = np.where(counts, estimate, np.inf), np.where(counts, estimate, -np.inf)

    def places(index: np.ndarray) -> np.ndarray:
        return np.where(some[..., None], np.stack([first[index], second[index]], axis=-1), -1)

    def of_some(values: np.ndarray) -> np.ndarray:
        return np.where(some, values, np.nan)[()]

    opposite = np.sign(estimate) * np.sign(whole)[..., None] < 0
    return LeaveTwoOut(
        lowest=of_some(low.min(axis=-1)),
        highest=of_some(high.max(axis=-1)),
        without_lowest=places(low.argmin(axis=-1)),
        without_highest=places(high.argmax(axis=-1)),
        lowest_p=of_some(np.where(counts, p, np.inf).min(axis=-1)),
        highest_p=of_some(np.where(counts, p, -np.inf).max(axis=-1)),
        pairs=counts.sum(axis=-1),
        significant=(counts & (p < 1 - level)).sum(axis=-1),
        reversed=(counts & opposite).sum(axis=-1),
        level=level,
    )
