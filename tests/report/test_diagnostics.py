"""The section on diagnostics shows what the tables have, and says what there is not."""

from math import log

import pytest

from genopool.diagnostics import choice, small_study
from genopool.diagnostics.tables.columns import DIAGNOSTIC_COLUMNS
from genopool.report import Figure, render_report
from genopool.report.diagnostic_methods import diagnostic_methods
from genopool.report.diagnostic_words import FIGURES, SMALL_STUDY_TESTS
from genopool.report.inputs import REQUIRED

IGFBP3 = "IGFBP3_A-202C"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="90pt" viewBox="0 0 300 90"/>'


def pool(model="dominant", **values):
    return {
        "locus": IGFBP3,
        "effect_allele": "C",
        "model": model,
        "stratifier": "overall",
        "stratum": "all",
    } | values


def pooled(analysis, ratio, p, left_out="", **values):
    values = {"k": 2, "ci_low": ratio / 2, "ci_high": 2 * ratio, "i2": 10.0} | values
    return pool(analysis=analysis, left_out=left_out, p_value=p, **values, **{"or": ratio})


TABLES = {
    "sensitivity": [
        pooled("leave_one_out", 1.21, 0.2, "Arafat 2025"),
        pooled("leave_one_out", 1.05, 0.7, "Wagner 2005"),
        pooled("leave_one_out", 1.13, 0.3, "Third 2001"),
        pooled("leave_two_out_lowest", 0.98, 0.9, "Wagner 2005; Third 2001"),
        pool(analysis="without_hwe_departure", reason="no study departs"),
        pooled("tau2=EE,interval=wald", 1.18, 0.01),
        pooled("tau2=DL,interval=hartung-knapp", 1.31, 0.06),
        pooled("tau2=SJ,interval=wald", 1.4, 0.02),
    ],
    "influence": [
        pool(study="Arafat 2025", rstudent=2.2, dffits=1.1, cook_d=0.9, weight=61.0)
        | {"is_influential": "yes"},
        pool(study="Wagner 2005", population="familial series", rstudent=-0.4, weight=39.0),
    ],
    "small_study": [
        pool(test="harbord", k=3, p_value=0.04, recommended="yes", caution="fewer than 10 studies"),
        pool(test="egger", k=3, p_value=0.02, recommended="no"),
        pool(
            test="trim_and_fill_L0_left",
            k=3,
            adjusted_log_or=log(1.07),
            ci_low=log(0.8),
            ci_high=log(1.4),
            k_filled=2,
        ),
    ],
    "metaregression": [
        pool(
            moderator="year",
            term="year",
            k=3,
            estimate=log(0.9),
            ci_low=log(0.8),
            ci_high=log(1.01),
            p_value=0.08,
            p_permutation=0.11,
            p_adjusted=0.24,
            r2=12.5,
        ),
        pool(moderator="people", reason="people hardly differ"),
    ],
    "multiplicity": [pool(p_value=0.26, p_adjusted=0.31, adjustment="Holm", q_value=0.4)],
    "credibility": [
        pool(quantity="bfdp", given_or=1.5, prior=0.001, value=0.93),
        pool(quantity="power", given_or=1.2, value=0.415),
        pool(quantity="sequential_crossed", given_or=1.2, value=0),
    ],
}


@pytest.fixture
def page(make_inputs, frame, parse):
    def render(tables=TABLES, figures=()):
        frames = {name: frame(name, *rows) for name, rows in tables.items()}
        return parse(render_report(make_inputs(**frames, figures={IGFBP3: list(figures)})))

    return render


def rows_of(root, words):
    (found,) = [t for t in root.all("table") if words in next(t.all("caption")).text]
    return [[cell.text for cell in row.all("th", "td")] for row in found.all("tr")]


def test_sensitivity_shows_the_ends_of_what_choices_and_studies_do(page):
    rows = rows_of(page(), "The pooled result again")[1:]
    assert [row[0] for row in rows] == [
        "Without Wagner 2005 (lowest of 3 left out in turn)",
        "Without Arafat 2025 (highest of 3 left out in turn)",
        "Without Wagner 2005 and Third 2001 (lowest of all pairs)",
        "Without studies out of Hardy-Weinberg equilibrium a",
        "Equal (fixed) effects",
        "EE with wald interval (lowest odds ratio of 3 methods)",
        "SJ with wald interval (highest odds ratio of 3 methods)",
        "DL with hartung-knapp interval (largest p of 3 methods)",
    ]
    ratios = [row[2] for row in rows]
    assert ratios[:3] + ratios[4:] == ["1.05", "1.21", "0.98", "1.18", "1.18", "1.40", "1.31"]
    assert "no study departs" in rows[3][2]


def test_influential_studies_are_marked_and_parts_are_named(page):
    rows = rows_of(page(), "What each study does")
    assert rows[-2][:3] == ["Arafat 2025 influential", "61.0%", "2.20"]
    assert rows[-1][0] == "Wagner 2005 (familial series)"


def test_small_study_tests_say_which_to_read_and_adjusted_ratios_are_ratios(page):
    rows = rows_of(page(), "Whether small studies find other odds ratios")
    assert rows[1][0] == "Harbord's test read this one a"
    assert rows[1][2] == "0.040" and "read this one" not in rows[2][0]
    assert rows[3][3:] == ["1.07", "[0.80, 1.40]", "2"]


def test_regressions_are_ratios_and_those_not_made_are_named(page):
    root = page()
    assert rows_of(root, "Meta-regression")[-1][1:] == [
        *("3", "0.90", "[0.80, 1.01]", "0.080", "0.11", "0.24", "12.5%"),
    ]
    assert any("No regression on people: people hardly differ." in p.text for p in root.all("p"))


def test_credibility_is_printed_in_its_own_units(page):
    rows = rows_of(page(), "What the result is worth")
    said = {row[0]: row[1:4] for row in rows}
    assert said["Bayesian false-discovery probability"] == ["1.50", "0.001", "0.93"]
    assert said["Power of this analysis"][2] == "41.5%"
    assert said["Monitoring boundary crossed"][2] == "no"


def test_figures_of_the_primary_model_are_shown_and_missing_ones_have_a_reason(page):
    figures = [
        Figure(SVG, "C", "dominant", "overall", kind="funnel"),
        Figure(SVG, "C", "homozygous", "overall", kind="funnel"),
        Figure(SVG, "C", "genotypes", "overall", kind="ternary"),
        Figure("", "C", "dominant", "overall", kind="gosh", reason="fewer than three studies"),
        Figure("", "C", "homozygous", "overall", kind="baujat", reason="of another model"),
    ]
    root = page(figures=figures)
    captions = [c.text for c in root.all("figcaption")]
    assert sum("Funnel plot" in c for c in captions) == 1
    assert sum("De Finetti" in c for c in captions) == 1
    text = root.text
    assert "Not drawn: gosh plot (fewer than three studies)." in text
    assert "of another model" not in text


def test_one_study_says_why_nothing_was_left_out(page):
    said = pool(analysis="leave_one_out", reason="one study: nothing is left without it")
    root = page({"sensitivity": [said]})
    assert any(p.text == "One study: nothing is left without it." for p in root.all("p"))


def test_every_table_column_that_is_read_exists():
    for name, columns in DIAGNOSTIC_COLUMNS.items():
        assert set(REQUIRED[name].split()) - {"q_value"} <= set(columns), name


def test_every_name_has_words():
    assert set(FIGURES) == set(choice.FIGURES)
    assert set(SMALL_STUDY_TESTS) == set(small_study.TESTS)
    headings, references = diagnostic_methods(choice.TABLES)
    assert len(headings) == len(choice.TABLES) and len(set(references)) == len(references)
    assert diagnostic_methods(()) == ([], ())
