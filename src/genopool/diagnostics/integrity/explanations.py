"""Which single error would explain a study better than none: likelihood ratios of repairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from genopool.diagnostics.integrity.clean import (
    CleanModel,
    heterozygote_moments,
)
from genopool.diagnostics.integrity.numbers import Floats, StudyNumbers
from genopool.diagnostics.integrity.predictive import Predictive
from genopool.diagnostics.integrity.repairs import Repair, repairs

#: Shares of heterozygotes that a poor assay reads as homozygotes, as likely as each other.
LOST = (0.05, 0.1, 0.2, 0.4)
#: Studies whose tables are held in memory together.
AT_ONCE = 100
#: Fewest studies of another stratum that can claim a study.
FEWEST_OF_STRATUM = 2


@dataclass(frozen=True)
class Explanation:
    """An error that a study may have.

    Attributes
    ----------
    kind : str
    log_ratio : float
        Log of how much likelier the study is with the error than without.
    repair : Repair or None
        The likeliest table behind the one that was read.
    detail : object
        The stratum that fits, or the share of heterozygotes lost.
    """

    kind: str
    log_ratio: float
    repair: Repair | None = None
    detail: object = None


def explain(
    numbers: StudyNumbers,
    model: CleanModel,
    by_stratum: Mapping[str, Predictive],
    *,
    cells_are_genotypes: bool = True,
) -> list[dict[str, Explanation]]:
    """The explanations of each study, by kind.

    Parameters
    ----------
    numbers : StudyNumbers
    model : CleanModel
    by_stratum : mapping of str to Predictive
        What each stratum says about the allele frequency of every study.
    cells_are_genotypes : bool
        Whether each number is one cell of the table, as of a locus with two alleles; otherwise only
        what concerns all cells is tried.
    """
    found: list[dict[str, Explanation]] = [{} for _ in range(len(numbers))]
    by_genotype = numbers.has_genotypes & numbers.has_alleles
    # Mixed ancestry is explained already, and its alleles are no cells of the table.
    by_allele = ~numbers.has_genotypes & numbers.has_alleles & ~numbers.mixed
    for chosen, counts in ((by_genotype, numbers.genotypes), (by_allele, numbers.alleles)):
        for studies in _portions(np.flatnonzero(chosen)):
            tables = counts[studies]
            clean = model.log_likelihood(tables, studies)
            _repaired(found, model, studies, tables, clean, cells_are_genotypes)
            _other_stratum(found, numbers, model, by_stratum, studies, tables, clean)
            if counts is numbers.genotypes:
                _heterozygotes_lost(found, model, studies, tables)
    return found


def _portions(studies: np.ndarray) -> list[np.ndarray]:
    """Few studies at a time, since each has hundreds of tables that may stand behind it."""
    return [studies[i : i + AT_ONCE] for i in range(0, studies.size, AT_ONCE)]


def _keep(found: dict[str, Explanation], explanation: Explanation) -> None:
    if np.isfinite(explanation.log_ratio):
        found[explanation.kind] = explanation


def _repaired(
    found: list[dict[str, Explanation]],
    model: CleanModel,
    studies: np.ndarray,
    tables: Floats,
    clean: Floats,
    every_kind: bool,
) -> None:
    tried = [
        (place, repair)
        for place, table in enumerate(tables)
        for repair in repairs(tuple(int(n) for n in table.ravel()))
        if every_kind or repair.kind == "swapped"
    ]
    if not tried:
        return
    place = np.array([at for at, _ in tried])
    before = np.array([repair.table for _, repair in tried], dtype=float)
    log_ratio = model.log_likelihood(before.reshape(-1, *tables.shape[1:]), studies[place])
    log_ratio += np.array([repair.log_weight for _, repair in tried]) - clean[place]
    # Each kind of a study is a run of repairs.
    changes = [0] + [
        i
        for i in range(1, len(tried))
        if place[i] != place[i - 1] or tried[i][1].kind != tried[i - 1][1].kind
    ]
    total = np.logaddexp.reduceat(log_ratio, changes)
    for run, (start, stop) in enumerate(zip(changes, [*changes[1:], len(tried)], strict=True)):
        repair = tried[start + int(np.argmax(log_ratio[start:stop]))][1]
        _keep(found[studies[place[start]]], Explanation(repair.kind, float(total[run]), repair))


def _other_stratum(
    found: list[dict[str, Explanation]],
    numbers: StudyNumbers,
    model: CleanModel,
    by_stratum: Mapping[str, Predictive],
    studies: np.ndarray,
    tables: Floats,
    clean: Floats,
) -> None:
    strata = [s for s, p in by_stratum.items() if p.others.min() >= FEWEST_OF_STRATUM]
    if len(strata) < 2:
        return
    each = {
        stratum: replace(model, frequency=by_stratum[stratum]).log_likelihood(tables, studies)
        for stratum in strata
    }
    for i, study in enumerate(studies):
        if numbers.strata[study] in each:
            others = [stratum for stratum in strata if stratum != numbers.strata[study]]
            ratios = [float(each[s][i] - clean[i]) - np.log(len(others)) for s in others]
            best = others[int(np.argmax(ratios))]
            _keep(found[study], Explanation("label", float(logsumexp(ratios)), detail=best))


def _heterozygotes_lost(
    found: list[dict[str, Explanation]], model: CleanModel, studies: np.ndarray, tables: Floats
) -> None:
    """Both sides with a share of their heterozygotes among the homozygotes."""
    clean = model.genotypes(tables, studies).sum(axis=1)
    ratios = np.stack([model.genotypes(tables, studies, lost).sum(axis=1) - clean for lost in LOST])
    total = logsumexp(ratios, axis=0) - np.log(len(LOST))
    mean = heterozygote_moments(tables)[0].sum(axis=1)
    for i, study in enumerate(studies):
        share = 1 - tables[i, :, 1].sum() / mean[i] if mean[i] > 0 else 0.0
        if share > 0:
            _keep(found[study], Explanation("heterozygotes", float(total[i]), detail=float(share)))
