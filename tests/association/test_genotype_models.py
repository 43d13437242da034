"""How log odds ratios of one study vary together: numerical derivatives, closed forms, samples."""

import numpy as np
import pytest

from genopool.association.counts import STATUS_TEXT
from genopool.association.genotype_models import genotype_contrasts, model_effects
from genopool.association.models import MODELS
from genopool.association.odds_ratios import genotype_log_odds_ratio, robust_allelic_variance

#: Central differences with a step of 1e-4 people in 10 or more.
RTOL_NUMERICAL = 1e-6


def numerical_covariance(cases, controls):
    """Delta method with derivatives by differences: n times the multinomial covariance."""

    def log_ors(x, y):
        return np.array([genotype_log_odds_ratio([x], [y], model)[0][0] for model in MODELS])

    step = 1e-4 * np.eye(3)
    in_cases = [(log_ors(cases + d, controls) - log_ors(cases - d, controls)) for d in step]
    in_controls = [(log_ors(cases, controls + d) - log_ors(cases, controls - d)) for d in step]
    total = 0
    for counts, slopes in ((cases, in_cases), (controls, in_controls)):
        h = np.array(slopes).T / 2e-4
        p = counts / counts.sum()
        total = total + h @ (counts.sum() * (np.diag(p) - np.outer(p, p))) @ h.T
    return total


@pytest.mark.parametrize("seed", range(5))
def test_covariances_are_the_delta_method(seed):
    cases, controls = np.random.default_rng(seed).integers(10, 300, (2, 3)).astype(float)
    ours = model_effects([cases], [controls]).covariance[..., 0]
    expected = numerical_covariance(cases, controls)
    np.testing.assert_allclose(ours, expected, rtol=RTOL_NUMERICAL, atol=1e-9)


def test_covariances_are_those_of_simulated_samples():
    # 20,000 samples of 600 and 800 people: correlations are known to 0.007.
    rng = np.random.default_rng(1)
    cases = rng.multinomial(600, [0.30, 0.45, 0.25], 20_000)
    controls = rng.multinomial(800, [0.40, 0.42, 0.18], 20_000)
    effects = model_effects(cases, controls)
    sampled = np.cov(effects.log_or)
    ours = effects.covariance.mean(axis=-1)
    sd = np.sqrt(np.diag(sampled))
    np.testing.assert_allclose(ours / np.outer(sd, sd), np.corrcoef(effects.log_or), atol=0.04)


def test_the_diagonal_is_the_variance_but_for_the_assumptions():
    cases, controls = [[60, 45, 30], [50, 20, 44]], [[90, 70, 20], [33, 61, 25]]
    effects = model_effects(cases, controls)
    diagonal = np.einsum("aai->ai", effects.covariance)
    for place, model in enumerate(MODELS):
        if model == "allelic":
            robust = robust_allelic_variance(cases, controls)
            np.testing.assert_allclose(diagonal[place], robust, rtol=1e-12)
        elif model != "additive":
            np.testing.assert_allclose(diagonal[place], effects.variance[place], rtol=1e-12)


def test_the_additive_variance_is_the_delta_methods_where_the_logit_is_linear():
    # Odds of being a case double with each allele: 1 : 2 : 4 over the controls.
    effects = model_effects([[40, 120, 120]], [[40, 60, 30]], ["additive"])
    np.testing.assert_allclose(effects.covariance[0, 0], effects.variance[0], rtol=1e-10)


def test_models_without_people_in_common_groups_are_uncorrelated():
    # Given who is neither, heterozygotes against none and two alleles against the rest are
    # independent parts of the multinomial likelihood.
    effects = model_effects([[60, 45, 30]], [[90, 70, 20]], ["recessive", "heterozygous"])
    assert abs(effects.covariance[0, 1, 0]) < 1e-15


class TestCorrected:
    def test_correlations_come_from_counts_with_a_half_added(self):
        # Homozygous is corrected; dominant is not.
        cases, controls = np.array([30, 20, 0]), np.array([35, 18, 4])
        models = ["homozygous", "dominant"]
        effects = model_effects([cases], [controls], models)
        smooth = model_effects([cases + 0.5], [controls + 0.5], models)
        v = smooth.variance[:, 0]
        correlation = smooth.covariance[0, 1, 0] / np.sqrt(v[0] * v[1])
        expected = correlation * np.sqrt(effects.variance[:, 0].prod())
        np.testing.assert_allclose(effects.covariance[0, 1, 0], expected, rtol=1e-12)

    def test_the_diagonal_is_the_corrected_variance(self):
        effects = model_effects([[30, 20, 0]], [[35, 18, 4]], ["homozygous", "recessive"])
        diagonal = np.einsum("aai->ai", effects.covariance)
        np.testing.assert_allclose(diagonal, effects.variance, rtol=1e-12)

    def test_no_correlation_is_above_one(self):
        rng = np.random.default_rng(3)
        cases, controls = rng.integers(0, 6, (2, 300, 3))
        effects = model_effects(cases, controls)
        delta = np.einsum("aai->ai", effects.covariance)
        sd = np.sqrt(np.maximum(delta, effects.variance))
        excess = np.abs(effects.covariance) - sd[:, None] * sd[None, :]
        assert np.isfinite(excess).sum() > 5000
        assert np.nanmax(excess) < 1e-12


def test_an_uncorrected_study_has_a_positive_semi_definite_matrix():
    rng = np.random.default_rng(7)
    covariance = model_effects(*rng.integers(1, 9, (2, 300, 3))).covariance
    eigenvalues = np.linalg.eigvalsh(np.moveaxis(covariance, -1, 0))
    # Seven functions of four free proportions.
    assert (np.abs(eigenvalues[:, :3]) < 1e-12 * eigenvalues[:, -1:]).all()
    assert (eigenvalues[:, 3:] > -1e-12 * eigenvalues[:, -1:]).all()


def test_nan_where_either_model_drops_the_study():
    effects = model_effects([[30, np.nan, 5], [0, 9, 4]], [[35, 18, 4], [0, 8, 8]])
    used = np.isfinite(effects.variance)
    both = used[:, None] & used[None, :]
    np.testing.assert_array_equal(np.isfinite(effects.covariance), both)
    assert used[:, 0].tolist() == [model == "homozygous" for model in MODELS]


def test_errors():
    with pytest.raises(ValueError, match=r"mean 'recessive'"):
        model_effects([[1, 2, 3]], [[1, 2, 3]], ["recesive"])
    with pytest.raises(ValueError, match="twice"):
        model_effects([[1, 2, 3]], [[1, 2, 3]], ["allelic", "allelic"])
    with pytest.raises(ValueError, match="axis of studies"):
        model_effects([1, 2, 3], [1, 2, 3])


class TestContrasts:
    def test_closed_form(self):
        (x0, x1, x2), (y0, y1, y2) = (11, 22, 79), (104, 72, 46)
        contrasts = genotype_contrasts([[x0, x1, x2]], [[y0, y1, y2]])
        # Arafat et al. 2025 print 2.889 and 16.237 for these counts.
        np.testing.assert_allclose(np.exp(contrasts.log_or[:, 0]), [2.889, 16.237], atol=5e-4)
        shared = 1 / x0 + 1 / y0
        expected = [[shared + 1 / x1 + 1 / y1, shared], [shared, shared + 1 / x2 + 1 / y2]]
        np.testing.assert_allclose(contrasts.covariance[..., 0], expected, rtol=1e-13)

    def test_they_are_the_heterozygous_and_homozygous_models(self):
        rng = np.random.default_rng(5)
        cases, controls = rng.integers(1, 80, (2, 4, 6, 3))
        contrasts = genotype_contrasts(cases, controls)
        effects = model_effects(cases, controls, ["heterozygous", "homozygous"])
        np.testing.assert_allclose(contrasts.log_or, effects.log_or, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(contrasts.covariance, effects.covariance, rtol=1e-11)

    def test_a_zero_corrects_all_six_counts(self):
        contrasts = genotype_contrasts([[8, 5, 0], [8, 5, 1]], [[9, 6, 2], [9, 6, 2]])
        np.testing.assert_array_equal(contrasts.added, [0.5, 0])
        by_hand = genotype_contrasts([[8.5, 5.5, 0.5]], [[9.5, 6.5, 2.5]])
        np.testing.assert_allclose(contrasts.log_or[:, 0], by_hand.log_or[:, 0], rtol=1e-13)

    def test_a_genotype_that_nobody_has_is_left_out_uncorrected(self):
        contrasts = genotype_contrasts([[8, 5, 0]], [[9, 6, 0]])
        np.testing.assert_allclose(contrasts.log_or[0], np.log(5 * 9 / (8 * 6)), rtol=1e-13)
        assert np.isnan(contrasts.log_or[1, 0])
        assert np.isnan(contrasts.covariance[[0, 1, 1], [1, 0, 1], 0]).all()
        assert contrasts.added[0] == 0 and contrasts.status[0] == 0

    @pytest.mark.parametrize(
        ("apply", "added"),
        [("only0", [0.5, 0]), ("if0all", [0.5, 0.5]), ("all", [0.5, 0.5]), ("none", [0, 0])],
    )
    def test_scope(self, apply, added):
        contrasts = genotype_contrasts([[8, 5, 0], [8, 5, 1]], [[9, 6, 2], [9, 6, 2]], apply=apply)
        np.testing.assert_array_equal(contrasts.added, added)
        assert np.isnan(contrasts.log_or[1, 0]) == (apply == "none")
        assert np.isfinite(contrasts.log_or[0]).all()

    @pytest.mark.parametrize(
        ("cases", "controls", "options", "text"),
        [
            ([0, 5, 6], [0, 7, 7], {}, "double zero"),
            ([5, 0, 0], [3, 0, 0], {}, "double zero"),
            ([0, 0, 0], [3, 4, 5], {}, "no cases/controls in the genotypes compared"),
            ([1, np.nan, 2], [3, 4, 5], {}, "absent"),
            (
                [0, 3, 2],
                [3, 4, 5],
                {"apply": "none"},
                "infinite log odds ratio (zero cell) and no correction",
            ),
        ],
    )
    def test_a_dropped_study_says_why(self, cases, controls, options, text):
        contrasts = genotype_contrasts([cases], [controls], **options)
        assert STATUS_TEXT[int(contrasts.status[0])] == text
        assert np.isnan(contrasts.log_or).all() and np.isnan(contrasts.covariance).all()

    def test_treatment_arm(self):
        contrasts = genotype_contrasts([[8, 2, 0]], [[9, 6, 15]], correction="treatment-arm")
        np.testing.assert_allclose([contrasts.added, contrasts.added_controls], [[0.25], [0.75]])
