"""Reported odds ratios against the counts of the same people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genopool.association.answers import Question, RowCounts
from genopool.association.effects import questions_of
from genopool.association.odds_ratios import genotype_log_odds_ratio
from genopool.diagnostics.integrity.printed import (
    PrintedInterval,
    normal_quantile,
    printed_interval,
)
from genopool.diagnostics.integrity.samples import in_file_order, place_of, units_per_person
from genopool.studies.findings import Finding
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.records import CountRow, EstimateRow, StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

#: Levels at which papers print intervals.
LEVELS = (0.90, 0.95, 0.99)
#: People of the estimate over those counted, or the inverse, from which they are other people.
OTHER_PEOPLE = 1.05
#: A standard error of counts may be missed by this share, beside the rounding.
SE_SHARE = 0.03
#: Adjustment widens an interval of unmatched studies, and seldom more than this.
ADJUSTED_SE = (0.85, 2.5)
PER_ALLELE = {"allelic", "additive"}
_INVERSE = "its inverse (the other allele, or cases and controls exchanged)"


@dataclass(frozen=True)
class Expected:
    """An odds ratio that the counts give: log scale."""

    model: str
    log_or: float
    se: float

    @property
    def inverse(self) -> Expected:
        return Expected(self.model, -self.log_or, self.se)


def check_reported_against_counts(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Compare each reported odds ratio with what the counts of the same people give.

    The estimate and the interval have to agree within the rounding of the printed digits and
    `checks: reported_disagrees` standard errors: `unadjusted` for estimates said to be so,
    `adjusted` for all others, since adjustment moves them. Where they do not, what would fit is
    named: the other allele or groups exchanged, another model, an interval of another level, one
    number misprinted.
    """
    if config.checks.reported_disagrees.is_off:
        return []
    alleles, _ = questions_of(config, locus)
    counts, estimates = tables.of_locus(locus)
    by_people: dict[tuple[str, str], list[CountRow]] = {}
    for row in in_file_order(counts):
        by_people.setdefault((row.study, row.population.casefold()), []).append(row)
    findings = []
    for row in in_file_order(estimates):
        for counted in by_people.get((row.study, row.population.casefold()), ()):
            if row.measure == "OR":
                findings += _compare(config, row, counted, alleles)
    return findings


def _compare(
    config: Config, row: EstimateRow, counted: CountRow, alleles: LocusAlleles
) -> list[Finding]:
    question = Question(row.effect_allele, row.alleles, alleles.universe)
    by_model = {e.model: e for e in _expected(RowCounts(counted, alleles, question), config)}
    if row.model not in by_model:
        return []
    expected, printed = by_model[row.model], printed_interval(row)
    is_unadjusted = row.adjusted == "no"
    thresholds = config.checks.reported_disagrees
    allowed = thresholds.unadjusted if is_unadjusted else thresholds.adjusted
    estimate_fits = printed.estimate.distance(expected.log_or) <= allowed * expected.se
    width_fits = _width_fits(printed, expected, exactly=is_unadjusted)
    if estimate_fits and width_fits:
        return []
    what_fits = next(_alternatives(printed, expected, by_model), "")
    reversed_fits = printed.estimate.distance(-expected.log_or) <= allowed * expected.se
    if not what_fits and not estimate_fits and width_fits and reversed_fits:
        what_fits = _INVERSE
    # A logistic trend and an odds ratio of alleles are both called "per allele".
    per_allele = {row.model, what_fits.removeprefix("the ").removesuffix(" model")} == PER_ALLELE
    others = _other_people(row, counted)
    certain = is_unadjusted or bool(what_fits) or not estimate_fits
    return [
        row.finding(
            "warning" if certain and not others and not per_allele else "note",
            "reported_disagrees",
            f"the {row.model} odds ratio of {row.effect_allele} is {_printed(row)}; the counts in "
            f"{place_of(counted)} give {_given(expected, row.level)}"
            + (f"; {what_fits} would fit" if what_fits else "")
            + (f"; {others}" if others else ""),
            column="estimate" if not estimate_fits else "ci_low",
            value=row.printed["estimate"],
            expected=f"within the rounding and {allowed:g} standard errors of what the counts give",
            why="one of them is misprinted, mistyped, or of other people or another comparison",
            action="where both answer, the counts are pooled",
        )
    ]


def _expected(cells: RowCounts, config: Config) -> Iterator[Expected]:
    """What the counts give in every model that they answer, without correction."""
    for model in (
        "allelic",
        "additive",
        "dominant",
        "recessive",
        "homozygous",
        "heterozygous",
        "overdominant",
    ):
        answer = cells.answer(model)
        if answer.reason:
            continue
        if model == "additive":
            log_or, variance = genotype_log_odds_ratio(
                [answer.cases.by_copies], [answer.controls.by_copies], "additive", apply="none"
            )
            log_or, variance = float(log_or[0]), float(variance[0])
        else:
            four = (
                answer.cases.exposed,
                answer.cases.unexposed,
                answer.controls.exposed,
                answer.controls.unexposed,
            )
            if min(four) <= 0:
                continue
            log_or = math.log(four[0] * four[3] / (four[1] * four[2]))
            variance = sum(1 / n for n in four)
        if math.isfinite(log_or) and variance > 0:
            yield Expected(model, log_or, math.sqrt(variance))


def _width_fits(printed: PrintedInterval, expected: Expected, *, exactly: bool) -> bool:
    if printed.se is None:
        return True
    least, most = (1 - SE_SHARE, 1 + SE_SHARE) if exactly else ADJUSTED_SE
    return printed.se.high >= least * expected.se and printed.se.low <= most * expected.se


def _limits(expected: Expected, level: float) -> tuple[float, float]:
    half = normal_quantile(level) * expected.se
    return expected.log_or - half, expected.log_or + half


def _fits(printed: PrintedInterval, expected: Expected, level: float) -> bool:
    """Whether all printed numbers are, to their rounding, those of an odds ratio of the counts."""
    slack = 0.05 * expected.se
    low, high = _limits(expected, level)
    return (
        printed.estimate.distance(expected.log_or) <= slack
        and (printed.low is None or printed.low.distance(low) <= slack)
        and (printed.high is None or printed.high.distance(high) <= slack)
    )


def _alternatives(
    printed: PrintedInterval, expected: Expected, by_model: dict[str, Expected]
) -> Iterator[str]:
    """What the printed numbers fit instead, the plainest explanation first."""
    has_limits = printed.low is not None and printed.high is not None
    if _fits(printed, expected.inverse, printed.level):
        yield _INVERSE
    for model, other in by_model.items():
        if model != expected.model and _fits(printed, other, printed.level):
            yield f"the {model} model"
    for model, other in by_model.items():
        if model != expected.model and _fits(printed, other.inverse, printed.level):
            yield f"the inverse of the {model} model"
    if not has_limits:
        return
    for level in LEVELS:
        if level != printed.level and _fits(printed, expected, level):
            yield f"an interval of {100 * level:g}%"
    slack = 0.05 * expected.se
    low, high = _limits(expected, printed.level)
    agree = {
        "the estimate": printed.estimate.distance(expected.log_or) <= slack,
        "the lower limit": printed.low.distance(low) <= slack,
        "the upper limit": printed.high.distance(high) <= slack,
    }
    wrong = [name for name, fits in agree.items() if not fits]
    if len(wrong) == 1:
        yield f"all but {wrong[0]} agrees, so that a misprint of it"


def _other_people(row: EstimateRow, counted: CountRow) -> str:
    """What is said where the estimate's people are not as many as those counted."""
    said = []
    for side, stated in (("cases", row.n_cases), ("controls", row.n_controls)):
        numbers = [getattr(cell, side) for cell in counted.cells]
        people = sum(n for n in numbers if n is not None) / units_per_person(counted)
        if stated and people and max(stated / people, people / stated) > OTHER_PEOPLE:
            said.append(f"{stated} {side} where {people:g} are counted")
    return "it is stated for " + " and ".join(said) if said else ""


def _printed(row: EstimateRow) -> str:
    written = row.printed
    if row.ci_low is None or row.ci_high is None:
        return written["estimate"]
    return f"{written['estimate']} ({written['ci_low']}–{written['ci_high']})"


def _given(expected: Expected, level: float) -> str:
    numbers = [math.exp(n) for n in (expected.log_or, *_limits(expected, level))]
    estimate, low, high = (f"{n:.2f}" if 0.1 <= n < 100 else f"{n:.3g}" for n in numbers)
    return f"{estimate} ({low}–{high})"
