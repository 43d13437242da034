"""Squares, intervals, diamonds and ticks stand at the numbers given."""

import re

import numpy as np
import pytest

from genopool.figures.forest import forest_plot
from genopool.figures.forest_marks import LARGEST_SQUARE, SMALLEST_SQUARE

# Tick labels are centred on whole font units: the axis read off them is good to this.
READ_OFF = 2e-3


@pytest.fixture
def ethnicity(il8, question, drawn):
    built = il8()
    return built, drawn(forest_plot(*built, stratifier="ethnicity", question=question))


def in_strata(built):
    strata = dict.fromkeys(r["stratum"] for r in built.pooled if r["stratifier"] == "ethnicity")
    rows = [r for r in built.effects if r["stratifier"] == "ethnicity"]
    return [r for stratum in strata for r in rows if r["stratum"] == stratum]


def test_squares_stand_at_the_odds_ratios_of_their_rows(ethnicity):
    built, picture = ethnicity
    squares = picture.shapes("squares")
    rows = in_strata(built)
    assert len(squares) == len(rows) == 26
    for square, row in zip(squares, rows, strict=True):
        centre = (square.min(axis=0) + square.max(axis=0)) / 2
        assert picture.odds(centre[0]) == pytest.approx(row["or"], rel=READ_OFF)
        assert picture.box(row["study"])[1] < centre[1] < picture.box(row["study"])[3]


def test_the_area_of_a_square_is_its_weight_in_the_overall_analysis(ethnicity):
    built, picture = ethnicity
    weights = {r["study"]: r["weight"] for r in built.effects if r["stratifier"] == "overall"}
    sides = np.array([np.ptp(square[:, 0]) for square in picture.shapes("squares")])
    expected = np.array([weights[row["study"]] for row in in_strata(built)])
    expected = LARGEST_SQUARE * np.sqrt(expected / expected.max())
    assert sides == pytest.approx(np.maximum(expected, SMALLEST_SQUARE))


def test_intervals_end_at_the_limits(ethnicity):
    built, picture = ethnicity
    lines = picture.shapes("intervals")
    for line, row in zip(lines, in_strata(built), strict=True):
        assert picture.odds(line[:, 0]) == pytest.approx(
            [row["ci_low"], row["ci_high"]], rel=READ_OFF
        )
    assert not picture.shapes("arrows")


def test_diamonds_span_the_pooled_intervals(ethnicity):
    built, picture = ethnicity
    overall, *strata = built.pooled
    (diamond,) = picture.shapes("overall diamond")
    for shape, row in zip([*picture.shapes("diamonds"), diamond], [*strata, overall], strict=True):
        tip = shape[np.argmin(shape[:, 1]), 0]
        places = [shape[:, 0].min(), tip, shape[:, 0].max()]
        expected = [row["ci_low"], row["or"], row["ci_high"]]
        assert picture.odds(places) == pytest.approx(expected, rel=READ_OFF)


def test_the_prediction_interval_has_its_own_bar(ethnicity):
    built, picture = ethnicity
    (bar,) = picture.shapes("prediction interval")
    limits = [built.pooled[0]["pi_low"], built.pooled[0]["pi_high"]]
    assert picture.odds([bar[:, 0].min(), bar[:, 0].max()]) == pytest.approx(limits, rel=READ_OFF)
    top, bottom = picture.box("95% prediction interval")[1::2]
    assert top < bar[:, 1].min() < bar[:, 1].max() < bottom


def test_the_lines_stand_at_1_and_at_the_overall_result(ethnicity):
    built, picture = ethnicity
    (one,), (overall,) = picture.shapes("no effect"), picture.shapes("overall")
    assert picture.odds(one[:, 0]) == pytest.approx(1.0, rel=READ_OFF)
    assert picture.odds(overall[:, 0]) == pytest.approx(built.pooled[0]["or"], rel=READ_OFF)


def test_ticks_are_plain_numbers_at_their_places(ethnicity):
    _, picture = ethnicity
    assert [s for s, _ in picture.ticks()] == ["0.1", "0.2", "0.5", "1", "2"]
    _, *marks = picture.shapes("axis")
    assert picture.odds([m[0, 0] for m in marks]) == pytest.approx(
        [0.1, 0.2, 0.5, 1, 2], rel=READ_OFF
    )


def test_a_long_interval_is_cut_off_with_an_arrow(tables, question, drawn):
    built = tables().add("Usual", (100, 100, 20), (100, 100, 20))
    built.add("Other", (100, 90, 20), (100, 100, 20)).add("Third", (90, 90, 20), (100, 99, 20))
    built.add_reported("Unsure", 1.2, 0.002, 700.0).pool()
    picture = drawn(forest_plot(*built, stratifier="overall", question=question))
    (axis, *_) = picture.shapes("axis")
    arrows = picture.shapes("arrows")
    assert len(arrows) == 2
    assert arrows[0][0, 0] == pytest.approx(axis[0, 0])
    assert arrows[1][0, 0] == pytest.approx(axis[1, 0])
    line = picture.shapes("intervals")[3]
    assert line[:, 0] == pytest.approx(axis[:, 0])
    assert arrows[0][:, 1].mean() == pytest.approx(line[0, 1])
    assert "[0.002, 700]" in picture.row("Unsure")


def test_an_estimate_beyond_the_axis_is_an_arrow_alone(tables, question, drawn):
    built = tables().add("Usual", (100, 100, 20), (100, 100, 20))
    built.add_reported("Beyond", 5000.0, 2000.0, 12500.0).pool()
    picture = drawn(forest_plot(*built, stratifier="overall", question=question))
    assert len(picture.shapes("squares")) == 1
    assert not picture.shapes("reported squares")
    assert len(picture.shapes("arrows")) >= 1
    assert "5,000" in picture.row("Beyond")


def test_a_reported_estimate_is_an_open_square(many_kinds, drawn):
    built, question = many_kinds
    picture = drawn(forest_plot(*built, stratifier="overall", question=question))
    squares = picture.shapes("reported squares")
    assert len(squares) == 2
    places = [s[:, 0].mean() for s in squares]
    assert picture.odds(places) == pytest.approx([1.34, 1.5], rel=READ_OFF)
    used = [r for r in built.effects if r["stratifier"] == "overall" and r["used"] == "yes"]
    assert len(picture.shapes("squares")) == len(used) - 2


def test_a_diamond_longer_than_the_axis_is_cut_off(tables, question, drawn):
    built = tables().add("One", (100, 100, 20), (100, 100, 20))
    built.add("Two", (100, 90, 20), (100, 100, 20)).pool(ci_low=1e-5, ci_high=1e5)
    picture = drawn(forest_plot(*built, stratifier="overall", question=question))
    (axis, *_), (diamond,) = picture.shapes("axis"), picture.shapes("overall diamond")
    assert [diamond[:, 0].min(), diamond[:, 0].max()] == pytest.approx(axis[:, 0])
    # Cut off, it is blunt: not a point but two at either end.
    assert np.sum(np.isclose(diamond[:, 0], axis[0, 0])) == 2
    assert len(picture.shapes("arrows")) == 2


def test_a_prediction_interval_longer_than_the_axis_ends_in_points(tables, question, drawn):
    built = tables().add("One", (100, 100, 20), (100, 100, 20))
    built.add("Two", (100, 90, 20), (100, 100, 20)).pool(pi_low=1e-4, pi_high=2.0)
    picture = drawn(forest_plot(*built, stratifier="overall", question=question))
    (axis, *_), (bar,) = picture.shapes("axis"), picture.shapes("prediction interval")
    assert bar[:, 0].min() == pytest.approx(axis[0, 0])
    at_end = np.isclose(bar[:, 0], axis[0, 0])
    assert np.ptp(bar[at_end, 1]) == pytest.approx(0.0)
    assert picture.odds(bar[:, 0].max()) == pytest.approx(2.0, rel=READ_OFF)


@pytest.mark.parametrize("scale", [1.02, 1.3, 2, 5, 30, 400, 5000])
def test_ticks_are_plain_for_any_range(tables, question, drawn, scale):
    built = tables()
    for i, shift in enumerate((0.9, 1.0, 1.1, scale)):
        built.add_reported(f"Study {i}", shift, shift / scale**0.5, shift * scale**0.5)
    built.pool()
    picture = drawn(forest_plot(*built, stratifier="overall", question=question))
    labels = [s for s, _ in picture.ticks()]
    assert "1" in labels
    assert 3 <= len(labels) <= 8
    assert all(re.fullmatch(r"\d+(\.\d+)?", label) for label in labels)
    assert [float(label) for label in labels] == sorted(map(float, labels))
