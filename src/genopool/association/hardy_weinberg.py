"""Hardy-Weinberg equilibrium: chi², exact and mid-p tests of genotype counts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfc

from genopool.association.counts import checked_counts

# Samples as probable as the observed one, to this relative difference, count as extreme.
TIE = 1e-9

#: Below this expected count the chi-square p is not to be relied on, and the exact one is used.
SMALL_EXPECTED = 5.0

# Numbers of heterozygotes handled at once.
BLOCK = 256


@dataclass(frozen=True)
class HardyWeinberg:
    """Hardy-Weinberg tests, one for each sample.

    Attributes
    ----------
    chi2, p_chi2 : ndarray
        Pearson's chi² on 1 df without continuity correction, and its p-value.
    p_exact, p_mid : ndarray
        Exact p-value (Wigginton, Cutler and Abecasis 2005) and the same with half of the
        observed sample's own probability.
    inbreeding_coefficient : ndarray
        1 - observed / expected heterozygotes: positive with too few heterozygotes.
    minimum_expected : ndarray
        Smallest of the three expected counts.
    effect_allele_frequency : ndarray
        (2 n2 + n1) / 2n.
    """

    chi2: NDArray[np.float64]
    p_chi2: NDArray[np.float64]
    p_exact: NDArray[np.float64]
    p_mid: NDArray[np.float64]
    inbreeding_coefficient: NDArray[np.float64]
    minimum_expected: NDArray[np.float64]
    effect_allele_frequency: NDArray[np.float64]


def hwe(n0: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> HardyWeinberg:
    """Test genotype counts for Hardy-Weinberg equilibrium.

    Parameters
    ----------
    n0, n1, n2 : array_like, broadcast together
        People with 0, 1 and 2 effect alleles; NaN in any is an absent sample.

    Returns
    -------
    HardyWeinberg
        All NaN for an absent or empty sample. A sample with one allele only has no chi² and no
        inbreeding coefficient (NaN); its exact p is 1 and its mid-p 0.5, since the observed
        sample is the only one possible.

    Raises
    ------
    ValueError
        A count negative, infinite or not whole, with its index.
    """
    n0, n1, n2 = checked_people(n0, n1, n2)
    n = n0 + n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = (2 * n2 + n1) / (2 * n)
        q = (2 * n0 + n1) / (2 * n)
        # All three differences observed - expected are this one, once or twice.
        coefficient = np.where(p * q > 0, (4 * n0 * n2 - n1**2) / (4 * n**2 * p * q), np.nan)
        minimum_expected = n * np.minimum(np.minimum(p**2, q**2), 2 * p * q)
    chi2 = n * coefficient**2
    p_exact, p_mid = _exact(n0, n1, n2)
    return HardyWeinberg(
        chi2=chi2,
        p_chi2=erfc(np.sqrt(chi2 / 2)),
        p_exact=p_exact,
        p_mid=p_mid,
        inbreeding_coefficient=coefficient,
        minimum_expected=minimum_expected,
        effect_allele_frequency=p,
    )


def hwe_exact(n0: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> NDArray[np.float64]:
    """Exact p-value of Hardy-Weinberg equilibrium.

    The probability, given the number of each allele, of all samples that are no more probable
    than the observed one; samples as probable to 1e-9 relative count as extreme. A p-value
    below about 1e-300 is returned as 0.

    Parameters
    ----------
    n0, n1, n2 : array_like, broadcast together
        People with 0, 1 and 2 effect alleles; NaN in any is an absent sample.

    Returns
    -------
    ndarray
        1 for a sample with one allele only, NaN for an absent or empty one.

    Raises
    ------
    ValueError
        A count negative, infinite or not whole, with its index.

    Notes
    -----
    Wigginton, Cutler and Abecasis (2005), equations 1 and 2. Quick for hundreds of thousands
    of people: terms are summed outwards from the centre until they vanish.
    """
    return _exact(*checked_people(n0, n1, n2))[0]


def checked_people(n0: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> list[NDArray[np.float64]]:
    """Whole numbers of people as float arrays of one shape; ValueError names what is not."""
    counts = checked_counts(n0=n0, n1=n1, n2=n2)
    for name, values in zip(("n0", "n1", "n2"), counts, strict=True):
        broken = ~np.isnan(values) & (values != np.round(values))
        if broken.any():
            index = tuple(int(i) for i in np.argwhere(broken)[0])
            where = f"{name}{list(index)}" if index else name
            raise ValueError(f"{where} is {values[index]:g}: people must be a whole number")
    return counts


def _exact(
    n0: NDArray[np.float64], n1: NDArray[np.float64], n2: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Exact and mid p-values of checked counts."""
    shape = n0.shape
    n0, n1, n2 = (np.ravel(values) for values in (n0, n1, n2))
    p_exact, p_mid = np.full(n0.shape, np.nan), np.full(n0.shape, np.nan)
    rows = np.flatnonzero(n0 + n1 + n2 > 0)
    if rows.size:
        p_exact[rows], p_mid[rows] = _levene_haldane(n0[rows], n1[rows], n2[rows])
    return p_exact.reshape(shape), p_mid.reshape(shape)


def _levene_haldane(
    n0: NDArray[np.float64], n1: NDArray[np.float64], n2: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    effect, other = 2 * n2 + n1, 2 * n0 + n1
    # A possible number of heterozygotes next to the mean, of the parity of the alleles.
    centre = np.floor(effect * other / (effect + other))
    centre += (centre - effect) % 2
    centre = np.minimum(centre, np.minimum(effect, other))

    # Probabilities are relative to the centre's. First the observed one, then the sums.
    observed = np.where(n1 == centre, 1.0, 0.0)
    for rows, heterozygotes, terms in _outwards(centre, effect, other):
        hit = heterozygotes == n1[rows, None]
        observed[rows] += np.where(hit, terms, 0.0).sum(axis=1)
    limit = observed * (1 + TIE)
    total = np.ones(len(n0))
    extreme = np.where(limit >= 1, 1.0, 0.0)
    for rows, _, terms in _outwards(centre, effect, other):
        total[rows] += terms.sum(axis=1)
        extreme[rows] += np.where(terms <= limit[rows, None], terms, 0.0).sum(axis=1)
    p_exact = np.minimum(extreme / total, 1.0)
    return p_exact, p_exact - observed / total / 2


def _outwards(
    centre: NDArray[np.float64], effect: NDArray[np.float64], other: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]]:
    """Blocks of relative probabilities on either side of the centre, until they vanish.

    Yields the rows still going, their numbers of heterozygotes (rows, block), and the
    probability of each relative to the centre's, 0 beyond the last possible one.
    """
    possible = int(np.minimum(effect, other).max() // 2) + 1
    steps = 2.0 * np.arange(min(BLOCK, possible))
    for upwards in (True, False):
        rows = np.arange(len(centre))
        start, last = centre.copy(), np.ones(len(centre))
        while rows.size:
            if upwards:
                now = start[:, None] + steps
                twos, zeros = (effect[rows, None] - now) / 2, (other[rows, None] - now) / 2
                ratios = 4 * np.maximum(twos, 0) * np.maximum(zeros, 0) / ((now + 1) * (now + 2))
                after = now + 2
            else:
                now = start[:, None] - steps
                twos, zeros = (effect[rows, None] - now) / 2, (other[rows, None] - now) / 2
                ratios = np.maximum(now, 0) * np.maximum(now - 1, 0)
                ratios /= 4 * (twos + 1) * (zeros + 1)
                after = now - 2
            terms = last[:, None] * np.cumprod(ratios, axis=1)
            yield rows, after, terms
            going = terms[:, -1] > 0
            rows, start, last = rows[going], after[going, -1], terms[going, -1]
