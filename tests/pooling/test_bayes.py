"""Bayesian pooling: bayesmeta's printed numbers, closed forms, and a naive twin on a dense grid."""

import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from genopool.pooling.bayes import pool_bayes
from genopool.pooling.bayes_priors import TAU_PRIORS, TURNER_GENERAL
from genopool.pooling.inverse_variance import pool

# The twin's rule and ours both reach rounding error; this leaves room for the sums' lengths.
TWIN = 1e-9
# Moments, relative or in standard deviations: the promise of the module.
PROMISED = 1e-6

SCHOOLS = np.array([28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16])
SCHOOLS_VARIANCE = np.array([14.9, 10.2, 16.3, 11.0, 9.4, 11.4, 10.4, 17.6]) ** 2
ALL_PRIORS = [
    ("half-normal", 0.5),
    ("half-cauchy", 0.3),
    ("uniform", 1.5),
    ("uniform", math.inf),
    ("log-normal", TURNER_GENERAL),
]


def studies(k, seed, tau=0.3):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.4, k)
    return rng.normal(0.3, np.sqrt(v + tau**2)), v


def log_prior(name, scale, t):
    """Density of tau as textbooks write it."""
    if name == "half-normal":
        return np.log(2 / scale) - 0.5 * np.log(2 * np.pi) - 0.5 * (t / scale) ** 2
    if name == "half-cauchy":
        return np.log(2 / (np.pi * scale * (1 + (t / scale) ** 2)))
    if name == "uniform":
        return np.full(t.shape, 0.0 if np.isinf(scale) else -np.log(scale))
    mean, sd = scale
    normal = -0.5 * ((np.log(t**2) - mean) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi))
    return normal + np.log(2 / t)


class Twin:
    """The posterior on 120,001 points by Simpson's rule, tau from exp(-40) up to `most`.

    In log tau; for a uniform prior with an end in logit(tau/end), so that the end is not cut.
    """

    def __init__(self, y, v, name, scale, effect=None, most=None, points=120_001):
        end = scale if name == "uniform" and np.isfinite(scale) else None
        if end:
            top = 45.0 if most is None else np.log(most / (end - most))
            x = np.linspace(-40, top, points)
            self.tau = end / (1 + np.exp(-x))
            slope = self.tau * (1 - self.tau / end)
        else:
            x = np.linspace(-40, 40 if most is None else np.log(most), points)
            self.tau = slope = np.exp(x)
        w = 1 / (v[:, None] + self.tau**2)
        if effect is None:
            self.variance = 1 / w.sum(0)
            self.mean = (w * y[:, None]).sum(0) * self.variance
            prior_at_mean = 0.0
        else:
            self.variance = 1 / (w.sum(0) + effect[1] ** -2.0)
            self.mean = ((w * y[:, None]).sum(0) + effect[0] / effect[1] ** 2) * self.variance
            prior_at_mean = -0.5 * ((self.mean - effect[0]) / effect[1]) ** 2 - np.log(
                effect[1] * np.sqrt(2 * np.pi)
            )
        # p(y | tau) = p(y | mu, tau) p(mu) / p(mu | y, tau), at the conditional mean of mu.
        log_p = (0.5 * np.log(w / (2 * np.pi)) - 0.5 * w * (y[:, None] - self.mean) ** 2).sum(0)
        log_p += prior_at_mean + 0.5 * np.log(2 * np.pi * self.variance)
        with np.errstate(divide="ignore"):
            log_p += log_prior(name, scale, self.tau) + np.log(slope)
        simpson = np.full(points, 2 / 3)
        simpson[1::2], simpson[[0, -1]] = 4 / 3, 1 / 3
        self.log_total = np.log((simpson * np.exp(log_p - log_p.max())).sum() * (x[1] - x[0]))
        self.log_total += log_p.max()
        self.p = simpson * (x[1] - x[0]) * np.exp(log_p - self.log_total)
        self.shrink = w * v[:, None]

    def expect(self, x):
        return (self.p * x).sum(-1)

    def cdf(self, x, extra=0.0):
        return self.expect(ndtr((x - self.mean) / np.sqrt(self.variance + extra)))

    def density(self, x):
        z = (x - self.mean) / np.sqrt(self.variance)
        return self.expect(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi * self.variance))


def published(**changes):
    """Röver's bayesmeta vignette: half-Cauchy of scale 25, effect N(0, 50²)."""
    settings = {"tau_prior": "half-cauchy", "tau_scale": 25, "effect_prior": (0, 50)}
    return pool_bayes(SCHOOLS, SCHOOLS_VARIANCE, **settings, **changes)


def test_tau_agrees_with_bayesmeta():
    """bayesmeta 2.3's vignette, eight schools of Rubin (1981), as printed."""
    fit = published()
    assert fit.tau_median == pytest.approx(4.758539, abs=6e-7)
    assert fit.tau_mean == pytest.approx(5.884511, abs=6e-7)
    assert fit.tau_sd == pytest.approx(4.869904, abs=6e-7)
    assert fit.tau_ci_low == pytest.approx(0.2199559, abs=6e-8)
    assert fit.tau_ci_high == pytest.approx(18.0531718, abs=6e-8)
    shortest = published(interval="shortest")
    assert shortest.tau_ci_low == 0
    assert shortest.tau_ci_high == pytest.approx(15.165894, abs=6e-7)


def test_effects_agree_with_bayesmeta():
    """The same vignette. bayesmeta's effects rest on a few values of tau, near enough for its
    `delta` and `epsilon`: 1e-3 of the standard deviation (5 here), 1e-4 of the probability."""
    fit, shortest = published(), published(interval="shortest")
    grid = 5e-3
    assert fit.estimate == pytest.approx(7.962961, abs=grid)
    assert fit.mean == pytest.approx(7.985729, abs=grid)
    assert fit.se == pytest.approx(4.995762, abs=grid)
    assert fit.probability_above_1 == pytest.approx(0.9487521, abs=1e-4)
    assert shortest.ci_low == pytest.approx(-1.823353, abs=grid)
    assert shortest.ci_high == pytest.approx(17.824562, abs=grid)
    theta = [0, 6, 7]
    np.testing.assert_allclose(
        fit.study_mean[theta], [11.095255, 10.336032, 8.474644], atol=grid * 2
    )
    np.testing.assert_allclose(fit.study_sd[theta], [7.901084, 6.631039, 7.456906], atol=grid * 2)


@pytest.mark.parametrize("effect", [None, (0.1, 0.7)])
@pytest.mark.parametrize(("name", "scale"), ALL_PRIORS)
def test_agrees_with_a_dense_grid(name, scale, effect):
    for k, seed in ((3, 1), (13, 2)):
        y, v = studies(k, seed)
        fit = pool_bayes(y, v, tau_prior=name, tau_scale=scale, effect_prior=effect)
        twin = Twin(y, v, name, scale, effect)
        assert fit.log_marginal_likelihood == pytest.approx(twin.log_total, abs=TWIN)
        for x, p in ((fit.ci_low, 0.025), (fit.estimate, 0.5), (fit.ci_high, 0.975)):
            assert twin.cdf(x) == pytest.approx(p, abs=TWIN)
        for x, p in ((fit.pi_low, 0.025), (fit.pi_high, 0.975)):
            assert twin.cdf(x, twin.tau**2) == pytest.approx(p, abs=TWIN)
        assert fit.probability_above_1 == pytest.approx(1 - twin.cdf(0), abs=TWIN)
        for x, p in ((fit.tau_ci_low, 0.025), (fit.tau_median, 0.5), (fit.tau_ci_high, 0.975)):
            below = Twin(y, v, name, scale, effect, most=x).log_total - twin.log_total
            assert math.exp(below) == pytest.approx(p, abs=TWIN)
        mean, tau = twin.expect(twin.mean), twin.expect(twin.tau)
        variance = twin.expect(twin.variance + (twin.mean - mean) ** 2)
        if np.isfinite(fit.tau_mean):
            assert fit.tau_mean == pytest.approx(tau, rel=TWIN)
        if np.isfinite(fit.tau_sd):
            assert fit.tau_sd == pytest.approx(twin.expect((twin.tau - tau) ** 2) ** 0.5, rel=TWIN)
            total = variance + twin.expect(twin.tau**2)
            assert fit.pi_sd == pytest.approx(total**0.5, rel=TWIN)
        if np.isfinite(fit.se):
            assert fit.mean == pytest.approx(mean, abs=TWIN)
            assert fit.se == pytest.approx(variance**0.5, rel=TWIN)
        given = y[:, None] * (1 - twin.shrink) + twin.shrink * twin.mean
        own = twin.tau**2 * twin.shrink + twin.shrink**2 * twin.variance
        study = twin.expect(given)
        spread = twin.expect(own + (given - study[:, None]) ** 2)
        np.testing.assert_allclose(fit.study_mean, study, atol=TWIN)
        np.testing.assert_allclose(fit.study_sd, np.sqrt(spread), rtol=TWIN)
        assert fit.quadrature_error < TWIN


@pytest.mark.parametrize("effect", [None, (-1.0, 0.3)])
@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("half-normal", 0.01),
        ("half-cauchy", 1e-4),
        ("uniform", 0.1),
        ("log-normal", (-8.0, 0.3)),
        ("half-normal", 1e3),
        ("uniform", 1e3),
    ],
)
def test_agrees_where_the_prior_is_far_from_the_data(name, scale, effect):
    y, v = studies(9, 4, tau=2.0)
    fit = pool_bayes(y, v, tau_prior=name, tau_scale=scale, effect_prior=effect)
    twin = Twin(y, v, name, scale, effect)
    assert fit.log_marginal_likelihood == pytest.approx(twin.log_total, abs=PROMISED)
    for x, p in ((fit.ci_low, 0.025), (fit.estimate, 0.5), (fit.ci_high, 0.975)):
        assert twin.cdf(x) == pytest.approx(p, abs=PROMISED)
    assert fit.tau_mean == pytest.approx(twin.expect(twin.tau), rel=PROMISED)


@pytest.mark.parametrize(
    ("reach", "name", "scale"), [(1.1, "half-cauchy", 1e-4), (1.5, "log-normal", (-9.0, 1.2))]
)
def test_posterior_with_two_peaks(reach, name, scale):
    """The prior's peak and the likelihood's, many e-folds of tau apart."""
    y, v = np.array([-reach, 0, reach]), np.full(3, 0.1)
    fit, twin = pool_bayes(y, v, tau_prior=name, tau_scale=scale), Twin(y, v, name, scale)
    by_log_tau = twin.p[2:-2:2]
    inner = by_log_tau[1:-1]
    assert ((inner > by_log_tau[:-2]) & (inner > by_log_tau[2:])).sum() == 2
    assert fit.log_marginal_likelihood == pytest.approx(twin.log_total, abs=TWIN)
    assert fit.tau_mean == pytest.approx(twin.expect(twin.tau), rel=TWIN)
    assert twin.cdf(fit.pi_high, twin.tau**2) == pytest.approx(0.975, abs=TWIN)
    below = Twin(y, v, name, scale, most=fit.tau_ci_high).log_total - twin.log_total
    assert math.exp(below) == pytest.approx(0.975, abs=TWIN)


def test_effects_of_the_schools_are_better_than_bayesmetas():
    """The numbers of the test above, without its tolerance."""
    fit = published()
    twin = Twin(SCHOOLS, SCHOOLS_VARIANCE, "half-cauchy", 25, (0, 50))
    mean = twin.expect(twin.mean)
    assert fit.mean == pytest.approx(mean, rel=TWIN)
    variance = twin.expect(twin.variance + (twin.mean - mean) ** 2)
    assert fit.se == pytest.approx(variance**0.5, rel=TWIN)
    assert fit.probability_above_1 == pytest.approx(1 - twin.cdf(0), abs=TWIN)


def test_no_room_for_tau_is_equal_effects():
    y, v = studies(7, 3)
    fit, fixed = pool_bayes(y, v, tau_scale=1e-12), pool(y, v, tau2="EE")
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(fit, name) == pytest.approx(getattr(fixed, name), rel=TWIN)
    np.testing.assert_allclose(fit.weights, fixed.weights, rtol=TWIN)
    np.testing.assert_allclose(fit.study_mean, fixed.estimate, rtol=TWIN)
    assert fit.pi_low == pytest.approx(fit.ci_low, rel=TWIN)


def test_known_tau_is_the_conjugate_normal_model():
    """A log-normal prior with sd 1e-5 about tau² = 0.09: textbook formulas, off by 1e-10."""
    y, v = studies(7, 3)
    prior_mean, prior_sd, tau2 = 0.2, 0.4, 0.09
    fit = pool_bayes(
        y,
        v,
        tau_prior="log-normal",
        tau_scale=(np.log(tau2), 1e-5),
        effect_prior=(prior_mean, prior_sd),
    )
    w = 1 / (v + tau2)
    precision = w.sum() + prior_sd**-2
    mean, sd = ((w * y).sum() + prior_mean / prior_sd**2) / precision, precision**-0.5
    assert fit.mean == pytest.approx(mean, rel=TWIN)
    assert fit.estimate == pytest.approx(mean, rel=TWIN)
    assert fit.se == pytest.approx(sd, rel=TWIN)
    assert fit.ci_high == pytest.approx(mean + ndtri(0.975) * sd, rel=TWIN)
    assert fit.pi_high == pytest.approx(mean + ndtri(0.975) * np.hypot(sd, 0.3), rel=TWIN)
    assert fit.probability_above_1 == pytest.approx(ndtr(mean / sd), rel=TWIN)
    np.testing.assert_allclose(fit.study_mean, (y * tau2 + v * mean) * w, rtol=TWIN)
    assert fit.prior_weight == pytest.approx(prior_sd**-2 / precision, rel=TWIN)
    covariance = np.diag(v + tau2) + prior_sd**2
    off = y - prior_mean
    expected = -0.5 * (
        np.linalg.slogdet(2 * np.pi * covariance)[1] + off @ np.linalg.solve(covariance, off)
    )
    assert fit.log_marginal_likelihood == pytest.approx(expected, abs=TWIN)
    # Savage and Dickey: posterior over prior density at 0.
    at_zero = np.exp(-0.5 * (mean / sd) ** 2) / sd * prior_sd
    at_zero /= np.exp(-0.5 * (prior_mean / prior_sd) ** 2)
    assert fit.bayes_factor == pytest.approx(at_zero, rel=TWIN)


def test_bayes_factor_is_the_ratio_of_two_integrals():
    for shift in (0.0, 3.0):
        y, v = studies(6, 8)
        y = y + shift
        fit = pool_bayes(y, v, effect_prior=(0, 2.0))
        null = Twin(y, v, "half-normal", 0.5, (0.0, 1e-9))
        ratio = np.exp(null.log_total - Twin(y, v, "half-normal", 0.5, (0.0, 2.0)).log_total)
        assert fit.bayes_factor == pytest.approx(ratio, rel=PROMISED)
    assert np.isnan(pool_bayes(y, v).bayes_factor)


def test_one_study_leaves_the_prior_of_tau():
    """With a flat effect prior one study says nothing about tau, and its likelihood integrates
    to 1."""
    p = np.array([0.025, 0.5, 0.975])
    quantiles = {
        "half-normal": 0.5 * ndtri((1 + p) / 2),
        "half-cauchy": 0.5 * np.tan(np.pi * p / 2),
        "uniform": 2 * p,
        "log-normal": np.exp((TURNER_GENERAL[0] + TURNER_GENERAL[1] * ndtri(p)) / 2),
    }
    means = {
        "half-normal": 0.5 * math.sqrt(2 / math.pi),
        "half-cauchy": math.inf,
        "uniform": 1.0,
        "log-normal": math.exp(TURNER_GENERAL[0] / 2 + TURNER_GENERAL[1] ** 2 / 8),
    }
    squares = {
        "half-normal": 0.25,
        "half-cauchy": math.inf,
        "uniform": 4 / 3,
        "log-normal": math.exp(TURNER_GENERAL[0] + TURNER_GENERAL[1] ** 2 / 2),
    }
    for name in TAU_PRIORS:
        fit = pool_bayes([0.4], [0.3], tau_prior=name, tau_scale=2 if name == "uniform" else None)
        ours = [fit.tau_ci_low, fit.tau_median, fit.tau_ci_high]
        np.testing.assert_allclose(ours, quantiles[name], rtol=TWIN)
        assert fit.tau2 == pytest.approx(quantiles[name][1] ** 2, rel=TWIN)
        assert fit.tau_mean == pytest.approx(means[name], rel=TWIN)
        assert fit.se == pytest.approx(math.sqrt(0.3 + squares[name]), rel=TWIN)
        assert fit.pi_sd == pytest.approx(math.sqrt(0.3 + 2 * squares[name]), rel=TWIN)
        assert fit.estimate == pytest.approx(0.4, abs=TWIN)
        assert (fit.study_mean[0], fit.study_sd[0]) == pytest.approx((0.4, math.sqrt(0.3)))
        assert fit.log_marginal_likelihood == pytest.approx(0, abs=TWIN)
        assert np.isnan([fit.i2, fit.h2]).all()


def test_moments_that_do_not_exist_are_not_finite():
    """Under a half-Cauchy and a flat effect prior tau's density falls as tau^-(k + 1)."""
    fits = [pool_bayes(*studies(k, 5), tau_prior="half-cauchy") for k in (1, 2, 3)]
    assert [np.isfinite(f.tau_mean) for f in fits] == [False, True, True]
    assert [np.isfinite(f.tau_sd) for f in fits] == [False, False, True]
    assert [np.isnan(f.mean) for f in fits] == [True, False, False]
    assert [np.isinf(f.se) for f in fits] == [True, True, False]
    assert all(np.isfinite([f.estimate, f.ci_low, f.pi_high, f.tau_ci_high]).all() for f in fits)
    proper = pool_bayes(*studies(1, 5), tau_prior="half-cauchy", effect_prior=(0, 1))
    assert np.isfinite([proper.se, proper.tau_mean]).all()
    assert np.isinf([proper.tau_sd, proper.pi_sd]).all()


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_shortest_interval(level):
    y, v = studies(5, 6, tau=1.0)
    y[0] += 3
    fit = pool_bayes(y, v, tau_prior="log-normal", level=level, interval="shortest")
    usual = pool_bayes(y, v, tau_prior="log-normal", level=level)
    twin = Twin(y, v, "log-normal", TURNER_GENERAL)
    assert twin.cdf(usual.ci_low) == pytest.approx((1 - level) / 2, abs=TWIN)
    assert twin.cdf(usual.pi_high, twin.tau**2) == pytest.approx((1 + level) / 2, abs=TWIN)
    assert twin.cdf(fit.ci_high) - twin.cdf(fit.ci_low) == pytest.approx(level, abs=TWIN)
    assert twin.density(fit.ci_high) == pytest.approx(twin.density(fit.ci_low), rel=PROMISED)
    inside = twin.cdf(fit.pi_high, twin.tau**2) - twin.cdf(fit.pi_low, twin.tau**2)
    assert inside == pytest.approx(level, abs=TWIN)
    for name in ("ci", "pi", "tau_ci"):
        low, high = getattr(fit, f"{name}_low"), getattr(fit, f"{name}_high")
        width = getattr(usual, f"{name}_high") - getattr(usual, f"{name}_low")
        assert high - low < width
    assert (fit.estimate, fit.tau_median) == (usual.estimate, usual.tau_median)


def test_shortest_interval_reaches_the_end_of_the_prior():
    y, v = studies(20, 7, tau=2.0)
    fit = pool_bayes(y, v, tau_prior="uniform", tau_scale=0.5, interval="shortest")
    twin = Twin(y, v, "uniform", 0.5)
    below = Twin(y, v, "uniform", 0.5, most=fit.tau_ci_low).log_total - twin.log_total
    assert fit.tau_ci_high == 0.5
    assert math.exp(below) == pytest.approx(0.05, abs=TWIN)


def test_weights_rebuild_the_mean():
    y, v = studies(6, 9)
    for prior in (None, (0.5, 0.2)):
        fit = pool_bayes(y, v, effect_prior=prior)
        share, centre = fit.prior_weight, 0.0 if prior is None else prior[0]
        assert fit.weights.sum() == pytest.approx(1)
        rebuilt = (1 - share) * (fit.weights * y).sum() + share * centre
        assert rebuilt == pytest.approx(fit.mean, rel=TWIN)
        assert (share == 0) == (prior is None)


def test_heterogeneity_against_the_typical_variance():
    y, v = studies(6, 9)
    fit, reference = pool_bayes(y, v), pool(y, v, tau2="DL")
    typical = reference.tau2 / (reference.h2 - 1)
    assert fit.tau2 == pytest.approx(fit.tau_median**2)
    assert fit.tau2_ci_high == pytest.approx(fit.tau_ci_high**2)
    assert fit.h2 == pytest.approx(1 + fit.tau2 / typical, rel=TWIN)
    assert fit.i2 == pytest.approx(100 * fit.tau2 / (fit.tau2 + typical), rel=TWIN)


def test_change_of_units():
    y, v = studies(8, 10)
    one = pool_bayes(y, v, tau_scale=0.5, effect_prior=(0.1, 1.0))
    c, shift = 40.0, -7.0
    other = pool_bayes(
        shift + c * y, c * c * v, tau_scale=0.5 * c, effect_prior=(shift + c * 0.1, c)
    )
    for name in ("estimate", "mean", "ci_low", "ci_high", "pi_low", "pi_high"):
        assert getattr(other, name) == pytest.approx(shift + c * getattr(one, name), rel=TWIN)
    for name in ("se", "tau_mean", "tau_sd", "tau_median", "tau_ci_low", "tau_ci_high", "pi_sd"):
        assert getattr(other, name) == pytest.approx(c * getattr(one, name), rel=TWIN)
    jacobian = 8 * math.log(c)
    assert other.log_marginal_likelihood + jacobian == pytest.approx(
        one.log_marginal_likelihood, abs=TWIN
    )


def test_sets_do_not_touch_each_other():
    """Leading axes, absent studies and their order change nothing; no study leaves NaN."""
    y, v = studies(5, 11)
    one = pool_bayes(y, v, effect_prior=(0, 1))
    many_y, many_v = np.full((2, 400, 9), np.nan), np.full((2, 400, 9), np.nan)
    many_y[0, 0, :2], many_v[0, 0, :2] = [-5.0, 5.0], 1e-6
    place = [7, 0, 3, 8, 5]
    many_y[1, 399, place], many_v[1, 399, place] = y, v
    fit = pool_bayes(many_y, many_v, effect_prior=(0, 1))
    assert fit.estimate.shape == (2, 400)
    assert fit.study_mean.shape == (2, 400, 9)
    for name in ("estimate", "se", "ci_low", "pi_high", "tau_median", "bayes_factor"):
        assert getattr(fit, name)[1, 399] == pytest.approx(getattr(one, name), rel=1e-12)
    np.testing.assert_allclose(fit.study_mean[1, 399, place], one.study_mean, rtol=1e-12)
    np.testing.assert_allclose(fit.weights[1, 399, place], one.weights, rtol=1e-12)
    assert np.isnan(fit.weights[1, 399, [1, 2, 4, 6]]).all()
    assert fit.k[1, 399] == 5
    assert fit.k[0, 1] == 0
    assert np.isnan(fit.estimate[0, 1:]).all()
    assert fit.quadrature_points[0, 1] == 0
    assert pool_bayes([np.nan], [np.nan]).k == 0
    assert pool_bayes(np.empty((0, 3)), np.empty((0, 3))).estimate.shape == (0,)
    assert np.isnan(pool_bayes([], []).estimate)


@pytest.mark.parametrize("k", [1, 2, 3, 26])
def test_never_fails_on_hard_data(k):
    """Variances over six orders of magnitude, no to huge heterogeneity, outliers."""
    rng = np.random.default_rng(k)
    n = 150
    v = 10 ** rng.uniform(-6, 0, (n, k)) * 10 ** rng.uniform(-2, 2, (n, 1))
    tau = rng.choice([0, 1e-3, 0.1, 1, 30], (n, 1))
    y = rng.normal(0, np.sqrt(v + tau**2))
    y += (rng.random((n, k)) < 0.1) * rng.normal(0, 5 * np.sqrt(v))
    for name, scale in (("half-normal", 0.5), ("half-cauchy", 1e-4), ("uniform", 1e3)):
        for effect in (None, (0, 0.01)):
            fit = pool_bayes(y, v, tau_prior=name, tau_scale=scale, effect_prior=effect)
            assert (fit.quadrature_error < TWIN).all()
            assert (fit.ci_low < fit.estimate).all()
            assert (fit.estimate < fit.ci_high).all()
            assert (fit.tau_ci_low < fit.tau_median).all()
            assert (fit.tau_median < fit.tau_ci_high).all()
            assert np.isfinite(fit.study_sd).all()
            assert np.isfinite(fit.log_marginal_likelihood).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tau_prior": "half-Cauchy"}, "did you mean 'half-cauchy'.*Valid: half-normal"),
        ({"interval": "hpd"}, "Valid: equal-tailed, shortest"),
        ({"level": 95}, "between 0 and 1"),
        ({"tau_prior": "uniform"}, "needs tau_scale"),
        ({"tau_scale": 0}, "half-normal prior is one number, at least 1e-30, not 0"),
        ({"tau_scale": math.nan}, "one number"),
        ({"tau_scale": (0.5, 1)}, "one number"),
        ({"tau_scale": math.inf}, "improper, uniform prior ask for"),
        ({"tau_prior": "log-normal", "tau_scale": 0.5}, "standard deviation of log tau²"),
        ({"tau_prior": "log-normal", "tau_scale": (0, -1)}, "the latter above 0"),
        ({"tau_prior": "log-normal", "tau_scale": (0, 11)}, "at most 10"),
        ({"effect_prior": (0, math.inf)}, "None for a flat one"),
        ({"effect_prior": (0, 1e40)}, "for a flat prior give None"),
        ({"effect_prior": 0.5}, "the log odds ratio's normal"),
        ({"tau_prior": "uniform", "tau_scale": math.inf}, "set 1 has 2 studies.*needs 3"),
    ],
)
def test_refuses(settings, message):
    y = [[0.1, 0.2, 0.3], [0.1, 0.2, np.nan]]
    v = [[0.1, 0.2, 0.3], [0.1, 0.2, np.nan]]
    with pytest.raises(ValueError, match=message):
        pool_bayes(y, v, **settings)


def test_improper_prior_needs_enough_studies():
    inf = {"tau_prior": "uniform", "tau_scale": math.inf}
    with pytest.raises(ValueError, match=r"^the set has 1 studies.*needs 2 with a normal"):
        pool_bayes([0.1], [0.2], effect_prior=(0, 1), **inf)
    fit = pool_bayes([0.1, 0.3], [0.2, 0.1], effect_prior=(0, 1), **inf)
    assert np.isfinite([fit.estimate, fit.se, fit.tau_median]).all()
    assert np.isinf(fit.tau_mean)


def test_refuses_an_impossible_variance():
    with pytest.raises(ValueError, match=r"variance\[1\] = -1"):
        pool_bayes([0.1, 0.2], [1.0, -1.0])
