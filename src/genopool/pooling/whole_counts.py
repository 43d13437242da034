"""Checked counts of the methods that need whole people."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genopool.association.counts import checked_counts


def whole_counts(**named: ArrayLike) -> list[NDArray[np.float64]]:
    """Counts of shape (..., studies), checked to be whole; NaN is an absent study.

    Raises
    ------
    ValueError
        A count that is negative, infinite or a fraction (with its index), shapes that do not
        broadcast, or no axis of studies.
    """
    arrays = checked_counts(**named)
    if arrays[0].ndim == 0:
        raise ValueError(f"{', '.join(named)} need an axis of studies; give lists or arrays")
    for name, x in zip(named, arrays, strict=True):
        broken = np.argwhere(~np.isnan(x) & (x != np.floor(x)))
        if broken.size:
            index = tuple(int(i) for i in broken[0])
            raise ValueError(
                f"{name}{list(index)} is {x[index]:g}: this method needs whole counts "
                "(combine shared controls, do not divide them)"
            )
    return arrays


def sort_out(
    a: NDArray, b: NDArray, c: NDArray, d: NDArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Studies with four positive margins; with exposure absent or universal; without a group.

    A study with NaN is none of them.
    """
    present = ~np.isnan(a + b + c + d)
    empty = present & ((a + b == 0) | (c + d == 0))
    double_zero = present & ~empty & ((a + c == 0) | (b + d == 0))
    return present & ~empty & ~double_zero, double_zero, empty
