"""What departures do to the pool: by hand, and recovery of a planted truth."""

import numpy as np
import pytest

from genopool.association.equilibrium_odds_ratio import equilibrium_log_odds_ratio
from genopool.association.hardy_weinberg import hwe
from genopool.association.odds_ratios import genotype_log_odds_ratio
from genopool.diagnostics.equilibrium_effect import equilibrium_effect
from genopool.pooling.inverse_variance import pool

CASES = np.array([[298, 535, 221], [235, 541, 251], [280, 509, 222]])
#: The last study's controls have far too few heterozygotes.
CONTROLS = np.array([[270, 506, 263], [245, 608, 321], [385, 292, 329]])


@pytest.mark.parametrize("model", ["allelic", "dominant", "recessive"])
def test_three_pools_by_hand(model):
    ours = equilibrium_effect(CASES, CONTROLS, model, tau2="DL")
    assert ours.departs.tolist() == [False, False, True] and ours.reason == ""
    y, v = genotype_log_odds_ratio(CASES, CONTROLS, model)
    everything, without = pool(y, v, tau2="DL"), pool(y[:2], v[:2], tau2="DL")
    adjusted = pool(*equilibrium_log_odds_ratio(CASES, CONTROLS, model), tau2="DL")
    assert ours.all_studies.estimate == pytest.approx(float(everything.estimate))
    assert ours.without.ci_high == pytest.approx(float(without.ci_high))
    assert ours.adjusted.ci_low == pytest.approx(float(adjusted.ci_low))
    assert ours.ratio_without == pytest.approx(np.exp(without.estimate - everything.estimate))
    assert ours.ratio_adjusted == pytest.approx(np.exp(adjusted.estimate - everything.estimate))


def test_the_adjusted_pool_finds_the_truth_that_missing_heterozygotes_hide():
    """No association; 15% of the controls' heterozygotes read as homozygotes of either kind."""
    rng = np.random.default_rng(18)
    true = np.array([0.49, 0.42, 0.09])
    read = true + 0.15 * 0.42 * np.array([0.5, -1, 0.5])
    cases = rng.multinomial(1000, true, (300, 8))
    controls = rng.multinomial(1000, read, (300, 8))
    ours = equilibrium_effect(cases, controls, "recessive", tau2="EE")
    assert ours.all_studies.estimate.mean() < -0.25
    assert ours.adjusted.estimate.mean() == pytest.approx(0, abs=0.02)
    assert (ours.adjusted.p_value < 0.05).mean() < 0.1


def test_small_samples_depart_by_the_exact_test():
    controls = np.array([[20, 3, 2], [270, 506, 263]])
    ours = equilibrium_effect(CASES[:2], controls, "dominant")
    test = hwe(*controls.T)
    assert ours.p_hwe.tolist() == [test.p_exact[0], test.p_chi2[1]]
    assert test.p_chi2[0] != pytest.approx(test.p_exact[0], rel=0.1)


def test_nothing_departs_everything_departs_nothing_is_there():
    kept = equilibrium_effect(CASES[:2], CONTROLS[:2], "dominant")
    assert kept.reason == "no study departs" and kept.ratio_without == 1
    lost = equilibrium_effect(CASES[2:], CONTROLS[2:], "dominant")
    assert lost.reason == "every study departs" and np.isnan(lost.ratio_without)
    nothing = equilibrium_effect(np.full((2, 3), np.nan), np.full((2, 3), np.nan), "dominant")
    assert nothing.reason == "no studies" and np.isnan(nothing.adjusted.estimate)
    none = np.zeros((0, 3))
    assert equilibrium_effect(none, none, "dominant").reason == "no studies"


def test_the_additive_model_has_no_adjusted_pool():
    ours = equilibrium_effect(CASES, CONTROLS, "additive")
    assert ours.reason == "additive model: no adjusted odds ratio"
    assert np.isnan(ours.ratio_adjusted) and np.isfinite(ours.ratio_without)
    kept = equilibrium_effect(CASES[:2], CONTROLS[:2], "additive")
    assert kept.reason == "no study departs; additive model: no adjusted odds ratio"


def test_errors():
    with pytest.raises(ValueError, match="threshold"):
        equilibrium_effect(CASES, CONTROLS, "dominant", threshold=5)
    with pytest.raises(ValueError, match="studies, 3"):
        equilibrium_effect(CASES[0], CONTROLS[0], "dominant")
    with pytest.raises(ValueError, match="dominant"):
        equilibrium_effect(CASES, CONTROLS, "domnant")
