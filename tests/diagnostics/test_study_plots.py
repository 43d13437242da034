"""Coordinates of plots against those that metafor draws."""

import numpy as np
import pytest

from genopool.diagnostics.study_plots import baujat, labbe, radial
from genopool.pooling.inverse_variance import pool


@pytest.mark.parametrize(("tau2", "key"), [("REML", ""), ("EE", "_ee")])
def test_baujat_and_radial_agree_with_metafor(tau2, key, small_study, reference_case):
    bcg, plots = reference_case("bcg"), small_study["plots"]
    ours = baujat(bcg.log_or, bcg.variance, tau2=tau2)
    assert ours.heterogeneity == pytest.approx(plots["baujat" + key]["x"], rel=1e-7)
    # without a study metafor's REML stops at 1e-5
    assert ours.influence == pytest.approx(plots["baujat" + key]["y"], rel=1e-4, abs=1e-6)
    of_radial = radial(bcg.log_or, bcg.variance, tau2=tau2)
    assert of_radial.precision == pytest.approx(plots["radial" + key]["x"], rel=1e-7)
    assert of_radial.z == pytest.approx(plots["radial" + key]["y"], rel=1e-7)


def test_baujat_sums_to_q(case):
    ours, fit = baujat(case.log_or, case.variance), pool(case.log_or, case.variance, tau2="EE")
    assert np.nansum(ours.heterogeneity) == pytest.approx(fit.q, rel=1e-9)


def test_radial_slope_is_least_squares_through_the_origin(case):
    ours = radial(case.log_or, case.variance, tau2="EE")
    slope = np.nansum(ours.precision * ours.z) / np.nansum(ours.precision**2)
    assert ours.slope == pytest.approx(slope, rel=1e-9)


def test_labbe_agrees_with_metafor(small_study, reference_case):
    bcg, reference = reference_case("bcg"), small_study["plots"]["labbe"]
    ours = labbe(*bcg.table, scale="log-odds")
    assert ours.controls == pytest.approx(reference["x"], rel=1e-9)
    assert ours.cases == pytest.approx(reference["y"], rel=1e-9)


def test_labbe_line_has_the_odds_ratio():
    ours = labbe([3, 0], [7, 0], [2, 4], [8, 6], log_or=np.log(2.5), points=11)
    inside = slice(1, -1)
    odds = [x / (1 - x) for x in (ours.line_cases[inside], ours.line_controls[inside])]
    assert odds[0] / odds[1] == pytest.approx(2.5)
    assert (ours.line_cases[0], ours.line_cases[-1]) == (0, 1)
    assert ours.controls.tolist() == pytest.approx([0.2, np.nan], nan_ok=True)
    logged = labbe([3, 0], [7, 9], [2, 4], [8, 6], log_or=[[0.5], [1.0]], scale="log-odds")
    assert logged.line_cases.shape == (2, 1, 101)
    assert logged.cases[1] == pytest.approx(np.log(0.5 / 9.5))


@pytest.mark.parametrize("k", [0, 1])
def test_few_studies(k):
    y, v = [0.1][:k], [0.2][:k]
    assert baujat(y, v).influence.shape == radial(y, v).z.shape == (k,)
    assert np.isnan(baujat(y, v).influence).all()
    assert labbe(*[[5]] * 4).cases == 0.5
    assert labbe(*[[]] * 4, scale="log-odds").cases.shape == (0,)


def test_impossible_input():
    with pytest.raises(ValueError, match="Valid: log-odds, proportion"):
        labbe([1], [1], [1], [1], scale="odds")
    with pytest.raises(ValueError, match="points must be a whole number of at least 2"):
        labbe([1], [1], [1], [1], points=1)
