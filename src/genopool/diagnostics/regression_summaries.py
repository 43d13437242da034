"""What else a meta-regression says: collinearity of its moderators, and the line with its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genopool.diagnostics.meta_regression import MetaRegression
from genopool.pooling.intervals import t_quantile


def variance_inflation(
    fit: MetaRegression, factors: Sequence[Sequence[int]] | None = None
) -> np.ndarray:
    """Variance inflation factors: how collinearity widens the interval of each moderator.

    Parameters
    ----------
    fit : MetaRegression
    factors : sequence of sequences of int, optional
        Moderators that belong together, counted from 0, such as the columns of a factor; each
        gets one generalised factor. Left out: each moderator on its own.

    Returns
    -------
    ndarray, shape (..., moderators) or (..., factors)
        1 without collinearity; NaN where there is no fit.

    Raises
    ------
    ValueError
        A moderator that is not there.

    References
    ----------
    Fox J, Monette G (1992) J Am Stat Assoc 87:178. From the covariance of the coefficients, as
    metafor's `vif`.
    """
    inside = np.asarray(fit.covariance)[..., 1:, 1:]
    p = inside.shape[-1]
    groups = [[j] for j in range(p)] if factors is None else [list(group) for group in factors]
    for group in groups:
        if not group or not all(isinstance(j, int) and 0 <= j < p for j in group):
            raise ValueError(f"factors: {group!r} must be moderators between 0 and {p - 1}")
    out = np.full((*inside.shape[:-2], len(groups)), np.nan)
    if not groups:
        return out
    exists = np.isfinite(inside).all(axis=(-1, -2))
    inside = np.where(exists[..., None, None], inside, np.eye(p))
    scale = np.sqrt(np.einsum("...aa->...a", inside))
    correlation = inside / (scale[..., :, None] * scale[..., None, :])
    for place, group in enumerate(groups):
        rest = [j for j in range(p) if j not in group]
        blocks = [correlation[..., np.ix_(b, b)[0], np.ix_(b, b)[1]] for b in (group, rest)]
        parts = np.linalg.det(blocks[0]) * np.linalg.det(blocks[1])
        out[..., place] = np.where(exists, parts / np.linalg.det(correlation), np.nan)
    return out


@dataclass(frozen=True)
class RegressionLine:
    """A meta-regression at given moderators; arrays of shape (..., points).

    Attributes
    ----------
    log_or, se, ci_low, ci_high : ndarray
        The mean log odds ratio there.
    pi_low, pi_high : ndarray
        Prediction interval for the true log odds ratio of a new study there.
    """

    log_or: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    pi_low: np.ndarray
    pi_high: np.ndarray


def regression_line(fit: MetaRegression, moderators) -> RegressionLine:
    """The regression line and its intervals, as a bubble plot shows them.

    Parameters
    ----------
    fit : MetaRegression
    moderators : array_like, shape (points, moderators)
        Where to predict.

    Returns
    -------
    RegressionLine
        Intervals at the level and with the distribution of the fit; the prediction interval adds
        tau² to the variance (0 under equal effects), as metafor's `predict`.

    Raises
    ------
    ValueError
        Moderators of another number.
    """
    coefficients = np.asarray(fit.coefficients)
    x = np.asarray(moderators, dtype=float)
    p = coefficients.shape[-1] - 1
    if x.ndim != 2 or x.shape[1] != p:
        raise ValueError(f"moderators has shape {x.shape}; expected (points, {p})")
    design = np.column_stack([np.ones(len(x)), x])
    mean = coefficients @ design.T
    variance = np.einsum("pa,...ab,pb->...p", design, fit.covariance, design)
    df = np.atleast_1d(np.asarray(fit.df))
    quantile = t_quantile(df.reshape(-1), fit.level).reshape(df.shape)
    quantile = quantile.reshape(np.shape(fit.df))[..., None]
    tau2 = np.nan_to_num(np.asarray(fit.tau2))[..., None]
    half, new = quantile * np.sqrt(variance), quantile * np.sqrt(variance + tau2)
    return RegressionLine(mean, np.sqrt(variance), mean - half, mean + half, mean - new, mean + new)
