"""Excess significance against metafor's tes, and by simulation."""

import numpy as np
import pytest
from scipy.stats import binomtest

from genopool.diagnostics.excess_significance import excess_significance

SETS = ("bcg", "nielweise2007", "made_up")


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("test", ["exact", "chi2", "binomial"])
def test_agrees_with_metafor_under_equal_effects(credibility, name, test):
    data = credibility["sets"][name]
    theirs = data["tes_equal_effects"][test]
    ours = excess_significance(data["yi"], data["vi"], tau2="EE", test=test)
    assert ours.observed == theirs["O"]
    assert ours.expected == pytest.approx(theirs["E"], rel=1e-9)
    assert ours.theta == pytest.approx(theirs["theta"], rel=1e-9)
    assert ours.p_value == pytest.approx(theirs["p_value"], rel=1e-9)
    if test == "chi2":
        assert ours.statistic == pytest.approx(theirs["statistic"], rel=1e-9)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("test", ["chi2", "binomial"])
def test_agrees_with_metafor_under_random_effects(credibility, name, test):
    """metafor integrates over 5 standard deviations of true effects: 1e-6 of them are left out."""
    data = credibility["sets"][name]
    theirs = data["tes_reml"][test]
    ours = excess_significance(data["yi"], data["vi"], test=test)
    assert ours.expected == pytest.approx(theirs["E"], rel=3e-6)
    assert ours.p_value == pytest.approx(theirs["p_value"], abs=2e-5)


def test_holds_its_level_and_finds_selection():
    """By no means always: the pool of selected studies is too large itself, and so their power."""
    rng = np.random.default_rng(4)
    v = rng.uniform(0.02, 0.1, (400, 60))
    y = rng.normal(0.15, np.sqrt(v))
    complete = excess_significance(y, v, tau2="EE").p_value
    assert (complete < 0.1).mean() < 0.1 + 3 * 0.015
    seen = (y / np.sqrt(v) > 1.96) | (rng.random(y.shape) < 0.1)
    selected = excess_significance(
        np.where(seen, y, np.nan), np.where(seen, v, np.nan), tau2="EE"
    ).p_value
    assert (selected < 0.1).mean() > 0.35


def test_equal_power_is_the_binomial_test():
    y, v = [0.9, 0.1, 0.8, 0.05, 0.2], [0.04] * 5
    exact = excess_significance(y, v, tau2="EE")
    assert exact.observed == 2
    expected = binomtest(2, 5, float(exact.power[0]), alternative="greater").pvalue
    for test in ("exact", "binomial"):
        ours = excess_significance(y, v, tau2="EE", test=test)
        assert ours.p_value == pytest.approx(expected, rel=1e-12)


def test_sets_and_what_is_not_there():
    y, v = [[0.5, 0.6, np.nan], [np.nan] * 3], [[0.01, 0.02, np.nan], [np.nan] * 3]
    for test in ("exact", "chi2", "binomial"):
        ours = excess_significance(y, v, test=test)
        assert ours.reason.tolist() == ["", "no studies"]
        assert ours.p_value[0] == pytest.approx(
            float(excess_significance(y[0][:2], v[0][:2], test=test).p_value)
        )
        assert np.isnan([ours.p_value[1], ours.expected[1]]).all()
    assert np.isnan(excess_significance([], []).p_value)


@pytest.mark.parametrize("choices", [{"alpha": 1}, {"test": "chi"}, {"tau2": "REM"}])
def test_errors(choices):
    with pytest.raises(ValueError, match=r"alpha|unknown"):
        excess_significance([0.1], [0.1], **choices)
