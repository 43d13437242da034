"""Whether two labels are one label spelt in two ways."""

from __future__ import annotations

import re
import unicodedata

#: Words that differ in few letters and in meaning.
_OPPOSITES = frozenset(
    "north south east west northern southern eastern western northeast southeast northwest "
    "southwest male female males females pre post perimenopausal premenopausal postmenopausal "
    "hospital population community never ever current former".split()
)
_PUNCTUATION = re.compile(r"[^\w<>=+/]+|_", re.UNICODE)
#: The shortest words that may differ in one letter, and in two; longer than the last are no words.
ONE_LETTER, TWO_LETTERS, NO_WORD = 5, 8, 40


def tokens(label: str) -> tuple[str, ...]:
    """The words of a label: without case, accents, punctuation and plural s."""
    plain = unicodedata.normalize("NFKD", label).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = _PUNCTUATION.sub(" ", plain).split()
    return tuple(_singular(word) for word in words)


def _singular(word: str) -> str:
    ends = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if ends and len(word) > ONE_LETTER else word


def alike(one: str, other: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether two labels differ in spelling only.

    Blanks, punctuation, case, accents and plurals are ignored; a word may be cut to its first
    letter (`E. Asian`); and a long word may differ in a letter or two, unless both are words that
    are known (`Austrian`, `Australian`).

    Parameters
    ----------
    one, other : str
    known : frozenset of str
        Words that are right as they are.
    """
    a, b = tokens(one), tokens(other)
    if not a or not b:
        return False
    if "".join(a) == "".join(b):
        return True
    if len(a) != len(b):
        return False
    return all(_same_word(x, y, known) for x, y in zip(a, b, strict=True)) and (
        len(a) == 1 or any(x == y for x, y in zip(a, b, strict=True))
    )


def _same_word(one: str, other: str, known: frozenset[str]) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return len(long) >= 4 and short.isalpha() and long.startswith(short)
    if any(c.isdigit() for c in one + other) or {one, other} <= known | _OPPOSITES:
        return False
    return is_near(one, other)


def is_near(one: str, other: str) -> bool:
    """Whether two words differ in a letter, or in two if they are long and begin alike."""
    length = min(len(one), len(other))
    if not ONE_LETTER <= length <= NO_WORD or abs(len(one) - len(other)) > 2:
        return False
    allowed = 2 if length >= TWO_LETTERS and one[0] == other[0] else 1
    return distance(one, other) <= allowed


def distance(one: str, other: str) -> int:
    """Letters changed, left out, added, or exchanged with a neighbour (optimal string alignment).

    References
    ----------
    Damerau (1964), Communications of the ACM 7:171.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]
