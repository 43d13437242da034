"""Wholes beside their parts under labels of their own."""

from itertools import combinations, permutations

import numpy as np
import pytest

from genopool.diagnostics.integrity.sums import MOST_FOR_THREE, find_sums, ways

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


STAGES = {
    "GWAS": (96, 217, 168, 366, 1317, 1280),
    "First replication": (634, 2049, 1673, 119, 474, 519),
    "Second replication": (206, 695, 477, 3279, 11284, 10260),
}


def lines_of(rows):
    return [f"{study}," + ",".join(map(str, row)) for study, row in rows.items()]


def test_the_sum_of_three_stages_is_found(findings_of, counts):
    # Miki 2013, Table 1: the paper prints 936, 2961 and 2318 cases of all stages
    rows = STAGES | {"Miki": tuple(map(sum, zip(*STAGES.values(), strict=True)))}
    assert rows["Miki"] == (936, 2961, 2318, 3764, 13075, 12059)
    for order in permutations(rows):
        table = counts(*lines_of({study: rows[study] for study in order}))
        (finding,) = findings_of("nested_counts", {"a.csv": table})
        assert (finding.severity, finding.study) == ("warning", "Miki")
        assert all(stage in finding.message for stage in STAGES)


def test_parts_of_one_study_that_add_up_to_another(findings_of):
    header = "study,locus,population," + (
        "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
    )
    rows = f"W,SNP,,{SUM}\nV,SNP,a,36,108,64,26,96,68\nV,SNP,b,53,169,111,137,353,203\n"
    (finding,) = findings_of("nested_counts", {"a.csv": header + rows})
    assert finding.study == "W"


@pytest.mark.parametrize(
    ("groups", "controls", "found"),
    [
        (("Cantor", "Cantor", "Cantor"), ("63,27,2",) * 3, True),
        (("", "", ""), ("63,27,2",) * 3, True),
        (("", "", ""), ("63,27,2", "63,27,2", "63,26,3"), False),
        (("a", "b", "c"), ("63,27,2", "64,27,2", "65,27,2"), False),
    ],
)
def test_cases_that_add_up_where_controls_are_shared(findings_of, groups, controls, found):
    header = "study,locus,control_group," + (
        "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
    )
    cases = {"Cantor UC": "35,18,2", "Cantor CD": "103,30,5", "Cantor IBD": "138,48,7"}
    rows = [
        f"{study},SNP,{group},{numbers},{of_controls}"
        for (study, numbers), group, of_controls in zip(
            cases.items(), groups, controls, strict=True
        )
    ]
    rows += ["Bouma,SNP,,25,10,0,65,29,4", "Fowler,SNP,,198,91,15,150,61,6"]
    findings = findings_of("nested_counts", {"a.csv": header + "\n".join(rows) + "\n"})
    assert [(f.severity, f.study) for f in findings] == (
        [("warning", "Cantor IBD")] if found else []
    )
    assert all("the same controls" in f.message for f in findings)


@pytest.mark.parametrize("declared", ["Cantor UC;Cantor CD", ""])
def test_a_declared_overlap_is_no_sum(findings_of, declared):
    header = "study,locus,overlaps," + (
        "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
    )
    rows = f"Bo,SNP,,36,108,64,26,96,68\nC,SNP,,53,169,111,137,353,203\nW,SNP,Bo;C,{SUM}\n"
    config = "loci: {SNP: {alleles: A/C}}\n"
    if not declared:
        rows, config = rows.replace("Bo;C", ""), config + "overlaps: {Bo: W, C: W}\n"
    assert not findings_of("nested_counts", {"a.csv": header + rows}, config)


@pytest.mark.parametrize("cells", [3, 6])
def test_sums_are_those_of_a_naive_search(cells):
    rng = np.random.default_rng(cells)
    rows = [tuple(row) for row in rng.integers(0, 3, (14, cells)).tolist()]
    for parts in ((0, 1), (2, 3, 4), (1, 3)):
        rows.append(tuple(map(sum, zip(*(rows[i] for i in parts), strict=True))))
    naive = {
        (k, parts)
        for size in (2, 3)
        for parts in combinations(range(len(rows)), size)
        for k in range(len(rows))
        if k not in parts
        and tuple(map(sum, zip(*(rows[i] for i in parts), strict=True))) == rows[k]
    }
    assert len({len(parts) for _, parts in naive}) == 2
    assert set(find_sums(rows)) == naive


def test_among_very_many_rows_sums_of_two_only():
    rng = np.random.default_rng(3)
    rows = [tuple(row) for row in rng.integers(100, 10**6, (MOST_FOR_THREE, 6)).tolist()]
    rows[7] = tuple(map(sum, zip(rows[0], rows[200], strict=True)))
    rows[9] = tuple(map(sum, zip(rows[1], rows[201], rows[202], strict=True)))
    assert find_sums(rows) == [(7, (0, 200)), (9, (1, 201, 202))]
    assert find_sums([*rows, (1, 2, 3, 4, 5, 6)]) == [(7, (0, 200))]
    assert (ways(5, 2), ways(5, 3), ways(MOST_FOR_THREE + 1, 3)) == (30, 20, 0)


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
