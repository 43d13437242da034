"""The distribution of the generalised Q: closed forms and numerical integration."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from genopool.pooling.quadratic_forms import generalised_q_cdf

#: Truncation and rounding of the inversion.
ATOL = 1e-11


@pytest.mark.parametrize("k", [2, 3, 13, 60, 300])
def test_inverse_variance_weights_give_chi2(k):
    v = np.random.default_rng(k).uniform(0.01, 5, k)
    q = chi2.ppf([1e-6, 0.025, 0.5, 0.975, 1 - 1e-6], k - 1)
    cdf, _ = generalised_q_cdf(q, np.tile(1 / v[:, None], 5), np.tile(v[:, None], 5))
    np.testing.assert_allclose(cdf, chi2.cdf(q, k - 1), rtol=0, atol=ATOL)


def imhof(q, weight, variance):
    """Imhof (1961): one-dimensional integral, with the eigenvalues of the form."""
    form = np.diag(weight) - np.outer(weight, weight) / weight.sum()
    values = np.linalg.eigvals(form @ np.diag(variance)).real
    values = values[values > 1e-9 * values.max()]

    def integrand(u):
        angle = np.arctan(values * u).sum() / 2 - q * u / 2
        return np.sin(angle) / (u * np.prod((1 + (values * u) ** 2) ** 0.25))

    return 0.5 - quad(integrand, 0, np.inf, limit=2000)[0] / np.pi


def test_general_weights_match_imhofs_integral():
    rng = np.random.default_rng(3)
    weight, variance = rng.uniform(0.1, 9, 8), rng.uniform(0.1, 4, 8)
    for q in (10.0, 60.0, 200.0):
        ours, _ = generalised_q_cdf(np.array([q]), weight[:, None], variance[:, None])
        assert ours[0] == pytest.approx(imhof(q, weight, variance), abs=1e-7)


def test_slope_is_the_derivative_when_all_variances_grow():
    rng = np.random.default_rng(4)
    weight, variance, q = (
        rng.uniform(1, 9, (6, 20)),
        rng.uniform(0.1, 2, (6, 20)),
        np.full(20, 15.0),
    )
    _, slope = generalised_q_cdf(q, weight, variance)
    h = 1e-5
    up, down = (generalised_q_cdf(q, weight, variance + d)[0] for d in (h, -h))
    np.testing.assert_allclose(slope, (up - down) / (2 * h), rtol=1e-6)
    assert (slope < 0).all()


def test_absent_studies_do_not_count():
    weight = np.array([[2.0], [0.0], [3.0], [1.0]])
    variance = np.array([[0.5], [np.inf], [0.2], [0.7]])
    here = [0, 2, 3]
    with_gap, _ = generalised_q_cdf(np.array([1.5]), weight, variance)
    without, _ = generalised_q_cdf(np.array([1.5]), weight[here], variance[here])
    assert with_gap[0] == pytest.approx(without[0], abs=ATOL)
