"""The numbers that a verdict on a pooled result rests on."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, isfinite, isnan, log, nan, sqrt
from sys import float_info

from scipy.special import ndtri

from genopool.diagnostics.small_study import FEWEST_STUDIES
from genopool.diagnostics.venice import BIAS_P

#: A study with as much of the information, in per cent, tells more than all others.
DOMINANT = 50.0
#: A study with less says little against the others.
CONSIDERABLE = 20.0
#: With fewer studies small and large ones are not compared at all.
FEWEST_TO_COMPARE = 5


@dataclass(frozen=True)
class Estimate:
    """An odds ratio with its interval.

    Attributes
    ----------
    odds_ratio, ci_low, ci_high : float
    p_value : float
        NaN where the method has none: the interval decides.
    i2 : float
        Of a pool, in per cent; NaN where it has none.
    kind : str
        Kind of interval: `CI` or `credible interval`.
    """

    odds_ratio: float
    ci_low: float
    ci_high: float
    p_value: float = nan
    i2: float = nan
    kind: str = "CI"

    def is_significant(self, level: float) -> bool:
        """Whether 1 is excluded, by p if there is one, and else by the interval."""
        if not isnan(self.p_value):
            return self.p_value < 1 - level
        return self.ci_low > 1 or self.ci_high < 1

    @property
    def log(self) -> float:
        return log(max(self.odds_ratio, float_info.min))


@dataclass(frozen=True)
class Without:
    """The pool without one study.

    Attributes
    ----------
    study : str
    estimate : Estimate
    """

    study: str
    estimate: Estimate


@dataclass(frozen=True)
class StrataTest:
    """The test between the strata of a stratifier.

    Attributes
    ----------
    stratifier : str
        In words.
    p_value : float
    """

    stratifier: str
    p_value: float


@dataclass(frozen=True)
class Evidence:
    """All there is to say about one pooled result; what does not exist is NaN, None or empty.

    Attributes
    ----------
    locus, outcome : str
        As a reader knows them.
    exposed, reference : str
        What is compared with what: `C alleles`, `A alleles`; `AC + CC`, `AA`.
    per_copy : bool
        Whether the odds ratio is per copy of an allele; `exposed` is then that, and no reference.
    stratum : str
        `ethnicity: Asian`; blank for all studies.
    k, studies, reported : int
        Rows pooled, different studies among them, and rows that report an odds ratio only.
    n_cases, n_controls : float
        People.
    without_numbers : int
        Rows that do not state them.
    pooled : Estimate, optional
        None if there is no study.
    level : float
        Of every interval; 1 - level is the level of significance.
    df : float
        Degrees of freedom of the interval; NaN for a normal one.
    tau2, i2, q_p, pi_low, pi_high : float
        Heterogeneity (`i2` in per cent) and the prediction interval, on the odds-ratio scale.
    models : int
        Genetic models looked at.
    p_adjusted : float
        p adjusted for them.
    largest : Without, optional
        The most precise study, and its own result.
    share : float
        Per cent of the information (inverse variances) that it holds.
    equal_effects_p : float
        p of the pool with equal effects: of no association in any study, however they differ.
    significant_alone : tuple of str
        Studies that are significant by themselves, on the pooled result's side of 1.
    without_one : tuple of Without
        The pool without each study.
    first : tuple of str
        The studies that were published first; empty if years are not known.
    first_alone : Estimate, optional
        Own result of the first study, if it is one.
    departing : tuple of str
        Studies whose controls depart from Hardy-Weinberg proportions.
    untested : int
        Rows in which that cannot be tested.
    without_departures, counts_only, without_warned : Estimate, optional
        The pool without these studies, without odds ratios reported without counts, and without
        studies of which the checks of the input warn; None if nothing is left, or none is there.
    warned : tuple of str
        Studies of which they warn.
    small_study_test : str
        Name of the test of small-study effects.
    small_study_p, small_study_slope : float
        Its p, and its statistic: positive if small studies have the larger odds ratios.
    alike : bool
        Whether all studies are about as precise, so that none is small beside another.
    adjusted, filled : Estimate, optional
        The odds ratio with small-study effects allowed for, by PET-PEESE and by trim and fill.
    excess_p : float
        Of the test of excess significance.
    choices, choices_significant : int
        Estimators and intervals that the result was computed with, and those by which it is
        significant.
    prior, false_probability : float
        Prior probability of an association, and the posterior probability that there is none, at
        the size of true associations that favours this one most.
    information : float
        Share of the information needed to find an odds ratio of `information_or`.
    information_or : float
    strata : tuple of StrataTest
        Of an overall result all tests between strata, of a stratum that between it and others.
    smaller_group, smaller_group_cases : float
        People in the smaller of the genetic groups compared, cases and controls, or copies of the
        rarer allele; and how many of them are of cases.
    smaller_group_name : str
        `people with AA`, `copies of the rarer allele`.
    """

    locus: str
    outcome: str
    exposed: str
    reference: str
    per_copy: bool = False
    stratum: str = ""
    k: int = 0
    studies: int = 0
    reported: int = 0
    n_cases: float = nan
    n_controls: float = nan
    without_numbers: int = 0
    pooled: Estimate | None = None
    level: float = 0.95
    df: float = nan
    tau2: float = nan
    i2: float = nan
    q_p: float = nan
    pi_low: float = nan
    pi_high: float = nan
    models: int = 1
    p_adjusted: float = nan
    largest: Without | None = None
    share: float = nan
    equal_effects_p: float = nan
    significant_alone: tuple[str, ...] = ()
    without_one: tuple[Without, ...] = ()
    first: tuple[str, ...] = ()
    first_alone: Estimate | None = None
    departing: tuple[str, ...] = ()
    untested: int = 0
    without_departures: Estimate | None = None
    counts_only: Estimate | None = None
    warned: tuple[str, ...] = ()
    without_warned: Estimate | None = None
    small_study_test: str = ""
    small_study_p: float = nan
    small_study_slope: float = nan
    alike: bool = False
    adjusted: Estimate | None = None
    filled: Estimate | None = None
    excess_p: float = nan
    choices: int = 0
    choices_significant: int = 0
    prior: float = nan
    false_probability: float = nan
    information: float = nan
    information_or: float = nan
    strata: tuple[StrataTest, ...] = ()
    smaller_group: float = nan
    smaller_group_cases: float = nan
    smaller_group_name: str = ""

    @property
    def alpha(self) -> float:
        return 1 - self.level

    @property
    def is_significant(self) -> bool:
        return self.pooled is not None and self.pooled.is_significant(self.level)

    def is_lost(self, estimate: Estimate | None) -> bool:
        """Whether significance is lost, or its direction turned, in a pool of fewer studies."""
        if not self.is_significant:
            return False
        if estimate is None or not estimate.is_significant(self.level):
            return True
        return estimate.log * self.pooled.log < 0

    @property
    def lost_without(self) -> tuple[Without, ...]:
        """Studies without any one of which it is significant no more."""
        return tuple(w for w in self.without_one if self.is_lost(w.estimate))

    @property
    def without_first(self) -> tuple[Without, ...]:
        """The pool without each of the studies that were published first."""
        return tuple(w for w in self.without_one if w.study in self.first)

    @property
    def p_without_first(self) -> float:
        """The largest p without a study published first; NaN if that is unknown."""
        return max((w.estimate.p_value for w in self.without_first), default=nan)

    @property
    def one_to_one(self) -> float:
        """As many in the smaller group as would tell the same with equal numbers of cases and
        controls."""
        cases, everybody = self.smaller_group_cases, self.smaller_group
        return 4 * cases * (everybody - cases) / everybody if everybody else everybody

    @property
    def elsewhere_reversed(self) -> float:
        """Probability that a new population has the odds ratio on the other side of 1.

        From the prediction interval, taken as normal; NaN if there is none.
        """
        if not (isfinite(self.pi_high) and self.pi_low > 0) or self.pi_low == self.pi_high:
            return nan
        low, high = log(self.pi_low), log(self.pi_high)
        z = abs(low + high) / (high - low) * float(ndtri((1 + self.level) / 2))
        return (1 - erf(z / sqrt(2))) / 2

    @property
    def small_studies_exaggerate(self) -> bool:
        """Whether small studies have the stronger association, in the direction of the pool."""
        return self.pooled is not None and self.small_study_slope * self.pooled.log > 0

    @property
    def largest_contradicts(self) -> bool:
        """Whether the most precise study, with a fifth of the information, contradicts the pool.

        Its interval excludes the pooled odds ratio, but not 1.
        """
        if self.largest is None or self.k < 3 or self.share < CONSIDERABLE:
            return False
        own, pooled = self.largest.estimate, self.pooled
        if own.ci_low <= pooled.odds_ratio <= own.ci_high:
            return False
        return own.ci_low <= 1 if pooled.odds_ratio > 1 else own.ci_high >= 1

    @property
    def shows_small_study_effects(self) -> bool:
        """Whether small studies show the stronger association by more than chance.

        With fewer than ten studies a test alone is not believed; the most precise study has to
        contradict the pool as well. Studies that are all about as precise show nothing.
        """
        enough = self.k >= FEWEST_STUDIES or (
            self.k >= FEWEST_TO_COMPARE and self.largest_contradicts
        )
        shown = self.small_studies_exaggerate and self.small_study_p < BIAS_P
        return enough and shown and not self.alike
