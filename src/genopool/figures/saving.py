"""Writing a figure as SVG, PDF and PNG."""

from __future__ import annotations

import os
import zlib
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from genopool.figures import theme

FORMATS = ("svg", "pdf", "png")
_PLACES = 256


def save_figure(figure: Figure, stem: str | os.PathLike[str]) -> tuple[Path, Path, Path]:
    """Write `figure` as ``stem.svg``, ``stem.pdf`` and ``stem.png``.

    Text is text in SVG and can be selected in PDF, whose fonts are embedded; PNG has 300 dots
    per inch. The same figure gives the same bytes, since no date is written. Each file is written
    beside its place and then moved there, so that none is ever seen half written.

    Parameters
    ----------
    figure : Figure
        Its label, if it has one, is the title in SVG and PDF.
    stem : path
        Path without the ending; dots in the name are kept.

    Returns
    -------
    svg, pdf, png : Path
    """
    dpi = figure.dpi
    try:
        with theme.settings():
            contents = (_svg(figure), _pdf(figure), _png(figure))
    finally:
        figure.dpi = dpi
    paths = tuple(Path(f"{os.fspath(stem)}.{ending}") for ending in FORMATS)
    for path, content in zip(paths, contents, strict=True):
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    return paths


def _svg(figure: Figure) -> bytes:
    buffer = BytesIO()
    metadata = {"Title": figure.get_label() or None, "Date": None, "Creator": None}
    FigureCanvasSVG(figure).print_svg(buffer, metadata=metadata)
    return buffer.getvalue()


def _pdf(figure: Figure) -> bytes:
    buffer = BytesIO()
    metadata = {"Title": figure.get_label() or None, "CreationDate": None}
    FigureCanvasPdf(figure).print_pdf(buffer, metadata=metadata)
    return buffer.getvalue()


def _png(figure: Figure) -> bytes:
    figure.dpi = theme.PNG_DPI
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = canvas.buffer_rgba()
    height, width = pixels.shape[:2]
    image = Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1).convert("RGB")
    # One byte a pixel instead of three: a third of the size, and of the time to compress it.
    image = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    buffer = BytesIO()
    image.save(
        buffer,
        "png",
        compress_level=1,
        compress_type=zlib.Z_RLE,
        dpi=(theme.PNG_DPI, theme.PNG_DPI),
    )
    return buffer.getvalue()


@cache
def _palette() -> Image.Image:
    """The theme's colours, their blends with paper and ink, greys, and a cube of all colours."""
    theme_colours = [_channels(colour) for colour in (*theme.GREYS, *theme.HUES, *theme.TINTS)]
    others = [(level, level, level) for level in range(0, 256, 5)]
    for hue in theme.HUES:
        for end, steps in ((theme.PAPER, 12), (theme.INK, 5)):
            others += [_blend(hue, end, step / steps) for step in range(1, steps)]
    others += product(range(0, 256, 63), repeat=3)
    apart = [colour for colour in others if all(_is_apart(colour, c) for c in theme_colours)]
    image = Image.new("P", (1, 1))
    # A PNG's palette has 256 places; what does not fit is of the cube, which no figure needs.
    colours = (theme_colours + apart)[:_PLACES]
    image.putpalette([channel for colour in colours for channel in colour])
    return image


def _is_apart(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    # Pillow looks for the nearest of the palette with each channel rounded down to a multiple of
    # 4: a nearer neighbour could take a theme colour's place.
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) >= 8


def _channels(colour: str) -> tuple[int, int, int]:
    return tuple(round(255 * channel) for channel in to_rgb(colour))


def _blend(colour: str, end: str, share: float) -> tuple[int, int, int]:
    pairs = zip(_channels(colour), _channels(end), strict=True)
    return tuple(round(a + (b - a) * share) for a, b in pairs)
