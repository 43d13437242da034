"""A whole and its parts under study labels of their own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genopool.association.effects import questions_of
from genopool.diagnostics.integrity.coincidence import (
    EqualSizes,
    grade,
    how_often,
    in_words,
    log_probability,
)
from genopool.diagnostics.integrity.samples import (
    DeclaredOverlaps,
    Sample,
    Vector,
    in_file_order,
    listed,
    place_of,
    views,
)
from genopool.diagnostics.integrity.sums import find_sums, ways
from genopool.studies.findings import Finding
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

_LABEL_WITH_YEAR = re.compile(r"^(.*\b(?:19|20)\d\d)\b\W+(.*)$")


def check_nested_counts(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Studies whose counts are the sum of two or three others', and parts listed as studies.

    Only rows that give all genotypes are compared. A whole and parts of its own study, or that
    declare their overlap, are left alone. Where rows share their controls, it is the cases that
    have to add up.
    """
    if config.checks.nested_counts.is_off:
        return []
    alleles, questions = questions_of(config, locus)
    counts = in_file_order(tables.of_locus(locus)[0])
    complete = [
        sample
        for view, samples in views(counts, alleles, questions[:1]).items()
        if view.form == "genotypes"
        for sample in samples
        if sample.both
    ]
    declared = DeclaredOverlaps(config)
    candidates = [
        *_sums([complete], complete, lambda sample: (sample.cases, sample.controls)),
        *_sums(_sharing_controls(complete), complete, lambda sample: (sample.cases,)),
    ]
    best: dict[int, _Nested] = {}
    for found in candidates:
        rows = [part.row for part in found.parts]
        whole = found.whole.row
        if any(row.study == whole.study or declared(whole, row) for row in rows):
            continue
        known = best.get(id(whole))
        if known is None or found.order < known.order:
            best[id(whole)] = found
    studies = len({sample.row.study for sample in complete})
    thresholds = config.checks.nested_counts
    findings = []
    for found in best.values():
        severity = grade(found.expected / studies, thresholds.warning, thresholds.note)
        if severity:
            findings.append(_finding(found, severity))
    return findings + _parts_by_label(complete, declared)


@dataclass(frozen=True)
class _Nested:
    """A whole and its parts: all their groups add up, or only the cases."""

    whole: Sample
    parts: tuple[Sample, ...]
    chance: float
    expected: float
    cases_only: bool

    @property
    def order(self) -> tuple[int, float]:
        return len(self.parts), self.expected


Groups = Callable[[Sample], tuple[Vector, ...]]


def _sums(
    families: Iterable[Sequence[Sample]], everybody: Sequence[Sample], groups: Groups
) -> list[_Nested]:
    """The sums within each family, with what chance would make of them in all.

    Parameters
    ----------
    families : iterable of sequence of Sample
    everybody : sequence of Sample
        Whose sizes tell how often groups are as many.
    groups : callable
        The groups of a sample that have to add up.
    """
    families = [family for family in families if len(family) >= 3]
    if not families:
        return []
    equal = EqualSizes(
        (tuple(map(sum, groups(sample))) for sample in everybody), map(groups, everybody)
    )
    number = {parts: sum(ways(len(family), parts) for family in families) for parts in (2, 3)}
    found, met = [], set()
    for family in families:
        for place, places in find_sums([sum(groups(sample), ()) for sample in family]):
            whole, parts = family[place], tuple(family[i] for i in places)
            ids = (id(whole), frozenset(map(id, parts)))
            if ids in met:
                continue
            met.add(ids)
            # The smallest part is what has to be the rest of the whole, cell by cell.
            rest = groups(min(parts, key=lambda part: sum(map(sum, groups(part)))))
            chance = math.exp(sum(map(log_probability, rest)))
            expected = number[len(parts)] * chance * equal.share(*map(sum, rest))
            found.append(_Nested(whole, parts, chance, expected, len(rest) == 1))
    return found


def _sharing_controls(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Rows of one control group, and rows whose controls are the same."""
    families: dict[tuple[str, object], list[Sample]] = {}
    for sample in samples:
        families.setdefault(("same", sample.controls), []).append(sample)
        if sample.row.control_group:
            families.setdefault(("declared", sample.row.control_group), []).append(sample)
    return list(families.values())


def _finding(found: _Nested, severity: str) -> Finding:
    whole = found.whole
    *most, last = (place_of(part.row) for part in found.parts)
    parts = f"{', '.join(most)} and {last}"
    if found.cases_only:
        message = f"the cases ({listed(whole.cases)}) are the sum of those of {parts}, "
        message += "which have the same controls"
    else:
        message = f"every count (cases {listed(whole.cases)}; controls {listed(whole.controls)}) "
        message += f"is the sum of those of {parts}"
    sets, all_of_them = ("threes", "all three") if len(most) == 1 else ("fours", "all four")
    return whole.row.finding(
        severity,
        "nested_counts",
        f"{message}; independent studies would add up so with a probability of "
        f"{in_words(found.chance)}; among all {sets}, {how_often(found.expected)}",
        expected="parts of a study under its own label, named in the column population",
        why="the people of the parts would be counted twice",
        action=f"{all_of_them} are pooled as given; keep the whole or the parts, or give the parts "
        "the study's label",
    )


def _parts_by_label(samples: list[Sample], declared: DeclaredOverlaps) -> list[Finding]:
    """`Wen 2005 (premenopausal)` as a study beside `Wen 2005`, with no more people in any cell."""
    by_study: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.row.is_whole:
            by_study.setdefault(sample.row.study.casefold(), []).append(sample)
    findings = []
    for part in samples:
        named = _LABEL_WITH_YEAR.match(part.row.study)
        for whole in by_study.get(named[1].strip().casefold(), ()) if named else ():
            within = all(a <= b for a, b in zip(part.both, whole.both, strict=True))
            if within and part.both != whole.both and not declared(whole.row, part.row):
                findings.append(
                    part.row.finding(
                        "warning",
                        "nested_counts",
                        f"no count (cases {listed(part.cases)}; controls {listed(part.controls)}) "
                        f"is above that of {place_of(whole.row)}, whose label is the beginning of "
                        "this one",
                        column="study",
                        value=part.row.study,
                        expected=f"study {whole.row.study}, and {named[2].strip(' ()')!r} in the "
                        "column population",
                        why="a part listed as a study of its own is counted twice",
                        action="both are pooled as different studies",
                    )
                )
    return findings
