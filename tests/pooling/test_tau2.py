"""Estimators of tau²: outside values, naive twins, and the global maximum of the likelihoods."""

import json
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from genopool.pooling.inverse_variance import pool
from genopool.pooling.likelihood import FULL, RESTRICTED, deviance, maximise, slopes
from genopool.pooling.moments import residual_q
from genopool.pooling.study_sets import in_chunks
from genopool.pooling.tau2 import ESTIMATORS, estimate_tau2

CASES = json.loads((Path(__file__).parents[1] / "reference" / "metafor.json").read_text())["cases"]


def one_set(y, v):
    y, v = np.asarray(y, float), np.asarray(v, float)
    ((_, s),) = in_chunks(y[None], v[None])
    return s


def random_sets(n, k, seed):
    """Hard data: any heterogeneity from none to huge, variances over six orders of magnitude."""
    rng = np.random.default_rng(seed)
    v = 10 ** rng.uniform(-6, 0, (n, k)) * 10 ** rng.uniform(-2, 2, (n, 1))
    tau = rng.choice([0, 1e-3, 0.1, 1, 30], (n, 1))
    y = rng.normal(0, np.sqrt(v + tau**2))
    outlier = rng.random((n, k)) < 0.1
    return y + outlier * rng.normal(0, 5 * np.sqrt(v)), v


def naive_deviance(y, v, t, likelihood):
    """-2 log-likelihood as textbooks write it, for (sets, studies) and one tau² a set."""
    w = 1 / (v + t[:, None])
    mean = (w * y).sum(1) / w.sum(1)
    out = np.log(v + t[:, None]).sum(1) + (w * (y - mean[:, None]) ** 2).sum(1)
    return out + np.log(w.sum(1)) if likelihood == RESTRICTED else out


@pytest.mark.parametrize("likelihood", [RESTRICTED, FULL])
@pytest.mark.parametrize("k", [2, 3, 6, 13])
def test_likelihood_maximum_is_global(k, likelihood):
    y, v = random_sets(300, k, seed=k)
    ((_, s),) = in_chunks(y, v)
    ours = maximise(s, likelihood)
    best = naive_deviance(y, v, ours, likelihood)
    spread = y.max(1) - y.min(1)
    grid = np.concatenate([[0], np.geomspace(1e-12, 1.5, 4000)]) * (spread**2).max()
    for t in grid:
        assert (naive_deviance(y, v, np.full(300, t), likelihood) >= best - 1e-9).all()


def two_maxima():
    """Restricted likelihood with two maxima: precise studies that agree, vague ones far apart."""
    return [0, 0.02, 0.01, 4, -4, 4.5], [1e-4, 1e-4, 1e-4, 1.1, 1.1, 1.1]


def test_lower_of_two_maxima_is_not_taken():
    y, v = two_maxima()
    s = one_set(y, v)
    t = np.concatenate([[0], np.geomspace(1e-6, 100, 4000)])
    values = np.array([deviance(s, np.array([x]), RESTRICTED)[0] for x in t])
    inner = (values[1:-1] < values[:-2]) & (values[1:-1] < values[2:])
    assert inner.sum() + (values[0] < values[1]) == 2, "the example must have two maxima"
    ours = maximise(s, RESTRICTED)
    assert deviance(s, ours, RESTRICTED) <= values.min() + 1e-9
    assert ours[0] == pytest.approx(t[values.argmin()], rel=0.01, abs=1e-4)


@pytest.mark.parametrize("likelihood", [RESTRICTED, FULL])
def test_score_is_zero_to_rounding_at_the_solution(likelihood):
    y, v = random_sets(2000, 8, seed=2)
    ((_, s),) = in_chunks(y, v)
    t = maximise(s, likelihood)
    f = slopes(s, t, likelihood)
    positive = t > 0
    assert positive.sum() > 500
    # Newton's next step is the distance to the root: below 1e-10 of tau² plus the variances.
    step = np.abs((f.p - f.n) / (f.dp - f.dn))
    assert (step[positive] <= 1e-10 * (t + v.min(1))[positive]).all()
    assert (f.p <= f.n)[~positive].all()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("method", ["REML", "ML", "PM", "EB", "DLIT"])
def test_solution_is_no_worse_than_metafors(name, method):
    y, v = (np.array([x for x in CASES[name][n] if x is not None]) for n in ("log_or", "variance"))
    fits = CASES[name]["inverse_variance"]
    theirs = np.array([next(f["tau2"] for f in fits if f["method"] == method)], float)
    s = one_set(y, v)
    ours = estimate_tau2(s, method)
    if method in ("REML", "ML"):
        # Values near a maximum differ by less than the rounding of the sum.
        likelihood = RESTRICTED if method == "REML" else FULL
        assert deviance(s, ours, likelihood) <= deviance(s, theirs, likelihood) + 1e-12
    elif ours > 0:
        off = [abs(residual_q(s, t)[0][0] - s.df[0]) for t in (ours, theirs)]
        assert off[0] <= off[1] + 1e-12
        assert off[0] <= 1e-10
    else:
        assert residual_q(s, ours)[0] <= s.df


@pytest.mark.parametrize("target", ["PM", "PMM"])
def test_q_equation_is_solved_on_hard_data(target):
    y, v = random_sets(2000, 7, seed=12)
    ((_, s),) = in_chunks(y, v)
    t = ESTIMATORS[target](s)
    # Median of chi² on 6 degrees of freedom, from published tables.
    goal = {"PM": 6.0, "PMM": 5.348120627}[target]
    q = residual_q(s, t)[0]
    assert np.abs(q[t > 0] - goal).max() <= 1e-9
    assert (q[t == 0] <= goal + 1e-9).all()


def test_dersimonian_laird_agrees_with_statsmodels():
    rng = np.random.default_rng(5)
    y, v = rng.normal(0, 2, (50, 8)), rng.uniform(0.01, 0.3, (50, 8))
    ours = pool(y, v, tau2="DL", interval="wald")
    assert (ours.tau2 > 0).all(), "statsmodels does not truncate"
    for i in range(50):
        theirs = combine_effects(y[i], v[i], method_re="dl")
        assert ours.tau2[i] == pytest.approx(theirs.tau2, rel=1e-10)
        assert ours.estimate[i] == pytest.approx(theirs.mean_effect_re, rel=1e-10)
        assert ours.q[i] == pytest.approx(theirs.q, rel=1e-10)


def test_paule_mandel_agrees_with_statsmodels():
    y, v = [0.2, 1.4, -0.3, 0.9], [0.05, 0.1, 0.02, 0.2]
    # tighter, and rounding that takes the equation below 0 makes statsmodels answer 0
    theirs = combine_effects(np.array(y), np.array(v), method_re="iterated", atol=1e-10)
    assert pool(y, v, tau2="PM").tau2 == pytest.approx(theirs.tau2, rel=1e-8)


@pytest.mark.parametrize(
    ("method", "power", "tau2"),
    [
        ("HSk", None, 0.2925393211233),
        ("PMM", None, 0.3680846882928),
        ("SJ", None, 0.3684199590034),
        ("GENQ", -0.5, 0.3516132591443),
    ],
)
def test_estimators_outside_the_reference_agree_with_metafor(method, power, tau2):
    """metafor 3.8-1, BCG: rma(yi, vi, method, weights = 1/sqrt(vi) for GENQ, control =
    list(tol = 1e-13))$tau2."""
    y, v = (np.array(CASES["bcg"][name]) for name in ("log_or", "variance"))
    weights = None if power is None else v**power
    # The root finder behind PMM leaves 1e-10.
    assert pool(y, v, tau2=method, weights=weights).tau2 == pytest.approx(tau2, rel=1e-9)


def naive_moment(y, v, a):
    """The general estimator of DerSimonian and Kacker (2007), term by term."""
    mean = sum(a * y) / sum(a)
    q = sum(a * (y - mean) ** 2)
    top = q - (sum(a * v) - sum(a * a * v) / sum(a))
    return max(0.0, top / (sum(a) - sum(a * a) / sum(a)))


def test_moment_estimators_match_the_naive_formula():
    rng = np.random.default_rng(6)
    for _ in range(100):
        k = rng.integers(2, 9)
        y, v = rng.normal(0, rng.choice([0.2, 1.0]), k), rng.uniform(0.02, 0.6, k)
        a = rng.uniform(0.1, 3, k)
        dl, ca = naive_moment(y, v, 1 / v), naive_moment(y, v, np.ones(k))
        expected = {
            "DL": dl,
            "HE": ca,
            "DL2": naive_moment(y, v, 1 / (v + dl)),
            "CA2": naive_moment(y, v, 1 / (v + ca)),
        }
        for method, value in expected.items():
            assert pool(y, v, tau2=method).tau2 == pytest.approx(value, rel=1e-10, abs=1e-13)
        ours = pool(y, v, tau2="GENQ", weights=a).tau2
        assert ours == pytest.approx(naive_moment(y, v, a), rel=1e-10, abs=1e-13)


def test_weights_follow_their_studies():
    """Weights stay with their study when one is absent or another is the most precise."""
    y, v, a = [0.9, -0.2, 0.4, 1.5], [0.3, 0.2, 0.01, 0.4], [1.0, 2, 3, 4]
    whole = pool(y, v, tau2="GENQ", weights=a).tau2
    gap = pool(
        np.insert(y, 1, np.nan), np.insert(v, 1, np.nan), tau2="GENQ", weights=np.insert(a, 1, 9)
    )
    assert gap.tau2 == pytest.approx(whole, rel=1e-12)
    assert whole == pytest.approx(naive_moment(*map(np.array, (y, v, a))), rel=1e-12)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"tau2": "GENQ"}, "needs weights"),
        ({"tau2": "DL", "weights": [1, 1]}, "'GENQ' only"),
        ({"tau2": "GENQ", "weights": [1, -1]}, "weights[1] = -1.0"),
        ({"tau2": "GENQ", "weights": [1, 0]}, "at least two studies"),
    ],
)
def test_impossible_weights_are_refused(choice, message):
    with pytest.raises(ValueError) as error:
        pool([0.1, 0.9], [0.1, 0.2], **choice)
    assert message in str(error.value)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_every_estimator_is_finite_and_not_negative_on_hard_data(method):
    for k in (2, 3, 12):
        y, v = random_sets(500, k, seed=20 + k)
        t = pool(y, v, tau2=method).tau2
        assert np.isfinite(t).all()
        assert (t >= 0).all()


@pytest.mark.parametrize("method", ESTIMATORS)
def test_estimators_scale_with_the_data(method):
    """Effects times 10 make tau² times 100; a shift of all effects changes nothing."""
    rng = np.random.default_rng(9)
    y, v = rng.normal(0, 1, (40, 6)), rng.uniform(0.01, 0.5, (40, 6))
    t = pool(y, v, tau2=method).tau2
    np.testing.assert_allclose(pool(10 * y + 3, 100 * v, tau2=method).tau2, 100 * t, rtol=1e-9)


def test_equal_variances_have_the_closed_form():
    """With v equal, REML, DL, HE and PM are the variance of the effects minus v."""
    y, v = np.array([0.1, 0.9, -0.4, 1.3, 0.2]), np.full(5, 0.05)
    expected = y.var(ddof=1) - 0.05
    for method in ("REML", "DL", "HE", "PM", "DL2", "CA2"):
        assert pool(y, v, tau2=method).tau2 == pytest.approx(expected, rel=1e-12)
    assert pool(y, v, tau2="ML").tau2 == pytest.approx(y.var() - 0.05, rel=1e-12)
