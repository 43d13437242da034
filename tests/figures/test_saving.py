"""The files: whole, the same each time, with text as text."""

import re
import zlib
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image

from genopool.figures import theme
from genopool.figures.forest import forest_plot
from genopool.figures.saving import save_figure

# Blends at edges take the nearest colour of the palette, whose cube has steps of 63; nearly all
# pixels are paper, ink or a grey, and those are right to the palette's step of 5.
EDGE_ERROR, EDGES, GREY_ERROR = 32, 0.002, 6
ODD_NAMES = ("Cost $5_a^2 <b>&amp; \\alpha$", "王 2011 🎉")


@pytest.fixture
def figure(many_kinds):
    built, question = many_kinds
    return forest_plot(*built, stratifier="ethnicity", question=question)


def streams(pdf):
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    return [zlib.decompress(s) if s[:1] == b"x" else s for s in found]


def test_three_files_are_written_beside_each_other(figure, tmp_path):
    stem = tmp_path / "forest.T.dominant.ethnicity"
    paths = save_figure(figure, stem)
    assert [str(path) for path in paths] == [f"{stem}.{e}" for e in ("svg", "pdf", "png")]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_the_same_tables_give_the_same_bytes(many_kinds, tmp_path):
    built, question = many_kinds
    contents = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        figure = forest_plot(*built, stratifier="ethnicity", question=question)
        paths = save_figure(figure, tmp_path / folder / "forest")
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]
    again = save_figure(figure, tmp_path / "again")
    assert [path.read_bytes() for path in again] == contents[0]
    svg, pdf, png = contents[0]
    assert b"dc:date" not in svg
    assert b"CreationDate" not in pdf
    assert b"tIME" not in png


def test_settings_of_the_user_change_nothing(il8, question, tmp_path):
    built = il8(studies=3)
    theirs = {
        "font.size": 30,
        "font.family": ["serif"],
        "text.usetex": True,
        "text.parse_math": True,
        "text.hinting": "force_autohint",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "savefig.dpi": 10,
        "figure.facecolor": "red",
        "lines.linewidth": 9,
        "path.sketch": (1, 2, 3),
        "path.simplify": True,
    }
    contents = []
    for settings in ({}, theirs):
        with mpl.rc_context(settings):
            figure = forest_plot(*built, stratifier="overall", question=question)
            paths = save_figure(figure, tmp_path / f"forest{len(contents)}")
            assert all(mpl.rcParams[name] == value for name, value in settings.items())
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]


def test_svg_holds_names_as_text_and_nothing_as_markup(figure, tmp_path):
    svg, _, _ = save_figure(figure, tmp_path / "forest")
    texts = list(ElementTree.parse(svg).iter("{http://www.w3.org/2000/svg}text"))
    strings = [text.text for text in texts]
    for name in (*ODD_NAMES, "Biobank §", "Heterogeneity: τ² = "):
        assert any(string.startswith(name) for string in strings)
    styles = {text.get("style") for text in texts}
    assert all("font-family: 'DejaVu Sans', 'Verdana', sans-serif" in style for style in styles)
    assert "text-anchor: end" in texts[strings.index("1.34")].get("style")
    assert "text-anchor: start" in texts[strings.index(ODD_NAMES[0])].get("style")
    assert figure.get_label() == "IL-8 -251 A/T: AT + TT vs AA"
    assert f"<title>{figure.get_label()}</title>" in svg.read_text("utf-8")


def test_pdf_embeds_its_fonts_and_its_text_can_be_selected(figure, tmp_path):
    _, pdf, _ = save_figure(figure, tmp_path / "forest")
    content = pdf.read_bytes()
    fonts = re.findall(rb"/BaseFont /(\S+)", content)
    assert {font.split(b"+")[1] for font in fonts} >= {b"DejaVuSans", b"DejaVuSans-Bold"}
    assert content.count(b"/CharProcs") == content.count(b"/ToUnicode") == len(fonts)
    maps = b"".join(s for s in streams(content) if b"begincmap" in s).lower()
    for character in "Bτ²–王🎉":
        assert b"<%s>" % character.encode("utf-16-be").hex().encode() in maps


def test_png_has_300_dots_per_inch_and_the_colours_of_the_theme(il8, question, tmp_path):
    figure = forest_plot(*il8(studies=4), stratifier="ethnicity", question=question)
    _, _, png = save_figure(figure, tmp_path / "forest")
    with Image.open(png) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        width, height = figure.get_size_inches() * 300
        assert image.size == (int(width), int(height))
        shown = np.asarray(image.convert("RGB"))
    figure.dpi = 300
    canvas = FigureCanvasAgg(figure)
    with theme.settings():
        canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[..., :3]
    error = np.maximum(shown, drawn) - np.minimum(shown, drawn)
    assert error.max() <= EDGE_ERROR
    assert (error > GREY_ERROR).mean() < EDGES
    exact = packed(shown)[packed(drawn) == packed(shown)]
    for name in (theme.PAPER, theme.SQUARE, theme.DIAMOND, theme.DIAMOND_OVERALL, theme.PREDICTION):
        colour = packed(np.array([round(255 * channel) for channel in to_rgb(name)]))
        area = np.count_nonzero(packed(drawn) == colour)
        assert np.count_nonzero(exact == colour) == area > 100


def packed(pixels):
    """Each pixel's three channels as one number."""
    return pixels.astype(np.int32) @ np.array([1, 256, 65536], dtype=np.int32)


def test_a_failure_leaves_the_earlier_files_alone(figure, tmp_path, monkeypatch):
    paths = save_figure(figure, tmp_path / "forest")
    before = [path.read_bytes() for path in paths]

    def refuse(self, target):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        save_figure(figure, tmp_path / "forest")
    assert [path.read_bytes() for path in paths] == before
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_the_figure_keeps_its_own_resolution(figure, tmp_path):
    save_figure(figure, tmp_path / "forest")
    assert figure.dpi == 72
