"""Several genetic models of one locus: how their pooled z's correlate, and p-values for the lot.

The models share their data, so that seven tests are far fewer than seven independent ones. The
correlation of two pooled z's follows from the covariance of their log odds ratios within studies
(`genopool.association.genotype_models.model_effects`) and between them.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from genopool.pooling.normal_rectangle import ERROR, MOST_VARIABLES, exceedance

# Alternating projections end when nothing moves by more than this, relative to the diagonal.
PROJECTED = 1e-12
MOST_PROJECTIONS = 5000


def between_study_covariance(
    log_or: ArrayLike, variance: ArrayLike, covariance: ArrayLike, tau2: ArrayLike
) -> NDArray[np.float64]:
    """Between-study covariance matrix of the log odds ratios of several models.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., models, studies)
        NaN where a study does not enter a model.
    covariance : array_like, shape (..., models, models, studies)
        Within-study covariances; used where a study enters both models.
    tau2 : array_like, shape (..., models)
        Each model's between-study variance as it was pooled; NaN is 0 (equal effects, or one
        study).

    Returns
    -------
    ndarray, shape (..., models, models)
        Positive semi-definite, with `tau2` on the diagonal.

    Notes
    -----
    The method of moments of Chen, Manning and Dupuis (2012) with weights 1/v in place of the
    inverse covariance matrix, which does not exist: log odds ratios of any number of models are
    functions of four free proportions. The diagonal would be that of DerSimonian and Laird; it
    gives way to `tau2`, and the rest to the nearest positive semi-definite matrix.
    """
    y, v, c, t = _checked(log_or, variance, covariance, tau2)
    there = np.isfinite(v)
    pair = there[..., :, None, :] & there[..., None, :, :]
    # Weights of the first model of each pair, over the studies that have both.
    w = np.where(pair, 1 / np.where(there, v, 1.0)[..., :, None, :], 0.0)
    total = w.sum(axis=-1, keepdims=True)
    share = np.divide(w, total, out=np.zeros_like(w), where=total > 0)
    values = np.where(there, y, 0.0)[..., :, None, :]
    residual = np.where(pair, values - (share * values).sum(axis=-1, keepdims=True), 0.0)
    other = np.swapaxes(residual, -3, -2)
    q = (w * residual * other).sum(axis=-1)
    spread = w * (1 - share)
    expected = (spread * np.where(pair, c, 0.0)).sum(axis=-1)
    freedom = spread.sum(axis=-1)
    # One study in common has residuals of 0, and a freedom that is rounding.
    several = pair.sum(axis=-1) > 1
    moment = np.divide(q - expected, freedom, out=np.zeros_like(q), where=several)
    return nearest_psd((moment + np.swapaxes(moment, -1, -2)) / 2, t)


def z_correlation(
    log_or: ArrayLike, variance: ArrayLike, covariance: ArrayLike, tau2: ArrayLike
) -> NDArray[np.float64]:
    """Correlation matrix of the pooled z's of several models under no association.

    Parameters
    ----------
    log_or, variance, covariance, tau2
        As in `between_study_covariance`. Models are taken to be pooled by inverse variance,
        with weights 1 / (variance + tau2).

    Returns
    -------
    ndarray, shape (..., models, models)
        A correlation matrix; rows and columns of a model without studies are 0 but for a
        diagonal of 1.

    Raises
    ------
    ValueError
        Shapes that do not go together.

    Notes
    -----
    The covariance of the two weighted means over the product of their Wald standard errors,
    sum w_a w_b (c_ab + T_ab) over the studies that have both. Where the variances used rest on
    assumptions that the covariances do not make (Hardy-Weinberg equilibrium in the allelic
    model), the outcome need not be a correlation matrix, and the nearest one is returned.
    """
    y, v, c, t = _checked(log_or, variance, covariance, tau2)
    between = between_study_covariance(y, v, c, t)
    there = np.isfinite(v)
    w = np.where(there, 1 / (np.where(there, v, 1.0) + t[..., None]), 0.0)
    pair = there[..., :, None, :] & there[..., None, :, :]
    joint = np.where(pair, c + between[..., None], 0.0)
    numerator = np.einsum("...ai,...bi,...abi->...ab", w, w, joint)
    # The variance of a weighted mean's numerator, sum w² (v + tau²), is the sum of w.
    scale = np.sqrt(w.sum(axis=-1))
    product = scale[..., :, None] * scale[..., None, :]
    r = np.divide(numerator, product, out=np.zeros_like(product), where=product > 0)
    return nearest_psd(r, np.ones(t.shape))


def adjusted_p_values(
    p_value: ArrayLike, correlation: ArrayLike, *, error: float = ERROR
) -> NDArray[np.float64]:
    """p-values adjusted for having tested several models: single-step maximum of |z|.

    Parameters
    ----------
    p_value : array_like, shape (..., models)
        Two-sided p-values, whatever test they come from; each becomes |z| = Phi^-1(1 - p/2).
        NaN is a model not tested.
    correlation : array_like, shape (..., models, models)
        Correlation matrix of the z's, which may be singular.
    error : float
        Absolute error that is allowed; a larger one is quicker.

    Returns
    -------
    ndarray, shape (..., models)
        Probability that the largest |z| of all models is at least that of this one, if none
        has an association; the same in every run.

    Raises
    ------
    ValueError
        A p-value outside [0, 1], a matrix that is not a correlation matrix, more than 12
        models.

    Notes
    -----
    The probability is `genopool.pooling.normal_rectangle.exceedance`.
    """
    p = np.asarray(p_value, dtype=float)
    r = np.asarray(correlation, dtype=float)
    if p.ndim == 0 or r.shape != (*p.shape, p.shape[-1]):
        raise ValueError(
            f"p_value has shape {p.shape}, correlation {r.shape}; they must be (..., models) and "
            "(..., models, models)"
        )
    models = p.shape[-1]
    if models > MOST_VARIABLES:
        raise ValueError(f"{models} models; at most {MOST_VARIABLES} can be adjusted jointly")
    if ((p < 0) | (p > 1)).any():
        raise ValueError("p_value has values outside [0, 1]")
    tested = ~np.isnan(p)
    both = tested[..., :, None] & tested[..., None, :]
    r = np.where(both, r, np.eye(models))
    _check_correlation(r)
    z = -ndtri(np.where(tested, p, 1.0) / 2)
    adjusted = np.full((z.size // models, models), np.nan)
    each = zip(
        r.reshape(-1, models, models),
        z.reshape(-1, models),
        tested.reshape(-1, models),
        strict=True,
    )
    for i, (matrix, limit, here) in enumerate(each):
        if here.any():
            adjusted[i, here] = exceedance(matrix[np.ix_(here, here)], limit[here], error)
    # Between the p-value itself and Bonferroni's, where the error is not small beside it.
    bonferroni = np.minimum(p * tested.sum(axis=-1, keepdims=True), 1.0)
    return np.clip(adjusted.reshape(p.shape), p, bonferroni)


def holm(p_value: ArrayLike) -> NDArray[np.float64]:
    """Holm's (1979) adjusted p-values, for models whose correlation is not known.

    Parameters
    ----------
    p_value : array_like, shape (..., models)
        NaN is a model not tested.

    Returns
    -------
    ndarray, shape (..., models)
    """
    p = np.asarray(p_value, dtype=float)
    order = np.argsort(p, axis=-1)
    ranked = np.take_along_axis(p, order, axis=-1)
    left = (~np.isnan(p)).sum(axis=-1, keepdims=True) - np.arange(p.shape[-1])
    stepped = np.maximum.accumulate(np.minimum(ranked * left, 1.0), axis=-1)
    out = np.empty_like(p)
    np.put_along_axis(out, order, stepped, axis=-1)
    return out


def nearest_psd(matrix: ArrayLike, diagonal: ArrayLike) -> NDArray[np.float64]:
    """Nearest positive semi-definite matrix with a given diagonal, in the Frobenius norm.

    Parameters
    ----------
    matrix : array_like, shape (..., n, n)
        Symmetric; its own diagonal is disregarded.
    diagonal : array_like, shape (..., n)
        0 or more; a 0 leaves its row and column 0.

    Returns
    -------
    ndarray, shape (..., n, n)

    Notes
    -----
    Alternating projections with Dykstra's correction (Higham 2002), each matrix until nothing
    moves.
    """
    d = np.asarray(diagonal, dtype=float)
    n = d.shape[-1]
    eye = np.eye(n)
    some = (d > 0)[..., :, None] & (d > 0)[..., None, :]
    target = d[..., None] * eye
    x = np.where(some, np.asarray(matrix, dtype=float) * (1 - eye) + target, 0.0).reshape(-1, n, n)
    target, flat = target.reshape(-1, n, n), d.reshape(-1, n)
    unit = np.maximum(flat.max(axis=1), np.finfo(float).tiny)
    correction = np.zeros_like(x)
    psd = x.copy()
    active = np.arange(len(x))
    for _ in range(MOST_PROJECTIONS):
        if active.size == 0:
            break
        before = x[active] - correction[active]
        eigenvalues, vectors = np.linalg.eigh(before)
        kept = np.maximum(eigenvalues, 0.0)
        inside = np.einsum("nab,nb,ncb->nac", vectors, kept, vectors)
        correction[active] = inside - before
        psd[active] = inside
        after = inside * (1 - eye) + target[active]
        moved = np.maximum(
            np.abs(after - inside).max(axis=(1, 2)), np.abs(after - x[active]).max(axis=(1, 2))
        )
        x[active] = after
        active = active[moved > PROJECTED * unit[active]]
    # To the last digit: the diagonal as given, on a matrix that is positive semi-definite.
    own = np.einsum("naa->na", psd)
    scale = np.sqrt(np.divide(flat, own, out=np.zeros_like(own), where=own > 0))
    return (psd * scale[:, :, None] * scale[:, None, :]).reshape((*d.shape, n))


def _check_correlation(r: NDArray[np.float64]) -> None:
    diagonal = np.einsum("...aa->...a", r)
    if not (
        np.allclose(diagonal, 1, atol=1e-9)
        and np.allclose(r, np.swapaxes(r, -1, -2), atol=1e-9)
        and (np.linalg.eigvalsh(r) > -1e-8).all()
    ):
        raise ValueError(
            "correlation must be symmetric and positive semi-definite with a diagonal of 1"
        )


def _checked(
    log_or: ArrayLike, variance: ArrayLike, covariance: ArrayLike, tau2: ArrayLike
) -> tuple[NDArray[np.float64], ...]:
    y, v, c = (np.asarray(x, dtype=float) for x in (log_or, variance, covariance))
    t = np.asarray(tau2, dtype=float)
    good = y.ndim >= 2 and y.shape == v.shape and t.shape == y.shape[:-1]
    if not (good and c.shape == (*y.shape[:-1], *y.shape[-2:])):
        raise ValueError(
            f"log_or has shape {y.shape}, variance {v.shape}, covariance {c.shape}, tau2 "
            f"{t.shape}; they must be (..., models, studies), the same, (..., models, models, "
            "studies) and (..., models)"
        )
    there = np.isfinite(v)
    pair = there[..., :, None, :] & there[..., None, :, :]
    if np.isnan(np.where(pair, c, 0.0)).any():
        raise ValueError("covariance is NaN for a study that enters both models")
    if (t < 0).any():
        raise ValueError("tau2 has negative values")
    return y, v, c, np.nan_to_num(t)
