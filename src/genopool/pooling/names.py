"""Refusing unknown names in a way that helps."""

from collections.abc import Iterable
from difflib import get_close_matches


def check_name(kind: str, name: object, valid: Iterable[str]) -> None:
    """Raise ValueError, listing the valid names, unless `name` is one of them."""
    valid = list(valid)
    if name in valid:
        return
    close = get_close_matches(str(name).lower(), [v.lower() for v in valid], n=1)
    hint = next((f"; did you mean {v!r}?" for v in valid if close and v.lower() == close[0]), "")
    raise ValueError(f"unknown {kind} {name!r}{hint}. Valid: {', '.join(valid)}")


def check_level(level: float) -> None:
    """Raise ValueError unless `level` is a probability strictly between 0 and 1."""
    if not isinstance(level, int | float) or not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, such as 0.95, not {level!r}")
