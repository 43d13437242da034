"""Numbers as printed: enough digits, true signs, and no number that reads as another."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopool.report import cells
from genopool.report.inputs import number, records, text

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def read(printed):
    """A printed number as a number."""
    plain = str(printed).replace("−", "-").replace(",", "")
    found = re.fullmatch(r"(-?[\d.]+)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", plain)
    return float(found[1]) * 10.0 ** int((found[2] or "⁰").translate(SUPERSCRIPT))


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (1.0, "1.00"), (0.845, "0.84"), (16.237, "16.24"), (0.99999, "1.00"), (0.0659, "0.066"),
        (0.00404, "0.0040"), (1234.5, "1,234"), (4.2e-5, "4.2 × 10⁻⁵"), (3.3e6, "3.3 × 10⁶"),
    ],
)  # fmt: skip
def test_odds_ratios(value, printed):
    assert cells.ratio(value) == printed


# Two significant digits leave an error of at most 5%; two decimals of 0.0995 and above, 5.1%.
@given(st.floats(1e-12, 1e12))
def test_an_odds_ratio_reads_as_itself(value):
    assert read(cells.ratio(value)) == pytest.approx(value, rel=0.052)


@given(st.floats(1e-299, 1.0))
def test_a_p_value_reads_as_itself(value):
    assert read(cells.p_value(value)) == pytest.approx(value, rel=0.052)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0494, "0.049"), (0.51, "0.51"), (0.996, "1.00"), (0.0012, "0.0012"),
        (6.0e-6, "6.0 × 10⁻⁶"), (0.0, "< 10⁻³⁰⁰"), (1.0, "1.00"),
    ],
)  # fmt: skip
def test_p_values(value, printed):
    assert cells.p_value(value) == printed


def test_a_positive_tau2_never_reads_as_zero():
    assert cells.variance(0) == "0"
    assert cells.variance(1e-9) == "< 0.001"
    assert cells.variance(0.0971) == "0.097"


def test_negative_numbers_have_a_true_minus_and_no_negative_zero():
    assert cells.fixed(-0.164, 3) == "−0.164"
    assert cells.fixed(-0.0001, 3) == "0.000"


def test_divided_controls_keep_a_decimal():
    assert cells.count(5286) == "5,286"
    assert cells.count(94.5) == "94.5"


def test_limits_beyond_reading_are_bounds():
    assert cells.interval(9.3e-6, 3.3e6) == "[< 0.001, > 99,999]"
    assert cells.interval(0.7, 1.0) == "[0.70, 1.00]"


@pytest.mark.parametrize("blank", [None, "", float("nan"), float("inf")])
@pytest.mark.parametrize(
    "form", [cells.ratio, cells.p_value, cells.variance, cells.percent, cells.count]
)
def test_what_is_absent_is_a_dash_with_its_reason(form, blank):
    printed = form(None if blank != blank else blank, "one study <b>")
    assert "–" in printed
    assert printed.count("one study &lt;b&gt;") == 2


def test_lists_and_plurals():
    assert cells.listed(["a", "b", "c"]) == "a, b and c"
    assert cells.plural(1, "study", "studies") == "1 study"
    assert cells.plural(1200, "row") == "1,200 rows"


def test_blank_cells_of_frames_are_none(frame):
    rows = records(frame("account", {"file": " ", "row": float("nan"), "study": "A", "used": None}))
    assert rows[0]["file"] is rows[0]["row"] is rows[0]["used"] is rows[0]["sheet"] is None
    assert rows[0]["study"] == "A"


def test_cells_as_text_and_numbers():
    assert text(2005.0) == "2005"
    assert number("1.06") == 1.06
    assert number("not a number") is None
