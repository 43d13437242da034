"""Figures in the page: what a drawing does not need is gone, ids are their own, colours turn."""

import re
from xml.etree import ElementTree

import pytest

from genopool.report.fonts import font_faces
from genopool.report.svg import Inliner, dark

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '


def inline(inside, prefix="f1", attributes='viewBox="0 0 10 10"'):
    inliner = Inliner()
    return inliner, inliner.inline(f"{HEAD}{attributes}>{inside}</svg>", prefix, "A figure")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<g><SCRIPT>alert(1)</SCRIPT></g>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<image href='https://example.org/a.png'/>",
        "<a xlink:href='javascript:alert(1)'><text>x</text></a>",
        "<iframe src='https://example.org'/>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
        "<set attributeName='onload' to='alert(1)'/>",
        "<metadata>made on 1 January</metadata>",
        "<title>hover</title>",
    ],
)
def test_elements_that_draw_nothing_are_dropped(inside):
    _, svg = inline(inside)
    assert re.fullmatch(r"<svg[^>]*></svg>", svg)


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="alert(1)"', 'onClick="alert(1)"', 'fill="url(https://example.org/a.svg#b)"',
        'style="fill: url(http://example.org/a)"', 'style="background:expression(alert(1))"',
        'filter="url(//example.org/f#x)"', 'xlink:href="https://example.org/a.svg#b"',
        'href="data:image/svg+xml,x"', 'fill="u\\72l(https://example.org)"',
        'style="fill: red } body { display: none"', 'style="@import \'https://example.org\'"',
    ],
)  # fmt: skip
def test_attributes_that_reach_outside_are_dropped(attribute):
    inliner, svg = inline(f'<path d="M0 0" {attribute}/>')
    assert re.search(r'<path d="M0 0"( class="s\d+")?></path>', svg)
    assert "example" not in inliner.rules()
    assert "body" not in inliner.rules()


def test_ids_that_are_used_are_made_the_figures_own_and_the_rest_go():
    inside = (
        '<defs><clipPath id="c"><rect width="5" height="5"/></clipPath>'
        '<path id="m" d="M0 0"/></defs>'
        '<g id="text_1" clip-path="url(#c)"><use xlink:href="#m"/></g>'
        "<rect style=\"fill: url( '#c' )\"/>"
    )
    inliner = Inliner()
    one, two = (
        inliner.inline(f'{HEAD}viewBox="0 0 9 9">{inside}</svg>', p, "") for p in ("a", "b")
    )
    assert re.findall(r' id="([^"]+)"', one + two) == ["a-c", "a-m", "b-c", "b-m"]
    assert re.findall(r'href="#([^"]+)"', one + two) == ["a-m", "b-m"]
    assert re.findall(r"url\(#([^)]+)\)", one + two) == ["a-c", "a-c", "b-c", "b-c"]


def test_text_stays_text_and_is_escaped():
    inliner, svg = inline("<text x='1'>&lt;script&gt; Wen &amp; τ²</text>")
    assert "&lt;script&gt; Wen &amp; τ²" in svg
    assert {"τ", "²", "<"} <= inliner.characters


def test_label_is_escaped():
    svg = Inliner().inline(f'{HEAD}viewBox="0 0 9 9"/>', "f", '"><script>alert(1)</script>')
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == '"><script>alert(1)</script>'
    assert root.get("role") == "img"


def test_size_in_points_becomes_pixels():
    _, svg = inline("", attributes='width="300pt" height="90pt" viewBox="0 0 300 90"')
    assert 'width="400" height="120"' in svg


def test_view_box_is_made_up_from_the_size():
    _, svg = inline("", attributes='width="30" height="20"')
    assert 'viewBox="0 0 30 20"' in svg


def test_matplotlibs_rule_for_all_elements_stays_in_its_figure():
    inliner, svg = inline(
        "<defs><style>*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>"
    )
    assert "<style" not in svg
    assert 'class="plot s0"' in svg
    assert inliner.rules() == (".plot.s0,.plot .s0{stroke-linejoin: round;stroke-linecap: butt;}")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("<svg", "not well-formed"),
        ("<html/>", "expected an svg element, not html"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 1 1"/>', "entity"),
        ("<svg/>", "neither width nor viewBox"),
        ('<svg viewBox="0 0 1 1"><style>text{fill:red}</style></svg>', "style sheet"),
    ],
)
def test_what_cannot_be_set_into_the_page_is_refused(source, message):
    with pytest.raises(ValueError, match=message):
        Inliner().inline(source, "f7", "")


def luminance(colour):
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("ink", "least"), [("#000000", 12), ("#1a1a1a", 10), ("#555555", 5.5)])
def test_text_can_be_read_on_a_dark_page(ink, least):
    """WCAG asks for 4.5 at the least."""
    assert contrast(dark(ink), dark("#ffffff")) > least


# The colours of the figures' theme: marks need 3 against the ground (WCAG 2.1, 1.4.11).
@pytest.mark.parametrize("mark", ["#56b4e9", "#8fa3b5", "#0b3c5d", "#d55e00"])
def test_marks_can_be_seen_on_a_dark_page(mark):
    assert contrast(dark(mark), dark("#ffffff")) > 3


def test_greys_turn_over_in_order():
    greys = ["#000000", "#1a1a1a", "#555555", "#9a9a9a", "#c9c9c9", "#ffffff"]
    turned = [luminance(dark(grey)) for grey in greys]
    assert turned == sorted(turned, reverse=True)
    assert len({dark(g)[1:3] + dark(g)[3:5] for g in greys}) == len(greys)


def test_colours_become_variables_with_a_light_and_a_dark_value():
    inliner, _ = inline('<path style="fill: #FFF; stroke: #1a1a1a"/><path fill="#1A1A1A"/>')
    assert inliner.rules().count("var(--c1a1a1a)") == 2
    assert inliner.palette("light") == "--c1a1a1a:#1a1a1a;--cffffff:#ffffff;"
    assert inliner.palette("dark") == f"--c1a1a1a:{dark('#1a1a1a')};--cffffff:{dark('#ffffff')};"


def test_the_typeface_holds_the_characters_and_repeats():
    import base64
    import io

    from fontTools.ttLib import TTFont

    css = font_faces("Wen τ² –")
    assert css == font_faces("– ²τ neW")
    assert font_faces("") == ""
    faces = re.findall(r"base64,([A-Za-z0-9+/=]+)", css)
    assert len(faces) == 3
    for face in faces:
        with TTFont(io.BytesIO(base64.b64decode(face))) as font:
            assert set(font.getBestCmap()) >= set(map(ord, "Wen τ²–"))
            assert len(font.getBestCmap()) < 20
