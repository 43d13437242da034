"""Values of the configuration as YAML gives them and as we want them: text, lists of text."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator

OVERALL, ALL = "overall", "all"


def as_text(value: Any) -> str:
    """Text without blanks around it; numbers as written, nothing that YAML turned into another."""
    if isinstance(value, bool):
        raise ValueError(f"YAML reads this as {value}; write it in quotes")
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"expected text, not {value!r}; write it in quotes")
    if not value.strip():
        raise ValueError("expected text, not a blank")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in value):
        raise ValueError(f"{value[:80]!a} has characters that cannot be written")
    return value.strip()


def as_texts(value: Any) -> Any:
    """A single value as a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def split_alleles(value: Any) -> Any:
    """`A/C` as a list."""
    return value.split("/") if isinstance(value, str) else value


def nothing_as_empty(value: Any) -> Any:
    """A key without a value as an empty mapping."""
    return {} if value is None else value


# What editors are told to accept is what is written, before it is made into one form.
Text = Annotated[str, BeforeValidator(as_text, json_schema_input_type=str | int)]
_TextOrTexts = str | int | list[str | int]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_texts, json_schema_input_type=_TextOrTexts)]
Alleles = Annotated[
    tuple[Text, ...], BeforeValidator(split_alleles, json_schema_input_type=_TextOrTexts)
]
