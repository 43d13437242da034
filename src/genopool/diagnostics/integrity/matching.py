"""Finding counts that stand twice among many rows, and how often chance would do it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from genopool.diagnostics.integrity.coincidence import EqualSizes, log_probability
from genopool.diagnostics.integrity.samples import Sample, Vector

SIDES = ("cases", "controls")


@dataclass(frozen=True)
class Match:
    """A sample that repeats an earlier one.

    Attributes
    ----------
    later, earlier : Sample
    what : {"all", "cases", "controls"}
        Which counts of the later one.
    repeats : str
        Which counts of the earlier one: `all`, `cases` or `controls`.
    how : str
        Blank, `turned`, `exchanged`, or `turned and exchanged`.
    factor : float
        What the earlier counts were multiplied by.
    expected : float
        Coincidences as good as this one that chance would make among all pairs compared.
    chance : float
        Of this one pair.
    """

    later: Sample
    earlier: Sample
    what: str
    repeats: str
    how: str
    factor: float
    expected: float
    chance: float


Allowed = Callable[[Sample, Sample], bool]


def find_matches(
    samples: Sequence[Sample],
    turnable: bool,
    allowed: Allowed,
    own_controls: set[int],
    *,
    same_form: bool = True,
    whole_only: bool = False,
) -> list[Match]:
    """Every sample that repeats an earlier one, with the earliest that it repeats.

    Parameters
    ----------
    samples : sequence of Sample
        In the order in which they stand.
    turnable : bool
        Compare reversed vectors too.
    allowed : callable
        Whether a pair may be compared.
    own_controls : set of int
        `id` of the rows whose controls stand for their control group.
    same_form : bool
        Compare rows that fill the same cells; otherwise only those that do not, since the others
        are compared in a finer form.
    whole_only : bool
        Compare all counts of a row only.
    """
    matches = _whole(samples, turnable, allowed, same_form)
    if whole_only:
        return matches
    whole = {id(match.later.row) for match in matches}
    return matches + _sides(samples, turnable, allowed, own_controls, whole, same_form)


class _Buckets:
    """Samples of one content, the earliest that may be compared found without a look at all."""

    def __init__(self, allowed: Allowed, same_form: bool) -> None:
        self._allowed = allowed
        self._same_form = same_form
        self._members: dict[tuple, dict[tuple[str, ...], list[tuple[int, Sample, str]]]] = {}

    def earliest(self, key: tuple, sample: Sample, side: str = "") -> tuple[Sample, str] | None:
        """The earliest sample of the bucket that may be compared; then the sample joins it."""
        forms = self._members.setdefault(key, {})
        found = []
        for labels, members in forms.items():
            if self._same_form or labels != sample.labels:
                found += [m for m in members if self._allowed(sample, m[1])][:1]
        form = () if self._same_form else sample.labels
        members = forms.setdefault(form, [])
        # Two studies are enough: whatever comes later is compared with one of them.
        if len({m[1].row.study for m in members}) < 2:
            members.append((sum(map(len, forms.values())), sample, side))
        return min(found, key=lambda member: member[0])[1:] if found else None


def _variants(sample: Sample, turnable: bool) -> dict[str, Vector]:
    cases, controls = sample.cases, sample.controls
    found = {"": cases + controls, "exchanged": controls + cases}
    if turnable:
        cases, controls = cases[::-1], controls[::-1]
        found |= {"turned": cases + controls, "turned and exchanged": controls + cases}
    return found


def _whole(
    samples: Sequence[Sample], turnable: bool, allowed: Allowed, same_form: bool
) -> list[Match]:
    complete = [sample for sample in samples if sample.both]
    pairs = len(complete) * (len(complete) - 1) / 2
    equal = EqualSizes((sum(s.cases), sum(s.controls)) for s in complete)
    buckets = _Buckets(allowed, same_form)
    matches = []
    for sample in complete:
        variants = _variants(sample, turnable)
        smallest = min(variants.values())
        divisor = math.gcd(*smallest)
        # counts in proportion fall into one bucket, equal ones among them
        key = (len(sample.cases), tuple(count // divisor for count in smallest))
        found = buckets.earliest(key, sample)
        if found is None:
            continue
        earlier = found[0]
        now, then = sum(sample.both), sum(earlier.both)
        how = next(
            name
            for name, vector in variants.items()
            if all(a * then == b * now for a, b in zip(vector, earlier.both, strict=True))
        )
        larger = sample if now > then else earlier
        chance = math.exp(log_probability(larger.cases) + log_probability(larger.controls))
        expected = pairs * len(variants) * chance
        if now == then:
            expected *= equal.share(sum(sample.cases), sum(sample.controls))
        matches.append(Match(sample, earlier, "all", "all", how, now / then, expected, chance))
    return matches


def _sides(
    samples: Sequence[Sample],
    turnable: bool,
    allowed: Allowed,
    own_controls: set[int],
    whole: set[int],
    same_form: bool,
) -> list[Match]:
    groups = [
        (sample, side, getattr(sample, side))
        for sample in samples
        for side in SIDES
        if getattr(sample, side) and (side == "cases" or id(sample.row) in own_controls)
    ]
    # As many controls as cases in one study is a design, not a coincidence.
    any_side = EqualSizes(size for _, size in {(id(s.row), sum(v)) for s, _, v in groups})
    same_side = {
        side: EqualSizes(sum(vector) for _, where, vector in groups if where == side)
        for side in SIDES
    }
    buckets = _Buckets(allowed, same_form)
    matches = []
    for sample, side, vector in groups:
        key = min(vector, vector[::-1]) if turnable else vector
        found = buckets.earliest(key, sample, side)
        if found is not None and id(sample.row) not in whole:
            earlier, of = found
            chance = math.exp(log_probability(vector))
            how = "" if getattr(earlier, of) == vector else "turned"
            if how == "" and side == of:  # the plainest repeats are weighed among themselves
                expected = same_side[side].pairs * chance * same_side[side].share(sum(vector))
            else:
                pairs = len(groups) * (len(groups) - 1) / 2
                expected = pairs * (2 if turnable else 1) * chance * any_side.share(sum(vector))
            matches.append(Match(sample, earlier, side, of, how, 1.0, expected, chance))
    return matches
