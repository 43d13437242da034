"""Odds ratios against expected controls: expected counts, differences, simulation."""

import numpy as np
import pytest

from genopool.association.equilibrium_odds_ratio import (
    equilibrium_log_odds_ratio,
    expected_log_odds,
)
from genopool.association.models import COMPARED
from genopool.association.odds_ratios import genotype_log_odds_ratio

CASES = np.array([298, 535, 221])
CONTROLS = np.array([270, 406, 263])


@pytest.mark.parametrize("model", COMPARED)
def test_is_the_odds_ratio_of_the_expected_counts(model):
    n = CONTROLS.sum()
    p = (2 * CONTROLS[2] + CONTROLS[1]) / (2 * n)
    expected = n * np.array([(1 - p) ** 2, 2 * p * (1 - p), p * p])
    ours, _ = equilibrium_log_odds_ratio(CASES, CONTROLS, model)
    theirs, _ = genotype_log_odds_ratio(CASES, expected, model)
    assert ours == pytest.approx(float(theirs), rel=1e-12)


@pytest.mark.parametrize("model", COMPARED)
def test_slopes_are_difference_quotients(model):
    p = np.array([0.05, 0.3, 0.5, 0.9])
    ahead, behind = (expected_log_odds(p + h, model)[0] for h in (1e-6, -1e-6))
    assert expected_log_odds(p, model)[1] == pytest.approx((ahead - behind) / 2e-6, abs=1e-7)


@pytest.mark.parametrize("model", COMPARED)
@pytest.mark.parametrize(
    ("f", "variance"), [(0.0, "equilibrium"), (0.0, "observed"), (0.25, "observed")]
)
def test_variance_is_that_of_simulated_studies(model, f, variance):
    rng = np.random.default_rng(3)
    p, n = 0.3, 800
    spread = f * p * (1 - p)
    controls = rng.multinomial(
        n, [(1 - p) ** 2 + spread, 2 * (p * (1 - p) - spread), p * p + spread], 6000
    )
    cases = rng.multinomial(600, [0.49, 0.42, 0.09], 6000)
    ours, v = equilibrium_log_odds_ratio(cases, controls, model, variance=variance)
    assert v.mean() == pytest.approx(ours.var(), rel=0.08)


def test_controls_in_equilibrium_give_the_same_odds_ratio_and_less_variance():
    controls = np.array([490, 420, 90])
    for model in ("dominant", "recessive", "homozygous"):
        ours, v = equilibrium_log_odds_ratio(CASES, controls, model)
        theirs, of_theirs = genotype_log_odds_ratio(CASES, controls, model)
        assert ours == pytest.approx(float(theirs), rel=1e-12) and v < of_theirs


@pytest.mark.parametrize("model", COMPARED)
def test_what_is_not_there_is_nan(model):
    cases = [CASES, [0, 0, 0], [np.nan, 1, 2], CASES]
    controls = [[10, 0, 0], CONTROLS, CONTROLS, [0, 0, 0]]
    ours, v = equilibrium_log_odds_ratio(cases, controls, model)
    assert np.isnan(ours).all() and np.isnan(v).all()


def test_a_zero_cell_of_the_cases_is_corrected_or_nan():
    cases, controls = [5, 3, 0], CONTROLS
    ours, _ = equilibrium_log_odds_ratio(cases, controls, "recessive")
    p = (2 * 263 + 406) / (2 * 939)
    assert ours == pytest.approx(np.log(0.5 / 8.5) - np.log(p * p / (1 - p * p)))
    none, _ = equilibrium_log_odds_ratio(cases, controls, "recessive", correction=0)
    assert np.isnan(none)


@pytest.mark.parametrize(
    ("model", "choices", "message"),
    [
        ("additive", {}, "additive"),
        ("dominnt", {}, "dominant"),
        ("dominant", {"variance": "hwe"}, "observed, equilibrium"),
        ("dominant", {"correction": -1}, "correction"),
    ],
)
def test_errors(model, choices, message):
    with pytest.raises(ValueError, match=message):
        equilibrium_log_odds_ratio(CASES, CONTROLS, model, **choices)
