"""Which genotypes the cells of a row count: strands, and alleles of every kind."""

import pytest

from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

SIDES = ("cases", "controls")
CONFIG = """\
loci:
  SNP: {alleles: A/C}
  INDEL: {alleles: [AT, A]}
  GAP: {alleles: [AAAT, "-"]}
  TRI: {kind: multiallelic, alleles: A/C/T, effect_alleles: [C, T]}
  STAR: {alleles: ["*1", "*2"]}
  BLANK: {alleles: [long form, short form]}
  CASED: {alleles: [A, a]}
"""


@pytest.fixture
def read(make_project):
    def run(header, rows, config=CONFIG):
        content = f"study,locus,{header}\n" + "".join(f"{row}\n" for row in rows)
        tables = read_studies(make_project({"a.csv": content}, config))
        return tables, [f.check for f in tables.findings]

    return run


def named(row):
    return {cell.label.text: (cell.cases, cell.controls) for cell in row.cells}


def test_half_of_a_table_on_the_other_strand(read):
    header = ",".join(f"{s}_{g}" for g in ("AA", "AC", "CC", "TT", "TG", "GG") for s in SIDES)
    rows = ["S,SNP,1,2,3,4,5,6,,,,,,", "T,SNP,,,,,,,1,2,3,4,5,6"]
    tables, checks = read(header, rows)
    given = {"AA": (1, 2), "AC": (3, 4), "CC": (5, 6)}
    assert [named(row) for row in tables.counts] == [given, given]
    assert checks == ["other_strand"]


LONG = "genotype,cases,controls"


def test_a_row_that_mixes_strands_is_an_error(read):
    _, checks = read(LONG, ["S,SNP,AA,1,2", "S,SNP,TG,3,4", "S,SNP,GG,5,6"])
    assert set(checks) == {"unknown_genotype"}


def test_long_rows_on_the_other_strand(read):
    tables, checks = read(LONG, ["S,SNP,TT,1,2", "S,SNP,GT,3,4", "S,SNP,G/G,5,6"])
    assert named(tables.counts[0]) == {"AA": (1, 2), "AC": (3, 4), "CC": (5, 6)}
    assert checks == ["other_strand"]


def test_an_indel_on_the_other_strand_is_read_backwards(read):
    tables, checks = read(LONG, ["S,INDEL,AT/AT,1,2", "S,INDEL,AT/T,3,4", "S,INDEL,TT,5,6"])
    assert named(tables.counts[0]) == {"AT/AT": (1, 2), "AT/A": (3, 4), "A/A": (5, 6)}
    assert checks == ["other_strand"]
    tables, checks = read(LONG, ["S,GAP,ATTT/ATTT,1,2", "S,GAP,-/ATTT,3,4", "S,GAP,-/-,5,6"])
    assert named(tables.counts[0]) == {"AAAT/AAAT": (1, 2), "AAAT/-": (3, 4), "-/-": (5, 6)}
    assert checks == ["other_strand"]


def test_three_alleles_on_the_other_strand_if_a_letter_tells(read):
    rows = ["S,TRI,TT,1,2", "S,TRI,TG,3,4", "S,TRI,GA,5,6"]
    tables, checks = read(LONG, rows)
    assert named(tables.counts[0]) == {"AA": (1, 2), "AC": (3, 4), "CT": (5, 6)}
    assert checks == ["other_strand"]
    # A and T alone are alleles of both strands: as written
    tables, checks = read(LONG, ["S,TRI,TT,1,2", "S,TRI,AT,3,4"])
    assert list(named(tables.counts[0])) == ["TT", "AT"] and checks == []


@pytest.mark.parametrize(
    ("locus", "labels"),
    [
        ("STAR", ("*1/*1", "*2/*1", "*2/*2")),
        ("BLANK", ("long form/long form", "Short form / long form", "short form/short form")),
        ("CASED", ("AA", "Aa", "aa")),
        ("GAP", ("AAAT/AAAT", "AAAT/-", "-/-")),
    ],
)
def test_names_of_alleles_in_both_shapes(read, locus, labels):
    rows = [f"S,{locus},{label},1,2" for label in labels]
    long, _ = read(LONG, rows)
    header = ",".join(f"{side}_{label}" for label in labels for side in SIDES)
    wide, _ = read(header, [f"S,{locus},1,2,1,2,1,2"])
    assert not errors(long.findings) and not errors(wide.findings)
    assert len(named(long.counts[0])) == 3 and named(long.counts[0]) == named(wide.counts[0])


def test_the_allele_of_a_deletion_is_not_a_blank(read):
    tables, checks = read("allele,cases,controls", ["S,GAP,AAAT,1,2", "S,GAP,-,3,4"])
    assert named(tables.counts[0]) == {"AAAT": (1, 2), "-": (3, 4)} and checks == []


def test_blank_alleles_beside_genotypes_are_of_other_studies(read):
    header = "cases_A,controls_A,cases_C,controls_C,cases_AA,controls_AA,cases_CC,controls_CC"
    tables, checks = read(header, ["S,SNP,1,2,3,4,,,,", "T,SNP,,,,,1,2,3,4"])
    assert [list(named(row)) for row in tables.counts] == [["A", "C"], ["AA", "CC"]]
    assert checks == []


@pytest.mark.parametrize(
    ("effect_allele", "expected"), [("G", "C"), ("T", "A"), ("C", "C"), ("non-G", "A")]
)
def test_estimates_on_the_other_strand(read, effect_allele, expected):
    header = "effect_allele,model,measure,estimate,ci_low,ci_high"
    tables, checks = read(header, [f"S,SNP,{effect_allele},allelic,OR,2,1,4"])
    assert tables.estimates[0].alleles == {"A": 1, "C": 2}[expected]
    assert checks == (["other_strand"] if effect_allele != "C" else [])


@pytest.mark.parametrize("alleles", ['["+", "-"]', '["A/B", "C"]'])
def test_signs_that_labels_use_cannot_name_alleles(read, alleles):
    from genopool.config_problems import ConfigError

    with pytest.raises(ConfigError, match="cannot be the name of an allele"):
        read(LONG, [], f"loci: {{SNP: {{alleles: {alleles}}}}}\n")
