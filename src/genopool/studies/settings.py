"""Loci, strata, and which of overlapping studies is kept, as the configuration gives them.

No numerics, so that reading a configuration stays quick.
"""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from genopool.config_values import ALL, OVERALL, Alleles, Text, Texts
from genopool.pooling.settings import Part
from genopool.studies.cells import is_blank
from genopool.studies.genotypes import parse_repeat, parse_tails

KEEP = "keep"
RULES = ("larger", "newer")


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


def _rule_and_choices(overlaps: dict[str, str]) -> dict[str, str]:
    """`overlaps` with its rule, refused if it names no rule or keeps in a circle."""
    rule = overlaps.get(KEEP, RULES[0])
    if rule not in RULES:
        raise ValueError(f"{KEEP}: {rule!r} is not known; expected one of {', '.join(RULES)}")
    choices = {left: kept for left, kept in overlaps.items() if left != KEEP}
    for study in choices:
        seen = [study]
        while seen[-1] in choices:
            following = choices[seen[-1]]
            if following in seen:
                circle = " → ".join([*seen, following])
                raise ValueError(f"{circle}: keeps each in place of the other")
            seen.append(following)
    return {KEEP: rule, **choices}


Overlaps = Annotated[dict[Text, Text], AfterValidator(_rule_and_choices)]


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
        (), description="Two or more stratifiers to cross."
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
        if not all(isfinite(cut) for cut in self.cuts) or list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError("cuts: expected increasing numbers")
        owner: dict[str, str] = {}
        for label in self.groups:  # a group takes in its own label
            if label.casefold() in (ALL, OVERALL):
                raise ValueError(f"{label!r} is a reserved name")
            if owner.setdefault(label.casefold(), label) != label:
                raise ValueError(f"{label!r} and {owner[label.casefold()]!r} differ only in case")
        for label, values in self.groups.items():
            for value in values:
                if is_blank(value):
                    raise ValueError(
                        f"{value!r} means not reported in the tables and can be in no group"
                    )
                if owner.setdefault(value.casefold(), label) != label:
                    raise ValueError(
                        f"{value!r} is in two groups, {owner[value.casefold()]!r} and {label!r}"
                    )
        return self

    @property
    def crossed(self) -> tuple[str, ...]:
        return self.cross or self.columns
