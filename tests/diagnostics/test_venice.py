"""The Venice criteria at the published limits (Ioannidis 2008; Khoury 2009; Lill 2012)."""

from math import nan

import pytest

from genopool.diagnostics.venice import (
    OVERALL_GRADES,
    BiasEvidence,
    amount,
    overall,
    protection_from_bias,
    replication,
)

SOUND = BiasEvidence(
    studies=12,
    significant=True,
    odds_ratio=1.3,
    lost_without_first=False,
    lost_without_one=False,
    lost_without_departures=False,
    small_study_p=0.5,
    excess_p=0.5,
)


def with_(**changes):
    return protection_from_bias(BiasEvidence(**{**vars(SOUND), **changes}))


@pytest.mark.parametrize(
    ("people", "grade"), [(99, "C"), (100, "B"), (1000, "B"), (1001, "A"), (0, "C"), (nan, "")]
)
def test_amount_above_1000_and_below_100(people, grade):
    assert amount(people).grade == grade


def test_amount_says_when_there_may_be_more():
    assert amount(500, at_least=True).reasons == ("at least",)
    assert amount(5000, at_least=True).reasons == ()


@pytest.mark.parametrize(
    ("i2", "grade"), [(0, "A"), (24.9, "A"), (25, "B"), (50, "B"), (50.1, "C"), (nan, "B")]
)
def test_replication_by_inconsistency(i2, grade):
    assert replication(5, True, i2).grade == grade


def test_nothing_is_replicated_by_one_study_or_without_significance():
    assert replication(1, True, 0.0).grade == "C"
    assert replication(8, False, 0.0).grade == "C"


def test_inconsistency_is_waived_beyond_doubt():
    """Khoury 2009: p below 1e-7 without the first study."""
    assert replication(20, True, 80, 0.9e-7).grade == "A"
    assert replication(20, True, 80, 1.1e-7).grade == "C"
    assert replication(20, False, 80, 0.9e-7).grade == "C"


def test_a_sound_association_is_protected():
    assert protection_from_bias(SOUND).grade == "A"


@pytest.mark.parametrize("odds_ratio", [1.149, 1.0, 0.8697])
def test_a_low_odds_ratio_is_not_protected(odds_ratio):
    assert with_(odds_ratio=odds_ratio).reasons == ("low odds ratio",)
    assert with_(odds_ratio=odds_ratio, significant=False).grade == "A"


@pytest.mark.parametrize("odds_ratio", [1.151, 0.869, 2.0])
def test_an_odds_ratio_beyond_the_limits_is(odds_ratio):
    assert with_(odds_ratio=odds_ratio).grade == "A"


@pytest.mark.parametrize("what", ["first", "one", "departures", "reported", "warned"])
def test_lost_significance_shows_bias_only_where_there_was_some(what):
    lost = {f"lost_without_{what}": True}
    assert with_(**lost).grade == "C"
    assert with_(**lost).reasons == (f"lost without {what}",)
    assert with_(**lost, significant=False).grade != "C"


@pytest.mark.parametrize("test", ["small_study_p", "excess_p"])
def test_tests_of_bias_at_a_tenth_and_from_ten_studies_on(test):
    assert with_(**{test: 0.099}).grade == "C"
    assert with_(**{test: 0.1}).grade == "A"
    assert with_(**{test: 0.001}, studies=10).grade == "C"
    assert with_(**{test: 0.001}, studies=9).grade == "B"


@pytest.mark.parametrize(
    "unknown",
    [
        {"studies": 9},
        {"lost_without_first": None},
        {"lost_without_one": None},
        {"lost_without_departures": None},
        {"reported": 1},
        {"warned": 1},
        {"small_studies_unknown": True},
    ],
)
def test_what_is_not_known_is_no_protection(unknown):
    found = with_(**unknown)
    assert found.grade == "B" and len(found.reasons) == 1


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ("AAA", "strong"),
        ("AAB", "moderate"),
        ("BBB", "moderate"),
        ("AAC", "weak"),
        ("CBA", "weak"),
    ],
)
def test_composite(grades, expected):
    assert overall(list(grades), significant=True) == expected
    assert overall(list(grades), significant=False) == "no association shown"
    assert expected in OVERALL_GRADES


def test_composite_without_a_grade():
    assert overall(["", "A", "A"], significant=True) == "not graded"
    assert overall(["", "A", "C"], significant=True) == "weak"
