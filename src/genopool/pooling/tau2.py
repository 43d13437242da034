"""Estimators of the between-study variance tau², under metafor's names.

All are truncated at 0. Formulas are for studies in p strata with their own means (p = 1 when
nothing is compared), so that they also give the residual tau² of a between-stratum test.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import chdtri

from genopool.pooling.likelihood import FULL, RESTRICTED, maximise
from genopool.pooling.moments import dersimonian_laird, general_moment, residual_q, solve_q
from genopool.pooling.study_sets import StudySets


def hedges(s: StudySets) -> np.ndarray:
    """HE (Hedges 1983), also called Cochran's ANOVA: the moment estimator with equal weights."""
    return general_moment(s, s.present.astype(float))


def dersimonian_laird_2(s: StudySets) -> np.ndarray:
    """DL2 (DerSimonian and Kacker 2007): moment estimator with the weights that DL leads to."""
    return general_moment(s, 1 / (s.v + dersimonian_laird(s)))


def cochran_anova_2(s: StudySets) -> np.ndarray:
    """CA2 (DerSimonian and Kacker 2007): moment estimator with the weights that HE leads to."""
    return general_moment(s, 1 / (s.v + hedges(s)))


def hunter_schmidt(s: StudySets, small_sample: bool = False) -> np.ndarray:
    """HS (Hunter and Schmidt 1990); HSk with Brannick et al.'s (2019) factor k / (k - p)."""
    q, _ = residual_q(s, np.zeros(s.k.shape))
    factor = s.k / s.df if small_sample else 1.0
    return np.maximum((factor * q - s.k) / (1 / s.v).sum(axis=(0, 1)), 0)


def sidik_jonkman(s: StudySets) -> np.ndarray:
    """SJ (Sidik and Jonkman 2005): the crude variance of the effects, corrected once."""
    y = np.where(s.present, s.y + s.anchor, 0)
    y = np.where(s.present, y - y.sum(axis=(0, 1)) / s.k, 0)
    crude = (y * y).sum(axis=(0, 1)) / s.k
    q, _ = residual_q(s, crude)
    return crude * q / s.df


def paule_mandel(s: StudySets) -> np.ndarray:
    """PM (Paule and Mandel 1982): Q(tau²) = k - p.

    EB (Morris 1983) and DLIT, the moment estimator with its own weights, solve the same equation.
    """
    return solve_q(s, s.df)


def paule_mandel_median(s: StudySets) -> np.ndarray:
    """PMM (Viechtbauer 2021): Q(tau²) = the median of chi² on k - p, median-unbiased."""
    return solve_q(s, chdtri(np.maximum(s.df, 1), 0.5))


ESTIMATORS: dict[str, Callable[[StudySets], np.ndarray]] = {
    "DL": dersimonian_laird,
    "DLIT": paule_mandel,
    "DL2": dersimonian_laird_2,
    "CA2": cochran_anova_2,
    "HE": hedges,
    "HS": hunter_schmidt,
    "HSk": lambda s: hunter_schmidt(s, small_sample=True),
    "SJ": sidik_jonkman,
    "ML": lambda s: maximise(s, FULL),
    "REML": lambda s: maximise(s, RESTRICTED),
    "EB": paule_mandel,
    "PM": paule_mandel,
    "PMM": paule_mandel_median,
}

#: Names accepted as `tau2`: equal effects, the estimators, and the one that is given weights.
TAU2_METHODS = ("EE", *ESTIMATORS, "GENQ")


def check_weights(method: str, weights, variance: np.ndarray) -> np.ndarray | None:
    """Weights of the generalised Q, broadcast to the shape of `variance` and 0 where it is NaN.

    Raises
    ------
    ValueError
        Weights without `GENQ` or `GENQ` without weights; a weight that is negative or not
        finite; a set in which fewer than two studies weigh more than 0.
    """
    if method != "GENQ":
        if weights is not None:
            raise ValueError(f"weights are for tau2 'GENQ' only, not {method!r}")
        return None
    if weights is None:
        raise ValueError("tau2 'GENQ' needs weights, one for each study")
    a = np.broadcast_to(np.asarray(weights, dtype=float), variance.shape)
    absent = np.isnan(variance)
    bad = ~absent & ~((a >= 0) & (a < np.inf))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"weights{list(index)} = {a[index]}: a weight is finite and not negative")
    a = np.where(absent, 0.0, a)
    if ((a > 0).sum(axis=-1) < np.minimum(2, (~absent).sum(axis=-1))).any():
        raise ValueError("weights: at least two studies of a set must weigh more than 0")
    return a


def estimate_tau2(s: StudySets, method: str, weights: np.ndarray | None = None) -> np.ndarray:
    """tau² by the named estimator: shape (sets,); NaN where no degree of freedom is left.

    Equal effects have no tau²: NaN. `weights`, shape (sets, studies), go with `GENQ`.
    """
    if method == "EE":
        return np.full(s.k.shape, np.nan)
    with np.errstate(all="ignore"):
        given = method == "GENQ"
        tau2 = general_moment(s, s.aligned(weights)) if given else ESTIMATORS[method](s)
    return np.where(s.df > 0, tau2, np.nan)
