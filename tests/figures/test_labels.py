"""Names beside marks lie on nothing, stay in the area, and are nearest to their own mark."""

import math

import numpy as np
import pytest

from genopool.figures import marks, theme
from genopool.figures.axes import Area, Axis
from genopool.figures.labels import place_labels
from genopool.figures.page import Page
from genopool.figures.text import width

AREA = Area(20, 20, 300, 200, Axis("", 0, 1), Axis("", 0, 1))


def distance(a, b):
    across = max(a[0] - b[2], b[0] - a[2], 0)
    down = max(a[1] - b[3], b[1] - a[3], 0)
    return math.hypot(across, down)


def placed(seed, number, drawn, lines=(), **choices):
    rng = np.random.default_rng(seed)
    places = np.column_stack([rng.uniform(22, 318, number), rng.uniform(22, 218, number)])
    boxes = [marks.extent("circle", x, y) for x, y in places]
    names = [f"Author {i} {1990 + i}" for i in range(number)]
    page = Page()
    pairs = list(zip(names, boxes, strict=True))
    written = place_labels(page, AREA, pairs, boxes=boxes, lines=lines, **choices)
    picture = drawn(page.figure(400, 300, "")) if written else None
    return written, picture, dict(pairs)


@pytest.mark.parametrize(("seed", "number"), [(1, 8), (2, 30), (3, 90)])
def test_names_lie_on_nothing(drawn, seed, number):
    line = [(20, 20), (320, 220)]
    written, picture, boxes = placed(seed, number, drawn, lines=[line])
    assert written and picture.strings == written
    assert not picture.overlaps(1.1)
    shares = np.linspace(0, 1, 3001)[:, None]
    on_line = (1 - shares) * np.array(line[0]) + shares * np.array(line[1])
    for name, box in zip(picture.strings, picture.boxes, strict=True):
        assert box[0] >= 20 and box[2] <= 320 and box[3] <= 222
        # the font's own box is higher than its letters, by less than 2 points on each side
        inner = box + np.array([0, 2, 0, -2])
        assert all(distance(inner, other) > 0 for other in boxes.values())
        gap = distance(box, boxes[name])
        assert all(gap <= distance(box, other) + 2 for other in boxes.values())
        low, high = inner[:2], inner[2:]
        assert not ((on_line > low) & (on_line < high)).all(axis=1).any()


def test_the_first_names_are_placed_first(drawn):
    written, *_ = placed(2, 40, drawn, most=5)
    assert len(written) == 5
    assert written == sorted(written, key=lambda name: int(name.split()[1]))
    alone, *_ = placed(2, 1, drawn)
    assert alone == ["Author 0 1990"]


def test_a_name_without_room_is_left_out():
    small = Area(0, 0, 40, 20, Axis("", 0, 1), Axis("", 0, 1))
    box = marks.extent("circle", 20, 10)
    assert place_labels(Page(), small, [("A name that is far too wide", box)], boxes=[box]) == []


def test_long_names_keep_their_end(drawn):
    name = "The consortium of many hospitals for the study of everything 2017"
    page = Page()
    box = marks.extent("circle", 60, 60)
    assert place_labels(page, AREA, [(name, box)], boxes=[box]) == [name]
    (said,) = drawn(page.figure(400, 300, "")).strings
    assert said.startswith("The consortium") and said.endswith("2017") and "…" in said
    assert width(said, theme.SMALL) < 150
