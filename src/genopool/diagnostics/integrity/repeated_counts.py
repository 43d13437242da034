"""Counts that stand in two rows: a study counted twice, or controls that nobody says are shared."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genopool.association.effects import questions_of
from genopool.association.equilibrium import once_per_control_group
from genopool.diagnostics.integrity.coincidence import (
    grade,
    in_words,
    log_probability,
    share_of_equal,
)
from genopool.diagnostics.integrity.samples import (
    Sample,
    Vector,
    View,
    declared,
    in_file_order,
    listed,
    place_of,
    views,
)
from genopool.studies.findings import Finding
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

SIDES = ("cases", "controls")
_HOW = {
    "": "",
    "turned": " with the two alleles exchanged",
    "exchanged": " with cases and controls exchanged",
    "turned and exchanged": " with the alleles, and cases and controls, exchanged",
}


@dataclass(frozen=True)
class Match:
    """A sample that repeats an earlier one.

    Attributes
    ----------
    later, earlier : Sample
    what : {"all", "cases", "controls"}
        Which counts of the later one.
    repeats : str
        Which counts of the earlier one: `all`, `cases` or `controls`.
    how : str
        A key of `_HOW`.
    factor : float
        What the earlier counts were multiplied by.
    expected : float
        Coincidences as good as this one that chance would make among all pairs compared.
    chance : float
        Of this one pair.
    """

    later: Sample
    earlier: Sample
    what: str
    repeats: str
    how: str
    factor: float
    expected: float
    chance: float


Allowed = Callable[[Sample, Sample], bool]


def check_repeated_counts(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Rows of one locus that have the counts of another study.

    All counts of a row, its cases or its controls are compared with those of every other study, as
    they are, with the two alleles exchanged, with cases and controls exchanged and multiplied by a
    common factor. Controls are compared once per `control_group`, and studies that declare their
    overlap not at all.
    """
    alleles, questions = questions_of(config, locus)
    counts = in_file_order(tables.of_locus(locus)[0])
    own_controls = {id(row) for row in once_per_control_group(counts)}
    studies = len({row.study for row in counts})
    thresholds = config.checks.repeated_counts
    done: set[tuple[int, int]] = set()
    findings = []
    for view, samples in views(counts, alleles, questions).items():

        def allowed(later: Sample, earlier: Sample, view: View = view) -> bool:
            return (
                later.row.study != earlier.row.study
                and view.comparable(later, earlier)
                and (id(later.row), id(earlier.row)) not in done
                and not declared(later.row, earlier.row)
            )

        for match in find_matches(samples, view.turnable, allowed, own_controls):
            severity = grade(match.expected / studies, thresholds.warning, thresholds.note)
            if severity:
                done.add((id(match.later.row), id(match.earlier.row)))
                findings.append(_finding(match, view, severity))
    return findings


def check_repeated_across_loci(config: Config, tables: StudyTables) -> list[Finding]:
    """Rows that have all counts of a row of another locus, of the same study or another one.

    Two variants in complete linkage disequilibrium have the same counts in the same people, so
    within a study and a gene this is a note at most.
    """
    samples: list[Sample] = []
    for locus in config.loci:
        alleles, questions = questions_of(config, locus)
        found = views(tables.of_locus(locus)[0], alleles, questions[:1])
        for view, of_view in found.items():
            if view.form == "genotypes":
                samples += [sample for sample in of_view if sample.both]
    order = {id(row): i for i, row in enumerate(in_file_order(tables.counts))}
    samples.sort(key=lambda sample: order[id(sample.row)])
    thresholds = config.checks.repeated_counts
    studies = len({sample.row.study for sample in samples})

    def allowed(later: Sample, earlier: Sample) -> bool:
        return later.row.locus != earlier.row.locus and not declared(later.row, earlier.row)

    findings = []
    for match in find_matches(samples, True, allowed, set(), whole_only=True):
        later, earlier = match.later.row, match.earlier.row
        same_study = later.study == earlier.study
        expected = match.expected
        if same_study:  # the same people, so that equal numbers of them are no coincidence
            per_study = len([s for s in samples if s.row.study == later.study])
            expected = match.chance * 4 * per_study * (per_study - 1) / 2
        severity = grade(expected / studies, thresholds.warning, thresholds.note)
        genes = [config.loci[row.locus].gene for row in (later, earlier)]
        linked = same_study and genes[0] and genes[0] == genes[1]
        if severity:
            findings.append(
                _across(match, "note" if linked else severity, "same gene" if linked else "")
            )
    return findings


def find_matches(
    samples: Sequence[Sample],
    turnable: bool,
    allowed: Allowed,
    own_controls: set[int],
    *,
    whole_only: bool = False,
) -> list[Match]:
    """Every sample that repeats an earlier one, with the earliest that it repeats.

    Parameters
    ----------
    samples : sequence of Sample
        In the order in which they stand.
    turnable : bool
        Compare reversed vectors too.
    allowed : callable
        Whether a pair may be compared.
    own_controls : set of int
        `id` of the rows whose controls stand for their control group.
    whole_only : bool
        Compare all counts of a row only.
    """
    matches = _whole(samples, turnable, allowed)
    if whole_only:
        return matches
    whole = {(id(match.later.row), id(match.earlier.row)) for match in matches}
    return matches + _sides(samples, turnable, allowed, own_controls, whole)


def _variants(sample: Sample, turnable: bool) -> dict[str, Vector]:
    cases, controls = sample.cases, sample.controls
    found = {"": cases + controls, "exchanged": controls + cases}
    if turnable:
        cases, controls = cases[::-1], controls[::-1]
        found |= {"turned": cases + controls, "turned and exchanged": controls + cases}
    return found


def _whole(samples: Sequence[Sample], turnable: bool, allowed: Allowed) -> list[Match]:
    complete = [sample for sample in samples if sample.both]
    pairs = len(complete) * (len(complete) - 1) / 2
    equal = share_of_equal((sum(s.cases), sum(s.controls)) for s in complete)
    buckets: dict[tuple, list[Sample]] = {}
    matches = []
    for sample in complete:
        variants = _variants(sample, turnable)
        smallest = min(variants.values())
        divisor = math.gcd(*smallest)
        # counts in proportion fall into one bucket, equal ones among them
        key = (len(sample.cases), tuple(count // divisor for count in smallest))
        bucket = buckets.setdefault(key, [])
        earlier = next((other for other in bucket if allowed(sample, other)), None)
        bucket.append(sample)
        if earlier is None:
            continue
        now, then = sum(sample.both), sum(earlier.both)
        factor = now / then
        how = next(
            name
            for name, vector in variants.items()
            if all(a * then == b * now for a, b in zip(vector, earlier.both, strict=True))
        )
        larger = sample if factor > 1 else earlier
        chance = math.exp(log_probability(larger.cases) + log_probability(larger.controls))
        expected = pairs * len(variants) * chance * (equal if factor == 1 else 1)
        matches.append(Match(sample, earlier, "all", "all", how, factor, expected, chance))
    return matches


def _sides(
    samples: Sequence[Sample],
    turnable: bool,
    allowed: Allowed,
    own_controls: set[int],
    whole: set[tuple[int, int]],
) -> list[Match]:
    groups = [
        (sample, side, getattr(sample, side))
        for sample in samples
        for side in SIDES
        if getattr(sample, side) and (side == "cases" or id(sample.row) in own_controls)
    ]
    pairs = len(groups) * (len(groups) - 1) / 2
    equal = share_of_equal(sum(vector) for _, _, vector in groups)
    buckets: dict[tuple, list[tuple[Sample, str, Vector]]] = {}
    matches = []
    for sample, side, vector in groups:
        key = min(vector, vector[::-1]) if turnable else vector
        bucket = buckets.setdefault(key, [])
        earlier = next(
            (
                other
                for other in bucket
                if allowed(sample, other[0]) and (id(sample.row), id(other[0].row)) not in whole
            ),
            None,
        )
        bucket.append((sample, side, vector))
        if earlier is not None:
            chance = math.exp(log_probability(vector))
            how = "" if earlier[2] == vector else "turned"
            expected = pairs * (2 if turnable else 1) * chance * equal
            matches.append(Match(sample, earlier[0], side, earlier[1], how, 1.0, expected, chance))
    return matches


def _finding(match: Match, view: View, severity: str) -> Finding:
    later, earlier = match.later, match.earlier
    counts = _counts(match.later, match.what)
    of = "" if match.what == "all" else f"the {match.repeats} of "
    message = (
        f"{'the counts' if match.what == 'all' else f'the {match.what}'} ({counts}{_form(view)}) "
        f"are those of {of}{place_of(earlier.row)}{_HOW[match.how]}{_times(match.factor)}; "
        f"{_how_improbable(match)}"
    )
    if match.what == "all":
        why = "one study would be counted twice"
        action = "both are pooled as given; if they are one study, keep one of the rows"
    elif match.what == match.repeats == "controls":
        why = "the same controls may not be counted twice"
        action = (
            "both are pooled with their controls as given; if they are the same people, give both "
            "rows one control_group"
        )
    else:
        why = "a column copied into the wrong study, or the same people counted twice"
        action = "both are pooled as given"
    if match.what == "controls" and match.how == "" and _is_within(later, earlier):
        message += "; the cases are no more in any cell either, as a part of that study would be"
    elif match.what == "controls" and match.how == "" and _is_within(earlier, later):
        message += "; the cases there are no more in any cell, as a part of this study would be"
    return later.row.finding(
        severity,
        "repeated_counts",
        message,
        expected="counts of its own in every study",
        why=why,
        action=action,
    )


def _across(match: Match, severity: str, linked: str) -> Finding:
    later, earlier = match.later.row, match.earlier.row
    why = "a row entered under the wrong locus would be pooled there"
    if later.study == earlier.study:
        why += ", or two variants that are inherited together"
    if linked:
        why = f"either two variants of {linked} that are inherited together, or a row copied"
    return later.finding(
        severity,
        "repeated_counts",
        f"the counts ({_counts(match.later, 'all')}) are those of {place_of(earlier)} at the locus "
        f"{earlier.locus}{_HOW[match.how]}{_times(match.factor)}; {_how_improbable(match)}",
        expected="counts of its own at every locus",
        why=why,
        action="both are pooled as given",
    )


def _counts(sample: Sample, what: str) -> str:
    if what != "all":
        return listed(getattr(sample, what))
    return f"cases {listed(sample.cases)}; controls {listed(sample.controls)}"


def _form(view: View) -> str:
    if view.form in ("genotypes", "cells"):
        return ""
    return f"; compared in the form that both rows give, {view.form} in {view.effect_allele}"


def _times(factor: float) -> str:
    return "" if factor == 1 else f", all multiplied by {factor:g}"


def _how_improbable(match: Match) -> str:
    return (
        "an independent study with the same frequencies and as many people would have exactly "
        f"these with probability {in_words(match.chance)} at most; among the pairs compared here, "
        f"{match.expected:.1g} such coincidences are expected"
    )


def _is_within(part: Sample, whole: Sample) -> bool:
    return (
        part.cases is not None
        and whole.cases is not None
        and part.cases != whole.cases
        and all(a <= b for a, b in zip(part.cases, whole.cases, strict=True))
    )
