"""Variants of a pool, of some of its studies or of changed ones, as rows of `sensitivity.tsv`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from genopool.association.effects import Effect, PooledSet
from genopool.config import ALL, OVERALL
from genopool.diagnostics.tables.pools import Pools, Rows, subset
from genopool.pooling.settings import Pooling
from genopool.pooling.tables import POOLED_COLUMNS, pool_sets

_WORDS = ("method", "tau2_method", "interval", "prediction", "between_strata")


@dataclass(frozen=True)
class Variant:
    """A pool's studies as an analysis takes them; `i` is the pool's place."""

    i: int
    analysis: str
    members: Sequence[Effect]
    left_out: str = ""
    added: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unanswered:
    """An analysis that a pool does not have, and why."""

    i: int
    analysis: str
    reason: str
    left_out: str = ""


def variant_rows(
    pools: Pools, variants: Sequence[Variant | Unanswered], settings: Pooling
) -> list[tuple[int, dict[str, Any]]]:
    """Pool every variant.

    Parameters
    ----------
    pools : Pools
    variants : sequence of Variant or Unanswered
    settings : Pooling
        How variants are pooled.

    Returns
    -------
    list of (int, dict)
        The place of the pool and the row of `sensitivity.tsv`, in the order of the variants.
    """
    pooled = [variant for variant in variants if isinstance(variant, Variant)]
    numbers = iter(pool_sets(pools.locus, sets_of(pools, pooled), settings))
    return [
        (v.i, pooled_row(pools, v, next(numbers)) if isinstance(v, Variant) else _blank(pools, v))
        for v in variants
    ]


def sets_of(pools: Pools, variants: Sequence[Variant]) -> list[PooledSet]:
    """The studies of variants as sets to pool; overall ones, which always have a row."""
    return [
        replace(subset(pools.sets[v.i], v.members), stratifier=OVERALL, stratum=ALL)
        for v in variants
    ]


def pooled_row(pools: Pools, variant: Variant, numbers: dict[str, Any]) -> dict[str, Any]:
    """The row of `sensitivity.tsv` of a variant with its row of `pooled.tsv`."""
    said = [*variant.remarks, numbers["reason"]]
    return {
        **numbers,
        **pools.key(variant.i),
        "analysis": variant.analysis,
        "left_out": variant.left_out,
        "added": variant.added,
        "reason": "; ".join(filter(None, said)),
    }


def _blank(pools: Pools, unanswered: Unanswered) -> dict[str, Any]:
    return {
        **dict.fromkeys(POOLED_COLUMNS, np.nan),
        **dict.fromkeys(_WORDS, ""),
        "locus": pools.locus,
        **pools.key(unanswered.i),
        "analysis": unanswered.analysis,
        "left_out": unanswered.left_out,
        "added": "",
        "reason": unanswered.reason,
    }


def in_order_of_pools(rows: Sequence[tuple[int, dict[str, Any]]]) -> Rows:
    """The rows of each pool together, in the order in which they were made."""
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]
