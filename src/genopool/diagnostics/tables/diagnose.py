"""Every chosen diagnostic of a locus, as the rows of its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from genopool.diagnostics.choice import chosen_tables
from genopool.diagnostics.tables.credibility import credibility_rows
from genopool.diagnostics.tables.influence import influence_rows
from genopool.diagnostics.tables.metaregression import metaregression_rows
from genopool.diagnostics.tables.multiplicity import multiplicity_rows
from genopool.diagnostics.tables.pools import Pools, Rows
from genopool.diagnostics.tables.sensitivity import sensitivity_rows
from genopool.diagnostics.tables.small_study import small_study_rows
from genopool.diagnostics.tables.verdict import verdict_rows

#: How the rows of each table are made, but for the verdict.
MAKERS: Mapping[str, Callable[[Pools], Rows]] = {
    "sensitivity": sensitivity_rows,
    "influence": influence_rows,
    "small_study": small_study_rows,
    "metaregression": metaregression_rows,
    "multiplicity": multiplicity_rows,
    "credibility": credibility_rows,
}


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
    wanted = chosen_tables(pools.config.diagnostics)
    # The verdict rests on all of the others, whether or not they are written.
    needed = MAKERS if "verdict" in wanted else wanted
    made = {name: table_of(pools, name) for name in needed}
    if "verdict" in wanted:
        made["verdict"] = verdict_rows(pools, made)
    return {name: made[name] for name in wanted}


def table_of(pools: Pools, name: str) -> Rows:
    """The rows of one table, made when first asked for, so that figures show what it says."""
    if name not in pools.made:
        pools.made[name] = MAKERS[name](pools)
    return pools.made[name]
