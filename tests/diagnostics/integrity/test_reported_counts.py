"""Reported odds ratios against the counts of the same people.

The counts are those of Arafat 2025 (doi 10.1371/journal.pone.0325289), whose odds ratios and
intervals (C/C against A/A 16.237, 7.904 to 33.356; A/C 2.889, 1.319 to 6.325) the paper prints.
"""

import math

import pytest

COUNTS = (
    "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
    "Arafat 2025,SNP,11,22,79,104,72,46\n"
)
ESTIMATES = (
    "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high,adjusted,level,n_cases\n"
)


@pytest.fixture
def reported(findings_of):
    def run(model, numbers, adjusted="no", allele="C", level="", n_cases=""):
        line = f"Arafat 2025,SNP,{allele},{model},OR,{numbers},{adjusted},{level},{n_cases}\n"
        return findings_of("reported_disagrees", {"c.csv": COUNTS, "e.csv": ESTIMATES + line})

    return run


def table(a, b, c, d, z=1.959964):
    log_or, se = math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return [math.exp(log_or + k * z * se) for k in (0, -1, 1)]


def printed(numbers, decimals=2):
    return ",".join(f"{n:.{decimals}f}" for n in numbers)


@pytest.mark.parametrize(
    ("model", "numbers"),
    [
        ("homozygous", "16.237,7.904,33.356"),
        ("heterozygous", "2.889,1.319,6.325"),
        ("homozygous", "16.24,7.90,33.36"),
        ("homozygous", "16,8,33"),
        ("dominant", printed(table(101, 11, 118, 104))),
        ("recessive", printed(table(79, 33, 46, 176))),
        ("allelic", printed(table(180, 44, 164, 280))),
        ("overdominant", printed(table(22, 90, 72, 150))),
    ],
)
def test_what_the_paper_prints_agrees(reported, model, numbers):
    assert not reported(model, numbers)


def test_the_other_allele_is_compared_with_its_own_counts(reported):
    assert not reported("homozygous", printed(table(11, 79, 104, 46)), allele="A")


@pytest.mark.parametrize(
    ("model", "numbers", "said"),
    [
        ("homozygous", printed(table(11, 79, 104, 46)), "its inverse (the other allele"),
        ("dominant", "16.237,7.904,33.356", "the homozygous model would fit"),
        ("recessive", printed(table(11, 101, 104, 118)), "the inverse of the dominant model"),
        ("homozygous", printed(table(79, 11, 46, 104, 1.644854)), "an interval of 90% would fit"),
        ("homozygous", printed(table(79, 11, 46, 104, 2.575829)), "an interval of 99% would fit"),
        ("homozygous", "16.24,7.90,53.36", "a misprint of it would fit"),
        ("homozygous", "16.24,1.90,33.36", "all but the lower limit agrees"),
        ("homozygous", "12.64,7.90,33.36", "all but the estimate agrees"),
    ],
)
def test_what_would_fit_instead_is_named(reported, model, numbers, said):
    (finding,) = reported(model, numbers)
    assert finding.severity == "warning"
    assert said in finding.message
    assert "Arafat 2025 (c.csv, row 2)" in finding.message


def test_adjustment_may_move_an_estimate_and_not_turn_it(reported):
    assert not reported("homozygous", "13.50,6.30,29.00", "yes")
    (finding,) = reported("homozygous", "0.07,0.03,0.16", "yes")
    assert finding.severity == "warning"
    assert "its inverse" in finding.message


def test_an_unadjusted_estimate_may_not_move(reported):
    (finding,) = reported("homozygous", "13.50,6.60,27.70")
    assert finding.severity == "warning"


def test_an_estimate_of_other_people_is_a_note(reported):
    (finding,) = reported("homozygous", "9.50,3.60,25.00", n_cases="60")
    assert finding.severity == "note"
    assert "60 cases where 112 are counted" in finding.message


def test_the_level_of_the_row_is_used(reported):
    assert not reported("homozygous", printed(table(79, 11, 46, 104, 1.644854)), level="0.90")


def test_a_hazard_ratio_is_not_compared(findings_of):
    line = "Arafat 2025,SNP,C,dominant,HR,1.00,0.90,1.10,no,,\n"
    assert not findings_of("reported_disagrees", {"c.csv": COUNTS, "e.csv": ESTIMATES + line})


def test_zero_cells_give_nothing_to_compare(findings_of):
    counts = COUNTS.replace("11,22,79", "0,22,79")
    line = "Arafat 2025,SNP,C,homozygous,OR,9.00,3.00,27.00,no,,\n"
    assert not findings_of("reported_disagrees", {"c.csv": counts, "e.csv": ESTIMATES + line})
