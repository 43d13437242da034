"""Hardy-Weinberg in the report: tests of each study, and the coefficients pooled."""

import pytest

from genopool.report import Locus, equilibrium
from genopool.report.inputs import records
from genopool.report.layout import Numbering

SNP = Locus("SNP", "A SNP", alleles=("A", "C"), effect_alleles=("C",))
REPEAT = Locus("CA", "A repeat", kind="repeat", effect_alleles=("19", "<19"))


@pytest.mark.parametrize(
    ("expected", "chi2_p", "exact_p", "style"),
    [(30, 6e-6, 0.5, "strong"), (30, 0.02, 1e-9, "weak"), (30, 0.2, 1e-9, ""), (4.9, 1e-9, 0.2, ""),
     (4.9, 0.5, 1e-5, "strong")],
)  # fmt: skip
def test_findings_use_the_exact_p_where_few_are_expected(frame, expected, chi2_p, exact_p, style):
    row = dict(locus="SNP", study="A", effect_allele="C", n0=1, n1=2, n2=3, p_chi2=chi2_p,
               p_exact=exact_p, minimum_expected=expected)  # fmt: skip
    table = equilibrium.hardy_weinberg_table(
        SNP, records(frame("hwe", row)), (0.05, 1e-4), Numbering()
    )
    assert table.bodies[0].rows[0].style == style


def test_the_coefficient_has_its_interval_and_all_alleles_their_test(frame):
    row = dict(locus="CA", study="A", effect_allele="19", n0=1, n1=2, n2=3, reason="collapsed")
    row |= dict(inbreeding_coefficient=-0.062, f_ci_low=-0.198, f_ci_high=0.08)
    row |= dict(p_all_alleles=0.0312, test_all_alleles="Monte Carlo")
    table = equilibrium.hardy_weinberg_table(
        REPEAT, records(frame("hwe", row)), (0.05, 1e-4), Numbering(), 0.9
    )
    assert "90% CI" in table.columns[-1].label
    (line,) = table.bodies[0].rows
    assert "−0.062" in line.cells[-1] and "[−0.20, 0.08]" in line.cells[-1]
    assert "All alleles at once: p = 0.031 (Monte Carlo)." in line.notes


def test_several_effect_alleles_are_tested_under_their_own_headings(frame):
    rows = [dict(locus="CA", study="A", effect_allele=e, n0=1, n1=2, n2=3) for e in ("19", "<19")]
    table = equilibrium.hardy_weinberg_table(REPEAT, records(frame("hwe", *rows)), (0.05, 1e-4),
                                          Numbering())  # fmt: skip
    assert [body.heading for body in table.bodies] == [
        "Effect allele 19: 0 = non-19/non-19, 1 = 19/non-19, 2 = 19/19",
        "Effect allele <19: 0 = ≥19/≥19, 1 = <19/≥19, 2 = <19/<19",
    ]


def test_pooled_coefficients_are_shown_where_two_studies_are_pooled(frame):
    base = dict(locus="SNP", effect_allele="C", estimate=0.0312, ci_low=-0.01, ci_high=0.07)
    rows = [
        base | dict(stratifier="overall", stratum="all", k=5, p_value=0.031, i2=12.0),
        base | dict(stratifier="ethnicity", stratum="Asian", k=2, reason="two studies"),
        base | dict(stratifier="ethnicity", stratum="European", k=1, reason="one study"),
    ]
    table = equilibrium.pooled_equilibrium_table(
        SNP, records(frame("hwe_pooled", *rows)), Numbering(), 0.9
    )
    lines = [[str(cell) for cell in row.cells] for row in table.bodies[0].rows]
    assert lines[0] == ["Overall", "5", "0.031", "[−0.01, 0.07]", "0.031", "12.0%"]
    assert lines[1][0].startswith("Asian (by ethnicity)") and len(lines) == 2
    one = records(frame("hwe_pooled", rows[2]))
    assert equilibrium.pooled_equilibrium_table(SNP, one, Numbering()) is None
