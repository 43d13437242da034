"""Meta-regression against metafor, statsmodels and the tests that it contains."""

import json
from pathlib import Path

import numpy as np
import pytest

from genopool.diagnostics.meta_regression import meta_regression
from genopool.pooling.between_strata import between_strata
from genopool.pooling.inverse_variance import pool

BCG = json.loads((Path(__file__).parents[1] / "reference" / "diagnostics.json").read_text())[
    "meta_regression_bcg"
]
INTERVALS = {"z": "wald", "knha": "hartung-knapp", "adhoc": "hartung-knapp-adhoc"}
METHODS = {"FE": "EE"}
#: R solved to 1e-12 and printed 12 digits; ML is flat at its maximum.
RTOL = 2e-8


@pytest.mark.parametrize("fit", BCG["fits"], ids=lambda fit: f"{fit['method']}-{fit['test']}")
def test_agrees_with_metafor(fit, reference_case):
    bcg = reference_case("bcg")
    moderators = np.column_stack([BCG["ablat"], BCG["year"]])
    method = METHODS.get(fit["method"], fit["method"])
    ours = meta_regression(
        bcg.log_or, bcg.variance, moderators, tau2=method, interval=INTERVALS[fit["test"]]
    )
    for field in ("coefficients", "se", "p_value", "i2", "qm", "qm_p", "qe", "qe_p"):
        assert getattr(ours, field) == pytest.approx(fit[field], rel=RTOL), field
    if method == "EE":
        assert np.isnan(ours.tau2) and np.isnan(ours.r2)
    else:
        assert ours.tau2 == pytest.approx(fit["tau2"], rel=RTOL)
        assert ours.r2 == pytest.approx(fit["r2"], rel=RTOL)
    assert (ours.k, ours.qe_df, ours.qm_df) == (13, 10, 2)


def test_equal_effects_are_weighted_least_squares():
    from statsmodels.regression.linear_model import WLS

    rng = np.random.default_rng(1)
    y, v, x = rng.normal(size=9), rng.uniform(0.05, 0.4, 9), rng.normal(size=(9, 2))
    ours = meta_regression(y, v, x, tau2="EE")
    fit = WLS(y, np.column_stack([np.ones(9), x]), weights=1 / v).fit(cov_type="fixed scale")
    assert ours.coefficients == pytest.approx(fit.params, rel=1e-10)
    assert ours.covariance == pytest.approx(fit.cov_params(), rel=1e-9)


@pytest.mark.parametrize("tau2", ["REML", "DL", "PM", "SJ"])
@pytest.mark.parametrize("interval", ["wald", "hartung-knapp"])
def test_dummies_of_strata_are_the_between_stratum_test(tau2, interval):
    rng = np.random.default_rng(2)
    y, v = rng.normal(size=(5, 12)), rng.uniform(0.05, 0.4, (5, 12))
    strata = np.array([0] * 4 + [1] * 5 + [2] * 3)
    dummies = (strata[:, None] == [1, 2]) * 1.0
    ours = meta_regression(y, v, dummies, tau2=tau2, interval=interval)
    theirs = between_strata(y, v, strata, tau2=tau2, interval=interval)
    assert ours.qm == pytest.approx(theirs.statistic, rel=1e-7)
    assert ours.qm_p == pytest.approx(theirs.p_value, rel=1e-7)


def test_no_moderator_is_the_pool():
    rng = np.random.default_rng(3)
    y, v = rng.normal(size=(4, 8)), rng.uniform(0.05, 0.4, (4, 8))
    y[2, 3] = v[2, 3] = np.nan
    ours = meta_regression(y, v, np.empty((8, 0)))
    fit = pool(y, v)
    assert ours.coefficients[:, 0] == pytest.approx(fit.estimate, rel=1e-9)
    assert ours.ci_low[:, 0] == pytest.approx(fit.ci_low, rel=1e-9)
    assert ours.i2 == pytest.approx(fit.i2, rel=1e-7)
    assert np.isnan(ours.qm).all()


def restricted_likelihood(y, v, x, tau2):
    """The naive twin: the restricted log-likelihood as the textbook has it."""
    design = np.column_stack([np.ones(len(y)), x])
    covariance = np.diag(v + tau2)
    inverse = np.linalg.inv(covariance)
    information = design.T @ inverse @ design
    beta = np.linalg.solve(information, design.T @ inverse @ y)
    r = y - design @ beta
    determinants = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    return -(determinants + r @ inverse @ r) / 2


def test_reml_is_the_global_maximum():
    rng = np.random.default_rng(4)
    grid = np.r_[0, np.geomspace(1e-6, 50, 800)]
    for _ in range(25):
        k = int(rng.integers(4, 12))
        v = rng.choice([0.001, 0.05, 1.0, 4.0], k) * rng.uniform(0.5, 2, k)
        y, x = rng.normal(0, 1.5, k), rng.normal(size=(k, 1))
        found = float(meta_regression(y, v, x).tau2)
        best = max(restricted_likelihood(y, v, x, t) for t in grid)
        assert restricted_likelihood(y, v, x, found) >= best - 1e-9


def test_units_and_origin_of_a_moderator_do_not_matter():
    rng = np.random.default_rng(5)
    y, v = rng.normal(size=10), rng.uniform(0.05, 0.4, 10)
    year = rng.integers(1990, 2020, 10).astype(float)
    ours, shifted = (meta_regression(y, v, x[:, None]) for x in (year, 1e-3 * (year - 2000)))
    assert ours.coefficients[1] == pytest.approx(shifted.coefficients[1] * 1e-3, rel=1e-9)
    assert ours.coefficients[0] + 2000 * ours.coefficients[1] == pytest.approx(
        shifted.coefficients[0], rel=1e-7
    )
    assert ours.p_value[1] == pytest.approx(shifted.p_value[1], rel=1e-9)


def test_a_study_without_the_moderator_is_left_out():
    rng = np.random.default_rng(6)
    y, v, x = rng.normal(size=8), rng.uniform(0.05, 0.4, 8), rng.normal(size=8)
    x[2] = np.nan
    rest = ~np.isnan(x)
    ours, alone = (
        meta_regression(a, b, c[:, None]) for a, b, c in ((y, v, x), (y[rest], v[rest], x[rest]))
    )
    assert ours.k == alone.k == 7
    assert ours.coefficients == pytest.approx(alone.coefficients, rel=1e-10)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_too_few_studies(k):
    ours = meta_regression([0.1, 0.2][:k], [0.1, 0.2][:k], np.arange(k, dtype=float)[:, None])
    assert ours.status == "no more studies than coefficients"
    assert np.isnan(ours.coefficients).all() and np.isnan(ours.tau2)


@pytest.mark.parametrize(
    "moderators", [np.ones((6, 1)), np.column_stack([np.arange(6.0), 2 * np.arange(6.0) + 3])]
)
def test_collinear_moderators_are_said(moderators):
    ours = meta_regression([0.1, 0.3, 0.2, 0.5, 0.4, 0.6], [0.1] * 6, moderators)
    assert ours.status == "collinear moderators" and np.isnan(ours.coefficients).all()


def test_moderators_need_a_row_a_study():
    with pytest.raises(ValueError, match=r"moderators has shape \(3, 1\); expected \(..., 4, mod"):
        meta_regression([0.1] * 4, [0.1] * 4, np.ones((3, 1)))


def test_equal_effects_have_no_hartung_knapp():
    with pytest.raises(ValueError, match="needs a between-study variance"):
        meta_regression([0.1], [0.1], [[1]], tau2="EE", interval="hartung-knapp")
