"""Rows of `credibility.tsv`: how far strata differ, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from scipy.special import ndtri

from genopool.config import OVERALL
from genopool.diagnostics.stratum_difference import stratum_difference
from genopool.diagnostics.tables.credibility_cells import (
    Cells,
    absent,
    cell,
    numbers,
    odds_ratio_cell,
)
from genopool.diagnostics.tables.pools import Pools

RATIO = "ratio_of_odds_ratios"
OPPOSITE = "probability_opposite"
MARGIN = 1.1
WITHIN = f"probability_within_{MARGIN}"


def difference_cells(pools: Pools) -> Iterator[tuple[int, Cells]]:
    """Every pair of a stratifier's strata, with the first one's rows."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for i, row in enumerate(pools.rows):
        if row["stratifier"] != OVERALL:
            group = row["effect_allele"], row["model"], row["stratifier"]
            groups.setdefault(group, []).append(i)
    why_not = {
        (row["effect_allele"], row["model"], row["stratifier"]): row["reason"]
        for row in pools.results.strata
    }
    pairs = []
    for group, strata in groups.items():
        if why_not[group]:
            yield strata[0], [absent(RATIO, why_not[group])]
        else:
            several = len(strata) * (len(strata) - 1) // 2
            pairs += [(one, other, several) for one, other in combinations(strata, 2)]
    if pairs:
        yield from _differences(pools, pairs)


def _differences(pools: Pools, pairs: list[tuple[int, int, int]]) -> Iterator[tuple[int, Cells]]:
    log_or, se = _from_intervals(pools)
    one, other, _ = np.array(pairs).T
    level = pools.config.pooling.level
    found = stratum_difference(
        log_or[one], se[one], log_or[other], se[other], margins=[MARGIN], level=level
    )
    for place, (i, j, several) in enumerate(pairs):
        names = f"{pools.rows[i]['stratum']} / {pools.rows[j]['stratum']}"
        if found.reason[place]:
            yield i, [absent(f"{RATIO}: {names}", "a stratum has no finite estimate and interval")]
            continue
        caution = f"one of {several} differences, not adjusted for that" if several > 1 else ""
        limits = found.ci_low[place], found.ci_high[place]
        ratio = odds_ratio_cell(f"{RATIO}: {names}", found.log_ratio[place], *limits, caution)
        within, opposite = found.probability_within[place, 0], found.probability_opposite[place]
        yield (
            i,
            [
                ratio,
                cell(f"{WITHIN}: {names}", within, caution=caution),
                cell(f"{OPPOSITE}: {names}", opposite, caution=caution),
            ],
        )


def _from_intervals(pools: Pools) -> tuple[np.ndarray, np.ndarray]:
    """Log odds ratios, and standard errors from the width of their intervals.

    So that a stratum of two studies, whose interval rests on one degree of freedom, is as unsure
    as its interval says (Altman and Bland 2003).
    """
    log_or = numbers(pools, "log_or")
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.log(numbers(pools, "ci_high")) - np.log(numbers(pools, "ci_low"))
    se = width / (2 * ndtri((1 + pools.config.pooling.level) / 2))
    there = np.isfinite(log_or) & np.isfinite(se) & (se > 0)
    return np.where(there, log_or, np.nan), np.where(there, se, np.nan)
