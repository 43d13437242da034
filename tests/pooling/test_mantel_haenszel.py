"""Mantel-Haenszel: metafor, statsmodels, R's mantelhaen.test, and what happens with zeros."""

import json
from pathlib import Path

import numpy as np
import pytest

from genopool.pooling.mantel_haenszel import mantel_haenszel

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "metafor.json").read_text(encoding="utf-8")
)["cases"]
CELLS = ("case_exposed", "case_unexposed", "control_exposed", "control_unexposed")

# The reference has 12 digits; the same sums in another order agree to about 1e-13.
RTOL = 1e-10
# The literals below are printed with 13 digits.
R_RTOL = 1e-11


def tables(name):
    return [np.array(REFERENCE[name]["table"][cell], dtype=float) for cell in CELLS]


@pytest.mark.parametrize("name", REFERENCE)
def test_every_number_of_the_reference(name):
    fit = mantel_haenszel(*tables(name))
    expected = REFERENCE[name]["mantel_haenszel"]
    assert len(expected) == 12
    for key, value in expected.items():
        assert getattr(fit, key) == pytest.approx(value, rel=RTOL, abs=1e-12), key


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        # beta, se, ci.lb, ci.ub, QE, QEp, I2, CO, COp, MH, MHp, TA, TAp, k of metafor 3.8-1:
        # rma.mh(measure="OR", ai=ai, n1i=n1i, ci=ci, n2i=n2i, data=dat.nielweise2007,
        #        add=c(.5,.5), to=c("only0","only0"), drop00=c(TRUE,TRUE))
        (
            {"correction": 0.5},
            "-1.148577225941 0.2144304358361 -1.568853157369 -0.7283012945131 16.40639798050 "
            "0.4249748264005 2.477070109983 31.05440952983 2.508956952161e-08 30.91866765444 "
            "2.690711384310e-08 22.03290835006 0.1421321459825 17",
        ),
        # to=c("all","all"); to=c("if0all","if0all") is the same, since there are zeros
        (
            {"correction": 0.5, "apply": "all"},
            "-1.031255008307 0.1991353907193 -1.421553202164 -0.6409568144502 16.80225718381 "
            "0.3985031887309 4.774698869544 "
            "28.44064559590 9.661545759340e-08 28.31646489848 1.030160324576e-07 "
            "21.04520328177 0.1767795427755 17",
        ),
        (
            {"correction": 0.5, "apply": "if0all", "level": 0.9},
            "-1.031255008307 0.1991353907193 -1.358803577986 -0.7037064386283 16.80225718381 "
            "0.3985031887309 4.774698869544 "
            "28.44064559590 9.661545759340e-08 28.31646489848 1.030160324576e-07 "
            "21.04520328177 0.1767795427755 17",
        ),
        # correct=FALSE; metafor counts the double zero in k, we do not
        (
            {"continuity": False},
            "-1.208704832734 0.2224454213416 -1.644689847089 -0.7727198183784 16.86365729112 "
            "0.3944723989769 5.121411543260 33.45582409911 7.290114480810e-09 33.31012978082 "
            "7.857229106886e-09 25.67948893451 0.05870817324776 17",
        ),
        # add=c(.5,.5), to=c("only0","only0"), drop00=c(FALSE,FALSE)
        (
            {"correction": 0.5, "drop_double_zero": False},
            "-1.137917333110 0.2129331852409 -1.555258707295 -0.7205759589240 16.59866378619 "
            "0.4818609865745 0 "
            "30.84474923155 2.795173955519e-08 30.70990415479 2.996317453997e-08 "
            "22.21555124326 0.1765709476824 18",
        ),
    ],
)
def test_corrections_as_metafor(options, expected):
    fit = mantel_haenszel(*tables("nielweise2007"), **options)
    names = (
        "estimate se ci_low ci_high q q_p i2 cmh cmh_p cmh_hypergeometric cmh_hypergeometric_p "
        "breslow_day_tarone breslow_day_tarone_p k"
    ).split()
    for name, value in zip(names, map(float, expected.split()), strict=True):
        assert getattr(fit, name) == pytest.approx(value, rel=R_RTOL), name


def test_zero_cell_choice_is_visible():
    fit = mantel_haenszel(*tables("nielweise2007"), correction=0.5)
    assert (fit.k, fit.k_double_zero, fit.k_corrected, fit.k_corrected_q) == (17, 1, 5, 0)
    assert (fit.correction, fit.apply) == (0.5, "only0")
    plain = mantel_haenszel(*tables("nielweise2007"))
    assert (plain.k, plain.k_double_zero, plain.k_corrected, plain.k_corrected_q) == (17, 1, 0, 5)
    assert plain.correction == 0.0


def test_weights_as_metafor():
    # weights(rma.mh(measure="OR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg)), 3.8-1
    per_cent = [
        0.656527373745, 1.877225492974, 0.730744362631, 16.668042976667, 2.859492318361,
        22.235861447265, 1.050335460924, 32.598430043024, 2.989446024799, 4.292161435126,
        11.987783068005, 0.203096479094, 1.850853517386,
    ]  # fmt: skip
    a, b, c, d = tables("bcg")
    np.testing.assert_allclose(100 * mantel_haenszel(a, b, c, d).weights, per_cent, rtol=1e-11)
    a[3] = np.nan
    weights = mantel_haenszel(a, b, c, d).weights
    assert np.isnan(weights[3]) and np.nansum(weights) == pytest.approx(1)


def test_treatment_arm_correction_is_that_of_the_counts():
    a, b, c, d = tables("nielweise2007")
    keep = (a + c > 0) & (b + d > 0)
    a, b, c, d = (x[keep] for x in (a, b, c, d))
    zero = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    n = a + b + c + d
    cases, controls = zero * (a + b) / n, zero * (c + d) / n
    by_hand = mantel_haenszel(a + cases, b + cases, c + controls, d + controls)
    fit = mantel_haenszel(*tables("nielweise2007"), correction="treatment-arm")
    for name in ("estimate", "se", "q", "cmh", "breslow_day_tarone"):
        assert getattr(fit, name) == pytest.approx(getattr(by_hand, name), rel=1e-12), name


def test_statsmodels_stratified_table():
    contingency_tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    a, b, c, d = tables("il8_zhang2015.recessive")
    stacked = contingency_tables.StratifiedTable(np.array([[a, b], [c, d]]))
    fit = mantel_haenszel(a, b, c, d)
    assert fit.estimate == pytest.approx(stacked.logodds_pooled, rel=1e-12)
    assert fit.se == pytest.approx(stacked.logodds_pooled_se, rel=1e-12)
    cmh = stacked.test_null_odds(correction=True)
    assert fit.cmh_hypergeometric == pytest.approx(cmh.statistic, rel=1e-12)
    tarone = stacked.test_equal_odds(adjust=True)
    assert fit.breslow_day_tarone == pytest.approx(tarone.statistic, rel=1e-9)


def test_mantelhaen_test_of_rabbits():
    # R 4.2.2, help(mantelhaen.test): Rabbits <- array(c(0,0,6,5, 3,0,3,6, 6,2,0,4, 5,6,1,0,
    # 2,5,0,0), dim=c(2,2,5)); mantelhaen.test(Rabbits), a worked example of Agresti (1990).
    # X-squared = 3.9286, p = 0.04747, common odds ratio 7.
    fit = mantel_haenszel([0, 3, 6, 5, 2], [6, 3, 0, 1, 0], [0, 0, 2, 6, 5], [5, 6, 4, 0, 0])
    assert np.exp(fit.estimate) == pytest.approx(7.0)
    assert fit.cmh_hypergeometric == pytest.approx(3.9286, abs=5e-5)
    assert fit.cmh_hypergeometric_p == pytest.approx(0.04747, abs=5e-6)


def test_odds_ratio_of_one_is_no_division_by_zero():
    fit = mantel_haenszel([5, 8], [5, 8], [6, 9], [6, 9])
    assert fit.estimate == pytest.approx(0.0, abs=1e-15)
    assert fit.breslow_day_tarone == pytest.approx(0.0, abs=1e-15)
    assert fit.breslow_day_tarone_p == pytest.approx(1.0)


def test_exchanging_groups_or_exposure_turns_the_sign():
    a, b, c, d = tables("il8_zhang2015.dominant")
    fit = mantel_haenszel(a, b, c, d)
    for turned in (mantel_haenszel(c, d, a, b), mantel_haenszel(b, a, d, c)):
        assert turned.estimate == pytest.approx(-fit.estimate, rel=1e-12)
        for name in ("se", "q", "cmh", "breslow_day_tarone"):
            assert getattr(turned, name) == pytest.approx(getattr(fit, name), rel=1e-9), name


def test_leading_axes_and_absent_studies():
    rng = np.random.default_rng(1)
    cells = rng.integers(0, 40, size=(4, 3, 5, 7)).astype(float)
    cells[:, rng.random((3, 5, 7)) < 0.3] = np.nan
    together = mantel_haenszel(*cells, correction=0.5)
    for index in np.ndindex(3, 5):
        present = ~np.isnan(cells[0][index])
        alone = mantel_haenszel(*(x[index][present] for x in cells), correction=0.5)
        for name in ("estimate", "se", "q", "q_p", "i2", "cmh", "breslow_day_tarone_p", "k"):
            np.testing.assert_allclose(
                getattr(together, name)[index], getattr(alone, name), rtol=1e-12, err_msg=name
            )


def test_nothing_to_pool():
    fit = mantel_haenszel([np.nan], [np.nan], [np.nan], [np.nan])
    assert fit.k == 0
    for name in ("estimate", "se", "p_value", "q", "q_df", "i2", "cmh", "breslow_day_tarone_p"):
        assert np.isnan(getattr(fit, name)), name


def test_one_study_is_its_own_odds_ratio():
    fit = mantel_haenszel([10], [20], [15], [9])
    assert fit.estimate == pytest.approx(np.log(10 * 9 / (20 * 15)))
    # Robins-Breslow-Greenland is Woolf's variance for one table.
    assert fit.se == pytest.approx(np.sqrt(1 / 10 + 1 / 20 + 1 / 15 + 1 / 9))
    assert fit.q_df == 0
    assert np.isnan(fit.q) and np.isnan(fit.i2) and np.isnan(fit.breslow_day_tarone_p)


def test_infinite_odds_ratio_is_absent():
    fit = mantel_haenszel([5, 3], [9, 4], [0, 0], [7, 8])
    assert fit.k == 2
    assert np.isnan(fit.estimate) and np.isnan(fit.ci_low) and np.isnan(fit.q)
    assert np.isfinite(fit.cmh)


def test_dropped_studies_count_for_nothing():
    a, b, c, d = (
        np.append(x, y)
        for x, y in zip(tables("bcg"), [(0, 4), (9, 5), (0, 0), (8, 0)], strict=True)
    )
    fit = mantel_haenszel(a, b, c, d)
    assert (fit.k, fit.k_double_zero, fit.k_empty_group) == (13, 1, 1)
    plain = mantel_haenszel(*tables("bcg"))
    assert fit.estimate == plain.estimate and fit.q == plain.q


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"correction": -1}, "correction"),
        ({"correction": "half"}, "treatment-arm"),
        ({"apply": "only"}, "only0, if0all, all, none"),
        ({"level": 95}, "level"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        mantel_haenszel(*tables("bcg"), **options)


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match=r"c\[1\] is -2"):
        mantel_haenszel([1, 2], [3, 4], [5, -2], [7, 8])
    with pytest.raises(ValueError, match="axis of studies"):
        mantel_haenszel(1, 2, 3, 4)
