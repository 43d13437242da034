"""Boundaries for a meta-analysis that is done again whenever a study appears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, ndtri, ndtri_exp

from genopool.diagnostics.checking import check_probability, odds_ratios_off_one
from genopool.diagnostics.power import required_information
from genopool.diagnostics.sensitivity import cumulative
from genopool.pooling.inverse_variance import pool
from genopool.pooling.study_sets import check_pair

#: Beyond this z nothing happens: a boundary above it is shown as it is, and integrated to here.
_FURTHEST = 9.0
#: Nodes to each standard deviation of a step, and their least and largest number.
_DENSITY, _FEWEST, _MOST = 3.0, 64, 4096
_HALVINGS = 60
#: A look that adds less than this share to the information so far is none.
_LEAST_STEP = 1e-4
#: Gauss-Legendre nodes and weights of a panel.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def obrien_fleming_spending(fraction: ArrayLike, alpha: float = 0.05) -> np.ndarray:
    """Two-sided alpha spent by Lan and DeMets's function in the manner of O'Brien and Fleming.

    Parameters
    ----------
    fraction : array_like
        Information fraction, 0 or more; above 1 all is spent.
    alpha : float
        Two-sided significance level.

    Returns
    -------
    ndarray
        4 (1 - Phi(z_(alpha/4) / sqrt(fraction))): alpha/2 on either side.

    Raises
    ------
    ValueError
        A fraction that is negative; `alpha` not between 0 and 1.

    References
    ----------
    Lan KKG, DeMets DL (1983) Biometrika 70:659.
    """
    check_probability("alpha", alpha)
    t = np.asarray(fraction, dtype=float)
    if (t < 0).any():
        raise ValueError("fraction has negative values")
    with np.errstate(divide="ignore", over="ignore"):
        return 2 * np.exp(_log_spent_each_side(np.minimum(t, 1.0), alpha))


def _log_spent_each_side(fraction: np.ndarray, alpha: float) -> np.ndarray:
    """Log of alpha spent on one side, where next to nothing at an early look is still a number."""
    spent = np.log(2) + log_ndtr(ndtri(alpha / 4) / np.sqrt(fraction))
    # Phi of its own inverse can be off by rounding.
    return np.minimum(spent, np.log(alpha / 2))


def sequential_boundaries(fraction: ArrayLike, *, alpha: float = 0.05) -> np.ndarray:
    """Two-sided boundaries for |z| at several looks, by O'Brien-Fleming alpha spending.

    Parameters
    ----------
    fraction : array_like, shape (..., looks)
        Information over required information, above 0 and not decreasing; NaN is no look. The first
        look at 1 or above spends what is left, and is the last.

    Returns
    -------
    ndarray, shape (..., looks)
        The |z| that rejects at each look; NaN for no look and after the last; infinite for a look
        followed by one with almost the same information (1e-4 more), which does not count.

    Raises
    ------
    ValueError
        Fractions that decrease or are not above 0; `alpha` not between 0 and 1.

    Notes
    -----
    The probability of crossing at a look, and not before, is the alpha spent between them: the
    density of the score among sequences that have not crossed is integrated from look to look
    (Armitage, McPherson and Rowe 1969).

    References
    ----------
    Lan KKG, DeMets DL (1983) Biometrika 70:659. Armitage P, McPherson CK, Rowe BC (1969) J R Stat
    Soc A 132:235.
    """
    check_probability("alpha", alpha)
    t = np.asarray(fraction, dtype=float)
    if t.ndim == 0:
        raise ValueError("fraction needs an axis of looks; give a list or an array")
    out = np.full(t.shape, np.nan)
    known: dict[bytes, np.ndarray] = {}
    for index in np.ndindex(t.shape[:-1]):
        key = t[index].tobytes()
        if key in known:
            out[index] = known[key]
            continue
        there = np.flatnonzero(~np.isnan(t[index]))
        looks = t[index][there]
        if (looks <= 0).any() or (np.diff(looks) < 0).any() or np.isinf(looks).any():
            raise ValueError(
                f"fraction must be finite, above 0 and never decrease, not {looks.tolist()}"
            )
        used = there[: int((looks < 1).sum()) + 1]
        looks = np.minimum(t[index][used], 1.0)
        # From the last backwards, so that the last always is a look.
        kept = np.ones(looks.size, dtype=bool)
        following = np.inf
        for i in range(looks.size - 1, -1, -1):
            kept[i] = following - looks[i] >= _LEAST_STEP * looks[i]
            following = looks[i] if kept[i] else following
        limits = np.full(looks.size, np.inf)
        limits[kept] = _boundaries(looks[kept], alpha)
        out[(*index, used)] = limits
        known[key] = out[index].copy()
    return out


def _boundaries(t: np.ndarray, alpha: float) -> np.ndarray:
    """Boundaries of increasing fractions up to 1."""
    # In logs, on one side: what the first looks spend can be below the smallest double.
    with np.errstate(divide="ignore"):
        spent = _log_spent_each_side(t, alpha)
        steps = spent + np.log1p(-np.exp(np.concatenate([[-np.inf], spent[:-1] - spent[1:]])))
    limits = np.empty(t.size)
    scores, density = np.zeros(1), np.ones(1)
    for i, (now, step) in enumerate(zip(t, steps, strict=True)):
        before = t[i - 1] if i else 0.0
        sd = np.sqrt(now - before)
        limits[i] = _limit(scores, density, np.sqrt(now), sd, step) if i else -ndtri_exp(step)
        if i == t.size - 1:
            break
        edge = min(limits[i], _FURTHEST) * np.sqrt(now)
        # Nodes are as dense as this step and the next need them.
        finest = min(sd, np.sqrt(t[i + 1] - now))
        nodes = int(np.clip(_DENSITY * 2 * edge / finest, _FEWEST, _MOST))
        x, w = _panels(nodes)
        x, w = x * edge, w * edge
        kernel = np.exp(-(((x[:, None] - scores) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))
        scores, density = x, w * (kernel @ density)
    return limits


def _panels(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights on (-1, 1) in panels of 16."""
    panels = -(-nodes // _NODES.size)
    middles = (2 * np.arange(panels) + 1) / panels - 1
    return (middles[:, None] + _NODES / panels).ravel(), np.tile(_WEIGHTS / panels, panels)


def _limit(scores, density, root: float, sd: float, step: float) -> float:
    """The z that sequences still going exceed, on one side, with log probability `step`."""
    with np.errstate(divide="ignore"):
        logs = np.log(density)
    low, high = 0.0, 60.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = np.logaddexp.reduce(logs + log_ndtr((scores - middle * root) / sd))
        low, high = (middle, high) if beyond > step else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True)
class SequentialMonitoring:
    """A cumulative meta-analysis with its boundaries; shape (..., studies) unless said.

    Places are those of the studies given: each look is the pool of a study and all before it.

    Attributes
    ----------
    fraction : ndarray
        Information accrued over the diversity-adjusted required information.
    z : ndarray
        Cumulative z, converted from the p-value of the interval chosen.
    boundary : ndarray
        |z| that is significant; NaN once the required information was reached at an earlier look.
    estimate, ci_low, ci_high : ndarray
        Cumulative log odds ratio and its interval by the boundary (a repeated confidence interval).
    crossed : ndarray of bool, shape (...)
        Whether any look reached its boundary.
    reached : ndarray of bool, shape (...)
        Whether the required information was reached.
    required, diversity : ndarray, shape (...)
        Adjusted required information, and the D² it rests on.
    reason : ndarray of str, shape (...)
        Blank, or `no studies`.
    odds_ratio, alpha, power : float
    """

    fraction: np.ndarray
    z: np.ndarray
    boundary: np.ndarray
    estimate: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    crossed: np.ndarray
    reached: np.ndarray
    required: np.ndarray
    diversity: np.ndarray
    reason: np.ndarray
    odds_ratio: float
    alpha: float
    power: float


def sequential_monitoring(
    log_or,
    variance,
    order=None,
    *,
    odds_ratio: float = 1.2,
    alpha: float = 0.05,
    power: float = 0.8,
    tau2: str = "REML",
    interval: str | None = None,
) -> SequentialMonitoring:
    """Trial sequential analysis: the cumulative meta-analysis against monitoring boundaries.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    order : array_like, shape (studies,) or (..., studies), optional
        Studies come in by increasing value, as in `cumulative`.
    odds_ratio : float
        Odds ratio worth finding, which sets the required information.
    alpha, power : float
        Two-sided significance level, and power at the required information.
    tau2 : str
        As `genopool.pool` takes it.
    interval : str, optional
        As `genopool.pool` takes it: `hartung-knapp` (default), or `wald` under equal effects.

    Returns
    -------
    SequentialMonitoring

    Raises
    ------
    ValueError
        As `cumulative`, `required_information` and `genopool.pool`.

    Notes
    -----
    The required information is adjusted by the diversity of all studies. The level is exact for
    equal effects; where tau² is estimated, Hartung-Knapp's interval keeps nearer to it than Wald's.

    References
    ----------
    Wetterslev J, Thorlund K, Brok J, Gluud C (2008) J Clin Epidemiol 61:64. Jennison C, Turnbull
    BW (1989) J R Stat Soc B 51:305 (repeated confidence intervals).
    """
    if np.ndim(odds_ratio):
        raise ValueError(f"odds_ratio must be one number, not {odds_ratio!r}")
    odds_ratios_off_one("odds_ratio", odds_ratio)
    y, v = check_pair(log_or, variance)
    if interval is None:
        interval = "wald" if tau2 == "EE" else "hartung-knapp"
    fit = cumulative(y, v, order, tau2=tau2, interval=interval, prediction="none")
    between = pool(y, v, tau2=tau2, interval=interval, prediction="none").tau2
    needed = required_information(v, between, odds_ratios=[odds_ratio], alpha=alpha, power=power)
    required = needed.required_adjusted[..., 0]
    # The order once more, by the number of studies in each look.
    place = np.argsort(np.where(np.isnan(y), np.inf, fit.k), axis=-1, kind="stable")
    information = np.take_along_axis(np.where(np.isnan(v), np.nan, 1 / v), place, axis=-1)
    accrued = np.cumsum(information, axis=-1) / required[..., None]
    in_order = sequential_boundaries(accrued, alpha=alpha)
    fraction, boundary = np.full(y.shape, np.nan), np.full(y.shape, np.nan)
    np.put_along_axis(fraction, place, accrued, axis=-1)
    np.put_along_axis(boundary, place, in_order, axis=-1)
    # Far out the p-value is 0 and the z infinite; the interval's own se serves for limits.
    with np.errstate(invalid="ignore", divide="ignore"):
        z = -ndtri(fit.p_value / 2) * np.sign(fit.estimate)
        z = np.where(fit.p_value == 0, fit.statistic, z)
        half = boundary * np.abs(np.where(z == 0, fit.se, fit.estimate / z))
    some = needed.reason == ""
    return SequentialMonitoring(
        fraction=fraction,
        z=z,
        boundary=boundary,
        estimate=fit.estimate,
        ci_low=fit.estimate - half,
        ci_high=fit.estimate + half,
        crossed=(np.abs(z) >= boundary).any(axis=-1),
        reached=np.nan_to_num(fraction).max(axis=-1, initial=0.0) >= 1,
        required=required,
        diversity=needed.diversity,
        reason=np.where(some, "", "no studies"),
        odds_ratio=float(odds_ratio),
        alpha=alpha,
        power=power,
    )
