"""What the counts of one row say by themselves: copied columns, zero cells, very few people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from genopool.association.effects import questions_of
from genopool.diagnostics.integrity.coincidence import grade, in_words, log_probability
from genopool.diagnostics.integrity.samples import (
    Sample,
    in_file_order,
    listed,
    units_per_person,
    views,
)
from genopool.studies.findings import Finding
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

#: Taken for known before any row is seen: of so many studies one has as many controls as cases.
PRIOR_ROWS = 10
_RESTS_ON = {
    0: "dominant, homozygous and heterozygous",
    1: "heterozygous and overdominant",
    2: "recessive and homozygous",
}


def check_single_rows(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Cases that equal controls, cells with nobody or a few people, and very small groups."""
    alleles, questions = questions_of(config, locus)
    counts = in_file_order(tables.of_locus(locus)[0])
    finest: dict[int, Sample] = {}
    findings = []
    names = [f"{copies} cop{'y' if copies == 1 else 'ies'}" for copies in range(3)]
    if alleles.kind == "snp":
        names = [alleles.genotype(pair) for pair in ((1, 1), (1, 2), (2, 2))]
        names = names if questions[0].effect == 2 else names[::-1]
    for view, samples in views(counts, alleles, questions).items():
        for sample in samples:
            finest.setdefault(id(sample.row), sample)
        if view.form == "genotypes":
            for sample in samples:
                findings += _small_cells(config, view.effect_allele, sample, names)
    given = [sample for sample in finest.values() if sample.both]
    findings += _copied(config, given)
    for sample in given:
        findings += _tiny(config, sample)
    return findings


def _copied(config: Config, samples: list[Sample]) -> list[Finding]:
    thresholds = config.checks.cases_equal_controls
    same_size = sum(sum(s.cases) == sum(s.controls) for s in samples)
    share = max(same_size, 1) / (len(samples) + PRIOR_ROWS)
    findings = []
    for sample in samples:
        if sample.cases != sample.controls:
            continue
        chance = math.exp(log_probability(sample.cases))
        severity = grade(share * chance, thresholds.warning, thresholds.note)
        if severity:
            findings.append(
                sample.row.finding(
                    severity,
                    "cases_equal_controls",
                    f"cases and controls have the same counts ({listed(sample.cases)}); with no "
                    f"association that has a probability of {in_words(chance)}",
                    expected="counts of cases and of controls",
                    why="one of the columns may be a copy of the other; the odds ratio is exactly "
                    "1 in every model",
                    action="pooled as given",
                )
            )
    return findings


def _small_cells(
    config: Config, effect_allele: str, sample: Sample, names: list[str]
) -> list[Finding]:
    fewest = config.checks.small_cells.note
    few = [
        (side, copies, count)
        for side in ("cases", "controls")
        for copies, count in enumerate(getattr(sample, side) or ())
        if count < fewest
    ]
    if not few:
        return []
    cells = ", ".join(
        f"{count or 'no'} {side if count != 1 else side[:-1]} with {names[copies]}"
        for side, copies, count in few
    )
    models = "; ".join(dict.fromkeys(_RESTS_ON[copies] for _, copies, _ in few))
    has_zero = any(count == 0 for _, _, count in few)
    correction = config.pooling.zero_cells.correction
    if not has_zero:
        action = "pooled as given"
    elif config.pooling.zero_cells.apply == "none":
        action = "odds ratios that this makes infinite are left out"
    else:
        action = f"where a zero makes an odds ratio infinite, {correction} is added to its cells"
    return [
        sample.row.finding(
            "note",
            "small_cells",
            f"genotypes that few people have, counting {effect_allele}: {cells}",
            expected=f"{fewest} or more",
            why=f"odds ratios that rest on so few ({models}) are unstable, and their intervals are "
            "approximate",
            action=action,
        )
    ]


def _tiny(config: Config, sample: Sample) -> list[Finding]:
    fewest = config.checks.tiny_study.note
    per_person = units_per_person(sample.row)
    people = {side: sum(getattr(sample, side)) / per_person for side in ("cases", "controls")}
    small = {side: number for side, number in people.items() if number < fewest}
    if not small:
        return []
    return [
        sample.row.finding(
            "note",
            "tiny_study",
            "very few people: " + " and ".join(f"{n:g} {side}" for side, n in small.items()),
            expected=f"{fewest} or more",
            why="a group this small says little, and its genotype frequencies can be anything",
            action="pooled as given, with the small weight that its precision gives",
        )
    ]
