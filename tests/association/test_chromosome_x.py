"""Chromosome X: men with one allele beside women with two."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from genopool.analysis import analyse_locus
from genopool.association.additive import additive_log_odds_ratio
from genopool.association.chromosome_x import additive_in_men
from genopool.config import load
from genopool.figures.drawing import frequency_range
from genopool.figures.forest_analysis import Analysis
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

CONFIG = """\
loci: {SNP: {alleles: A/C, chromosome: X}}
strata: {sex: {}}
"""
HEADER = "study,locus,sex,cases_A,cases_C,cases_AA,cases_AC,cases_CC,"
HEADER += "controls_A,controls_C,controls_AA,controls_AC,controls_CC\n"
MEN = "S,SNP,male,120,80,,,,140,60,,,\n"
WOMEN = "S,SNP,female,,,60,90,50,,,80,95,30\n"
EMPTY = "no cases/controls in the genotypes compared"
# statsmodels stops when the log-likelihood changes by less than 1e-8
BY_LOGISTIC = 1e-6


@pytest.fixture
def analyse(make_project):
    def run(rows, header=HEADER, config=CONFIG, locus="SNP"):
        project = load(make_project({"a.csv": header + rows}, config).source)
        tables = read_studies(project)
        assert not errors(tables.findings), errors(tables.findings)
        return analyse_locus(project.config, locus, tables)

    return run


def effect(results, model, population, stratifier="overall"):
    (row,) = [
        r
        for r in results.effects
        if (r["model"], r["population"], r["stratifier"]) == (model, population, stratifier)
    ]
    return row


def logistic(cases, controls, copies):
    """Slope and its standard error, one record a person."""
    x = np.repeat([*copies, *copies], [*cases, *controls])
    y = np.repeat([1, 0], [sum(cases), sum(controls)])
    fit = sm.Logit(y, sm.add_constant(x)).fit(disp=False, tol=1e-12)
    return fit.params[1], fit.bse[1]


def test_additive_is_the_logistic_slope_on_0_and_2_copies(analyse):
    results = analyse(MEN + WOMEN)
    for population, counts in (
        ("male", ((120, 80), (140, 60), (0, 2))),
        ("female", ((60, 90, 50), (80, 95, 30), (0, 1, 2))),
    ):
        row = effect(results, "additive", population)
        slope, se = logistic(*counts)
        assert row["log_or"] == pytest.approx(slope, rel=BY_LOGISTIC)
        assert row["se"] == pytest.approx(se, rel=BY_LOGISTIC)


def test_additive_in_men_is_half_their_log_odds_ratio(analyse):
    row = effect(analyse(MEN), "additive", "")
    log_or = math.log(80 * 140 / (120 * 60))
    assert row["log_or"] == pytest.approx(log_or / 2, rel=1e-12)
    assert row["se"] == pytest.approx(math.sqrt(1 / 80 + 1 / 120 + 1 / 60 + 1 / 140) / 2, rel=1e-12)
    assert [row[f"case_n{copies}"] for copies in range(3)] == [120, 0, 80]


@pytest.mark.parametrize(
    ("men", "correction"),
    [((10, 20, 15, 0), 0.5), ((0, 20, 15, 30), 0.5), ((10, 0, 0, 30), 0.5), ((10, 9, 8, 7), 0)],
)
def test_a_zero_of_men_is_corrected_in_their_four_counts(analyse, men, correction):
    a, b, c, d = men  # cases A and C, controls A and C
    row = effect(analyse(f"S,SNP,male,{a},{b},,,,{c},{d},,,\n"), "additive", "")
    a, b, c, d = (count + correction for count in men)
    assert row["correction"] == correction
    assert row["log_or"] == pytest.approx(math.log(b * c / (a * d)) / 2)
    assert row["se"] ** 2 == pytest.approx((1 / a + 1 / b + 1 / c + 1 / d) / 4)


@pytest.mark.parametrize("men", ["10,0,,,,20,0,,,", "0,0,,,,20,10,,,"])
def test_men_who_tell_nothing_are_dropped(analyse, men):
    row = effect(analyse(f"S,SNP,male,{men}\n"), "additive", "")
    assert row["used"] == "no" and row["reason"] in ("double zero", EMPTY)


def test_an_infinite_slope_is_dropped_where_nothing_is_corrected(analyse):
    config = CONFIG + "pooling: {zero_cells: {apply: none}}\n"
    row = effect(analyse("S,SNP,male,10,20,,,,15,0,,,\n", config=config), "additive", "")
    assert row["used"] == "no" and "infinite" in row["reason"]


def test_the_slope_of_men_is_that_of_the_additive_model_without_zeros():
    cases, controls = np.array([[120.0, 0, 80], [3, 0, 9]]), np.array([[140.0, 0, 60], [8, 0, 2]])
    men = additive_in_men(cases, controls)
    general = additive_log_odds_ratio(cases, controls)
    np.testing.assert_allclose(men.log_or, general.log_or, rtol=1e-11)
    np.testing.assert_allclose(men.variance, general.variance, rtol=1e-11)


def test_allelic_counts_a_man_as_one_chromosome(analyse):
    results = analyse(MEN + WOMEN)
    men, women = (effect(results, "allelic", population) for population in ("male", "female"))
    assert men["or"] == pytest.approx(80 * 140 / (120 * 60))
    assert men["se"] ** 2 == pytest.approx(1 / 80 + 1 / 120 + 1 / 60 + 1 / 140)
    assert women["or"] == pytest.approx(190 * 255 / (210 * 155))
    assert [(r["n_cases"], r["n_controls"]) for r in (men, women)] == [(200, 200), (200, 205)]


def test_people_are_counted_once_in_every_model(analyse):
    results = analyse(MEN + WOMEN)
    people = {
        r["model"]: (r["k"], r["k_studies"], r["n_cases"], r["n_controls"])
        for r in results.pooled
        if r["stratifier"] == "overall"
    }
    assert people["allelic"] == people["additive"] == (2, 1, 400, 405)
    assert people["dominant"] == people["recessive"] == people["overdominant"] == (1, 1, 200, 205)
    assert people["homozygous"] == (1, 1, 110, 110)


def test_men_enter_no_other_model_and_no_equilibrium_test(analyse):
    results = analyse(MEN + WOMEN)
    models = {
        r["model"] for r in results.effects if r["population"] == "male" and r["used"] == "yes"
    }
    assert models == {"allelic", "additive"}
    men, women = results.hwe
    assert "men have one allele" in men["reason"] and math.isnan(men["n0"])
    assert (women["n0"], women["n1"], women["n2"], women["reason"]) == (80, 95, 30, "")


def test_sexes_are_strata_that_are_compared(analyse):
    second = (MEN + WOMEN).replace("S,", "T,").replace("120,80", "110,90")
    results = analyse(MEN + WOMEN + second)
    k = {r["stratum"]: r["k"] for r in results.pooled if r["model"] == "allelic"}
    assert k == {"all": 4, "male": 2, "female": 2}
    (test,) = [r for r in results.strata if r["model"] == "allelic"]
    assert test["strata"] == 2 and test["p_value"] > 0


def test_women_given_by_alleles_are_an_allele_table(analyse):
    results = analyse("S,SNP,female,130,90,,,,180,96,,,\n")
    row = effect(results, "allelic", "")
    assert (row["n_cases"], row["n_controls"]) == (110, 138)
    assert effect(results, "additive", "")["reason"] == "gives chromosomes, not people"


def test_without_sex_alleles_are_pooled_without_people_and_genotypes_are_not(analyse):
    rows = "S,SNP,,130,90,,,,180,96,,,\nT,SNP,,,,60,90,50,,,80,95,30\n"
    results = analyse(rows)
    (row,) = [r for r in results.pooled if (r["model"], r["stratifier"]) == ("allelic", "overall")]
    assert (row["k"], row["k_without_n"]) == (1, 1) and math.isnan(row["n_cases"])
    reasons = {r["reason"] for r in results.effects if r["study"] == "T"}
    assert reasons == {"on chromosome X, and sex is not given"}
    assert {r["study"]: r["used"] for r in results.account} == {"S": "yes", "T": "no"}


def test_long_and_wide_tables_give_the_same_effects(analyse):
    header = "study,locus,sex,genotype,cases,controls\n"
    rows = "S,SNP,male,A,120,140\nS,SNP,male,C,80,60\n"
    rows += "S,SNP,female,AA,60,80\nS,SNP,female,AC,90,95\nS,SNP,female,CC,50,30\n"
    wide, long = analyse(MEN + WOMEN), analyse(rows, header)
    numbers = [
        [
            (r["population"], r["model"], r["log_or"], r["se"])
            for r in results.effects
            if r["used"] == "yes"
        ]
        for results in (wide, long)
    ]
    assert numbers[0] == numbers[1]


def test_a_third_allele_of_men_is_left_out_and_counted(analyse):
    config = "loci: {M: {kind: multiallelic, alleles: A/B/D, effect_alleles: [B], "
    config += "against: reference, chromosome: X}}\n"
    header = "study,locus,sex,genotype,cases,controls\n"
    rows = "S,M,male,A,10,20\nS,M,male,B,30,40\nS,M,male,D,5,6\n"
    results = analyse(rows, header, config, "M")
    row = effect(results, "allelic", "")
    assert row["or"] == pytest.approx(30 * 20 / (10 * 40)) and row["n_cases"] == 40
    (note,) = [f for f in results.findings if f.check == "third_allele"]
    assert "5 cases and 6 controls" in note.message


def test_repeats_of_men(analyse):
    config = 'loci: {AR: {kind: repeat, effect_alleles: ["<22"], chromosome: X}}\n'
    header = "study,locus,sex,genotype,cases,controls\n"
    rows = "S,AR,male,19,10,20\nS,AR,male,21,30,40\nS,AR,male,24,50,90\n"
    row = effect(analyse(rows, header, config, "AR"), "allelic", "")
    assert row["or"] == pytest.approx(40 * 90 / (50 * 60))


def test_figures_count_alleles_and_their_frequency(analyse):
    results = analyse(MEN + WOMEN)
    assert frequency_range(results.effects, "C", "additive") == (0.3, 155 / 410)
    chosen = [
        [r for r in rows if r["model"] == "allelic"]
        for rows in (results.effects, results.pooled, results.strata)
    ]
    analysis = Analysis(*chosen, stratifier="overall", question=None)
    assert analysis.alleles_of(analysis.whole) == (200 + 400, 200 + 410)


@pytest.mark.parametrize("chromosome", ["X", "x", "chrX", "23"])
def test_names_of_the_chromosome(analyse, chromosome):
    config = CONFIG.replace("chromosome: X", f"chromosome: {chromosome}")
    assert effect(analyse(MEN, config=config), "allelic", "")["n_cases"] == 200
