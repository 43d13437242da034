"""Who is counted: never a whole and its part together."""

import itertools
import random

import pytest

from genopool.studies.populations import Candidate, populations, select
from genopool.studies.records import CountRow, EstimateRow

COLUMNS = ("ethnicity", "menopausal_status")


def counts(population="", people=100, study="S", **values):
    filled = dict.fromkeys(COLUMNS, "") | values
    return CountRow("a.csv", "", (2,), study, population, "SNP", "", filled), people


def reported(population="", adjusted="unknown", study="S", **values):
    filled = dict.fromkeys(COLUMNS, "") | values
    row = EstimateRow("b.csv", "", (2,), study, population, "SNP", "", filled, adjusted=adjusted)
    return row, 0


def chosen(*rows, prefer="adjusted"):
    described = populations([row for row, _ in rows], COLUMNS)
    candidates = [
        Candidate(described[id(row)], "counts" if isinstance(row, CountRow) else "reported", people)
        for row, people in rows
    ]
    selection = select(candidates, prefer)
    kept = [next(i for i, c in enumerate(candidates) if c is k) for k in selection.chosen]
    assert len(kept) + len(selection.rejected) == len(rows)
    assert all(reason for _, reason in selection.rejected)
    return kept, selection


WHOLE = counts()
PRE = counts("pre", menopausal_status="pre")
POST = counts("post", menopausal_status="post")
ASIAN = counts("Asian", 150, ethnicity="Asian")


def test_whole_before_parts():
    kept, selection = chosen(WHOLE, PRE, POST)
    assert kept == [0]
    assert {reason for _, reason in selection.rejected} == {"contained in the whole study"}


def test_parts_without_a_whole():
    assert chosen(PRE, POST)[0] == [0, 1]


def test_parts_of_parts():
    asian_pre = counts("Asian pre", ethnicity="Asian", menopausal_status="pre")
    assert chosen(PRE, asian_pre)[0] == [0]
    assert chosen(asian_pre, POST)[0] == [0, 1]


def test_overlapping_families_keep_the_one_with_most_people():
    kept, selection = chosen(PRE, POST, ASIAN)
    assert kept == [0, 1]
    (warning,) = selection.findings
    assert (warning.severity, warning.check) == ("warning", "overlapping_parts")
    bigger = counts("Asian", 300, ethnicity="Asian")
    assert chosen(PRE, POST, bigger)[0] == [2]


def test_parts_told_apart_by_labels_are_noted():
    kept, selection = chosen(counts("familial"), counts("sporadic"))
    assert kept == [0, 1]
    assert [f.check for f in selection.findings] == ["parts_by_label"]
    same = [counts(label, ethnicity="European") for label in ("familial", "sporadic")]
    assert chosen(*same)[0] == [0, 1]


def test_a_part_inherits_what_the_whole_says():
    whole, part = counts(ethnicity="Korean")[0], PRE[0]
    described = populations([whole, part], COLUMNS)
    assert described[id(part)].values["ethnicity"] == "Korean"
    assert described[id(part)].own == {"menopausal_status": "pre"}


def test_a_whole_and_a_part_that_contradicts_it_are_never_both_counted():
    mixed = counts(people=200, ethnicity="mixed")
    parts = [counts(label, ethnicity=label) for label in ("Korean", "Chinese")]
    kept, selection = chosen(*parts, mixed)
    assert kept == [2], "the whole wins a tie"
    assert [f.check for f in selection.findings] == ["overlapping_parts"]
    assert chosen(*parts)[0] == [0, 1]


def test_a_part_that_fills_what_another_inherits_contains_it():
    whole = counts(ethnicity="Korean")
    women = counts("women", ethnicity="Korean")
    rows = [women, counts("pre", menopausal_status="pre")]
    described = populations([row for row, _ in (whole, *rows)], COLUMNS)
    one, other = (described[id(row)] for row, _ in rows)
    assert one.contains(other) and not other.contains(one)


def test_counts_before_reported_and_adjusted_before_unadjusted():
    assert chosen(reported(adjusted="yes"), WHOLE)[0] == [1]
    pair = (reported(adjusted="no"), reported(adjusted="yes"))
    three = [reported(adjusted=adjusted) for adjusted in ("unknown", "no", "yes")]
    assert chosen(*three)[0] == [2]
    assert chosen(*three, prefer="unadjusted")[0] == [1]
    assert chosen(*pair)[0] == [1]
    assert chosen(*pair, prefer="unadjusted")[0] == [0]
    assert chosen(reported("pre", menopausal_status="pre"), WHOLE)[0] == [1]


def test_studies_do_not_touch_each_other():
    assert chosen(WHOLE, counts("pre", study="T", menopausal_status="pre"))[0] == [0, 1]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_order_of_rows_does_not_matter(order):
    rows = [WHOLE, PRE, ASIAN, reported("x", study="T")]
    kept, _ = chosen(*(rows[i] for i in order))
    assert {order[i] for i in kept} == {0, 3}


def test_sex_tells_parts_apart_where_a_study_has_both():
    men, women = (counts(sex, sex=sex) for sex in ("male", "female"))
    kept, selection = chosen(men, women)
    assert kept == [0, 1] and selection.findings == []
    young = counts("young women", sex="female", menopausal_status="pre")
    assert chosen(men, women, young)[0] == [0, 1]


def test_sex_of_a_study_of_women_tells_nothing():
    carriers = counts("carriers", sex="female")
    pre = counts("pre", sex="female", menopausal_status="pre")
    described = populations([carriers[0], pre[0]], COLUMNS)
    assert not described[id(carriers[0])].contains(described[id(pre[0])])
    assert [f.check for f in chosen(carriers, pre)[1].findings] == ["overlapping_parts"]


@pytest.mark.parametrize("seed", range(200))
def test_nobody_is_counted_twice_among_people_who_exist(seed):
    """Rows are drawn as subsets of people with known strata; the chosen ones never share any."""
    draw = random.Random(seed)
    people = list(itertools.product(("Asian", "European"), ("pre", "post"), ("male", "female")))
    columns = (*COLUMNS, "sex")
    filled = [
        dict(zip(columns, strata, strict=True))
        for strata in itertools.product(
            ("", "Asian", "European"), ("", "pre", "post"), ("", "male", "female")
        )
    ]
    rows, members = [], []
    for values in draw.sample(filled, draw.randint(1, 6)):
        inside = [
            person
            for person in people
            if all(
                not value or value == own
                for value, own in zip(values.values(), person, strict=True)
            )
        ]
        label = " ".join(filter(None, values.values()))
        rows.append(counts(label, 10 * len(inside), **values))
        members.append(inside)
    described = populations([row for row, _ in rows], columns)
    candidates = [Candidate(described[id(row)], "counts", n) for row, n in rows]
    selection = select(candidates)
    kept = [next(i for i, c in enumerate(candidates) if c is one) for one in selection.chosen]
    everybody = [person for i in kept for person in members[i]]
    assert len(everybody) == len(set(everybody))
    whole = [i for i, (row, _) in enumerate(rows) if row.is_whole]
    assert kept == whole or not whole
    for i in set(range(len(rows))) - set(kept):
        reason = next(why for c, why in selection.rejected if c is candidates[i])
        shares = any(set(members[i]) & set(members[j]) for j in kept)
        # left out for the people in it, or for those of a row that was left out itself
        assert shares or reason.startswith(("contained in", "may share people"))
