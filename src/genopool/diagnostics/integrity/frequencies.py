"""Studies of one stratum that mirror each other: which of them count the other allele."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from genopool.diagnostics.integrity.numbers import Floats
from genopool.diagnostics.integrity.predictive import (
    F_ST,
    FREQUENCY_PRIOR,
    ROOT_F_ST_SCALE,
    half_normal,
    log_densities,
    log_normal,
    logit,
    means,
)

#: A mean frequency in this range tells nothing: turned round it looks the same.
UNTELLING = (0.40, 0.60)
#: Fewest studies that can be seen to fall into two mirrored groups.
FEWEST = 4
#: The larger group is believed when it is so many times the smaller one.
CLEAR_MAJORITY = 3
#: A study belongs to a group with at least this probability.
SURE = 0.99


@dataclass(frozen=True)
class Mirrored:
    """Two groups of a stratum's studies, one counting the other allele.

    Attributes
    ----------
    log_ratio : float
        Log of how much likelier two mirrored groups are than studies that all count one allele.
    groups : tuple of (tuple of int, tuple of int)
        Places of the studies: the lower frequencies, the higher ones. With a reference frequency
        the second group is the one that does not fit it.
    is_settled : bool
        Whether the second group is known to be the wrong one.
    frequency : float
        Of the effect allele in the first group.
    """

    log_ratio: float
    groups: tuple[tuple[int, ...], tuple[int, ...]]
    is_settled: bool
    frequency: float


def mirrored(y: Floats, v: Floats, places: np.ndarray, reference: float | None) -> Mirrored | None:
    """Look for two groups of studies whose frequencies mirror each other.

    The marginal likelihood with each study turned or not, as likely as each other, is compared with
    that of all studies as given; both integrate over the mean and F_ST.

    Parameters
    ----------
    y, v : ndarray, shape (studies,)
        Log odds of the effect allele in controls, and their variances.
    places : ndarray of int
        The studies of the stratum.
    reference : float, optional
        The frequency in the population, known from outside.
    """
    if places.size < (1 if reference is not None else FEWEST):
        return None
    y, v = y[places], v[places]
    far = np.abs(y).max() if reference is None else max(np.abs(y).max(), abs(logit(reference)))
    grid = means(np.array([-far, far]), FREQUENCY_PRIOR)
    p = expit(grid)
    tau2 = F_ST / np.maximum(p * (1 - p), 0.01)[:, None]
    prior = -0.5 * (grid[:, None] / FREQUENCY_PRIOR) ** 2
    prior = prior + half_normal(np.sqrt(F_ST), ROOT_F_ST_SCALE)
    if reference is not None:
        prior = prior + log_normal(logit(reference), grid[:, None], tau2)
    as_given = log_normal(y[:, None, None], grid[:, None], tau2 + v[:, None, None])
    turned = log_normal(-y[:, None, None], grid[:, None], tau2 + v[:, None, None])
    either = log_densities(y, v, grid, tau2, mirrored=0.5, wild=0.0)
    joint = prior + either.sum(axis=0)
    log_ratio = float(logsumexp(joint) - logsumexp(prior + as_given.sum(axis=0)))
    if reference is None:
        # Without a reference the mirror image is as good: look at one of the two.
        joint = np.where(grid[:, None] <= 0, joint, -np.inf)
    posterior = np.exp(joint - logsumexp(joint))
    mean = float((posterior.sum(axis=1) * grid).sum())
    if UNTELLING[0] <= expit(mean) <= UNTELLING[1]:
        return None
    fits = (posterior * expit(as_given - turned)).sum(axis=(1, 2))
    first = tuple(int(i) for i in places[fits >= SURE])
    second = tuple(int(i) for i in places[fits <= 1 - SURE])
    if not second or (reference is None and not first):
        return None
    settled = reference is not None
    # Who is in neither group for sure counts where it fits better.
    one, other = int((fits > 0.5).sum()), int((fits <= 0.5).sum())
    if not settled and one >= CLEAR_MAJORITY * other:
        settled = True
    elif not settled and other >= CLEAR_MAJORITY * one:
        first, second, settled, mean = second, first, True, -mean
    return Mirrored(log_ratio, (first, second), settled, float(expit(mean)))
