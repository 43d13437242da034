"""Intervals of tau²: metafor's limits, the equations they solve, coverage."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from genopool.pooling.tau2_intervals import METHODS, h2_interval, i2_interval, tau2_interval

CASES = json.loads((Path(__file__).parents[1] / "reference" / "metafor.json").read_text())["cases"]

#: metafor's root finder stops the Q-profile limits here (reference/README).
RTOL_REFERENCE = 1e-3
#: RULES, accuracy: |Q(limit) - quantile|.
ATOL_Q = 1e-9


def naive_q(y, v, tau2):
    w = 1 / (v + tau2)
    mean = sum(w * y) / sum(w)
    return sum(w * (y - mean) ** 2)


def case_data(name):
    return (np.array([x for x in CASES[name][n] if x is not None]) for n in ("log_or", "variance"))


@pytest.mark.parametrize("name", CASES)
def test_q_profile_agrees_with_metafor(name):
    y, v = case_data(name)
    fit = next(f for f in CASES[name]["inverse_variance"] if f["method"] == "REML")
    low, high = tau2_interval(y, v)
    typical = (y.size - 1) * sum(1 / v) / (sum(1 / v) ** 2 - sum(1 / v**2))
    for ours, theirs in ((low, fit["tau2_ci_low"]), (high, fit["tau2_ci_high"])):
        assert abs(ours - theirs) <= RTOL_REFERENCE * max(theirs, typical)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_q_profile_limits_solve_their_equation(level):
    rng = np.random.default_rng(1)
    y = rng.normal(0, rng.choice([0.1, 1, 10], (300, 1)), (300, 9))
    v = 10 ** rng.uniform(-5, 1, (300, 9))
    low, high = tau2_interval(y, v, level)
    upper, lower = chi2.ppf([(1 + level) / 2, (1 - level) / 2], 8)
    assert (low > 0).any()
    assert (low == 0).any()
    for i in range(300):
        for limit, goal in ((low[i], upper), (high[i], lower)):
            if limit > 0:
                # Q near the limit moves by up to its slope times the rounding of the limit.
                assert abs(naive_q(y[i], v[i], limit) - goal) <= ATOL_Q
            else:
                assert naive_q(y[i], v[i], 0) <= goal + ATOL_Q


def test_empty_confidence_set_is_zero_to_zero():
    assert tau2_interval([0.3, 0.3, 0.3, 0.3], [0.1, 0.2, 0.1, 0.3]) == (0, 0)


def test_fewer_than_two_studies_have_no_interval():
    low, high = tau2_interval([[0.2, np.nan], [np.nan, np.nan]], [[0.1, np.nan], [np.nan, np.nan]])
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_coverage_is_nominal():
    """Q-profile is exact for normal effects with known variances."""
    rng = np.random.default_rng(11)
    v = rng.uniform(0.05, 0.5, 6)
    y = rng.normal(0, np.sqrt(v + 0.2), (20_000, 6))
    low, high = tau2_interval(y, np.broadcast_to(v, y.shape), 0.9)
    inside = np.mean((low <= 0.2) & (high >= 0.2))
    assert inside == pytest.approx(0.9, abs=4 * (0.09 / 20_000) ** 0.5)


def test_unknown_method_and_level_are_refused():
    with pytest.raises(ValueError, match="did you mean 'Q-profile'"):
        tau2_interval([0.1, 0.2], [0.1, 0.1], method="q-profile")
    with pytest.raises(ValueError, match="level"):
        tau2_interval([0.1, 0.2], [0.1, 0.1], level=0)


def bcg():
    return (np.array(CASES["bcg"][name]) for name in ("log_or", "variance"))


@pytest.mark.parametrize(
    ("method", "low", "high", "i2_low", "i2_high", "h2_low", "h2_high"),
    [
        (
            "profile-likelihood",
            *(0.1150731896477, 0.8937050130772),
            *(79.82611787666, 96.84849989977),
            *(4.956904149069, 31.73092077412),
        ),
        (
            "restricted-profile-likelihood",
            *(0.1259202409749, 1.032615256879),
            *(81.2378888777, 97.26083571434),
            *(5.329890615622, 36.50748533909),
        ),
    ],
)
def test_profile_likelihood_agrees_with_metafor(
    method, low, high, i2_low, i2_high, h2_low, h2_high
):
    """metafor 3.8-1, BCG: confint(rma(yi, vi, method = "ML" or "REML", control =
    list(threshold = 1e-12)), type = "PL", control = list(tol = 1e-13))."""
    y, v = bcg()
    rtol = 1e-9
    assert tau2_interval(y, v, method=method) == pytest.approx((low, high), rel=rtol)
    assert i2_interval(y, v, method=method) == pytest.approx((i2_low, i2_high), rel=rtol)
    assert h2_interval(y, v, method=method) == pytest.approx((h2_low, h2_high), rel=rtol)


@pytest.mark.parametrize("name", CASES)
def test_i2_interval_agrees_with_metafor(name):
    y, v = case_data(name)
    fit = next(f for f in CASES[name]["inverse_variance"] if f["method"] == "REML")
    low, high = i2_interval(y, v)
    # The reference's limits of tau² are good to 1e-3.
    assert low == pytest.approx(fit["i2_ci_low"], rel=RTOL_REFERENCE, abs=100 * RTOL_REFERENCE)
    assert high == pytest.approx(fit["i2_ci_high"], rel=RTOL_REFERENCE, abs=100 * RTOL_REFERENCE)


@pytest.mark.parametrize("method", ["profile-likelihood", "restricted-profile-likelihood"])
def test_profile_limits_hold_all_good_values_and_no_others_beyond(method):
    """A grid over tau²: everything within the quantile of the best lies inside, and the limits
    themselves are at the quantile or at 0. One set has two maxima."""
    rng = np.random.default_rng(14)
    y = rng.normal(0, rng.choice([0.1, 1], (15, 1)), (15, 6))
    v = 10 ** rng.uniform(-3, 0, (15, 6))
    y[0], v[0] = [0, 0.02, 0.01, 4, -4, 4.5], [1e-4, 1e-4, 1e-4, 1.1, 1.1, 1.1]

    def deviance(i, t):
        w = 1 / (v[i] + t)
        mean = (w * y[i]).sum() / w.sum()
        out = (w * (y[i] - mean) ** 2 - np.log(w)).sum()
        return out + np.log(w.sum()) * (method != "profile-likelihood")

    low, high = tau2_interval(y, v, method=method)
    grid = np.concatenate([[0], np.geomspace(1e-7, 1e3, 1500)])
    for i in range(15):
        values = np.array([deviance(i, t) for t in grid])
        ceiling = values.min() + chi2.ppf(0.95, 1)
        good = grid[values <= ceiling]
        assert low[i] <= good[0]
        assert high[i] >= good[-1]
        # The minimum on the grid is good to its spacing, 1.5%, squared.
        for limit in (low[i], high[i]):
            assert limit == 0 or deviance(i, limit) == pytest.approx(ceiling, abs=1e-3)


def test_generalised_q_is_the_q_profile_when_variances_are_equal():
    """Then Q / (1 + tau²/v) is chi²: limits v (Q / quantile - 1)."""
    y, v = np.array([0.1, 1.9, -0.4, 1.3, 0.2]), np.full(5, 0.05)
    q = ((y - y.mean()) ** 2 / v).sum()
    expected = 0.05 * (q / chi2.ppf([0.975, 0.025], 4) - 1)
    assert tau2_interval(y, v, method="generalised-Q") == pytest.approx(expected, rel=1e-9)
    assert tau2_interval(y, v) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("power", [None, 1, 0.5])
def test_generalised_q_limits_have_exact_coverage(power):
    """Exact for normal effects with known variances, whatever the fixed weights."""
    rng = np.random.default_rng(12)
    n, v = 2000, np.array([0.02, 0.05, 0.1, 0.3, 0.8])
    y = rng.normal(0, np.sqrt(v + 0.2), (n, 5))
    weights = None if power is None else v**-power
    low, high = tau2_interval(
        y, np.broadcast_to(v, y.shape), 0.9, method="generalised-Q", weights=weights
    )
    inside = np.mean((low <= 0.2) & (high >= 0.2))
    assert inside == pytest.approx(0.9, abs=4 * (0.09 / n) ** 0.5)


def test_generalised_q_weights_follow_their_studies():
    y, v = bcg()
    a = v**-0.5
    order = np.random.default_rng(1).permutation(y.size)
    one = tau2_interval(y, v, method="generalised-Q", weights=a)
    other = tau2_interval(y[order], v[order], method="generalised-Q", weights=a[order])
    assert one == pytest.approx(other, rel=1e-9)
    assert one != pytest.approx(tau2_interval(y, v, method="generalised-Q"), rel=1e-3)
    assert tau2_interval(y, v, method="generalised-Q", weights=1 / v) == pytest.approx(
        tau2_interval(y, v, method="generalised-Q"), rel=1e-9
    )


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"weights": [1, 1]}, "'generalised-Q' only"),
        ({"method": "generalised-Q", "weights": [1, 0]}, "weights[1] = 0.0"),
    ],
)
def test_impossible_weights_are_refused(choice, message):
    with pytest.raises(ValueError) as error:
        tau2_interval([0.1, 0.9], [0.1, 0.1], **choice)
    assert message in str(error.value)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_finite_on_hard_data(method):
    rng = np.random.default_rng(13)
    for k in (2, 3, 9):
        v = 10 ** rng.uniform(-6, 0, (200, k))
        y = rng.normal(0, np.sqrt(v + rng.choice([0, 1, 900], (200, 1))))
        low, high = tau2_interval(y, v, method=method)
        assert np.isfinite(high).all()
        assert (low >= 0).all()
        assert (low <= high).all()
