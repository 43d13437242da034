"""Confidence intervals of the between-study variance tau², and of I² and H² through it."""

import math
from collections.abc import Callable

import numpy as np
from scipy.special import chdtri, ndtri

from genopool.pooling.likelihood import FULL, RESTRICTED
from genopool.pooling.moments import solve_q, typical_variance
from genopool.pooling.names import check_level, check_name
from genopool.pooling.profile_likelihood import profile_tau2
from genopool.pooling.quadratic_forms import generalised_q_cdf
from genopool.pooling.roots import solve
from genopool.pooling.study_sets import StudySets, check_pair, in_chunks

Limits = tuple[np.ndarray, np.ndarray]


def q_profile(s: StudySets, level: float) -> Limits:
    """Q-profile (Viechtbauer 2007): the tau² at which Q(tau²) equals the chi² quantiles.

    The set of tau² >= 0 is empty when Q(0) is below the lower quantile; it is given as 0 to 0.
    """
    df = np.maximum(s.df, 1)
    tail = (1 - level) / 2
    return solve_q(s, chdtri(df, tail)), solve_q(s, chdtri(df, 1 - tail))


def _cdf_gap(s: StudySets, tau2, q, weight, target) -> tuple[np.ndarray, np.ndarray]:
    cdf, slope = generalised_q_cdf(q, weight, s.v[:, 0] + tau2)
    return target - cdf, -slope


def generalised_q(s: StudySets, level: float, weight: np.ndarray | None = None) -> Limits:
    """Jackson (2013): the tau² under which the observed generalised Q is just not extreme.

    `weight`, shape (studies, sets), is 1/v if None: Cochran's Q (Biggerstaff and Jackson 2008).
    The exact distribution of Q falls as tau² grows, so each limit is one root; 0 to 0 if empty.
    """
    weight = 1 / s.v[:, 0] if weight is None else weight
    y = s.y[:, 0]
    r = y - (weight * y).sum(axis=0) / weight.sum(axis=0)
    q = (weight * r * r).sum(axis=0)
    found = []
    for target in ((1 + level) / 2, (1 - level) / 2):
        limit = np.zeros(s.k.shape)
        goal = np.full(s.k.shape, target)
        where = np.flatnonzero((q > 0) & (_cdf_gap(s, limit, q, weight, goal)[0] < 0))
        zero, end = np.zeros(where.size), np.full(where.size, np.inf)
        arguments = (q[where], weight[:, where], goal[where])
        limit[where] = solve(_cdf_gap, s.take(where), zero, end, zero, *arguments)
        found.append(limit)
    return found[0], found[1]


def _profile(likelihood: str) -> Callable[[StudySets, float], Limits]:
    return lambda s, level: profile_tau2(s, likelihood, ndtri((1 + level) / 2) ** 2)


METHODS: dict[str, Callable[..., Limits]] = {
    "Q-profile": q_profile,
    "generalised-Q": generalised_q,
    "profile-likelihood": _profile(FULL),
    "restricted-profile-likelihood": _profile(RESTRICTED),
}


def tau2_interval(
    log_or, variance, level: float = 0.95, method: str = "Q-profile", *, weights=None
) -> Limits:
    """Confidence interval of tau², on the log scale.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    level : float
    method : str
        `Q-profile` (Viechtbauer 2007, Stat Med 26:37), `generalised-Q` (Jackson 2013, Res Synth
        Methods 4:220), `profile-likelihood` (Hardy and Thompson 1996, Stat Med 15:619) or
        `restricted-profile-likelihood`, the same with REML.
    weights : array_like, shape (..., studies), optional
        Fixed weights of the generalised Q, all above 0; 1/variance if left out. Jackson advises
        1/sqrt(variance) where heterogeneity is expected.

    Returns
    -------
    low, high : ndarray
        Limits, with the leading axes of the data; NaN below two studies. An empty confidence set
        is given as 0 to 0.

    Raises
    ------
    ValueError
        An unknown method or level; impossible variances or weights, naming the index.
    """
    low, high, _ = _limits(log_or, variance, level, method, weights)
    return low, high


def i2_interval(
    log_or, variance, level: float = 0.95, method: str = "Q-profile", *, weights=None
) -> Limits:
    """Confidence interval of I², in per cent: that of tau² over itself plus the typical variance.

    Parameters
    ----------
    log_or, variance, level, method, weights
        As in `tau2_interval`, and so the errors.

    Returns
    -------
    low, high : ndarray
        Per cent; NaN with fewer than two studies.
    """
    *limits, typical = _limits(log_or, variance, level, method, weights)
    low, high = (100 * x / (x + typical) for x in limits)
    return low, high


def h2_interval(
    log_or, variance, level: float = 0.95, method: str = "Q-profile", *, weights=None
) -> Limits:
    """Confidence interval of H²: 1 plus that of tau² over the typical variance.

    Parameters
    ----------
    log_or, variance, level, method, weights
        As in `tau2_interval`, and so the errors.

    Returns
    -------
    low, high : ndarray
        1 or more; NaN with fewer than two studies.
    """
    *limits, typical = _limits(log_or, variance, level, method, weights)
    low, high = (1 + x / typical for x in limits)
    return low, high


def _limits(log_or, variance, level, method, weights) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Limits of tau² and the typical variance."""
    check_name("method", method, METHODS)
    check_level(level)
    y, v = check_pair(log_or, variance)
    lead, studies = y.shape[:-1], y.shape[-1]
    flat = (math.prod(lead), studies)
    a = _positive_weights(weights, v, method)
    low, high, typical = (np.empty(flat[0]) for _ in range(3))
    for part, s in in_chunks(y.reshape(flat), v.reshape(flat)):
        given = () if a is None else (s.aligned(a.reshape(flat)[part])[:, 0],)
        with np.errstate(all="ignore"):
            limits = METHODS[method](s, level, *given)
            several = s.df > 0
            for out, x in zip((low, high, typical), (*limits, typical_variance(s)), strict=True):
                out[part] = np.where(several, x, np.nan)
    return tuple(x.reshape(lead)[()] for x in (low, high, typical))


def _positive_weights(weights, variance: np.ndarray, method: str) -> np.ndarray | None:
    """Weights broadcast to the shape of `variance`, 0 where that is NaN."""
    if weights is None:
        return None
    if method != "generalised-Q":
        raise ValueError(f"weights are for method 'generalised-Q' only, not {method!r}")
    a = np.broadcast_to(np.asarray(weights, dtype=float), variance.shape)
    absent = np.isnan(variance)
    bad = ~absent & ~((a > 0) & (a < np.inf))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"weights{list(index)} = {a[index]}: a weight is finite and above 0")
    return np.where(absent, 0.0, a)
