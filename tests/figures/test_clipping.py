"""Lines and areas cut off at a box, against closed forms and against points tried one by one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopool.figures.clipping import clipped_area, clipped_line, crosses, overlap

BOX = (0.0, 0.0, 10.0, 6.0)
PLACES = st.tuples(st.integers(-20, 30), st.integers(-20, 30))
# Places are sums and products of numbers below 1000.
ROUNDING = 1e-9


def area(polygon):
    x, y = np.array(polygon).T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def inside(point, room=ROUNDING):
    x, y = point
    return -room <= x <= 10 + room and -room <= y <= 6 + room


def length(line):
    return np.linalg.norm(np.diff(np.array(line), axis=0), axis=1).sum()


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ([(2, 2), (5, 3)], [[(2, 2), (5, 3)]]),
        ([(-10, 3), (20, 3)], [[(0, 3), (10, 3)]]),
        ([(-5, 1), (5, 1), (5, 9)], [[(0, 1), (5, 1), (5, 6)]]),
        ([(1, 1), (1, 9), (4, 9), (4, 1)], [[(1, 1), (1, 6)], [(4, 6), (4, 1)]]),
        ([(-3, -3), (-1, 9)], []),
        ([(-5, 7), (20, 7)], []),
        ([(3, 3)], []),
    ],
)
def test_pieces_of_lines(line, pieces):
    assert clipped_line(line, BOX) == [pytest.approx(np.array(piece)) for piece in pieces]


@given(st.lists(PLACES, min_size=2, max_size=6))
def test_a_clipped_line_is_the_part_inside(line):
    pieces = clipped_line(line, BOX)
    assert all(inside(point) for piece in pieces for point in piece)
    shares = (np.arange(4000) + 0.5) / 4000
    expected = 0.0
    for start, stop in pairwise(line):
        xs, ys = (a + (b - a) * shares for a, b in zip(start, stop, strict=True))
        expected += length([start, stop]) * ((xs >= 0) & (xs <= 10) & (ys >= 0) & (ys <= 6)).mean()
    # the share of 4000 points on each piece is off by two of them at most
    assert sum(map(length, pieces)) == pytest.approx(expected, abs=60 * len(line) / 1000)
    assert crosses(line, BOX) == bool(pieces) or not any(map(length, pieces))


@pytest.mark.parametrize(
    ("polygon", "size"),
    [
        ([(2, 2), (4, 2), (4, 4), (2, 4)], 4.0),
        ([(-4, -4), (14, -4), (14, 14), (-4, 14)], 60.0),
        ([(0, 0), (20, 0), (0, 20)], 60.0),  # the corner is inside
        ([(0, 0), (12, 0), (0, 12)], 60.0 - 8.0),  # but for a corner triangle of sides 4
        ([(5, 3), (5, 13), (15, 3)], 15.0),
        ([(11, 0), (12, 5), (13, 0)], 0.0),
    ],
)
def test_areas_within(polygon, size):
    found = clipped_area(polygon, BOX)
    assert (area(found) if found else 0.0) == pytest.approx(size)
    assert all(inside(point) for point in found)


@given(st.tuples(PLACES, PLACES, PLACES))
def test_a_triangle_and_its_rest_add_up(triangle):
    """The parts in four quarters of a box around the triangle are the whole."""
    whole = area(triangle)
    parts = [
        clipped_area(triangle, (left, top, left + 25, top + 25))
        for left in (-20, 5)
        for top in (-20, 5)
    ]
    assert sum(area(part) for part in parts if part) == pytest.approx(whole, abs=1e-6)


def test_boxes_that_touch_do_not_overlap():
    assert overlap((0, 0, 2, 2), (1, 1, 3, 3))
    assert not overlap((0, 0, 2, 2), (2, 0, 3, 3))
    assert not overlap((0, 0, 2, 2), (0.5, 2, 1, 3))
