"""The tables of one locus: studies, estimates, pooled odds ratios, frequencies."""

import math
import re

import pytest
from markupsafe import Markup

from genopool.report import Locus, beside, evidence, provenance, results
from genopool.report.comparison import frequencies, frequency_range
from genopool.report.inputs import records
from genopool.report.layout import Body, Column, Numbering, Row

SNP = Locus("SNP", "A SNP", alleles=("A", "C"), effect_alleles=("C",))
REPEAT = Locus("CA", "A repeat", kind="repeat", effect_alleles=("19", "<19"))


def cells_of(table):
    return [[str(c) for c in row.cells] for body in table.bodies for row in body.rows]


def counts(frame, genotypes, **more):
    rows = [
        dict(file="a.csv", row=2, study="A", locus="SNP", unit="genotype", genotype=g, cases=c,
             controls=d) | more
        for g, c, d in genotypes
    ]  # fmt: skip
    return records(frame("studies", *rows))


def test_genotypes_stand_in_order_of_copies_with_sums_of_each_side(frame):
    rows = counts(frame, [("CC", 3, 30), ("AA", 1, 10), ("AC", 2, 20)])
    table = evidence.studies_tables(SNP, rows, Numbering())[0]
    assert [c.label for c in table.columns[1:9]] == ["AA", "AC", "CC", "all"] * 2
    assert cells_of(table)[0][1:9] == ["1", "2", "3", "6", "10", "20", "30", "60"]


def test_chromosomes_stand_in_a_table_of_their_own(frame):
    rows = counts(frame, [("A", 1, 10), ("C", 2, 20)], unit="allele")
    rows += counts(frame, [("AA", 1, 10)], study="B")
    people, chromosomes = evidence.studies_tables(SNP, rows, Numbering())
    assert "people counted" in people.caption
    assert "chromosomes counted" in chromosomes.caption


def test_many_genotypes_are_listed_in_one_cell(frame):
    lengths = range(15, 25)
    rows = counts(frame, [(f"{n}/{n}", n, 2 * n) for n in lengths])
    table = evidence.studies_tables(REPEAT, rows, Numbering())[0]
    assert "15/15: 15 · 16/16: 16" in cells_of(table)[0][1]
    assert cells_of(table)[0][2] == str(sum(lengths))


def test_a_blank_count_is_not_reported_and_not_zero(frame):
    rows = counts(frame, [("AA", "", 10), ("CC", 0, 20)])
    line = cells_of(evidence.studies_tables(SNP, rows, Numbering())[0])[0]
    assert "not reported" in line[1]
    assert line[2:4] == ["0", "0"]


def test_rows_of_a_long_table_are_one_line_with_their_span(frame):
    rows = counts(frame, [("AA", 1, 10)]) + counts(frame, [("CC", 1, 10)], row=4)
    assert cells_of(evidence.studies_tables(SNP, rows, Numbering())[0])[0][-1] == "a.csv, rows 2–4"


@pytest.mark.parametrize("level", [0.95, 0.9])
def test_a_turned_estimate_has_the_interval_of_its_standard_error(frame, level):
    """1.50 (1.05-2.14) at 95% (Wagner 2005), se = ln(2.14/1.05) / (2 × 1.959964)."""
    se = math.log(2.14 / 1.05) / (2 * 1.959964)
    row = dict(study="W", locus="SNP", reported_effect_allele="A", reported_model="dominant",
               measure="OR", estimate=1.5, ci_low=1.05, ci_high=2.14, level=0.95,
               effect_allele="C", model="recessive", log_estimate=-math.log(1.5), se=se,
               used="yes")  # fmt: skip
    table = evidence.estimates_table(SNP, records(frame("estimates", row)), level, Numbering())
    line = cells_of(table)[0]
    limits = {0.95: "[0.47, 0.95]", 0.9: "[0.49, 0.90]"}
    assert line[1] == 'A dominant <span class="value">OR 1.50 [1.05, 2.14]</span>'
    assert line[4] == f'C recessive <span class="value">OR 0.67 {limits[level]}</span>'


def test_a_hazard_ratio_stays_one_and_says_why_it_is_not_pooled(frame):
    row = dict(study="L", locus="SNP", measure="HR", estimate=0.97, used="no", reason="HR",
               effect_allele="C", model="dominant", log_estimate=0.0305, se=0.25)  # fmt: skip
    line = cells_of(evidence.estimates_table(SNP, records(frame("estimates", row)), 0.95,
                                             Numbering()))[0]  # fmt: skip
    assert '<span class="value">HR 0.97' in line[1]
    assert '<span class="value">HR ' in line[4]
    assert line[5] == "no: HR"


def test_people_are_two_numbers_even_if_equal_and_one_dash_if_unknown(frame):
    rows = [dict(study="A", n_cases=403, n_controls=403), dict(study="B", n_cases=159),
            dict(study="C")]  # fmt: skip
    table = evidence.estimates_table(SNP, records(frame("estimates", *rows)), 0.95, Numbering())
    people = [line[3] for line in cells_of(table)]
    assert people[0] == '403 <span class="below">403</span>'
    assert people[1].startswith('159 <span class="below"><span class="na" title="not reported">')
    assert people[2].count("not reported") == 2  # the title and its words for screen readers


def test_a_page_of_genotypes_is_folded(frame):
    genotypes = [(f"{a}/{b}", a, b) for a in range(10, 16) for b in range(a, 16)]
    (table,) = evidence.studies_tables(REPEAT, counts(frame, genotypes), Numbering())
    ((_, cases, total, *_),) = cells_of(table)
    assert cases.startswith("<details><summary>21 genotypes</summary>") and total == "245"
    assert "10/10: 10 · 10/11: 10" in cases and cases.count(" · ") == 20


def test_many_columns_carried_along_stand_in_one(frame):
    named = dict(year="2004", country="USA", ethnicity="", menopausal_status="pre")
    rows = counts(frame, [("AA", 1, 10)], **named)
    few = evidence.studies_tables(SNP, rows, Numbering())[0]
    assert [c.label for c in few.columns[-4:]] == ["Year", "Country", "Menopausal status", "Where"]
    rows += counts(frame, [("AA", 1, 10)], study="B", **named | dict(ethnicity="<b>"))
    many = evidence.studies_tables(SNP, rows, Numbering())[0]
    assert [c.label for c in many.columns[-2:]] == ["Also stated", "Where"]
    lines = [line[-2] for line in cells_of(many)]
    assert "ethnicity" not in lines[0]
    assert '<span class="minor">ethnicity</span> &lt;b&gt;' in lines[1]


def test_frequencies_are_those_of_pooled_controls_once_each(frame):
    base = dict(locus="SNP", effect_allele="C", model="dominant", stratifier="overall", used="yes")
    one = dict(study="A", control_n0=104, control_n1=72, control_n2=46)
    rows = [
        base | one,
        base | one | dict(model="recessive"),
        base | one | dict(study="B", control_n0=1, used="no"),
        base | one | dict(study="B", control_n0=1, stratifier="ethnicity"),
        base | one | dict(study="B", control_n0=1, effect_allele="A"),
        base | dict(study="C", control_group="g", control_n0=10, control_n1=0, control_n2=10),
        base | dict(study="D", control_group="g", control_n0=10, control_n1=0, control_n2=10),
        base | dict(study="E", model="allelic", control_exposed=9, control_unexposed=1),
        base | dict(study="F", control_exposed=9, control_unexposed=1),
    ]
    found = frequencies(records(frame("effects", *rows)), "C")
    assert sorted(found.values()) == pytest.approx([164 / 444, 0.5, 0.9], rel=1e-12)
    said = frequency_range(records(frame("effects", *rows)), ["C", "19"])
    assert said == (
        "Frequency of C in controls: 36.9% to 90.0% (3 control groups). "
        "Frequency of 19 in controls: not known, no study gives genotype counts."
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        # IL-8, T dominant, by ethnicity (metafor): F = 2.844916 on (1, 24), p = 0.104633
        (dict(statistic=2.844916, distribution="F", df1=1, df2=24, p_value=0.104633),
         "F(1, 24) = 2.84, p = 0.10"),
        (dict(statistic=5.311402, distribution="chi2", df1=1, p_value=0.021186),
         "chi²(1) = 5.31, p = 0.021"),
        (dict(reason="one stratum: nothing to compare"),
         "not tested: one stratum: nothing to compare"),
    ],
)  # fmt: skip
def test_the_test_between_strata_in_words(frame, row, words):
    assert results.between_strata(records(frame("strata", row))[0]) == words


def pooled_row(**values):
    return dict(locus="SNP", effect_allele="C", model="dominant", stratifier="ethnicity", k=1,
                k_studies=1, k_without_n=0) | {"or": 1.5} | values  # fmt: skip


def pooled_tables(make_inputs, frame, rows, strata):
    inputs = make_inputs(configuration={"strata": {"ethnicity": {}, "year": {}}})
    return results.pooled_tables(
        inputs, SNP, "C", records(frame("pooled", *rows)), records(frame("strata", *strata)), "",
        Numbering(),
    )  # fmt: skip


def test_one_stratum_or_none_is_not_said_to_be_compared(make_inputs, frame):
    key = dict(locus="SNP", effect_allele="C", model="dominant")
    strata = [
        key | dict(stratifier="ethnicity", strata=1, k=1, reason="one stratum"),
        key | dict(stratifier="year", strata=0, k=0, reason="no study lies in a stratum"),
    ]
    tables = pooled_tables(make_inputs, frame, [pooled_row(stratum="Asian")], strata)
    assert len(tables) == 1
    assert [row.wide for body in tables[0].bodies for row in body.rows] == [False]
    assert "compared:" not in tables[0].caption


def test_a_reason_that_all_models_share_is_said_once(make_inputs, frame):
    rows = [pooled_row(model=m, stratum=s) for m in ("dominant", "recessive") for s in ("A", "B")]
    key = dict(locus="SNP", effect_allele="C", stratifier="ethnicity", strata=2, k=2)
    strata = [key | dict(model=m, reason="few") for m in ("dominant", "recessive")]
    table = pooled_tables(make_inputs, frame, rows, strata)[0]
    assert "Strata are not compared: few." in table.caption
    assert not any(row.wide for body in table.bodies for row in body.rows)
    strata[1] |= dict(statistic=5.311402, distribution="chi2", df1=1, p_value=0.021186)
    table = pooled_tables(make_inputs, frame, rows, strata)[0]
    lines = [str(row.cells[0]) for body in table.bodies for row in body.rows if row.wide]
    assert lines[0] == "Between strata: not tested: few"
    assert lines[1].startswith("Between strata: chi²(1) = 5.31, p = 0.021")


@pytest.mark.parametrize(
    ("row", "cases", "controls"),
    [
        (dict(n_cases=403, n_controls=403, k_without_n=0), "403", "403"),
        (dict(n_cases=159, n_controls="", k_without_n=1), "159+", "–"),
        (dict(n_cases="", n_controls="", k_without_n=1), "–", ""),
        (dict(n_cases=577, n_controls=1021, k=3, k_without_n=1), "577+", "1,021+"),
    ],
)
def test_people_that_nobody_states_are_a_dash_with_its_reason(frame, row, cases, controls):
    printed = str(results.people_cell(records(frame("pooled", pooled_row(**row)))[0]))
    shown = re.sub(r'<span class="vh">[^<]*</span>', "", printed)
    shown = re.sub(r"<[^>]*>", "", shown)
    assert shown == (f"{cases} / {controls}" if controls else cases)
    assert ("no study states them" in printed) == ("–" in shown)


def test_combined_rows_are_not_among_those_left_out(frame):
    base = dict(locus="SNP", effect_allele="C", model="dominant", stratifier="overall",
                stratum="all")  # fmt: skip
    rows = [
        base | dict(study="G5 + G6", used="yes"),
        base | dict(study="G5", used="no", provenance="simulated",
                    reason="cases counted with G5 + G6 (shared controls)"),
        base | dict(study="G6", used="no",
                    reason="cases counted with G5 + G6 (shared controls)"),
    ]  # fmt: skip
    effects = records(frame("effects", *rows))
    assert beside.left_out_table(SNP, effects, Numbering()) is None
    pooled = records(frame("pooled", base))
    provenance.mark(dict(effects=effects, pooled=pooled, studies=[], hwe=[], pooled_counts_only=[]))
    assert pooled[0]["origin"] == "Rests on simulated numbers of G5 + G6."


def test_notes_become_footnotes_with_one_letter_each():
    rows = [Row(["A"], notes=["x", "y"]), Row(["B"], notes=["z"]), Row(["C"], notes=["z", "x"])]
    table = Numbering().table("c", [Column("s")], [Body(rows)])
    assert table.footnotes == [("a", "x"), ("b", "y"), ("c", "z")]
    marks = [str(row.cells[0]) for row in table.bodies[0].rows]
    assert '>a</a>,<a href="#table-1-c">c</a></sup>' in marks[2]


def test_a_mark_stands_on_the_first_line_of_a_cell():
    for second in ("below", "under", "value"):
        cell = Markup('1 <span class="{}">2</span>').format(second)
        table = Numbering().table("c", [Column("s")], [Body([Row([cell], notes=["x"])])])
        assert re.match("1<sup>.*</sup> <span", str(table.bodies[0].rows[0].cells[0]))


def test_footnotes_go_on_after_z():
    rows = [Row(["A"], notes=[str(n) for n in range(54)])]
    letters = [letter for letter, _ in Numbering().table("", [Column("s")], [Body(rows)]).footnotes]
    assert letters[25:28] == ["z", "aa", "ab"]
    assert letters[51:] == ["az", "ba", "bb"]
