"""The grades of the Venice criteria in a sentence each, with the numbers that they rest on."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

from genopool.diagnostics import venice
from genopool.diagnostics.evidence import Estimate, Evidence
from genopool.diagnostics.venice import Grade
from genopool.diagnostics.wording import inconsistency, listed, number, odds_ratio, p_value, plural

_UNSEEN = (
    "errors of genotyping and diagnosis, population stratification and the choice of studies are "
    "in no table and not judged"
)


def amount_text(evidence: Evidence, grade: Grade) -> str:
    """What the grade of the amount of evidence was given for."""
    n, name = evidence.smaller_group, evidence.smaller_group_name
    if isnan(n):
        return "No study gives counts, so the size of the genetic groups is not known."
    least = "At least " if evidence.reported else ""
    text = f"{least}{n:,.0f} {name}, cases and controls together: "
    text += {
        "A": "more than 1,000.",
        "B": "between 100 and 1,000.",
        "C": "fewer than 100.",
    }[grade.grade]
    even = evidence.one_to_one
    if venice.amount(even).grade > grade.grade:
        text += (
            f" Cases and controls are so uneven that they tell as much as {even:,.0f} in equal "
            "numbers."
        )
    return text


def replication_text(evidence: Evidence, grade: Grade) -> str:
    """What the grade of replication was given for."""
    i2 = evidence.i2
    values = "" if isnan(i2) else inconsistency(i2)
    reason = grade.reasons[0] if grade.reasons else ""
    if reason == "one study":
        return "One study only: nothing replicates it."
    if reason == "not significant":
        p = evidence.pooled.p_value
        said = "" if isnan(p) else f" ({p_value(p)})"
        return f"The pooled result is not significant{said}: there is no association to replicate."
    if reason == "inconsistency not known":
        return "The method gives no I², so consistency is not known."
    if reason == "beyond doubt":
        return (
            f"Without the first study {p_value(evidence.p_without_first)}, so small that the "
            f"inconsistency between studies ({values}) is not held against it."
        )
    studies = f"between {plural(evidence.studies, 'study', 'studies')}"
    how = {"A": "Little", "B": "Moderate", "C": "Large"}[grade.grade]
    return f"{how} inconsistency {studies} ({values})."


def protection_text(evidence: Evidence, grade: Grade) -> str:
    """What the grade of protection from bias was given for."""
    said = [_REASONS[name](evidence) for name in grade.reasons]
    if grade.grade == "A":
        return f"No sign of bias in the results; {_UNSEEN}."
    text = "; ".join(said)
    if grade.grade == "B":
        return f"No sign of bias, but not all could be looked at: {text}; {_UNSEEN}."
    return f"{text[0].upper()}{text[1:]}."


def overall_text(grades: str, found: str) -> str:
    """What the three grades come to, as `AAB` and the overall one."""
    if found == venice.NOT_SHOWN:
        return "No association is shown; the criteria grade associations that are significant."
    if found == venice.NOT_GRADED:
        return "Not graded, since not every criterion could be."
    return (
        f"{found.capitalize()} credibility ({grades}: amount, replication, protection from bias)."
    )


def _with(evidence: Evidence, estimate: Estimate | None) -> str:
    if estimate is None:
        return "nothing is left"
    p = "" if isnan(estimate.p_value) else f", {p_value(estimate.p_value)}"
    return f"odds ratio {odds_ratio(estimate.odds_ratio)}{p}"


def _first_text(evidence: Evidence) -> str:
    left = next((w.estimate for w in evidence.without_one if w.study in evidence.first), None)
    return (
        f"significance is lost without the first study, {listed(evidence.first)} "
        f"({_with(evidence, left)})"
    )


def _one_text(evidence: Evidence) -> str:
    if not evidence.lost_without:
        return "significance is lost without the one study"
    names = listed([without.study for without in evidence.lost_without])
    count = len(evidence.lost_without)
    any_one = "without" if count == 1 else f"without any one of {number(count)} studies:"
    return f"significance is lost {any_one} {names}"


_REASONS: dict[str, Callable[[Evidence], str]] = {
    "low odds ratio": lambda e: (
        f"the odds ratio ({odds_ratio(e.pooled.odds_ratio)}) lies between 0.87 and 1.15, where a "
        "little bias could make it"
    ),
    "lost without first": _first_text,
    "lost without one": _one_text,
    "lost without departures": lambda e: (
        "significance is lost without studies whose controls depart from Hardy-Weinberg "
        f"proportions ({_with(e, e.without_departures)})"
    ),
    "lost without reported": lambda e: (
        f"significance is lost without reported odds ratios ({_with(e, e.counts_only)})"
    ),
    "lost without warned": lambda e: (
        "significance is lost without studies of whose data the checks of the input warn "
        f"({_with(e, e.without_warned)})"
    ),
    "small-study effects": lambda e: (
        f"small studies show stronger associations than large ones ({p_value(e.small_study_p)})"
    ),
    "excess significance": lambda e: (
        f"more studies are significant than expected ({p_value(e.excess_p)})"
    ),
    "few studies": lambda e: (
        f"{plural(e.k, 'study is', 'studies are')} too few to test for small-study effects"
    ),
    "first unknown": lambda e: "which study came first is not known",
    "single studies unknown": lambda e: "the result without single studies was not computed",
    "small-study effects unknown": lambda e: "small-study effects cannot be tested",
    "equilibrium unknown": lambda e: (
        f"Hardy-Weinberg proportions cannot be tested in {plural(e.untested, 'study', 'studies')}"
    ),
    "reported": lambda e: (
        f"{plural(e.reported, 'odds ratio was', 'odds ratios were')} reported without counts"
    ),
    "warned": lambda e: f"the checks of the input warn of data of {listed(e.warned)}",
}
