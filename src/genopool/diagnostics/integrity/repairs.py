"""Errors of a table as the tables that it may have been before them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import log
from typing import NamedTuple

#: Places of the cells in a row of counts: cases with 0, 1, 2 effect alleles, then controls.
_BY_GENOTYPE = {
    "turned": [(2, 1, 0, 5, 4, 3)],
    "swapped": [(3, 4, 5, 0, 1, 2)],
    "columns": [
        (1, 0, 2, 4, 3, 5),
        (0, 2, 1, 3, 5, 4),
        (2, 1, 0, 3, 4, 5),
        (0, 1, 2, 5, 4, 3),
        (1, 0, 2, 3, 4, 5),
        (0, 2, 1, 3, 4, 5),
        (0, 1, 2, 4, 3, 5),
        (0, 1, 2, 3, 5, 4),
    ],
    "exchanged": [(3, 1, 2, 0, 4, 5), (0, 4, 2, 3, 1, 5), (0, 1, 5, 3, 4, 2)],
}
_BY_ALLELE = {
    "turned": [(1, 0, 3, 2)],
    "swapped": [(2, 3, 0, 1)],
    "columns": [(1, 0, 2, 3), (0, 1, 3, 2)],
}
#: How often each exchange of `columns` is made, where they are not all as likely: heterozygotes on
#: both sides, one side turned, heterozygotes on one side.
_SHARES = {"columns": (0.15, 0.15, 0.2, 0.2, 0.075, 0.075, 0.075, 0.075)}
#: How often each error of a digit is made, among them all.
_SLIPS = {"transposed": 0.4, "dropped": 0.2, "doubled": 0.2, "mistyped": 0.2}


class Repair(NamedTuple):
    """A table that may stand behind the one that was read.

    Attributes
    ----------
    kind : str
        `turned`, `swapped`, `columns`, `exchanged` or `digits`.
    table : tuple of int
        Cases, then controls.
    cells : tuple of int
        The places that differ.
    log_weight : float
        Log probability, given such an error, that it made this table into the one that was read.
    slip : str
        What happened to the digits.
    """

    kind: str
    table: tuple[int, ...]
    cells: tuple[int, ...]
    log_weight: float
    slip: str = ""


def repairs(table: tuple[int, ...]) -> Iterator[Repair]:
    """Every table that one error turns into `table`, which is not itself among them."""
    permutations = _BY_GENOTYPE if len(table) == 6 else _BY_ALLELE
    for kind, places in permutations.items():
        shares = _SHARES[kind] if len(places) == 8 else (1 / len(places),) * len(places)
        for order, share in zip(places, shares, strict=True):
            before = tuple(table[place] for place in order)
            if before != table:
                changed = tuple(i for i, place in enumerate(order) if table[place] != table[i])
                yield Repair(kind, before, changed, log(share))
    any_cell = -log(len(table))
    for place, value in enumerate(table):
        first, last, cells = table[:place], table[place + 1 :], (place,)
        for slip, before, log_weight in digit_repairs(value):
            yield Repair("digits", (*first, before, *last), cells, log_weight + any_cell, slip)


@lru_cache(maxsize=4096)
def digit_repairs(value: int) -> tuple[tuple[str, int, float], ...]:
    """The numbers that one slip turns into `value`: the slip, the number, its log weight."""
    text = str(value)
    found: dict[tuple[str, int], float] = {}

    def add(slip: str, before: str, ways: int) -> None:
        if before and (before == "0" or before[0] != "0") and int(before) != value:
            key = slip, int(before)
            found[key] = found.get(key, 0.0) + _SLIPS[slip] / ways

    pairs = [i for i in range(len(text) - 1) if text[i] != text[i + 1]]
    for i in pairs:
        add("transposed", text[:i] + text[i + 1] + text[i] + text[i + 2 :], len(pairs))
    for i in range(len(text) + 1):
        for digit in "0123456789":
            longer = text[:i] + digit + text[i:]
            if i == 0 or text[i - 1] != digit:  # the same number, made once
                runs = len(longer)
                add("dropped", longer, runs)
    for i in range(len(text) - 1):
        if text[i] == text[i + 1]:
            add("doubled", text[:i] + text[i + 1 :], len(text) - 1)
    for i, old in enumerate(text):
        for digit in "0123456789":
            if digit != old:
                add("mistyped", text[:i] + digit + text[i + 1 :], 9 * len(text))
    return tuple((slip, before, log(share)) for (slip, before), share in found.items())
