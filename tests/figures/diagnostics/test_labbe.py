"""L'Abbé plots: shares of the exposure, areas by precision, and the curve of the pool."""

import math

import numpy as np
import pytest

from genopool.figures.diagnostics.registry import DRAWERS

CLOSE = 1e-3  # per cent, read off an axis


def area(shape):
    x, y = shape.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


@pytest.fixture(scope="module")
def picture(il8_pools, picture_of):
    return picture_of(il8_pools, "labbe", "allelic")


@pytest.fixture(scope="module")
def table(metafor_il8):
    """Counts of the other allele, as metafor has them: shares of ours are the rest."""
    table = metafor_il8["allelic"]["table"]
    names = ("case_unexposed", "case_exposed", "control_unexposed", "control_exposed")
    return np.array([table[name] for name in names], dtype=float)


def test_marks_are_shares_of_cases_and_controls(picture, table):
    a, b, c, d = table
    xs, ys = picture.centres("studies").T
    controls, cases = picture.scale("axis")(xs), picture.scale("y axis")(ys)
    order, ours = np.argsort(a / (a + b)), np.argsort(cases)
    assert cases[ours] == pytest.approx(100 * (a / (a + b))[order], abs=CLOSE)
    assert controls[ours] == pytest.approx(100 * (c / (c + d))[order], abs=CLOSE)


def test_areas_are_in_proportion_to_precision(picture, table):
    precision = 1 / (1 / table).sum(axis=0)
    areas = np.sort([area(shape) for shape in picture.shapes("studies")])
    largest = areas.max() / precision.max()
    assert areas == pytest.approx(np.sort(largest * precision), rel=1e-6)


def test_the_curve_is_the_pooled_odds_ratio_and_the_diagonal_is_one(picture, metafor_il8):
    pooled = next(
        -row["estimate"]
        for row in metafor_il8["allelic"]["inverse_variance"]
        if (row["method"], row["test"]) == ("REML", "knha")
    )
    for name, log_or in (("pooled", pooled), ("no effect", 0.0)):
        (curve,) = picture.shapes(name)
        x, y = picture.scale("axis")(curve[:, 0]) / 100, picture.scale("y axis")(curve[:, 1]) / 100
        # at the edges of the area a straight piece of the curve is cut, a little off the curve
        assert np.log(y / (1 - y) / (x / (1 - x))) == pytest.approx(
            np.full(len(x), log_or), abs=1e-3
        )


def test_both_axes_have_the_same_limits(picture):
    across, up = picture.scale("axis"), picture.scale("y axis")
    (line, *_), (upright, *_) = picture.shapes("axis"), picture.shapes("y axis")
    assert across(line[:, 0]) == pytest.approx(up(upright[::-1, 1]), abs=0.05)
    assert line[1, 0] - line[0, 0] == pytest.approx(upright[1, 1] - upright[0, 1])


def test_reported_estimates_are_not_shown(make_pools, picture_of):
    rows = "\n".join(f"S{i},SNP,{50 + 9 * i},60,20,60,{55 + 7 * i},15" for i in range(3))
    counts = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n" + rows
    estimate = (
        "study,locus,effect_allele,other_allele,model,measure,estimate,ci_low,ci_high\n"
        "R,SNP,C,A,dominant,OR,1.3,1.0,1.7\n"
    )
    config = "outcome: disease\nmodels: [dominant]\nloci: {SNP: {alleles: A/C}}\n"
    pools = make_pools({"a.csv": counts, "b.csv": estimate}, config)
    picture = picture_of(pools, "labbe")
    assert len(picture.shapes("studies")) == 3
    said = " ".join(picture.strings)
    assert "4 studies." in said and "Not shown: 1 without counts." in said
    one = "\n".join(counts.splitlines()[:2])
    estimates = estimate + "Q,SNP,C,A,dominant,OR,1.1,0.8,1.6\n"
    pools = make_pools({"a.csv": one, "b.csv": estimates}, config)
    assert "fewer than three studies give the counts" in DRAWERS["labbe"].why_not(pools, 0)
    assert DRAWERS["funnel"].why_not(pools, 0) == ""


def test_what_the_caption_says(picture, il8_pools, picture_of):
    said = " ".join(picture.strings)
    assert "A vs T alleles (effect allele A, allelic model)" in said
    assert "22.8% to 51.3%" in said and "shares of alleles" in said and "What to look for" in said
    assert "Alleles that are A in cases, %" in picture.strings
    dominant = picture_of(il8_pools, "labbe", "dominant", "ethnicity")
    assert "People with TA + AA in controls, %" in dominant.strings
    assert {"Asian", "European"} <= set(dominant.strings)
    assert not math.isnan(picture.centres("studies").sum())
