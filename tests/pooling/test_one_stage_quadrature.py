"""Which quadrature metafor's numbers come from, and how ours converges.

lme4 places its nodes at the mode of the random effect, with the curvature there: seven nodes for
UM.FS and CM.AL, one (Laplace's approximation) for UM.RS. Coded here anew, these show why the
reference differs from the maximum of the exact likelihood.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, gammaln

from genopool.pooling.one_stage import glmm
from genopool.pooling.one_stage_likelihood import BinomialArm, MarginalLikelihood
from genopool.pooling.one_stage_models import ONE_STAGE_MODELS, one_stage_model

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "metafor.json").read_text(encoding="utf-8")
)["cases"]
CELLS = ("case_exposed", "case_unexposed", "control_exposed", "control_unexposed")


def tables(name):
    cells = [np.array(REFERENCE[name]["table"][cell], dtype=float) for cell in CELLS]
    keep = cells[0] + cells[2] > 0
    return [x[keep] for x in cells]


def log_binomial(x, n, eta):
    choose = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return choose + x * eta - n * np.logaddexp(0.0, eta)


def at_the_mode(counts, alpha, theta, spreads, points):
    """Log-likelihood with `points` nodes at the mode, for effects acting as `spreads`.

    spreads has shape (effects, 2): what a standard normal effect adds to the two logits.
    """
    a, b, c, d = counts
    x, n = np.stack([a, c]), np.stack([a + b, c + d])
    z = np.zeros((len(spreads), a.size))
    base = np.stack([alpha + theta, alpha + np.zeros_like(theta)])
    for _ in range(200):
        eta = base + spreads.T @ z
        p = expit(eta)
        gradient = spreads @ (x - n * p) - z
        weight = n * p * (1 - p)
        precision = np.einsum("rj,jk,sj->krs", spreads, weight, spreads) + np.eye(len(spreads))
        step = np.linalg.solve(precision, gradient.T[..., None])[..., 0].T
        z = z + step * np.minimum(1, 1 / np.maximum(np.abs(step).max(axis=0), 1e-9))
        if np.abs(step).max() < 1e-11:
            break
    # Cholesky factor of the covariance at the mode.
    root = np.linalg.cholesky(np.linalg.inv(precision))
    node, weight = np.polynomial.hermite_e.hermegauss(points)
    grid = np.stack(np.meshgrid(*[node] * len(spreads), indexing="ij")).reshape(len(spreads), -1)
    log_w = np.log(weight / np.sqrt(2 * np.pi)) + node**2 / 2
    log_w = sum(np.meshgrid(*[log_w] * len(spreads), indexing="ij")).ravel()
    there = z[:, :, None] + np.einsum("krs,sq->rkq", root, grid)
    eta = base[:, :, None] + np.einsum("rj,rkq->jkq", spreads, there)
    log_f = log_binomial(x[:, :, None], n[:, :, None], eta).sum(axis=0)
    log_f = log_f - (there**2).sum(axis=0) / 2 + log_w
    top = log_f.max(axis=-1)
    value = top + np.log(np.exp(log_f - top[:, None]).sum(axis=-1))
    return (value + np.log(np.abs(np.linalg.det(root)))).sum()


@pytest.mark.parametrize("case", ["bcg", "nielweise2007", "il8_zhang2015.dominant"])
def test_metafor_maximises_laplace_for_random_study_effects(case):
    counts = tables(case)
    expected = REFERENCE[case]["glmm"]["UM.RS"]

    def loss(p):
        theta, tau, mu, sigma = p
        spreads = np.array([[tau / 2, -tau / 2], [sigma, sigma]])
        alpha = np.full(counts[0].size, mu)
        return -at_the_mode(counts, alpha, np.full_like(alpha, theta), spreads, points=1)

    fit = glmm(*counts, model="UM.RS")
    mu = np.log(counts[2].sum() / counts[3].sum())
    start = [float(fit.estimate), np.sqrt(expected["tau2"]), mu, float(np.sqrt(fit.sigma2))]
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-5})
    assert found.x[0] == pytest.approx(expected["estimate"], abs=1e-4)
    assert found.x[1] ** 2 == pytest.approx(expected["tau2"], abs=1e-4)
    # The exact maximum is elsewhere.
    assert abs(fit.tau2 - expected["tau2"]) > 3e-4


def test_seven_points_are_enough_but_lme4_stops_before_their_maximum():
    counts = tables("nielweise2007")
    expected = REFERENCE["nielweise2007"]["glmm"]["UM.FS"]
    a, b, c, d = counts

    def loss(p):
        spreads = np.array([[p[1] / 2, -p[1] / 2]])
        return -at_the_mode(counts, p[2:], np.full(a.size, p[0]), spreads, points=7)

    start = [-1.24, 0.56, *(np.log((a + c) / (b + d)) + 0.6)]
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-5})
    fit = glmm(*counts, model="UM.FS")
    assert found.x[0] == pytest.approx(float(fit.estimate), abs=1e-5)
    assert found.x[1] ** 2 == pytest.approx(float(fit.tau2), abs=1e-4)
    theirs = [expected["estimate"], np.sqrt(expected["tau2"])]
    assert abs(found.x[0] - theirs[0]) > 4e-4
    at_theirs = minimize(lambda alpha: loss(np.append(theirs, alpha)), found.x[2:], method="BFGS")
    assert at_theirs.fun > found.fun


# R 4.2.2, metafor 3.8-1, lme4 1.1-31: rma.glmm(measure="OR", ai=, bi=, ci=, di=, model="CM.AL",
# method="ML") of dat.nielweise2007 and dat.bcg: beta, se, tau2, I2, QE.LRT, and predict()$pi.*.
# Its Wald test sums as ours; nodes at the mode, 7 of them, leave 1e-5.
@pytest.mark.parametrize(
    ("case", "literals"),
    [
        (
            "nielweise2007",
            "-1.30265302659 0.338640930209 0.600684707921 37.704986811 27.391730725 "
            "-2.96037289243 0.355066839242",
        ),
        (
            "bcg",
            "-0.722116995623 0.174401922301 0.288710350731 90.848849486 161.820963366 "
            "-1.82932558126 0.385091590013",
        ),
    ],
)
def test_conditional_binomial_as_metafor(case, literals):
    fit = glmm(*tables(case), model="CM.AL")
    names = "estimate se tau2 i2 q_lrt pi_low pi_high".split()
    for name, value in zip(names, map(float, literals.split()), strict=True):
        assert getattr(fit, name) == pytest.approx(value, abs=1e-4, rel=2e-5), name


@pytest.mark.parametrize("model", ONE_STAGE_MODELS)
def test_derivatives_are_those_of_the_value(model):
    counts = tables("nielweise2007")
    likelihood = one_stage_model(model, *counts).likelihood
    p = likelihood.fixed.shape[1]
    at = np.array([-1.1, 0.7, -3.2, 0.6])[:p]
    h = 1e-4
    moves = np.concatenate([np.zeros((1, p)), h * np.eye(p), -h * np.eye(p)])
    psi = np.repeat((at + moves)[:, None, :], counts[0].size, axis=1)
    d = likelihood.evaluate(psi, points=41)
    up, down = d.value[1 : p + 1], d.value[p + 1 :]
    np.testing.assert_allclose(d.gradient[0].T, (up - down) / (2 * h), rtol=1e-6, atol=1e-6)
    up, down = d.gradient[1 : p + 1], d.gradient[p + 1 :]
    differences = np.moveaxis((up - down) / (2 * h), 0, -1)
    np.testing.assert_allclose(d.hessian[0], differences, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("tau", "points", "error"),
    [(0.5, 25, 1e-9), (1, 41, 1e-9), (2, 81, 1e-9), (5, 321, 1e-9), (12, 641, 1e-8)],
)
def test_quadrature_converges_for_skewed_integrands(tau, points, error):
    # One of few, none of many, half of some: from flat to sharp on one side.
    x = np.array([0.0, 0, 1, 0, 3, 50, 1])
    n = np.array([5.0, 100, 100, 5000, 5000, 100, 2])
    likelihood = MarginalLikelihood(
        arms=(BinomialArm(x, n),),
        offset=np.zeros((1, x.size)),
        fixed=np.array([[1.0, 0.0]]),
        random=np.array([[[0.0], [1.0]]]),
        constant=np.zeros(x.size),
    )
    value = likelihood.evaluate(np.broadcast_to([-1.0, tau], (1, x.size, 2)), points).value[0]
    z = np.linspace(-30, 30, 60_001)[:, None]
    eta = -1.0 + tau * z
    log_f = x * eta - n * np.logaddexp(0, eta) - z**2 / 2 - np.log(2 * np.pi) / 2
    top = log_f.max(axis=0)
    trapezoid = top + np.log(np.exp(log_f - top).sum(axis=0) * (z[1] - z[0]))
    np.testing.assert_allclose(value, trapezoid, rtol=0, atol=error)
