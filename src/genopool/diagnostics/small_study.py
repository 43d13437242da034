"""Every look at small-study effects, in the order in which to trust them for odds ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genopool.association.counts import checked_counts
from genopool.diagnostics.small_study_looks import (
    FEWEST_FOR_A_LINE,
    LOOKS,
    STANDARD_TESTS,
    TESTS,
    Sample,
)
from genopool.pooling.names import check_level, check_name
from genopool.pooling.study_sets import check_pair

__all__ = ["STANDARD_TESTS", "TESTS"]

#: Below this many studies a test of asymmetry cannot tell chance from bias (Sterne et al. 2011).
FEWEST_STUDIES = 10
#: tau² above which only Rücker's test keeps its level (Sterne et al. 2011, on odds ratios).
MUCH_HETEROGENEITY = 0.1
#: Studies whose standard errors differ by less than this factor are about as precise.
SAME_SIZE = 1.5

FEW_STUDIES = (
    "fewer than 10 studies: a test cannot tell chance from asymmetry, and a large p is no relief"
)
_ALIKE = "all studies are about as precise: there is no funnel to look at"
_HETEROGENEOUS = (
    "tau² is above 0.1: heterogeneity can look like asymmetry; only Rücker's test allows for it"
)


@dataclass(frozen=True)
class SmallStudyRow:
    """One look at small-study effects; what it does not give is NaN (`k_filled`: -1).

    Attributes
    ----------
    test : str
    statistic, df, p_value : float
        Test of a small-study effect, of selection, or of excess significance.
    adjusted_log_or, se, ci_low, ci_high : float
        Log odds ratio without it.
    k_filled : int
        Studies filled in (trim and fill).
    k : int
        Studies that it could use.
    recommended : bool
        Whether this is the one test to read of this set (`recommended_test`).
    caution : str
        What to bear in mind before believing it.
    reason : str
        Blank, or why there is no answer.
    """

    test: str
    statistic: float
    df: float
    p_value: float
    adjusted_log_or: float
    se: float
    ci_low: float
    ci_high: float
    k_filled: int
    k: int
    recommended: bool
    caution: str
    reason: str


def recommended_test(k: int, with_counts: int, tau2: float) -> str:
    """The one test of small-study effects to read, chosen without looking at any p.

    Parameters
    ----------
    k : int
        Studies.
    with_counts : int
        How many of them give counts.
    tau2 : float
        Between-study variance of the log odds ratios.

    Returns
    -------
    str
        `ruecker` where tau² is above 0.1, else `harbord`; `egger_mixed` where fewer than three
        studies, or fewer than half, give the counts that those two need.

    References
    ----------
    Sterne JAC et al. (2011) BMJ 343:d4002.
    """
    if with_counts < FEWEST_FOR_A_LINE or 2 * with_counts < k:
        return "egger_mixed"
    return "ruecker" if tau2 > MUCH_HETEROGENEITY else "harbord"


def small_study_tests(
    a,
    b,
    c,
    d,
    log_or,
    variance,
    *,
    tests: Sequence[str] = TESTS,
    tau2: str = "REML",
    interval: str | None = None,
    level: float = 0.95,
) -> tuple[SmallStudyRow, ...]:
    """Every test of small-study effects and every adjusted odds ratio for one set of studies.

    For odds ratios the tests of Harbord, Peters and Rücker come first, whose statistic does not go
    with its variance when there is no bias, and Egger's last. Which to believe is to be decided
    before looking: the smallest p of many is no evidence.

    Parameters
    ----------
    a, b, c, d : array_like, shape (studies,)
        Cases with and without the exposure, controls with and without it; NaN where a study has
        none (a reported estimate). Counts of people, or of alleles.
    log_or, variance : array_like, shape (studies,)
        Log odds ratios and their sampling variances; NaN in both marks an absent study.
    tests : sequence of str
        Which, of `TESTS`; the order stays theirs. `STANDARD_TESTS` leaves out the selection
        models.
    tau2, interval, level
        As `genopool.pool` takes them. Tests that allow for tau² (`ruecker`, `thompson`,
        `egger_mixed`), and the choice between tests, use REML where it is `EE`.

    Returns
    -------
    tuple of SmallStudyRow
        One for each test, whether or not it has an answer.

    Raises
    ------
    ValueError
        Unknown names; impossible counts or variances; shapes that do not fit; leading axes.

    References
    ----------
    Sterne JAC et al. (2011) BMJ 343:d4002.
    """
    for name in tests:
        check_name("test", name, TESTS)
    check_level(level)
    y, v = check_pair(log_or, variance)
    counts = checked_counts(a=a, b=b, c=c, d=d)
    if y.ndim != 1 or counts[0].shape != y.shape:
        raise ValueError(
            f"counts have shape {counts[0].shape}, log_or {y.shape}; expected one value a study"
        )
    counts = [np.where(np.isnan(y), np.nan, cell) for cell in counts]
    return rows_of_sample(Sample(counts, y, v, tau2, interval, level), tests)


def rows_of_sample(data: Sample, tests: Sequence[str]) -> tuple[SmallStudyRow, ...]:
    """The rows of checked studies, in the order of `TESTS`."""
    se = np.sqrt(data.v[np.isfinite(data.v)])
    alike = bool(se.size) and bool(se.max() < SAME_SIZE * se.min())
    recommended = recommended_test(data.k, data.with_counts, data.heterogeneity)
    return tuple(_row(name, data, alike, recommended) for name in TESTS if name in tests)


def _row(name: str, data: Sample, alike: bool, recommended: str) -> SmallStudyRow:
    look = LOOKS[name]
    row = dict.fromkeys(SmallStudyRow.__dataclass_fields__, np.nan)
    row |= {"test": name, "k_filled": -1, "reason": ""} | look.make(data)
    k, studies = int(row["k"]), data.k
    heterogeneous = data.heterogeneity > MUCH_HETEROGENEITY
    cautions = [
        text
        for text, applies in (
            (FEW_STUDIES, k < FEWEST_STUDIES),
            (f"rests on {k} of {studies} studies", 0 < k < studies),
            (_ALIKE, alike),
            (_HETEROGENEOUS, look.tests and name != "ruecker" and heterogeneous),
            (look.caution, True),
        )
        if applies and text
    ]
    return SmallStudyRow(
        test=name,
        k_filled=int(row["k_filled"]),
        k=k,
        recommended=name == recommended,
        caution="; ".join(cautions),
        reason=str(row["reason"]),
        **{number: float(row[number]) for number in _FLOATS},
    )


_FLOATS = ("statistic", "df", "p_value", "adjusted_log_or", "se", "ci_low", "ci_high")
