"""Log odds ratios of 2×2 tables and of genotype counts, with zero cells made explicit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genopool.association.additive import additive_log_odds_ratio
from genopool.association.counts import (
    ABSENT,
    DOUBLE_ZERO,
    EMPTY_GROUP,
    NOT_CORRECTED,
    USED,
    Correction,
    amounts_to_add,
    checked_correction,
    checked_counts,
    checked_genotypes,
    unknown_name,
)
from genopool.association.models import check_model, two_by_two_margins

VARIANCES = ("multinomial", "robust")
"""Variances that `genotype_log_odds_ratio` offers."""


@dataclass(frozen=True)
class TwoByTwo:
    """Log odds ratios of 2×2 tables and what was done to each table.

    Attributes
    ----------
    log_or, variance : ndarray
        log(ad / bc) and 1/a + 1/b + 1/c + 1/d of the (corrected) cells; NaN for a study that
        is not used.
    added, added_controls : ndarray
        Amount added to each cell of the cases and of the controls, 0 if none.
    status : ndarray of int
        A code of `genopool.association.counts.STATUS_TEXT`.
    """

    log_or: NDArray[np.float64]
    variance: NDArray[np.float64]
    added: NDArray[np.float64]
    added_controls: NDArray[np.float64]
    status: NDArray[np.int8]


def two_by_two(
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    d: ArrayLike,
    *,
    correction: Correction = 0.5,
    apply: str = "only0",
    drop_double_zero: bool = True,
) -> TwoByTwo:
    """Log odds ratio and variance of 2×2 tables, with the fate of every study.

    A study is used only if it has cases, controls, exposed and unexposed. Studies are dropped
    first and corrected afterwards, so that a dropped study's zeros correct no other study.

    Parameters
    ----------
    a, b, c, d : array_like, broadcast together; the last axis is studies
        Cases with and without the exposure, controls with and without it. Fractions are
        allowed; NaN in any cell is an absent study.
    correction : float or "treatment-arm"
        A number is added to all four cells. ``"treatment-arm"`` adds (a+b)/N to a and b and
        (c+d)/N to c and d, N = a+b+c+d.
    apply : {"only0", "if0all", "all", "none"}
        Correct studies with a zero cell; all studies of a pooled set (the last axis) in which
        any has one; all studies; none. A study that keeps a zero cell is dropped.
    drop_double_zero : bool
        Drop studies whose exposure is absent or universal. If False they are corrected like
        others. Studies without cases or without controls are dropped in any case.

    Returns
    -------
    TwoByTwo

    Raises
    ------
    ValueError
        A negative or infinite cell (with its index), an unknown `apply` or `correction`.

    Notes
    -----
    As ``metafor::escalc(measure="OR", add=, to=, drop00=)``, except that a study without cases
    or controls is never kept. The treatment-arm correction is that of Sweeting, Sutton and
    Lambert (2004), with cases and controls as the arms, as ``incr="TACC"`` of R's meta.
    """
    checked_correction(correction, apply)
    a, b, c, d = checked_counts(a=a, b=b, c=c, d=d)
    status = np.full(a.shape, USED, dtype=np.int8)
    if drop_double_zero:
        status[(a + c == 0) | (b + d == 0)] = DOUBLE_ZERO
    status[(a + b == 0) | (c + d == 0)] = EMPTY_GROUP
    status[np.isnan(a + b + c + d)] = ABSENT
    has_zero = (status == USED) & ((a == 0) | (b == 0) | (c == 0) | (d == 0))

    if apply == "only0":
        corrected = has_zero
    elif apply == "if0all":
        any_zero = has_zero if has_zero.ndim == 0 else has_zero.any(axis=-1, keepdims=True)
        corrected = (status == USED) & any_zero
    else:
        corrected = (status == USED) & (apply == "all")
    for_cases, for_controls = amounts_to_add(correction, a + b, c + d)
    added = np.where(corrected, for_cases, 0.0)
    added_controls = np.where(corrected, for_controls, 0.0)
    status[has_zero & ((added == 0) | (added_controls == 0))] = NOT_CORRECTED

    used = status == USED
    cells = [
        np.where(used, cell + amount, 1.0)
        for cell, amount in ((a, added), (b, added), (c, added_controls), (d, added_controls))
    ]
    w, x, y, z = cells
    return TwoByTwo(
        log_or=np.where(used, np.log(w * z / (x * y)), np.nan),
        variance=np.where(used, sum(1 / cell for cell in cells), np.nan),
        added=np.where(used, added, 0.0),
        added_controls=np.where(used, added_controls, 0.0),
        status=status,
    )


def log_odds_ratio(
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    d: ArrayLike,
    *,
    correction: Correction = 0.5,
    apply: str = "only0",
    drop_double_zero: bool = True,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds ratio log(ad / bc) and its variance 1/a + 1/b + 1/c + 1/d.

    Parameters and errors are those of `two_by_two`, which also tells what was corrected or
    dropped and why.

    Returns
    -------
    log_or, variance : ndarray
        Natural logarithm; NaN in both for a study that is dropped or absent.
    """
    table = two_by_two(
        a, b, c, d, correction=correction, apply=apply, drop_double_zero=drop_double_zero
    )
    return table.log_or, table.variance


def genotype_log_odds_ratio(
    cases: ArrayLike,
    controls: ArrayLike,
    model: str,
    variance: str = "multinomial",
    correction: Correction = 0.5,
    apply: str = "only0",
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds ratio and variance of a genetic model from genotype counts.

    Parameters
    ----------
    cases, controls : array_like, shape (..., studies, 3)
        People with 0, 1 and 2 effect alleles.
    model : str
        A name in `genopool.association.models.MODELS`.
    variance : {"multinomial", "robust"}
        ``"multinomial"`` is that of `log_odds_ratio`, which in the allelic model counts a
        person's two alleles as independent draws, true only in Hardy-Weinberg equilibrium.
        ``"robust"`` drops that assumption, see `robust_allelic_variance`. The other models
        count people, their variance needs no equilibrium, and the two are the same.
    correction, apply
        As in `two_by_two`; in the additive model as in `additive_log_odds_ratio`.

    Returns
    -------
    log_or, variance : ndarray, shape (..., studies)
        NaN for a study that is dropped or absent; with ``"robust"`` also where both groups
        have heterozygotes only, which leaves no variance.

    Raises
    ------
    ValueError
        As `two_by_two`; an unknown model or variance.
    """
    check_model(model)
    if variance not in VARIANCES:
        raise unknown_name("variance", variance, VARIANCES)
    if model == "additive":
        fit = additive_log_odds_ratio(cases, controls, correction=correction, apply=apply)
        return fit.log_or, fit.variance
    table = two_by_two(
        *two_by_two_margins(cases, controls, model), correction=correction, apply=apply
    )
    if model != "allelic" or variance == "multinomial":
        return table.log_or, table.variance
    case_counts, control_counts = checked_genotypes(cases, controls)
    robust = robust_allelic_variance(case_counts, control_counts, table.added, table.added_controls)
    known = (table.status == USED) & (robust > 0)
    return np.where(known, table.log_or, np.nan), np.where(known, robust, np.nan)


def robust_allelic_variance(
    cases: ArrayLike,
    controls: ArrayLike,
    added: ArrayLike = 0.0,
    added_controls: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    """Variance of the allelic log odds ratio without assuming Hardy-Weinberg equilibrium.

    In each group of n people with effect-allele frequency p,
    Var(logit p) = ((4 n2 + n1)/n - 4p²) / (4 n p² (1-p)²), summed over cases and controls:
    the multinomial delta method. In Hardy-Weinberg equilibrium it is 1/(2np) + 1/(2n(1-p)).

    Parameters
    ----------
    cases, controls : array_like, shape (..., 3)
        People with 0, 1 and 2 effect alleles.
    added, added_controls : array_like, shape (...)
        What a correction added to each allele count. It enters as that many people in
        Hardy-Weinberg equilibrium at p = 1/2 (a quarter, half and a quarter of them), which
        adds just this amount to both alleles.

    Returns
    -------
    ndarray, shape (...)
        NaN or infinite where a group lacks one of the alleles; 0 if all are heterozygous.

    Notes
    -----
    In the spirit of Schaid and Jacobsen (1999), whose own formula is for the test of no
    association.
    """
    case_counts, control_counts = checked_genotypes(cases, controls)
    spread = np.array([0.25, 0.5, 0.25])
    total = np.zeros(case_counts.shape[:-1])
    for counts, amount in ((case_counts, added), (control_counts, added_controls)):
        n0, n1, n2 = np.moveaxis(counts + np.asarray(amount)[..., None] * spread, -1, 0)
        n = n0 + n1 + n2
        effect, other = 2 * n2 + n1, 2 * n0 + n1
        # (4 n2 + n1)/n - 4p² is (4 n0 n2 + n1 (n0 + n2))/n², written without cancellation.
        with np.errstate(divide="ignore", invalid="ignore"):
            total = total + 4 * n * (4 * n0 * n2 + n1 * (n0 + n2)) / (effect * other) ** 2
    return total
