"""Other people's text on a terminal: nothing in it can move the cursor, hide or reorder text."""

from __future__ import annotations

import unicodedata

#: Unicode categories that are not shown as themselves: control characters, formats (among them
#: those that reverse the direction of text), halves of surrogate pairs, line separators.
_HIDDEN = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
#: Formats that scripts and emoji need.
_JOINERS = "\u200c\u200d"


def printable(text: str, longest: int | None = None) -> str:
    r"""`text` on one line, with `\x1b` and the like for every character that is not shown.

    Parameters
    ----------
    text : str
    longest : int, optional
        Cut what is longer, and end it with an ellipsis.
    """
    if longest is not None and len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if character not in _JOINERS and unicodedata.category(character) in _HIDDEN
        else character
        for character in text
    )
