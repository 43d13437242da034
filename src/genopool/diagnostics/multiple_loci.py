"""The false discovery rate over loci."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class AcrossLoci:
    """Loci judged together; NaN for a locus without a p-value.

    Attributes
    ----------
    smallest_p : ndarray, shape (..., loci)
        Smallest of the models' adjusted p-values.
    model : ndarray of int, shape (..., loci)
        Place of the model that has it, the first if several; -1 without one.
    q_value : ndarray, shape (..., loci)
        The least false discovery rate at which the locus is a discovery.
    reason : ndarray of str
        Blank, or `no p-value`.
    """

    smallest_p: np.ndarray
    model: np.ndarray
    q_value: np.ndarray
    reason: np.ndarray


def benjamini_hochberg(p_value) -> np.ndarray:
    """Benjamini and Hochberg's adjusted p-values, over the last axis.

    Parameters
    ----------
    p_value : array_like, shape (..., tests)
        NaN is a test not made, which does not count.

    Returns
    -------
    ndarray, shape (..., tests)

    Raises
    ------
    ValueError
        A p-value outside [0, 1].

    References
    ----------
    Benjamini Y, Hochberg Y (1995) J R Stat Soc B 57:289. Valid for independent and for positively
    dependent tests.
    """
    p = np.asarray(p_value, dtype=float)
    if p.ndim == 0:
        raise ValueError("p_value needs an axis of tests; give a list or an array")
    if ((p < 0) | (p > 1)).any():
        raise ValueError("p_value has values outside [0, 1]")
    order = np.argsort(p, axis=-1)  # NaN last
    ranked = np.take_along_axis(p, order, axis=-1)
    tests = (~np.isnan(p)).sum(axis=-1, keepdims=True)
    stepped = ranked * tests / np.arange(1, p.shape[-1] + 1)
    # The smallest of this and all larger p-values; fmin passes over NaN.
    stepped = np.fmin.accumulate(stepped[..., ::-1], axis=-1)[..., ::-1]
    out = np.empty_like(p)
    np.put_along_axis(out, order, np.minimum(stepped, 1.0), axis=-1)
    return np.where(np.isnan(p), np.nan, out)


def across_loci(adjusted_p) -> AcrossLoci:
    """Benjamini-Hochberg over loci, on the smallest adjusted p-value of each.

    Parameters
    ----------
    adjusted_p : array_like, shape (..., loci, models)
        p-values adjusted over the models of each locus (`genopool.adjusted_p_values`), of one
        effect allele; NaN is a model not tested.

    Returns
    -------
    AcrossLoci

    Raises
    ------
    ValueError
        A p-value outside [0, 1]; fewer than two axes.
    """
    p = np.asarray(adjusted_p, dtype=float)
    if p.ndim < 2:
        raise ValueError(f"adjusted_p has shape {p.shape}; expected (..., loci, models)")
    tested = ~np.isnan(p)
    some = tested.any(axis=-1)
    filled = np.where(tested, p, np.inf)
    if p.shape[-1] == 0:
        filled, some = np.full((*p.shape[:-1], 1), np.inf), np.zeros(p.shape[:-1], dtype=bool)
    smallest = np.where(some, filled.min(axis=-1), np.nan)
    return AcrossLoci(
        smallest_p=smallest,
        model=np.where(some, filled.argmin(axis=-1), -1),
        q_value=benjamini_hochberg(smallest),
        reason=np.where(some, "", "no p-value"),
    )
