"""Columns that odds ratios are regressed on: what they are, and what is said of those that fail."""

import numpy as np
import pytest

from genopool.studies.moderators import as_number, is_numeric, resolve
from genopool.studies.reading import read_studies

CONFIG = "loci: {SNP: {alleles: A/C}}\nstrata: {ethnicity: {}}\n"
HEADER = "study,locus,ethnicity,latitude,cases_A,cases_C,controls_A,controls_C"


def findings(make_project, latitudes, moderators):
    rows = [f'S{i},SNP,Asian,"{value}",10,20,30,40' for i, value in enumerate(latitudes)]
    project = make_project(
        {"a.csv": "\n".join([HEADER, *rows])}, CONFIG + f"moderators: {moderators}\n"
    )
    return [f for f in read_studies(project).findings if f.check.startswith("moderator")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("year", ("automatic", "year")),
        ("People", ("automatic", "people")),
        ("ethnicity", ("stratifier", "ethnicity")),
        ("strata.year", ("stratifier", "year")),
        ("Latitude", ("column", "latitude")),
    ],
)
def test_what_a_name_stands_for(name, expected):
    assert resolve(name, {"ethnicity": None, "year": None}) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("-33.5", -33.5), ("0,5", 0.5), ("12,25", 12.25), (" 7 ", 7), ("1e3", 1000)],
)
def test_numbers(text, number):
    assert as_number(text) == number


@pytest.mark.parametrize("text", ["", "33 N", "1,234", "40-60", "north", "1e999", "nan"])
def test_no_numbers(text):
    assert np.isnan(as_number(text))


def test_a_column_is_what_most_of_its_different_values_are():
    assert is_numeric(["1", "2", "3", "north", "NR", ""])
    assert not is_numeric(["1", "north"]) and not is_numeric(["1", "1", "1", "a", "b"])
    assert not is_numeric([])


def test_a_column_that_no_table_has_is_warned_of(make_project):
    (finding,) = findings(make_project, [1, 2], "[latitud]")
    assert (finding.severity, finding.check) == ("warning", "moderator_without_column")
    assert "did you mean 'latitude'?" in finding.message
    assert finding.action == "nothing is regressed on it"


def test_text_among_numbers_is_warned_of_once(make_project):
    said = findings(make_project, [10, 20, "33 N", "NR", 40], "[latitude, [latitude, year]]")
    assert [(f.check, f.value, f.row) for f in said] == [("moderator_not_a_number", "33 N", 4)]
    assert said[0].action == "the row is left out of regressions on latitude"


def test_columns_of_text_and_other_moderators_are_not_warned_of(make_project):
    assert findings(make_project, ["north", "south", 3], "[latitude]") == []
    assert findings(make_project, [1, 2], "[[year, people, ethnicity, control_frequency]]") == []
