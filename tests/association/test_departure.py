"""Departure from Hardy-Weinberg: R, a published example, all samples of a size, planted truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import multinomial

from genopool.association.departure import hwe_departure, pool_inbreeding
from genopool.association.hardy_weinberg import hwe

R = json.loads((Path(__file__).parents[1] / "reference" / "credibility.json").read_text())


def all_samples(n):
    n0, n1 = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
    possible = n0 + n1 <= n
    return n0[possible], n1[possible], n - n0[possible] - n1[possible]


def probabilities(samples, p, f):
    spread = f * p * (1 - p)
    shares = [(1 - p) ** 2 + spread, 2 * p * (1 - p) - 2 * spread, p * p + spread]
    return multinomial.pmf(np.column_stack(samples), sum(s[0] for s in samples), shares)


@pytest.mark.parametrize("case", R["hardy_weinberg"])
def test_agrees_with_rs_genetics(case):
    """Its D is that of the two alleles together, ours that of the homozygotes: opposite signs."""
    assert hwe_departure(*case["n"]).disequilibrium == pytest.approx(-case["D"], rel=1e-10)
    assert hwe(*case["n"]).p_exact == pytest.approx(case["p_exact"], rel=1e-9)


def test_graffelmans_published_example():
    """MN blood groups, Graffelman 2015 (J Stat Softw 64(3)), section 4: chi² with correction."""
    ours = hwe_departure(298, 489, 213)
    assert ours.chi2_corrected == pytest.approx(0.1789563, abs=5e-8)
    assert ours.p_chi2_corrected == pytest.approx(0.6722717, abs=5e-8)
    assert ours.inbreeding_coefficient == pytest.approx(0.01488253, abs=5e-9)
    assert ours.disequilibrium * 1000 == pytest.approx(3.69375)


@pytest.mark.parametrize("n", [30, 100])
@pytest.mark.parametrize("p", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("f", [-0.05, -0.04, 0, 0.1, 0.4])
def test_the_interval_covers_by_all_samples(n, p, f):
    samples = all_samples(n)
    ours = hwe_departure(*samples)
    chance = probabilities(samples, p, f) * (ours.reason != "one allele only")
    covered = (ours.f_ci_low <= f) & (f <= ours.f_ci_high)
    assert 0.92 < chance[covered].sum() / chance.sum() < 0.998


def test_the_interval_excludes_0_where_chi2_rejects():
    samples = all_samples(40)
    ours, test = hwe_departure(*samples), hwe(*samples)
    several = ours.reason != "one allele only"
    excluded = (ours.f_ci_low > 0) | (ours.f_ci_high < 0)
    sure = np.abs(test.p_chi2 - 0.05) > 1e-9
    assert np.array_equal(excluded[several & sure], (test.p_chi2 < 0.05)[several & sure])


def test_the_unbiased_coefficient_is_0_on_average_given_the_alleles():
    """Exactly, by all samples of 25 people with 13 effect alleles, as Levene counts them."""
    n1 = np.arange(1, 14, 2)
    n2 = (13 - n1) // 2
    n0 = 25 - n1 - n2
    from scipy.special import gammaln

    logs = n1 * np.log(2) - gammaln(n0 + 1) - gammaln(n1 + 1) - gammaln(n2 + 1)
    chance = np.exp(logs - logs.max())
    mean = (chance * hwe_departure(n0, n1, n2).f_unbiased).sum() / chance.sum()
    assert mean == pytest.approx(0, abs=1e-14)
    assert (chance * hwe_departure(n0, n1, n2).inbreeding_coefficient).sum() < -0.01


@pytest.mark.parametrize(("p", "f"), [(0.3, 0.0), (0.5, 0.2), (0.3, 0.3)])
def test_standard_errors_are_those_of_all_samples(p, f):
    samples = all_samples(300)
    ours = hwe_departure(*samples)
    chance = probabilities(samples, p, f)
    for value, se in (
        (ours.disequilibrium, ours.disequilibrium_se),
        (ours.lindley_alpha, ours.lindley_alpha_se),
    ):
        there = ~np.isnan(value)
        w = chance[there] / chance[there].sum()
        mean = (w * value[there]).sum()
        sd = np.sqrt((w * (value[there] - mean) ** 2).sum())
        assert (w * se[there]).sum() == pytest.approx(sd, rel=0.03)


def test_turning_the_alleles_round_changes_nothing():
    one, other = hwe_departure(30, 5, 2), hwe_departure(2, 5, 30)
    for name in ("f_ci_low", "f_ci_high", "disequilibrium", "disequilibrium_se", "lindley_alpha"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12)


def test_what_cannot_be_measured_says_why():
    ours = hwe_departure([np.nan, 0, 7, 5, 4], [1, 0, 0, 2, 4], [1, 0, 0, 0, 1])
    said = ["absent", "absent", "one allele only", "a genotype that nobody has", ""]
    assert ours.reason.tolist() == said
    assert np.isnan(ours.inbreeding_coefficient).tolist() == [True] * 3 + [False] * 2
    assert np.isnan(ours.lindley_alpha).tolist() == [True] * 4 + [False]


def test_a_sample_of_two_kinds_of_homozygotes():
    ours = hwe_departure(10, 0, 10)
    assert ours.inbreeding_coefficient == ours.f_ci_high == 1
    assert 0.5 < ours.f_ci_low < 1


@pytest.mark.parametrize("counts", [(1.5, 2, 3), (-1, 2, 3), (1, 2, np.inf)])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError, match=r"n0|n2"):
        hwe_departure(*counts)


def test_an_impossible_level_is_refused():
    with pytest.raises(ValueError, match="level"):
        hwe_departure(1, 2, 3, level=95)


class TestPool:
    @pytest.mark.parametrize("f", [0.0, 0.08])
    def test_recovers_the_planted_coefficient_and_holds_its_level(self, f):
        rng = np.random.default_rng(1)
        p = rng.uniform(0.15, 0.5, (400, 12))
        n = rng.integers(100, 900, (400, 12))
        spread = f * p * (1 - p)
        shares = np.stack([(1 - p) ** 2 + spread, 2 * (p * (1 - p) - spread), p**2 + spread], -1)
        counts = rng.multinomial(n, shares)
        fit = pool_inbreeding(*np.moveaxis(counts, -1, 0), tau2="EE")
        sd = fit.estimate.std()
        assert fit.estimate.mean() == pytest.approx(f, abs=4 * sd / 20 + 0.001)
        assert fit.se.mean() == pytest.approx(sd, rel=0.15)
        if f == 0:
            assert 0.02 < (fit.p_value < 0.05).mean() < 0.085

    def test_a_study_without_variation_takes_no_part(self):
        fit = pool_inbreeding([30, 9, np.nan], [5, 0, 2], [2, 0, 3])
        assert fit.k == 1
        assert fit.estimate == pytest.approx(float(hwe_departure(30, 5, 2).f_unbiased))
        assert np.isnan(pool_inbreeding([], [], []).estimate)
