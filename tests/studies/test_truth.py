"""The table of planted truth is checked when it is read."""

import pytest

from genopool.analysis import check_input
from genopool.config_problems import ConfigError
from genopool.studies.reading import read_studies
from genopool.studies.truth import planted, read_truth

CONFIG = "simulated: true\ntruth: truth.tsv\nloci: {SNP: {alleles: A/C}}\n"
HEADER = "locus\teffect_allele\tmodel\treference\tstratifier\tstratum\tk\tlog_or\tor\ttau\n"
ROW = "SNP\tC\tallelic\t\toverall\tall\t3\t0.2\t1.2214\t0.1\n"


@pytest.fixture
def read(make_project, tmp_path):
    def make(text):
        (tmp_path / "truth.tsv").write_text(text)
        return read_truth(make_project(config=CONFIG))

    return make


def test_what_is_right_is_read(read):
    rows, findings = read(HEADER + ROW + "CA\t17\tper_length\t19\toverall\tall\t3\t-0.1\t\t0\n")
    assert findings == []
    assert [row["effect_allele"] for row in rows] == ["C", "17"]
    assert rows[0]["log_or"] == "0.2" and rows[1]["or"] == ""


@pytest.mark.parametrize(
    ("old", "new", "check", "column"),
    [
        ("0.2\t", "x\t", "unknown_value", "log_or"),
        ("0.2\t", "nan\t", "unknown_value", "log_or"),
        ("0.2\t", "\t", "unknown_value", "log_or"),
        ("\t0.1\n", "\t-0.1\n", "unknown_value", "tau"),
        ("\t0.1\n", "\t\n", "unknown_value", "tau"),
        ("1.2214", "1.4", "unknown_value", "or"),
        ("1.2214", "-1", "unknown_value", "or"),
        ("allelic", "alleles", "unknown_value", "model"),
    ],
)
def test_what_is_wrong_is_an_error_in_its_place(read, old, new, check, column):
    _, findings = read(HEADER + ROW.replace(old, new))
    assert findings
    assert {(f.severity, f.check, f.row) for f in findings} == {("error", check, 2)}
    assert column in {f.column for f in findings}


def test_two_truths_of_one_result(read):
    _, (finding,) = read(HEADER + ROW + ROW.replace("0.2", "0.3").replace("1.2214", ""))
    assert (finding.check, finding.row) == ("repeated_row", 3) and "row 2" in finding.message


def test_missing_columns_are_named(read):
    _, (finding,) = read("locus\tlog_or\nSNP\t0.1\n")
    assert finding.check == "header" and "effect_allele, model, stratifier" in finding.message


def test_a_row_with_more_cells_than_the_header(read):
    _, findings = read(HEADER + ROW.replace("\n", "\tmore\n"))
    assert [(f.severity, f.check, f.row) for f in findings] == [("error", "row_length", 2)]


def test_it_is_checked_with_the_tables(make_project, tmp_path):
    (tmp_path / "truth.tsv").write_text(HEADER + ROW.replace("0.2", "x"))
    project = make_project(config=CONFIG)
    found = check_input(project, read_studies(project))
    assert ("truth.tsv", 2, "log_or") in {(f.file, f.row, f.column) for f in found}


def test_an_empty_file(read):
    assert read("")[1][0].severity == "error"


def test_the_truth_of_one_locus(read, tmp_path):
    read(HEADER + ROW + ROW.replace("SNP", "OTHER"))
    assert planted(tmp_path / "truth.tsv", "SNP") == {("C", "allelic", "overall", "all"): 0.2}


def test_no_truth_without_the_key(make_project):
    assert read_truth(make_project(config="loci: {SNP: {alleles: A/C}}\n")) == ([], [])


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("truth: truth.tsv\n", "add `simulated: true`"),
        ("simulated: true\ntruth: nothing.tsv\n", "not a file"),
        ("simulated: true\ntruth: data/studies/truth.tsv\n", "among the study tables"),
        ("simulated: perhaps\n", "true or false"),
    ],
)
def test_configurations_that_cannot_be_meant(make_project, config, expected):
    with pytest.raises(ConfigError, match=expected):
        make_project({"truth.tsv": HEADER + ROW}, config="loci: {SNP: {alleles: A/C}}\n" + config)
