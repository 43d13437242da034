"""What is drawn has the moments that population genetics gives it."""

import numpy as np
import pytest

from genopool.simulation.sampling import draw_frequencies, draw_genotypes, genotypes


def test_genotypes_of_three_alleles():
    assert genotypes(3) == [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]


def test_frequencies_have_the_variance_of_drift():
    """Wright (1951): variance F_ST p (1 - p) between populations."""
    mean, f_st = np.array([0.2, 0.5, 0.3]), 0.05
    drawn = draw_frequencies(np.random.default_rng(1), mean, f_st, (200_000,))
    assert drawn.sum(axis=-1) == pytest.approx(1)
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=0.002)
    assert drawn.var(axis=0) == pytest.approx(f_st * mean * (1 - mean), rel=0.02)


def test_no_drift_leaves_all_alike():
    drawn = draw_frequencies(np.random.default_rng(1), [0.2, 0.8], 0.0, (3,))
    assert (drawn == [0.2, 0.8]).all()


@pytest.mark.parametrize("f_st", [-0.1, 1.0])
def test_impossible_f_st(f_st):
    with pytest.raises(ValueError, match="f_st is"):
        draw_frequencies(np.random.default_rng(1), [0.5, 0.5], f_st)


def test_controls_are_in_hardy_weinberg_proportions():
    drawn = draw_genotypes(np.random.default_rng(2), [0.7, 0.3], 1_000_000)
    assert drawn / 1e6 == pytest.approx([0.49, 0.42, 0.09], abs=0.002)


def test_inbreeding_takes_heterozygotes_away():
    drawn = draw_genotypes(np.random.default_rng(3), [0.7, 0.3], 1_000_000, inbreeding=0.1)
    assert drawn[1] / 1e6 == pytest.approx(0.42 * 0.9, abs=0.002)


def test_cases_show_the_planted_odds_ratio():
    log_odds = np.log([1.0, 1.5, 1.5**2])
    rng = np.random.default_rng(4)
    cases, controls = (draw_genotypes(rng, [0.7, 0.3], 2_000_000, odds) for odds in (log_odds, 0.0))
    seen = np.log(cases[1:] * controls[0] / (cases[0] * controls[1:]))
    assert seen == pytest.approx(log_odds[1:], abs=0.01)
