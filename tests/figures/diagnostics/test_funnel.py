"""Funnel plots: marks, lines and regions stand where metafor's numbers and closed forms say."""

import numpy as np
import pytest
from scipy.stats import norm

# Tick labels stand where they should to within rounding of the page's coordinates.
CLOSE = 1e-6


@pytest.fixture(scope="module")
def picture(il8_pools, picture_of):
    return picture_of(il8_pools, "funnel", "allelic")


def placed(picture, name):
    """Log odds ratios and standard errors of the marks labelled `name`."""
    xs, ys = picture.centres(name).T
    return np.log(picture.odds(xs)), picture.scale("y axis")(ys)


def in_order(log_or, se):
    order = np.lexsort((log_or, se))
    return np.array([np.asarray(log_or)[order], np.asarray(se)[order]])


def test_a_mark_for_each_study(picture, metafor_il8):
    case = metafor_il8["allelic"]
    expected = in_order(-np.array(case["log_or"]), np.sqrt(case["variance"]))
    assert in_order(*placed(picture, "studies")) == pytest.approx(expected, abs=CLOSE)


def test_precise_studies_are_at_the_top(picture):
    scale = picture.scale("y axis")
    assert scale(100.0) < scale(200.0)


def test_the_studies_filled_in_are_mirror_images(picture, metafor_il8):
    case = metafor_il8["allelic"]
    filled = case["trim_and_fill_reml_L0"]
    assert (filled["k0"], filled["side"]) == (7, "right")
    log_or, se = placed(picture, "filled in")
    assert len(log_or) == 7
    # the seven largest odds ratios, about one centre
    rank = np.argsort(case["log_or"])[:7]
    theirs, own = -np.array(case["log_or"])[rank], np.sqrt(np.array(case["variance"])[rank])
    order, ours = np.argsort(own), np.argsort(se)
    assert se[ours] == pytest.approx(own[order], abs=CLOSE)
    centre = (log_or[ours] + theirs[order]) / 2
    assert centre == pytest.approx(np.full(7, centre[0]), abs=CLOSE)
    (line,) = picture.shapes("adjusted")
    assert np.log(picture.odds(line[0, 0])) == pytest.approx(-filled["estimate"], abs=1e-5)
    said = " ".join(picture.strings)
    assert "Trim and fill (L0) fills in 7 studies on the left" in said
    assert f"{np.exp(-filled['estimate']):.2f} [" in said


def test_the_funnel_stands_on_the_pooled_result(picture, metafor_il8):
    pooled = next(
        row["estimate"]
        for row in metafor_il8["allelic"]["inverse_variance"]
        if (row["method"], row["test"]) == ("REML", "knha")
    )
    scale = picture.scale("y axis")
    (line,) = picture.shapes("pooled")
    assert np.log(picture.odds(line[:, 0])) == pytest.approx([-pooled] * 2, abs=1e-5)
    sides = picture.shapes("pseudo limits")
    assert len(sides) == 2
    for side in sides:
        ends, depths = np.log(picture.odds(side[:, 0])), scale(side[:, 1])
        slope = np.diff(ends) / np.diff(depths)
        assert abs(slope) == pytest.approx(norm.ppf(0.975), abs=1e-5)
        assert ends[0] - slope * depths[0] == pytest.approx(-pooled, abs=1e-5)


@pytest.mark.parametrize(
    ("region", "p"), [("p 0.01 to 0.05", 0.01), ("p 0.05 to 0.10", 0.05), ("p > 0.10", 0.10)]
)
def test_regions_end_where_p_does(picture, region, p):
    """On its slanted edges, the z of an odds ratio against 1 is the quantile of p."""
    (shape,) = picture.shapes(region)
    log_or, se = np.log(picture.odds(shape[:, 0])), picture.scale("y axis")(shape[:, 1])
    steps = abs(np.roll(shape, -1, axis=0) - shape)
    slanted = np.flatnonzero((steps > 1).all(axis=1))
    assert len(slanted) == 2
    for start in slanted:
        for j in (start, (start + 1) % len(shape)):
            if se[j] > CLOSE:
                assert abs(log_or[j] / se[j]) == pytest.approx(norm.ppf(1 - p / 2), abs=1e-4)


def test_what_the_caption_says(picture):
    said = " ".join(picture.strings)
    assert "Odds ratio of gastric cancer: A vs T alleles (effect allele A, allelic model)" in said
    assert "Below 1: lower odds of gastric cancer with A" in said
    assert "Effect-allele frequency in controls: 22.8% to 51.3%." in said
    assert "26 studies." in said and "Hartung-Knapp 95% CI" in said
    assert "1.96 standard errors to each side of it, the pooled result of random effects" in said
    assert "What to look for:" in said


def test_the_one_test_is_harbords_where_heterogeneity_is_small(picture, metafor_il8):
    reference = metafor_il8["allelic"]["bias_harbord"]
    said = " ".join(picture.strings)
    p = f"p = {reference['p_value']:.4f}"
    assert f"Harbord's test of asymmetry, chosen before any p was looked at: {p}" in said


def test_strata_are_told_apart(il8_pools, picture_of, repository):
    picture = picture_of(il8_pools, "funnel", "dominant", "ethnicity")
    colours = [
        tuple(patch.get_facecolor())
        for patch in picture.figure.findobj(lambda artist: artist.get_label() == "studies")
    ]
    corners = [len(shape) for shape in picture.shapes("studies")]
    table = (repository / "tests" / "data" / "il8_zhang2015.csv").read_text()
    asians, europeans = table.count("Asian"), table.count("European")
    assert asians + europeans == 26
    assert sorted(colours.count(c) for c in set(colours)) == sorted((asians, europeans))
    assert sorted((corners.count(4), 26 - corners.count(4))) == sorted((asians, europeans))
    assert {"Asian", "European"} <= set(picture.strings)
    assert "funnel plot by ethnicity" in " ".join(picture.strings)


def test_few_studies_get_the_caution(make_pools, picture_of):
    table = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
    table += "A,SNP,50,60,20,60,55,15\nB,SNP,80,70,30,90,60,20\nC,SNP,200,260,70,280,250,60\n"
    pools = make_pools({"a.csv": table}, "outcome: disease\nloci: {SNP: {alleles: A/C}}\n")
    said = " ".join(picture_of(pools, "funnel").strings)
    assert "3 studies. Caution: fewer than 10 studies: a test cannot tell chance from" in said


def test_odds_ratios_beyond_the_axis_are_arrows(make_pools, picture_of):
    rows = ["study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"]
    rows += [f"S{i},SNP,{50 + i},60,20,60,{50 + i},15" for i in range(5)]
    rows.append("Huge,SNP,1,400,400,400,1,0")
    pools = make_pools({"a.csv": "\n".join(rows)}, "outcome: x\nloci: {SNP: {alleles: A/C}}\n")
    picture = picture_of(pools, "funnel")
    assert len(picture.shapes("studies")) == 5
    (arrow,) = picture.shapes("beyond")
    assert arrow[0, 0] == pytest.approx(picture.shapes("axis")[0][1, 0])
    assert "Arrows: 1 beyond the axis." in " ".join(picture.strings)
