"""The windowed, thinned sums against the whole support, at margins of one to a hundred thousand."""

import numpy as np
import pytest
from scipy.special import gammaln

from genopool.pooling.noncentral_hypergeometric import NoncentralHypergeometric

# log factorials of margins of 1e5 are about 1e6, with 1e-10 of rounding; their differences in
# two orders of summation leave some 1e-11 in log probabilities.
ROUNDING = 2e-11


def whole_support(n1, n2, m, eta):
    """Every x with its log of C(n1, x) C(n2, m - x) exp(x eta), up to a constant."""
    x = np.arange(max(0, m - n2), min(n1, m) + 1)
    log_w = -gammaln(x + 1) - gammaln(n1 - x + 1) - gammaln(m - x + 1) - gammaln(n2 - m + x + 1)
    return x, log_w + x * eta


def random_tables(number, largest, seed):
    rng = np.random.default_rng(seed)
    for _ in range(number):
        n1, n2 = (int(10 ** rng.uniform(0, np.log10(largest))) for _ in range(2))
        rare = int(10 ** rng.uniform(0, 3))
        m = min(rare, n1 + n2 - 1) if rng.random() < 0.5 else int(rng.integers(1, n1 + n2 + 1))
        yield n1, n2, max(m, 1), float(rng.normal() * rng.choice([0.3, 1, 4, 15]))


@pytest.mark.parametrize(("largest", "seed"), [(30, 1), (3000, 2), (100_000, 3)])
def test_cumulants_of_the_whole_support(largest, seed):
    for n1, n2, m, eta in random_tables(150, largest, seed):
        tables = NoncentralHypergeometric(np.array([n1]), np.array([n2]), np.array([m]))
        log_sum, mean, variance = (y[0] for y in tables.cumulants(np.array([eta])))
        x, log_term = whole_support(n1, n2, m, eta)
        p = np.exp(log_term - log_term.max())
        p /= p.sum()
        near = float((p * (x - x[0])).sum())
        spread = float((p * (x - x[0] - near) ** 2).sum())
        case = n1, n2, m, eta
        assert mean - x[0] == pytest.approx(near, abs=ROUNDING * (1 + near)), case
        assert variance == pytest.approx(spread, rel=1e-9, abs=1e-14), case
        # The constant cancels in the log probability of one x, here the most likely.
        at = int(p.argmax())
        log_p = tables.log_weight(x[at : at + 1])[0] + x[at] * eta - log_sum
        assert log_p == pytest.approx(np.log(p[at]), abs=ROUNDING * (1 + near)), case


def test_what_the_window_leaves_out_is_below_rounding():
    # The distribution is log-concave: beyond a term p with the next one r times smaller there is
    # at most p r / (1 - r). That bound needs no knowledge of how the window was chosen.
    for n1, n2, m, eta in random_tables(200, 100_000, 4):
        tables = NoncentralHypergeometric(np.array([n1]), np.array([n2]), np.array([m]))
        first, p = tables.probabilities(np.array([eta]))
        first, p = int(first[0]), p[0]
        low, high = max(0, m - n2), min(n1, m)
        last = first + int(np.flatnonzero(p)[-1])
        for x, step in ((first, -1), (last, 1)):
            if low <= x + step <= high:
                # p(x) / p(x - 1) = (n1 - x + 1)(m - x + 1) e^eta / (x (n2 - m + x))
                upper = max(x, x + step)
                up = (n1 - upper + 1) * (m - upper + 1) / (upper * (n2 - m + upper)) * np.exp(eta)
                ratio = up if step == 1 else 1 / up
                assert ratio < 1, (n1, n2, m, eta)
                assert p[x - first] * ratio / (1 - ratio) < 1e-16, (n1, n2, m, eta)


def test_approximate_variance_is_as_near_as_the_bounds_assume():
    # Both bounds of the module rest on a variance that is off by less than a quarter once it is
    # large enough to thin the sum.
    for n1, n2, m, eta in random_tables(300, 3000, 5):
        tables = NoncentralHypergeometric(np.array([n1]), np.array([n2]), np.array([m]))
        exact = tables.cumulants(np.array([eta]))[2][0]
        x = tables.center(np.array([eta]))[0]
        cells = np.array([x, n1 - x, m - x, n2 - m + x])
        rough = 1 / (1 / np.maximum(cells, 1e-300)).sum()
        assert exact < 1.25 * rough + 1, (n1, n2, m, eta)
        if rough > 15:
            assert exact > rough / 1.25, (n1, n2, m, eta)


def test_scipy_fisher_distribution():
    from scipy.stats import nchypergeom_fisher

    tables = NoncentralHypergeometric(np.array([12]), np.array([20]), np.array([9]))
    _, mean, variance = tables.cumulants(np.array([np.log(2.5)]))
    expected = nchypergeom_fisher.stats(32, 12, 9, 2.5, moments="mv")
    assert (mean[0], variance[0]) == pytest.approx(tuple(map(float, expected)), rel=1e-9)


def test_a_table_with_one_possible_count():
    tables = NoncentralHypergeometric(np.array([1, 4]), np.array([1, 3]), np.array([0, 7]))
    log_sum, mean, variance = tables.cumulants(np.array([2.0, -1.0]))
    np.testing.assert_allclose(mean, [0, 4])
    np.testing.assert_allclose(variance, 0, atol=1e-15)
    np.testing.assert_allclose(log_sum, [0, -4], atol=1e-12)


def test_extreme_odds_ratios_stay_finite():
    tables = NoncentralHypergeometric(np.array([500]), np.array([400]), np.array([300]))
    for eta, mean in ((800.0, 300), (-800.0, 0)):
        values = tables.cumulants(np.array([eta]))
        assert all(np.isfinite(v).all() for v in values)
        assert values[1][0] == pytest.approx(mean, abs=1e-9)
