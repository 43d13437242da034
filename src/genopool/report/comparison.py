"""The words of captions: what is compared, which side of 1 means what, and in whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from genopool.association import comparisons
from genopool.association.comparisons import Comparison
from genopool.config import OVERALL
from genopool.report import cells
from genopool.report.inputs import Locus, number, text

printed_allele = comparisons.printed


def other_allele(locus: Locus, effect: str) -> str:
    """The reference of an effect allele as printed."""
    return printed_allele(comparisons.other_allele(locus.reading, effect, locus.against))


def genotypes(locus: Locus, effect: str) -> tuple[str, str, str]:
    """Names of the genotypes with 0, 1 and 2 effect alleles."""
    return comparisons.genotypes(locus.reading, effect, locus.against)


def comparison(locus: Locus, effect: str, model: str) -> Comparison:
    """What `model` compares at this locus."""
    return comparisons.comparison(locus.reading, effect, model, locus.against)


def favours(outcome: str) -> str:
    """Which side of 1 means what, in tables whose rows each name their comparison."""
    return (
        f"Above 1: higher odds of {outcome} with what is named first in a comparison; below 1: "
        "lower odds."
    )


def frequencies(
    effects: Iterable[dict[str, Any]], allele: str, model: str = ""
) -> dict[tuple[str, ...], float]:
    """The effect allele's frequency in the control groups that are pooled overall.

    Parameters
    ----------
    effects : iterable of dict
        Effects of one locus.
    allele : str
        The effect allele.
    model : str
        Of this model only; of all models by default.
    """
    found: dict[tuple[str, ...], float] = {}
    for row in effects:
        if text(row["effect_allele"]) != allele or (model and text(row["model"]) != model):
            continue
        if text(row["stratifier"]) != OVERALL or text(row["used"]) != "yes":
            continue
        frequency = _frequency(row)
        if frequency is not None:
            group = text(row["control_group"])
            key = (group,) if group else (text(row["study"]), text(row["population"]))
            found[key] = frequency
    return found


def _frequency(row: dict[str, Any]) -> float | None:
    n0, n1, n2 = (number(row[f"control_n{copies}"]) for copies in range(3))
    if None not in (n0, n1, n2) and n0 + n1 + n2 > 0:
        return (2 * n2 + n1) / (2 * (n0 + n1 + n2))
    exposed, unexposed = number(row["control_exposed"]), number(row["control_unexposed"])
    if text(row["model"]) != "allelic" or exposed is None or unexposed is None:
        return None
    return exposed / (exposed + unexposed) if exposed + unexposed > 0 else None


def frequency_range(
    effects: Sequence[dict[str, Any]], alleles: Sequence[str], model: str = "", brief: bool = False
) -> str:
    """The range of each effect allele's frequency in controls, as sentences."""
    said, unknown = [], []
    for allele in alleles:
        found = sorted(frequencies(effects, allele, model).values())
        if not found:
            unknown.append(printed_allele(allele))
            continue
        span = cells.span(found[0], found[-1])
        groups = "" if brief else f" ({cells.plural(len(found), 'control group')})"
        said.append(f"Frequency of {printed_allele(allele)} in controls: {span}{groups}.")
    if unknown:
        why = "" if brief else ", no study gives genotype counts"
        said.append(f"Frequency of {cells.listed(unknown)} in controls: not known{why}.")
    return " ".join(said)


def by_stratifier(stratifier: str) -> str:
    """`overall`, or `by ethnicity`."""
    return "overall" if stratifier == OVERALL else f"by {stratifier_name(stratifier)}"


def stratifier_name(stratifier: str) -> str:
    """A stratifier's key as words."""
    return stratifier.replace("_", " ")
