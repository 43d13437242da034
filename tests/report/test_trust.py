"""The first page: the verdict, the list of checks, and marks where a study stands."""

import pandas as pd
import pytest

from genopool.diagnostics.settings import SWITCHED_OFF
from genopool.report import render_report


def element(page, ident):
    return next(e for e in page.all() if e.attributes.get("id") == ident)


def verdict(page):
    return next(e for e in page.all("div") if e.attributes.get("class", "").startswith("verdict"))


def finding(study, severity="warning", check="repeated_counts", row=2, file="arafat_2025.csv"):
    return dict(
        severity=severity, check=check, file=file, row=row, study=study, message="m", why="w",
        action="a",
    )  # fmt: skip


@pytest.fixture
def page(make_inputs, parse, frame):
    def render(*findings, **more):
        return parse(render_report(make_inputs(integrity=frame("integrity", *findings), **more)))

    return render


def test_the_findings_stand_between_the_account_and_the_results(make_inputs, parse):
    page = parse(render_report(make_inputs()))
    ids = [e.attributes["id"] for e in page.all("section") if "id" in e.attributes]
    assert ids[:3] == ["account", "findings", "summary"]


def test_the_verdict_counts_warnings_and_the_studies_that_they_are_about(page):
    found = verdict(
        page(
            finding("Arafat 2025"),
            finding("Arafat 2025", check="hardy_weinberg"),
            finding("Wagner 2005", row=9),
            finding("Wagner 2005", severity="note"),
            finding("", check="stratifier_without_column", row=""),
        )
    )
    assert "4 warnings, about 2 of the 3 studies read (1 about the tables as such); 1 note." in (
        found.text
    )
    lines = [item.text for item in found.all("li")]
    assert lines == [
        "Arafat 2025 : repeated counts , Hardy-Weinberg",
        "Wagner 2005 : repeated counts",
        "The tables as such : stratifier without column",
    ]
    assert "warns" in found.attributes["class"]


def test_without_warnings_the_verdict_does_not_warn(page):
    found = verdict(page(finding("Arafat 2025", severity="note")))
    assert found.text.startswith("No warning; 1 note.")
    assert "warns" not in found.attributes["class"]


def test_many_studies_are_counted_and_not_all_named(page):
    found = verdict(page(*(finding(f"S{i}", row=i + 20) for i in range(25))))
    lines = [item.text for item in found.all("li")]
    assert len(lines) == 11
    assert lines[-1] == "and 15 studies more, below"


def test_every_link_of_the_verdict_leads_to_its_finding(page):
    shown = page(finding("A", row=30), finding("B", severity="note"), finding("C", row=40))
    for link in verdict(shown).all("a"):
        row = element(shown, link.attributes["href"][1:])
        assert row.tag == "tr"
    targets = [link.attributes["href"] for link in verdict(shown).all("a")]
    assert "A" in element(shown, targets[0][1:]).text
    assert "C" in element(shown, targets[1][1:]).text


def test_checks_that_had_nothing_to_look_at_say_why(make_inputs, parse):
    page = parse(render_report(make_inputs()))
    assert "1 check has looked at the tables; 1 had nothing to look at and is silent." in (
        verdict(page).text
    )
    table = next(
        t for t in page.all("table") if "The checks of the input" in next(t.all("caption")).text
    )
    rows = [[c.text for c in row.all("th", "td")] for row in table.all("tr")]
    assert ["Hardy-Weinberg", "1", "0", "genotypes of controls", "2 rows"] in rows
    assert [
        "repeated counts", "0", "0", "rows that repeat another study",
        "there are no two studies to compare",
    ] in rows  # fmt: skip
    headings = [row[0] for row in rows if len(row) == 1]
    assert headings == ["Counts", "Nothing to look at"]


def test_checks_that_are_switched_off_are_not_said_to_have_run(make_inputs, parse):
    rows = make_inputs().checks.to_dict("records")
    rows.append(rows[0] | {"title": "papers", "compared": 0, "reason": SWITCHED_OFF})
    page = parse(render_report(make_inputs(checks=pd.DataFrame(rows))))
    assert "1 had nothing to look at and is silent; 1 is switched off" in verdict(page).text
    table = next(
        t for t in page.all("table") if "The checks of the input" in next(t.all("caption")).text
    )
    rows = [[c.text for c in row.all("th", "td")] for row in table.all("tr")]
    assert [row[0] for row in rows if len(row) == 1][-1] == "Not run"
    assert rows[-1][0] == "papers" and rows[-1][-1] == SWITCHED_OFF


def test_a_warning_is_marked_where_the_study_stands(page):
    shown = page(
        finding("Arafat 2025", check="hardy_weinberg"),
        finding("Arafat 2025", severity="note"),
        finding("Wagner 2005", check="interval_width", file="wagner_2005.csv"),
    )
    marks = [e for e in shown.all("span") if e.attributes.get("class") == "warned"]
    assert [mark.text for mark in marks] == ["⚠ Hardy-Weinberg", "⚠ interval width"]
    for mark in marks:
        (link,) = mark.all("a")
        assert element(shown, link.attributes["href"][1:]).tag == "tr"


def test_a_row_of_another_file_with_the_same_number_is_not_marked(page):
    shown = page(finding("Arafat 2025", file="other.csv"))
    assert not [e for e in shown.all("span") if e.attributes.get("class") == "warned"]


def test_a_report_without_a_list_of_checks_is_still_one(make_inputs, parse):
    page = parse(render_report(make_inputs(checks=None)))
    assert "checks" not in verdict(page).text
