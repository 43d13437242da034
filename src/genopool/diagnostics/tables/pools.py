"""The pooled results of a locus and the studies that they rest on, for all diagnostics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from genopool.association.effects import Effect, PooledSet
from genopool.pooling.methods import log_odds_ratios

if TYPE_CHECKING:
    from genopool.analysis import LocusResults
    from genopool.config import Config

_YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")
KEYS = ("effect_allele", "model", "stratifier", "stratum")
Key = tuple[str, str, str, str]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Pools:
    """The pooled results of a locus that rest on a study or more.

    Attributes
    ----------
    config : Config
    locus : str
    results : LocusResults
        What was computed of the locus.
    sets : list of PooledSet
    rows : list of dict
        Their rows of `pooled.tsv`, in the same order.
    made : dict of str to list of dict
        Tables of diagnostics made so far, each once; see `genopool.diagnostics.tables.diagnose`.
    """

    config: Config
    locus: str
    results: LocusResults
    sets: list[PooledSet]
    rows: Rows
    made: dict[str, Rows] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def effects(self) -> list[list[Effect]]:
        """The studies of each pool, in the order of the arrays' last axis."""
        return [pooled_set.pooled for pooled_set in self.sets]

    @cached_property
    def pair(self) -> tuple[np.ndarray, np.ndarray]:
        """Log odds ratios and variances, shape (pools, studies), NaN where a pool has fewer."""
        return log_odds_ratios(self.sets)

    @cached_property
    def tables(self) -> np.ndarray:
        """Cases and controls with and without the exposure, shape (4, pools, studies).

        As they enter the analysis, uncorrected, shared controls divided or combined. In the
        additive model they count alleles. NaN for a study that reports an odds ratio only.
        """
        out = np.full((4, *self.pair[0].shape), np.nan)
        for i, effects in enumerate(self.effects):
            for j, effect in enumerate(effects):
                if effect.source == "counts":
                    out[:, i, j] = [
                        *_exposure(effect, effect.cases),
                        *_exposure(effect, effect.controls),
                    ]
        return out

    @cached_property
    def choices(self) -> dict[str, Any]:
        """What `genopool.pool` takes to do as the configuration does.

        For methods that are not inverse-variance ones, REML and Hartung-Knapp: the diagnostics
        look at the studies' odds ratios, which those methods do not have.
        """
        return self.config.pooling.inverse_variance

    def key(self, i: int) -> dict[str, str]:
        """The columns that name a pool."""
        return {name: self.rows[i][name] for name in KEYS}

    def labels(self, i: int) -> list[str]:
        """Names of a pool's studies, each once: `Study`, `Study (population)`."""
        return [label(effect) for effect in self.effects[i]]

    def years(self, i: int) -> np.ndarray:
        """Year of each study of a pool; NaN where the table gives none."""
        return np.array([_year(effect) for effect in self.effects[i]])


def pools_of(config: Config, locus: str, results: LocusResults) -> Pools:
    """The pooled results of a locus that rest on a study or more."""
    by_key = {tuple(row[name] for name in KEYS): row for row in results.pooled if row["k"]}
    sets, rows = [], []
    for pooled_set in results.sets:
        row = by_key.get(key_of(pooled_set))
        if row is not None:
            sets.append(pooled_set)
            rows.append(row)
    return Pools(config, locus, results, sets, rows)


def key_of(pooled_set: PooledSet) -> Key:
    """What names a pooled set."""
    return pooled_set.question, pooled_set.model, pooled_set.stratifier, pooled_set.stratum


def label(effect: Effect) -> str:
    """A study's name, with its population if it is a part."""
    name, population = effect.study, effect.population_name
    return f"{name} ({population})" if population else name


def subset(pooled_set: PooledSet, members: Sequence[Effect]) -> PooledSet:
    """The same set of some of its studies, whose weights can be written without harm.

    Rows whose cases were added to a member's come along; studies that were dropped stay dropped.
    """
    kept = {id(effect) for effect in members}
    added = [effect for effect in pooled_set.effects if id(effect.combined_with) in kept]
    return replace(pooled_set, effects=[copy(effect) for effect in (*members, *added)])


def _exposure(effect: Effect, counts: Any) -> tuple[float, float]:
    if effect.model != "additive":
        return counts.exposed, counts.unexposed
    n0, n1, n2 = counts.by_copies
    if effect.is_of_men:
        return n2, n0
    return n1 + 2 * n2, 2 * n0 + n1


def _year(effect: Effect) -> float:
    """The year of a study's column `year`, or else in its name; the later of two."""
    for text in (effect.population.values.get("year", ""), effect.study):
        years = [int(found) for found in _YEAR.findall(text)]
        if years:
            return float(max(years))
    return np.nan
