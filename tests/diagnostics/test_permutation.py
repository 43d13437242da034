"""Permutation tests against metafor, itertools, and their own level."""

from itertools import permutations

import numpy as np
import pytest

from genopool.diagnostics.meta_regression import meta_regression
from genopool.diagnostics.permutation import all_arrangements, arrangements, permutation_test

INTERVALS = {"z": "wald", "knha": "hartung-knapp"}


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("kind", ["number", "factor"])
def test_exact_test_agrees_with_metafor(place, kind, small_study, reference_case):
    bcg, reference = reference_case("bcg"), small_study["permutation"]
    which = np.array(reference["studies"]) - 1
    fit = reference["fits"][place]
    latitude = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33.0])[which]
    moderator = latitude if kind == "number" else np.array(reference["random"])
    ours = permutation_test(
        bcg.log_or[which],
        bcg.variance[which],
        np.asarray(moderator, dtype=float)[:, None],
        tau2=fit["method"],
        interval=INTERVALS[fit["test"]],
    )
    before = "" if kind == "number" else "factor_"
    assert ours.exact and ours.permutations == fit[before + "n"]
    assert ours.p_value == pytest.approx(fit[before + "pval"], abs=1e-12)
    assert ours.qm_p == pytest.approx(fit[before + "QMp"], abs=1e-12)


def test_arrangements_are_those_of_itertools():
    counts = np.array([2, 1, 3])
    ours = {tuple(int(x) for x in row) for row in all_arrangements(counts)}
    assert ours == set(permutations([0, 0, 1, 2, 2, 2])) and len(ours) == arrangements(counts) == 60
    assert len(list(all_arrangements(counts))) == 60


def test_a_sample_comes_near_the_exact_p_and_is_the_same_again():
    rng = np.random.default_rng(1)
    y, v, x = rng.normal(size=7), rng.uniform(0.05, 0.4, 7), rng.normal(size=(7, 1))
    exact = permutation_test(y, v, x, tau2="DL", most=5040)
    drawn = permutation_test(y, v, x, tau2="DL", most=2000, seed=3)
    assert exact.exact and not drawn.exact and drawn.permutations == 2000
    # four standard errors of a proportion of 2,000
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.045)
    assert (permutation_test(y, v, x, tau2="DL", most=2000, seed=3).p_value == drawn.p_value).all()


def test_a_strong_moderator_is_found_and_p_is_never_zero():
    v = np.full(12, 0.01)
    x = np.arange(12.0)
    y = 0.3 * x + np.random.default_rng(2).normal(0, 0.1, 12)
    ours = permutation_test(y, v, x[:, None], most=999, tau2="DL")
    assert ours.p_value[1] == ours.qm_p == pytest.approx(1 / 999)


def test_level():
    rng = np.random.default_rng(4)
    found = [
        permutation_test(
            rng.normal(0, 0.4, 6), rng.uniform(0.02, 0.4, 6), rng.normal(size=(6, 1)), tau2="DL"
        ).qm_p
        for _ in range(150)
    ]
    # exact: no more than 10% below 0.1, up to three standard errors
    assert np.mean(np.array(found) <= 0.1) < 0.1 + 3 * np.sqrt(0.09 / 150)


def test_a_study_without_the_moderator_is_left_out():
    rng = np.random.default_rng(5)
    y, v, x = rng.normal(size=6), rng.uniform(0.05, 0.4, 6), rng.normal(size=(6, 1))
    x[1] = np.nan
    rest = ~np.isnan(x[:, 0])
    ours, alone = permutation_test(y, v, x), permutation_test(y[rest], v[rest], x[rest])
    assert ours.k == 5 and (ours.p_value == alone.p_value).all()


def test_reasons():
    assert permutation_test([0.1, 0.2], [1, 1], [[1], [2]]).reason == (
        "no more studies than coefficients"
    )
    assert permutation_test([0.1] * 4, [1] * 4, np.ones((4, 1))).reason == "collinear moderators"
    assert permutation_test([0.1] * 4, [1] * 4, np.empty((4, 0))).reason == "no moderators"


def test_impossible_input():
    with pytest.raises(ValueError, match="most must be a whole number of at least 2"):
        permutation_test([0.1], [0.1], [[1]], most=1)
    with pytest.raises(ValueError, match="takes one set of studies"):
        permutation_test(np.ones((2, 4)), np.ones((2, 4)), np.arange(4.0)[:, None])


def test_the_statistics_permuted_are_those_of_meta_regression():
    """The naive twin: every order fitted on its own."""
    rng = np.random.default_rng(6)
    y, v, x = rng.normal(size=5), rng.uniform(0.05, 0.4, 5), rng.normal(size=(5, 1))
    ours = permutation_test(y, v, x, tau2="PM")
    fits = [meta_regression(y, v, x[list(order)], tau2="PM") for order in permutations(range(5))]
    qm = np.array([float(fit.qm) for fit in fits])
    assert ours.qm_p == pytest.approx((qm >= qm[0] - 1e-8).mean())


def sequential_twin(far, enough, most):
    """Besag and Clifford's p of one statistic, one arrangement at a time."""
    found = 0
    for drawn, is_far in enumerate(far, 1):
        found += is_far
        if found == enough:
            return enough / drawn
    return (found + 1) / most


def test_a_sequential_draw_is_the_full_one_cut_short():
    rng = np.random.default_rng(4)
    for slope in (0.0, 0.6):
        y, v, x = rng.normal(size=9), rng.uniform(0.05, 0.4, 9), rng.normal(size=(9, 1))
        y = y + slope * x[:, 0]
        cut = permutation_test(y, v, x, tau2="DL", most=1000, enough=20, seed=5)
        random, fit, far = np.random.default_rng(5), meta_regression(y, v, x, tau2="DL"), []
        for _ in range(999):
            order = random.permutation(np.unique(x[:, 0], return_inverse=True)[1])
            again = meta_regression(y, v, np.unique(x)[order][:, None], tau2="DL")
            far.append(abs(again.statistic[1]) >= abs(fit.statistic[1]))
        assert cut.p_value[1] == pytest.approx(sequential_twin(far, 20, 1000), rel=1e-12)
        # the rest of a batch is fitted, and not counted
        assert cut.permutations <= min(1000, 2 * 20 / cut.p_value[1] + 65)


def test_a_sequential_draw_holds_its_level():
    rng = np.random.default_rng(6)
    sets, p = 400, []
    for _ in range(sets):
        v = rng.uniform(0.05, 0.4, 8)
        y, x = rng.normal(0, np.sqrt(v + 0.1)), rng.normal(size=(8, 1))
        p.append(permutation_test(y, v, x, tau2="DL", most=400, enough=10).p_value[1])
    # three standard errors of a proportion
    for level in (0.05, 0.2):
        assert np.mean(np.array(p) <= level) <= level + 3 * np.sqrt(level * (1 - level) / sets)
        assert np.mean(np.array(p) <= level) >= level - 3 * np.sqrt(level * (1 - level) / sets)


def test_enough_must_be_a_number():
    with pytest.raises(ValueError, match="enough must be a whole number of at least 1"):
        permutation_test([0.1, 0.2, 0.3], [0.1] * 3, [[1.0], [2], [3]], enough=0)
