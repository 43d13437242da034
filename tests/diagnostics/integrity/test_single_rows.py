"""Copied columns, cells with nobody, and very few people."""

import pytest


@pytest.mark.parametrize(
    ("cells", "severity"),
    [
        ("360,1080,640,360,1080,640", "warning"),
        ("36,108,64,36,108,64", "warning"),
        ("36,108,64,36,108,65", None),
        ("200,0,0,200,0,0", None),
        ("1,2,1,1,2,1", None),
    ],
)
def test_cases_that_are_the_controls(findings_of, counts, cells, severity):
    found = findings_of("cases_equal_controls", {"a.csv": counts(f"Copy,{cells}", published=True)})
    assert [f.severity for f in found if f.severity == "warning" or severity] == (
        [severity] if severity else []
    )


def test_where_all_studies_are_matched_one_to_one_equal_counts_are_likelier(findings_of, counts):
    matched = [f"M{i},{30 + i},{50 - i},20,{28 - i},{52 + i},20" for i in range(20)]
    (finding,) = findings_of(
        "cases_equal_controls", {"a.csv": counts(*matched, "Copy,30,50,20,30,50,20")}
    )
    assert finding.severity == "note"


def test_small_cells_are_named_by_genotype(findings_of, counts):
    (finding,) = findings_of("small_cells", {"a.csv": counts("One,1,108,64,26,96,0")})
    assert finding.severity == "note"
    assert "1 case with AA, no controls with CC" in finding.message
    assert "0.5 is added" in finding.action
    assert "recessive" in finding.why


def test_the_threshold_is_configurable(findings_of, counts):
    config = (
        "loci: {SNP: {alleles: A/C}}\nchecks: {small_cells: {note: 0}, tiny_study: {note: 0}}\n"
    )
    tables = {"a.csv": counts("One,1,0,4,2,6,0")}
    assert not findings_of("small_cells", tables, config)
    assert not findings_of("tiny_study", tables, config)


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\nX,SNP,5,5,5,20,20,20", 1),
        ("cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\nX,SNP,9,9,9,20,20,20", 0),
        ("cases_A,cases_C,controls_A,controls_C\nX,SNP,15,15,40,40", 1),
    ],
)
def test_tiny_studies_count_people_and_not_alleles(findings_of, table, found):
    findings = findings_of("tiny_study", {"a.csv": f"study,locus,{table}\n"})
    assert len(findings) == found
    if found:
        assert "15 cases" in findings[0].message


def test_rows_without_counts_are_left_to_the_reading(findings_of, counts):
    assert not findings_of("small_cells", {"a.csv": counts("One,,,,,,")})
