"""The specification curve: the pooled odds ratio under every estimator of tau² and interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genopool.pooling.intervals import INTERVALS
from genopool.pooling.inverse_variance import pool
from genopool.pooling.study_sets import check_pair
from genopool.pooling.tau2 import TAU2_METHODS


@dataclass(frozen=True)
class SpecificationCurve:
    """Results by specification; numbers have shape (..., specifications).

    Attributes
    ----------
    tau2_method, interval : tuple of str
        What each specification is.
    estimate, se, ci_low, ci_high, p_value, tau2 : ndarray
        As `Fit` has them.
    k : ndarray of int, shape (...)
    level : float
    """

    tau2_method: tuple[str, ...]
    interval: tuple[str, ...]
    estimate: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p_value: np.ndarray
    tau2: np.ndarray
    k: np.ndarray
    level: float


_COLUMNS = ("estimate", "se", "ci_low", "ci_high", "p_value", "tau2")


def specifications() -> list[tuple[str, str]]:
    """Every estimator of tau² with each interval that can go with it.

    Returns
    -------
    list of (str, str)
        Equal effects first; without `GENQ`, which needs weights.
    """
    pairs = [("EE", "wald")]
    for tau2 in TAU2_METHODS:
        if tau2 not in ("EE", "GENQ"):
            pairs += [(tau2, name) for name, how in INTERVALS.items() if how.only in (None, tau2)]
    return pairs


def specification_curve(log_or, variance, *, level: float = 0.95) -> SpecificationCurve:
    """Pool under every specification.

    How far the answer depends on a choice that the data cannot make. The specifications share
    their data: their number is no evidence, nor is how many of them are significant.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    level : float
        Level of the intervals.

    Returns
    -------
    SpecificationCurve

    Raises
    ------
    ValueError
        As `genopool.pool` does.

    References
    ----------
    Voracek M, Kossmeier M, Tran US (2019) Z Psychol 227:64.
    """
    y, v = check_pair(log_or, variance)
    pairs = specifications()
    fits = [
        pool(y, v, tau2=tau2, interval=interval, level=level, prediction="none")
        for tau2, interval in pairs
    ]
    return SpecificationCurve(
        tau2_method=tuple(tau2 for tau2, _ in pairs),
        interval=tuple(interval for _, interval in pairs),
        **{name: np.stack([getattr(fit, name) for fit in fits], axis=-1) for name in _COLUMNS},
        k=fits[0].k,
        level=level,
    )
