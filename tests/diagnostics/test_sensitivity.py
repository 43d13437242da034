"""Leave-one-out and cumulative pools against metafor, and against one pool at a time."""

import numpy as np
import pytest

from genopool.diagnostics.sensitivity import (
    cumulative,
    leave_one_out,
    leave_two_out,
    without_studies,
)
from genopool.pooling.inverse_variance import pool

#: metafor's leave1out and cumul refit REML at its default threshold, so their tau² is off by up to
#: 1e-5; that ours is the maximum is shown in tests/pooling/test_tau2.py.
ATOL_TAU2 = 2e-5
#: What an error of that size in tau² does to the estimate and limits of these cases.
ATOL = 5e-5
#: Q does not depend on tau².
ATOL_Q = 1e-9


def assert_close(ours, reference, atol):
    known = ~np.isnan(reference)  # metafor has none where its fit did not converge
    assert known.any()
    assert np.abs(ours - reference)[known].max() <= atol


def test_leave_one_out_agrees_with_metafor(case):
    fit = leave_one_out(case.log_or, case.variance, tau2="REML", interval="wald")
    for field in ("estimate", "ci_low", "ci_high"):
        ours = getattr(fit, field)[case.there]
        assert_close(ours, case.of_studies("leave_one_out_reml", field), ATOL)
    assert_close(fit.tau2[case.there], case.of_studies("leave_one_out_reml", "tau2"), ATOL_TAU2)
    assert_close(fit.q[case.there], case.of_studies("leave_one_out_reml", "q"), ATOL_Q)


def test_cumulative_agrees_with_metafor(case):
    fit = cumulative(case.log_or, case.variance, tau2="REML", interval="wald")
    for field in ("estimate", "ci_low", "ci_high"):
        ours = getattr(fit, field)[case.there]
        assert_close(ours, case.of_studies("cumulative_reml", field), ATOL)
    # metafor gives the first study alone a tau² of 0, which says nothing
    ours, reference = fit.tau2[case.there][1:], case.of_studies("cumulative_reml", "tau2")[1:]
    assert_close(ours, reference, ATOL_TAU2)


@pytest.fixture
def random_sets():
    rng = np.random.default_rng(5)
    y, v = rng.normal(size=(3, 6)), rng.uniform(0.05, 0.5, (3, 6))
    y[1, 2] = v[1, 2] = np.nan
    return y, v


def test_leave_one_out_is_one_pool_a_study(random_sets):
    y, v = random_sets
    fit = leave_one_out(y, v, tau2="DL")
    for i in range(3):
        for j in range(6):
            rest = [m for m in range(6) if m != j and not np.isnan(y[i, m])]
            alone = pool(y[i, rest], v[i, rest], tau2="DL")
            if np.isnan(y[i, j]):
                assert np.isnan(fit.estimate[i, j]) and fit.k[i, j] == 0
            else:
                assert fit.estimate[i, j] == pytest.approx(alone.estimate, rel=1e-12)
                assert fit.ci_high[i, j] == pytest.approx(alone.ci_high, rel=1e-12)


def test_cumulative_follows_the_order(random_sets):
    y, v = random_sets
    fit = cumulative(y, v, order=v, tau2="DL", interval="wald")
    most_precise_first = np.argsort(v[0])
    for place, study in enumerate(most_precise_first):
        so_far = most_precise_first[: place + 1]
        alone = pool(y[0, so_far], v[0, so_far], tau2="DL", interval="wald")
        assert fit.estimate[0, study] == pytest.approx(alone.estimate, rel=1e-12)
        assert fit.k[0, study] == place + 1


def test_equal_years_come_in_as_given(random_sets):
    y, v = random_sets
    by_year = cumulative(y[0], v[0], order=[2001, 2001, 2000, 2001, 2000, 2002])
    assert by_year.k.tolist() == [3, 4, 1, 5, 2, 6]


def test_a_study_without_a_place_in_the_order_is_refused(random_sets):
    y, v = random_sets
    with pytest.raises(ValueError, match="order: a study that is there has no value"):
        cumulative(y[0], v[0], order=[1, 2, np.nan, 4, 5, 6])


def test_one_study_leaves_nothing():
    fit = leave_one_out([0.3], [0.1])
    assert fit.k.tolist() == [0] and np.isnan(fit.estimate).all()
    assert cumulative([0.3], [0.1]).estimate == pytest.approx([0.3])


def test_without_studies_pools_the_others():
    rng = np.random.default_rng(5)
    y, v = rng.normal(size=(2, 6)), rng.uniform(0.05, 0.4, (2, 6))
    y[1, 0] = v[1, 0] = np.nan
    out = np.array([[1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]], dtype=bool)
    ours = without_studies(y, v, out, tau2="DL")
    assert ours.estimate.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            rest = ~out[j] & ~np.isnan(y[i])
            alone = pool(y[i, rest], v[i, rest], tau2="DL")
            assert ours.estimate[i, j] == pytest.approx(alone.estimate, rel=1e-9, nan_ok=True)
            assert ours.k[i, j] == alone.k


@pytest.mark.parametrize("left_out", [[True, False], [[1, 0]], [[True]]])
def test_sets_left_out_must_fit(left_out):
    with pytest.raises(ValueError, match=r"expected bool, \(..., sets, 2\)"):
        without_studies([0.1, 0.2], [0.1, 0.1], left_out)


def test_leave_two_out_is_the_loop_over_pairs():
    from itertools import combinations

    rng = np.random.default_rng(6)
    y, v = rng.normal(0.2, 0.3, size=(3, 7)), rng.uniform(0.02, 0.2, (3, 7))
    y[1, 4] = v[1, 4] = np.nan
    ours = leave_two_out(y, v, tau2="DL")
    for i in range(3):
        there = np.flatnonzero(~np.isnan(y[i]))
        whole = pool(y[i, there], v[i, there], tau2="DL").estimate
        fits = {}
        for pair in combinations(there, 2):
            rest = [j for j in there if j not in pair]
            fits[pair] = pool(y[i, rest], v[i, rest], tau2="DL")
        lowest, highest = (f(fits, key=lambda pair: fits[pair].estimate) for f in (min, max))
        assert tuple(ours.without_lowest[i]) == lowest
        assert tuple(ours.without_highest[i]) == highest
        assert ours.lowest[i] == pytest.approx(fits[lowest].estimate, rel=1e-9)
        assert ours.highest[i] == pytest.approx(fits[highest].estimate, rel=1e-9)
        p = [float(fit.p_value) for fit in fits.values()]
        assert ours.lowest_p[i] == pytest.approx(min(p), rel=1e-7)
        assert ours.highest_p[i] == pytest.approx(max(p), rel=1e-7)
        assert ours.pairs[i] == len(fits) and ours.significant[i] == sum(x < 0.05 for x in p)
        assert ours.reversed[i] == sum(fit.estimate * whole < 0 for fit in fits.values())


@pytest.mark.parametrize("k", [0, 1, 2])
def test_leave_two_out_needs_three_studies(k):
    ours = leave_two_out([0.1, 0.3][:k], [0.1, 0.2][:k])
    assert ours.pairs == ours.significant == 0
    assert np.isnan([ours.lowest, ours.highest_p]).all()
    assert ours.without_lowest.tolist() == [-1, -1]
