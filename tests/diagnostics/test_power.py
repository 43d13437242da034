"""Power and required information: closed forms, scipy's non-central t, simulation."""

import numpy as np
import pytest
from scipy.stats import nct, norm, t

from genopool.diagnostics.power import power_of_pool, required_information
from genopool.pooling.inverse_variance import pool


def test_wald_power_by_hand():
    """Ten studies of variance 0.05, tau² 0.03: the mean's standard error is sqrt(0.008)."""
    ours = power_of_pool([0.05] * 10, 0.03)
    assert ours.se == pytest.approx(np.sqrt(0.008))
    z = np.log([1.1, 1.2, 1.5]) / np.sqrt(0.008)
    assert ours.power == pytest.approx(norm.sf(1.959964 - z) + norm.cdf(-1.959964 - z), abs=1e-7)
    again = power_of_pool([0.05] * 10, 0.03, odds_ratios=[float(ours.detectable_odds_ratio), 1.2])
    assert again.power[0] == pytest.approx(0.8, abs=1e-9)


@pytest.mark.parametrize("k", [2, 3, 10])
def test_hartung_knapp_power_is_a_non_central_t(k):
    ours = power_of_pool([0.05] * k, 0.03, interval="hartung-knapp")
    effect = np.log([1.1, 1.2, 1.5]) / np.sqrt(0.08 / k)
    c = t.isf(0.025, k - 1)
    assert ours.power == pytest.approx(
        nct.sf(c, k - 1, effect) + nct.cdf(-c, k - 1, effect), abs=1e-8
    )


@pytest.mark.parametrize("interval", ["wald", "hartung-knapp"])
def test_power_is_that_of_simulated_meta_analyses(interval):
    """With tau² known to the analysis in the one case, estimated in the other."""
    rng = np.random.default_rng(8)
    v = rng.uniform(0.02, 0.1, 20)
    y = rng.normal(np.log(1.2), np.sqrt(v + 0.04), (3000, 20))
    ours = power_of_pool(v, 0.04, odds_ratios=[1.2], interval=interval)
    if interval == "wald":
        w = 1 / (v + 0.04)
        found = np.abs((w * y).sum(axis=1) / np.sqrt(w.sum())) > 1.959964
    else:
        fit = pool(y, np.broadcast_to(v, y.shape), interval=interval, prediction="none")
        found = fit.p_value < 0.05
    assert ours.power[0] == pytest.approx(found.mean(), abs=0.04)


def test_no_effect_is_found_as_often_as_alpha_allows():
    ours = power_of_pool([0.05] * 4, odds_ratios=[1 + 1e-9], alpha=0.01)
    assert ours.power[0] == pytest.approx(0.01, rel=1e-6)
    inverse = power_of_pool([0.05] * 4, odds_ratios=[1 / 1.2, 1.2])
    assert inverse.power[0] == pytest.approx(inverse.power[1], rel=1e-12)


def test_what_has_no_power_says_why():
    v = [[0.1, 0.2], [0.1, np.nan], [np.nan, np.nan]]
    ours = power_of_pool(v, [0.0, np.nan, 0.1], interval="hartung-knapp")
    assert ours.reason.tolist() == ["", "one study: no Hartung-Knapp test", "no studies"]
    assert np.isnan(ours.power).all(axis=-1).tolist() == [False, True, True]
    assert not np.isnan(power_of_pool([0.1]).power).any()
    assert power_of_pool([1e-9], odds_ratios=[3]).power[0] == 1


class TestInformation:
    def test_with_that_much_information_the_power_is_the_wanted_one(self):
        v = np.full(40, 0.08)
        needed = required_information(v, 0.02, odds_ratios=[1.2], power=0.9)
        more = v.size / float(needed.fraction[0])
        assert more != pytest.approx(v.size)
        se = np.sqrt(0.1 / more)
        assert norm.cdf(np.log(1.2) / se - 1.959964) == pytest.approx(0.9, abs=1e-6)
        assert needed.diversity == pytest.approx(0.2)
        assert needed.required_adjusted == pytest.approx(needed.required / 0.8)

    def test_diversity_is_wetterslevs(self):
        """1 - fixed over random variance of the mean; I² of equal studies, more of unequal."""
        v = np.array([0.01, 0.1, 0.2])
        ours = required_information(v, 0.05)
        fixed, random = 1 / (1 / v).sum(), 1 / (1 / (v + 0.05)).sum()
        assert ours.diversity == pytest.approx((random - fixed) / random)

    def test_the_textbook_number(self):
        """(1.959964 + 0.841621)² / ln(1.2)²."""
        ours = required_information([0.1], odds_ratios=[1.2])
        assert ours.required[0] == pytest.approx(2.801585**2 / np.log(1.2) ** 2, rel=1e-5)

    def test_fewest_studies_are_the_fewest_of_endless_size(self):
        ours = int(required_information([0.1, 0.1], 0.1, odds_ratios=[1.3]).fewest_studies[0])

        def power(k):
            return norm.cdf(np.log(1.3) / np.sqrt((0.1 + 1e-9) / k) - 1.959964)

        assert power(ours) >= 0.8 > power(ours - 1)
        assert required_information([0.1], 0.0).fewest_studies.tolist() == [1, 1, 1]

    def test_people_grow_with_information(self):
        ours = required_information([0.1, 0.1], odds_ratios=[1.2], people=1000)
        assert ours.required_people[0] == np.ceil(1000 / ours.fraction[0])
        assert np.isnan(required_information([0.1]).required_people).all()

    def test_absent_sets(self):
        ours = required_information([[0.1, 0.2], [np.nan, np.nan]], [0.1, np.nan])
        assert ours.reason.tolist() == ["", "no studies"]
        assert np.isnan(ours.required[1]).all() and np.isnan(ours.diversity[1])


@pytest.mark.parametrize("function", [power_of_pool, required_information])
@pytest.mark.parametrize(
    ("v", "tau2", "choices", "message"),
    [
        ([0.0], 0.0, {}, r"variance\[0\]"),
        (0.1, 0.0, {}, "axis of studies"),
        ([0.1], -1.0, {}, "tau2"),
        ([0.1], np.inf, {}, "tau2"),
        ([[0.1], [0.2]], np.zeros(3), {}, "one tau2 for each set"),
        ([0.1], 0.0, {"alpha": 5}, "alpha"),
        ([0.1], 0.0, {"odds_ratios": [1]}, "odds_ratios"),
    ],
)
def test_errors(function, v, tau2, choices, message):
    with pytest.raises(ValueError, match=message):
        function(v, tau2, **choices)


def test_wishes_that_cannot_be_met():
    with pytest.raises(ValueError, match="wanted"):
        power_of_pool([0.1], wanted=0.04)
    with pytest.raises(ValueError, match="power"):
        required_information([0.1], power=0.04)
    with pytest.raises(ValueError, match="people"):
        required_information([0.1], people=0)


def test_a_power_next_to_1_is_a_number():
    """Where SciPy's non-central t has none: far tails, at any effect and number of studies."""
    for k in (2, 3, 5, 8, 21, 201):
        ours = power_of_pool([1e-3] * k, odds_ratios=np.exp(np.arange(1, 300) / 200), alpha=1e-3,
                             interval="hartung-knapp")  # fmt: skip
        assert np.isfinite(ours.power).all() and (np.diff(ours.power) >= -1e-9).all()
        assert ours.power[-1] > 0.05
