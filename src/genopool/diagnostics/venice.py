"""HuGENet's Venice criteria: how credible is a genetic association, graded A to C three ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from genopool.diagnostics.small_study import FEWEST_STUDIES

#: People (or alleles) in the smaller genetic group above which there is much evidence, and below
#: which there is little.
MUCH, LITTLE = 1000, 100
#: I² in per cent below which studies are consistent, and above which they are not.
CONSISTENT, INCONSISTENT = 25.0, 50.0
#: p without the first study below which inconsistency is no longer held against an association.
BEYOND_DOUBT = 1e-7
#: Odds ratios between these are so small that little bias makes them.
LOW_ODDS_RATIO = 1.15
#: p of a test of small-study effects, or of excess significance, below which bias shows.
BIAS_P = 0.10

STRONG, MODERATE, WEAK = "strong", "moderate", "weak"
NOT_SHOWN, NOT_GRADED = "no association shown", "not graded"
#: What the three grades can add up to.
OVERALL_GRADES = (STRONG, MODERATE, WEAK, NOT_SHOWN, NOT_GRADED)


@dataclass(frozen=True)
class Grade:
    """A grade and what it was given for.

    Attributes
    ----------
    grade : str
        `A`, `B` or `C`; blank where nothing is known.
    reasons : tuple of str
        Names of what it was given for, as the functions list them.
    """

    grade: str
    reasons: tuple[str, ...] = ()


def amount(smaller_group: float, *, at_least: bool = False) -> Grade:
    """Amount of evidence.

    Parameters
    ----------
    smaller_group : float
        Cases and controls together in the smaller of the two genetic groups compared; copies of
        the rarer allele where alleles are compared. NaN if no study counts them.
    at_least : bool
        Whether there are more that nobody has counted (studies that report an odds ratio only).

    Returns
    -------
    Grade
        A above 1,000, B from 100 to 1,000, C below 100. Reasons: `not counted`; `at least`, if
        there may be more than are counted.

    References
    ----------
    Ioannidis JPA et al. (2008) Int J Epidemiol 37:120; copies of the rarer allele as in
    later field synopses (Lill CM et al. 2012, PLoS Genet 8:e1002548).
    """
    if isnan(smaller_group):
        return Grade("", ("not counted",))
    grade = "A" if smaller_group > MUCH else "B" if smaller_group >= LITTLE else "C"
    return Grade(grade, ("at least",) if at_least and grade != "A" else ())


def replication(
    studies: int, significant: bool, i2: float, p_without_first: float = float("nan")
) -> Grade:
    """Consistency of replication.

    Parameters
    ----------
    studies : int
        Different studies; parts of one study replicate nothing.
    significant : bool
        Whether the pooled result is nominally significant.
    i2 : float
        Per cent; NaN if it cannot be computed.
    p_without_first : float
        p-value without the study published first; NaN if that is unknown.

    Returns
    -------
    Grade
        C for one study, for a result that is not significant, and for I² above 50%; B for 25% to
        50%, or an unknown I²; A below 25%, and for any I² if p without the first study is
        below 1e-7. Reasons: `one study`, `not significant`, `inconsistent`, `moderately
        inconsistent`, `inconsistency not known`, `beyond doubt`.

    References
    ----------
    Ioannidis JPA et al. (2008) Int J Epidemiol 37:120. Khoury MJ et al. (2009) Am J
    Epidemiol 170:269 (the p of 1e-7).
    """
    if studies < 2:
        return Grade("C", ("one study",))
    if not significant:
        return Grade("C", ("not significant",))
    if i2 >= CONSISTENT and p_without_first < BEYOND_DOUBT:
        return Grade("A", ("beyond doubt",))
    if isnan(i2):
        return Grade("B", ("inconsistency not known",))
    if i2 > INCONSISTENT:
        return Grade("C", ("inconsistent",))
    return Grade("B", ("moderately inconsistent",)) if i2 >= CONSISTENT else Grade("A")


@dataclass(frozen=True)
class BiasEvidence:
    """What protection from bias is graded by.

    Attributes
    ----------
    studies : int
    significant : bool
        Whether the pooled result is nominally significant. What follows about losing significance
        counts only if it is.
    odds_ratio : float
    lost_without_first, lost_without_one : bool or None
        Whether it is significant no more without the study published first, or without some one
        study. None: not known.
    lost_without_departures : bool or None
        The same without studies whose controls depart from Hardy-Weinberg proportions; False if
        no study departs, None if it could not be tested in every study.
    lost_without_reported, lost_without_warned : bool
        The same without estimates that papers report without counts, and without studies of whose
        data the checks of the input warn.
    reported, warned : int
        How many such estimates and studies there are.
    small_studies_unknown : bool
        Whether small-study effects cannot be tested, though there are studies enough.
    small_study_p, excess_p : float
        Of the test of small-study effects decided on beforehand, if small studies show the
        stronger association, and of excess significance; NaN if they cannot be told.
    """

    studies: int
    significant: bool
    odds_ratio: float
    lost_without_first: bool | None = None
    lost_without_one: bool | None = None
    lost_without_departures: bool | None = None
    lost_without_reported: bool = False
    lost_without_warned: bool = False
    reported: int = 0
    warned: int = 0
    small_studies_unknown: bool = False
    small_study_p: float = float("nan")
    excess_p: float = float("nan")


def protection_from_bias(evidence: BiasEvidence) -> Grade:
    """Protection from bias, as far as results show it.

    Parameters
    ----------
    evidence : BiasEvidence

    Returns
    -------
    Grade
        C where bias shows: `low odds ratio` (0.87 to 1.15), `lost without first`, `lost without
        one`, `lost without departures`, `lost without reported`, `lost without warned`,
        `small-study effects` and `excess significance` (p < 0.1, ten studies or more). B where
        what is needed to tell is missing: `few studies` (fewer than ten), `first unknown`, `single
        studies unknown`, `small-study effects unknown`, `equilibrium unknown`, `reported`,
        `warned`. A otherwise.

    Notes
    -----
    Errors of genotyping and of diagnosis, population stratification and how studies were chosen are
    in no table, and so in no grade. The exception of the low odds ratio for large consortia that
    planned their analysis and report all of it cannot be told either.

    References
    ----------
    Ioannidis JPA et al. (2008) Int J Epidemiol 37:120. Khoury MJ et al. (2009) Am J Epidemiol
    170:269. As field synopses apply them: Lill CM et al. (2012) PLoS Genet
    8:e1002548; Vineis P et al. (2009) J Natl Cancer Inst
    101:24.
    """
    few = evidence.studies < FEWEST_STUDIES
    tests = {
        "small-study effects": evidence.small_study_p,
        "excess significance": evidence.excess_p,
    }
    lost = {
        "low odds ratio": 1 / LOW_ODDS_RATIO <= evidence.odds_ratio <= LOW_ODDS_RATIO,
        "lost without first": evidence.lost_without_first,
        "lost without one": evidence.lost_without_one,
        "lost without departures": evidence.lost_without_departures,
        "lost without reported": evidence.lost_without_reported,
        "lost without warned": evidence.lost_without_warned,
    }
    shown = [name for name, is_so in lost.items() if is_so and evidence.significant]
    shown += [name for name, p in tests.items() if not few and p < BIAS_P]
    if shown:
        return Grade("C", tuple(shown))
    missing = {
        "few studies": few,
        "first unknown": evidence.lost_without_first is None,
        "single studies unknown": evidence.lost_without_one is None,
        "small-study effects unknown": not few and evidence.small_studies_unknown,
        "equilibrium unknown": evidence.lost_without_departures is None,
        "reported": evidence.reported > 0,
        "warned": evidence.warned > 0,
    }
    unknown = tuple(name for name, is_so in missing.items() if is_so)
    return Grade("B" if unknown else "A", unknown)


def overall(grades: Sequence[str], *, significant: bool) -> str:
    """What the three grades add up to.

    Parameters
    ----------
    grades : sequence of str
        Of amount, replication and protection from bias.
    significant : bool

    Returns
    -------
    str
        `strong` for three A, `weak` with a C, `moderate` otherwise. The criteria grade associations
        that are nominally significant: `no association shown` for all others. `not graded` if a
        grade is missing and no other is C.

    References
    ----------
    Ioannidis JPA et al. (2008) Int J Epidemiol 37:120.
    """
    if not significant:
        return NOT_SHOWN
    if "C" in grades:
        return WEAK
    if "" in grades:
        return NOT_GRADED
    return STRONG if set(grades) == {"A"} else MODERATE
