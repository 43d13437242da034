"""GOSH figures: the density and the marks against naive pools of subsets."""

from itertools import combinations

import numpy as np
import pytest

from genopool.figures.diagnostics.gosh import cells, density

PER_CENT = 100.0


def naive(y, v, chosen):
    """Equal-effects pool and I² of some studies."""
    w = 1 / v[list(chosen)]
    mean = (w * y[list(chosen)]).sum() / w.sum()
    q = (w * (y[list(chosen)] - mean) ** 2).sum()
    return mean, max(0.0, (q - (len(chosen) - 1)) / q) * PER_CENT


@pytest.fixture(scope="module")
def values(at_ticks, odds_at):
    """Log odds ratios and I² of places, from where the tick marks stand."""

    def find(picture, shape):
        share = at_ticks(picture, "y")
        x, y = np.asarray(shape).mean(axis=0)
        i2 = (share["0%"] - y) / (share["0%"] - share["100%"]) * PER_CENT
        return float(np.log(odds_at(picture, x))), i2

    return find


def test_few_subsets_are_dots_where_they_belong(case_pools, draw_kind, values):
    pools = case_pools("three")
    picture = draw_kind(pools, "gosh")
    y, v = (x[0] for x in pools.pair)
    drawn = [values(picture, s) for n in ("with", "without") for s in picture.shapes(f"dots {n}")]
    subsets = [s for size in (2, 3) for s in combinations(range(3), size)]
    expected = [naive(y, v, chosen) for chosen in subsets]
    assert len(drawn) == 4
    for pair in expected:
        assert min(np.abs(np.subtract(pair, other)).max() for other in drawn) < 1e-6
    (whole,) = picture.shapes("all studies")
    assert values(picture, whole) == pytest.approx(naive(y, v, (0, 1, 2)), abs=1e-6)


def test_every_subset_is_counted_once(case_pools, draw_kind):
    """Cells of the drawn density hold exactly the subsets that a naive count puts there."""
    pools = case_pools("long names")
    y, v = (x[0] for x in pools.pair)
    found = np.array(
        [naive(y, v, s) for size in range(2, 13) for s in combinations(range(12), size)]
    )
    limits = (-0.8, 0.6)
    counted = density(found[:, 0], found[:, 1], limits)
    inside = (found[:, 0] >= limits[0]) & (found[:, 0] <= limits[1])
    assert counted.count.sum() == inside.sum() and len(found) == 2**12 - 13
    boxes = [(level, *box) for level, some in enumerate(cells(counted), 1) for box in some]
    for level, x0, y0, x1, y1 in boxes:
        columns = (counted.x_edges[:-1] >= x0 - 1e-9) & (counted.x_edges[1:] <= x1 + 1e-9)
        rows = (counted.y_edges[:-1] >= y0 - 1e-9) & (counted.y_edges[1:] <= y1 + 1e-9)
        assert (counted.level[np.ix_(columns, rows)] == level).all() and rows.sum() == 1
    covered = sum(
        round((x1 - x0) / (counted.x_edges[1] - counted.x_edges[0])) for _, x0, _, x1, _ in boxes
    )
    assert covered == (counted.count > 0).sum()
    assert (counted.level[counted.count == counted.count.max()] == 6).all()
    text = " ".join(draw_kind(pools, "gosh").strings)
    assert "12 studies. All 4,083 subsets of two or more of them" in text


def test_histograms_hold_the_same_subsets(case_pools, draw_kind):
    picture = draw_kind(case_pools("long names"), "gosh")
    for number in (0, 1):
        # Of log odds ratios above, of I² at the right: places along, and heights from the base.
        (every,) = (picture.shapes(f"histogram {n}")[number] for n in ("all subsets",))
        parts = [picture.shapes(f"histogram {n}")[number] for n in ("with", "without")]
        beyond = 1 - number
        base = every[0, beyond]
        heights = [np.abs(part[1:-1:2, beyond] - base) for part in (every, *parts)]
        assert heights[1] + heights[2] == pytest.approx(heights[0], abs=1e-6)
        assert heights[0].max() > 10


def outlier(k=12):
    """Studies of odds ratio 1, and a large one of 4."""
    rows = [[f"S{j}", "IL8", 2000 + j, 100 + j, 100, 0, 100, 100 + j, 0] for j in range(k - 1)]
    return [*rows, ["Odd", "IL8", 2020, 300, 1200, 0, 750, 750, 0]]


def test_a_planted_outlier_is_named_and_splits_the_cloud(case_pools, draw_kind):
    picture = draw_kind(case_pools("", rows=outlier()), "gosh")
    text = " ".join(picture.strings)
    assert "Odd has the largest Cook's distance" in text and "With Odd" in picture.strings
    inside, without = (picture.shapes(f"histogram {n}")[0] for n in ("with", "without"))
    where = [
        np.average(s[1:-1:2, 0], weights=np.abs(s[1:-1:2, 1] - s[0, 1])) for s in (inside, without)
    ]
    assert where[0] > where[1] + 50


def test_beyond_fifteen_studies_subsets_are_sampled(case_pools, draw_kind):
    text = " ".join(draw_kind(case_pools("il8"), "gosh").strings)
    assert "26 studies. 32,768 subsets" in text and "at random with a fixed seed" in text
