"""The section on a repeat's lengths: its numbers are those of the tables, its text is text."""

import pandas as pd
import pytest

from genopool.config import load
from genopool.pooling.length_tables import analyse_lengths
from genopool.report import Figure, Locus, render_report
from genopool.report.inputs import REQUIRED
from genopool.studies.reading import read_studies

HOSTILE = "<script>hacked = 1</script>\"'><img src=x onerror=hacked=1>{{ 7 * 7 }}"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="90pt" viewBox="0 0 300 90"/>'
KINDS = ("length_distribution", "length_odds_ratios", "length_trend")


@pytest.fixture(scope="module")
def results(repeats, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    repeats.write_project(folder)
    loaded = load(folder / "config.yaml")
    return analyse_lengths(loaded.config, "CA", read_studies(loaded))


def as_frame(name, rows):
    columns = dict.fromkeys([*REQUIRED[name].split(), *(key for row in rows for key in row)])
    return pd.DataFrame([[row.get(c, "") for c in columns] for row in rows], columns=list(columns))


@pytest.fixture
def page(make_inputs, parse, results, frame):
    """Render the report with rows of lengths, changed by `change`."""

    def render(change=lambda rows: rows, figures=True, trend=None, studies=(), **more):
        rows = {
            "lengths": results.pooled,
            "length_trend": results.trend if trend is None else trend,
            "length_effects": results.effects,
        }
        rows = {name: change(list(found)) for name, found in rows.items()}
        drawn = [Figure(SVG, "", "", s, kind=k) for k in KINDS for s in ("overall", "ethnicity")]
        cell = {"study": "African 1", "locus": "CA", "genotype": "19/19", "unit": "genotype"}
        inputs = make_inputs(
            loci=[Locus("CA", "Made-up (CA)n", kind="repeat", effect_alleles=("19",))],
            studies=frame("studies", cell | {"cases": 1, "controls": 1}, *studies),
            figures={"CA": drawn if figures else []},
            **{name: as_frame(name, found) for name, found in rows.items()},
            **more,
        )
        return parse(render_report(inputs))

    return render


def tables_of(root):
    """Cells of the tables whose caption begins with the locus, by caption."""
    found = {}
    for table in root.all("table"):
        (caption,) = table.all("caption")
        rows = [[c.text for c in row.all("th", "td")] for row in table.all("tr")]
        if ": odds ratio of" in caption.text:
            found[caption.text] = rows
    return found


def test_the_numbers_are_those_of_the_tables(page, results):
    tables = tables_of(page())
    (trend,) = [rows for caption, rows in tables.items() if "for each further repeat" in caption]
    for row in results.trend:
        name = "Overall" if row["stratum"] == "all" else row["stratum"]
        (cells,) = [line for line in trend if line[0] == name]
        assert cells[2] == f"{row['case_mean_length']:.2f}"
        assert cells[4] == f"{row['or']:.2f}"
        assert cells[5].startswith(f"[{row['ci_low']:.2f}, {row['ci_high']:.2f}]")
        assert cells[9].startswith(f"{row['linearity_chi2']:.2f} ({row['linearity_df']})")
    overall, strata = [rows for caption, rows in tables.items() if "with each length" in caption]
    for row in results.pooled:
        if row["stratum"] == "all" and row["length"] != "19":
            (cells,) = [line for line in overall if line[0] == row["length"]]
            assert cells[2] == f"{row['or']:.2f}"
            counts = f"{row['case_chromosomes']:,.0f} / {row['control_chromosomes']:,.0f}"
            assert cells[1].endswith(counts)
    assert any(line[0].startswith("19 (reference)") for line in overall)
    assert sum(line[0] == "17" for line in strata) == 5


def test_rows_without_lengths_are_named_with_the_reason(page):
    text = page().text
    assert "Not in the trend: Classes (19/non-19 does not give lengths)." in text


def test_people_counted_in_another_row_are_not_called_missing(page):
    row = {"locus": "CA", "study": "Part", "population": "women", "length": "trend"}
    row |= {"stratifier": "overall", "stratum": "all", "used": "no"}
    more = [row | {"reason": "contained in the whole study"}]
    more.append(row | {"study": "Gone", "reason": "everybody has one length"})
    text = page(lambda rows: [*rows, *more] if "study" in rows[0] else rows).text
    assert "Gone (women) (everybody has one length)" in text
    assert "contained in" not in text.split("Not in the trend:")[1].split("Figure")[0]


def test_what_is_open_and_what_is_folded(page):
    root = page(configuration={"strata": {"ethnicity": {}}})
    (section,) = [s for s in root.all("section") if s.attributes.get("id") == "locus-CA"]
    summaries = [d.text for d in section.all("summary")]
    assert "Odds ratio of each length by stratum" in summaries
    assert "Forest plots of the trend" in summaries
    folded = [f for d in section.all("details") for f in d.all("figcaption")]
    captions = [f.text for f in section.all("figcaption")]
    assert len(captions) == 6 and len(folded) == 4
    assert "distribution of lengths, by ethnicity" in captions[0]


def test_a_repeat_without_lengths_says_so_in_one_line(page, results):
    row = {"locus": "CA", "stratifier": "overall", "stratum": "all", "k": 0, "reason": "none"}
    root = page(lambda rows: [], figures=False)
    assert "Lengths, one by one" not in root.text
    root = page(lambda rows: [row] if rows and "linearity_p" in rows[0] else [], figures=False)
    assert sum(h.text == "Lengths, one by one" for h in root.all("h3")) == 1
    nothing = [p.text for p in root.all("p") if p.attributes.get("class") == "nothing"]
    assert sum("No study table gives counts by length" in text for text in nothing) == 1
    assert not tables_of(root)


def test_other_loci_have_no_such_section(make_inputs, parse):
    assert "Lengths, one by one" not in parse(render_report(make_inputs())).text


def test_results_without_a_test_are_put_in_words(page, results):
    """As of the Bayesian model, which has no p."""

    def without(rows):
        return [{k: v for k, v in r.items() if k not in ("p_value", "linearity_p")} for r in rows]

    root = page(without, configuration={"pooling": {"method": "bayes"}})
    row = results.trend[0]
    limits = f"[{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
    said = f"{row['or']:.2f} times the odds of breast cancer (95% credible interval {limits}"
    assert f"{said}, 11 studies)." in root.text
    assert "<span" not in root.text


def test_the_methods_say_what_was_done(page, make_inputs, parse):
    assert "needs no Hardy-Weinberg equilibrium" in page().text
    assert "lengths, in the studies" not in parse(render_report(make_inputs())).text


def test_made_numbers_are_said_to_be_made(page):
    made = {"study": "European 1", "locus": "CA", "genotype": "19/19", "provenance": "simulated"}
    captions = tables_of(page(studies=[made | {"cases": 1, "controls": 1}]))
    assert captions and all("Rests on simulated numbers of European 1" in c for c in captions)


def test_hostile_text_is_text(page):
    keys = {"locus", "stratifier", "length", "reference", "used"}

    def poison(rows):
        return [
            {k: HOSTILE if isinstance(v, str) and v and k not in keys else v for k, v in r.items()}
            for r in rows
        ]

    root = page(poison, outcome=HOSTILE)
    assert not [s for s in root.all("script", "img")]
    assert "{{ 7 * 7 }}" in root.text
