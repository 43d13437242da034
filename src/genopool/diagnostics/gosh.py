"""GOSH: the pool of every subset of the studies, to see what the heterogeneity is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genopool.pooling.inverse_variance import pool
from genopool.pooling.study_sets import check_pair

#: All subsets up to this many, that is of 15 studies.
MOST = 1 << 15
_ELEMENTS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Gosh:
    """Pools of subsets of one set of studies.

    Attributes
    ----------
    member : ndarray of bool, shape (subsets, studies)
        Which studies each subset has; at least two.
    k : ndarray of int, shape (subsets,)
    estimate, tau2, q, i2 : ndarray, shape (subsets,)
        As `Fit` has them.
    all_subsets : bool
        All there are, and not a sample.
    reason : str
        Blank, or why there is none.
    """

    member: np.ndarray
    k: np.ndarray
    estimate: np.ndarray
    tau2: np.ndarray
    q: np.ndarray
    i2: np.ndarray
    all_subsets: bool
    reason: str


def gosh(log_or, variance, *, tau2: str = "EE", most: int = MOST, seed: int = 1) -> Gosh:
    """Pool every subset of two or more studies, or a sample of them.

    Parameters
    ----------
    log_or, variance : array_like, shape (studies,)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tau2 : str
        `EE` as in the paper, or an estimator of tau².
    most : int
        If there are more subsets than this, so many different ones are drawn, each as likely as
        another.
    seed : int
        Of the draw.

    Returns
    -------
    Gosh

    Raises
    ------
    ValueError
        As `genopool.pool` does; leading axes; `most` below 1.

    References
    ----------
    Olkin I, Dahabreh IJ, Trikalinos TA (2012) Res Synth Methods 3:214.
    """
    if not isinstance(most, int) or most < 1:
        raise ValueError(f"most must be a whole number of at least 1, not {most!r}")
    y, v = check_pair(log_or, variance)
    if y.ndim != 1:
        raise ValueError("gosh takes one set of studies: arrays without leading axes")
    there = np.flatnonzero(~np.isnan(y))
    k = there.size
    complete = k <= 62 and 2**k - k - 1 <= most
    inside = _all(k) if complete else _sample(k, most, seed)
    member = np.zeros((len(inside), y.size), dtype=bool)
    member[:, there] = inside
    out = {name: np.empty(len(member)) for name in ("estimate", "tau2", "q", "i2")}
    step = max(1, _ELEMENTS_AT_ONCE // max(1, y.size))
    for start in range(0, len(member), step):
        part = slice(start, start + step)
        subset = (np.where(member[part], x, np.nan) for x in (y, v))
        fit = pool(*subset, tau2=tau2, interval="wald", prediction="none")
        for name, values in out.items():
            values[part] = getattr(fit, name)
    return Gosh(
        member=member,
        k=member.sum(axis=1),
        **out,
        all_subsets=complete,
        reason="" if k > 1 else "fewer than two studies",
    )


def _all(k: int) -> np.ndarray:
    """All subsets of two or more of k studies, as rows of bool."""
    number = np.arange(1 << k)
    member = (number[:, None] >> np.arange(k)) & 1 == 1
    return member[member.sum(axis=1) > 1]


def _sample(k: int, most: int, seed: int) -> np.ndarray:
    """Different subsets of two or more studies, every one as likely."""
    random = np.random.default_rng(seed)
    found = np.empty((0, k), dtype=bool)
    while len(found) < most:
        drawn = random.integers(0, 2, (most, k), dtype=np.int8) == 1
        found = np.concatenate([found, drawn[drawn.sum(axis=1) > 1]])
        _, first = np.unique(np.packbits(found, axis=1), axis=0, return_index=True)
        found = found[np.sort(first)]
    return found[:most]
