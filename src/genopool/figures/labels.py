"""Names beside points, placed one after another where nothing is in their way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import hypot

from genopool.figures import theme
from genopool.figures.axes import Area
from genopool.figures.clipping import Box, crosses, overlap
from genopool.figures.page import Page, Points
from genopool.figures.text import clean, width

_ABOVE, _BELOW = 0.78, 0.24  # of the type size, from the baseline
_GAPS = (2.5, 5.5, 9.0)
_ROOM = 1.2
_LONGEST, _END = 30, 10


def place_labels(
    page: Page,
    area: Area,
    wanted: Iterable[tuple[str, Box]],
    *,
    boxes: Sequence[Box] = (),
    lines: Sequence[Points] = (),
    size: float = theme.SMALL,
    color: str = theme.INK,
    most: int | None = None,
) -> list[str]:
    """Write names beside marks, leaving out those for which there is no room.

    Parameters
    ----------
    page : Page
    area : Area
        No name reaches beyond it.
    wanted : iterable of (str, Box)
        Names and what their marks take, the most notable first.
    boxes : sequence of Box
        All marks: no name may lie on one, or nearer to another than to its own.
    lines : sequence of points
        What no name may lie across.
    size : float
    color : str
    most : int, optional
        No more names than this.

    Returns
    -------
    list of str
        The names that were written.
    """
    taken = [_grown(box) for box in boxes]
    written: list[str] = []
    for name, mark in wanted:
        if most is not None and len(written) >= most:
            break
        said = _shortened(clean(name))
        for align, box in _places(said, mark, size):
            if (
                _is_free(box, area, taken)
                and all(_distance(box, mark) <= _distance(box, other) for other in boxes)
                and not any(crosses(line, box) for line in lines)
            ):
                x = {"left": box[0], "center": (box[0] + box[2]) / 2, "right": box[2]}[align]
                page.write(x, box[1] + _ABOVE * size, said, size=size, color=color, align=align)
                taken.append(box)
                written.append(name)
                break
    return written


def _grown(box: Box) -> Box:
    """A mark and a little room."""
    return box[0] - _ROOM, box[1] - _ROOM, box[2] + _ROOM, box[3] + _ROOM


def _distance(one: Box, other: Box) -> float:
    across = max(one[0] - other[2], other[0] - one[2], 0.0)
    up = max(one[1] - other[3], other[1] - one[3], 0.0)
    return hypot(across, up)


def _shortened(name: str) -> str:
    """A long name without its middle, since its end often tells it from others: the year."""
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - _END - 1].rstrip()}…{name[-_END:].lstrip()}"


def _places(said: str, mark: Box, size: float) -> Iterator[tuple[str, Box]]:
    """Places to try, the best first: right, left, above, below, and between; then further off.

    Each with the side that the text is aligned to, so that it ends beside its mark in any font.
    """
    wide = theme.SLACK * width(said, size)
    high = (_ABOVE + _BELOW) * size
    left, top, right, bottom = mark
    centre, middle = (left + right) / 2, (top + bottom) / 2
    for gap in _GAPS:
        near = gap / 2
        for align, x, y in (
            ("left", right + gap, middle - high / 2),
            ("right", left - gap - wide, middle - high / 2),
            ("center", centre - wide / 2, top - gap - high),
            ("center", centre - wide / 2, bottom + gap),
            ("left", right + near, top - near - high),
            ("left", right + near, bottom + near),
            ("right", left - near - wide, top - near - high),
            ("right", left - near - wide, bottom + near),
        ):
            yield align, (x, y, x + wide, y + high)


def _is_free(box: Box, area: Area, taken: Iterable[Box]) -> bool:
    return (
        box[0] >= area.left + 1
        and box[1] >= area.top
        and box[2] <= area.right
        and box[3] <= area.bottom - 1
        and not any(overlap(box, other) for other in taken)
    )
