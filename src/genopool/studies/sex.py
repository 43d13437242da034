"""Men and women: parts of a study told apart by sex, and loci of chromosome X.

On chromosome X a man has one allele. His row counts alleles (`cases_A`), one a person, and none of
its cells is a genotype.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from genopool.studies.findings import Finding
from genopool.studies.genotypes import Label, LocusAlleles
from genopool.studies.records import CountCell, CountRow, EstimateRow, Row

SEX = "sex"
MALE, FEMALE, UNKNOWN = "male", "female", "unknown"
_WORDS = {
    MALE: "male males m man men",
    FEMALE: "female females f woman women",
    "": "both mixed all m/f f/m m+f male/female female/male male+female men/women women/men",
}
_MEANING = {word: sex for sex, words in _WORDS.items() for word in words.split()}
_MEANING |= dict.fromkeys(("both sexes", "men and women", "male and female", "m and f"), "")


def standard(value: str) -> str:
    """`male`, `female`, blank for both; a word that is none of these as it is."""
    return _MEANING.get(" ".join(value.casefold().split()), value)


@dataclass
class BySex:
    """Rows with their sexes read, and what was found."""

    counts: list[CountRow] = field(default_factory=list)
    estimates: list[EstimateRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_sexes(
    counts: Sequence[CountRow],
    estimates: Sequence[EstimateRow],
    on_x: Collection[str],
    alleles_of: Callable[[CountRow], LocusAlleles],
) -> BySex:
    """Read the column `sex`: who is a part of a study, and what counts on chromosome X mean.

    Rows of one study, locus and population that differ in sex are parts; their population is named
    after it.

    Parameters
    ----------
    counts, estimates : sequence of Row
    on_x : collection of str
        The loci of chromosome X.
    alleles_of : callable
        The alleles of a row's locus.

    Returns
    -------
    BySex
        Without the rows that have errors.
    """
    read = BySex()
    rows = _parts(_standardised([*counts, *estimates], read.findings))
    wholes = {
        (row.study, row.locus): row.values[SEX]
        for row in rows
        if row.is_whole and row.values.get(SEX)
    }
    for row in rows:
        if isinstance(row, EstimateRow):
            read.estimates.append(row)
            continue
        if row.locus in on_x:
            sex = row.values.get(SEX) or wholes.get((row.study, row.locus), "")
            row = _on_x(row, sex, alleles_of(row), read.findings)
        if row is not None:
            read.counts.append(row)
    return read


def _standardised(rows: Iterable[Row], findings: list[Finding]) -> list[Row]:
    """The rows with `male`, `female` or nothing as sex; every other word is noted once a table."""
    noted = set()
    changed = []
    for row in rows:
        written = row.values.get(SEX, "")
        sex = standard(written)
        if sex != written:
            if (row.file, row.sheet, written) not in noted:
                noted.add((row.file, row.sheet, written))
                findings.append(
                    row.finding(
                        "note",
                        "sex_read",
                        f"sex {written!r} is read as {sex or 'men and women together'}",
                        column=SEX,
                        value=written,
                        expected="male or female",
                        action=f"read as {sex or 'blank'} in every row of the table",
                    )
                )
            row = replace(row, values={**row.values, SEX: sex})
        changed.append(row)
    return changed


def _parts(rows: Sequence[Row]) -> list[Row]:
    """The rows, those that differ from others of their study in sex only as parts named by it."""
    sexes: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        sexes.setdefault(_people(row), set()).add(row.values.get(SEX, ""))
    return [
        replace(row, population=", ".join(filter(None, [row.population, row.values[SEX]])))
        if len(sexes[_people(row)]) > 1 and row.values.get(SEX) in (MALE, FEMALE)
        else row
        for row in rows
    ]


def _people(row: Row) -> tuple[str, str, str]:
    return row.study, row.locus, row.population.casefold()


def _on_x(
    row: CountRow, sex: str, alleles: LocusAlleles, findings: list[Finding]
) -> CountRow | None:
    """A row of a locus on chromosome X; None if it has errors."""
    if sex == FEMALE:
        return replace(row, sex_on_x=FEMALE)
    if sex == MALE:
        return _men(row, alleles, findings)
    given = [cell for cell in row.cells if not _is_blank(cell)]
    people = any(cell.label.unit == "genotype" for cell in given)
    said = f"sex is {sex!r}" if sex else "sex is not given"
    if people:
        findings.append(
            row.finding(
                "warning",
                "sex_not_given",
                f"{said}, and the locus is on chromosome X: genotypes of men and women together "
                "cannot be told apart",
                column=SEX,
                value=sex,
                expected="male or female, in a row each",
                why="a man has one allele, so that one genotype counts different numbers of them",
                action="the genotypes are not used",
            )
        )
    elif given:
        findings.append(
            row.finding(
                "note",
                "sex_not_given",
                f"{said}, and the locus is on chromosome X: the number of people does not follow "
                "from the number of alleles",
                column=SEX,
                value=sex,
                expected="male or female, in a row each",
                action="the row enters the allelic model; its number of people is not known",
            )
        )
    return replace(row, sex_on_x=UNKNOWN)


def _men(row: CountRow, alleles: LocusAlleles, findings: list[Finding]) -> CountRow | None:
    """Men's row, every cell of which counts one allele a man."""
    cells: list[CountCell] = []
    doubled: list[str] = []
    usable = True
    for cell in row.cells:
        if cell.label.unit == "allele":
            cells.append(cell)
        elif not _is_blank(cell):
            alone = _single(cell.label, alleles)
            people = max(cell.cases or 0, cell.controls or 0)
            if people and (alone is None or len(alone.members) < len(cell.label.members)):
                usable = False
                findings.append(_heterozygous(row, cell))
            elif alone is not None:
                cells.append(replace(cell, label=alone))
                doubled.append(cell.label.text)
    for place, cell in enumerate(cells):
        for other in cells[:place]:
            twice = cell.label.unit == other.label.unit and any(
                one[0] & another[0] for one in cell.label.members for another in other.label.members
            )
            if twice and not _is_blank(cell) and not _is_blank(other):
                usable = False
                findings.append(
                    row.finding(
                        "error",
                        "repeated_genotype",
                        f"men with {cell.label.text} are counted as an allele and as a genotype",
                        row=cell.row,
                        value=cell.label.text,
                        expected="each allele once, as cases_" + cell.label.text,
                    )
                )
    if doubled and usable:
        cells = [cell for cell in cells if not _is_blank(cell)]
        findings.append(
            row.finding(
                "note",
                "men_as_homozygotes",
                f"men are given as homozygotes ({', '.join(doubled)}) of chromosome X",
                why="a man has one allele",
                action="read as " + ", ".join(cell.label.text for cell in cells),
            )
        )
    return replace(row, cells=tuple(cells), sex_on_x=MALE) if usable else None


def _single(label: Label, alleles: LocusAlleles) -> Label | None:
    """The alleles of a label's homozygotes; None if it has none."""
    found = [
        (member[:1], name)
        for member, name in zip(label.members, label.text.split("+"), strict=True)
        if member[0] == member[1]
    ]
    if not found:
        return None
    # Classes of a repeat keep the name that the table gives them.
    repeat = alleles.kind == "repeat"
    names = [name.split("/")[0] if repeat else alleles.genotype(one) for one, name in found]
    return Label("allele", tuple(one for one, _ in found), "+".join(names))


def _heterozygous(row: CountRow, cell: CountCell) -> Finding:
    numbers = f"{cell.cases or 0} cases and {cell.controls or 0} controls"
    return row.finding(
        "error",
        "heterozygous_men",
        f"{numbers} are men with the genotype {cell.label.text} of chromosome X",
        row=cell.row,
        value=cell.label.text,
        expected="one allele a man: cases_<allele> and controls_<allele>",
        why="men cannot be heterozygous: women were counted, or genotypes are wrong",
    )


def _is_blank(cell: CountCell) -> bool:
    return cell.cases is None and cell.controls is None
