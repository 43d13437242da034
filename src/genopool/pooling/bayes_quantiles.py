"""Quantiles and shortest intervals of the posterior of tau, and of effects given all of tau."""

import math
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri, sici

from genopool.pooling.bayes_priors import TauPrior
from genopool.pooling.bayes_quadrature import Nodes
from genopool.pooling.roots import solve_by_secants

# Newton's method converges quadratically: after a step this small, in standard deviations or in
# steps between nodes, the next one is lost in rounding.
_LAST_STEP = 1e-8
_MOST_STEPS = 200
# Share of the probability left out that lies below the shortest interval: the least and the
# greatest tried, and how exactly it is found.
_LEAST_SHARE = 1e-9
_GREATEST_SHARE = 1 - _LEAST_SHARE
_SHARE_TOLERANCE = 1e-10


class NormalMixture:
    """Mixtures of normal distributions over the nodes of tau.

    Parameters
    ----------
    nodes : Nodes
    variance : ndarray, shape (rows, nodes, sets)
        One distribution a row, each with the nodes' probabilities and means and these variances.
    """

    def __init__(self, nodes: Nodes, variance: np.ndarray):
        self.p, self.mean, self.sd = nodes.p, nodes.mean, np.sqrt(variance)

    def _standardise(self, x: np.ndarray) -> np.ndarray:
        return (x[..., None, :] - self.mean) / self.sd

    def density(self, x: np.ndarray) -> np.ndarray:
        """Density at x, shape (rows, sets)."""
        normal = np.exp(-0.5 * self._standardise(x) ** 2) / self.sd
        return (self.p * normal).sum(axis=-2) / math.sqrt(2 * math.pi)

    def quantile(self, probability: np.ndarray) -> np.ndarray:
        """Quantiles, shape (rows, sets), for probabilities that broadcast to it.

        Newton's method for the normal score of the probability, which is nearly a straight line,
        inside the bracket that the quantiles of the components form.
        """
        shape = np.broadcast_shapes(probability.shape, self.sd.shape[:1] + self.sd.shape[2:])
        # Upper quantiles are lower ones of the mixture turned over: no digits lost near 1.
        sign = np.where(np.broadcast_to(probability, shape) > 0.5, -1.0, 1.0)
        target = np.where(sign < 0, 1 - probability, probability)
        score = ndtri(target)
        mean = sign[..., None, :] * self.mean
        ends = mean + score[..., None, :] * self.sd
        low, high = ends.min(axis=-2), ends.max(axis=-2)
        best = np.broadcast_to(self.p.argmax(axis=0), shape)[..., None, :]
        centre = np.take_along_axis(mean, best, axis=-2)[..., 0, :]
        scale = np.take_along_axis(self.sd + np.zeros(mean.shape), best, axis=-2)[..., 0, :]
        x = np.clip((self.p * ends).sum(axis=-2), low, high)
        for _ in range(_MOST_STEPS):
            standard = (x[..., None, :] - mean) / self.sd
            below = (self.p * ndtr(standard)).sum(axis=-2)
            density = (self.p * np.exp(-0.5 * standard * standard) / self.sd).sum(axis=-2)
            over = below >= target
            low, high = np.where(over, low, x), np.where(over, x, high)
            found = ndtri(below)
            step = (found - score) * np.exp(-0.5 * found * found) / density
            new = x - step
            kept = (new >= low) & (new <= high)
            middle = np.arcsinh((low - centre) / scale) + np.arcsinh((high - centre) / scale)
            x = np.where(kept, new, centre + scale * np.sinh(middle / 2))
            settled = (np.abs(found - score) < _LAST_STEP) | (high - low <= 1e-15 * np.abs(x))
            if settled.all():
                break
        return sign * x

    def shortest(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the shortest interval with probability `level`: two of shape (rows, sets)."""

        def ends(share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            left = share * (1 - level)
            return self.quantile(left), self.quantile(left + level)

        shape = self.sd.shape[:1] + self.sd.shape[2:]
        return ends(_balance(ends, self.density, shape))


class TauPosterior:
    """Posterior of tau between its nodes.

    The density in u is analytic and vanishes at both ends, so that it is known everywhere
    from its values at equidistant nodes: the cardinal (sinc) series, whose integral is a series in
    the sine integral (Stenger 1993, Numerical Methods Based on Sinc and Analytic Functions).
    Its error is about that of the trapezoidal rule with half the nodes.
    """

    def __init__(self, nodes: Nodes, prior: TauPrior):
        self.nodes, self.prior = nodes, prior
        self.steps = nodes.p.shape[0] - 1
        self.place = np.arange(self.steps + 1.0)[:, None]

    def at(self, x: np.ndarray) -> np.ndarray:
        """tau, x steps from the first node."""
        return self.prior.tau(self._z(x)[0])

    def _z(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """z at x steps from the first node, and its slope."""
        t = self.nodes.stretch
        step = (t.high - t.low) / self.steps
        u = t.low + step * x
        return t.centre + t.width * np.sinh(u), t.width * np.cosh(u) * step

    def density(self, x: np.ndarray) -> np.ndarray:
        """Density of tau, x steps from the first node: shape (rows, sets)."""
        z, slope = self._z(x)
        per_step = (self.nodes.p * np.sinc(x[..., None, :] - self.place)).sum(axis=-2)
        return per_step / (slope * self.prior.slope(z))

    def quantile(self, probability: np.ndarray) -> np.ndarray:
        """Quantiles, in steps from the first node: shape (rows, sets), as the probabilities."""
        p, place = self.nodes.p, self.place
        until = p.cumsum(axis=0) - p / 2
        x = np.clip((until < probability[..., None, :]).sum(axis=-2) - 0.5, 0, self.steps)
        low, high = np.zeros(x.shape), np.full(x.shape, float(self.steps))
        for _ in range(_MOST_STEPS):
            away = x[..., None, :] - place
            over = 0.5 + (p * sici(np.pi * away)[0]).sum(axis=-2) / np.pi - probability
            density = (p * np.sinc(away)).sum(axis=-2)
            low, high = np.where(over >= 0, low, x), np.where(over >= 0, x, high)
            new = x - over / density
            new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
            settled = np.abs(new - x) < _LAST_STEP
            x = new
            if settled.all():
                break
        return x

    def shortest(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the shortest interval for tau with probability `level`, in tau.

        Where the density is higher at the end of tau's range than inside, the interval reaches it.
        """

        def ends(share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            left = share * (1 - level)
            return self.quantile(left), self.quantile(left + level)

        share = _balance(ends, self.density, (1, self.nodes.p.shape[1]))
        low, high = (self.at(x) for x in ends(share))
        low = np.where(share <= _LEAST_SHARE, 0.0, low)
        return low, np.where(share >= _GREATEST_SHARE, self.prior.end, high)


def _balance(
    ends: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    density: Callable[[np.ndarray], np.ndarray],
    shape: tuple[int, ...],
) -> np.ndarray:
    """The share of what is left out that lies below the shortest interval.

    There the density is the same at both ends. If it is nowhere, the density being higher at one
    end throughout, the share is the least or the greatest that is tried.
    """

    def surplus(share: np.ndarray) -> np.ndarray:
        low, high = (density(x) for x in ends(share))
        return (high - low) / (high + low)

    least, greatest = np.full(shape, _LEAST_SHARE), np.full(shape, _GREATEST_SHARE)
    falls, rises = surplus(least) <= 0, surplus(greatest) >= 0
    crosses = ~(falls | rises)
    share = solve_by_secants(
        lambda x: np.where(crosses, surplus(x), 0.5 - x), least, greatest, _SHARE_TOLERANCE
    )
    return np.where(falls, least, np.where(rises, greatest, share))
