"""metaregression.tsv: regressions against R and by hand, and a reason wherever there is none."""

import json
import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from genopool.analysis import analyse_locus
from genopool.diagnostics.tables.columns import METAREGRESSION_COLUMNS
from genopool.diagnostics.tables.metaregression import metaregression_rows
from genopool.diagnostics.tables.pools import pools_of
from genopool.studies.reading import read_studies
from genopool.tables import write_rows

REFERENCE = json.loads((Path(__file__).parents[2] / "reference" / "diagnostics.json").read_text())[
    "meta_regression_bcg"
]
TESTS = {"z": "wald", "knha": "hartung-knapp", "adhoc": "hartung-knapp-adhoc"}
DOMINANT = "loci: {SNP: {alleles: A/C}}\nmodels: [dominant]\n"
CELLS = "cases_AC+CC,cases_AA,controls_AC+CC,controls_AA"
IL8 = """\
loci: {IL8_-251A-T: {alleles: A/T}}
strata:
  ethnicity: {}
  genotyping_method: {}
"""
TWO_MODELS = "models: [dominant, additive]\n"
# ours solve REML to the end
AS_R = 1e-5


@pytest.fixture
def analysed(make_project):
    """The rows of a project of one locus, and what they were made from."""

    def make(table, config=DOMINANT):
        project = make_project({"a.csv": table}, config)
        (locus,) = project.config.loci
        results = analyse_locus(project.config, locus, read_studies(project))
        pools = pools_of(project.config, locus, results)
        return metaregression_rows(pools), pools

    return make


@pytest.fixture
def il8(repository):
    return (repository / "tests" / "data" / "il8_zhang2015.csv").read_text()


def bcg_table(bcg):
    rows = [f"study,locus,year,latitude,{CELLS}"]
    for i, cells in enumerate(zip(*bcg.table, strict=True)):
        year, latitude = REFERENCE["year"][i], REFERENCE["ablat"][i]
        rows.append(f"S{i},SNP,{year},{latitude},{','.join(f'{x:.0f}' for x in cells)}")
    return "\n".join(rows)


def of(rows, moderator, **key):
    """The rows of a moderator in the overall pool, by term."""
    key = {"stratifier": "overall", "moderator": moderator} | key
    return {r.get("term", ""): r for r in rows if all(r[name] == v for name, v in key.items())}


def made_up(values, column="latitude", k=None):
    """Studies with a column, of random counts."""
    rng = np.random.default_rng(8)
    rows = [f"study,locus,{column},{CELLS}"]
    for i, value in enumerate(values):
        counts = rng.integers(30, 200, 4)
        rows.append(f"S{i},SNP,{value},{','.join(map(str, counts))}")
    return "\n".join(rows)


@pytest.mark.parametrize(
    "place",
    [i for i, f in enumerate(REFERENCE["fits"]) if f["method"] in ("DL", "REML", "ML", "PM")],
)
def test_latitude_and_year_of_bcg_agree_with_metafor(place, analysed, reference_case):
    expected = REFERENCE["fits"][place]
    tau2, interval = expected["method"], TESTS[expected["test"]]
    config = DOMINANT + f"pooling: {{tau2: {tau2}, interval: {interval}}}\n"
    rows, _ = analysed(
        bcg_table(reference_case("bcg")), config + "moderators: [latitude, [latitude, year]]\n"
    )
    joint = of(rows, "latitude + year")
    assert list(joint) == ["intercept", "latitude", "year", "all"]
    intercept, slopes = joint["intercept"]["estimate"], []
    for place_of_term, term in ((1, "latitude"), (2, "year")):
        row = joint[term]
        assert row["estimate"] == pytest.approx(expected["coefficients"][place_of_term], rel=AS_R)
        assert row["se"] == pytest.approx(expected["se"][place_of_term], rel=AS_R)
        assert row["p_value"] == pytest.approx(expected["p_value"][place_of_term], rel=AS_R)
        assert row["k"] == 13 and np.isfinite([row["vif"], row["p_permutation"]]).all()
        slopes.append(row["estimate"] * row["reference"])
    # the intercept stands at the mean of each moderator
    assert joint["year"]["reference"] == pytest.approx(np.mean(REFERENCE["year"]))
    assert intercept - sum(slopes) == pytest.approx(expected["coefficients"][0], rel=1e-4)
    for row in joint.values():
        assert row["tau2"] == pytest.approx(expected["tau2"], rel=1e-4)
        assert row["r2"] == pytest.approx(expected["r2"], rel=1e-4)
    assert joint["all"]["p_value"] == pytest.approx(expected["qm_p"], rel=AS_R)
    assert joint["all"]["statistic"] == pytest.approx(expected["qm"], rel=AS_R)


def test_latitude_alone_predicts_as_metafor(analysed, reference_case, small_study):
    expected = small_study["predict"]
    rows, _ = analysed(bcg_table(reference_case("bcg")), DOMINANT + "moderators: latitude\n")
    latitude = of(rows, "latitude")
    slope, at = latitude["latitude"]["estimate"], latitude["latitude"]["reference"]
    line = latitude["intercept"]["estimate"] + slope * (np.array(expected["at"]) - at)
    assert line == pytest.approx(expected["knha"]["pred"], rel=1e-4)


def test_equal_effects_are_least_squares_by_hand(analysed, reference_case):
    bcg = reference_case("bcg")
    rows, pools = analysed(bcg_table(bcg), DOMINANT + "pooling: {tau2: EE}\n")
    y, v = (values[0] for values in pools.pair)
    people = np.sum(bcg.table, axis=0)
    for name, x in (("people", np.log2(people)), ("year", np.array(REFERENCE["year"]))):
        weight = 1 / v
        centre = x - x.mean()
        design = np.column_stack([np.ones(13), centre])
        covariance = np.linalg.inv(design.T @ (design * weight[:, None]))
        coefficients = covariance @ design.T @ (weight * y)
        ours = of(rows, name)
        for place, term in enumerate(("intercept", name)):
            assert ours[term]["estimate"] == pytest.approx(coefficients[place], rel=1e-8)
            assert ours[term]["se"] == pytest.approx(covariance[place, place] ** 0.5, rel=1e-8)
            assert np.isnan(ours[term]["tau2"]) and "equal effects" in ours[term]["reason"]
    assert of(rows, "people")["people"]["reference"] == pytest.approx(np.exp(np.log(people).mean()))
    assert of(rows, "people")["people"]["unit"] == "per doubling"


def test_frequency_is_that_of_the_effect_allele_in_controls(analysed, il8):
    rows, _ = analysed(il8, IL8)
    header, *lines = (line.split(",") for line in il8.splitlines())
    n0, n1, n2 = np.array(
        [[float(line[header.index(f"controls_{g}")]) for g in ("AA", "AT", "TT")] for line in lines]
    ).T
    frequency = (n1 + 2 * n2) / (2 * (n0 + n1 + n2))
    for model in ("allelic", "additive", "recessive"):
        ours = of(rows, "control_frequency", model=model)["control_frequency"]
        assert ours["reference"] == pytest.approx(frequency.mean(), rel=1e-12)
        assert ours["unit"] == "per 0.1" and "same controls" in ours["caution"]
    assert ours["k"] == 26


def test_frequency_from_allele_counts_alone(analysed):
    table = "study,locus,cases_A,cases_C,controls_A,controls_C\n" + "\n".join(
        f"S{i},SNP,{100 + 7 * i},{90 - i},{110 - 3 * i},{80 + 5 * i}" for i in range(5)
    )
    rows, _ = analysed(table, DOMINANT.replace("dominant", "allelic"))
    frequencies = [(80 + 5 * i) / (190 + 2 * i) for i in range(5)]
    row = of(rows, "control_frequency")["control_frequency"]
    assert row["reference"] == pytest.approx(np.mean(frequencies), rel=1e-12)


@pytest.mark.parametrize("interval", ["hartung-knapp", "hartung-knapp-adhoc", "wald"])
def test_strata_are_tested_as_in_strata_tsv(interval, analysed, il8):
    rows, pools = analysed(il8, IL8 + TWO_MODELS + f"pooling: {{interval: {interval}}}\n")
    for tested in pools.results.strata:
        ours = of(rows, tested["stratifier"], model=tested["model"])
        names = sorted(name for name in ours if " - " in name)
        whole = ours[tested["stratifier"]]
        assert whole["p_value"] == pytest.approx(tested["p_value"], rel=1e-6)
        assert (whole["df1"], whole["df"]) == pytest.approx(
            (tested["df1"], tested.get("df2", np.nan)), nan_ok=True
        )
        assert len(names) == 1  # two strata
        assert ours[names[0]]["p_value"] == pytest.approx(tested["p_value"], rel=1e-6)
        # a joint distribution of one, by numerical integration
        assert ours[names[0]]["p_adjusted"] == pytest.approx(tested["p_value"], rel=1e-3)


def test_a_factor_is_against_the_most_frequent_level_and_all_pairs_are_compared(analysed):
    table = made_up(["b"] * 4 + ["a"] * 6 + ["C"] * 3 + ["c"], "origin")
    rows, _ = analysed(table, DOMINANT + "strata: {origin: {}}\n")
    ours = of(rows, "origin")
    assert list(ours)[:4] == ["intercept", "origin: C", "origin: b", "origin"]
    assert {ours[name]["reference"] for name in ("origin: C", "origin: b")} == {"a"}
    pairs = [f"origin: {x} - {y}" for x, y in combinations(("C", "a", "b"), 2)]
    assert list(ours)[4:] == pairs
    assert ours["origin: C - a"]["estimate"] == pytest.approx(ours["origin: C"]["estimate"])
    assert ours["origin: a - b"]["estimate"] == pytest.approx(-ours["origin: b"]["estimate"])
    for pair in pairs:
        assert ours[pair]["p_value"] < ours[pair]["p_adjusted"] < 3 * ours[pair]["p_value"] + 1e-4


def test_the_same_column_as_a_moderator_of_its_own(analysed):
    values = ["b"] * 4 + ["a"] * 6 + ["C"] * 3 + ["c"]
    as_strata, _ = analysed(made_up(values, "origin"), DOMINANT + "strata: {origin: {}}\n")
    as_column, _ = analysed(made_up(values, "origin"), DOMINANT + "moderators: Origin\n")
    one, other = of(as_strata, "origin"), of(as_column, "origin")
    assert list(one) == list(other)
    assert all(one[term]["p_value"] == other[term]["p_value"] for term in one)


def test_p_is_adjusted_over_the_moderators_of_a_pool(analysed, il8):
    rows, _ = analysed(il8, IL8 + TWO_MODELS)
    names = ("control_frequency", "people", "ethnicity", "genotyping_method")
    p = [of(rows, name, model="dominant")[name]["p_value"] for name in names]
    highest, adjusted = 0.0, {}
    for rank, place in enumerate(np.argsort(p)):
        highest = max(highest, min(1.0, (len(p) - rank) * p[place]))
        adjusted[names[place]] = highest
    for name in names:
        ours = of(rows, name, model="dominant")[name]["p_adjusted"]
        assert ours == pytest.approx(adjusted[name], rel=1e-12)


def test_collinearity_widens_as_the_correlation_says(analysed, reference_case):
    config = DOMINANT + "pooling: {tau2: EE}\nmoderators: [[latitude, year]]\n"
    rows, pools = analysed(bcg_table(reference_case("bcg")), config)
    weight = 1 / pools.pair[1][0]
    x = np.array([REFERENCE["ablat"], REFERENCE["year"]], dtype=float)
    x -= np.average(x, axis=1, weights=weight)[:, None]
    (a, b), (_, d) = (x * weight) @ x.T
    joint = of(rows, "latitude + year")
    for term in ("latitude", "year"):
        assert joint[term]["vif"] == pytest.approx(1 / (1 - b * b / (a * d)), rel=1e-8)


def test_what_goes_together_is_cautioned(analysed):
    table = made_up([f"{i},{2 * i + i % 2}" for i in range(30)], "height,weight")
    rows, _ = analysed(table, DOMINANT + "moderators: [[height, weight]]\n")
    joint = of(rows, "height + weight")
    assert joint["height"]["vif"] > 5 and "VIF above 5" in joint["height"]["caution"]
    assert "fewer than ten" not in joint["height"]["caution"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([10, 20, "", "", "", ""], "only 2 of 6 studies give latitude"),
        ([10] * 6, "all studies have the same latitude (10)"),
        (["north"] * 6, "all studies have the same latitude (north)"),
        ([""] * 6, "no study gives latitude"),
        (list("abcdef"), "no more studies than coefficients"),
    ],
)
def test_what_cannot_be_regressed_has_one_row_with_the_reason(values, reason, analysed):
    rows, _ = analysed(made_up(values), DOMINANT + "moderators: latitude\n")
    (row,) = of(rows, "latitude").values()
    assert row["reason"] == reason


def test_moderators_that_say_the_same_have_the_reason(analysed):
    table = made_up([f"{i},{2 * i}" for i in range(9)], "height,weight")
    rows, _ = analysed(table, DOMINANT + "moderators: [[height, weight], [height, colour]]\n")
    (row,) = of(rows, "height + weight").values()
    assert "cannot be told apart" in row["reason"]
    (row,) = of(rows, "height + colour").values()
    assert row["reason"] == "no study gives colour"


def test_text_among_numbers_is_left_out_and_said(analysed):
    table = made_up([10, 20, 35, "33 N", 41, "12,5"], "latitude").replace("12,5", '"12,5"')
    rows, _ = analysed(table, DOMINANT + "moderators: latitude\n")
    row = of(rows, "latitude")["latitude"]
    assert row["k"] == 5 and "rests on 5 of 6 studies" in row["caution"]
    assert row["reference"] == pytest.approx((10 + 20 + 35 + 41 + 12.5) / 5)


def test_too_few_studies(analysed, il8):
    rows, _ = analysed(made_up([1, 2]), DOMINANT + "moderators: latitude\n")
    assert [row["reason"] for row in rows] == ["fewer than three studies: nothing can be regressed"]
    rows, _ = analysed(il8, IL8 + TWO_MODELS)
    europeans = [row for row in rows if row["stratum"] == "European"]
    assert len(europeans) == 2 and {row["k"] for row in europeans} == {9}
    assert all("too few to regress" in row["reason"] for row in europeans)


def test_few_studies_and_arrangements_are_said(analysed):
    rows, _ = analysed(made_up([1, 2, 3]), DOMINANT + "moderators: latitude\n")
    row = of(rows, "latitude")["latitude"]
    assert row["caution"].startswith("fewer than ten studies per moderator")
    assert "the studies have 6 arrangements only" in row["reason"]
    assert np.isnan(row["p_permutation"])


def test_permutations_are_exact_where_they_are_few(analysed, reference_case, small_study):
    """metafor's `permutest` of six BCG trials on their latitudes."""
    bcg, expected = reference_case("bcg"), small_study["permutation"]
    fit = next(f for f in expected["fits"] if (f["method"], f["test"]) == ("DL", "knha"))
    header, *lines = bcg_table(bcg).splitlines()
    table = "\n".join([header, *(lines[i - 1] for i in expected["studies"])])
    rows, _ = analysed(table, DOMINANT + "pooling: {tau2: DL}\nmoderators: latitude\n")
    row = of(rows, "latitude")["latitude"]
    assert row["p_permutation"] == pytest.approx(fit["pval"][1], abs=1e-12)


@pytest.mark.parametrize(
    "pooling",
    [
        *(f"method: {name}" for name in ("mantel-haenszel", "peto", "exact", "UM.FS", "bayes")),
        *(f"tau2: {name}" for name in ("EE", "DLIT", "DL2", "CA2", "HE", "HSk", "SJ", "EB", "PMM")),
        "interval: kenward-roger",
        "interval: wald-t",
        "between_strata: separate",
    ],
)
def test_every_way_of_pooling_has_its_regressions(pooling, analysed, reference_case):
    table = "\n".join(bcg_table(reference_case("bcg")).splitlines()[:7])
    config = DOMINANT + f"moderators: latitude\npooling: {{{pooling}}}\n"
    row = of(analysed(table, config)[0], "latitude")["latitude"]
    assert 0 <= row["p_value"] <= 1
    if pooling.startswith("method"):
        assert pooling.removeprefix("method: ") in row["caution"]
    if pooling.startswith("interval"):
        assert "Knapp and Hartung's interval" in row["caution"]


def test_bayes_compares_strata_all_the_same(analysed):
    config = DOMINANT + "strata: {origin: {}}\npooling: {method: bayes}\n"
    rows, pools = analysed(made_up(["a"] * 4 + ["b"] * 4, "origin"), config)
    assert "no test between strata" in pools.results.strata[0]["reason"]
    assert 0 < of(rows, "origin")["origin"]["p_value"] <= 1


def test_strata_that_share_controls_are_not_compared(analysed):
    table = made_up(["a,x", "b,x", "a,", "b,", "a,", "b,"], "origin,control_group")
    table = "\n".join(
        line if i != 2 else ",".join([*line.split(",")[:6], *table.splitlines()[1].split(",")[6:]])
        for i, line in enumerate(table.splitlines())
    )
    rows, pools = analysed(table, DOMINANT + "strata: {origin: {}}\n")
    (row,) = of(rows, "origin").values()
    assert row["reason"] == pools.results.strata[0]["reason"] and "share" in row["reason"]


def test_a_stratifier_may_be_called_year(analysed, reference_case):
    config = DOMINANT + "strata: {year: {cuts: [1965]}}\nmoderators: [[strata.year, latitude]]\n"
    rows, _ = analysed(bcg_table(reference_case("bcg")), config)
    assert "year" in of(rows, "year") and "strata.year: < 1965" in of(rows, "strata.year")
    assert "strata.year: < 1965" in of(rows, "strata.year + latitude")


def test_the_order_of_rows_does_not_matter(analysed, il8, tmp_path):
    lines = il8.splitlines()
    shuffled = [lines[0], *random.Random(3).sample(lines[1:], len(lines) - 1)]
    texts = []
    for table in (il8, "\n".join(shuffled)):
        rows, _ = analysed(table, IL8 + TWO_MODELS + "moderators: [[people, ethnicity]]\n")
        write_rows(tmp_path / "x.tsv", METAREGRESSION_COLUMNS, rows)
        texts.append((tmp_path / "x.tsv").read_text())
    assert texts[0] == texts[1]


def test_rows_have_only_columns_of_the_table(analysed, il8):
    rows, _ = analysed(il8, IL8 + TWO_MODELS + "moderators: [[people, ethnicity]]\n")
    assert {name for row in rows for name in row} == set(METAREGRESSION_COLUMNS)


@pytest.mark.parametrize("pooling", ["tau2: EE", "tau2: REML", "tau2: DL, interval: wald"])
@pytest.mark.parametrize(
    "cells",
    [
        ["10,20,30,40"] * 6,
        ["0,5,0,9", "0,4,1,9", "3,0,0,8", "0,5,0,9", "2,2,2,2"],
        ["100000,200000,300000,400000", "1,1,1,1", "5,3,2,9", "1,0,0,1"],
    ],
    ids=["identical", "zeros", "unequal"],
)
def test_every_term_has_a_p_and_every_other_row_a_reason(cells, pooling, analysed):
    table = f"study,locus,origin,latitude,{CELLS}\n" + "\n".join(
        f"S{i},SNP,{'ab'[i % 2]},{(1, 2, 2, 5, 1, 1)[i]},{text}" for i, text in enumerate(cells)
    )
    config = "strata: {origin: {}}\nmoderators: [latitude, [latitude, origin]]\n"
    rows, _ = analysed(table, DOMINANT + config + f"pooling: {{{pooling}}}\n")
    assert {row["moderator"] for row in rows} > {"latitude", "latitude + origin", "year", "all"}
    for row in rows:
        assert (0 <= row["p_value"] <= 1) if row.get("term") else row["reason"], row
