"""How the configuration divides studies into strata, and which of overlapping studies it keeps.

No numerics, so that reading a configuration stays quick.
"""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from genopool.config_values import ALL, OVERALL, Text, Texts
from genopool.pooling.settings import Part
from genopool.studies.cells import is_blank

KEEP = "keep"
RULES = ("larger", "newer")


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
