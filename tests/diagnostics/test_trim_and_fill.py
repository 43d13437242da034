"""Trim and fill against metafor."""

import json
from pathlib import Path

import numpy as np
import pytest

from genopool.diagnostics.trim_and_fill import NEVER_SETTLES, trim_and_fill
from genopool.pooling.inverse_variance import pool

SETS = json.loads((Path(__file__).parents[1] / "reference" / "diagnostics.json").read_text())[
    "trim_and_fill"
]
#: REML solved to 1e-12 in R, printed with 12 digits; its maximum is flat to the root of that.
RTOL = 1e-6
#: The cases of metafor.json use its default threshold, which moves limits by up to
#: 7e-5 where tau² is barely above 0; see test_sensitivity.
ATOL = 1e-4


def test_reference_cases_agree(case):
    reference = case.reference["trim_and_fill_reml_L0"]
    ours = trim_and_fill(case.log_or, case.variance, interval="wald")
    assert (ours.k_filled, ours.side) == (reference["k0"], reference["side"])
    for field in ("estimate", "ci_low", "ci_high", "tau2"):
        assert getattr(ours.fit, field) == pytest.approx(reference[field], abs=ATOL), field


@pytest.mark.parametrize("number", range(len(SETS)))
def test_random_sets_agree_with_metafor(number):
    """All estimators and sides; R fails where trimming leaves too little."""
    given = SETS[number]
    for fit in given["fits"]:
        ours = trim_and_fill(
            given["log_or"],
            given["variance"],
            estimator=fit["estimator"],
            side=fit["side"],
            tau2=fit["tau2_method"],
            interval="wald",
        )
        if fit["k0"] is None:
            continue
        assert (ours.k_filled, ours.side) == (fit["k0"], fit["filled_side"]), fit
        assert ours.fit.estimate == pytest.approx(fit["estimate"], rel=RTOL)
        assert ours.fit.se == pytest.approx(fit["se"], rel=RTOL)
        assert ours.fit.tau2 == pytest.approx(fit["tau2"], rel=RTOL, abs=1e-9)


def test_filled_studies_mirror_the_trimmed_ones():
    """Nine studies symmetric about 0, the three lowest cut off."""
    y = np.array([-0.9, -0.6, -0.3, -0.1, 0.0, 0.1, 0.3, 0.6, 0.9])
    v = np.array([0.3, 0.2, 0.1, 0.02, 0.01, 0.02, 0.1, 0.2, 0.3])
    ours = trim_and_fill(y[3:], v[3:], side="left", tau2="EE")
    assert ours.k_filled > 0
    filled = ~np.isnan(ours.log_or[6:])
    assert filled.sum() == ours.k_filled
    highest = np.sort(y[3:])[-ours.k_filled :]
    centre = (np.sort(ours.log_or[6:][filled])[::-1] + highest) / 2
    assert centre == pytest.approx(centre[0])
    assert abs(ours.fit.estimate) < abs(pool(y[3:], v[3:], tau2="EE").estimate)


def test_left_and_right_are_mirror_images():
    rng = np.random.default_rng(1)
    y, v = rng.normal(size=(20, 10)), rng.uniform(0.05, 0.5, (20, 10))
    left, right = trim_and_fill(y, v, side="left"), trim_and_fill(-y, v, side="right")
    assert left.k_filled.tolist() == right.k_filled.tolist()
    assert left.fit.estimate == pytest.approx(-right.fit.estimate, rel=1e-9)


def test_sets_at_once_are_sets_alone():
    rng = np.random.default_rng(2)
    y, v = rng.normal(size=(2, 3, 9)), rng.uniform(0.05, 0.5, (2, 3, 9))
    y[0, 1, 4] = v[0, 1, 4] = np.nan
    together = trim_and_fill(y, v)
    for place in np.ndindex(2, 3):
        there = ~np.isnan(y[place])
        alone = trim_and_fill(y[place][there], v[place][there])
        assert together.k_filled[place] == alone.k_filled
        assert together.fit.estimate[place] == pytest.approx(alone.fit.estimate, rel=1e-9)


def test_a_number_that_leaves_too_little_is_not_filled():
    """R0 of effects that all lie on one side of the trimmed centre runs away."""
    runaway = [s for s in SETS if any(fit["k0"] is None for fit in s["fits"])]
    found = [
        trim_and_fill(s["log_or"], s["variance"], estimator=f["estimator"], side=f["side"])
        for s in runaway
        for f in s["fits"]
        if f["k0"] is None
    ]
    given_up = [fit for fit in found if fit.k_filled == NEVER_SETTLES]
    assert given_up
    for fit in given_up:
        half = fit.log_or.size // 2
        assert np.isnan(fit.log_or[half:]).all() and fit.fit.k == half


@pytest.mark.parametrize("k", [0, 1])
def test_fewer_than_two_studies(k):
    ours = trim_and_fill([0.1, 0.4][:k], [0.1, 0.2][:k])
    assert ours.k_filled in (0, NEVER_SETTLES) and ours.fit.k == k


@pytest.mark.parametrize(
    ("log_or", "variance", "side", "filled", "estimate"),
    [
        ([0.1, 0.4], [0.1, 0.2], "left", 1, 0.1),
        ([0.1, 0.4], [0.1, 0.2], "right", 0, 0.2),
        (
            [-0.33606694395249626, -0.26669880658231987, -0.1795214496966832],
            [0.07070558943326326**2, 0.050524292115075344**2, 0.0399657430703456**2],
            "right",
            2,
            -0.1795214,
        ),
    ],
)
def test_one_study_can_be_left(log_or, variance, side, filled, estimate):
    """metafor 3.8-1: trimfill(rma(yi, vi), side = side); the last are HCV rs9275572, allelic."""
    ours = trim_and_fill(log_or, variance, side=side)
    assert ours.k_filled == filled and ours.fit.estimate == pytest.approx(estimate, abs=1e-7)


def test_unknown_estimator():
    with pytest.raises(ValueError, match="unknown estimator 'L1'"):
        trim_and_fill([0.1], [0.1], estimator="L1")
