"""Reading study tables: every accepted shape, and every problem with its place."""

import io

import openpyxl
import pytest

from genopool.studies.findings import errors
from genopool.studies.reading import loci_of_files, read_studies

WIDE = "study,locus,ethnicity,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
LONG = "study,locus,genotype,cases,controls\n"
REPORTED = "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high\n"


def counts(row):
    return {cell.label.text: (cell.cases, cell.controls) for cell in row.cells}


def only_error(tables):
    (found,) = errors(tables.findings)
    return found


def test_wide_csv(make_project):
    tables = read_studies(make_project({"a.csv": WIDE + "Wen 2005,SNP,Chinese,1,2,3,4,5,\n"}))
    (row,) = tables.counts
    assert (row.file, row.row, row.study, row.values["ethnicity"]) == (
        "a.csv",
        2,
        "Wen 2005",
        "Chinese",
    )
    assert counts(row) == {"AA": (1, 4), "AC": (2, 5), "CC": (3, None)}
    assert tables.findings[0].check == "stratifier_without_column"


@pytest.mark.parametrize(
    "content",
    [
        LONG + "S,SNP,AA,1,4\nS,SNP,CA,2,5\nS,SNP,CC,3,6\n",
        "\ufeff" + LONG + "S,SNP,AA,1,4\nS,SNP,CA,2,5\nS,SNP,CC,3,6\n",
        (LONG + "S,SNP,AA,1,4\nS,SNP,CA,2,5\nS,SNP,CC,3,6\n").replace("\n", "\r\n"),
        LONG.upper() + " S , SNP ,AA, 1 ,4\nS,SNP,C/A,2.0,5\n\nS,SNP,C/C,3,6\n",
    ],
)
def test_long_csv(make_project, content):
    tables = read_studies(make_project({"a.csv": content}))
    (row,) = tables.counts
    assert not errors(tables.findings)
    assert counts(row) == {"AA": (1, 4), "AC": (2, 5), "CC": (3, 6)}


def test_tsv_and_upper_case_extension(make_project):
    content = (LONG + "S,SNP,AA,1,4\n").replace(",", "\t")
    assert len(read_studies(make_project({"a.TSV": content})).counts) == 1


def test_row_is_the_line_where_the_record_starts(make_project):
    content = 'study,locus,note,cases_AA,controls_AA\n"A",SNP,"two\nlines",1,2\nB,SNP,,x,2\n'
    tables = read_studies(make_project({"a.csv": content}))
    assert tables.counts[0].row == 2
    assert only_error(tables).row == 4


def workbook(rows, title="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_workbook_numbers_are_text_without_decimals(make_project):
    rows = [["study", "locus", "year", "genotype", "cases", "controls"]]
    rows += [["S", "CA", 2005.0, "19/19", 10, 20.0], ["S", "CA", 2005, "non-19/19", 1, 2]]
    tables = read_studies(make_project({"a.xlsx": workbook(rows)}))
    (row,) = tables.counts
    assert (row.sheet, row.row, row.values["year"]) == ("Sheet", 2, "2005")
    assert counts(row) == {"19/19": (10, 20), "19/non-19": (1, 2)}


def test_workbook_dates_and_formulas_are_refused(make_project):
    import datetime

    rows = [["study", "locus", "genotype", "cases", "controls"]]
    rows += [["S", "CA", datetime.date(2019, 1, 19), 10, 20], ["S", "CA", "19/19", "=1+1", 2]]
    tables = read_studies(make_project({"a.xlsx": workbook(rows)}))
    found = {finding.check: finding for finding in errors(tables.findings)}
    assert (found["date_for_label"].row, found["date_for_label"].column) == (2, "genotype")
    assert found["formula_without_value"].value == "=1+1"
    assert "save it" in found["formula_without_value"].expected


def test_sheets_that_are_no_study_tables_are_noted(make_project):
    book = openpyxl.Workbook()
    book.active.append(["Remarks"])
    sheet = book.create_sheet("Data")
    sheet.append(["study", "locus", "genotype", "cases", "controls"])
    sheet.append(["S", "CA", "19/19", 10, 20])
    data = io.BytesIO()
    book.save(data)
    tables = read_studies(make_project({"a.xlsx": data.getvalue()}))
    assert [row.sheet for row in tables.counts] == ["Data"]
    assert "sheet_ignored" in [f.check for f in tables.findings]


def test_null_is_an_allele_and_not_a_blank(make_project):
    config = "loci: {GST: {alleles: present/null}}\n"
    content = "study,locus,allele,cases,controls\nS,GST,null,1,2\nS,GST,present,3,4\n"
    (row,) = read_studies(make_project({"a.csv": content}, config)).counts
    assert counts(row) == {"null": (1, 2), "present": (3, 4)}


def test_other_strand_is_translated_and_noted(make_project):
    content = "study,locus,cases_TT,cases_GT,controls_TT,controls_GT\nS,SNP,1,2,3,4\n"
    tables = read_studies(make_project({"a.csv": content}))
    assert counts(tables.counts[0]) == {"AA": (1, 3), "AC": (2, 4)}
    note = next(f for f in tables.findings if f.check == "other_strand")
    assert note.severity == "note" and "AA" in note.action


def test_loci_share_a_table(make_project):
    content = (
        "study,locus,cases_AA,cases_TT,cases_19/19,controls_AA,controls_TT,controls_19/19\n"
        "S,PALINDROME,1,2,,3,4,\nS,CA,,,5,,,6\n"
    )
    tables = read_studies(make_project({"a.csv": content}))
    assert not errors(tables.findings)
    assert [counts(row) for row in tables.counts] == [
        {"AA": (1, 3), "TT": (2, 4)},
        {"19/19": (5, 6)},
    ]
    assert loci_of_files(tables) == {"PALINDROME": ["a.csv"], "CA": ["a.csv"]}


@pytest.mark.parametrize(
    ("content", "check", "row", "column", "value"),
    [
        (WIDE + "S,SNP,,x,1,1,1,1,1\n", "not_a_count", 2, "cases_AA", "x"),
        (WIDE + "S,SNP,,-1,1,1,1,1,1\n", "not_a_count", 2, "cases_AA", "-1"),
        (WIDE + "S,SNP,,1,1,1,1.5,1,1\n", "not_a_count", 2, "controls_AA", "1.5"),
        (WIDE + f"S,SNP,,{'9' * 400},1,1,1,1,1\n", "not_a_count", 2, "cases_AA", "9" * 400),
        (WIDE + "S,SNQ,,1,1,1,1,1,1\n", "unknown_locus", 2, "locus", "SNQ"),
        (WIDE + ",SNP,,1,1,1,1,1,1\n", "missing_value", 2, "study", ""),
        (WIDE + "S,SNP,,1,1,1,1,1,1,9\n", "row_length", 2, "", "9"),
        (LONG + "S,SNP,AG,1,1\n", "unknown_genotype", 2, "genotype", "AG"),
        (LONG + "S,SNP,A,1,1\n", "unknown_genotype", 2, "genotype", "A"),
        (LONG + "S,SNP,AC,1,1\nS,SNP,CA,1,1\n", "repeated_genotype", 3, "genotype", "CA"),
        (LONG + "S,SNP,AC+CC,1,1\nS,SNP,CC,1,1\n", "repeated_genotype", 3, "genotype", "CC"),
        (WIDE + "S,PALINDROME,,1,1,1,1,1,1\n", "unknown_genotype", 2, "cases_AC", "AC"),
        (REPORTED + "S,SNP,C,dominant,OR,0,1,2\n", "impossible_estimate", 2, "estimate", "0"),
        (REPORTED + "S,SNP,C,dominant,OR,1,2,0.5\n", "impossible_estimate", 2, "ci_low", "2"),
        (REPORTED + "S,SNP,C,dominant,OR,3.1,1,2\n", "impossible_estimate", 2, "estimate", "3.1"),
        (REPORTED + "S,SNP,C,dominnt,OR,1,0.5,2\n", "unknown_value", 2, "model", "dominnt"),
        (REPORTED + "S,SNP,G,dominant,RD,1,0.5,2\n", "unknown_value", 2, "measure", "RD"),
        (REPORTED + "S,INDEL,X,dominant,OR,1,0.5,2\n", "unknown_value", 2, "effect_allele", "X"),
        (
            REPORTED + 'S,SNP,C,dominant,OR,"1,5,0",1,2\n',
            "impossible_estimate",
            2,
            "estimate",
            "1,5,0",
        ),
    ],
)
def test_problem_is_named_with_its_place(make_project, content, check, row, column, value):
    tables = read_studies(make_project({"a.csv": content}))
    found = [
        f for f in errors(tables.findings) if (f.check, f.row, f.column) == (check, row, column)
    ]
    assert [f.value for f in found] == [value]
    assert found[0].file == "a.csv" and found[0].expected


def test_a_sum_and_its_parts_may_have_columns_that_studies_fill_in_turn(make_project):
    header = "study,locus,cases_AA,cases_AC,cases_CC,cases_AC+CC,controls_AA,controls_AC,"
    header += "controls_CC,controls_AC+CC\n"
    content = header + "S,SNP,1,2,3,,4,5,6,\nT,SNP,1,,,5,4,,,11\n"
    one, two = read_studies(make_project({"a.csv": content})).counts
    assert counts(one) == {"AA": (1, 4), "AC": (2, 5), "CC": (3, 6)}
    assert counts(two) == {"AA": (1, 4), "AC+CC": (5, 11)}
    content = header + "S,SNP,1,2,,5,4,5,,11\n"
    assert only_error(read_studies(make_project({"a.csv": content}))).check == "repeated_genotype"


def test_two_columns_of_one_genotype_are_an_error_even_if_one_is_blank(make_project):
    content = "study,locus,cases_AC,cases_CA,controls_AC,controls_CA\nS,SNP,1,,2,\n"
    found = only_error(read_studies(make_project({"a.csv": content})))
    assert "'CA'" in found.message and "cases_AC" in found.message


def test_strands_of_two_loci_in_one_table(make_project):
    content = "study,locus,cases_AA,cases_AC,cases_TT,cases_GT,"
    content += "controls_AA,controls_AC,controls_TT,controls_GT\n"
    content += "S,SNP,1,2,,,3,4,,\nT,SNP,,,1,2,,,3,4\n"
    tables = read_studies(make_project({"a.csv": content}))
    assert [counts(row) for row in tables.counts] == [{"AA": (1, 3), "AC": (2, 4)}] * 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "no column study"),
        ("study,locus\nS,SNP\n", "neither counts nor estimates"),
        ("study,locus,cases_AA\nS,SNP,1\n", "without controls_AA"),
        ("study,locus,study,cases_AA,controls_AA\n", "twice"),
        ("study,locus,,cases_AA,controls_AA\nS,SNP,x,1,2\n", "no name"),
        ("study,locus,effect_allele,estimate\n", "without model, measure"),
        (WIDE.strip() + ",genotype,cases,controls\n", "mixes"),
        (b"study,locus\n\xff\xfe\xfa", "UTF-8"),
        ('study,locus,cases_AA,controls_AA\n"S,SNP,1,2\n', "quotes in pairs"),
    ],
)
def test_files_that_are_no_tables(make_project, content, says):
    tables = read_studies(make_project({"a.csv": content}))
    text = " ".join(map(str, tables.findings))
    assert says in text and errors(tables.findings)


def test_broken_workbook_is_named(make_project):
    found = only_error(read_studies(make_project({"a.xlsx": b"PK not a zip"})))
    assert (found.file, found.check) == ("a.xlsx", "unreadable_file")


def test_all_problems_at_once(make_project):
    project = make_project(
        {"a.csv": WIDE + "S,SNP,,x,y,1,1,1,1\n", "b.csv": LONG + "T,SNP,QQ,1,1\n", "c.csv": ""}
    )
    tables = read_studies(project)
    assert [f.file for f in errors(tables.findings)] == ["a.csv", "a.csv", "b.csv", "c.csv"]
    assert tables.rows == ()


def test_other_files_are_noted_and_hidden_ones_are_not(make_project):
    project = make_project({"a.xls": b"", "note.txt": "x", ".b.csv": "x", "~$c.xlsx": b""})
    tables = read_studies(project)
    assert [(f.file, f.severity) for f in tables.findings] == [
        ("a.xls", "note"),
        ("note.txt", "note"),
    ]


def test_repeated_rows_name_both_places(make_project):
    row = "S,SNP,,1,1,1,1,1,1\n"
    found = only_error(read_studies(make_project({"a.csv": WIDE + row, "b.csv": WIDE + row})))
    assert (
        found.check == "repeated_row" and found.file == "b.csv" and "a.csv, row 2" in found.message
    )


def test_repeated_estimates_are_an_error(make_project):
    row = "S,SNP,C,dominant,OR,1,0.5,2\n"
    assert only_error(read_studies(make_project({"a.csv": REPORTED + row + row})))
    turned = row.replace("dominant", "recessive")
    assert not errors(read_studies(make_project({"a.csv": REPORTED + row + turned})).findings)


SHARED = "study,locus,population,control_group,cases_AA,cases_AC,controls_AA,controls_AC\n"


def test_controls_of_a_group_must_agree(make_project):
    content = SHARED + "S,SNP,x,G,1,2,3,4\nS,SNP,y,G,1,2,3,5\n"
    tables = read_studies(make_project({"a.csv": content}))
    assert not errors(tables.findings)  # x is a part, and has no more controls in any cell
    content = SHARED + "S,SNP,,G,1,2,3,4\nT,SNP,,G,1,2,3,5\n"
    assert (
        only_error(read_studies(make_project({"a.csv": content}))).check == "control_group_differs"
    )


def test_long_rows_of_a_population_agree(make_project):
    content = "study,locus,ethnicity,genotype,cases,controls\nS,SNP,Korean,AA,1,1\nS,SNP,,AC,1,1\n"
    assert only_error(read_studies(make_project({"a.csv": content}))).check == "long_rows_differ"


def test_values_in_no_group(make_project):
    content = WIDE + "S,SNP,Martian,1,1,1,1,1,1\nT,SNP, chinese ,1,1,1,1,1,1\n"
    notes = [
        f
        for f in read_studies(make_project({"a.csv": content})).findings
        if f.check == "value_in_no_group"
    ]
    assert [(f.row, f.value, f.severity) for f in notes] == [(2, "Martian", "note")]


def test_files_are_read_in_sorted_order(make_project):
    project = make_project({f"{name}.csv": WIDE + f"{name},SNP,,1,1,1,1,1,1\n" for name in "cab"})
    assert [row.study for row in read_studies(project).counts] == ["a", "b", "c"]
