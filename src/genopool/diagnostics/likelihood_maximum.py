"""Maximising small likelihoods that can misbehave: several starts, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

#: A likelihood of 0, as the search sees it.
_IMPOSSIBLE = 1e12
_STEP = 6e-6
_HESSIAN_STEP = 2e-4
_NEWTON_STEPS = 12
#: A parameter this near a bound, relative to the room there is, has run away to it.
_AT_BOUND = 1e-6


@dataclass(frozen=True)
class Maximum:
    """Where a log-likelihood is highest.

    Attributes
    ----------
    at : ndarray, shape (parameters,)
    value : float
        NaN where the likelihood is 0 at every start.
    at_bound : ndarray of bool, shape (parameters,)
        Parameters that ran away.
    """

    at: np.ndarray
    value: float
    at_bound: np.ndarray


def maximise(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    starts: Sequence[Sequence[float]],
    low: Sequence[float],
    high: Sequence[float],
) -> Maximum:
    """The best of the local maxima that the starts lead to.

    Parameters
    ----------
    log_likelihood : callable
        Takes points (points, parameters) and returns (points,); not finite where it is 0.
    starts : sequence of points
    low, high : sequence of float
        Bounds, so wide that a maximum on them is none.

    Returns
    -------
    Maximum
    """
    from scipy.optimize import minimize

    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)

    def value(points: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            values = log_likelihood(points)
        return np.where(np.isfinite(values), values, -_IMPOSSIBLE)

    def lost(point: np.ndarray) -> tuple[float, np.ndarray]:
        step = _STEP * np.maximum(1, np.abs(point))
        there = value(np.concatenate([point[None], point + np.diag(step), point - np.diag(step)]))
        up, down = np.split(there[1:], 2)
        slope = (up - down) / (2 * step)
        # beside an impossible point the difference is no slope
        return -there[0], np.where(np.abs(slope) < _IMPOSSIBLE / 10, -slope, 0.0)

    found = []
    for start in starts:
        start = np.clip(np.asarray(start, dtype=float), low, high)
        if value(start[None])[0] == -_IMPOSSIBLE:
            continue
        done = minimize(
            lost,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=np.column_stack([low, high]),
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-9},
        )
        found.append((-float(done.fun), np.asarray(done.x)))
    if not found:
        return Maximum(np.full(low.size, np.nan), np.nan, np.zeros(low.size, dtype=bool))
    best, point = max(found, key=lambda pair: pair[0])
    best, point = _polished(value, best, point, low, high)
    room = _AT_BOUND * (high - low)
    return Maximum(point, best, (point - low < room) | (high - point < room))


def _polished(value, best: float, point: np.ndarray, low, high) -> tuple[float, np.ndarray]:
    """Newton's steps while they gain: L-BFGS stops a few digits short."""
    for _ in range(_NEWTON_STEPS):
        slope, curvature = derivatives(value, point)
        try:
            step = np.linalg.solve(curvature, -slope)
        except np.linalg.LinAlgError:
            break
        trial = np.clip(point + step, low, high)
        now = float(value(trial[None])[0])
        if not now > best:
            break
        best, point = now, trial
    return best, point


def derivatives(
    value: Callable[[np.ndarray], np.ndarray], point: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian by central differences with one Richardson step.

    Parameters
    ----------
    value : callable
        As `maximise` takes it.
    point : ndarray, shape (parameters,)

    Returns
    -------
    gradient : ndarray, shape (parameters,)
    hessian : ndarray, shape (parameters, parameters)
    """
    p = point.size
    found = []
    for scale in (1.0, 2.0):
        step = scale * _HESSIAN_STEP * np.maximum(0.1, np.abs(point))
        moves = np.diag(step)
        points = [point]
        for i in range(p):
            points += [point + moves[i], point - moves[i]]
        for i in range(p):
            for j in range(i):
                for sign in (1, -1):
                    points += [
                        point + moves[i] + sign * moves[j],
                        point - moves[i] - sign * moves[j],
                    ]
        values = iter(value(np.array(points)))
        centre = next(values)
        gradient, hessian = np.empty(p), np.empty((p, p))
        for i in range(p):
            up, down = next(values), next(values)
            gradient[i] = (up - down) / (2 * step[i])
            hessian[i, i] = (up - 2 * centre + down) / step[i] ** 2
        for i in range(p):
            for j in range(i):
                same, against = (next(values) + next(values) for _ in range(2))
                hessian[i, j] = hessian[j, i] = (same - against) / (4 * step[i] * step[j])
        found.append((gradient, hessian))
    (gradient, hessian), (wide_gradient, wide_hessian) = found
    return (4 * gradient - wide_gradient) / 3, (4 * hessian - wide_hessian) / 3


def covariance(
    log_likelihood: Callable[[np.ndarray], np.ndarray], point: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """Inverse of the observed information in the free parameters; NaN where it is no covariance.

    Parameters
    ----------
    log_likelihood : callable
        As `maximise` takes it.
    point : ndarray, shape (parameters,)
        The maximum.
    free : ndarray of bool, shape (parameters,)
        The others are taken as known: those that lie on the boundary of what they can be.

    Returns
    -------
    ndarray, shape (parameters, parameters)
        NaN in the rows and columns of the others.
    """

    def of_free(points: np.ndarray) -> np.ndarray:
        whole = np.tile(point, (len(points), 1))
        whole[:, free] = points
        return log_likelihood(whole)

    out = np.full((point.size, point.size), np.nan)
    with np.errstate(all="ignore"):
        _, hessian = derivatives(of_free, point[free])
    if not np.isfinite(hessian).all() or (np.linalg.eigvalsh(-hessian) <= 0).any():
        return out
    out[np.ix_(free, free)] = np.linalg.inv(-hessian)
    return out
