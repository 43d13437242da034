"""Fisher's non-central hypergeometric distribution: one cell of a 2×2 table given its margins.

Given n1 cases, n2 controls and m exposed, the number x of exposed cases has probability
proportional to w(x) exp(x eta), w(x) = C(n1, x) C(n2, m - x), at log odds ratio eta. Its
generating function has only real roots (Harkness 1965), so x is a sum of independent Bernoulli
variables. Two facts follow that let a handful of terms stand for a support of any length:

- tails: Bernstein's inequality, P(|x - mean| >= t) <= 2 exp(-t² / (2 (variance + t / 3)));
- strides: the characteristic function is at most exp(-2 variance sin²(t / 2)) in modulus, so by
  Poisson's summation formula a sum over every h-th integer, times h, differs from the sum over
  all by a fraction of at most about 2 exp(-2 variance sin²(pi / h)).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

# 2 exp(-LOG_TAIL) is below 1e-16; the aliasing error has the same exponent.
_LOG_TAIL = 38.0
# The variance is known to about 10 per cent before the sum is taken (tests compare it with the
# exact one); both bounds are kept for a variance off by a quarter, plus a unit for the tails.
_VARIANCE_DOUBT = 1.25
# Beyond this the table of log factorials costs more memory than it saves time.
_TABLE_LIMIT = 4_000_000
# Log odds ratios beyond this leave all the mass in one cell of any table of whole people.
_ETA_LIMIT = 300.0


class NoncentralHypergeometric:
    """Cumulants of x for tables of given margins.

    Parameters
    ----------
    n1, n2, m : ndarray of one shape
        Cases, controls, exposed: whole numbers, m <= n1 + n2.
    """

    def __init__(self, n1: NDArray, n2: NDArray, m: NDArray) -> None:
        self.n1, self.n2, self.m = (np.asarray(x, dtype=np.int64) for x in (n1, n2, m))
        self.low = np.maximum(0, self.m - self.n2)
        self.high = np.minimum(self.n1, self.m)
        largest = int(max(self.n1.max(initial=0), self.n2.max(initial=0)))
        if largest <= _TABLE_LIMIT:
            self._log_factorial = gammaln(np.arange(largest + 1) + 1.0).__getitem__
        else:
            self._log_factorial = lambda x: gammaln(x + 1.0)
        # Weights are taken relative to that of the most likely cell at eta = 0, so that they
        # stay moderate: the log factorials themselves lose digits to their size.
        mode = np.clip(self.center(np.zeros(self.n1.shape)), self.low, self.high)
        self._base = self._raw_log_weight(mode.astype(np.int64), self.n1, self.n2, self.m)

    def _raw_log_weight(self, x, n1, n2, m):
        f = self._log_factorial
        return -(f(x) + f(n1 - x) + f(m - x) + f(n2 - m + x))

    def log_weight(self, x: NDArray) -> NDArray[np.float64]:
        """log w(x) relative to a constant of the table; `x` broadcasts with the margins."""
        return self._raw_log_weight(x, self.n1, self.n2, self.m) - self._base

    def center(self, eta: NDArray) -> NDArray[np.float64]:
        """Real x whose odds ratio x (n2 - m + x) / ((n1 - x)(m - x)) is exp(eta).

        Within a unit or so of the mean; exact as the table grows.
        """
        ratio = np.exp(np.clip(eta, -_ETA_LIMIT, _ETA_LIMIT))
        s = ratio * (self.n1 + self.m) + (self.n2 - self.m)
        product = 4.0 * self.n1 * self.m * ratio
        root = np.sqrt(np.maximum(0.0, s * s - product * (ratio - 1)))
        with np.errstate(divide="ignore", invalid="ignore"):
            x = np.where(s > 0, product / (2 * (s + root)), (s - root) / (2 * (ratio - 1)))
        return np.clip(x, self.low, self.high)

    def _window(self, eta, thin):
        """First term, stride and number of terms of the sum at each eta."""
        x = self.center(eta)
        cells = x, self.n1 - x, self.m - x, self.n2 - self.m + x
        variance = 1 / sum(1 / np.maximum(cell, 1e-300) for cell in cells)
        upper = _VARIANCE_DOUBT * variance + 1
        half = tail_distance(upper) + 1
        first = np.maximum(self.low, np.floor(x - half)).astype(np.int64)
        last = np.minimum(self.high, np.ceil(x + half)).astype(np.int64)
        stride = np.ones_like(first)
        if thin:
            sine = np.sqrt(_LOG_TAIL / 2 * _VARIANCE_DOUBT / np.maximum(variance, 1.0))
            widest = np.floor(np.pi / np.arcsin(np.minimum(sine, 1.0))).astype(np.int64)
            stride = np.where(sine < 1, widest, stride)
        return first, stride, int(((last - first) // stride).max(initial=0)) + 1

    def _terms(self, eta, thin):
        """First x, stride, log of exp(log_weight(x) + (x - first) eta) at each x of the sum."""
        first, stride, terms = self._window(eta, thin)
        x = first[..., None] + stride[..., None] * np.arange(terms)
        inside = x <= self.high[..., None]
        x = np.where(inside, x, self.high[..., None])
        margins = (y[..., None] for y in (self.n1, self.n2, self.m))
        log_term = self._raw_log_weight(x, *margins) - self._base[..., None]
        # Distances from the first term keep sums over a far, narrow window exact.
        log_term += (x - first[..., None]) * eta[..., None]
        return first, stride, np.where(inside, log_term, -np.inf)

    def cumulants(self, eta: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """log of the sum of exp(log_weight(x) + x eta), and its first two derivatives.

        Parameters
        ----------
        eta : ndarray
            Log odds ratios; broadcasts with the margins.

        Returns
        -------
        log_sum, mean, variance : ndarray
            To a fraction of about 1e-15 of the sum, for margins of any size.
        """
        first, stride, log_term = self._terms(eta, thin=True)
        steps = np.arange(log_term.shape[-1])
        top = log_term.max(axis=-1)
        p = np.exp(log_term - top[..., None])
        total = p.sum(axis=-1)
        p /= total[..., None]
        mean = (p * steps).sum(axis=-1)
        variance = (p * (steps - mean[..., None]) ** 2).sum(axis=-1)
        log_sum = first * eta + top + np.log(total * stride)
        return log_sum, first + stride * mean, stride**2 * variance

    def probabilities(self, eta: NDArray) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """First x and the probabilities of it and its successors, along a new last axis.

        All but 1e-16 of the distribution is there; places beyond the support hold 0.
        """
        first, _, log_term = self._terms(eta, thin=False)
        p = np.exp(log_term - log_term.max(axis=-1, keepdims=True))
        return first, p / p.sum(axis=-1, keepdims=True)


def tail_distance(variance: NDArray) -> NDArray[np.float64]:
    """Distance from the mean that a sum of independent Bernoullis passes with chance 1e-16."""
    return _LOG_TAIL / 3 + np.sqrt((_LOG_TAIL / 3) ** 2 + 2 * _LOG_TAIL * variance)
