"""The distribution of Henmi and Copas (2010) for the mean with fixed weights.

With weights 1/v the mean is less exposed to small-study bias than the random-effects mean. Its
pivot, divided by a standard error that contains the moment estimate of tau², is R / f(Q); given
R, Cochran's Q is approximated by a gamma distribution with its conditional mean and variance,
and the tail probability is one integral over R.
"""

import numpy as np
from scipy.special import gammainc, ndtri

from genopool.pooling.roots import solve_by_secants
from genopool.pooling.study_sets import StudySets


def _rule(k: int) -> tuple[np.ndarray, np.ndarray]:
    """Double exponential rule on (0, infinity): nodes exp(u - exp(-u)) and their weights.

    The integrand rises over a width of the order 1 / sqrt(k); this spacing keeps the error of
    the quantile below 1e-9.
    """
    spacing = min(0.1, 0.4 / np.sqrt(k))
    u = np.arange(-3.8, 3.4, spacing)
    nodes = np.exp(u - np.exp(-u))
    return nodes, spacing * nodes * (1 + np.exp(-u))


def _tail(s: StudySets, tau2: np.ndarray, x: np.ndarray) -> np.ndarray:
    """P(pivot > x), x >= 0, in units of the standard deviation of R: shape (sets,)."""
    w = 1.0 / s.v[:, 0]
    w1 = w.sum(axis=0)
    w2, w3, w4 = ((w**power).sum(axis=0) / w1 for power in (2, 3, 4))
    variance = 1 + tau2 * w2
    skew, cross = w3 - w2 * w2, w4 - 2 * w2 * w3 + w2**3
    df = s.k - 1

    nodes, weights = _rule(s.k.max(initial=2))
    r = x + nodes[:, None]
    excess = (r * r - 1) / variance
    mean = df + tau2 * (w1 - w2) + tau2**2 * excess * skew
    spread = (
        2 * df
        + 4 * tau2 * (w1 - w2)
        + 2 * tau2**2 * (w1 * w2 - 2 * w3 + w2 * w2)
        + 4 * tau2**2 * excess * skew
        + 4 * tau2**3 * excess * cross
        + 2 * tau2**4 * (1 - 2 * r * r) / variance**2 * skew**2
    )
    bound = (w1 / w2 - 1) * ((r / x) ** 2 - 1) + df
    # Far out, where the density is nil, the approximate variance may turn negative.
    rate = mean / np.where(spread > 0, spread, np.inf)
    share = gammainc(mean * rate, np.maximum(bound, 0) * rate)
    density = np.exp(-r * r / 2) / np.sqrt(2 * np.pi)
    return weights @ (share * density)


def henmi_copas_p(s: StudySets, tau2: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Two-sided p-value of the pivot: shape (sets,)."""
    return np.where(x > 0, 2 * _tail(s, tau2, np.where(x > 0, x, 1.0)), 1.0)


def henmi_copas_quantile(s: StudySets, tau2: np.ndarray, level: float) -> np.ndarray:
    """The x with P(|pivot| > x) = 1 - level: shape (sets,).

    The tail probability falls in x and is less than the normal one, so that the root lies
    between 0 and the normal quantile.
    """
    normal = ndtri((1 + level) / 2)
    return solve_by_secants(
        lambda x: 2 * _tail(s, tau2, x) - (1 - level),
        np.full(s.k.shape, 1e-3 * normal),
        np.full(s.k.shape, normal),
        tolerance=1e-12,
    )
