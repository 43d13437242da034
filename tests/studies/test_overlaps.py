"""The same subjects in two papers: one of them is counted."""

import itertools

import pytest

from genopool.studies.overlaps import Overlaps
from genopool.studies.populations import Candidate, populations
from genopool.studies.reading import read_studies
from genopool.studies.records import CountRow, EstimateRow

LARGER = {"keep": "larger"}
NEWER = {"keep": "newer"}


def study(name, people, overlaps="", population="", kind=CountRow, **values):
    filled = {"overlaps": overlaps, **values}
    return kind("a.csv", "", (2,), name, population, "SNP", "", filled), people


def left_out(rows, settings=LARGER):
    """The rows that are left out, as {label: reason}."""
    described = populations([row for row, _ in rows], ("ethnicity",))
    overlaps = Overlaps(settings, described)
    sources = {CountRow: "counts", EstimateRow: "reported"}
    chosen = [Candidate(described[id(row)], sources[type(row)], people) for row, people in rows]
    return {one.candidate.row.name: one.reason for one in overlaps.resolve(chosen)}


@pytest.mark.parametrize("sides", ["A", "B", "AB"])
def test_larger_is_kept_whichever_side_names_the_other(sides):
    rows = [
        study("A", 100, "B" if "A" in sides else ""),
        study("B", 200, "A" if "B" in sides else ""),
    ]
    assert left_out(rows) == {"A": "same people as B, the larger study"}


def test_studies_that_name_nobody_are_all_counted():
    assert left_out([study("A", 100), study("B", 200)]) == {}
    assert left_out([study("A", 100, "Z"), study("B", 200, " ; ")]) == {}


def test_names_match_without_case_and_blanks_and_several_are_separated():
    rows = [study("Wen 2005", 100), study("Ye  2006", 90), study("Li", 500, "wen2005; YE 2006 ;")]
    assert set(left_out(rows)) == {"Wen 2005", "Ye  2006"}


def test_newer_by_configuration_with_the_year_from_any_row_of_the_study():
    old = study("Old", 500, "New", year="2001")
    new = study("New", 100, population="pre", ethnicity="Korean", year="2003-2005")
    assert left_out([old, new]) == {"New (pre)": "same people as Old, the larger study"}
    assert left_out([old, new], NEWER) == {"Old": "same people as New, the newer study"}
    undated = study("New", 100)
    assert set(left_out([old, undated], NEWER)) == {"New"}


def test_newer_of_one_year_is_the_larger():
    rows = [study("A", 10, "B", year="2001"), study("B", 20, year="2001")]
    assert left_out(rows, NEWER) == {"A": "same people as B, the larger study"}


def test_a_choice_of_the_configuration_needs_no_column_and_goes_before_size():
    rows = [study("Big", 500), study("Small", 100), study("Other", 50)]
    settings = {"keep": "larger", "big": "Small"}
    expected = "same people as Small, which the configuration keeps"
    assert left_out(rows, settings) == {"Big": expected}
    assert left_out(rows[:1], settings) == {}, "only where the kept study answers too"


def test_a_tie_is_settled_the_same_way_in_any_order():
    rows = [study("B", 100, "A"), study("A", 100), study("C", 100, "A")]
    for order in itertools.permutations(rows):
        assert set(left_out(order)) == {"B", "C"}


CHAIN = [("A", "B"), ("B", "C"), ("C", "")]


@pytest.mark.parametrize(
    ("sizes", "gone"),
    [((300, 200, 100), {"B"}), ((100, 200, 150), {"A", "C"}), ((200, 100, 300), {"B"})],
)
def test_a_chain_keeps_the_largest_and_then_what_is_free_again(sizes, gone):
    rows = [study(name, n, other) for (name, other), n in zip(CHAIN, sizes, strict=True)]
    for order in itertools.permutations(rows):
        assert set(left_out(order)) == gone


def test_a_cycle_keeps_one():
    rows = [study("A", 100, "B"), study("B", 200, "C"), study("C", 150, "A")]
    for order in itertools.permutations(rows):
        assert set(left_out(order)) == {"A", "C"}


def test_choices_in_a_row_are_followed_to_their_end():
    rows = [study("A", 300), study("B", 200), study("C", 100)]
    settings = {"keep": "larger", "A": "B", "B": "C"}
    # B gives way to C, and then nobody is left who has A's people
    assert set(left_out(rows, settings)) == {"B"}
    assert set(left_out(rows[:2], settings)) == {"A"}


def test_counts_against_a_reported_estimate():
    rows = [study("A", 100), study("B", 300, "A", kind=EstimateRow)]
    assert set(left_out(rows)) == {"A"}
    unstated = study("B", 0, "A", kind=EstimateRow)
    assert set(left_out([study("A", 100), unstated])) == {"B"}


def test_parts_are_weighed_together_and_only_those_named_are_left_out():
    parts = [
        study("A", 60, "B", population="Korean", ethnicity="Korean"),
        study("A", 500, population="Chinese", ethnicity="Chinese"),
    ]
    assert set(left_out([*parts, study("B", 100)])) == {"A (Korean)"}
    by_sex = [study("A", 60, "B", population=sex, sex=sex) for sex in ("male", "female")]
    assert set(left_out([*by_sex, study("B", 100)])) == {"B"}


def test_men_and_women_are_not_the_same_people():
    rows = [study("A", 100, "B", sex="male"), study("B", 200, sex="female")]
    assert left_out(rows) == {}


def naive(rows):
    """Of all sets without overlap in which each study left out has a larger one: the only one."""
    names = [row.study for row, _ in rows]
    size = {row.study: people for row, people in rows}
    edges = {
        frozenset((row.study, other))
        for row, _ in rows
        for other in row.values["overlaps"].split(";")
        if other in size and other != row.study
    }
    solutions = []
    for mask in range(1 << len(names)):
        kept = {name for place, name in enumerate(names) if mask >> place & 1}
        if any(edge <= kept for edge in edges):
            continue
        if all(
            any(frozenset((name, k)) in edges and size[k] > size[name] for k in kept)
            for name in set(names) - kept
        ):
            solutions.append(set(names) - kept)
    (only,) = solutions
    return only


@pytest.mark.parametrize("seed", range(60))
def test_any_web_of_overlaps_against_the_naive_rule(seed):
    import random

    draw = random.Random(seed)
    names = "ABCDEF"[: draw.randint(2, 6)]
    sizes = draw.sample(range(10, 1000), len(names))
    rows = [
        study(name, n, ";".join(draw.sample(names, draw.randint(0, 2))))
        for name, n in zip(names, sizes, strict=True)
    ]
    assert set(left_out(rows)) == naive(rows)


PLAIN = "loci: {SNP: {alleles: A/C}}\n"
HEADER = "study,locus,overlaps,cases_A,cases_C,controls_A,controls_C\n"


def checks(project):
    return [(f.severity, f.check, f.message, f.row) for f in read_studies(project).findings]


def test_a_name_of_no_study_is_a_warning_with_a_suggestion(make_project):
    rows = "Wen 2005,SNP,Yee 2006,1,2,3,4\nYe 2006,SNP,ye2006,1,2,3,4\n"
    unknown, itself = checks(make_project({"a.csv": HEADER + rows}, PLAIN))
    assert unknown[:2] == ("warning", "unknown_overlap") and "did you mean 'Ye 2006'" in unknown[2]
    assert itself[:2] == ("warning", "unknown_overlap") and "itself" in itself[2]


def test_thousands_of_names_are_one_finding(make_project):
    names = ";".join(f"x{i}" for i in range(5000))
    content = HEADER + f"Wen 2005,SNP,{names},1,2,3,4\n"
    ((_, check, message, _),) = checks(make_project({"a.csv": content}, PLAIN))
    assert check == "unknown_overlap" and "and 4995 others" in message


def test_the_configuration_may_name_no_unknown_study(make_project):
    config = "loci: {SNP: {alleles: A/C}}\noverlaps: {Wen 2005: Li 2004}\n"
    content = HEADER + "Wen 2005,SNP,,1,2,3,4\n"
    (found,) = checks(make_project({"a.csv": content}, config))
    assert found[1] == "unknown_overlap" and "'Li 2004'" in found[2]


def test_a_study_of_another_locus_is_known(make_project):
    config = "loci: {SNP: {alleles: A/C}, TWO: {alleles: A/C}}\n"
    content = HEADER + "A,SNP,B,1,2,3,4\nB,TWO,,1,2,3,4\n"
    assert checks(make_project({"a.csv": content}, config)) == []


def test_overlap_that_another_locus_does_not_repeat_is_warned_of(make_project):
    config = "loci: {SNP: {alleles: A/C}, TWO: {alleles: A/C}}\n"
    rows = "A,SNP,B,1,2,3,4\nB,SNP,,1,2,3,4\nA,TWO,,1,2,3,4\nB,TWO,,1,2,3,4\n"
    (found,) = checks(make_project({"a.csv": HEADER + rows}, config))
    assert found[:2] == ("warning", "overlap_elsewhere") and found[3] == 4
    said = rows.replace("B,TWO,", "B,TWO,A")
    assert checks(make_project({"a.csv": HEADER + said}, config)) == []
