"""The design of a simulated project: what a YAML file says of it, validated at once.

No numerics, so that a misspelt key is said before anything heavy is imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from genopool.config import Config
from genopool.config import load as load_project
from genopool.config_problems import ConfigError, describe, suggestion
from genopool.config_values import Text, Texts
from genopool.pooling.settings import Part
from genopool.studies.genotypes import LabelError, LocusAlleles, parse_repeat
from genopool.studies.reading import ESTIMATE_COLUMNS, LONG_COLUMNS
from genopool.yaml_file import YamlError, YamlFile

#: Lists the files that a simulation made, with their SHA-256, in the folder that it wrote to.
MANIFEST = "simulated.tsv"
#: The column of the study tables that holds the ancestry.
ANCESTRY_COLUMN = "ethnicity"
#: Columns that the simulation fills, or that the reader takes for something else.
OWN_COLUMNS = (
    "study",
    "locus",
    "population",
    "year",
    "country",
    ANCESTRY_COLUMN,
    "control_group",
    "provenance",
    *LONG_COLUMNS,
    *ESTIMATE_COLUMNS,
)
_COUNTS = re.compile("(cases|controls)_", re.IGNORECASE)
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, lt=float("inf"))]
Finite = Annotated[float, Field(allow_inf_nan=False)]


def _shares(given: Mapping[str, float]) -> Mapping[str, float]:
    if not given:
        raise ValueError("expected values and their shares")
    total = sum(given.values())
    if not isclose(total, 1.0, abs_tol=1e-6):
        raise ValueError(f"the shares add up to {total:g}; expected 1")
    return given


class Sizes(Part):
    """How many cases a study has: log-normal, cut off at both ends."""

    median: Positive = 600.0
    spread: Annotated[float, Field(ge=0, le=3)] = Field(
        0.6, description="Standard deviation of the logarithm."
    )
    least: Annotated[int, Field(ge=20)] = 150
    most: Annotated[int, Field(ge=20, le=1_000_000)] = 4000

    @model_validator(mode="after")
    def _in_order(self) -> Sizes:
        if not self.least <= self.median <= self.most:
            raise ValueError("expected least <= median <= most")
        return self


class Studies(Part):
    """The studies: how many, when, how large."""

    number: Annotated[int, Field(ge=1, le=999)]
    years: tuple[int, int] = (2000, 2020)
    cases: Sizes = Field(default_factory=Sizes)
    controls_per_case: tuple[Positive, Positive] = Field(
        (1.0, 1.0), description="Controls over cases, drawn evenly between the two."
    )
    columns: dict[Text, dict[Text, Share]] = Field(
        default_factory=dict,
        description="Further columns: the share of studies that have each value.",
    )
    per_table: Annotated[int, Field(ge=1)] = Field(5, description="Studies in one table.")

    @field_validator("years", "controls_per_case")
    @classmethod
    def _ordered(cls, ends: tuple[float, float]) -> tuple[float, float]:
        if ends[0] > ends[1]:
            raise ValueError(f"[{ends[0]:g}, {ends[1]:g}] is the wrong way round")
        return ends

    @field_validator("columns")
    @classmethod
    def _add_up(cls, columns: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for values in columns.values():
            _shares(values)
        return columns


class Ancestry(Part):
    """The people of some of the studies."""

    share: Share = Field(description="Share of the studies.")
    f_st: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="Drift between the studies of this ancestry (Balding and Nichols)."
    )
    countries: Texts = ()


class Division(Part):
    """A division of people into parts, as by menopausal status or by receptor."""

    cases: dict[Text, Share] = Field(description="Each part's share of the cases.")
    controls: dict[Text, Share] = Field(
        default_factory=dict,
        description="Each part's share of the controls; when left out, all parts of the cases are "
        "compared with all controls.",
    )
    reported: Share = Field(0.0, description="Share of the studies that report the parts.")
    parts_only: Share = Field(
        0.0, description="Share of those that do not report the whole study beside them."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Division:
        _shares(self.cases)
        if self.controls:
            _shares(self.controls)
            if set(self.controls) != set(self.cases):
                raise ValueError("cases and controls name different parts")
        elif self.parts_only:
            raise ValueError(
                "parts_only: parts that share their controls need the whole study beside them"
            )
        return self


class Reporting(Part):
    """Shares of the studies of a locus that give less than all genotypes."""

    classes: Share = Field(0.0, description="Of a repeat: one allele against all others.")
    alleles: Share = Field(0.0, description="Chromosomes by allele, no genotypes.")
    sums: Share = Field(0.0, description="Carriers together, as AC+CC.")
    estimates: Share = Field(0.0, description="An odds ratio with its interval, no counts.")

    @model_validator(mode="after")
    def _at_most_all(self) -> Reporting:
        total = self.classes + self.alleles + self.sums + self.estimates
        if total > 1 + 1e-9:
            raise ValueError(f"the shares add up to {total:g}; expected 1 or less")
        return self


class PlantedEffect(Part):
    """One planted effect of some alleles on the odds of disease."""

    alleles: Text = Field("", description="The alleles that have it: C, 19, <19.")
    per_repeat_from: int | None = Field(
        None, description="In place of alleles: the effect of each repeat more than this length."
    )
    inheritance: Literal["additive", "dominant", "recessive"] = Field(
        "additive", description="Per copy, with one or two copies, or with two only."
    )
    log_or: Finite = Field(description="Log odds ratio, the mean over studies.")
    tau: Annotated[float, Field(ge=0, le=2)] = Field(
        0.0, description="Standard deviation of the log odds ratio between studies."
    )
    by: dict[Text, dict[Text, Finite]] = Field(
        default_factory=dict,
        description="Column: value: what is added to the log odds ratio of those people.",
    )

    @model_validator(mode="after")
    def _of_something(self) -> PlantedEffect:
        if bool(self.alleles) == (self.per_repeat_from is not None):
            raise ValueError("expected one of alleles and per_repeat_from")
        if self.per_repeat_from is not None and self.inheritance != "additive":
            raise ValueError("per_repeat_from: the effect of a length is additive")
        return self


class SimulatedLocus(Part):
    """The alleles of a locus and what they do."""

    frequencies: dict[Text, dict[Text, Share]] = Field(
        description="Ancestry: allele: its frequency in controls."
    )
    effects: Annotated[tuple[PlantedEffect, ...], Field(max_length=8)] = ()
    inbreeding: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="Inbreeding coefficient: heterozygotes are 1 - F times as frequent."
    )
    studied: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="Share of the studies that have the locus."
    )
    reporting: Reporting = Field(default_factory=Reporting)


def _empty(value: Any) -> Any:
    return {} if value is None else value


class Design(Part):
    """Everything that is planted."""

    seed: Annotated[int, Field(ge=0)]
    project: Text = Field(
        "config.yaml", description="Configuration of the analysis, whose questions have a truth."
    )
    studies: Studies
    ancestries: dict[Text, Ancestry]
    parts: Annotated[dict[Text, Division], BeforeValidator(_empty)] = Field(default_factory=dict)
    loci: dict[Text, SimulatedLocus]

    @model_validator(mode="after")
    def _complete(self) -> Design:
        problems = []
        try:
            _shares({name: ancestry.share for name, ancestry in self.ancestries.items()})
        except ValueError as error:
            problems.append(f"ancestries: {error}")
        taken = [name.casefold() for name in (*OWN_COLUMNS, *self.studies.columns, *self.parts)]
        problems += [
            f"{name!r} cannot be a column of its own: there is another of that name"
            for name in dict.fromkeys((*self.studies.columns, *self.parts))
            if taken.count(name.casefold()) > 1 or _COUNTS.match(name)
        ]
        values = [value for division in self.parts.values() for value in division.cases]
        problems += [
            f"parts: {value!r} is a part twice; rows of a study are told apart by their part"
            for value in dict.fromkeys(values)
            if values.count(value) > 1
        ]
        for name, locus in self.loci.items():
            problems += [f"loci.{name}: {said}" for said in self._of_locus(locus)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _of_locus(self, locus: SimulatedLocus) -> list[str]:
        problems = []
        for ancestry in self.ancestries:
            if ancestry not in locus.frequencies:
                problems.append(f"frequencies of {ancestry} are missing")
        for ancestry, frequencies in locus.frequencies.items():
            if ancestry not in self.ancestries:
                close = suggestion(ancestry, self.ancestries)
                problems.append(f"frequencies of {ancestry!r}, which is not an ancestry{close}")
            try:
                _shares(frequencies)
            except ValueError as error:
                problems.append(f"frequencies of {ancestry}: {error}")
        known = {ANCESTRY_COLUMN: list(self.ancestries)}
        known |= {name: list(division.cases) for name, division in self.parts.items()}
        for place, effect in enumerate(locus.effects, 1):
            for column, values in effect.by.items():
                if column not in known:
                    problems.append(
                        f"effect {place} differs by {column!r}; expected one of {', '.join(known)}"
                    )
                    continue
                problems += [
                    f"effect {place}: {value!r} is not a value of {column}"
                    + suggestion(value, known[column])
                    for value in values
                    if value not in known[column]
                ]
        return problems


@dataclass(frozen=True)
class SimulatedProject:
    """A validated design, its file, and the analysis whose questions have a truth."""

    design: Design
    source: Path
    config: Config

    @property
    def folder(self) -> Path:
        return self.source.parent


def load(source: Path | str) -> SimulatedProject:
    """Read and validate a design and the configuration that it names.

    Raises
    ------
    ConfigError
        Naming the line, the key, the value and what was expected, for every problem at once.
    """
    source = Path(source).absolute()
    try:
        file = YamlFile(source)
    except YamlError as error:
        raise ConfigError(source.name, [str(error)]) from None
    if not isinstance(file.values, Mapping):
        raise ConfigError(source.name, ["expected keys and values, as `seed: 1`"])
    try:
        design = Design.model_validate(dict(file.values))
    except ValidationError as error:
        problems = list(dict.fromkeys(describe(detail, Design, file) for detail in error.errors()))
        raise ConfigError(source.name, problems) from None
    # The tables that the configuration names are what is about to be made.
    config = load_project(source.parent / design.project, check_paths=False).config
    problems = _disagreements(design, config)
    if problems:
        raise ConfigError(source.name, problems)
    return SimulatedProject(design, source, config)


def _disagreements(design: Design, config: Config) -> list[str]:
    """Where the design does not fit the configuration of its analysis."""
    problems = []
    if not config.simulated:
        problems.append(f"project: {design.project} lacks `simulated: true`")
    truth = Path(config.truth)
    if config.truth and (truth.suffix.lower() != ".tsv" or truth.name == MANIFEST):
        problems.append(
            f"project: {design.project} has truth: {config.truth!r}; expected the name of a .tsv "
            f"file other than {MANIFEST}"
        )
    for name, locus in design.loci.items():
        if name not in config.loci:
            close = suggestion(name, config.loci)
            problems.append(f"loci.{name}: not a locus of {design.project}{close}")
            continue
        settings = config.loci[name]
        if settings.turn:
            problems.append(f"loci.{name}: {design.project} turns studies, which none needs")
        alleles = LocusAlleles(settings.kind, settings.alleles)
        if locus.reporting.classes and settings.kind != "repeat":
            problems.append(f"loci.{name}.reporting.classes: is for a repeat")
        named = dict.fromkeys(a for values in locus.frequencies.values() for a in values)
        wrong = [allele for allele in named if not _is_one_allele(settings.kind, alleles, allele)]
        if wrong:
            problems.append(
                f"loci.{name}.frequencies: {', '.join(wrong)} is not an allele of the locus"
            )
        for place, effect in enumerate(locus.effects, 1):
            try:
                if effect.alleles:
                    alleles.allele(effect.alleles)
                elif settings.kind != "repeat":
                    problems.append(f"loci.{name}: effect {place}: per_repeat_from is for a repeat")
            except LabelError as error:
                problems.append(f"loci.{name}: effect {place}: {error}")
    return problems


def _is_one_allele(kind: str, alleles: LocusAlleles, allele: str) -> bool:
    if kind != "repeat":
        return allele in alleles.alleles
    return allele.isdigit() and parse_repeat(allele).bit_count() == 1
