"""Copas' selection model: publication depends on a study's precision and on its own effect."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, log_ndtr, ndtr, ndtri

from genopool.diagnostics.checking import check_probability
from genopool.diagnostics.likelihood_maximum import covariance, maximise
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_level
from genopool.pooling.study_sets import check_pair

_LARGEST_CORRELATION = 0.9999
_LOG_ROOT_2PI = 0.5 * math.log(2 * math.pi)
_NO_SPREAD = 1e-7
_GAMMA0 = (-1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
#: Multiples of the largest standard error: at the top the least precise study is surely published.
_GAMMA1_SHARES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.5)
_FEWEST = 4


@dataclass(frozen=True)
class Copas:
    """Copas' model over a grid of selection; the grid's axes follow the leading axes of the data.

    Attributes
    ----------
    gamma0 : ndarray, shape (gamma0,)
    gamma1 : ndarray, shape (..., gamma1)
        A study with standard error s is published with probability Phi(gamma0 + gamma1 / s).
    log_or, se : ndarray, shape (..., gamma0, gamma1)
        The mean log odds ratio of all studies, published or not, at that selection.
    tau2, correlation, log_likelihood : ndarray, shape (..., gamma0, gamma1)
        Between-study variance, and correlation of a study's error with its being published.
    residual_p : ndarray, shape (..., gamma0, gamma1)
        Likelihood-ratio test for a small-study effect that this selection leaves unexplained.
    published_smallest : ndarray, shape (..., gamma0, gamma1)
        Probability that the study with the largest standard error is published.
    unpublished : ndarray, shape (..., gamma0, gamma1)
        Expected number of studies that are not.
    adjusted_log_or, adjusted_se, ci_low, ci_high, p_value : ndarray
        At the least selection that leaves no small-study effect (`residual_p` above `alpha`).
    chosen : ndarray of int, shape (..., 2)
        Its place on the grid; -1 where there is none.
    k : ndarray of int
    reason : ndarray of str
    alpha, level : float
    """

    gamma0: np.ndarray
    gamma1: np.ndarray
    log_or: np.ndarray
    se: np.ndarray
    tau2: np.ndarray
    correlation: np.ndarray
    log_likelihood: np.ndarray
    residual_p: np.ndarray
    published_smallest: np.ndarray
    unpublished: np.ndarray
    adjusted_log_or: np.ndarray
    adjusted_se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p_value: np.ndarray
    chosen: np.ndarray
    k: np.ndarray
    reason: np.ndarray
    alpha: float
    level: float


_ON_GRID = ("log_or", "se", "tau2", "correlation", "log_likelihood", "residual_p")
_ON_GRID += ("published_smallest", "unpublished")


def copas(
    log_or, variance, *, gamma0=_GAMMA0, gamma1=None, alpha: float = 0.1, level: float = 0.95
) -> Copas:
    """Copas' selection model, as a sensitivity analysis over how strong selection was.

    The data cannot tell gamma0 and gamma1; for each pair on the grid the mean, tau² and the
    correlation are those of maximum likelihood.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    gamma0 : sequence of float
        Propensity to publish a study of unlimited standard error.
    gamma1 : sequence of float, optional
        Its increase with one over the standard error, not negative. Left out: multiples of each
        set's largest standard error, up to certain publication.
    alpha : float
        Level of the test that decides which selection suffices.
    level : float
        Level of the interval.

    Returns
    -------
    Copas

    Raises
    ------
    ValueError
        Impossible variances, grid, `alpha` or level.

    References
    ----------
    Copas JB, Shi JQ (2000) Biostatistics 1:247; (2001) Stat Methods Med Res 10:251. Carpenter JR
    et al. (2009) J Clin Epidemiol 62:624 (which point of the grid to read).
    """
    check_level(level)
    check_probability("alpha", alpha)
    y, v = check_pair(log_or, variance)
    g0 = _checked("gamma0", gamma0)
    given = None if gamma1 is None else _checked("gamma1", gamma1, least=0.0)
    lead = y.shape[:-1]
    y, v = (x.reshape(math.prod(lead), y.shape[-1]) for x in (y, v))
    start = pool(y, v, tau2="ML", interval="wald", prediction="none")
    across = len(_GAMMA1_SHARES) if given is None else given.size
    grid = {name: np.full((y.shape[0], g0.size, across), np.nan) for name in _ON_GRID}
    g1 = np.full((y.shape[0], across), np.nan)
    chosen = np.full((y.shape[0], 2), -1)
    reason = np.full(y.shape[0], "no selection on the grid explains the small-study effect")
    k = np.isfinite(y).sum(axis=-1)
    for i in range(y.shape[0]):
        there = np.isfinite(y[i])
        if k[i]:
            largest = math.sqrt(v[i, there].max())
            g1[i] = given if given is not None else largest * np.array(_GAMMA1_SHARES)
        if k[i] < _FEWEST:
            reason[i] = f"fewer than {_FEWEST} studies"
            continue
        begin = (float(start.estimate[i]), math.sqrt(float(start.tau2[i])))
        for name, values in _profile(y[i, there], v[i, there], g0, g1[i], begin).items():
            grid[name][i] = values
        suffices = (grid["residual_p"][i] > alpha) & np.isfinite(grid["log_or"][i])
        if suffices.any():
            unpublished = np.where(suffices, grid["unpublished"][i], np.inf)
            chosen[i] = np.unravel_index(unpublished.argmin(), unpublished.shape)
            reason[i] = ""
    row = np.arange(y.shape[0])
    at, error = (
        np.where(chosen[:, 0] >= 0, grid[name][row, chosen[:, 0], chosen[:, 1]], np.nan)
        for name in ("log_or", "se")
    )
    half = ndtri((1 + level) / 2) * error
    of_sets = {
        "adjusted_log_or": at,
        "adjusted_se": error,
        "ci_low": at - half,
        "ci_high": at + half,
        "p_value": 2 * ndtr(-np.abs(at / error)),
        "k": k,
        "reason": reason,
    }
    return Copas(
        gamma0=g0,
        gamma1=g1.reshape(*lead, across),
        **{name: values.reshape(*lead, g0.size, across) for name, values in grid.items()},
        **{name: values.reshape(lead)[()] for name, values in of_sets.items()},
        chosen=chosen.reshape(*lead, 2),
        alpha=alpha,
        level=level,
    )


def _checked(name: str, values, least: float = -np.inf) -> np.ndarray:
    values = np.atleast_1d(np.asarray(values, dtype=float))
    if values.ndim != 1 or not values.size or not (np.isfinite(values) & (values >= least)).all():
        what = "finite numbers" if least == -np.inf else f"finite numbers of at least {least:g}"
        raise ValueError(f"{name} must be one or more {what}, not {values!r}")
    return values


def log_likelihood(y, v, propensity, points: np.ndarray) -> np.ndarray:
    """Copas and Shi's log-likelihood of published studies.

    Parameters
    ----------
    y, v : ndarray, shape (studies,)
        Effects and reported variances, which are those of published studies.
    propensity : ndarray, shape (studies,)
        gamma0 + gamma1 / s.
    points : ndarray, shape (points, 4)
        Mean, tau², correlation, and slope of the mean on the standard error.

    Returns
    -------
    ndarray, shape (points,)
    """
    mean, tau2, rho, slope = (points[:, i : i + 1] for i in range(4))
    mills = np.exp(-(propensity**2) / 2 - _LOG_ROOT_2PI - log_ndtr(propensity))
    # selection narrows a study's error: the reported variance is the narrowed one
    own = v / (1 - rho**2 * mills * (propensity + mills))
    total = own + tau2
    z = (y - mean - slope * np.sqrt(v)) / np.sqrt(total)
    with_publication = rho * np.sqrt(own / total)
    inside = (propensity + with_publication * z) / np.sqrt(1 - with_publication**2)
    log_density = -(z**2) / 2 - np.log(total) / 2 - _LOG_ROOT_2PI
    return (log_density + log_ndtr(inside) - log_ndtr(propensity)).sum(axis=1)


def _profile(y, v, g0, g1, begin: tuple[float, float]) -> dict[str, np.ndarray]:
    """The maximum at every point of the grid, each started also from its neighbour's."""
    s = np.sqrt(v)
    mean, tau = begin
    floor = 0.2 * s.min()
    reach = 3 * (np.ptp(y) + s.max())
    low, high = [mean - reach, -reach, -10.0, -reach], [mean + reach, reach, 10.0, reach]
    out = {name: np.full((g0.size, g1.size), np.nan) for name in _ON_GRID}
    neighbour: list[np.ndarray] = []
    # from the least selection to the most, so that neighbours are alike
    for i in range(g0.size)[::-1]:
        for j in range(g1.size)[::-1]:
            propensity = g0[i] + g1[j] / s
            log_published = log_ndtr(propensity)
            out["published_smallest"][i, j] = ndtr(propensity[v.argmax()])
            out["unpublished"][i, j] = np.expm1(-log_published).sum()

            def natural(points: np.ndarray, propensity=propensity) -> np.ndarray:
                return log_likelihood(y, v, propensity, points)

            def of(x: np.ndarray, natural=natural) -> np.ndarray:
                points = np.zeros((len(x), 4))
                points[:, : x.shape[1]] = x
                return natural(_natural(points, s))

            starts = [[mean, max(tau, floor), turn] for turn in (0.0, 0.9, -0.9)] + neighbour
            best = maximise(of, starts, low[:3], high[:3])
            if not np.isfinite(best.value) or best.at_bound.any():
                continue
            neighbour = [best.at]
            point = _natural(np.append(best.at, 0.0)[None], s)[0]
            free = np.array([True, True, True, False])
            free[1] = point[1] >= _NO_SPREAD * v.min()
            free[2] = abs(point[2]) < _LARGEST_CORRELATION * (1 - 1e-6)
            again = [best.at, *starts[:3]]
            more = maximise(of, [np.append(start, 0.0) for start in again], low, high)
            out["log_or"][i, j], out["tau2"][i, j], out["correlation"][i, j] = point[:3]
            out["log_likelihood"][i, j] = best.value
            out["se"][i, j] = np.sqrt(covariance(natural, point, free)[0, 0])
            if np.isfinite(more.value):
                out["residual_p"][i, j] = chdtrc(1, max(0.0, 2 * (more.value - best.value)))
    return out


def _natural(x: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Mean, tau², correlation and slope from what is searched.

    That is the mean at the average standard error, tau, an angle for the correlation, and the slope
    per standard deviation of the standard errors, none of which goes with another.
    """
    centre = s.mean()
    slope = x[:, 3] / max(float(s.std()), 1e-6 * float(centre))
    correlation = _LARGEST_CORRELATION * np.sin(x[:, 2])
    return np.column_stack([x[:, 0] - slope * centre, x[:, 1] ** 2, correlation, slope])
