"""Whether the percentages printed beside counts are those of the counts."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

from genopool.studies.cells import is_blank
from genopool.studies.coverage import is_complete
from genopool.studies.digits import likeliest, slip
from genopool.studies.findings import Finding
from genopool.studies.genotypes import Label, LocusAlleles
from genopool.studies.numbers import CountText, Decimals, NumberProblem, Printed, read_count
from genopool.studies.records import CountRow


@dataclass(frozen=True)
class PrintedCount:
    """A count, what is printed beside it, and its column."""

    label: Label
    column: str
    row: int
    read: CountText | None

    @property
    def of(self) -> int | None:
        """The total after a slash, of `45/366`."""
        return self.read.of if self.read else None

    @property
    def percentage(self) -> Printed | None:
        return self.read.percentage if self.read else None


def _fits(count: int, of: float, printed: Printed) -> bool:
    """Whether a percentage is that of `count`, cut or rounded to its printed digits."""
    return of > 0 and abs(100 * count / of - printed.value) <= 2 * printed.rounding + 1e-9


def check_percentages(
    place: CountRow,
    side: str,
    counts: list[PrintedCount],
    opposite: list[PrintedCount],
    alleles: LocusAlleles,
    decimals: Decimals,
) -> list[Finding]:
    """Warn where a printed percentage is not that of the count beside it."""
    printed = [c for c in counts if c.percentage]
    whole = len([c for c in counts if c.read]) == len(counts)
    whole = whole and is_complete([c.label for c in counts], alleles)
    added = sum(count.read.count for count in counts if count.read)
    totals = [added] if whole else []
    written = place.values.get(f"n_{side}", "")
    with suppress(NumberProblem):  # said by _totals
        totals += [] if is_blank(written) else [read_count(written, decimals).count]
    totals += [of for count in printed if (of := count.of) is not None]
    if not totals:
        return []
    for total in totals:
        if all(_fits(c.read.count, total, c.percentage) for c in printed):
            return []
    if _are_of_rows(counts, opposite):
        return []
    if whole and (one := _one_wrong(counts, added, totals)) is not None:
        wrong, meant = [one[0]], {id(one[0]): one[1]}
    else:
        total = min(
            totals,
            key=lambda t: sum(not _fits(c.read.count, t, c.percentage) for c in printed),
        )
        wrong = [c for c in printed if not _fits(c.read.count, total, c.percentage)]
        meant = {id(c): round(c.percentage.value * total / 100) for c in wrong}
        added = total
    return [
        place.finding(
            "warning",
            "percentage_differs",
            f"{count.label.text} in {side}: {count.read.count} of {added} is "
            f"{100 * count.read.count / added if added else 0:.1f}%, and "
            f"{count.percentage.value:g}% is printed; {meant[id(count)]} would fit"
            + _as_slip(count.read.count, meant[id(count)]),
            row=count.row,
            column=count.column,
            value=f"{count.read.count} ({count.percentage.value:g}%)",
            expected=f"the percentage of the {side} with the genotype",
            why="a misprint in the count or in the percentage",
            action="the count is used as given",
        )
        for count in wrong
    ]


def _as_slip(written: int, meant: int) -> str:
    words = slip(written, meant)
    return f" ({words})" if words else ""


def _are_of_rows(counts: list[PrintedCount], opposite: list[PrintedCount]) -> bool:
    """Whether the percentages are of everybody with a genotype, cases and controls together."""
    pairs = [
        (count.read, other.read)
        for count, other in zip(counts, opposite, strict=False)
        if count.percentage and other.read
    ]
    return len(pairs) > 1 and all(
        _fits(read.count, read.count + other.count, read.percentage) for read, other in pairs
    )


def _one_wrong(
    counts: list[PrintedCount], added: int, totals: list[int]
) -> tuple[PrintedCount, int] | None:
    """The only count whose change makes every percentage fit, and the count that does it.

    Of several that do, the one that a printed total asks for, else the one that a slip of the pen
    is likeliest to have made of it, else the nearest to the percentage.
    """
    found = []
    for count in counts:
        printed = count.percentage
        if printed is None or not 0 <= printed.value < 100:
            continue
        rest = added - count.read.count
        share = printed.value / 100
        middle = round(share * rest / (1 - share))
        width = min(1000, math.ceil(2 * printed.rounding / 100 * rest / (1 - share) ** 2) + 2)
        candidates = range(max(0, middle - width), middle + width + 1)
        others = [c.read for c in counts if c is not count and c.percentage]
        fitting = [
            meant
            for meant in sorted(candidates, key=lambda n, middle=middle: abs(n - middle))
            if _fits(meant, rest + meant, printed)
            and all(_fits(read.count, rest + meant, read.percentage) for read in others)
        ]
        if fitting:
            asked = [meant for meant in fitting if rest + meant in totals]
            slips = likeliest([(slip(count.read.count, meant), meant) for meant in fitting])
            found.append((count, (asked or [meant for _, meant in slips] or fitting)[0]))
    return found[0] if len(found) == 1 else None
