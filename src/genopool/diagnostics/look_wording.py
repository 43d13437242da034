"""What each look at a pooled result shows, in a sentence or two each."""

from __future__ import annotations

from math import isfinite, isnan

from genopool.diagnostics import conclusion as c
from genopool.diagnostics.conclusion import conclude, rests_on
from genopool.diagnostics.estimate_wording import full
from genopool.diagnostics.evidence import DOMINANT, Estimate, Evidence, StrataTest
from genopool.diagnostics.small_study import FEWEST_STUDIES
from genopool.diagnostics.venice import BIAS_P, INCONSISTENT
from genopool.diagnostics.wording import (
    either,
    inconsistency,
    listed,
    number,
    odds_ratio,
    p_value,
    per_cent,
    rounded,
    variance,
)

_TEST_NAMES = {
    "harbord": "Harbord's test",
    "ruecker": "Rücker's test",
    "peters": "Peters's test",
    "egger_mixed": "Egger's test with tau²",
}
_HARDLY = "with so few studies that says little"
_LEAN = "these lean to positive results"
#: Largest I² in per cent at which studies differ so.
_DIFFER = ((25.0, "a little"), (50.0, "moderately"), (75.0, "considerably"), (100.0, "greatly"))
#: So many reservations are said in the conclusion.
MOST_RESERVATIONS = 3


def _heterogeneity(e: Evidence) -> str:
    if e.k < 2 or isnan(e.i2):
        return ""
    few = e.k < c.FEWEST_TO_DISAGREE
    tau2 = "" if isnan(e.tau2) else f", {variance(e.tau2)}"
    numbers = f"({inconsistency(e.i2)}{tau2})"
    if e.i2 < 1:
        text = f"The studies differ no more than by chance {numbers}"
    else:
        how = next(word for limit, word in _DIFFER if e.i2 <= limit)
        text = f"The studies differ {how} {numbers}"
    text += f"; {_HARDLY}" if few and e.i2 <= 50 else ""
    if not (isfinite(e.pi_low) and isfinite(e.pi_high)) or e.df == 1 or e.tau2 == 0:
        return text + "."
    text += (
        f". In a new population the odds ratio could be anything from {odds_ratio(e.pi_low)} to "
        f"{odds_ratio(e.pi_high)}"
    )
    said = "inconsistent" in conclude(e).reservations[:MOST_RESERVATIONS]
    if e.is_significant and e.pi_low < 1 < e.pi_high and not said:
        text += ", so that it could also be absent or reversed"
    return text + "."


def _left_out(e: Evidence) -> str:
    """What single studies do to the result."""
    if e.studies < 3 or not e.without_one or e.largest is None:
        return ""
    said = []
    if rests_on(e) != e.largest.study and (e.share >= DOMINANT or e.largest_contradicts):
        share = f" ({per_cent(e.share)} of the information)" if e.share >= DOMINANT else ""
        said.append(
            f"The most precise study, {e.largest.study}{share}, by itself gives "
            f"{full(e.largest.estimate, e.level)}."
        )
    values = sorted(without.estimate.odds_ratio for without in e.without_one)
    spread = f"odds ratios from {rounded(values[0])} to {rounded(values[-1])}"
    gained = [w.study for w in e.without_one if w.estimate.is_significant(e.level)]
    if rests_on(e) is not None:
        said.append(_first(e))
    elif not e.is_significant and gained:
        said.append(f"It would be significant without {either(gained)} ({spread}).")
    elif not e.is_significant:
        said.append(f"No single study decides the result ({spread} without one).")
    elif e.lost_without:
        said += [f"Leaving out single studies gives {spread}.", _first(e)]
    else:
        said.append(f"It stays significant whichever single study is left out ({spread}).")
    return " ".join(text for text in said if text)


def _first(e: Evidence) -> str:
    """The first study beside the later ones, where these do not confirm it."""
    if len(e.first) != 1 or e.first_alone is None:
        return ""
    later = next((w.estimate for w in e.without_one if w.study == e.first[0]), None)
    if later is None or not e.is_lost(later) or not e.first_alone.is_significant(e.level):
        return ""
    return (
        f"The first study ({e.first[0]}) found {odds_ratio(e.first_alone.odds_ratio)}, the later "
        f"ones together {full(later, e.level)}."
    )


def _small(e: Evidence) -> str:
    if e.k < 3:
        return ""
    test = f"{_TEST_NAMES.get(e.small_study_test, e.small_study_test)}, {p_value(e.small_study_p)}"
    shows = e.shows_small_study_effects
    if e.k < FEWEST_STUDIES and not shows:
        return "With fewer than ten studies it cannot be told whether small ones exaggerate."
    if e.alike:
        return "The studies are about equally precise, which hides whether small ones exaggerate."
    if isnan(e.small_study_p):
        return "Whether small studies exaggerate cannot be tested here."
    if e.small_study_p >= BIAS_P:
        return f"Nothing shows that small studies exaggerate ({test}), which does not exclude it."
    ways = [
        f"{full(estimate, e.level)} by {how}"
        for estimate, how in ((e.adjusted, "PET-PEESE"), (e.filled, "trim and fill"))
        if estimate is not None
    ]
    adjusted = f"; allowing for that gives {' and '.join(ways)}" if ways else ""
    if not e.is_significant:
        return f"Small and large studies differ ({test}){adjusted}."
    how = "stronger" if e.small_studies_exaggerate else "weaker"
    return f"Small studies show {how} associations than large ones ({test}){adjusted}."


def _data(e: Evidence) -> str:
    """Departures from equilibrium, reported odds ratios, and warnings of the checks."""
    departs = "controls depart from Hardy-Weinberg proportions"
    warns = "the checks of the input warn of the data"
    if e.departing and set(e.departing) == set(e.warned):
        looks = [(e.departing, f"{departs} and {warns}", e.without_warned)]
    else:
        looks = [
            (e.departing, departs, e.without_departures),
            (e.warned, warns, e.without_warned),
        ]
    said = [_without(e, *look) for look in looks if look[0]]
    return " ".join([*said, _reported(e)]).strip()


def _without(e: Evidence, studies: tuple[str, ...], what: str, left: Estimate | None) -> str:
    if e.k == 1:
        return f"In it {what}."
    them = "it" if len(studies) == 1 else "them"
    rest = f"without {them} the odds ratio is {full(left, e.level)}" if left else "none is left"
    if left and left.i2 < e.i2 / 2 and e.i2 > INCONSISTENT:
        rest += f" and I² {per_cent(left.i2)}"
    return f"In {listed(studies)} {what}; {rest}."


def _reported(e: Evidence) -> str:
    if not e.reported or (e.reported == e.k and conclude(e).name == c.DOUBTFUL):
        return ""
    if e.k == 1:
        return f"It was found in an abstract, as an odds ratio without counts; {_LEAN}."
    some = f"{number(e.reported).capitalize()} of the {number(e.k)}"
    text = "All were" if e.reported == e.k else f"{some} {'was' if e.reported == 1 else 'were'}"
    where = (
        "in an abstract, as an odds ratio" if e.reported == 1 else "in abstracts, as odds ratios"
    )
    text += f" found {where} without counts; {_LEAN}"
    if e.counts_only is not None:
        text += f", and counts alone give {full(e.counts_only, e.level)}"
    return text + "."


def _chance(e: Evidence) -> str:
    probability = e.false_probability
    # A low one vouches for the numbers, and nothing vouches for a single study.
    vouches = e.studies == 1 and probability < 0.5
    misleads = probability > c.NOT_NOTEWORTHY and c.is_beyond_chance(e)
    if not e.is_significant or isnan(probability) or vouches or misleads:
        return ""
    share = per_cent(100 * probability)
    least = "" if " " in share else " or more"  # under 1%, over 99%
    return (
        f"If one in {1 / e.prior:,.0f} candidate variants were truly associated, this association "
        f"would be false with probability {share}{least}."
    )


def _information(e: Evidence) -> str:
    if e.is_significant or isnan(e.information) or e.information >= 1:
        return ""
    hold = "The study holds" if e.k == 1 else "The studies hold"
    return (
        f"{hold} {per_cent(100 * e.information)} of the information needed to find an odds ratio "
        f"of {e.information_or:g}."
    )


def differing(e: Evidence) -> list[StrataTest]:
    return [test for test in e.strata if test.p_value < e.alpha]


def tests_named(tests: list[StrataTest], joined: str = "and") -> str:
    names = [f"{test.stratifier} ({p_value(test.p_value)})" for test in tests]
    return listed(names, joined=joined)


def _strata(e: Evidence) -> str:
    tests = [test for test in e.strata if not isnan(test.p_value)]
    differ = differing(e)
    if not tests or e.k == 1:
        return ""
    if e.stratum:
        if differ:
            return f"The odds ratio differs between strata of {tests_named(differ)}."
        here = "significant" if e.is_significant else "not significant"
        return (
            f"That it is {here} here does not show that this stratum differs from others (test "
            f"between strata of {tests[0].stratifier}: {p_value(tests[0].p_value)})."
        )
    said = []
    if differ and conclude(e).name != c.DISAGREE:
        said.append(f"The odds ratio differs by {tests_named(differ)}.")
    if len(differ) < len(tests):
        alike = [test for test in tests if test not in differ]
        said.append(f"It does not clearly differ by {tests_named(alike, 'or')}.")
    return " ".join(said)


#: Each says its part, or nothing, in this order.
LOOKS = (_heterogeneity, _left_out, _small, _data, _chance, _information, _strata)
