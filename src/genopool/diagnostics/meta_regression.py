"""Meta-regression: what of the studies goes with their log odds ratios."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

from genopool.pooling.designs import COLLINEAR, DesignSets, product, project
from genopool.pooling.intervals import IDENTICAL, t_quantile, two_sided_p
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_level, check_name
from genopool.pooling.study_sets import check_pair
from genopool.pooling.tau2 import TAU2_METHODS, estimate_tau2

_MOST_ELEMENTS = 1 << 18

INTERVALS = ("wald", "hartung-knapp", "hartung-knapp-adhoc")


@dataclass(frozen=True)
class MetaRegression:
    """A meta-regression; arrays have the leading axes of the data, NaN where it does not exist.

    Attributes
    ----------
    coefficients, se, statistic, p_value, ci_low, ci_high : ndarray, shape (..., 1 + moderators)
        Intercept first: the log odds ratio where every moderator is 0, then its change with one
        unit of each.
    df : ndarray
        Degrees of freedom of t, k - p; NaN where the statistic is a z.
    covariance : ndarray, shape (..., 1 + moderators, 1 + moderators)
        Of the coefficients.
    tau2 : ndarray
        Residual between-study variance.
    i2 : ndarray
        Residual heterogeneity over unexplained variance, per cent.
    r2 : ndarray
        Share of tau² that the moderators account for, per cent, not below 0; NaN where tau²
        without them is 0.
    qm, qm_df, qm_df2, qm_p : ndarray
        Test of all moderators: chi² on `qm_df`, or F on (`qm_df`, `qm_df2`).
    qe, qe_df, qe_p : ndarray
        Test of residual heterogeneity.
    k : ndarray of int
        Studies with an effect and every moderator.
    status : ndarray of str
        Blank, or why there is no fit: `no more studies than coefficients`, `collinear moderators`.
    tau2_method, interval : str
    level : float
    """

    coefficients: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    df: np.ndarray
    covariance: np.ndarray
    tau2: np.ndarray
    i2: np.ndarray
    r2: np.ndarray
    qm: np.ndarray
    qm_df: np.ndarray
    qm_df2: np.ndarray
    qm_p: np.ndarray
    qe: np.ndarray
    qe_df: np.ndarray
    qe_p: np.ndarray
    k: np.ndarray
    status: np.ndarray
    tau2_method: str
    interval: str
    level: float


def meta_regression(
    log_or,
    variance,
    moderators,
    *,
    tau2: str = "REML",
    interval: str | None = None,
    level: float = 0.95,
) -> MetaRegression:
    """Regress log odds ratios on characteristics of the studies, with residual heterogeneity.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    moderators : array_like, shape (studies, moderators) or (..., studies, moderators)
        Numbers; a factor as one column of 0 and 1 for each level but the first. NaN in any leaves
        the study out. The intercept is added.
    tau2 : str
        `EE`, or the estimator of the residual tau² by metafor's name.
    interval : str, optional
        `hartung-knapp` (default; Knapp and Hartung 2003), `hartung-knapp-adhoc` (variance factor
        at least 1) or `wald` (the default under equal effects).
    level : float
        Level of the intervals.

    Returns
    -------
    MetaRegression

    Raises
    ------
    ValueError
        Unknown or impossible choices; impossible variances; shapes that do not fit.

    References
    ----------
    Knapp G, Hartung J (2003) Stat Med 22:2693. Raudenbush SW (2009) in Cooper, Hedges and
    Valentine, chapter 16 (R²). I² as metafor's `rma`, from the trace of P.
    """
    check_name("tau2", tau2, [m for m in TAU2_METHODS if m != "GENQ"])
    interval = _checked_interval(tau2, interval)
    check_level(level)
    y, v = check_pair(log_or, variance)
    x = np.asarray(moderators, dtype=float)
    if x.ndim < 2 or x.shape[-2] != y.shape[-1]:
        raise ValueError(
            f"moderators has shape {x.shape}; expected (..., {y.shape[-1]}, moderators), a row for "
            "each study"
        )
    lead = np.broadcast_shapes(y.shape[:-1], x.shape[:-2])
    studies, p = y.shape[-1], x.shape[-1] + 1
    n = math.prod(lead)
    y, v = (np.broadcast_to(a, (*lead, studies)).reshape(n, studies) for a in (y, v))
    x = np.broadcast_to(x, (*lead, studies, p - 1)).reshape(n, studies, p - 1)
    there = ~(np.isnan(y) | np.isnan(x).any(axis=-1))
    y, v = np.where(there, y, np.nan), np.where(there, v, np.nan)
    without = pool(y, v, tau2=tau2, interval="wald", prediction="none").tau2
    step = max(1, _MOST_ELEMENTS // max(studies * p, 1))
    parts = [
        fit_designs(*(a[start : start + step] for a in (y, v, x)), tau2, interval, level)
        for start in range(0, max(n, 1), step)
    ]
    out = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    with np.errstate(all="ignore"):
        share = 100 * np.maximum(0.0, (without - out["tau2"]) / without)
    out["r2"] = np.where((without > 0) & (out["status"] == ""), share, np.nan)
    return MetaRegression(
        **{name: values.reshape((*lead, *values.shape[1:]))[()] for name, values in out.items()},
        tau2_method=tau2,
        interval=interval,
        level=level,
    )


def _checked_interval(tau2: str, interval: str | None) -> str:
    if interval is None:
        return "wald" if tau2 == "EE" else "hartung-knapp"
    check_name("interval", interval, INTERVALS)
    if tau2 == "EE" and interval != "wald":
        raise ValueError(
            f"interval {interval!r} needs a between-study variance, and tau2 'EE' has none"
        )
    return interval


def _orthonormal(x: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An orthonormal design, the matrix that takes its coefficients to those of [1, x], and where
    there is one.

    Moderators are centred and scaled first, so that a year or a latitude costs no digits.

    Parameters
    ----------
    x : ndarray, shape (sets, studies, moderators)
    there : ndarray of bool, shape (sets, studies)

    Returns
    -------
    design : ndarray, shape (sets, studies, p)
    back : ndarray, shape (sets, p, p)
    full_rank : ndarray of bool, shape (sets,)
    """
    sets, studies, p = x.shape[0], x.shape[1], x.shape[2] + 1
    if studies < p:
        return np.zeros((sets, studies, p)), np.tile(np.eye(p), (sets, 1, 1)), np.zeros(sets, bool)
    x = np.where(there[..., None], x, 0.0)
    centre = x.sum(axis=1) / np.maximum(there.sum(axis=-1), 1)[:, None]
    about = np.where(there[..., None], x - centre[:, None], 0.0)
    length = np.sqrt((about**2).sum(axis=1))
    flat = length <= COLLINEAR * np.sqrt((x * x).sum(axis=1))
    scale = np.where(flat, 1.0, length)
    design, r = np.linalg.qr(
        np.concatenate([there[..., None] * 1.0, about / scale[:, None]], axis=2)
    )
    diagonal = np.abs(np.einsum("naa->na", r))
    full_rank = (diagonal > COLLINEAR).all(axis=1) & ~flat.any(axis=1)
    # [1, (x - centre) / scale] = [1, x] undo
    undo = np.tile(np.eye(p), (sets, 1, 1))
    undo[:, 0, 1:] = -centre / scale
    undo[:, range(1, p), range(1, p)] = 1 / scale
    return design, undo @ np.linalg.inv(np.where(full_rank[:, None, None], r, np.eye(p))), full_rank


def fit_designs(
    y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: str, interval: str, level: float
) -> dict[str, np.ndarray]:
    """The fields of `MetaRegression` but R², for checked arrays with one leading axis."""
    there = ~np.isnan(y)
    k, p = there.sum(axis=-1), x.shape[2] + 1
    design, back, full_rank = _orthonormal(x, there)
    usable = full_rank & (k > p)
    status = np.where(usable, "", "collinear moderators")
    status = np.where(k > p, status, "no more studies than coefficients")
    shape = {"coefficients": (p,), "covariance": (p, p)}
    out = {
        name: np.full((k.size, *shape.get(name, (p,) if name in _OF_COEFFICIENTS else ())), np.nan)
        for name in _NUMBERS
    }
    out |= {"k": k, "status": status}
    if usable.any():
        # studies that the line goes through exactly have no residual to divide by
        with np.errstate(divide="ignore", invalid="ignore"):
            fitted = _columns(_sets(y, v, design, usable), back[usable], tau2, interval, level)
        for name, values in fitted.items():
            out[name][usable] = values
    return out


_OF_COEFFICIENTS = ("coefficients", "se", "statistic", "p_value", "ci_low", "ci_high")
_NUMBERS = (*_OF_COEFFICIENTS, "covariance", "df", "tau2", "i2", *"qm qm_df qm_df2 qm_p".split())
_NUMBERS += ("qe", "qe_df", "qe_p")


def _sets(y: np.ndarray, v: np.ndarray, design: np.ndarray, usable: np.ndarray) -> DesignSets:
    """The usable sets, the most precise study of each first and its effect subtracted."""
    y, v, design = y[usable], np.nan_to_num(v[usable], nan=np.inf), design[usable]
    order = v.argsort(axis=-1, kind="stable")
    y, v = (np.take_along_axis(a, order, axis=-1) for a in (y, v))
    design = np.take_along_axis(design, order[..., None], axis=1)
    anchor = y[:, 0].copy()
    y = np.where(np.isinf(v), 0.0, y - anchor[:, None])
    number = np.isfinite(v).sum(axis=-1)
    rank = np.full(number.shape, design.shape[2])
    return DesignSets(
        y.T[:, None],
        v.T[:, None],
        anchor[None],
        number,
        rank,
        order[:, :1].T,
        design.transpose(1, 2, 0),
    )


def _columns(
    s: DesignSets, back: np.ndarray, tau2: str, interval: str, level: float
) -> dict[str, np.ndarray]:
    t = estimate_tau2(s, tau2)
    w = 1 / (s.v[:, 0] + np.nan_to_num(t))
    fit = project(s, w)
    weighted_ss = np.einsum("kn,kn,kn->n", w, fit.residual, fit.residual)
    coefficients = np.einsum("nab,nb->na", back, fit.coefficients)
    coefficients[:, 0] += s.anchor[0]
    wald = np.einsum("nab,nbc,ndc->nad", back, fit.inverse, back)
    factor, df = np.ones(t.shape), np.full(t.shape, np.nan)
    if interval != "wald":
        factor, df = weighted_ss / s.df, s.df.astype(float)
        widened = (factor < IDENTICAL) | (interval == "hartung-knapp-adhoc")
        factor = np.where(widened, np.maximum(factor, 1.0), factor)
    covariance = wald * factor[:, None, None]
    se = np.sqrt(np.einsum("naa->na", covariance))
    statistic = coefficients / se
    half = t_quantile(df, level)[:, None] * se
    moderators = s.p - 1.0
    inside = wald[:, 1:, 1:]
    b = coefficients[:, 1:]
    qm = np.einsum("na,na->n", b, np.linalg.solve(inside, b[..., None])[..., 0])
    if interval == "wald":
        qm_df2, qm_p = np.full(t.shape, np.nan), chdtrc(moderators, qm)
    else:
        qm = qm / factor / np.maximum(moderators, 1)
        qm_df2, qm_p = df, fdtrc(moderators, df, qm)
    some = moderators > 0
    w0 = 1 / s.v[:, 0]
    equal = project(s, w0)
    qe = np.einsum("kn,kn,kn->n", w0, equal.residual, equal.residual)
    trace = w0.sum(axis=0) - np.einsum("nab,nba->n", equal.inverse, product(s.x, w0 * w0))
    typical = s.df / trace
    i2 = np.maximum(0.0, 1 - s.df / qe) if tau2 == "EE" else t / (t + typical)
    return {
        "coefficients": coefficients,
        "se": se,
        "statistic": statistic,
        "p_value": two_sided_p(statistic, np.broadcast_to(df[:, None], statistic.shape)),
        "ci_low": coefficients - half,
        "ci_high": coefficients + half,
        "df": df,
        "covariance": covariance,
        "tau2": t,
        "i2": 100 * i2,
        "qm": np.where(some, qm, np.nan),
        "qm_df": moderators,
        "qm_df2": qm_df2,
        "qm_p": np.where(some, qm_p, np.nan),
        "qe": qe,
        "qe_df": s.df.astype(float),
        "qe_p": chdtrc(s.df, qe),
    }
