"""A pooled result in a paragraph of plain English, which says no more than its numbers do."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, isnan

from genopool.diagnostics import conclusion as c
from genopool.diagnostics.conclusion import Conclusion, conclude, reach, rests_on
from genopool.diagnostics.evidence import DOMINANT, Estimate, Evidence, StrataTest
from genopool.diagnostics.small_study import FEWEST_STUDIES
from genopool.diagnostics.venice import BIAS_P, INCONSISTENT
from genopool.diagnostics.wording import (
    at_least,
    at_most,
    either,
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
_MOST_RESERVATIONS = 3
#: Largest I² in per cent at which studies differ so.
_DIFFER = ((25.0, "a little"), (50.0, "moderately"), (75.0, "considerably"), (100.0, "greatly"))


def statement(evidence: Evidence, found: Conclusion | None = None, *, also: str = "") -> str:
    """The paragraph about one pooled result.

    Parameters
    ----------
    evidence : Evidence
    found : Conclusion, optional
        Its conclusion; `conclude(evidence)` by default.
    also : str
        Sentences to say after the result itself.

    Returns
    -------
    str
        The conclusion first, then the numbers that it rests on.
    """
    found = found or conclude(evidence)
    first = _CONCLUDING[found.name](evidence, found)
    if not evidence.k:
        return first
    parts = (
        first,
        _result(evidence),
        _models(evidence),
        also,
        *(say(evidence) for say in _LOOKS),
    )
    return " ".join(part for part in parts if part)


def interval(estimate: Estimate, level: float) -> str:
    """`95% CI 1.02 to 1.51, p = 0.03`."""
    limits = f"{odds_ratio(estimate.ci_low)} to {odds_ratio(estimate.ci_high)}"
    p = "" if isnan(estimate.p_value) else f", {p_value(estimate.p_value)}"
    return f"{level:.3g}".replace("0.", "") + f"% CI {limits}{p}"


def full(estimate: Estimate, level: float) -> str:
    """`1.24 (95% CI 1.02 to 1.51, p = 0.03)`."""
    return f"{rounded(estimate.odds_ratio)} ({interval(estimate, level)})"


# The conclusion.


def _pair(e: Evidence) -> str:
    return f"an association between {e.locus} and {e.outcome}"


def _the_studies(e: Evidence, the: str = "The") -> str:
    return f"{the} studies{_here(e)}"


def _seen(e: Evidence) -> str:
    return f"The association between {e.locus} and {e.outcome} seen here{_here(e)}"


def _here(e: Evidence) -> str:
    return f" ({e.stratum})" if e.stratum else ""


def _supports(e: Evidence, found: Conclusion) -> str:
    return f"{_the_studies(e)} support {_pair(e)}."


def _suggests(e: Evidence, found: Conclusion) -> str:
    against = [_AGAINST[name](e) for name in found.reservations[:_MOST_RESERVATIONS]]
    return f"{_the_studies(e)} suggest {_pair(e)}, but {'; '.join(against)}."


def _nominal(e: Evidence, found: Conclusion) -> str:
    against = [_AGAINST[name](e) for name in found.reservations[:_MOST_RESERVATIONS]]
    return (
        f"{_the_studies(e)} do not establish {_pair(e)}: their average is nominally significant, "
        f"but {'; '.join(against)}."
    )


def _rests_on_one(e: Evidence, found: Conclusion) -> str:
    study = rests_on(e)
    without = full(next(w.estimate for w in e.without_one if w.study == study), e.level)
    text = f"Any association between {e.locus} and {e.outcome} here{_here(e)} rests on one study"
    if study == e.largest.study and e.share >= DOMINANT:
        return (
            f"{text}, {study}, which holds {per_cent(e.share)} of the information: by itself it "
            f"gives {full(e.largest.estimate, e.level)}, the others together {without}."
        )
    return f"{text}, {study}: without it the odds ratio is {without}."


def _doubtful(e: Evidence, found: Conclusion) -> str:
    if e.reported == e.k:
        return (
            f"{_seen(e)} rests wholly on odds ratios that papers report without counts, which lean "
            "to positive results."
        )
    gone = [_DOUBTFUL[name] for name in found.reservations if name in _DOUBTFUL]
    return (
        f"{_seen(e)} rests on data that are in doubt: it is not significant without "
        f"{' or without '.join(gone)}."
    )


def _small_studies(e: Evidence, found: Conclusion) -> str:
    return (
        f"On average {_the_studies(e, 'the')} show {_pair(e)}, but small-study effects, such as "
        "selective publication, could explain it."
    )


def _excludes(e: Evidence, found: Conclusion) -> str:
    return (
        f"{_the_studies(e)} do not show {_pair(e)}, and their interval excludes average odds "
        f"ratios below {at_least(e.pooled.ci_low)} and above {at_most(e.pooled.ci_high)}."
    )


def _not_shown(e: Evidence, found: Conclusion) -> str:
    return (
        f"{_the_studies(e)} do not show {_pair(e)}, but odds ratios from "
        f"{odds_ratio(e.pooled.ci_low)} to {odds_ratio(e.pooled.ci_high)} are compatible with them."
    )


def _disagree(e: Evidence, found: Conclusion) -> str:
    differ = _differing(e)
    why = (
        f"the odds ratio differs by {_named(differ)}, and the average describes no one population"
        if differ and not e.stratum
        else "the average need not hold for any one population"
    )
    return (
        f"{_the_studies(e)} disagree by more than chance, and on average do not show {_pair(e)}; "
        f"{why}."
    )


def _too_little(e: Evidence, found: Conclusion) -> str:
    whether = f"whether {e.locus} is associated with {e.outcome}{_here(e)}"
    if e.df == 1:
        return (
            f"Two studies cannot tell {whether}: they give no reliable measure of how far studies "
            "differ."
        )
    return (
        f"There is too little evidence to tell {whether}: odds ratios from "
        f"{odds_ratio(e.pooled.ci_low)} to {odds_ratio(e.pooled.ci_high)} are compatible with it."
    )


def _single(e: Evidence, found: Conclusion) -> str:
    parts = "" if e.k == 1 else f", in {number(e.k)} parts"
    if e.is_significant:
        says = "it found an association, which awaits replication"
    elif reach(e.pooled) > c.SMALL:
        says = "it does not show an association, and excludes little"
    else:
        says = "it does not show an association"
    return (
        f"The tables hold only one study of {e.locus} and {e.outcome}{_here(e)}{parts}, and so no "
        f"meta-analysis: {says}."
    )


def _nothing(e: Evidence, found: Conclusion) -> str:
    return f"No study in the tables answers this about {e.locus} and {e.outcome}{_here(e)}."


_CONCLUDING: dict[str, Callable[[Evidence, Conclusion], str]] = {
    c.SUPPORTS: _supports,
    c.SUGGESTS: _suggests,
    c.NOMINAL: _nominal,
    c.ONE_STUDY: _rests_on_one,
    c.DOUBTFUL: _doubtful,
    c.SMALL_STUDIES: _small_studies,
    c.EXCLUDES: _excludes,
    c.NOT_SHOWN: _not_shown,
    c.DISAGREE: _disagree,
    c.TOO_LITTLE: _too_little,
    c.SINGLE: _single,
    c.NOTHING: _nothing,
}

_AGAINST: dict[str, Callable[[Evidence], str]] = {
    "one study": lambda e: "it rests on one study",
    "departures": lambda e: "it goes without studies out of Hardy-Weinberg proportions",
    "reported": lambda e: "it goes without odds ratios reported without counts",
    "warned": lambda e: "it goes without studies of doubtful data",
    "small studies": lambda e: "small studies show it more than large ones",
    "largest": lambda e: f"the most precise study, {e.largest.study}, does not bear it out",
    "fragile": lambda e: _fragile(e),
    "models": lambda e: "it is not significant once all genetic models looked at are allowed for",
    "few studies": lambda e: f"{number(e.studies)} studies are too few to show consistency",
    "inconsistent": lambda e: (
        "the studies differ so much that it may be absent or reversed elsewhere"
    ),
    "low": lambda e: "the odds ratio is so near 1 that a little bias could make it",
    "excess": lambda e: "more studies are significant than their size would lead to expect",
    "choices": lambda e: (
        f"only {e.choices_significant} of {e.choices} reasonable ways to pool find it significant"
    ),
    "chance": lambda e: (
        "chance is the likelier explanation unless there were good reasons to expect it"
    ),
    "other model": lambda e: "not in the genetic model that is judged first",
}


def _fragile(e: Evidence) -> str:
    lost = [without.study for without in e.lost_without]
    if len(lost) == len(e.without_one):
        return "leaving out any one study makes it lose significance"
    if len(lost) > 2:
        return f"leaving out any of {number(len(lost))} studies makes it lose significance"
    return f"it loses significance without {' or without '.join(lost)}"


_DOUBTFUL = {
    "departures": "studies whose controls depart from Hardy-Weinberg proportions",
    "reported": "odds ratios that papers report without counts",
    "warned": "studies of whose data the checks of the input warn",
}


# The numbers.


def _result(e: Evidence) -> str:
    compared = e.exposed if e.per_copy else f"{e.exposed} compared with {e.reference}"
    rows = f"{number(e.k)} rows of " if e.k != e.studies else ""
    of = "study" if e.studies == 1 else "studies"
    text = (
        f"The odds ratio for {compared} is {full(e.pooled, e.level)}, from {rows}"
        f"{number(e.studies)} {of} with {_people(e)}"
    )
    if e.is_significant:
        side = "higher" if e.pooled.odds_ratio > 1 else "lower"
        text += f": {side} odds of {e.outcome} with {e.exposed}"
    return text + "."


def _people(e: Evidence) -> str:
    if isnan(e.n_cases) or isnan(e.n_controls):
        return "unknown numbers of cases and controls"
    least = "at least " if e.without_numbers else ""
    return f"{least}{e.n_cases:,.0f} cases and {e.n_controls:,.0f} controls"


def _models(e: Evidence) -> str:
    if e.models < 2 or isnan(e.p_adjusted):
        return ""
    return f"Allowing for the {number(e.models)} genetic models looked at, {p_value(e.p_adjusted)}."


def _heterogeneity(e: Evidence) -> str:
    if e.k < 2 or isnan(e.i2):
        return ""
    few = e.k < c.FEWEST_TO_DISAGREE
    tau2 = "" if isnan(e.tau2) else f", {variance(e.tau2)}"
    numbers = f"(I² = {per_cent(e.i2)}{tau2})"
    if e.i2 < 1:
        text = f"The studies differ no more than by chance {numbers}"
    else:
        how = next(word for limit, word in _DIFFER if e.i2 <= limit)
        text = f"The studies differ {how} {numbers}"
    text += f"; {_HARDLY}" if few and e.i2 <= 50 else ""
    if not (isfinite(e.pi_low) and isfinite(e.pi_high)) or e.df == 1 or e.tau2 == 0:
        return text + "."
    text += (
        f". In a new population the odds ratio could lie between {odds_ratio(e.pi_low)} and "
        f"{odds_ratio(e.pi_high)}"
    )
    if e.is_significant and e.pi_low < 1 < e.pi_high:
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
    spread = f"odds ratios from {odds_ratio(values[0])} to {odds_ratio(values[-1])}"
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
    if not e.reported:
        return ""
    if e.k == 1:
        return f"It was found in an abstract, as an odds ratio without counts; {_LEAN}."
    which = (
        "All" if e.reported == e.k else f"{number(e.reported).capitalize()} of the {number(e.k)}"
    )
    verb = "was" if e.reported == 1 else "were"
    text = f"{which} {verb} found in abstracts, as odds ratios without counts; {_LEAN}"
    if e.counts_only is not None:
        text += f", and counts alone give {full(e.counts_only, e.level)}"
    return text + "."


def _chance(e: Evidence) -> str:
    if not e.is_significant or isnan(e.false_probability):
        return ""
    return (
        f"If one in {1 / e.prior:,.0f} candidate variants were truly associated, this association "
        f"would be false with probability {per_cent(100 * e.false_probability)}."
    )


def _information(e: Evidence) -> str:
    if e.is_significant or isnan(e.information) or e.information >= 1:
        return ""
    return (
        f"The studies hold {per_cent(100 * e.information)} of the information needed to find an "
        f"odds ratio of {e.information_or:g}."
    )


def _differing(e: Evidence) -> list[StrataTest]:
    return [test for test in e.strata if test.p_value < e.alpha]


def _named(tests: list[StrataTest]) -> str:
    return listed([f"{test.stratifier} ({p_value(test.p_value)})" for test in tests])


def _strata(e: Evidence) -> str:
    tests = [test for test in e.strata if not isnan(test.p_value)]
    differ = _differing(e)
    if not tests:
        return ""
    if e.stratum:
        if differ:
            return f"The odds ratio differs between strata of {_named(differ)}."
        here = "significant" if e.is_significant else "not significant"
        return (
            f"That it is {here} here does not show that this stratum differs from others "
            f"(test between strata of {_named(tests[:1])})."
        )
    said = []
    if differ and conclude(e).name != c.DISAGREE:
        said.append(f"The odds ratio differs by {_named(differ)}.")
    if len(differ) < len(tests):
        alike = [test for test in tests if test not in differ]
        said.append(f"It does not clearly differ by {_named(alike)}.")
    return " ".join(said)


_LOOKS = (_heterogeneity, _left_out, _small, _data, _chance, _information, _strata)
