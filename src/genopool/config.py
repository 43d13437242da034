"""The configuration as typed objects, validated once, every problem at a time."""

from __future__ import annotations

import re
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
from genopool.diagnostics.settings import Checks
from genopool.pooling.settings import Part, Pooling
from genopool.yaml_file import YamlError, YamlFile

NAME_PATTERN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
_FILE_ENDING = re.compile(r"\.(tsv|html)$", re.IGNORECASE)
RESERVED_NAMES = frozenset(
    ["logs", "report", "studies", "figures", "con", "prn", "aux", "nul"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)]
)
OVERALL, ALL = "overall", "all"

Model = Literal[
    "allelic", "additive", "dominant", "recessive", "homozygous", "heterozygous", "overdominant"
]
MODELS: tuple[str, ...] = get_args(Model)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        raise ValueError(f"YAML reads this as {value}; write it in quotes")
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"expected text, not {value!r}; write it in quotes")
    if not value.strip():
        raise ValueError("expected text, not a blank")
    return value.strip()


def _texts(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _alleles(value: Any) -> Any:
    return value.split("/") if isinstance(value, str) else value


def _empty(value: Any) -> Any:
    return {} if value is None else value


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_texts)]
Alleles = Annotated[tuple[Text, ...], BeforeValidator(_alleles)]


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

    @model_validator(mode="after")
    def _complete(self) -> Locus:
        from genopool.studies.genotypes import parse_repeat

        repeated = {a for a in self.alleles if self.alleles.count(a) > 1}
        if repeated:
            raise ValueError(f"alleles names {', '.join(sorted(repeated))} twice")
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
        return self

    @property
    def questions(self) -> tuple[str, ...]:
        """The effect alleles, in the order of the configuration."""
        if self.effect_alleles:
            return tuple(dict.fromkeys(self.effect_alleles))
        return self.alleles[1:]


class Stratifier(Part):
    """How studies are divided into strata."""

    column: Text = Field("", description="Column of the tables; the stratifier's name by default.")
    groups: dict[Text, Texts] = Field(
        default_factory=dict, description="Stratum label: the values of the column it takes in."
    )
    cuts: tuple[float, ...] = Field(
        (), description="Cuts of a numeric column: [2005, 2010] makes three strata."
    )
    cross: Annotated[tuple[Text, ...], Field(alias="cross")] = Field(
        (), description="Two stratifiers to cross."
    )
    columns: tuple[Text, ...] = Field((), description="The same as cross.")
    other: Literal["exclude", "own", "each", "error"] = Field(
        "exclude",
        description="A value in no group: in no stratum (exclude), in one stratum Other (own), in "
        "a stratum of its own (each), or an error.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Stratifier:
        given = [name for name in ("groups", "cuts", "cross", "columns") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} cannot be given together")
        if self.crossed:
            if len(self.crossed) < 2 or len(set(self.crossed)) < len(self.crossed):
                raise ValueError(f"{given[0]}: expected two different stratifiers")
            if self.column or self.other != "exclude":
                raise ValueError(f"{given[0]} takes its strata from the stratifiers it crosses")
        if self.other != "exclude" and not self.groups:
            raise ValueError(f"other: {self.other} needs groups")
        if list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError("cuts: expected increasing numbers")
        owner: dict[str, str] = {}
        for label, values in self.groups.items():
            if label.casefold() in (ALL, OVERALL):
                raise ValueError(f"{label!r} is a reserved name")
            for value in values:
                if owner.setdefault(value.casefold(), label) != label:
                    raise ValueError(
                        f"{value!r} is in two groups, {owner[value.casefold()]!r} and {label!r}"
                    )
        return self

    @property
    def crossed(self) -> tuple[str, ...]:
        return self.cross or self.columns


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
    loci: dict[Text, Locus] = Field(description="The loci, by the name that the tables use.")
    models: Annotated[tuple[Model, ...], BeforeValidator(_texts)] = Field(
        MODELS, description="Genetic models, in the order of the report."
    )
    strata: Annotated[
        dict[Text, Annotated[Stratifier, BeforeValidator(_empty)]], BeforeValidator(_empty)
    ] = Field(default_factory=dict, description="Stratifiers, by name.")
    allele_frequency_by: Text = Field(
        "", description="Stratifier within which allele frequencies are comparable."
    )
    shared_controls: Literal["divide", "combine"] = Field(
        "divide", description="What is done when rows of one analysis share controls."
    )
    reported: Reported = Field(default_factory=Reported)
    pooling: Pooling = Field(default_factory=Pooling)
    checks: Checks = Field(default_factory=Checks)

    @field_validator("loci", "strata")
    @classmethod
    def _safe_names(cls, named: dict[str, Any]) -> dict[str, Any]:
        seen: dict[str, str] = {}
        problems = []
        for name in named:
            if not NAME_PATTERN.match(name):
                problems.append(
                    f"{name!r} cannot be a file name: expected letters, digits, '.', '_' and '-', "
                    "beginning with a letter or a digit"
                )
            if name.casefold() in RESERVED_NAMES | {OVERALL} or _FILE_ENDING.search(name):
                problems.append(f"{name!r} is a reserved name")
            if seen.setdefault(name.casefold(), name) != name:
                problems.append(f"{name!r} and {seen[name.casefold()]!r} differ only in case")
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


def load(source: Path | str, values: Mapping[str, Any] | None = None) -> Project:
    """Read and validate a configuration.

    Parameters
    ----------
    source : path
        The YAML file. Relative paths in it start from its folder.
    values : mapping, optional
        The values to validate in place of the file's own, when something else has merged
        them with overrides.

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
    problems = list(dict.fromkeys(_path_problems(project)))
    if problems:
        raise ConfigError(source.name, problems)
    return project


def _path_problems(project: Project) -> list[str]:
    folder, problems = project.folder.resolve(), []
    results = project.results.resolve()
    if folder not in results.parents:
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
    return problems


def file_name(name: str) -> str:
    """`name` as part of a file name: `<` is `lt`, `>=` is `ge`, `,` and `/` are `-`."""
    for sign, word in (("<=", "le"), (">=", "ge"), ("<", "lt"), (">", "gt")):
        name = name.replace(sign, word)
    return re.sub(r"[^A-Za-z0-9._-]", "_", re.sub(r"[,/]", "-", name))


def json_schema() -> dict[str, Any]:
    """The configuration's JSON Schema, for editors."""
    schema = Config.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
