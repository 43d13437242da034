"""Whether the numbers of one row agree: counts, printed totals, percentages, allele counts."""

from __future__ import annotations

from collections.abc import Sequence

from genopool.studies.cells import is_blank
from genopool.studies.coverage import is_complete
from genopool.studies.digits import likeliest, slip
from genopool.studies.findings import Finding
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.numbers import Decimals, NumberProblem, read_count
from genopool.studies.percentages import PrintedCount, check_percentages
from genopool.studies.records import CountRow

SIDES = ("cases", "controls")
#: Columns whose numbers the counts are compared with.
STATED = ("n_cases", "n_controls", "maf", "hwe_p")


def has_more(counts: Sequence[PrintedCount]) -> bool:
    """Whether cells give more than counts of one kind: percentages, totals, alleles too."""
    beside = any(count.percentage is not None or count.of is not None for count in counts)
    return beside or len({count.label.unit for count in counts if count.read}) > 1


def agreement(
    place: CountRow,
    cells: Sequence[tuple[PrintedCount, PrintedCount]],
    alleles: LocusAlleles,
    decimals: Decimals,
) -> list[Finding]:
    """Warnings about a row whose numbers contradict each other.

    Parameters
    ----------
    place : CountRow
        Whose values hold the printed totals `n_cases` and `n_controls`.
    cells : sequence of pairs
        The cases and the controls of each label.
    alleles : LocusAlleles
    decimals : Decimals
        Which decimal mark the table uses.
    """
    findings = []
    for side, name in enumerate(SIDES):
        counts = [pair[side] for pair in cells]
        genotypes = [count for count in counts if count.label.unit == "genotype"]
        of_alleles = [count for count in counts if count.label.unit == "allele"]
        other = [pair[1 - side] for pair in cells if pair[side].label.unit == "genotype"]
        for unit, group in (("genotype", genotypes), ("allele", of_alleles)):
            if group and (unit == "genotype" or not genotypes):
                findings += _totals(place, name, group, alleles, unit, decimals)
            if any(count.percentage for count in group):
                opposite = other if unit == "genotype" else []
                findings += check_percentages(place, name, group, opposite, alleles, decimals)
        if genotypes and of_alleles:
            findings += _allele_counts(place, name, genotypes, of_alleles, alleles)
    return findings


def _totals(
    place: CountRow,
    side: str,
    counts: list[PrintedCount],
    alleles: LocusAlleles,
    unit: str,
    decimals: Decimals,
) -> list[Finding]:
    """Warn where the counts of cases, or of controls, do not add up to a total that is printed."""
    findings = []
    written = place.values.get(f"n_{side}", "")
    totals = {(printed, count.column) for count in counts if (printed := count.of) is not None}
    if not is_blank(written):
        try:
            totals.add((read_count(written, decimals).count, f"n_{side}"))
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
