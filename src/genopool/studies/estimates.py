"""Reading a row of an estimates table: what it says, and whether that can be."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

from genopool.config import MODELS
from genopool.studies.findings import Finding
from genopool.studies.genotypes import LabelError, LocusAlleles
from genopool.studies.numbers import (
    NOTHING_TELLS,
    Decimals,
    NumberProblem,
    Printed,
    read_count,
    read_number,
)
from genopool.studies.records import EstimateRow, TakenCell

MEASURES = ("OR", "HR", "RR")
_BOUND = re.compile(r"^(<|>|<=|>=|≤|≥)\s*[\d.]+")
_PLAIN = re.compile(r"^[+-]?[\d.]+([eE][+-]?\d+)?$")
#: An interval whose middle is further than this from the estimate, in standard errors, after the
#: rounding of the printed digits has been allowed for, was not computed on the log scale.
ASYMMETRY = 0.1


@dataclass
class ReadEstimate:
    """A record, or None where the row has errors; and what was found."""

    record: EstimateRow | None = None
    findings: list[Finding] = field(default_factory=list)
    taken: list[TakenCell] = field(default_factory=list)


def read_estimate(
    shared: Mapping[str, Any],
    given: Mapping[str, str],
    alleles: LocusAlleles,
    decimals: Decimals = NOTHING_TELLS,
    places: Mapping[str, int | None] | None = None,
) -> ReadEstimate:
    """Read the columns of an estimates row.

    Parameters
    ----------
    shared : mapping
        What counts and estimates have in common, as the fields of `Row`.
    given : mapping of str to str
        The estimate's own columns, blank where not reported.
    alleles : LocusAlleles
    decimals : Decimals
        Which decimal mark the table uses.
    places : mapping of str to int, optional
        Where the columns stand in the table.
    """
    read = ReadEstimate()
    places = places or {}
    place = EstimateRow(**shared)

    def error(column: str, message: str, expected: str) -> None:
        read.findings.append(
            place.finding(
                "error",
                "impossible_estimate" if column in _NUMBERS else "unknown_value",
                message,
                column=column,
                value=given[column],
                expected=expected,
            )
        )

    numbers: dict[str, Printed | None] = {}
    for column in _NUMBERS:
        numbers[column] = None
        if not given[column] or (column == "p_value" and _BOUND.match(given[column])):
            continue
        try:
            numbers[column] = _number(column, given[column], decimals, places.get(column))
            if not _PLAIN.match(given[column]):
                value = numbers[column].value
                taken = TakenCell("a number as written", place.row, column, given[column], value)
                read.taken.append(taken)
        except NumberProblem as problem:
            error(column, str(problem), problem.expected)
    set_of_alleles = _allele_set(place, given, alleles, read, error)
    model = given["model"].lower()
    if model not in MODELS:
        error("model", f"model {given['model']!r} is not known", f"one of {', '.join(MODELS)}")
    measure = given["measure"].upper()
    if measure not in MEASURES:
        error("measure", f"measure {given['measure']!r} is not known", "OR, HR or RR")
    adjusted = given["adjusted"].lower() or "unknown"
    if adjusted not in ("yes", "no", "unknown"):
        error("adjusted", f"{given['adjusted']!r} is not known", "yes, no or unknown")
    if not given["estimate"]:
        error("estimate", "estimate is blank", "the odds ratio (or HR, RR) that the paper prints")
    level = numbers["level"].value if numbers["level"] else 0.95
    if not 0 < level < 1:
        error("level", f"level {given['level']} is impossible", "a number between 0 and 1")
    people = {
        column: int(numbers[column].value) if numbers[column] else None
        for column in ("n_cases", "n_controls")
    }
    _check_interval(numbers, error)
    if any(finding.severity == "error" for finding in read.findings):
        return read
    estimate, low, high = (numbers[name] for name in ("estimate", "ci_low", "ci_high"))
    log_se, problem = _standard_error(place, given, numbers, level, read)
    read.record = EstimateRow(
        **shared,
        effect_allele=given["effect_allele"],
        alleles=set_of_alleles,
        model=model,
        measure=measure,
        estimate=estimate.value,
        ci_low=low.value if low else None,
        ci_high=high.value if high else None,
        level=level,
        adjusted=adjusted,
        log_se=log_se,
        problem=problem,
        printed={name: given[name] for name in _NUMBERS},
        **people,
    )
    return read


_NUMBERS = ("estimate", "ci_low", "ci_high", "level", "n_cases", "n_controls", "se", "p_value")


def _number(column: str, text: str, decimals: Decimals, place: int | None) -> Printed:
    """A number of the column; people may be counted with thousands separators."""
    place = -1 if place is None else place
    if column in ("n_cases", "n_controls"):
        return Printed(read_count(text, decimals, place).count, 0.5)
    if column == "level" and text.endswith("%"):
        printed = read_number(text[:-1], decimals, place)
        return Printed(printed.value / 100, printed.rounding / 100)
    return read_number(text, decimals, place)


def _allele_set(place, given, alleles, read, error) -> int:
    text = given["effect_allele"]
    if not text:
        error("effect_allele", "effect_allele is blank", f"an allele ({alleles.described})")
        return 0
    try:
        return alleles.allele(text)
    except LabelError as problem:
        if alleles.is_nucleotide:
            try:
                found = alleles.allele(text, other_strand=True)
            except LabelError:
                pass
            else:
                read.findings.append(
                    place.finding(
                        "note",
                        "other_strand",
                        f"effect allele {text} is on the other strand of {alleles.described}",
                        column="effect_allele",
                        value=text,
                        action=f"translated to {alleles.name(found)}",
                        why="the same variant read from the complementary strand",
                    )
                )
                return found
        error("effect_allele", str(problem), f"an allele of the locus ({alleles.described})")
        return 0


def _check_interval(numbers: Mapping[str, Printed | None], error: Any) -> None:
    for column in ("estimate", "ci_low", "ci_high"):
        printed = numbers[column]
        if printed and printed.value <= 0:
            error(column, f"{column} is {printed.value:g}", "a ratio, above 0")
            return
    printed = numbers["se"]
    if printed and printed.value <= 0:
        error("se", f"se is {printed.value:g}", "above 0")
    printed = numbers["p_value"]
    if printed and not 0 <= printed.value <= 1:
        error("p_value", f"p_value is {printed.value:g}", "a number from 0 to 1")
    estimate, low, high = (numbers[name] for name in ("estimate", "ci_low", "ci_high"))
    if low and high and low.value >= high.value:
        error(
            "ci_low",
            f"ci_low {low.value:g} is not below ci_high {high.value:g}",
            "ci_low < ci_high",
        )
    elif estimate and (
        (low and estimate.value < low.value - 2 * estimate.rounding)
        or (high and estimate.value > high.value + 2 * estimate.rounding)
    ):
        error(
            "estimate",
            f"estimate {estimate.value:g} lies outside its interval "
            f"{low.value if low else ''}–{high.value if high else ''}",
            "ci_low <= estimate <= ci_high",
        )


def _standard_error(place, given, numbers, level, read) -> tuple[float | None, str]:
    """The standard error of the log estimate, or the reason why there is none."""
    estimate, low, high = (numbers[name] for name in ("estimate", "ci_low", "ci_high"))
    if low and high:
        z = NormalDist().inv_cdf(0.5 + level / 2)
        log_se = math.log(high.value / low.value) / (2 * z)
        _warn_asymmetry(place, given["estimate"], estimate, low, high, log_se, read)
        return log_se, ""
    if numbers["se"]:
        return numbers["se"].value, ""
    if numbers["p_value"]:
        p = numbers["p_value"].value
        if estimate.value != 1 and 0 < p < 1:
            log_se = abs(math.log(estimate.value)) / -NormalDist().inv_cdf(p / 2)
            read.findings.append(
                place.finding(
                    "note",
                    "se_from_p",
                    f"no interval is reported; standard error {log_se:.4g} computed from "
                    f"p = {given['p_value']}",
                    column="p_value",
                    value=given["p_value"],
                    action="used as the standard error of the log estimate",
                    why="a rounded p-value gives a rough standard error",
                )
            )
            return log_se, ""
        reason = "an estimate of 1 or a p-value of 0 or 1 gives no standard error"
    elif given["p_value"]:
        reason = f"a p-value printed as a bound ({given['p_value']}) gives no standard error"
    else:
        reason = "no interval, standard error or p-value is reported"
    read.findings.append(
        place.finding(
            "warning",
            "no_standard_error",
            reason,
            column="p_value" if given["p_value"] else "ci_low",
            value=given["p_value"],
            expected="ci_low and ci_high, or se, or p_value",
            action="the estimate is listed and not pooled",
        )
    )
    return None, reason


def _warn_asymmetry(place, written, estimate, low, high, log_se, read) -> None:
    """Warn when no numbers that round to the printed ones have the estimate in the middle."""

    def log_range(printed: Printed) -> tuple[float, float]:
        least = max(printed.value - printed.rounding, printed.value * 1e-3)
        return math.log(least), math.log(printed.value + printed.rounding)

    (e0, e1), (l0, l1), (h0, h1) = map(log_range, (estimate, low, high))
    gap = max(e0 - (l1 + h1) / 2, (l0 + h0) / 2 - e1)
    if gap > ASYMMETRY * log_se:
        middle = math.sqrt(low.value * high.value)
        read.findings.append(
            place.finding(
                "warning",
                "asymmetric_interval",
                f"the estimate {estimate.value:g} is not in the middle of its interval "
                f"{low.value:g}–{high.value:g} on the log scale ({middle:.3g} is)",
                column="estimate",
                value=written,
                expected="an interval symmetric on the log scale",
                why="a misprint, or an interval computed in another way",
                action="pooled as printed, with the standard error that the interval's width gives",
            )
        )
