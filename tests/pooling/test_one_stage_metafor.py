"""The one-stage models against metafor, and against a slow likelihood where the two differ.

The twin below shares no code with the package. Its integrals are trapezoidal sums over a box
that is narrowed around the peak: the integrand is log-concave, and outside the last box it is
below exp(-45) of its peak.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, gammaln

from genopool.pooling.exact import conditional_exact
from genopool.pooling.one_stage import glmm
from genopool.pooling.one_stage_models import ONE_STAGE_MODELS

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "metafor.json").read_text(encoding="utf-8")
)["cases"]
CELLS = ("case_exposed", "case_unexposed", "control_exposed", "control_unexposed")

# Agreement asked of estimate and standard error (log odds).
TOLERANCE = 1e-4
# Log-likelihoods of two quadratures, each good to 1e-9 or so a study.
SAME_VALUE = 1e-7

# Where metafor is further off than that, and why: see here and test_one_stage_quadrature.
LOOSE = {
    ("nielweise2007", "UM.FS"): "optimiser stopped early",
    ("bcg", "UM.RS"): "Laplace's approximation",
    ("nielweise2007", "UM.RS"): "Laplace's approximation",
    ("il8_zhang2015.dominant", "UM.RS"): "Laplace's approximation",
    ("casp8_frank2008.heterozygous", "CM.EL"): "standard error from a noisy Hessian",
    ("casp8_frank2008.overdominant", "CM.EL"): "standard error from a noisy Hessian",
}
PAIRS = [(case, model) for case, data in REFERENCE.items() for model in data.get("glmm", {})]


def tables(name):
    cells = [np.array(REFERENCE[name]["table"][cell], dtype=float) for cell in CELLS]
    keep = cells[0] + cells[2] > 0
    return [x[keep] for x in cells]


def log_choose(n, x):
    return gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)


def log_binomial(x, n, eta):
    return log_choose(n, x) + x * eta - n * np.logaddexp(0.0, eta)


def log_hypergeometric(a, n1, n2, m, eta):
    x = np.arange(max(0, m - n2), min(n1, m) + 1)
    log_terms = log_choose(n1, x) + log_choose(n2, m - x) + x * eta[..., None]
    top = log_terms.max(axis=-1)
    log_sum = top + np.log(np.exp(log_terms - top[..., None]).sum(axis=-1))
    return log_terms[..., int(a - x[0])] - log_sum


def log_integral(log_f, dimensions):
    """log of the integral of exp(log_f(z)) over standard normal z."""
    low, high = np.full(dimensions, -38.0), np.full(dimensions, 38.0)
    for size in (31, 31, 31, 121 if dimensions == 1 else 61):
        axes = [np.linspace(u, v, size) for u, v in zip(low, high, strict=True)]
        z = np.meshgrid(*axes, indexing="ij")
        values = log_f(*z) - sum(x**2 for x in z) / 2 - dimensions * np.log(2 * np.pi) / 2
        top = values.max()
        near = np.argwhere(values > top - 45)
        step = np.array([x[1] - x[0] for x in axes])
        low, high = low + step * (near.min(axis=0) - 1), low + step * (near.max(axis=0) + 1)
    return top + np.log(np.exp(values - top).sum() * step.prod())


def study_value(model, a, b, c, d, theta, tau, mu, sigma):
    n1, n2 = a + b, c + d
    if model == "CM.EL":
        return log_integral(
            lambda z: log_hypergeometric(a, n1, n2, a + c, theta + tau * z), dimensions=1
        )
    if model == "CM.AL":
        base = np.log(n1 / n2) + theta
        return log_integral(lambda z: log_binomial(a, a + c, base + tau * z), dimensions=1)

    def arms(z, alpha):
        cases = log_binomial(a, n1, alpha + theta + tau * z / 2)
        return cases + log_binomial(c, n2, alpha - tau * z / 2)

    if model == "UM.RS":
        return log_integral(lambda z, y: arms(z, mu + sigma * y), dimensions=2)
    # UM.FS: the study's own alpha at its best.
    start = np.log((a + c + 0.5) / (b + d + 0.5))
    found = minimize_scalar(
        lambda alpha: -log_integral(lambda z: arms(z, alpha), dimensions=1),
        bracket=(start - 1, start + 1),
    )
    return -found.fun


def twin(model, counts, theta, tau, mu=0.0, sigma=0.0):
    studies = zip(*counts, strict=True)
    return sum(study_value(model, *study, theta, tau, mu, sigma) for study in studies)


def twin_at_best_study_effects(counts, theta, tau, start):
    """UM.RS with mu and sigma at their best."""
    found = minimize(
        lambda p: -twin("UM.RS", counts, theta, tau, *p),
        start,
        method="Nelder-Mead",
        options={"xatol": 1e-3, "fatol": 1e-6},
    )
    return -found.fun


def parameters(fit, counts):
    """theta, tau, and for UM.RS mu (solved on the twin) and sigma of a fit."""
    theta, tau = float(fit.estimate), float(np.sqrt(fit.tau2))
    if fit.model != "UM.RS":
        return [theta, tau]
    sigma = float(np.sqrt(fit.sigma2))
    mu = minimize_scalar(
        lambda m: -twin("UM.RS", counts, theta, tau, m, sigma),
        bracket=(-1.0, 0.0),
        options={"xtol": 1e-6},
    ).x
    return [theta, tau, mu, sigma]


@pytest.mark.parametrize(("case", "model"), PAIRS)
def test_reference(case, model):
    expected = REFERENCE[case]["glmm"][model]
    counts = tables(case)
    fit = glmm(*counts, model=model)
    assert fit.promised_gain < 1e-9 and fit.reason == ""
    if (case, model) not in LOOSE:
        for name in ("estimate", "se"):
            assert getattr(fit, name) == pytest.approx(expected[name], abs=TOLERANCE), name
        for name in ("ci_low", "ci_high"):
            assert getattr(fit, name) == pytest.approx(expected[name], abs=3 * TOLERANCE), name
        return
    ours = twin(model, counts, *parameters(fit, counts))
    assert fit.log_likelihood == pytest.approx(ours, abs=SAME_VALUE)
    theta, tau = expected["estimate"], np.sqrt(expected["tau2"])
    if model == "UM.RS":
        theirs = twin_at_best_study_effects(counts, theta, tau, parameters(fit, counts)[2:])
    else:
        theirs = twin(model, counts, theta, tau)
    assert ours > theirs


@pytest.mark.parametrize(("case", "model"), PAIRS)
def test_heterogeneity_of_the_reference(case, model):
    expected = REFERENCE[case]["glmm"][model]
    fit = glmm(*tables(case), model=model)
    # metafor takes UM.RS by Laplace's approximation here too; its Wald test of CM.EL rests on
    # the noisy Hessian (268.6 for BCG, where the likelihood ratio is 176.9 and ours 163.1).
    if model == "UM.RS":
        assert fit.q_lrt == pytest.approx(expected["q_lrt"], rel=3e-4)
        assert fit.q_wald == pytest.approx(expected["q_wld"], rel=5e-3)
    else:
        assert fit.q_lrt == pytest.approx(expected["q_lrt"], rel=1e-8)
    if model == "UM.FS":
        # A zero cell adds nothing in the limit; metafor stops on the way there.
        rtol = 1e-7 if case == "nielweise2007" else 1e-6
        assert fit.q_wald == pytest.approx(expected["q_wld"], rel=rtol)


def second_difference_se(model, counts, at, step=2e-3):
    """Standard error of theta from the twin, by fourth-order second differences."""
    at = np.array(at)
    weights = {-2: 1, -1: -8, 1: 8, 2: -1}

    def mixed(i, j):
        if i == j:
            ends = {-2: -1, -1: 16, 0: -30, 1: 16, 2: -1}
            return sum(w * f({i: k}) for k, w in ends.items()) / (12 * step**2)
        return sum(
            u * v * f({i: k, j: m}) for k, u in weights.items() for m, v in weights.items()
        ) / (144 * step**2)

    def f(moves):
        there = at.copy()
        for i, k in moves.items():
            there[i] += k * step
        return twin(model, counts, *there)

    p = range(len(at))
    hessian = np.array([[mixed(min(i, j), max(i, j)) for j in p] for i in p])
    return float(np.sqrt(np.linalg.inv(-hessian)[0, 0]))


@pytest.mark.parametrize(
    ("case", "model"),
    [
        ("casp8_frank2008.recessive", "CM.EL"),
        ("nielweise2007", "CM.EL"),
        # metafor says 0.18146; the curvature of the likelihood says 0.18256.
        ("bcg", "UM.RS"),
    ],
)
def test_standard_error_is_the_curvature_of_the_twin(case, model):
    counts = tables(case)
    fit = glmm(*counts, model=model)
    se = second_difference_se(model, counts, parameters(fit, counts))
    assert fit.se == pytest.approx(se, rel=1e-5)


@pytest.mark.parametrize("case", ["casp8_frank2008.heterozygous", "casp8_frank2008.overdominant"])
def test_conditional_model_without_heterogeneity_is_the_exact_one(case):
    # metafor: 0.0384 and 0.0174; the conditional information at tau² = 0 says 0.0395, 0.0326.
    counts = tables(case)
    fit, exact = glmm(*counts, model="CM.EL"), conditional_exact(*counts)
    assert fit.tau2 == 0
    assert fit.estimate == pytest.approx(float(exact.estimate), abs=1e-10)
    assert fit.se == pytest.approx(float(exact.se), rel=1e-10)
    assert fit.log_likelihood == pytest.approx(float(exact.log_likelihood), abs=1e-9)


def sparse_table(rng):
    k = int(rng.integers(2, 9))
    n1 = rng.integers(5, 150, k)
    n2 = n1 * int(rng.integers(1, 4))
    base = np.log(rng.uniform(0.01, 0.08)) + rng.normal(0, rng.choice([0, 0.7]), k)
    shift = rng.normal(0, rng.choice([0, 0.5, 1.0]), k)
    a = rng.binomial(n1, expit(base + rng.normal() + shift / 2))
    c = rng.binomial(n2, expit(base - shift / 2))
    return np.array([a, n1 - a, c, n2 - c], dtype=float)


@pytest.mark.parametrize("model", ONE_STAGE_MODELS)
def test_sparse_tables_reach_the_maximum(model):
    rng = np.random.default_rng(20)
    to_check = 2 if model in ("UM.FS", "UM.RS") else 6
    for _ in range(40):
        counts = sparse_table(rng)
        fit = glmm(*counts, model=model)
        if np.isnan(fit.estimate):
            assert "infinity" in str(fit.reason) or "without bound" in str(fit.reason)
            continue
        assert fit.promised_gain < 1e-9 and np.isfinite(fit.se)
        if to_check == 0 or fit.k < 2:
            continue
        to_check -= 1
        counts = counts[:, counts[0] + counts[2] > 0]
        at = parameters(fit, counts)
        top = twin(model, counts, *at)
        assert fit.log_likelihood == pytest.approx(top, abs=SAME_VALUE)
        for moved in ((0.1 * fit.se, 0), (-0.1 * fit.se, 0), (0, 0.1), (0, 0.02 - at[1])):
            there = [at[0] + moved[0], at[1] + moved[1], *at[2:]]
            assert twin(model, counts, *there) < top + SAME_VALUE
    assert to_check == 0
