"""Rows of counts that are the sum of two or three others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import comb

import numpy as np

from genopool.diagnostics.integrity.samples import Vector

#: Among more rows than this only sums of two are looked for.
MOST_FOR_THREE = 300
#: Sums that one row is said to be: with more, its counts are so small that it says nothing.
_MOST_SUMS = 20
_BITS = 24
#: Odd multipliers, so that sums of counts have the sum of the hashes.
_MULTIPLIERS = np.array(
    [0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1, 0xD3A2646D], dtype=np.uint64
)
Sum = tuple[int, tuple[int, ...]]


def find_sums(vectors: Sequence[Vector]) -> list[Sum]:
    """Every whole with the two or three others that add up to it, cell by cell, as positions.

    A linear hash of the counts finds them: the hashes of the parts add up to that of the whole.

    Parameters
    ----------
    vectors : sequence of tuple of int
        All of one length, six cells at most.

    Returns
    -------
    list of (int, tuple of int)
        The whole and its parts, these in rising order; of a whole with very many sums some.
    """
    if len(vectors) < 3:
        return []
    counts = np.array(vectors, dtype=np.uint64)
    hashes = (counts * _MULTIPLIERS[: counts.shape[1]]).sum(axis=1)
    if len(vectors) > MOST_FOR_THREE:
        return list(_of_two_among_many(counts, hashes))
    first, second = np.triu_indices(len(vectors), 1)
    pairs = hashes[first] + hashes[second]
    order = np.argsort(pairs, kind="stable")
    pairs, first, second = pairs[order], first[order], second[order]
    found: list[Sum] = []
    for whole in range(len(vectors)):
        rest = np.concatenate([hashes[whole : whole + 1], hashes[whole] - hashes])
        low, high = (np.searchsorted(pairs, rest, side) for side in ("left", "right"))
        sums = _of_whole(whole, low, high, first, second, counts)
        found += [parts for _, parts in zip(range(_MOST_SUMS), sums, strict=False)]
    return found


def _of_whole(
    whole: int,
    low: np.ndarray,
    high: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    counts: np.ndarray,
) -> Iterator[Sum]:
    """The sums of one row: places 1, 2, ... of `low` and `high` are what one more part leaves."""
    for place in np.flatnonzero(high > low).tolist():
        for pair in range(low[place], high[place]):
            parts = (int(first[pair]), int(second[pair]))
            if place:
                parts = (place - 1, *parts)
            # the parts in rising order, so that each set of them is met once
            is_new = parts[0] < parts[1] and whole not in parts
            if is_new and (counts[list(parts)].sum(axis=0) == counts[whole]).all():
                yield whole, parts


def _of_two_among_many(counts: np.ndarray, hashes: np.ndarray) -> Iterator[Sum]:
    mask = np.uint64((1 << _BITS) - 1)
    hashes = hashes & mask
    wholes: dict[int, list[int]] = {}
    for i, value in enumerate(hashes.tolist()):
        wholes.setdefault(value, []).append(i)
    is_whole = np.zeros(1 << _BITS, dtype=bool)
    is_whole[hashes] = True
    for i in range(len(hashes) - 1):
        sums = (hashes[i] + hashes[i + 1 :]) & mask
        for j in (np.flatnonzero(is_whole[sums]) + i + 1).tolist():
            for k in wholes[int(sums[j - i - 1])]:
                if k not in (i, j) and (counts[i] + counts[j] == counts[k]).all():
                    yield k, (i, j)


def ways(rows: int, parts: int) -> int:
    """How many wholes with so many parts there are among so many rows."""
    return rows * comb(rows - 1, parts) if parts == 2 or rows <= MOST_FOR_THREE else 0
