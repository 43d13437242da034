"""The figures' typeface, cut down to the characters they use and set into the page.

Text in the figures is text; measured for DejaVu Sans, it would run into its neighbours in another
typeface, and few machines outside Linux have it. matplotlib brings it along.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

FAMILY = "DejaVu Sans"
_FILES = {
    ("normal", "normal"): "DejaVuSans.ttf",
    ("bold", "normal"): "DejaVuSans-Bold.ttf",
    ("normal", "italic"): "DejaVuSans-Oblique.ttf",
}


def font_faces(characters: Iterable[str]) -> str:
    """CSS `@font-face` rules that hold these characters; nothing for no characters."""
    wanted = "".join(sorted(set(characters)))
    if not wanted:
        return ""
    return "\n".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};font-style:{style};'
        f"src:url(data:font/woff;base64,{_subset(_folder() / name, wanted)})format('woff')}}"
        for (weight, style), name in _FILES.items()
    )


def _folder() -> Path:
    # Found without importing matplotlib, which would take longer than the whole report.
    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("matplotlib, which brings DejaVu Sans, is not installed")
    return Path(spec.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"


@lru_cache(maxsize=8)
def _subset(path: Path, characters: str) -> str:
    from fontTools import subset

    options = subset.Options(
        flavor="woff",
        hinting=False,
        layout_features=[],
        name_IDs=[0, 1, 2],
        name_languages=[0x409],
        recalc_timestamp=False,
        notdef_outline=True,
        drop_tables=["FFTM", "GDEF", "GPOS", "GSUB", "kern", "DSIG"],
    )
    buffer = io.BytesIO()
    with subset.load_font(str(path), options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=characters)
        subsetter.subset(font)
        subset.save_font(font, buffer, options)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
