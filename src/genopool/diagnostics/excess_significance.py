"""Are more studies significant than their power allows?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import bdtrc, ndtr, ndtri

from genopool.diagnostics.checking import check_probability
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_name
from genopool.pooling.study_sets import check_pair

TESTS = ("exact", "chi2", "binomial")


@dataclass(frozen=True)
class ExcessSignificance:
    """Significant studies against those expected; arrays have the leading axes.

    Attributes
    ----------
    observed : ndarray of int
        Studies significant on their own.
    expected : ndarray
        Sum of the studies' power; NaN without studies.
    power : ndarray, shape (..., studies)
        Each study's power to find the pooled odds ratio.
    statistic : ndarray
        Chi² on 1 df; NaN with the other tests.
    p_value : ndarray
        Of as many significant studies, or more.
    theta, tau2 : ndarray
        The mean log odds ratio and between-study variance that the power is for.
    k : ndarray of int
    reason : ndarray of str
        Blank, or `no studies`.
    test : str
    """

    observed: np.ndarray
    expected: np.ndarray
    power: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    theta: np.ndarray
    tau2: np.ndarray
    k: np.ndarray
    reason: np.ndarray
    test: str


def excess_significance(
    log_or, variance, *, tau2: str = "REML", alpha: float = 0.05, test: str = "exact"
) -> ExcessSignificance:
    """Ioannidis and Trikalinos's test of excess significance.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tau2 : str
        Estimator of the between-study variance, or `EE`. True effects are taken to vary about the
        pooled one accordingly.
    alpha : float
        Two-sided level at which a study is significant.
    test : str
        `exact` (default): the sum of Bernoulli variables with the studies' power. `chi2`: the
        paper's. `binomial`: the paper's other, with the mean power for all.

    Returns
    -------
    ExcessSignificance

    Raises
    ------
    ValueError
        Unknown names, impossible variances, `alpha` not between 0 and 1.

    Notes
    -----
    The pooled effect is itself too large if studies are selected, which hides an excess; a small
    p-value says that there are too many, a large one little.

    References
    ----------
    Ioannidis JPA, Trikalinos TA (2007) Clin Trials 4:245.
    """
    check_name("test", test, TESTS)
    check_probability("alpha", alpha)
    y, v = check_pair(log_or, variance)
    fit = pool(y, v, tau2=tau2, interval="wald", prediction="none")
    between = np.nan_to_num(fit.tau2)
    there = ~np.isnan(y)
    critical = -float(ndtri(alpha / 2))
    sd = np.sqrt(v + between[..., None])
    limit = critical * np.sqrt(v)
    power = ndtr((fit.estimate[..., None] - limit) / sd)
    power = power + ndtr((-fit.estimate[..., None] - limit) / sd)
    observed = (there & (np.abs(y) >= limit)).sum(axis=-1)
    expected = np.where(fit.k > 0, np.nansum(power, axis=-1), np.nan)
    statistic = np.full(expected.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = expected / fit.k
        if test == "exact":
            p = _at_least(np.where(there, power, 0.0), observed)
        elif test == "binomial":
            p = np.where(observed > 0, bdtrc(observed - 1.0, fit.k, mean), 1.0)
        else:
            z = (observed - expected) / np.sqrt(fit.k * mean * (1 - mean))
            statistic, p = z * z, ndtr(-z)
    return ExcessSignificance(
        observed=observed,
        expected=expected,
        power=power,
        statistic=statistic,
        p_value=np.where(fit.k > 0, p, np.nan),
        theta=fit.estimate,
        tau2=fit.tau2,
        k=fit.k,
        reason=np.where(fit.k > 0, "", "no studies"),
        test=test,
    )


def _at_least(power: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """P(at least so many successes) of independent trials with different probabilities."""
    studies = power.shape[-1]
    chances = np.zeros((*power.shape[:-1], studies + 1))
    chances[..., 0] = 1.0
    for i in range(studies):
        p = power[..., i, None]
        fewer = np.concatenate([np.zeros_like(p), chances[..., :-1]], axis=-1)
        chances = chances * (1 - p) + fewer * p
    counted = np.arange(studies + 1) >= observed[..., None]
    return np.minimum((chances * counted).sum(axis=-1), 1.0)
