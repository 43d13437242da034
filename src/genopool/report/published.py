"""Pooled estimates that earlier meta-analyses printed, matched to ours.

A published row is matched by locus, effect allele (turned if it names the other side), model, and
the `stratifier` and `stratum` columns that a project adds to the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any

from genopool.association.reported import CannotTurnError, turn
from genopool.config import ALL, MODELS, OVERALL
from genopool.report.inputs import Locus, number, text
from genopool.studies.genotypes import LabelError

Estimate = tuple[float, float, float]


def turned(model: str, estimate: Estimate) -> tuple[str, Estimate]:
    """An odds ratio with its limits for the other allele, and the model it then answers.

    Raises
    ------
    CannotTurnError
        If the model cannot be turned (heterozygous).
    """
    found = [turn(model, log(value)) for value in estimate]
    low, high = sorted(exp(value) for _, value in found[1:])
    return found[0][0], (exp(found[0][1]), low, high)


def same_side(locus: Locus, named: str, effect: str) -> bool | None:
    """Whether an allele as a paper names it is the effect allele (True), its reference (False), or
    neither (None). Letters that are not of the locus may be of the other strand."""
    alleles = locus.reading
    try:
        found = alleles.allele(named)
    except LabelError:
        if not alleles.is_nucleotide:
            return None
        try:
            found = alleles.allele(named, other_strand=True)
        except LabelError:
            return None
    carried, compared = alleles.question(effect, locus.against)
    if found == carried:
        return True
    # The reference of three or more alleles has others beside the effect allele.
    return False if locus.against == "rest" and found == compared & ~carried else None


@dataclass(frozen=True)
class Match:
    """A published row, and the row of ours that asks the same question.

    `estimate` is theirs in our direction; `ours` is None and `why` says so where nothing matches.
    """

    row: Mapping[str, Any]
    effect_allele: str = ""
    model: str = ""
    stratifier: str = ""
    stratum: str = ""
    turned: bool = False
    estimate: Estimate | None = None
    ours: Mapping[str, Any] | None = None
    why: str = ""


def match(
    published: Iterable[Mapping[str, Any]],
    pooled: Iterable[Mapping[str, Any]],
    loci: Sequence[Locus],
) -> list[Match]:
    """Match published rows to pooled ones, in their own order."""
    index = {
        (
            text(row["locus"]),
            text(row["effect_allele"]),
            text(row["model"]),
            text(row["stratifier"]).casefold(),
            text(row["stratum"]).casefold(),
        ): row
        for row in pooled
    }
    known = {locus.key: locus for locus in loci}
    return [_match(row, index, known) for row in published]


def _match(
    row: Mapping[str, Any],
    index: Mapping[tuple[str, ...], Mapping[str, Any]],
    loci: Mapping[str, Locus],
) -> Match:
    locus = loci.get(text(row["locus"]))
    if locus is None:
        return Match(row, why=f"locus {text(row['locus']) or '(blank)'} is not configured")
    printed = (number(row["or"]), number(row["ci_low"]), number(row["ci_high"]))
    if None in printed or min(printed) <= 0:
        return Match(row, why="odds ratio and limits are not three positive numbers")
    model, named = text(row["model"]), text(row["effect_allele"])
    if model not in MODELS:
        return Match(row, why=f"model {model or '(blank)'} is not one of {', '.join(MODELS)}")
    sides = {effect: same_side(locus, named, effect) for effect in locus.effect_alleles}
    # Where both alleles are asked about, the one that needs no turning comes first.
    effect = next((e for e, side in sides.items() if side), None)
    other_side = effect is None
    effect = effect or next((e for e, side in sides.items() if side is False), None)
    if effect is None:
        asked = ", ".join(locus.effect_alleles)
        return Match(row, why=f"allele {named or '(blank)'} is neither side of {asked}")
    estimate: Estimate = printed
    if other_side:
        try:
            model, estimate = turned(model, estimate)
        except CannotTurnError as error:
            return Match(row, why=str(error))
    found = dict(effect_allele=effect, model=model, turned=other_side, estimate=estimate)
    stratifier, stratum = _stratum(row)
    if not stratifier:
        why = f"subgroup {text(row['subgroup']) or '(blank)'}: no stratifier and stratum given"
        return Match(row, why=why, **found)
    found |= dict(stratifier=stratifier, stratum=stratum)
    ours = index.get((locus.key, effect, model, stratifier.casefold(), stratum.casefold()))
    if ours is None or not number(ours["k"]):
        return Match(row, why="no study here answers this", **found)
    return Match(row, ours=ours, **found)


def _stratum(row: Mapping[str, Any]) -> tuple[str, str]:
    stratifier, stratum = text(row.get("stratifier")), text(row.get("stratum"))
    if not stratifier:
        whole = text(row.get("subgroup")).casefold() in ("", OVERALL, ALL)
        return (OVERALL, ALL) if whole else ("", "")
    return stratifier, stratum or (ALL if stratifier == OVERALL else "")
