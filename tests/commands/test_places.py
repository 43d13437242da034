"""Where in the text of a file a cell begins."""

import pytest

from genopool.commands.places import CellPlaces, cell_starts
from genopool.studies.findings import Finding


@pytest.mark.parametrize(
    ("line", "delimiter", "starts"),
    [
        ("", ",", [0]),
        ("a,b,,c", ",", [0, 2, 4, 5]),
        ('"a,b",c', ",", [0, 6]),
        ('"a ""x, y""",c', ",", [0, 13]),
        ("a\tb,c", "\t", [0, 2]),
    ],
)
def test_cells_begin_after_delimiters_outside_quotes(line, delimiter, starts):
    assert cell_starts(line, delimiter) == starts


TEXT = 'study,locus,"cases_AA"\n"Wen, 2005",SNP,x\n'


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        ("\ufeff" + TEXT).encode(),
        TEXT.replace("Wen", "Wën").encode("latin-1"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
    ],
)
def test_the_column_of_a_finding(tmp_path, data):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    places = CellPlaces(path)
    assert places.column(Finding("error", "x", "m", row=2, column="cases_AA")) == 17
    assert places.column(Finding("error", "x", "m", row=2, column="locus")) == 13
    for unknown in (dict(row=2, column="nope"), dict(row=9, column="locus"), dict(column="locus")):
        assert places.column(Finding("error", "x", "m", **unknown)) is None


MESSY = """\
Table 1, as published;;;;
;;;;
Author;Cases;;Controls;
;AA;AC;AA;AC
Wen;1.020;800;900;"8;0"
"""


@pytest.mark.parametrize(
    ("column", "character"),
    [("study", 1), ("Author", 1), ("Cases AA", 5), ("Cases AC", 11), ("Controls AC", 19)],
)
def test_titles_headers_of_two_rows_and_other_names(tmp_path, column, character):
    path = tmp_path / "a.csv"
    path.write_text(MESSY)
    assert CellPlaces(path).column(Finding("error", "x", "m", row=5, column=column)) == character


@pytest.mark.parametrize("data", [b"", b"\0\1", b'a,"b\n', b"PK\3\4", b"a\n"])
def test_what_is_no_table_has_no_places(tmp_path, data):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    assert CellPlaces(path).column(Finding("error", "x", "m", row=1, column="locus")) is None


def test_a_file_that_is_gone(tmp_path):
    finding = Finding("error", "x", "m", row=2, column="locus")
    assert CellPlaces(tmp_path / "gone.csv").column(finding) is None
