"""What is said about studies of the same subjects, and about names that no study has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genopool.studies.findings import Finding
from genopool.studies.overlaps import OVERLAPS, LeftOut, folded, named_in
from genopool.studies.records import Row
from genopool.studies.settings import KEEP

if TYPE_CHECKING:
    from genopool.config import Config

_FEW = 5


def overlap_notes(left_out: Sequence[tuple[str, LeftOut]]) -> list[Finding]:
    """One note for each row that is not counted and the study that is counted in its place.

    Parameters
    ----------
    left_out : sequence of (str, LeftOut)
        With the genetic model of the analysis.
    """
    said: dict[tuple[int, str], list[tuple[str, LeftOut]]] = {}
    for model, one in left_out:
        said.setdefault((id(one.candidate.row), one.kept), []).append((model, one))
    findings = []
    for found in said.values():
        models = list(dict.fromkeys(model for model, _ in found))
        row, kept, why = found[0][1].candidate.row, found[0][1].kept, found[0][1].why
        if any(one.why != why for _, one in found):
            why += f" ({models[0]} model; other numbers in other analyses)"
        findings.append(
            row.finding(
                "note",
                "overlapping_studies",
                f"{row.name} and {kept} have subjects in common",
                column=OVERLAPS,
                value=row.values.get(OVERLAPS, ""),
                why="nobody may be counted twice",
                action=f"where both answer, {kept} is counted and {row.name} is not, in the models "
                f"{', '.join(models)}: {why}",
            )
        )
    return findings


def check_overlaps(config: Config, rows: Sequence[Row]) -> list[Finding]:
    """Names of overlapping studies that no table has, and overlaps said of one locus only.

    Parameters
    ----------
    config : Config
    rows : sequence of Row
        All rows of all tables.
    """
    from genopool.config_problems import suggestion

    studies = {folded(row.study): row.study for row in rows}
    findings = []
    for row in rows:
        names = {folded(name): name for name in named_in(row)}
        unknown = [name for key, name in names.items() if key not in studies]
        problems = []
        if folded(row.study) in names:
            problems.append((row.study, f"{row.study} is named as overlapping itself"))
        if unknown:
            listed = ", ".join(repr(name) for name in unknown[:_FEW])
            more = f" and {len(unknown) - _FEW} others" if len(unknown) > _FEW else ""
            close = suggestion(unknown[0], studies.values())
            problems.append((unknown[0], f"no study is called {listed}{more}{close}"))
        findings += [
            row.finding(
                "warning",
                "unknown_overlap",
                problem,
                column=OVERLAPS,
                value=value,
                expected="labels of other studies as in the column study, separated by ;",
                why="the same people may be counted twice",
                action="the name is passed over",
            )
            for value, problem in problems
        ]
    for left, kept in config.overlaps.items():
        for name in (left, kept) if left != KEEP else ():
            if rows and folded(name) not in studies:
                findings.append(
                    Finding(
                        "warning",
                        "unknown_overlap",
                        f"overlaps of the configuration: no study is called {name!r}"
                        + suggestion(name, studies.values()),
                        value=name,
                        expected="labels of studies as in the column study",
                        action="the choice has no effect",
                    )
                )
    return findings + _at_other_loci(rows)


def _at_other_loci(rows: Sequence[Row]) -> list[Finding]:
    """Studies said to overlap at one locus, that are both at another where nothing is said."""
    said: dict[frozenset[str], dict[str, Row]] = {}
    at: dict[str, dict[str, Row]] = {}
    for row in rows:
        at.setdefault(row.locus, {}).setdefault(folded(row.study), row)
        for name in named_in(row):
            if folded(name) != folded(row.study):
                pair = frozenset((folded(row.study), folded(name)))
                said.setdefault(pair, {}).setdefault(row.locus, row)
    findings = []
    for pair, where in said.items():
        for locus, studies in at.items():
            if locus in where or not pair <= set(studies):
                continue
            one, other = sorted((studies[study] for study in pair), key=lambda row: row.study)
            first = next(iter(where.values()))
            findings.append(
                one.finding(
                    "warning",
                    "overlap_elsewhere",
                    f"{one.study} and {other.study} have subjects in common at {first.locus} "
                    f"({first.file}, row {first.row}); at {locus} nothing is said of it",
                    column=OVERLAPS,
                    expected=f"{other.study} in the column overlaps here too, if it holds",
                    why="the same people may be counted twice",
                    action=f"both are counted at {locus}",
                )
            )
    return findings
