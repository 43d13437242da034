"""A simulated locus: its alleles, what they do to the odds of disease, and drawing genotypes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genopool.simulation.design import ANCESTRY_COLUMN, Design, PlantedEffect
from genopool.simulation.frame import Population, Study, quota
from genopool.simulation.sampling import draw_frequencies, draw_genotypes, genotypes
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.settings import Locus

#: What a study can give of a locus; `genotypes` is everything.
STYLES = ("classes", "alleles", "sums", "estimates")


class LocusModel:
    """What is planted at a locus.

    Parameters
    ----------
    design : Design
    key : str
    settings : Locus
        The locus in the configuration of the analysis.
    """

    def __init__(self, design: Design, key: str, settings: Locus) -> None:
        self.key = key
        self.settings = settings
        self.design = design
        self.planted = design.loci[key]
        self.divisions = list(design.parts)
        self.reading = LocusAlleles(settings.kind, settings.alleles)
        if settings.kind == "repeat":
            named = {a for values in self.planted.frequencies.values() for a in values}
            self.alleles = sorted(named, key=int)
        else:
            self.alleles = list(settings.alleles)
        self.genotypes = genotypes(len(self.alleles))

    @cached_property
    def frequencies(self) -> dict[str, NDArray[np.float64]]:
        """By ancestry, the frequencies of the alleles."""
        return {
            ancestry: np.array([values.get(allele, 0.0) for allele in self.alleles])
            for ancestry, values in self.planted.frequencies.items()
        }

    @cached_property
    def doses(self) -> NDArray[np.float64]:
        """How many times each effect acts on each genotype, shape (effects, genotypes)."""
        rows = [self._doses_of(effect) for effect in self.planted.effects]
        return np.array(rows).reshape(len(rows), len(self.genotypes))

    @cached_property
    def taus(self) -> NDArray[np.float64]:
        return np.array([effect.tau for effect in self.planted.effects])

    def label(self, pair: tuple[int, int]) -> str:
        """A genotype as tables write it."""
        return "/".join(self.alleles[i] for i in pair)

    def copies(self, alleles: int) -> NDArray[np.int64]:
        """How many of a set of alleles each genotype has."""
        inside = [self.reading.allele(allele) & alleles != 0 for allele in self.alleles]
        return np.array([inside[i] + inside[j] for i, j in self.genotypes])

    def log_odds(self, people: Mapping[str, str], deviations: NDArray) -> NDArray[np.float64]:
        """Log odds of each genotype among some cases against their controls.

        Parameters
        ----------
        people : mapping of str to str
            The values of the columns by which effects differ.
        deviations : ndarray, shape (..., effects)
            What the study adds to each log odds ratio.

        Returns
        -------
        ndarray, shape (..., genotypes)
        """
        mean = [
            effect.log_or + sum(v.get(people.get(c, ""), 0.0) for c, v in effect.by.items())
            for effect in self.planted.effects
        ]
        # Not a matrix product, whose order of summation depends on the machine.
        effects = np.array(mean) + deviations
        return (effects[..., None] * self.doses).sum(axis=-2)

    def _doses_of(self, effect: PlantedEffect) -> NDArray[np.float64]:
        if effect.per_repeat_from is not None:
            more = [int(allele) - effect.per_repeat_from for allele in self.alleles]
            return np.array([more[i] + more[j] for i, j in self.genotypes], dtype=float)
        copies = self.copies(self.reading.allele(effect.alleles))
        return {
            "additive": copies.astype(float),
            "dominant": (copies > 0).astype(float),
            "recessive": (copies == 2).astype(float),
        }[effect.inheritance]


@dataclass(frozen=True)
class Draw:
    """What one study has at one locus.

    Attributes
    ----------
    study : Study
    style : str
        `genotypes`, or one of `STYLES`.
    frequencies : ndarray, shape (alleles,)
        In its controls' population.
    cases, controls : mapping of tuple to ndarray
        People by genotype, for every cell of the study's divisions.
    """

    study: Study
    style: str
    frequencies: NDArray[np.float64]
    cases: Mapping[tuple[str, ...], NDArray[np.int64]]
    controls: Mapping[tuple[str, ...], NDArray[np.int64]]

    def counts(
        self, model: LocusModel, population: Population
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Cases and controls of a population by genotype."""
        cases = [n for cell, n in self.cases.items() if in_cell(model, population, cell)]
        controls = [
            n for cell, n in self.controls.items() if in_cell(model, population, cell, True)
        ]
        return sum(cases), sum(controls)

    @property
    def populations(self) -> tuple[Population, ...]:
        """The rows that the study has: those that give less than all genotypes, the whole only."""
        if self.style == "genotypes":
            return self.study.populations
        return (Population("", {}),)


def in_cell(
    model: LocusModel, population: Population, cell: tuple[str, ...], controls: bool = False
) -> bool:
    """Whether the people of a cell belong to a population."""
    parts = model.design.parts
    names = [name for name in model.divisions if parts[name].controls or not controls]
    values = dict(zip(names, cell, strict=True))
    return all(values.get(name, value) == value for name, value in population.values.items())


def people_of(model: LocusModel, study: Study, cell: tuple[str, ...]) -> dict[str, str]:
    """The columns by which effects can differ, of the cases of a cell."""
    return {ANCESTRY_COLUMN: study.ancestry, **dict(zip(model.divisions, cell, strict=True))}


def draw_locus(model: LocusModel, studies: list[Study]) -> list[Draw]:
    """Draw which studies have a locus, what they give, and the genotypes of their people.

    Every study has a stream of random numbers of its own, so that a change of one study, or of
    another locus, leaves it as it is.
    """
    seed, name = model.design.seed, crc32(model.key.encode())
    rng = np.random.default_rng([seed, 1, name])
    has_it = quota(rng, {"yes": model.planted.studied, "": 1 - model.planted.studied}, len(studies))
    having = [study for study, said in zip(studies, has_it, strict=True) if said]
    # Parts, where a study has them, are in genotypes; the others give less.
    shares = {style: getattr(model.planted.reporting, style) for style in STYLES}
    undivided = [study for study in having if len(study.populations) == 1]
    wanted = {style: share * len(having) for style, share in shares.items()}
    total = max(len(undivided), sum(wanted.values()), 1e-12)
    of_undivided = {style: n / total for style, n in wanted.items()}
    of_undivided["genotypes"] = max(0.0, 1 - sum(of_undivided.values()))
    drawn = iter(quota(rng, of_undivided, len(undivided)))
    styles = {study.index: next(drawn) for study in undivided}
    return [
        _draw_study(
            model,
            study,
            styles.get(study.index, "genotypes"),
            np.random.default_rng([seed, 2, name, study.index]),
        )
        for study in having
    ]


def _draw_study(model: LocusModel, study: Study, style: str, rng: np.random.Generator) -> Draw:
    f_st = model.design.ancestries[study.ancestry].f_st
    frequencies = draw_frequencies(rng, model.frequencies[study.ancestry], f_st)
    deviations = model.taus * rng.standard_normal(len(model.taus))
    inbreeding = model.planted.inbreeding
    controls = {
        cell: draw_genotypes(rng, frequencies, n, inbreeding=inbreeding)
        for cell, n in study.controls.items()
    }
    cases = {
        cell: draw_genotypes(
            rng,
            frequencies,
            n,
            model.log_odds(people_of(model, study, cell), deviations),
            inbreeding,
        )
        for cell, n in study.cases.items()
    }
    return Draw(study, style, frequencies, cases, controls)
