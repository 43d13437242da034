"""Marks: shapes and lightness that tell strata apart, sizes, and what leaves the area."""

import math
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from genopool.figures import marks
from genopool.figures.axes import Area, Axis
from genopool.figures.page import Page

AREA = Area(0, 0, 100, 100, Axis("", 0, 1), Axis("", 0, 1))


def area(polygon):
    x, y = np.array(polygon).T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def lightness(colour):
    """Relative luminance, ITU-R BT.601, as a grey print or a conversion to grey makes it."""
    return float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)))


@pytest.mark.parametrize("shape", marks.SHAPES)
def test_shapes_have_the_same_area_and_stand_on_their_place(shape):
    outline = np.array(marks.outline(shape, 30, 40, 5))
    assert area(outline) == pytest.approx(math.pi * 25)
    assert outline.mean(axis=0) == pytest.approx((30, 40), abs=1e-9)
    left, top, right, bottom = marks.extent(shape, 30, 40, 5)
    assert (left, top) == pytest.approx(outline.min(axis=0))
    assert (right, bottom) == pytest.approx(outline.max(axis=0))


def test_strata_differ_in_shape_and_neighbours_in_lightness():
    assert len({look.shape for look in marks.STRATA}) == len(marks.STRATA) == 8
    fills = [lightness(look.fill) for look in marks.STRATA]
    assert all(abs(a - b) > 0.1 for a, b in pairwise(fills))
    # filled marks stand out from paper, or have a dark edge
    assert all(min(lightness(c) for c in (k.fill, k.edge)) < 0.6 for k in marks.STRATA)
    assert lightness(marks.OPEN.fill) == pytest.approx(1)


def test_strata_beyond_the_last_look_share_it():
    found = marks.looks([f"stratum {i}" for i in range(10)])
    assert list(found.values())[:8] == list(marks.STRATA)
    assert {found[f"stratum {i}"] for i in (7, 8, 9)} == {marks.STRATA[-1]}


def test_areas_are_in_proportion_and_never_vanish():
    radii = marks.radii_of(np.array([1.0, 4.0, 16.0, 1e-9]), 10.0, 1.5)
    assert radii == pytest.approx([2.5, 5, 10, 1.5])
    crowd = marks.radii_of(np.ones(100), 10.0, 1.5)
    # a hundred marks take the room of twenty-five
    assert crowd == pytest.approx(np.full(100, 5.0))


def test_marks_outside_are_left_out_and_those_at_an_edge_cut_off(drawn):
    page = Page()
    places = [(50, 50), (98, 50), (130, 50), (math.nan, 50)]
    boxes = marks.draw_marks(page, "it", places, marks.DOT, 5, AREA)
    page.write(1, 10, "x")
    shapes = drawn(page.figure(200, 200, "")).shapes("it")
    assert len(shapes) == len(boxes) == 2
    assert max(shape[:, 0].max() for shape in shapes) == pytest.approx(100)
    # pi/2 + asin(d) + d sqrt(1 - d²) of a circle whose centre is 2/5 of its radius from the edge
    d = 2 / 5
    share = (math.pi / 2 + math.asin(d) + d * math.sqrt(1 - d * d)) / math.pi
    cut = min(map(area, shapes)) / max(map(area, shapes))
    assert cut == pytest.approx(share, abs=0.005)  # of a polygon of 24 corners


def test_arrows_point_to_what_is_beyond(drawn):
    page = Page()
    marks.draw_arrows(page, "it", [(50, 50), (140, 30), (-9, 40), (20, 300), (60, -5)], AREA, 5)
    page.write(1, 10, "x")
    heads = drawn(page.figure(200, 200, "")).shapes("it")
    tips = [tuple(head[0]) for head in heads]
    assert tips == [(100, 30), (0, 40), (20, 100), (60, 0)]
    for tip, head in zip(tips, heads, strict=True):
        base = head[1:].mean(axis=0)
        assert np.linalg.norm(base - tip) == pytest.approx(5)
        assert 0 < base[0] < 100 and 0 < base[1] < 100
