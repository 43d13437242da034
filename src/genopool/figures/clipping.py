"""Lines and areas cut off at the edges of a box, by geometry: no writer has to clip."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from genopool.figures.page import Points

Box: TypeAlias = "tuple[float, float, float, float]"
"""Left, top, right, bottom, in points from the top left of the page."""


def clipped_line(points: Points, box: Box) -> list[list[tuple[float, float]]]:
    """The pieces of a line within a box.

    References
    ----------
    Liang YD, Barsky BA (1984) ACM Trans Graph 3:1.
    """
    pieces: list[list[tuple[float, float]]] = []
    end = None
    for start, stop in pairwise(points):
        piece = _segment(start, stop, box)
        if piece is None:
            continue
        if pieces and end == piece[0] == start:
            pieces[-1].append(piece[1])
        else:
            pieces.append(list(piece))
        end = piece[1]
    return [piece for piece in pieces if any(point != piece[0] for point in piece)]


def crosses(line: Points, box: Box) -> bool:
    """Whether a line runs through a box."""
    left, top, right, bottom = box
    return any(
        max(a[0], b[0]) >= left
        and min(a[0], b[0]) <= right
        and max(a[1], b[1]) >= top
        and min(a[1], b[1]) <= bottom
        and _segment(a, b, box) is not None
        for a, b in pairwise(line)
    )


def clipped_area(points: Points, box: Box) -> list[tuple[float, float]]:
    """The part of a polygon within a box; empty if there is none.

    A polygon that is not convex may keep edges along the box, which enclose nothing.

    References
    ----------
    Sutherland IE, Hodgman GW (1974) Commun ACM 17:32.
    """
    left, top, right, bottom = box
    kept = list(points)
    for axis, limit, sign in ((0, left, 1), (1, top, 1), (0, right, -1), (1, bottom, -1)):
        kept = _half_plane(kept, axis, limit, sign)
    return kept if len(kept) > 2 else []


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share more than an edge."""
    return (
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    )  # fmt: skip


def _segment(
    start: tuple[float, float], stop: tuple[float, float], box: Box
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    first, last = 0.0, 1.0
    for axis in (0, 1):
        step = stop[axis] - start[axis]
        for distance, towards in (
            (start[axis] - box[axis], -step),
            (box[axis + 2] - start[axis], step),
        ):
            if towards == 0:
                if distance < 0:
                    return None
            elif towards < 0:
                first = max(first, distance / towards)
            else:
                last = min(last, distance / towards)
    if first > last:
        return None
    return _between(start, stop, first), _between(start, stop, last)


def _between(
    start: tuple[float, float], stop: tuple[float, float], share: float
) -> tuple[float, float]:
    if share in (0.0, 1.0):
        return stop if share else start
    return tuple(a + (b - a) * share for a, b in zip(start, stop, strict=True))


def _half_plane(
    points: Sequence[tuple[float, float]], axis: int, limit: float, sign: int
) -> list[tuple[float, float]]:
    """The part of a polygon where `sign` times a coordinate is at least `sign` times `limit`."""
    kept = []
    for before, point in zip([*points[-1:], *points[:-1]], points, strict=True):
        is_in, was_in = (sign * (p[axis] - limit) >= 0 for p in (point, before))
        if is_in != was_in:
            share = (limit - before[axis]) / (point[axis] - before[axis])
            kept.append(_between(before, point, share))
        if is_in:
            kept.append(point)
    return kept
