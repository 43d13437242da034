"""de Finetti diagrams: places against barycentric coordinates and the chi-square formula."""

import csv

import numpy as np
import pytest

from genopool.figures.diagnostics.ternary import accepted, controls_of, corners_of, equilibrium

#: Upper 5% point of chi² on 1 df, R: qchisq(0.95, 1).
CRITICAL = 3.841458820694124


def chi_square(n0, n1, n2):
    n = n0 + n1 + n2
    p = (n1 / 2 + n2) / n
    expected = n * np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])
    return float((((n0, n1, n2) - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("people", [12, 250, 40_000])
def test_the_band_ends_where_the_chi_square_test_rejects(people):
    p = np.array([0.1, 0.35, 0.5, 0.8])
    for heterozygotes, inside in zip(accepted(p, people), (1, -1), strict=True):
        for q, h in zip(p, heterozygotes, strict=True):
            if not np.isclose(h, 2 * min(q, 1 - q)) and h > 0:
                counts = people * np.array([1 - q - h / 2, h, q - h / 2])
                assert chi_square(*counts) == pytest.approx(CRITICAL, rel=1e-9)
                nearer = h + inside * 0.01 * people**-0.5
                counts = people * np.array([1 - q - nearer / 2, nearer, q - nearer / 2])
                assert chi_square(*counts) < CRITICAL


def test_the_band_stays_within_the_triangle():
    p = np.linspace(0, 1, 51)
    low, high = accepted(p, 3)
    assert (low == 0).all() and (high <= 2 * np.minimum(p, 1 - p) + 1e-12).all()


@pytest.fixture(scope="module")
def il8(case_pools):
    return case_pools("il8")


def test_points_are_weighted_means_of_the_corners(il8, draw_kind, repository):
    picture = draw_kind(il8, "ternary")
    none, one, two = picture.shapes("triangle")[0][:3]
    with open(repository / "tests" / "data" / "il8_zhang2015.csv", encoding="utf-8") as file:
        counts = [
            [float(row[f"controls_{g}"]) for g in ("AA", "AT", "TT")]
            for row in csv.DictReader(file)
        ]
    expected = [(np.array([none, one, two]).T @ c) / sum(c) for c in counts]
    drawn = [s.mean(axis=0) for name in ("points", "departing") for s in picture.shapes(name)]
    assert len(drawn) == 26
    for place in expected:
        assert np.abs(np.array(drawn) - place).max(axis=1).min() < 1e-6


def test_the_curve_is_the_parabola(il8, draw_kind):
    picture = draw_kind(il8, "ternary")
    left, top, right = picture.shapes("triangle")[0][:3]
    (curve,) = picture.shapes("equilibrium")
    p = (curve[:, 0] - left[0]) / (right[0] - left[0])
    height = (left[1] - curve[:, 1]) / (left[1] - top[1])
    assert height == pytest.approx(2 * p * (1 - p), abs=1e-9) and p[[0, -1]] == pytest.approx(
        [0, 1]
    )
    assert equilibrium(0.5) == 0.5
    side = right[0] - left[0]
    assert np.hypot(*(top - left)) == pytest.approx(side) == np.hypot(*(right - top))


def test_those_that_depart_are_named_with_their_p(il8, draw_kind):
    picture = draw_kind(il8, "ternary")
    text = " ".join(picture.strings)
    controls = controls_of(il8, "T")
    departs = [
        label
        for label, n, f, h in zip(
            controls.labels, controls.people, controls.frequency, controls.heterozygotes,
            strict=True,
        )
        if chi_square(n * (1 - f - h / 2), n * h, n * (f - h / 2)) > CRITICAL
    ]  # fmt: skip
    assert departs == ["Zeng"] and "Zeng" in picture.strings
    assert len(picture.shapes("departing")) == 1
    # Zeng: 39, 114, 43 controls, chi² = 5.2556, and erfc(sqrt(chi² / 2)) = 0.02188.
    assert "Zeng (p = 0.0219, too many)" in text and "1.3 of 26 would do so by chance" in text


def test_a_sample_without_heterozygotes_is_at_the_base(case_pools, draw_kind):
    pools = case_pools("extreme")
    picture = draw_kind(pools, "ternary")
    bottom = picture.shapes("triangle")[0][0, 1]
    heights = [bottom - s[:, 1].mean() for s in picture.shapes("departing")]
    assert min(heights) == pytest.approx(0, abs=1e-6)
    assert "too few" in " ".join(picture.strings)


HEADER = "study,locus,control_group,genotype,cases,controls\n"


def test_repeats_are_collapsed_and_shared_controls_drawn_once(make_pools, draw_kind):
    config = "outcome: disease\nmodels: [dominant]\n"
    config += 'loci: {CA: {kind: repeat, effect_alleles: ["19"]}}\n'
    cells = {"19/19": (30, 35), "18/19": (40, 45), "18/20": (20, 15), "20/20": (10, 12)}
    rows = [
        f"{study},CA,shared,{genotype},{cases + 3 * number},{controls}\n"
        for number, study in enumerate(("One", "Two"))
        for genotype, (cases, controls) in cells.items()
    ]
    pools = make_pools({"a.csv": HEADER + "".join(rows)}, config)
    corners = corners_of(pools, "19")
    assert (corners.none, corners.one, corners.two) == ("no 19", "one 19", "two 19")
    controls = controls_of(pools, "19")
    assert controls.people.tolist() == [107]
    assert controls.heterozygotes == pytest.approx([45 / 107])
    assert controls.frequency == pytest.approx([(2 * 35 + 45) / 214])
    text = " ".join(draw_kind(pools, "ternary").strings)
    assert "no 19, one 19 or two 19" in text and "1 control group by genotype" in text
