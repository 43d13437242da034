"""The rows of `credibility.tsv`: how far each pooled result can be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from genopool.diagnostics.excess_significance import excess_significance
from genopool.diagnostics.fail_safe import fail_safe_n
from genopool.diagnostics.false_positives import bayesian_false_discovery, false_positive_report
from genopool.diagnostics.tables.credibility_cells import (
    Cells,
    absent,
    cell,
    normal_scale,
    numbers,
    odds_ratio_cell,
)
from genopool.diagnostics.tables.credibility_information import (
    information_cells,
    power_cells,
    sequential_cells,
)
from genopool.diagnostics.tables.credibility_strata import difference_cells
from genopool.diagnostics.tables.pools import Pools, Rows
from genopool.diagnostics.winners_curse import winners_curse

#: Two-sided level at which a pooled result counts as significant.
ALPHA = 0.05
ONE_STUDY = "one study"
NO_ESTIMATE = "the pooled odds ratio has no finite estimate with a standard error"
NOT_SIGNIFICANT = "not significant"
FAIL_SAFE = ("rosenthal", "orwin", "rosenberg")
EXCESS = ("observed", "expected")

Maker = Callable[[Pools], Iterator[tuple[int, Cells]]]


def credibility_rows(pools: Pools) -> Rows:
    """What the credibility of every pooled result rests on, one quantity a row.

    Parameters
    ----------
    pools : Pools

    Returns
    -------
    list of dict
        Each pool's rows together, in the order of the pools.
    """
    by_pool: list[Rows] = [[] for _ in pools.rows]
    if pools.rows:
        for make in MAKERS:
            for i, cells in make(pools):
                by_pool[i] += [{"locus": pools.locus, **pools.key(i), **c} for c in cells]
    return [row for rows in by_pool for row in rows]


def _false_positives(pools: Pools) -> Iterator[tuple[int, Cells]]:
    """FPRP over odds ratios and priors, BFDP over priors' odds ratios and priors, Bayes factors."""
    log_or, se, cautions = normal_scale(pools)
    report = false_positive_report(log_or, se)
    bayes = bayesian_false_discovery(log_or, se)
    names = ("fprp", "bfdp", "log10_bayes_factor")
    for i, caution in enumerate(cautions):
        if np.isnan(log_or[i]):
            yield i, [absent(name, NO_ESTIMATE) for name in names]
            continue
        of = partial(cell, caution=caution)
        yield (
            i,
            [
                *_grid("fprp", report.fprp[i], report.odds_ratios, report.priors, caution),
                *_grid("bfdp", bayes.bfdp[i], bayes.largest, bayes.priors, caution),
                *(
                    of("log10_bayes_factor", value, given_or=float(largest))
                    for value, largest in zip(
                        bayes.log10_bayes_factor[i], bayes.largest, strict=True
                    )
                ),
            ],
        )


def _grid(
    name: str, values: np.ndarray, odds_ratios: np.ndarray, priors: np.ndarray, caution: str
) -> Cells:
    return [
        cell(name, values[a, b], given_or=float(size), prior=float(prior), caution=caution)
        for a, size in enumerate(odds_ratios)
        for b, prior in enumerate(priors)
    ]


def _winners_curse(pools: Pools) -> Iterator[tuple[int, Cells]]:
    log_or, se, cautions = normal_scale(pools)
    p = numbers(pools, "p_value")
    shrunk = winners_curse(log_or, se, alpha=ALPHA, level=pools.config.pooling.level)
    for i, caution in enumerate(cautions):
        if np.isnan(log_or[i]):
            made = absent("winners_curse_or", NO_ESTIMATE)
        # Without a p (Bayes), what the function calls significant.
        elif shrunk.reason[i] or p[i] >= ALPHA:
            made = absent("winners_curse_or", NOT_SIGNIFICANT)
        else:
            limits = shrunk.ci_low[i], shrunk.ci_high[i]
            made = odds_ratio_cell("winners_curse_or", shrunk.compromise[i], *limits, caution)
        yield i, [made]


def _of_several_studies(
    pools: Pools, values: Mapping[str, np.ndarray], caution: str = ""
) -> Iterator[tuple[int, Cells]]:
    """Quantities by name, of pools that have more than one study."""
    for i, row in enumerate(pools.rows):
        if row["k"] < 2:
            yield i, [absent(name, ONE_STUDY) for name in values]
        else:
            yield i, [cell(name, value[i], caution=caution) for name, value in values.items()]


def _fail_safe(pools: Pools) -> Iterator[tuple[int, Cells]]:
    found = fail_safe_n(*pools.pair)
    values = {f"fail_safe_{name}": getattr(found, name) for name in FAIL_SAFE}
    return _of_several_studies(pools, values, found.caution)


def _excess_significance(pools: Pools) -> Iterator[tuple[int, Cells]]:
    found = excess_significance(*pools.pair, tau2=pools.choices["tau2"])
    values = {f"excess_significance_{name}": getattr(found, name) for name in EXCESS}
    return _of_several_studies(pools, values)


MAKERS: tuple[Maker, ...] = (
    _false_positives,
    _winners_curse,
    power_cells,
    information_cells,
    sequential_cells,
    _fail_safe,
    _excess_significance,
    difference_cells,
)
