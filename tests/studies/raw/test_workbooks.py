"""Workbooks as authors make them: merged cells, hidden parts, formats, several sheets."""

import io

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

HEADER = ["study", "locus", "cases_AA", "cases_AC", "controls_AA", "controls_AC"]


@pytest.fixture
def read(make_project):
    def read_book(fill):
        book = openpyxl.Workbook()
        fill(book)
        data = io.BytesIO()
        book.save(data)
        return read_studies(make_project({"a.xlsx": data.getvalue()}))

    return read_book


def counts(row):
    return {cell.label.text: (cell.cases, cell.controls) for cell in row.cells}


def found(tables, check):
    return [finding for finding in tables.findings if finding.check == check]


def test_the_layout_of_a_published_table(read):
    def fill(book):
        sheet = book.active
        sheet.append(["Table 2. Genotypes of cases and controls"])
        sheet.merge_cells("A1:H1")
        sheet.append(["Author", "SNP", "Cases", None, None, "Controls"])
        sheet.append([None, None, "AA", "AC", "CC", "AA", "AC", "CC"])
        for area in ("A2:A3", "B2:B3", "C2:E2", "F2:H2"):
            sheet.merge_cells(area)
        sheet.append(["Wen 2005", "SNP", 1, 2, 3, "4 (26.7%)", "5 (33.3%)", "6 (40.0%)"])
        sheet.append(["Source: the authors"])

    tables = read(fill)
    (row,) = tables.counts
    assert (row.study, row.row) == ("Wen 2005", 4)
    assert counts(row) == {"AA": (1, 4), "AC": (2, 5), "CC": (3, 6)}
    assert not errors(tables.findings) and len(found(tables, "header_rows")) == 2


def test_merged_labels_are_read_in_each_row_and_merged_counts_are_a_warning(read):
    def fill(book):
        sheet = book.active
        sheet.append(["study", "locus", "population", *HEADER[2:]])
        sheet.append(["S", "SNP", "premenopausal", 1, 2, 3, 4])
        sheet.append([None, "SNP", "postmenopausal", 5, 6, None, None])
        for area in ("A2:A3", "F2:F3", "G2:G3"):
            sheet.merge_cells(area)

    tables = read(fill)
    assert [counts(row) for row in tables.counts] == [
        {"AA": (1, 3), "AC": (2, 4)},
        {"AA": (5, 3), "AC": (6, 4)},
    ]
    severities = {f.column: f.severity for f in found(tables, "merged_cells")}
    assert severities == {"study": "note", "controls_AA": "warning", "controls_AC": "warning"}


def test_what_is_hidden_is_read_and_noted(read):
    def fill(book):
        sheet = book.active
        sheet.append(HEADER)
        sheet.append(["S", "SNP", 1, 2, 3, 4])
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["F"].hidden = True
        other = book.create_sheet("More")
        other.append(HEADER)
        other.append(["T", "SNP", 1, 2, 3, 4])
        other.sheet_state = "hidden"

    tables = read(fill)
    assert [row.study for row in tables.counts] == ["T", "S"] or len(tables.counts) == 2
    words = " ".join(f.message for f in found(tables, "hidden_cells"))
    assert all(part in words for part in ("row 2", "column F", "the sheet"))


def test_a_percent_format_is_a_percentage(read):
    def fill(book):
        book.active.append(HEADER)
        book.active.append(["S", "SNP", 0.125, 2, 3, 4])
        book.active["C2"].number_format = "0.0%"

    (error,) = errors(read(fill).findings)
    assert error.value == "12.5%" and "percentage" in error.message


def test_raised_letters_numbers_as_text_and_empty_columns(read):
    def fill(book):
        raised = TextBlock(InlineFont(vertAlign="superscript"), "†")
        book.active.append([*HEADER, None, None])
        book.active.append(["S", "SNP", CellRichText("1", raised), " 2 ", 3.0, "4", "", None])

    (row,) = read(fill).counts
    assert counts(row) == {"AA": (1, 3), "AC": (2, 4)}


def test_a_sheet_named_after_a_locus_needs_no_column(read):
    def fill(book):
        book.active.title = "snp"
        book.active.append([HEADER[0], *HEADER[2:]])
        book.active.append(["S", 1, 2, 3, 4])
        other = book.create_sheet("CA")
        other.append(["study", "cases_19/19", "controls_19/19"])
        other.append(["S", 1, 2])

    tables = read(fill)
    assert {(row.sheet, row.locus) for row in tables.counts} == {("snp", "SNP"), ("CA", "CA")}
    assert len(found(tables, "locus_taken")) == 2
    assert set(tables.locus_names) == {("a.xlsx", "snp", "", "SNP"), ("a.xlsx", "CA", "", "CA")}
