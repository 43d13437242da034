"""How improbable it is that independent studies give the same counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

#: Taken for known about sizes before any is seen: of so many pairs of groups one is of equal size
#: (among the 52 groups of the IL-8 studies, 1 pair in 133),
PRIOR_PAIRS = 150
#: and where the cases are as many, of so many pairs of studies one has as many controls too.
PRIOR_PAIRS_OF_BOTH = 10


def log_probability(counts: Sequence[float]) -> float:
    """Log probability that an independent group of as many people has exactly these counts.

    The proportions of the population are known from the counts themselves only, so this is the
    posterior predictive distribution of a multinomial with Jeffreys' prior (Dirichlet, 1/2). Over
    the samples that a population gives it averages to the probability that two of them are equal.
    """
    total, cells = sum(counts), len(counts)
    log_p = math.lgamma(total + 1) + math.lgamma(total + cells / 2)
    log_p -= math.lgamma(2 * total + cells / 2)
    for count in counts:
        log_p += math.lgamma(2 * count + 0.5) - math.lgamma(count + 0.5) - math.lgamma(count + 1)
    return min(log_p, 0.0)


def pairs_among(numbers: Iterable[int]) -> int:
    """Pairs within groups of so many members each."""
    return sum(math.comb(number, 2) for number in numbers)


class EqualSizes:
    """How often groups, or pairs of groups, are of equal size.

    Groups with the same counts are what is suspected, and no evidence that equal sizes are the
    rule: their pairs are set aside.

    Parameters
    ----------
    sizes : iterable of hashable
        Numbers of people; for cases and controls together, both.
    contents : iterable of hashable
        What stands in the groups, their size included.
    """

    def __init__(self, sizes: Iterable[Hashable], contents: Iterable[Hashable] = ()) -> None:
        number = Counter(sizes)
        suspected = pairs_among(Counter(contents).values())
        self.pairs = max(math.comb(number.total(), 2) - suspected, 0)
        self.equal = max(pairs_among(number.values()) - suspected, 0)

    def share(self, cases: float, controls: float | None = None) -> float:
        """The share of pairs of equal size.

        What these studies say is added to what is known of others (`PRIOR_PAIRS`): that small
        groups are as many more often.
        """
        prior = min(cases, PRIOR_PAIRS)
        if controls is not None:
            prior *= min(controls, PRIOR_PAIRS_OF_BOTH)
        return min(1.0, max(self.equal, 1) / max(self.pairs + prior, 1))


def grade(expected: float, warning: float, note: float) -> str:
    """`warning`, `note` or blank for the number of coincidences that chance would make."""
    return "warning" if expected < warning else "note" if expected < note else ""


def in_words(probability: float) -> str:
    """`1 in 24,000`, for people."""
    if probability >= 0.5:
        return f"{probability:.1g}"
    times = 1 / max(probability, 1e-300)
    if times >= 1e9:
        return "1 in more than a billion"
    unit = 10 ** max(len(str(int(times))) - 2, 0)
    return f"1 in {round(times / unit) * unit:,}"


def how_often(expected: float) -> str:
    """What chance does, by the number of coincidences expected in a table."""
    if expected >= 0.5:
        return f"chance does this about {max(round(expected), 1)} times in a table like this"
    return f"chance does this in {in_words(expected).replace('in', 'of', 1)} tables like this"
