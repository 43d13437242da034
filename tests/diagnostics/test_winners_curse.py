"""Conditional likelihood: a grid, quadrature, coverage and bias among significant estimates."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from genopool.diagnostics.winners_curse import winners_curse


def log_likelihood(mu, z, c):
    return norm.logpdf(z, mu) - np.log(norm.sf(c - mu) + norm.cdf(-c - mu))


@pytest.mark.parametrize("alpha", [0.05, 5e-8])
@pytest.mark.parametrize("above", [0.01, 0.5, 2, 6])
def test_estimates_against_an_independent_likelihood(alpha, above):
    c = norm.isf(alpha / 2)
    z = c + above
    ours = winners_curse(z * 0.1, 0.1, alpha=alpha)
    best = minimize_scalar(
        lambda mu: -log_likelihood(mu, z, c),
        bounds=(-1, z + 1),
        method="bounded",
        options={"xatol": 1e-9},
    ).x
    assert ours.conditional_mle / 0.1 == pytest.approx(best, abs=2e-5)
    top = log_likelihood(best, z, c)

    def likelihood(mu):
        return np.exp(log_likelihood(mu, z, c) - top)

    points = np.clip([0, best, z], z - 19, z + 9)
    total = quad(likelihood, z - 20, z + 10, points=points, limit=400, epsabs=1e-11)[0]
    mean = quad(lambda m: m * likelihood(m), z - 20, z + 10, points=points, limit=400)[0] / total
    assert ours.conditional_mean / 0.1 == pytest.approx(mean, rel=1e-6)
    assert ours.compromise == pytest.approx((ours.conditional_mle + ours.conditional_mean) / 2)


@pytest.mark.parametrize("mu", [0.0, 0.7, 2.0, 4.0])
def test_interval_covers_and_bias_shrinks_among_significant_estimates(mu):
    rng = np.random.default_rng(7)
    z = rng.normal(mu, 1, 12_000)
    z = z[np.abs(z) > 1.959964]
    ours = winners_curse(z, 1.0)
    covered = ((ours.ci_low <= mu) & (mu <= ours.ci_high)).mean()
    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.0475 / z.size))
    if 0 < mu < 4:
        assert abs(ours.compromise.mean() - mu) < abs(z.mean() - mu) / 2


def test_far_from_the_threshold_nothing_changes():
    ours = winners_curse(3.0, 0.1)
    assert ours.conditional_mle == pytest.approx(3.0, abs=1e-9)
    assert ours.conditional_mean == pytest.approx(3.0, abs=1e-9)
    assert ours.ci_low == pytest.approx(3 - 0.1959964, abs=1e-6)
    assert ours.ci_high == pytest.approx(3 + 0.1959964, abs=1e-6)


def test_direction_absence_and_insignificance():
    ours = winners_curse([[0.3, -0.3], [np.nan, 0.1]], [[0.1, 0.1], [np.nan, 0.1]])
    assert ours.reason.tolist() == [["", ""], ["absent", "not significant"]]
    assert ours.conditional_mle[0, 1] == -ours.conditional_mle[0, 0]
    assert ours.ci_low[0, 1] == -ours.ci_high[0, 0]
    assert np.isnan(ours.compromise[1]).all() and np.isnan(ours.ci_low[1]).all()
    assert winners_curse([], []).compromise.shape == (0,)


@pytest.mark.parametrize("choices", [{"alpha": 0}, {"level": 1.0}])
def test_errors(choices):
    with pytest.raises(ValueError, match=r"alpha|level"):
        winners_curse(0.3, 0.1, **choices)
