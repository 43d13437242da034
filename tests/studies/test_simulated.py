"""Rows of a simulated project say that they are."""

import pytest

from genopool.studies.reading import read_studies
from genopool.studies.simulated import kind

HEADER = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC,provenance\n"
CONFIG = "loci: {SNP: {alleles: A/C}}\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("simulated", "simulated"),
        ("Simulated, seed 3", "simulated"),
        ("reconstructed from percentages", "reconstructed"),
        ("as printed", ""),
        ("", ""),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_words_that_mean_made_up(said, expected):
    assert kind(said) == expected


@pytest.mark.parametrize("said", ["", "reconstructed", "as printed"])
def test_a_row_that_does_not_say_so_stops_a_simulated_project(make_project, said):
    table = HEADER + "A,SNP,1,2,3,4,5,6,simulated\nB,SNP,1,2,3,4,5,6," + said + "\n"
    found = read_studies(make_project({"a.csv": table}, "simulated: true\n" + CONFIG)).findings
    (finding,) = [f for f in found if f.check == "not_simulated"]
    assert (finding.severity, finding.row, finding.study) == ("error", 3, "B")


def test_a_table_without_the_column(make_project):
    table = "study,locus,cases_A,cases_C,controls_A,controls_C\nA,SNP,1,2,3,4\n"
    found = read_studies(make_project({"a.csv": table}, "simulated: true\n" + CONFIG)).findings
    assert "not_simulated" in {f.check for f in found}


def test_other_projects_may_hold_what_they_like(make_project):
    table = HEADER + "A,SNP,1,2,3,4,5,6,simulated\nB,SNP,1,2,3,4,5,6,\n"
    assert read_studies(make_project({"a.csv": table}, CONFIG)).findings == ()
