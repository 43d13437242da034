"""A whole and its parts under study labels of their own."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from genopool.association.effects import questions_of
from genopool.diagnostics.integrity.coincidence import (
    EqualSizes,
    grade,
    how_often,
    in_words,
    log_probability,
)
from genopool.diagnostics.integrity.samples import (
    Sample,
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

_BITS = 24
#: Odd multipliers, so that sums of counts have the sum of the hashes.
_MULTIPLIERS = np.array(
    [0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1, 0xD3A2646D], dtype=np.uint64
)
_LABEL_WITH_YEAR = re.compile(r"^(.*\b(?:19|20)\d\d)\b\W+(.*)$")


def check_nested_counts(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Studies whose counts are the sum of two others', and parts listed as studies.

    Only studies that give all genotypes are compared. Three rows of which two are of one study, or
    that declare their overlap, are left alone.
    """
    alleles, questions = questions_of(config, locus)
    counts = in_file_order(tables.of_locus(locus)[0])
    complete = [
        sample
        for view, samples in views(counts, alleles, questions[:1]).items()
        if view.form == "genotypes"
        for sample in samples
        if sample.both
    ]
    return _sums(config, complete) + _parts_by_label(complete)


def _sums(config: Config, samples: list[Sample]) -> list[Finding]:
    if len(samples) < 3:
        return []
    thresholds = config.checks.nested_counts
    studies = len({sample.row.study for sample in samples})
    n = len(samples)
    triples = n * (n - 1) * (n - 2) / 2
    equal = EqualSizes((sum(s.cases), sum(s.controls)) for s in samples)
    findings = []
    for whole, one, other in _triples(samples):
        if len({s.row.study for s in (whole, one, other)}) < 3:
            continue
        if any(declared(whole.row, part.row) for part in (one, other)):
            continue
        # The smaller part is what has to be the rest of the whole, cell by cell.
        part = min((one, other), key=lambda s: sum(s.both))
        chance = math.exp(log_probability(part.cases) + log_probability(part.controls))
        expected = triples * chance * equal.share(sum(part.cases), sum(part.controls))
        severity = grade(expected / studies, thresholds.warning, thresholds.note)
        if severity:
            findings.append(
                whole.row.finding(
                    severity,
                    "nested_counts",
                    f"every count (cases {listed(whole.cases)}; controls {listed(whole.controls)}) "
                    f"is the sum of those of {place_of(one.row)} and {place_of(other.row)}; "
                    f"independent studies would add up so with a probability of "
                    f"{in_words(chance)}; among all threes, {how_often(expected)}",
                    expected="parts of a study under its own label, named in the column population",
                    why="the people of the parts would be counted twice",
                    action="all three are pooled as given; keep the whole or the parts, or give "
                    "the parts the study's label",
                )
            )
    return findings


def _triples(samples: list[Sample]) -> list[tuple[Sample, Sample, Sample]]:
    """Every whole with the two samples that add up to it.

    A linear hash of the counts finds them: the hashes of the parts add up to that of the whole.
    """
    counts = np.array([sample.both for sample in samples], dtype=np.uint64)
    mask = np.uint64((1 << _BITS) - 1)
    with np.errstate(over="ignore"):
        hashes = (counts * _MULTIPLIERS).sum(axis=1) & mask
    wholes: dict[int, list[int]] = {}
    for i, value in enumerate(hashes.tolist()):
        wholes.setdefault(value, []).append(i)
    is_whole = np.zeros(1 << _BITS, dtype=bool)
    is_whole[hashes] = True
    found = []
    for i in range(len(samples) - 1):
        sums = (hashes[i] + hashes[i + 1 :]) & mask
        for j in (np.flatnonzero(is_whole[sums]) + i + 1).tolist():
            for k in wholes[int(sums[j - i - 1])]:
                if k not in (i, j) and (counts[i] + counts[j] == counts[k]).all():
                    found.append((samples[k], samples[i], samples[j]))
    return found


def _parts_by_label(samples: list[Sample]) -> list[Finding]:
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
