"""What is no study table is refused before it costs time or memory, or waits for ever."""

import io
import os
import re
import struct
import time
import zipfile

import openpyxl
import pytest

from genopool.studies.findings import errors
from genopool.studies.raw import files, limits
from genopool.studies.reading import read_studies

HEADER = "study,locus,cases_AA,controls_AA\n"
GOOD = HEADER + "S,SNP,1,2\n"


def refusal(project, file):
    """The one error about a file, found in little time."""
    start = time.process_time()
    (found,) = [f for f in errors(read_studies(project).findings) if f.file == file]
    assert time.process_time() - start < 5
    assert found.check == "unreadable_file" and found.expected
    return found.message


def archive(parts):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return data.getvalue()


@pytest.fixture
def book_with():
    """A workbook with one of its parts replaced, or with another one."""
    book = openpyxl.Workbook()
    for row in (["study", "locus", "cases_AA", "controls_AA"], ["S", "SNP", 1, 2]):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    with zipfile.ZipFile(data) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    return lambda **changed: archive(parts | changed.pop("parts", {}))


def test_a_workbook_that_unpacks_to_gigabytes(make_project, book_with):
    data = book_with(parts={"xl/media/image.xml": bytes(60_000_000)})
    assert len(data) < 100_000
    project = make_project({"a.xlsx": data})
    assert "unpacks to 60," in refusal(project, "a.xlsx")


def test_a_workbook_that_says_it_is_smaller_than_it_is(make_project, book_with):
    """The size in the archive's directory is 10; Python reads no more, and then refuses."""
    data = bytearray(book_with(parts={"xl/worksheets/sheet1.xml": b"<a>" + bytes(40_000_000)}))
    entry = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    assert "not a workbook" in refusal(make_project({"a.xlsx": bytes(data)}), "a.xlsx")


@pytest.mark.parametrize(
    "document_type",
    [
        '<!DOCTYPE x [<!ENTITY a "a"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE x>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_with_a_document_type(make_project, book_with, document_type, encoding):
    padding = f"<!--{'x' * 100_000}-->"
    sheet = f'<?xml version="1.0"?>{padding}{document_type}<worksheet>&e;</worksheet>'
    data = book_with(parts={"xl/worksheets/sheet1.xml": sheet.encode(encoding)})
    message = refusal(make_project({"a.xlsx": data}), "a.xlsx")
    assert "xl/worksheets/sheet1.xml declares a document type" in message


def test_a_workbook_with_a_cell_in_the_last_row_and_column(make_project, book_with):
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>study</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    data = book_with(parts={"xl/worksheets/sheet1.xml": sheet.encode()})
    assert "reaches to row 1,048,576" in refusal(make_project({"a.xlsx": data}), "a.xlsx")


@pytest.mark.parametrize("data", [b"", b"PK", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_what_is_no_workbook(make_project, data):
    assert "not a workbook" in refusal(make_project({"a.xlsx": data}), "a.xlsx")


def test_whole_workbooks_are_read(make_project, book_with):
    tables = read_studies(make_project({"a.xlsx": book_with()}))
    assert len(tables.counts) == 1 and not errors(tables.findings)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEADER + "S,SNP,1,2\n" * 1_000_000, "more than 20,000 rows"),
        ("\n" * 3_000_000, "more than 20,000 rows"),
        (HEADER.strip() + ",c" * 100_000 + "\n", "100,004 columns"),
        (HEADER + "x" * 10_000_000 + ",SNP,1,2\n", "a cell of more than 131,072 characters"),
        ("x" * 30_000_000, "30,000,000 bytes"),
    ],
)
def test_tables_larger_than_any(make_project, content, says):
    assert says in refusal(make_project({"a.csv": content}), "a.csv")


def test_labels_are_short(make_project):
    tables = read_studies(make_project({"a.csv": HEADER + "x" * 30_000 + ",SNP,1,2\n"}))
    (found,) = errors(tables.findings)
    assert (found.check, found.row, found.column) == ("cell_length", 2, "study")
    assert len(str(found)) < 400


@pytest.mark.parametrize("rows", [3_000])
@pytest.mark.parametrize(
    ("row", "check"),
    [
        ("S,SNP,,{i},2\n", "repeated_row"),
        ("S{i},SNP,G,1,{i}\n", "control_group_differs"),
    ],
)
def test_many_rows_that_contradict_each_other(make_project, rows, row, check):
    """One finding a row at most, and time that grows as the rows do."""
    header = "study,locus,control_group,cases_AA,controls_AA\n"
    content = header + "".join(row.format(i=i) for i in range(rows))
    start = time.process_time()
    found = errors(read_studies(make_project({"a.csv": content})).findings)
    assert time.process_time() - start < 10
    assert {f.check for f in found} == {check} and 0 < len(found) < rows


def test_many_genotypes_of_one_population(make_project):
    genotypes = [f"{i}/{j}" for i in range(1, 70) for j in range(i, 70)]
    content = "study,locus,genotype,cases,controls\n"
    content += "".join(f"S,CA,{genotype},1,2\n" for genotype in genotypes)
    (found,) = errors(read_studies(make_project({"a.csv": content})).findings)
    assert found.check == "too_many_genotypes" and f"{len(genotypes):,}" in found.message


@pytest.mark.parametrize("kind", ["fifo", "folder", "dangling", "loop", "device"])
def test_what_is_no_file(make_project, kind):
    project = make_project({"good.csv": GOOD})
    path = project.studies / "a.csv"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to({"dangling": "nowhere", "loop": "a.csv", "device": "/dev/zero"}[kind])
    says = {"fifo": "a pipe", "folder": "a folder", "device": "a device"}
    assert says.get(kind, "cannot be read") in refusal(project, "a.csv")


def test_a_link_to_a_file_is_read(make_project, tmp_path):
    project = make_project()
    (tmp_path / "elsewhere.csv").write_text(GOOD)
    (project.studies / "a.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert len(read_studies(project).counts) == 1


def test_a_file_that_goes_or_that_nobody_may_read(make_project, monkeypatch):
    def fails(path):
        raise PermissionError(13, "Permission denied", str(path))

    project = make_project({"a.csv": GOOD})
    monkeypatch.setattr(files, "refuse_unfit", fails)
    assert refusal(project, "a.csv") == "cannot be read: Permission denied"
    monkeypatch.setattr(files, "refuse_unfit", lambda path: None)
    (project.studies / "a.csv").unlink()
    assert "No such file" in errors(read_studies(project, ["a.csv"]).findings)[0].message


def test_a_folder_that_nobody_may_read(make_project, monkeypatch):
    def fails(path):
        raise PermissionError(13, "Permission denied", str(path))

    project = make_project()
    monkeypatch.setattr(type(project.studies), "iterdir", fails)
    assert refusal(project, "studies") == "the folder cannot be read: Permission denied"


@pytest.mark.parametrize(
    "name",
    ["-x.csv", "\U0001f600.csv", "a b;$(touch x).csv", "A.csv", "'\".csv", "*.csv", "~a.csv"],
)
def test_names_that_are_read(make_project, name):
    tables = read_studies(make_project({name: GOOD, "a.csv": GOOD.replace("S,", "T,")}))
    assert {row.file for row in tables.counts} == {name, "a.csv"}
    assert not errors(tables.findings)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (b"a\nb.csv", "line break"),
        (b"a\x1b[2J.csv", "control character"),
        (b"a\xff.csv", "not UTF-8"),
        (b"{locus}.csv", "pattern"),
        (b"<locus>.csv", "pattern"),
    ],
)
def test_names_that_are_not(make_project, name, says):
    project = make_project()
    with open(os.fsencode(project.studies) + b"/" + name, "w") as file:
        file.write(GOOD)
    assert says in refusal(project, os.fsdecode(name))


def test_letters_that_look_the_same(make_project):
    tables = read_studies(make_project({"a.csv": HEADER + "S,\u0405NP,1,2\n"}))
    (found,) = errors(tables.findings)
    assert "did you mean 'SNP'" in found.message and "CYRILLIC" in found.message
    decomposed = HEADER + "Mu\u00f1oz,SNP,1,2\nMun\u0303oz,SNP,1,2\n"
    tables = read_studies(make_project({"a.csv": decomposed}))
    assert "study_spelling" in {finding.check for finding in tables.findings}


def test_limits_are_documented(repository):
    page = (repository / "docs" / "tables.md").read_text()
    for number in (limits.MAX_ROWS, limits.MAX_COLUMNS):
        assert f"{number:,}" in page
    megabytes = {limits.MAX_BYTES // 10**6, limits.MAX_UNPACKED_BYTES // 10**6}
    assert megabytes <= {int(n) for n in re.findall(r"(\d+) MB", page)}
