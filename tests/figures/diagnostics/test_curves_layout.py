"""Figures of curves: nothing overlaps or leaves the page, whatever the studies."""

import numpy as np
import pytest
from matplotlib.patches import PathPatch

from genopool.figures.diagnostics.registry import DRAWERS
from genopool.figures.saving import save_figure
from genopool.figures.wording import SIMULATED, SIMULATED_NOTE

KINDS = (
    "ternary",
    "sequential",
    "influence_panel",
    "gosh",
    "drapery",
    "specification_curve",
)
CASES = ("il8", "three", "sixty", "extreme", "long names")
# Boxes of neighbouring lines share some of their leading; see test_forest_layout.
TOUCH_ACROSS, TOUCH_DOWN = 0.2, 2.0
# Another font may be this much wider than DejaVu Sans, and still nothing overlaps.
WIDER = 1.1
#: As the work on figures asks: readers open many of them at once.
MOST_KILOBYTES = 300


@pytest.fixture(scope="module", params=CASES)
def pools(request, case_pools):
    return case_pools(request.param)


@pytest.fixture(scope="module", params=KINDS)
def picture(request, pools, draw_kind):
    return draw_kind(pools, request.param)


def overlapping(picture, boxes):
    left, top, right, bottom = boxes.T
    across = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    down = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    pairs = np.argwhere(np.triu((across > TOUCH_ACROSS) & (down > TOUCH_DOWN), 1))
    return [(picture.strings[i], picture.strings[j]) for i, j in pairs]


def test_texts_keep_apart_and_on_the_page(picture):
    assert overlapping(picture, picture.boxes) == []
    wider = picture.boxes.copy()
    for box, text in zip(wider, picture.texts, strict=True):
        more = (WIDER - 1) * (box[2] - box[0])
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[text.get_ha()]
        box[0] -= share * more
        box[2] += (1 - share) * more
    assert overlapping(picture, wider) == []
    assert wider.min() > 4 and wider[:, 2].max() < picture.width - 4
    assert wider[:, 3].max() < picture.height - 4


def test_marks_and_lines_are_on_the_page(picture):
    names = {patch.get_label() for patch in picture.figure.findobj(PathPatch)}
    assert "rules" in names
    for name in names - {""}:
        for shape in picture.shapes(name):
            assert np.isfinite(shape).all(), name
            assert shape.min() > 4, name
            assert (shape < (picture.width - 4, picture.height - 4)).all(), name


def test_files_are_small(picture, tmp_path):
    svg, *_ = save_figure(picture.figure, tmp_path / "figure")
    assert svg.stat().st_size < 1000 * MOST_KILOBYTES


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_rows_does_not_show(case_pools, draw_kind, kind, tmp_path):
    rows = [
        [f"Study {j}", "IL8", 2000 + j // 2, *counts]
        for j, counts in enumerate(np.random.default_rng(3).integers(20, 200, (11, 6)).tolist())
    ]
    files = [
        save_figure(draw_kind(case_pools("", rows=turned), kind).figure, tmp_path / name)[0]
        for name, turned in (("a", rows), ("b", rows[::-1]))
    ]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_captions_say_what_is_shown(il8_pools, case_pools, draw_kind, kind):
    """Alleles compared, sides of 1, range of frequencies in controls, number of studies."""
    text = " ".join(draw_kind(case_pools("il8"), kind).strings)
    assert "26 " in text and "IL-8 -251A/T" in text
    # The lowest and the highest of the study table: 76 + 2 * 35 of 300, 44 + 2 * 63 of 220.
    assert "48.7% to 77.2%" in text.replace("  ", " ")
    if kind == "ternary":
        assert "AA, AT or TT" in text and "cases are not shown" in text
    else:
        assert "AT + TT vs AA" in text and "effect allele T, dominant model" in text
        assert "Below 1: lower odds of gastric cancer with AT + TT" in text
        assert "above 1: higher odds of gastric cancer with AT + TT" in text


@pytest.mark.parametrize("kind", KINDS)
def test_simulated_studies_are_said_to_be(case_pools, draw_kind, kind):
    text = " ".join(draw_kind(case_pools("il8", "simulated: true\n"), kind).strings)
    assert SIMULATED in text.replace(SIMULATED_NOTE, "") and text.count(SIMULATED_NOTE) == 1


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("method", ["mantel-haenszel", "bayes"])
def test_another_method_is_named(case_pools, draw_kind, kind, method):
    text = " ".join(
        draw_kind(case_pools("three", f"pooling: {{method: {method}}}\n"), kind).strings
    )
    assert f"The configured method ({method}) has no such figure" in text


@pytest.mark.parametrize("kind", KINDS)
def test_equal_effects_can_be_drawn(case_pools, draw_kind, kind):
    draw_kind(case_pools("three", "pooling: {tau2: EE}\n"), kind)


def test_what_cannot_be_drawn_has_a_reason(case_pools):
    one = case_pools("", rows=[["Alone", "IL8", "", 40, 50, 10, 30, 60, 20]])
    reasons = {kind: DRAWERS[kind].why_not(one, 0) for kind in KINDS}
    assert reasons["ternary"] == "" and all(reasons[kind] for kind in KINDS[1:])
    two = case_pools("two")
    said = {kind for kind in KINDS if DRAWERS[kind].why_not(two, 0)}
    assert said == {"influence_panel", "gosh"}


def test_two_studies_can_be_drawn(case_pools, draw_kind):
    for kind in ("ternary", "sequential", "drapery", "specification_curve"):
        draw_kind(case_pools("two"), kind)
