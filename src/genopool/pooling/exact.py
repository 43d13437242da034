"""Exact conditional inference on the common odds ratio of 2×2 tables."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from genopool.pooling.names import check_level
from genopool.pooling.noncentral_hypergeometric import NoncentralHypergeometric, tail_distance
from genopool.pooling.whole_counts import sort_out, whole_counts

# Complex numbers held at once; larger sets of tables are cut into pieces.
_AT_ONCE = 1 << 22
# Log odds ratio beyond which no limit of whole counts lies.
_FARTHEST = 100.0
# Totals whose probability exceeds that of the observed one by less than this fraction count as
# equally probable, as in R's mantelhaen.test and fisher.test.
_TIE = 1e-7


@dataclass(frozen=True)
class ExactFit:
    """Exact result; every array has the leading axes of the data, log scale.

    Attributes
    ----------
    estimate, se : ndarray
        Conditional maximum-likelihood log odds ratio, -inf or inf if the exposed cases are as
        few or as many as the margins allow; its standard error from the conditional
        information, NaN where it is infinite.
    ci_low, ci_high : ndarray
        Exact limits, each with an exact tail of (1 - level) / 2.
    ci_low_mid, ci_high_mid : ndarray
        The same with half of the observed total's probability in the tail.
    p_value : ndarray
        Exact two-sided p of no association: totals no more probable than the observed one.
    p_central, p_mid : ndarray
        Twice the smaller exact tail, which agrees with `ci_low` and `ci_high`; twice the
        smaller mid-p tail. At most 1.
    log_likelihood : ndarray
        Conditional, at `estimate`.
    k, k_double_zero, k_empty_group : ndarray of int
        Tables used; tables without information since nobody or everybody is exposed; tables
        without cases or controls.
    level : float
        Level of the intervals. All numbers are NaN without a table.
    """

    estimate: NDArray[np.float64]
    se: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    ci_low_mid: NDArray[np.float64]
    ci_high_mid: NDArray[np.float64]
    p_value: NDArray[np.float64]
    p_central: NDArray[np.float64]
    p_mid: NDArray[np.float64]
    log_likelihood: NDArray[np.float64]
    k: NDArray[np.int64]
    k_double_zero: NDArray[np.int64]
    k_empty_group: NDArray[np.int64]
    level: float


_NUMBERS = (
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "ci_low_mid",
    "ci_high_mid",
    "p_value",
    "p_central",
    "p_mid",
    "log_likelihood",
)


def conditional_exact(
    a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike, *, level: float = 0.95
) -> ExactFit:
    """Common odds ratio of 2×2 tables from the exact distribution of the exposed cases.

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it: whole numbers,
        broadcast together; NaN in any cell is an absent study.
    level : float
        Level of the intervals.

    Returns
    -------
    ExactFit

    Raises
    ------
    ValueError
        Counts that are negative, infinite or fractional (with the index), a `level` outside
        (0, 1), or no axis of studies.

    Notes
    -----
    Given the margins of all tables the total of a has a distribution that depends on the common
    odds ratio alone (Gart 1970, Biometrika 57, 471-475; Mehta, Patel and Gray 1985, JASA 80,
    969-973), as in R's ``mantelhaen.test(exact = TRUE)``. The tables' distributions are
    convolved by Fourier transform at the estimate; tails at another odds ratio follow by
    exponential tilting, whose weights decrease away from the observed total, so that they are
    exact to rounding however small.
    """
    check_level(level)
    a, b, c, d = whole_counts(a=a, b=b, c=c, d=d)
    used, double_zero, empty = sort_out(a, b, c, d)
    sets, studies = a.shape[:-1], a.shape[-1]
    flat = used.reshape(int(np.prod(sets)), studies)
    # A table that is not used becomes one whose only possible count is 0.
    a, n1, n2, m = (
        np.where(flat, x.reshape(flat.shape), blank).astype(np.int64)
        for x, blank in ((a, 0), (a + b, 1), (c + d, 1), (a + c, 0))
    )
    numbers = {name: np.full(len(flat), np.nan) for name in _NUMBERS}
    informative = np.flatnonzero(flat.any(axis=-1))
    for rows in _pieces(informative, n1, n2, m):
        for name, values in _Totals(a[rows], n1[rows], n2[rows], m[rows]).infer(level).items():
            numbers[name][rows] = values
    return ExactFit(
        **{name: values.reshape(sets) for name, values in numbers.items()},
        k=used.sum(axis=-1),
        k_double_zero=double_zero.sum(axis=-1),
        k_empty_group=empty.sum(axis=-1),
        level=level,
    )


def _pieces(rows, n1, n2, m):
    """Cut the sets into pieces whose Fourier transforms fit in memory, like sizes together."""
    length = 2 * tail_distance((np.minimum(n1, m) / 4.0).sum(axis=-1)) * n1.shape[-1]
    rows = rows[np.argsort(length[rows], kind="stable")]
    start = 0
    while start < rows.size:
        stop = start + max(1, int(_AT_ONCE / length[rows[start:]].max()))
        yield rows[start:stop]
        start = stop


def _root(function: Callable, start: NDArray) -> NDArray[np.float64]:
    """Zeros of an increasing function that also returns its derivative: guarded Newton."""
    low, high = np.full(start.shape, -_FARTHEST), np.full(start.shape, _FARTHEST)
    x = start
    for _ in range(200):
        value, slope = function(x)
        low, high = np.where(value < 0, x, low), np.where(value > 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            guess = x - np.clip(value / slope, -3.0, 3.0)
        # At the root the step rounds to nothing and the guess is a bound itself.
        guess = np.where((guess >= low) & (guess <= high), guess, (low + high) / 2)
        moved = np.abs(guess - x)
        x = guess
        if (moved <= 1e-11 * (1 + np.abs(x))).all():
            break
    return x


class _Totals:
    """Distribution of the total of a over the tables of each set, given their margins."""

    def __init__(self, a, n1, n2, m):
        self.tables = NoncentralHypergeometric(n1, n2, m)
        self.low, self.high = self.tables.low.sum(axis=-1), self.tables.high.sum(axis=-1)
        self.observed = a.sum(axis=-1)
        # Where the estimate is infinite, a finite odds ratio that makes the total likely.
        self.tilt = self._with_mean(np.clip(self.observed, self.low + 0.5, self.high - 0.5))
        self.log_sum, _, self.variance = self._sums(self.tilt)
        self.log_weight = self.tables.log_weight(a).sum(axis=-1)
        _, chance = self._around(self.tilt, self.observed)
        middle = chance.shape[-1] // 2
        self.log_chance = np.log(chance[:, middle])
        # Probabilities from the observed total outwards, relative to its own.
        self.above = chance[:, middle:] / chance[:, [middle]]
        self.below = chance[:, middle::-1] / chance[:, [middle]]

    def _sums(self, theta):
        """log of the generating function, mean and variance of the total at theta."""
        return tuple(x.sum(axis=-1) for x in self.tables.cumulants(theta[:, None]))

    def _with_mean(self, mean):
        """Log odds ratio that gives the total this mean."""

        def excess(theta):
            _, fitted, variance = self._sums(theta)
            return fitted - mean, variance

        return _root(excess, np.zeros(mean.shape))

    def _around(self, theta, centre):
        """Totals about `centre`, a whole number, and their probabilities at theta."""
        first, p = self.tables.probabilities(theta[:, None])
        _, mean, variance = self._sums(theta)
        reach = tail_distance(variance) + np.abs(mean - centre) + 2
        n = 1 << int(np.ceil(np.log2(max(2 * reach.max(), p.shape[-1]))))
        circular = np.fft.irfft(np.fft.rfft(p, n=n, axis=-1).prod(axis=-2), n=n, axis=-1)
        total = centre[:, None] + np.arange(-(n // 2), n // 2)
        chance = np.take_along_axis(circular, (total - first.sum(axis=-1)[:, None]) % n, axis=-1)
        possible = (total >= self.low[:, None]) & (total <= self.high[:, None])
        return total, np.where(possible, np.maximum(chance, 0.0), 0.0)

    def _log_observed(self, theta):
        """log P(total = observed), with the mean at theta."""
        log_sum, mean, _ = self._sums(theta)
        shift = self.observed * (theta - self.tilt) - (log_sum - self.log_sum)
        return self.log_chance + shift, mean

    def _log_tail(self, theta, up: bool, share: float):
        """log of P(total beyond observed) + share P(observed), and its slope in theta."""
        sign, relative = (1, self.above) if up else (-1, self.below)
        steps = np.arange(relative.shape[-1])
        tilt = np.minimum(sign * (theta - self.tilt)[:, None] * steps, 500.0)
        terms = relative * np.exp(tilt)
        terms[:, 0] *= share
        total = terms.sum(axis=-1)
        log_observed, mean = self._log_observed(theta)
        slope = self.observed + sign * (terms @ steps) / total - mean
        return log_observed + np.log(total), slope

    def _limit(self, level: float, up: bool, share: float):
        """Limit below the estimate (tail upwards) or above it (tail downwards)."""
        sign = 1 if up else -1
        target = np.log((1 - level) / 2)

        def excess(theta):
            log_tail, slope = self._log_tail(theta, up, share)
            return sign * (log_tail - target), sign * slope

        z = ndtri((1 + level) / 2)
        limit = _root(excess, self.tilt - sign * z / np.sqrt(self.variance))
        edge = self.observed == (self.low if up else self.high)
        return np.where(edge, -sign * np.inf, limit)

    def _no_more_probable(self):
        """P of the totals no more probable than the observed one, without association."""
        zero = np.zeros(self.tilt.shape)
        log_sum, mean, _ = self._sums(zero)
        up = self.observed > mean
        near = np.exp(
            np.where(up, self._log_tail(zero, True, 1.0)[0], self._log_tail(zero, False, 1.0)[0])
        )
        # The other tail begins about as far on the other side of the mean.
        mirror = np.clip(2 * mean - self.observed, self.low + 0.5, self.high - 0.5)
        tilt = self._with_mean(mirror)
        total, chance = self._around(tilt, np.round(mirror).astype(np.int64))
        shift = (log_sum - self._sums(tilt)[0])[:, None] + total * tilt[:, None]
        with np.errstate(divide="ignore"):
            log_p = np.log(chance) - shift
        ceiling = (self._log_observed(zero)[0] + np.log1p(_TIE))[:, None]
        other_side = np.where(up, 1, -1)[:, None] * (total - mean[:, None]) < 0
        # Far from its own tilt a probability is rounding, blown up: never summed, as it is large.
        no_more = other_side & (log_p <= ceiling)
        far = np.where(no_more, np.exp(np.minimum(log_p, ceiling)), 0.0).sum(axis=-1)
        return np.minimum(1.0, near + far)

    def infer(self, level: float) -> dict[str, NDArray[np.float64]]:
        """All numbers of `ExactFit`."""
        lowest, highest = self.observed == self.low, self.observed == self.high
        estimate = np.where(lowest, -np.inf, np.where(highest, np.inf, self.tilt))
        finite = np.isfinite(estimate)
        zero = np.zeros(self.tilt.shape)
        tails = {
            share: np.minimum(
                self._log_tail(zero, True, share)[0], self._log_tail(zero, False, share)[0]
            )
            for share in (1.0, 0.5)
        }
        at_estimate = self.log_weight + self.observed * self.tilt - self.log_sum
        return {
            "estimate": estimate,
            "se": np.where(finite, 1 / np.sqrt(self.variance), np.nan),
            "ci_low": self._limit(level, True, 1.0),
            "ci_high": self._limit(level, False, 1.0),
            "ci_low_mid": self._limit(level, True, 0.5),
            "ci_high_mid": self._limit(level, False, 0.5),
            "p_value": self._no_more_probable(),
            "p_central": np.minimum(1.0, 2 * np.exp(tails[1.0])),
            "p_mid": np.minimum(1.0, 2 * np.exp(tails[0.5])),
            # At an end of its range every table is certain.
            "log_likelihood": np.where(finite, at_estimate, 0.0),
        }
