"""Integrals over the posterior of tau by a trapezoidal rule on a stretched coordinate.

The posterior density of z (see `bayes_priors`) is analytic and falls exponentially on both sides.
With z = centre + width sinh(u) it falls doubly exponentially in u, and the trapezoidal rule
converges exponentially (Takahasi and Mori 1974, Publ RIMS 9:721): halving the step squares
the error. Each set has its own centre, width and range, found by looking at its posterior; the
number of nodes is doubled until every functional checked is the same with half of them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from genopool.pooling.bayes_priors import TauPrior
from genopool.pooling.study_sets import StudySets

# The first number of steps, enough for nearly all data, and the most.
_FIRST_STEPS = 128
_MOST_STEPS = 1 << 14
# Change of a functional, in its own unit, when every second node is left out. Convergence being
# quadratic, the error of the full rule is near the square of this.
_TOLERANCE = 1e-9
# Where prior and data are far apart, the log density is a small difference of large numbers, and
# rounded by this much relative to them.
_ROUNDING = 2e-15
# Density below exp(-36) = 2e-16 of the peak is beyond rounding.
_DROP = 36.0
# The core is where the density exceeds exp(-8) of its peak: 4 standard deviations either way.
_CORE_DROP = 8.0
# Points of the first look and of each closer one, which go on until the core has so many.
_SCAN_POINTS = 64
_ZOOM_POINTS = 17
_CORE_POINTS = 6
_MOST_ZOOMS = 12
# Width of the stretch as a share of the core's.
_WIDTH = 0.2
# Slope that the log density of z has at least, outside the range scanned (1 but for the margin).
_SLOPE = 0.95


@dataclass(frozen=True)
class Model:
    """Normal-normal model of sets of studies, none of them empty, with its priors.

    Attributes
    ----------
    s : StudySets
        One stratum.
    prior : TauPrior
    effect_mean : ndarray, shape (sets,)
        Mean of the effect's prior, less the anchor of the set.
    effect_variance : float
        Its variance: infinite if flat (density 1), 0 for an effect that is known.
    """

    s: StudySets
    prior: TauPrior
    effect_mean: np.ndarray
    effect_variance: float

    def take(self, sets: np.ndarray) -> "Model":
        """The sets with these indices."""
        return Model(
            self.s.take(sets), self.prior, self.effect_mean.take(sets), self.effect_variance
        )

    @property
    def flat(self) -> bool:
        """Whether the effect's prior is flat."""
        return math.isinf(self.effect_variance)

    @property
    def tail(self) -> np.ndarray:
        """The power of 1/tau with which tau's posterior density falls: shape (sets,)."""
        return self.prior.tail + self.s.k - self.flat

    @property
    def moments(self) -> np.ndarray:
        """Number of finite moments of tau, up to 2: shape (sets,)."""
        return np.clip(self.tail - 2, 0, 2)

    def weigh(self, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(v + tau²)/v and the weights 1/(v + tau²), shape (studies, nodes, sets)."""
        precision = 1 / self.s.v
        ratio = 1 + precision * tau2
        return ratio, precision / ratio

    def conditional(self, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log-likelihood of tau² with the effect integrated out, mean and variance of the effect.

        The effect is less the anchor of the set. `tau2` has shape (nodes, sets).
        """
        s = self.s
        ratio, w = self.weigh(tau2)
        spread = 1 / w.sum(axis=0)
        mean = (w * s.y).sum(axis=0) * spread
        residual = s.y - mean
        ss = (w * residual * residual).sum(axis=0)
        log_v = np.log(np.where(s.present, s.v, 1.0)).sum(axis=0)
        normalise = log_v + (s.k - 1) * math.log(2 * math.pi)
        log_likelihood = -0.5 * (np.log(ratio).sum(axis=0) + ss - np.log(spread) + normalise)
        if self.flat:
            return log_likelihood, mean, spread
        total = spread + self.effect_variance
        off = self.effect_mean - mean
        log_likelihood -= 0.5 * (np.log(2 * math.pi * total) + off * off / total)
        return log_likelihood, mean + off * spread / total, spread * self.effect_variance / total

    def log_posterior(self, z: np.ndarray) -> np.ndarray:
        """Log density of z, not normalised: shape (nodes, sets)."""
        tau = self.prior.tau(z)
        return self.conditional(tau * tau)[0] + self.prior.log_density(z)

    def domain(self) -> tuple[np.ndarray, np.ndarray]:
        """Range of z outside which the posterior only falls: two of shape (sets,)."""
        s, y, p = self.s, self.s.y[:, 0], 1 / self.s.v[:, 0]
        mean = (p * y).sum(axis=0) / p.sum(axis=0)
        squares = ((y - mean) * s.present[:, 0]) ** 2
        largest = np.where(s.present[:, 0], s.v[:, 0], 0.0).max(axis=0)
        if not self.flat:
            squares = squares + ((y - self.effect_mean) * s.present[:, 0]) ** 2
            largest = largest + s.k * self.effect_variance
        low = -0.5 * np.log((p * (1 + p * squares)).sum(axis=0))
        high = 0.5 * np.log(squares.sum(axis=0) + largest)
        return self.prior.domain(low, high, s.k)


@dataclass(frozen=True)
class Stretch:
    """z = centre + width sinh(u) for u between `low` and `high`: all of shape (sets,)."""

    centre: np.ndarray
    width: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def take(self, sets: np.ndarray) -> "Stretch":
        """The sets with these indices."""
        return Stretch(*(x.take(sets) for x in vars(self).values()))


@dataclass(frozen=True)
class Nodes:
    """A discrete posterior of tau: arrays of shape (nodes, sets) unless said otherwise.

    Attributes
    ----------
    stretch : Stretch
        Where the nodes lie: equidistant in u, the first at its low and the last at its high end.
    tau, p : ndarray
        Nodes and their probabilities.
    mean, variance : ndarray
        Of the effect, less the anchor, given tau.
    log_marginal : ndarray, shape (sets,)
        Log marginal likelihood.
    error : ndarray, shape (sets,)
        Largest change of a checked functional when every second node is left out.
    tolerance : ndarray, shape (sets,)
        The change that is small enough.
    """

    stretch: Stretch
    tau: np.ndarray
    p: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    log_marginal: np.ndarray
    error: np.ndarray
    tolerance: np.ndarray

    def take(self, sets: np.ndarray) -> "Nodes":
        """The sets with these indices."""
        rest = {name: x.take(sets, axis=-1) for name, x in vars(self).items() if name != "stretch"}
        return Nodes(stretch=self.stretch.take(sets), **rest)

    def expect(self, x: np.ndarray) -> np.ndarray:
        """Posterior mean of what has the value x, shape (..., nodes, sets), at the nodes."""
        return (self.p * x).sum(axis=-2)


def integrate(model: Model) -> Iterator[tuple[np.ndarray, Nodes]]:
    """Nodes for each set of a model, in groups with the same number of them.

    Yields
    ------
    sets : ndarray of int
        Which sets; each comes once.
    nodes : Nodes
    """
    stretch = _stretch(model)
    active = np.arange(model.s.k.size)
    steps = _FIRST_STEPS
    while active.size:
        nodes = _nodes(model, stretch, steps)
        done = (nodes.error < nodes.tolerance) | (steps >= _MOST_STEPS)
        if done.all():
            yield active, nodes
            return
        if done.any():
            here = np.flatnonzero(done)
            yield active[here], nodes.take(here)
        left = np.flatnonzero(~done)
        active, model, stretch = active[left], model.take(left), stretch.take(left)
        steps *= 2


def _stretch(model: Model) -> Stretch:
    """Look at the posterior of each set on a coarse grid, then closer at where its mass is."""
    low, high = model.domain()
    z = low + (high - low) * np.linspace(0, 1, _SCAN_POINTS)[:, None]
    g = model.log_posterior(z)
    near, height = z, g
    for _ in range(_MOST_ZOOMS):
        first, last, top = _hull(height)
        left, right = _pick(near, first - 1), _pick(near, last + 1)
        if (last - first >= _CORE_POINTS).all():
            break
        near = left + (right - left) * np.linspace(0, 1, _ZOOM_POINTS)[:, None]
        height = model.log_posterior(near)
    centre = _pick(near, height.argmax(axis=0))
    width = _WIDTH * (right - left)

    # tau² is integrated too: on the right, times the density, it must have fallen as far.
    growth = np.log(model.prior.tau(z) / model.prior.tau(centre))
    excess = g + model.moments * np.maximum(growth, 0.0) - (top - _DROP)
    inside = (excess > 0) | ((z >= left) & (z <= right))
    some = inside.any(axis=0)
    between = (z < centre).sum(axis=0)
    before = np.where(some, inside.argmax(axis=0), between) - 1
    after = np.where(some, _SCAN_POINTS - inside[::-1].argmax(axis=0), between)
    start = _pick(z, before) - np.maximum(excess[0], 0) / _SLOPE
    end = _pick(z, after) + np.maximum(excess[-1], 0) / _SLOPE
    return Stretch(
        centre, width, np.arcsinh((start - centre) / width), np.arcsinh((end - centre) / width)
    )


def _nodes(model: Model, stretch: Stretch, steps: int) -> Nodes:
    """The trapezoidal rule with this even number of steps."""
    step = (stretch.high - stretch.low) / steps
    u = stretch.low + step * np.arange(steps + 1)[:, None]
    z = stretch.centre + stretch.width * np.sinh(u)
    tau = model.prior.tau(z)
    log_likelihood, mean, variance = model.conditional(tau * tau)
    p = log_likelihood + model.prior.log_density(z) + np.log(np.cosh(u))
    top = p.max(axis=0)
    p = np.exp(p - top)
    total = p.sum(axis=0)
    p /= total
    log_marginal = top + np.log(total * stretch.width * step)
    error = _error(model, tau, p, mean, variance)
    tolerance = np.maximum(_TOLERANCE, _ROUNDING * np.abs(top))
    return Nodes(stretch, tau, p, mean, variance, log_marginal, error, tolerance)


def _pick(x: np.ndarray, row: np.ndarray) -> np.ndarray:
    """The element of each column in the row given, the nearest row if there is none."""
    row = np.clip(row, 0, x.shape[0] - 1)
    return np.take_along_axis(x, row[None], axis=0)[0]


def _hull(g: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and last row of the core of each column, and the height of its peak.

    A peak between two points is as high as the parabola through the points about it.
    """
    rise, bend = (g[2:] - g[:-2]) / 2, g[2:] - 2 * g[1:-1] + g[:-2]
    peak = (bend < 0) & (np.abs(rise) <= -bend / 2)
    height = g.copy()
    height[1:-1] -= np.divide(rise * rise, 2 * bend, out=np.zeros(rise.shape), where=peak)
    top = height.max(axis=0)
    core = height >= top - _CORE_DROP
    return core.argmax(axis=0), g.shape[0] - 1 - core[::-1].argmax(axis=0), top


def _error(
    model: Model, tau: np.ndarray, p: np.ndarray, mean: np.ndarray, variance: np.ndarray
) -> np.ndarray:
    """Largest change of a functional when every second node is left out: shape (sets,).

    Checked are the total, the moments that exist of tau, relative to themselves, those of the
    effect, relative to its standard deviation, and probabilities of the effect and of a new
    study's effect.
    """
    tau2 = tau * tau
    values = [tau * (model.moments >= 1), tau2 * (model.moments >= 2)]
    if model.effect_variance > 0:
        best = p.argmax(axis=0)
        off = mean - _pick(mean, best)
        sd, new_sd = np.sqrt(variance), np.sqrt(variance + tau2)
        exists = (model.moments >= 2) | (not model.flat)
        values += [off * exists, (off * off + variance) * exists]
        for spread in (sd, new_sd):
            unit = _pick(spread, best)
            values += [ndtr((x * unit - off) / spread) for x in (-2.0, 0.0, 2.0)]
    values = np.stack(values)
    full = (p * values).sum(axis=1)
    half = 2 * (p[::2] * values[:, ::2]).sum(axis=1)
    unit = np.ones(full.shape)
    unit[:2] = full[:2]
    unit[2:3], unit[3:4] = np.sqrt(full[3:4]), full[3:4]
    change = np.abs(half - full) / np.where(unit > 0, unit, 1.0)
    return np.maximum(change.max(axis=0), np.abs(2 * p[::2].sum(axis=0) - 1))
