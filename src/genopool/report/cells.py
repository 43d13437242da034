"""Numbers as a reader wants them, and the mark for a number that does not exist."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from genopool.report.inputs import number

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ABSENT = Markup('<span class="na" title="{0}">–<span class="vh"> ({0})</span></span>')


def absent(reason: str) -> Markup:
    """An en dash that carries its reason, for the mouse and for screen readers."""
    return _ABSENT.format(reason or "not available")


def is_absent(cell: str | Markup) -> bool:
    """Whether a cell is the dash of `absent`."""
    return isinstance(cell, Markup) and cell.startswith(_ABSENT[: _ABSENT.index("{")])


def power(value: float, digits: int = 1) -> str:
    """Scientific notation: 3.2 × 10⁻⁵."""
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}".replace("-", "−")


def fixed(value: Any, digits: int, reason: str = "") -> str | Markup:
    """A number with a fixed count of decimals and a true minus sign."""
    x = number(value)
    if x is None:
        return absent(reason)
    printed = f"{x:,.{digits}f}"
    if printed.startswith("-"):
        printed = printed[1:] if float(printed.replace(",", "")) == 0 else "−" + printed[1:]
    return printed


def count(value: Any, reason: str = "") -> str | Markup:
    """People or chromosomes; shared controls may be divided and so not whole."""
    x = number(value)
    if x is None:
        return absent(reason)
    return f"{x:,.0f}" if abs(x - round(x)) < 1e-9 else f"{x:,.1f}"


def ratio(value: Any, reason: str = "") -> str | Markup:
    """An odds ratio: two decimals where that is enough, two significant digits below 0.1."""
    x = number(value)
    if x is None:
        return absent(reason)
    if x >= 1e5:
        return power(x)
    if x >= 99.995:
        return f"{x:,.0f}"
    if x >= 0.0995:
        return f"{x:.2f}"
    if x >= 0.000995:
        return f"{x:.{1 - math.floor(math.log10(x))}f}"
    return power(x) if x > 0 else "0"


def interval(low: Any, high: Any, reason: str = "") -> str | Markup:
    """An interval of odds ratios."""
    if number(low) is None or number(high) is None:
        return absent(reason)
    return f"[{_limit(low)}, {_limit(high)}]"


def _limit(value: Any) -> str:
    # With two studies a limit can have any number of digits, and none of them says more than this.
    x = number(value)
    if x < 0.001:
        return "< 0.001"
    return str(ratio(x)) if x <= 99_999 else "> 99,999"


def p_value(value: Any, reason: str = "") -> str | Markup:
    """Two significant digits, so that 0.0494 never reads as 0.05."""
    p = number(value)
    if p is None:
        return absent(reason)
    if p >= 0.0995:
        return f"{p:.2f}"
    if p >= 0.000995:
        return f"{p:.{1 - math.floor(math.log10(p))}f}"
    return power(p) if p >= 1e-300 else "< 10⁻³⁰⁰"


def variance(value: Any, reason: str = "") -> str | Markup:
    """tau², three decimals; a positive one never reads as zero."""
    x = number(value)
    if x is None:
        return absent(reason)
    if x == 0:
        return "0"
    if abs(x) < 0.0005:
        return "< 0.001"
    return f"{x:.3f}" if x < 99.95 else ratio(x)


def variance_interval(low: Any, high: Any, reason: str = "") -> str | Markup:
    """The interval of tau²."""
    if number(low) is None or number(high) is None:
        return absent(reason)
    return f"[{variance(low)}, {variance(high)}]"


def percent(value: Any, reason: str = "", digits: int = 1) -> str | Markup:
    """A number already in per cent."""
    x = number(value)
    return absent(reason) if x is None else f"{x:.{digits}f}%"


def span(low: float, high: float) -> str:
    """A range of proportions, in per cent: `22.8% to 51.3%`, or one of them if they are one."""
    return f"{100 * low:.1f}%" + (f" to {100 * high:.1f}%" if high > low else "")


def stacked(above: str | Markup, below: str | Markup) -> str | Markup:
    """Two lines in one cell; one where both are the same dash."""
    if above == below and is_absent(above):
        return above
    return Markup('{} <span class="below">{}</span>').format(above, below)


def level(value: float) -> str:
    """A confidence level: 95%."""
    return f"{100 * value:g}%"


def plural(n: int, one: str, many: str = "") -> str:
    """`1 study`, `3 studies`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(words: list[str], joiner: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joiner} {words[-1]}"
