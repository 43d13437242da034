"""The look that all figures share: colours, type, and the settings of the file writers.

The colours are from the Okabe-Ito set, told apart by colour-blind readers, and differ in
lightness, so that a grey print keeps the distinctions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl

INK = "#1a1a1a"
MUTED = "#555555"
RULE = "#9a9a9a"
PAPER = "#ffffff"
SQUARE = "#56b4e9"
DIAMOND = "#8fa3b5"
DIAMOND_OVERALL = "#0b3c5d"
PREDICTION = "#d55e00"
PLANTED = "#009e73"
FAINT = "#b8b8b8"
GRID = "#e4e4e4"
BAND = "#f6d9c4"
SHADES = ("#d3d3d3", "#e5e5e5", "#f3f3f3")
"""Grounds that differ in lightness alone, the darkest first."""

GREYS = (INK, MUTED, RULE, FAINT, GRID, PAPER)
HUES = (SQUARE, DIAMOND, DIAMOND_OVERALL, PREDICTION, PLANTED)
TINTS = (BAND, *SHADES)
"""Grounds that other marks stand on."""

SIZE = 8.5
"""Size of the body text, in points."""
SMALL = 7.3
"""Size of notes, captions and axis labels, in points."""
TITLE = 10.5
"""Size of the title, in points."""
LINE = 11.4
"""Distance between lines of body text, in points."""
SMALL_LINE = 9.8
"""Distance between lines of small text, in points."""
ROW = 13.6
"""Height of a table row of one line, in points."""
SLACK = 1.12
"""Widths are this many times what DejaVu Sans needs, since a reader may see another font."""

PNG_DPI = 300
POINTS_PER_INCH = 72

SETTINGS = {
    # One family entry: every further one costs a font search per text. In SVG it is written as
    # 'DejaVu Sans', 'Verdana', sans-serif.
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "text.usetex": False,
    "text.parse_math": False,
    "text.hinting": "none",
    "path.simplify": False,
    "path.sketch": None,
    "path.effects": [],
    "svg.fonttype": "none",
    "svg.hashsalt": "genopool",
    "svg.id": None,
    # Type 3 is embedded ten times faster than Type 42, and its text can be selected too.
    "pdf.fonttype": 3,
    "pdf.compression": 1,
    "pdf.use14corefonts": False,
    "pdf.inheritcolor": False,
}
"""Settings of matplotlib under which every figure is drawn, whatever the user's own are."""


@contextmanager
def settings() -> Iterator[None]:
    """Draw under `SETTINGS`, then put the user's own settings back."""
    # Not rc_context: that copies and validates some 300 settings, 5 ms each time.
    before = {name: mpl.rcParams[name] for name in SETTINGS}
    mpl.rcParams.update(SETTINGS)
    try:
        yield
    finally:
        mpl.rcParams.update(before)
