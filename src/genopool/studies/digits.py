"""Slips of the pen: numbers that differ as a typist's do."""

from __future__ import annotations

from typing import Any


def slip(written: int, meant: int) -> str:
    """How `written` may have come from `meant`; blank where no common slip does it.

    Two neighbouring digits exchanged, a digit left out or typed twice, or one digit mistaken.
    """
    one, other = str(written), str(meant)
    if meant < 0 or one == other:
        return ""
    if len(one) == len(other):
        differing = [place for place in range(len(one)) if one[place] != other[place]]
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            first, second = differing
            if one[first] == other[second] and one[second] == other[first]:
                return "two digits exchanged"
        return "one digit mistaken" if len(differing) == 1 and len(one) > 1 else ""
    longer, shorter, words = (
        (other, one, "a digit left out") if len(other) > len(one) else (one, other, "a digit added")
    )
    if len(longer) - len(shorter) == 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    ):
        return words
    return ""


#: Slips from the most telling to the least: many numbers differ in one digit.
ORDER = ("two digits exchanged", "a digit left out", "a digit added", "one digit mistaken")


def likeliest(candidates: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Of slips with what each would explain, those of the most telling kind."""
    for kind in ORDER:
        found = [candidate for candidate in candidates if candidate[0] == kind]
        if found:
            return found
    return []
