"""The specification curve is what `pool` says, for every specification and nothing else."""

import numpy as np
import pytest

from genopool.diagnostics.specification import specification_curve, specifications
from genopool.pooling.inverse_variance import pool

#: Our names by metafor's test, for the pairs that the reference has.
TESTS = {"z": "wald", "knha": "hartung-knapp", "adhoc": "hartung-knapp-adhoc"}
#: metafor solves tau² to 1e-10 at best.
RTOL = 1e-5


def test_agrees_with_metafor(case):
    ours = specification_curve(case.log_or, case.variance)
    places = {pair: i for i, pair in enumerate(zip(ours.tau2_method, ours.interval, strict=True))}
    compared = 0
    for fit in case.reference["inverse_variance"]:
        pair = fit["method"], TESTS[fit["test"]]
        # metafor's root search for PM is coarse; tests/pooling has that estimator's own equation
        if pair in places and fit["estimate"] is not None and fit["method"] != "PM":
            i = places[pair]
            assert ours.estimate[i] == pytest.approx(fit["estimate"], rel=RTOL, abs=1e-7), pair
            assert ours.ci_low[i] == pytest.approx(fit["ci_low"], rel=RTOL, abs=1e-6), pair
            compared += 1
    assert compared > 15


def test_every_pair_that_pool_takes_is_there_once():
    from genopool.pooling.intervals import INTERVALS
    from genopool.pooling.tau2 import TAU2_METHODS

    taken = set()
    for tau2 in TAU2_METHODS:
        for interval in INTERVALS:
            try:
                pool([0.1, 0.2, 0.5], [0.1, 0.2, 0.1], tau2=tau2, interval=interval)
            except ValueError:
                continue
            taken.add((tau2, interval))
    assert set(specifications()) == taken and len(specifications()) == len(taken)


def test_sets_at_once_are_sets_alone():
    rng = np.random.default_rng(1)
    y, v = rng.normal(size=(2, 6)), rng.uniform(0.02, 0.4, (2, 6))
    y[1, 2:] = v[1, 2:] = np.nan
    together = specification_curve(y, v, level=0.9)
    assert together.estimate.shape == (2, len(specifications())) and together.k.tolist() == [6, 2]
    for i in range(2):
        alone = specification_curve(y[i], v[i], level=0.9)
        assert together.ci_high[i] == pytest.approx(alone.ci_high, rel=1e-9, nan_ok=True)


def test_no_studies():
    assert np.isnan(specification_curve([], []).estimate).all()
