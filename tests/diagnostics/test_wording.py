"""Numbers as sentences have them."""

import pytest

from genopool.diagnostics import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.239, "1.24"),
        (1.0, "1.00"),
        (1.004, "1.004"),
        (0.996, "0.996"),
        (0.0004, "below 0.01"),
        (123.4, "123"),
        (float("inf"), "over 1,000"),
    ],
)
def test_odds_ratio_shows_its_side_of_1(value, text):
    assert wording.odds_ratio(value) == text


def test_an_estimate_is_rounded():
    assert wording.rounded(1.004) == "1.00" and wording.rounded(1.2) == "1.20"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00005, "p < 0.0001"),
        (0.0031, "p = 0.0031"),
        (0.034, "p = 0.034"),
        (0.0496, "p = 0.0496"),
        (0.0504, "p = 0.0504"),
        (0.12, "p = 0.12"),
        (0.996, "p = 1.00"),
    ],
)
def test_p_is_never_rounded_over_the_limit(value, text):
    assert wording.p_value(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0%"), (0.3, "under 1%"), (43.2, "43%"), (99.7, "over 99%")]
)
def test_per_cent(value, text):
    assert wording.per_cent(value) == text


def test_names_are_listed_and_long_lists_cut():
    assert wording.listed(["A"]) == "A"
    assert wording.listed(["A", "B"]) == "A and B"
    assert wording.listed(["A", "B", "C", "D"]) == "A, B, C and D"
    assert wording.listed(list("ABCDE")) == "A, B, C and 2 others"
    assert wording.either(["A", "B"]) == "A or without B"
    assert wording.either(list("ABCDE")) == "any of five studies"


def test_numbers_up_to_ten_are_words():
    assert [wording.number(n) for n in (0, 1, 10, 11, 1200)] == ["no", "one", "ten", "11", "1,200"]


def test_tau2():
    assert wording.variance(0.0) == "tau² = 0"
    assert wording.variance(0.0004) == "tau² below 0.001"
    assert wording.variance(0.0241) == "tau² = 0.024"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "I² = 0%"), (0.3, "I² under 1%"), (43.2, "I² = 43%"), (99.7, "I² over 99%")],
)
def test_inconsistency(value, text):
    assert wording.inconsistency(value) == text
