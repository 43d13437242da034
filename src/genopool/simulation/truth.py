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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genopool.association.additive import additive_log_odds_ratio
from genopool.association.effects import PooledSet, locus_effects, questions_of
from genopool.association.models import two_by_two_margins
from genopool.association.odds_ratios import two_by_two
from genopool.config import Config
from genopool.simulation.expectation import Expectation, Truth, truth_row
from genopool.simulation.genetics import Draw, LocusModel
from genopool.simulation.length_truth import length_rows
from genopool.studies.records import StudyTables


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
        expectation = Expectation(model, draws[model.key])
        sets = [s for s in locus_effects(config, model.key, tables).sets if s.pooled]
        rows += _of_questions(config, model, expectation, sets)
        if model.settings.kind == "repeat":
            rows += length_rows(config, model, expectation, sets)
    return rows


def _of_questions(
    config: Config, model: LocusModel, expectation: Expectation, sets: Sequence[PooledSet]
) -> Iterator[dict[str, Any]]:
    _, questions = questions_of(config, model.key)
    by_name = {question.effect_allele: question for question in questions}
    known: dict[tuple[str, ...], Truth] = {}
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
        yield truth_row(model, pooled, pooled.question, pooled.model, "", found, expectation)


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


def _log_or(cases: NDArray, controls: NDArray, model: str) -> Truth:
    """The log odds ratio at every node, and its mean sampling variance."""
    if model == "additive":
        fit = additive_log_odds_ratio(cases, controls)
    else:
        fit = two_by_two(*two_by_two_margins(cases, controls, model))
    return fit.log_or, float(np.mean(fit.variance))
