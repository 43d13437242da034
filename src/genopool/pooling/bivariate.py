"""Two log odds ratios pooled jointly, with their covariances within and between studies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from genopool.pooling.bivariate_likelihood import BivariateSets, maximise
from genopool.pooling.names import check_level, check_name

BIVARIATE_METHODS = ("REML", "ML", "EE")


@dataclass(frozen=True)
class BivariateFit:
    """Two pooled log odds ratios; every array has the leading axes of the data.

    What does not exist is NaN: everything of an outcome without a study, `tau2` under equal
    effects and where an outcome has a single study.

    Attributes
    ----------
    estimate, se : ndarray, shape (..., 2)
        Pooled log odds ratios and their standard errors (Wald).
    covariance : ndarray, shape (..., 2, 2)
        Covariance of the two estimates.
    statistic, p_value, ci_low, ci_high : ndarray, shape (..., 2)
        z, its two-sided p-value, and confidence limits.
    tau2 : ndarray, shape (..., 2, 2)
        Between-study covariance matrix.
    rho : ndarray
        Between-study correlation; NaN where a variance is 0.
    chi2, chi2_p : ndarray
        Wald test that both log odds ratios are 0, on 2 df.
    log_likelihood : ndarray
        Maximised (restricted, under REML) log-likelihood with all its constants, as metafor's
        ``rma.mv`` has them.
    k : ndarray of int, shape (..., 2)
        Studies with each outcome.
    method : str
    level : float
    """

    estimate: NDArray[np.float64]
    se: NDArray[np.float64]
    covariance: NDArray[np.float64]
    statistic: NDArray[np.float64]
    p_value: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    tau2: NDArray[np.float64]
    rho: NDArray[np.float64]
    chi2: NDArray[np.float64]
    chi2_p: NDArray[np.float64]
    log_likelihood: NDArray[np.float64]
    k: NDArray[np.int64]
    method: str
    level: float


def check_bivariate(
    log_or: ArrayLike, covariance: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outcomes (..., 2, studies) and covariances (..., 2, 2, studies), refused if impossible.

    Raises
    ------
    ValueError
        Shapes that do not go together; an outcome without a finite variance above 0, or the
        reverse; a covariance matrix that is not symmetric and positive definite.
    """
    y, s = np.asarray(log_or, dtype=float), np.asarray(covariance, dtype=float)
    if y.ndim < 2 or y.shape[-2] != 2 or s.shape != (*y.shape[:-1], *y.shape[-2:]):
        raise ValueError(
            f"log_or has shape {y.shape}, covariance {s.shape}; they must be (..., 2, studies) "
            "and (..., 2, 2, studies)"
        )
    if not y.shape[-1]:  # no study is like one that is absent
        y, s = np.full((*y.shape[:-1], 1), np.nan), np.full((*s.shape[:-1], 1), np.nan)
    variance = np.einsum("...aai->...ai", s)
    good = np.isfinite(y) & (variance > 0) & (variance < np.inf)
    bad = ~(good | (np.isnan(y) & np.isnan(variance)))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"log_or{list(index)} = {y[index]} with variance {variance[index]}: an outcome needs a "
            "finite log odds ratio and a finite variance above 0, or NaN in both if absent"
        )
    c = s[..., 0, 1, :]
    proper = (c == s[..., 1, 0, :]) & (c**2 < variance[..., 0, :] * variance[..., 1, :])
    bad = good.all(axis=-2) & ~proper
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"covariance of study {list(index)} is not symmetric and positive definite"
        )
    return y, s


def bivariate_pool(
    log_or: ArrayLike, covariance: ArrayLike, *, method: str = "REML", level: float = 0.95
) -> BivariateFit:
    """Pool two log odds ratios of the same studies jointly.

    Study i has y_i ~ N(mu, S_i + T): S_i the covariance within the study, T that between
    studies. A study may lack one outcome and still lend the other its strength.

    Parameters
    ----------
    log_or : array_like, shape (..., 2, studies)
        For genotypes, heterozygous and homozygous against the reference, of
        `genopool.association.genotype_models.genotype_contrasts`. NaN is absent.
    covariance : array_like, shape (..., 2, 2, studies)
        Within-study covariance matrices.
    method : {"REML", "ML", "EE"}
        How T is estimated, over all positive semi-definite matrices; ``EE`` has T = 0.
    level : float
        Level of the confidence limits.

    Returns
    -------
    BivariateFit

    Raises
    ------
    ValueError
        As `check_bivariate`; an unknown method; a level outside (0, 1).

    Notes
    -----
    van Houwelingen, Arends and Stijnen (2002); for genotypes Bagos (2008). With one study of an
    outcome no between-study variance can be told, and the set is pooled under equal effects.
    """
    check_name("method", method, BIVARIATE_METHODS)
    check_level(level)
    y, s = check_bivariate(log_or, covariance)
    lead, studies = y.shape[:-2], y.shape[-1]
    sets = BivariateSets.of(y.reshape(-1, 2, studies), s.reshape(-1, 2, 2, studies))
    k = sets.there.sum(axis=1)
    t = np.zeros((len(k), 2, 2))
    random = (method != "EE") & (k >= 2).all(axis=1)
    if random.any():
        t[random] = maximise(sets.take(random), restricted=method == "REML")
    terms = sets.terms(t)
    log_likelihood = terms.log_likelihood(restricted=method == "REML")

    missing = k == 0
    estimate = np.where(missing, np.nan, terms.mu)
    v = np.where(missing[:, :, None] | missing[:, None, :], np.nan, terms.inverse)
    se = np.sqrt(np.einsum("naa->na", v))
    z = estimate / se
    half = ndtri((1 + level) / 2) * se
    chi2 = np.einsum("na,nab,nb->n", estimate, terms.information, estimate)
    tau2 = np.where(random[:, None, None], t, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = tau2[:, 0, 1] / np.sqrt(tau2[:, 0, 0] * tau2[:, 1, 1])

    def shaped(x: NDArray, *core: int) -> NDArray:
        return x.reshape((*lead, *core))

    return BivariateFit(
        estimate=shaped(estimate, 2),
        se=shaped(se, 2),
        covariance=shaped(v, 2, 2),
        statistic=shaped(z, 2),
        p_value=shaped(2 * ndtr(-np.abs(z)), 2),
        ci_low=shaped(estimate - half, 2),
        ci_high=shaped(estimate + half, 2),
        tau2=shaped(tau2, 2, 2),
        rho=shaped(np.clip(rho, -1, 1)),
        chi2=shaped(chi2),
        chi2_p=shaped(np.exp(-chi2 / 2)),
        log_likelihood=shaped(np.where(missing.any(axis=1), np.nan, log_likelihood)),
        k=shaped(k, 2),
        method=method,
        level=level,
    )
