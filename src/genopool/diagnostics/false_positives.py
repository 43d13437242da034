"""How likely an association is false, for several priors: FPRP, Bayes factors and BFDP."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_ndtr, ndtr, ndtri

from genopool.diagnostics.checking import check_estimate, odds_ratios_off_one, probabilities

#: From a hypothesis with some support to one of a scan of the genome.
PRIORS = (0.25, 0.1, 0.01, 0.001, 0.0001)
#: A larger z or standard error is this one: its square is a number still.
_FURTHEST = 1e100


@dataclass(frozen=True)
class FalsePositiveReport:
    """False-positive report probabilities; arrays have the leading axes, then those named.

    Attributes
    ----------
    p_value : ndarray, shape (...)
        Two-sided Wald p.
    power : ndarray, shape (..., odds_ratios)
        Probability of a result in this direction with at most this p, if the odds ratio is that.
    fprp : ndarray, shape (..., odds_ratios, priors)
    odds_ratios, priors : ndarray
        The grid.
    reason : ndarray of str
        Blank, or `absent`.
    """

    p_value: np.ndarray
    power: np.ndarray
    fprp: np.ndarray
    odds_ratios: np.ndarray
    priors: np.ndarray
    reason: np.ndarray


def false_positive_report(log_or, se, *, odds_ratios=(1.2, 1.5, 2.0), priors=PRIORS):
    """Wacholder's probability that a significant finding is a false positive.

    Parameters
    ----------
    log_or, se : array_like, shape (...)
        Pooled log odds ratio and its standard error; NaN in both is absent.
    odds_ratios : sequence of float
        Odds ratios taken to be likely, if there is an association. 0.5 is the same as 2: the
        power is for the direction found.
    priors : sequence of float
        Prior probabilities of an association.

    Returns
    -------
    FalsePositiveReport

    Raises
    ------
    ValueError
        Impossible estimates, odds ratios or priors.

    Notes
    -----
    p (1 - prior) / (p (1 - prior) + power × prior), with the observed p for the significance
    level. This makes it lower than the probability that this very finding is false; see
    `bayesian_false_discovery`.

    References
    ----------
    Wacholder S, Chanock S, Garcia-Closas M, El Ghormli L, Rothman N (2004) J Natl Cancer Inst
    96:434.
    """
    size = odds_ratios_off_one("odds_ratios", odds_ratios)
    prior = probabilities("priors", priors)
    y, s = check_estimate(log_or, se)
    with np.errstate(over="ignore"):
        z = np.minimum(np.abs(y) / s, _FURTHEST)
    p = 2 * ndtr(-z)
    # The odds that it is true, in logs: p and power can both be below the smallest double.
    with np.errstate(over="ignore"):
        log_power = log_ndtr(size / s[..., None] - z[..., None])
    log_odds = (log_power - np.log(2) - log_ndtr(-z)[..., None])[..., None]
    log_odds = log_odds + np.log(prior) - np.log1p(-prior)
    fprp = expit(-log_odds)
    return FalsePositiveReport(
        p_value=p,
        power=np.exp(log_power),
        fprp=fprp,
        odds_ratios=np.atleast_1d(np.asarray(odds_ratios, dtype=float)),
        priors=prior,
        reason=np.where(np.isnan(y), "absent", ""),
    )


@dataclass(frozen=True)
class BayesianFalseDiscovery:
    """Approximate Bayes factors and what follows; leading axes, then those named.

    Attributes
    ----------
    log10_bayes_factor : ndarray, shape (..., largest)
        Decimal log of P(data | no association) / P(data | association): -2 is 100 to 1 for an
        association.
    bfdp : ndarray, shape (..., largest, priors)
        Posterior probability of no association.
    posterior_log_or, posterior_sd : ndarray, shape (..., largest)
        Of the log odds ratio, given that there is an association.
    largest, priors : ndarray
        The grid.
    reason : ndarray of str
        Blank, or `absent`.
    """

    log10_bayes_factor: np.ndarray
    bfdp: np.ndarray
    posterior_log_or: np.ndarray
    posterior_sd: np.ndarray
    largest: np.ndarray
    priors: np.ndarray
    reason: np.ndarray


def bayesian_false_discovery(log_or, se, *, largest=(1.5, 2.0), priors=PRIORS):
    """Wakefield's approximate Bayes factor and Bayesian false-discovery probability.

    Parameters
    ----------
    log_or, se : array_like, shape (...)
        Pooled log odds ratio and its standard error; NaN in both is absent.
    largest : sequence of float
        Odds ratios of the prior under association: normal on the log scale about 1, with 95%
        between 1/`largest` and `largest`.
    priors : sequence of float
        Prior probabilities of an association.

    Returns
    -------
    BayesianFalseDiscovery

    Raises
    ------
    ValueError
        Impossible estimates, odds ratios or priors.

    References
    ----------
    Wakefield J (2007) Am J Hum Genet 81:208. Wakefield J (2009) Genet Epidemiol 33:79.
    """
    w = (odds_ratios_off_one("largest", largest) / ndtri(0.975)) ** 2
    prior = probabilities("priors", priors)
    y, s = check_estimate(log_or, se)
    s = np.clip(s, 1 / _FURTHEST, _FURTHEST)
    v = (s * s)[..., None]
    shrinkage = w / (v + w)
    with np.errstate(over="ignore"):
        z = np.minimum(np.abs(y) / s, _FURTHEST)[..., None]
        log_factor = np.log1p(w / v) / 2 - shrinkage * z * z / 2
    # Odds of association; a logistic, which neither overflows nor underflows.
    log_odds = -log_factor[..., None] + np.log(prior) - np.log1p(-prior)
    return BayesianFalseDiscovery(
        log10_bayes_factor=log_factor / np.log(10),
        bfdp=expit(-log_odds),
        posterior_log_or=shrinkage * y[..., None],
        posterior_sd=np.sqrt(shrinkage * v),
        largest=np.atleast_1d(np.asarray(largest, dtype=float)),
        priors=prior,
        reason=np.where(np.isnan(y), "absent", ""),
    )
