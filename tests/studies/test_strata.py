"""Strata from the configuration."""

import pytest

from genopool.config import Config
from genopool.studies.findings import errors
from genopool.studies.populations import populations
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


@pytest.mark.parametrize(
    ("value", "stratum"),
    [
        ("2003-2004", "< 2005"),
        ("2003–2004", "< 2005"),
        ("2005 to 2009", "2005 to < 2010"),
        ("2004.5", "< 2005"),
        ("2003-2005", None),  # lies in two
        ("2009-2010", None),
        ("2004-2003", None),
        ("-5", "< 2005"),
        ("2e3", "< 2005"),
        ("1_999", None),
        ("inf", None),
        ("1e999", None),
        ("9" * 30_000, None),
        ("٢٠٠٧", None),
        ("2005a", None),
    ],
)
def test_numbers_and_ranges_between_cuts(value, stratum):
    assigned = strata(year={"cuts": [2005, 2010]}).assign("year", {"year": value})
    assert (assigned.stratum, assigned.listed) == (stratum, stratum is not None)


def test_cuts_need_not_be_whole():
    by = strata(maf={"cuts": [0.05, 0.25]})
    labels = [by.assign("maf", {"maf": value}).stratum for value in ("0.049", ".05", "0.25")]
    assert labels == ["< 0.05", "0.05 to < 0.25", ">= 0.25"]


def test_three_stratifiers_crossed():
    by = strata(
        e={"groups": {"West": [], "East": []}},
        year={"cuts": [2005]},
        source={},
        all_three={"cross": ["source", "e", "year"]},
    )
    labels = [
        by.assign("all_three", {"e": e, "year": year, "source": "hospital"}).stratum
        for e, year in (("East", "2010"), ("West", "2010"), ("East", "2001"))
    ]
    assert labels[0] == "hospital | East | >= 2005"
    assert by.order("all_three", set(labels)) == [labels[1], labels[2], labels[0]]


def test_own_values_of_others_join_a_group_that_is_called_other():
    by = strata(e={"groups": {"East": ["Korean"], "other": ["mixed"]}, "other": "own"})
    assert {by.assign("e", {"e": value}).stratum for value in ("Mixed", "Martian")} == {"other"}


@pytest.mark.parametrize("settings", [{}, {"groups": {"East": ["Korean"]}, "other": "own"}])
def test_a_word_for_everybody_is_no_stratum(settings):
    assigned = strata(e=settings).assign("e", {"e": "All "})
    assert (assigned.stratum, assigned.listed) == (None, False)
    named = strata(e={"groups": {"Mixed": ["all"]}})
    assert named.assign("e", {"e": "All"}).stratum == "Mixed"


@pytest.mark.parametrize(
    ("value", "stratum"),
    [
        ("0,265", ">= 0.25"),
        (",04", "< 0.25"),
        ("0,30-0,35", ">= 0.25"),
        ("54,3", ">= 0.25"),
        ("-1,5", "< 0.25"),
        ("1,234", None),  # or 1234
        ("2003,2005", None),  # or two years
        ("0,2,3", None),
    ],
)
def test_a_decimal_comma_is_one_where_it_can_be_nothing_else(value, stratum):
    assigned = strata(maf={"cuts": [0.25]}).assign("maf", {"maf": value})
    assert (assigned.stratum, assigned.listed) == (stratum, stratum is not None)


CONFIG = "loci: {SNP: {alleles: A/C}}\nstrata: {%s}\n"
TABLE = "study,locus,site,year,cases_A,controls_A\n"


@pytest.mark.parametrize(
    ("stratifier", "row", "expected"),
    [
        ("site: {}", "S,SNP,overall,,1,2", ("note", "everybody", "site", "overall")),
        ("year: {cuts: [2005]}", "S,SNP,,2004-2006,1,2", ("warning", "not_a_number", "year", None)),
        ("year: {cuts: [2005]}", "S,SNP,,soon,1,2", ("warning", "not_a_number", "year", "soon")),
        (
            "site: {groups: {North: []}}",
            "S,SNP,south,,1,2",
            ("note", "value_in_no_group", "site", "south"),
        ),
        (
            "site: {groups: {North: []}, other: each}",
            "S,SNP,south,,1,2",
            ("note", "value_in_no_group", "site", "south"),
        ),
    ],
)
def test_what_is_in_no_stratum_is_listed_with_its_row(make_project, stratifier, row, expected):
    project = make_project({"a.csv": TABLE + row + "\n"}, CONFIG % stratifier)
    (found,) = read_studies(project).findings
    value = expected[3] or found.value
    assert (found.severity, found.check, found.column, found.value) == (*expected[:3], value)
    assert found.row == 2


def test_a_misspelt_value_gets_a_suggestion(make_project):
    stratifier = "site: {groups: {Asian: [Chinese, Korean]}}"
    project = make_project({"a.csv": TABLE + "S,SNP,Chineese,,1,2\n"}, CONFIG % stratifier)
    (found,) = read_studies(project).findings
    assert "did you mean 'Chinese'?" in found.message


def test_a_whole_that_says_all_contains_its_parts(make_project):
    config = CONFIG % "site: {}"
    rows = "S,SNP,all,,10,20\n" + "T,SNP,north,,10,20\n"
    tables = read_studies(make_project({"a.csv": TABLE + rows}, config))
    described = populations(tables.rows, ("site",))
    assert [dict(p.own) for p in described.values()] == [{}, {"site": "north"}]
