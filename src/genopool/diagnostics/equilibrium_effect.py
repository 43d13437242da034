"""What departures from Hardy-Weinberg equilibrium do to the pooled odds ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genopool.association.counts import checked_genotypes
from genopool.association.equilibrium_odds_ratio import equilibrium_log_odds_ratio
from genopool.association.hardy_weinberg import SMALL_EXPECTED, hwe
from genopool.association.odds_ratios import genotype_log_odds_ratio
from genopool.diagnostics.checking import check_probability
from genopool.pooling.fit import Fit
from genopool.pooling.inverse_variance import pool


@dataclass(frozen=True)
class EquilibriumEffect:
    """One pool with all studies, without those that depart, and with expected controls.

    Attributes
    ----------
    all_studies, without, adjusted : Fit
        Without studies whose controls depart; with every study's controls as expected in
        equilibrium.
    p_hwe : ndarray, shape (..., studies)
        Of the controls: exact where an expected count is below 5, else chi².
    departs : ndarray of bool, shape (..., studies)
    ratio_without, ratio_adjusted : ndarray
        Odds ratio over that of all studies.
    reason : ndarray of str
        Blank, `no studies`, `no study departs`, `every study departs`; after it, for the additive
        model, `additive model: no adjusted odds ratio`.
    """

    all_studies: Fit
    without: Fit
    adjusted: Fit
    p_hwe: np.ndarray
    departs: np.ndarray
    ratio_without: np.ndarray
    ratio_adjusted: np.ndarray
    reason: np.ndarray


def equilibrium_effect(
    cases, controls, model: str, *, threshold: float = 0.05, **choices
) -> EquilibriumEffect:
    """Pool with, without and adjusted for departures of the controls from equilibrium.

    Parameters
    ----------
    cases, controls : array_like, shape (..., studies, 3)
        People with 0, 1 and 2 effect alleles; NaN marks an absent study. Controls in whole
        numbers.
    model : str
        A genetic model; the additive one has no adjusted pool.
    threshold : float
        p-value of the controls below which a study departs.
    **choices
        As `genopool.pool` takes them: `tau2`, `interval`, `level`, `prediction`.

    Returns
    -------
    EquilibriumEffect

    Raises
    ------
    ValueError
        Unknown model, impossible counts, `threshold` not between 0 and 1.

    Notes
    -----
    Leaving studies out because of a significant test trades bias for fewer studies, and keeps
    small ones that had no power to show a departure; see the adjusted pool beside it (Trikalinos
    et al. 2006; Minelli et al. 2008, Int J Epidemiol 37:136).
    """
    check_probability("threshold", threshold)
    cases, controls = checked_genotypes(cases, controls)
    if cases.ndim < 2:
        raise ValueError(f"cases has shape {cases.shape}; expected (..., studies, 3)")
    y, v = genotype_log_odds_ratio(cases, controls, model)
    there = np.isfinite(y)
    y, v = np.where(there, y, np.nan), np.where(there, v, np.nan)
    test = hwe(*np.moveaxis(controls, -1, 0))
    p = np.where(test.minimum_expected < SMALL_EXPECTED, test.p_exact, test.p_chi2)
    departs = p < threshold
    everything = pool(y, v, **choices)
    without = pool(*(np.where(departs, np.nan, x) for x in (y, v)), **choices)
    if model == "additive":
        nothing = np.full(y.shape, np.nan)
        adjusted = pool(nothing, nothing, **choices)
    else:
        adjusted_pair = equilibrium_log_odds_ratio(cases, controls, model)
        adjusted = pool(*(np.where(there, x, np.nan) for x in adjusted_pair), **choices)
    none = ~(departs & there).any(axis=-1)
    reason = np.where(none, "no study departs", "")
    reason = np.where(~none & (without.k == 0), "every study departs", reason)
    reason = np.where(everything.k == 0, "no studies", reason)
    if model == "additive":
        said = "additive model: no adjusted odds ratio"
        reason = np.where(reason == "", said, np.char.add(reason, f"; {said}"))
    return EquilibriumEffect(
        all_studies=everything,
        without=without,
        adjusted=adjusted,
        p_hwe=p,
        departs=departs,
        ratio_without=np.exp(without.estimate - everything.estimate),
        ratio_adjusted=np.exp(adjusted.estimate - everything.estimate),
        reason=reason,
    )
