"""The test of linearity, against statsmodels' score test and under a planted truth."""

import numpy as np
import pytest
import statsmodels.api as sm

from genopool.association.linearity import linearity_test
from genopool.simulation.sampling import genotypes


@pytest.fixture
def all_kinds(repeats):
    lengths = repeats.LENGTHS
    return [(lengths[i], lengths[j]) for i, j in genotypes(len(lengths))]


def by_statsmodels(cases, controls, kinds, lengths):
    """One regression of all studies with an intercept and a slope each, and its score test."""
    studies = len(cases)
    doses = np.array([sum(kind) for kind in kinds], dtype=float)
    copies = np.array([[kind.count(length) for length in lengths] for kind in kinds], dtype=float)
    rows, line, extra = [], [], []
    for s in range(studies):
        for g in range(len(kinds)):
            if cases[s][g] + controls[s][g]:
                own = np.zeros(2 * studies)
                own[2 * s], own[2 * s + 1] = 1, doses[g] - doses.mean()
                rows.append((cases[s][g], controls[s][g]))
                line.append(own)
                extra.append(copies[g])
    model = sm.GLM(np.array(rows), np.array(line), family=sm.families.Binomial())
    fit = model.fit(tol=1e-13)
    return (np.squeeze(number) for number in fit.score_test(exog_extra=np.array(extra)))


def test_agrees_with_statsmodels():
    """All lengths frequent; two are left out of statsmodels' columns, since the lines fit them."""
    kinds = [(a, b) for a in (17, 18, 19, 20, 21) for b in range(a, 22)]
    rng = np.random.default_rng(8)
    cases, controls = rng.integers(5, 60, size=(2, 4, len(kinds)))
    cases[:, 2], controls[:, 2] = 0, 0  # a genotype that nobody has
    test = linearity_test(cases, controls, kinds)
    statistic, p = by_statsmodels(cases, controls, kinds, [18, 19, 20])
    assert test.df == 3
    assert test.statistic == pytest.approx(float(statistic), rel=1e-8)
    assert test.p_value == pytest.approx(float(p), rel=1e-8)


def test_chromosomes_agree_with_statsmodels():
    kinds = [(length,) for length in (16, 17, 18, 19, 20)]
    rng = np.random.default_rng(9)
    cases, controls = rng.integers(20, 90, size=(2, 3, len(kinds)))
    test = linearity_test(cases, controls, kinds)
    statistic, _ = by_statsmodels(cases, controls, kinds, [17, 18, 19])
    assert (test.df, test.statistic) == (3, pytest.approx(float(statistic), rel=1e-8))


def test_a_straight_line_is_rejected_as_often_as_the_level_says(repeats, all_kinds):
    rng = np.random.default_rng(1)
    rejected = 0
    for _ in range(400):
        drawn = [
            repeats.draw_study(rng, name, rng.normal(0.05, 0.05))
            for name in ("African", "Hispanic")
        ]
        cases, controls = (np.array(side) for side in zip(*drawn, strict=True))
        rejected += linearity_test(cases, controls, all_kinds).p_value < 0.05
    # Binomial(400, 0.05): 99.9% lie between 8 and 34.
    assert 8 <= rejected <= 34


def test_one_length_of_high_risk_is_found(repeats, all_kinds):
    rng = np.random.default_rng(2)
    found = 0
    copies = np.array([kind.count(19) for kind in all_kinds])
    for _ in range(20):
        cases, controls = repeats.draw_study(rng, "African", 0.0, (5000, 5000))
        keep = 1 - 0.4 * copies / 2
        found += linearity_test([rng.binomial(cases, keep)], [controls], all_kinds).p_value < 0.001
    assert found >= 18


def test_without_a_third_length_there_is_nothing_to_test():
    assert linearity_test([[30, 40]], [[50, 20]], [(17,), (18,)]) is None
    assert linearity_test(np.zeros((0, 2)), np.zeros((0, 2)), [(17,), (18,)]) is None


def test_rare_lengths_stay_on_the_line():
    kinds = [(17,), (18,), (19,), (24,)]
    with_rare = linearity_test([[40, 60, 50, 1]], [[70, 40, 60, 1]], kinds)
    assert with_rare.df == 2  # terms for 17, 18 and 19; the rare 24 frees one from the line
