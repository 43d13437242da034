"""Numbers and lists as sentences have them."""

from __future__ import annotations

from collections.abc import Sequence

_MOST_NAMED = 3
_SMALL_NUMBERS = "no one two three four five six seven eight nine ten".split()


def odds_ratio(value: float) -> str:
    """`1.24`; `1.004` where two decimals would hide on which side of 1 it is."""
    if value > 1000:
        return "over 1,000"
    if value < 0.01:
        return "below 0.01"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value - 1) >= 0.005 or value == 1 else f"{value:.3f}"


def rounded(value: float) -> str:
    """`1.24`; an estimate, whose side of 1 its interval tells."""
    return "1.00" if abs(value - 1) < 0.005 else odds_ratio(value)


def p_value(value: float) -> str:
    """`p = 0.012`, `p < 0.0001`; never rounded over the limit of 0.05."""
    if value < 0.0001:
        return "p < 0.0001"
    if value >= 0.0995:
        return f"p = {value:.2f}"
    return f"p = {value:.4f}" if value < 0.01 or 0.0495 <= value < 0.0505 else f"p = {value:.3f}"


def per_cent(value: float) -> str:
    """`43%`, of 43; `under 1%`, `over 99%`."""
    if value < 0.995:
        return "0%" if value == 0 else "under 1%"
    return "over 99%" if 99 < value < 100 else f"{value:.0f}%"


def inconsistency(i2: float) -> str:
    """`I² = 43%`, `I² under 1%`, `I² over 99%`."""
    share = per_cent(i2)
    return f"I² = {share}" if share[0].isdigit() else f"I² {share}"


def variance(value: float) -> str:
    """`tau² = 0.024`, `tau² below 0.001`."""
    if 0 < value < 0.001:
        return "tau² below 0.001"
    return f"tau² = {value:.3f}" if value else "tau² = 0"


def number(value: int) -> str:
    """`three`, `12`."""
    return _SMALL_NUMBERS[value] if 0 <= value <= 10 else f"{value:,}"


def plural(value: int, one: str, many: str) -> str:
    """`1 study`, `12 studies`."""
    return f"{value:,} {one if value == 1 else many}"


def either(names: Sequence[str]) -> str:
    """`A`, `A or without B`, `any of 5 studies`: one of them at a time."""
    if len(names) > _MOST_NAMED:
        return f"any of {number(len(names))} studies"
    return " or without ".join(names)


def listed(names: Sequence[str], many: str = "others", *, joined: str = "and") -> str:
    """`A`, `A and B`, `A, B and C`, `A, B, C and 4 others`."""
    if len(names) > _MOST_NAMED + 1:
        rest = f"{len(names) - _MOST_NAMED:,} {many}"
        return f"{', '.join(names[:_MOST_NAMED])} {joined} {rest}"
    return f" {joined} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
