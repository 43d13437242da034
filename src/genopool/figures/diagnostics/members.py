"""The studies of a pool as diagnostic figures show them: their order, their names, their strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from genopool.config import OVERALL
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks
from genopool.figures.axes import Area
from genopool.figures.clipping import Box
from genopool.figures.page import Page
from genopool.figures.plot import Key
from genopool.pooling.inverse_variance import pool

if TYPE_CHECKING:
    from genopool.pooling.fit import Fit

NOT_CLASSIFIED = "Not classified"
#: A funnel, or a spread about a line, needs as many.
FEWEST = 3


@dataclass(frozen=True)
class Members:
    """The studies of a pool, the most precise first, and their pool.

    Attributes
    ----------
    order : ndarray of int
        Where they stand in the arrays of the pools.
    log_or, variance : ndarray, shape (studies,)
    labels, strata : list of str
        Their names, and the stratum of each; one stratum without a name where none are told apart.
    looks : dict of str to Look
        Of each stratum, in the order of the legend.
    choices : dict
        How they are pooled, as `genopool.pool` takes it.
    """

    order: np.ndarray
    log_or: np.ndarray
    variance: np.ndarray
    labels: list[str]
    strata: list[str]
    looks: dict[str, marks.Look]
    choices: dict

    @cached_property
    def fit(self) -> Fit:
        return pool(self.log_or, self.variance, **self.choices)

    @property
    def se(self) -> np.ndarray:
        return np.sqrt(self.variance)

    @property
    def k(self) -> int:
        return len(self.labels)

    def only(self, kept: np.ndarray) -> Members:
        """Some of the studies, with the looks that they have among all."""
        which = np.flatnonzero(kept)
        strata = [self.strata[j] for j in which]
        return replace(
            self,
            order=self.order[which],
            log_or=self.log_or[which],
            variance=self.variance[which],
            labels=[self.labels[j] for j in which],
            strata=strata,
            looks={name: look for name, look in self.looks.items() if name in strata},
        )

    def keys(self) -> list[Key]:
        """The marks of the strata, for the legend; none where none are told apart."""
        if list(self.looks) == [""]:
            return []
        shared = list(self.looks)[len(marks.STRATA) - 1 :]
        own = list(self.looks)[: len(marks.STRATA) - 1] if len(shared) > 1 else list(self.looks)
        keys = [Key(name, marks.legend(marks.sample(self.looks[name]))) for name in own]
        if len(shared) > 1:
            one = marks.legend(marks.sample(self.looks[shared[0]]))
            keys.append(Key(f"Other strata: {', '.join(shared)}", one))
        return keys

    def draw(
        self,
        page: Page,
        area: Area,
        xs: Sequence[float],
        ys: Sequence[float],
        radii: Sequence[float] | None = None,
    ) -> list[Box]:
        """Draw a mark for each study, larger ones first; what each takes, in order."""
        points = area.points(xs, ys)
        marks.draw_arrows(page, "beyond", points, area)
        sizes = [marks.RADIUS] * self.k if radii is None else list(radii)
        # One artist each, so that marks that overlap stand on one another.
        for j in sorted(range(self.k), key=lambda j: -sizes[j]):
            look = self.looks[self.strata[j]]
            marks.draw_marks(page, "studies", [points[j]], look, sizes[j], area)
        return [
            marks.extent(self.looks[stratum].shape, *point, size)
            for stratum, point, size in zip(self.strata, points, sizes, strict=True)
        ]


def members(pools: Pools, i: int, stratifier: str = OVERALL) -> Members:
    """The studies of the overall pool `i`, told apart by a stratifier.

    Parameters
    ----------
    pools : Pools
    i : int
    stratifier : str
        ``overall`` tells none apart.
    """
    k = len(pools.effects[i])
    log_or, variance = (values[i, :k] for values in pools.pair)
    labels = pools.labels(i)
    # Neither files nor their order show in a figure.
    order = np.array(sorted(range(k), key=lambda j: (variance[j], log_or[j], labels[j])), dtype=int)
    strata, names = _strata(pools, i, stratifier)
    return Members(
        order=order,
        log_or=log_or[order],
        variance=variance[order],
        labels=[labels[j] for j in order],
        strata=[strata[j] for j in order],
        looks=marks.looks(names),
        choices=pools.choices,
    )


def _strata(pools: Pools, i: int, stratifier: str) -> tuple[list[str], list[str]]:
    """The stratum of each study of the overall pool `i`, and those that there are, in order."""
    if stratifier == OVERALL:
        return [""] * len(pools.effects[i]), [""]
    question = pools.sets[i].question, pools.sets[i].model
    stratum_of: dict[int, str] = {}
    for one in pools.sets:
        if (one.question, one.model) == question and one.stratifier == stratifier:
            stratum_of |= {id(effect.population): one.stratum for effect in one.effects}
    found = [stratum_of.get(id(e.population), NOT_CLASSIFIED) for e in pools.effects[i]]
    known = [*dict.fromkeys(stratum_of.values()), NOT_CLASSIFIED]
    return found, [name for name in known if name in found]


def too_few(pools: Pools, i: int) -> str:
    """Why a figure that needs three studies cannot be drawn; blank if it can."""
    return "" if len(pools.effects[i]) >= FEWEST else "fewer than three studies"


def no_pool(pools: Pools, i: int) -> str:
    """Why a figure of the pool itself cannot be drawn; blank if it can."""
    return "" if len(pools.effects[i]) > 1 else "one study: there is no pool"
