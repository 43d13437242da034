"""What a single cell of text can be, whatever column it stands in."""

from __future__ import annotations

import re
import unicodedata

#: The spellings of *not reported*, in capitals; nothing else is blank (`null` can be an allele).
BLANKS = frozenset(
    "|NA|N/A|N.A.|NR|N.R.|N/R|ND|N.D.|N/D|.|..|...|…|-|--|–|—|−|NOT REPORTED|NOT AVAILABLE|NOT "
    "GIVEN|NOT STATED|NOT DETERMINED".split("|")
)
EXCEL_ERROR = re.compile(r"^#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$")
#: Marks that point to a note below a table. A letter or a digit does so only when raised.
FOOTNOTE_MARKS = "*†‡§¶‖#"
_RAISED = "ªº°¹²³⁰⁴⁵⁶⁷⁸⁹⁺ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
#: Characters that look like blanks or are not seen at all.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"))
_SAME = str.maketrans({"−": "-", "‐": "-", "‑": "-", "’": "'", "‘": "'", "ʼ": "'", "´": "'"})


def is_blank(text: str) -> bool:
    """Whether a cell says that a value is not reported."""
    return not text or (len(text) <= 14 and text.upper() in BLANKS)


def tidy(text: str) -> str:
    """A cell without blanks around it and with ordinary blanks inside."""
    if text.isascii():
        return text.strip()
    return re.sub(r"[^\S\n]", " ", text.translate(_INVISIBLE)).strip()


def plain(text: str) -> str:
    """`text` with the digits, signs and letters of ASCII in place of their look-alikes.

    Raised and circled digits stay what they are: they point to notes.
    """
    if text.isascii():
        return text
    return "".join(map(_plain_character, tidy(text).translate(_SAME)))


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if unicodedata.decomposition(character).startswith(("<wide>", "<narrow>", "<noBreak>")):
        return unicodedata.normalize("NFKC", character)
    return character


def without_footnote(text: str) -> tuple[str, str]:
    """A cell without the marks at its end that point to a note, and those marks."""
    bare = text.rstrip(FOOTNOTE_MARKS + _RAISED + ", \u00a0")
    marks = text[len(bare) :].strip(", \u00a0")
    return (bare, marks) if bare and marks else (text, "")


def fold(name: str) -> str:
    """A name as it is compared: without case, blanks in place of brackets and `_ . , : ; -`."""
    words = re.sub(r"[\s_.,:;()\[\]{}\-–—]+", " ", plain(name)).casefold().split()
    return " ".join(words).replace(" %", "%").replace("95%ci", "95% ci")
