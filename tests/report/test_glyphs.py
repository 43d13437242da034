"""The small drawings of the summary: on one log scale, clipped where they leave it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopool.report import glyphs

odds = st.floats(1e-6, 1e6)
estimates = st.tuples(odds, odds, odds).map(sorted).map(lambda v: (v[1], v[0], v[2]))


@given(st.lists(estimates, min_size=1))
def test_every_estimate_lies_on_the_axis_with_one_in_the_middle(found):
    scale = glyphs.scale(found)
    assert scale.low * scale.high == pytest.approx(1, rel=1e-9)
    assert scale.x(1) == pytest.approx((scale.x(scale.low) + scale.x(scale.high)) / 2, rel=1e-9)
    for ratio, _, _ in found:
        assert scale.low <= ratio * (1 + 1e-9)
        assert ratio <= scale.high * (1 + 1e-9)


def test_equal_ratios_are_equal_distances():
    scale = glyphs.Scale(0.1, 10)
    assert scale.x(4) - scale.x(2) == pytest.approx(scale.x(0.5) - scale.x(0.25), rel=1e-9)


def test_one_wild_interval_does_not_press_the_others_together():
    ordinary = [(1.1, 0.9, 1.4)] * 9
    assert glyphs.scale([*ordinary, (1.2, 1e-6, 1e6)]).high == 2


def test_clipped_limits_have_arrows_and_others_none():
    scale = glyphs.Scale(0.5, 2)
    assert "l-4 3l4 3" not in glyphs.mark(scale, (1.1, 0.9, 1.3))
    clipped = glyphs.mark(scale, (1.1, 0.1, 30.0))
    assert clipped.count("l-4 3l4 3") == clipped.count("l4 3l-4 3") == 1
    line = re.search(r'class="ours" d="M([\d.]+) [\d.]+H([\d.]+)', clipped)
    assert (float(line[1]), float(line[2])) == (scale.x(0.5), scale.x(2))


def test_nothing_to_draw_is_a_plain_scale():
    assert glyphs.scale([]) == glyphs.Scale(0.5, 2)
