"""What a count may be, and why a study cannot answer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

APPLY = ("only0", "if0all", "all", "none")
"""Which studies the zero-cell correction is added to."""

Correction = float | Literal["treatment-arm"]

USED = 0
DOUBLE_ZERO = 1
EMPTY_GROUP = 2
NOT_CORRECTED = 3
ABSENT = 4

STATUS_TEXT: Mapping[int, str] = MappingProxyType(
    {
        USED: "used",
        DOUBLE_ZERO: "double zero",
        EMPTY_GROUP: "no cases/controls in the genotypes compared",
        NOT_CORRECTED: "infinite log odds ratio (zero cell) and no correction",
        ABSENT: "absent",
    }
)
"""Text of each status code, as written in the results.

``double zero`` is an exposure that nobody or everybody has (in the additive model: one
genotype for all); ``absent`` a study with NaN in a count that the model needs.
"""


def unknown_name(what: str, given: object, valid: tuple[str, ...]) -> ValueError:
    """Error for a name that is not one of `valid`, with the nearest valid one."""
    # Only a failing call pays for the import.
    from difflib import get_close_matches

    near = get_close_matches(str(given), valid, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return ValueError(f"{what} is {given!r}; it must be one of {', '.join(valid)}.{hint}")


def checked_counts(**named: ArrayLike) -> list[NDArray[np.float64]]:
    """Counts as float arrays of one common shape.

    Fractions are allowed, since shared controls may be divided; NaN is an absent study.

    Raises
    ------
    ValueError
        A count is negative or infinite (the message gives its index), or the shapes do not
        broadcast.
    """
    arrays = [np.asarray(values, dtype=float) for values in named.values()]
    for name, values in zip(named, arrays, strict=True):
        wrong = (values < 0) | np.isinf(values)
        if wrong.any():
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            where = f"{name}{list(index)}" if index else name
            raise ValueError(
                f"{where} is {values[index]:g}: a count must be finite and not negative"
            )
    return list(np.broadcast_arrays(*arrays))


def checked_genotypes(
    cases: ArrayLike, controls: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Genotype counts of cases and controls, of shape (..., 3), checked as `checked_counts`."""
    case_counts, control_counts = checked_counts(cases=cases, controls=controls)
    if case_counts.ndim == 0 or case_counts.shape[-1] != 3:
        raise ValueError(
            "cases and controls have shape "
            f"{case_counts.shape}: the last axis must be people with 0, 1 and 2 effect alleles"
        )
    return case_counts, control_counts


def checked_correction(correction: Correction, apply: str) -> None:
    """Refuse an unknown zero-cell correction or scope.

    Raises
    ------
    ValueError
        `correction` is neither ``"treatment-arm"`` nor a finite number >= 0, or `apply` is
        not one of `APPLY`.
    """
    if apply not in APPLY:
        raise unknown_name("apply", apply, APPLY)
    if isinstance(correction, str):
        if correction != "treatment-arm":
            raise ValueError(
                f"correction is {correction!r}; it must be a number >= 0 or 'treatment-arm'"
            )
    elif not (np.ndim(correction) == 0 and np.isfinite(correction) and correction >= 0):
        raise ValueError(
            f"correction is {correction!r}; it must be a finite number >= 0 or 'treatment-arm'"
        )


def amounts_to_add(
    correction: Correction, n_cases: NDArray[np.float64], n_controls: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Amount that a correction adds to each cell of the cases and of the controls.

    A number is added to all cells alike; ``"treatment-arm"`` adds the group's share of all
    people (or alleles) compared, so that the two amounts sum to 1.
    """
    if correction == "treatment-arm":
        total = n_cases + n_controls
        with np.errstate(invalid="ignore"):
            return n_cases / total, n_controls / total
    same = np.full(np.shape(n_cases), float(correction))
    return same, same
