"""Contrasts of strata against closed forms, Tukey's distribution and the between-stratum test."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from genopool.diagnostics.stratum_contrasts import stratum_contrasts
from genopool.pooling.between_strata import between_strata
from genopool.pooling.inverse_variance import pool


def test_equal_effects_are_differences_of_pools():
    rng = np.random.default_rng(1)
    y, v = rng.normal(size=12), rng.uniform(0.05, 0.4, 12)
    strata = np.array(["b", "a", "c"] * 4)
    ours = stratum_contrasts(y, v, strata, tau2="EE")
    assert list(zip(ours.first, ours.second, strict=True)) == list(combinations("abc", 2))
    fits = {name: pool(y[strata == name], v[strata == name], tau2="EE") for name in "abc"}
    for i, (one, two) in enumerate(combinations("abc", 2)):
        d = fits[one].estimate - fits[two].estimate
        se = np.hypot(fits[one].se, fits[two].se)
        assert ours.log_ratio[i] == pytest.approx(float(d), rel=1e-9)
        assert ours.se[i] == pytest.approx(float(se), rel=1e-9)
        assert ours.p_value[i] == pytest.approx(2 * stats.norm.sf(abs(d / se)), rel=1e-8)
        assert ours.ci_low[i] == pytest.approx(d - stats.norm.ppf(0.975) * se, rel=1e-9)


@pytest.mark.parametrize("number", [3, 4, 5])
def test_strata_of_one_size_have_tukeys_distribution(number):
    rng = np.random.default_rng(number)
    y, v = rng.normal(0, 0.4, 3 * number), np.full(3 * number, 0.1)
    ours = stratum_contrasts(y, v, np.repeat(list("abcde")[:number], 3), tau2="EE")
    expected = stats.studentized_range.sf(np.abs(ours.statistic) * np.sqrt(2), number, np.inf)
    assert ours.adjustment == "single-step"
    # both integrate numerically
    assert ours.p_adjusted == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("interval", ["wald", "hartung-knapp"])
def test_two_strata_are_the_between_stratum_test(interval):
    rng = np.random.default_rng(2)
    y, v = rng.normal(size=(3, 9)), rng.uniform(0.05, 0.4, (3, 9))
    strata = ["x"] * 4 + ["y"] * 5
    ours = stratum_contrasts(y, v, strata, interval=interval)
    test = between_strata(y, v, strata, interval=interval)
    assert ours.p_value[:, 0] == pytest.approx(test.p_value, rel=1e-6)
    assert ours.p_adjusted[:, 0] == pytest.approx(ours.p_value[:, 0], abs=1e-4)


def test_many_strata_take_holm():
    rng = np.random.default_rng(3)
    y, v = rng.normal(size=18), rng.uniform(0.05, 0.4, 18)
    ours = stratum_contrasts(y, v, list("abcdef") * 3)
    assert ours.adjustment == "holm" and ours.p_adjusted.shape == (15,)
    order = np.argsort(ours.p_value)
    stepped = np.maximum.accumulate(ours.p_value[order] * np.arange(15, 0, -1))
    assert ours.p_adjusted[order] == pytest.approx(np.minimum(stepped, 1))


def test_studies_without_a_stratum_are_left_out_and_empty_strata_said():
    rng = np.random.default_rng(4)
    y, v = rng.normal(size=(2, 7)), rng.uniform(0.05, 0.4, (2, 7))
    strata = ["a", "a", "b", "b", None, "", "b"]
    y[1, :2] = v[1, :2] = np.nan
    ours = stratum_contrasts(y, v, strata)
    there = [0, 1, 2, 3, 6]
    alone = stratum_contrasts(y[0, there], v[0, there], ["a", "a", "b", "b", "b"])
    assert ours.log_ratio[0] == pytest.approx(alone.log_ratio, rel=1e-9)
    assert ours.status[0] == "" and ours.status[1] != ""
    assert np.isnan(ours.log_ratio[1]).all() and np.isnan(ours.p_adjusted[1]).all()


def test_impossible_input():
    with pytest.raises(ValueError, match="a comparison needs two"):
        stratum_contrasts([0.1, 0.2], [0.1, 0.1], ["a", "a"])
    with pytest.raises(ValueError, match=r"strata has shape \(1,\); expected \(2,\)"):
        stratum_contrasts([0.1, 0.2], [0.1, 0.1], ["a"])
