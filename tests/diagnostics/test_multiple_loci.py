"""Benjamini-Hochberg against R and statsmodels; adjusted p-values against permutation."""

import numpy as np
import pytest
from scipy.special import ndtr
from statsmodels.stats.multitest import multipletests

from genopool.association.genotype_models import model_effects
from genopool.diagnostics.multiple_loci import across_loci, benjamini_hochberg
from genopool.pooling.inverse_variance import pool
from genopool.pooling.multiplicity import adjusted_p_values, z_correlation


def test_agrees_with_r(credibility):
    r = credibility["multiple"]
    assert benjamini_hochberg(r["p"]) == pytest.approx(r["BH"], rel=1e-10)


def test_agrees_with_statsmodels_and_passes_over_absent_tests():
    rng = np.random.default_rng(13)
    p = rng.uniform(0, 1, (6, 20)) ** 2
    p[0, 3] = p[0, 7]
    p[1, 1] = 0
    expected = np.array([multipletests(row, method="fdr_bh")[1] for row in p])
    assert benjamini_hochberg(p) == pytest.approx(expected, rel=1e-12)
    with_gaps = np.insert(p, [0, 5, 20], np.nan, axis=1)
    ours = benjamini_hochberg(with_gaps)
    assert ours[~np.isnan(with_gaps)].reshape(p.shape) == pytest.approx(expected, rel=1e-12)
    assert np.array_equal(np.isnan(ours), np.isnan(with_gaps))


def test_the_false_discovery_rate_is_kept():
    rng = np.random.default_rng(14)
    z = rng.normal(size=(4000, 30)) + 3.0 * (np.arange(30) < 6)
    found = benjamini_hochberg(2 * ndtr(-np.abs(z))) <= 0.1
    false = found[:, 6:].sum(axis=1) / np.maximum(found.sum(axis=1), 1)
    assert false.mean() == pytest.approx(0.1 * 24 / 30, abs=0.008)


def test_loci_are_judged_by_their_smallest_p():
    nan = np.nan
    ours = across_loci([[0.2, 0.01, nan], [nan, nan, nan], [0.03, 0.03, 0.5]])
    assert ours.model.tolist() == [1, -1, 0]
    assert ours.q_value[[0, 2]] == pytest.approx([0.02, 0.03])
    assert np.isnan(ours.q_value[1]) and ours.reason.tolist() == ["", "no p-value", ""]
    assert across_loci(np.zeros((2, 0))).reason.tolist() == ["no p-value"] * 2
    assert benjamini_hochberg([]).size == 0


@pytest.mark.parametrize("p", [[1.2], [-0.1], 0.5])
def test_errors(p):
    with pytest.raises(ValueError, match="p_value"):
        benjamini_hochberg(p)
    with pytest.raises(ValueError, match="p_value|adjusted_p"):  # noqa: RUF043
        across_loci(p if np.ndim(p) == 0 else [p])


@pytest.mark.parametrize("shift", [0.0, 0.05])
def test_model_p_values_are_those_of_permuting_cases_and_controls(shift):
    """Everybody's label shuffled within each of four studies; the largest |z| of six models."""
    rng = np.random.default_rng(15)
    models = ["allelic", "dominant", "recessive", "homozygous", "heterozygous", "overdominant"]
    shares = np.array([0.36, 0.48, 0.16])
    n = np.array([300, 250, 400, 350])
    cases = rng.multinomial(n, shares + shift * np.array([-1, 0, 1]))
    everybody = cases + rng.multinomial(n, shares)

    def tested(some_cases, some_controls):
        effects = model_effects(some_cases, some_controls, models)
        fit = pool(effects.log_or, effects.variance, tau2="EE", prediction="none")
        return effects, fit.p_value

    effects, p = tested(cases, everybody - cases)
    nothing = np.zeros(len(models))
    r = z_correlation(effects.log_or, effects.variance, effects.covariance, nothing)
    ours = adjusted_p_values(p, r)
    shuffled = np.stack(
        [
            rng.multivariate_hypergeometric(row, m, 4000)
            for row, m in zip(everybody, n, strict=True)
        ],
        axis=1,
    )
    smallest = tested(shuffled, everybody - shuffled)[1].min(axis=-1)
    permuted = (smallest[:, None] <= p).mean(axis=0)
    assert ours == pytest.approx(permuted, abs=0.03)
