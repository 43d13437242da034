"""Several log odds ratios of one study at once: of genetic models, and of three genotypes."""

from collections.abc import Sequence
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
    checked_genotypes,
)
from genopool.association.model_covariance import within_study_covariance
from genopool.association.models import MODELS, check_model, two_by_two_margins
from genopool.association.odds_ratios import two_by_two


@dataclass(frozen=True)
class ModelEffects:
    """Log odds ratios of several genetic models in the same studies.

    Attributes
    ----------
    models : tuple of str
    log_or, variance : ndarray, shape (..., models, studies)
        As each model's own analysis has them; NaN where the model drops the study.
    covariance : ndarray, shape (..., models, models, studies)
        Within-study covariances by the multinomial delta method, NaN where either model drops
        the study. The diagonal differs from `variance` where that rests on an assumption: the
        allelic model's on Hardy-Weinberg equilibrium, the additive model's on a linear logit.
    """

    models: tuple[str, ...]
    log_or: NDArray[np.float64]
    variance: NDArray[np.float64]
    covariance: NDArray[np.float64]


def model_effects(
    cases: ArrayLike,
    controls: ArrayLike,
    models: Sequence[str] = MODELS,
    *,
    correction: Correction = 0.5,
    apply: str = "only0",
    drop_double_zero: bool = True,
) -> ModelEffects:
    """Log odds ratios of several genetic models and their within-study covariances.

    Parameters
    ----------
    cases, controls : array_like, shape (..., studies, 3)
        People with 0, 1 and 2 effect alleles. NaN is a count that was not reported.
    models : sequence of str
        Names in `genopool.association.models.MODELS`.
    correction, apply, drop_double_zero
        As in `genopool.association.odds_ratios.two_by_two`.

    Returns
    -------
    ModelEffects

    Raises
    ------
    ValueError
        As `two_by_two`; an unknown model, or one named twice.

    Notes
    -----
    Where a correction was added for either of two models, `within_study_covariance` tells how
    their covariance is found.
    """
    models = tuple(models)
    for model in models:
        check_model(model)
    if len(set(models)) < len(models):
        raise ValueError(f"models names one twice: {', '.join(models)}")
    case_counts, control_counts = checked_genotypes(cases, controls)
    if case_counts.ndim < 2:
        raise ValueError("cases and controls need an axis of studies before that of genotypes")

    log_or, variance, added = [], [], []
    for model in models:
        if model == "additive":
            fit = additive_log_odds_ratio(
                case_counts, control_counts, correction=correction, apply=apply
            )
        else:
            fit = two_by_two(
                *two_by_two_margins(case_counts, control_counts, model),
                correction=correction,
                apply=apply,
                drop_double_zero=drop_double_zero,
            )
        log_or.append(fit.log_or)
        variance.append(fit.variance)
        added.append((fit.added > 0) | (fit.added_controls > 0))
    y, v = np.stack(log_or, axis=-2), np.stack(variance, axis=-2)
    corrected = np.stack(added, axis=-2)
    covariance = within_study_covariance(case_counts, control_counts, models, v, corrected)
    return ModelEffects(models, y, v, covariance)


@dataclass(frozen=True)
class GenotypeContrasts:
    """The two log odds ratios that three genotypes have, and their covariance.

    Attributes
    ----------
    log_or : ndarray, shape (..., 2, studies)
        One and two effect alleles against none. NaN for a genotype that nobody has, for both
        where the study is dropped.
    covariance : ndarray, shape (..., 2, 2, studies)
        Within-study covariance: they share the people without the effect allele. NaN where
        either is.
    added, added_controls : ndarray, shape (..., studies)
        Amount added to each genotype count of the cases and of the controls, 0 if none.
    status : ndarray of int, shape (..., studies)
        A code of `genopool.association.counts.STATUS_TEXT`; a study with one contrast is used.
    """

    log_or: NDArray[np.float64]
    covariance: NDArray[np.float64]
    added: NDArray[np.float64]
    added_controls: NDArray[np.float64]
    status: NDArray[np.int8]


def genotype_contrasts(
    cases: ArrayLike,
    controls: ArrayLike,
    *,
    correction: Correction = 0.5,
    apply: str = "only0",
) -> GenotypeContrasts:
    """Heterozygous and homozygous log odds ratios against the reference genotype, jointly.

    Parameters
    ----------
    cases, controls : array_like, shape (..., studies, 3)
        People with 0, 1 and 2 effect alleles. NaN in any is an absent study.
    correction : float or "treatment-arm"
        Added to all six counts of a study to which `apply` directs it. ``"treatment-arm"`` adds
        the group's share of all people.
    apply : {"only0", "if0all", "all", "none"}
        Correct studies in which a genotype that somebody has is lacking in one group; all
        studies of the last axis if any is so; all; none. A contrast that stays infinite is NaN.

    Returns
    -------
    GenotypeContrasts

    Raises
    ------
    ValueError
        A negative or infinite count (with its index), an unknown `apply` or `correction`.

    Notes
    -----
    Bagos (2008), equations 5 to 8: variances 1/x_g + 1/x_0 + 1/y_g + 1/y_0 and covariance
    1/x_0 + 1/y_0. A study without the reference genotype is dropped: it has neither contrast.
    """
    checked_correction(correction, apply)
    x, y = checked_genotypes(cases, controls)
    if x.ndim < 2:
        raise ValueError("cases and controls need an axis of studies before that of genotypes")
    n_cases, n_controls = x.sum(axis=-1), y.sum(axis=-1)
    seen = (x + y) > 0
    status = np.full(n_cases.shape, USED, dtype=np.int8)
    status[~seen[..., 0] | ~(seen[..., 1] | seen[..., 2])] = DOUBLE_ZERO
    status[(n_cases == 0) | (n_controls == 0)] = EMPTY_GROUP
    status[np.isnan(n_cases + n_controls)] = ABSENT
    used = status == USED
    lacking = used & (seen & ((x == 0) | (y == 0))).any(axis=-1)

    corrected = {
        "only0": lacking,
        "if0all": used & lacking.any(axis=-1, keepdims=True),
        "all": used,
        "none": np.zeros_like(used),
    }[apply]
    for_cases, for_controls = amounts_to_add(correction, n_cases, n_controls)
    added = np.where(corrected, for_cases, 0.0)
    added_controls = np.where(corrected, for_controls, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = x + added[..., None], y + added_controls[..., None]
        log_odds = np.log(x) - np.log(y)
        inverse = 1 / x + 1 / y
    known = (seen & (x > 0) & (y > 0) & used[..., None])[..., 1:] & (x * y > 0)[..., :1]
    status[used & ~known.any(axis=-1)] = NOT_CORRECTED
    used = status == USED

    known = np.moveaxis(known, -1, -2)
    log_odds, inverse = np.moveaxis(log_odds, -1, -2), np.moveaxis(inverse, -1, -2)
    with np.errstate(invalid="ignore"):
        log_or = np.where(known, log_odds[..., 1:, :] - log_odds[..., :1, :], np.nan)
        own = np.where(np.eye(2, dtype=bool)[..., None], inverse[..., 1:, None, :], 0.0)
        covariance = own + inverse[..., 0, :][..., None, None, :]
    both = known[..., :, None, :] & known[..., None, :, :]
    return GenotypeContrasts(
        log_or=log_or,
        covariance=np.where(both, covariance, np.nan),
        added=np.where(used, added, 0.0),
        added_controls=np.where(used, added_controls, 0.0),
        status=status,
    )
