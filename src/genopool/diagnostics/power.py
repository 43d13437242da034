"""What the studies could have found: power of their pool, and the information it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from genopool.diagnostics.checking import check_probability, odds_ratios_off_one
from genopool.pooling.names import check_name

INTERVALS = ("wald", "hartung-knapp")
ODDS_RATIOS = (1.1, 1.2, 1.5)
_HALVINGS = 60
#: No effect is further from 1 than this many standard errors; power is then 1 but for k = 2.
_FURTHEST = 200.0


@dataclass(frozen=True)
class PowerOfPool:
    """Power of a pooled analysis; arrays have the leading axes, then those named.

    Attributes
    ----------
    se : ndarray, shape (...)
        Standard error of the pooled log odds ratio, from tau² and the studies' variances.
    power : ndarray, shape (..., odds_ratios)
    detectable_odds_ratio : ndarray, shape (...)
        Smallest odds ratio above 1 that is found with probability `wanted`.
    odds_ratios : ndarray
    k : ndarray of int
    reason : ndarray of str
        Blank, or why there is no power: `no studies`, `one study: no Hartung-Knapp test`.
    wanted, alpha : float
    """

    se: np.ndarray
    power: np.ndarray
    detectable_odds_ratio: np.ndarray
    odds_ratios: np.ndarray
    k: np.ndarray
    reason: np.ndarray
    wanted: float
    alpha: float


def power_of_pool(
    variance,
    tau2=0.0,
    *,
    odds_ratios=ODDS_RATIOS,
    alpha: float = 0.05,
    wanted: float = 0.8,
    interval: str = "wald",
) -> PowerOfPool:
    """Power of the random-effects analysis of these studies to find an odds ratio.

    Parameters
    ----------
    variance : array_like, shape (..., studies)
        Sampling variances of the log odds ratios; NaN is an absent study.
    tau2 : array_like, shape (...)
        Between-study variance; NaN is 0.
    odds_ratios : sequence of float
        Mean odds ratios; 1/1.2 is as hard to find as 1.2.
    alpha : float
        Two-sided significance level.
    wanted : float
        Power that `detectable_odds_ratio` is for.
    interval : str
        `wald` (z) or `hartung-knapp` (non-central t on k - 1 degrees of freedom; exact for studies
        of equal variance, close for others).

    Returns
    -------
    PowerOfPool

    Raises
    ------
    ValueError
        Impossible variances, tau², odds ratios, levels; unknown interval.

    Notes
    -----
    tau² is taken as known. This is the power of a plan, not evidence about a result that is
    already there: look at its interval.

    References
    ----------
    Hedges LV, Pigott TD (2001) Psychol Methods 6:203.
    """
    size = odds_ratios_off_one("odds_ratios", odds_ratios)
    check_probability("alpha", alpha)
    check_probability("wanted", wanted)
    check_name("interval", interval, INTERVALS)
    if wanted <= alpha:
        raise ValueError(f"wanted is {wanted!r}; power is never below alpha, {alpha!r}")
    v, t = check_variance(variance, tau2)
    k = (~np.isnan(v)).sum(axis=-1)
    total = np.nansum(1 / (v + t[..., None]), axis=-1)
    se = np.where(total > 0, 1 / np.sqrt(np.where(total > 0, total, 1.0)), np.nan)
    fewest = 1 if interval == "wald" else 2
    df = np.where(k >= fewest, k - 1.0, np.nan) if interval != "wald" else np.nan * k
    usable = k >= fewest

    def power(effect: np.ndarray) -> np.ndarray:
        """Of an effect in standard errors, shape (..., effects)."""
        if interval == "wald":
            critical = -ndtri(alpha / 2)
            return ndtr(effect - critical) + ndtr(-effect - critical)
        freedom = np.where(usable, df, 1.0)[..., None]
        critical = -stdtrit(freedom, alpha / 2)
        # SciPy has no number for some tails, all of them below 1e-15.
        short, wrong_side = (
            np.nan_to_num(nctdtr(freedom, effect, limit)) for limit in (critical, -critical)
        )
        return 1 - short + wrong_side

    low, high = np.zeros((*k.shape, 1)), np.full((*k.shape, 1), _FURTHEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = power(middle) < wanted
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    found = ((low + high) / 2)[..., 0]
    detectable = np.where(usable & (found < _FURTHEST * (1 - 1e-9)), np.exp(found * se), np.nan)
    effects = np.minimum(size / np.where(usable, se, 1.0)[..., None], _FURTHEST)
    reason = np.where(usable, "", "one study: no Hartung-Knapp test")
    return PowerOfPool(
        se=se,
        power=np.where(usable[..., None], power(effects), np.nan),
        detectable_odds_ratio=detectable,
        odds_ratios=np.atleast_1d(np.asarray(odds_ratios, dtype=float)),
        k=k,
        reason=np.where(k == 0, "no studies", reason),
        wanted=wanted,
        alpha=alpha,
    )


@dataclass(frozen=True)
class RequiredInformation:
    """Information that a meta-analysis needs; leading axes, then `odds_ratios` where named.

    Information is 1 / variance of a log odds ratio; that of studies adds up.

    Attributes
    ----------
    accrued : ndarray, shape (...)
        Sum of 1/v of the studies.
    diversity : ndarray, shape (...)
        D²: share of the random-effects variance of the mean that heterogeneity makes.
    required : ndarray, shape (..., odds_ratios)
        With equal effects, ((z_alpha/2 + z_power) / log odds ratio)².
    required_adjusted : ndarray, shape (..., odds_ratios)
        The same over 1 - D².
    fraction : ndarray, shape (..., odds_ratios)
        Accrued over adjusted required.
    required_people : ndarray, shape (..., odds_ratios)
        If more people came as those so far; NaN where their number was not given.
    fewest_studies : ndarray, shape (..., odds_ratios)
        No fewer studies than this have the power under this tau², however large.
    odds_ratios : ndarray
    reason : ndarray of str
        Blank, or `no studies`.
    alpha, power : float
    """

    accrued: np.ndarray
    diversity: np.ndarray
    required: np.ndarray
    required_adjusted: np.ndarray
    fraction: np.ndarray
    required_people: np.ndarray
    fewest_studies: np.ndarray
    odds_ratios: np.ndarray
    reason: np.ndarray
    alpha: float
    power: float


def required_information(
    variance,
    tau2=0.0,
    *,
    odds_ratios=ODDS_RATIOS,
    alpha: float = 0.05,
    power: float = 0.8,
    people=np.nan,
) -> RequiredInformation:
    """Required information size of a meta-analysis, adjusted for heterogeneity by its diversity.

    Parameters
    ----------
    variance : array_like, shape (..., studies)
        Sampling variances of the log odds ratios; NaN is an absent study.
    tau2 : array_like, shape (...)
        Between-study variance; NaN is 0.
    odds_ratios : sequence of float
        Odds ratios worth finding.
    alpha, power : float
        Two-sided significance level, and the power wanted.
    people : array_like, shape (...)
        Cases and controls of all studies; gives `required_people`.

    Returns
    -------
    RequiredInformation

    Raises
    ------
    ValueError
        Impossible variances, tau², odds ratios, levels, or numbers of people.

    References
    ----------
    Wetterslev J, Thorlund K, Brok J, Gluud C (2008) J Clin Epidemiol 61:64; (2009) BMC Med Res
    Methodol 9:86 (diversity). Kulinskaya E, Wood J (2014) Res Synth Methods 5:306 (number of
    studies).
    """
    size = odds_ratios_off_one("odds_ratios", odds_ratios)
    check_probability("alpha", alpha)
    check_probability("power", power)
    if power <= alpha:
        raise ValueError(f"power is {power!r}; it is never below alpha, {alpha!r}")
    v, t = check_variance(variance, tau2)
    number = np.asarray(people, dtype=float)
    if (number <= 0).any() or np.isinf(number).any():
        raise ValueError(f"people is {people!r}; it must be above 0 and finite")
    some = (~np.isnan(v)).any(axis=-1)
    accrued = np.where(some, np.nansum(1 / v, axis=-1), np.nan)
    random = np.where(some, np.nansum(1 / (v + t[..., None]), axis=-1), np.nan)
    needed = ((float(ndtri(1 - alpha / 2)) + float(ndtri(power))) / size) ** 2
    adjusted = needed * (accrued / random)[..., None]
    fraction = accrued[..., None] / adjusted
    return RequiredInformation(
        accrued=accrued,
        diversity=np.maximum(1 - random / accrued, 0.0),
        required=np.where(some[..., None], needed, np.nan),
        required_adjusted=adjusted,
        fraction=fraction,
        required_people=np.ceil(number[..., None] / fraction),
        fewest_studies=np.where(some[..., None], np.floor(needed * t[..., None]) + 1, np.nan),
        odds_ratios=np.atleast_1d(np.asarray(odds_ratios, dtype=float)),
        reason=np.where(some, "", "no studies"),
        alpha=alpha,
        power=power,
    )


def check_variance(variance, tau2) -> tuple[np.ndarray, np.ndarray]:
    """Variances (..., studies) and tau² (...), NaN of the latter 0; ValueError if impossible."""
    v = np.asarray(variance, dtype=float)
    if v.ndim == 0:
        raise ValueError("variance needs an axis of studies; give a list or an array")
    bad = ~(np.isnan(v) | ((v > 0) & np.isfinite(v)))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"variance{list(index)} = {v[index]}: a study needs a finite variance above 0, or NaN "
            "if absent"
        )
    t = np.nan_to_num(np.asarray(tau2, dtype=float), nan=0.0, posinf=np.inf)
    if (t < 0).any() or np.isinf(t).any():
        raise ValueError(f"tau2 is {tau2!r}; it must be 0 or more and finite")
    if t.shape not in ((), v.shape[:-1]):
        raise ValueError(f"tau2 has shape {t.shape}, variance {v.shape}; one tau2 for each set")
    return v, np.broadcast_to(t, v.shape[:-1])
