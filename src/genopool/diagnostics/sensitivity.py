"""The pooled odds ratio without each study, and as studies come in."""

from __future__ import annotations

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
