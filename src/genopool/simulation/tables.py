"""Study tables of a simulation, in the shapes in which real ones come."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from math import exp, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genopool.association.odds_ratios import genotype_log_odds_ratio
from genopool.simulation.design import Design
from genopool.simulation.frame import Population
from genopool.simulation.genetics import Draw, LocusModel

Row = dict[str, Any]

PROVENANCE = "simulated"
#: What a paper without counts reports, if the analysis has the model.
_REPORTED_MODELS = ("dominant", "allelic", "additive", "recessive")


def study_tables(
    design: Design, models: Sequence[LocusModel], draws: Mapping[str, Sequence[Draw]]
) -> dict[str, str]:
    """The study tables by file name, a few studies in each.

    Counts of variants with two alleles are in wide tables, of every second group of studies in
    long ones; those of repeats in long ones; chromosomes and reported estimates in their own.
    """
    tables = {}
    step, n = design.studies.per_table, design.studies.number
    digits = len(str(n))
    for group, start in enumerate(range(0, n, step)):
        members = range(start, min(start + step, n))
        stem = f"studies_{members[0] + 1:0{digits}d}-{members[-1] + 1:0{digits}d}"
        ending, delimiter = ("tsv", "\t") if group % 2 else ("csv", ",")
        for kind, rows in _kinds(design, models, draws, members, wide=not group % 2).items():
            if rows:
                tables[f"{stem}_{kind}.{ending}"] = _text(rows, delimiter)
    return dict(sorted(tables.items()))


def _kinds(
    design: Design,
    models: Sequence[LocusModel],
    draws: Mapping[str, Sequence[Draw]],
    members: range,
    wide: bool,
) -> dict[str, list[Row]]:
    """The rows of a group's tables by their kind."""
    kinds: dict[str, list[Row]] = {"counts": [], "repeats": [], "alleles": [], "estimates": []}
    for model in models:
        for draw in draws[model.key]:
            if draw.study.index not in members:
                continue
            for population in draw.populations:
                shared = _shared(design, model, draw, population)
                if draw.style == "estimates":
                    kinds["estimates"].append(shared | _estimate(model, draw, population))
                    continue
                cells = list(_cells(model, draw, population))
                if draw.style == "alleles" and not (wide and model.settings.kind != "repeat"):
                    kinds["alleles"] += [_long(shared, "allele", *cell) for cell in cells]
                elif model.settings.kind == "repeat":
                    kinds["repeats"] += [_long(shared, "genotype", *cell) for cell in cells]
                elif wide:
                    kinds["counts"].append(shared | _wide(cells))
                else:
                    kinds["counts"] += [_long(shared, "genotype", *cell) for cell in cells]
    return kinds


def _shared(design: Design, model: LocusModel, draw: Draw, population: Population) -> Row:
    return {
        "study": draw.study.name,
        "locus": model.key,
        "population": population.name,
        **draw.study.columns,
        **{name: population.values.get(name, "") for name in design.parts},
        "control_group": population.control_group,
        "provenance": PROVENANCE,
    }


def _cells(model: LocusModel, draw: Draw, population: Population) -> Iterable[tuple[str, int, int]]:
    """The count cells that a study gives: label, cases, controls."""
    cases, controls = draw.counts(model, population)
    if draw.style == "alleles":
        for allele in model.alleles:
            copies = model.copies(model.reading.allele(allele))
            x, y = int((cases * copies).sum()), int((controls * copies).sum())
            if x or y or model.settings.kind != "repeat":
                yield allele, x, y
        return
    if draw.style in ("classes", "sums"):
        yield from _collapsed(model, draw.style, cases, controls)
        return
    for place, pair in enumerate(model.genotypes):
        x, y = int(cases[place]), int(controls[place])
        if x or y or model.settings.kind != "repeat":
            yield model.label(pair), x, y


def _collapsed(
    model: LocusModel, style: str, cases: NDArray, controls: NDArray
) -> Iterable[tuple[str, int, int]]:
    """Genotypes by copies of the first effect allele, carriers together in `sums`."""
    effect = model.settings.questions[0]
    if model.settings.kind == "snp":
        other, carried = model.alleles
    else:
        other, carried = f"non-{effect}", effect
    copies = model.copies(model.reading.allele(effect))
    labels = [f"{other}/{other}", f"{other}/{carried}", f"{carried}/{carried}"]
    x, y = ([int(people[copies == n].sum()) for n in range(3)] for people in (cases, controls))
    if style == "classes":
        yield from zip(labels, x, y, strict=True)
        return
    yield labels[0], x[0], y[0]
    yield "+".join(labels[1:]), x[1] + x[2], y[1] + y[2]


def _long(shared: Row, what: str, label: str, cases: int, controls: int) -> Row:
    return shared | {what: label, "cases": cases, "controls": controls}


def _wide(cells: Iterable[tuple[str, int, int]]) -> Row:
    cells = list(cells)
    return {f"cases_{label}": x for label, x, _ in cells} | {
        f"controls_{label}": y for label, _, y in cells
    }


def _estimate(model: LocusModel, draw: Draw, population: Population) -> Row:
    """What a paper would print: an odds ratio from its counts, two decimals."""
    effect = model.settings.questions[0]
    cases, controls = draw.counts(model, population)
    carried, compared = model.reading.question(effect, model.settings.against)
    copies, inside = model.copies(carried), model.copies(compared) == 2
    counts = [
        [float(people[(copies == n) & inside].sum()) for n in range(3)]
        for people in (cases, controls)
    ]
    name = _REPORTED_MODELS[draw.study.index % len(_REPORTED_MODELS)]
    log_or, variance = (float(v) for v in genotype_log_odds_ratio(*counts, name))
    reach = NormalDist().inv_cdf(0.975) * sqrt(variance)
    return {
        "effect_allele": effect,
        "model": name,
        "measure": "OR",
        "estimate": f"{exp(log_or):.2f}",
        "ci_low": f"{exp(log_or - reach):.2f}",
        "ci_high": f"{exp(log_or + reach):.2f}",
        "adjusted": "no",
        "n_cases": int(np.sum(cases)),
        "n_controls": int(np.sum(controls)),
    }


def _text(rows: Sequence[Row], delimiter: str) -> str:
    """A table as text; columns in the order in which they first occur, cases before controls."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    columns.sort(key=lambda name: (name.startswith("cases_"), name.startswith("controls_")))
    columns.sort(key=lambda name: name.startswith(("cases_", "controls_")))
    buffer = StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
