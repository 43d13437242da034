"""Checked input of the inverse-variance methods, laid out for fast sums over studies.

Users give arrays of shape (..., studies). Inside, the studies come first, (studies, strata,
sets), so that one NumPy operation runs over thousands of sets in memory order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

# Numbers of one array that stay in a core's cache while some ten of them are combined.
_ELEMENTS_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class StudySets:
    """Sets of studies, each set split into strata (one stratum when nothing is compared).

    Effects are kept as differences from the most precise study of their stratum, which stands
    first. Where one weight exceeds the others by orders of magnitude its residual is a small
    difference of large numbers otherwise, and tau² would lose the digits it is solved to.

    Attributes
    ----------
    y : ndarray, shape (studies, strata, sets)
        Effect minus that of the stratum's most precise study; 0 where absent.
    v : ndarray, shape (studies, strata, sets)
        Sampling variance; infinite where absent, so that the weight is 0.
    anchor : ndarray, shape (strata, sets)
        Effect of the stratum's most precise study; 0 where the stratum is empty.
    k : ndarray, shape (sets,)
        Number of studies present.
    p : ndarray, shape (sets,)
        Number of strata that have a study.
    first : ndarray of int, shape (strata, sets)
        The place, in the data as given, of the study that stands first here; the study that was
        first stands there.
    """

    y: np.ndarray
    v: np.ndarray
    anchor: np.ndarray
    k: np.ndarray
    p: np.ndarray
    first: np.ndarray

    @cached_property
    def present(self) -> np.ndarray:
        """Where there is a study: shape (studies, strata, sets)."""
        return np.isfinite(self.v)

    @cached_property
    def df(self) -> np.ndarray:
        """Residual degrees of freedom, k - p: shape (sets,)."""
        return self.k - self.p

    def take(self, sets: np.ndarray) -> "StudySets":
        """The sets with these indices, which may repeat."""
        return StudySets(
            self.y.take(sets, axis=2),
            self.v.take(sets, axis=2),
            self.anchor.take(sets, axis=1),
            self.k.take(sets),
            self.p.take(sets),
            self.first.take(sets, axis=1),
        )

    def aligned(self, x: np.ndarray) -> np.ndarray:
        """Values (sets, studies) given in the order of the data, in the order of `y` and `v`."""
        x = np.repeat(x.T[:, None, :], self.first.shape[0], axis=1)
        _lead(x, self.first)
        return x


def _lead(x: np.ndarray, first: np.ndarray) -> None:
    """Exchange the first study of each stratum with the one at `first`, in place."""
    strata, sets = np.indices(first.shape, sparse=True)
    leader = x[first, strata, sets]
    x[first, strata, sets] = x[0]
    x[0] = leader


def _anchored(y: np.ndarray, v: np.ndarray) -> StudySets:
    """Put the most precise study of each stratum first and subtract its effect."""
    first = v.argmin(axis=0)
    _lead(y, first)
    _lead(v, first)
    present = np.isfinite(v)
    y[~present] = 0.0
    anchor = y[0].copy()
    y -= anchor
    y *= present
    per_stratum = present.sum(axis=0)
    return StudySets(y, v, anchor, per_stratum.sum(axis=0), (per_stratum > 0).sum(axis=0), first)


def check_pair(log_or, variance) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances as float arrays of one shape (..., studies), refused if impossible.

    Raises
    ------
    ValueError
        A variance that is negative, zero or infinite; an infinite effect; NaN in only one of
        the two. The message names the index.
    """
    y = np.asarray(log_or, dtype=float)
    v = np.asarray(variance, dtype=float)
    if y.shape != v.shape:
        raise ValueError(f"log_or has shape {y.shape}, variance {v.shape}; they must be equal")
    if y.ndim == 0:
        raise ValueError("log_or and variance need an axis of studies; give a list or an array")
    # (v > 0) & (v < inf) is false for NaN too: one pass decides the usual, faultless case.
    good = np.isfinite(y) & (v > 0) & (v < np.inf)
    if not good.all():
        absent = np.isnan(y) & np.isnan(v)
        bad = ~(good | absent)
        if bad.any():
            index = tuple(int(i) for i in np.argwhere(bad)[0])
            where = index[0] if len(index) == 1 else index
            raise ValueError(
                f"log_or[{where}] = {y[index]}, variance[{where}] = {v[index]}: a study needs a "
                "finite log odds ratio and a finite variance above 0, or NaN in both if absent"
            )
    return y, v


def in_chunks(y: np.ndarray, v: np.ndarray) -> Iterator[tuple[slice, StudySets]]:
    """Cut (sets, studies) arrays into pieces small enough for the cache.

    Yields the slice of sets and their `StudySets` with one stratum; once, if there is no set.
    """
    sets, studies = y.shape
    if studies == 0:
        y = v = np.full((sets, 1), np.nan)
    step = max(64, _ELEMENTS_AT_ONCE // max(studies, 1))
    for start in range(0, max(sets, 1), step):
        part = slice(start, start + step)
        yt = y[part].T[:, None, :].copy()
        vt = v[part].T[:, None, :].copy()
        vt[np.isnan(vt)] = np.inf
        yield part, _anchored(yt, vt)


def in_strata(y: np.ndarray, v: np.ndarray, labels: np.ndarray) -> StudySets:
    """`StudySets` of (sets, studies) arrays split by integer labels, -1 for none.

    A label that occurs in no set takes no place.
    """
    here = (labels >= 0) & ~np.isnan(v)
    names = np.unique(labels[here]) if here.any() else np.zeros(1, dtype=labels.dtype)
    inside = (labels.T[:, None, :] == names[:, None]) & here.T[:, None, :]
    vt = np.where(inside, v.T[:, None, :], np.inf)
    yt = np.where(inside, y.T[:, None, :], 0.0)
    return _anchored(yt, vt)
