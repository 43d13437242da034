"""What the studies of a locus say about each other, as numbers: the models and their verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genopool.diagnostics.integrity.clean import CleanModel, case_inbreeding
from genopool.diagnostics.integrity.explanations import Explanation, explain
from genopool.diagnostics.integrity.frequencies import Mirrored, mirrored
from genopool.diagnostics.integrity.numbers import Floats, StudyNumbers, log_odds
from genopool.diagnostics.integrity.predictive import (
    Predictive,
    effect_predictive,
    frequency_predictive,
)
from genopool.diagnostics.integrity.too_good import probability_of_so_close

#: Strata whose frequencies are compared with every study's.
MOST_STRATA = 30


@dataclass(frozen=True)
class ReportedEffects:
    """Odds ratios per allele that papers report without counts.

    Attributes
    ----------
    log_or, variance : ndarray, shape (estimates,)
    studies : tuple of str
    """

    log_or: Floats
    variance: Floats
    studies: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """Everything that the checks of one question decide by; the arrays are by study.

    Attributes
    ----------
    frequency, effect : Predictive
        What the others say. `effect` has the reported estimates after the studies.
    log_or, log_or_variance : ndarray
        As observed, reported estimates after the studies.
    explanations : list of dict
    frequency_p, effect_p : ndarray
        Predictive p-values, NaN where there is nothing to compare.
    unexplained : ndarray
        Log of how much likelier a study is whose frequency, or odds ratio, is just different.
    residual : ndarray
        Externally studentised residual of the log odds ratio.
    too_good_p : ndarray
    mirrored : list of (str, Mirrored)
    """

    frequency: Predictive
    effect: Predictive
    log_or: Floats
    log_or_variance: Floats
    explanations: list[dict[str, Explanation]]
    frequency_p: Floats
    effect_p: Floats
    unexplained: Floats
    residual: Floats
    too_good_p: Floats
    mirrored: list[tuple[str, Mirrored]]


def evidence(
    numbers: StudyNumbers,
    reported: ReportedEffects,
    references: dict[str, float],
    *,
    known_ancestry: bool,
    two_alleles: bool,
) -> Evidence:
    """Compare each study with the others.

    Parameters
    ----------
    numbers : StudyNumbers
    reported : ReportedEffects
    references : dict of str to float
        Frequency of the effect allele by stratum, from outside.
    known_ancestry : bool
        Whether the strata are ancestries, or all studies are thrown together.
    two_alleles : bool
        Whether a study may count the other allele, and each number is a cell of the table.
    """
    has = numbers.has_alleles
    y, v = (np.nan_to_num(x, nan=0.0, posinf=1.0) for x in log_odds(numbers.alleles))
    v = np.where(has[:, None], v, 1.0)
    strata = _largest_strata(numbers, references)
    by_stratum = {
        stratum: frequency_predictive(
            y[:, 1],
            v[:, 1],
            numbers.of_stratum(stratum) & has & numbers.own_controls,
            numbers.same,
            known_ancestry=known_ancestry,
            can_mirror=two_alleles,
            reference=references.get(stratum),
        )
        for stratum in strata
    }
    nothing = frequency_predictive(y[:, 1], v[:, 1], np.zeros_like(has), numbers.same)
    frequency = _own(by_stratum, numbers.strata, nothing)
    log_or = np.concatenate([y[:, 0] - y[:, 1], reported.log_or])
    variance = np.concatenate([v.sum(axis=1), reported.variance])
    there = np.concatenate([has, np.ones(len(reported.studies), dtype=bool)])
    effect = effect_predictive(log_or, variance, there, _same_of_all(numbers, reported))
    of_counts = Predictive(
        *(x[: len(numbers)] for x in (effect.weight, effect.mean, effect.variance, effect.others))
    )
    model = CleanModel(frequency, of_counts, *case_inbreeding(numbers))
    explanations = explain(numbers, model, by_stratum, cells_are_genotypes=two_alleles)
    told = np.array([stratum is not None for stratum in numbers.strata], dtype=bool)
    too_good = np.ones(len(numbers))
    counted = numbers.has_genotypes
    too_good[counted] = probability_of_so_close(numbers.genotypes[counted])
    spread = np.sqrt((effect.weight * (effect.variance + effect.mean**2)).sum(axis=1))
    spread = np.sqrt(np.maximum(spread**2 - effect.expected**2, 0) + variance)
    groups = []
    for stratum in strata if two_alleles else []:
        members = numbers.of_stratum(stratum) & has & numbers.own_controls
        found = mirrored(y[:, 1], v[:, 1], np.flatnonzero(members), references.get(stratum))
        if found is not None:
            groups.append((stratum, found))
    return Evidence(
        frequency=frequency,
        effect=effect,
        log_or=log_or,
        log_or_variance=variance,
        explanations=explanations,
        frequency_p=np.where(has & told, frequency.two_sided_p(y[:, 1], v[:, 1]), np.nan),
        effect_p=np.where(there, effect.two_sided_p(log_or, variance), np.nan),
        unexplained=np.maximum(
            frequency.wild_log_ratio(y[:, 1], v[:, 1]),
            effect.wild_log_ratio(log_or, variance)[: len(numbers)],
        ),
        residual=(log_or - effect.expected) / spread,
        too_good_p=too_good,
        mirrored=groups,
    )


def _largest_strata(numbers: StudyNumbers, references: dict[str, float]) -> list[str]:
    """Strata that can say something of a study, sorted; of very many the largest."""
    members = Counter(stratum for stratum in numbers.strata if stratum is not None)
    usable = [s for s, number in members.items() if number > 1 or s in references]
    return sorted(sorted(usable, key=lambda s: (-members[s], s))[:MOST_STRATA])


def _own(
    by_stratum: dict[str, Predictive], strata: Sequence[str | None], nothing: Predictive
) -> Predictive:
    """What each study's own stratum says about it."""
    place = {stratum: number for number, stratum in enumerate(by_stratum, 1)}
    chosen = np.array([place.get(stratum, 0) for stratum in strata], dtype=int)
    studies = np.arange(len(strata))
    parts = []
    for name in ("weight", "mean", "variance", "others"):
        all_of_them = [getattr(p, name) for p in (nothing, *by_stratum.values())]
        parts.append(np.stack(all_of_them)[chosen, studies])
    return Predictive(*parts)


def _same_of_all(numbers: StudyNumbers, reported: ReportedEffects) -> np.ndarray:
    """Which studies and estimates are no evidence for each other."""
    labels = [row.study for row in numbers.rows] + list(reported.studies)
    k = len(numbers)
    same = np.array([[one == other for other in labels] for one in labels], dtype=bool)
    same = same.reshape(len(labels), len(labels))
    same[:k, :k] |= numbers.same
    return same
