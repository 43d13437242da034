"""Bubble plots: places, areas and lines of meta-regressions against closed forms."""

import math

import numpy as np
import pytest

from genopool.figures.diagnostics.bubble import bubbles
from genopool.figures.diagnostics.registry import DRAWERS

CLOSE = 1e-4
CONFIG = "outcome: disease\nmodels: [dominant]\nloci: {SNP: {alleles: A/C}}\n"
HEADER = "study,locus,year,latitude,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"


def table(rows):
    return "\n".join([HEADER, *(",".join(map(str, row)) for row in rows)])


def simulated(number, slope=0.05):
    """Studies whose log odds ratio grows by `slope` a year."""
    rng = np.random.default_rng(7)
    rows = []
    for i in range(number):
        people, p = int(rng.integers(150, 2000)), rng.uniform(0.2, 0.5)
        odds = (1 - (1 - p) ** 2) / (1 - p) ** 2 * np.exp(slope * (i - number / 2))
        carriers = odds / (1 + odds)
        groups = [
            rng.multinomial(people, [1 - f, 0.7 * f, 0.3 * f]) for f in (carriers, 1 - (1 - p) ** 2)
        ]
        rows.append([f"S{i}", "SNP", 1990 + i, 10 * i - 40, *groups[0], *groups[1]])
    return rows


def area(shape):
    x, y = shape.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


@pytest.fixture(scope="module")
def rows():
    return simulated(14)


@pytest.fixture
def pools(rows, make_pools):
    return make_pools({"a.csv": table(rows)}, CONFIG + "moderators: [latitude]\n")


def naive(rows):
    counts = np.array([row[4:] for row in rows], dtype=float)
    a, b = counts[:, 1] + counts[:, 2], counts[:, 0]
    c, d = counts[:, 4] + counts[:, 5], counts[:, 3]
    return np.log(a * d / b / c), 1 / a + 1 / b + 1 / c + 1 / d, counts


def test_panels_marks_areas_and_lines(pools, picture_of, rows):
    picture = picture_of(pools, "bubble")
    log_or, variance, counts = naive(rows)
    frequency = (counts[:, 4] / 2 + counts[:, 5]) / counts[:, 3:].sum(axis=1)
    numbers = {
        "Year of the study": np.array([row[2] for row in rows]),
        "How common C is": frequency,
        "Number of people": np.log2(counts.sum(axis=1)),
        "Latitude": np.array([row[3] for row in rows]),
    }
    headings = [s for s in picture.strings if s in numbers]
    assert headings == list(numbers)
    found, why = bubbles(pools, 0)
    assert why == [] and len(found) == 4
    shapes = picture.shapes("studies")
    assert len(shapes) == 4 * len(rows)
    for panel, (heading, values) in enumerate(numbers.items()):
        own = shapes[panel * len(rows) : (panel + 1) * len(rows)]
        transform = np.log2 if heading == "Number of people" else float
        across = picture.scale("axis", panel, transform)
        up = picture.scale("y axis", panel, np.log)
        places = np.array([shape.mean(axis=0) for shape in own])
        xs, ys = across(places[:, 0]), up(places[:, 1])
        order, ours = np.argsort(log_or), np.argsort(ys)
        assert ys[ours] == pytest.approx(log_or[order], abs=CLOSE)
        assert xs[ours] == pytest.approx(values[order], rel=CLOSE, abs=CLOSE)
        # weighted least squares with the tau² that was found
        tau2 = float(found[panel].fit.tau2)
        weights = 1 / (variance + tau2)
        sizes = np.array([area(shape) for shape in own])[ours]
        shares = weights[order] / weights.max()
        large = shares > 0.1  # the smallest have a least size
        assert sizes[large] / sizes.max() == pytest.approx(shares[large], rel=1e-6)
        slope, start = np.polyfit(values, log_or, 1, w=np.sqrt(weights))
        line = picture.shapes("regression")[panel]
        at = across(line[:, 0])
        assert up(line[:, 1]) == pytest.approx(start + slope * at, abs=10 * CLOSE)
        (band,) = picture.shapes("band")[panel : panel + 1]
        assert band[:, 0].min() == pytest.approx(line[:, 0].min())


def test_the_slope_is_said_with_its_p_values(pools, picture_of, rows):
    said = " ".join(picture_of(pools, "bubble").strings)
    fit = next(one.fit for one in bubbles(pools, 0)[0] if one.moderator.name == "year")
    # planted: 5% a year
    assert float(fit.ci_low[1]) < 0.05 < float(fit.ci_high[1])
    assert f"14 studies; slope {math.exp(float(fit.coefficients[1])):.2f} [" in said
    assert "per year; p < 0.0001, by permutation p = 0.00" in said
    assert "AC + CC vs AA (effect allele C, dominant model)" in said
    assert "14 studies. Meta-regression" in said and "What to look for" in said
    assert "Caution. Control frequency: the same controls give the frequency" in said


def test_few_studies_get_the_caution(make_pools, picture_of):
    pools = make_pools({"a.csv": table(simulated(4))}, CONFIG)
    said = " ".join(picture_of(pools, "bubble").strings)
    assert "fewer than ten studies per moderator: can only suggest" in said
    assert said.count("can only suggest") == 1


def test_numbers_that_do_not_differ_have_no_panel(make_pools, picture_of):
    rows = simulated(5)
    for row in rows:
        row[2] = 2001
    pools = make_pools({"a.csv": table(rows)}, CONFIG)
    picture = picture_of(pools, "bubble")
    assert "Year of the study" not in picture.strings
    assert "Not shown: all studies have the same year (2001)." in " ".join(picture.strings)


def test_without_any_number_there_is_a_reason(make_pools):
    row = simulated(1)[0]
    rows = [[f"S{i}", *row[1:]] for i in range(4)]
    pools = make_pools({"a.csv": table(rows)}, CONFIG)
    why = DRAWERS["bubble"].why_not(pools, 0)
    assert why.startswith("no number to regress on: all studies have the same year (1990)")
    assert "the same people" in why
    pools = make_pools({"a.csv": table(simulated(2))}, CONFIG)
    assert DRAWERS["bubble"].why_not(pools, 0) == "fewer than three studies"


@pytest.mark.parametrize(
    ("people", "labels"),
    [
        ((100, 900, 5000), {"100", "200", "500", "1000", "2000", "5000"}),
        ((600, 700, 900), {"600", "700", "800", "900"}),
    ],
)
def test_people_have_round_ticks(make_pools, picture_of, people, labels):
    rows = [
        [f"S{i}", "SNP", 1990, 1, *(n // 8, n // 4, n // 8), *(n // 8 + i, n // 4 - i, n // 8)]
        for i, n in enumerate(people)
    ]
    pools = make_pools({"a.csv": table(rows)}, CONFIG)
    strings = set(picture_of(pools, "bubble").strings)
    assert labels & strings and len(labels & strings) >= 2
