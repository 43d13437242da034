"""Predictive distributions against a naive twin, closed forms, and simulation."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from genopool.diagnostics.integrity import predictive
from genopool.diagnostics.integrity.predictive import effect_predictive, frequency_predictive


def alone(k):
    return np.ones(k, dtype=bool), np.eye(k, dtype=bool)


def naive_effect(y, v, left_out):
    """Mean and variance of the next true log odds ratio, by loops over a wide grid."""
    means = np.linspace(-4, 4, 801)
    total = first = second = 0.0
    steps = np.gradient(predictive.TAU)
    for tau, step in zip(predictive.TAU, steps, strict=True):
        prior = norm.pdf(tau, 0, predictive.TAU_SCALE) * step
        weight = prior * norm.pdf(means, 0, predictive.EFFECT_PRIOR)
        for j in range(len(y)):
            if j != left_out:
                sd = np.sqrt(tau**2 + v[j])
                clean = 1 - predictive.MIRRORED - predictive.WILD
                weight = weight * (
                    clean * norm.pdf(y[j], means, sd)
                    + predictive.MIRRORED * norm.pdf(-y[j], means, sd)
                    + predictive.WILD
                    * norm.pdf(y[j], means, np.sqrt(sd**2 + predictive.WILD_SD**2))
                )
        total += weight.sum()
        first += (weight * means).sum()
        second += (weight * (means**2 + tau**2)).sum()
    return first / total, second / total - (first / total) ** 2


def test_effect_against_loops_over_a_grid():
    rng = np.random.default_rng(2)
    for k in (2, 5, 9):
        v = rng.uniform(0.01, 0.1, k)
        y = 0.3 + rng.standard_normal(k) * np.sqrt(v + 0.04)
        found = effect_predictive(y, v, *alone(k))
        for i in range(k):
            mean, variance = naive_effect(y, v, i)
            assert found.expected[i] == pytest.approx(mean, abs=3e-3)
            second = (found.weight[i] * (found.variance[i] + found.mean[i] ** 2)).sum()
            assert second - found.expected[i] ** 2 == pytest.approx(variance, rel=0.02)
        assert found.weight.sum(axis=1) == pytest.approx(np.ones(k))
        assert (found.others == k - 1).all()


def test_predictive_p_values_are_even():
    """The next study's p is uniform when studies are as supposed."""
    rng = np.random.default_rng(3)
    p = []
    for _ in range(400):
        v = rng.uniform(0.005, 0.05, 10)
        tau = abs(rng.normal(0, predictive.TAU_SCALE))
        y = (
            rng.normal(0, 0.3)
            + tau * rng.standard_normal(10)
            + np.sqrt(v) * rng.standard_normal(10)
        )
        p.append(effect_predictive(y, v, *alone(10)).two_sided_p(y, v)[0])
    for level in (0.05, 0.2, 0.5):
        error = 4 * np.sqrt(level * (1 - level) / len(p))
        assert np.mean(np.array(p) < level) == pytest.approx(level, abs=error)


def test_one_study_that_is_wrong_does_not_move_the_others():
    v = np.full(8, 0.01)
    y = np.array([-1.0, -1.1, -0.9, -1.05, -0.95, -1.0, -1.02, 3.0])
    found = frequency_predictive(y, v, *alone(8))
    assert found.expected[:7] == pytest.approx(np.full(7, -1), abs=0.1)
    assert found.two_sided_p(y, v)[7] < 1e-6
    assert found.two_sided_p(y, v)[:7].min() > 0.3


def test_the_spread_of_frequencies_is_that_of_f_st():
    """Many large studies drawn with a known F_ST leave its variance on the logit scale."""
    rng = np.random.default_rng(4)
    p, f_st, k = 0.2, 0.01, 200
    frequency = rng.beta(p * (1 - f_st) / f_st, (1 - p) * (1 - f_st) / f_st, k)
    y = np.log(frequency / (1 - frequency))
    found = frequency_predictive(y, np.full(k, 1e-4), *alone(k))
    assert expit(found.expected[0]) == pytest.approx(p, abs=0.02)
    variance = (found.weight[0] * found.variance[0]).sum()
    assert variance == pytest.approx(f_st / (p * (1 - p)), rel=0.35)


def test_a_reference_decides_where_the_studies_do_not():
    y = np.array([-1.0, -1.1, -0.9, 1.0, 1.1, 0.9, 1.05, 0.95])
    v = np.full(8, 0.01)
    found = frequency_predictive(y, v, *alone(8), reference=float(expit(-1.0)))
    assert found.expected == pytest.approx(np.full(8, -1), abs=0.15)


def test_what_shares_controls_is_no_evidence():
    y, v = np.array([-1.0, -1.0, 1.0, 1.2]), np.full(4, 0.01)
    same = np.eye(4, dtype=bool)
    same[0, 1] = same[1, 0] = True
    found = frequency_predictive(y, v, np.ones(4, dtype=bool), same)
    assert list(found.others) == [2, 2, 3, 3]
    assert found.expected[0] > 0.5
