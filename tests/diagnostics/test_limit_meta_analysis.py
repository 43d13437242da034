"""Limit meta-analysis: its equations coded again, and the truth that its model plants."""

import numpy as np
import pytest

from genopool.diagnostics.limit_meta_analysis import limit_meta_analysis
from genopool.pooling.inverse_variance import pool


def twin(y, v):
    """Rücker et al. 2011, as a linear model with errors of variance 1."""
    tau2 = float(pool(y, v).tau2)
    root = np.sqrt(v + tau2)
    design = np.column_stack([np.ones(len(y)), 1 / root])
    (alpha, beta), *_ = np.linalg.lstsq(design, y / root, rcond=None)
    direction = np.array([np.sqrt(tau2), 1.0])
    se = np.sqrt(direction @ np.linalg.inv(design.T @ design) @ direction)
    shrunken = beta + np.sqrt(tau2 / (v + tau2)) * (y - beta)
    own = np.column_stack([np.ones(len(y)), 1 / np.sqrt(v)])
    z = shrunken / np.sqrt(v)
    residual = z - own @ np.linalg.lstsq(own, z, rcond=None)[0]
    g2 = 1 - (1 - residual @ residual / ((z - z.mean()) @ (z - z.mean())))
    return beta + np.sqrt(tau2) * alpha, se, alpha, shrunken, 100 * g2


def test_agrees_with_the_equations(case):
    there = ~np.isnan(case.log_or)
    y, v = case.log_or[there], case.variance[there]
    ours = limit_meta_analysis(case.log_or, case.variance)
    adjusted, se, alpha, shrunken, g2 = twin(y, v)
    assert ours.log_or == pytest.approx(adjusted, rel=1e-8, abs=1e-9)
    assert ours.se == pytest.approx(se, rel=1e-8)
    assert ours.intercept == pytest.approx(alpha, rel=1e-8, abs=1e-9)
    assert ours.shrunken[there] == pytest.approx(shrunken, rel=1e-8, abs=1e-9)
    assert ours.g2 == pytest.approx(g2, rel=1e-7, abs=1e-9)
    assert np.isnan(ours.shrunken[~there]).all()


def test_q_falls_apart_into_small_study_effect_and_rest(case):
    ours = limit_meta_analysis(case.log_or, case.variance)
    q = pool(case.log_or, case.variance).q
    assert ours.q_small + ours.q_residual == pytest.approx(q, rel=1e-9)
    # without a dispersion factor, Egger's t is the root of the part of Q on one degree of freedom
    t = case.reference["egger_lm"]["statistic"]
    dispersion = ours.q_residual / case.reference["egger_lm"]["df"]
    assert ours.q_small == pytest.approx(t**2 * dispersion, rel=1e-7, abs=1e-9)


def test_recovers_planted_truth_with_its_level():
    """The model of the paper: beta 0.1, alpha 0.9, tau 0.2, so the limit is 0.28."""
    rng = np.random.default_rng(3)
    v = rng.uniform(0.005, 0.3, (2500, 30))
    root = np.sqrt(v + 0.04)
    y = 0.1 + root * (0.9 + rng.normal(size=v.shape))
    ours = limit_meta_analysis(y, v)
    assert pool(y, v).estimate.mean() > 0.35
    assert ours.log_or.mean() == pytest.approx(0.28, abs=0.02)
    covered = ((ours.ci_low < 0.28) & (ours.ci_high > 0.28)).mean()
    assert 0.92 < covered < 0.98
    no_bias = limit_meta_analysis(y - 0.9 * root, v)
    assert (no_bias.bias_p < 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_equal_effects_are_pet_without_dispersion(case):
    from genopool.diagnostics.funnel_regression import egger

    ours, line = (
        limit_meta_analysis(case.log_or, case.variance, tau2="EE"),
        egger(case.log_or, case.variance),
    )
    assert ours.log_or == pytest.approx(line.intercept, rel=1e-8)


@pytest.mark.parametrize(
    ("y", "v", "reason"),
    [
        ([], [], "fewer than three studies"),
        ([0.1, 0.2], [0.1, 0.2], "fewer than three studies"),
        ([0.1, 0.2, 0.4], [0.1] * 3, "all studies are equally precise"),
    ],
)
def test_reasons(y, v, reason):
    ours = limit_meta_analysis(y, v)
    assert ours.reason == reason
    assert np.isnan([ours.log_or, ours.se, ours.p_value]).all()


def test_sets_at_once_are_sets_alone():
    rng = np.random.default_rng(4)
    y, v = rng.normal(size=(2, 2, 6)), rng.uniform(0.02, 0.4, (2, 2, 6))
    y[1, 0, 3] = v[1, 0, 3] = np.nan
    together = limit_meta_analysis(y, v)
    for index in np.ndindex(2, 2):
        alone = limit_meta_analysis(y[index], v[index])
        for field in ("log_or", "se", "q_small", "q_residual", "g2", "bias_p"):
            assert getattr(together, field)[index] == pytest.approx(
                getattr(alone, field), rel=1e-9
            ), field
