"""The rows of `small_study.tsv`: do small studies show other odds ratios than large ones?"""

from __future__ import annotations

from typing import Any

import numpy as np

from genopool.diagnostics.small_study import (
    FEW_STUDIES,
    STANDARD_TESTS,
    TESTS,
    SmallStudyRow,
    rows_of_sample,
)
from genopool.diagnostics.small_study_looks import Sample, fill_both_sides
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
    samples = _samples(pools, tests)
    rows: Rows = []
    for i, effects in enumerate(pools.effects):
        key = {"locus": pools.locus, **pools.key(i)}
        k = len(effects)
        if k < FEWEST_FOR_A_FUNNEL:
            few = {"test": "all", "k": k, "recommended": "no", "caution": FEW_STUDIES}
            rows.append(key | few | {"reason": _NO_FUNNEL})
        else:
            of_alleles = pools.sets[i].model in _ALLELE_MODELS
            found = rows_of_sample(samples[i], tests)
            rows += [key | _as_row(one, of_alleles=of_alleles) for one in found]
    return rows


def chosen_tests(diagnostics: tuple[str, ...]) -> tuple[str, ...]:
    """The tests that a choice of diagnostics asks for; the verdict needs the standard ones."""
    standard = "small_study" in diagnostics or "verdict" in diagnostics
    searched = {test for name, of in _BY_SEARCH.items() if name in diagnostics for test in of}
    return tuple(t for t in TESTS if t in searched or (standard and t in STANDARD_TESTS))


def _samples(pools: Pools, tests: tuple[str, ...]) -> list[Sample]:
    """The studies of each pool; what takes long is done for all of them at once."""
    if not pools.sets:
        return []
    log_or, variance = pools.pair
    # The order of the files does not reach the last digit. Absent studies come last.
    order = np.lexsort((log_or, variance), axis=-1)
    y, v = (np.take_along_axis(values, order, axis=-1) for values in (log_or, variance))
    counts = np.take_along_axis(pools.tables, order[None], axis=-1)
    choices = pools.choices
    estimators = [name for name in ESTIMATORS if any(f"_{name}_" in test for test in tests)]
    filled = {name: fill_both_sides(y, v, name, **choices) for name in estimators}
    return [
        Sample(
            list(counts[:, i, :k]),
            y[i, :k],
            v[i, :k],
            **choices,
            filled={name: found.of_set(i) for name, found in filled.items()},
        )
        for i, k in enumerate(map(len, pools.effects))
    ]


def _as_row(one: SmallStudyRow, *, of_alleles: bool) -> dict[str, Any]:
    row: dict[str, Any] = {**vars(one), "recommended": "yes" if one.recommended else "no"}
    row["k_filled"] = None if one.k_filled < 0 else one.k_filled
    if of_alleles and one.test in _NEED_COUNTS:
        row["caution"] = "; ".join(filter(None, (one.caution, _OF_ALLELES)))
    return row
