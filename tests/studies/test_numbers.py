"""Numbers as people write them, against a list that a person made and against round trips."""

import random

import pytest

from genopool.studies.numbers import (
    Decimals,
    NumberProblem,
    decimal_marks,
    read_count,
    read_number,
    read_percentage,
)

POINT, COMMA, SEMICOLONS = Decimals("."), Decimals(","), Decimals(comma_is_likely=True)
NOTHING = Decimals()


@pytest.mark.parametrize(
    ("text", "count", "percentage", "of"),
    [
        ("0", 0, None, None),
        ("45.0", 45, None, None),
        ("45,0", 45, None, None),
        ("1,234", 1234, None, None),
        ("1 234", 1234, None, None),
        ("1\u00a0234", 1234, None, None),
        ("1\u2009234", 1234, None, None),
        ("1'234", 1234, None, None),
        ("1’234", 1234, None, None),
        ("1,234,567", 1234567, None, None),
        ("1.234.567", 1234567, None, None),
        ("１２３", 123, None, None),
        ("٤٥", 45, None, None),
        ("45*", 45, None, None),
        ("45†‡", 45, None, None),
        ("45¹", 45, None, None),
        ("45ᵃ,ᵇ", 45, None, None),
        ("45 (12.3%)", 45, 12.3, None),
        ("45(12.3)", 45, 12.3, None),
        ("45 (12,3 %)", 45, 12.3, None),
        ("45 [12.3]", 45, 12.3, None),
        ("45 (12.3)%", 45, 12.3, None),
        ("45, 12.3%", 45, 12.3, None),
        ("45 12%", 45, 12, None),
        ("12.3% (45)", 45, 12.3, None),
        ("12.3% (n = 45)", 45, 12.3, None),
        ("45/366", 45, None, 366),
        ("45 of 366", 45, None, 366),
        ("45/366 (12.3%)", 45, 12.3, 366),
        ("1,045 (12.3%)", 1045, 12.3, None),
    ],
)
def test_counts(text, count, percentage, of):
    read = read_count(text)
    printed = read.percentage.value if read.percentage else None
    assert (read.count, printed, read.of) == (count, percentage, of)


@pytest.mark.parametrize("separator", [",", ".", " ", "'", "\u202f"])
def test_grouped_counts_make_a_round_trip(separator):
    random_number = random.Random(4)
    for _ in range(200):
        number = random_number.randrange(10**9)
        written = f"{number:,}".replace(",", separator)
        marks = {",": POINT, ".": COMMA}.get(separator, NOTHING)
        assert read_count(written, marks).count == number


@pytest.mark.parametrize(
    ("text", "decimals", "count"),
    [
        ("1,234", NOTHING, 1234),
        ("1,234", POINT, 1234),
        ("1,234", COMMA, None),
        ("1,234", SEMICOLONS, None),
        ("1.234", NOTHING, None),
        ("1.234", POINT, None),
        ("1.234", COMMA, 1234),
        ("1.234", SEMICOLONS, None),
        ("45.000", POINT, 45),
        ("45,000", COMMA, 45),
        ("45,000", POINT, 45000),
        ("45.000", NOTHING, None),
        ("1,234", Decimals(",", ((3, "."),)), 1234),
    ],
)
def test_the_table_decides_between_thousands_and_decimals(text, decimals, count):
    if count is None:
        with pytest.raises(NumberProblem, match=r"\d+ \(thousands\) or \d+\.\d+ \(decimals\)"):
            read_count(text, decimals, 3)
    else:
        assert read_count(text, decimals, 3).count == count


@pytest.mark.parametrize(
    "text", ["", "1e3", "+5", "5-", "1,23", "12,34,567", "5 (x)", "٤x", "½", "45①", "4²5", "²"]
)
def test_what_is_no_count(text):
    with pytest.raises(NumberProblem, match="not a number of people"):
        read_count(text)


@pytest.mark.parametrize(
    ("text", "decimals", "value", "rounding"),
    [
        ("1.17", NOTHING, 1.17, 0.005),
        ("1,17", NOTHING, 1.17, 0.005),
        ("1.2345", NOTHING, 1.2345, 5e-5),
        ("0.850", NOTHING, 0.85, 5e-4),
        ("0,850", NOTHING, 0.85, 5e-4),
        ("1.234", NOTHING, 1.234, 5e-4),
        ("1,234", COMMA, 1.234, 5e-4),
        ("2e-8", NOTHING, 2e-8, 5e-9),
        ("12", NOTHING, 12, 0.5),
        ("−0.3", NOTHING, -0.3, 0.05),
        ("1.17*", NOTHING, 1.17, 0.005),
    ],
)
def test_numbers_with_their_printed_digits(text, decimals, value, rounding):
    printed = read_number(text, decimals)
    assert (printed.value, printed.rounding) == pytest.approx((value, rounding), rel=1e-12)


@pytest.mark.parametrize(("text", "decimals"), [("1,234", NOTHING), ("1.234", COMMA)])
def test_a_number_that_can_be_two(text, decimals):
    with pytest.raises(NumberProblem, match=r"1234 .* or 1\.234"):
        read_number(text, decimals)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["0,85"], ","),
        (["12,3%"], ","),
        (["45 (12,3)"], ","),
        (["1.234,5"], ","),
        (["1.234.567"], ","),
        (["0.85"], "."),
        (["1,234.5"], "."),
        (["1,234,567"], "."),
        (["(0.91, 1.51)"], "."),
        (["0,85", "0.85"], ""),
        (["1,234"], ""),
        (["1.234", "12", "x", "3 of 4, or so"], ""),
        (["Smith, 2005", "10.1016/j.ejca.2007.04.026"], ""),
    ],
)
def test_what_tells_the_decimal_mark(cells, mark):
    assert decimal_marks([tuple(cells)]).mark == mark


def test_a_column_tells_more_than_the_table():
    decimals = decimal_marks([("0,85", "0.85"), ("1,234", "1.234")])
    assert [decimals.of_column(place) for place in (0, 1, 2)] == [",", ".", ""]


def test_percentages_of_a_column():
    assert read_percentage("12,3 %").value == 12.3
    assert read_percentage("12").rounding == 0.5
    assert read_percentage("x") is None
