"""Whether the log odds of a disease change evenly with the length of a repeat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from genopool.association.dose import fitted_cases

LEAST_EXPECTED = 5.0
"""A length has a term of its own if this many of its chromosomes are expected in each group."""
_RANK = 1e-9  # of the largest eigenvalue of the information, scaled to a diagonal of 1


@dataclass(frozen=True)
class Linearity:
    """Test of each length's own log odds against a straight line in the length.

    Attributes
    ----------
    statistic : float
        chi² on `df` degrees of freedom.
    df : int
        Lengths with a term of their own, less what the studies' lines already fit.
    p_value : float
    """

    statistic: float
    df: int
    p_value: float


def linearity_test(cases: ArrayLike, controls: ArrayLike, kinds: ArrayLike) -> Linearity | None:
    """Score test of the lengths' own effects beyond each study's own trend.

    Parameters
    ----------
    cases, controls : array_like, shape (studies, kinds)
        People by genotype, or chromosomes by length. Studies without a finite trend are to be
        left out before.
    kinds : sequence of tuple of int
        The lengths of each kind: two of a genotype, one of a chromosome.

    Returns
    -------
    Linearity or None
        None where no length has a term of its own that the lines do not fit already.

    Notes
    -----
    The null model is a logistic regression with an intercept and a slope for each study; the
    alternative adds one coefficient for each length, common to the studies, per chromosome of it
    (Cox and Hinkley 1974, section 9.3). Lengths too rare for that (`LEAST_EXPECTED`) stay on
    the line.
    """
    x, y = np.asarray(cases, dtype=float), np.asarray(controls, dtype=float)
    lengths = np.unique([length for kind in kinds for length in kind])
    copies = np.array([[kind.count(length) for length in lengths] for kind in kinds], dtype=float)
    if not x.size:
        return None
    doses = copies @ lengths
    n = x + y
    share = x.sum() / n.sum()
    expected = (n.sum(axis=0) @ copies) * min(share, 1 - share)
    copies = copies[:, expected >= LEAST_EXPECTED]
    if not copies.shape[1]:
        return None

    p = fitted_cases(x, y, doses)
    w = n * p * (1 - p)
    score = ((x - n * p) @ copies).sum(axis=0)
    information = np.zeros((copies.shape[1],) * 2)
    for weights in w:
        line = np.stack([np.ones_like(doses), doses - (weights @ doses) / weights.sum()])
        of_line = (line * weights) @ line.T
        both = (line * weights) @ copies
        information += (copies.T * weights) @ copies - both.T @ np.linalg.solve(of_line, both)
    scale = np.sqrt(np.maximum(np.diag(information), 0.0))
    own = scale > 1e-6 * np.sqrt(w.sum())
    if not own.any():
        return None
    scaled = information[np.ix_(own, own)] / np.outer(scale[own], scale[own])
    values, vectors = np.linalg.eigh(scaled)
    kept = values > _RANK * values[-1]
    along = vectors.T @ (score[own] / scale[own])
    statistic = float((along[kept] ** 2 / values[kept]).sum())
    df = int(kept.sum())
    return Linearity(statistic, df, float(chdtrc(df, statistic)))
