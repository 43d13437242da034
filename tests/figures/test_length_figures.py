"""Figures of lengths: what they draw is in the tables, and no text lies on another."""

from dataclasses import replace

import numpy as np
import pytest

from genopool.config import load
from genopool.figures.length_figures import draw_lengths
from genopool.figures.length_panels import distribution_figure, odds_figure, place_of
from genopool.figures.questions import of_simulated
from genopool.figures.wording import SIMULATED, SIMULATED_NOTE
from genopool.pooling.length_tables import analyse_lengths
from genopool.studies.reading import read_studies

HOSTILE = "Cost $5_a^2 <b>&amp; \\alpha$ 王 🎉 " + "very " * 30 + "long"


@pytest.fixture(scope="module")
def results(repeats, tmp_path_factory):
    """The results of the made-up project, and its configuration."""
    folder = tmp_path_factory.mktemp("figures")
    repeats.write_project(folder)
    loaded = load(folder / "config.yaml")
    return analyse_lengths(loaded.config, "CA", read_studies(loaded)), loaded.config


def overlaps(boxes):
    """Pairs of boxes that share more than rounding."""
    found = []
    for i, a in enumerate(boxes):
        for j in range(i):
            b = boxes[j]
            wide = min(a[2], b[2]) - max(a[0], b[0])
            high = min(a[3], b[3]) - max(a[1], b[1])
            if wide > 0.2 and high > 1.5:
                found.append((i, j))
    return found


def check_texts(picture):
    assert overlaps(picture.boxes) == [], [
        (picture.strings[i], picture.strings[j]) for i, j in overlaps(picture.boxes)
    ]
    assert (picture.boxes[:, :2] >= 0).all()
    assert (picture.boxes[:, 2] <= picture.width).all()
    assert (picture.boxes[:, 3] <= picture.height).all()


@pytest.mark.parametrize("stratifier", ["overall", "ethnicity"])
def test_no_text_lies_on_another(results, question, drawn, stratifier):
    lengths, _ = results
    check_texts(
        drawn(distribution_figure(lengths.distribution, stratifier=stratifier, question=question))
    )
    check_texts(
        drawn(odds_figure(lengths.pooled, lengths.trend, stratifier=stratifier, question=question))
    )


def test_hostile_names_are_shown_as_they_are(results, question, drawn):
    lengths, _ = results
    hostile = replace(question, locus=HOSTILE, outcome=HOSTILE)
    rows = [row | {"stratum": row["stratum"] + HOSTILE} for row in lengths.distribution]
    picture = drawn(distribution_figure(rows, stratifier="ethnicity", question=hostile))
    check_texts(picture)
    assert any("$5_a^2 <b>&amp;" in string for string in picture.strings)


def test_a_figure_of_simulated_studies_says_so_once(results, question, drawn):
    lengths, _ = results
    marked = of_simulated(question)
    for figure in (
        distribution_figure(lengths.distribution, stratifier="ethnicity", question=marked),
        odds_figure(lengths.pooled, lengths.trend, stratifier="overall", question=marked),
    ):
        text = " ".join(drawn(figure).strings)
        assert text.count(SIMULATED_NOTE) == 1 and SIMULATED in text.replace(SIMULATED_NOTE, "")


def test_points_stand_at_the_frequencies(results, question, drawn):
    """The height of each control point over the axis is in proportion to its frequency."""
    lengths, _ = results
    picture = drawn(
        distribution_figure(lengths.distribution, stratifier="overall", question=question)
    )
    rows = [r for r in lengths.distribution if r["stratum"] == "all" and not r.get("study")]
    shares = np.array([row["control_frequency"] for row in rows])
    (curve,) = picture.shapes("controls")
    bottom = picture.shapes("axis")[-1][0, 1]
    heights = bottom - curve[:, 1]
    assert heights / heights.max() == pytest.approx(shares / shares.max(), abs=1e-9)
    steps = np.diff(curve[:, 0])
    assert steps == pytest.approx(np.full(len(steps), steps[0]))
    studies = {(r["study"], r["population"]) for r in lengths.distribution if r.get("study")}
    assert len(picture.shapes("studies")) == len(studies)


def test_odds_ratios_and_the_trend_stand_on_one_scale(results, question, drawn):
    lengths, _ = results
    picture = drawn(
        odds_figure(lengths.pooled, lengths.trend, stratifier="overall", question=question)
    )
    one = picture.shapes("no effect")[0][0, 1]
    points = {
        round(float(shape[:, 0].mean()), 3): one - shape[:, 1].mean()
        for shape in picture.shapes("points")
    }
    rows = [r for r in lengths.pooled if r["stratum"] == "all" and r["length"] != r["reference"]]
    rows = sorted((r for r in rows if r["k"]), key=lambda row: place_of(row["length"]))
    heights = [points[x] for x in sorted(points)]
    log_or = np.array([row["log_or"] for row in rows])
    scale = heights[0] / log_or[0]
    assert heights == pytest.approx(scale * log_or, abs=1e-6)
    trend = next(row for row in lengths.trend if row["stratum"] == "all")
    lines = picture.shapes("trend")
    reach = max(lines, key=lambda line: line[1, 0])
    rise = one - reach[1, 1]
    assert rise == pytest.approx(scale * trend["log_or"] * (23 - 19), abs=1e-6)
    limits = [shape[:, 1] for shape in picture.shapes("intervals")]
    low, high = (np.log([row[name] for row in rows]) for name in ("ci_low", "ci_high"))
    spans = sorted(float(np.ptp(limit)) for limit in limits)
    assert spans[: len(spans) // 2] == pytest.approx(
        sorted(scale * (high - low))[: len(spans) // 2], abs=1e-6
    )


def test_what_a_caption_says(results, question, drawn):
    lengths, _ = results
    picture = drawn(
        odds_figure(lengths.pooled, lengths.trend, stratifier="ethnicity", question=question)
    )
    said = " ".join(picture.strings)
    assert "chromosomes with each length against chromosomes with 19" in said
    assert "Below 1: lower odds of gastric cancer with the length than with 19" in said
    assert "above 1: higher odds" in said
    rare = [r for r in lengths.pooled if r["stratum"] == "Hispanic" and not r["k"]]
    assert rare and f"{', '.join(r['length'] for r in rare)} in Hispanic" in said
    picture = drawn(
        distribution_figure(
            lengths.distribution, stratifier="ethnicity", question=question, reference="19"
        )
    )
    said = " ".join(picture.strings)
    shares = [
        row["control_frequency"]
        for row in lengths.distribution
        if row["length"] == "19" and row["stratifier"] == "ethnicity" and row.get("study")
    ]
    low, high = (f"{100 * share:.1f}%" for share in (min(shares), max(shares)))
    assert f"is {low} to {high} of a study's control chromosomes" in said


def test_all_figures_of_a_locus(results, tmp_path):
    lengths, config = results
    figures = draw_lengths(config, "CA", lengths, tmp_path)
    assert [figure.stem for figure in figures] == [
        f"{kind}.{stratifier}"
        for kind in ("length_distribution", "length_odds_ratios", "length_trend")
        for stratifier in ("overall", "ethnicity")
    ]
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{f.stem}.{ending}" for f in figures for ending in ("svg", "pdf", "png")}
    again = tmp_path / "again"
    draw_lengths(config, "CA", lengths, again)
    for path in again.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_the_forest_of_the_trend(results, tmp_path):
    """Mean lengths and people beside each study, and what an odds ratio of 1 parts."""
    lengths, config = results
    draw_lengths(config, "CA", lengths, tmp_path)
    svg = (tmp_path / "length_trend.ethnicity.svg").read_text()
    assert svg.count(">Mean length<") == 2
    row = next(
        r
        for r in lengths.effects
        if (r["study"], r["length"], r["stratum"]) == ("African 1", "trend", "all")
    )
    assert f">{row['case_mean_length']:.2f}<" in svg
    assert "Below 1: lower odds of a made-up disease with each further" in svg


@pytest.mark.parametrize("extra", ["", ", length_tails: ['<=15', '>=22']"])
def test_odd_projects_are_drawn(repeats, tmp_path, drawn, question, extra):
    """One study, lengths far apart, a length that one study does not tell, tails."""
    table = "study,locus,ethnicity,allele,cases,controls\n" + "".join(
        f"{study},CA,{study},{allele},{x},{y}\n"
        for study, allele, x, y in (
            ("A", "9", 12, 14), ("A", "15", 8, 9), ("A", "17", 30, 44), ("A", "19", 70, 60),
            ("A", "120", 8, 20), ("B", "17", 20, 30), ("B", "19", 44, 40), ("B", ">=22", 3, 30),
            ("B", "<17", 9, 9), ("B", "18", 0, 14), ("B", "20,21", 2, 2),
        )
    )  # fmt: skip
    (tmp_path / "data" / "studies").mkdir(parents=True)
    (tmp_path / "data" / "studies" / "a.csv").write_text(table)
    config = repeats.CONFIG.replace('["19", "<19"]', f'["19"]{extra}')
    config = config.replace("{groups: {European: [], East Asian: [], South Asian: [], African: [],"
                            " Hispanic: []}}", "{}")  # fmt: skip
    (tmp_path / "config.yaml").write_text(config)
    loaded = load(tmp_path / "config.yaml")
    lengths = analyse_lengths(loaded.config, "CA", read_studies(loaded))
    figures = draw_lengths(loaded.config, "CA", lengths, tmp_path / "figures")
    assert len(figures) == 6
    for stratifier in ("overall", "ethnicity"):
        check_texts(
            drawn(
                distribution_figure(lengths.distribution, stratifier=stratifier, question=question)
            )
        )
        check_texts(
            drawn(
                odds_figure(lengths.pooled, lengths.trend, stratifier=stratifier, question=question)
            )
        )


def test_methods_without_a_trend_or_a_test(results, question, drawn):
    lengths, _ = results
    blank = {"k": 0, "reason": "method peto pools 2×2 tables, and the trend has none"}
    without = [row | blank for row in lengths.trend]
    picture = drawn(odds_figure(lengths.pooled, without, stratifier="ethnicity", question=question))
    check_texts(picture)
    assert "Trend per repeat" not in picture.strings and not picture.shapes("trend")
    assert "one test" not in " ".join(picture.strings)
    bayes = [row | {"p_value": np.nan} for row in lengths.trend]
    picture = drawn(odds_figure(lengths.pooled, bayes, stratifier="overall", question=question))
    assert "nan" not in " ".join(picture.strings)


def test_nothing_to_draw(results, tmp_path):
    lengths, config = results
    empty = replace(lengths, pooled=[], trend=[], distribution=[])
    assert draw_lengths(config, "CA", empty, tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("length", "place"), [("19", 19), ("<=15", 15), ("<15", 14), (">=23", 23), (">23", 24)]
)
def test_places_of_tails(length, place):
    assert place_of(length) == place
