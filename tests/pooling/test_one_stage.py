"""What `glmm` promises: closed forms, intervals, boundaries, infinite maxima, refusals."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from genopool.pooling.exact import conditional_exact
from genopool.pooling.one_stage import ONE_STAGE_INTERVALS, glmm
from genopool.pooling.one_stage_models import ONE_STAGE_MODELS

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "metafor.json").read_text(encoding="utf-8")
)["cases"]
CELLS = ("case_exposed", "case_unexposed", "control_exposed", "control_unexposed")
HALF_CHI2 = 3.841458820694124 / 2


def tables(name):
    return [np.array(REFERENCE[name]["table"][cell], dtype=float) for cell in CELLS]


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS"])
def test_one_study_is_its_own_odds_ratio(model):
    fit = glmm([10], [20], [15], [9], model=model)
    assert fit.estimate == pytest.approx(np.log(10 * 9 / (20 * 15)), abs=1e-9)
    assert fit.se == pytest.approx(np.sqrt(1 / 10 + 1 / 20 + 1 / 15 + 1 / 9), rel=1e-9)
    assert fit.reason == "one study: no heterogeneity"
    assert all(np.isnan(x) for x in (fit.tau2, fit.i2, fit.q_lrt, fit.pi_low, fit.sigma2))


def test_one_study_conditionally():
    fit, exact = (
        glmm([10], [20], [15], [9], model="CM.EL"),
        conditional_exact([10], [20], [15], [9]),
    )
    assert fit.estimate == pytest.approx(float(exact.estimate), abs=1e-9)
    assert fit.se == pytest.approx(float(exact.se), rel=1e-9)
    fit = glmm([10], [20], [15], [9], model="CM.AL")
    assert fit.estimate == pytest.approx(np.log(10 / 15) - np.log(30 / 24), abs=1e-9)
    assert fit.se == pytest.approx(np.sqrt(1 / 10 + 1 / 15), rel=1e-9)


def test_without_heterogeneity_um_fs_is_a_logistic_regression():
    statsmodels = pytest.importorskip("statsmodels.api")
    a, b, c, d = tables("casp8_frank2008.dominant")
    k = a.size
    design = np.column_stack([np.tile(np.eye(k), (2, 1)), np.repeat([1, 0], k)])
    outcome = np.column_stack([np.append(a, c), np.append(b, d)])
    logistic = statsmodels.GLM(outcome, design, family=statsmodels.families.Binomial()).fit(
        tol=1e-13
    )
    fit = glmm(a, b, c, d, model="UM.FS")
    assert fit.tau2 == 0 and fit.i2 == 0
    assert fit.estimate == pytest.approx(logistic.params[-1], abs=1e-9)
    assert fit.se == pytest.approx(logistic.bse[-1], rel=1e-7)
    assert fit.log_likelihood == pytest.approx(logistic.llf, abs=1e-8)
    assert fit.q_lrt == pytest.approx(logistic.deviance, abs=1e-8)


def conditional_binomial(counts, theta, tau):
    """Log-likelihood of CM.AL by a plain trapezoidal sum."""
    a, b, c, d = counts
    z = np.linspace(-9, 9, 1201)[:, None]
    eta = np.log((a + b) / (c + d)) + theta + tau * z
    log_f = a * eta - (a + c) * np.logaddexp(0, eta) - z**2 / 2 - np.log(2 * np.pi) / 2
    log_f = log_f + gammaln(a + c + 1) - gammaln(a + 1) - gammaln(c + 1)
    top = log_f.max(axis=0)
    return (top + np.log(np.exp(log_f - top).sum(axis=0) * (z[1] - z[0]))).sum()


@pytest.mark.parametrize("case", ["nielweise2007", "casp8_frank2008.recessive"])
def test_profile_limits_are_where_the_likelihood_has_fallen(case):
    counts = tables(case)
    counts = [x[counts[0] + counts[2] > 0] for x in counts]
    fit = glmm(*counts, model="CM.AL", interval="profile-likelihood")

    def best(function, bounds):
        return -minimize_scalar(
            lambda x: -function(x), bounds=bounds, method="bounded", options={"xatol": 1e-9}
        ).fun

    for limit in (fit.ci_low, fit.ci_high):
        fallen = best(lambda tau, at=limit: conditional_binomial(counts, at, tau), (0, 4))
        assert fit.log_likelihood - fallen == pytest.approx(HALF_CHI2, abs=1e-6)
    fallen = best(
        lambda theta: conditional_binomial(counts, theta, np.sqrt(fit.tau2_ci_high)), (-4, 4)
    )
    assert fit.log_likelihood - fallen == pytest.approx(HALF_CHI2, abs=1e-6)
    assert fit.tau2_ci_low == 0
    assert (
        fit.log_likelihood - best(lambda t: conditional_binomial(counts, t, 0), (-4, 4)) < HALF_CHI2
    )


def test_lower_profile_limit_of_tau2_away_from_zero():
    counts = tables("bcg")
    fit = glmm(*counts, model="CM.AL", interval="profile-likelihood")
    fallen = minimize_scalar(
        lambda theta: -conditional_binomial(counts, theta, np.sqrt(fit.tau2_ci_low)),
        bounds=(-3, 3),
        method="bounded",
        options={"xatol": 1e-9},
    )
    # The sum above is coarse for 500 events: its own error is 1e-4 or so.
    assert 0 < fit.tau2_ci_low < fit.tau2 < fit.tau2_ci_high
    assert fit.log_likelihood + fallen.fun == pytest.approx(HALF_CHI2, abs=1e-3)


@pytest.mark.parametrize("model", ONE_STAGE_MODELS)
def test_profile_limit_and_profile_p_are_one_test(model):
    counts = tables("nielweise2007")
    p = float(glmm(*counts, model=model, interval="profile-likelihood").p_value)
    touching = glmm(*counts, model=model, interval="profile-likelihood", level=1 - p)
    assert touching.ci_high == pytest.approx(0, abs=1e-6)
    assert touching.ci_low < touching.estimate


@pytest.mark.parametrize("model", ONE_STAGE_MODELS)
def test_wald_interval(model):
    fit = glmm(*tables("nielweise2007"), model=model, level=0.9)
    z = 1.6448536269514722
    assert fit.ci_high - fit.ci_low == pytest.approx(2 * z * fit.se, rel=1e-12)
    assert fit.pi_high - fit.pi_low == pytest.approx(
        2 * z * np.sqrt(fit.se**2 + fit.tau2), rel=1e-12
    )
    assert np.isnan(fit.tau2_ci_low) and np.isnan(fit.tau2_ci_high)
    assert np.isfinite(fit.sigma2) == (model == "UM.RS")


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL"])
def test_exchanging_groups_or_exposure_turns_the_sign(model):
    a, b, c, d = tables("nielweise2007")
    fit = glmm(a, b, c, d, model=model)
    exposure, groups = glmm(b, a, d, c, model=model), glmm(c, d, a, b, model=model)
    for turned in (exposure, groups):
        assert turned.estimate == pytest.approx(-fit.estimate, abs=1e-8)
        for name in ("se", "tau2", "log_likelihood"):
            assert getattr(turned, name) == pytest.approx(getattr(fit, name), rel=1e-8), name
    assert exposure.q_lrt == pytest.approx(float(fit.q_lrt), rel=1e-8)
    # The alternative of UM.RS gives the controls a random, the cases a free level, as metafor.
    if model != "UM.RS":
        assert groups.q_lrt == pytest.approx(float(fit.q_lrt), rel=1e-8)


def test_double_zeros_stay_in_um_rs_if_asked():
    counts = tables("nielweise2007")
    dropped = glmm(*counts, model="UM.RS")
    kept = glmm(*counts, model="UM.RS", drop_double_zero=False)
    assert (dropped.k, dropped.k_double_zero, kept.k, kept.k_double_zero) == (17, 1, 18, 0)
    # metafor 3.8-1, drop00=FALSE: -1.27840357708, se 0.326765698633 by Laplace's approximation,
    # which is 1.5e-3 off for the other 17 studies too.
    assert kept.estimate == pytest.approx(-1.27840357708, abs=2e-3)
    assert kept.se == pytest.approx(0.326765698633, abs=5e-4)
    assert abs(kept.estimate - dropped.estimate) > 1e-3
    assert kept.sigma2 > dropped.sigma2


@pytest.mark.parametrize("model", ["UM.FS", "CM.EL", "CM.AL"])
def test_double_zeros_are_refused_where_they_say_nothing(model):
    with pytest.raises(ValueError, match=rf"{model} cannot keep double-zero studies.*UM\.RS"):
        glmm(*tables("nielweise2007"), model=model, drop_double_zero=False)


@pytest.mark.parametrize("model", ONE_STAGE_MODELS)
@pytest.mark.parametrize("interval", ONE_STAGE_INTERVALS)
def test_infinite_odds_ratio_has_a_reason(model, interval):
    low = glmm([0, 0, 0], [20, 30, 10], [2, 1, 3], [18, 40, 12], model=model, interval=interval)
    high = glmm([2, 1, 3], [18, 40, 12], [0, 0, 0], [20, 30, 10], model=model, interval=interval)
    for fit, end in ((low, "-infinity"), (high, r"\+infinity")):
        assert np.isnan(fit.estimate) and np.isnan(fit.log_likelihood) and fit.k == 3
        assert end.strip("\\") in str(fit.reason)


def test_unbounded_tau2_has_a_reason():
    # One exposed case against one exposed control: any finite tau² is worse than a larger one.
    for model in ("CM.EL", "CM.AL"):
        fit = glmm([1, 0], [10, 12], [0, 1], [11, 9], model=model)
        assert np.isnan(fit.estimate) and "tau² without bound" in str(fit.reason)
    # Two-armed models see that unexposed people are common in both groups.
    assert glmm([1, 0], [10, 12], [0, 1], [11, 9], model="UM.FS").reason == ""


def test_tau2_that_nothing_identifies_is_zero():
    # Pairs: one case, one control; every tau has an equally good odds ratio.
    fit = glmm([1, 0, 1, 0, 1], [0, 1, 0, 1, 0], [0, 1, 0, 1, 0], [1, 0, 1, 0, 1], model="CM.EL")
    assert fit.tau2 == 0
    assert fit.estimate == pytest.approx(np.log(3 / 2), abs=1e-9)
    profile = glmm(
        [1, 0, 1, 0, 1],
        [0, 1, 0, 1, 0],
        [0, 1, 0, 1, 0],
        [1, 0, 1, 0, 1],
        model="CM.EL",
        interval="profile-likelihood",
    )
    assert (profile.ci_low, profile.ci_high) == (-np.inf, np.inf)
    assert (profile.tau2_ci_low, profile.tau2_ci_high) == (0, np.inf)
    assert "without bound" in str(profile.reason)


@pytest.mark.parametrize("model", ONE_STAGE_MODELS)
def test_huge_heterogeneity(model):
    fit = glmm([1000, 1, 900], [1, 1000, 30], [1, 1000, 5], [1000, 1, 800], model=model)
    assert fit.reason == "" and fit.promised_gain < 1e-9
    assert fit.tau2 > 30 and np.isfinite(fit.se)


@pytest.mark.parametrize("model", ["CM.EL", "CM.AL"])
def test_one_sided_studies_with_a_large_tau(model):
    # One table of benchmarks/one_stage_convergence.py: five studies without an exposed case.
    a, b = [0, 16, 0, 0, 0, 0], [74, 160, 72, 118, 247, 43]
    c, d = [2, 5, 2, 24, 4, 2], [221, 524, 215, 331, 738, 128]
    fit = glmm(a, b, c, d, model=model)
    assert fit.reason == "" and fit.promised_gain < 1e-9
    assert 20 < fit.tau2 < 40 and np.isfinite(fit.se)


def test_margins_of_a_hundred_thousand():
    rng = np.random.default_rng(0)
    cells = rng.integers(20_000, 80_000, size=(4, 8))
    conditional, two_arms = (glmm(*cells, model=model) for model in ("CM.EL", "UM.FS"))
    assert conditional.estimate == pytest.approx(float(two_arms.estimate), abs=1e-4)
    assert conditional.se == pytest.approx(float(two_arms.se), rel=1e-4)
    assert conditional.tau2 == pytest.approx(float(two_arms.tau2), rel=1e-4)


def test_leading_axes_absent_studies_and_no_study():
    a, b, c, d = tables("nielweise2007")
    cells = np.stack([a, b, c, d])[:, None, :].repeat(3, axis=1)
    cells[0, 1, ::2] = np.nan
    cells[:, 2] = np.nan
    together = glmm(*cells, model="CM.EL")
    assert together.estimate.shape == together.reason.shape == (3,)
    for i, keep in enumerate((slice(None), slice(1, None, 2))):
        alone = glmm(*(x[keep] for x in (a, b, c, d)), model="CM.EL")
        for name in ("estimate", "se", "tau2", "q_wald", "k", "k_double_zero"):
            assert getattr(together, name)[i] == getattr(alone, name), name
    assert together.k[2] == 0 and np.isnan(together.estimate[2])
    assert together.reason[2] == "no study with cases, controls, exposed and unexposed"


def test_what_was_dropped_is_counted():
    fit = glmm([3, 0, 0, 4, 5], [10, 5, 0, 2, 9], [1, 0, 4, 0, 6], [12, 6, 4, 0, 6])
    assert (fit.k, fit.k_double_zero, fit.k_empty_group) == (2, 1, 2)
    assert (fit.model, fit.interval, fit.level) == ("UM.FS", "wald", 0.95)


def test_unknown_names_are_refused_with_what_is_valid():
    with pytest.raises(ValueError, match=r"'cm\.el'; did you mean 'CM\.EL'.*UM\.FS, UM\.RS"):
        glmm(*tables("bcg"), model="cm.el")
    with pytest.raises(ValueError, match="wald, profile"):
        glmm(*tables("bcg"), interval="hartung-knapp")


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match=r"c\[1\] is 2\.5: this method needs whole counts"):
        glmm([1, 2], [3, 4], [5, 2.5], [6, 7])
    with pytest.raises(ValueError, match=r"a\[0\] is -1"):
        glmm([-1, 2], [3, 4], [5, 2], [6, 7])
    with pytest.raises(ValueError, match="axis of studies"):
        glmm(1, 2, 3, 4)
    with pytest.raises(ValueError, match="level"):
        glmm([1], [2], [3], [4], level=95)


def test_double_zeros_kept_in_sparse_tables_need_no_excuse():
    # 5 of 8 studies without an exposed person in one group; the grid of an independent integral
    # puts the maximum of the log-likelihood at -28.987600, at this estimate.
    a, n1 = [25, 1, 0, 0, 3, 0, 0, 2], [43, 70, 86, 70, 244, 263, 183, 31]
    c, n2 = [28, 1, 2, 0, 1, 0, 0, 6], [46, 113, 141, 193, 154, 94, 64, 213]
    b, d = np.subtract(n1, a), np.subtract(n2, c)
    fit = glmm(a, b, c, d, model="UM.RS", drop_double_zero=False)
    assert fit.reason == "" and fit.k == 8
    assert fit.log_likelihood == pytest.approx(-28.987600, abs=1e-5)
    assert fit.estimate == pytest.approx(0.0282876, abs=1e-5)
