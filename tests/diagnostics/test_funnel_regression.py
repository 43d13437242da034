"""Regression tests of funnel asymmetry against metafor, meta and statsmodels."""

import numpy as np
import pytest

from genopool.diagnostics.funnel_regression import deeks, egger, harbord, macaskill, peters

#: Closed forms on both sides; the reference has 12 significant digits.
RTOL = 1e-9
ATOL = 1e-10

TESTS = {
    "egger_lm": lambda case: egger(case.log_or, case.variance),
    "bias_macaskill": lambda case: macaskill(case.log_or, case.variance, sum(case.table)),
    "bias_peters": lambda case: peters(case.log_or, *case.table),
    "bias_harbord": lambda case: harbord(*case.table),
    "bias_deeks": lambda case: deeks(case.log_or, *case.table),
}


@pytest.mark.parametrize("name", TESTS)
def test_agrees_with_r(case, name):
    ours, reference = TESTS[name](case), case.reference[name]
    assert ours.statistic == pytest.approx(reference["statistic"], rel=RTOL, abs=ATOL)
    assert ours.p_value == pytest.approx(reference["p_value"], rel=1e-8)
    assert ours.df == reference["df"]


def test_limit_of_egger_agrees_with_metafor(case):
    limit = case.reference["egger_lm"]["limit_estimate"]
    assert egger(case.log_or, case.variance).intercept == pytest.approx(limit, rel=RTOL)


def test_the_line_is_that_of_weighted_least_squares():
    from statsmodels.regression.linear_model import WLS

    rng = np.random.default_rng(7)
    y, v = rng.normal(size=9), rng.uniform(0.02, 0.4, 9)
    ours = egger(y, v)
    fit = WLS(y, np.column_stack([np.ones(9), np.sqrt(v)]), weights=1 / v).fit()
    assert [ours.intercept, ours.slope] == pytest.approx(fit.params, rel=1e-10)
    assert [ours.intercept_se, ours.se] == pytest.approx(fit.bse, rel=1e-10)
    assert ours.p_value == pytest.approx(fit.pvalues[1], rel=1e-9)


def test_sets_at_once_are_sets_alone():
    rng = np.random.default_rng(8)
    tables = rng.integers(5, 200, (4, 3, 8)).astype(float)
    tables[0, 1, 2] = np.nan
    a, b, c, d = tables
    y = np.log(a * d / (b * c))
    together = peters(y, a, b, c, d), harbord(a, b, c, d)
    for i in range(3):
        alone = peters(y[i], *tables[:, i]), harbord(*tables[:, i])
        for one, all_of_them in zip(alone, together, strict=True):
            assert one.p_value == pytest.approx(all_of_them.p_value[i], rel=1e-12)
            assert one.k == all_of_them.k[i]
    assert together[0].k.tolist() == [8, 7, 8]


@pytest.mark.parametrize("k", [0, 1, 2])
def test_too_few_studies_give_no_test(k):
    ours = egger([0.1, 0.2][:k], [0.1, 0.2][:k])
    assert ours.k == k and np.isnan(ours.p_value) and np.isnan(ours.slope)


def test_studies_of_one_size_give_no_test():
    ours = peters([0.1, 0.2, 0.4, 0.1], [50] * 4, [50] * 4, [40] * 4, [60] * 4)
    assert np.isnan(ours.p_value)


def test_egger_holds_its_level_without_bias():
    """Homogeneous effects, no selection: p is uniform."""
    rng = np.random.default_rng(9)
    v = rng.uniform(0.01, 0.3, (20_000, 12))
    p = egger(0.2 + rng.normal(size=v.shape) * np.sqrt(v), v).p_value
    for level in (0.05, 0.2, 0.5):
        assert np.mean(p < level) == pytest.approx(level, abs=4 * np.sqrt(level / p.size))
