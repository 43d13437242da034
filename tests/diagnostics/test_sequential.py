"""Monitoring boundaries against rpact, published tables and simulation."""

import numpy as np
import pytest
from scipy.stats import norm

from genopool.diagnostics.power import required_information
from genopool.diagnostics.sensitivity import cumulative
from genopool.diagnostics.sequential import (
    obrien_fleming_spending,
    sequential_boundaries,
    sequential_monitoring,
)


def test_agrees_with_rpact(credibility):
    """rpact's own integration leaves some 2e-5; where it has no boundary, ours is far out."""
    assert len(credibility["sequential"]) == 10
    for case in credibility["sequential"]:
        ours = sequential_boundaries(case["fraction"], alpha=case["alpha"])
        for one, theirs in zip(ours, case["boundary"], strict=True):
            assert one > 8 if theirs is None else one == pytest.approx(theirs, abs=5e-4)
        spent = obrien_fleming_spending(case["fraction"], case["alpha"])
        assert spent == pytest.approx(case["spent"], rel=2e-6)


def test_the_published_table_of_five_looks():
    """Reboussin, DeMets, Kim and Lan 2000 (Control Clin Trials 21:190): five equal looks, 0.05."""
    expected = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]
    assert sequential_boundaries(np.arange(1, 6) / 5) == pytest.approx(expected, abs=2e-4)


def test_one_look_is_the_ordinary_test():
    assert sequential_boundaries([1.0])[0] == pytest.approx(norm.isf(0.025), rel=1e-12)
    assert sequential_boundaries([3.0], alpha=0.01)[0] == pytest.approx(norm.isf(0.005), rel=1e-12)


@pytest.mark.parametrize("fraction", [np.arange(1, 11) / 10, [0.15, 0.2, 0.5, 0.55, 0.97, 1]])
def test_simulated_paths_cross_as_often_as_alpha_was_spent(fraction):
    fraction = np.asarray(fraction)
    rng = np.random.default_rng(9)
    steps = np.sqrt(np.diff(fraction, prepend=0))
    z = np.cumsum(rng.normal(size=(200_000, fraction.size)) * steps, axis=1) / np.sqrt(fraction)
    crossed = np.abs(z) >= sequential_boundaries(fraction)
    by_look = np.maximum.accumulate(crossed, axis=1).mean(axis=0)
    error = 4 * np.sqrt(0.05 * 0.95 / 200_000)
    assert by_look == pytest.approx(obrien_fleming_spending(fraction), abs=error)


def test_the_first_look_at_full_information_is_the_last():
    ours = sequential_boundaries([[0.5, 0.9, 1.3, 1.6], [0.5, np.nan, 0.9, 1.3]])
    assert np.isnan(ours).tolist() == [[False] * 3 + [True], [False, True, False, False]]
    assert ours[0, :3] == pytest.approx(sequential_boundaries([0.5, 0.9, 1.0]))
    assert ours[1, [0, 2, 3]] == pytest.approx(ours[0, :3])


def test_a_look_without_new_information_does_not_count():
    equal = sequential_boundaries([0.5, 0.5, 1.0, 1.0])
    assert equal[0] == np.inf and np.isnan(equal[3])
    ours = sequential_boundaries([0.5, 0.5 + 1e-9, 1.0, 1.0 + 1e-12])
    assert ours[0] == np.inf and np.isnan(ours[3])
    assert ours[[1, 2]] == pytest.approx(sequential_boundaries([0.5, 1.0]), abs=1e-7)


def test_early_boundaries_are_finite_and_fall():
    ours = sequential_boundaries(np.linspace(0.001, 1, 25))
    assert np.isfinite(ours).all() and (np.diff(ours) < 0).all()


@pytest.mark.parametrize(
    ("fraction", "message"),
    [([0.5, 0.4], "never decrease"), ([0.0, 1], "above 0"), (0.5, "axis"), ([np.inf], "finite")],
)
def test_impossible_looks_are_refused(fraction, message):
    with pytest.raises(ValueError, match=message):
        sequential_boundaries(fraction)


def test_spending_refuses_what_cannot_be():
    assert obrien_fleming_spending([0, 1, 2]) == pytest.approx([0, 0.05, 0.05], rel=1e-12)
    with pytest.raises(ValueError, match="negative"):
        obrien_fleming_spending(-0.1)
    with pytest.raises(ValueError, match="alpha"):
        obrien_fleming_spending(0.1, alpha=1.5)


class TestMonitoring:
    def test_holds_its_level_where_repeated_tests_do_not(self):
        rng = np.random.default_rng(10)
        v = np.full((4000, 10), 0.04)
        y = rng.normal(0, np.sqrt(v))
        ours = sequential_monitoring(y, v, odds_ratio=1.2, tau2="EE")
        assert ours.crossed.mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.0475 / 4000))
        assert ours.fraction[0, -1] == pytest.approx(250 / (2.801585 / np.log(1.2)) ** 2, rel=1e-5)
        naive = (np.abs(ours.z) > 1.959964).any(axis=1).mean()
        # Armitage, McPherson and Rowe 1969, table 2: ten equally spaced looks at 5% give 19.3%.
        assert naive == pytest.approx(0.193, abs=0.02)

    def test_all_of_alpha_is_spent_at_full_information(self):
        rng = np.random.default_rng(11)
        v = np.full((4000, 6), 6 / required_information([1.0], odds_ratios=[1.2]).required[0])
        y = rng.normal(0, np.sqrt(v))
        ours = sequential_monitoring(y, v, odds_ratio=1.2, tau2="EE")
        assert ours.crossed.mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.0475 / 4000))
        y += np.log(1.2)
        found = sequential_monitoring(y, v, odds_ratio=1.2, tau2="EE").crossed.mean()
        assert found == pytest.approx(0.79, abs=0.04)

    def test_is_the_cumulative_pool_with_boundaries_in_the_order_of_studies(self):
        rng = np.random.default_rng(12)
        y, v = rng.normal(0.4, 0.3, 8), rng.uniform(0.02, 0.2, 8)
        year = np.array([2004, 2001, 2009, 2003, 2007, 2001, 2010, 2002])
        ours = sequential_monitoring(y, v, year, interval="hartung-knapp")
        pools = cumulative(y, v, year, interval="hartung-knapp")
        assert ours.estimate == pytest.approx(pools.estimate)
        assert 2 * norm.sf(np.abs(ours.z)) == pytest.approx(pools.p_value)
        order = np.argsort(year, kind="stable")
        expected = np.cumsum(1 / v[order]) / float(ours.required)
        assert ours.fraction[order] == pytest.approx(expected)
        last = ~np.isnan(ours.boundary)
        excludes = (ours.ci_low > 0) | (ours.ci_high < 0)
        assert np.array_equal(excludes[last], (np.abs(ours.z) > ours.boundary)[last])

    def test_nearly_holds_its_level_where_tau2_is_estimated(self):
        rng = np.random.default_rng(13)
        v = np.tile(rng.uniform(0.02, 0.08, 12), (600, 1))
        y = rng.normal(0, np.sqrt(v + 0.05))
        ours = sequential_monitoring(y, v, odds_ratio=1.3)
        assert 0.02 < ours.crossed.mean() < 0.08
        assert (np.abs(ours.z) > 1.959964).any(axis=1).mean() > 0.2

    def test_a_true_effect_is_found_early(self):
        v = np.full(10, 0.02)
        ours = sequential_monitoring(np.full(10, 0.5) + 0.01 * np.arange(10), v, odds_ratio=1.2)
        assert ours.crossed and not (np.abs(ours.z) >= ours.boundary)[0]

    def test_absent_studies_and_sets(self):
        nan = np.nan
        y, v = (
            [[0.3, nan, 0.2], [nan] * 3, [0.1, nan, nan]],
            [[0.1, nan, 0.1], [nan] * 3, [1, nan, nan]],
        )
        ours = sequential_monitoring(y, v)
        assert ours.reason.tolist() == ["", "no studies", ""]
        assert np.isnan(ours.fraction).tolist() == [
            [False, True, False],
            [True] * 3,
            [False, True, True],
        ]
        assert ours.crossed.tolist() == [False] * 3 and ours.reached.tolist() == [False] * 3
        assert sequential_monitoring([], []).reason == "no studies"

    def test_errors(self):
        with pytest.raises(ValueError, match="odds_ratio"):
            sequential_monitoring([0.1], [0.1], odds_ratio=1)
        with pytest.raises(ValueError, match="one number"):
            sequential_monitoring([0.1], [0.1], odds_ratio=[1.1, 1.2])
        with pytest.raises(ValueError, match="order"):
            sequential_monitoring([0.1, 0.2], [0.1, 0.2], [2001, np.nan])
