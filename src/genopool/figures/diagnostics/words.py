"""The words that captions of diagnostic figures share."""

from __future__ import annotations

from genopool.diagnostics.tables.pools import Pools
from genopool.figures import method_wording, wording
from genopool.figures.questions import Question


def subtitle(question: Question, shown: str, model: str = "") -> str:
    """``Gastric cancer · dominant model · drapery plot``."""
    outcome = f"{question.outcome[:1].upper()}{question.outcome[1:]}"
    return " · ".join(filter(None, (outcome, f"{model} model" if model else "", shown)))


def compared(question: Question, model: str) -> str:
    """What the odds ratio compares, which side of 1 is which, and the allele's frequency."""
    below, above = question.sides()
    return (
        f"Odds ratio of {question.outcome}: {question.comparison} (effect allele "
        f"{question.effect_allele}, {model} model). Below 1: {below}; above 1: {above}. "
        f"{frequency(question)}"
    )


def frequency(question: Question) -> str:
    """The range of the effect allele's frequency in controls, as a sentence."""
    said = "not known, since no study gives genotype counts"
    if question.frequency_range is not None:
        low, high = (wording.per_cent(100 * limit) for limit in question.frequency_range)
        said = low if low == high else f"{low} to {high}"
    return f"Effect-allele frequency in controls: {said}."


def studies(pools: Pools, i: int) -> str:
    """``26 studies`` of a pool."""
    return wording.studies(int(pools.rows[i]["k"]), int(pools.rows[i]["k_studies"]))


def method(tau2: str, interval: str, level: float) -> str:
    """How studies are pooled, with the interval."""
    pooled = method_wording.method("inverse-variance", tau2, interval)
    return f"{pooled}, {method_wording.limits(interval, level)}"


def other_method(pools: Pools) -> str:
    """Why the pool is not by the configured method, if it is not: a sentence."""
    name = pools.config.pooling.method
    if name == "inverse-variance":
        return ""
    return (
        f"The configured method ({name}) has no such figure: this one is of the studies' own odds "
        "ratios, by inverse variance."
    )
