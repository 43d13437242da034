"""The planted truth about single lengths of a repeat, and about their trend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genopool.association.effects import PooledSet
from genopool.association.odds_ratios import two_by_two
from genopool.config import ALL, OVERALL, Config
from genopool.simulation.expectation import Expectation, Expected, Truth, truth_row
from genopool.simulation.genetics import LocusModel
from genopool.studies.truth import LENGTH_TREND, PER_LENGTH

#: Styles of a study that tell one length from another.
_BY_LENGTH = ("genotypes", "alleles")


def length_rows(
    config: Config, model: LocusModel, expectation: Expectation, sets: Sequence[PooledSet]
) -> Iterator[dict[str, Any]]:
    """Rows of `truth.tsv` about a repeat: each length against the most common one, and the trend.

    The rows that give lengths are those that the first question pools and that tell lengths apart.
    """
    first = (model.settings.questions[0], config.models[0])
    found = {
        (pooled.stratifier, pooled.stratum): (pooled, _of_lengths(expectation, pooled))
        for pooled in sets
        if (pooled.question, pooled.model) == first
    }
    _, overall = found.get((OVERALL, ALL), (None, []))
    if not overall:
        return
    copies = np.array([model.copies(model.reading.allele(allele)) for allele in model.alleles])
    reference = int(np.argmax(sum((row.controls * copies).sum(axis=-1) for row, _ in overall)))
    lengths = np.array([float(allele) for allele in model.alleles])
    of_genotypes = np.array([lengths[i] + lengths[j] for i, j in model.genotypes])
    for pooled, rows in found.values():
        if not rows:
            continue
        counts = [_chromosomes(row, copies) for row, _ in rows]
        for place, allele in enumerate(model.alleles):
            having = [(x, y) for x, y in counts if y[place] > 0 and y[reference] > 0]
            if place == reference or not having:
                continue
            truths = [_against(x, y, place, reference) for x, y in having]
            yield truth_row(
                model, pooled, allele, PER_LENGTH, model.alleles[reference], truths, expectation
            )
        trends = [
            _trend(row.cases, row.controls, of_genotypes)
            if style == "genotypes"
            else _trend(*_chromosomes(row, copies), lengths)
            for row, style in rows
        ]
        yield truth_row(model, pooled, "", LENGTH_TREND, "", trends, expectation)


def _of_lengths(expectation: Expectation, pooled: PooledSet) -> list[tuple[Expected, str]]:
    """What is expected of the rows of a set that tell lengths apart, and how they are given."""
    rows = []
    for effect in pooled.pooled:
        if effect.members:
            continue
        style = expectation.draws[effect.row.study].style
        if style in _BY_LENGTH:
            rows.append((expectation.of(effect.row.study, effect.row.population), style))
    return rows


def _chromosomes(row: Expected, copies: NDArray) -> tuple[NDArray, NDArray]:
    """Expected chromosomes by length: cases at every node, controls."""
    cases = (row.cases[:, None, :] * copies).sum(axis=-1)
    return cases, (row.controls * copies).sum(axis=-1)


def _against(cases: NDArray, controls: NDArray, one: int, other: int) -> Truth:
    fit = two_by_two(cases[:, one], cases[:, other], controls[one], controls[other])
    return fit.log_or, float(np.mean(fit.variance))


def _trend(cases: NDArray, controls: NDArray, lengths: NDArray) -> Truth:
    """Slope of logit(case) on the lengths of people or chromosomes, by Newton's method."""
    n = cases + controls
    x = lengths - (n * lengths).sum(axis=-1, keepdims=True) / n.sum(axis=-1, keepdims=True)
    a = np.log(cases.sum(axis=-1) / controls.sum())
    b = np.zeros_like(a)
    for _ in range(50):
        p = 1 / (1 + np.exp(-(a[:, None] + b[:, None] * x)))
        w, rest = n * p * (1 - p), cases - n * p
        s0, s1, s2 = ((w * x**power).sum(axis=-1) for power in range(3))
        g0, g1 = rest.sum(axis=-1), (rest * x).sum(axis=-1)
        det = s0 * s2 - s1**2
        step_a, step_b = (s2 * g0 - s1 * g1) / det, (s0 * g1 - s1 * g0) / det
        a, b = a + step_a, b + step_b
        if np.abs(step_b).max() < 1e-13:
            break
    return b, float(np.mean(s0 / det))
