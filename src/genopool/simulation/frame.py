"""The studies of a simulation before anybody is genotyped: who they are and what they report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from genopool.simulation.design import ANCESTRY_COLUMN, Design, Division

STUDY_NAME = "Simulated"


@dataclass(frozen=True)
class Population:
    """A study, or a part of it, as a row of the tables describes it.

    Attributes
    ----------
    name : str
        Blank for the whole study.
    values : mapping of str to str
        The columns that say which part it is.
    control_group : str
        Shared with other rows of the study, or blank.
    """

    name: str
    values: Mapping[str, str]
    control_group: str = ""


@dataclass(frozen=True)
class Study:
    """A study: its place among the others, its columns, its people and the rows that it reports.

    Attributes
    ----------
    index : int
    name, ancestry : str
    columns : mapping of str to str
        Year, country, ethnicity and the design's further columns.
    cases, controls : mapping of tuple to int
        People by the values of the divisions (of those that divide controls), in their order.
    populations : tuple of Population
    """

    index: int
    name: str
    ancestry: str
    columns: Mapping[str, str]
    cases: Mapping[tuple[str, ...], int]
    controls: Mapping[tuple[str, ...], int]
    populations: tuple[Population, ...]


def draw_studies(design: Design) -> list[Study]:
    """Draw the studies of a design.

    Shares are kept as nearly as whole studies can keep them; which study has what is drawn.
    """
    rng = np.random.default_rng([design.seed, 0])
    settings, n = design.studies, design.studies.number
    years = sorted(int(y) for y in rng.integers(settings.years[0], settings.years[1] + 1, n))
    sizes = np.exp(np.log(settings.cases.median) + settings.cases.spread * rng.standard_normal(n))
    sizes = np.clip(np.rint(sizes), settings.cases.least, settings.cases.most).astype(int)
    ratios = rng.uniform(*settings.controls_per_case, n)
    ancestries = quota(rng, {k: a.share for k, a in design.ancestries.items()}, n)
    columns = {name: quota(rng, values, n) for name, values in settings.columns.items()}
    divided = {name: _reports(rng, division, n) for name, division in design.parts.items()}
    width = len(str(n))
    studies = []
    for i in range(n):
        ancestry = ancestries[i]
        countries = design.ancestries[ancestry].countries
        country = countries[int(rng.integers(len(countries)))] if countries else ""
        name = f"{STUDY_NAME} {i + 1:0{width}d}"
        studies.append(
            Study(
                index=i,
                name=name,
                ancestry=ancestry,
                columns={
                    "year": str(years[i]),
                    "country": country,
                    ANCESTRY_COLUMN: ancestry,
                    **{column: values[i] for column, values in columns.items()},
                },
                cases=_cells(int(sizes[i]), [d.cases for d in design.parts.values()]),
                controls=_cells(
                    round(float(sizes[i] * ratios[i])),
                    [d.controls for d in design.parts.values() if d.controls],
                ),
                populations=_populations(
                    name, design.parts, {column: said[i] for column, said in divided.items()}
                ),
            )
        )
    return studies


def quota(rng: np.random.Generator, shares: Mapping[str, float], n: int) -> list[str]:
    """`n` values in drawn order, each as often as its share of `n` to the nearest whole."""
    names = list(shares)
    times = whole_parts(n, [shares[name] for name in names])
    values = [name for name, k in zip(names, times, strict=True) for _ in range(k)]
    return [values[i] for i in rng.permutation(n)]


def whole_parts(total: int, shares: Sequence[float]) -> list[int]:
    """`total` divided by `shares`, in whole numbers that add up to it (largest remainders)."""
    exact = [total * share / sum(shares) for share in shares]
    parts = [int(x + 1e-9) for x in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (-round(exact[i] - parts[i], 9), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _cells(total: int, divisions: Sequence[Mapping[str, float]]) -> dict[tuple[str, ...], int]:
    """People by the values of independent divisions."""
    keys = list(product(*divisions))
    shares = [
        float(np.prod([d[value] for d, value in zip(divisions, key, strict=True)])) for key in keys
    ]
    return dict(zip(keys, whole_parts(total, shares), strict=True))


def _reports(rng: np.random.Generator, division: Division, n: int) -> list[str]:
    """For each study: nothing about the parts, the parts beside the whole, or the parts only."""
    shares = {
        "": 1 - division.reported,
        "both": division.reported * (1 - division.parts_only),
        "parts": division.reported * division.parts_only,
    }
    return quota(rng, shares, n)


def _populations(
    name: str, parts: Mapping[str, Division], divided: Mapping[str, str]
) -> tuple[Population, ...]:
    reported = [column for column, said in divided.items() if said]
    # Two divisions of the same people are told apart from repetitions only beside the whole.
    whole = not reported or len(reported) > 1 or divided[reported[0]] == "both"
    shared = name if any(not parts[column].controls for column in reported) else ""
    rows = [Population("", {}, shared)] if whole else []
    for column in reported:
        group = "" if parts[column].controls else shared
        rows += [Population(value, {column: value}, group) for value in parts[column].cases]
    return tuple(rows)
