"""The likelihood of a clean study: exact distributions add up, and moments are the enumerated."""

import numpy as np
import pytest
from scipy.stats import multinomial

from genopool.diagnostics.integrity.clean import (
    DEPARTS,
    genotype_part,
    heterozygote_moments,
    log_levene,
)
from genopool.diagnostics.integrity.too_good import ROUNDED, probability_of_so_close


def every_table(effect, other):
    """All genotype counts with these numbers of alleles."""
    return np.array(
        [
            ((other - n1) / 2, n1, (effect - n1) / 2)
            for n1 in range(effect % 2, min(effect, other) + 1, 2)
        ]
    )


@pytest.mark.parametrize(("effect", "other"), [(7, 33), (40, 40), (1, 9), (0, 20), (60, 141 - 1)])
def test_levene_adds_up_and_has_these_moments(effect, other):
    tables = every_table(effect, other)
    p = np.exp(log_levene(tables))
    assert p.sum() == pytest.approx(1, abs=1e-9)
    mean, variance = heterozygote_moments(tables[:1])
    assert mean[0] == pytest.approx((p * tables[:, 1]).sum(), abs=1e-9)
    expected = (p * tables[:, 1] ** 2).sum() - mean[0] ** 2
    assert variance[0] == pytest.approx(expected, abs=1e-7)


def test_levene_is_the_multinomial_given_the_alleles():
    tables, q = every_table(12, 28), 0.3
    p = multinomial.pmf(tables, 20, [(1 - q) ** 2, 2 * q * (1 - q), q**2])
    assert np.exp(log_levene(tables)) == pytest.approx(p / p.sum(), rel=1e-9)


def test_a_departure_costs_no_more_than_its_prior():
    tables = every_table(300, 300)
    part = genotype_part(tables)
    assert np.exp(part).sum() == pytest.approx(1, abs=1e-6)
    assert part.min() >= np.log(DEPARTS / len(tables)) - 1e-9


def test_an_inbreeding_coefficient_moves_the_distribution():
    """By a ratio of normal densities, which leaves the sum within a few per cent of 1."""
    tables = every_table(240, 560)
    p = np.exp(genotype_part(tables, inbreeding=0.05, departs=1e-12))
    mean, _ = heterozygote_moments(tables[:1])
    assert p.sum() == pytest.approx(1, abs=0.02)
    assert (p * tables[:, 1]).sum() / p.sum() == pytest.approx(0.95 * mean[0], rel=0.01)


def test_probability_of_so_close_by_enumeration():
    tables = every_table(120, 281 - 1)
    p = np.exp(log_levene(tables))
    mean, _ = heterozygote_moments(tables[:1])
    close = np.abs(tables[:, 1] - mean[0]) <= ROUNDED
    both = np.stack([tables, tables], axis=1)
    found = probability_of_so_close(both)
    assert found[close] == pytest.approx(np.full(close.sum(), p[close].sum() ** 2))
    assert (found[~close] == 1).all()
