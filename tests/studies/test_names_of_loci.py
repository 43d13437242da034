"""Loci by other names, genotypes without alleles, authors with several papers, intervals."""

import pytest

from genopool.config import Config
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies
from genopool.workflow import locus_settings

CONFIG = """\
loci:
  SNP: {alleles: A/C, rsid: rs2854744, label: IGFBP3 A-202C}
  OTHER: {alleles: G/T, label: SNP two}
"""
WIDE = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
ROW = "1,2,3,4,5,6\n"


def checks(tables):
    return [f.check for f in tables.findings]


@pytest.mark.parametrize(
    "name", ["snp", "RS2854744", "rs2854744", "igfbp3  a-202c", "IGFBP3_A-202C"]
)
def test_a_locus_by_its_other_names(make_project, name):
    tables = read_studies(make_project({"a.csv": WIDE + f"S,{name},{ROW}"}, CONFIG))
    assert tables.counts[0].locus == "SNP" and checks(tables) == ["locus_named_otherwise"]
    assert tables.locus_names == (("a.csv", "", name, "SNP"),)


def test_a_name_of_two_loci_is_an_error_that_names_both(make_project):
    config = CONFIG.replace("SNP two", "IGFBP3 A-202C")
    tables = read_studies(make_project({"a.csv": WIDE + f"S,IGFBP3 A-202C,{ROW}"}, config))
    (error,) = errors(tables.findings)
    assert "can mean SNP or OTHER" in error.message


def test_the_only_locus_of_a_project_needs_no_column(make_project):
    table = {"a.csv": WIDE.replace("locus,", "") + f"S,{ROW}"}
    assert read_studies(make_project(table, "loci: {SNP: {alleles: A/C}}\n")).counts
    (error,) = errors(read_studies(make_project(table, CONFIG)).findings)
    assert "no column locus" in error.message and "SNP, OTHER" in error.expected


def test_reading_one_locus_finds_the_rows_that_reading_all_did(make_project):
    """The workflow's job for a locus has the configuration of that locus alone."""
    files = {
        "a.csv": WIDE + f"S,rs2854744,{ROW}T,SNP,{ROW}" + f"U,IGFBP3 A-202C,{ROW}",
        "OTHER.csv": "study,cases_GG,cases_TT,controls_GG,controls_TT\nS,1,2,3,4\n",
        "b.csv": "Author,SNP,GG cases,GG controls\nV,snp two,1,2\nW,other,1,2\n",
        "SNP.csv": WIDE.replace("locus,", "") + f"W,{ROW}",
    }
    project = make_project(files, CONFIG)
    everything = read_studies(project)
    assert not errors(everything.findings)
    for locus in ("SNP", "OTHER"):
        settings = Config.model_validate_json(locus_settings(project.config, locus))
        alone = type(project)(
            settings.model_copy(update={"studies": "data/studies"}), project.source
        )
        names = [name[:3] for name in everything.locus_names if name[3] == locus]
        read = read_studies(alone, everything.files, locus, names)
        assert read.counts == tuple(row for row in everything.counts if row.locus == locus)


@pytest.mark.parametrize(
    ("labels", "check", "severity"),
    [
        (("wt", "het", "mut"), "generic_genotypes", "note"),
        (("Wild type", "Heterozygous", "Homozygous"), "generic_genotypes", "note"),
        (("0", "1", "2"), "generic_genotypes", "note"),
        (("AA", "AB", "BB"), "generic_genotypes", "warning"),
        (("11", "12", "22"), "generic_genotypes", "warning"),
    ],
)
def test_genotypes_without_alleles(make_project, labels, check, severity):
    rows = "".join(f"S,OTHER,{label},{n},{n + 3}\n" for n, label in enumerate(labels, start=1))
    table = "study,locus,genotype,cases,controls\n" + rows
    tables = read_studies(make_project({"a.csv": table}, CONFIG))
    assert {c.label.text: (c.cases, c.controls) for c in tables.counts[0].cells} == {
        "GG": (1, 4),
        "GT": (2, 5),
        "TT": (3, 6),
    }
    (found,) = [f for f in tables.findings if f.check == check]
    assert found.severity == severity and f"{labels[0]} as G/G" in found.message


def test_letters_that_are_alleles_in_another_place_are_an_error(make_project):
    config = "loci: {SNP: {alleles: C/A}}\n"
    table = "study,genotype,cases,controls\nS,AA,1,2\nS,AB,1,2\nS,BB,1,2\n"
    (error,) = errors(read_studies(make_project({"a.csv": table}, config)).findings)
    assert error.check == "ambiguous_genotype" and "C/C" in error.message and "A/A" in error.message


def test_own_alleles_are_never_taken_for_generic_ones(make_project):
    config = "loci: {SNP: {alleles: B/A}}\n"
    table = "study,genotype,cases,controls\nS,AA,1,2\nS,AB,3,4\n"
    tables = read_studies(make_project({"a.csv": table}, config))
    assert "generic_genotypes" not in checks(tables)
    assert tables.counts[0].cells[0].label.copies(2, 3) == {2}


AUTHORS = "Author,Year,locus,AA cases,AA controls\n"


def test_two_papers_of_an_author_are_two_studies(make_project):
    table = AUTHORS + "Wen,2005,SNP,1,2\nWen,2007,SNP,1,2\nLee,2006,SNP,1,2\n"
    tables = read_studies(make_project({"a.csv": table}, CONFIG))
    assert [row.study for row in tables.counts] == ["Wen 2005", "Wen 2007", "Lee"]
    assert checks(tables).count("study_with_year") == 2 and not errors(tables.findings)


def test_a_column_called_study_is_taken_at_its_word(make_project):
    table = AUTHORS.replace("Author", "study") + "Wen,2005,SNP,1,2\nWen,2007,SNP,1,2\n"
    assert "repeated_row" in checks(read_studies(make_project({"a.csv": table}, CONFIG)))


@pytest.mark.parametrize(
    "cell",
    ["1.17 (0.91-1.51)", "1.17 (0.91–1.51)", "1.17 (0.91, 1.51)", "1.17 [0.91 to 1.51]",
     "1.17 (0.91; 1.51)", "1.17 (95% CI: 0.91-1.51)", "1,17 (0,91-1,51)", "1,17 (0,91; 1,51)",
     "1.17, 0.91-1.51", "1.17 (0.91 - 1.51)"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["OR (95% CI)", "OR [95%CI]", "Odds ratio (95 % CI)"])
def test_estimate_and_interval_in_one_cell(make_project, cell, header):
    table = f'study,locus,effect_allele,model,{header}\nS,SNP,C,dominant,"{cell}"\n'
    (row,) = read_studies(make_project({"a.csv": table}, CONFIG)).estimates
    assert (row.measure, row.estimate, row.ci_low, row.ci_high) == ("OR", 1.17, 0.91, 1.51)


def test_an_interval_beside_its_estimate(make_project):
    table = "study;locus;effect_allele;model;HR;95% CI\nS;SNP;C;dominant;1,17;0,91-1,51\n"
    (row,) = read_studies(make_project({"a.csv": table}, CONFIG)).estimates
    assert (row.measure, row.estimate, row.ci_low, row.ci_high) == ("HR", 1.17, 0.91, 1.51)
    table = table.replace("0,91-1,51", "NR")
    (row,) = read_studies(make_project({"a.csv": table}, CONFIG)).estimates
    assert row.ci_low is None
