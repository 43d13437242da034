"""Two strata compared: a published example, draws from the posterior, the between-strata test."""

import numpy as np
import pytest

from genopool.diagnostics.stratum_difference import stratum_difference
from genopool.pooling.between_strata import between_strata
from genopool.pooling.inverse_variance import pool


def test_altman_and_blands_published_example():
    """BMJ 2003;326:219: relative risks of fracture 0.67 (0.46 to 0.98) and 0.88 (0.71 to 1.08).
    The difference of their logs is -0.2726 with standard error 0.2206."""
    logs = np.log([[0.67, 0.46, 0.98], [0.88, 0.71, 1.08]])
    se = (logs[:, 2] - logs[:, 1]) / (2 * 1.96)
    ours = stratum_difference(logs[0, 0], se[0], logs[1, 0], se[1])
    assert ours.log_ratio == pytest.approx(-0.2726, abs=5e-5)
    assert ours.se == pytest.approx(0.2206, abs=5e-5)
    assert ours.statistic == pytest.approx(-1.24, abs=0.005)
    assert np.exp([ours.ci_low, ours.ci_high]) == pytest.approx([0.49, 1.17], abs=0.006)


def test_is_the_separate_test_between_two_strata():
    rng = np.random.default_rng(16)
    y, v = rng.normal(0.2, 0.3, 9), rng.uniform(0.02, 0.2, 9)
    strata = np.array(["a"] * 4 + ["b"] * 5)
    parts = [pool(y[strata == s], v[strata == s], interval="wald") for s in "ab"]
    ours = stratum_difference(parts[0].estimate, parts[0].se, parts[1].estimate, parts[1].se)
    test = between_strata(y, v, strata, interval="wald", between="separate")
    assert ours.statistic**2 == pytest.approx(float(test.statistic), rel=1e-9)
    assert ours.p_value == pytest.approx(float(test.p_value), rel=1e-9)


def test_probabilities_are_those_of_draws():
    rng = np.random.default_rng(17)
    ours = stratum_difference(0.3, 0.15, -0.05, 0.1, margins=[1.1, 1.5])
    one, two = rng.normal(0.3, 0.15, 400_000), rng.normal(-0.05, 0.1, 400_000)
    apart = np.abs(one - two)
    drawn = [(apart < np.log(m)).mean() for m in (1.1, 1.5)]
    assert ours.probability_within == pytest.approx(drawn, abs=0.004)
    assert ours.probability_opposite == pytest.approx((one * two < 0).mean(), abs=0.004)


def test_exchange_of_strata_axes_and_absence():
    one = stratum_difference([0.3, np.nan], [0.1, np.nan], 0.1, 0.2)
    other = stratum_difference(0.1, 0.2, [0.3, np.nan], [0.1, np.nan])
    assert one.log_ratio[0] == -other.log_ratio[0]
    assert one.ci_low[0] == pytest.approx(-other.ci_high[0])
    assert one.probability_within[0] == pytest.approx(other.probability_within[0])
    assert one.reason.tolist() == ["", "a stratum has no estimate"]
    assert np.isnan(one.probability_within[1]).all() and np.isnan(one.p_value[1])


@pytest.mark.parametrize(
    ("arguments", "choices", "message"),
    [
        ((0.1, -0.1, 0.2, 0.1), {}, "se = -0.1"),
        ((0.1, 0.1, 0.2, 0.0), {}, "other_se = 0.0"),
        ((0.1, 0.1, 0.2, 0.1), {"margins": [1]}, "margins"),
        ((0.1, 0.1, 0.2, 0.1), {"level": 2}, "level"),
    ],
)
def test_errors(arguments, choices, message):
    with pytest.raises(ValueError, match=message):
        stratum_difference(*arguments, **choices)
