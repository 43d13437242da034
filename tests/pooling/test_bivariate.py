"""Two outcomes pooled jointly, against published analyses and an independent likelihood."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from genopool.association.genotype_models import genotype_contrasts
from genopool.pooling.bivariate import bivariate_pool
from genopool.pooling.inverse_variance import pool

REFERENCE = Path(__file__).parents[1] / "reference" / "metafor.json"

# Berkey et al. (1998, Stat Med 17:2537): probing depth, attachment level, and the elements of
# their covariance matrices in five trials.
PD, AL = [0.47, 0.20, 0.40, 0.26, 0.56], [-0.32, -0.60, -0.12, -0.31, -0.39]
V_PD = [0.0075, 0.0057, 0.0021, 0.0029, 0.0148]
COV = [0.0030, 0.0009, 0.0007, 0.0009, 0.0072]
V_AL = [0.0077, 0.0008, 0.0014, 0.0015, 0.0304]
BERKEY = np.array([PD, AL]), np.array([[V_PD, COV], [COV, V_AL]])


def log_likelihood(t, y, s, restricted):
    """The (restricted) log-likelihood written study by study."""
    a, b, rest, sizes = np.zeros((2, 2)), np.zeros(2), 0.0, np.zeros(2)
    parts = []
    for i in range(y.shape[1]):
        seen = np.flatnonzero(~np.isnan(y[:, i]))
        x = np.eye(2)[seen]
        v = s[:, :, i][np.ix_(seen, seen)] + t[np.ix_(seen, seen)]
        w = np.linalg.inv(v)
        a, b, sizes = a + x.T @ w @ x, b + x.T @ w @ y[seen, i], sizes + x.sum(axis=0)
        rest += np.linalg.slogdet(v)[1] + len(seen) * np.log(2 * np.pi)
        parts.append((x, w, y[seen, i]))
    mu = np.linalg.solve(a, b)
    rest += sum((y_i - x @ mu) @ w @ (y_i - x @ mu) for x, w, y_i in parts)
    if restricted:
        rest += np.linalg.slogdet(a)[1] - 2 * np.log(2 * np.pi) - np.log(sizes).sum()
    return -rest / 2, mu, np.linalg.inv(a)


def searched(y, s, restricted):
    """Highest log-likelihood by Nelder-Mead from several starts."""

    def fall(factor):
        lower = np.array([[factor[0], 0], [factor[1], factor[2]]])
        return -log_likelihood(lower @ lower.T, y, s, restricted)[0]

    options = {"xatol": 1e-7, "fatol": 1e-12}
    starts = [[0.1, 0, 0.1], [1, 0.5, 1], [0.1, -0.5, 0.3]]
    found = [minimize(fall, start, method="Nelder-Mead", options=options) for start in starts]
    return -min(each.fun for each in found)


def random_sets(seed, sets, studies):
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.15, 0.6, (sets, studies, 1))
    hardy = np.concatenate([(1 - p) ** 2, 2 * p * (1 - p), p**2], axis=-1)
    effects = rng.normal(0.3, rng.uniform(0.05, 1, (sets, 1, 1)), (sets, studies, 2))
    tilted = hardy * np.exp(np.concatenate([np.zeros((sets, studies, 1)), effects], axis=-1))
    tilted /= tilted.sum(axis=-1, keepdims=True)
    contrasts = genotype_contrasts(rng.multinomial(150, tilted), rng.multinomial(200, hardy))
    return contrasts.log_or, contrasts.covariance


def test_berkey_1998_by_maximum_likelihood():
    # metaSEM 0.9.4 prints 7 digits of the estimates; metafor's own tests
    # (test_analysis_example_berkey1998.r, test_misc_fitstats.r) the rest.
    fit = bivariate_pool(*BERKEY, method="ML")
    np.testing.assert_allclose(fit.estimate, [0.3448392, -0.3379381], atol=6e-7)
    t = [[0.0070020, 0.0094607], [0.0094607, 0.0261445]]
    np.testing.assert_allclose(fit.tau2, t, atol=6e-7)
    np.testing.assert_allclose(fit.se, [0.0495, 0.0798], atol=6e-5)
    np.testing.assert_allclose(fit.rho, 0.6992, atol=6e-5)
    np.testing.assert_allclose(fit.log_likelihood, 5.840657, atol=6e-7)


def test_berkey_1998_with_equal_effects():
    # metaSEM 0.9.4, -2 log-likelihood 90.88326.
    fit = bivariate_pool(*BERKEY, method="EE")
    np.testing.assert_allclose(fit.estimate, [0.307219, -0.394377], atol=6e-7)
    np.testing.assert_allclose(fit.se, [0.028575, 0.018649], atol=6e-7)
    np.testing.assert_allclose(-2 * fit.log_likelihood, 90.88326, atol=6e-6)
    assert np.isnan(fit.tau2).all() and np.isnan(fit.rho)


def test_bcg_trials_of_van_houwelingen_2002():
    # Log odds in the two arms; pages 604-605, digits from metafor's test of that analysis.
    table = json.loads(REFERENCE.read_text())["cases"]["bcg"]["table"]
    a, b = np.array(table["case_exposed"]), np.array(table["case_unexposed"])
    c, d = np.array(table["control_exposed"]), np.array(table["control_unexposed"])
    s = np.zeros((2, 2, len(a)))
    s[0, 0], s[1, 1] = 1 / c + 1 / d, 1 / a + 1 / b
    fit = bivariate_pool(np.log([c / d, a / b]), s, method="ML")
    np.testing.assert_allclose(fit.estimate, [-4.0960, -4.8337], atol=6e-5)
    np.testing.assert_allclose(np.diag(fit.tau2), [2.4073, 1.4314], atol=6e-5)
    np.testing.assert_allclose(fit.rho, 0.9467, atol=6e-5)
    difference = np.array([-1, 1])
    np.testing.assert_allclose(difference @ fit.estimate, -0.7378, atol=6e-5)
    np.testing.assert_allclose((difference @ fit.covariance @ difference) ** 0.5, 0.1797, atol=6e-5)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_no_search_finds_a_higher_likelihood(method):
    y, s = random_sets(1, 3, 7)
    y[0, 1, :2] = np.nan
    s[0, 1, :, :2] = s[0, :, 1, :2] = np.nan
    fit = bivariate_pool(y, s, method=method)
    for i in range(len(y)):
        own, mu, covariance = log_likelihood(fit.tau2[i], y[i], s[i], method == "REML")
        np.testing.assert_allclose(fit.log_likelihood[i], own, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(fit.estimate[i], mu, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(fit.covariance[i], covariance, rtol=1e-10)
        assert own > searched(y[i], s[i], method == "REML") - 1e-9


def test_a_maximum_on_the_boundary_is_found():
    # The precise studies agree that the outcomes differ by a constant: the correlation is 1.
    y = np.array([[0.1, 1.3, -0.9, 0.4], [0.2, 1.4, -0.8, 3.0]])
    s = np.zeros((2, 2, 4))
    s[0, 0], s[1, 1] = [1e-4, 1e-4, 2e-4, 1.0], [2e-4, 1e-4, 1e-4, 9.0]
    fit = bivariate_pool(y, s, method="ML")
    sizes = np.linspace(0, 3, 31)
    singular = [np.outer([one, other], [one, other]) for one in sizes for other in sizes]
    assert fit.log_likelihood > max(log_likelihood(t, y, s, False)[0] for t in singular)
    assert fit.log_likelihood > log_likelihood(np.zeros((2, 2)), y, s, False)[0] + 1
    assert fit.rho > 0.999


def test_leading_axes_are_pooled_one_by_one():
    y, s = random_sets(2, 6, 5)
    fit = bivariate_pool(y.reshape(2, 3, 2, 5), s.reshape(2, 3, 2, 2, 5))
    assert fit.tau2.shape == (2, 3, 2, 2) and fit.rho.shape == (2, 3)
    alone = bivariate_pool(y[4], s[4])
    np.testing.assert_allclose(fit.tau2[1, 1], alone.tau2, rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(fit.estimate[1, 1], alone.estimate, rtol=1e-7)


def test_another_reference_genotype_gives_the_same_pool():
    # Heterozygous and reference against the other homozygote: a linear change of the pair.
    y, s = random_sets(3, 4, 8)
    turn = np.array([[1.0, -1.0], [0.0, -1.0]])
    there, back = (
        bivariate_pool(y, s),
        bivariate_pool(
            np.einsum("ab,nbi->nai", turn, y), np.einsum("ab,nbci,dc->nadi", turn, s, turn)
        ),
    )
    np.testing.assert_allclose(back.estimate, there.estimate @ turn.T, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(back.tau2, turn @ there.tau2 @ turn.T, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(back.log_likelihood, there.log_likelihood, rtol=1e-10)


class TestFewStudies:
    def test_an_outcome_of_its_own_borrows_nothing_without_correlation(self):
        y, s = random_sets(4, 1, 6)
        s[:, 0, 1] = s[:, 1, 0] = 0
        fit = bivariate_pool(y, s, method="EE")
        alone = pool(y, np.einsum("naai->nai", s), tau2="EE")
        np.testing.assert_allclose(fit.estimate, alone.estimate, rtol=1e-12)
        np.testing.assert_allclose(fit.se, alone.se, rtol=1e-12)
        np.testing.assert_allclose(fit.ci_low, alone.ci_low, rtol=1e-9)
        np.testing.assert_allclose(fit.p_value, alone.p_value, rtol=1e-9)

    def test_one_study_is_its_own_estimate(self):
        y, s = random_sets(5, 1, 1)
        fit = bivariate_pool(y, s)
        np.testing.assert_allclose(fit.estimate, y[..., 0], rtol=1e-12)
        np.testing.assert_allclose(fit.covariance, s[..., 0], rtol=1e-12)
        assert np.isnan(fit.tau2).all()

    def test_an_outcome_without_studies_is_nan_and_the_other_is_not(self):
        y, s = random_sets(6, 1, 3)
        y[:, 1] = np.nan
        s[:, 1], s[:, :, 1] = np.nan, np.nan
        fit = bivariate_pool(y, s)
        assert np.isnan(fit.estimate[0, 1]) and np.isnan(fit.chi2)
        alone = pool(y[:, 0], s[:, 0, 0], tau2="EE")
        np.testing.assert_allclose(fit.estimate[:, 0], alone.estimate, rtol=1e-12)
        assert fit.k.tolist() == [[3, 0]]

    def test_the_joint_test_is_a_chi2_on_two_degrees_of_freedom(self):
        fit = bivariate_pool(*BERKEY)
        chi2 = fit.estimate @ np.linalg.inv(fit.covariance) @ fit.estimate
        np.testing.assert_allclose(fit.chi2, chi2, rtol=1e-10)
        np.testing.assert_allclose(fit.chi2_p, np.exp(-chi2 / 2), rtol=1e-10)


class TestErrors:
    def test_shapes(self):
        with pytest.raises(ValueError, match="must be"):
            bivariate_pool(np.zeros((3, 4)), np.zeros((3, 3, 4)))

    def test_an_impossible_matrix_is_named(self):
        y, s = BERKEY[0], BERKEY[1].copy()
        s[0, 1, 2] = s[1, 0, 2] = 0.01
        with pytest.raises(ValueError, match=r"study \[2\].*positive definite"):
            bivariate_pool(y, s)

    def test_a_variance_without_an_effect(self):
        y = BERKEY[0].copy()
        y[1, 3] = np.nan
        with pytest.raises(ValueError, match=r"log_or\[1, 3\]"):
            bivariate_pool(y, BERKEY[1])

    def test_an_unknown_method(self):
        with pytest.raises(ValueError, match="REML, ML, EE"):
            bivariate_pool(*BERKEY, method="DL")


@pytest.mark.parametrize("lead", [(), (3,)])
def test_no_study_at_all(lead):
    fit = bivariate_pool(np.empty((*lead, 2, 0)), np.empty((*lead, 2, 2, 0)))
    assert fit.estimate.shape == (*lead, 2) and np.isnan(fit.estimate).all()
