"""The p-value function: limits of intervals, scipy's z, the pool's own p."""

import numpy as np
import pytest
from scipy.stats import norm, t

from genopool.diagnostics.p_value_function import INTERVALS, p_value_function
from genopool.pooling.inverse_variance import pool

Y = np.array([[0.3, 0.1, 0.5, -0.2, 0.4], [0.2, 0.2, 0.9, np.nan, np.nan]])
V = np.array([[0.02, 0.05, 0.04, 0.1, 0.03], [0.1, 0.2, 0.1, np.nan, np.nan]])


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("prediction", ["default", "riley"])
def test_the_limits_of_the_intervals_have_p_of_one_minus_level(interval, prediction):
    fit = pool(Y, V, tau2="DL", interval=interval, prediction=prediction)
    for i in range(2):
        grid = [fit.ci_low[i], fit.ci_high[i], fit.pi_low[i], fit.pi_high[i], 0, fit.estimate[i]]
        ours = p_value_function(
            Y[i], V[i], grid, tau2="DL", interval=interval, prediction=prediction
        )
        assert ours.pool[:2] == pytest.approx([0.05, 0.05], rel=1e-9)
        assert ours.prediction[2:4] == pytest.approx([0.05, 0.05], rel=1e-9)
        assert ours.pool[4] == pytest.approx(float(fit.p_value[i]), rel=1e-9)
        assert ours.pool[5] == ours.prediction[5] == 1


@pytest.mark.parametrize(("prediction", "df"), [("default", 4), ("riley", 3)])
def test_a_new_study_has_a_t_with_the_methods_degrees_of_freedom(prediction, df):
    fit = pool(Y[0], V[0], tau2="DL", interval="hartung-knapp")
    ours = p_value_function(Y[0], V[0], [0], tau2="DL", prediction=prediction)
    statistic = fit.estimate / np.sqrt(fit.se**2 + fit.tau2)
    assert ours.prediction[0] == pytest.approx(2 * t.sf(abs(statistic), df), rel=1e-9)


def test_studies_are_normal():
    grid = np.linspace(-1, 1, 9)
    ours = p_value_function(Y, V, grid)
    z = (Y[..., None] - grid) / np.sqrt(V)[..., None]
    there = ~np.isnan(Y)
    assert ours.studies[there] == pytest.approx(2 * norm.sf(np.abs(z[there])), rel=1e-9)
    assert np.isnan(ours.studies[~there]).all()
    assert ours.pool.shape == (2, 9) and ours.studies.shape == (2, 5, 9)


def test_what_is_not_there():
    nothing = p_value_function([np.nan], [np.nan], [0, 1])
    assert nothing.reason == "no studies" and np.isnan(nothing.pool).all()
    one = p_value_function([0.2], [0.1], [0, 0.2])
    assert one.reason == "no prediction interval" and np.isnan(one.prediction).all()
    assert one.pool == pytest.approx(one.studies[0])
    two = p_value_function(Y[0, :2], V[0, :2], [0], prediction="riley")
    assert two.reason == "no prediction interval"
    chosen = p_value_function(Y[0], V[0], [0], prediction="none")
    assert chosen.reason == "" and np.isnan(chosen.prediction).all()
    assert np.isnan(p_value_function(Y[0], V[0], [0], tau2="EE", interval="wald").prediction).all()
    assert p_value_function(Y, V, []).pool.shape == (2, 0)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"theta": [np.nan]}, "theta"),
        ({"theta": 0.0}, "theta"),
        ({"theta": [0], "interval": "henmi-copas"}, "interval"),
        ({"theta": [0], "prediction": "nagashima"}, "prediction"),
    ],
)
def test_errors(choices, message):
    with pytest.raises(ValueError, match=message):
        p_value_function(Y, V, **choices)
