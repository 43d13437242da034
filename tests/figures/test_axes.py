"""Axes: where values stand, which ticks they have, and what is drawn within."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from genopool.figures import theme
from genopool.figures.axes import (
    ODDS,
    Area,
    Axis,
    Tick,
    round_label,
    round_limits,
    round_ticks,
    runs,
)
from genopool.figures.page import Page
from genopool.figures.text import width

NAN = math.nan


def area(x=None, y=None):
    return Area(100, 50, 200, 120, x or Axis("", 0, 10), y or Axis("", 0, 4))


def drawn_shapes(drawn, draw):
    """The shapes that `draw` puts on a page."""
    page = Page()
    draw(page)
    page.write(1, 10, "x")
    return drawn(page.figure(400, 300, "")).shapes("it")


def test_places_grow_rightwards_and_upwards():
    where = area()
    assert [where.x(v) for v in (0, 5, 10)] == [100, 200, 300]
    assert [where.y(v) for v in (0, 1, 4)] == [170, 140, 50]
    assert (where.right, where.bottom, where.box) == (300, 170, (100, 50, 300, 170))


def test_a_reversed_axis_and_an_inset():
    where = area(y=Axis("", 0, 4, reverse=True), x=Axis("", 0, 10, inset=10))
    assert [where.y(v) for v in (0, 1, 4)] == [50, 80, 170]
    assert [where.x(v) for v in (0, 5, 10)] == [110, 200, 290]


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0, 1, 6, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 0.31, 5, ["0.0", "0.1", "0.2", "0.3"]),
        (-1.2, 2.1, 5, ["−1", "0", "1", "2"]),
        (1994.6, 2017.3, 5, ["1995", "2000", "2005", "2010", "2015"]),
        (0, 45_000, 5, ["0", "10,000", "20,000", "30,000", "40,000"]),
        (3, 3, 5, ["3.00"]),
    ],
)
def test_round_ticks(low, high, most, labels):
    assert [tick.label for tick in round_ticks(low, high, most)] == labels


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 12), st.booleans())
def test_ticks_are_few_and_evenly_round(low, spread, most, whole):
    assume(spread > 1e-6 * abs(low))
    ticks = round_ticks(low, low + spread, most, whole=whole)
    assert len(ticks) <= most
    values = np.array([tick.value for tick in ticks])
    assert np.all((values >= low - 1e-6 * spread) & (values <= low + 1.000001 * spread))
    if len(ticks) > 1:
        (step, *_) = steps = np.diff(values)
        assert steps == pytest.approx(np.full(len(steps), step), rel=1e-6)
        digit = step / 10 ** math.floor(math.log10(step * 1.0000001))
        assert min(abs(digit - d) for d in (1, 2, 5)) < 1e-6
        assert not whole or step == pytest.approx(round(step))
    for tick in ticks:
        said = float(tick.label.replace("−", "-").replace(",", ""))
        assert said == pytest.approx(tick.value, abs=1e-9 * max(1, abs(low)))


@given(st.floats(-50, 50), st.floats(0.01, 100), st.floats(40, 500))
def test_labels_across_keep_apart(low, spread, length):
    axis = Axis("", low, low + spread)
    ends = -math.inf
    ticks = axis.placed_ticks(length, across=True)
    if len(ticks) > 2:
        for tick in ticks:
            half = theme.SLACK * width(tick.label, theme.SMALL) / 2
            assert float(axis.share(tick.value)) * length - half > ends
            ends = float(axis.share(tick.value)) * length + half


def test_ticks_of_odds_are_plain_odds_ratios():
    axis = Axis("", math.log(0.4), math.log(5), scale=ODDS)
    for tick in axis.placed_ticks(300, across=True):
        assert math.exp(tick.value) == pytest.approx(float(tick.label))
    assert "1" in [tick.label for tick in axis.placed_ticks(300, across=False)]
    own = (Tick(0.2, "here"),)
    assert Axis("", 0, 1, ticks=own).placed_ticks(100, across=True) == list(own)


def test_labels_and_limits():
    assert [round_label(v, 0) for v in (2005, 9999, 12000, -3)] == ["2005", "9999", "12,000", "−3"]
    assert round_label(-0.001, 1) == "0.0"
    assert round_limits(10, 20, 0.1) == (9, 21)
    low, high = round_limits(7, 7)
    assert low < 7 < high
    assert round_limits(NAN, NAN) == (0, 1)


def test_lines_are_cut_off_and_broken_where_nothing_is_told(drawn):
    where = area()
    (line,) = drawn_shapes(drawn, lambda page: where.line(page, "it", [-5, 5], [2, 2]))
    assert line == pytest.approx(np.array([(100, 110), (200, 110)]))
    xs, ys = [1, 2, 3, 4, 5], [1, 1, NAN, 1, 1]
    lines = drawn_shapes(drawn, lambda page: where.line(page, "it", xs, ys))
    assert [list(line[:, 0]) for line in lines] == [[120, 140], [180, 200]]
    (line,) = drawn_shapes(drawn, lambda page: where.line(page, "it", 4, [-9, math.inf]))
    assert sorted(line[:, 1]) == pytest.approx([50, 170])


def test_bands_and_polygons_are_cut_off(drawn):
    where = area()
    (band,) = drawn_shapes(
        drawn, lambda page: where.band(page, "it", [0, 10], [-3, -3], [2, 2], "red")
    )
    assert band.min(axis=0) == pytest.approx((100, 110))
    assert band.max(axis=0) == pytest.approx((300, 170))
    xs, lows = [0, 1, 2, 3, 4, 5], np.ones(6)
    highs = np.array([2, 2, NAN, 2, 2, 2])
    bands = drawn_shapes(drawn, lambda page: where.band(page, "it", xs, lows, highs, "red"))
    assert [sorted({round(x) for x in band[:, 0]}) for band in bands] == [
        [100, 120],
        [160, 180, 200],
    ]
    (shape,) = drawn_shapes(
        drawn, lambda page: where.polygon(page, "it", [-9, 99, 99, -9], [-9, -9, 99, 99], "red")
    )
    assert sorted(map(tuple, shape)) == [(100, 50), (100, 170), (300, 50), (300, 170)]
    assert not drawn_shapes(
        drawn, lambda page: where.polygon(page, "it", [20, 30, 30], [1, 1, 2], "red")
    )


def test_runs():
    assert runs([(1, 1), (2, 2), None, (3, 3), (4, NAN), (5, 5), (6, 6)]) == [
        [(1, 1), (2, 2)],
        [(5, 5), (6, 6)],
    ]
