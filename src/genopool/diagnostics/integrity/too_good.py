"""Genotypes that match Hardy-Weinberg proportions too well to have been counted."""

from __future__ import annotations

import numpy as np

from genopool.diagnostics.integrity.clean import heterozygote_moments, log_levene, to_alleles
from genopool.diagnostics.integrity.numbers import Floats

#: Heterozygotes computed from a frequency and rounded are no further than this from expectation.
ROUNDED = 1.5


def probability_of_so_close(tables: Floats) -> Floats:
    """Probability that counted genotypes are as close to their expectation as rounded ones.

    Parameters
    ----------
    tables : ndarray, shape (tables, 2, 3)
        Cases and controls by genotype.

    Returns
    -------
    ndarray, shape (tables,)
        The product over cases and controls of the exact probability, given the alleles, of
        heterozygotes within `ROUNDED` of their expectation; 1 where one side is further away.
    """
    mean, _ = heterozygote_moments(tables)
    alleles = to_alleles(tables)
    close = np.abs(tables[..., 1] - mean) <= ROUNDED
    total = np.zeros(mean.shape)
    # Heterozygotes change by two while the alleles stay.
    for step in (-4, -2, 0, 2, 4):
        heterozygotes = tables[..., 1] + step
        possible = (heterozygotes >= 0) & (heterozygotes <= alleles.min(axis=-1))
        within = possible & (np.abs(heterozygotes - mean) <= ROUNDED)
        people = np.stack(
            [
                (alleles[..., 0] - heterozygotes) / 2,
                heterozygotes,
                (alleles[..., 1] - heterozygotes) / 2,
            ],
            axis=-1,
        )
        people = np.where(within[..., None], people, 1.0)
        total += np.where(within, np.exp(log_levene(people)), 0.0)
    return np.where(close.all(axis=-1), total.prod(axis=-1), 1.0)
