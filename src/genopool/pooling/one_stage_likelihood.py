"""Marginal likelihood of the one-stage models by adaptive Gauss-Hermite quadrature.

In every model a study's log-likelihood, given standard normal random effects z, is a sum over
one or two arms of x eta - K(eta), with K the arm's cumulant function and eta linear in the
parameters and in z. It is concave in z, so that the integrand has one peak. The nodes are placed
by the mean and covariance of z given the data (Naylor and Smith 1982; Rabe-Hesketh, Skrondal and
Pickles 2005). Derivatives are expectations over the same nodes (Louis 1982).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, roots_hermitenorm

# Nodes this near to their place, in standard deviations and on the log scale of the spread, are
# left; beyond the second figure they are found anew.
_NEAR = 0.3
_FAR = 1.5
_MAX_PLACEMENTS = 25
# A study without events has a plateau on one side once tau is 3 or more, for which Gauss and
# Hermite's nodes close in slowly. Rules with more points than this are equally spaced, over so
# many standard deviations: the trapezoidal rule converges geometrically there (Trefethen and
# Weideman 2014).
_MOST_HERMITE = 81
_REACH = 15.0


class Arm(Protocol):
    """A count whose log-likelihood is x eta - K(eta), up to a constant."""

    x: NDArray[np.float64]

    def cumulants(self, eta: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """K, K' and K'' at eta, of shape (..., studies, nodes)."""


class BinomialArm:
    """x of n people, with log odds eta."""

    def __init__(self, x: NDArray, n: NDArray) -> None:
        self.x = np.asarray(x, dtype=float)[:, None]
        self.n = np.asarray(n, dtype=float)[:, None]

    def cumulants(self, eta):
        p = expit(eta)
        mean = self.n * p
        return self.n * np.logaddexp(0.0, eta), mean, mean * expit(-eta)


@dataclass(frozen=True)
class Nodes:
    """Where the quadrature of each study is placed: z = centre + root @ t."""

    centre: NDArray[np.float64]
    root: NDArray[np.float64]


@dataclass(frozen=True)
class Derivatives:
    """Log-likelihood of each study with its derivatives, at each of a batch of parameters.

    Attributes
    ----------
    value : ndarray, shape (batch, studies)
    gradient : ndarray, shape (batch, studies, parameters)
    hessian : ndarray, shape (batch, studies, parameters, parameters)
    nodes : Nodes
        Placement, from which the next evaluation nearby may start.
    """

    value: NDArray[np.float64]
    gradient: NDArray[np.float64]
    hessian: NDArray[np.float64]
    nodes: Nodes


@lru_cache(maxsize=32)
def _rule(points: int, dimensions: int) -> tuple[NDArray, NDArray]:
    """Nodes (points**dimensions, dimensions) and log weights, both for a unit normal peak."""
    if points <= _MOST_HERMITE:
        t, w = roots_hermitenorm(points)
        log_w = np.log(w) + t * t / 2
    else:
        t = np.linspace(-_REACH, _REACH, points)
        log_w = np.full(points, np.log(t[1] - t[0]))
    log_w = log_w - 0.5 * np.log(2 * np.pi)
    grids = np.meshgrid(*[t] * dimensions, indexing="ij")
    logs = np.meshgrid(*[log_w] * dimensions, indexing="ij")
    return np.stack([g.ravel() for g in grids], axis=-1), sum(g.ravel() for g in logs)


@dataclass(frozen=True)
class MarginalLikelihood:
    """Studies' log-likelihoods with normal random effects integrated out.

    The predictor of arm j is ``offset[j] + fixed[j] @ psi + (psi @ random[j]) @ z``: each
    parameter acts on it directly, or as the standard deviation of a random effect.

    Attributes
    ----------
    arms : tuple of Arm
    offset : ndarray, shape (arms, studies)
    fixed : ndarray, shape (arms, parameters)
    random : ndarray, shape (arms, parameters, effects)
    constant : ndarray, shape (studies,)
        What makes the log-likelihood that of the counts, binomial coefficients included.
    """

    arms: tuple[Arm, ...]
    offset: NDArray[np.float64]
    fixed: NDArray[np.float64]
    random: NDArray[np.float64]
    constant: NDArray[np.float64]

    def evaluate(self, psi: NDArray, points: int, nodes: Nodes | None = None) -> Derivatives:
        """Value, gradient and Hessian at parameters `psi` of shape (batch, studies, parameters).

        `points` is the number of quadrature points for each random effect.
        """
        t, log_w = _rule(points, self.random.shape[-1])
        intercept = self.offset[:, None, :] + np.einsum("jp,bkp->jbk", self.fixed, psi)
        slope = np.einsum("jpr,bkp->jbkr", self.random, psi)
        better = self._peak(intercept, slope) if nodes is None else nodes
        for _ in range(_MAX_PLACEMENTS):
            nodes = better
            z = nodes.centre[:, :, None, :] + t @ nodes.root.swapaxes(-1, -2)
            log_f = log_w - 0.5 * (z * z).sum(axis=-1)
            residuals, curvatures = [], []
            for arm, start, rate in zip(self.arms, intercept, slope, strict=True):
                eta = start[:, :, None] + (z @ rate[..., None])[..., 0]
                cumulant, mean, variance = arm.cumulants(eta)
                log_f = log_f + (arm.x * eta - cumulant)
                residuals.append(arm.x - mean)
                curvatures.append(variance)
            top = log_f.max(axis=-1)
            p = np.exp(log_f - top[..., None])
            total = p.sum(axis=-1)
            p /= total[..., None]
            better = self._placed(z, p, nodes.root)
            off = _distance(nodes, better)
            if off < _NEAR:
                break
            if off > _FAR:
                # From afar the moments mislead; the peak is found by Newton's method.
                better = self._peak(intercept, slope)
        spread = np.log(np.abs(np.prod(np.diagonal(nodes.root, axis1=-2, axis2=-1), axis=-1)))
        value = self.constant + top + np.log(total) + spread
        gradient, hessian = self._moments(z, p, residuals, curvatures)
        return Derivatives(value, gradient, hessian, better)

    def _peak(self, intercept, slope) -> Nodes:
        """Nodes at the mode and curvature of each integrand."""
        _, batch, studies, effects = slope.shape
        z = np.zeros((batch, studies, effects))
        height, step, precision = self._ascent(z, intercept, slope)
        for _ in range(60):
            trial = z + step
            new_height, new_step, new_precision = self._ascent(trial, intercept, slope)
            up = new_height >= height
            z = np.where(up[..., None], trial, z)
            step = np.where(up[..., None], new_step, step / 4)
            height = np.where(up, new_height, height)
            precision = np.where(up[..., None, None], new_precision, precision)
            squared = (step[..., None, :] @ precision @ step[..., None])[..., 0, 0]
            if squared.max() < _NEAR**2:
                break
        return Nodes(z, np.linalg.cholesky(np.linalg.inv(precision)))

    def _ascent(self, z, intercept, slope):
        """Log integrand at z, the Newton step up from there, and its precision."""
        height = -0.5 * (z * z).sum(axis=-1)
        gradient, precision = -z, np.eye(z.shape[-1])
        for arm, start, rate in zip(self.arms, intercept, slope, strict=True):
            eta = start + (rate * z).sum(axis=-1)
            cumulant, mean, variance = (x[..., 0] for x in arm.cumulants(eta[..., None]))
            x = arm.x[:, 0]
            height = height + x * eta - cumulant
            gradient = gradient + rate * (x - mean)[..., None]
            precision = precision + variance[..., None, None] * (
                rate[..., :, None] * rate[..., None, :]
            )
        return height, np.linalg.solve(precision, gradient[..., None])[..., 0], precision

    def _placed(self, z, p, root):
        """Nodes at the mean and covariance of z given the data; `root` is where they were."""
        mean = (p[..., None, :] @ z)[..., 0, :]
        off = z - mean[:, :, None, :]
        covariance = (off * p[..., None]).swapaxes(-1, -2) @ off
        # A single distant node may seem to carry everything: never shrink to a point.
        covariance += 1e-4 * (root @ root.swapaxes(-1, -2))
        return Nodes(mean, np.linalg.cholesky(covariance))

    def _moments(self, z, p, residuals, curvatures):
        """Gradient E[g] and Hessian Cov(g) - E[curvature], over z given the data."""
        score, information = 0.0, 0.0
        for fixed, random, residual, curvature in zip(
            self.fixed, self.random, residuals, curvatures, strict=True
        ):
            feature = fixed + z @ random.T
            score = score + feature * residual[..., None]
            weighted = feature * (p * curvature)[..., None]
            information = information + weighted.swapaxes(-1, -2) @ feature
        gradient = (p[..., None, :] @ score)[..., 0, :]
        off = score - gradient[:, :, None, :]
        covariance = (off * p[..., None]).swapaxes(-1, -2) @ off
        return gradient, covariance - information


def _distance(used: Nodes, better: Nodes) -> float:
    """How far the nodes lie from where they should, in standard deviations or log spread."""
    spread = np.diagonal(used.root, axis1=-2, axis2=-1)
    ideal = np.diagonal(better.root, axis1=-2, axis2=-1)
    shift = np.abs(better.centre - used.centre) / ideal
    return max(shift.max(initial=0.0), np.abs(np.log(spread / ideal)).max(initial=0.0))
