"""Conditional exact inference: R's mantelhaen.test and fisher.test, and a twin that convolves."""

import json
from functools import reduce
from math import comb
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import gammaln

from genopool.pooling.exact import conditional_exact

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "metafor.json").read_text(encoding="utf-8")
)["cases"]
CELLS = ("case_exposed", "case_unexposed", "control_exposed", "control_unexposed")

# R 4.2.2, help(mantelhaen.test): penicillin in rabbits.
RABBITS = ([0, 3, 6, 5, 2], [6, 3, 0, 1, 0], [0, 0, 2, 6, 5], [5, 6, 4, 0, 0])

# Roots of tails with derivative of order 1, solved to rounding; the twin's brentq to 1e-12.
ROOT = 1e-9
# Sums of up to a thousand probabilities.
P_RTOL = 1e-10


def tables(name):
    return [np.array(REFERENCE[name]["table"][cell]) for cell in CELLS]


class Twin:
    """The distribution of the total, by multiplying polynomials with whole coefficients' logs."""

    def __init__(self, a, b, c, d):
        polynomials, low, log_scale = [], 0, []
        for ai, bi, ci, di in zip(a, b, c, d, strict=True):
            n1, n2, m = ai + bi, ci + di, ai + ci
            x = np.arange(max(0, m - n2), min(n1, m) + 1)
            log_w = -sum(gammaln(y + 1) for y in (x, n1 - x, m - x, n2 - m + x))
            log_scale.append(log_w.max())
            polynomials.append(np.exp(log_w - log_w.max()))
            low += x[0]
        self.weights = reduce(np.convolve, polynomials)
        self.total = low + np.arange(self.weights.size)
        self.observed = sum(a)

    def p(self, theta):
        with np.errstate(divide="ignore"):
            log_p = np.log(self.weights) + theta * self.total
        p = np.exp(log_p - log_p.max())
        return p / p.sum()

    def tail(self, theta, up, share):
        p, s = self.p(theta), self.total
        beyond = s > self.observed if up else s < self.observed
        return p[beyond].sum() + share * p[s == self.observed].sum()

    def solve(self, function):
        return brentq(function, -25, 25, xtol=1e-13)

    def estimate(self):
        return self.solve(lambda t: (self.p(t) * self.total).sum() - self.observed)

    def limit(self, up, share, tail):
        return self.solve(lambda t: self.tail(t, up, share) - tail)

    def p_value(self):
        p = self.p(0.0)
        return p[p <= p[self.total == self.observed] * (1 + 1e-7)].sum()


@pytest.mark.parametrize(
    ("data", "p_value", "literals"),
    [
        # mantelhaen.test(x, exact = TRUE)$p.value of R 4.2.2, in full; then log estimate, exact
        # limits and mid-p limits from its own convolution, .Call(stats:::C_d2x2xk, ...), with
        # uniroot(tol = 1e-14), since mantelhaen.test solves to 1e-4 only.
        (
            "nielweise2007",
            4.3919920910098e-09,
            "-1.22355924118759 -1.70275646518491 -0.773279297569713 -1.67764676698011 "
            "-0.793532125596199 6.37237808540452e-09 4.09409222569818e-09",
        ),
        (
            "bcg",
            1.74206420621794e-31,
            "-0.477186771531679 -0.558979684875104 -0.395662075218867 -0.558141258158476 "
            "-0.396489747248272 2.1630986411053e-31 1.75037201334391e-31",
        ),
        (
            RABBITS,
            0.0399449035812672,
            "2.33805323071668 0.0745393737819738 6.27572724808533 0.291944818552899 "
            "5.5855330580662 0.0399449035812672 0.0213498622589532",
        ),
    ],
)
def test_mantelhaen_test(data, p_value, literals):
    fit = conditional_exact(*(tables(data) if isinstance(data, str) else data))
    assert fit.p_value == pytest.approx(p_value, rel=P_RTOL)
    names = "estimate ci_low ci_high ci_low_mid ci_high_mid p_central p_mid".split()
    for name, value in zip(names, map(float, literals.split()), strict=True):
        if name.startswith("p_"):
            assert getattr(fit, name) == pytest.approx(value, rel=P_RTOL), name
        else:
            assert getattr(fit, name) == pytest.approx(value, abs=ROOT), name


def test_fisher_test_of_tea():
    # R 4.2.2: fisher.test(matrix(c(3, 1, 1, 3), 2)): p, estimate and limits. Its roots are
    # solved to .Machine$double.eps^0.25 = 1.2e-4, odds ratios above 1 as their reciprocals.
    fit = conditional_exact([3], [1], [1], [3])
    assert fit.p_value == pytest.approx(0.485714285714, rel=1e-11)
    assert np.exp(-fit.estimate) == pytest.approx(1 / 6.40830886700579, abs=1.3e-4)
    assert np.exp(fit.ci_low) == pytest.approx(0.211732915305503, abs=1.3e-4)
    assert np.exp(-fit.ci_high) == pytest.approx(1 / 621.933750545417, abs=1.3e-4)


@pytest.mark.parametrize("seed", range(6))
def test_naive_twin(seed):
    rng = np.random.default_rng(seed)
    for _ in range(5):
        k = int(rng.integers(1, 7))
        a, b, c, d = rng.integers(1, rng.choice([6, 40]), size=(4, k))
        level = float(rng.choice([0.5, 0.9, 0.999]))
        fit, twin = conditional_exact(a, b, c, d, level=level), Twin(a, b, c, d)
        tail = (1 - level) / 2
        assert fit.estimate == pytest.approx(twin.estimate(), abs=ROOT)
        for name, up, share in (
            ("ci_low", True, 1),
            ("ci_high", False, 1),
            ("ci_low_mid", True, 0.5),
            ("ci_high_mid", False, 0.5),
        ):
            assert getattr(fit, name) == pytest.approx(twin.limit(up, share, tail), abs=ROOT), name
        assert fit.p_value == pytest.approx(twin.p_value(), rel=P_RTOL)
        smaller = min(twin.tail(0, up, 1) for up in (True, False))
        assert fit.p_central == pytest.approx(min(1, 2 * smaller), rel=P_RTOL)


def test_conditional_likelihood_of_one_table():
    a, b, c, d = 7, 5, 3, 9
    fit = conditional_exact([a], [b], [c], [d])
    weights = [
        comb(a + b, x) * comb(c + d, a + c - x) * np.exp(x * fit.estimate) for x in range(11)
    ]
    assert fit.log_likelihood == pytest.approx(np.log(weights[a] / sum(weights)), rel=1e-12)
    p = np.array(weights) / sum(weights)
    x = np.arange(11)
    variance = (p * x**2).sum() - (p * x).sum() ** 2
    assert fit.se == pytest.approx(variance**-0.5, rel=1e-10)


def test_margins_of_a_hundred_thousand():
    a, b, c, d = [50_500], [49_500], [50_000], [50_000]
    fit, twin = conditional_exact(a, b, c, d), Twin(a, b, c, d)
    assert fit.estimate == pytest.approx(twin.estimate(), abs=ROOT)
    assert fit.ci_low == pytest.approx(twin.limit(True, 1, 0.025), abs=ROOT)
    assert fit.ci_high == pytest.approx(twin.limit(False, 1, 0.025), abs=ROOT)
    assert fit.p_value == pytest.approx(twin.p_value(), rel=1e-8)


def test_tiny_p_values_keep_their_digits():
    # Each tail is one ratio of whole numbers here: the observed total is the largest possible.
    n = 60
    fit = conditional_exact([n], [0], [0], [n])
    assert fit.p_central == pytest.approx(2 / comb(2 * n, n), rel=1e-10)
    assert fit.p_value == pytest.approx(2 / comb(2 * n, n), rel=1e-10)
    assert fit.estimate == np.inf and fit.ci_high == np.inf and np.isnan(fit.se)
    twin = Twin([n], [0], [0], [n])
    assert fit.ci_low == pytest.approx(twin.limit(True, 1, 0.025), abs=ROOT)
    assert fit.log_likelihood == 0


def test_lowest_total():
    fit = conditional_exact([0, 0], [5, 6], [4, 2], [3, 9])
    assert fit.estimate == -np.inf and fit.ci_low == -np.inf and fit.ci_low_mid == -np.inf
    twin = Twin([0, 0], [5, 6], [4, 2], [3, 9])
    assert fit.ci_high == pytest.approx(twin.limit(False, 1, 0.025), abs=ROOT)
    assert fit.ci_high_mid == pytest.approx(twin.limit(False, 0.5, 0.025), abs=ROOT)


def test_symmetric_table_has_p_one():
    fit = conditional_exact([4, 7], [4, 7], [4, 7], [4, 7])
    assert fit.estimate == pytest.approx(0, abs=1e-12)
    assert fit.p_value == pytest.approx(1) and fit.p_central == 1 and fit.p_mid == pytest.approx(1)


def test_exchanging_groups_turns_everything():
    a, b, c, d = tables("nielweise2007")
    fit, turned = conditional_exact(a, b, c, d), conditional_exact(c, d, a, b)
    assert turned.estimate == pytest.approx(-fit.estimate, abs=ROOT)
    assert turned.ci_low == pytest.approx(-fit.ci_high, abs=ROOT)
    assert turned.p_value == pytest.approx(fit.p_value, rel=P_RTOL)


def test_leading_axes_absent_studies_and_pieces(monkeypatch):
    import genopool.pooling.exact as module

    rng = np.random.default_rng(9)
    cells = rng.integers(0, 25, size=(4, 2, 6, 5)).astype(float)
    cells[:, rng.random((2, 6, 5)) < 0.3] = np.nan
    cells[:, 1, 2] = np.nan
    together = conditional_exact(*cells)
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    in_pieces = conditional_exact(*cells)
    for index in np.ndindex(2, 6):
        present = ~np.isnan(cells[0][index])
        alone = conditional_exact(*(x[index][present] for x in cells))
        for name in ("estimate", "ci_low", "ci_high_mid", "p_value", "p_mid", "k"):
            for fit in (together, in_pieces):
                np.testing.assert_allclose(
                    getattr(fit, name)[index], getattr(alone, name), rtol=1e-8, atol=1e-9
                )
    assert np.isnan(together.estimate[1, 2]) and together.k[1, 2] == 0


def test_double_zeros_and_empty_groups_are_counted_and_count_for_nothing():
    fit = conditional_exact([3, 0, 0, 4], [1, 5, 0, 2], [1, 0, 4, 0], [3, 6, 4, 0])
    assert (fit.k, fit.k_double_zero, fit.k_empty_group) == (1, 1, 2)
    assert fit.estimate == pytest.approx(float(conditional_exact([3], [1], [1], [3]).estimate))


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match=r"b\[1\] is 4.5: this method needs whole counts"):
        conditional_exact([1, 2], [3, 4.5], [5, 6], [7, 8])
    with pytest.raises(ValueError, match=r"d\[0\] is -7"):
        conditional_exact([1], [3], [5], [-7])
    with pytest.raises(ValueError, match="axis of studies"):
        conditional_exact(1, 3, 5, 7)
    with pytest.raises(ValueError, match="level"):
        conditional_exact([1], [3], [5], [7], level=1.0)
