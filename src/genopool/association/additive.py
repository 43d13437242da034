"""The additive model: the per-allele log odds ratio of genotype counts, and its score test."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfc

from genopool.association.counts import Correction, checked_correction, checked_genotypes
from genopool.association.dose import TrendFit, fit_slopes

COPIES = np.array([0.0, 1.0, 2.0])
CURVATURE = np.array([1.0, -2.0, 1.0])

# Relative to the smallest fitted cell. The slope moves with the square of what is left.
TOLERANCE = 1e-12

# Newton needs 5 to 10 steps; halvings alone reach the last bit of a double in about 60.
MAX_STEPS = 200


def additive_log_odds_ratio(
    cases: ArrayLike,
    controls: ArrayLike,
    *,
    correction: Correction = 0.5,
    apply: str = "only0",
) -> TrendFit:
    """Maximum-likelihood slope of logit(case) on the number of effect alleles, 0, 1 or 2.

    Parameters
    ----------
    cases, controls : array_like, shape (..., 3)
        People with 0, 1 and 2 effect alleles. Fractions are allowed; NaN in any is an absent
        study.
    correction : float or "treatment-arm"
        Added to all six cells where the slope would be infinite, and nowhere else.
        ``"treatment-arm"`` adds the group's share of all people.
    apply : {"only0", "if0all", "all", "none"}
        With ``"none"`` a study of infinite slope is dropped. The others do the same here: a
        zero cell alone is no reason to correct.

    Returns
    -------
    TrendFit
        Arrays of shape (...).

    Raises
    ------
    ValueError
        A negative or infinite count (with its index), a last axis that is not 3, an unknown
        `apply` or `correction`.

    Notes
    -----
    The slope is finite unless the most effect alleles seen in one group are no more than the
    fewest seen in the other (Albert and Anderson 1984: separation, complete or quasi). If
    everybody has one genotype there is no slope, and the study is dropped.
    """
    checked_correction(correction, apply)
    case_counts, control_counts = checked_genotypes(cases, controls)
    return fit_slopes(
        case_counts, control_counts, logistic_slope, correction=correction, apply=apply
    )


def logistic_slope(
    cases: NDArray[np.float64], controls: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope and inverse information of studies known to have a finite slope.

    Parameters
    ----------
    cases, controls : ndarray, shape (studies, 3)

    Returns
    -------
    slope, variance : ndarray, shape (studies,)
    """
    _, weights, logits = fitted_logits(cases, controls)
    total = weights.sum(axis=-1)
    mean = (weights @ COPIES) / total
    centred = COPIES - mean[:, None]
    information = (weights * centred**2).sum(axis=-1)
    # The weighted regression of the fitted logits: moving along the one free direction of
    # `fitted_logits` leaves it unchanged to first order, so rounding there does not reach it.
    return (weights * centred * logits).sum(axis=-1) / information, 1 / information


def fitted_logits(
    cases: NDArray[np.float64], controls: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Fitted cases, weights and logits by genotype, for studies with a finite slope.

    The fitted cases m must have the observed number of cases and of effect alleles in them,
    which leaves one direction: m = x + t (1, -2, 1). The logits are linear in the copies where
    logit(m0/n0) - 2 logit(m1/n1) + logit(m2/n2) is 0, a function that rises from minus to plus
    infinity over the t that keep every m within (0, n).

    Returns
    -------
    fitted, weights, logits : ndarray, shape (studies, 3)
        Expected cases, n p (1-p) and logit p; weight and logit 0 for a genotype nobody has.
    """
    x0, x1, x2 = cases.T
    y0, y1, y2 = controls.T
    t = np.zeros(len(cases))
    # With one genotype absent, a line through two logits fits the counts themselves: t = 0.
    three = ((cases + controls) > 0).all(axis=-1)
    t[three] = _linear_logits(
        cases[three],
        controls[three],
        -np.minimum(np.minimum(x0, x2), y1 / 2)[three],
        np.minimum(np.minimum(y0, y2), x1 / 2)[three],
    )
    fitted = cases + t[:, None] * CURVATURE
    rest = controls - t[:, None] * CURVATURE
    n = fitted + rest
    present = n > 0
    weights = np.divide(fitted * rest, n, out=np.zeros_like(n), where=present)
    logits = np.zeros_like(n)
    logits[present] = np.log(fitted[present]) - np.log(rest[present])
    return fitted, weights, logits


def _linear_logits(
    cases: NDArray[np.float64],
    controls: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The t of `fitted_logits`, by Newton steps within a bracket, which cannot fail.

    A step that would leave the bracket, or that does not halve the one before, is replaced by
    the middle of the bracket.
    """
    low, high = low.copy(), high.copy()
    t = (low + high) / 2
    step = high - low
    active = np.arange(len(t))
    for _ in range(MAX_STEPS):
        if active.size == 0:
            break
        here = t[active]
        case_fit = cases[active] + here[:, None] * CURVATURE
        control_fit = controls[active] - here[:, None] * CURVATURE
        value = (np.log(case_fit) - np.log(control_fit)) @ CURVATURE
        slope = (1 / case_fit + 1 / control_fit) @ CURVATURE**2
        low[active] = np.where(value < 0, here, low[active])
        high[active] = np.where(value > 0, here, high[active])
        newton = here - value / slope
        inside = (newton > low[active]) & (newton < high[active])
        quick = np.abs(newton - here) <= np.abs(step[active]) / 2
        middle = (low[active] + high[active]) / 2
        new = np.where(value == 0, here, np.where(inside & quick, newton, middle))
        smallest = np.minimum(case_fit, control_fit).min(axis=-1)
        step[active] = new - here
        close = np.maximum(TOLERANCE * smallest, 2 * np.spacing(np.abs(here)))
        t[active] = new
        active = active[np.abs(step[active]) > close]
    return t


def cochran_armitage(
    cases: ArrayLike, controls: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cochran-Armitage test of trend: the score test of the additive model.

    Parameters
    ----------
    cases, controls : array_like, shape (..., 3)
        People with 0, 1 and 2 effect alleles.

    Returns
    -------
    z, p_value : ndarray, shape (...)
        z > 0 where cases carry more effect alleles; z² is chi² on 1 df, p two-sided. NaN for
        an absent study, one without cases or controls, and one with a single genotype.

    Raises
    ------
    ValueError
        A negative or infinite count (with its index), or a last axis that is not 3.

    Notes
    -----
    Armitage (1955), equation 3, with scores 0, 1, 2: z² = N r², r the correlation of being a
    case with the number of effect alleles. Conditioning on all margins instead, as in the
    linear-by-linear test, replaces N by N - 1.
    """
    case_counts, control_counts = checked_genotypes(cases, controls)
    n_cases, n_controls = case_counts.sum(axis=-1), control_counts.sum(axis=-1)
    both = case_counts + control_counts
    n = n_cases + n_controls
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (both @ COPIES) / n
        centred = COPIES - mean[..., None]
        score = (case_counts * centred).sum(axis=-1)
        information = n_cases * n_controls / n**2 * (both * centred**2).sum(axis=-1)
        z = score / np.sqrt(information)
    one_genotype = (both > 0).sum(axis=-1) < 2
    z = np.where(one_genotype | (n_cases == 0) | (n_controls == 0), np.nan, z)
    return z, erfc(np.abs(z) / np.sqrt(2))
