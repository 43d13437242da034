"""Strata from the configuration."""

import pytest

from genopool.config import Config
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies
from genopool.studies.strata import Strata


def strata(**settings):
    config = Config.model_validate({"loci": {"SNP": {"alleles": "A/C"}}, "strata": settings})
    return Strata(config, [])


def test_own_values():
    by = strata(ethnicity={})
    assert by.assign("ethnicity", {"ethnicity": " Korean "}).stratum == "Korean"
    for blank in ("", "NA", "nr", "-", "."):
        assert by.assign("ethnicity", {"ethnicity": blank}).stratum is None
    assert by.assign("ethnicity", {}).stratum is None
    assert by.order("ethnicity", {"b", "a"}) == ["a", "b"]


@pytest.mark.parametrize(
    ("other", "stratum"),
    [("exclude", None), ("own", "Other"), ("each", "Martian"), ("error", None)],
)
def test_groups_and_others(other, stratum):
    by = strata(e={"groups": {"East": ["Chinese", "Korean"], "West": "European"}, "other": other})
    assert by.assign("e", {"e": "KOREAN "}).stratum == "East"
    assert by.assign("e", {"e": "west"}).stratum == "West"
    assigned = by.assign("e", {"e": "Martian"})
    assert (assigned.stratum, assigned.listed) == (stratum, False)
    assert by.order("e", {"Other", "West", "Martian", "East"}) == [
        "East",
        "West",
        "Martian",
        "Other",
    ]


def test_cuts():
    by = strata(year={"cuts": [2005, 2010]})
    values = ["1999", "2005", "2009.5", "2010"]
    found = [by.assign("year", {"year": value}).stratum for value in values]
    assert found == ["< 2005", "2005 to < 2010", "2005 to < 2010", ">= 2010"]
    assert by.order("year", set(found)) == ["< 2005", "2005 to < 2010", ">= 2010"]
    assert by.assign("year", {"year": "soon"}).stratum is None
    assert by.assign("year", {"year": "nan"}).stratum is None


@pytest.mark.parametrize("key", ["cross", "columns"])
def test_crossed_strata_use_the_groups(key):
    by = strata(
        e={"groups": {"West": ["European"], "East": ["Korean"]}}, m={}, both={key: ["e", "m"]}
    )
    labels = [
        by.assign("both", {"e": e, "m": m}).stratum
        for e, m in (("Korean", "pre"), ("European", "pre"), ("European", "post | late"))
    ]
    assert labels == ["East | pre", "West | pre", "West | post | late"]
    assert by.assign("both", {"e": "Korean", "m": ""}).stratum is None
    assert by.order("both", set(labels)) == ["West | post | late", "West | pre", "East | pre"]


def test_two_stratifiers_may_use_one_column():
    by = strata(e={}, broad={"column": "e", "groups": {"Asian": ["Korean"]}})
    assert by.assign("broad", {"e": "Korean"}).stratum == "Asian"
    assert by.assign("e", {"e": "Korean"}).stratum == "Korean"


def test_spellings_that_differ_in_case_are_one_stratum(make_project):
    config = "loci: {SNP: {alleles: A/C}}\nstrata: {site: {}}\n"
    content = "study,locus,site,cases_A,controls_A\nS,SNP,north,1,2\nT,SNP,North,1,2\n"
    project = make_project({"a.csv": content}, config)
    tables = read_studies(project)
    by = Strata(project.config, tables.rows)
    assert {by.assign("site", row.values).stratum for row in tables.rows} == {"North"}


def test_other_error_stops_the_run(make_project):
    config = (
        "loci: {SNP: {alleles: A/C}}\nstrata: {site: {groups: {North: [north]}, other: error}}\n"
    )
    content = "study,locus,site,cases_A,controls_A\nS,SNP,south,1,2\n"
    (found,) = errors(read_studies(make_project({"a.csv": content}, config)).findings)
    assert (found.row, found.column, found.value) == (2, "site", "south")


def test_column_that_no_table_has_is_warned_of(make_project):
    config = "loci: {SNP: {alleles: A/C}}\nstrata: {ethnicity: {}}\n"
    content = "study,locus,ethnicty,cases_A,controls_A\nS,SNP,x,1,2\n"
    (found,) = read_studies(make_project({"a.csv": content}, config)).findings
    assert found.severity == "warning" and "did you mean 'ethnicty'" in found.message
