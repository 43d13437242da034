"""The rows of `small_study.tsv`: do small studies show other odds ratios than large ones?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from genopool.diagnostics.small_study import (
    FEW_STUDIES,
    STANDARD_TESTS,
    TESTS,
    rows_of_sample,
)
from genopool.diagnostics.small_study_looks import Filled, Sample, fill_both_sides
from genopool.diagnostics.tables.pools import Pools, Rows
from genopool.diagnostics.trim_and_fill import ESTIMATORS

FEWEST_FOR_A_FUNNEL = 3
#: Models of selection, by the name under `diagnostics:` that asks for them.
_BY_SEARCH = {"selection_models": ("step_selection", "beta_selection"), "copas": ("copas",)}
_NO_FUNNEL = "fewer than three studies: nothing can be told from a funnel"
_OF_ALLELES = (
    "alleles are counted as if they were people, which takes Hardy-Weinberg equilibrium for granted"
)
_ALLELE_MODELS = ("allelic", "additive")
_NEED_COUNTS = ("harbord", "peters", "ruecker", "deeks", "schwarzer", "macaskill")


def small_study_rows(pools: Pools) -> Rows:
    """Every look at small-study effects in every pool.

    Parameters
    ----------
    pools : Pools

    Returns
    -------
    list of dict
        Rows of `small_study.tsv`, in the order of `genopool.diagnostics.small_study.TESTS`; a
        pool of fewer than three studies has one row, `test` `all`, that says so.
    """
    tests = chosen_tests(pools.config.diagnostics)
    filled = _filled(pools, tests)
    rows: Rows = []
    for i, effects in enumerate(pools.effects):
        key = {"locus": pools.locus, **pools.key(i)}
        k = len(effects)
        if k < FEWEST_FOR_A_FUNNEL:
            few = {"test": "all", "k": k, "recommended": "no", "caution": FEW_STUDIES}
            rows.append(key | few | {"reason": _NO_FUNNEL})
        else:
            of_pool = {name: found.of_set(i) for name, found in filled.items()}
            rows += [key | row for row in rows_of_pool(pools, i, k, tests, of_pool)]
    return rows


def chosen_tests(diagnostics: tuple[str, ...]) -> tuple[str, ...]:
    """The tests that a choice of diagnostics asks for; the verdict needs the standard ones."""
    standard = "small_study" in diagnostics or "verdict" in diagnostics
    searched = {test for name, of in _BY_SEARCH.items() if name in diagnostics for test in of}
    return tuple(t for t in TESTS if t in searched or (standard and t in STANDARD_TESTS))


def rows_of_pool(
    pools: Pools,
    i: int,
    k: int,
    tests: tuple[str, ...],
    filled: Mapping[str, Filled] | None = None,
) -> Rows:
    """Rows of one pool of `k` studies, without the columns that name it."""
    log_or, variance = (values[i, :k] for values in pools.pair)
    # The order of the files does not reach the last digit.
    order = np.lexsort((log_or, variance))
    sample = Sample(
        list(pools.tables[:, i, order]),
        log_or[order],
        variance[order],
        **pools.choices,
        filled=dict(filled or {}),
    )
    of_alleles = pools.sets[i].model in _ALLELE_MODELS
    rows: Rows = []
    for one in rows_of_sample(sample, tests):
        row: dict[str, Any] = {**vars(one), "recommended": "yes" if one.recommended else "no"}
        row["k_filled"] = None if one.k_filled < 0 else one.k_filled
        if of_alleles and one.test in _NEED_COUNTS:
            row["caution"] = "; ".join(filter(None, (one.caution, _OF_ALLELES)))
        rows.append(row)
    return rows


def _filled(pools: Pools, tests: tuple[str, ...]) -> dict[str, Filled]:
    """Trim and fill of all pools at once, since it takes the longest."""
    if not pools.sets:
        return {}
    log_or, variance = pools.pair
    order = np.lexsort((log_or, variance), axis=-1)
    y, v = (np.take_along_axis(values, order, axis=-1) for values in (log_or, variance))
    estimators = [name for name in ESTIMATORS if any(f"_{name}_" in test for test in tests)]
    return {name: fill_both_sides(y, v, name, **pools.choices) for name in estimators}
