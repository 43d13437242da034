"""The rows of `sensitivity.tsv`: every pool without some of its studies, and by other choices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from genopool.config import OVERALL
from genopool.diagnostics.sensitivity import leave_two_out
from genopool.diagnostics.specification import specifications
from genopool.diagnostics.tables.equilibrium_sensitivity import (
    Departures,
    with_expected_controls,
    without_departures,
)
from genopool.diagnostics.tables.pools import KEYS, Pools, Rows, label
from genopool.diagnostics.tables.variants import (
    Unanswered,
    Variant,
    in_order_of_pools,
    pooled_row,
    sets_of,
    variant_rows,
)
from genopool.pooling.methods import pool_numbers
from genopool.pooling.settings import ONE_STAGE, Pooling
from genopool.pooling.tables import pool_sets, result_columns

ONE_STUDY = "one study: nothing is left without it"
PAIRS = ("leave_two_out_lowest", "leave_two_out_highest")
#: Where the configured method is fitted by search, its many refits are made for some pools only.
SLOW = "method {} is fitted by search: computed for overall pools only"
TOO_SLOW = "method {} is fitted by search: not computed for pairs"


def sensitivity_rows(pools: Pools) -> Rows:
    """Every pool without a study, two or those that depart, cumulated, and by other choices.

    Parameters
    ----------
    pools : Pools

    Returns
    -------
    list of dict
        Rows of `sensitivity.tsv`, those of a pool together.

    Notes
    -----
    Pools of some of the studies are by the configured method; those of `hwe_adjusted` too, unless
    it needs counts, and those of the specification curve by inverse variance.
    """
    settings = pools.config.pooling
    places = range(len(pools.sets))
    departures = Departures(pools)
    variants = [
        variant
        for i in places
        for variant in (
            *_without_one(pools, i),
            *_without_two(pools, i),
            *_cumulative(pools, i),
            without_departures(pools, i, departures),
        )
    ]
    adjusted = [with_expected_controls(pools, i, departures) for i in places]
    return in_order_of_pools(
        [
            *variant_rows(pools, variants, settings),
            *variant_rows(pools, adjusted, _of_odds_ratios(settings)),
            *_counts_only(pools),
            *_specification_curve(pools),
        ]
    )


def _of_odds_ratios(settings: Pooling) -> Pooling:
    """The configured method where it pools odds ratios, else REML with Hartung-Knapp."""
    return Pooling(level=settings.level) if settings.needs_counts else settings


def _is_spared(pools: Pools, i: int) -> bool:
    """Whether a pool is not refitted many times, since each fit takes long."""
    return pools.config.pooling.method in ONE_STAGE and pools.sets[i].stratifier != OVERALL


def _without_one(pools: Pools, i: int) -> Iterator[Variant | Unanswered]:
    effects, labels = pools.effects[i], pools.labels(i)
    analysis = "leave_one_out"
    if len(effects) == 1:
        yield Unanswered(i, analysis, ONE_STUDY)
    elif _is_spared(pools, i):
        yield Unanswered(i, analysis, SLOW.format(pools.config.pooling.method))
    else:
        for j, name in enumerate(labels):
            yield Variant(i, analysis, [*effects[:j], *effects[j + 1 :]], left_out=name)


def _without_two(pools: Pools, i: int) -> Iterator[Variant | Unanswered]:
    effects, labels = pools.effects[i], pools.labels(i)
    method = pools.config.pooling.method
    pairs: list[tuple[int, int]] = []
    reason = ""
    if len(effects) < 3:
        reason = "fewer than three studies: nothing is left without two"
    elif method in ONE_STAGE:
        reason = TOO_SLOW.format(method)
    elif method == "exact" and pools.sets[i].stratifier != OVERALL:
        reason = SLOW.format(method)
    else:
        pairs = _extreme_pairs(pools, i)
        reason = "" if pairs else "no pool without two studies has an odds ratio"
    if reason:
        yield from (Unanswered(i, analysis, reason) for analysis in PAIRS)
    for analysis, pair in zip(PAIRS, pairs, strict=False):
        kept = [effect for j, effect in enumerate(effects) if j not in pair]
        yield Variant(i, analysis, kept, left_out="; ".join(labels[j] for j in pair))


def _extreme_pairs(pools: Pools, i: int) -> list[tuple[int, int]]:
    """Places of the two studies without which the pooled odds ratio is lowest, and highest."""
    effects, settings = pools.effects[i], pools.config.pooling
    if settings.method == "inverse-variance":
        pair = [array[i, : len(effects)] for array in pools.pair]
        found = leave_two_out(*pair, **pools.choices)
        return [tuple(found.without_lowest), tuple(found.without_highest)]
    first, second = np.triu_indices(len(effects), 1)
    sets = [
        replace(pools.sets[i], effects=[e for j, e in enumerate(effects) if j not in pair])
        for pair in zip(first, second, strict=True)
    ]
    log_or = pool_numbers(sets, settings).log_or
    if np.isnan(log_or).all():
        return []
    return [
        (int(first[at]), int(second[at])) for at in (np.nanargmin(log_or), np.nanargmax(log_or))
    ]


def _cumulative(pools: Pools, i: int) -> Iterator[Variant | Unanswered]:
    years = pools.years(i)
    unknown = int(np.isnan(years).sum())
    missing = f"{unknown} of {years.size} studies have no year" if unknown else ""
    yield from _coming_in(pools, i, "cumulative_year", years, missing)
    variances = np.array([effect.se**2 for effect in pools.effects[i]])
    yield from _coming_in(pools, i, "cumulative_precision", variances)


def _coming_in(
    pools: Pools, i: int, analysis: str, order: np.ndarray, reason: str = ""
) -> Iterator[Variant | Unanswered]:
    """A pool of the first study, of the first two and so on; equals as they stand in the pool."""
    effects, labels = pools.effects[i], pools.labels(i)
    if len(effects) == 1:
        reason = "one study: nothing to add up"
    elif not reason and _is_spared(pools, i):
        reason = SLOW.format(pools.config.pooling.method)
    if reason:
        yield Unanswered(i, analysis, reason)
        return
    places = np.argsort(order, kind="stable")
    for k, place in enumerate(places, 1):
        so_far = [effects[j] for j in sorted(places[:k])]
        yield Variant(i, analysis, so_far, added=labels[place])


def _counts_only(pools: Pools) -> list[tuple[int, dict]]:
    """Pools that rest on reported estimates, from counts alone."""
    without = {tuple(row[key] for key in KEYS): row for row in pools.results.counts_only}
    rows = []
    for i, row in enumerate(pools.rows):
        if not row["k_reported"]:
            continue
        reported = [label(effect) for effect in pools.effects[i] if effect.source == "reported"]
        names = "; ".join(reported)
        found = without.get(tuple(pools.key(i).values()))
        if found:
            rows.append(
                (i, pooled_row(pools, Variant(i, "counts_only", (), left_out=names), found))
            )
        else:
            alone = Unanswered(i, "counts_only", "no study gives counts", left_out=names)
            rows += variant_rows(pools, [alone], pools.config.pooling)
    return rows


def _specification_curve(pools: Pools) -> list[tuple[int, dict]]:
    """Pools of two studies or more under every estimator of tau² and interval."""
    alone = [i for i, effects in enumerate(pools.effects) if len(effects) == 1]
    several = [i for i, effects in enumerate(pools.effects) if len(effects) > 1]
    reason = "one study: its own odds ratio under every specification"
    settings = pools.config.pooling
    rows = variant_rows(
        pools, [Unanswered(i, "specification_curve", reason) for i in alone], settings
    )
    if not several:
        return rows
    sets = sets_of(pools, [Variant(i, "", pools.effects[i]) for i in several])
    # Who is counted is the same under every specification.
    counted = pool_sets(pools.locus, sets, Pooling(level=settings.level))
    for tau2, interval in specifications():
        name = f"tau2={tau2},interval={interval}"
        chosen = Pooling(tau2=tau2, interval=interval, level=settings.level, prediction="none")
        numbers = pool_numbers(sets, chosen)
        for place, i in enumerate(several):
            found = counted[place] | result_columns(numbers, place, chosen)
            found["reason"] = "; ".join(numbers.reasons[place])
            rows.append((i, pooled_row(pools, Variant(i, name, pools.effects[i]), found)))
    return rows
