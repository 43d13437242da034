"""Probabilities of coincidences, against scipy and by counting pairs."""

from itertools import combinations
from math import exp

import numpy as np
import pytest
from scipy.stats import dirichlet_multinomial

from genopool.diagnostics.integrity.coincidence import (
    PRIOR_PAIRS,
    EqualSizes,
    grade,
    how_often,
    in_words,
    log_probability,
)


@pytest.mark.parametrize("counts", [(36, 108, 64), (0, 5, 7), (3, 0), (1,), (250, 574, 315)])
def test_log_probability_is_the_predictive_distribution_with_jeffreys_prior(counts):
    n, alpha = sum(counts), np.array(counts) + 0.5
    expected = dirichlet_multinomial(alpha, n).logpmf(np.array(counts))
    assert log_probability(counts) == pytest.approx(expected, rel=1e-9)


def test_it_averages_to_how_often_two_samples_are_equal():
    rng = np.random.default_rng(7)
    draws = rng.multinomial(60, [0.3, 0.5, 0.2], (200_000, 2))
    observed = (draws[:, 0] == draws[:, 1]).all(axis=1)
    stated = np.mean([exp(log_probability(row)) for row in draws[:5000, 0].tolist()])
    error = observed.std() / np.sqrt(len(observed))
    assert abs(observed.mean() - stated) < 4 * error + 0.02 * stated


def test_equal_sizes_counts_pairs_beside_what_is_known():
    sizes = [1000, 1000, 1000, 200, 200, 300]
    equal = sum(a == b for a, b in combinations(sizes, 2))
    assert EqualSizes(sizes).share(1000) == pytest.approx(equal / (15 + PRIOR_PAIRS))
    assert EqualSizes([1, 2, 3]).share(5) == pytest.approx(1 / (3 + 5))
    assert EqualSizes([]).share(0) == 1


def test_groups_that_are_the_same_do_not_show_that_equal_sizes_are_common():
    groups = [(60, 40), (60, 40), (60, 40), (70, 30), (1, 8)]
    sizes = [sum(group) for group in groups]
    different = sum(sum(a) == sum(b) and a != b for a, b in combinations(groups, 2))
    same = sum(a == b for a, b in combinations(groups, 2))
    assert (different, same) == (3, 3)
    equal = EqualSizes(sizes, groups)
    assert equal.share(100) == pytest.approx(different / (10 - same + 100))


def test_grade_and_words():
    assert [grade(x, 1e-3, 0.05) for x in (1e-4, 0.01, 0.5)] == ["warning", "note", ""]
    assert in_words(1 / 24_123) == "1 in 24,000"
    assert in_words(0.0) == "1 in more than a billion"
    assert how_often(1 / 410) == "chance does this in 1 of 410 tables like this"
    assert how_often(3.2) == "chance does this about 3 times in a table like this"
