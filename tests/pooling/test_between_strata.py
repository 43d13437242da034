"""The between-stratum test: metafor's numbers, a textbook twin, edge cases."""

import numpy as np
import pytest
from scipy.stats import chi2, f

from genopool.pooling.between_strata import between_strata
from genopool.pooling.inverse_variance import pool

# Zhang et al. 2015, IL-8 -251A/T and gastric cancer: cases with T, cases AA, controls with T,
# controls AA, Asian.
IL8 = np.fromstring(
    """172 36 164 26 1  280 53 556 137 0  188 48 889 250 0  160 47 195 45 0  89 15 144 52 0
    62 16 156 33 0  10 9 131 22 1  98 14 183 24 0  285 49 295 27 1  69 12 281 27 1
    411 59 246 62 1  115 23 122 15 1  196 54 263 37 1  199 13 326 20 1  260 48 249 59 1
    118 12 188 12 1  5 4 31 7 0  65 23 354 75 1  211 76 311 117 0  161 20 419 49 1
    105 20 117 23 1  352 44 230 22 1  77 25 84 19 0  136 17 183 23 1  147 59 157 39 1
    391 128 411 93 1""",
    sep=" ",
).reshape(26, 5)
CASES_T, CASES_AA, CONTROLS_T, CONTROLS_AA, ASIAN = IL8.T
LOG_OR = np.log(CASES_T * CONTROLS_AA / CASES_AA / CONTROLS_T)
VARIANCE = 1 / CASES_T + 1 / CASES_AA + 1 / CONTROLS_T + 1 / CONTROLS_AA
STRATA = ASIAN.astype(int)

#: Published pins rest on metafor's default convergence (1e-5 in tau²).
RTOL_PIN = 1e-4
RTOL = 1e-8


def test_il8_pins():
    common = between_strata(LOG_OR, VARIANCE, STRATA)
    assert (common.distribution, common.df1, common.df2) == ("F", 1, 24)
    assert (common.strata, common.k, common.status) == (2, 26, "")
    assert common.statistic == pytest.approx(2.844916, rel=1e-6)
    wald = between_strata(LOG_OR, VARIANCE, STRATA, interval="wald")
    assert (wald.distribution, wald.df1) == ("chi2", 1)
    assert np.isnan(wald.df2)
    assert wald.statistic == pytest.approx(3.083667, rel=1e-6)
    separate = between_strata(LOG_OR, VARIANCE, STRATA, between="separate")
    assert separate.statistic == pytest.approx(5.311402, rel=RTOL_PIN)
    assert separate.distribution == "chi2"


def test_il8_at_a_tight_threshold():
    """metafor 3.8-1: rma(yi, vi, mods = ~ethnicity, control = list(threshold = 1e-10)), QM with
    test = "knha" and "z"; then rma() in each stratum and QE of their FE pool."""
    common = between_strata(LOG_OR, VARIANCE, STRATA)
    assert common.statistic == pytest.approx(2.8449162877687, rel=RTOL)
    assert common.p_value == pytest.approx(f.sf(2.8449162877687, 1, 24), rel=1e-7)
    wald = between_strata(LOG_OR, VARIANCE, STRATA, interval="wald")
    assert wald.statistic == pytest.approx(3.0836681976500, rel=RTOL)
    assert wald.p_value == pytest.approx(chi2.sf(3.0836681976500, 1), rel=1e-7)
    separate = between_strata(LOG_OR, VARIANCE, STRATA, between="separate")
    assert separate.statistic == pytest.approx(5.3118540767026, rel=RTOL)


@pytest.mark.parametrize(
    ("interval", "statistic", "distribution"),
    [
        ("wald-t", 3.0836681976500, "F"),
        ("hartung-knapp-adhoc", 2.8449162877687, "F"),
        ("hartung-knapp-iqwig", 2.8449162877687, "F"),
        ("kenward-roger", 3.0836681976500, "chi2"),
    ],
)
def test_il8_with_other_intervals(interval, statistic, distribution):
    """As above; the residual mean square is over 1 here, so that never-narrower changes nothing."""
    test = between_strata(LOG_OR, VARIANCE, STRATA, interval=interval)
    assert test.statistic == pytest.approx(statistic, rel=RTOL)
    assert test.distribution == distribution


@pytest.mark.parametrize(
    ("method", "q_m"),
    [
        ("DL", 2.98292684686),
        ("HE", 2.13667431699),
        ("HS", 3.3267912416),
        ("HSk", 3.05661720614),
        ("SJ", 2.11601006284),
        ("ML", 3.40650478797),
        ("EB", 2.78081039779),
        ("PM", 2.78081039779),
        ("PMM", 2.68238844375),
    ],
)
def test_residual_tau2_of_every_estimator(method, q_m):
    """metafor 3.8-1: rma(yi, vi, mods = ~ethnicity, method, control = list(threshold = 1e-12,
    tol = 1e-12, maxiter = 1e5))$QM."""
    ours = between_strata(LOG_OR, VARIANCE, STRATA, tau2=method, interval="wald")
    assert ours.statistic == pytest.approx(q_m, rel=RTOL)


def test_equal_effects_is_the_classical_heterogeneity_between_strata():
    """Q total = Q within + Q between (Borenstein et al. 2009, chapter 19)."""
    ours = between_strata(LOG_OR, VARIANCE, STRATA, tau2="EE")
    total = pool(LOG_OR, VARIANCE, tau2="EE").q
    parts = (STRATA == 0, STRATA == 1)
    within = sum(pool(LOG_OR[part], VARIANCE[part], tau2="EE").q for part in parts)
    assert ours.statistic == pytest.approx(total - within, rel=1e-10)
    assert ours.distribution == "chi2"


def naive(y, v, labels, tau2):
    """Generalised least squares with matrices, tau² known: Q_M and the residual sum of squares."""
    x = (labels[:, None] == np.unique(labels)).astype(float)
    w = np.diag(1 / (v + tau2))
    b = np.linalg.solve(x.T @ w @ x, x.T @ w @ y)
    cov = np.linalg.inv(x.T @ w @ x)
    c = np.diff(np.eye(b.size), axis=0)
    r = y - x @ b
    return (c @ b) @ np.linalg.solve(c @ cov @ c.T, c @ b), r @ w @ r


def test_vectorised_and_naive_agree():
    rng = np.random.default_rng(2)
    y, v = rng.normal(0, 0.6, (30, 12)), rng.uniform(0.02, 0.4, (30, 12))
    labels = rng.integers(-1, 3, (30, 12))
    absent = rng.random(y.shape) < 0.1
    y[absent] = v[absent] = np.nan
    # HE has a closed form, so the twin needs no solver.
    ours = between_strata(y, v, labels, tau2="HE")
    adhoc = between_strata(y, v, labels, tau2="HE", interval="hartung-knapp-adhoc")
    for i in range(30):
        use = (labels[i] >= 0) & ~absent[i]
        yi, vi, li = y[i, use], v[i, use], labels[i, use]
        x = (li[:, None] == np.unique(li)).astype(float)
        m = np.eye(li.size) - x @ np.linalg.pinv(x)
        k, p = x.shape
        tau2 = max(0, (yi @ m @ yi - np.trace(m @ np.diag(vi))) / (k - p))
        q, residual = naive(yi, vi, li, tau2)
        expected = q / (residual / (k - p)) / (p - 1)
        assert (ours.k[i], ours.strata[i], ours.df2[i]) == (k, p, k - p)
        assert ours.statistic[i] == pytest.approx(expected, rel=1e-9)
        assert adhoc.statistic[i] == pytest.approx(q / max(1, residual / (k - p)) / (p - 1))
        alone = between_strata(yi, vi, li, tau2="HE")
        assert alone.p_value == pytest.approx(ours.p_value[i], rel=1e-9)


def test_separate_test_uses_wald_standard_errors_whatever_the_interval():
    labels = np.repeat([0, 1, 2], [10, 14, 2])
    tests = [
        between_strata(LOG_OR, VARIANCE, labels, between="separate", interval=interval)
        for interval in ("wald", "hartung-knapp")
    ]
    assert tests[0].statistic == tests[1].statistic
    fits = [pool(LOG_OR[labels == s], VARIANCE[labels == s], interval="wald") for s in range(3)]
    w = np.array([1 / fit.se**2 for fit in fits])
    theta = np.array([fit.estimate for fit in fits])
    centre = (w * theta).sum() / w.sum()
    assert tests[0].statistic == pytest.approx((w * (theta - centre) ** 2).sum(), rel=1e-9)


@pytest.mark.parametrize(
    ("labels", "status"),
    [
        ([0, 0, 0, 0], "fewer than two strata"),
        ([-1, -1, -1, 5], "fewer than two strata"),
        ([-1, -1, -1, -1], "fewer than two strata"),
        ([0, 1, 2, 3], "no more studies than strata"),
        ([0, 1, 1, 2], ""),
    ],
)
def test_status_says_why_there_is_no_test(labels, status):
    test = between_strata([0.1, 0.9, 0.3, 0.2], [0.1, 0.2, 0.1, 0.3], labels)
    assert test.status == status
    assert np.isnan(test.p_value) == bool(status)


def test_identical_effects_within_strata_use_the_never_narrower_variant():
    test = between_strata([0.1, 0.1, 0.5, 0.5], [0.1, 0.2, 0.1, 0.2], [0, 0, 1, 1])
    wald = between_strata([0.1, 0.1, 0.5, 0.5], [0.1, 0.2, 0.1, 0.2], [0, 0, 1, 1], interval="wald")
    assert test.statistic == pytest.approx(wald.statistic)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"between": "seperate"}, "did you mean 'separate'"),
        ({"tau2": "GENQ"}, "unknown tau2"),
        ({"tau2": "EE", "interval": "hartung-knapp"}, "equal effects"),
    ],
)
def test_impossible_choices_are_refused(choice, message):
    arguments = {"strata": [0, 1]} | choice
    with pytest.raises(ValueError) as error:
        between_strata([0.1, 0.2], [0.1, 0.2], **arguments)
    assert message in str(error.value)


def test_labels_may_be_names_or_missing():
    y, v = [0.1, 0.5, 0.3, 0.9, 0.2], [0.1, 0.1, 0.2, 0.2, 0.1]
    whole = between_strata(y, v, [0, 1, 0, 1, -1])
    for labels in (["a", "b", "a", "b", None], [0.0, 1.0, 0.0, 1.0, np.nan]):
        assert between_strata(y, v, labels).p_value == whole.p_value


@pytest.mark.parametrize("shape", [(0,), (0, 4), (2, 0, 4), (3, 0)])
@pytest.mark.parametrize("between", ["common", "separate"])
def test_nothing_to_test(shape, between):
    test = between_strata(np.empty(shape), np.empty(shape), np.zeros(shape[-1]), between=between)
    assert test.p_value.shape == shape[:-1]
    assert np.isnan(test.p_value).all()
