"""What the other studies say about the next one: predictive distributions of clean studies.

Studies are normal about a mean with a between-study standard deviation; both are integrated over a
grid, so that few studies give heavy tails and an estimate of zero heterogeneity is never believed.
Any other study may be wrong itself (turned round, or anything at all) with a small probability, so
that one error does not hide another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtr

from genopool.diagnostics.integrity.numbers import Floats

#: Probability that another study is mirrored (turned round, or cases for controls), and that it is
#: wrong in any other way; then it is normal with this standard deviation more.
MIRRORED, WILD = 0.03, 0.03
WILD_SD = 1.0
#: Wright's F_ST of the allele frequency within a stratum: grid, and scale of the half-normal prior
#: of its root.
F_ST = np.array([3e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.02, 0.04, 0.08, 0.16])
ROOT_F_ST_SCALE = 0.10
#: The same for studies whose ancestry is not known.
ROOT_F_ST_SCALE_UNKNOWN = 0.30
#: Standard deviation of the true log odds ratios: grid, and scale of its half-normal prior.
TAU = np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0])
TAU_SCALE = 0.25
#: Standard deviations of the priors of the mean log odds of the effect allele, and of the mean log
#: odds ratio.
FREQUENCY_PRIOR, EFFECT_PRIOR = 1.5, 0.5
#: Points of the grid of means, and how far it goes beyond the observed ones.
_MEANS, _MARGIN = 241, 1.0
#: The grid of the spread is merged to so many normal components.
COMPONENTS = 3


@dataclass(frozen=True)
class Predictive:
    """A mixture of normal distributions for each study.

    Attributes
    ----------
    weight, mean, variance : ndarray, shape (studies, components)
    others : ndarray of int, shape (studies,)
        Number of other studies that it rests on.
    """

    weight: Floats
    mean: Floats
    variance: Floats
    others: np.ndarray

    @property
    def expected(self) -> Floats:
        """Mean of the mixture."""
        return (self.weight * self.mean).sum(axis=1)

    def wild_log_ratio(self, y: Floats, v: Floats) -> Floats:
        """Log of how much likelier a study is that is wrong in any way than a clean one."""
        clean, wild = (
            log_sum_exp(
                np.log(self.weight) + log_normal(y[:, None], self.mean, self.variance + more), 1
            )
            for more in (v[:, None], v[:, None] + WILD_SD**2)
        )
        return wild - clean

    def two_sided_p(self, y: Floats, v: Floats) -> Floats:
        """Probability of a study at least as far out, its own variance added."""
        z = (y[:, None] - self.mean) / np.sqrt(self.variance + v[:, None])
        below = (self.weight * ndtr(z)).sum(axis=1)
        above = (self.weight * ndtr(-z)).sum(axis=1)
        return np.minimum(2 * np.minimum(below, above), 1.0)


def frequency_predictive(
    y: Floats,
    v: Floats,
    members: np.ndarray,
    same: np.ndarray,
    *,
    known_ancestry: bool = True,
    can_mirror: bool = True,
    reference: float | None = None,
) -> Predictive:
    """Log odds of the effect allele in controls of a further study of a stratum.

    Parameters
    ----------
    y, v : ndarray, shape (studies,)
        Log odds and their binomial variances.
    members : ndarray of bool, shape (studies,)
        The studies of the stratum that count.
    same : ndarray of bool, shape (studies, studies)
        Which studies are no evidence for each other.
    known_ancestry : bool
        False where studies of any ancestry are compared.
    can_mirror : bool
        Whether a study may count the other of two alleles.
    reference : float, optional
        The frequency in the population, known from outside.
    """
    scale = ROOT_F_ST_SCALE if known_ancestry else ROOT_F_ST_SCALE_UNKNOWN
    at = [y[members]] if reference is None else [y[members], [logit(reference)]]
    mean = means(np.concatenate(at), FREQUENCY_PRIOR)
    p = expit(mean)
    tau2 = F_ST / np.maximum(p * (1 - p), 0.01)[:, None]
    prior = -0.5 * (mean[:, None] / FREQUENCY_PRIOR) ** 2 + half_normal(np.sqrt(F_ST), scale)
    if reference is not None:
        prior = prior + log_normal(logit(reference), mean[:, None], tau2)
    return _leave_out(y, v, members, same, mean, tau2, prior, mirrored=MIRRORED * can_mirror)


def effect_predictive(y: Floats, v: Floats, members: np.ndarray, same: np.ndarray) -> Predictive:
    """Log odds ratio of a further study; the parameters are those of `frequency_predictive`."""
    mean = means(y[members], EFFECT_PRIOR)
    tau2 = np.broadcast_to(TAU**2, (mean.size, TAU.size))
    prior = -0.5 * (mean[:, None] / EFFECT_PRIOR) ** 2 + half_normal(TAU, TAU_SCALE)
    return _leave_out(y, v, members, same, mean, tau2, prior, mirrored=MIRRORED)


def means(y: Floats, sd: float) -> Floats:
    """A grid of means about what was observed, or about 0 where nothing was."""
    if y.size == 0:
        return np.linspace(-3 * sd, 3 * sd, _MEANS)
    return np.linspace(y.min() - _MARGIN, y.max() + _MARGIN, _MEANS)


def half_normal(grid: Floats, scale: float) -> Floats:
    """Log prior weights of the points of a grid."""
    return -0.5 * (grid / scale) ** 2 + np.log(np.gradient(grid))


def log_normal(y: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Floats:
    """Log density of the normal distribution."""
    return -0.5 * (np.square(np.subtract(y, mean)) / variance + np.log(2 * np.pi * variance))


def log_sum_exp(x: Floats, axis: int | tuple[int, ...]) -> Floats:
    """As scipy's, for finite numbers and many small calls."""
    top = x.max(axis=axis, keepdims=True)
    return np.log(np.exp(x - top).sum(axis=axis)) + np.squeeze(top, axis=axis)


def log_densities(
    y: Floats, v: Floats, mean: Floats, tau2: Floats, *, mirrored: float, wild: float
) -> Floats:
    """Log density of each study at every point of the grid: shape (studies, means, spreads)."""
    y, v = y[:, None, None], v[:, None, None]
    parts = [np.log(1 - mirrored - wild) + log_normal(y, mean[:, None], tau2 + v)]
    if mirrored:
        parts.append(np.log(mirrored) + log_normal(-y, mean[:, None], tau2 + v))
    if wild:
        parts.append(np.log(wild) + log_normal(y, mean[:, None], tau2 + v + WILD_SD**2))
    total = parts[0]
    for part in parts[1:]:
        total = np.logaddexp(total, part)
    return total


def _leave_out(
    y: Floats,
    v: Floats,
    members: np.ndarray,
    same: np.ndarray,
    mean: Floats,
    tau2: Floats,
    prior: Floats,
    *,
    mirrored: float,
) -> Predictive:
    inside = np.flatnonzero(members)
    each = log_densities(y[inside], v[inside], mean, tau2, mirrored=mirrored, wild=WILD)
    flat = each.reshape(inside.size, prior.size)
    kept = ~same[:, inside]
    posterior = (kept.astype(float) @ flat).reshape(-1, *prior.shape) + prior
    posterior = np.exp(posterior - posterior.max(axis=(1, 2), keepdims=True))
    posterior /= posterior.sum(axis=(1, 2), keepdims=True)
    weight, centre, variance = [], [], []
    for group in np.array_split(np.arange(prior.shape[1]), COMPONENTS):
        share = posterior[:, :, group]
        total = share.sum(axis=(1, 2)) + 1e-300
        first = (share.sum(axis=2) @ mean) / total
        second = (share.sum(axis=2) @ mean**2) / total
        between = (share * tau2[:, group]).sum(axis=(1, 2)) / total
        weight.append(total)
        centre.append(first)
        variance.append(np.maximum(second - first**2, 0.0) + between + 1e-12)
    return Predictive(
        *(np.stack(values, axis=1) for values in (weight, centre, variance)), kept.sum(axis=1)
    )


def logit(p: float) -> float:
    """Log odds of a probability, without an array around it."""
    return float(np.log(p / (1 - p)))
