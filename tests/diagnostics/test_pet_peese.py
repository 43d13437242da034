"""PET and PEESE against R's lm, and on planted bias."""

import numpy as np
import pytest

from genopool.diagnostics.pet_peese import peese, pet, pet_peese


@pytest.mark.parametrize("name", ["bcg", "hackshaw1998"])
@pytest.mark.parametrize("method", [pet, peese])
def test_agrees_with_weighted_least_squares_of_r(name, method, small_study):
    data = small_study["pet_peese"][name]
    ours, reference = method(data["log_or"], data["variance"]), data[method.__name__]
    for field, key in (
        ("log_or", "est"),
        ("se", "se"),
        ("ci_low", "low"),
        ("ci_high", "high"),
        ("p_value", "p"),
        ("bias_p", "slope_p"),
    ):
        assert getattr(ours, field) == pytest.approx(reference[key], rel=1e-8), field


def test_peese_is_taken_where_pet_finds_an_effect(small_study):
    for name, chosen in (("bcg", "PET"), ("hackshaw1998", "PET")):
        data = small_study["pet_peese"][name]
        assert data["pet"]["p"] > 0.1
        both = pet_peese(data["log_or"], data["variance"])
        assert both.chosen == chosen and both.estimate.log_or == both.pet.log_or
    both = pet_peese(data["log_or"], data["variance"], alpha=0.999)
    assert both.chosen == "PEESE" and both.estimate.log_or == both.peese.log_or


def test_planted_bias_is_taken_off():
    """Effects that grow with the standard error, and with the variance, about a known truth."""
    rng = np.random.default_rng(2)
    v = rng.uniform(0.005, 0.3, (3000, 25))
    noise = rng.normal(0, np.sqrt(v))
    of_pet = pet(0.2 + 0.8 * np.sqrt(v) + noise, v)
    of_peese = peese(0.2 + 1.5 * v + noise, v)
    for ours in (of_pet, of_peese):
        assert ours.log_or.mean() == pytest.approx(0.2, abs=0.01)
        covered = ((ours.ci_low < 0.2) & (ours.ci_high > 0.2)).mean()
        assert covered == pytest.approx(0.95, abs=0.015)


def test_reasons():
    alike = pet_peese([0.1, 0.2, 0.4], [0.1, 0.1, 0.1])
    assert alike.chosen == "" and alike.estimate.reason == "all studies are equally precise"
    few = pet_peese([[0.1, np.nan, np.nan], [0.1, 0.2, 0.5]], [[0.1, np.nan, np.nan], [1, 2, 3]])
    assert few.estimate.reason.tolist() == ["fewer than three studies", ""]
    assert np.isnan(few.estimate.ci_low[0])


@pytest.mark.parametrize("alpha", [0, 1, -0.1, "a"])
def test_impossible_alpha(alpha):
    with pytest.raises(ValueError, match="alpha must lie between 0 and 1"):
        pet_peese([0.1], [0.1], alpha=alpha)
