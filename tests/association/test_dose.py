"""The logistic trend over any doses, against statsmodels and closed forms."""

import numpy as np
import pytest
import statsmodels.api as sm

from genopool.association.additive import additive_log_odds_ratio
from genopool.association.counts import DOUBLE_ZERO, EMPTY_GROUP, NOT_CORRECTED, USED
from genopool.association.dose import fitted_cases, logistic_trend

# statsmodels iterates until the deviance moves by less than 1e-12.
RTOL = 1e-8


def by_statsmodels(cases, controls, doses):
    there = (cases + controls) > 0
    counts = np.column_stack([cases, controls])[there]
    model = sm.GLM(counts, sm.add_constant(doses[there]), family=sm.families.Binomial())
    fit = model.fit(tol=1e-12, maxiter=200)
    return fit.params[1], fit.bse[1], fit.fittedvalues


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_statsmodels(seed):
    rng = np.random.default_rng(seed)
    doses = np.sort(rng.choice(np.arange(20, 50), rng.integers(2, 20), replace=False))
    mean = rng.gamma(0.5, 40, size=doses.size) + 1
    cases = rng.poisson(mean * np.exp(rng.normal(0, 0.2) * (doses - 35)) + 0.3)
    controls = rng.poisson(mean + 0.3)
    slope, se, p = by_statsmodels(cases, controls, doses)
    fit = logistic_trend([cases], [controls], doses)
    assert fit.status[0] == USED and fit.added[0] == 0
    assert fit.log_or[0] == pytest.approx(slope, rel=RTOL, abs=RTOL * se)
    assert np.sqrt(fit.variance[0]) == pytest.approx(se, rel=RTOL)
    fitted = fitted_cases(cases[None].astype(float), controls[None].astype(float), doses)[0]
    there = (cases + controls) > 0
    assert fitted[there] == pytest.approx(p, rel=1e-6)


def test_two_doses_are_a_two_by_two_table():
    """log(ad/bc) and 1/a + 1/b + 1/c + 1/d, over the distance of the doses."""
    fit = logistic_trend([[30, 70]], [[50, 40]], [17, 21])
    assert fit.log_or[0] == pytest.approx(np.log(70 * 50 / (30 * 40)) / 4, rel=1e-13)
    assert fit.variance[0] == pytest.approx((1 / 30 + 1 / 70 + 1 / 50 + 1 / 40) / 16, rel=1e-13)


def test_is_the_additive_model_over_0_1_2():
    rng = np.random.default_rng(3)
    cases, controls = rng.integers(0, 60, size=(2, 500, 3))
    additive = additive_log_odds_ratio(cases, controls)
    usable = (additive.status == USED) & (additive.added == 0)
    trend = logistic_trend(cases[usable], controls[usable], [0, 1, 2])
    assert usable.sum() > 400
    scale = np.maximum(np.abs(additive.log_or), np.sqrt(additive.variance))[usable]
    assert (np.abs(trend.log_or - additive.log_or[usable]) < 1e-9 * scale).all()
    assert trend.variance == pytest.approx(additive.variance[usable], rel=1e-9)


def test_equal_doses_are_added_up_and_their_order_does_not_matter():
    """19/21 and 20/20 are the same dose."""
    one = logistic_trend([[5, 3, 9, 4]], [[7, 6, 2, 3]], [40, 38, 40, 43])
    other = logistic_trend([[3, 14, 4]], [[6, 9, 3]], [38, 40, 43])
    assert (one.log_or, one.variance) == (other.log_or, other.variance)


def test_shifting_and_stretching_the_doses():
    cases, controls, doses = [[5, 9, 4]], [[7, 2, 3]], np.array([38.0, 40, 43])
    fit = logistic_trend(cases, controls, doses)
    moved = logistic_trend(cases, controls, 1e6 + 3 * doses)
    assert moved.log_or * 3 == pytest.approx(fit.log_or, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_extreme_counts_solve_the_likelihood_equations(seed):
    """Cases and controls that barely overlap: the fitted totals are the observed ones."""
    rng = np.random.default_rng(seed)
    doses = np.arange(10.0, 25.0)
    cases, controls = np.zeros((2, 200, doses.size))
    for i in range(200):
        cut = rng.integers(3, 12)
        cases[i, cut:] = rng.integers(0, 10 ** rng.integers(1, 6), doses.size - cut)
        controls[i, : cut + 1] = rng.integers(0, 10 ** rng.integers(1, 6), cut + 1)
        cases[i, cut - 2], controls[i, cut + 2] = 1, 1
    fit = logistic_trend(cases, controls, doses)
    plain = (fit.status == USED) & (fit.added == 0)
    assert plain.sum() > 150 and np.isfinite(fit.log_or[plain]).all()
    p = fitted_cases(cases[plain], controls[plain], doses)
    n = cases[plain] + controls[plain]
    residual = cases[plain] - n * p
    assert np.abs(residual.sum(axis=-1)).max() < 1e-7 * n.sum(axis=-1).max()
    assert np.abs(residual @ (doses - 17)).max() < 1e-6 * n.sum(axis=-1).max()


def test_separation_is_corrected_where_the_study_has_people():
    """Other studies' doses do not change a study's correction."""
    few = logistic_trend([[0, 0, 5]], [[4, 3, 0]], [17, 18, 19])
    more = logistic_trend([[0, 0, 0, 5, 0]], [[0, 4, 3, 0, 0]], [12, 17, 18, 19, 24])
    assert few.status[0] == USED and few.added[0] == 0.5
    assert more.log_or[0] == pytest.approx(few.log_or[0], rel=1e-12)
    slope, se, _ = by_statsmodels(
        np.array([0.5, 0.5, 5.5]), np.array([4.5, 3.5, 0.5]), np.array([17, 18, 19])
    )
    assert (few.log_or[0], np.sqrt(few.variance[0])) == pytest.approx((slope, se), rel=RTOL)


def test_fate_of_studies_without_a_slope():
    cases = [[0, 5, 0], [0, 0, 0], [0, 0, 5]]
    controls = [[0, 4, 0], [1, 2, 3], [4, 0, 0]]
    fit = logistic_trend(cases, controls, [17, 18, 19], apply="none")
    assert fit.status.tolist() == [DOUBLE_ZERO, EMPTY_GROUP, NOT_CORRECTED]
    assert np.isnan(fit.log_or).all() and np.isnan(fit.variance).all()


def test_leading_axes_and_absent_studies():
    fit = logistic_trend(np.full((2, 3, 4), [1.0, 2, 3, 4]), np.full((2, 3, 4), 2.0), range(4))
    assert fit.log_or.shape == (2, 3)
    absent = logistic_trend([[1, np.nan, 2]], [[1, 2, 3]], [1, 2, 3])
    assert np.isnan(absent.log_or[0])


@pytest.mark.parametrize(
    ("cases", "doses", "message"),
    [
        ([[1, -1]], [1, 2], "cases"),
        ([[1, 1]], [1, 2, 3], "last axis"),
        ([[1, 1]], [1, np.inf], "finite"),
    ],
)
def test_refusals(cases, doses, message):
    with pytest.raises(ValueError, match=message):
        logistic_trend(cases, [[1, 1]], doses)
