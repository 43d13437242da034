"""Profile-likelihood intervals and tests of the one-stage models."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from genopool.pooling.one_stage_likelihood import MarginalLikelihood, Nodes
from genopool.pooling.one_stage_models import TAU, THETA
from genopool.pooling.one_stage_optimise import LADDER, Maximum, ascend, finer_rules

# A limit is found when the signed root of the likelihood ratio is this near to its quantile;
# two quadrature rules agree on it when the root changes less than the second figure.
_ROOT = 1e-8
_AGREE_ROOT = 1e-6
_MAX_ITERATIONS = 60
# The root is level in the other parameters at their best: they need fewer digits than it.
_GAIN = 1e-12
# Distances from the maximum at which a limit counts as infinite, on the log odds scale.
_FARTHEST = 60.0
# A profile starts at this tau or more: at 0 the likelihood is level and would hold it there.
_NUDGE = 0.1


@dataclass(frozen=True)
class ProfileLimits:
    """Limits of the log odds ratio and of tau; an end that is never reached is infinite."""

    theta_low: float
    theta_high: float
    tau_low: float
    tau_high: float


@dataclass
class _Walk:
    """Searches along one parameter each, warm-started where the last step ended."""

    likelihood: MarginalLikelihood
    top: float
    parameter: NDArray[np.int64]
    frozen: NDArray[np.bool_]
    shared: NDArray[np.float64]
    local: NDArray[np.float64]
    nodes: Nodes | None = None

    def at(self, value: NDArray, points: int) -> tuple[NDArray, NDArray]:
        """Root of the likelihood ratio and its slope, the walked parameters held at `value`."""
        rows = np.arange(value.size)
        shared = self.shared.copy()
        free = ~self.frozen[:, TAU]
        shared[free, TAU] = np.maximum(np.abs(shared[free, TAU]), _NUDGE)
        shared[rows, self.parameter] = value
        found = ascend(self.likelihood, shared, self.local, self.frozen, points, self.nodes, _GAIN)
        self.shared, self.local, self.nodes = found.shared, found.local, found.nodes
        root = np.sqrt(2 * np.maximum(0.0, self.top - found.value))
        return root, -found.gradient[rows, self.parameter] / np.maximum(root, 1e-300)


def _walk(likelihood: MarginalLikelihood, maximum: Maximum, parameter: list[int]) -> _Walk:
    n = len(parameter)
    index = np.array(parameter)
    # A standard deviation that is 0 at the maximum may not be so away from it.
    frozen = np.zeros((n, maximum.frozen.size), dtype=bool)
    if not maximum.estimated:
        frozen |= maximum.frozen
    frozen[np.arange(n), index] = True
    return _Walk(
        likelihood,
        float(maximum.point.value[0]),
        index,
        frozen,
        np.repeat(maximum.point.shared, n, axis=0),
        np.repeat(maximum.point.local, n, axis=0),
    )


def likelihood_root(likelihood: MarginalLikelihood, maximum: Maximum) -> float:
    """Signed root of the likelihood ratio test of theta = 0, standard normal without effect."""
    walk = _walk(likelihood, maximum, [THETA])
    previous = np.inf
    for points in finer_rules(likelihood):
        root = float(walk.at(np.zeros(1), points)[0][0])
        if abs(root - previous) < _AGREE_ROOT:
            break
        previous = root
    return float(np.copysign(root, maximum.point.shared[0, THETA]))


def profile_limits(
    likelihood: MarginalLikelihood,
    maximum: Maximum,
    level: float,
    se: float,
    unbounded: bool = False,
) -> ProfileLimits:
    """Where the profile log-likelihood is half a chi² quantile below its maximum.

    Parameters
    ----------
    likelihood : MarginalLikelihood
    maximum : Maximum
    level : float
    se : float
        Standard error of theta, which sets the first guess.
    unbounded : bool
        Whether the likelihood stays above that as tau (and theta with it) goes to infinity.

    Returns
    -------
    ProfileLimits
        The lower limit of tau is 0 if tau = 0 is inside the interval; limits of tau are NaN if
        it is not estimated.
    """
    z = float(ndtri((1 + level) / 2))
    theta, tau = (float(maximum.point.shared[0, i]) for i in (THETA, TAU))
    limits = {("theta", -1.0): -np.inf, ("theta", 1.0): np.inf}
    walks = [] if unbounded else [("theta", -1.0, np.inf), ("theta", 1.0, np.inf)]
    if maximum.estimated:
        limits |= {("tau", -1.0): 0.0, ("tau", 1.0): np.inf}
        if not unbounded:
            walks.append(("tau", 1.0, np.inf))
        if 2 * (maximum.point.value[0] - maximum.value_without_tau) > z**2:
            walks.append(("tau", -1.0, tau))
    if walks:
        names, signs, ends = zip(*walks, strict=True)
        parameter = [THETA if name == "theta" else TAU for name in names]
        origin = np.array([theta if name == "theta" else tau for name in names])
        sign, end = np.array(signs), np.array(ends)
        walk = _walk(likelihood, maximum, parameter)
        distance = _solve(walk, origin, sign, np.minimum(z * se, end / 2), end, z)
        found = origin + sign * distance
        limits |= dict(zip(zip(names, signs, strict=True), found.tolist(), strict=True))
    return ProfileLimits(
        limits["theta", -1.0],
        limits["theta", 1.0],
        limits.get(("tau", -1.0), np.nan),
        limits.get(("tau", 1.0), np.nan),
    )


def _solve(walk: _Walk, origin, sign, distance, end, z: float) -> NDArray:
    """Distances at which the root equals z: safeguarded Newton, rule after rule."""
    for points in (LADDER[0], *finer_rules(walk.likelihood)):
        start = distance
        low, high = np.zeros_like(distance), end.copy()
        for _ in range(_MAX_ITERATIONS):
            root, slope = walk.at(origin + sign * np.minimum(distance, _FARTHEST), points)
            done = (np.abs(root - z) < _ROOT) | (distance >= _FARTHEST)
            if done.all():
                break
            low = np.where(root < z, np.maximum(low, distance), low)
            high = np.where(root >= z, np.minimum(high, distance), high)
            with np.errstate(divide="ignore", invalid="ignore"):
                guess = distance + sign * (z - root) / slope
            wild = ~((guess > low) & (guess < high))
            half = np.where(np.isfinite(high), (low + high) / 2, 2 * distance)
            guess = np.minimum(np.where(wild, half, guess), 3 * distance)
            distance = np.where(done, distance, guess)
        if np.abs((distance - start) * slope).max() < _AGREE_ROOT:
            break
    return np.where(distance >= _FARTHEST, np.inf, distance)
