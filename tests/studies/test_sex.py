"""Men and women: parts of a study, and single alleles on chromosome X."""

import pytest

from genopool.studies.findings import errors
from genopool.studies.reading import read_studies
from genopool.studies.sex import standard

X = "loci: {SNP: {alleles: A/C, chromosome: X}, AUTO: {alleles: A/C}}\n"
WIDE = "study,locus,sex,population,cases_A,cases_C,cases_AA,cases_AC,cases_CC,"
WIDE += "controls_A,controls_C,controls_AA,controls_AC,controls_CC\n"
MEN = "10,20,,,,30,40,,,"
WOMEN = ",,10,20,30,,,40,50,60"


def row(study, locus="SNP", sex="", population="", counts=WOMEN):
    return f"{study},{locus},{sex},{population},{counts}\n"


@pytest.fixture
def read(make_project):
    def run(rows, header=WIDE, config=X):
        tables = read_studies(make_project({"a.csv": header + rows}, config))
        return tables, [(f.severity, f.check) for f in tables.findings]

    return run


def cells(record):
    return [(c.label.unit, c.label.text, c.cases, c.controls) for c in record.cells]


@pytest.mark.parametrize(
    ("written", "sex"),
    [
        *((word, "male") for word in ("male", "M", "Men", " man ", "males")),
        *((word, "female") for word in ("female", "F", "women", "Woman", "females")),
        *((word, "") for word in ("", "both", "Mixed", "all", "M/F", "both  sexes")),
        ("unclear", "unclear"),
    ],
)
def test_words_for_sex(written, sex):
    assert standard(written) == sex


def test_men_and_women_are_parts_in_one_table(read):
    tables, found = read(row("S", sex="male", counts=MEN) + row("S", sex="female"))
    men, women = tables.counts
    assert (men.population, women.population) == ("male", "female")
    assert cells(men) == [("allele", "A", 10, 30), ("allele", "C", 20, 40)]
    assert [text for _, text, *_ in cells(women)] == ["AA", "AC", "CC"]
    assert found == []


def test_a_study_of_one_sex_is_a_whole(read):
    tables, found = read(row("S", sex="female") + row("T", sex="male", counts=MEN))
    assert [row.population for row in tables.counts] == ["", ""]
    assert [row.sex_on_x for row in tables.counts] == ["female", "male"]
    assert found == []


def test_a_row_of_both_is_the_whole_of_which_the_others_are_parts(read):
    rows = [("", ""), ("f", ""), ("both", "Korean"), ("m", "Korean")]
    tables, found = read("".join(row("S", "AUTO", *given) for given in rows))
    assert [row.population for row in tables.counts] == ["", "female", "Korean", "Korean, male"]
    assert found.count(("note", "sex_read")) == 3


def test_other_words_are_noted_once_a_table(read):
    _, found = read(
        row("S", sex="men", counts=MEN) + row("T", sex="men", counts=MEN) + row("T", sex="F")
    )
    assert found == [("note", "sex_read")] * 2


def test_long_tables_tell_men_from_women(read):
    header = "study,locus,sex,genotype,cases,controls\n"
    rows = "S,SNP,male,A,10,30\nS,SNP,male,C,20,40\nS,SNP,female,AA,1,2\nS,SNP,female,CA,3,4\n"
    tables, found = read(rows, header)
    men, women = tables.counts
    assert cells(men) == [("allele", "A", 10, 30), ("allele", "C", 20, 40)]
    assert cells(women) == [("genotype", "AA", 1, 2), ("genotype", "AC", 3, 4)]
    assert (men.rows, women.rows, found) == ((2, 3), (4, 5), [])


def test_a_genotype_column_of_another_locus_still_has_genotypes_only(read):
    header = "study,locus,sex,genotype,cases,controls\n"
    tables, _ = read("S,AUTO,male,A,10,30\n", header)
    assert [f.check for f in errors(tables.findings)] == ["unknown_genotype"]


def test_men_written_as_homozygotes_have_one_allele(read):
    tables, found = read(row("S", sex="male", counts=",,10,0,20,,,30,,40"))
    assert cells(tables.counts[0]) == [("allele", "A", 10, 30), ("allele", "C", 20, 40)]
    assert found == [("note", "men_as_homozygotes")]


def test_classes_of_a_repeat_in_men(read):
    config = 'loci: {AR: {kind: repeat, effect_alleles: ["<22"], chromosome: X}}\n'
    header = "study,locus,sex,genotype,cases,controls\n"
    rows = "S,AR,male,<22/<22,10,30\nS,AR,male,>=22/>=22,20,40\nS,AR,male,<22/>=22,0,\n"
    tables, found = read(rows, header, config)
    assert [text for _, text, *_ in cells(tables.counts[0])] == ["<22", ">=22"]
    assert found == [("note", "men_as_homozygotes")]


@pytest.mark.parametrize("number", ["1,,", ",1,"])
def test_heterozygous_men_are_an_error(read, number):
    header = "study,locus,sex,cases_AC,controls_AC,cases_A,controls_A,cases_C,controls_C\n"
    tables, _ = read(f"S,SNP,male,{number}1,2,3,4\n", header)
    (found,) = errors(tables.findings)
    assert (found.check, found.row, found.value) == ("heterozygous_men", 2, "AC")
    assert tables.counts == ()


def test_men_counted_as_allele_and_as_genotype_are_an_error(read):
    tables, _ = read(row("S", sex="male", counts="10,20,10,,,30,40,30,,"))
    assert [f.check for f in errors(tables.findings)] == ["repeated_genotype"]


def test_genotypes_without_sex_are_warned_of_and_kept(read):
    tables, found = read(row("S") + row("T", sex="unclear"))
    assert found == [("warning", "sex_not_given")] * 2
    assert [row.sex_on_x for row in tables.counts] == ["unknown", "unknown"]


def test_alleles_without_sex_are_noted(read):
    _, found = read(row("S", counts=MEN))
    assert found == [("note", "sex_not_given")]


def test_a_part_takes_its_sex_from_the_whole(read):
    tables, found = read(row("S", sex="female") + row("S", population="pre"))
    assert [row.sex_on_x for row in tables.counts] == ["female", "female"]
    assert ("warning", "sex_not_given") not in found


def test_sex_means_nothing_special_elsewhere(read):
    tables, found = read(row("S", "AUTO", "male"))
    assert (tables.counts[0].sex_on_x, found) == ("", [])


def test_men_and_women_cannot_share_controls_on_x(read):
    header = WIDE.replace("population", "control_group")
    tables, _ = read(
        row("S", sex="male", population="G", counts=MEN) + row("S", sex="female", population="G"),
        header,
    )
    assert [f.check for f in errors(tables.findings)] == ["control_group_differs"]
