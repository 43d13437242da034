"""Which regressions each pool of a locus has, and their fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from genopool.config import OVERALL
from genopool.diagnostics.meta_regression import INTERVALS, MetaRegression, meta_regression
from genopool.diagnostics.stratum_contrasts import StratumContrasts, stratum_contrasts
from genopool.diagnostics.tables.moderators import Characteristics, Moderator, Term, design
from genopool.diagnostics.tables.pools import Pools
from genopool.pooling.strata_tables import NO_BAYESIAN_TEST
from genopool.studies.moderators import resolve

FEWEST_FOR_A_LINE = 3
#: Studies for each moderator below which a regression only suggests (Cochrane Handbook 10.11.4).
FEWEST_PER_MODERATOR = 10

_FEW = "fewer than ten studies per moderator: can only suggest"
_TOO_FEW = "fewer than three studies: nothing can be regressed"
_SMALL_STRATUM = (
    "fewer than ten studies in the stratum: too few to regress; see the overall pool, where the "
    "stratum is a moderator"
)
_NO_MORE_STUDIES = "no more studies than coefficients"
_COLLINEAR = "the moderators cannot be told apart in these studies (collinear)"


@dataclass
class Regression:
    """One regression of one pool, or why there is none.

    Attributes
    ----------
    i : int
        The pool.
    moderator : str
        Its name, or several joined by ` + `.
    k : int
        Studies that have every moderator.
    is_single : bool
        Of one moderator.
    reason : str
        Blank, or why there is no fit.
    cautions : list of str
    y, v : ndarray, shape (studies,)
        Log odds ratios and variances.
    x : ndarray, shape (studies, columns)
    terms : list of Term
        Of each column.
    groups : list of list of int
        The columns of each moderator.
    labels : tuple of str, shape (studies,)
        Of a single factor, whose levels are compared in pairs.
    """

    i: int
    moderator: str
    k: int
    is_single: bool
    reason: str = ""
    cautions: list[str] = field(default_factory=list)
    y: np.ndarray = field(default_factory=lambda: np.empty(0))
    v: np.ndarray = field(default_factory=lambda: np.empty(0))
    x: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    terms: list[Term] = field(default_factory=list)
    groups: list[list[int]] = field(default_factory=list)
    labels: tuple[str, ...] = ()

    @property
    def is_factor(self) -> bool:
        return bool(self.labels)


Fits = dict[int, tuple[MetaRegression, int]]
Contrasts = dict[int, tuple[StratumContrasts, int]]


def regression_choices(pools: Pools) -> dict[str, Any]:
    """What `genopool.meta_regression` takes to do as the configuration does.

    Intervals that exist only of a mean give way to Knapp and Hartung's.
    """
    choices = dict(pools.choices)
    if choices["interval"] not in INTERVALS:
        choices["interval"] = "hartung-knapp"
    return choices


class Regressions:
    """The regressions of each pool of a locus."""

    def __init__(self, pools: Pools) -> None:
        self.pools = pools
        self.characteristics = Characteristics(pools)
        self.strata = {
            (row["effect_allele"], row["model"], row["stratifier"]): row
            for row in pools.results.strata
        }
        self.by_stratifier: dict[tuple[str, str, str], list[int]] = {}
        for i, s in enumerate(pools.sets):
            self.by_stratifier.setdefault((s.question, s.model, s.stratifier), []).append(i)
        self.always = _cautions_of_method(pools)

    def of_pool(self, i: int) -> list[Regression]:
        k = len(self.pools.effects[i])
        overall = self.pools.sets[i].stratifier == OVERALL
        if k < FEWEST_FOR_A_LINE or (not overall and k < FEWEST_PER_MODERATOR):
            why = _TOO_FEW if k < FEWEST_FOR_A_LINE else _SMALL_STRATUM
            return [Regression(i, "all", k, False, why, [_FEW])]
        found = [self.single(i, name) for name in self.characteristics.singles]
        found += [self._joint(i, names) for names in self.characteristics.joint]
        return found

    def single(self, i: int, name: str) -> Regression:
        """A pool on one moderator."""
        kind, own = resolve(name, self.pools.config.strata)
        pooled_set = self.pools.sets[i]
        if kind == "stratifier" and pooled_set.stratifier == OVERALL:
            return self._on_strata(i, (pooled_set.question, pooled_set.model, own))
        moderator = self.characteristics.of_pool(i, name)
        return self._regression(i, [moderator], *self._effects([i]), is_single=True)

    def _joint(self, i: int, names: Sequence[str]) -> Regression:
        moderators = [self.characteristics.of_pool(i, name) for name in names]
        return self._regression(i, moderators, *self._effects([i]), is_single=False)

    def _on_strata(self, i: int, key: tuple[str, str, str]) -> Regression:
        """An overall pool on a stratifier: the rows that lie in strata, as in `strata.tsv`."""
        members = self.by_stratifier.get(key, [])
        stratum = [self.pools.sets[j].stratum for j in members]
        labels = [s for s, j in zip(stratum, members, strict=True) for _ in self.pools.effects[j]]
        moderator = self.characteristics.factor(key[2], labels, stratum)
        why = self.strata[key]["reason"]
        if why and why != NO_BAYESIAN_TEST:
            return Regression(i, moderator.name, len(labels), True, why)
        effects = self._effects(members)
        return self._regression(i, [moderator], *effects, is_single=True, of_strata=True)

    def _effects(self, members: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """Log odds ratios and variances of the studies of pools, one after the other."""
        width = {j: len(self.pools.effects[j]) for j in members}
        log_or, variance = self.pools.pair
        return (
            np.concatenate([log_or[j, :k] for j, k in width.items()]),
            np.concatenate([variance[j, :k] for j, k in width.items()]),
        )

    def _regression(
        self,
        i: int,
        moderators: Sequence[Moderator],
        log_or: np.ndarray,
        variance: np.ndarray,
        *,
        is_single: bool,
        of_strata: bool = False,
    ) -> Regression:
        there = np.logical_and.reduce([moderator.given for moderator in moderators])
        name = " + ".join(moderator.name for moderator in moderators)
        k, total = int(there.sum()), len(self.pools.effects[i])
        regression = Regression(i, name, k, is_single)
        regression.reason = _why_not(moderators, there, total, of_strata=of_strata)
        if regression.reason:
            return regression
        # Neither the draw of permutations nor the last digit depends on the order of the files.
        keys = [*(moderator.ranks for moderator in moderators), log_or, variance]
        if is_single and moderators[0].numbers is None:
            keys.append(moderators[0].ranks)
        order = np.lexsort(keys)
        order = order[there[order]]
        regression.y, regression.v = log_or[order], variance[order]
        regression.x, regression.terms, regression.groups = design(moderators, order)
        if is_single:
            regression.labels = moderators[0].of(order)
        regression.cautions = [
            *([_FEW] if k < FEWEST_PER_MODERATOR * regression.x.shape[1] else []),
            *([f"rests on {k} of {total} studies"] if k < total else []),
            *(moderator.caution for moderator in moderators if moderator.caution),
            *self.always,
        ]
        return regression


def _why_not(
    moderators: Sequence[Moderator], there: np.ndarray, total: int, *, of_strata: bool
) -> str:
    k = int(there.sum())
    nobody = [moderator.name for moderator in moderators if not moderator.given.any()]
    what = " and ".join(nobody or [moderator.name for moderator in moderators])
    if k == 0:
        return f"no study gives {what}"
    if 2 * k < total and not of_strata:
        return f"only {k} of {total} studies give {what}"
    return "; ".join(filter(None, (moderator.why_not(there) for moderator in moderators)))


def _cautions_of_method(pools: Pools) -> list[str]:
    pooling = pools.config.pooling
    if pooling.method != "inverse-variance":
        return [
            f"a regression of the studies' odds ratios by inverse variance; the pool is by "
            f"{pooling.method}"
        ]
    if pooling.interval_used not in INTERVALS:
        return [f"Knapp and Hartung's interval, since {pooling.interval_used} is for a mean only"]
    return []


def fitted(regressions: Sequence[Regression], choices: dict[str, Any]) -> Fits:
    """Every regression fitted, those of as many columns at once: which place of which fit.

    Those that cannot be fitted are given their reason.
    """
    found: Fits = {}
    for columns in dict.fromkeys(r.x.shape[1] for r in regressions):
        group = [r for r in regressions if r.x.shape[1] == columns]
        width = max(len(r.y) for r in group)
        y, v = np.full((2, len(group), width), np.nan)
        x = np.full((len(group), width, columns), np.nan)
        for j, r in enumerate(group):
            y[j, : len(r.y)], v[j, : len(r.y)], x[j, : len(r.y)] = r.y, r.v, r.x
        fit = meta_regression(y, v, x, **choices)
        for j, r in enumerate(group):
            if fit.status[j]:
                r.reason = _NO_MORE_STUDIES if len(r.y) <= columns + 1 else _COLLINEAR
        found |= {id(r): (fit, j) for j, r in enumerate(group)}
    return found


def contrasted(regressions: Sequence[Regression], choices: dict[str, Any]) -> Contrasts:
    """Every pair of levels of each factor, pools with the same numbers of studies at once."""
    found: Contrasts = {}
    for labels in dict.fromkeys(r.labels for r in regressions):
        group = [r for r in regressions if r.labels == labels]
        y, v = (np.stack([getattr(r, name) for r in group]) for name in ("y", "v"))
        fit = stratum_contrasts(y, v, labels, **choices)
        found |= {id(r): (fit, j) for j, r in enumerate(group)}
    return found
