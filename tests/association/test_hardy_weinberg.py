"""Hardy-Weinberg tests against the authors' own C code, closed forms and exact enumeration."""

from fractions import Fraction
from math import comb, factorial

import numpy as np
import pytest
from scipy import stats

from genopool.association.hardy_weinberg import hwe, hwe_exact

#: Sums of a few hundred products, against numbers printed to 12 or more digits.
RTOL_REFERENCE = 1e-10


def enumerated(n0, n1, n2):
    """Exact and mid p in rational arithmetic, over every possible sample."""
    n, effect = n0 + n1 + n2, 2 * n2 + n1

    def probability(heterozygotes):
        twos = (effect - heterozygotes) // 2
        zeros = n - twos - heterozygotes
        if twos < 0 or zeros < 0:
            return Fraction(0)
        ways = factorial(n) // (factorial(twos) * factorial(heterozygotes) * factorial(zeros))
        return Fraction(ways * 2**heterozygotes, comb(2 * n, effect))

    everything = [probability(h) for h in range(effect % 2, effect + 1, 2)]
    assert sum(everything) == 1
    observed = probability(n1)
    p = sum(q for q in everything if q <= observed)
    return float(p), float(p - observed / 2)


# (heterozygotes, homozygotes, homozygotes), p. The first nine are from the tests of sgkit
# (sgkit/tests/test_hwe/sim_01.csv) and the last three from those of the Python package snphwe
# (tests/test_hwe.py): both print the results of the authors' SNPHWE in C.
SNPHWE = [
    ((1, 0, 0), 1.0),
    ((51, 27, 26), 0.845926828898329),
    ((101, 47, 56), 0.88930424473698),
    ((351, 115, 117), 9.778051416840305e-07),
    ((1251, 660, 594), 0.999999999999999),
    ((5101, 1580, 1667), 2.7112967783602924e-92),
    ((8151, 4673, 4713), 1.1393802442050531e-20),
    ((9651, 6043, 3510), 0.001588282559753373),
    ((9951, 3050, 3722), 6.099767234370392e-137),
    ((500, 10, 5000), 0.65157189991),
    ((1000, 20, 5000), 1.26598491e-5),
    ((4990, 495000, 10), 0.570223198305),
]


@pytest.mark.parametrize(("counts", "p"), SNPHWE)
def test_exact_p_is_that_of_the_authors_code(counts, p):
    heterozygotes, one, other = counts
    digits = 1e-8 if p == 1.26598491e-5 else RTOL_REFERENCE
    np.testing.assert_allclose(hwe_exact(one, heterozygotes, other), p, rtol=digits)
    np.testing.assert_allclose(hwe_exact(other, heterozygotes, one), p, rtol=digits)


def test_every_small_sample_against_exact_enumeration():
    samples = [(n0, n1, n2) for n0 in range(8) for n1 in range(12) for n2 in range(8)][1:]
    result = hwe(*np.array(samples).T)
    expected = np.array([enumerated(*sample) for sample in samples])
    np.testing.assert_allclose(result.p_exact, expected[:, 0], rtol=1e-12)
    np.testing.assert_allclose(result.p_mid, expected[:, 1], rtol=1e-12)


def test_larger_samples_against_exact_enumeration():
    rng = np.random.default_rng(1)
    samples = np.concatenate(
        [rng.integers(0, 300, (30, 3)), rng.integers(0, [4, 40, 900], (30, 3))]
    )
    expected = np.array([enumerated(*map(int, sample)) for sample in samples])
    result = hwe(*samples.T)
    np.testing.assert_allclose(result.p_exact, expected[:, 0], rtol=1e-10, atol=1e-290)
    np.testing.assert_allclose(result.p_mid, expected[:, 1], rtol=1e-10, atol=1e-290)


def test_the_setting_of_wiggintons_table_1():
    # 100 people with 21 minor alleles (Wigginton et al. 2005, table 1): every outcome.
    heterozygotes = np.arange(1, 22, 2)
    rare = (21 - heterozygotes) // 2
    samples = np.stack([100 - heterozygotes - rare, heterozygotes, rare], axis=1)
    p = hwe_exact(*samples.T)
    expected = [enumerated(*sample)[0] for sample in samples.tolist()]
    np.testing.assert_allclose(p, expected, rtol=1e-12)
    assert p.max() == 1


def test_small_samples_by_hand():
    # Five people with 4 effect and 6 other alleles: 0, 2 or 4 heterozygotes have
    # probabilities 10/210, 120/210 and 80/210.
    np.testing.assert_allclose(hwe_exact(3, 0, 2), 10 / 210, rtol=1e-12)
    np.testing.assert_allclose(hwe_exact(1, 4, 0), 90 / 210, rtol=1e-12)
    # Two people, two alleles each: 0 or 2 heterozygotes, 1/3 and 2/3.
    np.testing.assert_allclose(hwe_exact([1, 0], [0, 2], [1, 0]), [1 / 3, 1], rtol=1e-12)


def test_equally_probable_samples_count_as_extreme():
    # Six people with 4 effect alleles: 0, 2 or 4 heterozygotes have probabilities 15/495,
    # 240/495 and 240/495; without the tie one of the last two would have p = 255/495.
    np.testing.assert_allclose(hwe_exact([3, 2], [2, 4], [1, 0]), [1, 1], rtol=1e-12)
    np.testing.assert_allclose(hwe([3, 2], [2, 4], [1, 0]).p_mid, 1 - 120 / 495, rtol=1e-12)


def test_a_biobank_is_exact_too():
    # 200,000 people: the exact distribution is normal to 1e-3, so the mid-p is that of chi².
    result = hwe([98_000, 1_900], [84_200, 35_000], [17_800, 163_100])
    np.testing.assert_allclose(result.p_mid, result.p_chi2, rtol=0.02)
    assert (result.p_exact > result.p_mid).all()


def test_far_from_equilibrium_underflows_to_zero():
    assert hwe_exact(100_000, 0, 100_000) == 0


def test_chi2_is_pearsons():
    rng = np.random.default_rng(3)
    for n0, n1, n2 in rng.integers(1, 80, (50, 3)):
        result = hwe(n0, n1, n2)
        n = n0 + n1 + n2
        p = (2 * n2 + n1) / (2 * n)
        expected = n * np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])
        chi2, p_value = stats.chisquare([n0, n1, n2], expected, ddof=1, sum_check=False)
        np.testing.assert_allclose(result.chi2, chi2, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(result.p_chi2, p_value, rtol=1e-9)
        np.testing.assert_allclose(result.minimum_expected, expected.min(), rtol=1e-12)
        np.testing.assert_allclose(result.effect_allele_frequency, p, rtol=1e-14)
        np.testing.assert_allclose(result.inbreeding_coefficient, 1 - n1 / expected[1], atol=1e-13)


def test_arafat_2025_controls():
    # n = 222, C allele frequency (2 × 46 + 72) / 444: 72 heterozygotes, 103.4 expected.
    result = hwe(104, 72, 46)
    p = 164 / 444
    expected = 2 * 222 * p * (1 - p)
    np.testing.assert_allclose(result.inbreeding_coefficient, 1 - 72 / expected, rtol=1e-12)
    np.testing.assert_allclose(result.chi2, 222 * (1 - 72 / expected) ** 2, rtol=1e-12)


class TestNoAnswer:
    def test_one_allele_only(self):
        result = hwe([7, 0], [0, 0], [0, 9])
        assert np.isnan(result.chi2).all() and np.isnan(result.p_chi2).all()
        assert np.isnan(result.inbreeding_coefficient).all()
        np.testing.assert_array_equal(result.p_exact, 1)
        # Hail and PLINK print 0.5 for the mid-p of such a variant.
        np.testing.assert_array_equal(result.p_mid, 0.5)
        np.testing.assert_array_equal(result.effect_allele_frequency, [0, 1])

    def test_nobody_and_absent(self):
        result = hwe([0, np.nan, 3], [0, 1, np.nan], [0, 2, 4])
        for values in vars(result).values():
            assert np.isnan(values).all()

    @pytest.mark.parametrize("bad", [-1, 2.5, np.inf])
    def test_what_is_not_a_number_of_people_is_named(self, bad):
        with pytest.raises(ValueError, match=r"n1\[1\]"):
            hwe([1, 1], [2, bad], [3, 3])
        with pytest.raises(ValueError, match="n2 is"):
            hwe_exact(1, 2, bad)


def test_leading_axes_are_kept():
    counts = np.arange(24).reshape(3, 2, 4)
    result = hwe(*counts)
    assert result.p_exact.shape == result.chi2.shape == (2, 4)
    np.testing.assert_allclose(result.p_exact[1, 2], hwe_exact(*counts[:, 1, 2]), rtol=1e-13)
