"""Coordinates of the plots that show which studies disagree: Baujat, Galbraith, L'Abbé."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genopool.association.counts import checked_counts
from genopool.diagnostics.sensitivity import leave_one_out
from genopool.pooling.inverse_variance import pool
from genopool.pooling.names import check_name
from genopool.pooling.study_sets import check_pair

SCALES = ("log-odds", "proportion")


@dataclass(frozen=True)
class Baujat:
    """Coordinates of a Baujat plot; arrays of shape (..., studies), NaN for an absent study.

    Attributes
    ----------
    heterogeneity : ndarray
        Horizontal: the study's part in Q (under equal effects), or its squared Pearson residual.
    influence : ndarray
        Vertical: squared change of the mean without the study, over the variance of that mean.
    """

    heterogeneity: np.ndarray
    influence: np.ndarray


def baujat(log_or, variance, *, tau2: str = "EE") -> Baujat:
    """Which studies make the heterogeneity, and which move the result.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tau2 : str
        `EE` as in the paper, or an estimator of tau².

    Returns
    -------
    Baujat
        Without influence for the one study of a set.

    Raises
    ------
    ValueError
        As `genopool.pool` does.

    References
    ----------
    Baujat B et al. (2002) Stat Med 21:2641 (metafor's `baujat`).
    """
    y, v = check_pair(log_or, variance)
    choices = {"tau2": tau2, "interval": "wald", "prediction": "none"}
    whole, without = pool(y, v, **choices), leave_one_out(y, v, **choices)
    mean = np.asarray(whole.estimate)[..., None]
    spread = np.nan_to_num(np.asarray(whole.tau2))[..., None] + v
    return Baujat((y - mean) ** 2 / spread, (without.estimate - mean) ** 2 / without.se**2)


@dataclass(frozen=True)
class Radial:
    """Coordinates of a Galbraith plot; NaN for an absent study.

    Attributes
    ----------
    precision, z : ndarray, shape (..., studies)
        One over the standard error, tau² included, and the log odds ratio times it. A line from
        the origin through a study has its log odds ratio as slope.
    slope, slope_low, slope_high : ndarray
        The pooled log odds ratio and its confidence limits.
    """

    precision: np.ndarray
    z: np.ndarray
    slope: np.ndarray
    slope_low: np.ndarray
    slope_high: np.ndarray


def radial(log_or, variance, **choices) -> Radial:
    """Galbraith's radial plot: studies within 2 of the line agree with the pool.

    Parameters
    ----------
    log_or, variance : array_like, shape (..., studies)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    **choices
        As `genopool.pool` takes them: `tau2`, `interval`, `level`.

    Returns
    -------
    Radial

    Raises
    ------
    ValueError
        As `genopool.pool` does.

    References
    ----------
    Galbraith RF (1988) Technometrics 30:271 (metafor's `radial`).
    """
    y, v = check_pair(log_or, variance)
    fit = pool(y, v, **choices)
    precision = 1 / np.sqrt(v + np.nan_to_num(np.asarray(fit.tau2))[..., None])
    return Radial(precision, y * precision, fit.estimate, fit.ci_low, fit.ci_high)


@dataclass(frozen=True)
class Labbe:
    """Coordinates of a L'Abbé plot; NaN for an absent study.

    Attributes
    ----------
    controls, cases : ndarray, shape (..., studies)
        Exposure in controls (horizontal) and cases (vertical), log odds or proportions.
    line_controls, line_cases : ndarray, shape (points,), (..., points)
        The pooled odds ratio as a line over all exposures in controls.
    """

    controls: np.ndarray
    cases: np.ndarray
    line_controls: np.ndarray
    line_cases: np.ndarray


def labbe(a, b, c, d, *, log_or=np.nan, scale: str = "proportion", points: int = 101) -> Labbe:
    """L'Abbé plot: exposure in cases against exposure in controls.

    Parameters
    ----------
    a, b, c, d : array_like, shape (..., studies)
        Cases with and without the exposure, controls with and without it; broadcast together.
        NaN in any marks an absent study.
    log_or : array_like, shape (...)
        The pooled log odds ratio, for the line.
    scale : str
        `proportion`, or `log-odds`, where ½ is added to all cells of a study with a zero.
    points : int
        Of the line.

    Returns
    -------
    Labbe

    Raises
    ------
    ValueError
        Negative counts, an unknown scale, fewer than 2 points.

    References
    ----------
    L'Abbé KA, Detsky AS, O'Rourke K (1987) Ann Intern Med 107:224 (metafor's `labbe`).
    """
    check_name("scale", scale, SCALES)
    if not isinstance(points, int) or points < 2:
        raise ValueError(f"points must be a whole number of at least 2, not {points!r}")
    a, b, c, d = checked_counts(a=a, b=b, c=c, d=d)
    there = (a + b > 0) & (c + d > 0)
    line = np.linspace(0, 1, points)
    with np.errstate(all="ignore"):
        if scale == "proportion":
            cases, controls = a / (a + b), c / (c + d)
        else:
            half = 0.5 * ((a == 0) | (b == 0) | (c == 0) | (d == 0))
            cases, controls = np.log((a + half) / (b + half)), np.log((c + half) / (d + half))
            inside = controls[there]
            ends = (inside.min(), inside.max()) if inside.size else (np.nan, np.nan)
            line = np.linspace(*ends, points)
        shift = np.asarray(log_or, dtype=float)[..., None]
        if scale == "proportion":
            # odds of p times the odds ratio, without dividing by 1 - p
            on_line = line * np.exp(shift) / (1 - line + line * np.exp(shift))
        else:
            on_line = line + shift
    return Labbe(np.where(there, controls, np.nan), np.where(there, cases, np.nan), line, on_line)
