"""The probability that the largest of several correlated normal deviates is large."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

# The probability is averaged over a lattice (of multiples of square roots of primes) shifted
# REPLICATES times, its points doubled until the standard error over the shifts is a fifth of the
# error allowed.
ERROR = 1e-4
STANDARD_ERRORS = 5
REPLICATES = 8
FIRST_POINTS = 1 << 9
MOST_POINTS = 1 << 17
# Points at once of each shift: their arrays stay in a core's cache.
BLOCK = 1 << 10
SEED = 20050822
ROOTS = np.sqrt([2.0, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31])
MOST_VARIABLES = len(ROOTS) + 1
# An eigenvalue of a correlation matrix below SINGULAR is 0; with all above REGULAR the matrix
# is far from singular.
SINGULAR = 1e-10
REGULAR = 0.05

Integrand = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def exceedance(
    correlation: NDArray[np.float64], limits: NDArray[np.float64], error: float = ERROR
) -> NDArray[np.float64]:
    """P(max |Z| >= limit) for each limit, Z normal with this correlation matrix.

    Parameters
    ----------
    correlation : ndarray, shape (variables, variables)
        Positive semi-definite, at most 12 variables; it may be singular.
    limits : ndarray, shape (limits,)
        0 or more, infinity allowed.
    error : float
        Absolute error that is allowed.

    Returns
    -------
    ndarray, shape (limits,)
        The same in every run.

    Notes
    -----
    Z = L U with U independent. The z's of genetic models are nearly functions of two variables:
    their matrix is singular or almost so, and L is taken from its eigenvectors. In the plane of
    the two largest the radius is integrated exactly, the angle and the other deviates on a
    lattice. A matrix that is far from singular is integrated one variable after another, each
    within its limits (Genz 1992), which is poor near singularity and best far from it.
    """
    out = np.where(limits > 0, 0.0, 1.0)
    within = (limits > 0) & np.isfinite(limits)
    if not within.any():
        return out
    z = limits[within]
    eigenvalues, vectors = np.linalg.eigh(correlation)
    kept = eigenvalues > SINGULAR
    if kept.sum() == 1:
        out[within] = 2 * ndtr(-z)
    elif eigenvalues[0] > REGULAR:
        triangle = np.linalg.cholesky(correlation)
        out[within] = _average(
            lambda u: _one_by_one(triangle, z, u), len(correlation) - 1, len(z), error
        )
    else:
        factor = (vectors[:, kept] * np.sqrt(eigenvalues[kept]))[:, ::-1]
        factor /= np.linalg.norm(factor, axis=1, keepdims=True)
        out[within] = _average(lambda u: _in_the_plane(factor, z, u), kept.sum() - 1, len(z), error)
    return out


def _average(
    integrand: Integrand, dimensions: int, values: int, allowed: float
) -> NDArray[np.float64]:
    """Mean over the unit cube of an integrand with `values` values."""
    shifts = np.random.default_rng(SEED).random((REPLICATES, 1, dimensions))
    total = np.zeros((REPLICATES, values))
    done, points = 0, FIRST_POINTS
    while True:
        for start in range(done, points, BLOCK):
            place = np.arange(start, min(start + BLOCK, points))[:, None]
            lattice = (place * ROOTS[:dimensions] + shifts) % 1.0
            total += integrand(lattice).sum(axis=-2)
        mean = total / points
        error = mean.std(axis=0, ddof=1) / np.sqrt(REPLICATES)
        if STANDARD_ERRORS * error.max() < allowed or points >= MOST_POINTS:
            return mean.mean(axis=0)
        done, points = points, 2 * points


def _folded(u: NDArray[np.float64]) -> NDArray[np.float64]:
    # Folding the unit interval makes the integrand continuous across its ends.
    return np.clip(np.abs(2 * u - 1), 1e-16, 1 - 1e-16)


def _in_the_plane(
    factor: NDArray[np.float64], z: NDArray[np.float64], u: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Exceedance given an angle in the plane of the first two columns and all other deviates."""
    angle = np.pi * u[..., 0]
    plane = np.stack([np.cos(angle), np.sin(angle)])
    deviates = ndtri(_folded(u[..., 1:]))
    # Variables first: the least of them is taken at every point.
    inverse, across = np.empty((2, len(factor), *angle.shape))
    for k, row in enumerate(factor):
        along = np.tensordot(row[:2], plane, axes=1)
        inverse[k] = 1 / np.maximum(np.abs(along), 1e-100)
        across[k] = (deviates @ row[2:]) * np.where(along < 0, -1, 1) * inverse[k]
    out = np.empty((*angle.shape, len(z)))
    for place, limit in enumerate(z):
        # Where the line through the centre at this angle leaves the rectangle, at either end.
        reach = limit * inverse
        ends = (reach - across).min(axis=0), (reach + across).min(axis=0)
        total = 0.0
        for far, back in (ends, ends[::-1]):
            near = np.maximum(-back, 0.0)
            outside = np.exp(-(far**2) / 2) - np.expm1(-(near**2) / 2)
            total = total + np.where(far > near, outside, 1.0)
        out[..., place] = total / 2
    return out


def _one_by_one(
    triangle: NDArray[np.float64], z: NDArray[np.float64], u: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Exceedance given the place of each deviate but the last within its limits."""
    n = len(triangle)
    u = _folded(u)[..., None, :]
    inside = np.ones((*u.shape[:-2], len(z)))
    deviates = np.zeros((*inside.shape, n))
    for k in range(n):
        fixed = deviates[..., :k] @ triangle[k, :k]
        low, high = (ndtr((end - fixed) / triangle[k, k]) for end in (-z, z))
        inside *= high - low
        if k < n - 1:
            place = low + u[..., k] * (high - low)
            deviates[..., k] = ndtri(np.clip(place, 1e-300, 1 - 1e-16))
    return 1 - inside
