"""What simulated studies are expected to have, and what pooling them is expected to give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genopool.association.effects import PooledSet
from genopool.simulation.frame import Population
from genopool.simulation.genetics import Draw, LocusModel, in_cell, people_of
from genopool.simulation.sampling import shares_of_genotypes

#: The log odds ratio of a row at every node of the heterogeneity, and its sampling variance.
Truth = tuple[NDArray[np.float64], float]
_MOST_NODES = 2500


@dataclass(frozen=True)
class Expected:
    """What a population is expected to have, for every node of the heterogeneity.

    `cases` has shape (nodes, genotypes), `controls` (genotypes,): people, in fractions.
    """

    cases: NDArray[np.float64]
    controls: NDArray[np.float64]


class Expectation:
    """Expected genotypes of the populations of a locus."""

    def __init__(self, model: LocusModel, draws: Sequence[Draw]) -> None:
        self.model = model
        self.draws = {draw.study.name: draw for draw in draws}
        self.deviations, self.probabilities = nodes(model.taus)
        self._known: dict[tuple[str, str], Expected] = {}

    def of(self, study: str, population: str) -> Expected:
        key = (study, population)
        if key not in self._known:
            draw = self.draws[study]
            (found,) = [p for p in draw.populations if p.name == population]
            self._known[key] = self._compute(draw, found)
        return self._known[key]

    def _compute(self, draw: Draw, population: Population) -> Expected:
        model, study = self.model, draw.study
        inbreeding = model.planted.inbreeding
        controls = sum(
            n
            for cell, n in study.controls.items()
            if in_cell(model, population, cell, controls=True)
        )
        cases = np.zeros((len(self.deviations), len(model.genotypes)))
        for cell, n in study.cases.items():
            if in_cell(model, population, cell):
                log_odds = model.log_odds(people_of(model, study, cell), self.deviations)
                cases += n * shares_of_genotypes(draw.frequencies, log_odds, inbreeding)
        return Expected(cases, controls * shares_of_genotypes(draw.frequencies, 0.0, inbreeding))


def nodes(taus: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Deviations of the effects, shape (nodes, effects), and their probabilities."""
    varying = int((taus > 0).sum())
    points = next(n for n in (9, 7, 5, 3, 2, 1) if n**varying <= _MOST_NODES)
    x, w = np.polynomial.hermite_e.hermegauss(points)
    axes = [list(zip(x * tau, w / w.sum(), strict=True)) if tau else [(0.0, 1.0)] for tau in taus]
    grid = list(product(*axes))
    deviations = np.array([[value for value, _ in node] for node in grid])
    weights = np.array([np.prod([p for _, p in node]) for node in grid])
    return deviations.reshape(len(grid), len(taus)), weights


def expected_mean(
    studies: Sequence[Truth], probabilities: NDArray[np.float64]
) -> tuple[float, float]:
    """The expected random-effects mean of studies, and the standard deviation of their truths.

    Parameters
    ----------
    studies : sequence of (ndarray, float)
        Each study's log odds ratio at every node, and its sampling variance.
    probabilities : ndarray
        Of the nodes.
    """
    values = np.array([value for value, _ in studies])
    variances = np.array([variance for _, variance in studies])
    means = (values * probabilities).sum(axis=-1)
    within = ((values - means[:, None]) ** 2 * probabilities).sum(axis=-1)
    between = means.var(ddof=1) if len(means) > 1 else 0.0
    tau2 = float(within.mean() + between)
    weights = 1 / (variances + tau2)
    return float((weights * means).sum() / weights.sum()), sqrt(tau2)


def truth_row(
    model: LocusModel,
    pooled: PooledSet,
    allele: str,
    name: str,
    reference: str,
    found: Sequence[Truth],
    expectation: Expectation,
) -> dict[str, Any]:
    """A row of `truth.tsv` from the truths of the rows that a set pools."""
    mean, tau = expected_mean(found, expectation.probabilities)
    return {
        "locus": model.key,
        "effect_allele": allele,
        "model": name,
        "reference": reference,
        "stratifier": pooled.stratifier,
        "stratum": pooled.stratum,
        "k": len(found),
        # Six digits, so that the last bits of a machine's arithmetic do not show.
        "log_or": _six(mean),
        "or": _six(exp(mean)),
        "tau": _six(tau),
        "provenance": "simulated",
    }


def _six(value: float) -> str:
    return f"{round(value, 6) + 0.0:.6f}"  # without the sign of a negative zero
