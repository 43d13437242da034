"""Specification curves: what is drawn against the pooled table and closed forms."""

import numpy as np
import pytest

from genopool.diagnostics.specification import specifications
from genopool.figures.diagnostics.specification_curve import (
    Specifications,
    excludes_one,
    specifications_of,
)


@pytest.fixture(scope="module")
def il8(case_pools):
    return case_pools("il8")


def test_every_specification_is_there_in_order(il8):
    shown = specifications_of(il8, 0)
    assert sorted(zip(shown.tau2, shown.interval, strict=True)) == sorted(specifications())
    assert (np.diff(shown.estimate) >= -1e-9).all() and not shown.without
    assert (shown.low < shown.estimate).all() and (shown.estimate < shown.high).all()


def test_the_configured_one_is_the_pooled_result(case_pools, draw_kind, odds_at):
    for extra, pair in (("", ("REML", "hartung-knapp")),
                        ("pooling: {tau2: DL, interval: wald}\n", ("DL", "wald"))):  # fmt: skip
        pools = case_pools("il8", extra)
        shown, row = specifications_of(pools, 0), pools.rows[0]
        j = shown.configured
        assert (shown.tau2[j], shown.interval[j]) == pair
        limits = np.exp([shown.estimate[j], shown.low[j], shown.high[j]])
        assert limits == pytest.approx([row["or"], row["ci_low"], row["ci_high"]], rel=1e-9)
        picture = draw_kind(pools, "specification_curve")
        above, below = picture.shapes("configured")
        points = np.concatenate(
            [[s.mean(axis=0) for s in picture.shapes(f"points {n} 1")] for n in ("with", "without")
             if picture.shapes(f"points {n} 1")]
        )  # fmt: skip
        within = (points[:, 0] > above[:, 0].min()) & (points[:, 0] < above[:, 0].max())
        assert within.sum() == 1 and above[:, 0] == pytest.approx(below[:, 0])
        assert odds_at(picture, points[within][0, 1], "y") == pytest.approx(row["or"], rel=1e-6)


def test_the_equal_effects_interval_is_where_it_belongs(il8, draw_kind, odds_at):
    """sum(w y) / sum(w), and 1.96 standard errors either side."""
    y, v = (x[0] for x in il8.pair)
    w = 1 / v
    mean, se = (w * y).sum() / w.sum(), w.sum() ** -0.5
    shown = specifications_of(il8, 0)
    j = shown.tau2.index("EE")
    picture = draw_kind(il8, "specification_curve")
    intervals = picture.shapes("intervals without 1") + picture.shapes("intervals with 1")
    intervals.sort(key=lambda line: line[0, 0])
    drawn = odds_at(picture, np.sort(intervals[j][:, 1])[::-1], "y")
    expected = np.exp([mean - 1.959964 * se, mean + 1.959964 * se])
    assert drawn == pytest.approx(expected, rel=1e-6)


def test_the_matrix_marks_the_pair_of_each_column(il8, draw_kind):
    shown = specifications_of(il8, 0)
    picture = draw_kind(il8, "specification_curve")
    rows = {name: picture.box(name)[1::2].mean() for name in {*shown.tau2, *shown.interval}}
    marked = [s.mean(axis=0) for s in picture.shapes("choices")]
    columns = sorted({round(float(x), 3) for x, _ in marked})
    assert len(columns) == len(shown.tau2)
    for place, *pair in zip(columns, shown.tau2, shown.interval, strict=True):
        heights = sorted(y for x, y in marked if abs(x - place) < 0.01)
        assert heights == pytest.approx(sorted(rows[name] for name in pair), abs=1.5)


def test_those_that_exclude_one_are_counted(il8, draw_kind):
    shown = specifications_of(il8, 0)
    clear = int(((shown.low > 0) | (shown.high < 0)).sum())
    picture = draw_kind(il8, "specification_curve")
    assert len(picture.shapes("points without 1")) == clear
    assert f"{clear} of {len(shown.tau2)} intervals exclude 1" in " ".join(picture.strings)


def test_intervals_that_go_on_have_arrows(case_pools, draw_kind, odds_at):
    pools = case_pools("two")
    picture, shown = draw_kind(pools, "specification_curve"), specifications_of(pools, 0)
    (area, _) = picture.shapes("configured")
    bottom, top = odds_at(picture, [area[:, 1].max(), area[:, 1].min()], "y")
    beyond = int(
        (shown.low < np.log(bottom) - 1e-9).sum() + (shown.high > np.log(top) + 1e-9).sum()
    )
    assert len(picture.shapes("arrows")) == beyond > 0


def test_limits_near_one_are_on_the_right_side():
    low, high = np.array([0.001, -0.001, -0.3]), np.array([0.2, 0.001, -0.001])
    names, places = ["DL"] * 3, (low + high) / 2
    shown = Specifications(names, ["wald"] * 3, places, low, high, places, 0, [])
    assert excludes_one(shown).tolist() == [True, False, True]
