"""How far genotype counts depart from Hardy-Weinberg equilibrium, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfc, ndtri

from genopool.association.hardy_weinberg import checked_people
from genopool.pooling.fit import Fit
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_level

#: Halvings of the range that holds a limit of the inbreeding coefficient: to the last digit.
HALVINGS = 60


@dataclass(frozen=True)
class Departure:
    """Departure from Hardy-Weinberg equilibrium, one for each sample; NaN where undefined.

    Attributes
    ----------
    chi2_corrected, p_chi2_corrected : ndarray
        Chi² on 1 df with Yates's correction of 1/2, and its p-value.
    inbreeding_coefficient, f_ci_low, f_ci_high : ndarray
        1 - observed / expected heterozygotes, and its interval.
    f_unbiased : ndarray
        The same with Levene's expected number, whose mean in equilibrium is exactly 0.
    disequilibrium, disequilibrium_se : ndarray
        Weir's D_A: frequency of the effect allele's homozygotes minus that expected; its
        standard error does not assume equilibrium.
    lindley_alpha, lindley_alpha_se : ndarray
        ln(4 n0 n2 / n1²) / 2, 0 in equilibrium whatever the allele frequency; NaN with a
        genotype that nobody has.
    reason : ndarray of str
        Blank, or why there are no numbers: `absent`, `one allele only`; or why there is no alpha:
        `a genotype that nobody has`.
    level : float
        Level of the interval.
    """

    chi2_corrected: NDArray[np.float64]
    p_chi2_corrected: NDArray[np.float64]
    inbreeding_coefficient: NDArray[np.float64]
    f_ci_low: NDArray[np.float64]
    f_ci_high: NDArray[np.float64]
    f_unbiased: NDArray[np.float64]
    disequilibrium: NDArray[np.float64]
    disequilibrium_se: NDArray[np.float64]
    lindley_alpha: NDArray[np.float64]
    lindley_alpha_se: NDArray[np.float64]
    reason: NDArray[np.str_]
    level: float


def hwe_departure(n0: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, level: float = 0.95) -> Departure:
    """Measure the departure of genotype counts from Hardy-Weinberg equilibrium.

    Parameters
    ----------
    n0, n1, n2 : array_like, broadcast together
        People with 0, 1 and 2 effect alleles; NaN in any is an absent sample.
    level : float
        Level of the interval of the inbreeding coefficient.

    Returns
    -------
    Departure

    Raises
    ------
    ValueError
        A count negative, infinite or not whole, with its index; an impossible level.

    Notes
    -----
    The interval of f holds the values that a test with Weir's large-sample variance at that
    value, (1-f)²(1-2f)/n + f(1-f)(2-f)/(2np(1-p)), does not reject, as Wilson's interval does
    for a proportion. At f = 0 that variance is 1/n, so that the interval excludes 0 where the
    chi² test rejects. f is at least -p/(1-p), p the rarer allele's frequency; where the interval
    goes as far down as the sample's p allows, it goes on to what the upper limit of p allows.

    References
    ----------
    Weir BS (1996) Genetic Data Analysis II, chapter 3 (D_A, f and their variances). Lindley DV
    (1988) in Bayesian Statistics 3:307 (alpha). Nei M (1978) Genetics 89:583 (unbiased
    expectation of heterozygotes).
    """
    check_level(level)
    n0, n1, n2 = checked_people(n0, n1, n2)
    n = n0 + n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = (2 * n2 + n1) / (2 * n)
        q = (2 * n0 + n1) / (2 * n)
        two_alleles = p * q > 0
        p, q = np.where(two_alleles, p, np.nan), np.where(two_alleles, q, np.nan)
        f = (4 * n0 * n2 - n1**2) / (4 * n**2 * p * q)
        d = f * p * q
        chi2 = _corrected_chi2(n0, n1, n2, p, q)
        low, high = _limits(f, p, n, float(ndtri((1 + level) / 2)))
        everyone = (n0 > 0) & (n1 > 0) & (n2 > 0)
        alpha = np.where(everyone, np.log(4 * n0 * n2 / n1**2) / 2, np.nan)
        alpha_se = np.where(everyone, np.sqrt(1 / n0 + 4 / n1 + 1 / n2) / 2, np.nan)
        # 1 - 2p of a common allele is a difference; the variance can round to below 0.
        of_d = ((p * q) ** 2 + (q - p) ** 2 * d - d**2) / n
    reason = np.where(everyone, "", "a genotype that nobody has")
    reason = np.where(two_alleles, reason, np.where(n > 0, "one allele only", "absent"))
    return Departure(
        chi2_corrected=chi2,
        p_chi2_corrected=erfc(np.sqrt(chi2 / 2)),
        inbreeding_coefficient=f,
        f_ci_low=low,
        f_ci_high=high,
        f_unbiased=_unbiased(f, n),
        disequilibrium=d,
        disequilibrium_se=np.sqrt(np.maximum(of_d, 0)),
        lindley_alpha=alpha,
        lindley_alpha_se=alpha_se,
        reason=reason,
        level=level,
    )


def pool_inbreeding(n0: ArrayLike, n1: ArrayLike, n2: ArrayLike, **choices) -> Fit:
    """Pool the inbreeding coefficients of studies: do they depart the same way?

    Parameters
    ----------
    n0, n1, n2 : array_like, shape (..., studies)
        People with 0, 1 and 2 effect alleles; NaN in any is an absent study. A study with one
        allele only takes no part.
    **choices
        As `genopool.pool` takes them: `tau2`, `interval`, `level`, `prediction`.

    Returns
    -------
    Fit
        As of log odds ratios: `estimate` is the mean coefficient (0 in equilibrium), tau² its
        variance between studies.

    Raises
    ------
    ValueError
        As `hwe_departure` and `genopool.pool`.

    Notes
    -----
    Unbiased coefficients with the variance in equilibrium, 1/n: weights then do not depend on
    the coefficients, so that in equilibrium the mean has no bias.
    """
    counts = checked_people(n0, n1, n2)
    f = hwe_departure(*counts).f_unbiased
    n = sum(counts)
    return pool(f, np.where(np.isnan(f), np.nan, 1 / np.where(n > 0, n, 1.0)), **choices)


def _unbiased(f: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 - (1 - f) * (2 * n - 1) / (2 * n)


def _corrected_chi2(n0, n1, n2, p, q) -> NDArray[np.float64]:
    """Yates's correction: each difference 1/2 nearer to 0, but not past it."""
    n = n0 + n1 + n2
    chi2 = np.zeros(n.shape)
    for observed, expected in ((n0, n * q * q), (n1, 2 * n * p * q), (n2, n * p * p)):
        chi2 = chi2 + np.maximum(np.abs(observed - expected) - 0.5, 0) ** 2 / expected
    return chi2


def _limits(
    f: NDArray[np.float64], p: NDArray[np.float64], n: NDArray[np.float64], z: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where (f - limit)² is z² times the variance at the limit, on either side of f."""
    least = -np.minimum(p, 1 - p) / np.maximum(p, 1 - p)
    limits = []
    for end in (least, np.ones(f.shape)):
        inside, outside = f.copy(), end
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            variance = (1 - middle) ** 2 * (1 - 2 * middle)
            variance += middle * (1 - middle) * (2 - middle) / (2 * p * (1 - p))
            kept = (f - middle) ** 2 <= z * z * variance / n
            inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
        limits.append(inside)
    low, high = limits
    # Wilson's upper limit of the rarer allele's frequency.
    rarer, two_n = np.minimum(p, 1 - p), 2 * n
    upper = rarer + z * z / (2 * two_n)
    upper = upper + z * np.sqrt(rarer * (1 - rarer) / two_n + (z / (2 * two_n)) ** 2)
    upper = np.minimum(upper / (1 + z * z / two_n), 0.5)
    return np.where(low <= least, -upper / (1 - upper), low), high
