"""Method-of-moments estimators of tau² and the Q(tau²) function that they and intervals share."""

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from genopool.pooling.roots import solve
from genopool.pooling.study_sets import StudySets


@dataclass
class WeightedMean:
    """Inverse-variance mean of each set, strata together; arrays of shape (sets,)."""

    estimate: np.ndarray
    w1: np.ndarray
    weighted_ss: np.ndarray


def weighted_mean(s: StudySets, tau2: np.ndarray) -> WeightedMean:
    """Mean, sum of weights 1/(v + tau²) and weighted residual sum of squares, of one stratum."""
    w = 1.0 / (s.v[:, 0] + tau2)
    w1 = w.sum(axis=0)
    y = s.y[:, 0]
    mean = np.einsum("kn,kn->n", w, y) / w1
    r = y - mean
    w *= r
    return WeightedMean(mean + s.anchor[0], w1, np.einsum("kn,kn->n", w, r))


def typical_variance(s: StudySets) -> np.ndarray:
    """Higgins and Thompson's (2002, eq. 9) typical sampling variance: shape (sets,)."""
    w = 1.0 / s.v
    w1 = w.sum(axis=0)
    # (sum w)² - sum w² with the largest weight, w[0], taken apart: no cancellation.
    rest = w[1:].sum(axis=0)
    pairs = 2 * w[0] * rest + rest * rest - (w[1:] ** 2).sum(axis=0)
    return (s.df * w1 / pairs)[0]


@singledispatch
def residual_q(s: StudySets, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Q(tau²), the weighted residual sum of squares with weights 1/(v + tau²), and its slope."""
    w = 1.0 / (s.v + tau2)
    w1 = w.sum(axis=0)
    r = s.y - np.einsum("kgn,kgn->gn", w, s.y) / np.where(w1 > 0, w1, 1.0)
    w *= r
    return np.einsum("kgn,kgn->n", w, r), -np.einsum("kgn,kgn->n", w, w)


@singledispatch
def general_moment(s: StudySets, weight: np.ndarray) -> np.ndarray:
    """Moment estimator of tau² >= 0 with given weights (DerSimonian and Kacker 2007).

    Parameters
    ----------
    s : StudySets
    weight : ndarray, shape (studies, strata, sets)
        0 where a study is absent.
    """
    a1 = weight.sum(axis=0)
    safe = np.where(a1 > 0, a1, 1.0)
    r = s.y - np.einsum("kgn,kgn->gn", weight, s.y) / safe
    q = np.einsum("kgn,kgn,kgn->n", weight, r, r)
    share = 1 - weight / safe
    v = np.where(s.present, s.v, 0.0)
    expected = np.einsum("kgn,kgn,kgn->n", weight, share, v)
    trace = np.einsum("kgn,kgn->n", weight, share)
    return np.maximum((q - expected) / trace, 0.0)


def dersimonian_laird(s: StudySets) -> np.ndarray:
    """DL (DerSimonian and Laird 1986): Q with weights 1/v set equal to its expectation."""
    return general_moment(s, 1 / s.v)


def _reciprocal_gap(
    s: StudySets, tau2: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """1/Q(tau²) - 1/target and its slope."""
    q, dq = residual_q(s, tau2)
    return 1 / q - 1 / target, -dq / (q * q)


def solve_q(s: StudySets, target: np.ndarray) -> np.ndarray:
    """tau² >= 0 at which Q(tau²) = target > 0, and 0 where Q(0) <= target: shape (sets,).

    1/Q is concave and rises in tau² (Q = sum z_j²/(lambda_j + tau²) is a harmonic mean turned
    over), so Newton's method for 1/Q = 1/target climbs from 0 to the root without ever passing
    it, and reaches it in one step when the variances are equal.
    """
    target = np.broadcast_to(np.asarray(target, dtype=float), s.k.shape)
    tau2 = np.zeros(s.k.shape)
    where = np.flatnonzero(residual_q(s, tau2)[0] > target)
    zero = np.zeros(where.size)
    end = np.full(where.size, np.inf)
    tau2[where] = solve(_reciprocal_gap, s.take(where), zero, end, zero, target[where])
    return tau2
