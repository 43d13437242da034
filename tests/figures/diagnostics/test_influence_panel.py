"""Influence panels: places against closed forms, limits against metafor's rules."""

import numpy as np
import pytest

from genopool.diagnostics.influence import influence
from genopool.figures.diagnostics.influence_panel import measures
from genopool.pooling.inverse_variance import pool


@pytest.fixture(scope="module")
def il8(case_pools):
    return case_pools("il8", "pooling: {tau2: EE}\n")


def column(picture, number, k):
    """Centres of the marks of a column, top to bottom."""
    shapes = picture.shapes("points") + picture.shapes("influential")
    centres = sorted((tuple(shape.mean(axis=0)) for shape in shapes), key=lambda c: c[0])
    return np.array(sorted(centres[number * k : (number + 1) * k], key=lambda c: c[1]))


def test_hat_values_are_shares_of_the_weights(il8, draw_kind):
    """Under equal effects 1/v over its sum; the solid line is at 1/k, the dashed one at 3/k."""
    picture = draw_kind(il8, "influence_panel")
    v = np.sort(il8.pair[1][0])
    share = (1 / v) / (1 / v).sum()
    x = column(picture, 5, 26)[:, 0]
    middle, limit = picture.shapes("middle")[5][0, 0], picture.shapes("limits")[-1][0, 0]
    drawn = 1 / 26 + (x - middle) / (limit - middle) * 2 / 26
    assert drawn == pytest.approx(share, abs=1e-9)
    weights = [f"{100 * s:.1f}%" for s in share]
    right = [s for s, b in zip(picture.strings, picture.boxes, strict=True) if b[2] > 0.97 * x.max()
             and s in weights]  # fmt: skip
    assert right == weights


def test_residuals_stand_at_their_closed_form(il8, draw_kind):
    picture = draw_kind(il8, "influence_panel")
    order = np.argsort(il8.pair[1][0], kind="stable")
    y, v = (x[0][order] for x in il8.pair)
    w = 1 / v
    others = ((w * y).sum() - w * y) / (w.sum() - w)
    expected = (y - others) / np.sqrt(v + 1 / (w.sum() - w))
    zero = picture.shapes("middle")[0][0, 0]
    upper = max(line[0, 0] for line in picture.shapes("limits")[:2])
    drawn = (column(picture, 0, 26)[:, 0] - zero) / (upper - zero) * 1.959963984540054
    assert drawn == pytest.approx(expected, abs=1e-9)


def test_marks_stand_beside_the_names(il8, draw_kind):
    picture = draw_kind(il8, "influence_panel")
    order = np.argsort(il8.pair[1][0], kind="stable")
    names = [il8.labels(0)[j] for j in order]
    heights = [picture.box(name)[1::2].mean() for name in names]
    for number in range(6):
        assert column(picture, number, 26)[:, 1] == pytest.approx(heights, abs=1.5)


def test_limits_are_those_of_metafor():
    """metafor's plot of `influence`, for one coefficient: qnorm(0.975), 3 sqrt(p / (k - p)),
    qchisq(0.5, p), 3 p / k."""
    rng = np.random.default_rng(5)
    y, v = rng.normal(size=17), rng.uniform(0.05, 0.3, 17)
    whole = pool(y, v, tau2="REML", interval="wald")
    columns = {m.title: m for m in measures(influence(y, v), float(whole.tau2), float(whole.q))}
    assert columns["Studentised residual"].limits == pytest.approx((-1.959964, 1.959964))
    assert columns["DFFITS"].limits == pytest.approx((-0.75, 0.75))
    assert columns["Cook's distance"].limits == pytest.approx((0.4549364,))
    assert columns["Hat value"].limits == pytest.approx((3 / 17,))
    assert columns["Hat value"].middle == pytest.approx(1 / 17)
    assert (
        columns["τ² without it"].middle == whole.tau2 and columns["Q without it"].middle == whole.q
    )


def test_equal_effects_have_no_column_of_tau2(il8, draw_kind, case_pools):
    assert "τ² without it" not in draw_kind(il8, "influence_panel").strings
    assert "τ² without it" in draw_kind(case_pools("il8"), "influence_panel").strings


def test_a_planted_outlier_is_marked(case_pools, draw_kind):
    rows = [[f"S{j}", "IL8", 2000 + j, 100 + j, 100, 0, 100, 100 + j, 0] for j in range(9)]
    rows.append(["Odd", "IL8", 2020, 300, 1200, 0, 750, 750, 0])
    picture = draw_kind(case_pools("", rows=rows), "influence_panel")
    (band,) = picture.shapes("influential rows")
    assert band[:, 1].min() < picture.box("Odd")[1::2].mean() < band[:, 1].max()
    assert "here Odd. Look whether the conclusion holds without." in " ".join(picture.strings)
    assert len(picture.shapes("influential")) == 7
    none = " ".join(draw_kind(case_pools("il8"), "influence_panel").strings)
    assert "here none is" in none
