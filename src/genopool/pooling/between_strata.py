"""The test that the pooled odds ratios of strata are equal."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

from genopool.pooling.intervals import IDENTICAL, check_interval
from genopool.pooling.names import check_name
from genopool.pooling.study_sets import StudySets, check_pair, in_strata
from genopool.pooling.tau2 import TAU2_METHODS, estimate_tau2

BETWEEN = ("common", "separate")
#: Intervals whose test is an F: Q_M over S - 1 and over the residual mean square, that or 1 if
#: less, or 1.
_F_SCALED = ("hartung-knapp",)
_F_NEVER_NARROWER = ("hartung-knapp-adhoc", "hartung-knapp-iqwig")
_F_UNSCALED = ("wald-t",)
_MOST_ELEMENTS = 1 << 15


@dataclass(frozen=True)
class BetweenStrata:
    """Between-stratum test; every array has the leading axes of the data, NaN where no test.

    Attributes
    ----------
    statistic, df1, df2, p_value : ndarray
        F on (df1, df2), or chi² on df1 with `df2` NaN.
    distribution : str
        `F` or `chi2`.
    strata : ndarray of int
        Strata with a study.
    k : ndarray of int
        Studies in them.
    status : ndarray of str
        Blank, or why there is no test: `fewer than two strata`, `no more studies than strata`.
    between : str
        `common` or `separate` tau².
    """

    statistic: np.ndarray
    distribution: str
    df1: np.ndarray
    df2: np.ndarray
    p_value: np.ndarray
    strata: np.ndarray
    k: np.ndarray
    status: np.ndarray
    between: str


def _whole_labels(strata) -> np.ndarray:
    """Labels as whole numbers, -1 for none."""
    given = np.asarray(strata)
    if given.dtype.kind in "iu":
        return given
    names = np.asarray(strata, dtype=object)
    numbers: dict[object, int] = {}
    whole = [
        -1 if name is None or name != name else numbers.setdefault(name, len(numbers))
        for name in names.ravel()
    ]
    return np.array(whole, dtype=int).reshape(names.shape)


def between_strata(
    log_or,
    variance,
    strata,
    *,
    tau2: str = "REML",
    interval: str | None = None,
    between: str = "common",
) -> BetweenStrata:
    """Test that strata have the same pooled log odds ratio.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    strata : array_like, shape (studies,) or (..., studies)
        Label of each study's stratum: whole numbers, -1 for none; or any other labels, None or
        NaN for none.
    tau2 : str
        `EE`, or the estimator of the (residual or separate) between-study variance.
    interval : str, optional
        Interval of the means, which settles the test under `common`: F on S-1 and k-S degrees of
        freedom with a Hartung-Knapp interval (Knapp and Hartung 2003; variance factor at least 1
        for the never-narrower ones) or with `wald-t` (variance factor 1), else chi² on S-1. Left
        out: as in `pool`.
    between : str
        `common`: mixed-effects model with a dummy for each stratum and one residual tau².
        `separate`: tau² estimated in each stratum, sum of (theta_s - theta)² / se_s² against chi²
        on S-1 with Wald standard errors, whatever the interval: the Hartung-Knapp standard error
        of a stratum of two studies would reject far too often.

    Returns
    -------
    BetweenStrata
        Without a test (NaN, and the reason in `status`) below two strata or with no more studies
        than strata.

    Raises
    ------
    ValueError
        Unknown or impossible choices; impossible variances.
    """
    check_name("tau2", tau2, [m for m in TAU2_METHODS if m != "GENQ"])
    interval = check_interval(tau2, interval)
    check_name("between", between, BETWEEN)
    y, v = check_pair(log_or, variance)
    labels = np.broadcast_to(_whole_labels(strata), y.shape)
    if not y.shape[-1]:  # no study is like one that is absent
        y = v = np.full((*y.shape[:-1], 1), np.nan)
        labels = np.full(y.shape, -1)

    lead, studies = y.shape[:-1], y.shape[-1]
    n = math.prod(lead)
    y, v, labels = (x.reshape(n, studies) for x in (y, v, labels))
    if not n:  # one set of absent studies stands in for none, and is cut off again
        y = v = np.full((1, studies), np.nan)
        labels = np.full((1, studies), -1)
    places = max(np.unique(labels).size * studies, 1)
    step = max(16, _MOST_ELEMENTS // places)
    f_intervals = (*_F_SCALED, *_F_NEVER_NARROWER, *_F_UNSCALED)
    use_f = between == "common" and interval in f_intervals
    test = _common if between == "common" else _separate
    parts = []
    for start in range(0, max(n, 1), step):
        s = in_strata(*(x[start : start + step] for x in (y, v, labels)))
        with np.errstate(all="ignore"):
            q, residual = test(s, tau2)
            df1, df2 = s.p - 1.0, (s.df if use_f else np.full(s.k.shape, np.nan))
            if use_f:
                factor = residual / s.df
                widened = (factor < IDENTICAL) | (interval in _F_NEVER_NARROWER)
                factor = np.where(widened, np.maximum(factor, 1), factor)
                statistic = q / df1 / (1.0 if interval in _F_UNSCALED else factor)
                p_value = fdtrc(df1, df2, statistic)
            else:
                statistic, p_value = q, chdtrc(df1, q)
        undefined = (s.p < 2) | (s.df < 1)
        numbers = [np.where(undefined, np.nan, x) for x in (statistic, df1, df2, p_value)]
        parts.append((*numbers, s.p, s.k))
    statistic, df1, df2, p_value, number, k = (
        np.concatenate(x)[:n].reshape(lead) for x in zip(*parts, strict=True)
    )
    few = np.where(k <= number, "no more studies than strata", "")
    return BetweenStrata(
        statistic[()],
        "F" if use_f else "chi2",
        df1[()],
        df2[()],
        p_value[()],
        number[()],
        k[()],
        np.where(number < 2, "fewer than two strata", few)[()],
        between,
    )


def _common(s: StudySets, tau2: str) -> tuple[np.ndarray, np.ndarray]:
    """Q_M and the residual weighted sum of squares under one residual tau²."""
    t = estimate_tau2(s, tau2)
    w1, mean, residual = _stratum_means(s, np.where(np.isnan(t), 0.0, t))
    return _spread(mean, w1), residual.sum(axis=0)


def _separate(s: StudySets, tau2: str) -> tuple[np.ndarray, np.ndarray]:
    """Q_B with tau² estimated in each stratum (0 in strata of one study)."""
    groups, sets = s.anchor.shape
    number = s.present.sum(axis=0).reshape(-1)
    alone = StudySets(
        s.y.reshape(-1, 1, groups * sets),
        s.v.reshape(-1, 1, groups * sets),
        s.anchor.reshape(1, -1),
        number,
        np.minimum(number, 1),
        s.first.reshape(1, -1),
    )
    t = estimate_tau2(alone, tau2)
    t = np.where(np.isnan(t), 0.0, t).reshape(groups, sets)
    w1, mean, residual = _stratum_means(s, t)
    return _spread(mean, w1), residual.sum(axis=0)


def _stratum_means(s: StudySets, tau2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum of weights, mean and weighted residual sum of squares of each stratum."""
    w = 1.0 / (s.v + tau2)
    w1 = w.sum(axis=0)
    mean = np.einsum("kgn,kgn->gn", w, s.y) / np.where(w1 > 0, w1, 1.0)
    r = s.y - mean
    return w1, mean + s.anchor, np.einsum("kgn,kgn,kgn->gn", w, r, r)


def _spread(mean: np.ndarray, w1: np.ndarray) -> np.ndarray:
    """Weighted sum of squares of the stratum means about their own mean."""
    centre = (w1 * mean).sum(axis=0) / w1.sum(axis=0)
    return (w1 * (mean - centre) ** 2).sum(axis=0)
