"""Rows of `credibility.tsv`: what the studies could have found, and whether they are enough."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genopool.diagnostics.power import ODDS_RATIOS, power_of_pool, required_information
from genopool.diagnostics.sequential import sequential_monitoring
from genopool.diagnostics.tables.credibility_cells import Cells, absent, cell, numbers
from genopool.diagnostics.tables.pools import Pools

#: Odds ratio worth finding that the monitoring boundaries are for.
WORTH_FINDING = 1.2
SEQUENTIAL = ("sequential_z", "sequential_boundary", "sequential_crossed")
NO_PEOPLE = "not every study states its number of people"
ONE_STUDY = "one study: nothing to monitor"
NO_YEARS = "not every study has a year, and the boundary depends on the order of the studies"
OUT_OF_REACH = "no odds ratio has this power"
#: Beginnings of the names of intervals that rest on a t.
_T = ("hartung-knapp", "wald-t", "kenward-roger")


def power_cells(pools: Pools) -> Iterator[tuple[int, Cells]]:
    """Power for some odds ratios, and the smallest one that would be found with 80%."""
    tau2 = np.nan_to_num(numbers(pools, "tau2"))
    by_interval = {
        name: power_of_pool(pools.pair[1], tau2, interval=name)
        for name in ("wald", "hartung-knapp")
    }
    for i, row in enumerate(pools.rows):
        caution = _caution(pools, i)
        found = by_interval["hartung-knapp" if row["interval"].startswith(_T) else "wald"]
        detectable = found.detectable_odds_ratio[i]
        made = [
            cell("power", value, given_or=size, caution=caution)
            for value, size in zip(found.power[i], ODDS_RATIOS, strict=True)
        ]
        if np.isnan(detectable):
            made.append(absent("detectable_or", OUT_OF_REACH))
        else:
            made.append(cell("detectable_or", detectable, caution=caution))
        yield i, made


def information_cells(pools: Pools) -> Iterator[tuple[int, Cells]]:
    """People that an analysis needs, and the share of the information that is there."""
    people = numbers(pools, "n_cases") + numbers(pools, "n_controls")
    people[(numbers(pools, "k_without_n") > 0) | ~(people > 0)] = np.nan
    tau2 = np.nan_to_num(numbers(pools, "tau2"))
    needed = required_information(pools.pair[1], tau2, people=people)
    for i in range(len(pools.rows)):
        caution = _caution(pools, i)
        made = [absent("required_people", NO_PEOPLE)] if np.isnan(people[i]) else []
        for name, values in (
            ("required_people", needed.required_people[i]),
            ("information_fraction", needed.fraction[i]),
        ):
            made += [
                cell(name, value, given_or=size, caution=caution)
                for value, size in zip(values, ODDS_RATIOS, strict=True)
                if not np.isnan(value)
            ]
        yield i, made


def sequential_cells(pools: Pools) -> Iterator[tuple[int, Cells]]:
    """The last look of the cumulative analysis against its boundary."""
    orders = {i: look_order(pools, i) for i, row in enumerate(pools.rows) if row["k"] > 1}
    known = {i: order for i, order in orders.items() if order is not None}
    looked = dict(zip(known, _last_looks(pools, known), strict=True))
    for i in range(len(pools.rows)):
        reason = NO_YEARS if i in orders else ONE_STUDY
        yield i, looked.get(i) or [absent(name, reason) for name in SEQUENTIAL]


def _last_looks(pools: Pools, orders: dict[int, np.ndarray]) -> list[Cells]:
    """z, boundary, and whether z reaches it, of pools with the order of their studies."""
    if not orders:
        return []
    log_or, variance = (array[list(orders)] for array in pools.pair)
    order = np.full(log_or.shape, np.nan)
    for row, places in enumerate(orders.values()):
        order[row, : places.size] = places
    found = sequential_monitoring(
        log_or,
        variance,
        order,
        odds_ratio=WORTH_FINDING,
        tau2=pools.choices["tau2"],
        interval=pools.choices["interval"],
    )
    out = []
    for row, places in enumerate(orders.values()):
        looks = places.argsort()
        boundaries = found.boundary[row, looks]
        counted = int(np.flatnonzero(~np.isnan(boundaries))[-1])
        z, boundary = found.z[row, looks[-1]], boundaries[counted]
        said = [_of_method(pools)]
        if counted < looks.size - 1:
            said.append(
                f"the required information was reached with {counted + 1} of {looks.size} studies: "
                "the boundary is that of this look"
            )
        crosses = abs(z) >= boundary
        if found.crossed[row] and not crosses:
            said.append("an earlier look had crossed its boundary")
        caution = "; ".join(filter(None, said))
        out.append(
            [
                cell(name, value, given_or=WORTH_FINDING, caution=caution)
                for name, value in zip(SEQUENTIAL, (z, boundary, crosses), strict=True)
            ]
        )
    return out


def look_order(pools: Pools, i: int) -> np.ndarray | None:
    """The order in which the studies of a pool came in: by year, those of one year by name.

    Parameters
    ----------
    pools : Pools
    i : int
        Place of the pool.

    Returns
    -------
    ndarray of int, shape (studies,), or None
        0 for the first. None if a study has no year.
    """
    years = pools.years(i)
    if np.isnan(years).any():
        return None
    return np.lexsort((pools.labels(i), years)).argsort()


def _caution(pools: Pools, i: int) -> str:
    one = "one study: as if studies did not differ" if pools.rows[i]["k"] == 1 else ""
    return "; ".join(filter(None, (_of_method(pools), one)))


def _of_method(pools: Pools) -> str:
    method = pools.config.pooling.method
    if method == "inverse-variance":
        return ""
    return f"of the studies' own odds ratios by inverse variance, not by {method}"
