"""Estimates that were looked at because they were significant, shrunk for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtri

from genopool.diagnostics.checking import check_estimate, check_probability
from genopool.pooling.names import check_level

#: Halvings of a range of z's some 50 wide: to the last digit.
_HALVINGS = 60
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(600)


@dataclass(frozen=True)
class WinnersCurse:
    """Estimates conditional on their significance; NaN for those that are absent or were not.

    Attributes
    ----------
    conditional_mle : ndarray
        The log odds ratio that makes the estimate most probable among significant ones.
    conditional_mean : ndarray
        Mean of the normalised conditional likelihood.
    compromise : ndarray
        Their average, a compromise between bias and variance.
    ci_low, ci_high : ndarray
        Interval with its level among significant estimates.
    reason : ndarray of str
        Blank, `absent` or `not significant`.
    alpha, level : float
    """

    conditional_mle: np.ndarray
    conditional_mean: np.ndarray
    compromise: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    reason: np.ndarray
    alpha: float
    level: float


def winners_curse(log_or, se, *, alpha: float = 0.05, level: float = 0.95) -> WinnersCurse:
    """Shrink log odds ratios that were chosen for a two-sided p below `alpha`.

    Parameters
    ----------
    log_or, se : array_like, shape (...)
        Log odds ratio and its standard error, of a Wald test; NaN in both is absent.
    alpha : float
        The significance level that made the estimate noticed.
    level : float
        Level of the interval.

    Returns
    -------
    WinnersCurse

    Raises
    ------
    ValueError
        Impossible estimates; `alpha` or `level` not between 0 and 1.

    Notes
    -----
    An estimate that would have been reported whatever its p was not chosen, and needs none of
    this.

    References
    ----------
    Zhong H, Prentice RL (2008) Biostatistics 9:621. Ghosh A, Zou F, Wright FA (2008) Am J Hum
    Genet 82:1064.
    """
    check_probability("alpha", alpha)
    check_level(level)
    y, s = check_estimate(log_or, se)
    c = -float(ndtri(alpha / 2))
    z = np.abs(y) / s
    chosen = z > c
    # All on the side of positive effects; a threshold's width above it where nothing was chosen.
    z = np.where(chosen, z, c + 1)
    mle, mean = _mle(z, c), _mean(z, c)
    tail = (1 - level) / 2
    back = np.where(chosen, np.sign(y) * s, np.nan)
    ends = np.stack([_limit(z, c, tail), _limit(z, c, 1 - tail)]) * back
    reason = np.where(chosen, "", "not significant")
    return WinnersCurse(
        conditional_mle=mle * back,
        conditional_mean=mean * back,
        compromise=(mle + mean) / 2 * back,
        ci_low=ends.min(axis=0),
        ci_high=ends.max(axis=0),
        reason=np.where(np.isnan(y), "absent", reason),
        alpha=alpha,
        level=level,
    )


def _log_power(mu: np.ndarray, c: float) -> np.ndarray:
    return np.logaddexp(log_ndtr(mu - c), log_ndtr(-mu - c))


def _mle(z: np.ndarray, c: float) -> np.ndarray:
    """Root of the score; the likelihood is an exponential family's, so there is one."""

    def score(mu: np.ndarray) -> np.ndarray:
        log_power = _log_power(mu, c)
        densities = [np.exp(-((mu + side) ** 2) / 2 - log_power) for side in (-c, c)]
        return z - mu - (densities[0] - densities[1]) / np.sqrt(2 * np.pi)

    low, high = np.zeros(z.shape), z.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        positive = score(middle) > 0
        low, high = np.where(positive, middle, low), np.where(positive, high, middle)
    return (low + high) / 2


def _mean(z: np.ndarray, c: float) -> np.ndarray:
    mu = z[..., None] - 5 + 15 * _NODES
    log_likelihood = -((z[..., None] - mu) ** 2) / 2 - _log_power(mu, c)
    weight = _WEIGHTS * np.exp(log_likelihood - log_likelihood.max(axis=-1, keepdims=True))
    return (weight * mu).sum(axis=-1) / weight.sum(axis=-1)


def _limit(z: np.ndarray, c: float, tail: float) -> np.ndarray:
    """The mean with which a share `tail` of the significant z's are larger than this one."""
    low, high = z - 30 - c, z + 30
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        less = log_ndtr(middle - z) - _log_power(middle, c) < np.log(tail)
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return (low + high) / 2
