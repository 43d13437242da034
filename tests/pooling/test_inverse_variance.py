"""`pool` against metafor's numbers, and its edge cases."""

import json
from pathlib import Path

import numpy as np
import pytest

from genopool.pooling.intervals import IDENTICAL
from genopool.pooling.inverse_variance import pool

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "metafor.json").read_text())
CASES = REFERENCE["cases"]
INTERVALS = {"z": "wald", "knha": "hartung-knapp", "adhoc": "hartung-knapp-adhoc"}

#: metafor stops these at its own tolerance; test_tau2 shows that ours is nearer the solution.
#: PM uses a root finder good to 1e-4 only, so the fit around it is compared at metafor's tau²
#: of EB, the same estimator solved tightly.
SAME_SOLUTION = {"PM": "EB"}

RTOL = 1e-6
RTOL_P = 1e-5


def data(case):
    return (np.array([np.nan if x is None else x for x in case[n]]) for n in ("log_or", "variance"))


def fits():
    for name, case in CASES.items():
        for fit in case["inverse_variance"]:
            yield pytest.param(name, fit, id=f"{name}-{fit['method']}-{fit['test']}")


def close(ours, reference, scale):
    return abs(ours - reference) <= RTOL * max(abs(reference), scale)


@pytest.mark.parametrize(("name", "fit"), list(fits()))
def test_pool_agrees_with_metafor(name, fit):
    log_or, variance = data(CASES[name])
    ours = pool(log_or, variance, tau2=fit["method"], interval=INTERVALS[fit["test"]])
    same = SAME_SOLUTION.get(fit["method"], fit["method"])
    fit = next(
        f
        for f in CASES[name]["inverse_variance"]
        if f["method"] == same and f["test"] == fit["test"]
    )
    w = 1 / variance[~np.isnan(variance)]
    typical = (w.size - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())

    assert ours.k == fit["k"]
    for field in ("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high"):
        if fit[field] is None:
            assert np.isnan(getattr(ours, field))
        else:
            assert close(getattr(ours, field), fit[field], fit["se"]), field
    assert close(ours.statistic, fit["statistic"], 1)
    assert ours.p_value == pytest.approx(fit["p_value"], rel=RTOL_P)
    assert ours.q_p == pytest.approx(fit["q_p"], rel=RTOL_P)
    for field in ("q", "i2", "h2"):
        assert close(getattr(ours, field), fit[field], 1), field
    if fit["method"] == "EE":
        assert np.isnan(ours.tau2)
    else:
        assert close(ours.tau2, fit["tau2"], typical)
    assert ours.q_df == fit["k"] - 1
    assert np.isnan(ours.df) if fit["test"] == "z" else ours.df == fit["k"] - 1


def test_reference_grid_is_still_covered():
    grid = {(f["method"], f["test"]) for c in CASES.values() for f in c["inverse_variance"]}
    assert len(CASES) == 14
    assert len(grid) == 28


def naive(y, v, tau2):
    """Hartung-Knapp at a known tau², as the paper writes it."""
    w = [1 / (vi + tau2) for vi in v]
    mean = sum(wi * yi for wi, yi in zip(w, y, strict=True)) / sum(w)
    q = sum(wi * (yi - mean) ** 2 for wi, yi in zip(w, y, strict=True)) / (len(y) - 1)
    return mean, (q / sum(w)) ** 0.5, [wi / sum(w) for wi in w]


def test_leading_axes_and_absent_studies_match_one_set_at_a_time():
    rng = np.random.default_rng(8)
    y, v = rng.normal(0, 0.7, (3, 5, 9)), rng.uniform(0.01, 0.5, (3, 5, 9))
    absent = rng.random(y.shape) < 0.4
    y[absent] = v[absent] = np.nan
    fit = pool(y, v)
    for index in np.ndindex(3, 5):
        here = ~absent[index]
        if here.sum() < 2:
            continue
        mean, se, weights = naive(y[index][here], v[index][here], fit.tau2[index])
        assert fit.k[index] == here.sum()
        assert fit.estimate[index] == pytest.approx(mean, rel=1e-12, abs=1e-14)
        assert fit.se[index] == pytest.approx(se, rel=1e-12)
        assert fit.weights[index][here] == pytest.approx(weights, rel=1e-12)
        assert np.isnan(fit.weights[index][~here]).all()
        alone = pool(y[index][here], v[index][here])
        assert alone.tau2 == pytest.approx(fit.tau2[index], rel=1e-10, abs=1e-12)
        assert alone.pi_high == pytest.approx(fit.pi_high[index], rel=1e-9)


def test_result_does_not_depend_on_how_sets_are_cut_into_pieces():
    rng = np.random.default_rng(3)
    y, v = rng.normal(0, 0.5, (7000, 6)), rng.uniform(0.02, 0.4, (7000, 6))
    together = pool(y, v)
    some = [0, 4095, 5461, 5462, 6999]
    np.testing.assert_allclose(together.tau2[some], pool(y[some], v[some]).tau2, atol=1e-12)
    np.testing.assert_array_equal(together.k, 6)


def test_order_of_studies_does_not_matter():
    rng = np.random.default_rng(4)
    y, v = rng.normal(0, 0.7, 11), 10 ** rng.uniform(-5, 1, 11)
    order = rng.permutation(11)
    one, other = pool(y, v), pool(y[order], v[order])
    assert one.tau2 == pytest.approx(other.tau2, rel=1e-10)
    assert one.estimate == pytest.approx(other.estimate, rel=1e-12)
    np.testing.assert_allclose(one.weights[order], other.weights, rtol=1e-10)


def test_no_study_is_all_nan():
    fit = pool([np.nan, np.nan], [np.nan, np.nan])
    assert fit.k == 0
    assert fit.interval_used == ""
    for field in ("estimate", "se", "p_value", "ci_low", "tau2", "q", "q_df", "i2", "pi_low"):
        assert np.isnan(getattr(fit, field)), field
    assert np.isnan(fit.weights).all()
    assert pool([], []).k == 0


@pytest.mark.parametrize("tau2", ["EE", "REML"])
def test_one_study_is_its_own_wald_estimate(tau2):
    fit = pool([np.nan, 0.5, np.nan], [np.nan, 0.04, np.nan], tau2=tau2)
    assert (fit.k, fit.estimate, fit.se, fit.q_df) == (1, 0.5, pytest.approx(0.2), 0)
    assert fit.ci_low == pytest.approx(0.5 - 1.959963984540054 * 0.2)
    assert fit.statistic == pytest.approx(2.5)
    assert fit.p_value == pytest.approx(0.012419330651552318)
    assert fit.interval_used == "wald"
    np.testing.assert_array_equal(fit.weights, [np.nan, 1, np.nan])
    for field in ("tau2", "q", "q_p", "i2", "h2", "pi_low", "pi_high", "df"):
        assert np.isnan(getattr(fit, field)), field


def test_two_studies_use_t_on_one_degree_of_freedom():
    fit = pool([0.2, 0.8], [0.05, 0.05])
    # Equal variances: se = |difference| / 2, t(1) quantile = tan(pi (1 + 0.95) / 2 - pi / 2).
    assert fit.se == pytest.approx(0.3)
    assert fit.ci_high == pytest.approx(0.5 + np.tan(0.475 * np.pi) * 0.3)


def test_identical_effects_use_the_never_narrower_variant():
    fit = pool([0.3, 0.3, 0.3], [0.1, 0.2, 0.4])
    assert fit.identical
    assert fit.interval_used == "hartung-knapp-adhoc"
    assert fit.se == pytest.approx((1 / 17.5) ** 0.5)
    assert not pool([0.3, 0.3, 0.3 + 1e-4], [0.1, 0.2, 0.4]).identical
    assert IDENTICAL == 1e-12


def test_narrower_than_wald_is_flagged():
    y, v = [0.30, 0.31, 0.29, 0.30], [0.1, 0.1, 0.2, 0.2]
    assert pool(y, v).narrower
    assert pool(y, v).se < pool(y, v, interval="wald").se
    assert not pool(y, v, interval="hartung-knapp-adhoc").narrower


def test_equal_effects_default_interval_is_wald_and_hartung_knapp_is_refused():
    assert pool([0.1, 0.4], [0.1, 0.2], tau2="EE").interval == "wald"
    with pytest.raises(ValueError, match="equal effects"):
        pool([0.1, 0.4], [0.1, 0.2], tau2="EE", interval="hartung-knapp")


def test_riley_prediction_has_two_degrees_of_freedom_fewer_than_studies():
    y, v = [0.1, 0.9, -0.4, 0.5], [0.05, 0.02, 0.1, 0.04]
    fit = pool(y, v, prediction="riley")
    # t(2) quantile in closed form: (2p - 1) / sqrt(2 p (1 - p)), p = 0.975.
    t2 = 0.95 / np.sqrt(2 * 0.975 * 0.025)
    assert fit.pi_high == pytest.approx(fit.estimate + t2 * np.sqrt(fit.se**2 + fit.tau2))
    assert np.isnan(pool(y[:2], v[:2], prediction="riley").pi_low)
    assert np.isnan(pool(y, v, prediction="none").pi_low)


@pytest.mark.parametrize(
    ("log_or", "variance", "where"),
    [
        ([0.1, 0.2], [0.1, -0.2], "variance[1] = -0.2"),
        ([0.1, 0.2], [0.0, 0.2], "variance[0] = 0.0"),
        ([[0.1], [0.2]], [[0.1], [np.inf]], "variance[(1, 0)] = inf"),
        ([0.1, np.nan], [0.1, 0.2], "log_or[1] = nan"),
        ([0.1, 0.2], [0.1, np.nan], "variance[1] = nan"),
        ([0.1, np.inf], [0.1, 0.2], "log_or[1] = inf"),
    ],
)
def test_impossible_input_is_refused_naming_the_index(log_or, variance, where):
    with pytest.raises(ValueError) as error:
        pool(log_or, variance)
    assert where in str(error.value)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"tau2": "reml"}, "did you mean 'REML'"),
        ({"tau2": "XX"}, "Valid: EE, DL"),
        ({"interval": "hartung_knapp"}, "did you mean 'hartung-knapp'"),
        ({"prediction": "bayes"}, "Valid: default, riley"),
        ({"level": 95}, "level must lie between 0 and 1"),
        ({"weights": [1, 1]}, "weights are for tau2 'GENQ' only"),
    ],
)
def test_unknown_choices_are_refused_with_what_is_possible(choice, message):
    with pytest.raises(ValueError) as error:
        pool([0.1, 0.4], [0.1, 0.2], **choice)
    assert message in str(error.value)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="must be equal"):
        pool([0.1, 0.2], [0.1])
    with pytest.raises(ValueError, match="axis of studies"):
        pool(0.1, 0.2)


def test_no_sets_at_all():
    fit = pool(np.empty((0, 3)), np.empty((0, 3)))
    assert fit.estimate.shape == (0,)
    assert fit.weights.shape == (0, 3)
