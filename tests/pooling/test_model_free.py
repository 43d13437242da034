"""Genetic model-free pool: an independent likelihood, exact invariances, recovery of truth."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2, multivariate_normal

from genopool.association.genotype_models import genotype_contrasts
from genopool.pooling.bivariate import bivariate_pool
from genopool.pooling.model_free import MODES, model_free
from genopool.pooling.ratio import fieller

DATA = Path(__file__).parents[1] / "data" / "il8_zhang2015.csv"

#: Golden sections find an angle to the root of machine epsilon.
ATOL_SEARCH = 1e-6


def il8(ethnicity=None):
    with DATA.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if ethnicity in (None, row["ethnicity"])]
    cases, controls = (
        [[int(row[f"{group}_{genotype}"]) for genotype in ("TT", "AT", "AA")] for row in rows]
        for group in ("cases", "controls")
    )
    contrasts = genotype_contrasts(cases, controls)
    return contrasts.log_or, contrasts.covariance


def log_likelihood(ratio, theta, tau2, y, s):
    """Minelli's model, one bivariate normal density a study (missing contrasts left out)."""
    u, total = np.array([ratio, 1.0]), 0.0
    for i in range(y.shape[1]):
        seen = np.flatnonzero(~np.isnan(y[:, i]))
        cov = s[:, :, i][np.ix_(seen, seen)] + tau2 * np.outer(u, u)[np.ix_(seen, seen)]
        total += multivariate_normal.logpdf(y[seen, i], theta * u[seen], cov)
    return total


def profiled(ratio, y, s):
    """Highest log-likelihood at a given lambda."""

    def fall(x):
        return -log_likelihood(ratio, x[0], x[1] ** 2, y, s)

    options = {"xatol": 1e-7, "fatol": 1e-11}
    return -min(
        minimize(fall, start, method="Nelder-Mead", options=options).fun
        for start in ([0.3, 0.3], [0.1, 0.01])
    )


@pytest.mark.parametrize("ethnicity", [None, "Asian"])
def test_no_grid_point_has_a_higher_likelihood(ethnicity):
    y, s = il8(ethnicity)
    fit = model_free(y, s)
    own = log_likelihood(fit.lambda_, fit.log_or[1], fit.tau2, y, s)
    np.testing.assert_allclose(fit.log_likelihood, own, rtol=1e-10)
    for ratio in np.linspace(-1, 3, 9):
        for theta in np.linspace(-0.2, 0.8, 6):
            for tau2 in (0.0, 0.05, 0.1, 0.15, 0.3):
                assert log_likelihood(ratio, theta, tau2, y, s) < own
    for name in ("ratio", "theta", "tau2"):
        for step in (-1e-3, 1e-3):
            here = {"ratio": fit.lambda_, "theta": fit.log_or[1], "tau2": fit.tau2}
            here[name] = here[name] + step
            assert log_likelihood(**here, y=y, s=s) < own


def test_limits_and_tests_are_those_of_the_profile_likelihood():
    y, s = il8("Asian")
    fit = model_free(y, s)
    drop = chi2.ppf(0.95, 1) / 2
    for limit in (fit.interval.low, fit.interval.high):
        np.testing.assert_allclose(fit.log_likelihood - profiled(limit, y, s), drop, atol=1e-6)
    for place, (name, ratio) in enumerate(MODES.items()):
        if np.isfinite(ratio):
            expected = 2 * (fit.log_likelihood - profiled(ratio, y, s))
            np.testing.assert_allclose(fit.chi2[place], expected, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(fit.p_value, chi2.sf(fit.chi2, 1), rtol=1e-10)


def test_il8_is_additive_in_asians():
    fit = model_free(*il8("Asian"))
    assert "compatible with additive, not with recessive, dominant" in str(fit.statement)
    assert fit.interval.kind == "between"


def test_no_association_says_nothing_about_the_mode():
    fit = model_free(*il8("European"))
    assert fit.association_p > 0.05
    assert "lambda says nothing" in str(fit.statement)
    assert fit.interval.kind == "any"
    assert np.isnan(fit.interval.low) and np.isnan(fit.interval.high)


def test_another_reference_genotype_turns_lambda_into_one_minus_lambda():
    y, s = il8()
    turn = np.array([[1.0, -1.0], [0.0, -1.0]])
    there = model_free(y, s)
    back = model_free(turn @ y, np.einsum("ab,bci,dc->adi", turn, s, turn))
    np.testing.assert_allclose(back.lambda_, 1 - there.lambda_, atol=ATOL_SEARCH)
    np.testing.assert_allclose(back.log_or, turn @ there.log_or, atol=ATOL_SEARCH)
    np.testing.assert_allclose(back.interval.low, 1 - there.interval.high, atol=ATOL_SEARCH)
    np.testing.assert_allclose(back.interval.high, 1 - there.interval.low, atol=ATOL_SEARCH)
    np.testing.assert_allclose(back.log_likelihood, there.log_likelihood, rtol=1e-10)
    # Recessive and dominant change places; additive stays.
    np.testing.assert_allclose(back.chi2[:3], there.chi2[[2, 1, 0]], atol=1e-6)
    np.testing.assert_allclose(back.se[1], there.se[1], rtol=1e-4)


def test_equal_effects_on_a_line_are_given_back():
    # Every study exactly at 0.4 times and once 0.7, all with one covariance matrix.
    y = np.tile([[0.28], [0.7]], (1, 5))
    s = np.tile(np.array([[0.04, 0.02], [0.02, 0.09]])[..., None], (1, 1, 5))
    fit = model_free(y, s)
    np.testing.assert_allclose(fit.lambda_, 0.4, atol=ATOL_SEARCH)
    np.testing.assert_allclose(fit.log_or, [0.28, 0.7], atol=ATOL_SEARCH)
    np.testing.assert_allclose(fit.tau2, 0, atol=1e-10)
    # With two means and nothing else to estimate the model is saturated: Fieller and the
    # standard errors are those of the means.
    np.testing.assert_allclose(fit.se**2, [0.04 / 5, 0.09 / 5], rtol=1e-5)
    exact = fieller([0.28, 0.7], s[..., 0] / 5)
    np.testing.assert_allclose(fit.interval.low, exact.low, atol=1e-7)
    np.testing.assert_allclose(fit.interval.high, exact.high, atol=1e-7)


def test_a_homozygous_odds_ratio_of_one_makes_lambda_infinite_and_does_no_harm():
    y = np.tile([[0.7], [0.0]], (1, 6))
    s = np.tile(np.array([[0.04, 0.02], [0.02, 0.09]])[..., None], (1, 1, 6))
    fit = model_free(y, s)
    assert abs(fit.lambda_) > 1e6
    assert fit.interval.kind == "outside" and fit.interval.low < 0 < fit.interval.high
    np.testing.assert_allclose(fit.log_or, [0.7, 0], atol=1e-6)
    np.testing.assert_allclose(fit.p_value[list(MODES).index("overdominant")], 1, atol=1e-6)
    assert "compatible with overdominant, not with" in str(fit.statement)


def simulated(rng, sets, studies, ratio, theta, tau):
    """Counts of 500 cases and 500 controls in each study, in Hardy-Weinberg equilibrium."""
    p = rng.uniform(0.3, 0.5, (sets, studies, 1))
    hardy = np.concatenate([(1 - p) ** 2, 2 * p * (1 - p), p**2], axis=-1)
    own = rng.normal(theta, tau, (sets, studies))
    tilted = hardy * np.exp(np.stack([0 * own, ratio * own, own], axis=-1))
    tilted /= tilted.sum(axis=-1, keepdims=True)
    contrasts = genotype_contrasts(rng.multinomial(500, tilted), rng.multinomial(500, hardy))
    return contrasts.log_or, contrasts.covariance


@pytest.mark.parametrize("ratio", [0.0, 0.5])
def test_the_truth_is_recovered_and_covered_in_simulation(ratio):
    # 200 sets: coverage of 95% has a standard error of 1.5%.
    y, s = simulated(np.random.default_rng(int(10 * ratio)), 200, 10, ratio, 0.5, 0.2)
    fit = model_free(y, s)
    assert (fit.interval.kind == "between").all()
    covered = (fit.interval.low <= ratio) & (ratio <= fit.interval.high)
    assert 0.91 <= covered.mean() <= 0.99
    assert abs(np.median(fit.lambda_) - ratio) < 0.02
    homozygous = (fit.ci_low[:, 1] <= 0.5) & (fit.ci_high[:, 1] >= 0.5)
    assert 0.88 <= homozygous.mean() <= 0.99
    place = list(MODES.values()).index(ratio)
    assert 0.01 <= (fit.p_value[:, place] < 0.05).mean() <= 0.09


def test_the_standard_errors_are_those_of_simulated_estimates():
    y, s = simulated(np.random.default_rng(8), 200, 12, 0.5, 0.6, 0.15)
    fit = model_free(y, s)
    # The spread of 200 estimates is known to 5%.
    np.testing.assert_allclose(fit.se.mean(axis=0), fit.log_or.std(axis=0), rtol=0.15)


class TestMissing:
    def test_a_study_with_one_contrast_is_used(self):
        y, s = il8("Asian")
        y[1, :4] = np.nan
        s[1, :, :4] = s[:, 1, :4] = np.nan
        fit = model_free(y, s)
        own = log_likelihood(fit.lambda_, fit.log_or[1], fit.tau2, y, s)
        np.testing.assert_allclose(fit.log_likelihood, own, rtol=1e-10)
        for step in (-1e-3, 1e-3):
            moved = log_likelihood(fit.lambda_ + step, fit.log_or[1], fit.tau2, y, s)
            assert moved < own
        assert fit.k == 17

    def test_one_study_gives_its_own_ratio_and_fiellers_limits(self):
        y, s = il8()
        fit = model_free(y[:, 12:13], s[:, :, 12:13])
        np.testing.assert_allclose(fit.lambda_, y[0, 12] / y[1, 12], atol=ATOL_SEARCH)
        exact = fieller(y[:, 12], s[:, :, 12])
        assert fit.interval.kind == exact.kind
        np.testing.assert_allclose(fit.interval.low, exact.low, rtol=1e-6)
        np.testing.assert_allclose(fit.interval.high, exact.high, rtol=1e-6)
        assert np.isnan(fit.tau2)

    def test_one_contrast_throughout_tells_nothing(self):
        y, s = il8()
        y[1], s[1], s[:, 1] = np.nan, np.nan, np.nan
        fit = model_free(y, s)
        assert np.isnan(fit.lambda_) and np.isnan(fit.log_or).all()
        assert str(fit.statement) == "" and str(fit.interval.kind) == ""

    def test_leading_axes(self):
        y, s = simulated(np.random.default_rng(1), 6, 4, 0.5, 0.4, 0.1)
        fit = model_free(y.reshape(2, 3, 2, 4), s.reshape(2, 3, 2, 2, 4))
        assert fit.lambda_.shape == (2, 3) and fit.chi2.shape == (2, 3, 4)
        alone = model_free(y[5], s[5])
        np.testing.assert_allclose(fit.lambda_[1, 2], alone.lambda_, atol=ATOL_SEARCH)
        assert fit.statement[1, 2] == alone.statement


class TestFieller:
    @pytest.mark.parametrize("seed", range(6))
    def test_the_set_holds_the_ratios_that_the_test_does_not_reject(self, seed):
        rng = np.random.default_rng(seed)
        estimate = rng.normal(0, 1, 2)
        half = rng.normal(0, 0.5, (2, 2))
        v = half @ half.T + 0.05 * np.eye(2)
        found = fieller(estimate, v)
        ratios = np.tan(np.linspace(-1.57, 1.57, 2001))
        contrast = np.stack([np.ones_like(ratios), -ratios])
        squared = (estimate @ contrast) ** 2 / np.einsum("ar,ab,br->r", contrast, v, contrast)
        kept = squared <= chi2.ppf(0.95, 1)
        expected = {
            "between": (ratios >= found.low) & (ratios <= found.high),
            "outside": (ratios <= found.low) | (ratios >= found.high),
            "any": np.full(ratios.shape, True),
        }[str(found.kind)]
        np.testing.assert_array_equal(kept, expected)

    def test_a_pool_without_an_outcome_has_no_ratio(self):
        found = fieller([0.3, np.nan], [[0.1, np.nan], [np.nan, np.nan]])
        assert str(found.kind) == "" and np.isnan(found.low)

    def test_of_the_il8_pool(self):
        pooled = bivariate_pool(*il8("Asian"))
        found = fieller(pooled.estimate, pooled.covariance)
        for limit in (found.low, found.high):
            contrast = np.array([1, -limit])
            z2 = (contrast @ pooled.estimate) ** 2 / (contrast @ pooled.covariance @ contrast)
            np.testing.assert_allclose(z2, chi2.ppf(0.95, 1), rtol=1e-9)
        assert found.low < pooled.estimate[0] / pooled.estimate[1] < found.high


def test_errors():
    with pytest.raises(ValueError, match="must be"):
        model_free(np.zeros((2, 3)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="level"):
        model_free(*il8(), level=95)
