"""Text whose width is known before it is drawn, and which is drawn quickly.

matplotlib's own text finds its font, measures itself and lays itself out anew for each drawing
and each format. A table of a hundred short strings spends most of its time there. `PlainText`
knows its width from the font's own advances and kerning, and in a bitmap is filled outlines, taken
from a cache.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path as FilePath
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, Kerning, LoadFlags
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, Transform
from numpy.typing import NDArray

_UNHINTED = LoadFlags.NO_SCALE | LoadFlags.NO_HINTING
# What stays on one line: ``p < 0.001``, ``F(1, 24) = 2.84``, ``(df 16),``.
_WORD = r"(?:\S*\(\S* \S*\)\S*|\S+)"
_UNIT = re.compile(rf"{_WORD}(?: [=<>] {_WORD})*")
_BREAK_AFTER = "/-+,;_"
_FORMATTING_KEPT = "\u200c\u200d"  # joiners that Persian, Hindi and emoji need


class _Glyph(NamedTuple):
    advance: float
    index: int
    vertices: NDArray[np.float64]
    codes: NDArray[np.uint8]
    plain: bool


class Face:
    """One face of DejaVu Sans, as it comes with matplotlib, measured in ems."""

    def __init__(self, file: str, weight: str) -> None:
        self.path = FilePath(mpl.get_data_path()) / "fonts" / "ttf" / file
        self.weight = weight
        self._font = FT2Font(str(self.path))
        self._em = self._font.units_per_EM
        self._charmap = self._font.get_charmap()
        self._glyphs: dict[str, _Glyph] = {}
        self._kerning: dict[str, float] = {}
        self._properties: dict[float, FontProperties] = {}

    def properties(self, size: float) -> FontProperties:
        """What matplotlib's writers take: the file for bitmaps and PDF, the family for SVG."""
        if size not in self._properties:
            self._properties[size] = FontProperties(
                family=["sans-serif"], fname=self.path, weight=self.weight, size=size
            )
        return self._properties[size]

    def width(self, text: str) -> float:
        """Width of `text` in ems, kerned."""
        total = 0.0
        previous = ""
        for character in text:
            total += self._glyph(character).advance
            if previous:
                total += self._kern(previous + character)
            previous = character
        return total

    def is_plain(self, text: str) -> bool:
        """Whether the font has all of `text`, each character a glyph beside the one before."""
        return all(self._glyph(character).plain for character in text)

    def has(self, text: str) -> bool:
        """Whether the font has every character of `text`."""
        return all(
            self._glyph(character).index or character in _FORMATTING_KEPT for character in text
        )

    def outline(self, text: str) -> Path:
        """The outline of `text`, in ems, its baseline starting at the origin."""
        vertices, codes = [], []
        x = 0.0
        previous = ""
        for character in text:
            glyph = self._glyph(character)
            if previous:
                x += self._kern(previous + character)
            vertices.append(glyph.vertices + np.array((x, 0.0)))
            codes.append(glyph.codes)
            x += glyph.advance
            previous = character
        return Path(np.concatenate(vertices), np.concatenate(codes), readonly=True)

    def _glyph(self, character: str) -> _Glyph:
        found = self._glyphs.get(character)
        if found is None:
            found = self._glyphs[character] = self._loaded(character)
        return found

    def _loaded(self, character: str) -> _Glyph:
        index = self._charmap.get(ord(character), 0)
        advance = self._font.load_glyph(index, flags=_UNHINTED).horiAdvance / self._em
        vertices, codes = self._font.get_path()
        if not index and unicodedata.east_asian_width(character) in "WF":
            advance = 1.0
        plain = (
            bool(index)
            and not unicodedata.combining(character)
            and unicodedata.bidirectional(character) not in ("R", "AL", "AN")
        )
        # Without scaling the outline is in font units, which get_path divides by 64.
        return _Glyph(advance, index, vertices * (64 / self._em), codes, plain)

    def _kern(self, pair: str) -> float:
        found = self._kerning.get(pair)
        if found is None:
            left, right = (self._glyph(character).index for character in pair)
            found = self._font.get_kerning(left, right, Kerning.UNSCALED) / self._em
            self._kerning[pair] = found
        return found


@cache
def face(weight: str) -> Face:
    """The face of a `weight`, ``normal`` or ``bold``."""
    return Face({"normal": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}[weight], weight)


def clean(text: object) -> str:
    """`text` as one line that every format can hold.

    Line breaks, tabs and runs of blanks become one blank. Control characters, lone surrogates and
    characters that turn the direction of writing are taken out: XML forbids the first two, and the
    third would reorder the text around them.
    """
    kept = (
        character
        for character in " ".join(str(text).split())
        if unicodedata.category(character) not in ("Cc", "Cs", "Cf")
        or character in _FORMATTING_KEPT
    )
    return "".join(kept).translate({0xFFFE: None, 0xFFFF: None}).strip()


def width(text: str, size: float, weight: str = "normal") -> float:
    """Width of `text` in points."""
    return face(weight).width(text) * size


def wrapped(text: str, size: float, limit: float, weight: str = "normal") -> list[str]:
    """`text` in lines of at most `limit` points.

    It is broken at blanks, but for those within an equation or before a number in brackets. What
    is too long for a line is broken at any blank, after a sign such as ``/``, or anywhere.
    """
    lines: list[str] = []
    line = ""
    for word in _words(text, size, limit, weight):
        joined = f"{line} {word}" if line else word
        if width(joined, size, weight) <= limit:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while width(line, size, weight) > limit and len(line) > 1:
            end = 1
            while width(line[: end + 1], size, weight) <= limit:
                end += 1
            after_sign = 1 + max(line.rfind(sign, 0, end) for sign in _BREAK_AFTER)
            end = after_sign or end
            lines.append(line[:end])
            line = line[end:]
    return [*lines, line]


def _words(text: str, size: float, limit: float, weight: str) -> Iterator[str]:
    for unit in _UNIT.findall(text):
        if " " in unit and width(unit, size, weight) > limit:
            yield from unit.split()
        else:
            yield unit


def balanced(text: str, size: float, limit: float, weight: str = "normal") -> list[str]:
    """`text` in as few lines as `wrapped` makes; if they are few, of even length."""
    lines = wrapped(text, size, limit, weight)
    while 1 < len(lines) < 4:
        widest = max(width(line, size, weight) for line in lines)
        narrower = wrapped(text, size, min(limit, 0.999 * widest), weight)
        if len(narrower) > len(lines) or narrower == lines:
            break
        lines = narrower
    return lines


class PlainText(Text):
    """One line of text, never read as mathematics or markup, its baseline at `y`.

    A character that DejaVu Sans lacks is a box in PNG and PDF and itself in SVG, where the
    reader's own fonts may have it; it raises no warning.
    """

    def __init__(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        color: str,
        transform: Transform,
        weight: str = "normal",
        align: str = "left",
    ) -> None:
        self._face = face(weight)
        super().__init__(
            x,
            y,
            text,
            color=color,
            fontproperties=self._face.properties(size),
            horizontalalignment=align,
            verticalalignment="baseline",
            usetex=False,
            parse_math=False,
            transform=transform,
        )

    def draw(self, renderer: RendererBase) -> None:
        """Draw on `renderer`; called by matplotlib."""
        text = self.get_text()
        if not self.get_visible() or not text:
            return
        if not self._face.is_plain(text):
            with _missing_glyphs_allowed():
                super().draw(renderer)
            return
        x, y = self.get_transform().transform(self.get_unitless_position())
        gc = renderer.new_gc()
        gc.set_foreground(to_rgba(self.get_color()), isRGBA=True)
        size = renderer.points_to_pixels(self.get_fontsize())
        start = x
        if self.get_ha() != "left":
            start -= self._face.width(text) * size * (1.0 if self.get_ha() == "right" else 0.5)
        if hasattr(renderer, "buffer_rgba"):
            gc.set_linewidth(0)
            gc.set_snap(False)
            placed = Affine2D.from_values(size, 0, 0, size, start, y)
            renderer.draw_path(gc, self._face.outline(text), placed, gc.get_rgb())
        else:
            if renderer.flipy():
                y = renderer.get_canvas_width_height()[1] - y
            renderer.draw_text(gc, start, y, text, self.get_fontproperties(), 0, mtext=self)
        gc.restore()
        self.stale = False

    def get_window_extent(
        self, renderer: RendererBase | None = None, dpi: float | None = None
    ) -> Bbox:
        """The box of the text in pixels, as matplotlib measures it."""
        with _missing_glyphs_allowed():
            return super().get_window_extent(renderer, dpi)


class _missing_glyphs_allowed(warnings.catch_warnings):
    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
