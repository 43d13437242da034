"""What rows of counts say about single lengths: a naive count person by person."""

from itertools import combinations_with_replacement

import numpy as np
import pytest

from genopool.association.lengths import RowLengths, lengths_of
from genopool.studies.reading import read_studies

CONFIG = """\
outcome: disease
loci:
  CA: {kind: repeat, effect_alleles: ["19"]}
"""
SIDES = ("cases", "controls")


@pytest.fixture
def read_rows(make_project):
    """The rows of tables, and the lengths that they name."""

    def read(tables, tails=()):
        found = read_studies(make_project(tables, CONFIG))
        assert not [f for f in found.findings if f.severity == "error"]
        lengths = lengths_of(found.counts, tails)
        return {row.study: RowLengths(row, lengths) for row in found.counts}, lengths

    return read


def names(lengths):
    return [length.name for length in lengths]


def test_lengths_in_order_with_tails_in_their_places(read_rows):
    table = "study,locus,allele,cases,controls\n" + "".join(
        f"A,CA,{length},5,5\n" for length in (9, 14, 15, 16, 19, 23, 24)
    )
    _, lengths = read_rows({"a.csv": table})
    assert names(lengths) == ["9", "14", "15", "16", "19", "23", "24"]
    _, lengths = read_rows({"a.csv": table}, ("<=15", ">=23"))
    assert names(lengths) == ["<=15", "16", "19", ">=23"]
    _, lengths = read_rows({"a.csv": table}, (">30",))
    assert ">30" not in names(lengths)


def test_genotypes_are_counted_person_by_person(read_rows):
    genotypes = list(combinations_with_replacement((17, 18, 19, 24), 2))
    rng = np.random.default_rng(0)
    counts = {g: rng.integers(0, 9, 2) for g in genotypes}
    table = "study,locus,genotype,cases,controls\n" + "".join(
        f"A,CA,{b}/{a},{x},{y}\n" for (a, b), (x, y) in counts.items()
    )
    rows, lengths = read_rows({"a.csv": table})
    told = rows["A"]
    for side, name in enumerate(SIDES):
        people = [g for g in genotypes for _ in range(counts[g][side])]
        each = [[person.count(int(n)) for n in names(lengths)] for person in people]
        found = told.distribution(name)
        assert list(found.by_length) == np.sum(each, axis=0).tolist()
        assert (found.people, found.chromosomes) == (len(people), 2 * len(people))
        some = told.counts(name, 1, 2)
        pairs = [(person.count(18), person.count(19)) for person in people]
        assert (some.exposed, some.unexposed) == tuple(np.sum(pairs, axis=0))
        assert some.moments == (
            sum(a * a for a, _ in pairs),
            sum(b * b for _, b in pairs),
            sum(a * b for a, b in pairs),
        )
        kinds = sorted(told.kinds())
        by_kind = told.by_kind(name, kinds)
        assert by_kind.by_kind == tuple(people.count(kind) for kind in kinds)
        assert by_kind.repeats == sum(map(sum, people))


def test_chromosomes_long_and_wide(read_rows):
    long = "study,locus,allele,cases,controls\nA,CA,18,5,9\nA,CA,19,7,3\n"
    wide = "study,locus,cases_18,controls_18,cases_19,controls_19\nB,CA,5,9,7,3\n"
    rows, _ = read_rows({"long.csv": long, "wide.csv": wide})
    for told in rows.values():
        assert told.distribution("cases").by_length == (5, 7)
        assert told.people("controls") == 6
        assert not told.why_no_trend()
        # Chromosomes are independent draws: the variance of their log ratio is 1/L + 1/R.
        assert told.counts("controls", 0, 1).moments == (9, 3, 0)


CLASSES = """\
study,locus,cases_19/19,controls_19/19,cases_19/non-19,controls_19/non-19,\
cases_non-19/non-19,controls_non-19/non-19,cases_18/19,controls_18/19,cases_18/18,controls_18/18
Classes,CA,5,6,7,8,9,10,,,,
Lengths,CA,5,6,,,,,7,8,9,10
"""


def test_classes_and_lengths_in_one_table(read_rows):
    """Each study fills the columns that it reports; the others' blanks say nothing of it."""
    rows, lengths = read_rows({"a.csv": CLASSES})
    assert names(lengths) == ["18", "19"]
    assert rows["Lengths"].distribution("cases").by_length == (25, 17)
    classes = rows["Classes"]
    assert classes.why_not(0) == "19/non-19 does not tell chromosomes of 18"
    assert classes.why_not(1) == "" and not classes.tells_lengths
    assert classes.why_no_trend() == "19/non-19 does not give lengths"


def test_classes_that_are_the_tails_count(read_rows):
    table = "study,locus,allele,cases,controls\n" + "".join(
        f"A,CA,{allele},{x},{y}\n"
        for allele, x, y in (("<=17", 5, 6), ("18", 7, 8), ("19", 20, 21), (">19", 3, 4))
    )
    rows, lengths = read_rows({"a.csv": table}, ("<=17", ">=20"))
    assert names(lengths) == ["<=17", "18", "19", ">=20"]
    assert rows["A"].distribution("controls").by_length == (6, 8, 21, 4)
    assert rows["A"].why_no_trend() == "<=17 does not give lengths"
    rows, lengths = read_rows({"a.csv": table})
    assert names(lengths) == ["18", "19"]
    assert rows["A"].tells_lengths  # 18 against 19, whatever the tails hold


def test_a_row_with_classes_has_to_give_all(read_rows):
    table = "study,locus,allele,cases,controls\nA,CA,18,5,6\nA,CA,19,5,6\nA,CA,>21,1,1\n"
    extra = table + "B,CA,20,3,3\nB,CA,19,3,3\n"
    rows, lengths = read_rows({"a.csv": extra})
    place = names(lengths).index("20")
    assert rows["A"].why_not(place) == "not all alleles with 20 are reported"
    assert rows["B"].why_not(names(lengths).index("18")) == ""  # by lengths: nobody has it


def test_a_class_that_nobody_is_in_leaves_nothing_open(read_rows):
    table = "study,locus,allele,cases,controls\nA,CA,18,5,6\nA,CA,19,5,6\nA,CA,>19,0,0\n"
    rows, _ = read_rows({"a.csv": table})
    assert not rows["A"].why_no_trend()


def test_sums_and_blanks(read_rows):
    table = (
        "study,locus,genotype,cases,controls\n"
        "A,CA,18/19+19/20,5,6\nA,CA,19/19,3,4\nA,CA,18/18,1,1\n"
        "B,CA,18/19,,6\nB,CA,19/19,3,4\nB,CA,18/20,1,1\n"
    )
    rows, lengths = read_rows({"a.csv": table})
    assert [rows["A"].why_not(i) for i in range(3)] == [
        "18/19+19/20 does not tell chromosomes of 18",
        "",
        "18/19+19/20 does not tell chromosomes of 20",
    ]
    assert rows["A"].why_no_trend() == "18/19+19/20 is given only as a sum"
    assert rows["B"].why_not(0) == rows["B"].why_not(1) == "18/19 is not reported"
    assert rows["B"].why_not(names(lengths).index("20")) == ""
    assert rows["B"].why_no_trend() == "18/19 is not reported"
    assert np.isnan(rows["B"].distribution("cases").by_length[:2]).all()


def test_no_counts(read_rows):
    rows, lengths = read_rows({"a.csv": "study,locus,cases_19,controls_19\nA,CA,,\n"})
    assert lengths == []
    assert rows["A"].why_no_trend() == "gives no counts"
