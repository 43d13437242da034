"""Intervals against the numbers of people that they are stated for."""

import math

import numpy as np
import pytest

from genopool.diagnostics.integrity.interval_width import expected_se, least_se

ESTIMATES = (
    "study,locus,ethnicity,effect_allele,model,measure,estimate,ci_low,ci_high,n_cases,n_controls\n"
)
CONFIG = "loci: {SNP: {alleles: A/C}}\nstrata: {ethnicity: {}}\nallele_frequency_by: ethnicity\n"


def naive_least(beta, cases, controls):
    """Over all tables with the same margins of people, half of them on a grid."""
    best = math.inf
    for p in np.linspace(0.001, 0.999, 4001):
        odds = p / (1 - p) * math.exp(beta)
        q = odds / (1 + odds)
        best = min(best, 1 / (cases * q * (1 - q)) + 1 / (controls * p * (1 - p)))
    return math.sqrt(best)


@pytest.mark.parametrize("beta", [0.0, 0.5, -1.2, 2.0])
@pytest.mark.parametrize("people", [(100, 100), (1000, 50), (30, 900)])
def test_the_least_standard_error_is_that_of_the_best_frequency(beta, people):
    assert least_se("dominant", beta, *people) == pytest.approx(
        naive_least(beta, *people), rel=2e-3
    )


def test_alleles_count_twice_and_a_slope_half_the_homozygotes():
    assert least_se("allelic", 0, 100, 100) == pytest.approx(math.sqrt(4 / 200 + 4 / 200))
    # all cases and controls homozygous, half and half
    assert least_se("additive", 0, 100, 100) == pytest.approx(math.sqrt(4 / 100 + 4 / 100) / 2)


def test_no_sample_of_genotypes_is_below_the_least():
    rng = np.random.default_rng(2)
    for shares in rng.dirichlet([1, 1, 1], 300):
        cases, controls = rng.multinomial(200, shares), rng.multinomial(300, shares)
        for model, exposed in (("dominant", (1, 2)), ("recessive", (2,)), ("overdominant", (1,))):
            a, c = (sum(int(group[i]) for i in exposed) for group in (cases, controls))
            b, d = 200 - a, 300 - c
            if min(a, b, c, d) == 0:
                continue
            se = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
            assert se >= least_se(model, math.log(a * d / (b * c)), 200, 300) * 0.999


def test_expected_range_holds_the_standard_error_of_samples():
    rng = np.random.default_rng(4)
    low, high = expected_se("dominant", 0.0, 300, 300, [0.2, 0.22, 0.25])
    for _ in range(300):
        p = rng.choice([0.2, 0.22, 0.25])
        a, c = rng.binomial(300, 1 - (1 - p) ** 2, 2)
        assert low < math.sqrt(1 / a + 1 / (300 - a) + 1 / c + 1 / (300 - c)) < high


@pytest.fixture
def width(findings_of):
    def run(numbers, n="500,500", others=0, ethnicity="X", model="recessive", checks=""):
        rows = "".join(f"O{i},SNP,X,{320},{160},{20},{320},{160},{20}\n" for i in range(others))
        tables = {
            "e.csv": ESTIMATES + f"One,SNP,{ethnicity},C,{model},OR,{numbers},{n}\n",
            "c.csv": "study,locus,ethnicity,cases_AA,cases_AC,cases_CC,"
            "controls_AA,controls_AC,controls_CC\n" + rows,
        }
        return findings_of("interval_width", tables, CONFIG + checks)

    return run


def test_an_interval_narrower_than_possible(width):
    (finding,) = width("1.10,1.05,1.15")  # 0.023; 0.126 = sqrt(4/500 + 4/500) at least
    assert finding.severity == "warning"
    assert "narrower than is possible" in finding.message and "0.127 at least" in finding.message


def test_a_possible_interval_is_left_alone_without_other_studies(width):
    assert not width("1.10,0.80,1.51")


def test_other_studies_of_the_stratum_tell_a_narrow_interval(width):
    # CC is 4%, so that 500 and 500 people give a standard error near 0.32
    assert not width("1.10,0.59,2.06", others=3)
    (finding,) = width("1.10,0.82,1.47", others=3)
    assert "very narrow" in finding.message and "0.20 to 0.20 in 3 other studies" in finding.message
    assert not width("1.10,0.82,1.47", others=1)
    assert not width("1.10,0.82,1.47", others=3, ethnicity="Y")


def test_a_very_wide_interval(width):
    # 36% carry C, so that the standard error is near 0.13, and this one 0.64
    (finding,) = width("1.10,0.31,3.87", others=3, model="dominant")
    assert "very wide" in finding.message


@pytest.mark.parametrize("n", [",", "500,", "0,0"])
def test_without_numbers_of_people_nothing_is_said(width, n):
    assert not width("1.10,1.05,1.15", n=n)


@pytest.mark.parametrize("numbers", ["1.10,1.05,1.15", "1.10,0.82,1.47"])
def test_switched_off_nothing_is_said(width, numbers):
    """Not of an impossible interval either, which needs no threshold."""
    assert width(numbers, others=3)
    assert not width(numbers, others=3, checks="checks: {interval_width: false}\n")
