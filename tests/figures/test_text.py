"""Text: its width, how it is cleaned and broken, and that it is never markup."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import IdentityTransform

from genopool.figures import theme
from genopool.figures.text import PlainText, balanced, clean, width, wrapped

# matplotlib gives the box of the ink, whole pixels at 1000 points; ours is the advance, which has
# the space before the first letter and after the last.
INK = 0.2


def drawn(text, size=1000.0, weight="normal"):
    figure = Figure(figsize=(1, 1), dpi=72)
    artist = PlainText(
        0, 0, text, size=size, color="black", weight=weight, transform=IdentityTransform()
    )
    figure.add_artist(artist, clip=False)
    return artist, FigureCanvasAgg(figure).get_renderer()


@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("text", ["Taguchi AV", "[0.44, 1.31]", "τ² = 0.104", "de Oliveira"])
def test_width_agrees_with_matplotlib(text, weight):
    artist, renderer = drawn(text, weight=weight)
    with theme.settings():
        box = artist.get_window_extent(renderer)
    assert width(text, 1000.0, weight) == pytest.approx(box.width, abs=1000 * INK)


def test_width_is_kerned():
    assert width("AV", 10.0) < width("A", 10.0) + width("V", 10.0)


def test_outlines_are_where_the_text_is():
    """The bitmap of our outlines against matplotlib's own drawing of the same text."""
    inked = []
    for own in (True, False):
        figure = Figure(figsize=(4, 1), dpi=100)
        canvas = FigureCanvasAgg(figure)
        with theme.settings():
            artist = PlainText(
                380, 40, "Garcia-Gonzalez AV 1.31", size=20.0, color="black",
                transform=IdentityTransform(), align="right",
            )  # fmt: skip
            if not own:
                artist.draw = super(PlainText, artist).draw
            figure.add_artist(artist, clip=False)
            canvas.draw()
        inked.append(255.0 - np.asarray(canvas.buffer_rgba())[..., 0])
    ours, theirs = inked
    # Of the ink, less than a tenth lies elsewhere: edges are smoothed a little differently.
    assert abs(ours - theirs).sum() < 0.1 * theirs.sum()
    assert theirs.sum() > 0


def test_a_missing_glyph_neither_warns_nor_stops():
    artist, renderer = drawn("王 🎉 \U0001fffe", size=10.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        artist.draw(renderer)
        assert artist.get_window_extent(renderer).width > 0


def test_markup_is_drawn_as_it_stands():
    formula, renderer = drawn(r"$\frac{1}{2}$", size=10.0)
    half, _ = drawn(r"$\frac{1}{2}$ ", size=10.0)
    formula.draw(renderer)
    box = formula.get_window_extent(renderer)
    assert box.width == pytest.approx(half.get_window_extent(renderer).width, abs=4)
    assert box.width > 40  # thirteen characters; the fraction ½ would be one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\twords\n", "two words"),
        ("a\x00b\x1b[0m", "ab[0m"),
        ("\u202eevil\u202c", "evil"),
        ("lone \ud800 half", "lone  half"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ufffe\uffff", ""),
        (2005, "2005"),
    ],
)
def test_clean(text, expected):
    assert clean(text) == expected


@given(st.text(max_size=80), st.floats(5, 300))
def test_wrapped_lines_fit_and_lose_nothing(text, limit):
    text = clean(text)
    for lines in (wrapped(text, 8.5, limit), balanced(text, 8.5, limit)):
        assert "".join(lines).replace(" ", "") == "".join(text.split())
        assert all(width(line, 8.5) <= limit or len(line) == 1 for line in lines)


def test_balanced_lines_are_even_and_as_few():
    text = "Cleveland 2004, Long Island Breast Cancer Study Project (LIBCSP)"
    greedy, even = wrapped(text, 8.5, 225), balanced(text, 8.5, 225)
    assert len(even) == len(greedy) == 2
    lengths = [max(width(line, 8.5) for line in lines) for lines in (even, greedy)]
    assert lengths[0] < lengths[1]


def test_equations_and_numbers_in_brackets_are_kept_on_a_line():
    text = "Heterogeneity: τ² = 0.104, Q = 41.40 (df 16), p < 0.0001, F(1, 24) = 2.84"
    units = ["Heterogeneity:", "τ² = 0.104,", "Q = 41.40", "(df 16),", "p < 0.0001,"]
    units += ["F(1, 24) = 2.84"]
    widest = max(width(unit, 8.5) for unit in units)
    assert widest < width(text, 8.5) / 3
    for limit in np.linspace(widest, 2.5 * widest, 40):
        lines = wrapped(text, 8.5, limit)
        assert all(any(unit in line for line in lines) for unit in units)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("variant/variant", ["variant/", "variant"]),
        ("unbreakableunbreakable", ["unbreakable", "unbreakable"]),
    ],
)
def test_a_word_too_long_is_broken_after_a_sign_if_it_has_one(word, parts):
    limit = max(width(part, 8.5) for part in parts) + 0.5
    assert wrapped(word, 8.5, limit) == parts
