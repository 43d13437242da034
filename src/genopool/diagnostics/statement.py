"""A pooled result in a paragraph of plain English, which says no more than its numbers do."""

from __future__ import annotations

from math import isnan

from genopool.diagnostics.conclusion import Conclusion, conclude
from genopool.diagnostics.conclusion_wording import concluding
from genopool.diagnostics.estimate_wording import full
from genopool.diagnostics.evidence import Evidence
from genopool.diagnostics.look_wording import LOOKS
from genopool.diagnostics.wording import number, p_value


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
    first = concluding(evidence, found)
    if not evidence.k:
        return first
    parts = (
        first,
        _result(evidence),
        _models(evidence),
        also,
        *(say(evidence) for say in LOOKS),
    )
    return " ".join(part for part in parts if part)


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
