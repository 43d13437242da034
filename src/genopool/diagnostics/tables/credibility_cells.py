"""A row of `credibility.tsv`, and the pooled estimates on the normal scale that they rest on."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from genopool.diagnostics.tables.pools import Pools
from genopool.ratios import ratio

Cells = list[dict[str, Any]]


def cell(
    quantity: str,
    value: float = np.nan,
    *,
    given_or: float = np.nan,
    prior: float = np.nan,
    ci_low: float = np.nan,
    ci_high: float = np.nan,
    caution: str = "",
    reason: str = "",
) -> dict[str, Any]:
    """The columns of a row beside those that name its pool."""
    return {
        "quantity": quantity,
        "given_or": given_or,
        "prior": prior,
        "value": float(value),
        "ci_low": ci_low,
        "ci_high": ci_high,
        "caution": caution,
        "reason": reason,
    }


def absent(quantity: str, reason: str) -> dict[str, Any]:
    """A row that says why a quantity does not exist."""
    return cell(quantity, reason=reason)


def odds_ratio_cell(
    quantity: str, log_value: float, low: float, high: float, caution: str = ""
) -> dict[str, Any]:
    """A row of an odds ratio, or of a ratio of them, from logarithms."""
    value, ci_low, ci_high = (ratio(float(x)) for x in (log_value, low, high))
    return cell(quantity, value, ci_low=ci_low, ci_high=ci_high, caution=caution)


def numbers(pools: Pools, column: str) -> np.ndarray:
    """A column of the pools' rows."""
    return np.array([row[column] for row in pools.rows], dtype=float)


def normal_scale(pools: Pools) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Pooled log odds ratios with the standard error of a normal estimate that has the pool's p.

    What takes an estimate as normal would make too much of one whose test is a t on few degrees
    of freedom: there the standard error is |log odds ratio| / z, z being the normal deviate of
    the p-value.

    Parameters
    ----------
    pools : Pools

    Returns
    -------
    log_or, se : ndarray, shape (pools,)
        NaN in both without a finite estimate and standard error. A Wald test's are its own.
    caution : list of str
        What was done.
    """
    log_or, se, p = (numbers(pools, name) for name in ("log_or", "se", "p_value"))
    there = np.isfinite(log_or) & np.isfinite(se) & (se > 0)
    z = np.abs(ndtri(p / 2))
    is_wald = np.array([row["interval"] == "wald" for row in pools.rows])
    matched = there & ~is_wald & np.isfinite(z) & (z > 0) & (log_or != 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.where(matched, np.abs(log_or) / z, se)
    cautions = []
    for i, row in enumerate(pools.rows):
        if row["method"] == "bayes":
            cautions.append("the posterior distribution taken as normal")
        elif matched[i]:
            cautions.append(f"taken as normal, with the p-value of the {row['interval']} interval")
        else:
            cautions.append("")
    return np.where(there, log_or, np.nan), np.where(there, se, np.nan), cautions
