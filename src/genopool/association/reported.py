"""Estimates as papers report them, turned into the direction of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from genopool.association.answers import Question
from genopool.studies.findings import Finding
from genopool.studies.records import EstimateRow

#: The model of the same comparison in the other allele, with the odds ratio inverted.
INVERTED = {
    "allelic": "allelic",
    "additive": "additive",
    "homozygous": "homozygous",
    "dominant": "recessive",
    "recessive": "dominant",
}


class CannotTurnError(ValueError):
    """An estimate that says nothing about the other allele."""


def turn(model: str, log_estimate: float) -> tuple[str, float]:
    """The model and the log odds ratio that an estimate gives for the other allele.

    Carrying no effect allele is having two of the others, so a dominant odds ratio is the inverse
    of the recessive one in the other allele; heterozygotes are the same people under both names.

    Parameters
    ----------
    model : str
    log_estimate : float

    Raises
    ------
    CannotTurnError
        For `heterozygous`, whose reference group becomes another one.
    """
    if model in INVERTED:
        return INVERTED[model], -log_estimate
    if model == "overdominant":
        return model, log_estimate
    raise CannotTurnError(
        f"{model} compares with the homozygotes of one allele and cannot be turned to the other"
    )


@dataclass(frozen=True)
class Turned:
    """A reported estimate as an answer to a question of the configuration.

    Attributes
    ----------
    question : Question or None
        None where it answers none of them.
    model : str
    log_estimate : float
        NaN where the estimate cannot be turned.
    was_turned : bool
    reason : str
        Why it cannot be pooled; blank if it can.
    """

    question: Question | None
    model: str
    log_estimate: float
    was_turned: bool
    reason: str = ""


def _is_usable(answer: Turned, row: EstimateRow) -> bool:
    return not answer.reason and row.measure == "OR"


def answers(
    row: EstimateRow,
    log_estimate: float,
    questions: Sequence[Question],
    models: Sequence[str],
    *,
    not_pooled: str = "",
) -> tuple[list[Turned], list[Finding]]:
    """What a reported estimate answers, and a finding where it answers nothing.

    Parameters
    ----------
    row : EstimateRow
    log_estimate : float
    questions : sequence of Question
    models : sequence of str
        The configured models.
    not_pooled : str
        Why the configuration pools no reported estimate at all; blank if it does.
    """
    found: list[Turned] = []
    for question in questions:
        if row.alleles == question.effect:
            found.append(Turned(question, row.model, log_estimate, was_turned=False))
        elif row.alleles == question.compared & ~question.effect and question.against_rest:
            try:
                model, turned = turn(row.model, log_estimate)
                found.append(Turned(question, model, turned, was_turned=True))
            except CannotTurnError as error:
                found.append(Turned(question, row.model, nan, False, str(error)))
    if not found:
        asked = ", ".join(question.effect_allele for question in questions)
        reason = f"{row.effect_allele} is not a configured effect allele ({asked})"
        found = [Turned(None, row.model, log_estimate, False, reason)]
    checked, findings = [], []
    for answer in found:
        reason = answer.reason
        if row.measure != "OR":
            reason = f"{row.measure}, not an odds ratio"
        elif not reason and row.log_se is None:
            reason = row.problem
        elif not reason and answer.model not in models:
            reason = f"model {answer.model} is not configured"
        elif not reason and not_pooled:
            reason = not_pooled
        checked.append(
            Turned(answer.question, answer.model, answer.log_estimate, answer.was_turned, reason)
        )
        is_set_aside = reason and not any(_is_usable(other, row) for other in found)
        if is_set_aside and row.log_se is not None and not not_pooled:
            findings.append(
                row.finding(
                    "note",
                    "estimate_set_aside",
                    reason,
                    column="measure" if row.measure != "OR" else "effect_allele",
                    value=row.measure if row.measure != "OR" else row.effect_allele,
                    why="it does not estimate an odds ratio that is asked for",
                    action="listed in estimates.tsv and not pooled",
                )
            )
        elif answer.was_turned and not reason:
            findings.append(
                row.finding(
                    "note",
                    "estimate_turned",
                    f"{row.model} in {row.effect_allele} was turned to {answer.model} in "
                    f"{answer.question.effect_allele}",
                    column="effect_allele",
                    value=row.effect_allele,
                    action="pooled in the configured direction",
                )
            )
    return checked, findings
