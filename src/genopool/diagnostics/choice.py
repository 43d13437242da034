"""Which diagnostics and figures of them are made, as the configuration says it.

No numerics, so that reading a configuration stays quick.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

#: Tables of `results/{locus}`, each chosen by its name.
TABLES = (
    "sensitivity",
    "influence",
    "small_study",
    "metaregression",
    "multiplicity",
    "credibility",
    "verdict",
)
#: Those that `results/` has of all loci together too.
JOINED_DIAGNOSTICS = ("multiplicity", "verdict")
#: Further rows of `small_study.tsv`, by models that are fitted by search.
SELECTION = ("selection_models", "copas")
#: Kinds of figures.
FIGURES = (
    "funnel",
    "leave_one_out",
    "cumulative",
    "ternary",
    "sequential",
    "influence_panel",
    "baujat",
    "galbraith",
    "labbe",
    "gosh",
    "drapery",
    "bubble",
    "specification_curve",
)
FULL = (*TABLES, *SELECTION, *FIGURES)
STANDARD = (*TABLES, *FIGURES[:5])

Diagnostic = Literal[*FULL]


def as_names(value: Any) -> Any:
    """The names that a choice stands for: `standard`, `full`, one name, or `none`."""
    if value is None or value is False or value == "none":
        return ()
    if value == "standard":
        return STANDARD
    if value == "full":
        return FULL
    return (value,) if isinstance(value, str) else value


def in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Each name once, in the order of `FULL`."""
    return tuple(name for name in FULL if name in names)


#: A choice of diagnostics, as the names that it stands for.
Diagnostics = Annotated[
    tuple[Diagnostic, ...],
    BeforeValidator(as_names),
    AfterValidator(in_order),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["standard", "full", "none", *FULL]},
                {"type": "array", "items": {"enum": list(FULL)}},
            ]
        }
    ),
]


def chosen_tables(names: tuple[str, ...]) -> tuple[str, ...]:
    """The tables of a choice; what adds rows to a table chooses it too."""
    selection = any(name in names for name in SELECTION)
    return tuple(n for n in TABLES if n in names or (selection and n == "small_study"))


def joined_tables(names: tuple[str, ...]) -> tuple[str, ...]:
    """The tables of a choice that are shown of all loci together."""
    return tuple(name for name in JOINED_DIAGNOSTICS if name in chosen_tables(names))


def chosen_figures(names: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds of figures of a choice."""
    return tuple(name for name in FIGURES if name in names)
