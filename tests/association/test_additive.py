"""The additive model and its score test, against statsmodels and closed forms."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.contingency_tables import Table
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from genopool.association.additive import additive_log_odds_ratio, cochran_armitage
from genopool.association.counts import STATUS_TEXT

#: statsmodels stops its Newton steps at a change of 1e-12 in the mean log-likelihood, which
#: leaves up to 1e-8 in the slope of its flattest examples here.
RTOL_STATSMODELS = 1e-7
RTOL_EXACT = 1e-12


def statsmodels_fit(cases, controls):
    table = np.column_stack([cases, controls])
    keep = table.sum(axis=1) > 0
    design = sm.add_constant(np.arange(3.0))[keep]
    model = sm.GLM(table[keep], design, family=sm.families.Binomial())
    with warnings.catch_warnings():
        # A table that fits exactly, such as 1 1 1 and 1 1 1, is mistaken for separation.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        return model.fit(tol=1e-14, maxiter=200)


def overlapping(rng, high, size):
    """Random tables with every genotype seen in cases and in controls."""
    return rng.integers(1, high, (2, size, 3))


@pytest.mark.parametrize("high", [3, 30, 3000])
def test_agrees_with_statsmodels(high):
    rng = np.random.default_rng(high)
    cases, controls = overlapping(rng, high, 40)
    ours = additive_log_odds_ratio(cases, controls)
    for i in range(40):
        fit = statsmodels_fit(cases[i], controls[i])
        np.testing.assert_allclose(ours.log_or[i], fit.params[1], rtol=RTOL_STATSMODELS, atol=1e-12)
        np.testing.assert_allclose(ours.variance[i], fit.bse[1] ** 2, rtol=RTOL_STATSMODELS)


def test_agrees_with_statsmodels_logit_on_single_people():
    cases, controls = np.array([11, 22, 79]), np.array([104, 72, 46])
    copies = np.repeat([0, 1, 2, 0, 1, 2], [*cases, *controls])
    is_case = np.repeat([1, 0], [cases.sum(), controls.sum()])
    fit = sm.Logit(is_case, sm.add_constant(copies)).fit(disp=False, tol=1e-14)
    ours = additive_log_odds_ratio(cases, controls)
    np.testing.assert_allclose(ours.log_or, fit.params[1], rtol=1e-9)
    np.testing.assert_allclose(ours.variance, fit.cov_params()[1, 1], rtol=1e-9)


def score(cases, controls, slope):
    """Score of the slope at the intercept that fits the number of cases, by bisection."""
    copies, n = np.arange(3), cases + controls
    low, high = -200.0, 200.0
    for _ in range(200):
        middle = (low + high) / 2
        fitted = n / (1 + np.exp(-(middle + slope * copies)))
        low, high = (middle, high) if fitted.sum() < cases.sum() else (low, middle)
    return ((cases - fitted) * copies).sum()


def test_sparse_and_lopsided_tables_solve_the_likelihood_equation():
    # The score changes sign within 1e-9 of the slope: no tolerance of another program enters.
    rng = np.random.default_rng(9)
    cases = rng.integers(0, 3, (300, 3)) * 10 ** rng.integers(0, 6, (300, 3))
    controls = rng.integers(0, 3, (300, 3)) * 10 ** rng.integers(0, 6, (300, 3))
    fit = additive_log_odds_ratio(cases, controls, apply="none")
    used = np.flatnonzero(np.isfinite(fit.log_or))
    assert len(used) > 150
    for i in used:
        slope, step = fit.log_or[i], 1e-9 * max(1, abs(fit.log_or[i]))
        assert score(cases[i], controls[i], slope - step) > 0
        assert score(cases[i], controls[i], slope + step) < 0


def test_two_genotypes_are_a_two_by_two_table():
    # Genotypes 0 and 1: log(ad/bc). Genotypes 0 and 2: half of it, a quarter of the variance.
    neighbours = additive_log_odds_ratio([7, 12, 0], [9, 4, 0])
    apart = additive_log_odds_ratio([7, 0, 12], [9, 0, 4])
    log_or, variance = np.log(12 * 9 / (7 * 4)), 1 / 7 + 1 / 12 + 1 / 9 + 1 / 4
    np.testing.assert_allclose(
        [neighbours.log_or, neighbours.variance], [log_or, variance], rtol=RTOL_EXACT
    )
    np.testing.assert_allclose(
        [apart.log_or, apart.variance], [log_or / 2, variance / 4], rtol=RTOL_EXACT
    )


def test_a_log_linear_table_gives_its_slope_back():
    # Controls 40, 60, 30 and cases in proportion 1 : 2 : 4: the odds double with each allele.
    fit = additive_log_odds_ratio([40, 120, 120], [40, 60, 30])
    np.testing.assert_allclose(fit.log_or, np.log(2), rtol=RTOL_EXACT)


def test_turning_the_alleles_or_the_groups_turns_the_sign():
    rng = np.random.default_rng(2)
    cases, controls = overlapping(rng, 40, 50)
    fit = additive_log_odds_ratio(cases, controls)
    for turned in (
        additive_log_odds_ratio(cases[:, ::-1], controls[:, ::-1]),
        additive_log_odds_ratio(controls, cases),
    ):
        np.testing.assert_allclose(turned.log_or, -fit.log_or, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(turned.variance, fit.variance, rtol=1e-10)


def test_scaling_the_counts_scales_only_the_variance():
    rng = np.random.default_rng(3)
    cases, controls = overlapping(rng, 40, 50)
    fit = additive_log_odds_ratio(cases, controls)
    divided = additive_log_odds_ratio(cases / 3, controls / 3)
    np.testing.assert_allclose(divided.log_or, fit.log_or, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(divided.variance, 3 * fit.variance, rtol=1e-10)


def has_finite_slope(cases, controls):
    """Overlap in the words of RULES, from people listed one by one."""
    seen = np.arange(3)
    x, y = seen[cases > 0], seen[controls > 0]
    return not (max(x) <= min(y) or max(y) <= min(x))


def test_the_correction_is_added_only_where_the_slope_is_infinite():
    rng = np.random.default_rng(6)
    cases, controls = rng.integers(0, 2, (2, 400, 3)) * rng.integers(1, 9, (2, 400, 3))
    keep = cases.any(axis=1) & controls.any(axis=1)
    keep &= ((cases + controls) > 0).sum(axis=1) > 1
    cases, controls = cases[keep], controls[keep]
    finite = np.array([has_finite_slope(x, y) for x, y in zip(cases, controls, strict=True)])
    assert 50 < finite.sum() < keep.sum() - 50
    fit = additive_log_odds_ratio(cases, controls)
    np.testing.assert_array_equal(fit.added, np.where(finite, 0, 0.5))
    np.testing.assert_array_equal(fit.added_controls, fit.added)
    corrected = additive_log_odds_ratio(cases[~finite] + 0.5, controls[~finite] + 0.5)
    np.testing.assert_array_equal(fit.log_or[~finite], corrected.log_or)
    np.testing.assert_array_equal(fit.variance[~finite], corrected.variance)


@pytest.mark.parametrize("apply", ["all", "if0all"])
def test_no_scope_corrects_a_finite_slope(apply):
    fit = additive_log_odds_ratio([[5, 6, 0], [0, 0, 4]], [[3, 9, 0], [5, 0, 0]], apply=apply)
    np.testing.assert_array_equal(fit.added, [0, 0.5])


@pytest.mark.parametrize(
    ("cases", "controls", "options", "text"),
    [
        ([0, 9, 0], [0, 5, 0], {}, "double zero"),
        ([0, 0, 0], [3, 5, 1], {}, "no cases/controls in the genotypes compared"),
        ([1, 2, 3], [0, 0, 0], {}, "no cases/controls in the genotypes compared"),
        ([1, np.nan, 3], [2, 2, 2], {}, "absent"),
        (
            [0, 2, 3],
            [2, 2, 0],
            {"apply": "none"},
            "infinite log odds ratio (zero cell) and no correction",
        ),
        (
            [0, 2, 3],
            [2, 2, 0],
            {"correction": 0},
            "infinite log odds ratio (zero cell) and no correction",
        ),
    ],
)
def test_a_dropped_study_says_why(cases, controls, options, text):
    fit = additive_log_odds_ratio(cases, controls, **options)
    assert STATUS_TEXT[int(fit.status)] == text
    assert np.isnan(fit.log_or) and np.isnan(fit.variance)
    assert fit.added == 0


def test_treatment_arm_adds_the_share_of_each_group():
    fit = additive_log_odds_ratio([0, 10, 20], [5, 5, 0], correction="treatment-arm")
    np.testing.assert_allclose([fit.added, fit.added_controls], [0.75, 0.25])
    cases, controls = np.array([0, 10, 20]) + 0.75, np.array([5, 5, 0]) + 0.25
    np.testing.assert_allclose(
        fit.log_or, statsmodels_fit(cases, controls).params[1], rtol=RTOL_STATSMODELS
    )


def test_leading_axes_are_kept():
    cases = np.arange(1, 25).reshape(2, 4, 3)
    fit = additive_log_odds_ratio(cases, cases[::-1])
    assert fit.log_or.shape == fit.variance.shape == fit.status.shape == (2, 4)
    alone = additive_log_odds_ratio(cases[1, 2], cases[0, 2])
    np.testing.assert_allclose(fit.log_or[1, 2], alone.log_or, rtol=RTOL_EXACT)


def test_a_negative_count_is_named():
    with pytest.raises(ValueError, match=r"controls\[0, 2\] is -4"):
        additive_log_odds_ratio([[1, 2, 3]], [[1, 2, -4]])


class TestCochranArmitage:
    def test_agrees_with_statsmodels_up_to_its_conditional_variance(self):
        # statsmodels conditions on all margins: its variance has N - 1 where ours has N.
        rng = np.random.default_rng(8)
        for cases, controls in rng.integers(1, 60, (50, 2, 3)):
            theirs = Table(np.array([controls, cases])).test_ordinal_association()
            n = cases.sum() + controls.sum()
            z, _ = cochran_armitage(cases, controls)
            np.testing.assert_allclose(z, theirs.zscore * np.sqrt(n / (n - 1)), rtol=1e-10)

    def test_agrees_with_the_score_test_of_statsmodels(self):
        cases, controls = np.array([36, 108, 64]), np.array([26, 96, 68])
        copies = np.repeat([0.0, 1, 2, 0, 1, 2], [*cases, *controls])
        is_case = np.repeat([1.0, 0], [cases.sum(), controls.sum()])
        null = sm.GLM(is_case, np.ones((len(copies), 1)), family=sm.families.Binomial()).fit()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chi2, p, _ = null.model.score_test(null.params, exog_extra=copies)
        z, p_value = cochran_armitage(cases, controls)
        np.testing.assert_allclose(z**2, np.squeeze(chi2), rtol=1e-9)
        np.testing.assert_allclose(p_value, np.squeeze(p), rtol=1e-9)

    def test_two_genotypes_give_the_chi2_of_the_two_by_two_table(self):
        a, b, c, d = 12, 7, 4, 9
        z, _ = cochran_armitage([b, a, 0], [d, c, 0])
        chi2 = (a * d - b * c) ** 2 * 32 / (19 * 13 * 16 * 16)
        np.testing.assert_allclose(z**2, chi2, rtol=RTOL_EXACT)
        assert z > 0

    @pytest.mark.parametrize(
        ("cases", "controls"),
        [([5, 0, 0], [4, 0, 0]), ([0, 0, 0], [1, 2, 3]), ([1, np.nan, 3], [1, 2, 3])],
    )
    def test_nothing_to_test_is_nan(self, cases, controls):
        z, p_value = cochran_armitage(cases, controls)
        assert np.isnan(z) and np.isnan(p_value)
