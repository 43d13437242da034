"""Confidence sets of a ratio of two means, which may reach through infinity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from genopool.pooling.names import check_level


@dataclass(frozen=True)
class Ratio:
    """Confidence set of a ratio such as lambda, which need not be a finite interval.

    Attributes
    ----------
    low, high : ndarray
        Limits, low < high if `kind` is ``between`` or ``outside``; NaN otherwise.
    kind : ndarray of str
        ``between`` low and high; ``outside``: below low or above high, so that infinity is in
        the set; ``any``: no value is excluded; blank where there is none.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    kind: NDArray[np.str_]


def from_angles(
    lower: NDArray[np.float64], upper: NDArray[np.float64], excluded: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.str_]]:
    """Arcs of angles as sets of their tangents: low, high and kind of `Ratio`."""
    # The arc holds a quarter turn (an infinite tangent) if one lies between its ends.
    through = np.floor(upper / np.pi - 0.5) > np.floor(lower / np.pi - 0.5)
    ends = np.tan(lower), np.tan(upper)
    low, high = np.where(through, ends[1], ends[0]), np.where(through, ends[0], ends[1])
    kind = np.where(~excluded, "any", np.where(through, "outside", "between"))
    return np.where(excluded, low, np.nan), np.where(excluded, high, np.nan), kind


def fieller(estimate: ArrayLike, covariance: ArrayLike, *, level: float = 0.95) -> Ratio:
    """Fieller's confidence set of the ratio of two normal means, the first over the second.

    Parameters
    ----------
    estimate : array_like, shape (..., 2)
        Such as `BivariateFit.estimate`, for a lambda that does not presume one ratio in all
        studies but is that of the two pooled log odds ratios.
    covariance : array_like, shape (..., 2, 2)
    level : float

    Returns
    -------
    Ratio
        Arrays of shape (...).

    Notes
    -----
    Fieller (1954): the ratios r with (e1 - r e2)² <= z² (v11 - 2 r v12 + r² v22).
    """
    check_level(level)
    e, v = np.asarray(estimate, dtype=float), np.asarray(covariance, dtype=float)
    z2 = chdtri(1, 1 - level)
    a = e[..., 1] ** 2 - z2 * v[..., 1, 1]
    b = e[..., 0] * e[..., 1] - z2 * v[..., 0, 1]
    c = e[..., 0] ** 2 - z2 * v[..., 0, 0]
    # a r² - 2 b r + c <= 0.
    discriminant = b**2 - a * c
    with np.errstate(divide="ignore", invalid="ignore"):
        # The larger root in size first: the other follows without cancellation.
        q = b + np.where(b >= 0, 1, -1) * np.sqrt(np.maximum(discriminant, 0.0))
        roots = np.sort(np.stack([q / a, c / q]), axis=0)
    known = np.isfinite(a + b + c)
    kind = np.where(a > 0, "between", np.where(discriminant > 0, "outside", "any"))
    has_limits = known & ((a > 0) | (discriminant > 0))
    return Ratio(
        np.where(has_limits, roots[0], np.nan),
        np.where(has_limits, roots[1], np.nan),
        np.where(known, kind, ""),
    )
