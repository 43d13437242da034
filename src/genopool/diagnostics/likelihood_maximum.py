"""Maximising small likelihoods that can misbehave: several starts, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

LogLikelihood = Callable[[np.ndarray], np.ndarray]

#: A likelihood of 0, as the search sees it.
_IMPOSSIBLE = 1e12
_DIFFERENCE = 2e-4
_MOST_STEPS = 200
#: Gain, in log-likelihood, that a step must promise to be worth taking; the best point is polished
#: beyond that.
_ENOUGH = 1e-9
_POLISHING = 8
_LARGEST_DAMPING = 1e8
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
    log_likelihood: LogLikelihood,
    starts: Sequence[Sequence[float]],
    low: Sequence[float],
    high: Sequence[float],
) -> Maximum:
    """The best of the local maxima that the starts lead to.

    All starts climb at once, by Newton's method with damping: where the likelihood is not concave
    the curvature's sign is dropped, so that every step goes up.

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
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    value = _safe(log_likelihood)
    at = np.clip(np.asarray(starts, dtype=float), low, high)
    height = value(at)
    damping = np.full(len(at), 1e-3)
    climbing = height > -_IMPOSSIBLE
    if not climbing.any():
        return Maximum(np.full(low.size, np.nan), np.nan, np.zeros(low.size, dtype=bool))
    for _ in range(_MOST_STEPS):
        who = np.flatnonzero(climbing)
        if not who.size:
            break
        gradient, hessian = derivatives(value, at[who])
        step, promise = _uphill(gradient, hessian, damping[who])
        trial = np.clip(
            at[who] + np.clip(step, -0.25 * (high - low), 0.25 * (high - low)), low, high
        )
        now = value(trial)
        gain = now - height[who]
        better = gain > 0
        at[who[better]], height[who[better]] = trial[better], now[better]
        damping[who] = np.where(better, np.maximum(damping[who] / 5, 1e-12), damping[who] * 6)
        # gains of rounding, along a ridge that is flat, are none
        stuck = (better & (gain < _ENOUGH / 10)) | (damping[who] > _LARGEST_DAMPING)
        climbing[who] = (promise > _ENOUGH) & ~stuck
    best = int(height.argmax())
    point, top = _polished(value, at[best], float(height[best]), low, high)
    room = _AT_BOUND * (high - low)
    return Maximum(point, top, (point - low < room) | (high - point < room))


def _safe(log_likelihood: LogLikelihood) -> LogLikelihood:
    """The same with a number for impossible points, and without warnings about them."""

    def value(points: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            values = log_likelihood(points)
        return np.where(np.isfinite(values), values, -_IMPOSSIBLE)

    return value


def _uphill(
    gradient: np.ndarray, hessian: np.ndarray, damping: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Damped Newton steps, and the gain that they promise."""
    # beside an impossible point the differences are no derivatives
    usable = (np.abs(hessian) < _IMPOSSIBLE / 10).all(axis=(1, 2))
    hessian = np.where(usable[:, None, None], hessian, np.eye(hessian.shape[1]))
    curvature, directions = np.linalg.eigh(-hessian)
    size = np.abs(curvature)
    largest = size.max(axis=1, keepdims=True)
    along = np.einsum("nab,na->nb", directions, gradient)
    along = along / (np.maximum(size, 1e-10 * largest + 1e-300) + damping[:, None] * largest)
    step = np.einsum("nab,nb->na", directions, along)
    promise = (step * gradient).sum(axis=1)
    return np.where(usable[:, None], step, 0.0), np.where(usable, promise, 0.0)


def _polished(
    value: LogLikelihood, point: np.ndarray, height: float, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, float]:
    """Newton's plain steps while they gain: the last digits."""
    for _ in range(_POLISHING):
        gradient, hessian = derivatives(value, point[None], extrapolate=True)
        try:
            step = np.linalg.solve(hessian[0], -gradient[0])
        except np.linalg.LinAlgError:
            break
        trial = np.clip(point + step, low, high)
        now = float(value(trial[None])[0])
        if not now > height:
            break
        point, height = trial, now
    return point, height


def derivatives(
    value: LogLikelihood, points: np.ndarray, *, extrapolate: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Gradients and Hessians by central differences.

    Parameters
    ----------
    value : callable
        As `maximise` takes it.
    points : ndarray, shape (points, parameters)
    extrapolate : bool
        Take a second difference of twice the step, and Richardson's extrapolation.

    Returns
    -------
    gradient : ndarray, shape (points, parameters)
    hessian : ndarray, shape (points, parameters, parameters)
    """
    gradient, hessian = _differences(value, points, _DIFFERENCE)
    if extrapolate:
        wide_gradient, wide_hessian = _differences(value, points, 2 * _DIFFERENCE)
        gradient = (4 * gradient - wide_gradient) / 3
        hessian = (4 * hessian - wide_hessian) / 3
    return gradient, hessian


def _differences(
    value: LogLikelihood, points: np.ndarray, relative: float
) -> tuple[np.ndarray, np.ndarray]:
    n, p = points.shape
    i, j = np.tril_indices(p, -1)
    unit = np.eye(p)
    pairs = unit[i] + unit[j], unit[i] - unit[j]
    moves = np.concatenate([np.zeros((1, p)), unit, -unit, *pairs, -pairs[0], -pairs[1]])
    step = relative * np.maximum(0.1, np.abs(points))
    around = points[:, None, :] + moves * step[:, None, :]
    values = value(around.reshape(-1, p)).reshape(n, -1)
    centre = values[:, :1]
    up, down = values[:, 1 : p + 1], values[:, p + 1 : 2 * p + 1]
    same, against, other_same, other_against = np.split(values[:, 2 * p + 1 :], 4, axis=1)
    hessian = np.empty((n, p, p))
    hessian[:, range(p), range(p)] = (up - 2 * centre + down) / step**2
    mixed = (same + other_same - against - other_against) / (4 * step[:, i] * step[:, j])
    hessian[:, i, j] = hessian[:, j, i] = mixed
    return (up - down) / (2 * step), hessian


def covariance(log_likelihood: LogLikelihood, point: np.ndarray, free: np.ndarray) -> np.ndarray:
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
        _, hessian = derivatives(of_free, point[None, free], extrapolate=True)
    information = -hessian[0]
    if not np.isfinite(information).all() or (np.linalg.eigvalsh(information) <= 0).any():
        return out
    out[np.ix_(free, free)] = np.linalg.inv(information)
    return out
