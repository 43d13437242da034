"""What a pooled result comes to: one of a few conclusions, by rules on its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from sys import float_info

from genopool.diagnostics.evidence import DOMINANT_WEIGHT, Estimate, Evidence
from genopool.diagnostics.small_study import FEWEST_STUDIES
from genopool.diagnostics.venice import BIAS_P, INCONSISTENT, LOW_ODDS_RATIO

#: An interval within 1 ± this factor excludes all but small odds ratios; one that reaches beyond
#: the second leaves nearly everything open.
SMALL, LARGE = 1.2, 1.5
#: With fewer studies nothing is called supported.
FEWEST_TO_SUPPORT = 4
#: With fewer studies heterogeneity is not called disagreement.
FEWEST_TO_DISAGREE = 5
#: Posterior probability of no association above which an association is not called supported.
MORE_LIKELY_FALSE = 0.5
#: Share of the analysis choices that have to find a result significant.
MOST_CHOICES = 0.9

SUPPORTS, SUGGESTS = "supports", "suggests"
ONE_STUDY, DOUBTFUL, SMALL_STUDIES = (
    "rests_on_one_study",
    "rests_on_doubtful_data",
    "small_study_effects",
)
EXCLUDES, NOT_SHOWN = "large_effects_excluded", "not_shown"
DISAGREE, TOO_LITTLE = "studies_disagree", "too_little"
SINGLE, NOTHING = "single_study", "no_study"
#: Every conclusion.
CONCLUSIONS = (
    SUPPORTS,
    SUGGESTS,
    ONE_STUDY,
    DOUBTFUL,
    SMALL_STUDIES,
    EXCLUDES,
    NOT_SHOWN,
    DISAGREE,
    TOO_LITTLE,
    SINGLE,
    NOTHING,
)


@dataclass(frozen=True)
class Conclusion:
    """A conclusion and what speaks against an association that it names.

    Attributes
    ----------
    name : str
        One of `CONCLUSIONS`.
    reservations : tuple of str
        Names, the gravest first: `one study`, `departures`, `reported`, `warned`, `small studies`,
        `heaviest`, `fragile`, `models`, `few studies`, `inconsistent`, `low`, `excess`, `choices`,
        `chance`.
    """

    name: str
    reservations: tuple[str, ...] = ()


def conclude(evidence: Evidence) -> Conclusion:
    """The conclusion that numbers allow.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    Conclusion

    Notes
    -----
    A significant result `supports` an association if nothing speaks against it, and else `suggests`
    one; if it goes away without one study, without doubtful data, or with small-study effects
    allowed for, that is the conclusion. Of a result that is not significant the interval
    says what is excluded: nothing beyond a factor of 1.2 (`large_effects_excluded`), of 1.5
    (`not_shown`), or hardly anything (`too_little`, also for two studies with an interval on one
    degree of freedom).
    """
    if not evidence.k:
        return Conclusion(NOTHING)
    if evidence.studies < 2:
        return Conclusion(SINGLE)
    if not evidence.is_significant:
        return Conclusion(_of_no_association(evidence))
    against = tuple(name for name, is_so in _reservations(evidence).items() if is_so)
    if "one study" in against:
        return Conclusion(ONE_STUDY, against)
    if {"departures", "reported", "warned"} & set(against):
        return Conclusion(DOUBTFUL, against)
    if "small studies" in against and _goes_with_small_studies(evidence):
        return Conclusion(SMALL_STUDIES, against)
    return Conclusion(SUGGESTS if against else SUPPORTS, against)


def _of_no_association(evidence: Evidence) -> str:
    differ = evidence.i2 > INCONSISTENT and evidence.q_p < 0.05
    if evidence.k >= FEWEST_TO_DISAGREE and differ:
        return DISAGREE
    furthest = reach(evidence.pooled)
    if evidence.df == 1 or furthest > LARGE:
        return TOO_LITTLE
    return EXCLUDES if furthest <= SMALL else NOT_SHOWN


def reach(estimate: Estimate) -> float:
    """How far from 1, as a ratio above 1, the limits of an interval are."""
    return max(estimate.ci_high, 1 / max(estimate.ci_low, float_info.min))


def _reservations(evidence: Evidence) -> dict[str, bool]:
    """What speaks against a significant association, the gravest first."""
    one = rests_on(evidence)
    predicted = evidence.pi_low > 1 or evidence.pi_high < 1
    shown = evidence.choices_significant
    return {
        "one study": one is not None,
        "departures": bool(evidence.departing) and evidence.is_lost(evidence.without_departures),
        "reported": evidence.reported > 0 and evidence.is_lost(evidence.counts_only),
        "warned": bool(evidence.warned) and evidence.is_lost(evidence.without_warned),
        "small studies": evidence.shows_small_study_effects,
        "heaviest": evidence.heaviest_contradicts,
        "fragile": one is None and bool(evidence.lost_without),
        "models": evidence.p_adjusted >= evidence.alpha,
        "few studies": evidence.studies < FEWEST_TO_SUPPORT,
        "inconsistent": evidence.i2 > INCONSISTENT and not predicted,
        "low": 1 / LOW_ODDS_RATIO <= evidence.pooled.odds_ratio <= LOW_ODDS_RATIO,
        "excess": evidence.k >= FEWEST_STUDIES and evidence.excess_p < BIAS_P,
        "choices": evidence.choices > 0 and shown < MOST_CHOICES * evidence.choices,
        "chance": evidence.false_probability > MORE_LIKELY_FALSE,
    }


def rests_on(evidence: Evidence) -> str | None:
    """The study that a significant result rests on.

    It is lost without that study, which has half of the weight, or takes more than half of the
    log odds ratio with it.
    """
    if evidence.studies < 3:
        return None
    for without in evidence.lost_without:
        left = without.estimate.log / evidence.pooled.log
        is_heaviest = evidence.heaviest is not None and without.study == evidence.heaviest.study
        if left < 0.5 or (is_heaviest and evidence.weight >= DOMINANT_WEIGHT):
            return without.study
    return None


def _goes_with_small_studies(evidence: Evidence) -> bool:
    """Whether the association is gone, or less than half, once small-study effects are allowed
    for."""
    adjusted = evidence.adjusted
    if adjusted is None or isnan(adjusted.odds_ratio):
        return True
    return adjusted.log / evidence.pooled.log < 0.5 or evidence.is_lost(adjusted)
