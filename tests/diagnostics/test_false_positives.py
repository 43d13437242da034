"""FPRP and BFDP against R, quadrature, and simulation."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from genopool.diagnostics.false_positives import bayesian_false_discovery, false_positive_report


def test_fprp_of_the_authors_example(credibility):
    """OR 1.316 (1.08 to 1.60), as El ghormli and Wacholder computed it; R's arithmetic."""
    r = credibility["false_positives"]
    ours = false_positive_report(
        r["log_or"], r["se"], odds_ratios=r["odds_ratios"], priors=r["priors"]
    )
    assert ours.p_value == pytest.approx(r["p_value"], rel=1e-9)
    assert ours.power == pytest.approx(r["power"], rel=1e-9)
    assert ours.fprp == pytest.approx(np.array(r["fprp"]).T, rel=1e-8)


def test_fprp_is_the_share_of_false_findings_in_simulation():
    """Findings at the level of this p, 1 in 10 associations with an odds ratio of 1.3."""
    rng = np.random.default_rng(5)
    true = rng.random(2_000_000) < 0.1
    effect = np.log(1.3) * true
    z = rng.normal(effect / 0.12)
    ours = false_positive_report(0.3, 0.12, odds_ratios=[1.3], priors=[0.1])
    found = np.where(true, z > 0.3 / 0.12, np.abs(z) > 0.3 / 0.12)
    assert ours.fprp[0, 0] == pytest.approx((found & ~true).sum() / found.sum(), rel=0.03)


def test_direction_does_not_matter():
    one = false_positive_report(0.3, 0.1, odds_ratios=[1.5, 2])
    other = false_positive_report(-0.3, 0.1, odds_ratios=[1 / 1.5, 0.5])
    assert one.fprp == pytest.approx(other.fprp, rel=1e-12)


def test_far_out_both_p_and_power_vanish():
    ours = false_positive_report(np.log(3), 0.02, odds_ratios=[1.2], priors=[1e-4])
    assert ours.p_value == 0 and ours.power == 0 and 0 < ours.fprp[0, 0] < 1e-100


def test_bayes_factor_and_bfdp_of_rs_normal_densities(credibility):
    r = credibility["false_positives"]
    ours = bayesian_false_discovery(r["log_or"], r["se"], largest=[1.5], priors=r["priors"])
    assert 10 ** ours.log10_bayes_factor[0] == pytest.approx(r["bayes_factor"], rel=1e-9)
    assert ours.bfdp[0] == pytest.approx(r["bfdp"], rel=1e-8)


@pytest.mark.parametrize(("y", "s", "largest"), [(0.27, 0.1, 1.5), (-0.1, 0.2, 2.0), (1, 0.3, 1.2)])
def test_bayes_factor_by_quadrature(y, s, largest):
    sd = np.log(largest) / norm.ppf(0.975)

    def joint(theta):
        return norm.pdf(y, theta, s) * norm.pdf(theta, 0, sd)

    marginal = quad(joint, -10, 10, points=[0, y], epsabs=1e-13)[0]
    mean = quad(lambda t: t * joint(t), -10, 10, points=[0, y], epsabs=1e-13)[0] / marginal
    square = quad(lambda t: t * t * joint(t), -10, 10, points=[0, y], epsabs=1e-13)[0] / marginal
    ours = bayesian_false_discovery(y, s, largest=[largest], priors=[0.2])
    factor = norm.pdf(y, 0, s) / marginal
    assert 10 ** ours.log10_bayes_factor[0] == pytest.approx(factor, rel=1e-7)
    assert ours.bfdp[0, 0] == pytest.approx(factor * 4 / (1 + factor * 4), rel=1e-7)
    assert ours.posterior_log_or[0] == pytest.approx(mean, rel=1e-7)
    assert ours.posterior_sd[0] == pytest.approx(np.sqrt(square - mean**2), rel=1e-6)


def test_bfdp_is_calibrated_in_simulation():
    """Of findings with this probability, so many have no association."""
    rng = np.random.default_rng(6)
    true = rng.random(400_000) < 0.1
    theta = np.where(true, rng.normal(0, np.log(1.5) / 1.959964, true.size), 0)
    s = rng.uniform(0.05, 0.15, true.size)
    ours = bayesian_false_discovery(rng.normal(theta, s), s, largest=[1.5], priors=[0.1])
    bfdp = ours.bfdp[:, 0, 0]
    for low, high in ((0, 0.2), (0.4, 0.6), (0.7, 0.8)):
        here = (bfdp > low) & (bfdp <= high)
        error = 4 * np.sqrt(0.25 / here.sum())
        assert (~true[here]).mean() == pytest.approx(bfdp[here].mean(), abs=error)


@pytest.mark.parametrize("function", [false_positive_report, bayesian_false_discovery])
def test_absent_extreme_and_impossible_estimates(function):
    ours = function([[np.nan, 0.2], [500.0, 0.0]], [[np.nan, 0.1], [0.1, 0.1]])
    name = "fprp" if function is false_positive_report else "bfdp"
    values = getattr(ours, name)
    assert values.shape[:2] == (2, 2) and np.isnan(values[0, 0]).all()
    assert ours.reason.tolist() == [["absent", ""], ["", ""]]
    assert (values[1, 0] == 0).all()
    absurd = getattr(function([1e300, 1e-300], [1e-300, 1e300]), name)
    assert (absurd[0] == 0).all() and np.isfinite(absurd).all()
    with pytest.raises(ValueError, match="finite standard error above 0"):
        function(0.1, 0.0)
    with pytest.raises(ValueError, match=r"log_or\[1\]"):
        function([0.1, 0.2], [0.1, np.nan])
    with pytest.raises(ValueError, match="priors"):
        function(0.1, 0.1, priors=[0])
    with pytest.raises(ValueError, match="odds ratios above 0"):
        function(0.1, 0.1, **{"odds_ratios" if name == "fprp" else "largest": [1.0]})
