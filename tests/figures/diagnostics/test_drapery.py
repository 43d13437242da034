"""Drapery plots: curves against p-values by their definition and against the pooled table."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from genopool.figures.diagnostics.drapery import height

NORMAL = NormalDist()
#: Curves are drawn through some 300 points; between them they are straight.
GRID = 2e-3


def test_heights_are_normal_deviates():
    assert height(1) == 0 and height(0) == -math.inf
    assert height([0.05, 0.01]) == pytest.approx([-1.959963984540054, -2.5758293035489])


@pytest.fixture(scope="module")
def crossings(at_ticks, odds_at):
    """Odds ratios at which the lines of a name cross a p-value."""

    def find(picture, name, p):
        ticks = at_ticks(picture, "y")
        step = (ticks["0.05"] - ticks["1"]) / NORMAL.inv_cdf(0.025)
        wanted = ticks["1"] + step * NORMAL.inv_cdf(p / 2)
        found = []
        for line in picture.shapes(name):
            x, y = line.T
            for j in np.flatnonzero((y[:-1] - wanted) * (y[1:] - wanted) < 0):
                share = (wanted - y[j]) / (y[j + 1] - y[j])
                found.append(float(odds_at(picture, x[j] + share * (x[j + 1] - x[j]))))
        return sorted(found)

    return find


@pytest.fixture(scope="module")
def il8(case_pools):
    return case_pools("il8")


def test_the_pool_ends_at_its_interval(il8, draw_kind, crossings, at_ticks, odds_at):
    """At p = 0.05 the thick curve is at the limits that pooled.tsv has."""
    row = il8.rows[0]
    picture = draw_kind(il8, "drapery")
    expected = [row["ci_low"], row["ci_high"]]
    assert crossings(picture, "pool", 0.05) == pytest.approx(expected, abs=GRID)
    peaks = [line[line[:, 1].argmin()] for line in picture.shapes("pool")]
    for x, y in peaks:
        assert y == pytest.approx(at_ticks(picture, "y")["1"], abs=1e-6)
        assert odds_at(picture, x) == pytest.approx(row["or"], rel=1e-6)


def test_the_shade_ends_at_the_prediction_interval(il8, draw_kind, crossings):
    picture = draw_kind(il8, "drapery")
    found = crossings(picture, "prediction", 0.05)
    expected = [il8.rows[0]["pi_low"], il8.rows[0]["pi_high"]]
    assert found == pytest.approx(expected, abs=GRID)


def test_a_study_is_a_tent_of_its_normal_p(il8, draw_kind, crossings, odds_at):
    picture = draw_kind(il8, "drapery")
    y, v = (x[0] for x in il8.pair)
    ends = odds_at(picture, picture.shapes("lines")[0][:, 0])
    for p in (0.05, 0.2):
        reach = NORMAL.inv_cdf(1 - p / 2) * np.sqrt(v)
        expected = np.exp(np.sort(np.concatenate([y - reach, y + reach])))
        expected = expected[(expected > ends.min()) & (expected < ends.max())]
        assert len(expected) > 40
        assert crossings(picture, "studies", p) == pytest.approx(expected, rel=1e-6)


def test_an_interval_without_a_curve_is_said(case_pools, draw_kind):
    pools = case_pools("three", "pooling: {tau2: DL, interval: henmi-copas}\n")
    text = " ".join(draw_kind(pools, "drapery").strings)
    assert "Hartung-Knapp 95% CI" in text and "Henmi-Copas 95% CI that is configured" in text


def test_equal_effects_have_no_prediction(case_pools, draw_kind):
    picture = draw_kind(case_pools("three", "pooling: {tau2: EE}\n"), "drapery")
    assert "New study's true effect" not in picture.strings and not picture.shapes("prediction")


def test_a_prediction_without_a_curve_is_said(case_pools, draw_kind):
    pools = case_pools("three", "pooling: {prediction: nagashima}\n")
    text = " ".join(draw_kind(pools, "drapery").strings)
    assert "the usual one, since nagashima's has no curve" in text
