"""Every chosen diagnostic of a locus, as the rows of its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from genopool.diagnostics.choice import chosen_tables
from genopool.diagnostics.tables.pools import Pools, Rows

#: How the rows of each table are made.
MAKERS: Mapping[str, Callable[[Pools], Rows]] = {}


def diagnose(pools: Pools) -> dict[str, Rows]:
    """The rows of every chosen table of diagnostics.

    Parameters
    ----------
    pools : Pools
        Of one locus, from `pools_of`.

    Returns
    -------
    dict of str to list of dict
        By the table's name, in the order of `genopool.diagnostics.choice.TABLES`.
    """
    return {name: MAKERS[name](pools) for name in chosen_tables(pools.config.diagnostics)}
