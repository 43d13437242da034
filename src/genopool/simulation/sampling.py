"""Drawing allele frequencies of populations and genotypes of cases and controls."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike


def genotypes(alleles: int) -> list[tuple[int, int]]:
    """The genotypes of a locus as pairs of alleles: (0, 0), (0, 1), ..., (1, 1), ..."""
    return list(combinations_with_replacement(range(alleles), 2))


def draw_frequencies(
    rng: np.random.Generator, mean: ArrayLike, f_st: float, size: tuple[int, ...] = ()
) -> np.ndarray:
    """Allele frequencies of populations that drifted apart from a common one.

    Parameters
    ----------
    rng : numpy.random.Generator
    mean : array_like, shape (..., alleles)
        Frequencies in the common population; they sum to 1.
    f_st : float
        Variance between populations over `mean` * (1 - `mean`); 0 leaves all alike.
    size : tuple of int, optional
        The populations to draw for each common one, as leading axes.

    Returns
    -------
    numpy.ndarray, shape (*size, ..., alleles)

    Raises
    ------
    ValueError
        If `f_st` is not in [0, 1).

    References
    ----------
    Balding and Nichols (1995): Dirichlet with parameters `mean` * (1 - f_st) / f_st.
    """
    if not 0 <= f_st < 1:
        raise ValueError(f"f_st is {f_st}; expected 0 or more and less than 1")
    mean = np.asarray(mean, dtype=float)
    shape = (*size, *mean.shape)
    if f_st == 0:
        return np.broadcast_to(mean, shape).copy()
    gamma = rng.standard_gamma(np.broadcast_to(mean * (1 - f_st) / f_st, shape))
    return gamma / gamma.sum(axis=-1, keepdims=True)


def draw_genotypes(
    rng: np.random.Generator,
    frequencies: ArrayLike,
    people: ArrayLike,
    log_odds: ArrayLike = 0.0,
    inbreeding: ArrayLike = 0.0,
) -> np.ndarray:
    """People by genotype, in Hardy-Weinberg proportions weighted by the odds of disease.

    Parameters
    ----------
    rng : numpy.random.Generator
    frequencies : array_like, shape (..., alleles)
        Allele frequencies in controls.
    people : array_like of int, shape (...)
    log_odds : array_like, shape (..., genotypes), optional
        Log odds ratio of each genotype against any one of them: cases have the controls'
        proportions times the odds ratio. 0, the default, draws controls.
    inbreeding : array_like, shape (...), optional
        Inbreeding coefficient F: heterozygotes are 1 - F times as frequent.

    Returns
    -------
    numpy.ndarray of int, shape (..., genotypes)
        In the order of `genotypes`.
    """
    shares = shares_of_genotypes(frequencies, log_odds, inbreeding)
    people = np.broadcast_to(people, shares.shape[:-1])
    return rng.multinomial(people, shares)


def shares_of_genotypes(
    frequencies: ArrayLike, log_odds: ArrayLike = 0.0, inbreeding: ArrayLike = 0.0
) -> np.ndarray:
    """Expected proportions of genotypes; the parameters are those of `draw_genotypes`."""
    p = np.asarray(frequencies, dtype=float)
    f = np.asarray(inbreeding, dtype=float)
    shares = np.stack(
        [
            p[..., i] ** 2 + f * p[..., i] * (1 - p[..., i])
            if i == j
            else 2 * p[..., i] * p[..., j] * (1 - f)
            for i, j in genotypes(p.shape[-1])
        ],
        axis=-1,
    )
    shares = shares * np.exp(np.asarray(log_odds, dtype=float))
    return np.clip(shares / shares.sum(axis=-1, keepdims=True), 0.0, 1.0)
