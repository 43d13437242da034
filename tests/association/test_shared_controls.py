"""Controls that several rows share are counted once."""

import math

import pytest

from genopool.analysis import analyse_locus
from genopool.config import load
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

HEADER = "study,locus,population,arm,control_group,"
HEADER += "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
CONFIG = "loci: {SNP: {alleles: A/C}, TWO: {alleles: A/C}}\nstrata: {arm: {}}\n"
ARMS = "S,SNP,one,one,G,10,20,30,60,60,30\nS,SNP,two,two,G,15,25,20,60,60,30\n"
ARMS += "S,SNP,three,three,G,5,5,40,60,60,30\n"


@pytest.fixture
def analyse(make_project):
    def run(rows, extra="", locus="SNP", header=HEADER):
        project = load(make_project({"a.csv": header + rows}, CONFIG + extra).source)
        tables = read_studies(project)
        assert not errors(tables.findings), errors(tables.findings)
        return analyse_locus(project.config, locus, tables)

    return run


def effects(results, model="dominant", stratifier="overall"):
    return [r for r in results.effects if (r["model"], r["stratifier"]) == (model, stratifier)]


def pooled(results, model="dominant", stratum="all"):
    (row,) = [r for r in results.pooled if (r["model"], r["stratum"]) == (model, stratum)]
    return row


def test_three_arms_have_a_third_of_the_controls_each(analyse):
    results = analyse(ARMS)
    for row, (exposed, unexposed) in zip(
        effects(results), [(50, 10), (45, 15), (45, 5)], strict=True
    ):
        assert (row["control_exposed"], row["control_unexposed"]) == (30, 20)
        assert row["se"] ** 2 == pytest.approx(1 / exposed + 1 / unexposed + 1 / 30 + 1 / 20)
    row = pooled(results)
    assert (row["k"], row["k_studies"], row["n_cases"], row["n_controls"]) == (3, 1, 170, 150)


def test_each_stratum_has_all_of_them(analyse):
    results = analyse(ARMS)
    assert [r["control_exposed"] for r in effects(results, stratifier="arm")] == [90] * 3
    assert pooled(results, stratum="two")["n_controls"] == 150
    (test,) = [r for r in results.strata if r["model"] == "dominant"]
    assert "share the controls G" in test["reason"]


def test_three_arms_combined_are_one_row(analyse):
    row = pooled(analyse(ARMS, "shared_controls: combine\n"))
    assert (row["k"], row["n_cases"], row["n_controls"]) == (1, 170, 150)
    assert row["or"] == pytest.approx(140 * 60 / (30 * 90))


def test_a_zero_stays_a_zero_when_it_is_divided(analyse):
    rows = "S,SNP,one,,G,10,20,30,60,60,0\nS,SNP,two,,G,15,25,20,60,60,0\n"
    for row in effects(analyse(rows), "recessive"):
        assert (row["control_exposed"], row["correction"]) == (0, 0.5)
        a, b = row["case_exposed"], row["case_unexposed"]
        assert row["or"] == pytest.approx((a + 0.5) * 60.5 / ((b + 0.5) * 0.5))


def test_a_group_of_one_locus_says_nothing_of_another(analyse):
    rows = ARMS.splitlines()[0] + "\n" + "T,TWO,,,G,15,25,20,30,30,15\n"
    for locus, controls in (("SNP", 90), ("TWO", 45)):
        (row,) = effects(analyse(rows, locus=locus))
        assert row["control_exposed"] == controls


def test_alleles_are_divided_too(analyse):
    header = "study,locus,control_group,cases_A,cases_C,controls_A,controls_C\n"
    rows = "S,SNP,G,10,20,30,40\nT,SNP,G,20,20,30,40\n"
    results = analyse(rows, header=header)
    assert [r["control_exposed"] for r in effects(results, "allelic")] == [20, 20]
    assert pooled(results, "allelic")["n_controls"] == 35


def test_hardy_weinberg_has_the_undivided_controls_once(analyse):
    (row,) = analyse(ARMS).hwe
    assert (row["n0"], row["n1"], row["n2"]) == (60, 60, 30)


def test_a_row_that_overlaps_leaves_before_controls_are_divided(analyse):
    header = HEADER.replace("arm,", "overlaps,")
    rows = "S,SNP,,,G,10,20,30,60,60,30\nT,SNP,,S,G,15,25,40,60,60,30\n"
    results = analyse(rows, header=header)
    (kept,) = [r for r in effects(results) if r["used"] == "yes"]
    assert (kept["study"], kept["control_exposed"]) == ("T", 90)


def test_additive_with_divided_controls_weighs_them_less(analyse):
    alone = effects(analyse(ARMS.splitlines()[0] + "\n"), "additive")[0]
    shared = effects(analyse(ARMS), "additive")[0]
    assert shared["control_n0"] == 20 and shared["se"] > alone["se"]
    assert not math.isnan(shared["log_or"])
