"""The planted truth of every pooled result.

A study's truth is the log odds ratio in endless samples of its people: the expected proportions of
genotypes in its cases and controls, given its own allele frequencies. The truth of a pooled result
is the expected random-effects mean of the studies that it pools: their truths, averaged over what
the planted heterogeneity may add to each effect (Gauss-Hermite quadrature) and weighted by
1 / (v + tau²), v being the variance that the study's size and expected proportions give it. `tau`
is the planted standard deviation of the studies' truths about that mean: from the heterogeneity,
and from differences between ancestries and parts and in allele frequencies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genopool.association.additive import additive_log_odds_ratio
from genopool.association.effects import PooledSet, locus_effects, questions_of
from genopool.association.models import two_by_two_margins
from genopool.association.odds_ratios import two_by_two
from genopool.config import Config
from genopool.simulation.frame import Population
from genopool.simulation.genetics import Draw, LocusModel, in_cell, people_of
from genopool.simulation.sampling import shares_of_genotypes
from genopool.studies.records import StudyTables
from genopool.studies.truth import LENGTH_TREND, PER_LENGTH

#: Styles of a study that tell one length of a repeat from another.
_BY_LENGTH = ("genotypes", "alleles")
_MOST_NODES = 2500


@dataclass(frozen=True)
class Expected:
    """What a population is expected to have, for every node of the heterogeneity.

    `cases` has shape (nodes, genotypes), `controls` (genotypes,): people, in fractions.
    """

    cases: NDArray[np.float64]
    controls: NDArray[np.float64]


def truth_rows(
    config: Config, models: Sequence[LocusModel], draws: dict[str, list[Draw]], tables: StudyTables
) -> list[dict[str, Any]]:
    """The rows of `truth.tsv`.

    Parameters
    ----------
    config : Config
        The configuration of the analysis.
    models : sequence of LocusModel
    draws : dict of str to list of Draw
        By locus.
    tables : StudyTables
        The simulated tables as the analysis reads them: they say which rows each result pools.
    """
    rows = []
    for model in models:
        expectation = _Expectation(model, draws[model.key])
        sets = [s for s in locus_effects(config, model.key, tables).sets if s.pooled]
        rows += _of_questions(config, model, expectation, sets)
        if model.settings.kind == "repeat":
            rows += _of_lengths(config, model, expectation, sets)
    return rows


class _Expectation:
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


def _of_questions(
    config: Config, model: LocusModel, expectation: _Expectation, sets: Sequence[PooledSet]
) -> Iterator[dict[str, Any]]:
    _, questions = questions_of(config, model.key)
    by_name = {question.effect_allele: question for question in questions}
    known: dict[tuple[str, str, str, str], tuple[NDArray, float]] = {}
    for pooled in sets:
        question = by_name[pooled.question]
        found = []
        for effect in pooled.pooled:
            # A combined row has the cases of several, with the controls that they share.
            members = [m.row for m in effect.members] or [effect.row]
            key = (pooled.question, pooled.model, effect.study, effect.population_name)
            if key not in known:
                expected = [expectation.of(row.study, row.population) for row in members]
                cases = sum(e.cases for e in expected)
                known[key] = _log_or(
                    *_by_copies(
                        model, question.effect, question.compared, cases, expected[0].controls
                    ),
                    pooled.model,
                )
            found.append(known[key])
        yield _row(model, pooled, pooled.question, pooled.model, "", found, expectation)


def _by_copies(
    model: LocusModel, effect: int, compared: int, cases: NDArray, controls: NDArray
) -> tuple[NDArray, NDArray]:
    """People with 0, 1 and 2 effect alleles and no allele outside those compared."""
    copies, inside = model.copies(effect), model.copies(compared) == 2
    chosen = [(copies == n) & inside for n in range(3)]
    of_cases, of_controls = (
        np.stack([people[..., which].sum(axis=-1) for which in chosen], axis=-1)
        for people in (cases, controls)
    )
    return of_cases, np.broadcast_to(of_controls, of_cases.shape)


def _log_or(cases: NDArray, controls: NDArray, model: str) -> tuple[NDArray, float]:
    """The log odds ratio at every node, and its mean sampling variance."""
    if model == "additive":
        fit = additive_log_odds_ratio(cases, controls)
    else:
        fit = two_by_two(*two_by_two_margins(cases, controls, model))
    return fit.log_or, float(np.mean(fit.variance))


def _of_lengths(
    config: Config, model: LocusModel, expectation: _Expectation, sets: Sequence[PooledSet]
) -> Iterator[dict[str, Any]]:
    """Each length against the most common one, and the trend: log odds per repeat more."""
    first = (model.settings.questions[0], config.models[0])
    people = [
        (
            pooled,
            [
                expectation.of(e.row.study, e.row.population)
                for e in pooled.pooled
                if expectation.draws[e.row.study].style in _BY_LENGTH and not e.members
            ],
        )
        for pooled in sets
        if (pooled.question, pooled.model) == first
    ]
    bits = [model.reading.allele(allele) for allele in model.alleles]
    chromosomes = np.array([model.copies(bit) for bit in bits])

    def by_allele(found: Expected) -> tuple[NDArray, NDArray]:
        return tuple(
            (counts[..., None, :] * chromosomes).sum(axis=-1)
            for counts in (found.cases, found.controls)
        )

    overall = next((rows for pooled, rows in people if pooled.stratifier == "overall"), [])
    if not overall:
        return
    totals = sum(by_allele(found)[1] for found in overall)
    reference = int(np.argmax(totals))
    for pooled, rows in people:
        counts = [by_allele(found) for found in rows]
        if not counts:
            continue
        for place, allele in enumerate(model.alleles):
            having = [(x, y) for x, y in counts if y[place] > 0 and y[reference] > 0]
            if place == reference or not having:
                continue
            found = [_against(x, y, place, reference) for x, y in having]
            yield _row(
                model, pooled, allele, PER_LENGTH, model.alleles[reference], found, expectation
            )
        lengths = np.array([float(allele) for allele in model.alleles])
        found = [_trend(x, y, lengths) for x, y in counts]
        yield _row(model, pooled, "", LENGTH_TREND, "", found, expectation)


def _against(cases: NDArray, controls: NDArray, one: int, other: int) -> tuple[NDArray, float]:
    fit = two_by_two(cases[:, one], cases[:, other], controls[one], controls[other])
    return fit.log_or, float(np.mean(fit.variance))


def _trend(cases: NDArray, controls: NDArray, lengths: NDArray) -> tuple[NDArray, float]:
    """Slope of logit(case) on length over chromosomes, by Newton's method at every node."""
    n = cases + controls
    x = lengths - (n * lengths).sum(axis=-1, keepdims=True) / n.sum(axis=-1, keepdims=True)
    a = np.log(cases.sum(axis=-1) / controls.sum())
    b = np.zeros_like(a)
    for _ in range(50):
        p = 1 / (1 + np.exp(-(a[:, None] + b[:, None] * x)))
        w, rest = n * p * (1 - p), cases - n * p
        s0, s1, s2 = (_sum(w), _sum(w * x), _sum(w * x * x))
        g0, g1 = _sum(rest), _sum(rest * x)
        det = s0 * s2 - s1**2
        step_a, step_b = (s2 * g0 - s1 * g1) / det, (s0 * g1 - s1 * g0) / det
        a, b = a + step_a, b + step_b
        if np.abs(step_b).max() < 1e-13:
            break
    return b, float(np.mean(s0 / det))


def _sum(values: NDArray) -> NDArray:
    return values.sum(axis=-1)


def _row(
    model: LocusModel,
    pooled: PooledSet,
    allele: str,
    name: str,
    reference: str,
    found: Sequence[tuple[NDArray, float]],
    expectation: _Expectation,
) -> dict[str, Any]:
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


def expected_mean(
    studies: Sequence[tuple[NDArray, float]], probabilities: NDArray
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
