"""What a pooled result comes to: one of a few conclusions, by rules on its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from sys import float_info

from genopool.diagnostics.evidence import DOMINANT, Estimate, Evidence
from genopool.diagnostics.small_study import FEWEST_STUDIES
from genopool.diagnostics.venice import BEYOND_DOUBT, BIAS_P, INCONSISTENT, LOW_ODDS_RATIO

#: An interval within 1 ± this factor excludes all but small odds ratios; one that reaches beyond
#: the second leaves nearly everything open.
SMALL, LARGE = 1.2, 1.5
#: With fewer studies nothing is called supported.
FEWEST_TO_SUPPORT = 4
#: With fewer studies heterogeneity is not called disagreement.
FEWEST_TO_DISAGREE = 5
#: Posterior probability of no association from which a result is not noteworthy: as if to miss an
#: association were four times as bad as to find one that is none (Wakefield 2007).
NOT_NOTEWORTHY = 0.8
#: Probability of the other side of 1 in a new population above which inconsistency counts.
REVERSED = 0.05
#: Share of the analysis choices that have to find a result significant.
MOST_CHOICES = 0.9

SUPPORTS, SUGGESTS, NOMINAL = "supports", "suggests", "nominal_only"
ONE_STUDY, DOUBTFUL, SMALL_STUDIES = (
    "rests_on_one_study",
    "rests_on_doubtful_data",
    "small_study_effects",
)
EXCLUDES, NOT_SHOWN = "large_effects_excluded", "not_shown"
DISAGREE, TOO_LITTLE = "studies_disagree", "too_little"
SINGLE, NOTHING = "single_study", "no_study"
#: Reservations about data that may be wrong.
DOUBTS = ("departures", "reported", "warned")
#: Every conclusion.
CONCLUSIONS = (
    SUPPORTS,
    SUGGESTS,
    NOMINAL,
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
        `models`, `choices`, `fragile`, `chance`, `largest`, `few studies`, `inconsistent`, `low`,
        `excess`.
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
    A significant result `supports` an association if nothing speaks against it, and else
    `suggests` one; if it rests on one study or on data in doubt, or goes away with small-study
    effects allowed for, that is the conclusion. It is `nominal_only` if it does not outlast the
    adjustment for genetic models or other choices of method, or hangs on single studies or
    doubtful data where studies are few or chance could well explain it, unless p under equal
    effects, which tests that there is no association in any study, is below 1e-7. Of a result
    that is not significant the interval says what is excluded: nothing beyond a factor of 1.2
    (`large_effects_excluded`), of 1.5 (`not_shown`), or hardly anything (`too_little`, also for
    two studies with an interval on one degree of freedom).
    """
    if not evidence.k:
        return Conclusion(NOTHING)
    if evidence.studies < 2:
        return Conclusion(SINGLE)
    if not evidence.is_significant:
        if rests_on(evidence) is not None:
            return Conclusion(ONE_STUDY, ("one study",))
        return Conclusion(_of_no_association(evidence))
    against = tuple(name for name, is_so in _reservations(evidence).items() if is_so)
    return Conclusion(_of_association(evidence, set(against)), against)


def _of_association(evidence: Evidence, against: set[str]) -> str:
    if "one study" in against:
        return ONE_STUDY
    if {name for name in against if name in DOUBTS and rests_on_doubtful(evidence, name)}:
        return DOUBTFUL
    if "small studies" in against and _goes_with_small_studies(evidence):
        return SMALL_STUDIES
    frail = against & {"fragile", *DOUBTS} and against & {"chance", "few studies"}
    if not is_beyond_chance(evidence) and (frail or {"models", "choices"} & against):
        return NOMINAL
    return SUGGESTS if against else SUPPORTS


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
    shown = evidence.choices_significant
    return {
        "one study": one is not None,
        "departures": bool(evidence.departing) and evidence.is_lost(evidence.without_departures),
        "reported": evidence.reported > 0 and evidence.is_lost(evidence.counts_only),
        "warned": bool(evidence.warned) and evidence.is_lost(evidence.without_warned),
        "small studies": evidence.shows_small_study_effects,
        "models": evidence.p_adjusted >= evidence.alpha,
        "choices": evidence.choices > 0 and shown < MOST_CHOICES * evidence.choices,
        "fragile": one is None and bool(evidence.lost_without),
        "chance": evidence.false_probability > NOT_NOTEWORTHY and not is_beyond_chance(evidence),
        "largest": evidence.largest_contradicts,
        "few studies": evidence.studies < FEWEST_TO_SUPPORT,
        "inconsistent": evidence.i2 > INCONSISTENT and not evidence.elsewhere_reversed <= REVERSED,
        "low": 1 / LOW_ODDS_RATIO <= evidence.pooled.odds_ratio <= LOW_ODDS_RATIO,
        "excess": evidence.k >= FEWEST_STUDIES and evidence.excess_p < BIAS_P,
    }


def is_beyond_chance(evidence: Evidence) -> bool:
    """Whether studies without any association would hardly give this.

    An average that is uncertain because few studies are pooled, or because they differ, can rest on
    studies that chance does not explain.
    """
    return evidence.equal_effects_p < BEYOND_DOUBT


def rests_on_doubtful(evidence: Evidence, doubt: str) -> bool:
    """Whether an association rests on data in doubt, and not only its significance on their number.

    Without them nothing is left, or it is on the other side of 1, or less than half of the log odds
    ratio; or they are half of the studies or more.
    """
    left, count = {
        "departures": (evidence.without_departures, len(evidence.departing)),
        "reported": (evidence.counts_only, evidence.reported),
        "warned": (evidence.without_warned, len(evidence.warned)),
    }[doubt]
    if left is None or 2 * count >= evidence.k:
        return True
    return left.log / evidence.pooled.log < 0.5


def rests_on(evidence: Evidence) -> str | None:
    """The study that an association rests on.

    Significance is lost without it, together with more than half of the log odds ratio, or with
    half of the information if fewer than half of the other studies find it by themselves; or, where
    the pool is not significant, it is so by itself, holds half of the information, and the interval
    of the others together excludes what it found.
    """
    if evidence.studies < 3 or evidence.largest is None:
        return None
    largest = evidence.largest
    dominates = evidence.share >= DOMINANT
    confirming = set(evidence.significant_alone) - {largest.study}
    carries = dominates and 2 * len(confirming) < evidence.studies - 1
    if evidence.is_significant:
        for without in evidence.lost_without:
            left = without.estimate.log / evidence.pooled.log
            if left < 0.5 or (carries and without.study == largest.study):
                return without.study
        return None
    others = next((w.estimate for w in evidence.without_one if w.study == largest.study), None)
    if others is None or others.is_significant(evidence.level):
        return None
    found = largest.estimate
    apart = not others.ci_low <= found.odds_ratio <= others.ci_high
    return largest.study if dominates and apart and found.is_significant(evidence.level) else None


def _goes_with_small_studies(evidence: Evidence) -> bool:
    """Whether the association goes, or halves, once small-study effects are allowed for.

    By PET-PEESE, which alone is too unstable to decide that, and by trim and fill as well, unless
    the most precise study contradicts the pool.
    """
    also = evidence.largest_contradicts or _goes(evidence, evidence.filled)
    return also and _goes(evidence, evidence.adjusted)


def _goes(evidence: Evidence, adjusted: Estimate | None) -> bool:
    if adjusted is None:
        return True
    return adjusted.log / evidence.pooled.log < 0.5 or evidence.is_lost(adjusted)
