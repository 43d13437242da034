"""Reported estimates: standard errors and what makes them impossible or remarkable."""

import math

import pytest

from genopool.studies.reading import read_studies

HEADER = "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high,level,se,p_value\n"


def read(make_project, row):
    tables = read_studies(make_project({"a.csv": HEADER + f"S,SNP,C,dominant,OR,{row}\n"}))
    found = [f for f in tables.findings if f.check != "stratifier_without_column"]
    return (tables.estimates[0] if tables.estimates else None), found


def test_standard_error_from_the_interval(make_project):
    # Wen 2005: OR 1.23 (1.04-1.47); ln(1.47/1.04) / (2 × 1.959964)
    record, found = read(make_project, "1.23,1.04,1.47,,,")
    assert record.log_se == pytest.approx(math.log(1.47 / 1.04) / (2 * 1.959963984540054))
    assert not found


def test_level_of_the_interval(make_project):
    record, _ = read(make_project, "1.23,1.04,1.47,0.9,,")
    assert record.log_se == pytest.approx(math.log(1.47 / 1.04) / (2 * 1.6448536269514722))


def test_standard_error_as_given(make_project):
    assert read(make_project, "1.23,,,,0.09,")[0].log_se == 0.09


def test_standard_error_from_p(make_project):
    record, (note,) = read(make_project, "1.5,,,,,0.05")
    assert record.log_se == pytest.approx(math.log(1.5) / 1.959963984540054)
    assert note.check == "se_from_p"


@pytest.mark.parametrize("row", ["1.5,,,,,<0.001", "1,,,,,0.5", "1.5,,,,,", "1.5,1.2,,,,"])
def test_without_a_standard_error_it_is_listed(make_project, row):
    record, (warning,) = read(make_project, row)
    assert record.log_se is None and record.problem
    assert (warning.severity, warning.check) == ("warning", "no_standard_error")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("1.5,1.2,1.9,0,,", "level"),
        ("1.5,1.2,1.9,1,,", "level"),
        ("1.5,-1,1.9,,,", "ci_low"),
        ("1.5,1.61,1.9,,,", "estimate"),
        ("1.5,1.2,1.2,,,", "ci_low"),
        ("1.5,,,,-0.1,", "se"),
        ("1.5,,,,,1.2", "p_value"),
        (",1.2,1.9,,,", "estimate"),
        ("nan,1.2,1.9,,,", "estimate"),
        ("1e400,1.2,1.9,,,", "estimate"),
    ],
)
def test_impossible(make_project, row, column):
    record, found = read(make_project, row)
    assert record is None
    assert column in [f.column for f in found if f.severity == "error"]


def test_estimate_may_touch_its_limit_within_the_last_digit(make_project):
    assert read(make_project, "1.0,1.05,1.9,,,")[0] is not None
    assert read(make_project, "0.9,1.05,1.9,,,")[0] is None


def test_asymmetric_interval_is_warned_of(make_project):
    # Gonzalez-Zuloeta Ladd 2007 printed 1.26 (0.95-1.82): the middle is 1.31.
    _, (warning,) = read(make_project, "1.26,0.95,1.82,,,")
    assert warning.check == "asymmetric_interval" and "1.31" in warning.message
    # rounding alone is no reason: sqrt(0.13 × 1.14) = 0.385 for a printed 0.38
    assert not read(make_project, "0.38,0.13,1.14,,,")[1]


def test_other_strand(make_project):
    content = HEADER + "S,SNP,G,dominant,OR,1.5,1.2,1.9,,,\n"
    tables = read_studies(make_project({"a.csv": content}))
    assert tables.estimates[0].alleles == 2
    assert "other_strand" in [f.check for f in tables.findings]
