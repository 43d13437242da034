"""Bytes to rows: encodings, separators, line ends, and what stands around a table."""

import codecs

import pytest

from genopool.studies.findings import errors
from genopool.studies.raw.encodings import decode
from genopool.studies.reading import read_studies

WIDE = "study,locus,ethnicity,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
TABLE = WIDE + "Müller 2005,SNP,Chinese,1,2,3,4,5,6\nŁoś 2006,SNP,Korean,7,8,9,10,11,12\n"
WESTERN = TABLE.replace("Łoś", "Françoise’s")


def summary(tables):
    return [
        (row.study, [(c.label.text, c.cases, c.controls) for c in row.cells])
        for row in tables.counts
    ]


def checks(tables, *severities):
    return [f.check for f in tables.findings if f.file and f.severity in severities]


@pytest.fixture
def expected(make_project):
    return summary(read_studies(make_project({"a.csv": TABLE})))


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode("utf-8"),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TABLE.encode("utf-32-le"),
    ],
)
def test_unicode_is_known_by_its_mark(data):
    decoded = decode(data)
    assert (decoded.text, decoded.guessed) == (TABLE, "")


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (TABLE, "utf-16-le", "UTF-16-LE"),
        (TABLE, "utf-16-be", "UTF-16-BE"),
        (WESTERN, "cp1252", "Windows-1252"),
        (WESTERN.replace("’", ""), "latin-1", "Windows-1252"),
    ],
)
def test_other_encodings_are_guessed_and_noted(make_project, text, encoding, name):
    assert decode(text.encode(encoding)).text == text
    tables = read_studies(make_project({"a.csv": text.encode(encoding)}))
    (note,) = [f for f in tables.findings if f.check == "encoding_guessed"]
    assert name in note.message and note.severity == "note"
    assert tables.counts[0].study == "Müller 2005"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "A.CSV"])
def test_separators_are_found_whatever_the_ending(make_project, expected, ends, delimiter, name):
    (make_project({}).studies / "a.csv").unlink()
    text = TABLE.replace(",", delimiter).replace("\n", ends)
    tables = read_studies(make_project({name: text}))
    assert summary(tables) == expected and not checks(tables, "warning")
    assert [row.row for row in tables.counts] == [2, 3]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;;"])
def test_the_separator_that_excel_declares(make_project, expected, first):
    tables = read_studies(make_project({"a.csv": f"{first}\n" + TABLE.replace(",", ";")}))
    assert summary(tables) == expected
    assert [row.row for row in tables.counts] == [3, 4]


def test_commas_in_a_table_of_semicolons_are_no_separators(make_project, expected):
    text = TABLE.replace(",", ";").replace("ethnicity", "ethnicity, as given, by the authors")
    assert summary(read_studies(make_project({"a.csv": text}))) == expected


def test_quoted_cells_hold_separators_and_line_breaks(make_project):
    text = WIDE.strip() + ',note\nS,SNP,Korean,1,2,3,4,5,6,"one, two\nthree, four"\n'
    (row,) = read_studies(make_project({"a.csv": text})).counts
    assert row.values["note"] == "one, two\nthree, four"


def test_spoilt_letters_are_a_warning(make_project):
    spoilt = TABLE.encode().decode("cp1252", errors="replace").encode()
    tables = read_studies(make_project({"a.csv": spoilt}))
    assert "damaged_letters" in checks(tables, "warning")
    assert "damaged_letters" not in checks(read_studies(make_project({"a.csv": TABLE})), "warning")


@pytest.mark.parametrize(
    ("name", "cure"),
    [("a.xls", ".xlsx"), ("a.ods", ".csv"), ("a.xlsm", "without macros"), ("a.txt", ".tsv")],
)
def test_other_tables_are_named_with_a_cure(make_project, name, cure):
    (found,) = [f for f in read_studies(make_project({name: b"x"})).findings if f.file]
    assert (found.severity, found.check) == ("note", "file_ignored") and cure in found.expected


def test_titles_notes_totals_and_marks_are_set_aside(make_project):
    text = (
        "Table 2,,,,,,,,\n\n" + WIDE + "Wen 2005*,SNP,Chinese,1†,2,3,4,5,6\n"
        "Lee 2006,SNP,Korean,10,20,30,40,50,60\nTotal,,,11,22,33,44,55,66\n\n"
        "* Hospital controls.\nSource: PubMed, 2006, table 2\n"
    )
    tables = read_studies(make_project({"a.csv": text}))
    assert summary(tables) == [
        ("Wen 2005", [("AA", 1, 4), ("AC", 2, 5), ("CC", 3, 6)]),
        ("Lee 2006", [("AA", 10, 40), ("AC", 20, 50), ("CC", 30, 60)]),
    ]
    told = {f.row: f.check for f in tables.findings if f.row}
    assert told == {
        1: "title_row",
        4: "footnote_mark",
        6: "total_row",
        8: "table_note",
        9: "table_note",
    }
    assert tables.rows_read == 2 and not checks(tables, "warning")


def test_a_total_that_is_not_the_sum_names_the_column(make_project):
    text = WIDE + "S,SNP,,1,2,3,4,5,6\nT,SNP,,1,2,3,4,5,6\nPooled,,,2,4,6,8,19,12\n"
    tables = read_studies(make_project({"a.csv": text}))
    (found,) = [f for f in tables.findings if f.file and f.severity == "warning"]
    assert (found.check, found.row, found.column) == ("total_row_differs", 4, "controls_AC")
    assert "19 printed, 10 added" in found.message


@pytest.mark.parametrize("label", ["Total 2005", "Allen 2003", "Sum 2001", "Overall Study"])
def test_a_study_that_is_called_like_a_total_is_a_study(make_project, label):
    text = WIDE + f"S,SNP,,1,2,3,4,5,6\n{label},SNP,,1,2,3,4,5,6\n"
    assert len(read_studies(make_project({"a.csv": text})).counts) == 2


def test_a_table_of_one_row_called_all_is_read(make_project):
    (row,) = read_studies(make_project({"a.csv": WIDE + "All,SNP,,1,2,3,4,5,6\n"})).counts
    assert row.study == "All"


def test_a_study_without_counts_is_no_note(make_project):
    text = WIDE + "S,SNP,,1,2,3,4,5,6\nLee 2006,SNP,,,,,,,\n"
    tables = read_studies(make_project({"a.csv": text}))
    assert "no_counts" in checks(tables, "warning") and len(tables.counts) == 2
    text = WIDE + "S,SNP,,1,2,3,4,5,6\nLee 2006\n"
    assert errors(read_studies(make_project({"a.csv": text})).findings)


def test_blank_cells_by_any_of_their_names(make_project):
    for blank in ("", "NA", "n/a", "–", "—", "nr", "N.R.", "not reported", "nd", "…", "."):
        text = WIDE + f"S,SNP,{blank},1,2,3,{blank},5,6\n"
        (row,) = read_studies(make_project({"a.csv": text})).counts
        assert row.values["ethnicity"] == "" and row.cells[0].controls is None
