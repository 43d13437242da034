"""`genopool new-table`: what it writes is read back, and a spreadsheet refuses what cannot be."""

import csv
import io

import openpyxl
import pytest

from genopool.commands.main import main
from genopool.config import load
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

CONFIG = """\
loci:
  SNP: {alleles: A/C}
  WORDS: {alleles: reference/variant}
  CA: {kind: repeat, effect_alleles: ["19", "<19"]}
  APOE: {kind: multiallelic, alleles: e3/e2/e4}
  X: {alleles: A/C, chromosome: X}
  X_CA: {kind: repeat, effect_alleles: ["19"], chromosome: X}
strata:
  ethnicity: {groups: {Caucasian: [European, "White, not Hispanic"], "=Asian": ["=Chinese"]}}
  menopausal_status: {}
  period: {column: year, cuts: [2005]}
  both: {cross: [ethnicity, menopausal_status]}
"""
#: Rows that fill a table of each kind, by the columns that matter.
FILLED = {
    ("SNP", "counts"): [
        {"cases_AA": 1, "cases_AC": 2, "cases_CC": 3}
        | {"controls_AA": 4, "controls_AC": 5, "controls_CC": 6}
    ],
    ("SNP", "long"): [{"genotype": g, "cases": 1, "controls": 2} for g in ("AA", "AC", "CC")],
    ("SNP", "alleles"): [{"allele": a, "cases": 1, "controls": 2} for a in "AC"],
    ("SNP", "estimates"): [
        {"effect_allele": "C", "model": "dominant", "measure": "OR"}
        | {"estimate": 1.1, "ci_low": 0.9, "ci_high": 1.35}
    ],
    ("WORDS", "counts"): [
        {f"{group}_{genotype}": 3 for group in ("cases", "controls") for genotype in
         ("reference/reference", "reference/variant", "variant/variant")}
    ],
    ("APOE", "counts"): [
        {f"{group}_{genotype}": 3 for group in ("cases", "controls") for genotype in
         ("e3/e3", "e3/e2", "e3/e4", "e2/e2", "e2/e4", "e4/e4")}
    ],
    ("CA", "counts"): [
        {f"{group}_{genotype}": 3 for group in ("cases", "controls") for genotype in
         ("19/19", "19/non-19", "non-19/non-19")}
    ],
    ("CA", "long"): [{"genotype": g, "cases": 1, "controls": 2} for g in ("19/21", "19/19")],
    ("CA", "alleles"): [{"allele": a, "cases": 1, "controls": 2} for a in ("19", "21")],
    ("X", "counts"): [
        {"sex": "male"} | {f"{g}_{a}": 3 for g in ("cases", "controls") for a in "AC"},
        {"sex": "female"}
        | {f"{g}_{a}": 3 for g in ("cases", "controls") for a in ("AA", "AC", "CC")},
    ],
    ("X", "long"): [
        {"sex": sex, "genotype": g, "cases": 1, "controls": 2}
        for sex, g in [("male", "A"), ("male", "C"), ("female", "AA"), ("female", "AC")]
    ],
    ("X_CA", "counts"): [
        {"sex": "male"} | {f"{g}_{a}": 3 for g in ("cases", "controls") for a in ("19", "non-19")},
        {"sex": "female"} | {f"{g}_{a}": 3 for g in ("cases", "controls") for a in
         ("19/19", "19/non-19", "non-19/non-19")},
    ],
    ("CA", "estimates"): [
        {"effect_allele": "non-19", "model": "dominant", "measure": "OR"}
        | {"estimate": 1.1, "ci_low": 0.9, "ci_high": 1.35}
    ],
}  # fmt: skip


@pytest.fixture
def project(make_project, monkeypatch):
    project = make_project({}, CONFIG)
    monkeypatch.chdir(project.folder)
    return project


def run(*arguments):
    try:
        return main(["new-table", *arguments])
    except SystemExit as left:
        return left.code


def made(project, locus, kind, ending):
    path = project.studies / f"new.{ending}"
    assert run("--locus", locus, "--kind", kind, "--output", str(path)) == 0
    return path


def fill(path, rows):
    """Write rows below the header that is there."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        header = [cell.value for cell in book["studies"][1]]
        for row in rows:
            book["studies"].append([row.get(name) for name in header])
        book.save(path)
        return
    delimiter = "\t" if path.suffix == ".tsv" else ","
    with open(path, "a+", newline="") as file:
        file.seek(0)
        header = next(csv.reader(file, delimiter=delimiter))
        assert all(set(row) <= set(header) for row in rows)
        file.seek(0, io.SEEK_END)
        writer = csv.DictWriter(file, header, delimiter=delimiter, lineterminator="\n")
        writer.writerows(rows)


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx"])
@pytest.mark.parametrize(("locus", "kind"), FILLED)
def test_a_table_is_read_back_empty_and_filled(project, capsys, locus, kind, ending):
    path = made(project, locus, kind, ending)
    assert capsys.readouterr().out == f"{path} written\n"
    empty = read_studies(project)
    assert not {f.severity for f in empty.findings} - {"note"}
    assert "no_rows" in {f.check for f in empty.findings} and not empty.rows
    rows = [
        {"study": "Wen 2005", "locus": locus, "ethnicity": "European", "year": 2005} | row
        for row in FILLED[locus, kind]
    ]
    fill(path, rows)
    filled = read_studies(project)
    assert not errors(filled.findings), filled.findings
    assert sum(len(row.rows) for row in filled.rows) == len(rows)
    (row, *_) = filled.rows
    assert (row.study, row.values["ethnicity"], row.values["year"]) == (
        "Wen 2005",
        "European",
        "2005",
    )
    if kind != "estimates":
        assert all(cell.cases and cell.controls for row in filled.counts for cell in row.cells)


def test_the_shape_that_suits_a_locus(project, capsys):
    def header(*arguments):
        assert run(*arguments) == 0
        return capsys.readouterr().out.strip().split(",")

    assert {"cases_AA", "controls_CC"} <= set(header("--locus", "SNP"))
    assert {"genotype", "cases", "controls"} <= set(header("--locus", "CA"))
    classes = header("--locus", "CA", "--effect-allele", "<19")
    assert [c for c in classes if c.startswith("cases_")] == [
        "cases_<19/<19",
        "cases_<19/>=19",
        "cases_>=19/>=19",
    ]
    names = header("--locus", "SNP")
    assert len(names) == len(set(names)) and "both" not in names and "period" not in names


def test_a_locus_of_chromosome_x_has_columns_for_men(project, capsys):
    """The columns that docs/tables.md shows, and none of them at another locus."""

    def header(*arguments):
        assert run(*arguments) == 0
        return capsys.readouterr().out.strip().split(",")

    names = header("--locus", "X")
    assert "sex" in names
    assert [n for n in names if n.startswith("cases_")] == [
        f"cases_{label}" for label in ("A", "C", "AA", "AC", "CC")
    ]
    assert "sex" in header("--locus", "X", "--kind", "estimates")
    others = header("--locus", "SNP")
    assert "sex" not in others and "cases_A" not in others and "overlaps" in others


def test_what_men_and_women_have_can_be_chosen(project):
    book, found = rules(made(project, "X", "long", "xlsx"))
    assert choices(book, found["sex"]) == ["male", "female"]
    assert choices(book, found["genotype"]) == ["A", "C", "AA", "AC", "CC"]


def test_a_stratum_that_is_a_column_of_the_locus_is_there_once(make_project, monkeypatch, capsys):
    config = "loci: {X: {alleles: A/C, chromosome: X}}\nstrata: {adjusted: {}, sex: {}}\n"
    monkeypatch.chdir(make_project({}, config).folder)
    assert run("--locus", "X", "--kind", "estimates") == 0
    names = capsys.readouterr().out.strip().split(",")
    assert len(names) == len(set(names)) and {"adjusted", "sex"} <= set(names)


def rules(path, sheet="studies"):
    """The data validation of each column of an empty workbook."""
    book = openpyxl.load_workbook(path)
    table = book[sheet]
    names = {cell.column_letter: cell.value for cell in table[1]}
    found = {}
    for rule in table.data_validations.dataValidation:
        (cells,) = rule.sqref.ranges
        assert (cells.min_row, cells.max_row) == (2, 1001)
        letter = cells.coord.split("2")[0]
        assert names[letter] not in found
        found[names[letter]] = rule
    return book, found


def choices(book, rule):
    """The values of a drop-down."""
    sheet, cells = rule.formula1.split("!")
    return [row[0].value for row in book[sheet][cells.replace("$", "")]] if ":" in cells else []


def test_drop_downs(project):
    book, found = rules(made(project, "SNP", "estimates", "xlsx"))
    chosen = {name: choices(book, rule) for name, rule in found.items() if rule.type == "list"}
    assert chosen["locus"] == ["SNP", "WORDS", "CA", "APOE", "X", "X_CA"]
    assert chosen["ethnicity"] == ["European", "White, not Hispanic", "=Chinese"]
    assert chosen["menopausal_status"] == ["premenopausal", "postmenopausal"]
    assert chosen["effect_allele"] == ["A", "C"]
    assert chosen["measure"] == ["OR", "HR", "RR"]
    assert chosen["adjusted"] == ["yes", "no", "unknown"]
    assert len(chosen["model"]) == 7
    # Other values can be right where the reader takes them; a locus or a model cannot.
    styles = {name: found[name].errorStyle for name in chosen}
    assert styles["locus"] == styles["model"] == styles["measure"] == "stop"
    assert styles["ethnicity"] == styles["effect_allele"] == "warning"
    assert all(rule.showErrorMessage and rule.error for rule in found.values())


def test_cells_refuse_what_cannot_be(project):
    _, counts = rules(made(project, "SNP", "counts", "xlsx"))
    for name in ("cases_AA", "controls_CC"):
        rule = counts[name]
        assert (rule.type, rule.operator or "between", rule.formula1) == ("whole", "between", "0")
        assert float(rule.formula2) == 1e9 and rule.errorStyle in (None, "stop")
    # A range of years is read, so that it is not refused.
    assert counts["year"].errorStyle == "warning"
    (project.studies / "new.xlsx").unlink()
    book, ratios = rules(made(project, "SNP", "estimates", "xlsx"))
    letter = {cell.value: cell.column_letter for cell in book["studies"][1]}
    assert (ratios["estimate"].type, ratios["estimate"].operator) == ("decimal", "greaterThan")
    low, high = letter["ci_low"] + "2", letter["ci_high"] + "2"
    for name, own in (("ci_low", low), ("ci_high", high)):
        formula = ratios[name].formula1
        assert ratios[name].type == "custom"
        assert (
            f"{low}<{high}" in formula and f"ISNUMBER({own})" in formula and f"{own}>0" in formula
        )


def test_labels_stay_text(project):
    """Else Excel makes a date of 10/11 and a number of a PubMed identifier."""
    book, _ = rules(made(project, "CA", "long", "xlsx"))
    table = book["studies"]
    formats = {c.value: table.column_dimensions[c.column_letter].number_format for c in table[1]}
    for name in ("study", "locus", "population", "genotype", "pmid", "ethnicity"):
        assert formats[name] == "@"
    assert formats["cases"] == "General"
    assert table.freeze_panes == "C2"
    assert book.sheetnames == ["studies", "lists", "instructions"]
    assert book["lists"].sheet_state == "hidden"
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)


def test_the_same_bytes_every_time(project, monkeypatch):
    first = made(project, "SNP", "counts", "xlsx").read_bytes()
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert run("--locus", "SNP", "--output", "data/studies/new.xlsx", "--force") == 0
    assert (project.studies / "new.xlsx").read_bytes() == first


def test_a_workbook_without_a_name_takes_the_locus(project, capsys):
    assert run("--locus", "SNP", "--format", "xlsx") == 0
    assert capsys.readouterr().out == "SNP.xlsx written\n"
    assert openpyxl.load_workbook(project.folder / "SNP.xlsx")["studies"]["A1"].value == "study"


def test_nothing_is_overwritten(project, capsys):
    path = made(project, "SNP", "counts", "csv")
    path.write_text("mine")
    assert run("--locus", "SNP", "--output", str(path)) == 2
    assert "--force" in capsys.readouterr().err and path.read_text() == "mine"
    assert run("--locus", "SNP", "--output", str(path), "--force") == 0
    assert path.read_text().startswith("study,")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--locus"),
        (["--locus", "SNQ"], "did you mean 'SNP'"),
        (["--locus", "../../etc/passwd", "--format", "xlsx"], "not in the configuration"),
        (["--locus", "SNP", "--kind", "wide"], "invalid choice"),
        (["--locus", "SNP", "--output", "a.txt"], "ends in .csv, .tsv or .xlsx"),
        (["--locus", "SNP", "--output", "a.csv", "--format", "xlsx"], "do not agree"),
        (["--locus", "SNP", "--output", "no/where.csv"], "no folder 'no'"),
        (["--locus", "SNP", "--effect-allele", "C"], "for repeats"),
        (["--locus", "CA", "--kind", "long", "--effect-allele", "19"], "--kind counts"),
        (["--locus", "CA", "--effect-allele", "x"], "is not a repeat"),
        (["--locus", "SNP", "--config", "no.yaml"], "--config names"),
    ],
)
def test_wrong_usage(project, capsys, arguments, says):
    before = sorted(project.folder.rglob("*"))
    assert run(*arguments) == 2
    assert says in capsys.readouterr().err
    assert sorted(project.folder.rglob("*")) == before


def test_every_locus_of_the_project_has_every_kind(repository, capsys, monkeypatch):
    monkeypatch.chdir(repository)
    for locus in load("config.yaml").config.loci:
        for kind in ("counts", "long", "alleles", "estimates"):
            assert run("--locus", locus, "--kind", kind) == 0
            names = capsys.readouterr().out.strip().split(",")
            assert names[:4] == ["study", "locus", "population", "ethnicity"]
            assert len(names) == len({name.casefold() for name in names})
