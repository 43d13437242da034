"""Funnel tests with heterogeneity against metafor and meta."""

import numpy as np
import pytest

from genopool.diagnostics.random_effects_funnel import (
    arcsine_difference,
    egger_mixed,
    ruecker,
    thompson,
)

#: metafor at threshold 1e-12 and printed to 13 digits; tau² is flat at its maximum.
RTOL = 1e-7
#: meta leaves metafor at its own threshold, and tau² moves statistics by up to 3e-4 of themselves.
META = 5e-4


def test_egger_mixed_agrees_with_metafor(case, small_study):
    reference = small_study["egger_mixed"][case.reference["name"]]
    ours = egger_mixed(case.log_or, case.variance)
    assert ours.statistic == pytest.approx(reference["z"], rel=RTOL, abs=1e-8)
    assert ours.p_value == pytest.approx(reference["p"], rel=10 * RTOL)
    assert ours.intercept == pytest.approx(reference["limit"], rel=RTOL, abs=1e-8)
    assert np.isnan(ours.df)
    beside = case.reference["egger_mixed_reml"]["statistic"]
    assert ours.statistic == pytest.approx(beside, rel=META, abs=1e-6)


def test_thompson_agrees_with_meta(case):
    ours, reference = thompson(case.log_or, case.variance), case.reference["bias_thompson"]
    assert ours.statistic == pytest.approx(reference["statistic"], rel=META, abs=1e-6)
    assert ours.p_value == pytest.approx(reference["p_value"], rel=2 * META)
    assert ours.df == reference["df"]


@pytest.mark.parametrize("name", ["bcg", "nielweise2007"])
def test_ruecker_agrees_with_metafor(name, small_study):
    data = small_study["arcsine"][name]
    table = [data[cell] for cell in "abcd"]
    difference, variance = arcsine_difference(*table)
    assert difference == pytest.approx(data["yi"], rel=1e-10)
    assert variance == pytest.approx(data["vi"], rel=1e-10)
    mixed, plain = ruecker(*table), ruecker(*table, model="egger")
    assert mixed.statistic == pytest.approx(data["mixed"]["z"], rel=1e-8)
    assert mixed.slope == pytest.approx(data["mixed"]["slope"], rel=1e-8)
    assert mixed.se == pytest.approx(data["mixed"]["se"], rel=1e-8)
    assert mixed.intercept == pytest.approx(data["mixed"]["limit"], rel=1e-7)
    assert plain.statistic == pytest.approx(data["lm"]["t"], rel=1e-9)
    assert plain.p_value == pytest.approx(data["lm"]["p"], rel=1e-8)
    assert plain.df == data["lm"]["df"] == mixed.df


def test_ruecker_needs_cases_and_controls_but_no_exposed():
    table = np.array([[3.0, 0, 5, 0, 9], [7, 8, 4, 0, 21], [2, 0, 6, 3, 11], [9, 12, 5, 5, 30]])
    assert ruecker(*table).k == 4
    assert np.isnan(arcsine_difference(*table)[0][3])


def test_sets_at_once_are_sets_alone():
    rng = np.random.default_rng(1)
    y, v = rng.normal(size=(2, 3, 7)), rng.uniform(0.02, 0.4, (2, 3, 7))
    y[0, 1, 2] = v[0, 1, 2] = np.nan
    together = thompson(y, v)
    for index in np.ndindex(2, 3):
        there = ~np.isnan(y[index])
        alone = thompson(y[index][there], v[index][there])
        assert together.statistic[index] == pytest.approx(alone.statistic, rel=1e-8)
        assert together.p_value[index] == pytest.approx(alone.p_value, rel=1e-8)
        assert together.k[index] == alone.k


@pytest.mark.parametrize("k", [0, 1, 2])
def test_too_few_studies(k):
    ours = thompson([0.1, 0.3][:k], [0.1, 0.2][:k])
    assert np.isnan(ours.p_value) and ours.k == k


def test_the_level_of_rueckers_test_does_not_suffer_from_an_effect():
    """At an odds ratio of 3 Egger's test finds bias too often where there is none."""
    from genopool.association.odds_ratios import log_odds_ratio
    from genopool.diagnostics.funnel_regression import egger

    rng = np.random.default_rng(7)
    sets, studies = 1500, 20
    cases = rng.integers(30, 200, (sets, studies))
    controls_exposed = rng.binomial(cases, 0.1)
    odds = 3 * 0.1 / 0.9
    cases_exposed = rng.binomial(cases, odds / (1 + odds))
    table = (cases_exposed, cases - cases_exposed, controls_exposed, cases - controls_exposed)
    level = (ruecker(*table).p_value < 0.1).mean()
    of_egger = (egger(*log_odds_ratio(*table, correction=0.5)).p_value < 0.1).mean()
    # three standard errors of a proportion of 0.1 in 1,500
    assert abs(level - 0.1) < 0.025
    assert of_egger > 0.2


def test_unknown_model():
    with pytest.raises(ValueError, match=r"unknown model 'lm'\. Valid: mixed, egger"):
        ruecker([1], [1], [1], [1], model="lm")
