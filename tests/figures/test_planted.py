"""Forest plots of simulated studies say so, and mark what was planted."""

from dataclasses import replace
from math import log

import pytest

from genopool.figures import wording
from genopool.figures.forest import forest_plot
from genopool.figures.saving import save_figure

READ_OFF = 2e-3


@pytest.fixture
def planted(il8):
    strata = [r["stratum"] for r in il8().pooled if r["stratifier"] == "ethnicity"]
    by_stratum = {("ethnicity", name): log(0.9 + 0.1 * i) for i, name in enumerate(strata)}
    return by_stratum | {("overall", "all"): log(1.15)}


@pytest.fixture
def simulated(question):
    return replace(question, simulated=True)


def test_a_bar_stands_at_every_planted_odds_ratio(il8, simulated, planted, drawn):
    built = il8()
    figure = forest_plot(*built, stratifier="ethnicity", question=simulated, planted=planted)
    picture = drawn(figure)
    bars = picture.shapes("planted")
    assert [picture.odds(bar[0, 0]) for bar in bars] == [
        pytest.approx(p, rel=READ_OFF) for p in (0.9, 1.0, 1.15)
    ]
    # in the row of its diamond
    diamonds = picture.shapes("diamonds") + picture.shapes("overall diamond")
    for bar, diamond in zip(bars, diamonds, strict=True):
        assert bar[:, 1].mean() == pytest.approx(diamond[:, 1].mean(), abs=0.5)
    assert len(picture.shapes("legend of planted")) == 1
    assert any(text.endswith("planted odds ratio, overall 1.15") for text in texts(figure))


def texts(figure):
    return [artist.get_text() for artist in figure.artists if hasattr(artist, "get_text")]


def test_a_planted_odds_ratio_beyond_the_axis_has_no_bar(il8, simulated, drawn):
    planted = {("overall", "all"): log(500)}
    figure = forest_plot(*il8(), stratifier="overall", question=simulated, planted=planted)
    assert len(drawn(figure).shapes("planted")) == 0


def test_without_planted_truth_nothing_is_drawn(il8, question, drawn):
    figure = forest_plot(*il8(), stratifier="ethnicity", question=question)
    assert not [text for text in texts(figure) if "planted" in text or "imulated" in text]
    assert len(drawn(figure).shapes("planted")) == 0


@pytest.mark.parametrize("stratifier", ["overall", "ethnicity"])
def test_title_and_note_say_that_the_data_are_simulated(
    il8, simulated, stratifier, tmp_path, drawn
):
    figure = forest_plot(*il8(), stratifier=stratifier, question=simulated)
    assert figure.get_label().startswith(wording.SIMULATED)
    said = texts(figure)
    assert any(text.startswith(wording.SIMULATED) for text in said[:2])
    assert wording.SIMULATED_NOTE in said
    svg, pdf, _ = save_figure(figure, tmp_path / "figure")
    assert "<dc:title>Simulated data" in svg.read_text()
    assert "Simulated data".encode("utf-16-be") in pdf.read_bytes()


def test_the_legend_overlaps_nothing(il8, simulated, planted, drawn):
    figure = forest_plot(*il8(), stratifier="overall", question=simulated, planted=planted)
    picture = drawn(figure)
    legend = picture.box("planted odds ratio, overall 1.15")
    for text in texts(figure):
        if "planted odds ratio" in text or not text.strip():
            continue
        box = picture.box(text) if texts(figure).count(text) == 1 else None
        if box is not None:
            apart = (
                box[2] <= legend[0] or box[0] >= legend[2]
                or box[3] <= legend[1] or box[1] >= legend[3]
            )  # fmt: skip
            assert apart, text


def test_numbers_that_no_paper_prints_are_named(il8, question, drawn):
    built = il8()
    first, second = dict.fromkeys(row["study"] for row in built.effects), None
    first, second = list(first)[:2]
    for row in built.effects:
        row["provenance"] = {first: "reconstructed", second: "simulated"}.get(row["study"], "")
    figure = forest_plot(*built, stratifier="overall", question=question)
    said = " ".join(texts(figure))
    assert f"Reconstructed numbers: {first}." in said and f"Simulated numbers: {second}." in said
