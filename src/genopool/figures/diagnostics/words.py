"""The words that captions of diagnostic figures share."""

from __future__ import annotations

from genopool.diagnostics.tables.pools import Pools
from genopool.figures import method_wording, wording


def studies(pools: Pools, i: int) -> str:
    """``26 studies`` of a pool."""
    return wording.studies(int(pools.rows[i]["k"]), int(pools.rows[i]["k_studies"]))


def method(tau2: str, interval: str, level: float) -> str:
    """How studies are pooled, with the interval."""
    pooled = method_wording.method("inverse-variance", tau2, interval)
    return f"{pooled}, {method_wording.limits(interval, level)}"


def other_method(pools: Pools) -> str:
    """Why the pool is not by the configured method, if it is not: a sentence."""
    name = pools.config.pooling.method
    if name == "inverse-variance":
        return ""
    return (
        f"The configured method ({name}) has no such figure: this one is of the studies' own odds "
        "ratios, by inverse variance."
    )
