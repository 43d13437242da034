"""The rows of `influence.tsv`: how much each study weighs on its pool."""

from __future__ import annotations

import numpy as np

from genopool.diagnostics.influence import Influence, influence
from genopool.diagnostics.tables.pools import Pools, Rows

MEASURES = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "q_del", "hat")


def influence_rows(pools: Pools) -> Rows:
    """Deletion diagnostics of every study in every pool.

    Parameters
    ----------
    pools : Pools

    Returns
    -------
    list of dict
        Rows of `influence.tsv`: a row a study, in the order of the pool.

    Notes
    -----
    Of the inverse-variance pool, also where another method is configured, which has no such
    measures. `is_influential` follows metafor's rule, see `Influence.is_influential`.
    """
    if not pools.sets:
        return []
    found = influence(*pools.pair, tau2=pools.choices["tau2"])
    marked = found.is_influential
    rows = []
    for i, effects in enumerate(pools.effects):
        reason = _reason(pools, len(effects))
        for j, effect in enumerate(effects):
            rows.append(
                {
                    "locus": pools.locus,
                    **pools.key(i),
                    "study": effect.study,
                    "population": effect.population_name,
                    **{name: float(getattr(found, name)[i, j]) for name in MEASURES},
                    "weight": _weight(found, i, j),
                    "is_influential": "" if len(effects) == 1 else _yes(marked[i, j]),
                    "reason": reason,
                }
            )
    return rows


def _weight(found: Influence, i: int, j: int) -> float:
    """In per cent; a study alone has all of it."""
    return 100.0 if np.isfinite(found.hat[i]).sum() == 0 else 100 * float(found.hat[i, j])


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _reason(pools: Pools, k: int) -> str:
    """What the measures of a pool of k studies rest on, and which do not exist."""
    if k == 1:
        return "one study: nothing is left without it"
    method, tau2 = pools.config.pooling.method, pools.choices["tau2"]
    reasons = []
    if method != "inverse-variance":
        reasons.append(f"of the inverse-variance pool with {tau2}: {method} has no such measures")
    if tau2 == "EE":
        reasons.append("equal effects: no tau²")
    elif k == 2:
        reasons.append("two studies: no tau² and no Q without one of them")
    return "; ".join(reasons)
