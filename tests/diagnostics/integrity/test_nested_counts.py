"""Wholes beside their parts under labels of their own."""

from itertools import permutations

import numpy as np
import pytest

# Bo and Canedo added up, cell by cell.
SUM = "89,277,175,163,449,271"


def test_published_studies_are_no_sums_of_each_other(findings_of, counts):
    assert not findings_of("nested_counts", {"a.csv": counts(published=True)})


def test_a_study_that_is_the_sum_of_two_others_is_found(findings_of, counts):
    (finding,) = findings_of("nested_counts", {"a.csv": counts(f"Whole,{SUM}", published=True)})
    assert (finding.severity, finding.study) == ("warning", "Whole")
    assert "Bo (a.csv, row 2) and Canedo (a.csv, row 3)" in finding.message


def test_the_order_of_the_rows_does_not_matter(findings_of, counts):
    for order in permutations(
        ["Whole," + SUM, "Bo,36,108,64,26,96,68", "C,53,169,111,137,353,203"]
    ):
        (finding,) = findings_of("nested_counts", {"a.csv": counts(*order)})
        assert finding.study == "Whole"


def test_one_person_more_is_no_sum(findings_of, counts):
    other = SUM.replace("175", "176")
    assert not findings_of("nested_counts", {"a.csv": counts(f"Whole,{other}", published=True)})


def test_parts_of_one_study_are_its_own_affair(findings_of):
    table = (
        "study,locus,population,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
        f"W,SNP,,{SUM}\nW,SNP,a,36,108,64,26,96,68\nW,SNP,b,53,169,111,137,353,203\n"
    )
    assert not findings_of("nested_counts", {"a.csv": table})


def test_sums_of_small_groups_are_left_alone(findings_of, counts):
    lines = [f"S{i}{j},{i},{j},1,{j},{i},1" for i in range(1, 4) for j in range(1, 4)]
    found = findings_of("nested_counts", {"a.csv": counts(*lines, "W,3,3,2,3,3,2")})
    assert not [f for f in found if f.severity == "warning"]


def test_every_sum_is_found_as_a_naive_search_finds_it(findings_of, counts):
    rng = np.random.default_rng(5)
    rows = rng.multinomial(900, [0.3, 0.5, 0.2], (40, 2)).reshape(40, 6).tolist()
    rows += [[a + b for a, b in zip(rows[i], rows[j], strict=True)] for i, j in ((0, 1), (7, 30))]
    lines = [f"S{i}," + ",".join(map(str, row)) for i, row in enumerate(rows)]
    naive = {
        f"S{k}"
        for i, a in enumerate(rows)
        for j, b in enumerate(rows[:i])
        for k, c in enumerate(rows)
        if k not in (i, j) and [x + y for x, y in zip(a, b, strict=True)] == c
    }
    assert {f.study for f in findings_of("nested_counts", {"a.csv": counts(*lines)})} == naive


@pytest.mark.parametrize(
    ("label", "cells", "found"),
    [
        ("Wen 2005 (premenopausal)", "30,100,60,20,90,60", True),
        ("Wen 2005, replication", "30,100,60,20,90,60", True),
        ("Wen 2005, replication", "30,109,60,20,90,60", False),
        ("Wen 2005b", "30,100,60,20,90,60", False),
        ("Wen 2006", "30,100,60,20,90,60", False),
    ],
)
def test_a_part_labelled_as_a_study_is_found(findings_of, counts, label, cells, found):
    table = counts("Wen 2005,36,108,64,26,96,68", "Xu 2001,1,1,1,1,1,1")
    table += f'"{label}",SNP,{cells}\n'
    findings = findings_of("nested_counts", {"a.csv": table})
    assert [f.study for f in findings] == ([label] if found else [])
