"""The numbers of a locus's studies as the checks compare them: each person once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genopool.association.answers import Question, RowCounts
from genopool.association.equilibrium import mixed_ancestry, once_per_control_group
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.populations import populations
from genopool.studies.records import CountRow, StudyTables
from genopool.studies.strata import Strata

if TYPE_CHECKING:
    from genopool.config import Config

Floats = NDArray[np.float64]
#: Added to both alleles of a side, so that none has an infinite log odds.
HALF = 0.5


@dataclass(frozen=True)
class StudyNumbers:
    """What the studies of a locus count of one effect allele.

    Attributes
    ----------
    rows : tuple of CountRow
        Without the parts of a study whose whole is there.
    strata : tuple of (str or None)
        Within which allele frequencies are comparable; None where the row tells none.
    genotypes : ndarray, shape (studies, 2, 3)
        Cases and controls with 0, 1 and 2 effect alleles; NaN where the row does not say.
    alleles : ndarray, shape (studies, 2, 2)
        Other and effect alleles of cases and controls; NaN where the row does not say.
    own_controls : ndarray of bool, shape (studies,)
        False where another row of the same control group stands for the controls.
    mixed : ndarray of bool, shape (studies,)
        Wholes whose parts are of several ancestries, with fewer heterozygotes by nature.
    same : ndarray of bool, shape (studies, studies)
        Rows that are no evidence for each other: the same study, or the same controls.
    """

    rows: tuple[CountRow, ...]
    strata: tuple[str | None, ...]
    genotypes: Floats
    alleles: Floats
    own_controls: NDArray[np.bool_]
    mixed: NDArray[np.bool_]
    same: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def has_genotypes(self) -> NDArray[np.bool_]:
        """Whether the row gives all genotypes, of one ancestry as far as it tells."""
        return ~np.isnan(self.genotypes).any(axis=(1, 2)) & ~self.mixed

    @property
    def has_alleles(self) -> NDArray[np.bool_]:
        """Whether both sides carry alleles of the comparison."""
        return np.nan_to_num(self.alleles.sum(axis=2)).min(axis=1, initial=np.inf) > 0

    @property
    def frequency(self) -> Floats:
        """Effect-allele frequency in controls."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.alleles[:, 1, 1] / self.alleles[:, 1].sum(axis=1)

    def of_stratum(self, stratum: str | None) -> NDArray[np.bool_]:
        return np.array([known == stratum for known in self.strata], dtype=bool)


def log_odds(alleles: Floats) -> tuple[Floats, Floats]:
    """Log odds of the effect allele and its binomial variance, from (..., 2) allele counts."""
    other, effect = alleles[..., 0] + HALF, alleles[..., 1] + HALF
    return np.log(effect / other), 1 / effect + 1 / other


def study_numbers(
    config: Config, tables: StudyTables, locus: str, alleles: LocusAlleles, question: Question
) -> StudyNumbers:
    """Collect the numbers of one question.

    Parameters
    ----------
    config : Config
        `allele_frequency_by` names the stratifier; without it all rows are of one stratum, `""`.
    tables : StudyTables
    locus : str
    alleles : LocusAlleles
    question : Question
    """
    counts, estimates = tables.of_locus(locus)
    rows = without_parts_of_wholes(counts)
    described = populations([*counts, *estimates], config.stratifier_columns)
    strata = Strata(config, [*counts, *estimates])
    genotypes = np.full((len(rows), 2, 3), np.nan)
    carried = np.full((len(rows), 2, 2), np.nan)
    assigned: list[str | None] = []
    for i, row in enumerate(rows):
        by = config.allele_frequency_by
        assigned.append(strata.assign(by, described[id(row)].values).stratum if by else "")
        cells = RowCounts(row, alleles, question)
        for side, name in enumerate(("cases", "controls")):
            genotypes[i, side] = cells.by_copies(name)
            effect, total = cells.alleles(name)
            carried[i, side] = total - effect, effect
    once = {id(row) for row in once_per_control_group(rows)}
    own_controls = np.array([id(row) in once for row in rows], dtype=bool)
    same = np.zeros((len(rows), len(rows)), dtype=bool)
    for i, row in enumerate(rows):
        for j, other in enumerate(rows):
            shares = bool(row.control_group) and row.control_group == other.control_group
            same[i, j] = shares or row.study == other.study
    of_several = mixed_ancestry(config, [*counts, *estimates])
    mixed = np.array([id(row) in of_several for row in rows], dtype=bool)
    return StudyNumbers(tuple(rows), tuple(assigned), genotypes, carried, own_controls, mixed, same)


def without_parts_of_wholes(counts: Sequence[CountRow]) -> list[CountRow]:
    """No part of a study whose whole gives counts."""
    wholes = {row.study for row in counts if row.is_whole}
    return [row for row in counts if row.is_whole or row.study not in wholes]
