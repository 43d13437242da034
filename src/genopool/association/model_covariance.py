"""How the log odds ratios of several genetic models vary together within a study.

All are functions of the same genotype counts, three in cases and three in controls. Their
covariance within a study follows from the multinomial distribution of each group by the delta
method: the sum over genotypes of n_g h_a h_b, less the product of the means, h being the
derivatives of the two log odds ratios by the counts.
"""

import numpy as np
from numpy.typing import NDArray

from genopool.association.additive import COPIES, fitted_logits
from genopool.association.models import COMPARED

# Added to every genotype where a corrected study's correlations are taken.
HALF = 0.5


def within_study_covariance(
    cases: NDArray[np.float64],
    controls: NDArray[np.float64],
    models: tuple[str, ...],
    variance: NDArray[np.float64],
    rescaled: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Within-study covariances of the log odds ratios of several models.

    Parameters
    ----------
    cases, controls : ndarray, shape (..., studies, 3)
        People with 0, 1 and 2 effect alleles, as they are before a correction.
    models : tuple of str
    variance : ndarray, shape (..., models, studies)
        As each model's own analysis has it; NaN where the model drops the study.
    rescaled : ndarray of bool, shape (..., models, studies)
        Where the analysis did not rest on just these counts: a correction was added to them, or
        only a share of the controls entered.

    Returns
    -------
    ndarray, shape (..., models, models, studies)
        By the multinomial delta method, NaN where either model drops the study. Where either is
        rescaled, the correlation that the counts have with a half added to each genotype, times
        the square root of the two variances: an observed zero would otherwise have no variance.
    """
    used = np.isfinite(variance)
    plain = _delta_covariance(cases, controls, models, used & ~rescaled)
    if not (used & rescaled).any():
        return plain
    smooth = _delta_covariance(cases + HALF, controls + HALF, models, used)
    scale = np.sqrt(variance / np.einsum("...aai->...ai", smooth))
    scaled = smooth * scale[..., :, None, :] * scale[..., None, :, :]
    either = rescaled[..., :, None, :] | rescaled[..., None, :, :]
    return np.where(either, scaled, plain)


def _delta_covariance(
    cases: NDArray[np.float64],
    controls: NDArray[np.float64],
    models: tuple[str, ...],
    wanted: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Multinomial delta covariances, NaN where not `wanted` of both models."""
    # A missing count can be needed by no wanted model: any number will do.
    cases, controls = np.nan_to_num(cases), np.nan_to_num(controls)
    in_cases, in_controls = [], []
    for place, model in enumerate(models):
        if model == "additive":
            of_cases, of_controls = _additive_derivatives(cases, controls, wanted[..., place, :])
        else:
            of_cases, of_controls = (
                _log_odds_derivative(counts, model) for counts in (cases, controls)
            )
        in_cases.append(of_cases)
        in_controls.append(of_controls)
    covariance = np.zeros(())
    for counts, derivatives in ((cases, in_cases), (controls, in_controls)):
        h = np.stack(derivatives, axis=-3)
        n = counts.sum(axis=-1)[..., None, None, :]
        second = np.einsum("...ig,...aig,...big->...abi", counts, h, h)
        first = np.einsum("...ig,...aig->...ai", counts, h)
        with np.errstate(divide="ignore", invalid="ignore"):
            covariance = covariance + second - first[..., :, None, :] * first[..., None, :, :] / n
    both = wanted[..., :, None, :] & wanted[..., None, :, :]
    return np.where(both, covariance, np.nan)


def _log_odds_derivative(counts: NDArray[np.float64], model: str) -> NDArray[np.float64]:
    """Derivative of log(exposed / unexposed) by each genotype count of one group."""
    exposed, unexposed = (np.array(weights, dtype=float) for weights in COMPARED[model])
    with np.errstate(divide="ignore", invalid="ignore"):
        up = exposed / (counts @ exposed)[..., None]
        down = unexposed / (counts @ unexposed)[..., None]
    return np.nan_to_num(up, posinf=0.0) - np.nan_to_num(down, posinf=0.0)


def _additive_derivatives(
    cases: NDArray[np.float64], controls: NDArray[np.float64], wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Derivatives of the logistic slope, from its likelihood equation.

    By cases (g - mean) (1 - p_g) / S and by controls -(g - mean) p_g / S, with the mean and
    sum of squares S of g under the weights n p (1-p). The second is given with its sign turned,
    as those of `_log_odds_derivative` are: only products within a group are used.
    """
    x, y = cases[wanted], controls[wanted]
    fitted, weights, _ = fitted_logits(x, y)
    mean = (weights @ COPIES) / weights.sum(axis=-1)
    centred = COPIES - mean[:, None]
    squares = (weights * centred**2).sum(axis=-1, keepdims=True)
    n = x + y
    p = np.divide(fitted, n, out=np.zeros_like(n), where=n > 0)
    of_cases, of_controls = np.zeros_like(cases), np.zeros_like(controls)
    of_cases[wanted] = centred * (1 - p) / squares
    of_controls[wanted] = centred * p / squares
    return of_cases, of_controls
