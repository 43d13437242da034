"""Variance inflation and predictions of a meta-regression against metafor."""

import numpy as np
import pytest

from genopool.diagnostics.meta_regression import meta_regression
from genopool.diagnostics.regression_summaries import regression_line, variance_inflation

LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33.0])
YEAR = np.array([1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976.0])


def test_variance_inflation_agrees_with_metafor(small_study, reference_case):
    bcg, reference = reference_case("bcg"), small_study["vif"]
    x = np.column_stack([LATITUDE, YEAR, reference["random"], reference["systematic"]])
    fit = meta_regression(bcg.log_or, bcg.variance, x, interval="wald")
    assert variance_inflation(fit) == pytest.approx(reference["vif"], rel=1e-7)
    together = variance_inflation(fit, factors=[[0], [1], [2, 3]])
    assert together == pytest.approx(reference["gvif"], rel=1e-7)


def test_one_moderator_is_not_inflated_and_no_fit_has_none():
    rng = np.random.default_rng(1)
    y, v, x = rng.normal(size=(2, 8)), rng.uniform(0.05, 0.4, (2, 8)), rng.normal(size=(8, 1))
    y[1, 2:] = v[1, 2:] = np.nan
    assert variance_inflation(meta_regression(y, v, x)) == pytest.approx(
        np.array([[1], [np.nan]]), nan_ok=True
    )
    assert variance_inflation(meta_regression(y, v, np.empty((8, 0)))).shape == (2, 0)


def test_variance_inflation_is_one_over_the_unexplained_share():
    """Of the textbook: 1 / (1 - R²) of each moderator on the others, weighted."""
    rng = np.random.default_rng(2)
    y, v, x = rng.normal(size=12), rng.uniform(0.05, 0.4, 12), rng.normal(size=(12, 3))
    x[:, 2] += x[:, 0]
    ours = variance_inflation(meta_regression(y, v, x, tau2="EE"))
    for j in range(3):
        w, rest = np.sqrt(1 / v), np.delete(x, j, axis=1)
        design = np.column_stack([np.ones(12), rest]) * w[:, None]
        residual = x[:, j] * w - design @ np.linalg.lstsq(design, x[:, j] * w, rcond=None)[0]
        mean = np.average(x[:, j], weights=1 / v)
        assert ours[j] == pytest.approx(
            ((x[:, j] - mean) ** 2 / v).sum() / (residual @ residual), rel=1e-8
        )


@pytest.mark.parametrize("test", ["z", "knha"])
def test_predictions_agree_with_metafor(test, small_study, reference_case):
    bcg, reference = reference_case("bcg"), small_study["predict"]
    interval = {"z": "wald", "knha": "hartung-knapp"}[test]
    fit = meta_regression(bcg.log_or, bcg.variance, LATITUDE[:, None], interval=interval)
    ours = regression_line(fit, np.array(reference["at"])[:, None])
    for field, key in (
        ("log_or", "pred"),
        ("se", "se"),
        ("ci_low", "low"),
        ("ci_high", "high"),
        ("pi_low", "pi_low"),
        ("pi_high", "pi_high"),
    ):
        assert getattr(ours, field) == pytest.approx(reference[test][key], rel=1e-7), field


def test_predictions_of_many_sets():
    rng = np.random.default_rng(3)
    y, v, x = rng.normal(size=(3, 2, 8)), rng.uniform(0.05, 0.4, (3, 2, 8)), rng.normal(size=(8, 1))
    y[1, 1, 2:] = v[1, 1, 2:] = np.nan
    together = regression_line(meta_regression(y, v, x), [[0.0], [1.0]])
    assert together.log_or.shape == (3, 2, 2) and np.isnan(together.pi_low[1, 1]).all()
    alone = regression_line(meta_regression(y[2, 0], v[2, 0], x), [[0.0], [1.0]])
    assert together.ci_high[2, 0] == pytest.approx(alone.ci_high, rel=1e-9)


def test_impossible_input():
    fit = meta_regression([0.1, 0.2, 0.4, 0.3], [0.1] * 4, np.arange(4.0)[:, None])
    with pytest.raises(ValueError, match=r"moderators has shape \(2,\); expected \(points, 1\)"):
        regression_line(fit, [1, 2])
    with pytest.raises(ValueError, match=r"factors: \[1\] must be moderators between 0 and 0"):
        variance_inflation(fit, factors=[[1]])
