"""What is wrong with a configuration, in words: the line, the key, the value, what was expected."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from genopool.terminal import printable
from genopool.yaml_file import YamlFile

#: So much of a problem is said; the value in it can be as long as the file.
LONGEST, LONGEST_VALUE = 2_000, 200

_EXPECTED = {
    "tuple_type": "a list, as [first, second]",
    "dict_type": "keys and values, as `name: value`",
    "model_type": "keys and values, as `name: value`",
    "model_attributes_type": "keys and values, as `name: value`",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "float_parsing": "a number",
    "float_type": "a number",
}


class ConfigError(ValueError):
    """A configuration that cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, source: str, problems: list[str]) -> None:
        self.problems = problems = [printable(problem, LONGEST) for problem in problems]
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        super().__init__("\n".join([f"{source} has {count}:", *(f"  - {p}" for p in problems)]))


def suggestion(name: str, known: Iterable[Any]) -> str:
    """`; did you mean …?` when something known is spelt almost like `name`, else nothing."""
    words, name = [str(word) for word in known], str(name)[:LONGEST_VALUE]
    close = difflib.get_close_matches(name, words, n=1, cutoff=0.6)
    if not close:
        return ""
    foreign = next((letter for letter in name if not letter.isascii()), "")
    if not foreign or not close[0].isascii():
        return f"; did you mean {close[0]!r}?"
    # A letter of another alphabet can look the same.
    return f"; did you mean {close[0]!r}? (it has {foreign!r}, {unicodedata.name(foreign, '?')})"


def describe(detail: Mapping[str, Any], model: type[BaseModel], file: YamlFile) -> str:
    """One of pydantic's errors as a sentence.

    Parameters
    ----------
    detail : mapping
        An item of `ValidationError.errors()`.
    model : type
        The model that was validated.
    file : YamlFile
        Where the values come from.
    """
    keys = [key for key in detail["loc"] if not _is_pydantics_own(key)]
    line = file.line(keys)
    where = (f"line {line}, " if line else "") + ".".join(map(str, keys))
    text = _wording(detail, keys, model)
    return f"{where}: {text}" if where else text


def _wording(detail: Mapping[str, Any], keys: list[Any], model: type[BaseModel]) -> str:
    value = detail["input"]
    shown = repr(value) if len(repr(value)) <= LONGEST_VALUE else repr(value)[:LONGEST_VALUE] + "…"
    if detail["type"] == "extra_forbidden":
        known = _keys_of(model, keys[:-1])
        close = suggestion(keys[-1], known) or "."
        return f"unknown key{close} Known keys: {', '.join(known)}"
    if detail["type"] == "literal_error":
        valid = [v.strip().strip("'") for v in re.split(r",| or ", detail["ctx"]["expected"])]
        close = suggestion(value, valid) or "."
        return f"{shown} is not known{close} Expected one of: {', '.join(valid)}"
    if detail["type"] == "missing":
        return "missing"
    if detail["type"] == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    expected = _EXPECTED.get(detail["type"])
    if expected:
        return f"{shown} is not {expected}"
    return f"{shown}: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _is_pydantics_own(key: Any) -> bool:
    """Steps of a location that are not keys of the file: members of a union, keys as such."""
    return key in ("[key]", "float") or str(key).startswith(("function-", "literal[", "constrain"))


def _keys_of(model: type[BaseModel], keys: list[Any]) -> list[str]:
    """The keys that may stand below `keys`."""
    for key in keys:
        if key in model.model_fields:
            model = _model_in(model.model_fields[key].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation: itself, or the values of a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found is not None:
            return found
    return None
