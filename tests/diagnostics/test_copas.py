"""Copas' model: its likelihood derived again, a published example, and planted selection."""

import numpy as np
import pytest
from scipy import integrate, stats

from genopool.diagnostics.copas import copas, log_likelihood
from genopool.pooling.inverse_variance import pool


def test_likelihood_is_that_of_a_truncated_bivariate_normal():
    """Effect and propensity are bivariate normal; seen are the effects with propensity above 0."""
    y, v, gamma = np.array([0.5, -0.2]), np.array([0.09, 0.02]), (0.3, 0.1)
    mean, tau2, rho = 0.2, 0.05, 0.6
    u = gamma[0] + gamma[1] / np.sqrt(v)

    def narrowing(propensity):
        """What selection leaves of the variance of a standard normal error."""

        def moment(j):
            def seen(e):
                chance = stats.norm.cdf((propensity + rho * e) / np.sqrt(1 - rho**2))
                return e**j * stats.norm.pdf(e) * chance

            return integrate.quad(seen, -12, 12, epsabs=1e-13)[0]

        total, first, second = (moment(j) for j in range(3))
        return second / total - (first / total) ** 2

    def log_density(effect, reported, propensity):
        sigma2 = reported / narrowing(propensity)
        shared = rho * np.sqrt(sigma2)
        joint = stats.multivariate_normal(
            [mean, propensity], [[tau2 + sigma2, shared], [shared, 1]]
        )
        seen = integrate.quad(lambda z: joint.pdf([effect, z]), 0, propensity + 12)[0]
        return np.log(seen / stats.norm.cdf(propensity))

    expected = sum(log_density(*study) for study in zip(y, v, u, strict=True))
    ours = log_likelihood(y, v, u, np.array([[mean, tau2, rho, 0.0]]))
    assert ours[0] == pytest.approx(expected, rel=1e-7)


def test_the_maxima_are_those_of_a_grid(small_study):
    data = small_study["pet_peese"]["hackshaw1998"]
    y, v = np.array(data["log_or"]), np.array(data["variance"])
    ours = copas(y, v, gamma0=[-1, 0.0], gamma1=[0.2, 0.6])
    axes = (
        np.linspace(-0.1, 0.4, 41),
        np.linspace(0, 0.1, 31),
        0.9999 * np.sin(np.linspace(-1.57, 1.57, 41)),
    )
    points = np.column_stack(
        [axis.ravel() for axis in np.meshgrid(*axes)] + [np.zeros(41 * 31 * 41)]
    )
    for i, first in enumerate(ours.gamma0):
        for j, second in enumerate(ours.gamma1):
            values = log_likelihood(y, v, first + second / np.sqrt(v), points)
            assert ours.log_likelihood[i, j] >= values.max() - 1e-9
            assert ours.log_likelihood[i, j] < values.max() + 0.02
            assert ours.log_or[i, j] == pytest.approx(points[values.argmax(), 0], abs=0.02)


def test_passive_smoking(small_study):
    """Copas and Shi 2000, BMJ 320:417: an excess of 24%, and of 15% if 60% of studies are seen."""
    data = small_study["pet_peese"]["hackshaw1998"]
    ours = copas(
        data["log_or"], data["variance"], gamma0=[-1, -0.75, -0.5], gamma1=np.linspace(0.05, 3, 60)
    )
    assert np.exp(ours.log_or[:, -1]) == pytest.approx(1.24, abs=0.005)
    seen = 37 / (37 + ours.unpublished)
    excess = [
        np.exp(np.interp(0.6, share, mean)) - 1
        for share, mean in zip(seen, ours.log_or, strict=True)
    ]
    # the paper does not print its gamma: those that select by size as much and a little less
    assert min(excess) < 0.15 < max(excess)
    assert excess == pytest.approx([0.15] * 3, abs=0.02)


def test_without_selection_it_is_maximum_likelihood(case):
    ours = copas(case.log_or, case.variance, gamma0=[8.0], gamma1=[0.0])
    ml = pool(case.log_or, case.variance, tau2="ML", interval="wald")
    assert ours.log_or[0, 0] == pytest.approx(float(ml.estimate), rel=1e-4, abs=1e-5)
    assert ours.unpublished[0, 0] == pytest.approx(0, abs=1e-10)
    assert ours.published_smallest[0, 0] == pytest.approx(1)


def test_recovers_planted_selection():
    rng = np.random.default_rng(9)
    number, gamma, rho = 6000, (-0.6, 0.12), 0.8
    sigma = rng.uniform(0.1, 0.6, number)
    error, other = rng.normal(size=(2, number))
    y = 0.15 + rng.normal(0, 0.15, number) + sigma * error
    u = gamma[0] + gamma[1] / sigma
    seen = u + rho * error + np.sqrt(1 - rho**2) * other > 0
    # the variance that a published study reports is the narrowed one
    mills = stats.norm.pdf(u) / stats.norm.cdf(u)
    reported = sigma**2 * (1 - rho**2 * mills * (u + mills))
    y, v = y[seen], reported[seen]
    assert pool(y, v, tau2="ML").estimate > 0.22
    # selection was by the unnarrowed error; the reported one is a little smaller
    ours = copas(y, v, gamma0=[gamma[0]], gamma1=[gamma[1] * np.mean(np.sqrt(v) / sigma[seen])])
    assert ours.log_or[0, 0] == pytest.approx(0.15, abs=0.03)
    assert ours.correlation[0, 0] == pytest.approx(rho, abs=0.12)


def test_the_least_selection_that_suffices_is_read():
    rng = np.random.default_rng(10)
    v = np.geomspace(0.005, 0.4, 14)
    y = 0.1 + 1.2 * np.sqrt(v) + rng.normal(0, 0.3 * np.sqrt(v))
    ours = copas(y, v)
    i, j = ours.chosen
    suffices = ours.residual_p > 0.1
    assert suffices[i, j] and not suffices[-1, -1]
    assert ours.unpublished[i, j] == ours.unpublished[suffices].min()
    assert ours.adjusted_log_or == ours.log_or[i, j] < pool(y, v).estimate
    none = copas(rng.normal(0.1, np.sqrt(v)), v)
    assert none.unpublished[tuple(none.chosen)] < 1


def test_sets_at_once_are_sets_alone():
    rng = np.random.default_rng(11)
    y, v = rng.normal(0, 0.4, (2, 6)), rng.uniform(0.02, 0.4, (2, 6))
    y[1, 2] = v[1, 2] = np.nan
    together = copas(y, v, gamma0=[0, 1])
    assert together.log_or.shape == (2, 2, 6) and together.gamma1.shape == (2, 6)
    for i in range(2):
        alone = copas(y[i], v[i], gamma0=[0, 1])
        assert together.log_or[i] == pytest.approx(alone.log_or, rel=1e-7, nan_ok=True)
        assert (together.chosen[i] == alone.chosen).all() and together.reason[i] == alone.reason


@pytest.mark.parametrize("k", [0, 1, 3])
def test_too_few_studies(k):
    ours = copas([0.1, 0.9, 0.2][:k], [0.1, 0.01, 0.3][:k])
    assert ours.reason == "fewer than 4 studies" and np.isnan(ours.adjusted_log_or)
    assert ours.chosen.tolist() == [-1, -1]


def test_strange_sets_get_an_answer_or_a_reason():
    rng = np.random.default_rng(12)
    y = rng.normal(0, 1, (12, 5)) * rng.choice([1e-3, 1, 30], (12, 1))
    v = rng.choice([1e-6, 0.01, 1, 100], (12, 5))
    y[3], v[3] = 0.5, 0.1
    ours = copas(y, v, gamma0=[-1, 1])
    assert ((ours.reason != "") | np.isfinite(ours.adjusted_log_or)).all()


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"gamma0": []}, "gamma0 must be one or more finite numbers"),
        ({"gamma0": [np.inf]}, "gamma0 must be one or more finite numbers"),
        ({"gamma1": [-0.1]}, "gamma1 must be one or more finite numbers of at least 0"),
        ({"alpha": 0}, "alpha must lie between 0 and 1"),
    ],
)
def test_impossible_grids(grid, message):
    with pytest.raises(ValueError, match=message):
        copas([0.1] * 5, [0.1] * 5, **grid)
