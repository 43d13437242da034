"""Intervals of the mean: metafor's numbers, closed forms, duality of test and interval."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import digamma
from scipy.stats import chi2

from genopool.pooling.intervals import INTERVALS
from genopool.pooling.inverse_variance import pool
from genopool.pooling.likelihood import FULL, maximise
from genopool.pooling.profile_likelihood import likelihood_ratio
from genopool.pooling.study_sets import in_chunks

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "metafor.json").read_text())
BCG = REFERENCE["cases"]["bcg"]
Y, V = np.array(BCG["log_or"]), np.array(BCG["variance"])

TAU2_OF = {name: method.only or "REML" for name, method in INTERVALS.items()}

#: R prints 13 digits; its optimisers were asked for 1e-12 and give about 1e-9.
RTOL_R = 1e-8


def random_sets(n, k, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, rng.choice([0.1, 0.6, 2], (n, 1)), (n, k)), rng.uniform(0.02, 0.6, (n, k))


def test_wald_t_agrees_with_metafor():
    """metafor 3.8-1, BCG: rma(yi, vi, test = "t", control = list(threshold = 1e-12))."""
    fit = pool(Y, V, interval="wald-t")
    assert fit.se == pytest.approx(0.1860279127512, rel=RTOL_R)
    assert fit.ci_low == pytest.approx(-1.150497773822, rel=RTOL_R)
    assert fit.ci_high == pytest.approx(-0.3398577678652, rel=RTOL_R)
    assert fit.p_value == pytest.approx(0.001743625646832, rel=RTOL_R)
    assert fit.df == 12


def test_henmi_copas_agrees_with_metafor():
    """metafor 3.8-1, BCG: hc(rma(yi, vi, method = "DL"), control = list(tol = 1e-13))."""
    fit = pool(Y, V, tau2="DL", interval="henmi-copas")
    assert fit.estimate == pytest.approx(-0.4361390761364, rel=RTOL_R)
    assert fit.se == pytest.approx(0.3131987853727, rel=RTOL_R)
    # R's integrate() stops at 1e-4 relative, which leaves 1e-9 here.
    assert fit.ci_low == pytest.approx(-1.19098220987, rel=1e-8)
    assert fit.ci_high == pytest.approx(0.3187040575969, rel=1e-8)


def test_henmi_copas_weights_are_those_of_equal_effects():
    fit = pool(Y, V, tau2="DL", interval="henmi-copas")
    np.testing.assert_allclose(fit.weights, (1 / V) / (1 / V).sum(), rtol=1e-12)
    assert fit.estimate == pytest.approx(pool(Y, V, tau2="EE").estimate)
    assert fit.tau2 == pool(Y, V, tau2="DL").tau2


def test_kenward_roger_agrees_with_the_formula_of_meta():
    """R: meta's kenwardroger(w), w from metafor 3.8-1 rma(yi, vi, control = list(threshold =
    1e-12)), BCG: estimate, standard error, degrees of freedom."""
    fit = pool(Y, V, interval="kenward-roger")
    assert fit.estimate == pytest.approx(-0.7451777708437, rel=RTOL_R)
    assert fit.se == pytest.approx(0.1877823384984, rel=RTOL_R)
    assert fit.df == pytest.approx(10.56456257123, rel=RTOL_R)


def test_kenward_roger_variance_is_that_of_the_general_algorithm():
    """Kenward and Roger (1997) with matrices: V linear in tau², X a column of 1."""
    tau2 = pool(Y, V).tau2
    sigma, x = np.diag(V + tau2), np.ones((Y.size, 1))
    inverse = np.linalg.inv(sigma)
    phi = np.linalg.inv(x.T @ inverse @ x)
    p = -x.T @ inverse @ inverse @ x
    q = x.T @ inverse @ inverse @ inverse @ x
    m = inverse - inverse @ x @ phi @ x.T @ inverse
    information = np.trace(m @ m) / 2
    adjusted = phi + 2 * phi @ (q - p @ phi @ p) @ phi / information
    assert pool(Y, V, interval="kenward-roger").se ** 2 == pytest.approx(adjusted[0, 0], rel=1e-10)


def test_kenward_roger_is_the_t_interval_when_variances_are_equal():
    y, v = [0.1, 0.9, -0.4, 1.3], [0.2] * 4
    kr, t = pool(y, v, interval="kenward-roger"), pool(y, v, interval="wald-t")
    assert kr.df == pytest.approx(3)
    assert (kr.ci_low, kr.p_value) == pytest.approx((t.ci_low, t.p_value))


def test_profile_likelihood_agrees_with_r():
    """R 4.2.2, BCG: uniroot(tol = 1e-13) on the deviance minimised over tau² by optimize(tol =
    1e-12), chi² quantile as it is and times Bartlett's factor."""
    plain = pool(Y, V, tau2="ML", interval="profile-likelihood")
    assert plain.ci_low == pytest.approx(-1.131788380623, rel=RTOL_R)
    assert plain.ci_high == pytest.approx(-0.3728319735433, rel=RTOL_R)
    assert plain.statistic**2 == pytest.approx(11.21632252157, rel=RTOL_R)
    assert plain.statistic < 0
    assert plain.p_value == pytest.approx(chi2.sf(11.21632252157, 1), rel=1e-7)
    corrected = pool(Y, V, tau2="ML", interval="profile-likelihood-bartlett")
    assert corrected.ci_low == pytest.approx(-1.162257415447, rel=RTOL_R)
    assert corrected.ci_high == pytest.approx(-0.3446178579927, rel=RTOL_R)
    assert corrected.statistic**2 == pytest.approx(11.21632252157 / 1.135026270981, rel=RTOL_R)


def test_profile_likelihood_has_a_closed_form_when_variances_are_equal():
    """Away from tau² = 0: sum (y - limit)² = S exp(quantile / k)."""
    y, v = np.array([-2.0, 1.5, 0.4, 3.1, -1.0]), np.full(5, 0.01)
    fit = pool(y, v, tau2="ML", interval="profile-likelihood", level=0.9)
    s = ((y - y.mean()) ** 2).sum()
    half = np.sqrt(s * (np.exp(chi2.ppf(0.9, 1) / 5) - 1) / 5)
    assert fit.ci_low == pytest.approx(y.mean() - half, rel=1e-11)
    assert fit.ci_high == pytest.approx(y.mean() + half, rel=1e-11)


def naive_profile_limits(y, v, quantile):
    """Outermost means whose deviance, minimised over tau² on a grid and refined, is low enough."""

    def deviance(mu):
        def at(t):
            return (np.log(v + t) + (y - mu) ** 2 / (v + t)).sum()

        grid = np.concatenate([[0], np.geomspace(1e-6, 100, 200)])
        best = int(np.argmin([at(t) for t in grid]))
        ends = grid[max(best - 1, 0)], grid[min(best + 1, 200)]
        return min(at(0), minimize_scalar(at, bounds=ends, options={"xatol": 1e-12}).fun)

    centre = minimize_scalar(deviance, bounds=(y.min(), y.max())).x
    ceiling = deviance(centre) + quantile
    return [brentq(lambda m: deviance(m) - ceiling, centre, centre + d) for d in (-20, 20)]


def test_profile_likelihood_matches_a_naive_search():
    y, v = random_sets(4, 5, seed=3)
    for yi, vi in zip(y, v, strict=True):
        fit = pool(yi, vi, tau2="ML", interval="profile-likelihood")
        low, high = naive_profile_limits(yi, vi, chi2.ppf(0.95, 1))
        assert fit.ci_low == pytest.approx(low, abs=1e-6)
        assert fit.ci_high == pytest.approx(high, abs=1e-6)


def bartlett_factor(v, tau2):
    w = 1 / (v + tau2)
    return 1 + 2 * (w**3).sum() / (w.sum() * (w**2).sum()) - (w**2).sum() / (2 * w.sum() ** 2)


@pytest.mark.parametrize("k", [20, 100])
def test_bartlett_factor_is_the_expectation_of_the_likelihood_ratio(k):
    """Equal variances: k log(1 + F/(k-1)) has expectation k (psi(k/2) - psi((k-1)/2))."""
    expected = k * (digamma(k / 2) - digamma((k - 1) / 2))
    assert bartlett_factor(np.full(k, 0.1), 1.0) == pytest.approx(expected, abs=3 / k**2)


def test_bartlett_factor_is_the_simulated_expectation_when_variances_differ():
    rng = np.random.default_rng(4)
    v, tau2, n = np.geomspace(0.02, 2, 12), 1.5, 30_000
    y = rng.normal(0, np.sqrt(v + tau2), (n, v.size))
    total = 0.0
    for _, s in in_chunks(y, np.broadcast_to(v, y.shape)):
        total += likelihood_ratio(s, maximise(s, FULL), 0.0).sum()
    # Without the correction the gap would be 0.14; 0.01 is four standard errors plus O(1/k²).
    assert total / n == pytest.approx(bartlett_factor(v, tau2), abs=0.035)
    assert bartlett_factor(v, tau2) - 1 > 0.1


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_interval_and_test_are_dual(interval, level):
    """Moved so that a limit is 0, the data give p = 1 - level."""
    y, v = random_sets(40, 6, seed=7)
    if interval == "hartung-knapp-iqwig":
        level = 0.95  # its correction depends on the level; the p-value has no level of its own
    choice = {"tau2": TAU2_OF[interval], "interval": interval, "level": level}
    fit = pool(y, v, **choice)
    assert (fit.ci_low < fit.estimate).all()
    for limit in (fit.ci_low, fit.ci_high):
        moved = pool(y - limit[:, None], v, **choice)
        np.testing.assert_allclose(moved.p_value, 1 - level, rtol=1e-6)


@pytest.mark.parametrize("interval", INTERVALS)
def test_one_study_gets_walds_interval_whatever_was_asked_for(interval):
    y, v = [[0.3, np.nan], [0.3, 0.8], [np.nan, np.nan]], [[0.09, np.nan], [0.1, 0.2], [np.nan] * 2]
    fit = pool(y, v, tau2=TAU2_OF[interval], interval=interval)
    assert (fit.estimate[0], fit.se[0]) == pytest.approx((0.3, 0.3))
    assert fit.ci_high[0] == pytest.approx(0.3 * (1 + 1.959963984540054))
    assert fit.statistic[0] == pytest.approx(1)
    assert np.isnan(fit.df[0])
    np.testing.assert_array_equal(fit.interval_used, ["wald", interval, ""])
    assert np.isfinite([fit.ci_low[1], fit.ci_high[1], fit.p_value[1]]).all()
    assert np.isnan([fit.ci_low[2], fit.ci_high[2], fit.p_value[2]]).all()


def test_iqwig_corrects_only_what_is_narrower_than_dersimonian_laird():
    y, v = random_sets(400, 4, seed=5)
    iqwig = pool(y, v, interval="hartung-knapp-iqwig")
    plain, adhoc = pool(y, v), pool(y, v, interval="hartung-knapp-adhoc")
    old = pool(y, v, tau2="DL", interval="wald")
    too_narrow = plain.ci_high - plain.ci_low < old.ci_high - old.ci_low
    between = ~too_narrow & (plain.se < adhoc.se)
    assert too_narrow.sum() > 10
    assert between.sum() > 10, "Hartung-Knapp below Wald with a t, but not below DerSimonian-Laird"
    np.testing.assert_array_equal(iqwig.se, np.where(too_narrow, adhoc.se, plain.se))


def test_hartung_knapp_is_exact_when_variances_are_equal():
    rng = np.random.default_rng(6)
    n, k = 20_000, 4
    y = rng.normal(0.3, np.sqrt(0.1 + 0.2), (n, k))
    fit = pool(y, np.full((n, k), 0.1))
    covered = ((fit.ci_low < 0.3) & (fit.ci_high > 0.3)).mean()
    assert covered == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / n) ** 0.5)


@pytest.mark.parametrize(
    ("tau2", "interval", "message"),
    [
        ("REML", "henmi-copas", "belongs to tau2 'DL', not 'REML'"),
        ("DL", "kenward-roger", "belongs to tau2 'REML', not 'DL'"),
        ("REML", "profile-likelihood", "possible with 'REML': wald, wald-t, hartung-knapp"),
        ("ML", "profile-likelihod", "did you mean 'profile-likelihood'"),
        ("EE", "kenward-roger", "equal effects"),
    ],
)
def test_impossible_combinations_are_refused_with_what_is_possible(tau2, interval, message):
    with pytest.raises(ValueError) as error:
        pool(Y, V, tau2=tau2, interval=interval)
    assert message in str(error.value)
