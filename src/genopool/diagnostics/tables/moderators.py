"""What the studies of a pool can be regressed on: values, and the columns of a design."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genopool.association.effects import Effect
from genopool.diagnostics.tables.pools import Pools
from genopool.studies.cells import is_blank
from genopool.studies.moderators import (
    AUTOMATIC,
    OF_STRATA,
    as_number,
    is_numeric,
    moderator_columns,
    resolve,
)
from genopool.studies.populations import EVERYBODY
from genopool.studies.records import Row
from genopool.studies.strata import Strata

_SAME_CONTROLS = (
    "the same controls give the frequency and the odds ratio, so that chance alone makes them go "
    "together"
)
_SIZE = "what goes with size may be a small-study effect: see small_study.tsv"
_STEP = 0.1


@dataclass(frozen=True)
class Moderator:
    """One characteristic of the studies of a pool.

    Attributes
    ----------
    name : str
    numbers : ndarray of float, shape (studies,), or None
        In units of the regression; NaN where a study does not give it. None for a factor.
    labels : tuple of str
        Of a factor; blank where a study has none.
    levels : tuple of str
        A factor's labels in order.
    unit : str
        What a coefficient is for.
    back : callable
        From units of the regression to those of the tables.
    caution : str
    """

    name: str
    numbers: np.ndarray | None = None
    labels: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    unit: str = "per 1"
    back: Callable[[float], float] = float
    caution: str = ""

    @property
    def given(self) -> np.ndarray:
        """Which studies have it."""
        if self.numbers is None:
            return np.array([bool(label) for label in self.labels], dtype=bool)
        return np.isfinite(self.numbers)

    @property
    def ranks(self) -> np.ndarray:
        """Numbers that sort studies by it."""
        if self.numbers is None:
            return np.array([self.levels.index(x) if x else -1 for x in self.labels], dtype=float)
        return self.numbers

    def of(self, studies: np.ndarray) -> tuple[str, ...]:
        """A factor's labels of these studies; none of numbers."""
        return tuple(self.labels[j] for j in studies) if self.numbers is None else ()

    def why_not(self, there: np.ndarray) -> str:
        """Why these studies cannot be regressed on it; blank if they can."""
        if self.numbers is None:
            found = sorted({self.labels[j] for j in np.flatnonzero(there)})
            same, what = len(found) == 1, "".join(found[:1])
        else:
            values = self.numbers[there]
            same = values.size > 0 and values.max() == values.min()
            what = f"{self.back(values[0]):.6g}" if same else ""
        return f"all studies have the same {self.name} ({what})" if same else ""


@dataclass(frozen=True)
class Term:
    """A column of a design: its name, what its coefficient is for, and where the intercept is."""

    name: str
    unit: str
    reference: Any


def design(
    moderators: Sequence[Moderator], studies: np.ndarray
) -> tuple[np.ndarray, list[Term], list[list[int]]]:
    """The columns of a regression without the intercept, which stands at every reference.

    Parameters
    ----------
    moderators : sequence of Moderator
    studies : ndarray of int
        The studies in the regression, in its order.

    Returns
    -------
    x : ndarray, shape (studies, columns)
        Numbers less their mean; a factor as one column of 0 and 1 for each level but the one that
        most studies have.
    terms : list of Term
        Of each column.
    groups : list of list of int
        The columns of each moderator.
    """
    columns: list[np.ndarray] = []
    terms: list[Term] = []
    groups: list[list[int]] = []
    for moderator in moderators:
        start = len(columns)
        if moderator.numbers is not None:
            values = moderator.numbers[studies]
            mean = float(values.mean())
            columns.append(values - mean)
            terms.append(Term(moderator.name, moderator.unit, moderator.back(mean)))
        else:
            labels = np.array(moderator.of(studies))
            often = Counter(labels.tolist())
            reference = max(
                (level for level in moderator.levels if often[level]), key=often.__getitem__
            )
            for level in moderator.levels:
                if often[level] and level != reference:
                    columns.append((labels == level) * 1.0)
                    name = f"{moderator.name}: {level}"
                    terms.append(Term(name, "against the reference", reference))
        groups.append(list(range(start, len(columns))))
    return np.column_stack(columns), terms, groups


class Characteristics:
    """The moderators of the studies of a locus.

    Parameters
    ----------
    pools : Pools
    """

    def __init__(self, pools: Pools) -> None:
        self.pools = pools
        rows: dict[int, Row] = {
            id(effect.row): effect.row for s in pools.results.sets for effect in s.effects
        }
        self._strata = Strata(pools.config, rows.values())
        self._values = {
            column: [row.values.get(column, "").strip() for row in rows.values()]
            for column in moderator_columns(pools.config)
        }

    @property
    def singles(self) -> list[str]:
        """Every moderator on its own: those always there, then the configured columns."""
        config = self.pools.config
        names = [*AUTOMATIC, *(self.label(("stratifier", name)) for name in config.strata)]
        names += [entry[0] for entry in config.moderators if len(entry) == 1]
        return list({resolve(name, config.strata): name for name in reversed(names)}.values())[::-1]

    @property
    def joint(self) -> list[tuple[str, ...]]:
        """The configured regressions on several moderators."""
        return [entry for entry in self.pools.config.moderators if len(entry) > 1]

    @staticmethod
    def label(resolved: tuple[str, str]) -> str:
        """A moderator's name in the table."""
        kind, name = resolved
        return OF_STRATA + name if kind == "stratifier" and name in AUTOMATIC else name

    def of_pool(self, i: int, name: str) -> Moderator:
        """The values of one moderator for the studies of a pool, in their order."""
        kind, name = resolve(name, self.pools.config.strata)
        effects = self.pools.effects[i]
        if kind == "automatic":
            return _automatic(name, effects, self.pools.years(i))
        if kind == "column":
            return self._of_column(name, effects)
        found = [self._strata.assign(name, e.population.values).stratum or "" for e in effects]
        return self.factor(name, found, self._strata.order(name, set(found) - {""}))

    def factor(self, stratifier: str, labels: Sequence[str], levels: Sequence[str]) -> Moderator:
        """A stratifier as a moderator."""
        name = self.label(("stratifier", stratifier))
        return Moderator(name, labels=tuple(labels), levels=tuple(levels))

    def _of_column(self, column: str, effects: Sequence[Effect]) -> Moderator:
        values = [effect.population.values.get(column, "").strip() for effect in effects]
        if is_numeric(self._values[column]):
            return Moderator(column, numbers=np.array([as_number(value) for value in values]))
        spelling: dict[str, str] = {}
        for value in sorted(self._values[column]):
            spelling.setdefault(value.casefold(), value)
        labels = tuple(
            "" if is_blank(v) or v.casefold() in EVERYBODY else spelling[v.casefold()]
            for v in values
        )
        return Moderator(column, labels=labels, levels=tuple(sorted(set(labels) - {""})))


def _automatic(name: str, effects: Sequence[Effect], years: np.ndarray) -> Moderator:
    if name == "year":
        return Moderator(name, numbers=years, unit="per year")
    if name == "people":
        people = np.array([effect.n_cases + effect.n_controls for effect in effects], dtype=float)
        doublings = np.log2(np.where(people > 0, people, np.nan))
        return Moderator(
            name, numbers=doublings, unit="per doubling", back=lambda x: 2.0**x, caution=_SIZE
        )
    frequency = np.array([control_frequency(effect) for effect in effects])
    return Moderator(
        name,
        numbers=frequency / _STEP,
        unit=f"per {_STEP}",
        back=lambda x: x * _STEP,
        caution=_SAME_CONTROLS,
    )


def control_frequency(effect: Effect) -> float:
    """Frequency of the effect allele in a study's controls; NaN where the counts do not give it."""
    if effect.controls is None:
        return np.nan
    n0, n1, n2 = effect.controls.by_copies
    carried, alleles = n1 + 2 * n2, 2 * (n0 + n1 + n2)
    if np.isnan(alleles) and effect.model == "allelic":
        carried = effect.controls.exposed
        alleles = carried + effect.controls.unexposed
    return carried / alleles if alleles > 0 else np.nan
