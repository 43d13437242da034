"""A standard error or a p-value beside an interval that has another one."""

import math

import pytest
from scipy.stats import norm

HEADER = "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high,se,p_value\n"
#: ln(2.44/1.14)/3.92 = 0.1941; z = ln(1.67)/0.1941 = 2.64, p = 0.0083 (Cleveland 2004).
CLEVELAND = "1.67,1.14,2.44"


@pytest.fixture
def row(findings_of):
    def run(se="", p="", numbers=CLEVELAND):
        table = HEADER + f"Cleveland 2004,SNP,C,dominant,OR,{numbers},{se},{p}\n"
        return findings_of("interval_contradicted", {"e.csv": table})

    return run


def test_the_interval_is_what_its_comment_says():
    se = math.log(2.44 / 1.14) / (2 * norm.ppf(0.975))
    assert se == pytest.approx(0.1941, abs=1e-4)
    assert 2 * norm.sf(math.log(1.67) / se) == pytest.approx(0.0083, abs=1e-4)


@pytest.mark.parametrize(
    ("se", "p"),
    [("0.194", ""), ("0.19", ""), ("0.2", ""), ("", "0.008"), ("", "0.01"), ("", "<0.05"),
     ("", "0.0083"), ("", "<0.01"), ("", ">0.001"), ("0.19", "0.008")],
)  # fmt: skip
def test_numbers_that_agree(row, se, p):
    assert not row(se, p)


@pytest.mark.parametrize("se", ["0.12", "0.30", "1.94"])
def test_another_standard_error(row, se):
    (finding,) = row(se)
    assert (finding.severity, finding.column, finding.value) == ("warning", "se", se)


def test_a_standard_error_of_the_ratio_is_recognised(row):
    (finding,) = row(f"{0.1941 * 1.67:.3f}")
    assert "of the ratio itself" in finding.message


@pytest.mark.parametrize("p", ["0.08", "0.8", "0.0001", "<0.0001", ">0.5", "0.000"])
def test_another_p_value(row, p):
    (finding,) = row(p=p)
    assert (finding.column, finding.value) == ("p_value", p)
    assert "0.0083" in finding.message


def test_an_estimate_of_one_has_a_p_of_one(row):
    assert not row(p="1.0", numbers="1.00,0.80,1.25")
    assert row(p="0.01", numbers="1.00,0.80,1.25")
