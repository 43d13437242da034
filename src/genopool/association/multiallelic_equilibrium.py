"""Hardy-Weinberg test of many alleles: by all possible tables, or a seeded sample of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from genopool.association.counts import unknown_name
from genopool.association.hardy_weinberg import TIE

METHODS = ("auto", "exact", "monte-carlo")

#: Above this many (part) tables at once the exact test gives way to sampling.
MOST_TABLES = 400_000
#: Guo and Thompson's number: the p-value to 0.01 with 99% confidence.
DRAWS = 17_000
#: Samples at once; no more are drawn once so many of them were as extreme.
AT_ONCE, ENOUGH = 1_000, 200
SEED = 19920601


@dataclass(frozen=True)
class MultiallelicEquilibrium:
    """Hardy-Weinberg tests of samples with any number of alleles; arrays have the leading axes.

    Attributes
    ----------
    p_value : ndarray
        Probability, given the number of each allele, of samples no more probable than this one.
    standard_error : ndarray
        Of a sampled p-value; 0 where it is exact.
    tables : ndarray of int
        Possible tables, or samples drawn.
    heterozygotes, heterozygotes_expected : ndarray
        Number of people, and the mean number given the alleles (Levene 1949).
    n, alleles : ndarray of int
        People; alleles that somebody has.
    method : ndarray of str
        `exact` or `monte-carlo`; blank where absent.
    reason : ndarray of str
        Blank, or `absent` or `one allele only`.
    """

    p_value: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    tables: NDArray[np.int64]
    heterozygotes: NDArray[np.float64]
    heterozygotes_expected: NDArray[np.float64]
    n: NDArray[np.int64]
    alleles: NDArray[np.int64]
    method: NDArray[np.str_]
    reason: NDArray[np.str_]


def hwe_multiallelic(
    genotypes: ArrayLike, *, method: str = "auto", draws: int = DRAWS, seed: int = SEED
) -> MultiallelicEquilibrium:
    """Test genotype counts of a locus with any number of alleles for Hardy-Weinberg equilibrium.

    Parameters
    ----------
    genotypes : array_like, shape (..., alleles, alleles)
        People with each pair of alleles. The two cells of a heterozygote are added, so that a
        triangular matrix is as good; NaN anywhere is an absent sample.
    method : str
        `exact`: all tables, however many. `monte-carlo`: shuffled alleles. `auto` (default):
        exact up to 400,000 tables at once.
    draws, seed : int
        Most samples of the Monte Carlo test, fewer where 200 were as extreme (Besag and Clifford
        1991), and their seed: the same input, the same p.

    Returns
    -------
    MultiallelicEquilibrium

    Raises
    ------
    ValueError
        Counts negative, infinite or not whole; a matrix that is not square; unknown method;
        fewer than 1 draw.

    Notes
    -----
    Samples as probable as the observed one to 1e-9 count as extreme, as in `hwe_exact`. The
    sampled p is (extreme + 1) / (draws + 1), which keeps its level.

    References
    ----------
    Levene H (1949) Ann Math Stat 20:91. Louis EJ, Dempster ER (1987) Biometrics 43:805 (all
    tables). Guo SW, Thompson EA (1992) Biometrics 48:361 (shuffled alleles). Besag J,
    Clifford P (1991) Biometrika 78:301.
    """
    if method not in METHODS:
        raise unknown_name("method", method, METHODS)
    if not (isinstance(draws, int | np.integer) and draws >= 1):
        raise ValueError(f"draws is {draws!r}; it must be a whole number of 1 or more")
    counts = np.asarray(genotypes, dtype=float)
    if counts.ndim < 2 or counts.shape[-1] != counts.shape[-2] or counts.shape[-1] == 0:
        raise ValueError(
            f"genotypes has shape {counts.shape}; expected (..., alleles, alleles), people with "
            "each pair of alleles"
        )
    wrong = ~np.isnan(counts) & ~((counts >= 0) & np.isfinite(counts) & (counts == counts.round()))
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"genotypes{list(index)} is {counts[index]:g}: people must be a whole number of 0 or "
            "more"
        )
    lead = counts.shape[:-2]
    rows = [_test(one, method, draws, seed) for one in counts.reshape(-1, *counts.shape[-2:])]
    columns = zip(*rows, strict=True) if rows else ([] for _ in _TYPES)
    return MultiallelicEquilibrium(
        **{
            name: np.array(list(values), dtype=kind).reshape(lead)
            for (name, kind), values in zip(_TYPES.items(), columns, strict=True)
        }
    )


_TYPES = {
    "p_value": float,
    "standard_error": float,
    "tables": np.int64,
    "heterozygotes": float,
    "heterozygotes_expected": float,
    "n": np.int64,
    "alleles": np.int64,
    "method": np.str_,
    "reason": np.str_,
}


def _test(counts: NDArray[np.float64], method: str, draws: int, seed: int) -> tuple:
    nan = np.nan
    if np.isnan(counts).any() or counts.sum() == 0:
        return nan, nan, 0, nan, nan, 0, 0, "", "absent"
    pairs = np.triu(counts + np.triu(counts.T, 1)).astype(np.int64)
    genes = pairs.sum(axis=0) + pairs.sum(axis=1)
    # Rare alleles first: their few possible places keep the number of part tables small.
    order = np.argsort(genes, kind="stable")
    order = order[genes[order] > 0]
    full = pairs + np.triu(pairs, 1).T
    pairs, genes = np.triu(full[np.ix_(order, order)]), genes[order]
    n, k = int(pairs.sum()), order.size
    heterozygotes = float(np.triu(pairs, 1).sum())
    expected = float(((2 * n) ** 2 - (genes.astype(float) ** 2).sum()) / (2 * (2 * n - 1)))
    if k == 1:
        return 1.0, 0.0, 1, 0.0, 0.0, n, 1, "exact", "one allele only"
    observed = heterozygotes * np.log(2) - gammaln(pairs[np.triu_indices(k)] + 1.0).sum()
    limit = observed + TIE
    if method != "monte-carlo":
        logs = table_weights(genes, MOST_TABLES if method == "auto" else None)
        if logs is not None:
            weights = np.exp(logs - logs.max())
            p = min(float(weights[logs <= limit].sum() / weights.sum()), 1.0)
            return p, 0.0, logs.size, heterozygotes, expected, n, k, "exact", ""
    extreme, drawn = _sampled(genes, limit, draws, seed)
    p = (extreme + 1) / (drawn + 1)
    error = np.sqrt(p * (1 - p) / drawn)
    return p, error, drawn, heterozygotes, expected, n, k, "monte-carlo", ""


def table_weights(genes: NDArray[np.int64], most: int | None) -> NDArray[np.float64] | None:
    """Log of 2^heterozygotes / product of n_ij! for every table with these numbers of alleles.

    Parameters
    ----------
    genes : ndarray of int, shape (alleles,)
        Copies of each allele.
    most : int or None
        Give up, with None, once there are more part tables than this.
    """
    k = genes.size
    left = genes[None, :].copy()
    logs = np.zeros(1)
    for i in range(k):
        for j in range(i, k):
            # What allele i has left must find a partner among those still to come.
            after = left[:, j + 1 :].sum(axis=1)
            if j == i:
                low, high = np.maximum(0, -((after - left[:, i]) // 2)), left[:, i] // 2
            else:
                low = np.maximum(0, left[:, i] - after)
                high = np.minimum(left[:, i], left[:, j])
            ways = np.maximum(high - low + 1, 0)
            total = int(ways.sum())
            if most is not None and total > most:
                return None
            row = np.repeat(np.arange(ways.size), ways)
            number = np.arange(total) - np.repeat(np.cumsum(ways) - ways, ways) + low[row]
            left = left[row]
            left[:, i] -= number
            left[:, j] -= number
            logs = logs[row] - gammaln(number + 1.0) + (number * np.log(2) if j > i else 0.0)
    return logs


def _sampled(genes: NDArray[np.int64], limit: float, draws: int, seed: int) -> tuple[int, int]:
    """Shuffled samples no more probable than the observed one, and how many were drawn."""
    rng = np.random.default_rng(seed)
    extreme = drawn = 0
    while drawn < draws and extreme < ENOUGH:
        batch = min(AT_ONCE, draws - drawn)
        extreme += int((_shuffled(rng, genes, batch) <= limit).sum())
        drawn += batch
    return extreme, drawn


def _shuffled(
    rng: np.random.Generator, genes: NDArray[np.int64], draws: int
) -> NDArray[np.float64]:
    """Log probabilities, but for a constant, of samples of shuffled genes.

    Shuffled genes paired off are a table of first by second genes with random margins: drawn cell
    by cell, at the same cost for any number of people.
    """
    # The genes that come first, of each allele, and then what partners each of them gets.
    first = _without_return(rng, np.tile(genes, (draws, 1)), np.full(draws, genes.sum() // 2))
    second = genes - first
    tables = np.zeros((draws, genes.size, genes.size), dtype=np.int64)
    for i in range(genes.size):
        partners = _without_return(rng, second, first[:, i])
        second = second - partners
        tables[:, i] = partners
    upper = np.triu_indices(genes.size, 1)
    heterozygous = tables[:, *upper] + tables.transpose(0, 2, 1)[:, *upper]
    logs = heterozygous.sum(axis=1) * np.log(2) - gammaln(heterozygous + 1.0).sum(axis=1)
    return logs - gammaln(np.einsum("nii->ni", tables) + 1.0).sum(axis=1)


def _without_return(
    rng: np.random.Generator, urn: NDArray[np.int64], size: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Multivariate hypergeometric numbers: `size` genes out of each row of `urn`."""
    drawn = np.zeros_like(urn)
    left, others = size.copy(), urn.sum(axis=1)
    for j in range(urn.shape[1]):
        others = others - urn[:, j]
        drawn[:, j] = rng.hypergeometric(urn[:, j], others, left)
        left = left - drawn[:, j]
    return drawn
