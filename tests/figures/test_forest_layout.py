"""Nothing overlaps and nothing is cut off, whatever the rows."""

from dataclasses import replace

import numpy as np
import pytest

from genopool.figures.forest import forest_plot

# Another font may be this much wider than DejaVu Sans, and still nothing overlaps.
WIDER = 1.10


def sixty_studies(tables, name="Study {:02d}"):
    rng = np.random.default_rng(60)
    built = tables("recessive")
    for i in range(60):
        cases, controls = (rng.multinomial(300 + 20 * i, (0.4, 0.4, 0.2)) for _ in range(2))
        built.add(name.format(i), cases, controls, stratum=("Asian", "European", "African")[i % 3])
    return built.pool()


CASES = (
    "one study",
    "three studies",
    "26 studies by ethnicity",
    "60 studies",
    "60 long names",
    "all kinds",
    "all kinds by ethnicity",
    "additive",
    "huge counts",
    "long question",
    "no study",
)


@pytest.fixture(params=CASES, scope="module")
def picture(request, tables, il8, question, many_kinds, drawn):
    case = request.param
    by = "overall"
    if case == "one study":
        built = il8(studies=1)
    elif case == "three studies":
        built = il8(studies=3)
    elif case == "26 studies by ethnicity":
        built, by = il8(), "ethnicity"
    elif case == "60 studies":
        built, by = sixty_studies(tables), "ethnicity"
    elif case == "60 long names":
        built, by = (
            sixty_studies(tables, "Long name of a study, {:02d}, with sixty characters 2020"),
            "ethnicity",
        )
    elif case.startswith("all kinds"):
        (built, question), by = many_kinds, "ethnicity" if "by" in case else "overall"
    elif case == "additive":
        built, by = il8("additive"), "ethnicity"
    elif case == "huge counts":
        counts = (60_000, 90_000, 50_000)
        built = tables("allelic").add("A", counts, counts).add("B", counts, (1, 2, 3)).pool()
    elif case == "long question":
        built = il8(studies=3)
        long = "19/non-19 + 19/19 "
        question = replace(
            question,
            locus="A locus with a long name " * 6,
            comparison=long * 5,
            exposed_heading=long,
            notes=("word " * 150, "unbroken" * 40),
        )
    else:
        built = tables().add("Zero", (1, 1, 1), (1, 1, 1), used="no", reason="double zero").pool()
    return drawn(forest_plot(*built, stratifier=by, question=question))


def test_no_texts_overlap(picture):
    assert not picture.overlaps()


def test_no_texts_overlap_in_a_wider_font(picture):
    assert not picture.overlaps(WIDER)
    boxes = picture.boxes_in_a_font(WIDER)
    assert boxes[:, 0].min() > 5
    assert boxes[:, 2].max() < picture.width - 5


def test_everything_is_on_the_page(picture):
    margin = 5
    assert picture.boxes.min() > margin
    assert picture.boxes[:, 2].max() < picture.width - margin
    assert picture.boxes[:, 3].max() < picture.height - margin
    for name in ("squares", "intervals", "arrows", "axis", "rules", "diamonds"):
        for shape in picture.shapes(name):
            assert shape.min() > margin
            assert (shape < (picture.width - margin, picture.height - margin)).all()


def test_no_text_stands_on_the_axis(picture):
    (line, *_) = picture.shapes("axis")
    (one,) = picture.shapes("no effect")
    left, right, top, bottom = line[0, 0], line[1, 0], one[0, 1], one[1, 1]
    inside = (
        (picture.boxes[:, 0] < right)
        & (picture.boxes[:, 2] > left)
        & (picture.boxes[:, 1] < bottom)
        & (picture.boxes[:, 3] > top + 2)
    )
    assert not [s for s, here in zip(picture.strings, inside, strict=True) if here]


def test_marks_stay_within_the_axis(picture):
    (line, *_) = picture.shapes("axis")
    for name in ("intervals", "arrows", "diamonds", "overall diamond", "prediction interval"):
        for shape in picture.shapes(name):
            assert shape[:, 0].min() >= line[0, 0] - 1e-6
            assert shape[:, 0].max() <= line[1, 0] + 1e-6


def test_the_height_follows_the_rows(il8, question, drawn):
    heights = {
        k: forest_plot(*il8(studies=k), stratifier="overall", question=question).get_figheight()
        for k in (3, 10, 20)
    }
    per_row = (heights[20] - heights[10]) / 10
    assert heights[10] - heights[3] == pytest.approx(7 * per_row)
    assert 10 < 72 * per_row < 16


def test_a_long_name_is_broken_into_lines_that_say_all_of_it(tables, question, drawn):
    name = "Consortium for the study of everything in sixty characters 1"
    assert len(name) == 60
    built = tables().add(name, (30, 40, 30), (40, 40, 20)).pool()
    picture = drawn(forest_plot(*built, stratifier="overall", question=question))
    parts = [s for s in picture.strings if s in name and len(s) > 8]
    assert " ".join(parts) == name
