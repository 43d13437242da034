"""Whether the numbers of one row agree: counts, printed totals, percentages, allele counts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations_with_replacement

from genopool.studies.cells import is_blank
from genopool.studies.digits import likeliest, slip
from genopool.studies.findings import Finding
from genopool.studies.genotypes import Label, LocusAlleles
from genopool.studies.numbers import CountText, NumberProblem, Printed, read_count
from genopool.studies.records import CountRow

SIDES = ("cases", "controls")


@dataclass(frozen=True)
class PrintedCount:
    """A count, what is printed beside it, and its column."""

    label: Label
    column: str
    row: int
    read: CountText | None


def agreement(
    place: CountRow, cells: Sequence[tuple[PrintedCount, PrintedCount]], alleles: LocusAlleles
) -> list[Finding]:
    """Warnings about a row whose numbers contradict each other.

    Parameters
    ----------
    place : CountRow
        Whose values hold the printed totals `n_cases` and `n_controls`.
    cells : sequence of pairs
        The cases and the controls of each label.
    alleles : LocusAlleles
    """
    findings = []
    for side, name in enumerate(SIDES):
        counts = [pair[side] for pair in cells]
        genotypes = [count for count in counts if count.label.unit == "genotype"]
        of_alleles = [count for count in counts if count.label.unit == "allele"]
        other = [pair[1 - side] for pair in cells if pair[side].label.unit == "genotype"]
        for unit, group in (("genotype", genotypes), ("allele", of_alleles)):
            if group and (unit == "genotype" or not genotypes):
                findings += _totals(place, name, group, alleles, unit)
            if any(count.read and count.read.percentage for count in group):
                opposite = other if unit == "genotype" else []
                findings += _percentages(place, name, group, opposite, alleles)
        if genotypes and of_alleles:
            findings += _allele_counts(place, name, genotypes, of_alleles, alleles)
    return findings


def is_complete(labels: Sequence[Label], alleles: LocusAlleles) -> bool:
    """Whether genotypes, or alleles, are all there: nobody can be left out."""
    members = [member for label in labels for member in label.members]
    sets = {allele for member in members for allele in member}
    atoms = {alleles.universe}
    for allele in sets:
        atoms = {part for atom in atoms for part in (atom & allele, atom & ~allele) if part}
    size = max(map(len, members), default=0)
    return bool(members) and all(
        any(_holds(member, atom) for member in members)
        for atom in combinations_with_replacement(sorted(atoms), size)
    )


def _holds(member: tuple[int, ...], atom: tuple[int, ...]) -> bool:
    if len(member) == 1:
        return atom[0] & ~member[0] == 0
    (a, b), (c, d) = member, atom
    return (not c & ~a and not d & ~b) or (not c & ~b and not d & ~a)


def _totals(
    place: CountRow, side: str, counts: list[PrintedCount], alleles: LocusAlleles, unit: str
) -> list[Finding]:
    """Warn where the counts of cases, or of controls, do not add up to a total that is printed."""
    findings = []
    written = place.values.get(f"n_{side}", "")
    totals = {(printed, count.column) for count in counts if (printed := _of(count)) is not None}
    if not is_blank(written):
        try:
            totals.add((read_count(written).count, f"n_{side}"))
        except NumberProblem as problem:
            findings.append(
                place.finding(
                    "warning",
                    "unread_total",
                    f"the total n_{side} cannot be read: {problem}",
                    column=f"n_{side}",
                    value=written,
                    expected=problem.expected,
                    action="carried as it stands, and not compared with the counts",
                )
            )
    if not totals:
        return findings
    numbers = [count.read.count for count in counts if count.read]
    added = sum(numbers)
    whole = len(numbers) == len(counts) and is_complete([c.label for c in counts], alleles)
    for total, column in sorted(totals, key=lambda found: (found[0], found[1])):
        wanted = total if unit == "genotype" else 2 * total
        if added == wanted or (added < wanted and not whole) or not numbers:
            continue
        if unit == "allele" and (added == total or column != f"n_{side}"):
            continue  # chromosomes of men, or a total that counts chromosomes too
        what = "people" if unit == "genotype" else "chromosomes"
        listed = " + ".join(map(str, numbers))
        findings.append(
            place.finding(
                "warning",
                "total_differs",
                f"{side}: {listed} = {added} {what}, and the total printed is {total}"
                + _explained(counts, added, wanted, total, unit),
                row=counts[0].row,
                column=column,
                value=str(total),
                expected=f"{added} (or counts that add up to {wanted})",
                why="a misprint in a count or in the total, or people without a genotype",
                action="the counts are used as given",
            )
        )
    return findings


def _of(count: PrintedCount) -> int | None:
    return count.read.of if count.read else None


def _explained(counts: list[PrintedCount], added: int, wanted: int, total: int, unit: str) -> str:
    """The slip that would explain a difference, in words."""
    if unit == "genotype" and added == 2 * total:
        return ": twice as many, as if alleles had been counted"
    if unit == "genotype" and total == 2 * added:
        return ": the total may count alleles"
    candidates = []
    for count in counts:
        if count.read:
            meant = count.read.count + wanted - added
            words = f"{count.column} {count.read.count} for {meant}"
            candidates.append((slip(count.read.count, meant), words))
    if unit == "genotype":
        candidates.append((slip(total, added), f"the total {total} for {added}"))
    found = likeliest(candidates)
    if not found:
        return f" ({wanted - added:+d})"
    return f" ({wanted - added:+d}); {found[0][0]} would explain it: " + ", or ".join(
        words for _, words in found
    )


def _fits(count: int, of: float, printed: Printed) -> bool:
    """Whether a percentage is that of `count`, cut or rounded to its printed digits."""
    return of > 0 and abs(100 * count / of - printed.value) <= 2 * printed.rounding + 1e-9


def _percentages(
    place: CountRow,
    side: str,
    counts: list[PrintedCount],
    opposite: list[PrintedCount],
    alleles: LocusAlleles,
) -> list[Finding]:
    """Warn where a printed percentage is not that of the count beside it."""
    printed = [c for c in counts if c.read and c.read.percentage]
    whole = len([c for c in counts if c.read]) == len(counts)
    whole = whole and is_complete([c.label for c in counts], alleles)
    added = sum(count.read.count for count in counts if count.read)
    totals = [added] if whole else []
    written = place.values.get(f"n_{side}", "")
    with suppress(NumberProblem):  # said by _totals
        totals += [] if is_blank(written) else [read_count(written).count]
    totals += [of for count in printed if (of := _of(count)) is not None]
    if not totals:
        return []
    for total in totals:
        if all(_fits(c.read.count, total, c.read.percentage) for c in printed):
            return []
    if _are_of_rows(counts, opposite):
        return []
    if whole and (one := _one_wrong(counts, added)) is not None:
        wrong, meant = [one[0]], {id(one[0]): one[1]}
    else:
        total = min(
            totals,
            key=lambda t: sum(not _fits(c.read.count, t, c.read.percentage) for c in printed),
        )
        wrong = [c for c in printed if not _fits(c.read.count, total, c.read.percentage)]
        meant = {id(c): round(c.read.percentage.value * total / 100) for c in wrong}
        added = total
    return [
        place.finding(
            "warning",
            "percentage_differs",
            f"{count.label.text} in {side}: {count.read.count} of {added} is "
            f"{100 * count.read.count / added if added else 0:.1f}%, and "
            f"{count.read.percentage.value:g}% is printed; {meant[id(count)]} would fit"
            + _as_slip(count.read.count, meant[id(count)]),
            row=count.row,
            column=count.column,
            value=f"{count.read.count} ({count.read.percentage.value:g}%)",
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
        if count.read and count.read.percentage and other.read
    ]
    return len(pairs) > 1 and all(
        _fits(read.count, read.count + other.count, read.percentage) for read, other in pairs
    )


def _one_wrong(counts: list[PrintedCount], added: int) -> tuple[PrintedCount, int] | None:
    """The only count whose change makes every percentage fit, and the count that does it."""
    found = []
    for count in counts:
        if not count.read.percentage or not 0 <= count.read.percentage.value < 100:
            continue
        rest = added - count.read.count
        share = count.read.percentage.value / 100
        middle = round(share * rest / (1 - share))
        fitting = [
            meant
            for meant in sorted(
                range(max(0, middle - 2), middle + 3), key=lambda n: abs(n - middle)
            )
            if all(
                _fits(
                    meant if other is count else other.read.count,
                    rest + meant,
                    other.read.percentage,
                )
                for other in counts
                if other.read.percentage
            )
        ]
        if fitting:
            slips = [meant for meant in fitting if slip(count.read.count, meant)]
            found.append((count, (slips or fitting)[0]))
    return found[0] if len(found) == 1 else None


def _allele_counts(
    place: CountRow,
    side: str,
    genotypes: list[PrintedCount],
    of_alleles: list[PrintedCount],
    alleles: LocusAlleles,
) -> list[Finding]:
    """Warn where allele counts beside genotype counts are not those of the genotypes."""
    if not all(count.read for count in genotypes):
        return []
    if not is_complete([count.label for count in genotypes], alleles):
        return []
    findings = []
    for count in of_alleles:
        if count.read is None or len(count.label.members) != 1:
            continue
        (allele,) = count.label.members[0]
        copies = [genotype.label.copies(allele, alleles.universe) for genotype in genotypes]
        if any(number is None or len(number) != 1 for number in copies):
            continue
        carried = sum(
            next(iter(number)) * genotype.read.count
            for number, genotype in zip(copies, genotypes, strict=True)
        )
        if carried != count.read.count:
            words = slip(count.read.count, carried)
            findings.append(
                place.finding(
                    "warning",
                    "alleles_differ",
                    f"{side}: the genotypes carry {carried} {count.label.text} alleles, and "
                    f"{count.read.count} are printed" + (f" ({words})" if words else ""),
                    row=count.row,
                    column=count.column,
                    value=str(count.read.count),
                    expected=f"{carried}: two of each homozygote, one of each heterozygote",
                    why="a misprint in an allele count or in a genotype count",
                    action="the genotype counts are used as given",
                )
            )
    return findings
