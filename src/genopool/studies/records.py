"""The rows of the study tables as the rest of the package sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from genopool.studies.findings import Finding
from genopool.studies.genotypes import Label


@dataclass(frozen=True)
class CountCell:
    """How many cases and controls have a genotype (or chromosomes an allele).

    `cases` or `controls` is None where the table does not report it.
    """

    row: int
    label: Label
    cases: int | None
    controls: int | None


@dataclass(frozen=True)
class TakenCell:
    """A cell that is no plain number, and the number that it was taken for."""

    how: str
    row: int
    column: str
    value: str
    number: float


@dataclass(frozen=True)
class Row:
    """What rows of counts and of estimates share.

    Attributes
    ----------
    file, sheet : str
    rows : tuple of int
        Lines of the file: one, or one a genotype in the long shape.
    study, population, locus, control_group : str
        `population` is blank for the whole study.
    values : mapping of str to str
        Every other column of the table, by its lower-case name; blank where not reported.
    """

    file: str
    sheet: str
    rows: tuple[int, ...]
    study: str
    population: str
    locus: str
    control_group: str
    values: Mapping[str, str]

    @property
    def row(self) -> int:
        return self.rows[0]

    @property
    def is_whole(self) -> bool:
        return not self.population

    @property
    def name(self) -> str:
        return f"{self.study} ({self.population})" if self.population else self.study

    def finding(self, severity: str, check: str, message: str, **more: object) -> Finding:
        """A finding about this row."""
        where = {"row": self.row, "file": self.file, "sheet": self.sheet, "study": self.study}
        where |= {"population": self.population, "locus": self.locus}
        return Finding(severity, check, message, **(where | more))


@dataclass(frozen=True)
class CountRow(Row):
    """The counts of one population at one locus.

    Attributes
    ----------
    cells : tuple of CountCell
    sex_on_x : {"", "male", "female", "unknown"}
        Whose counts they are where the locus is on chromosome X, else blank. Men's cells count one
        allele a person.
    states_more : bool
        Whether the table prints something beside the counts that they can be held against: totals,
        percentages, allele counts, a frequency or a Hardy-Weinberg p-value.
    """

    cells: tuple[CountCell, ...] = ()
    sex_on_x: str = ""
    states_more: bool = False


@dataclass(frozen=True)
class EstimateRow(Row):
    """An estimate as a paper reports it.

    Attributes
    ----------
    effect_allele : str
        As written; `alleles` is the set it stands for.
    model, measure : str
    estimate : float
    ci_low, ci_high : float or None
    level : float
    adjusted : {"yes", "no", "unknown"}
    n_cases, n_controls : int or None
    log_se : float or None
        Standard error of the log estimate; None where the row gives nothing to compute it from,
        and then `problem` says why.
    printed : mapping of str to str
        The numbers as the table writes them, `se` and `p_value` among them.
    """

    effect_allele: str = ""
    alleles: int = 0
    model: str = ""
    measure: str = ""
    estimate: float = 1.0
    ci_low: float | None = None
    ci_high: float | None = None
    level: float = 0.95
    adjusted: str = "unknown"
    n_cases: int | None = None
    n_controls: int | None = None
    log_se: float | None = None
    problem: str = ""
    printed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyTables:
    """Everything that was read.

    Attributes
    ----------
    files : tuple of str
        Names of the files that were read, sorted.
    counts, estimates : tuple
    findings : tuple of Finding
    carried_columns : tuple of str
        Names of the columns that are carried through, in the order first met.
    rows_read : int
        Rows of the tables below their headers, those with problems counted; rows that were set
        aside, since they are no studies, are not.
    locus_names : tuple of (str, str, str, str)
        File, sheet, what the table writes (blank where it has no column locus) and the locus that
        it means, wherever that is not the locus's key.
    """

    files: tuple[str, ...]
    counts: tuple[CountRow, ...]
    estimates: tuple[EstimateRow, ...]
    findings: tuple[Finding, ...]
    carried_columns: tuple[str, ...]
    rows_read: int
    locus_names: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return (*self.counts, *self.estimates)

    def of_locus(self, locus: str) -> tuple[list[CountRow], list[EstimateRow]]:
        return (
            [row for row in self.counts if row.locus == locus],
            [row for row in self.estimates if row.locus == locus],
        )
