"""How improbable it is that independent studies give the same counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

#: Taken for known about sizes before any is seen: of so many pairs of groups one is of equal size.
PRIOR_PAIRS = 50


def log_probability(counts: Sequence[float]) -> float:
    """Log probability of exactly these counts in a sample as large from their own proportions.

    No proportions give them a greater one, so it is an upper bound of the chance that an
    independent group of as many people comes out the same.
    """
    total = sum(counts)
    log_p = math.lgamma(total + 1)
    for count in counts:
        log_p -= math.lgamma(count + 1)
        if count:
            log_p += count * math.log(count / total)
    return min(log_p, 0.0)


def share_of_equal(sizes: Iterable[Hashable]) -> float:
    """The share of pairs of groups that are of equal size, one pair set aside as the suspect."""
    number = Counter(sizes)
    n = sum(number.values())
    equal = sum(count * (count - 1) // 2 for count in number.values())
    return (max(equal - 1, 0) + 1) / (n * (n - 1) // 2 + PRIOR_PAIRS)


def grade(expected: float, warning: float, note: float) -> str:
    """`warning`, `note` or blank for the number of coincidences that chance would make."""
    return "warning" if expected < warning else "note" if expected < note else ""


def in_words(probability: float) -> str:
    """`1 in 24,000`, for people."""
    if probability >= 0.5:
        return f"{probability:.1g}"
    times = 1 / max(probability, 1e-300)
    return f"1 in {times:,.2g}" if times < 1000 else f"1 in {_rounded(times)}"


def _rounded(times: float) -> str:
    if times >= 1e9:
        return "more than a billion"
    digits = 10 ** (len(str(int(times))) - 2)
    return f"{round(times / digits) * digits:,}"
