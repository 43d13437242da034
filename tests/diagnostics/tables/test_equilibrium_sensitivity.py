"""Which studies leave for Hardy-Weinberg, and pools against expected controls."""

import math

import numpy as np
import pytest

from genopool import equilibrium_effect, equilibrium_log_odds_ratio, pool
from genopool.diagnostics.tables.sensitivity import sensitivity_rows

HEADER = "study,locus,population,ethnicity,control_group,"
HEADER += "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
CASES = "40,50,20"
#: 0.6², 2 × 0.6 × 0.4, 0.4² of 200.
KEPT = "72,96,32"
#: Of 200 with the same frequency; F = 1 - 60/96 = 0.375, chi² = 200 F² = 28.1, p = 1e-7.
OUT = "90,60,50"
#: F = 1 - 80/96 = 1/6, chi² = 5.6, p = 0.018: a note, no warning.
SLIGHT = "80,80,40"
CONFIG = """\
loci: {SNP: {alleles: A/C}}
models: [dominant, additive]
strata: {ethnicity: {groups: {European: [European], Asian: [Chinese]}}}
allele_frequency_by: ethnicity
"""


def table(*rows):
    return HEADER + "".join(
        f"{study},SNP,{population},{ethnicity},{group},{CASES},{controls}\n"
        for study, population, ethnicity, group, controls in rows
    )


def plain(**studies):
    return table(*((name, "", "", "", controls) for name, controls in studies.items()))


@pytest.fixture
def overall(make_pools):
    """The row of an analysis of the overall dominant pool."""

    def run(text, analysis, extra="", model="dominant"):
        rows = sensitivity_rows(make_pools(text, CONFIG + extra))
        key = ("overall", model, analysis)
        (row,) = [r for r in rows if (r["stratifier"], r["model"], r["analysis"]) == key]
        return row

    return run


def test_exactly_the_planted_departures_leave(make_pools):
    text = plain(A=KEPT, B=OUT, C=KEPT, D=SLIGHT, E=KEPT)
    pools = make_pools(text, CONFIG)
    rows = [r for r in sensitivity_rows(pools) if r["analysis"] == "without_hwe_departure"]
    assert [(row["model"], row["left_out"], row["k"]) for row in rows] == [
        ("dominant", "B; D", 3),
        ("additive", "B; D", 3),
    ]
    y, v = (array[0, [0, 2, 4]] for array in pools.pair)
    assert rows[0]["log_or"] == pytest.approx(float(pool(y, v).estimate), rel=1e-10)
    assert (rows[0]["n_cases"], rows[0]["n_controls"]) == (330, 600)


def test_the_threshold_is_the_configured_one(overall):
    text = plain(A=KEPT, B=OUT, C=KEPT, D=SLIGHT)
    assert (
        overall(text, "without_hwe_departure", "checks: {hwe: {note: 0.01}}\n")["left_out"] == "B"
    )
    row = overall(text, "without_hwe_departure", "checks: {hwe: off}\n")
    assert row["left_out"] == "B; D"
    assert "switched off: p < 0.05 is used" in row["reason"]


def test_with_few_expected_the_exact_p_decides(overall):
    # 26 people with 3 minor alleles: F = 0.646 and chi² = 26 F² = 10.9, p = 0.001; exactly, one
    # heterozygote rather than three has probability 2 × 26 × 25 / (52 choose 3) = 0.0588
    row = overall(plain(A=KEPT, B="24,1,1"), "without_hwe_departure")
    assert (row["left_out"], row["reason"]) == ("", "no study departs")


def test_nothing_departs_and_everything_departs(overall):
    none = overall(plain(A=KEPT, B=KEPT), "without_hwe_departure")
    assert (none["left_out"], none["reason"]) == ("", "no study departs")
    every = overall(plain(A=OUT, B=OUT), "without_hwe_departure")
    assert (every["left_out"], every["reason"]) == ("A; B", "every study departs")
    assert math.isnan(none["log_or"]) and math.isnan(every["log_or"]) and math.isnan(every["k"])


def test_mixed_ancestry_never_leaves(overall):
    parts = (
        ("M", "", "", "", "180,120,100"),
        ("M", "x", "European", "", OUT),
        ("M", "y", "Chinese", "", OUT),
    )
    text = table(("A", "", "European", "", KEPT), *parts, ("B", "", "", "", OUT))
    row = overall(text, "without_hwe_departure")
    assert (row["left_out"], row["k"]) == ("B", 2)
    assert "mixed ancestry is no reason to leave a study out: M" in row["reason"]


def test_shared_controls_count_for_all_of_their_rows(overall):
    text = table(
        ("A", "", "", "G", OUT),
        ("B", "", "", "G", OUT),
        ("C", "", "", "", KEPT),
        ("D", "", "", "", KEPT),
    )
    row = overall(text, "without_hwe_departure")
    assert (row["left_out"], row["k"]) == ("A; B", 2)


def test_studies_without_genotypes_are_said_not_to_be_tested(make_pools):
    reported = "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high\n"
    reported += "F,SNP,C,dominant,OR,1.5,1.1,2.05\n"
    pools = make_pools({"a.csv": plain(A=KEPT, B=KEPT), "b.csv": reported}, CONFIG)
    rows = {r["analysis"]: r for r in sensitivity_rows(pools) if r["model"] == "dominant"}
    said = "no study departs; 1 of 3 studies could not be tested"
    assert rows["without_hwe_departure"]["reason"] == said
    assert "2 of 3 studies are adjusted; as they are: F" in rows["hwe_adjusted"]["reason"]
    # the reported study enters with its own odds ratio, those with counts with the adjusted ones
    case, control = ([[40, 50, 20]] * 2, [[72, 96, 32]] * 2)
    y, v = equilibrium_log_odds_ratio(case, control, "dominant")
    own = [float(array[0, 2]) for array in pools.pair]
    expected = pool([*y, own[0]], [*v, own[1]])
    assert rows["hwe_adjusted"]["log_or"] == pytest.approx(float(expected.estimate), rel=1e-10)


def test_adjusted_and_without_are_those_of_the_array_function(make_pools):
    controls = {"A": KEPT, "B": OUT, "C": SLIGHT, "D": KEPT}
    pools = make_pools(plain(**controls), CONFIG.replace("additive", "recessive"))
    rows = sensitivity_rows(pools)
    numbers = [[int(n) for n in text.split(",")] for text in controls.values()]
    for model in ("dominant", "recessive"):
        expected = equilibrium_effect([[40, 50, 20]] * 4, numbers, model)
        of = {r["analysis"]: r for r in rows if r["model"] == model}
        for analysis, fit in (
            ("hwe_adjusted", expected.adjusted),
            ("without_hwe_departure", expected.without),
        ):
            assert of[analysis]["log_or"] == pytest.approx(float(fit.estimate), rel=1e-9)
            assert of[analysis]["se"] == pytest.approx(float(fit.se), rel=1e-9)


def test_controls_in_equilibrium_need_no_adjustment(overall):
    # exactly in equilibrium, the expected controls are the observed ones
    text = plain(A=KEPT, B=KEPT.replace("72,96,32", "144,192,64"))
    odds = (70 / 40) / (128 / 72)
    assert overall(text, "hwe_adjusted")["or"] == pytest.approx(odds, rel=1e-9)


def test_mixed_ancestry_is_not_adjusted(overall):
    text = table(
        ("A", "", "European", "", KEPT),
        ("M", "", "", "", "180,120,100"),
        ("M", "x", "European", "", OUT),
        ("M", "y", "Chinese", "", OUT),
    )
    assert "1 of 2 studies are adjusted; as they are: M" in overall(text, "hwe_adjusted")["reason"]


def test_divided_controls_have_the_variance_of_their_share(make_pools):
    text = table(("A", "", "", "G", KEPT), ("B", "", "", "G", KEPT))
    rows = sensitivity_rows(make_pools(text, CONFIG + "pooling: {tau2: EE}\n"))
    (row,) = [r for r in rows if r["analysis"] == "hwe_adjusted" and r["model"] == "dominant"]
    y, v = equilibrium_log_odds_ratio([40, 50, 20], [36, 48, 16], "dominant")
    assert row["log_or"] == pytest.approx(float(y), rel=1e-10)
    assert row["se"] == pytest.approx(float(np.sqrt(v / 2)), rel=1e-10)


def test_the_additive_model_has_no_expected_controls(overall):
    row = overall(plain(A=KEPT, B=KEPT), "hwe_adjusted", model="additive")
    assert "additive model" in row["reason"] and math.isnan(row["log_or"])


@pytest.mark.parametrize(
    ("method", "used"),
    [("mantel-haenszel", "inverse-variance"), ("UM.FS", "inverse-variance"), ("bayes", "bayes")],
)
def test_methods_of_counts_pool_adjusted_odds_ratios_by_inverse_variance(make_pools, method, used):
    config = CONFIG.replace(", additive", "") + f"pooling: {{method: {method}}}\n"
    rows = sensitivity_rows(make_pools(plain(A=KEPT, B=OUT, C=KEPT), config))
    (row,) = [row for row in rows if row["analysis"] == "hwe_adjusted"]
    assert (row["method"], row["k"]) == (used, 3) and row["se"] > 0
