"""Rank tests of funnel asymmetry against metafor, meta and scipy."""

import numpy as np
import pytest
from scipy.stats import kendalltau, norm

from genopool.diagnostics import rank_tests
from genopool.diagnostics.rank_tests import begg, schwarzer
from genopool.pooling.mantel_haenszel import mantel_haenszel

#: Sums of signs and exact counts on both sides; the reference has 12 significant digits.
RTOL = 1e-9
ATOL = 1e-12


def test_begg_agrees_with_metafor(case):
    ours, reference = begg(case.log_or, case.variance), case.reference["begg_rank"]
    assert ours.tau == pytest.approx(reference["tau"], rel=RTOL, abs=ATOL)
    assert ours.p_value == pytest.approx(reference["p_value"], rel=RTOL)


def test_schwarzer_agrees_with_meta(case, monkeypatch):
    """meta takes the Mantel-Haenszel odds ratio after adding 1/2 to studies with a zero; the paper,
    and we, take it as it is. With meta's odds ratio ours is meta's statistic."""
    a, b, c, d = case.table
    tells = (a + c > 0) & (b + d > 0)
    added = 0.5 * ((a * b * c * d) == 0)
    corrected = mantel_haenszel(*((x + added)[tells] for x in case.table))
    if added.any():
        monkeypatch.setattr(rank_tests, "mantel_haenszel", lambda *table: corrected)
    ours, reference = schwarzer(a, b, c, d), case.reference["bias_schwarzer"]
    assert ours.statistic == pytest.approx(reference["statistic"], rel=1e-8, abs=ATOL)
    assert ours.p_value == pytest.approx(reference["p_value"], rel=1e-8)


@pytest.mark.parametrize("k", [2, 5, 12, 49, 60])
def test_kendall_without_ties_is_scipys(k):
    rng = np.random.default_rng(k)
    y, v = rng.normal(size=k), rng.uniform(0.1, 1, k)
    ours = begg(y, v)
    w = 1 / v
    standardised = (y - (w * y).sum() / w.sum()) / np.sqrt(v - 1 / w.sum())
    method = "exact" if k < rank_tests.FEWEST_FOR_NORMAL else "asymptotic"
    expected = kendalltau(standardised, v, method=method)
    assert ours.tau == pytest.approx(expected.statistic)
    assert ours.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_kendall_with_ties_is_scipys():
    rng = np.random.default_rng(3)
    y, v = rng.normal(size=20), rng.choice([0.1, 0.2, 0.4], 20)
    ours = begg(y, v)
    w = 1 / v
    standardised = (y - (w * y).sum() / w.sum()) / np.sqrt(v - 1 / w.sum())
    expected = kendalltau(standardised, v, method="asymptotic")
    assert ours.tau == pytest.approx(expected.statistic)
    assert ours.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert ours.p_value == pytest.approx(2 * norm.sf(abs(ours.statistic)))


def test_sets_at_once_are_sets_alone():
    rng = np.random.default_rng(4)
    y, v = rng.normal(size=(3, 9)), rng.uniform(0.1, 1, (3, 9))
    y[1, :3] = v[1, :3] = np.nan
    together = begg(y, v)
    alone = [begg(y[i], v[i]) for i in range(3)]
    assert together.p_value == pytest.approx([float(fit.p_value) for fit in alone])
    assert together.k.tolist() == [9, 6, 9]


@pytest.mark.parametrize(("y", "v"), [([], []), ([0.1], [0.2]), ([0.1, 0.3, 0.2], [0.2] * 3)])
def test_nothing_to_rank_gives_no_test(y, v):
    ours = begg(y, v)
    assert np.isnan(ours.tau) and np.isnan(ours.p_value) and np.isnan(ours.statistic)


def test_schwarzer_refuses_fractions():
    with pytest.raises(ValueError, match="whole counts"):
        schwarzer([1.5, 2], [3, 4], [5, 6], [7, 8])
