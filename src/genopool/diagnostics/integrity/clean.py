"""How likely a table of counts is in a clean study, given the other studies.

The likelihood has three parts: the allele counts of controls and cases, from the predictive
distributions of the allele frequency and of the log odds ratio; and on each side the genotypes
given the alleles, by Levene's exact distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from genopool.diagnostics.integrity.numbers import Floats, StudyNumbers, log_odds
from genopool.diagnostics.integrity.predictive import Predictive, log_sum_exp

#: Probability that a clean study departs from Hardy-Weinberg equilibrium all the same, in any way.
#: A departure then costs so much and no more, and does not decide about everything else.
DEPARTS = 0.02
#: Prior standard deviation of the inbreeding coefficient that a genetic model other than the
#: multiplicative gives cases, and how much studies differ in it.
MODEL_SD, MODEL_BETWEEN = 0.10, 0.03
#: Cases of another study count no further from the middle than this many standard errors.
FURTHEST = 3.0


@dataclass(frozen=True)
class CleanModel:
    """Everything that the other studies say about each study.

    Attributes
    ----------
    frequency, effect : Predictive
        Log odds of the effect allele in controls; log odds ratio.
    inbreeding, inbreeding_variance : ndarray, shape (studies,)
        Expected inbreeding coefficient of cases, by the other studies' cases.
    departs : float
        Probability of any other departure from equilibrium.
    """

    frequency: Predictive
    effect: Predictive
    inbreeding: Floats
    inbreeding_variance: Floats
    departs: float = DEPARTS

    def log_likelihood(self, tables: Floats, study: np.ndarray) -> Floats:
        """Log probability of tables as those of clean studies, up to a constant.

        Parameters
        ----------
        tables : ndarray, shape (tables, 2, 3) or (tables, 2, 2)
            Cases and controls by genotype, or by allele.
        study : ndarray of int, shape (tables,)
            Which study each is a version of.
        """
        by_genotype = tables.shape[-1] == 3
        alleles = to_alleles(tables) if by_genotype else tables
        total = self._allele_part(alleles, study)
        if by_genotype:
            total += self.genotypes(tables, study).sum(axis=1)
        return total

    def genotypes(
        self, tables: Floats, study: np.ndarray, heterozygotes_lost: float = 0.0
    ) -> Floats:
        """Log probability of the genotypes of cases and of controls given their alleles."""
        zero = np.zeros(study.size)
        inbreeding = np.stack([self.inbreeding[study], zero], axis=1) + heterozygotes_lost
        variance = np.stack([self.inbreeding_variance[study], zero], axis=1)
        return genotype_part(tables, inbreeding, variance, self.departs)

    def _allele_part(self, alleles: Floats, study: np.ndarray) -> Floats:
        y, v = log_odds(alleles)
        # components of the frequency × components of the effect
        vs, vr = v[:, 1, None, None], v[:, 0, None, None]
        frequency, effect = self.frequency, self.effect
        t = frequency.variance[study][:, :, None]
        u = effect.variance[study][:, None, :]
        centre = frequency.mean[study][:, :, None]
        d_controls = y[:, 1, None, None] - centre
        d_cases = y[:, 0, None, None] - centre - effect.mean[study][:, None, :]
        a, b = t + vs, t + u + vr
        determinant = a * b - t * t
        square = (b * d_controls**2 - 2 * t * d_controls * d_cases + a * d_cases**2) / determinant
        with np.errstate(divide="ignore"):  # with many studies some weights are 0
            weight = frequency.weight[study][:, :, None] * effect.weight[study][:, None, :]
            log_weight = np.log(weight)
        density = log_sum_exp(log_weight - 0.5 * (square + np.log(determinant)), (1, 2))
        # One allele more moves the log odds by their variance; and how many people were recruited
        # is anybody's guess, evenly on the log scale.
        people = alleles.sum(axis=2) + 1
        return density + np.log(v).sum(axis=1) - np.log(people).sum(axis=1)


def to_alleles(tables: Floats) -> Floats:
    """Other and effect alleles of genotype counts, on the last axis."""
    n0, n1, n2 = (tables[..., i] for i in range(3))
    return np.stack([2 * n0 + n1, 2 * n2 + n1], axis=-1)


def heterozygote_moments(people: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the heterozygotes given the alleles, in equilibrium."""
    alleles = to_alleles(people)
    a, b = alleles[..., 0], alleles[..., 1]
    n = a + b
    mean = a * b / np.maximum(n - 1, 1)
    pairs = mean * np.maximum(a - 1, 0) * np.maximum(b - 1, 0) / np.maximum(n - 3, 1)
    return mean, np.maximum(pairs + mean - mean**2, 0.0)


def log_levene(people: Floats) -> Floats:
    """Log probability of the genotypes given the alleles, in equilibrium (Levene 1949)."""
    alleles = to_alleles(people)
    n = people.sum(axis=-1)
    return (
        gammaln(n + 1)
        - gammaln(people + 1).sum(axis=-1)
        + people[..., 1] * np.log(2)
        + gammaln(alleles + 1).sum(axis=-1)
        - gammaln(2 * n + 1)
    )


def genotype_part(
    people: Floats,
    inbreeding: Floats | float = 0.0,
    variance: Floats | float = 0.0,
    departs: float = DEPARTS,
) -> Floats:
    """Log probability of the genotypes of one side given its alleles.

    Levene's distribution, moved and widened by a ratio of normal densities where the inbreeding
    coefficient is not zero, and mixed with an even distribution over what is possible.
    """
    mean, within = heterozygote_moments(people)
    within = np.maximum(within, 1e-3)
    shift, widened = -inbreeding * mean, within + variance * mean**2
    difference = people[..., 1] - mean
    moved = -0.5 * ((difference - shift) ** 2 / widened - difference**2 / within) - 0.5 * np.log(
        widened / within
    )
    possible = np.floor(to_alleles(people).min(axis=-1) / 2) + 1
    return np.logaddexp(
        np.log(1 - departs) + np.minimum(log_levene(people) + moved, 0.0),
        np.log(departs) - np.log(possible),
    )


def case_inbreeding(numbers: StudyNumbers) -> tuple[Floats, Floats]:
    """Mean and variance of the inbreeding coefficient of cases, by the other studies' cases.

    A dominant or recessive effect takes cases out of equilibrium, in every study alike.
    """
    cases = np.nan_to_num(numbers.genotypes[:, 0])
    mean, within = heterozygote_moments(cases)
    known = numbers.has_genotypes & (mean > 0) & (within > 0)
    safe = np.where(known, mean, 1.0)
    observed = np.where(known, 1 - cases[:, 1] / safe, 0.0)
    spread = np.where(known, within / safe**2, 1.0) + MODEL_BETWEEN**2
    middle = np.median(observed[known]) if known.any() else 0.0
    reach = FURTHEST * np.sqrt(spread)
    clipped = np.clip(observed, middle - reach, middle + reach)
    weight = (~numbers.same & known) / spread
    precision = weight.sum(axis=1) + 1 / MODEL_SD**2
    return weight @ clipped / precision, 1 / precision + MODEL_BETWEEN**2
