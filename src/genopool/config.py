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
from genopool.config_values import Alleles, Text, Texts, as_texts, nothing_as_empty
from genopool.diagnostics.settings import Checks
from genopool.names import LONGEST_NAME, file_name, name_problems, path_problem
from genopool.pooling.settings import Part, Pooling
from genopool.studies.settings import KEEP, Overlaps, Stratifier
from genopool.yaml_file import YamlError, YamlFile

Model = Literal[
    "allelic", "additive", "dominant", "recessive", "homozygous", "heterozygous", "overdominant"
]
MODELS: tuple[str, ...] = get_args(Model)


def _chromosome(value: Any) -> Any:
    """`X`; anything else is refused with what it would mean."""
    name = str(value).strip().upper()
    if name.removeprefix("CHR") in ("X", "23"):
        return "X"
    if name in ("Y", "M", "MT", "24", "25", "26"):
        raise ValueError(
            f"{value!r} is not offered: of a locus of one allele a person, give allele counts "
            "(cases_A) without chromosome, for the allelic model"
        )
    if name:
        raise ValueError(f"{value!r} is not known: X, or leave it out for an autosome")
    return ""


class Locus(Part):
    """A place in the genome and the questions asked of it."""

    gene: Text = Field("", description="Gene symbol, shown in the report.")
    label: Text = Field("", description="Name in figures and the report; the key when left out.")
    rsid: Text = Field("", description="dbSNP identifier.")
    kind: Literal["snp", "repeat", "multiallelic"] = Field(
        "snp", description="snp: two alleles; repeat: lengths; multiallelic: three or more alleles."
    )
    alleles: Alleles = Field(
        (), description="reference/effect, letters or words (A/C, I/D, reference/variant)."
    )
    effect_alleles: Texts = Field(
        (),
        description="One question each. Of a repeat: a length (19), a set (17,19,20) or a "
        "comparison (<19, >=20); every other allele is the reference.",
    )
    turn: Texts = Field(
        (),
        description="Studies whose two alleles are exchanged, since their source counts the other "
        "one or the other strand.",
    )
    frequencies: dict[Text, Annotated[float, Field(gt=0, lt=1)]] = Field(
        default_factory=dict,
        description="Frequency of the effect allele by stratum of allele_frequency_by, known from "
        "outside: the checks of frequency and orientation compare the controls with it.",
    )
    against: Literal["rest", "reference"] = Field(
        "rest",
        description="Of a multiallelic locus: each effect allele against all others, or against "
        "the first allele only.",
    )
    chromosome: Annotated[Literal["", "X"], BeforeValidator(_chromosome)] = Field(
        "", description="X where men carry one allele; left out for an autosome."
    )

    reference_length: Text = Field(
        "",
        description="Of a repeat: the length that each other one is compared with; the most common "
        "in controls when left out.",
    )
    length_tails: Texts = Field(
        (),
        description="Of a repeat: the shortest and the longest lengths that are taken together "
        "when lengths are compared one by one, as [<=15, >=23].",
    )

    @model_validator(mode="after")
    def _complete(self) -> Locus:
        from genopool.studies.genotypes import parse_repeat

        repeated = {a for a in self.alleles if self.alleles.count(a) > 1}
        if repeated:
            raise ValueError(f"alleles names {', '.join(sorted(repeated))} twice")
        signs = [a for a in self.alleles if "/" in a or "+" in a]
        if signs:
            raise ValueError(
                f"alleles: {', '.join(signs)} cannot be the name of an allele, since / separates "
                "the alleles of a genotype and + adds genotypes; use a word, as present/absent"
            )
        if self.kind == "repeat":
            if self.alleles:
                raise ValueError("a repeat has effect_alleles (lengths), not alleles")
            if not self.effect_alleles:
                raise ValueError('effect_alleles is missing: name lengths, as ["19", "<19"]')
            for allele in self.effect_alleles:
                parse_repeat(allele)
        else:
            least = 2 if self.kind == "snp" else 3
            if len(self.alleles) < least or (self.kind == "snp" and len(self.alleles) > 2):
                wanted = (
                    "two alleles, reference/effect, as A/C"
                    if self.kind == "snp"
                    else "three or more alleles, reference first, as e3/e2/e4"
                )
                raise ValueError(f"alleles: expected {wanted}")
            unknown = [a for a in self.effect_alleles if a not in self.alleles]
            if unknown:
                raise ValueError(
                    f"effect_alleles names {', '.join(unknown)}, "
                    f"which is not one of the alleles {'/'.join(self.alleles)}"
                )
            if self.against == "reference" and self.alleles[0] in self.effect_alleles:
                raise ValueError(
                    f"against: reference compares with {self.alleles[0]}, "
                    "which cannot be an effect allele too"
                )
        if self.frequencies and len(self.questions) != 1:
            raise ValueError("frequencies: is for a locus with one effect allele")
        if self.turn and self.kind != "snp":
            raise ValueError("turn: is for kind: snp, whose two alleles can change places")
        if self.against == "reference" and self.kind != "multiallelic":
            raise ValueError("against: reference is for kind: multiallelic")
        self._check_lengths()
        return self

    def _check_lengths(self) -> None:
        from genopool.studies.genotypes import parse_repeat, parse_tails

        if self.kind != "repeat":
            for name in ("reference_length", "length_tails"):
                if getattr(self, name):
                    raise ValueError(f"{name} is for kind: repeat")
            return
        tails = parse_tails(self.length_tails)
        if not self.reference_length:
            return
        reference = parse_repeat(self.reference_length)
        if reference.bit_count() != 1:
            raise ValueError(f"reference_length: {self.reference_length!r} is not one length")
        for name, lengths in tails.items():
            if lengths & reference:
                raise ValueError(f"reference_length: {self.reference_length} lies in {name}")

    @property
    def questions(self) -> tuple[str, ...]:
        """The effect alleles, in the order of the configuration."""
        if self.effect_alleles:
            return tuple(dict.fromkeys(self.effect_alleles))
        return self.alleles[1:]


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
        from genopool.studies.genotypes import parse_repeat

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
