"""Leave-one-out and cumulative forest plots show what metafor finds, and say what they show."""

import csv
import json
import math
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest

from genopool.diagnostics.tables.diagnose import diagnose
from genopool.figures.diagnostics.draw import draw_diagnostics, question_of
from genopool.figures.diagnostics.registry import DRAWERS

TESTS = Path(__file__).parents[2]
# Tick labels are centred on whole font units: the axis read off them is good to this.
READ_OFF = 2e-3
CASES = json.loads((TESTS / "reference" / "metafor.json").read_text())["cases"]
CONFIG = """\
outcome: gastric cancer
loci: {"IL8_-251A-T": {alleles: A/T}}
models: [MODEL]
pooling: {interval: wald}
"""
ROWS = list(csv.DictReader((TESTS / "data" / "il8_zhang2015.csv").read_text().splitlines()))
PEOPLE = {
    row["study"]: [
        sum(int(row[f"{group}_{genotype}"]) for genotype in ("AA", "AT", "TT"))
        for group in ("cases", "controls")
    ]
    for row in ROWS
}


def metafor(model, key):
    return {name: np.array(x) for name, x in CASES[f"il8_zhang2015.{model}"][key].items()}


@pytest.fixture
def il8(make_pools):
    """Zhang's studies in the order of the table, a year between each."""

    def make(model="dominant", years=True, config=CONFIG, studies=None):
        lines = [",".join(["year", *ROWS[0]])]
        for i, row in enumerate(ROWS[:studies]):
            lines.append(",".join([str(1990 + i) if years else "", *row.values()]))
        return make_pools({"il8.csv": "\n".join(lines)}, config.replace("MODEL", model))

    return make


@pytest.fixture
def picture_of(drawn):
    def draw(pools, kind, **changes):
        model = pools.rows[0]["model"]
        question = question_of(pools.config, pools.locus, "T", model, pools.results)
        return drawn(DRAWERS[kind].draw(pools, 0, replace(question, **changes), "overall"))

    return draw


def said(picture):
    return " ".join(picture.strings)


@pytest.mark.parametrize("model", ["allelic", "dominant", "recessive", "homozygous"])
@pytest.mark.parametrize(
    ("kind", "key"),
    [("leave_one_out", "leave_one_out_reml"), ("cumulative", "cumulative_reml")],
)
def test_dots_and_intervals_stand_where_metafor_has_them(il8, picture_of, model, kind, key):
    picture, expected = picture_of(il8(model), kind), metafor(model, key)
    dots, lines = picture.shapes("dots"), picture.shapes("intervals")
    assert len(dots) == len(lines) == 26
    centres = picture.odds([dot[:, 0].mean() for dot in dots])
    assert centres == pytest.approx(np.exp(expected["estimate"]), rel=READ_OFF)
    (axis, *_) = picture.shapes("axis")
    ends = np.array([line[:, 0] for line in lines])
    limits = np.exp(np.column_stack([expected["ci_low"], expected["ci_high"]]))
    whole = (ends > axis[0, 0] + 0.01) & (ends < axis[1, 0] - 0.01)
    assert whole.all(axis=1).sum() >= 24
    assert picture.odds(ends[whole]) == pytest.approx(limits[whole], rel=READ_OFF)


def test_the_line_of_a_study_left_out(il8, picture_of):
    picture, expected = (
        picture_of(il8(), "leave_one_out"),
        metafor("dominant", "leave_one_out_reml"),
    )
    total = np.sum(list(PEOPLE.values()), axis=0)
    for place, (study, people) in enumerate(PEOPLE.items()):
        cells = picture.row(f"Without {study}")[1:]
        k, cases, controls, odds, limits, p, i2, tau2 = cells
        assert (k, cases, controls) == ("25", *(f"{n:,}" for n in total - people))
        estimate, low, high = (
            math.exp(expected[name][place]) for name in ("estimate", "ci_low", "ci_high")
        )
        assert (odds, limits) == (f"{estimate:.2f}", f"[{low:.2f}, {high:.2f}]")
        z = expected["estimate"][place] / ((math.log(high / low)) / (2 * 1.959963984540054))
        assert float(p.lstrip("<")) == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), abs=2e-3)
        assert float(i2.rstrip("%")) > 0 and float(tau2) == pytest.approx(
            expected["tau2"][place], abs=6e-4
        )


def test_the_lines_of_studies_added(il8, picture_of):
    picture = picture_of(il8(), "cumulative")
    sums = accumulate(PEOPLE.values(), lambda a, b: [a[0] + b[0], a[1] + b[1]])
    for i, (study, people) in enumerate(zip(PEOPLE, sums, strict=True)):
        label = f"{'+ ' if i else ''}{study} ({1990 + i})"
        assert picture.row(label)[1:4] == [str(i + 1), *(f"{n:,}" for n in people)]


def test_the_result_of_all_studies_is_the_diamond_the_line_and_the_band(il8, picture_of):
    pools = il8()
    picture, whole = picture_of(pools, "leave_one_out"), pools.rows[0]
    (diamond,), (line,), (band,) = (
        picture.shapes(name) for name in ("overall diamond", "overall", "overall interval")
    )
    ends = [whole["ci_low"], whole["ci_high"]]
    for shape in (diamond, band):
        assert picture.odds([shape[:, 0].min(), shape[:, 0].max()]) == pytest.approx(
            ends, rel=READ_OFF
        )
    assert picture.odds(line[:, 0]) == pytest.approx(whole["or"], rel=READ_OFF)
    assert picture.row("Overall, 26 studies")[1] == "26"
    assert diamond[:, 1].min() > max(dot[:, 1].max() for dot in picture.shapes("dots"))


def test_which_studies_matter_most_is_said(il8, picture_of):
    expected = metafor("dominant", "leave_one_out_reml")
    names, estimate = list(PEOPLE), expected["estimate"]
    lowest, highest = (names[place] for place in (estimate.argmin(), estimate.argmax()))
    low, high = (f"{math.exp(x):.2f}" for x in (estimate.min(), estimate.max()))
    excluding = int(((expected["ci_low"] > 0) | (expected["ci_high"] < 0)).sum())
    found = said(picture_of(il8(), "leave_one_out"))
    assert (
        f"Lowest odds ratio: {low} (without {lowest}); highest: {high} (without {highest})."
    ) in found
    overall = metafor("dominant", "cumulative_reml")["ci_high"][-1]
    assert overall < 0 < excluding < 26
    assert f"The interval excludes 1 overall, and in {excluding} of 26 rows." in found


def test_how_many_intervals_exclude_1_is_said_of_a_result_that_does_not(il8, picture_of):
    cells = CASES["il8_zhang2015.dominant"]
    y, v = (np.array(cells[name][:5]) for name in ("log_or", "variance"))
    # Equal effects, so that the naive twin is two sums.
    pools = il8(studies=5, config=CONFIG.replace("wald}", "wald, tau2: EE}"))
    excluding = 0
    for left_out in [None, *range(5)]:
        w = np.where(np.arange(5) == left_out, 0.0, 1 / v)
        z = (w @ y) / w.sum() ** 0.5
        if left_out is None:
            assert abs(z) < 1.96
        else:
            excluding += abs(z) > 1.96
    expected = f"The interval includes 1 overall, excludes it in {excluding} of 5 rows."
    assert expected in said(picture_of(pools, "leave_one_out"))


def test_without_years_the_most_precise_studies_come_first(il8, picture_of):
    pools = il8(years=False)
    picture = picture_of(pools, "cumulative")
    order = np.argsort(CASES["il8_zhang2015.dominant"]["variance"])
    names = [list(PEOPLE)[place] for place in order]
    tops = [picture.box(f"{'+ ' if place else ''}{name}")[1] for place, name in enumerate(names)]
    assert tops == sorted(tops)
    assert "Not every study has a year" in said(picture)
    assert "the most precise studies first" in said(picture)


def test_a_year_that_the_name_has_is_not_said_again(make_pools, picture_of):
    rows = [
        f"{name},{year},{{}}" for name, year in (("Lee 2004", 2004), ("Kim", 2001), ("Xu", 2009))
    ]
    table = "study,year,locus,genotype,cases,controls\n" + "".join(
        row.format(f"SNP,{genotype},{20 + i + j},{25 + 2 * j}\n")
        for i, row in enumerate(rows)
        for j, genotype in enumerate(("AA", "AT", "TT"))
    )
    pools = make_pools(
        {"a.csv": table}, "loci: {SNP: {alleles: A/T, turn: [Kim]}}\nmodels: [dominant]\n"
    )
    picture = picture_of(pools, "cumulative")
    labels = ["Kim § (2001)", "+ Lee 2004", "+ Xu (2009)"]
    assert [label for label in picture.strings if label in labels] == labels
    assert "§ Alleles turned round" in said(picture)


@pytest.mark.parametrize("studies", [1, 2])
@pytest.mark.parametrize("kind", ["leave_one_out", "cumulative"])
def test_two_studies_are_too_few(il8, studies, kind, tmp_path):
    pools = il8(studies=studies, config=CONFIG + f"diagnostics: [{kind}]\n")
    (figure,) = draw_diagnostics(pools, tmp_path)
    assert (figure.stem, figure.reason) == ("", "fewer than three studies")


def test_the_first_intervals_do_not_squeeze_the_others(il8, picture_of):
    config = CONFIG.replace("wald", "hartung-knapp")
    pools = il8(config=config)
    picture = picture_of(pools, "cumulative")
    (axis, *_) = picture.shapes("axis")
    # With one degree of freedom, t is 12.7.
    second = next(
        row for row in pools.made["sensitivity"]
        if row["analysis"] == "cumulative_year" and row["k"] == 2
    )  # fmt: skip
    reach = picture.odds(axis[:, 0])
    assert second["ci_low"] < reach[0] and second["ci_high"] > reach[1]
    assert len(picture.shapes("arrows")) >= 2
    assert reach[1] / reach[0] < 30


def test_the_caption_says_what_is_compared_and_what_to_look_for(il8, picture_of):
    for kind, look in (
        ("leave_one_out", "moves when that study is left out"),
        ("cumulative", "drifts towards 1"),
    ):
        found = said(picture_of(il8("recessive"), kind))
        assert "TT vs AA + AT (effect allele T, recessive model)" in found
        assert "Below 1: lower odds of gastric cancer with TT" in found
        assert "above 1: higher odds" in found
        assert "Effect-allele frequency in controls: 48." in found
        assert "REML), Wald 95% CI." in found
        assert look in found


def test_figures_of_simulated_studies_say_so(il8, picture_of):
    pools = il8(config=CONFIG + "simulated: true\n")
    for kind in ("leave_one_out", "cumulative"):
        picture = picture_of(pools, kind)
        assert picture.figure.get_label().startswith("Simulated data")
        assert (
            "Simulated data: no number in this figure comes from a real study." in picture.strings
        )


def test_the_figures_show_the_rows_of_the_table(il8, picture_of):
    pools = il8(config=CONFIG + "diagnostics: [sensitivity]\n")
    rows = diagnose(pools)["sensitivity"]
    changed = next(row for row in rows if row["left_out"] == "Bo")
    assert changed["analysis"] == "leave_one_out"
    changed["log_or"] = math.log(0.77)
    assert "0.77" in picture_of(pools, "leave_one_out").row("Without Bo")
