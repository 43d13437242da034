"""Hardy-Weinberg with many alleles: published tables, two alleles, naive enumeration, sampling."""

from itertools import permutations

import numpy as np
import pytest
from scipy.special import gammaln

from genopool.association.hardy_weinberg import hwe_exact
from genopool.association.multiallelic_equilibrium import (
    ENOUGH,
    hwe_multiallelic,
    table_weights,
)

#: Louis and Dempster 1987; Guo and Thompson 1992, example 1: 45 French diabetics, DR1, DR3, DR4, Y.
DIABETICS = [[0, 0, 0, 0], [3, 1, 0, 0], [5, 18, 1, 0], [3, 7, 5, 2]]


def test_louis_and_dempsters_table():
    """p = 0.01744 from 162,365 tables (Louis and Dempster 1987; Guo and Thompson 1992; Engels
    2009, Genetics 183:1431)."""
    ours = hwe_multiallelic(DIABETICS)
    assert ours.method == "exact" and ours.standard_error == 0
    assert ours.tables == 162_365
    assert ours.p_value == pytest.approx(0.01744, abs=5e-6)


def test_sampling_agrees_with_all_tables():
    ours = hwe_multiallelic(DIABETICS, method="monte-carlo")
    assert ours.method == "monte-carlo"
    assert ENOUGH / 0.025 < ours.tables < 17_000
    assert ours.standard_error == pytest.approx(np.sqrt(0.01744 * 0.98256 / ours.tables), rel=0.1)
    assert abs(ours.p_value - 0.01744) < 3 * ours.standard_error
    again = hwe_multiallelic(DIABETICS, method="monte-carlo")
    assert again.p_value == ours.p_value
    other = hwe_multiallelic(DIABETICS, method="monte-carlo", seed=7)
    assert other.p_value != ours.p_value


@pytest.mark.parametrize("counts", [(5, 10, 3), (30, 5, 2), (1, 0, 9), (12, 1, 0), (57, 78, 50)])
def test_two_alleles_are_the_ordinary_exact_test(counts):
    n0, n1, n2 = counts
    ours = hwe_multiallelic([[n0, 0], [n1, n2]])
    assert ours.p_value == pytest.approx(float(hwe_exact(*counts)), rel=1e-10)


def test_by_every_order_of_eight_genes():
    """Three alleles in four people: all 8! orders of the genes, paired off."""
    genotypes = np.array([[1, 1, 0], [0, 0, 1], [0, 0, 1]])
    genes = [0, 0, 0, 1, 1, 2, 2, 2]

    def log_weight(pairs):
        kinds = [tuple(sorted(pair)) for pair in pairs]
        counts = [kinds.count(kind) for kind in set(kinds)]
        return sum(a != b for a, b in kinds) * np.log(2) - gammaln(np.add(counts, 1)).sum()

    observed = log_weight([(0, 0), (0, 1), (1, 2), (2, 2)])
    orders = set(permutations(genes))
    logs = [log_weight(zip(order[::2], order[1::2], strict=True)) for order in orders]
    expected = np.mean(np.array(logs) <= observed + 1e-9)
    assert hwe_multiallelic(genotypes).p_value == pytest.approx(expected, rel=1e-12)


def test_the_weights_of_all_tables_sum_to_levenes_constant():
    genes = np.array([3, 5, 9, 11])
    n = 14
    constant = gammaln(n + 1) + gammaln(genes + 1).sum() - gammaln(2 * n + 1)
    logs = table_weights(genes, None)
    assert np.exp(logs + constant).sum() == pytest.approx(1, rel=1e-12)


def test_p_values_hold_their_level():
    """Probability of each p-value under equilibrium, from all samples of the alleles."""
    rng = np.random.default_rng(2)
    p = []
    for _ in range(300):
        genes = rng.choice(4, (20, 2), p=[0.4, 0.3, 0.2, 0.1])
        table = np.zeros((4, 4))
        np.add.at(table, (genes.min(axis=1), genes.max(axis=1)), 1)
        p.append(float(hwe_multiallelic(table).p_value))
    assert np.mean(np.array(p) <= 0.1) < 0.1 + 3 * np.sqrt(0.09 / 300)


def test_order_of_alleles_and_triangle_do_not_matter():
    table = np.array(DIABETICS)
    expected = hwe_multiallelic(table).p_value
    assert hwe_multiallelic(table.T).p_value == pytest.approx(float(expected), rel=1e-12)
    shuffled = table[np.ix_([2, 0, 3, 1], [2, 0, 3, 1])]
    assert hwe_multiallelic(shuffled).p_value == pytest.approx(float(expected), rel=1e-12)


def test_heterozygotes_expected_are_levenes():
    ours = hwe_multiallelic([[10, 0], [5, 3]])
    assert ours.heterozygotes == 5
    assert ours.heterozygotes_expected == pytest.approx(25 * 11 / 35)


def test_many_alleles_are_sampled():
    table = np.triu(np.full((9, 9), 4))
    ours = hwe_multiallelic(table, draws=500)
    assert ours.method == "monte-carlo" and ours.tables == 500 and 0 < ours.p_value <= 1


def test_sets_keep_their_axes_and_say_what_is_not_there():
    table = np.array(DIABETICS, dtype=float)
    alone = np.zeros((4, 4))
    alone[2, 2] = 8
    ours = hwe_multiallelic([[table, np.full((4, 4), np.nan)], [np.zeros((4, 4)), alone]])
    assert ours.reason.tolist() == [["", "absent"], ["absent", "one allele only"]]
    assert ours.p_value[1, 1] == 1 and np.isnan(ours.p_value[0, 1])
    assert hwe_multiallelic(np.zeros((0, 3, 3))).p_value.shape == (0,)


@pytest.mark.parametrize(
    ("table", "choices", "message"),
    [
        ([[1, 2], [0, -1]], {}, r"genotypes\[1, 1\] is -1"),
        ([[1, 2.5], [0, 1]], {}, "whole number"),
        ([[1, 2, 3], [0, 1, 2]], {}, "shape"),
        ([1, 2], {}, "shape"),
        ([[1]], {"method": "exakt"}, "did you mean|Did you mean"),
        ([[1]], {"draws": 0}, "draws"),
    ],
)
def test_errors(table, choices, message):
    with pytest.raises(ValueError, match=message):
        hwe_multiallelic(table, **choices)
