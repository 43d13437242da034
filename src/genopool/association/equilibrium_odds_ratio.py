"""Odds ratios against the controls that Hardy-Weinberg equilibrium expects."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genopool.association.counts import checked_genotypes
from genopool.association.models import COMPARED, check_model
from genopool.association.odds_ratios import genotype_log_odds_ratio

VARIANCES = ("observed", "equilibrium")


def equilibrium_log_odds_ratio(
    cases: ArrayLike,
    controls: ArrayLike,
    model: str,
    *,
    variance: str = "observed",
    correction: float = 0.5,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds ratio with the controls' genotypes replaced by those expected in equilibrium.

    Parameters
    ----------
    cases, controls : array_like, shape (..., 3)
        People with 0, 1 and 2 effect alleles; NaN in any is an absent study.
    model : str
        A genetic model with a 2×2 table: any but `additive`.
    variance : str
        Of the controls' allele frequency p, from which their expected odds follow by the delta
        method. `observed` (default): (p + n2/n - 2p²)/2n, right whether or not the controls are
        in equilibrium. `equilibrium`: p(1-p)/2n.
    correction : float
        Added to both cells of the cases where one of them is 0.

    Returns
    -------
    log_or, variance : ndarray, shape (...)
        NaN for a study that is absent, has controls with one allele only, or has no cases in the
        genotypes compared. The allelic odds ratio does not change; its variance becomes the
        robust one, in cases too.

    Raises
    ------
    ValueError
        Unknown or additive model, unknown variance, impossible counts or correction.

    References
    ----------
    Trikalinos TA, Salanti G, Khoury MJ, Ioannidis JPA (2006) Am J Epidemiol 163:300 (expected
    counts of controls). Schaid DJ, Jacobsen SJ (1999) Am J Epidemiol 149:706 (the variance of
    an allele frequency out of equilibrium).
    """
    check_model(model)
    if model == "additive":
        raise ValueError(
            "the additive model has no 2×2 table; models with one are " + ", ".join(COMPARED)
        )
    if variance not in VARIANCES:
        raise ValueError(f"variance is {variance!r}; it must be one of {', '.join(VARIANCES)}")
    if not (np.ndim(correction) == 0 and np.isfinite(correction) and correction >= 0):
        raise ValueError(f"correction is {correction!r}; it must be a finite number >= 0")
    cases, controls = checked_genotypes(cases, controls)
    absent = np.isnan(cases).any(axis=-1) | np.isnan(controls).any(axis=-1)
    if model == "allelic" and variance == "observed":
        with_alleles = np.where(absent[..., None], np.nan, controls)
        n = with_alleles.sum(axis=-1)
        p = _frequency(with_alleles)
        both = (n > 0) & (p > 0) & (p < 1)
        y, v = genotype_log_odds_ratio(
            cases, with_alleles, "allelic", variance="robust", correction=correction
        )
        return np.where(both, y, np.nan), np.where(both & (v > 0), v, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_cases, variance_of_cases = _log_odds_of_cases(cases, model, correction)
        n = controls.sum(axis=-1)
        p = _frequency(controls)
        p = np.where((p > 0) & (p < 1) & ~absent, p, np.nan)
        spread = p * (1 - p)
        if variance == "observed":
            spread = p + controls[..., 2] / n - 2 * p**2
        log_odds, slope = expected_log_odds(p, model)
        log_or = of_cases - log_odds
        total = variance_of_cases + slope**2 * np.maximum(spread, 0) / (2 * n)
    there = np.isfinite(log_or) & np.isfinite(total) & (total > 0)
    return np.where(there, log_or, np.nan), np.where(there, total, np.nan)


def expected_log_odds(
    p: NDArray[np.float64], model: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds of exposure in equilibrium, and its derivative by the allele frequency p."""
    q = 1 - p
    genotypes = (q * q, 2 * p * q, p * p)
    slopes = (-2 * q, 2 * (q - p), 2 * p)
    exposed, unexposed = COMPARED[model]
    parts = []
    for weights in (exposed, unexposed):
        share = sum(w * g for w, g in zip(weights, genotypes, strict=True))
        slope = sum(w * s for w, s in zip(weights, slopes, strict=True))
        parts.append((np.log(share), slope / share))
    return parts[0][0] - parts[1][0], parts[0][1] - parts[1][1]


def _frequency(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return (2 * counts[..., 2] + counts[..., 1]) / (2 * counts.sum(axis=-1))


def _log_odds_of_cases(
    cases: NDArray[np.float64], model: str, correction: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = ((cases * np.array(weights)).sum(axis=-1) for weights in COMPARED[model])
    a, b = np.where(a + b > 0, a, np.nan), np.where(a + b > 0, b, np.nan)
    added = correction * ((a == 0) | (b == 0))
    a, b = a + added, b + added
    return np.log(a / b), 1 / a + 1 / b
