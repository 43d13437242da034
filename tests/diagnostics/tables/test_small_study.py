"""small_study.tsv: every pool's tests against R, and a reason wherever there is none."""

import random

import numpy as np
import pytest

from genopool.analysis import analyse_locus
from genopool.diagnostics.small_study import STANDARD_TESTS, TESTS
from genopool.diagnostics.tables.columns import SMALL_STUDY_COLUMNS
from genopool.diagnostics.tables.pools import pools_of
from genopool.diagnostics.tables.small_study import chosen_tests, small_study_rows
from genopool.studies.reading import read_studies
from genopool.tables import write_rows

DOMINANT = "loci: {SNP: {alleles: A/C}}\nmodels: [dominant]\n"
ALL_MODELS = "loci: {IL8_-251A-T: {alleles: A/T}}\nstrata: {ethnicity: {}}\n"
HEADER = "study,locus,cases_AC+CC,cases_AA,controls_AC+CC,controls_AA"


@pytest.fixture
def rows_of(make_project):
    """The rows of a project of one locus, from the text of its table."""

    def make(table, config=DOMINANT):
        project = make_project({"a.csv": table}, config)
        (locus,) = project.config.loci
        results = analyse_locus(project.config, locus, read_studies(project))
        return small_study_rows(pools_of(project.config, locus, results))

    return make


@pytest.fixture
def il8(repository):
    return (repository / "tests" / "data" / "il8_zhang2015.csv").read_text()


def table_of(case):
    studies = enumerate(zip(*case.table, strict=True))
    return "\n".join([HEADER, *(f"S{i},SNP,{','.join(f'{x:.0f}' for x in c)}" for i, c in studies)])


def overall(rows, model="dominant"):
    return {r["test"]: r for r in rows if (r["model"], r["stratifier"]) == (model, "overall")}


def agree_with_r(rows, reference):
    for name in ("harbord", "peters", "deeks", "macaskill", "schwarzer"):
        expected = reference[f"bias_{name}"]
        assert rows[name]["statistic"] == pytest.approx(expected["statistic"], rel=1e-6, abs=1e-8)
        assert rows[name]["p_value"] == pytest.approx(expected["p_value"], rel=1e-5), name
    filled = reference["trim_and_fill_reml_L0"]
    row = rows[f"trim_and_fill_L0_{filled['side']}"]
    assert row["k_filled"] == filled["k0"]
    # metafor stops its REML at 1e-5
    assert row["adjusted_log_or"] == pytest.approx(filled["estimate"], rel=1e-3)


def test_bcg_through_a_project_agrees_with_r(rows_of, reference_case):
    bcg = reference_case("bcg")
    rows = rows_of(table_of(bcg))
    assert [row["test"] for row in rows] == list(STANDARD_TESTS)
    agree_with_r(overall(rows), bcg.reference)
    assert all(row["k"] == 13 and set(row) - {"reason"} <= set(SMALL_STUDY_COLUMNS) for row in rows)


def test_il8_through_a_project_agrees_with_r_in_every_model(rows_of, il8, reference_case):
    rows = rows_of(il8, ALL_MODELS)
    for model in ("allelic", "dominant", "recessive", "homozygous", "heterozygous", "overdominant"):
        agree_with_r(overall(rows, model), reference_case(f"il8_zhang2015.{model}").reference)


def test_one_test_of_each_pool_is_recommended(rows_of, il8, reference_case):
    """By tau² alone: 0.34 of the BCG trials, 0.04 and less of IL-8."""
    for config in (DOMINANT, DOMINANT + "pooling: {tau2: EE}\n"):
        rows = rows_of(table_of(reference_case("bcg")), config)
        assert [r["test"] for r in rows if r["recommended"] == "yes"] == ["ruecker"]
    rows = rows_of(il8, ALL_MODELS)
    assert [r["test"] for r in overall(rows).values() if r["recommended"] == "yes"] == ["harbord"]


def test_equal_effects_do_not_take_tau2_out_of_tests_that_allow_for_it(rows_of, reference_case):
    table = table_of(reference_case("bcg"))
    equal = overall(rows_of(table, DOMINANT + "pooling: {tau2: EE}\n"))
    reml = overall(rows_of(table))
    for name in ("ruecker", "thompson", "egger_mixed"):
        assert equal[name]["p_value"] == reml[name]["p_value"]
    assert "above 0.1" in equal["harbord"]["caution"]
    left = [overall_rows["trim_and_fill_L0_left"]["ci_low"] for overall_rows in (equal, reml)]
    assert left[0] != left[1]


def test_alleles_are_not_people(rows_of, il8):
    rows = rows_of(il8, ALL_MODELS)
    for model, has in (("allelic", True), ("additive", True), ("dominant", False)):
        of_model = overall(rows, model)
        assert ("counted as if they were people" in of_model["harbord"]["caution"]) == has
        assert "counted as if they were people" not in of_model["egger"]["caution"]


def test_fewer_than_three_studies_have_one_row_with_the_reason(rows_of):
    (row,) = rows_of(f"{HEADER}\nA,SNP,10,20,30,40\nB,SNP,15,20,30,41\n")
    assert (row["test"], row["k"], row["recommended"]) == ("all", 2, "no")
    assert row["reason"] == "fewer than three studies: nothing can be told from a funnel"
    assert "fewer than 10 studies" in row["caution"]


def test_few_studies_never_get_a_bare_p(rows_of, il8):
    rows = rows_of(il8, ALL_MODELS)
    few = [row for row in rows if row["k"] < 10]
    assert len(few) > 100  # Europeans: nine studies
    assert all("fewer than 10 studies" in row["caution"] for row in few)
    assert not any("fewer than 10 studies" in row["caution"] for row in rows if row["k"] >= 10)


def test_reported_odds_ratios_have_no_counts_to_test(rows_of):
    table = "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high\n" + "".join(
        f"S{i},SNP,C,dominant,OR,{text}\n"
        for i, text in enumerate(("1.0,0.5,2.0", "1.2,0.8,1.8", "1.5,1.0,2.25", "2.0,0.5,8.0"))
    )
    rows = overall(rows_of(table))
    for name in ("harbord", "peters", "ruecker", "deeks", "schwarzer", "macaskill"):
        assert rows[name]["reason"] == "no study gives counts, which this test needs"
        assert np.isnan(rows[name]["p_value"]) and rows[name]["recommended"] == "no"
    assert rows["egger_mixed"]["recommended"] == "yes" and rows["egger_mixed"]["p_value"] < 1


def test_shared_controls_leave_out_what_needs_whole_counts(rows_of):
    header = HEADER.replace("locus", "locus,control_group")
    rows = overall(
        rows_of(
            f"{header}\nA,SNP,x,10,21,31,41\nB,SNP,x,15,20,31,41\nC,SNP,,50,90,40,95\n"
            "D,SNP,,22,41,30,44\n"
        )
    )
    assert rows["schwarzer"]["reason"] == "counts are not whole (controls are shared between rows)"
    cells = [[10, 21, 15.5, 20.5], [15, 20, 15.5, 20.5], [50, 90, 40, 95], [22, 41, 30, 44]]
    a, b, c, d = np.transpose(cells)
    n, cases, exposed = a + b + c + d, a + b, a + c
    z = a - cases * exposed / n
    root = np.sqrt(cases * (n - cases) * exposed * (n - exposed) / (n * n * (n - 1)))
    design = np.column_stack([root, np.ones(4)])
    (_, slope), rest, *_ = np.linalg.lstsq(design, z / root, rcond=None)
    se = np.sqrt(np.linalg.inv(design.T @ design)[1, 1] * rest[0] / 2)
    assert rows["harbord"]["statistic"] == pytest.approx(slope / se, rel=1e-9)


def test_only_trim_and_fill_fills(rows_of, il8):
    for row in rows_of(il8, ALL_MODELS):
        fills = row["test"].startswith("trim_and_fill") and not row["reason"]
        assert (row["k_filled"] is not None) == fills


@pytest.mark.parametrize(
    ("chosen", "tests"),
    [
        (("small_study",), STANDARD_TESTS),
        (("verdict",), STANDARD_TESTS),
        (("copas",), ("copas",)),
        (("selection_models",), ("step_selection", "beta_selection")),
        (("small_study", "selection_models", "copas"), TESTS),
    ],
)
def test_models_fitted_by_search_are_asked_for(chosen, tests):
    assert chosen_tests(chosen) == tests


@pytest.mark.parametrize("method", ["mantel-haenszel", "peto", "exact", "UM.FS", "bayes"])
def test_every_method_of_pooling_has_its_studies_tested(method, rows_of, reference_case):
    bcg = reference_case("bcg")
    table = table_of(bcg).split("\n")[:6]
    rows = overall(rows_of("\n".join(table), DOMINANT + f"pooling: {{method: {method}}}\n"))
    assert set(rows) == set(STANDARD_TESTS)
    plain = overall(rows_of("\n".join(table)))
    assert rows["harbord"]["p_value"] == plain["harbord"]["p_value"]


def test_the_order_of_rows_does_not_matter(rows_of, il8, tmp_path):
    lines = il8.splitlines()
    shuffled = [lines[0], *random.Random(3).sample(lines[1:], len(lines) - 1)]
    texts = []
    for table in (il8, "\n".join(shuffled)):
        write_rows(tmp_path / "x.tsv", SMALL_STUDY_COLUMNS, rows_of(table, ALL_MODELS))
        texts.append((tmp_path / "x.tsv").read_text())
    assert texts[0] == texts[1]


@pytest.mark.parametrize("pooling", ["tau2: EE", "tau2: REML", "method: peto"])
@pytest.mark.parametrize(
    "cells",
    [
        ["10,20,30,40"] * 6,
        ["0,5,0,9", "0,4,1,9", "3,0,0,8", "0,5,0,9", "2,2,2,2"],
        ["100000,200000,300000,400000", "1,1,1,1", "5,3,2,9", "1,0,0,1"],
    ],
    ids=["identical", "zeros", "unequal"],
)
def test_every_row_has_an_answer_or_a_reason(cells, pooling, rows_of):
    table = HEADER + "\n" + "\n".join(f"S{i},SNP,{text}" for i, text in enumerate(cells))
    rows = rows_of(table, DOMINANT + f"diagnostics: full\npooling: {{{pooling}}}\n")
    assert rows
    for row in rows:
        answer = np.isfinite([row.get(name, np.nan) for name in ("p_value", "adjusted_log_or")])
        assert answer.any() != bool(row["reason"]), row
