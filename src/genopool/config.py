"""The configuration as typed objects, validated once, every problem at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from genopool.config_problems import ConfigError, describe, suggestion
from genopool.config_values import ALL as ALL
from genopool.config_values import OVERALL as OVERALL
from genopool.config_values import Text, as_texts, nothing_as_empty
from genopool.diagnostics.choice import STANDARD, Diagnostics
from genopool.diagnostics.settings import Checks
from genopool.names import LONGEST_NAME, file_name, name_problems, path_problem
from genopool.pooling.settings import Part, Pooling
from genopool.studies.genotypes import parse_repeat
from genopool.studies.moderators import Moderators, resolve
from genopool.studies.settings import KEEP, Locus, Overlaps, Stratifier
from genopool.yaml_file import YamlError, YamlFile

Model = Literal[
    "allelic", "additive", "dominant", "recessive", "homozygous", "heterozygous", "overdominant"
]
MODELS: tuple[str, ...] = get_args(Model)


class Reported(Part):
    """Estimates that papers report without counts."""

    use: bool = Field(True, description="Whether they are pooled.")
    prefer: Literal["adjusted", "unadjusted"] = Field(
        "adjusted", description="Which one enters when a paper gives both."
    )


class Config(Part):
    """Everything that a user decides."""

    title: Text = Field("Genetic association meta-analysis", description="Title of the report.")
    outcome: Text = Field("the outcome", description="What the cases have.")
    studies: Text = Field("data/studies", description="Folder of the study tables.")
    results: Text = Field("results", description="Folder that the workflow writes.")
    published: Text = Field(
        "", description="Table of published pooled estimates to show beside ours."
    )
    simulated: bool = Field(
        False, description="Whether the studies are made up; all results then say so."
    )
    truth: Text = Field(
        "", description="Table of the truth planted in simulated studies, to show beside estimates."
    )
    loci: dict[Text, Locus] = Field(description="The loci, by the name that the tables use.")
    models: Annotated[tuple[Model, ...], BeforeValidator(as_texts)] = Field(
        MODELS, description="Genetic models, in the order of the report."
    )
    strata: Annotated[
        dict[Text, Annotated[Stratifier, BeforeValidator(nothing_as_empty)]],
        BeforeValidator(nothing_as_empty),
    ] = Field(default_factory=dict, description="Stratifiers, by name.")
    allele_frequency_by: Text = Field(
        "", description="Stratifier within which allele frequencies are comparable."
    )
    shared_controls: Literal["divide", "combine"] = Field(
        "divide", description="What is done when rows of one analysis share controls."
    )
    overlaps: Annotated[Overlaps, BeforeValidator(nothing_as_empty)] = Field(
        default_factory=lambda: {KEEP: "larger"},
        description="Which of two studies of the same subjects is counted. keep: larger (more "
        "people in that analysis) or newer (by the column year); or Study A: Study B, which keeps "
        "B.",
    )
    reported: Reported = Field(default_factory=Reported)
    pooling: Pooling = Field(default_factory=Pooling)
    checks: Checks = Field(default_factory=Checks)
    diagnostics: Diagnostics = Field(
        STANDARD,
        description="Which diagnostics and figures of them are made: standard, full, none, or "
        "their names.",
    )
    moderators: Moderators = Field(
        (),
        description="Columns of the study tables that odds ratios are regressed on: one name a "
        "regression, or a list of names for a joint one; beside year, control_frequency, people "
        "and every stratifier, which are there already.",
    )

    @field_validator("loci", "strata")
    @classmethod
    def _safe_names(cls, named: dict[str, Any]) -> dict[str, Any]:
        problems = name_problems(named)
        if problems:
            raise ValueError("; ".join(problems))
        return named

    @field_validator("models")
    @classmethod
    def _once(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        if not models:
            raise ValueError("expected at least one model")
        repeated = sorted({model for model in models if models.count(model) > 1})
        if repeated:
            raise ValueError(f"{', '.join(repeated)} is named twice")
        return models

    @field_validator("loci")
    @classmethod
    def _some_locus(cls, loci: dict[str, Locus]) -> dict[str, Locus]:
        if not loci:
            raise ValueError("expected at least one locus")
        for name, locus in loci.items():
            seen: dict[str, str] = {}
            same: dict[int | str, str] = {}
            for allele in locus.questions:
                file_part = file_name(allele).casefold()
                if len(file_part) > LONGEST_NAME:
                    raise ValueError(
                        f"{name}: effect allele {allele[:30]!r}… has over {LONGEST_NAME} characters"
                    )
                if seen.setdefault(file_part, allele) != allele:
                    raise ValueError(
                        f"{name}: effect alleles {seen[file_part]!r} and {allele!r} would have "
                        f"the same file names ({file_part})"
                    )
                lengths = parse_repeat(allele) if locus.kind == "repeat" else file_part
                if same.setdefault(lengths, allele) != allele:
                    raise ValueError(
                        f"{name}: effect alleles {same[lengths]!r} and {allele!r} are the same"
                    )
        return loci

    @model_validator(mode="after")
    def _known_stratifiers(self) -> Config:
        for name, stratifier in self.strata.items():
            for part in stratifier.crossed:
                if part not in self.strata:
                    raise ValueError(
                        f"strata.{name} crosses {part!r}, which is not a stratifier"
                        + suggestion(part, self.strata)
                    )
                if self.strata[part].crossed:
                    raise ValueError(f"strata.{name} crosses {part!r}, which is crossed itself")
        if self.allele_frequency_by and self.allele_frequency_by not in self.strata:
            raise ValueError(
                f"allele_frequency_by: {self.allele_frequency_by!r} is not a stratifier"
                + suggestion(self.allele_frequency_by, self.strata)
            )
        for name, locus in self.loci.items():
            if locus.frequencies and not self.allele_frequency_by:
                raise ValueError(
                    f"loci.{name}.frequencies are by stratum: name the stratifier under "
                    "allele_frequency_by"
                )
        return self

    @model_validator(mode="after")
    def _known_moderators(self) -> Config:
        for name in (name for entry in self.moderators for name in entry):
            resolve(name, self.strata)
        return self

    @model_validator(mode="after")
    def _truth_of_simulated_studies(self) -> Config:
        if self.truth and not self.simulated:
            raise ValueError("truth: is known of simulated studies only; add `simulated: true`")
        return self

    @model_validator(mode="after")
    def _models_that_the_method_pools(self) -> Config:
        if self.pooling.needs_counts and "additive" in self.models:
            others = ", ".join(m for m in self.models if m != "additive") or "allelic"
            raise ValueError(
                f"pooling.method: {self.pooling.method} pools 2×2 tables, and the additive model "
                f"has none; name the others, models: [{others}]"
            )
        return self

    @property
    def stratifier_columns(self) -> tuple[str, ...]:
        """The columns of the tables that stratifiers read, in the order of the configuration."""
        columns = [s.column or name for name, s in self.strata.items() if not s.crossed]
        return tuple(dict.fromkeys(column.strip().lower() for column in columns))


@dataclass(frozen=True)
class Project:
    """A validated configuration and the folder that its paths start from."""

    config: Config
    source: Path

    @property
    def folder(self) -> Path:
        return self.source.parent

    @property
    def studies(self) -> Path:
        return self.folder / self.config.studies

    @property
    def results(self) -> Path:
        return self.folder / self.config.results

    @property
    def published(self) -> Path | None:
        return self.folder / self.config.published if self.config.published else None

    @property
    def truth(self) -> Path | None:
        return self.folder / self.config.truth if self.config.truth else None


def load(
    source: Path | str, values: Mapping[str, Any] | None = None, *, check_paths: bool = True
) -> Project:
    """Read and validate a configuration.

    Parameters
    ----------
    source : path
        The YAML file. Relative paths in it start from its folder.
    values : mapping, optional
        The values to validate in place of the file's own, when something else has merged
        them with overrides.
    check_paths : bool
        Whether the files and folders that it names have to be there.

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
    values = file.values if values is None else values
    if not isinstance(values, Mapping):
        raise ConfigError(source.name, ["expected keys and values, as `loci:`"])
    try:
        config = Config.model_validate(dict(values))
    except ValidationError as error:
        problems = list(dict.fromkeys(describe(detail, Config, file) for detail in error.errors()))
        raise ConfigError(source.name, problems) from None
    project = Project(config, source)
    try:
        problems = list(dict.fromkeys(_path_problems(project))) if check_paths else []
    except OSError as error:
        problems = [f"{error.filename}: {error.strerror}"]
    if problems:
        raise ConfigError(source.name, problems)
    return project


def _path_problems(project: Project) -> list[str]:
    folder, problems = project.folder.resolve(), []
    results = project.results.resolve()
    for key in ("studies", "results", "published", "truth"):
        if reason := path_problem(getattr(project.config, key)):
            problems.append(f"{key}: {reason}")
    if results.is_file() or folder not in results.parents:
        problems.append(
            f"results: {project.config.results!r} must be a folder below the configuration's own"
        )
    workflow = {folder / name for name in ("workflow", "src", "profiles", "tests")}
    for what, path in [("studies", project.studies), *(("workflow", p) for p in workflow)]:
        path = path.resolve()
        if results == path or results in path.parents:
            problems.append(
                f"results: {project.config.results!r} overlaps the folder of the {what}; "
                "give the results a folder of their own"
            )
    if not project.studies.is_dir():
        problems.append(f"studies: {project.config.studies!r} is not a folder in {folder}")
    if project.published is not None and not project.published.is_file():
        problems.append(f"published: {project.config.published!r} is not a file in {folder}")
    if project.truth is not None and not project.truth.is_file():
        problems.append(f"truth: {project.config.truth!r} is not a file in {folder}")
    if project.truth is not None and project.studies.resolve() in project.truth.resolve().parents:
        problems.append(f"truth: {project.config.truth!r} lies among the study tables")
    return problems


def json_schema() -> dict[str, Any]:
    """The configuration's JSON Schema, for editors."""
    schema = Config.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
