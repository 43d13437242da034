"""A page measured in points, on which text and shapes are set from the top downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from genopool.figures import theme
from genopool.figures.text import PlainText, face

Points = Sequence[tuple[float, float]]


@dataclass
class Page:
    """What will be drawn, before the height of the page is known.

    All positions are in points, x from the left edge and y from the top, downwards.
    """

    _texts: list[tuple[float, float, str, dict[str, object]]] = field(default_factory=list)
    _shapes: list[tuple[str, list[Points], bool, dict[str, object]]] = field(default_factory=list)

    def write(
        self,
        x: float,
        baseline: float,
        text: str,
        *,
        size: float = theme.SIZE,
        color: str = theme.INK,
        weight: str = "normal",
        align: str = "left",
    ) -> None:
        """Set one line of text; nothing if it is empty."""
        if text:
            style = {"size": size, "color": color, "weight": weight, "align": align}
            self._texts.append((x, baseline, text, style))

    def lacks_glyphs(self) -> bool:
        """Whether the font lacks a character of what is written so far."""
        return not all(face(style["weight"]).has(text) for _, _, text, style in self._texts)

    def lines(
        self, name: str, lines: list[Points], color: str, width: float, dashes: str = "-"
    ) -> None:
        """Draw open lines as one artist, labelled `name`."""
        style = {"facecolor": "none", "edgecolor": color, "linewidth": width, "linestyle": dashes}
        self._shapes.append((name, lines, False, style))

    def areas(
        self, name: str, areas: list[Points], fill: str, edge: str = "none", width: float = 0.0
    ) -> None:
        """Draw closed areas as one artist, labelled `name`."""
        style = {"facecolor": fill, "edgecolor": edge, "linewidth": width}
        self._shapes.append((name, areas, True, style))

    def figure(self, width: float, height: float, title: str) -> Figure:
        """The page as a figure of `width` × `height` points, its label the `title`."""
        figure = Figure(
            figsize=(width / theme.POINTS_PER_INCH, height / theme.POINTS_PER_INCH),
            dpi=theme.POINTS_PER_INCH,
            facecolor=theme.PAPER,
            edgecolor="none",
            linewidth=0,
            layout="none",
        )
        figure.set_label(title)
        to_pixels = (
            Affine2D.from_values(1, 0, 0, -1, 0, height).scale(1 / theme.POINTS_PER_INCH)
            + figure.dpi_scale_trans
        )
        for name, shapes, closed, style in self._shapes:
            if shapes:
                patch = PathPatch(
                    _path(shapes, closed),
                    transform=to_pixels,
                    joinstyle="miter",
                    capstyle="butt",
                    label=name,
                    **style,
                )
                figure.add_artist(patch, clip=False)
        for x, baseline, text, style in self._texts:
            figure.add_artist(
                PlainText(x, baseline, text, transform=to_pixels, **style), clip=False
            )
        return figure


def _path(shapes: list[Points], closed: bool) -> Path:
    vertices: list[tuple[float, float]] = []
    codes: list[int] = []
    for shape in shapes:
        vertices += shape
        codes += [Path.MOVETO] + [Path.LINETO] * (len(shape) - 1)
        if closed:
            vertices.append(shape[0])
            codes.append(Path.CLOSEPOLY)
    return Path(np.array(vertices), codes)
