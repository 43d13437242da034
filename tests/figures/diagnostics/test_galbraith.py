"""Galbraith plots: z over precision, the line of the pool, and the axis of odds ratios."""

import numpy as np
import pytest

CLOSE = 1e-4  # of values read off an axis


@pytest.fixture(scope="module")
def picture(il8_pools, picture_of):
    return picture_of(il8_pools, "galbraith", "recessive")  # metafor's dominant


@pytest.fixture(scope="module")
def reference(metafor_il8):
    case = metafor_il8["dominant"]
    pooled = next(
        -row["estimate"]
        for row in case["inverse_variance"]
        if (row["method"], row["test"]) == ("REML", "knha")
    )
    return -np.array(case["log_or"]), np.sqrt(case["variance"]), pooled


def test_marks_are_z_against_precision(picture, reference):
    log_or, se, _ = reference
    xs, ys = picture.centres("studies").T
    precision, z = picture.scale("axis")(xs), picture.scale("y axis")(ys)
    order, ours = np.lexsort((log_or, 1 / se)), np.lexsort((z, precision))
    assert precision[ours] == pytest.approx((1 / se)[order], rel=CLOSE)
    assert z[ours] == pytest.approx((log_or / se)[order], abs=10 * CLOSE)


def test_the_line_and_its_band(picture, reference):
    *_, pooled = reference
    across, up = picture.scale("axis"), picture.scale("y axis")
    (line,) = picture.shapes("pooled")
    xs, ys = across(line[:, 0]), up(line[:, 1])
    assert xs[0] == pytest.approx(0, abs=CLOSE)
    assert np.diff(ys) / np.diff(xs) == pytest.approx(pooled, abs=CLOSE)
    (band,) = picture.shapes("band")
    away = up(band[:, 1]) - pooled * across(band[:, 0])
    assert abs(away) == pytest.approx(np.full(len(away), 2.0), abs=10 * CLOSE)


def test_the_right_hand_axis_gives_odds_ratios(picture, reference):
    """A line from the origin through a mark meets it at the study's odds ratio."""
    across, up = picture.scale("axis"), picture.scale("y axis")
    odds = picture.scale("right axis", transform=np.log)
    end = picture.shapes("right axis")[0][0, 0]
    for place in picture.shapes("right axis")[0][:, 1]:
        assert odds(place) == pytest.approx(up(place) / across(end), abs=CLOSE)


def test_those_outside_are_counted_and_named(picture, reference, metafor_il8):
    log_or, se, pooled = reference
    outside = abs(log_or - pooled) > 2 * se
    said = " ".join(picture.strings)
    assert f"here {outside.sum()} of 26 lie outside" in said
    studies = np.array(metafor_il8["dominant"]["table"]["study"])
    named = set(studies) & set(picture.strings)
    assert named and named <= set(studies[outside])


def test_what_the_caption_says(picture):
    said = " ".join(picture.strings)
    assert "AA vs TT + TA (effect allele A, recessive model)" in said
    assert "Below 1: lower odds of gastric cancer with AA" in said
    assert "22.8% to 51.3%" in said and "26 studies." in said and "What to look for" in said
