"""The axis of odds ratios, for any intervals."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genopool.figures.odds_axis import FURTHEST, OddsAxis, axis_limits, tick_label

logs = st.floats(-12, 12)
triples = st.lists(st.tuples(logs, st.floats(0.001, 9)), min_size=1, max_size=12)


def label_width(label):
    return 4.6 * len(label)


@given(triples)
def test_the_axis_holds_1_and_every_estimate_that_is_not_absurd(studies):
    estimates, spreads = np.array(studies).T
    low, high = axis_limits(estimates, estimates - spreads, estimates + spreads)
    span = high - low
    assert low < -0.29 * span
    assert high > 0.29 * span
    drawn = estimates[abs(estimates) < FURTHEST]
    assert ((low <= drawn) & (drawn <= high)).all()


@given(triples)
def test_ticks_are_in_range_apart_and_include_1(studies):
    estimates, spreads = np.array(studies).T
    axis = OddsAxis(*axis_limits(estimates, estimates - spreads, estimates + spreads), 100, 195)
    ticks = axis.ticks(label_width, gap=5.0)
    assert 1.0 in ticks
    assert 2 <= len(ticks) <= 8
    places = axis.place(np.log(ticks))
    assert (places >= 100 - 1e-6).all()
    assert (places <= 295 + 1e-6).all()
    halves = np.array([label_width(tick_label(t)) / 2 for t in ticks])
    assert (np.diff(places) >= halves[1:] + halves[:-1] + 5).all()
    assert [float(tick_label(t)) for t in ticks] == ticks


def test_one_uncertain_study_does_not_squeeze_the_others():
    estimates = np.zeros(10)
    spreads = np.full(10, 0.5)
    spreads[3] = 8.0
    low, high = axis_limits(estimates, estimates - spreads, estimates + spreads)
    assert math.exp(high) < 6
    assert math.exp(low) > 1 / 6


def test_intervals_within_20_fold_are_shown_whole():
    low, high = axis_limits([0.0, 0.0], [-2.9, -0.1], [0.1, 2.9])
    assert low <= -2.9
    assert high >= 2.9


def test_nothing_to_draw_still_gives_an_axis():
    low, high = axis_limits([], [], [])
    assert low < 0 < high
    assert axis_limits([math.nan], [math.nan], [math.nan]) == (low, high)


def test_an_axis_too_narrow_for_labels_marks_1_alone():
    assert OddsAxis(-1.0, 1.0, 0.0, 10.0).ticks(label_width, gap=5.0) == [1.0]


def test_ticks_reach_the_ends_of_the_axis():
    """From 0.4 to 9, ticks that stopped at 4 would leave the right half bare."""
    axis = OddsAxis(math.log(0.4), math.log(9.0), 0.0, 195.0)
    assert axis.ticks(label_width, gap=5.0) == [0.5, 1, 2, 5]
