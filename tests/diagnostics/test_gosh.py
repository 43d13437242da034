"""GOSH against metafor, itertools and chance."""

from itertools import combinations

import numpy as np
import pytest

from genopool.diagnostics.gosh import gosh
from genopool.pooling.inverse_variance import pool


@pytest.mark.parametrize("method", ["EE", "DL"])
def test_agrees_with_metafor(method, small_study, reference_case):
    bcg, reference = reference_case("bcg"), small_study["gosh"][method]
    which = np.array(small_study["permutation"]["studies"]) - 1
    ours = gosh(bcg.log_or[which], bcg.variance[which], tau2=method)
    theirs = {
        tuple(member): values
        for member, *values in zip(
            reference["member"],
            reference["estimate"],
            reference["q"],
            reference["i2"],
            reference["tau2"],
            strict=True,
        )
        if sum(member) > 1
    }
    assert ours.all_subsets and len(ours.member) == len(theirs) == 57
    for i, member in enumerate(ours.member):
        estimate, q, i2, tau2 = theirs[tuple(int(x) for x in member)]
        assert ours.estimate[i] == pytest.approx(estimate, rel=1e-10)
        assert ours.q[i] == pytest.approx(q, rel=1e-9, abs=1e-12)
        assert ours.i2[i] == pytest.approx(i2, rel=1e-9, abs=1e-9)
        if method == "DL":
            assert ours.tau2[i] == pytest.approx(tau2, rel=1e-9, abs=1e-12)


def test_every_subset_once():
    rng = np.random.default_rng(1)
    y, v = rng.normal(size=8), rng.uniform(0.02, 0.4, 8)
    y[2] = v[2] = np.nan
    ours = gosh(y, v, tau2="REML")
    there = [i for i in range(8) if i != 2]
    expected = {s for size in range(2, 8) for s in combinations(there, size)}
    assert {tuple(np.flatnonzero(member)) for member in ours.member} == expected
    assert len(ours.member) == len(expected)
    some = np.flatnonzero(ours.member[77])
    assert ours.estimate[77] == pytest.approx(float(pool(y[some], v[some]).estimate), rel=1e-9)


def test_a_sample_has_different_subsets_and_favours_none():
    rng = np.random.default_rng(2)
    y, v = rng.normal(size=30), rng.uniform(0.02, 0.4, 30)
    ours = gosh(y, v, most=4000, seed=5)
    assert not ours.all_subsets and ours.member.shape == (4000, 30)
    assert len(np.unique(ours.member, axis=0)) == 4000 and ours.k.min() >= 2
    # four standard errors of a proportion of a half in 4,000
    assert ours.member.mean(axis=0) == pytest.approx(0.5, abs=0.032)
    assert ours.k.mean() == pytest.approx(15, abs=4 * np.sqrt(7.5 / 4000))
    assert (gosh(y, v, most=4000, seed=5).estimate == ours.estimate).all()
    assert not (gosh(y, v, most=4000, seed=6).member == ours.member).all()


def test_nearly_all_subsets_can_be_drawn():
    ours = gosh(np.arange(6.0), np.ones(6), most=56)
    assert not ours.all_subsets and len(np.unique(ours.member, axis=0)) == 56


@pytest.mark.parametrize("k", [0, 1])
def test_too_few_studies(k):
    ours = gosh([0.1][:k], [0.2][:k])
    assert ours.reason == "fewer than two studies" and ours.estimate.size == 0


def test_an_outlier_splits_the_cloud():
    y, v = np.array([0.0, 0.1, -0.1, 0.05, 5.0]), np.full(5, 0.04)
    ours = gosh(y, v)
    with_it = ours.member[:, 4]
    assert ours.estimate[with_it].min() > ours.estimate[~with_it].max()


def test_impossible_input():
    with pytest.raises(ValueError, match="most must be a whole number of at least 1"):
        gosh([0.1], [0.1], most=0)
    with pytest.raises(ValueError, match="gosh takes one set of studies"):
        gosh([[0.1]], [[0.1]])
