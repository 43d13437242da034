"""p-values for several genetic models at once: exact probabilities, samples, naive twins."""

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, norm

from genopool.association.genotype_models import model_effects
from genopool.association.models import MODELS
from genopool.pooling.inverse_variance import pool
from genopool.pooling.multiplicity import (
    adjusted_p_values,
    between_study_covariance,
    holm,
    nearest_psd,
    z_correlation,
)

DATA = Path(__file__).parents[1] / "data" / "il8_zhang2015.csv"

#: What RULES asks of the joint probability.
ATOL_PROBABILITY = 1e-4
Z = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0])
P = 2 * norm.sf(Z)


def il8():
    with DATA.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [
        [[int(row[f"{group}_{genotype}"]) for genotype in ("TT", "AT", "AA")] for row in rows]
        for group in ("cases", "controls")
    ]


def null_counts(rng, sets, studies, tau):
    """Genotype counts whose log odds ratios have mean 0 and, with tau, differ by study."""
    hardy = np.array([0.36, 0.48, 0.16])
    own = rng.normal(0, tau, (sets, studies, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]])
    tilted = hardy * np.exp(np.concatenate([np.zeros((sets, studies, 1)), own], axis=-1))
    tilted /= tilted.sum(axis=-1, keepdims=True)
    n = np.linspace(300, 900, studies).astype(int)
    return rng.multinomial(n, tilted), rng.multinomial(n, hardy, (sets, studies))


class TestAdjustedP:
    def test_one_model_and_copies_of_it_keep_their_p(self):
        np.testing.assert_allclose(adjusted_p_values([0.03], [[1.0]]), 0.03, rtol=1e-10)
        same = adjusted_p_values([0.03, 0.03, 0.4], np.ones((3, 3)))
        np.testing.assert_allclose(same, [0.03, 0.03, 0.4], rtol=1e-10)

    def test_independent_models_are_sidaks(self):
        np.testing.assert_allclose(adjusted_p_values(P, np.eye(7)), 1 - (1 - P) ** 7, atol=1e-12)

    @pytest.mark.parametrize("rho", [0.3, -0.6, 0.999])
    def test_two_models_against_the_bivariate_normal(self, rho):
        r = np.array([[1, rho], [rho, 1]])
        ours = adjusted_p_values(np.repeat(P[:, None], 2, axis=1), [r] * 7)

        def outside(z):
            # Given the first deviate, the second is normal about rho times it.
            sd = (1 - rho**2) ** 0.5
            inside = quad(
                lambda x: (
                    norm.pdf(x) * (norm.cdf((z - rho * x) / sd) - norm.cdf((-z - rho * x) / sd))
                ),
                -z,
                z,
            )
            return 1 - inside[0]

        expected = [outside(z) for z in Z]
        expected = np.repeat(np.array(expected)[:, None], 2, axis=1)
        np.testing.assert_allclose(ours, expected, atol=ATOL_PROBABILITY)

    @pytest.mark.parametrize("rho", [0.2, 0.9])
    def test_seven_equally_correlated_models_against_one_integral(self, rho):
        r = np.full((7, 7), rho) + (1 - rho) * np.eye(7)

        def inside(x, z):
            ends = [norm.cdf((end - rho**0.5 * x) / (1 - rho) ** 0.5) for end in (-z, z)]
            return norm.pdf(x) * (ends[1] - ends[0]) ** 7

        expected = [1 - quad(inside, -9, 9, args=(z,), epsabs=1e-9)[0] for z in Z]
        np.testing.assert_allclose(adjusted_p_values(P, r), expected, atol=ATOL_PROBABILITY)

    def test_singular_matrix_of_rank_two_against_one_integral(self):
        # Seven directions in a plane: the mean over angles of exp(-z² / (2 max cos²)).
        angles = np.array([0.0, 0.1, 0.5, 0.9, 1.6, 2.0, 2.9])
        factor = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        ours = adjusted_p_values(P, factor @ factor.T)
        turn = np.linspace(0, np.pi, 200_001)[:-1]
        reach = (np.cos(turn[:, None] - angles) ** 2).max(axis=1)
        expected = [np.exp(-(z**2) / 2 / reach).mean() for z in Z]
        np.testing.assert_allclose(ours, expected, atol=ATOL_PROBABILITY)

    def test_the_il8_matrix_against_four_million_samples(self):
        effects = model_effects(*il8())
        fit = pool(effects.log_or, effects.variance)
        r = z_correlation(effects.log_or, effects.variance, effects.covariance, fit.tau2)
        ours = adjusted_p_values(P, r)
        values, vectors = np.linalg.eigh(r)
        root = vectors * np.sqrt(np.maximum(values, 0))
        rng = np.random.default_rng(3)
        above = np.zeros(7)
        for _ in range(40):
            largest = np.abs(rng.standard_normal((100_000, 7)) @ root.T).max(axis=1)
            above += (largest[:, None] >= Z).sum(axis=0)
        p = above / 4e6
        # Four standard errors of the sample and the error allowed to us.
        tolerance = 4 * np.sqrt(p * (1 - p) / 4e6) + ATOL_PROBABILITY
        assert (np.abs(ours - p) < tolerance).all()

    def test_three_models_against_scipy(self):
        r = np.array([[1, 0.5, -0.2], [0.5, 1, 0.4], [-0.2, 0.4, 1]])
        expected = []
        for z in Z[:3]:
            corners = itertools.product((-z, z), repeat=3)
            inside = sum(
                np.prod(np.sign(corner)) * multivariate_normal.cdf(corner, cov=r, abseps=1e-6)
                for corner in corners
            )
            expected.append(1 - inside)
        ours = [adjusted_p_values([p] * 3, r)[0] for p in P[:3]]
        np.testing.assert_allclose(ours, expected, atol=ATOL_PROBABILITY)

    def test_a_model_not_tested_takes_no_part(self):
        r = np.array([[1, 0.5, 0.2], [0.5, 1, np.nan], [0.2, np.nan, 1]])
        ours = adjusted_p_values([0.02, 0.3, np.nan], r)
        two = adjusted_p_values([0.02, 0.3], r[:2, :2])
        np.testing.assert_array_equal(ours[:2], two)
        assert np.isnan(ours[2])
        assert np.isnan(adjusted_p_values([np.nan, np.nan], np.eye(2))).all()

    def test_the_ends_of_the_range(self):
        ours = adjusted_p_values([0.0, 1.0, 1e-200], np.eye(3))
        np.testing.assert_allclose(ours, [0, 1, 3e-200], rtol=0.7, atol=0)

    def test_the_same_in_every_call_and_for_every_leading_axis(self):
        r = np.array([[1, 0.8, 0.8], [0.8, 1, 0.28], [0.8, 0.28, 1]])
        p = np.array([[0.01, 0.2, 0.5], [0.3, 0.04, 0.9]])
        both = adjusted_p_values(p, np.stack([r, r]))
        np.testing.assert_array_equal(both[1], adjusted_p_values(p[1], r))

    def test_errors(self):
        with pytest.raises(ValueError, match="outside"):
            adjusted_p_values([0.5, 1.5], np.eye(2))
        with pytest.raises(ValueError, match="positive semi-definite"):
            adjusted_p_values([0.5, 0.5], [[1, 1.2], [1.2, 1]])
        with pytest.raises(ValueError, match="shape"):
            adjusted_p_values([0.5, 0.5], np.eye(3))
        with pytest.raises(ValueError, match="at most 12"):
            adjusted_p_values(np.full(13, 0.5), np.eye(13))


class TestCorrelation:
    @pytest.mark.parametrize(("tau", "method"), [(0.0, "EE"), (0.3, "DL")])
    def test_is_the_correlation_of_the_zs_of_simulated_meta_analyses(self, tau, method):
        # 3,000 sets: a correlation is known to 0.018 or better; 15 studies, since tau² is
        # estimated.
        cases, controls = null_counts(np.random.default_rng(11), 3000, 15, tau)
        effects = model_effects(cases, controls)
        fit = pool(effects.log_or, effects.variance, tau2=method, interval="wald")
        sampled = np.corrcoef((fit.estimate / fit.se).T)
        few = slice(0, 400)
        ours = z_correlation(
            effects.log_or[few], effects.variance[few], effects.covariance[few], fit.tau2[few]
        ).mean(axis=0)
        np.testing.assert_allclose(ours, sampled, atol=0.06 if tau else 0.04)

    def test_adjusted_p_values_hold_their_level_in_simulation(self):
        # The smallest adjusted p of 100 null sets; 5% has a standard error of 2.2%.
        cases, controls = null_counts(np.random.default_rng(12), 100, 10, 0.0)
        effects = model_effects(cases, controls)
        fit = pool(effects.log_or, effects.variance, tau2="EE")
        r = z_correlation(effects.log_or, effects.variance, effects.covariance, fit.tau2)
        adjusted = adjusted_p_values(fit.p_value, r)
        smallest = adjusted.min(axis=1)
        assert 0.01 <= (smallest < 0.05).mean() <= 0.12
        assert 0.37 <= (smallest < 0.5).mean() <= 0.63
        assert (adjusted >= fit.p_value).all()
        # Seven models are worth far fewer independent ones, and Holm is far stricter.
        assert (holm(fit.p_value).min(axis=1) > smallest).all()

    @pytest.mark.parametrize("models", [MODELS, MODELS[2:]])
    def test_equal_effects_against_a_naive_sum(self, models):
        effects = model_effects(*il8(), models)
        y, v, c = effects.log_or, effects.variance, effects.covariance
        ours = z_correlation(y, v, c, np.full(len(models), np.nan))
        naive = np.eye(len(models))
        for a, b in itertools.permutations(range(len(models)), 2):
            total = sum(c[a, b, i] / v[a, i] / v[b, i] for i in range(26))
            naive[a, b] = total / np.sqrt((1 / v[a]).sum() * (1 / v[b]).sum())
        if "allelic" not in models:
            np.testing.assert_allclose(ours, naive, atol=1e-12)
        else:
            # The allelic and additive variances rest on assumptions that the covariances do
            # not make: the nearest correlation matrix is another one, but hardly.
            assert np.linalg.eigvalsh(naive)[0] < -1e-4
            np.testing.assert_allclose(ours, nearest_psd(naive, np.ones(7)), atol=1e-10)
            np.testing.assert_allclose(ours, naive, atol=5e-3)

    def test_a_study_in_one_model_only_dilutes_the_correlation(self):
        effects = model_effects(*il8(), ["dominant", "homozygous"])
        y, v, c = (x.copy() for x in (effects.log_or, effects.variance, effects.covariance))
        y[1, :13], v[1, :13] = np.nan, np.nan
        c[1, :, :13] = c[:, 1, :13] = np.nan
        whole = z_correlation(effects.log_or, effects.variance, effects.covariance, [0, 0])
        part = z_correlation(y, v, c, [0, 0])
        shared = sum(c[0, 1, i] / v[0, i] / v[1, i] for i in range(13, 26))
        expected = shared / np.sqrt((1 / v[0]).sum() * (1 / v[1, 13:]).sum())
        np.testing.assert_allclose(part[0, 1], expected, rtol=1e-10)
        assert part[0, 1] < whole[0, 1]

    def test_a_model_without_studies_is_uncorrelated(self):
        effects = model_effects(*il8(), ["dominant", "homozygous"])
        y, v, c = (x.copy() for x in (effects.log_or, effects.variance, effects.covariance))
        y[1], v[1], c[1], c[:, 1] = np.nan, np.nan, np.nan, np.nan
        np.testing.assert_array_equal(z_correlation(y, v, c, [0.1, np.nan]), np.eye(2))

    def test_errors(self):
        effects = model_effects(*il8())
        arrays = effects.log_or, effects.variance, effects.covariance
        with pytest.raises(ValueError, match="shape"):
            z_correlation(*arrays, np.zeros(6))
        with pytest.raises(ValueError, match="negative"):
            z_correlation(*arrays, np.full(7, -0.1))
        with pytest.raises(ValueError, match="NaN for a study"):
            z_correlation(*arrays[:2], np.full(arrays[2].shape, np.nan), np.zeros(7))


class TestBetweenStudies:
    def test_is_the_matrix_method_of_moments(self):
        # Chen, Manning and Dupuis: Q = sum W e e', E(Q) linear in T, with diagonal W here;
        # two outcomes and many studies, so that no projection is needed.
        rng = np.random.default_rng(21)
        v = rng.uniform(0.02, 0.2, (2, 60))
        c = 0.6 * np.sqrt(v[0] * v[1])
        t = np.array([[0.2, 0.08], [0.08, 0.1]])
        s = np.array([[v[0], c], [c, v[1]]])
        y = np.array([rng.multivariate_normal([0.3, 0.5], s[:, :, i] + t) for i in range(60)]).T
        w = [np.diag(1 / v[:, i]) for i in range(60)]
        total = np.linalg.inv(sum(w))
        mean = total @ sum(w_i @ y[:, i] for i, w_i in enumerate(w))
        q = sum(w_i @ np.outer(y[:, i] - mean, y[:, i] - mean) for i, w_i in enumerate(w))
        left = sum(w_i - w_i @ total @ w_i for w_i in w)
        within = sum((w_i - w_i @ total @ w_i) @ s[:, :, i] for i, w_i in enumerate(w))
        moment = np.linalg.solve(left, q - within)
        ours = between_study_covariance(y, v, s, np.diag(moment))
        np.testing.assert_allclose(ours, (moment + moment.T) / 2, rtol=1e-9)
        np.testing.assert_allclose(
            np.diag(moment), pool(y, v, tau2="DL", interval="wald").tau2, rtol=1e-9
        )

    def test_recovers_the_truth_on_average(self):
        rng = np.random.default_rng(22)
        v = np.broadcast_to(rng.uniform(0.02, 0.1, (2, 30)), (2000, 2, 30))
        c = 0.5 * np.sqrt(v[:, 0] * v[:, 1])
        s = np.stack([np.stack([v[:, 0], c], 1), np.stack([c, v[:, 1]], 1)], 1)
        half = np.linalg.cholesky(np.moveaxis(s[0], -1, 0) + np.array([[0.3, 0.1], [0.1, 0.2]]))
        y = np.einsum("iab,nbi->nai", half, rng.standard_normal((2000, 2, 30)))
        ours = between_study_covariance(y, v, s, np.broadcast_to([0.3, 0.2], (2000, 2)))
        # Standard error of the mean of 2,000: 0.0012.
        np.testing.assert_allclose(ours[:, 0, 1].mean(), 0.1, atol=0.005)

    def test_equal_effects_and_single_studies_have_none(self):
        effects = model_effects(*il8())
        arrays = effects.log_or, effects.variance, effects.covariance
        np.testing.assert_array_equal(between_study_covariance(*arrays, np.full(7, np.nan)), 0)
        one = [x[..., :1] for x in arrays]
        t = between_study_covariance(*one, np.full(7, 0.1))
        np.testing.assert_allclose(t, 0.1 * np.eye(7), atol=1e-12)

    def test_the_il8_matrix_has_the_tau2_of_each_model(self):
        effects = model_effects(*il8())
        tau2 = pool(effects.log_or, effects.variance).tau2
        t = between_study_covariance(effects.log_or, effects.variance, effects.covariance, tau2)
        np.testing.assert_allclose(np.diag(t), tau2, rtol=1e-12)
        assert np.linalg.eigvalsh(t)[0] > -1e-12
        assert len(MODELS) == len(t)


class TestNearest:
    def test_highams_published_example(self):
        # Higham (2002, IMA J Numer Anal 22:329), section 4: 0.7607 and 0.1573.
        found = nearest_psd([[1, 1, 0], [1, 1, 1], [0, 1, 1]], np.ones(3))
        expected = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
        np.testing.assert_allclose(found, expected, atol=5e-5)

    @pytest.mark.parametrize("seed", range(3))
    def test_no_search_finds_a_nearer_one(self, seed):
        rng = np.random.default_rng(seed)
        matrix, d = rng.normal(0, 1, (3, 3)), rng.uniform(0.2, 2, 3)
        matrix = (matrix + matrix.T) / 2 * (1 - np.eye(3)) + np.diag(d)
        found = nearest_psd(matrix, d)

        def distance(x):
            # Rows of any lower triangle, given the lengths that the diagonal asks for.
            rows = np.array([[1, 0, 0], [x[0], x[1], 0], x[2:5]])
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True) * np.sqrt(d)[:, None]
            return ((rows @ rows.T - matrix) ** 2).sum()

        starts = rng.normal(0, 1, (5, 5))
        best = min(minimize(distance, start, method="Powell").fun for start in starts)
        assert ((found - matrix) ** 2).sum() < best + 1e-7
        np.testing.assert_allclose(np.diag(found), d, rtol=1e-12)
        assert np.linalg.eigvalsh(found)[0] > -1e-12

    def test_a_positive_definite_matrix_stays(self):
        matrix = np.array([[[2.0, 0.3], [0.3, 1]], [[1, 5.0], [5.0, 1]]])
        found = nearest_psd(matrix, [[2, 1], [1, 1]])
        np.testing.assert_allclose(found[0], matrix[0], rtol=1e-12)
        np.testing.assert_allclose(found[1], np.ones((2, 2)), rtol=1e-6)

    def test_a_zero_on_the_diagonal_empties_its_row(self):
        found = nearest_psd([[1, 0.5, 3], [0.5, 1, 2], [3, 2, 7]], [1, 1, 0])
        np.testing.assert_allclose(found, [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0]], atol=1e-12)


def test_holm():
    # Holm (1979): 0.01 × 4, then 0.02 × 3, 0.03 × 2, 0.04 × 1, never falling.
    np.testing.assert_allclose(
        holm([0.04, 0.01, np.nan, 0.03, 0.02]), [0.06, 0.04, np.nan, 0.06, 0.06]
    )
    np.testing.assert_allclose(holm([[0.5, 0.9], [0.6, 0.001]]), [[1, 1], [0.6, 0.002]])
