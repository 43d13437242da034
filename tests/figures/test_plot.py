"""Figures of panels: what is written where, and that nothing overlaps."""

import numpy as np
import pytest

from genopool.figures import marks, theme
from genopool.figures.axes import ODDS, Axis, Tick
from genopool.figures.plot import Key, Panel, plot_figure

LONG = "A stratum with a name that is as long as any that was ever seen, and then a little longer"


def nothing(page, area):
    pass


def panel(title="Panel", note="a note", x=None, y=None, draw=nothing, **more):
    return Panel(title, note, x or Axis("Across", 0, 10), y or Axis("Up", 0, 1), draw, **more)


def picture_of(drawn, panels, **more):
    words = {"title": "Title", "subtitle": "Subtitle", "paragraphs": ["First.", "Second."]}
    return drawn(plot_figure(panels, **(words | more)))


def test_titles_legend_caption_and_label(drawn):
    keys = [Key("Controls", marks.legend(marks.sample(marks.DOT))), Key(LONG * 3, marks.legend())]
    picture = picture_of(drawn, [panel()], keys=keys, columns=1)
    assert picture.figure.get_label() == "Title"
    tops = [picture.box(s)[1] for s in ("Title", "Subtitle", "Controls", "Panel", "Up", "Across")]
    assert tops == sorted(tops)
    assert picture.box("First.")[1] < picture.box("Second.")[1]
    assert not picture.overlaps(1.1)
    assert picture.boxes.min() > 5 and picture.boxes[:, 2].max() < picture.width - 5
    assert picture.boxes[:, 3].max() < picture.height - 5


def test_shared_titles_of_axes_are_written_once(drawn):
    same = [panel(f"Panel {i}") for i in range(4)]
    picture = picture_of(drawn, same)
    # up: at the left of each row; across: below the last row
    assert picture.strings.count("Up") == 2 and picture.strings.count("Across") == 2
    other = [panel("A"), panel("B", y=Axis("Else", 0, 1)), panel("C"), panel("D")]
    picture = picture_of(drawn, other)
    assert picture.strings.count("Up") == 2 and picture.strings.count("Else") == 1
    assert not picture.overlaps(1.1)


def test_headings_and_areas_of_a_row_align(drawn):
    panels = [panel("A", "short"), panel("B", LONG), panel("C", "short", y=Axis("Else", 0, 1))]
    picture = picture_of(drawn, panels, columns=3)
    tops = [picture.box(title)[1] for title in "ABC"]
    assert tops == pytest.approx([tops[0]] * 3)
    uprights = picture.shapes("y axis")
    highest = [shape[:, 1].min() for shape in uprights if np.ptp(shape[:, 1]) > 50]
    assert highest == pytest.approx([highest[0]] * 3)
    assert not picture.overlaps(1.1)


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_any_number_of_panels(drawn, columns, number):
    panels = [
        panel(
            f"{LONG} {i}",
            LONG,
            x=Axis(LONG, -3e5 * i - 1, 10**i),
            y=Axis(f"{LONG} {i}", -0.01, 2.5, scale=ODDS, reverse=bool(i % 2), grid=bool(i % 3)),
            height=100 + 20 * i,
        )
        for i in range(number)
    ]
    picture = picture_of(drawn, panels, columns=columns, title=LONG * 2, subtitle=LONG * 2)
    assert not picture.overlaps(1.1)
    assert picture.boxes.min() > 0
    assert picture.boxes[:, 2].max() < picture.width and picture.boxes[:, 3].max() < picture.height
    for name in ("axis", "y axis", "grid"):
        for shape in picture.shapes(name):
            assert shape.min() > 0 and (shape < (picture.width, picture.height)).all()


def test_an_axis_at_the_right_has_room(drawn):
    right = Axis("Odds ratio", -2, 7.5, scale=ODDS)
    panels = [panel("A", right=right), panel("B")]
    picture = picture_of(drawn, panels)
    assert not picture.overlaps(1.1)
    (line, *_) = picture.shapes("right axis")
    scale = picture.scale("right axis", transform=np.log)
    assert scale(line[:, 1]) == pytest.approx([7.5, -2], abs=0.01)
    assert picture.box("Odds ratio")[2] < picture.box("B")[0]


def test_contents_are_drawn_in_their_own_area(drawn):
    """Values of 2 on axes of 0 to 10 and 0 to 4 are at a fifth across, and half up."""
    seen = []

    def draw(page, area):
        page.lines("mark", [[(area.x(2), area.y(2)), (area.x(2) + 5, area.y(2))]], "red", 1)
        seen.append(area)

    panels = [panel(y=Axis("Up", 0, 4), draw=draw), panel(y=Axis("Up", 0, 4), draw=draw)]
    picture = picture_of(drawn, panels)
    assert len(seen) == 2 and seen[0].right < seen[1].left
    for i, (mark, area) in enumerate(zip(picture.shapes("mark"), seen, strict=True)):
        assert picture.scale("axis", i)(mark[0, 0]) == pytest.approx(2, abs=1e-6)
        assert picture.scale("y axis", i)(mark[0, 1]) == pytest.approx(2, abs=1e-6)
        assert (mark[0, 0] - area.left) / area.width == pytest.approx(0.2)


def test_axes_can_be_out_of_sight(drawn):
    hidden = Axis("", 0, 1, ticks=(), line=False)
    picture = picture_of(drawn, [panel("", "", x=hidden, y=hidden)], columns=1)
    assert not picture.shapes("axis") and not picture.shapes("y axis")
    own = Axis("Here", 0, 1, ticks=(Tick(0.5, "half"),))
    picture = picture_of(drawn, [panel(x=own)], columns=1)
    assert picture.box("half")[:3:2].mean() == pytest.approx(
        np.mean([picture.shapes("axis")[0][i, 0] for i in (0, 1)]), abs=0.5
    )


def test_a_character_that_the_font_lacks_is_noted(drawn):
    said = " ".join(picture_of(drawn, [panel("王")]).strings)
    assert "Some characters are not in the font" in said
    assert theme.SMALL in {text.get_fontsize() for text in picture_of(drawn, [panel()]).texts}
