"""Which kind of table a header makes: counts, wide or long, or estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genopool.studies.findings import Finding
from genopool.studies.raw.tables import RawTable

REQUIRED_ESTIMATE_COLUMNS = ("effect_allele", "model", "measure", "estimate")


@dataclass(frozen=True)
class CountColumns:
    """Where the cases and the controls of one genotype stand.

    Attributes
    ----------
    label : str
    written : tuple of str
        Names of the columns of the label, of the cases and of the controls.
    cases, controls : int
        Places of the counts.
    percentages : tuple of (int or None)
        Places of the columns of their percentages.
    """

    label: str
    written: tuple[str, str, str]
    cases: int
    controls: int
    percentages: tuple[int | None, int | None] = (None, None)


def shape_of(table: RawTable, loci: tuple[str, ...]) -> tuple[str | None, list[Finding]]:
    """The shape of a table: `wide`, `long` or `estimates`; None where its header has problems.

    Parameters
    ----------
    table : RawTable
    loci : tuple of str
        The loci that a table can mean; empty where that is known without a column locus.
    """
    names = table.names
    wide = any(column.label and not column.percent for column in table.columns)
    long = {"cases", "controls"} <= names and bool({"genotype", "allele"} & names)
    estimates = set(REQUIRED_ESTIMATE_COLUMNS) <= names
    problems = []
    missing = [name for name in ("study", "locus") if name not in names]
    if not loci and "locus" in missing:
        missing.remove("locus")
    if missing:
        expected = "study and locus"
        if "locus" in missing:
            named = ", ".join(loci[:10]) + (", …" if len(loci) > 10 else "")
            expected += f" (or a file or a sheet that is named as one of {named})"
        problems.append((f"no column {' and no column '.join(missing)}", expected))
    if len(table.columns) == 1 and not table.sheet:
        problems.append(
            ("the header is a single cell", "cells separated by commas, semicolons or tabs")
        )
    if wide + long + estimates != 1:
        shapes = [
            shape
            for shape, there in (("wide", wide), ("long", long), ("estimates", estimates))
            if there
        ]
        lacking = [name for name in REQUIRED_ESTIMATE_COLUMNS if name not in names]
        if shapes:
            message = f"the header mixes tables of different kinds ({', '.join(shapes)})"
        elif "estimate" in names or "effect_allele" in names:
            message = f"an estimates table without {', '.join(lacking)}"
        else:
            message = "the header has neither counts nor estimates"
        problems.append(
            (
                message,
                "cases_<genotype> and controls_<genotype>; or genotype, cases, controls; or "
                + ", ".join(REQUIRED_ESTIMATE_COLUMNS),
            )
        )
    if long and {"genotype", "allele"} <= names:
        problems.append(("the header has both genotype and allele", "one of them"))
    problems += _one_sided(table)
    found = [
        Finding(
            "error",
            "header",
            message,
            file=table.file,
            sheet=table.sheet,
            row=table.header_row,
            expected=expected,
        )
        for message, expected in problems
    ]
    shape = "wide" if wide else "long" if long else "estimates"
    return (None if problems else shape), found


def _one_sided(table: RawTable) -> list[tuple[str, str]]:
    """Genotypes that only the cases, or only the controls, have a column for."""
    labels: dict[str, dict[Any, str]] = {"cases": {}, "controls": {}}
    percents: set[tuple[str, Any]] = set()
    for column in table.columns:
        if column.label and not column.percent:
            labels[column.name][_in_either_order(column.label)] = column.label
        elif column.label:
            percents.add((column.name, _in_either_order(column.label)))
    problems = []
    for one, other in (("cases", "controls"), ("controls", "cases")):
        folded = {_folded(key) for key in labels[other]}
        for key, label in labels[one].items():
            if key not in labels[other] and _folded(key) not in folded:
                what = f"{one}_{label} stands without {other}_{label}"
                if (other, key) in percents:
                    what += ", of which there are only percentages"
                problems.append((what, f"{other}_{label}"))
    return problems


def count_columns(table: RawTable) -> list[CountColumns]:
    """The columns of counts of a wide table, by genotype."""
    places: dict[tuple[str, Any], list[int]] = {}
    percents: dict[tuple[str, Any], int] = {}
    for place, column in enumerate(table.columns):
        if column.label:
            key = (column.name, _in_either_order(column.label))
            if column.percent:
                percents.setdefault(key, place)
            else:
                places.setdefault(key, []).append(place)
    found = []
    for (name, key), cases_places in places.items():
        if name != "cases":
            continue
        for cases in cases_places:
            label = table.columns[cases].label
            candidates = places.get(("controls", key)) or next(
                found
                for (side, other), found in places.items()
                if side == "controls" and _folded(other) == _folded(key)
            )
            controls = next(
                (p for p in candidates if table.columns[p].label == label), candidates[0]
            )
            written = (table.columns[cases].written, table.columns[controls].written)
            beside = (percents.get(("cases", key)), percents.get(("controls", key)))
            found.append(CountColumns(label, (written[0], *written), cases, controls, beside))
    return found


def _in_either_order(label: str) -> frozenset[tuple[str, ...]]:
    """A label as a key that is the same for `AC` and `CA`, `A/C` and `C/A`."""
    parts = []
    for part in label.split("+"):
        alleles = [allele.strip() for allele in part.split("/")]
        if len(alleles) == 1 and len(alleles[0]) == 2 and alleles[0].isalpha():
            alleles = list(alleles[0])
        parts.append(tuple(sorted(alleles)))
    return frozenset(parts)


def _folded(key: frozenset[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(sorted(allele.casefold() for allele in part)) for part in key)
