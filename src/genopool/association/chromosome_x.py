"""The additive model where everybody has one allele: men, at a locus of chromosome X."""

from numpy.typing import ArrayLike

from genopool.association.counts import Correction, checked_genotypes
from genopool.association.dose import TrendFit
from genopool.association.odds_ratios import two_by_two


def additive_in_men(
    cases: ArrayLike,
    controls: ArrayLike,
    *,
    correction: Correction = 0.5,
    apply: str = "only0",
) -> TrendFit:
    """The slope per allele where the one allele of a man counts as two copies (Clayton 2008).

    Two points settle a line: the slope is half the log odds ratio of the two alleles. It is
    infinite with any zero among the four counts, and only these are corrected.

    Parameters
    ----------
    cases, controls : array_like, shape (..., 3)
        Men without and with the effect allele, first and last; nobody has one copy.
    correction, apply
        As in `genopool.association.additive.additive_log_odds_ratio`.

    Returns
    -------
    TrendFit
    """
    case_counts, control_counts = checked_genotypes(cases, controls)
    fit = two_by_two(
        case_counts[..., 2],
        case_counts[..., 0],
        control_counts[..., 2],
        control_counts[..., 0],
        correction=correction,
        apply="none" if apply == "none" else "only0",
    )
    return TrendFit(fit.log_or / 2, fit.variance / 4, fit.added, fit.added_controls, fit.status)
