"""Finding counts that stand twice among many rows, and how often chance would do it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from genopool.diagnostics.integrity.coincidence import EqualSizes, log_probability, pairs_among
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
        Of this one pair, its groups being as many.
    share : float
        How often groups are as many.
    circle : Circle
        The pairs among which it is weighed.
    """

    later: Sample
    earlier: Sample
    what: str
    repeats: str
    how: str
    factor: float
    expected: float
    chance: float
    share: float
    circle: Circle


@dataclass(frozen=True)
class Circle:
    """Rows that are compared with each other, and among whose pairs a repeat is weighed.

    Attributes
    ----------
    name : {"study", "akin", "others", "loci"}
        Parts of one study; studies whose labels are akin; any studies; rows of several loci.
    group : callable
        What two samples must have in common; None for a sample that is compared with none.
    allowed : callable
        Whether two samples may be compared, which are of different studies in `akin` and `others`.
    """

    name: str
    group: Callable[[Sample], Hashable | None]
    allowed: Callable[[Sample, Sample], bool]

    @property
    def within_studies(self) -> bool:
        return self.name in ("study", "loci")

    @property
    def is_close(self) -> bool:
        """Whether groups that are as many are evidence by themselves."""
        return self.name in ("study", "akin")

    def pairs(self, samples: Iterable[Sample]) -> int:
        groups = [(self.group(sample), sample.row.study) for sample in samples]
        groups = [pair for pair in groups if pair[0] is not None]
        pairs = pairs_among(Counter(group for group, _ in groups).values())
        return pairs if self.within_studies else pairs - pairs_among(Counter(groups).values())


def find_matches(
    samples: Sequence[Sample],
    turnable: bool,
    circles: Sequence[Circle],
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
    circles : sequence of Circle
        The closest first: a repeat is reported in the first circle that has it.
    own_controls : set of int
        `id` of the rows whose controls stand for their control group.
    same_form : bool
        Compare rows that fill the same cells; otherwise only those that do not, since the others
        are compared in a finer form.
    whole_only : bool
        Compare all counts of a row only.
    """
    if not same_form and len({sample.labels for sample in samples}) < 2:
        return []
    circles = [circle for circle in circles if circle.pairs(samples)]
    matches = _whole(samples, turnable, circles, same_form)
    if whole_only:
        return matches
    whole = {id(match.later.row) for match in matches}
    return matches + _sides(samples, turnable, circles, own_controls, whole, same_form)


Member = tuple[int, Sample, str]


class _Buckets:
    """Samples of one content, the earliest that may be compared found without a look at all."""

    def __init__(self, circle: Circle, same_form: bool) -> None:
        self.circle = circle
        self._same_form = same_form
        self._joined = 0
        self._members: dict[tuple, dict[tuple[str, ...], dict[str, list[Member]]]] = {}

    def earliest(self, key: tuple, sample: Sample, side: str = "") -> tuple[Sample, str] | None:
        """The earliest sample of the bucket that may be compared; then the sample joins it."""
        group = self.circle.group(sample)
        if group is None:
            return None
        forms = self._members.setdefault((group, *key), {})
        study, found = sample.row.study, []
        for labels, studies in forms.items():
            if self._same_form or labels != sample.labels:
                for name, members in studies.items():
                    if name != study or self.circle.within_studies:
                        allowed = (m for m in members if self.circle.allowed(sample, m[1]))
                        found += [member for member in [next(allowed, None)] if member]
        studies = forms.setdefault(() if self._same_form else sample.labels, {})
        # Two studies are enough: whatever comes later is compared with one of them.
        if study in studies or len(studies) < 2:
            studies.setdefault(study, []).append((self._joined, sample, side))
            self._joined += 1
        return min(found, key=lambda member: member[0])[1:] if found else None


def _closest(
    buckets: Sequence[_Buckets], key: tuple, sample: Sample, side: str = ""
) -> tuple[Circle, tuple[Sample, str]] | None:
    """The first circle with an earlier sample; the sample joins all of them."""
    found = [(bucket.circle, bucket.earliest(key, sample, side)) for bucket in buckets]
    return next(((circle, earlier) for circle, earlier in found if earlier is not None), None)


def _variants(sample: Sample, turnable: bool) -> dict[str, Vector]:
    cases, controls = sample.cases, sample.controls
    found = {"": cases + controls, "exchanged": controls + cases}
    if turnable:
        cases, controls = cases[::-1], controls[::-1]
        found |= {"turned": cases + controls, "turned and exchanged": controls + cases}
    return found


def _whole(
    samples: Sequence[Sample], turnable: bool, circles: Sequence[Circle], same_form: bool
) -> list[Match]:
    complete = [sample for sample in samples if sample.both]
    pairs = {circle.name: circle.pairs(complete) for circle in circles}
    variants_of = [_variants(sample, turnable) for sample in complete]
    equal = EqualSizes(
        ((sum(s.cases), sum(s.controls)) for s in complete),
        (min(variants.values()) for variants in variants_of),
    )
    buckets = [_Buckets(circle, same_form) for circle in circles]
    matches = []
    for sample, variants in zip(complete, variants_of, strict=True):
        smallest = min(variants.values())
        divisor = math.gcd(*smallest)
        # counts in proportion fall into one bucket, equal ones among them
        key = (len(sample.cases), tuple(count // divisor for count in smallest))
        found = _closest(buckets, key, sample)
        if found is None:
            continue
        circle, (earlier, _) = found
        now, then = sum(sample.both), sum(earlier.both)
        how = next(
            name
            for name, vector in variants.items()
            if all(a * then == b * now for a, b in zip(vector, earlier.both, strict=True))
        )
        larger = sample if now > then else earlier
        chance = math.exp(log_probability(larger.cases) + log_probability(larger.controls))
        share = equal.share(sum(sample.cases), sum(sample.controls)) if now == then else 1.0
        expected = pairs[circle.name] * len(variants) * chance * share
        factor = now / then
        matches.append(
            Match(sample, earlier, "all", "all", how, factor, expected, chance, share, circle)
        )
    return matches


def _sides(
    samples: Sequence[Sample],
    turnable: bool,
    circles: Sequence[Circle],
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

    def content(vector: Vector) -> Vector:
        return min(vector, vector[::-1]) if turnable else vector

    # As many controls as cases in one study is a design, not a coincidence.
    any_side = EqualSizes(
        (size for _, size in {(id(s.row), sum(v)) for s, _, v in groups}),
        (vector for _, vector in {(id(s.row), content(v)) for s, _, v in groups}),
    )
    any_pairs = {circle.name: circle.pairs(s for s, _, _ in groups) for circle in circles}
    same_side, same_pairs = {}, {}
    for side in SIDES:
        of_side = [(sample, vector) for sample, where, vector in groups if where == side]
        same_side[side] = EqualSizes(
            (sum(vector) for _, vector in of_side), (content(vector) for _, vector in of_side)
        )
        same_pairs[side] = {c.name: c.pairs(sample for sample, _ in of_side) for c in circles}
    buckets = [_Buckets(circle, same_form) for circle in circles]
    matches = []
    for sample, side, vector in groups:
        found = _closest(buckets, (content(vector),), sample, side)
        if found is not None and id(sample.row) not in whole:
            circle, (earlier, of) = found
            chance = math.exp(log_probability(vector))
            how = "" if getattr(earlier, of) == vector else "turned"
            if how == "" and side == of:  # the plainest repeats are weighed among themselves
                share = same_side[side].share(sum(vector))
                expected = same_pairs[side][circle.name] * chance * share
            else:
                share = any_side.share(sum(vector))
                expected = any_pairs[circle.name] * (2 if turnable else 1) * chance * share
            matches.append(
                Match(sample, earlier, side, of, how, 1.0, expected, chance, share, circle)
            )
    return matches
