"""Intervals and tests of the pooled log odds ratio."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from genopool.pooling.henmi_copas import henmi_copas_p, henmi_copas_quantile
from genopool.pooling.moments import WeightedMean, dersimonian_laird, weighted_mean
from genopool.pooling.names import check_name
from genopool.pooling.profile_likelihood import likelihood_ratio, profile_mean
from genopool.pooling.study_sets import StudySets

#: A Hartung-Knapp variance factor below this is rounding: the effects are identical.
IDENTICAL = 1e-12


@dataclass
class Interval:
    """Interval of the mean; arrays of shape (sets,), `df` NaN where the statistic is not a t."""

    se: np.ndarray
    df: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    identical: np.ndarray | bool = False
    narrower: np.ndarray | bool = False


@dataclass(frozen=True)
class Method:
    """An interval: its function and the estimator of tau² that it belongs to, if only one.

    With `equal_effects_mean` the interval is about the equal-effects mean.
    """

    interval: Callable[[StudySets, np.ndarray, WeightedMean, float], Interval]
    only: str | None = None
    equal_effects_mean: bool = False


def t_quantile(df: np.ndarray, level: float) -> np.ndarray:
    """Two-sided quantile of t, or of z where `df` is NaN, worked out once for each df."""
    different, place = np.unique(df, return_inverse=True)
    tail = (1 + level) / 2
    normal = np.isnan(different)
    quantile = np.where(normal, ndtri(tail), stdtrit(np.where(normal, 1.0, different), tail))
    return np.where(normal | (different > 0), quantile, np.nan)[place]


def two_sided_p(statistic: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Two-sided p-value of t, or of z where `df` is NaN."""
    x = -np.abs(statistic)
    normal = np.isnan(df)
    if normal.all():
        return 2 * ndtr(x)
    return 2 * np.where(normal, ndtr(x), stdtr(np.where(normal, 1.0, df), x))


def symmetric(mean: np.ndarray, se: np.ndarray, df: np.ndarray, level: float) -> Interval:
    """Estimate plus and minus a quantile of t, or of z where `df` is NaN, times `se`."""
    statistic = mean / se
    half = t_quantile(df, level) * se
    return Interval(se, df, statistic, two_sided_p(statistic, df), mean - half, mean + half)


def wald(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """Normal quantile, variance 1 / sum of weights."""
    return symmetric(m.estimate, np.sqrt(1 / m.w1), np.full(s.k.shape, np.nan), level)


def wald_t(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """t quantile on k - 1 degrees of freedom, variance 1 / sum of weights."""
    return symmetric(m.estimate, np.sqrt(1 / m.w1), s.k - 1.0, level)


def _with_factor(s: StudySets, m: WeightedMean, level: float, floor) -> Interval:
    """Wald's variance times the weighted residual mean square, or 1 where `floor` and if less."""
    factor = m.weighted_ss / (s.k - 1)
    identical = factor < IDENTICAL
    factor = np.where(identical | floor, np.maximum(factor, 1.0), factor)
    out = symmetric(m.estimate, np.sqrt(factor / m.w1), s.k - 1.0, level)
    half_of_wald = t_quantile(np.full(s.k.shape, np.nan), level) * np.sqrt(1 / m.w1)
    out.identical, out.narrower = identical, out.high - m.estimate < half_of_wald
    return out


def hartung_knapp(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """Hartung and Knapp (2001), Sidik and Jonkman (2002)."""
    return _with_factor(s, m, level, floor=False)


def hartung_knapp_adhoc(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """Never narrower than Wald's with a t (Knapp and Hartung 2003; metafor's `adhoc`)."""
    return _with_factor(s, m, level, floor=True)


def hartung_knapp_iqwig(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """Hartung-Knapp, corrected as `adhoc` where narrower than DerSimonian and Laird's interval.

    IQWiG, General Methods 6; meta calls the rule `IQWiG6`.
    """
    plain = _with_factor(s, m, level, floor=False)
    old = weighted_mean(s, dersimonian_laird(s))
    width = 2 * ndtri((1 + level) / 2) * np.sqrt(1 / old.w1)
    return _with_factor(s, m, level, floor=plain.high - plain.low < width)


def kenward_roger(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """Kenward and Roger (1997) with REML, in the form of Partlett and Riley (2017, appendix).

    The variance grows by what the estimation of tau² adds, with the expected information of
    the restricted likelihood; the degrees of freedom are matched to it.
    """
    w = 1.0 / (s.v[:, 0] + tau2)
    w2, w3 = (w * w).sum(axis=0), (w**3).sum(axis=0)
    information = w2 / 2 - w3 / m.w1 + (w2 / m.w1) ** 2 / 2
    variance = (1 + 2 * (w3 / m.w1 - (w2 / m.w1) ** 2) / information) / m.w1
    df = 2 * information / (variance * w2) ** 2
    return symmetric(m.estimate, np.sqrt(variance), df, level)


def henmi_copas(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """Henmi and Copas (2010): robust to publication bias, about the equal-effects mean."""
    w = 1.0 / s.v[:, 0]
    spread = 1 + tau2 * (w * w).sum(axis=0) / m.w1
    se = np.sqrt(spread / m.w1)
    unit = np.sqrt(spread) * se
    half = henmi_copas_quantile(s, tau2, level) * unit
    p_value = henmi_copas_p(s, tau2, np.abs(m.estimate) / unit)
    none = np.full(s.k.shape, np.nan)
    return Interval(se, none, m.estimate / se, p_value, m.estimate - half, m.estimate + half)


def _profile(
    s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float, bartlett: bool
) -> Interval:
    """Profile likelihood; the statistic is the signed root of the likelihood ratio."""
    factor = 1.0
    if bartlett:
        w = 1.0 / (s.v[:, 0] + tau2)
        w2, w3 = (w * w).sum(axis=0), (w**3).sum(axis=0)
        factor = 1 + 2 * w3 / (m.w1 * w2) - w2 / (2 * m.w1**2)
    quantile = ndtri((1 + level) / 2) ** 2
    low, high = profile_mean(s, tau2, quantile * factor)
    root = np.sqrt(likelihood_ratio(s, tau2, 0.0) / factor)
    none = np.full(s.k.shape, np.nan)
    statistic = np.copysign(root, m.estimate)
    return Interval(np.sqrt(1 / m.w1), none, statistic, 2 * ndtr(-root), low, high)


def profile_likelihood(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """Hardy and Thompson (1996): likelihood profiled over tau², chi² quantile."""
    return _profile(s, tau2, m, level, bartlett=False)


def profile_bartlett(s: StudySets, tau2: np.ndarray, m: WeightedMean, level: float) -> Interval:
    """Profile likelihood with Bartlett's correction (Huizenga, Visser and Dolan 2011).

    The likelihood ratio is divided by its expectation to the order 1/k,
    1 + 2 W3/(W1 W2) - W2/(2 W1²), Wr the sum of the r-th powers of the weights.
    """
    return _profile(s, tau2, m, level, bartlett=True)


INTERVALS = {
    "wald": Method(wald),
    "wald-t": Method(wald_t),
    "hartung-knapp": Method(hartung_knapp),
    "hartung-knapp-adhoc": Method(hartung_knapp_adhoc),
    "hartung-knapp-iqwig": Method(hartung_knapp_iqwig),
    "kenward-roger": Method(kenward_roger, only="REML"),
    "henmi-copas": Method(henmi_copas, only="DL", equal_effects_mean=True),
    "profile-likelihood": Method(profile_likelihood, only="ML"),
    "profile-likelihood-bartlett": Method(profile_bartlett, only="ML"),
}


def check_interval(tau2: str, interval: str | None) -> str:
    """The interval meant: the default if None, refused if it cannot go with `tau2`."""
    if interval is None:
        return "wald" if tau2 == "EE" else "hartung-knapp"
    check_name("interval", interval, INTERVALS)
    if tau2 == "EE" and interval != "wald":
        raise ValueError(
            f"interval {interval!r} needs a between-study variance, and tau2 'EE' (equal effects) "
            "has none: use 'wald', or an estimator of tau² such as 'REML'"
        )
    only = INTERVALS[interval].only
    if only and tau2 != only:
        possible = [name for name, method in INTERVALS.items() if method.only in (None, tau2)]
        raise ValueError(
            f"interval {interval!r} belongs to tau2 {only!r}, not {tau2!r}; "
            f"possible with {tau2!r}: {', '.join(possible)}"
        )
    return interval
