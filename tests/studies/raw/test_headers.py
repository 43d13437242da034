"""Names of columns: synonyms, counts in free form, and never two columns for one."""

import pytest

from genopool.studies.raw.header_rows import find_header
from genopool.studies.raw.headers import SYNONYMS, read_header, read_name


@pytest.mark.parametrize(
    "written",
    [
        *("cases_AA", "Cases_AA", "case_AA", "patients_AA", "case-AA", "cases: AA", "cases_AA (n)"),
        *("AA cases", "AA.cases", "AA_cases", "AA case", "AA (cases)", "AA [Cases]", "AA cases*"),
        *("Cases AA", "Cases (AA)", "Patients AA", "Cases AA, n (%)", "Cases (n = 366) AA"),
        *("AA cases (n)", "n AA cases", "No. of AA cases", "AA genotype cases", "ＡＡ cases"),
        *("AA\u00a0cases", " AA  cases ", "AA\ncases"),
    ],
)
def test_counts_of_cases(written):
    column = read_name(written).column
    assert (column.name, column.label, column.percent) == ("cases", "AA", False)


@pytest.mark.parametrize(
    ("written", "name", "label"),
    [
        ("control AA", "controls", "AA"),
        ("ctrl_A/C", "controls", "A/C"),
        ("healthy controls AA", "controls", "AA"),
        ("healthy cases and controls", "healthy cases and controls", ""),
        ("19/non-19 cases", "cases", "19/non-19"),
        ("AC+CC cases", "cases", "AC+CC"),
        ("AC + CC cases", "cases", "AC+CC"),
        ("C cases", "cases", "C"),
        ("wt controls", "controls", "wt"),
        ("cases_wild type", "cases", "wild type"),
        ("non-cases AA", "controls", "AA"),
        ("N cases", "cases?", ""),
        ("Total controls", "n_controls", ""),
        ("cases_total", "n_cases", ""),
        ("n_cases", "n_cases", ""),
        ("control_group", "control_group", ""),
        ("control group", "control_group", ""),
        ("control source", "control_source", ""),
        ("cases recruited", "cases recruited", ""),
        ("cases and controls", "cases and controls", ""),
        ("HWE (controls)", "hwe (controls)", ""),
        ("cases OR", "cases or", ""),
    ],
)
def test_names_beside_cases_and_controls(written, name, label):
    column = read_name(written).column
    assert (column.name, column.label) == (name, label)


@pytest.mark.parametrize("written", ["cases_AA (%)", "% AA cases", "AA cases %", "Cases AA (%)"])
def test_percentages_have_columns_of_their_own(written):
    column = read_name(written).column
    assert (column.name, column.label, column.percent) == ("cases", "AA", True)


@pytest.mark.parametrize("name", SYNONYMS)
def test_every_synonym_is_known_in_any_case_and_with_other_blanks(name):
    for group in SYNONYMS[name]:
        for synonym in group.split(", "):
            for written in (synonym, synonym.upper(), synonym.replace(" ", "_"), f" {synonym}: "):
                assert read_name(written).column.name == name, written


def test_no_synonym_has_two_meanings():
    listed = [s for groups in SYNONYMS.values() for group in groups for s in group.split(", ")]
    assert len(listed) == len(set(listed))


def test_names_of_the_configuration_keep_their_meaning():
    assert read_name("Race", frozenset(["race"])).column.name == "race"
    assert read_name("Race").column.name == "ethnicity"


def names(*written):
    return [(c.name, c.label) if c.label else c.name for c in read_header(written).columns]


def test_an_exact_name_stands_before_a_synonym():
    assert names("study", "Author", "locus", "SNP") == ["study", "author", "locus", "snp"]


def test_a_surer_synonym_stands_before_a_weaker_one():
    assert names("Author", "Ref") == ["study", "ref"]
    assert names("Ref") == ["study"]


@pytest.mark.parametrize(
    "written", [("Author", "First author"), ("AA cases", "cases_AA"), ("cases AA", "AA cases")]
)
def test_two_columns_are_never_taken_for_one(written):
    (problem,) = read_header(written).problems
    assert all(repr(name) in problem[0] for name in written)


def test_what_cases_alone_means_depends_on_the_table():
    assert names("genotype", "Cases (n)", "Controls") == ["genotype", "cases", "controls"]
    assert names("cases_AA", "controls_AA", "Cases")[-1] == "n_cases"
    assert names("effect_allele", "estimate", "Cases")[-1] == "n_cases"


def test_case_id_is_a_genotype_among_its_like_only():
    assert names("Case ID", "cases_AA") == ["case id", ("cases", "AA")]
    assert names("II cases", "ID cases")[1] == ("cases", "ID")


def found(*rows):
    filled = [(line, list(cells)) for line, cells in enumerate(rows, start=1)]
    header = find_header(filled, frozenset())
    return header.first, header.height, [c.label or c.name for c in header.header.columns]


def test_a_group_may_be_written_once_or_over_each_column():
    sides = ["study", "AA", "CC", "AA", "CC"]
    for top in (
        ["Study", "Cases", "", "Controls", ""],
        ["Study", *["Cases"] * 2, *["Controls"] * 2],
    ):
        assert found(top, ["", "AA", "CC", "AA", "CC"], ["S", "1", "2", "3", "4"]) == (0, 2, sides)


def test_genotypes_may_stand_over_the_groups():
    top, below = ["Study", "AA", "", "CC", ""], ["", "Cases", "Controls", "Cases", "Controls"]
    assert found(top, below)[2] == ["study", "AA", "AA", "CC", "CC"]


def test_a_title_is_no_part_of_the_header():
    rows = ["Table 1", "", ""], ["study", "cases_AA", "controls_AA"], ["S", "1", "2"]
    assert found(*rows) == (1, 1, ["study", "AA", "AA"])
    top, below = ["Study", "Cases", "Controls"], ["", "AA", "AA"]
    assert found(["Table 1"], top, below)[:2] == (1, 2)


def test_a_column_beside_a_group_is_not_of_it():
    top, below = ["Study", "Cases", "", "HWE"], ["", "AA", "CC", ""]
    columns = found(top, below, ["S", "1", "2", "0.3"])[2]
    assert columns == ["study", "AA", "CC", "hwe_p"]


def test_groups_in_free_words():
    top = ["Study", "Source of controls", "Gastric cancer patients", "", "Healthy controls", ""]
    columns = found(top, ["", "", "AA", "CC", "AA", "CC"], ["S", "hospital", "1", "2", "3", "4"])
    assert columns == (0, 2, ["study", "control_source", "AA", "CC", "AA", "CC"])
    header = find_header([(1, top), (2, ["", "", "AA", "CC", "AA", "CC"])], frozenset()).header
    assert [c.name for c in header.columns[2:]] == ["cases", "cases", "controls", "controls"]
