"""Counts that stand in two rows: a study counted twice, or controls that nobody says are shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from genopool.association.effects import questions_of
from genopool.association.equilibrium import once_per_control_group
from genopool.diagnostics.integrity.coincidence import grade, how_often, in_words
from genopool.diagnostics.integrity.labels import author_stem
from genopool.diagnostics.integrity.matching import Circle, Match, find_matches
from genopool.diagnostics.integrity.samples import (
    DeclaredOverlaps,
    Sample,
    View,
    in_file_order,
    listed,
    place_of,
    views,
)
from genopool.studies.findings import Finding
from genopool.studies.populations import Population, populations
from genopool.studies.records import Row, StudyTables

if TYPE_CHECKING:
    from genopool.config import Config
    from genopool.diagnostics.settings import CoincidenceCheck

#: Cells that come out the same this often are no evidence, as when nobody has the variant.
MOST_LIKELY = 0.05
_HOW = {
    "": "",
    "turned": " with the two alleles exchanged",
    "exchanged": " with cases and controls exchanged",
    "turned and exchanged": " with the alleles, and cases and controls, exchanged",
}


def check_repeated_counts(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Rows of one locus that have the counts of another study, or of another part of their own.

    All counts of a row, its cases or its controls are compared with those of every other study, as
    they are, with the two alleles exchanged, with cases and controls exchanged and multiplied by a
    common factor. Parts of one study are compared where nobody can be in both. Controls are
    compared once per `control_group`, and studies that declare their overlap not at all.
    """
    alleles, questions = questions_of(config, locus)
    counts, estimates = tables.of_locus(locus)
    counts = in_file_order(counts)
    own_controls = {id(row) for row in once_per_control_group(counts)}
    studies = {row.study for row in counts}
    described = populations([*counts, *estimates], config.stratifier_columns)
    circles = _circles(config, described, studies)
    containers: dict[str, list[Population]] = {}
    for population in sorted(described.values(), key=lambda p: not p.row.is_whole):
        if population.row.is_whole or population.own:
            containers.setdefault(population.row.study, []).append(population)
    thresholds = config.checks.repeated_counts
    done: set[int] = set()
    findings = []
    for view, samples in views(counts, alleles, questions).items():
        matches = find_matches(
            samples, view.turnable, circles, own_controls, same_form=view.is_finest
        )
        for match in matches:
            severity = _severity(match, match.expected / len(studies), thresholds)
            if severity and (view.is_finest or id(match.later.row) not in done):
                whole = None
                if match.circle.name == "study":
                    whole = _containing(match, described, containers)
                if whole is not None and match.what == match.repeats == "controls":
                    severity = "note"
                findings.append(_finding(match, view, severity, whole))
        done |= {id(match.later.row) for match in matches}
    return findings


def _circles(
    config: Config, described: Mapping[int, Population], studies: Collection[str]
) -> tuple[Circle, ...]:
    """Parts of one study, then studies whose labels are akin, then all."""
    declared = DeclaredOverlaps(config)
    stems = {study: author_stem(study) for study in studies}
    number = Counter(stems.values())
    # A word that most labels have, as `Cohort 3`, tells nothing.
    stems = {s: stem for s, stem in stems.items() if stem and 2 * number[stem] <= len(studies)}

    def not_declared(later: Sample, earlier: Sample) -> bool:
        return not declared(later.row, earlier.row)

    def disjoint(later: Sample, earlier: Sample) -> bool:
        return described[id(later.row)].is_disjoint_from(described[id(earlier.row)])

    return (
        Circle("study", lambda s: None if s.row.is_whole else s.row.study, disjoint),
        Circle("akin", lambda s: stems.get(s.row.study), not_declared),
        Circle("others", lambda s: "", not_declared),
    )


def _containing(
    match: Match, described: Mapping[int, Population], containers: Mapping[str, list[Population]]
) -> Row | None:
    """A row of the study that has the people of both parts, and so is counted in their place."""
    later, earlier = (described[id(sample.row)] for sample in (match.later, match.earlier))
    for whole in containers.get(later.row.study, ()):
        if whole.contains(later) and whole.contains(earlier):
            return whole.row
    return None


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

    declared = DeclaredOverlaps(config)

    def allowed(later: Sample, earlier: Sample) -> bool:
        return later.row.locus != earlier.row.locus and not declared(later.row, earlier.row)

    loci = Circle("loci", lambda s: "", allowed)
    findings = []
    for match in find_matches(samples, True, (loci,), set(), whole_only=True):
        later, earlier = match.later.row, match.earlier.row
        same_study = later.study == earlier.study
        expected = match.expected
        if same_study:  # the same people, so that equal numbers of them are no coincidence
            per_study = len([s for s in samples if s.row.study == later.study])
            expected = match.chance * 4 * per_study * (per_study - 1) / 2
        severity = _severity(match, expected / studies, thresholds)
        genes = [config.loci[row.locus].gene for row in (later, earlier)]
        linked = same_study and genes[0] and genes[0] == genes[1]
        if severity:
            findings.append(
                _across(match, "note" if linked else severity, "same gene" if linked else "")
            )
    return findings


def _severity(match: Match, expected: float, thresholds: CoincidenceCheck) -> str:
    """Blank where the cells say little and only the numbers of people agree.

    Among parts of a study, and studies whose labels are akin, as many people are evidence too.
    """
    if match.chance * (match.share if match.circle.is_close else 1.0) > MOST_LIKELY:
        return ""
    return grade(expected, thresholds.warning, thresholds.note)


def _finding(match: Match, view: View, severity: str, whole: Row | None) -> Finding:
    later, earlier = match.later, match.earlier
    counts = _counts(match.later, match.what)
    of = "" if match.what == "all" else f"the {match.repeats} of "
    message = (
        f"{'the counts' if match.what == 'all' else f'the {match.what}'} ({counts}{_form(view)}) "
        f"are those of {of}{place_of(earlier.row)}{_HOW[match.how]}{_times(match.factor)}; "
        f"{_how_improbable(match)}"
    )
    pooled = "both are pooled"
    if whole is not None:
        named = whole.name if whole.population else "the whole study"
        pooled = f"{named} is counted in their place where it answers; elsewhere both are pooled"
    expected, one = "counts of its own in every study", "study"
    if match.circle.name == "study":
        expected, one = "counts of its own in every part of a study", "part"
    if match.what == "all":
        why = f"one {one} would be counted twice"
        action = f"{pooled} as given; if they are one {one}, keep one of the rows"
    elif match.what == match.repeats == "controls":
        why = "the same controls may not be counted twice"
        action = (
            f"{pooled} with their controls as given; if they are the same people, give both "
            "rows one control_group"
        )
    else:
        why = f"a column copied into the wrong {one}, or the same people counted twice"
        action = f"{pooled} as given"
    plain_controls = match.what == "controls" and match.how == ""
    if match.circle.name != "study" and plain_controls and _is_within(later, earlier):
        message += "; the cases are no more in any cell either, as a part of that study would be"
    elif match.circle.name != "study" and plain_controls and _is_within(earlier, later):
        message += "; the cases there are no more in any cell, as a part of this study would be"
    return later.row.finding(
        severity, "repeated_counts", message, expected=expected, why=why, action=action
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
    pairs = {
        "study": "among all pairs of parts of a study, their sizes included",
        "akin": "among all pairs of studies whose labels begin alike, their sizes included",
    }.get(match.circle.name, "among all pairs")
    who = "group" if match.circle.name == "study" else "study"
    return (
        f"an independent {who} of the same population and size would have exactly "
        f"these with a probability of {in_words(match.chance)}; {pairs}, "
        f"{how_often(match.expected)}"
    )


def _is_within(part: Sample, whole: Sample) -> bool:
    return (
        part.cases is not None
        and whole.cases is not None
        and part.cases != whole.cases
        and all(a <= b for a, b in zip(part.cases, whole.cases, strict=True))
    )
