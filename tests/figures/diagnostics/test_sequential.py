"""Sequential monitoring: the line and its boundaries against their definitions."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from genopool.diagnostics.tables.credibility import credibility_rows
from genopool.figures.diagnostics.registry import DRAWERS

NORMAL = NormalDist()


def values(picture, shape):
    """Shares of the information and z, from the lines that mark 1, 0 and 1.96."""
    zero = picture.shapes("no effect")[0]
    upper = picture.shapes("conventional")[0][0, 1]
    one = picture.shapes("required")[0][0, 0]
    share = (shape[:, 0] - zero[0, 0]) / (one - zero[0, 0])
    return share, (zero[0, 1] - shape[:, 1]) / (zero[0, 1] - upper) * NORMAL.inv_cdf(0.975)


@pytest.fixture(scope="module")
def il8(case_pools):
    return case_pools("il8", "pooling: {tau2: EE}\n")


def test_the_line_is_the_cumulative_z_over_the_information(il8, draw_kind):
    """Equal effects: z = sum(w y) / sqrt(sum(w)), and the information needed has a closed form."""
    picture = draw_kind(il8, "sequential")
    y, v = (x[0] for x in il8.pair)
    years, labels = il8.years(0), il8.labels(0)
    order = sorted(range(26), key=lambda j: (years[j], labels[j]))
    w = 1 / v[order]
    needed = ((NORMAL.inv_cdf(0.975) + NORMAL.inv_cdf(0.8)) / math.log(1.2)) ** 2
    share, z = values(picture, picture.shapes("z")[0])
    assert share == pytest.approx(np.cumsum(w) / needed, rel=1e-6)
    assert z == pytest.approx(np.cumsum(w * y[order]) / np.sqrt(np.cumsum(w)), abs=1e-6)
    last = values(picture, picture.shapes("last look")[0].mean(axis=0, keepdims=True))
    assert np.ravel(last) == pytest.approx([share[-1], z[-1]], abs=1e-6)


def test_the_first_boundary_spends_its_alpha_at_once(case_pools, draw_kind):
    """Lan and DeMets: 4 (1 - Phi(z_(alpha/4) / sqrt(t))), half of it on either side."""
    rows = [["First", "IL8", 2000, 300, 400, 200, 300, 420, 190]]
    rows += [["Second", "IL8", 2001, 300, 400, 200, 310, 400, 200]]
    picture = draw_kind(case_pools("", "pooling: {tau2: EE}\n", rows), "sequential")
    upper, lower = picture.shapes("boundary")
    share, z = values(picture, upper)
    each = 2 * (1 - NORMAL.cdf(NORMAL.inv_cdf(1 - 0.05 / 4) / math.sqrt(share[0])))
    assert z[0] == pytest.approx(NORMAL.inv_cdf(1 - each), abs=1e-5)
    assert values(picture, lower)[1] == pytest.approx(-z, abs=1e-9)


def test_the_boundary_ahead_ends_at_the_required_information(case_pools, draw_kind):
    """rpact 3.3.4, asOF at 1/3, 2/3 and 1: 3.710, 2.511, 1.993; more looks, a little higher."""
    picture = draw_kind(case_pools("three"), "sequential")
    for sign, line in zip((1, -1), picture.shapes("boundary ahead"), strict=True):
        share, z = values(picture, line)
        assert share[-1] == pytest.approx(1, abs=1e-9) and (np.diff(sign * z) < 0).all()
        assert 1.993 < sign * z[-1] < 2.15


def test_it_agrees_with_the_table(case_pools, draw_kind):
    pools = case_pools("il8")
    rows = {row["quantity"]: row["value"] for row in credibility_rows(pools)}
    picture = draw_kind(pools, "sequential")
    _, z = values(picture, picture.shapes("z")[0])
    assert z[-1] == pytest.approx(rows["sequential_z"], abs=1e-6)
    _, boundary = values(picture, picture.shapes("boundary")[0])
    assert boundary[-1] == pytest.approx(rows["sequential_boundary"], abs=1e-6)
    text = " ".join(picture.strings)
    assert ("crosses no boundary" in text) == (not rows["sequential_crossed"])
    assert "26 studies. They come in by year, 2000 to 2012" in text and "odds ratio of 1.2" in text


def planted(odds, studies, people=4000):
    """Studies that all have exactly this odds ratio, and a frequency of a half."""
    exposed = odds / (1 + odds)
    counts = (people * (1 - exposed), people * exposed, 0, people / 2, people / 2, 0)
    return [[f"S{j}", "IL8", 2000 + j, *map(round, counts)] for j in range(studies)]


def test_a_planted_effect_crosses_and_none_does_not(case_pools, draw_kind):
    found = draw_kind(case_pools("", rows=planted(1.5, 6)), "sequential")
    text = " ".join(found.strings)
    assert "first crosses a boundary with S" in text
    assert "The required information has been reached" in text
    assert not found.shapes("boundary ahead") and "Boundary ahead" not in found.strings
    assert "back within" not in text
    null = draw_kind(case_pools("", rows=planted(1.0, 6, 200)), "sequential")
    text = " ".join(null.strings)
    assert "crosses no boundary. " in text and "may still be there" in text


def test_a_result_that_does_not_last_is_said_not_to(case_pools, draw_kind):
    """Two studies of odds ratio 2, then four that take it back before the information is in."""
    later = [[f"T{row[0]}", "IL8", row[2] + 10, *row[3:]] for row in planted(0.7, 4, 250)]
    pools = case_pools("", "pooling: {tau2: EE}\n", [*planted(2.0, 2, 250), *later])
    text = " ".join(draw_kind(pools, "sequential").strings)
    assert "first crosses a boundary with S1" in text and "it is back within" in text


def test_without_years_there_is_a_reason(case_pools):
    rows = [["A", "IL8", "", 40, 50, 10, 30, 60, 20], ["B", "IL8", 2001, 40, 50, 10, 30, 60, 20]]
    assert "year" in DRAWERS["sequential"].why_not(case_pools("", rows=rows), 0)


def test_what_comes_after_the_required_information_is_held_against_its_boundary(
    case_pools, draw_kind
):
    """Two large studies that find nothing, then six that find much: as the table has it."""
    later = [[f"T{row[0]}", "IL8", row[2] + 10, *row[3:]] for row in planted(1.5, 6)]
    pools = case_pools("", "pooling: {tau2: EE}\n", [*planted(1.0, 2), *later])
    rows = {row["quantity"]: row["value"] for row in credibility_rows(pools)}
    assert rows["sequential_crossed"] == 1
    text = " ".join(draw_kind(pools, "sequential").strings)
    assert "crosses no boundary as long as there is one, though it has passed 1.96." in text
    boundary = f"±{rows['sequential_boundary']:.2f}"
    assert f"is beyond the boundary of that look, {boundary}." in text
