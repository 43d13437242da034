"""Prediction intervals: metafor's and the authors' numbers, and the bootstrap's independence."""

import json
from pathlib import Path

import numpy as np
import pytest

from genopool.pooling.inverse_variance import pool
from genopool.pooling.prediction import bootstrap_prediction
from genopool.pooling.study_sets import in_chunks

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "metafor.json").read_text())
BCG = REFERENCE["cases"]["bcg"]


def cisapride():
    """Hartung and Knapp (2001), Stat Med 20:3875: 13 trials, 0.5 added to every cell."""
    a, n1, c, n2 = np.array(
        [
            [15, 12, 29, 42, 14, 44, 14, 29, 10, 17, 38, 19, 21],
            [16, 16, 34, 56, 22, 54, 17, 58, 14, 26, 44, 29, 38],
            [9, 1, 18, 31, 6, 17, 7, 23, 3, 6, 12, 22, 19],
            [16, 16, 34, 56, 22, 55, 15, 58, 15, 27, 45, 30, 38],
        ],
        dtype=float,
    )
    cells = [x + 0.5 for x in (a, n1 - a, c, n2 - c)]
    log_or = np.log(cells[0] * cells[3] / cells[1] / cells[2])
    return log_or, sum(1 / x for x in cells)


def test_riley_agrees_with_metafor():
    """metafor 3.8-1, BCG: predict(rma(yi, vi, test = "knha" or "z"), pi.type = "riley")."""
    y, v = np.array(BCG["log_or"]), np.array(BCG["variance"])
    fit = pool(y, v, prediction="riley")
    assert (fit.pi_low, fit.pi_high) == pytest.approx((-2.0887502323, 0.5983946906), rel=1e-8)
    fit = pool(y, v, interval="wald", prediction="riley")
    assert (fit.pi_low, fit.pi_high) == pytest.approx((-2.0882809136, 0.5979253719), rel=1e-8)


def test_nagashima_agrees_with_the_authors():
    """pimeta 1.1.4, vignette: pima() of the cisapride trials, odds ratio 4.141, 95% prediction
    interval 0.533 to 33.692 with 25,000 draws."""
    y, v = cisapride()
    fit = pool(y, v, tau2="DL", prediction="nagashima")
    assert np.exp(fit.estimate) == pytest.approx(4.141, abs=5e-4)
    assert fit.tau2 == pytest.approx(0.718, abs=5e-4)
    ((_, s),) = in_chunks(y[None], v[None])
    low, high = bootstrap_prediction(s, 0.95, draws=200_000)
    # The standard deviation of a limit is 0.020 with their draws and 0.007 with these.
    assert low[0] == pytest.approx(np.log(0.533), abs=0.065)
    assert high[0] == pytest.approx(np.log(33.692), abs=0.065)


def test_nagashima_matches_a_direct_simulation_when_variances_are_equal():
    """Then Q/(1 + tau²/v) is chi², so tau² is drawn as v (q/chi² - 1), cut at 0."""
    y, v = np.array([[0.1, 0.5, 0.9, 0.4]]), np.full((1, 4), 0.05)
    rng = np.random.default_rng(1)
    q = ((y - y.mean()) ** 2 / v).sum()
    ((_, s),) = in_chunks(y, v)
    low, high = bootstrap_prediction(s, 0.95, draws=200_000)
    chi2 = rng.chisquare(3, 200_000)
    tau2 = np.maximum(q / chi2 - 1, 0) * 0.05
    se = np.sqrt(y.var(ddof=1) / 4)
    effects = y.mean() + np.sqrt(tau2) * rng.normal(size=tau2.size)
    effects += se * rng.standard_t(3, tau2.size)
    expected = np.quantile(effects, [0.025, 0.975])
    np.testing.assert_allclose([low[0], high[0]], expected, atol=0.03)


def test_nagashima_depends_on_the_set_alone():
    y, v = cisapride()
    one = pool(y, v, prediction="nagashima")
    gap_y, gap_v = (np.concatenate([[np.nan], x[::-1], [np.nan] * 2]) for x in (y, v))
    other = np.array([[0.1, 0.8, 0.4] + [np.nan] * 13, [0.2, 0.1, 0.2] + [np.nan] * 13])
    many = pool(np.stack([other[0], gap_y]), np.stack([other[1], gap_v]), prediction="nagashima")
    assert many.pi_low[1] == pytest.approx(one.pi_low, rel=1e-9)
    assert many.pi_high[1] == pytest.approx(one.pi_high, rel=1e-9)
    assert np.isfinite(many.pi_low[0])


def test_nagashima_repeats_with_its_seed_and_changes_with_another():
    y, v = cisapride()
    ((_, s),) = in_chunks(y[None], v[None])
    assert bootstrap_prediction(s, 0.9, 1000, 1) == bootstrap_prediction(s, 0.9, 1000, 1)
    assert bootstrap_prediction(s, 0.9, 1000, 1) != bootstrap_prediction(s, 0.9, 1000, 2)


@pytest.mark.parametrize("prediction", ["default", "riley", "nagashima"])
def test_undefined_prediction_intervals_are_nan(prediction):
    single = pool([0.3, np.nan], [0.1, np.nan], prediction=prediction)
    equal = pool([0.3, 0.5, 0.9], [0.1, 0.2, 0.1], tau2="EE", prediction=prediction)
    assert np.isnan([single.pi_low, single.pi_high, equal.pi_low, equal.pi_high]).all()
