"""Selection models against metafor, likelihoods coded again, and planted selection."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from genopool.diagnostics.selection_likelihood import (
    BetaWeights,
    Sample,
    StepWeights,
    log_likelihood,
)
from genopool.diagnostics.selection_models import beta_selection, step_selection
from genopool.pooling.inverse_variance import pool

FITS = [
    ("bcg", "stepfun", "less"),
    ("hackshaw1998", "stepfun", "greater"),
    ("hackshaw1998", "stepfun", "two-sided"),
    ("made", "stepfun", "greater"),
    ("hackshaw1998", "beta", "greater"),
    ("made", "beta", "greater"),
]
#: metafor's search stops some 1e-6 short of the maximum (1e-5 where it integrates numerically);
#: its log-likelihood, flat there, agrees to 1e-8.
RTOL = 2e-5


@pytest.mark.parametrize(("name", "kind", "side"), FITS)
def test_agrees_with_metafor(name, kind, side, small_study):
    found = [
        fit
        for fit in small_study["selection"]["fits"]
        if (fit["set"], fit["type"], fit["alternative"]) == (name, kind, side)
    ]
    assert found
    data = small_study["selection"]["sets"][name]
    for fit in found:
        if kind == "beta":
            ours = beta_selection(data["log_or"], data["variance"], alternative=side)
            weight, error = ours.weight, ours.weight_se
        else:
            ours = step_selection(
                data["log_or"], data["variance"], steps=fit["steps"], alternative=side
            )
            weight, error = ours.weight, ours.weight_se[1:]
        assert ours.reason == ""
        assert ours.log_likelihood == pytest.approx(fit["ll"], rel=2e-8)
        assert ours.lrt == pytest.approx(fit["LRT"], rel=1e-7)
        assert ours.lrt_p == pytest.approx(fit["LRTp"], rel=1e-6)
        assert ours.log_or == pytest.approx(fit["beta"], rel=RTOL)
        assert ours.se == pytest.approx(fit["se"], rel=RTOL)
        assert ours.p_value == pytest.approx(fit["p"], rel=10 * RTOL)
        assert ours.tau2 == pytest.approx(fit["tau2"], rel=RTOL)
        assert weight == pytest.approx(np.atleast_1d(fit["delta"]), rel=RTOL)
        assert error == pytest.approx(
            [x for x in np.atleast_1d(np.array(fit["se_delta"], dtype=float)) if np.isfinite(x)],
            rel=RTOL,
        )


def naive(y, v, mean, tau2, weight, two_sided=False):
    """The density of a published effect, its denominator integrated."""
    total = 0.0
    for effect, variance in zip(y, v, strict=True):

        def of_p(x, variance=variance):
            root = np.sqrt(variance)
            p = 2 * stats.norm.sf(abs(x) / root) if two_sided else stats.norm.sf(x / root)
            return weight(min(max(p, 1e-5), 1 - 1e-5))

        spread = np.sqrt(variance + tau2)
        edges = mean + spread * np.linspace(-9, 9, 73)
        chance = sum(
            integrate.quad(
                lambda x, of_p=of_p, spread=spread: of_p(x) * stats.norm.pdf(x, mean, spread),
                *pair,
                epsabs=1e-12,
            )[0]
            for pair in pairwise(edges)
        )
        total += np.log(of_p(effect) * stats.norm.pdf(effect, mean, spread) / chance)
    return total


@pytest.mark.parametrize("point", [(0.1, 0.05, 0.4, 2.0), (-0.3, 0.0, 1.5, 0.6)])
def test_beta_likelihood_is_that_of_the_definition(point):
    y, v = np.array([0.4, -0.1, 0.9]), np.array([0.04, 0.1, 0.02])
    sample = Sample(y, v, "greater")
    mean, tau2, first, second = point
    ours = log_likelihood(sample, BetaWeights(sample), np.array([point]))
    expected = naive(y, v, mean, tau2, lambda p: p ** (first - 1) * (1 - p) ** (second - 1))
    assert ours[0] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("side", ["greater", "two-sided"])
def test_step_likelihood_is_that_of_the_definition(side):
    y, v = np.array([0.4, -0.1, 0.9, 0.2]), np.array([0.04, 0.1, 0.02, 0.3])
    sample = Sample(y, v, side)
    steps = np.array([0.05, 0.5])
    ours = log_likelihood(sample, StepWeights(sample, steps), np.array([[0.1, 0.05, 0.4, 0.2]]))
    weight = lambda p: 1.0 if p <= 0.05 else 0.4 if p <= 0.5 else 0.2  # noqa: E731
    expected = naive(y, v, 0.1, 0.05, weight, side == "two-sided")
    # quadrature over a jump
    assert ours[0] == pytest.approx(expected, rel=1e-5)


def planted(rng, number):
    """Studies of a log odds ratio of 0.2, three quarters of those not significant unpublished."""
    v = rng.uniform(0.01, 0.15, 4 * number)
    y = rng.normal(0.2, np.sqrt(v + 0.02))
    p = stats.norm.sf(y / np.sqrt(v))
    out = rng.random(v.size) < np.where(p < 0.025, 1, 0.25)
    return y[out][:number], v[out][:number]


def test_recovers_planted_selection():
    rng = np.random.default_rng(5)
    y, v = planted(rng, 3000)
    ours = step_selection(y, v, alternative="greater")
    assert pool(y, v).estimate > 0.28
    assert ours.log_or == pytest.approx(0.2, abs=4 * float(ours.se)) and ours.se < 0.02
    assert ours.weight[1] == pytest.approx(0.25, abs=0.06)
    assert ours.lrt_p < 1e-6


def test_the_maximum_is_global():
    rng = np.random.default_rng(6)
    for _ in range(10):
        y, v = planted(rng, 12)
        ours = step_selection(y, v, alternative="greater")
        if ours.reason:
            continue
        sample = Sample(y, v, "greater")
        weights = StepWeights(sample, np.array([0.025]))
        grid = np.meshgrid(
            np.linspace(-1, 1, 41), np.linspace(0, 0.3, 31), np.geomspace(0.01, 9, 31)
        )
        points = np.column_stack([axis.ravel() for axis in grid])
        assert ours.log_likelihood >= log_likelihood(sample, weights, points).max() - 1e-9


def test_less_is_greater_turned_round(small_study):
    data = small_study["selection"]["sets"]["hackshaw1998"]
    y, v = np.array(data["log_or"]), np.array(data["variance"])
    for method in (step_selection, beta_selection):
        one, other = method(y, v, alternative="greater"), method(-y, v, alternative="less")
        assert one.log_or == pytest.approx(-other.log_or, rel=1e-6)
        assert one.lrt == pytest.approx(other.lrt, rel=1e-8)
        assert method(-y, v).alternative == "less"


def test_an_empty_interval_of_p_is_said():
    ours = step_selection([0.01, 0.02, 0.03, -0.01], [0.1, 0.2, 0.1, 0.1], alternative="greater")
    assert ours.reason == "no study with p from 0 to 0.025"
    assert np.isnan([ours.log_or, ours.se, ours.lrt]).all()
    assert ours.studies.tolist() == [0, 4]


@pytest.mark.parametrize("k", [0, 1, 2])
def test_too_few_studies(k):
    step = step_selection([0.1, 0.9][:k], [0.1, 0.01][:k])
    beta = beta_selection([0.1, 0.9][:k], [0.1, 0.01][:k])
    assert step.reason == "fewer than 3 studies" and beta.reason == "fewer than 4 studies"
    assert step.k == k and np.isnan(step.log_or)


def test_strange_sets_get_an_answer_or_a_reason():
    rng = np.random.default_rng(8)
    y = rng.normal(0, 1, (40, 5)) * rng.choice([1e-3, 1, 30], (40, 1))
    v = rng.choice([1e-6, 0.01, 1, 100], (40, 5))
    y[3], v[3] = 0.5, 0.1
    y[4, 2:] = v[4, 2:] = np.nan
    for method in (step_selection, beta_selection):
        ours = method(y, v)
        assert ours.log_or.shape == (40,)
        assert ((ours.reason != "") | np.isfinite(ours.se)).all()
        assert (np.isnan(ours.log_or) <= (ours.reason != "")).all()


@pytest.mark.parametrize("steps", [[], [0], [1.0], [[0.1]], [np.nan]])
def test_impossible_steps(steps):
    with pytest.raises(ValueError, match="steps must be one or more numbers between 0 and 1"):
        step_selection([0.1], [0.1], steps=steps)


def test_beta_is_one_sided():
    with pytest.raises(ValueError, match="Valid: auto, greater, less"):
        beta_selection([0.1], [0.1], alternative="two-sided")
