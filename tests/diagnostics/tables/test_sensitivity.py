"""`sensitivity.tsv`: against metafor, against one pool at a time, and by what a subset is."""

import math

import numpy as np
import pytest

from genopool import pool
from genopool.diagnostics.specification import specifications
from genopool.diagnostics.tables.columns import SENSITIVITY_COLUMNS
from genopool.diagnostics.tables.sensitivity import sensitivity_rows
from genopool.pooling.tables import POOLED_COLUMNS

#: As in tests/diagnostics/test_sensitivity.py: metafor refits REML at its default threshold.
ATOL_TAU2 = 2e-5
ATOL = 5e-5
HEADER = "study,locus,year,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
#: Controls in equilibrium: 64, 32, 4 is 0.8², 2 × 0.8 × 0.2, 0.2².
STUDIES = {
    "Adams": "2004,50,60,20,64,32,4",
    "Brown": "2001,70,50,10,128,64,8",
    "Clark": "2009,30,52,22,58,36,6",
    "Davis": "2001,44,49,18,192,96,12",
    "Evans": "2012,20,49,8,32,16,2",
}
CONFIG = "loci: {SNP: {alleles: A/C}}\nstrata: {place: {}}\n"
METHODS = ["mantel-haenszel", "peto", "exact", "UM.FS", "UM.RS", "CM.EL", "CM.AL", "bayes"]


def counts(studies, header=HEADER):
    return header + "".join(f"{name},SNP,{row}\n" for name, row in studies.items())


def of(rows, analysis, **key):
    wanted = {"stratifier": "overall", "analysis": analysis} | key
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def numbers(rows, name):
    return np.array([row[name] for row in rows], dtype=float)


def assert_same(one, other, names=POOLED_COLUMNS):
    """Whether two rows say the same, blanks being alike; sums of other widths round otherwise."""
    for name in names:
        expected = other[name]
        if not isinstance(expected, str):
            expected = pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)
        assert one[name] == expected, name


@pytest.fixture
def pools(make_pools):
    return make_pools(counts(STUDIES))


@pytest.mark.parametrize(
    ("analysis", "key"),
    [("leave_one_out", "leave_one_out_reml"), ("cumulative_year", "cumulative_reml")],
)
def test_agrees_with_metafor(case, pools_of_case, analysis, key):
    rows = of(sensitivity_rows(pools_of_case(case)), analysis)
    names = [f"S{i}" for i in np.flatnonzero(case.there)]
    assert [row["left_out"] or row["added"] for row in rows] == names
    for field, ours in (
        ("estimate", numbers(rows, "log_or")),
        ("ci_low", np.log(numbers(rows, "ci_low"))),
        ("ci_high", np.log(numbers(rows, "ci_high"))),
        ("tau2", numbers(rows, "tau2")),
    ):
        reference = case.of_studies(key, field)
        known = ~np.isnan(reference) & (numbers(rows, "k") > 1)
        tolerance = ATOL_TAU2 if field == "tau2" else ATOL
        assert known.any() and np.abs(ours - reference)[known].max() <= tolerance, field


def test_without_a_study_people_are_the_sum_less_its_own(make_pools):
    table = counts({name: f"{row},{'NS'[i % 2]}" for i, (name, row) in enumerate(STUDIES.items())})
    pools = make_pools(table.replace("CC\n", "CC,place\n"), CONFIG)
    rows = sensitivity_rows(pools)
    for i, whole in enumerate(pools.rows):
        key = {name: whole[name] for name in ("model", "stratifier", "stratum")}
        left = {row["left_out"]: row for row in of(rows, "leave_one_out", **key)}
        assert list(left) == pools.labels(i)
        for effect in pools.effects[i]:
            row = left[effect.study]
            assert row["k"] == row["k_studies"] == whole["k"] - 1
            assert row["n_cases"] == whole["n_cases"] - effect.n_cases
            assert row["n_controls"] == whole["n_controls"] - effect.n_controls
            assert (row["added"], row["k_double_zero"]) == ("", whole["k_double_zero"])
    assert len({(row["stratifier"], row["stratum"]) for row in rows}) == 3


def test_shared_controls_are_counted_once_and_combined_rows_stay_together(make_pools):
    header = HEADER.replace("year,", "year,control_group,")
    table = header + "".join(
        f"{name},SNP,2001,{group},{row}\n"
        for name, group, row in (
            ("A", "G", "50,60,20,64,32,4"),
            ("B", "G", "45,52,19,64,32,4"),
            ("C", "", "70,50,10,128,64,8"),
            ("D", "", "30,52,22,58,36,6"),
        )
    )
    divided = of(sensitivity_rows(make_pools(table)), "leave_one_out")
    assert {row["left_out"]: row["n_controls"] for row in divided} == {
        "A": 400,
        "B": 400,
        "C": 200,
        "D": 300,
    }
    combined = make_pools(table, CONFIG + "models: [dominant]\nshared_controls: combine\n")
    found = {row["left_out"]: row for row in of(sensitivity_rows(combined), "leave_one_out")}
    assert set(found) == {"A + B", "C", "D"}
    assert (found["C"]["k"], found["C"]["k_studies"]) == (2, 3)
    assert found["C"]["n_cases"] == 130 + 116 + 104


def test_dropped_studies_stay_dropped_and_corrected_ones_corrected(make_pools):
    studies = STUDIES | {"Nobody": "2003,50,0,0,70,0,0", "Zero": "2005,40,20,1,50,0,0"}
    rows = sensitivity_rows(make_pools(counts(studies)))
    left = {row["left_out"]: row for row in of(rows, "leave_one_out")}
    assert "Nobody" not in left
    assert {name: row["k_corrected"] for name, row in left.items()} == {
        name: 0 if name == "Zero" else 1 for name in [*STUDIES, "Zero"]
    }
    curve = [row for row in rows if row["analysis"].startswith("tau2=")]
    assert {row["k_double_zero"] for row in [*left.values(), *curve]} == {1}
    assert {(row["k"], row["k_corrected"]) for row in curve} == {(6, 1)}


def test_the_last_cumulated_pool_is_the_pool(pools):
    rows = sensitivity_rows(pools)
    for analysis in ("cumulative_year", "cumulative_precision"):
        found = of(rows, analysis)
        assert [row["k"] for row in found] == [1, 2, 3, 4, 5]
        assert_same(found[-1], pools.rows[0])


def test_years_tie_in_the_order_of_the_pool_and_precise_studies_come_first(pools):
    rows = sensitivity_rows(pools)
    years = [row["added"] for row in of(rows, "cumulative_year")]
    assert years == ["Brown", "Davis", "Adams", "Clark", "Evans"]
    precise = [row["added"] for row in of(rows, "cumulative_precision")]
    by_se = sorted(pools.effects[0], key=lambda effect: effect.se)
    assert precise == [effect.study for effect in by_se]


def test_a_missing_year_is_a_reason(make_pools):
    studies = STUDIES | {"Clark": ",30,52,22,58,36,6", "Davis": ",44,49,18,192,96,12"}
    (row,) = of(sensitivity_rows(make_pools(counts(studies))), "cumulative_year")
    assert row["reason"] == "2 of 5 studies have no year" and math.isnan(row["k"])


def test_leave_two_out_is_the_extreme_of_all_pairs(pools):
    rows = sensitivity_rows(pools)
    names, (y, v) = pools.labels(0), (array[0] for array in pools.pair)
    found = {}
    for i in range(5):
        for j in range(i):
            rest = [m for m in range(5) if m not in (i, j)]
            found[f"{names[j]}; {names[i]}"] = float(pool(y[rest], v[rest]).estimate)
    for which, end in (("lowest", min), ("highest", max)):
        (row,) = of(rows, f"leave_two_out_{which}")
        pair = end(found, key=found.get)
        assert row["left_out"] == pair and row["k"] == 3
        assert row["log_or"] == pytest.approx(found[pair], rel=1e-10)


def test_every_specification_is_its_pool(pools):
    rows = sensitivity_rows(pools)
    y, v = (array[0] for array in pools.pair)
    for tau2, interval in specifications():
        (row,) = of(rows, f"tau2={tau2},interval={interval}")
        fit = pool(y, v, tau2=tau2, interval=interval, prediction="none")
        assert row["log_or"] == pytest.approx(float(fit.estimate), rel=1e-10)
        assert row["ci_high"] == pytest.approx(math.exp(fit.ci_high), rel=1e-10)
        assert row["p_value"] == pytest.approx(float(fit.p_value), rel=1e-10)
        assert (row["tau2_method"], row["method"]) == (tau2, "inverse-variance")
        assert (row["n_cases"], row["k"]) == (pools.rows[0]["n_cases"], 5)


def test_one_study_has_reasons_only(make_pools):
    rows = sensitivity_rows(make_pools(counts({"Adams": STUDIES["Adams"]})))
    said = {row["analysis"]: row["reason"] for row in rows}
    for analysis in (
        "leave_one_out",
        "leave_two_out_lowest",
        "leave_two_out_highest",
        "cumulative_year",
        "cumulative_precision",
        "without_hwe_departure",
        "specification_curve",
    ):
        (row,) = of(rows, analysis)
        assert said[analysis] and math.isnan(row["log_or"]) and math.isnan(row["k"])
    assert len(rows) == len(said)


def test_two_studies_have_no_pairs_to_leave_out(make_pools):
    two = dict(list(STUDIES.items())[:2])
    rows = sensitivity_rows(make_pools(counts(two)))
    for end in ("lowest", "highest"):
        (row,) = of(rows, f"leave_two_out_{end}")
        assert "fewer than three studies" in row["reason"]
    assert [row["k"] for row in of(rows, "leave_one_out")] == [1, 1]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_pools_its_subsets(make_pools, method):
    config = f"loci: {{SNP: {{alleles: A/C}}}}\nmodels: [dominant]\npooling: {{method: {method}}}\n"
    pools = make_pools(counts(STUDIES), config)
    rows = sensitivity_rows(pools)
    left = of(rows, "leave_one_out")
    assert len(left) == 5 and {row["method"] for row in left} == {method}
    without = make_pools(counts({n: s for n, s in STUDIES.items() if n != "Adams"}), config)
    alone = without.rows[0]
    assert left[0]["log_or"] == pytest.approx(alone["log_or"], abs=1e-8)
    assert left[0]["ci_low"] == pytest.approx(alone["ci_low"], rel=1e-6)
    assert_same(of(rows, "cumulative_year")[-1], pools.rows[0], ["k", "n_cases", "method"])
    (pair,) = of(rows, "leave_two_out_lowest")
    assert ("not computed" in pair["reason"]) == method.startswith(("UM", "CM"))
    curve = [row for row in rows if row["analysis"].startswith("tau2=")]
    assert {row["method"] for row in curve} == {"inverse-variance"}
    assert len(curve) == len(specifications())
    assert all(set(SENSITIVITY_COLUMNS) <= set(row) for row in rows)


@pytest.mark.parametrize("method", ["mantel-haenszel", "bayes"])
def test_the_extreme_pair_is_that_of_the_method(make_pools, method):
    config = f"loci: {{SNP: {{alleles: A/C}}}}\nmodels: [dominant]\npooling: {{method: {method}}}\n"
    found = of(sensitivity_rows(make_pools(counts(STUDIES), config)), "leave_two_out_highest")
    estimates = {}
    for i, one in enumerate(STUDIES):
        for other in list(STUDIES)[i + 1 :]:
            rest = {name: row for name, row in STUDIES.items() if name not in (one, other)}
            estimates[f"{one}; {other}"] = make_pools(counts(rest), config).rows[0]["log_or"]
    assert found[0]["left_out"] == max(estimates, key=estimates.get)


def test_methods_fitted_by_search_spare_strata(make_pools):
    table = counts({name: f"{row},N" for name, row in STUDIES.items()})
    config = CONFIG + "models: [dominant]\npooling: {method: UM.FS}\n"
    rows = sensitivity_rows(make_pools(table.replace("CC\n", "CC,place\n"), config))
    assert len(of(rows, "leave_one_out")) == 5
    for analysis in ("leave_one_out", "cumulative_year", "cumulative_precision"):
        (row,) = of(rows, analysis, stratifier="place")
        assert "overall pools only" in row["reason"]


def test_without_reported_estimates(make_pools):
    reported = "study,locus,year,effect_allele,model,measure,estimate,ci_low,ci_high\n"
    reported += "Foster,SNP,2010,C,dominant,OR,1.5,1.1,2.05\n"
    pools = make_pools({"a.csv": counts(STUDIES), "b.csv": reported})
    rows = sensitivity_rows(pools)
    (row,) = of(rows, "counts_only")
    assert (row["left_out"], row["k"], row["k_reported"]) == ("Foster", 5, 0)
    (from_counts,) = pools.results.counts_only
    y, v = (array[0, :5] for array in pools.pair)
    assert row["log_or"] == from_counts["log_or"] == pytest.approx(float(pool(y, v).estimate))


def test_reported_estimates_alone_leave_no_counts(make_pools):
    table = "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high\n"
    table += "E,SNP,C,dominant,OR,1.5,1.1,2.05\nF,SNP,C,dominant,OR,1.2,0.9,1.6\n"
    rows = sensitivity_rows(make_pools(table))
    (row,) = of(rows, "counts_only")
    assert (row["left_out"], row["reason"]) == ("E; F", "no study gives counts")
    assert of(rows, "without_hwe_departure")[0]["reason"] == "no study's controls could be tested"
    assert of(rows, "hwe_adjusted")[0]["reason"] == "no study gives genotypes to adjust"
