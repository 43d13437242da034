"""What the labels of alleles and genotypes mean."""

import pytest

from genopool.studies.genotypes import LabelError, LocusAlleles, parse_repeat, repeat_name

SNP = LocusAlleles("snp", ("A", "C"))
REPEAT = LocusAlleles("repeat")
APOE = LocusAlleles("multiallelic", ("e3", "e2", "e4"))


@pytest.mark.parametrize(
    ("label", "unit", "text", "copies"),
    [
        ("AA", "genotype", "AA", {0}),
        ("CA", "genotype", "AC", {1}),
        ("A/C", "genotype", "AC", {1}),
        ("C / C", "genotype", "CC", {2}),
        ("AC+CC", "genotype", "AC+CC", {1, 2}),
        ("CC+AC", "genotype", "AC+CC", {1, 2}),
        ("C", "allele", "C", {1}),
        ("A", "allele", "A", {0}),
        ("cc", "genotype", "CC", {2}),
    ],
)
def test_snp_labels(label, unit, text, copies):
    read = SNP.label(label)
    assert (read.unit, read.text) == (unit, text)
    assert read.copies(*SNP.question("C")) == copies


@pytest.mark.parametrize("label", ["", "AG", "A/C/A", "AC+CA", "AC+C", "AAC", "/", "A/"])
def test_labels_that_are_none(label):
    with pytest.raises(LabelError):
        SNP.label(label)


def test_other_strand():
    assert SNP.label("TG", other_strand=True).text == "AC"
    assert not SNP.is_palindromic
    assert LocusAlleles("snp", ("C", "G")).is_palindromic
    assert not LocusAlleles("snp", ("I", "D")).is_nucleotide


def test_words_as_alleles():
    words = LocusAlleles("snp", ("reference", "variant"))
    assert words.label("variant/reference").text == "reference/variant"
    assert words.label("non-variant").text == "reference"
    null = LocusAlleles("snp", ("present", "null"))
    assert null.label("null/null").copies(*null.question("null")) == {2}


def test_case_tells_alleles_apart_only_where_it_must():
    cased = LocusAlleles("snp", ("A", "a"))
    assert cased.label("Aa").copies(*cased.question("a")) == {1}
    assert cased.label("aa").copies(*cased.question("a")) == {2}


@pytest.mark.parametrize(
    ("label", "nineteen", "shorter"),
    [
        ("19/19", {2}, {0}),
        ("19/21", {1}, {0}),
        ("17/18", {0}, {2}),
        ("19/non-19", {1}, None),  # says nothing about <19
        ("<19/>=19", None, {1}),  # and this nothing about 19
        ("<19/>19", {0}, {1}),
        ("non-19", {0}, None),
        ("<=18/19", {1}, {1}),
    ],
)
def test_repeat_labels_answer_some_questions(label, nineteen, shorter):
    read = REPEAT.label(label)
    assert read.copies(*REPEAT.question("19")) == nineteen
    assert read.copies(*REPEAT.question("<19")) == shorter


@pytest.mark.parametrize("label", ["19", "<19", ">=20", "non-19", "17,19,20", "<=18", ">18"])
def test_repeat_names_mean_what_they_name(label):
    assert parse_repeat(repeat_name(parse_repeat(label))) == parse_repeat(label)


@pytest.mark.parametrize("label", ["", "19+", "x", "<", "1999", "<1999", "-19", "19.5", "non-"])
def test_repeats_that_are_none(label):
    with pytest.raises(LabelError):
        parse_repeat(label)


def test_third_alleles_count_as_rest_or_are_left_out():
    assert APOE.label("e2/e4").copies(*APOE.question("e2")) == {1}
    assert APOE.label("e2/e4").copies(*APOE.question("e2", "reference")) == frozenset()
    assert APOE.label("e3/e2").copies(*APOE.question("e2", "reference")) == {1}
