"""What the labels of alleles and genotypes mean."""

import pytest

from genopool.studies.genotypes import (
    AmbiguousLabelError,
    LabelError,
    LocusAlleles,
    complement,
    parse_repeat,
    repeat_name,
)

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


def test_complement_of_several_bases_is_read_backwards():
    assert [complement(bases) for bases in ("A", "AAC", "acg", "-", "I", "null", "")] == [
        "T",
        "GTT",
        "CGT",
        "-",
        "I",
        "null",
        "",
    ]


@pytest.mark.parametrize(
    ("alleles", "is_nucleotide", "is_palindromic"),
    [
        (("A", "T"), True, True),
        (("c", "G"), True, True),
        (("A", "C"), True, False),
        (("AC", "GT"), True, True),
        (("AT", "A"), True, False),  # AT is itself on the other strand, A is T
        (("AT", "GC"), True, False),  # each is itself: nothing to tell
        (("-", "AAAT"), True, False),
        (("-", "I"), False, False),
        (("A", "a"), False, False),
        (("e3", "e4"), False, False),
        (("A", "C", "T"), True, True),
        (("A", "C", "G"), True, True),
        (("A", "AAC", "G"), True, False),
    ],
)
def test_what_has_strands_and_what_letters_cannot_tell(alleles, is_nucleotide, is_palindromic):
    locus = LocusAlleles("snp" if len(alleles) == 2 else "multiallelic", alleles)
    assert (locus.is_nucleotide, locus.is_palindromic) == (is_nucleotide, is_palindromic)


@pytest.mark.parametrize(
    ("alleles", "label", "text"),
    [
        (("AT", "A"), "AT/T", "AT/A"),
        (("AT", "A"), "TT", "A/A"),
        (("-", "AAAT"), "ATTT/-", "-/AAAT"),
        (("-", "AAAT"), "-/-", "-/-"),
        (("A", "C", "T"), "TG", "AC"),
        (("A", "C", "G"), "non-G/G", "C/non-C"),
    ],
)
def test_other_strand_of_indels_and_of_three_alleles(alleles, label, text):
    locus = LocusAlleles("snp" if len(alleles) == 2 else "multiallelic", alleles)
    assert locus.label(label, other_strand=True).text == text


def test_two_letters_that_are_an_allele_and_a_genotype_are_refused():
    locus = LocusAlleles("multiallelic", ("A", "T", "AT"))
    with pytest.raises(AmbiguousLabelError, match="the allele AT or the genotype A/T"):
        locus.label("AT")
    assert locus.label("A/T").unit == "genotype"
    assert locus.label("AT/AT").copies(*locus.question("AT")) == {2}
    assert LocusAlleles("snp", ("A", "AT")).label("AT").unit == "allele"


@pytest.mark.parametrize(
    ("alleles", "genotype"),
    [
        (("*1", "*2"), "*2/*1"),
        (("allele 1", "allele 2"), "allele 2 / allele 1"),
        (("I", "D"), "D/I"),
        (("present", "null"), "Null/PRESENT"),
        (("risk", "non-risk"), "non-risk/risk"),
        (("-", "AAAT"), "AAAT/-"),
        (("4G", "5G"), "5G/4G"),
    ],
)
def test_names_of_alleles_that_are_not_letters(alleles, genotype):
    locus = LocusAlleles("snp", alleles)
    label = locus.label(genotype)
    assert label.unit == "genotype" and label.copies(*locus.question(alleles[1])) == {1}
    assert locus.label(alleles[1]).copies(*locus.question(alleles[1])) == {1}
    assert locus.label(f"{alleles[0]}/{alleles[0]}+{label.text}").copies(
        *locus.question(alleles[1])
    ) == {0, 1}


FOUR = LocusAlleles("multiallelic", ("A", "B", "D", "E"))


@pytest.mark.parametrize("effect", ["B", "D", "E"])
@pytest.mark.parametrize("against", ["rest", "reference"])
def test_four_alleles_against_a_naive_count(effect, against):
    for one in FOUR.alleles:
        for other in FOUR.alleles:
            carried = {one, other}
            if against == "reference" and carried - {effect, "A"}:
                expected = frozenset()
            else:
                expected = {[one, other].count(effect)}
            copies = FOUR.label(f"{one}/{other}").copies(*FOUR.question(effect, against))
            assert copies == expected


def test_classes_of_four_alleles():
    question = FOUR.question("B"), FOUR.question("B", "reference")
    assert FOUR.label("non-B/non-B").copies(*question[0]) == {0}
    assert FOUR.label("non-B/B").copies(*question[0]) == {1}
    assert FOUR.label("non-B/B").copies(*question[1]) is None, "non-B may be D"
    assert FOUR.label("non-A/A").copies(*question[0]) is None
