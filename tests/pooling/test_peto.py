"""Peto's method: metafor, the hypergeometric moments written out, and zeros."""

import json
from pathlib import Path

import numpy as np
import pytest

from genopool.pooling.peto import peto

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "metafor.json").read_text(encoding="utf-8")
)["cases"]
CELLS = ("case_exposed", "case_unexposed", "control_exposed", "control_unexposed")

# The reference has 12 digits; the same sums in another order agree to about 1e-13.
RTOL = 1e-10


def tables(name):
    return [np.array(REFERENCE[name]["table"][cell], dtype=float) for cell in CELLS]


@pytest.mark.parametrize("name", REFERENCE)
def test_every_number_of_the_reference(name):
    fit = peto(*tables(name))
    expected = REFERENCE[name]["peto"]
    assert len(expected) == 7
    for key, value in expected.items():
        assert getattr(fit, key) == pytest.approx(value, rel=RTOL, abs=1e-12), key


def test_naive_twin():
    rng = np.random.default_rng(2)
    a, b, c, d = rng.integers(1, 50, size=(4, 9))
    observed_less_expected = total = 0.0
    for ai, bi, ci, di in zip(a, b, c, d, strict=True):
        n = ai + bi + ci + di
        observed_less_expected += ai - (ai + bi) * (ai + ci) / n
        total += (ai + bi) * (ci + di) * (ai + ci) * (bi + di) / (n**2 * (n - 1))
    fit = peto(a, b, c, d)
    assert fit.estimate == pytest.approx(observed_less_expected / total, rel=1e-12)
    assert fit.se == pytest.approx(total**-0.5, rel=1e-12)


def test_weights_as_metafor():
    # weights(rma.peto(ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg)), 3.8-1
    per_cent = [
        0.584494118019, 1.365591919233, 0.561556743475, 12.652739960259, 3.267154274845,
        18.594070566915, 0.470304490936, 41.258911392258, 3.042549995062, 3.307011906160,
        12.256737414506, 0.329806245063, 2.309070973268,
    ]  # fmt: skip
    np.testing.assert_allclose(100 * peto(*tables("bcg")).weights, per_cent, rtol=1e-11)


def test_zero_cells_need_no_correction_and_double_zeros_count_for_nothing():
    a, b, c, d = tables("nielweise2007")
    fit = peto(a, b, c, d)
    assert (fit.k, fit.k_double_zero, fit.k_empty_group) == (17, 1, 0)
    informative = a + c > 0
    plain = peto(*(x[informative] for x in (a, b, c, d)))
    for name in ("estimate", "se", "q", "q_p", "i2"):
        assert getattr(fit, name) == pytest.approx(getattr(plain, name), rel=1e-12), name


def test_leading_axes_and_absent_studies():
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 40, size=(4, 6, 7)).astype(float)
    cells[:, rng.random((6, 7)) < 0.3] = np.nan
    together = peto(*cells)
    for i in range(6):
        present = ~np.isnan(cells[0, i])
        alone = peto(*(x[i][present] for x in cells))
        for name in ("estimate", "se", "q", "q_p", "i2", "h2", "k"):
            np.testing.assert_allclose(
                getattr(together, name)[i], getattr(alone, name), rtol=1e-12, err_msg=name
            )


def test_nothing_to_pool_and_one_study():
    none = peto([0, np.nan], [5, 1], [0, 1], [6, 1])
    assert (none.k, none.k_double_zero) == (0, 1)
    for name in ("estimate", "se", "statistic", "p_value", "q", "q_df", "i2", "h2"):
        assert np.isnan(getattr(none, name)), name
    one = peto([3], [5], [2], [6])
    assert np.isfinite(one.estimate) and np.isnan(one.q) and one.q_df == 0


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match=r"a\[0\] is -1"):
        peto([-1], [2], [3], [4])
    with pytest.raises(ValueError, match="level"):
        peto([1], [2], [3], [4], level=0)
    with pytest.raises(ValueError, match="axis of studies"):
        peto(1, 2, 3, 4)
