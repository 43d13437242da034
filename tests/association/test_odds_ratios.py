"""2×2 odds ratios and the six genetic models that have them, against metafor and meta."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from genopool.association.counts import STATUS_TEXT
from genopool.association.models import MODELS, two_by_two_margins
from genopool.association.odds_ratios import (
    genotype_log_odds_ratio,
    log_odds_ratio,
    robust_allelic_variance,
    two_by_two,
)

TESTS = Path(__file__).parents[1]
CASES = json.loads((TESTS / "reference" / "metafor.json").read_text())["cases"]
TABLES = {
    "il8_zhang2015": ("il8_zhang2015.csv", ("AA", "AT", "TT")),
    "casp8_frank2008": ("casp8_frank2008.csv", ("II", "ID", "DD")),
}

#: metafor.json holds 12 significant digits.
RTOL_REFERENCE = 1e-11
#: The same sums in another order.
RTOL_EXACT = 1e-13


def genotypes(name):
    file, order = TABLES[name]
    with (TESTS / "data" / file).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    groups = [
        np.array([[int(row[f"{group}_{genotype}"]) for genotype in order] for row in rows])
        for group in ("cases", "controls")
    ]
    return (*groups, np.array([row["ethnicity"] for row in rows]))


def cells(case):
    names = ("case_exposed", "case_unexposed", "control_exposed", "control_unexposed")
    return [np.array(case["table"][name]) for name in names]


def status_texts(table):
    return [STATUS_TEXT[code] for code in np.ravel(table.status).tolist()]


def naive(a, b, c, d, correction):
    """Ten obvious lines: only0, double zeros dropped."""
    out = []
    for w, x, y, z in zip(a, b, c, d, strict=True):
        if 0 in (w + x, y + z, w + y, x + z):
            out.append((np.nan, np.nan))
            continue
        k = correction if 0 in (w, x, y, z) else 0
        w, x, y, z = w + k, x + k, y + k, z + k
        out.append((np.log(w * z / (x * y)), 1 / w + 1 / x + 1 / y + 1 / z))
    return np.array(out).T


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_metafor(name):
    case = CASES[name]
    options = case["zero_cells"]
    log_or, variance = log_odds_ratio(
        *cells(case),
        correction=options["add"],
        apply=options["to"],
        drop_double_zero=options["drop00"],
    )
    # An odds ratio of 1 is 0 in both.
    np.testing.assert_allclose(log_or, np.array(case["log_or"], float), rtol=RTOL_REFERENCE)
    np.testing.assert_allclose(variance, np.array(case["variance"], float), rtol=RTOL_REFERENCE)


@pytest.mark.parametrize("name", [name for name in CASES if "." in name])
def test_model_margins_are_those_given_to_metafor(name):
    table, model = name.split(".")
    cases, controls, _ = genotypes(table)
    margins = two_by_two_margins(cases, controls, model)
    for ours, theirs in zip(margins, cells(CASES[name]), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_every_two_by_two_model_is_pinned_by_both_published_tables():
    pinned = {tuple(name.split(".")) for name in CASES if "." in name}
    expected = {(table, model) for table in TABLES for model in MODELS if model != "additive"}
    assert pinned == expected


def test_il8_totals_are_those_of_the_paper():
    # Zhang et al. 2015, Int J Clin Exp Med 8:22393, abstract: 5,286 cases and 8,000 controls.
    cases, controls, _ = genotypes("il8_zhang2015")
    assert (cases.sum(), controls.sum()) == (5286, 8000)


def test_casp8_per_allele_rounds_to_the_published_odds_ratio():
    # Frank et al. 2008 print 0.97 (0.93-1.02); these counts' own limits are 0.925 and 1.012.
    cases, controls, _ = genotypes("casp8_frank2008")
    log_or, variance = genotype_log_odds_ratio(cases, controls, "additive")
    weights = 1 / variance
    mean, se = np.average(log_or, weights=weights), weights.sum() ** -0.5
    low, middle, high = np.exp(mean + np.array([-1, 0, 1]) * 1.959963984540054 * se)
    assert round(middle, 2) == 0.97
    assert (round(low, 3), round(high, 3)) == (0.925, 1.012)
    assert (round(low, 2), round(high, 2)) != (0.93, 1.02)


@pytest.mark.parametrize("group", ["overall", "Asian", "European"])
@pytest.mark.parametrize(
    "model", ["allelic", "dominant", "recessive", "homozygous", "heterozygous"]
)
def test_il8_pattern_of_significance(model, group):
    # The abstract: significant overall and in Asians, not in Europeans, with A as effect
    # allele. DerSimonian-Laird with Wald limits, written out here.
    cases, controls, ethnicity = genotypes("il8_zhang2015")
    chosen = np.full(len(cases), True) if group == "overall" else ethnicity == group
    y, v = genotype_log_odds_ratio(cases[chosen][:, ::-1], controls[chosen][:, ::-1], model)
    w = 1 / v
    q = (w * (y - np.average(y, weights=w)) ** 2).sum()
    tau2 = max(0, (q - (len(y) - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    w = 1 / (v + tau2)
    z = (w * y).sum() / w.sum() ** 0.5
    assert (abs(z) > 1.959963984540054) == (group != "European")


class TestZeroCells:
    # Studies: no zero, one zero, exposure absent, exposure universal, no cases, absent.
    A = np.array([10.0, 0, 0, 5, 0, np.nan])
    B = np.array([20.0, 8, 9, 0, 0, 1])
    C = np.array([5.0, 3, 0, 7, 4, 2])
    D = np.array([25.0, 9, 9, 0, 6, 3])

    def table(self, **options):
        return two_by_two(self.A, self.B, self.C, self.D, **options)

    def test_every_study_has_a_status_that_says_its_fate(self):
        assert status_texts(self.table()) == [
            "used",
            "used",
            "double zero",
            "double zero",
            "no cases/controls in the genotypes compared",
            "absent",
        ]

    def test_only_used_studies_have_numbers(self):
        table = self.table()
        used = [True, True, False, False, False, False]
        assert np.isfinite(table.log_or).tolist() == used
        assert np.isfinite(table.variance).tolist() == used

    @pytest.mark.parametrize(
        ("apply", "added"),
        [
            ("only0", [0, 0.5, 0, 0, 0, 0]),
            ("if0all", [0.5, 0.5, 0, 0, 0, 0]),
            ("all", [0.5, 0.5, 0, 0, 0, 0]),
            ("none", [0, 0, 0, 0, 0, 0]),
        ],
    )
    def test_scope_of_the_correction(self, apply, added):
        np.testing.assert_array_equal(self.table(apply=apply).added, added)

    def test_none_drops_the_study_and_says_so(self):
        table = self.table(apply="none")
        assert np.isnan(table.log_or[1])
        assert "no correction" in status_texts(table)[1]

    def test_a_correction_of_zero_is_none(self):
        np.testing.assert_array_equal(
            self.table(correction=0).status, self.table(apply="none").status
        )

    def test_kept_double_zero(self):
        # escalc(add=1/2, to="only0", drop00=FALSE) on 0/9 and 0/9: log odds ratio 0 and
        # variance 2/0.5 + 2/9.5; 5/5 and 7/7: log(5.5 × 0.5 / (0.5 × 7.5)).
        table = self.table(drop_double_zero=False)
        np.testing.assert_allclose(table.log_or[2:4], [0, np.log(5.5 / 7.5)], rtol=RTOL_EXACT)
        np.testing.assert_allclose(
            table.variance[2:4], [4 + 2 / 9.5, 4 + 1 / 5.5 + 1 / 7.5], rtol=RTOL_EXACT
        )

    def test_a_study_without_cases_is_dropped_even_when_double_zeros_are_kept(self):
        assert status_texts(self.table(drop_double_zero=False))[4].startswith("no cases")

    def test_a_dropped_study_corrects_no_other(self):
        table = two_by_two([10, 0], [20, 9], [5, 0], [25, 9], apply="if0all")
        np.testing.assert_array_equal(table.added, [0, 0])
        kept = two_by_two([10, 0], [20, 9], [5, 0], [25, 9], apply="if0all", drop_double_zero=False)
        np.testing.assert_array_equal(kept.added, [0.5, 0.5])

    def test_if0all_acts_within_one_pooled_set(self):
        table = two_by_two([[1, 2], [0, 2]], [[3, 3]], [[4, 4]], [[5, 5]], apply="if0all")
        np.testing.assert_array_equal(table.added, [[0, 0], [0.5, 0.5]])

    def test_treatment_arm_adds_what_meta_adds(self):
        # R's meta, incr="TACC", 100 cases and 50 controls: 2/3 and 1/3.
        table = two_by_two(0, 100, 10, 40, correction="treatment-arm")
        np.testing.assert_allclose([table.added, table.added_controls], [2 / 3, 1 / 3])
        expected = np.log((2 / 3) * (40 + 1 / 3) / ((100 + 2 / 3) * (10 + 1 / 3)))
        np.testing.assert_allclose(table.log_or, expected, rtol=RTOL_EXACT)

    def test_random_tables_with_zeros_against_the_naive_twin(self):
        rng = np.random.default_rng(20)
        tables = rng.integers(0, 4, (4, 500))
        ours = log_odds_ratio(*tables, correction=0.3)
        np.testing.assert_allclose(ours, naive(*tables, 0.3), rtol=1e-12, atol=1e-15)

    def test_divided_controls_may_be_fractions(self):
        log_or, variance = log_odds_ratio(3, 4, 2.5, 7 / 3)
        np.testing.assert_allclose(log_or, np.log(3 * (7 / 3) / (4 * 2.5)), rtol=RTOL_EXACT)
        np.testing.assert_allclose(variance, 1 / 3 + 1 / 4 + 0.4 + 3 / 7, rtol=RTOL_EXACT)

    def test_an_empty_set_of_studies_gives_an_empty_answer(self):
        log_or, variance = log_odds_ratio([], [], [], [], apply="if0all")
        assert log_or.shape == variance.shape == (0,)


class TestErrors:
    @pytest.mark.parametrize("bad", [-1, np.inf, -np.inf])
    def test_a_count_that_is_none_is_named_with_its_index(self, bad):
        with pytest.raises(ValueError, match=r"c\[1, 0\].*finite and not negative"):
            two_by_two(1, 1, [[1, 1], [bad, 1]], 1)

    @pytest.mark.parametrize("correction", [-0.5, np.nan, np.inf, "treatment_arm"])
    def test_an_impossible_correction(self, correction):
        with pytest.raises(ValueError, match="treatment-arm"):
            two_by_two(1, 1, 1, 1, correction=correction)

    def test_an_unknown_scope_lists_the_known_ones(self):
        with pytest.raises(ValueError, match=r"only0, if0all, all, none.*mean 'only0'"):
            two_by_two(1, 1, 1, 1, apply="only")

    def test_an_unknown_model_lists_the_known_ones(self):
        with pytest.raises(ValueError, match=r"allelic, additive.*mean 'dominant'"):
            genotype_log_odds_ratio([[1, 2, 3]], [[1, 2, 3]], "dominnat")

    def test_an_unknown_variance_lists_the_known_ones(self):
        with pytest.raises(ValueError, match="multinomial, robust"):
            genotype_log_odds_ratio([[1, 2, 3]], [[1, 2, 3]], "allelic", variance="hwe")

    def test_the_additive_model_has_no_margins(self):
        with pytest.raises(ValueError, match="no 2×2 table"):
            two_by_two_margins([1, 2, 3], [1, 2, 3], "additive")

    def test_two_genotypes_are_not_three(self):
        with pytest.raises(ValueError, match="last axis"):
            two_by_two_margins([1, 2], [1, 2], "dominant")


def test_a_blank_genotype_removes_only_the_models_that_need_it():
    cases, controls = [10, np.nan, 5], [20, 30, 10]
    needs_heterozygotes = {"allelic", "dominant", "recessive", "heterozygous", "overdominant"}
    for model in MODELS:
        log_or, _ = genotype_log_odds_ratio([cases], [controls], model)
        assert np.isnan(log_or[0]) == (model in needs_heterozygotes | {"additive"})


class TestRobustAllelicVariance:
    def test_is_the_usual_one_in_hardy_weinberg_equilibrium(self):
        # 0.3² : 2 × 0.3 × 0.7 : 0.7² of 1000, and 1 : 2 : 1.
        cases, controls = [[90, 420, 490]], [[25, 50, 25]]
        _, usual = genotype_log_odds_ratio(cases, controls, "allelic")
        _, robust = genotype_log_odds_ratio(cases, controls, "allelic", variance="robust")
        np.testing.assert_allclose(robust, usual, rtol=RTOL_EXACT)

    def test_is_the_formula_of_the_rules(self):
        rng = np.random.default_rng(4)
        groups = rng.integers(1, 90, (2, 200, 3))
        expected = 0
        for n0, n1, n2 in (group.T for group in groups):
            n = n0 + n1 + n2
            p = (2 * n2 + n1) / (2 * n)
            expected = expected + ((4 * n2 + n1) / n - 4 * p**2) / (4 * n * p**2 * (1 - p) ** 2)
        _, robust = genotype_log_odds_ratio(*groups, "allelic", variance="robust")
        np.testing.assert_allclose(robust, expected, rtol=1e-11)

    def test_is_the_variance_of_simulated_samples_out_of_equilibrium(self):
        # 20,000 multinomial samples; the empirical variance has a relative error of 1%.
        rng = np.random.default_rng(5)
        cases = rng.multinomial(400, [0.6, 0.1, 0.3], 20_000)
        controls = rng.multinomial(600, [0.5, 0.2, 0.3], 20_000)
        log_or, robust = genotype_log_odds_ratio(cases, controls, "allelic", variance="robust")
        _, usual = genotype_log_odds_ratio(cases, controls, "allelic")
        np.testing.assert_allclose(robust.mean(), log_or.var(), rtol=0.04)
        assert usual.mean() < 0.7 * log_or.var()

    def test_a_correction_adds_as_much_to_both_alleles(self):
        # No effect allele in cases: 0.5 more of each allele, with a quarter, half and a
        # quarter of half a person.
        cases, controls = [[20, 0, 0]], [[10, 8, 2]]
        log_or, robust = genotype_log_odds_ratio(cases, controls, "allelic", variance="robust")
        usual, _ = genotype_log_odds_ratio(cases, controls, "allelic")
        np.testing.assert_allclose(log_or, usual, rtol=RTOL_EXACT)
        expected = robust_allelic_variance([20.125, 0.25, 0.125], [10.125, 8.25, 2.125])
        np.testing.assert_allclose(robust, expected, rtol=RTOL_EXACT)

    def test_heterozygotes_alone_leave_no_variance(self):
        log_or, robust = genotype_log_odds_ratio(
            [[0, 9, 0]], [[0, 7, 0]], "allelic", variance="robust"
        )
        assert np.isnan(log_or).all() and np.isnan(robust).all()

    @pytest.mark.parametrize("model", [model for model in MODELS if model != "allelic"])
    def test_other_models_need_no_equilibrium(self, model):
        counts = [[30, 5, 20]], [[25, 9, 40]]
        np.testing.assert_array_equal(
            genotype_log_odds_ratio(*counts, model, variance="robust"),
            genotype_log_odds_ratio(*counts, model),
        )
