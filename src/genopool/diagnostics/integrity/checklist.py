"""Which checks ran, on how much, what they found, and which had nothing to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from genopool.association.answers import RowCounts
from genopool.association.effects import questions_of
from genopool.diagnostics.integrity.countries import ancestry_columns
from genopool.diagnostics.integrity.interval_width import FEWEST_OTHERS
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

CHECKLIST_COLUMNS = "subject check looks_at compared unit warnings notes reason".split()


class Scope:
    """How much of everything the tables hold for the checks to look at."""

    def __init__(self, config: Config, tables: StudyTables) -> None:
        self.config = config
        self.tables = tables

    @property
    def rows(self) -> int:
        return len(self.tables.rows)

    @property
    def count_rows(self) -> int:
        return len(self.tables.counts)

    @property
    def estimates(self) -> int:
        return len(self.tables.estimates)

    @property
    def parts(self) -> int:
        return sum(not row.is_whole for row in self.tables.rows)

    @property
    def shared(self) -> int:
        return sum(bool(row.control_group) for row in self.tables.rows)

    @property
    def studies(self) -> int:
        return len({row.study for row in self.tables.rows})

    @cached_property
    def genotyped(self) -> dict[str, list[str]]:
        """Studies with all genotypes of controls, by locus."""
        found: dict[str, list[str]] = {}
        for locus in self.config.loci:
            alleles, questions = questions_of(self.config, locus)
            for row in self.tables.of_locus(locus)[0]:
                numbers = RowCounts(row, alleles, questions[0]).by_copies("controls")
                if sum(numbers) == sum(numbers):
                    found.setdefault(locus, []).append(row.study)
        return found

    @property
    def controls(self) -> int:
        return sum(map(len, self.genotyped.values()))

    @cached_property
    def pairs(self) -> int:
        """Pairs of rows with counts of different studies at one locus."""
        total = 0
        for locus in self.config.loci:
            studies = Counter(row.study for row in self.tables.of_locus(locus)[0])
            n = sum(studies.values())
            total += n * (n - 1) // 2 - sum(k * (k - 1) // 2 for k in studies.values())
        return total

    @property
    def triples(self) -> int:
        return sum(
            n * (n - 1) * (n - 2) // 6 for n in (len(set(s)) for s in self.genotyped.values())
        )

    @property
    def pairs_across(self) -> int:
        numbers = [len(studies) for studies in self.genotyped.values()]
        return (sum(numbers) ** 2 - sum(n**2 for n in numbers)) // 2

    @property
    def counted_and_reported(self) -> int:
        counted = {(row.study, row.population.casefold(), row.locus) for row in self.tables.counts}
        return sum(
            (row.study, row.population.casefold(), row.locus) in counted
            for row in self.tables.estimates
        )

    @property
    def intervals(self) -> int:
        return sum(row.ci_low is not None for row in self.tables.estimates)

    @property
    def intervals_with_people(self) -> int:
        return sum(
            row.measure == "OR" and row.ci_low is not None and bool(row.n_cases and row.n_controls)
            for row in self.tables.estimates
        )

    @property
    def intervals_with_more(self) -> int:
        return sum(
            row.ci_low is not None and bool(row.printed.get("se") or row.printed.get("p_value"))
            for row in self.tables.estimates
        )

    @property
    def palindromic(self) -> int:
        return sum(
            len(studies)
            for locus, studies in self.genotyped.items()
            if questions_of(self.config, locus)[0].is_palindromic
        )

    @property
    def values(self) -> int:
        """Different values of the stratifiers."""
        return len(
            {
                (column, row.values[column])
                for column in self.config.stratifier_columns
                for row in self.tables.rows
                if row.values.get(column)
            }
        )

    @property
    def labels(self) -> int:
        columns = ancestry_columns(self.config, self.tables)
        return sum(
            bool(row.values.get("country")) and any(row.values.get(c) for c in columns)
            for row in self.tables.rows
        )

    @property
    def identified(self) -> int:
        return sum(
            any(row.values.get(c) for c in ("pmid", "doi", "year")) for row in self.tables.rows
        )


@dataclass(frozen=True)
class Check:
    """One line of the list of checks.

    Attributes
    ----------
    subject : str
        What it is about, for grouping.
    names : tuple of str
        The checks of `integrity.tsv` that it stands for.
    looks_at : str
    compared : callable
        How many things it had to look at.
    unit : str
        What these are, in the plural.
    otherwise : str
        Why it could not run where there are none.
    """

    subject: str
    names: tuple[str, ...]
    looks_at: str
    compared: Callable[[Scope], int]
    unit: str
    otherwise: str


READING, COUNTED, COUNTS = "Reading", "Who is counted", "Counts"
FREQUENCIES, REPORTED, LABELS = "Allele frequencies", "Reported estimates", "Labels and papers"
CHECKS = (
    Check(
        READING,
        tuple(
            "other_strand case_ignored no_counts no_rows file_ignored sheet_ignored "
            "turned_by_configuration".split()
        ),
        "whether every file, header, label and number can be read, and what had to be translated",
        lambda s: s.rows,
        "rows",
        "no row was read",
    ),
    Check(
        COUNTED,
        ("part_of_whole", "parts_by_label", "overlapping_parts"),
        "wholes of studies pooled with their parts, and parts that may share people",
        lambda s: s.parts,
        "parts of studies",
        "no row describes a part of a study",
    ),
    Check(
        COUNTED,
        ("shared_controls", "shared_controls_reported"),
        "rows that share controls as their control_group says",
        lambda s: s.shared,
        "rows",
        "no row has a control_group",
    ),
    Check(
        COUNTED,
        ("cannot_answer", "third_allele"),
        "questions and models that the cells of a row do not answer",
        lambda s: s.count_rows,
        "rows",
        "no table gives counts",
    ),
    Check(
        COUNTS,
        ("repeated_counts",),
        "rows that have the counts, the cases or the controls of another study, as they are, "
        "turned round, exchanged or multiplied",
        lambda s: s.pairs + s.pairs_across,
        "pairs of rows",
        "there are no two studies to compare",
    ),
    Check(
        COUNTS,
        ("nested_counts",),
        "studies that are the sum of two others, and parts listed as studies",
        lambda s: s.triples,
        "threes of studies",
        "no locus has three studies with all genotypes",
    ),
    Check(
        COUNTS,
        ("cases_equal_controls",),
        "cases that are a copy of the controls",
        lambda s: s.count_rows,
        "rows",
        "no table gives counts",
    ),
    Check(
        COUNTS,
        ("small_cells", "tiny_study", "additive_corrected"),
        "genotypes and groups with nobody or a few people",
        lambda s: s.count_rows,
        "rows",
        "no table gives counts",
    ),
    Check(
        FREQUENCIES,
        ("hardy_weinberg",),
        "genotypes of controls against Hardy-Weinberg proportions",
        lambda s: s.controls,
        "rows",
        "no row gives all genotypes of controls",
    ),
    Check(
        FREQUENCIES,
        ("orientation", "orientation_unknown"),
        "A/T and C/G variants whose allele frequency would fit the other studies turned round",
        lambda s: s.palindromic if s.config.allele_frequency_by else 0,
        "rows",
        "no A/T or C/G variant with counts, or no allele_frequency_by in the configuration",
    ),
    Check(
        REPORTED,
        ("estimate_turned", "estimate_set_aside", "se_from_p", "no_standard_error"),
        "reported estimates of another allele or measure, or without an interval",
        lambda s: s.estimates,
        "estimates",
        "no estimate is reported",
    ),
    Check(
        REPORTED,
        ("asymmetric_interval",),
        "estimates that are not in the middle of their interval",
        lambda s: s.intervals,
        "intervals",
        "no interval is reported",
    ),
    Check(
        REPORTED,
        ("interval_width",),
        "intervals too narrow or too wide for the stated numbers of people, and for the allele "
        f"frequency where {FEWEST_OTHERS} other studies give it",
        lambda s: s.intervals_with_people,
        "intervals",
        "no reported odds ratio has an interval, cases and controls",
    ),
    Check(
        REPORTED,
        ("interval_contradicted",),
        "intervals against a standard error or p-value of the same row",
        lambda s: s.intervals_with_more,
        "intervals",
        "no interval stands beside a standard error or p-value",
    ),
    Check(
        REPORTED,
        ("reported_disagrees",),
        "reported odds ratios against the counts of the same people",
        lambda s: s.counted_and_reported,
        "estimates",
        "no study has both counts and a reported estimate of the same people",
    ),
    Check(
        LABELS,
        ("label_spelling", "value_in_no_group", "not_a_number", "stratifier_without_column"),
        "values of the stratifiers in two spellings, or in no stratum",
        lambda s: s.values,
        "values",
        "no stratifier has a value",
    ),
    Check(
        LABELS,
        ("study_spelling", "study_labels_alike"),
        "study labels in two spellings",
        lambda s: s.studies if s.studies > 1 else 0,
        "studies",
        "there are no two studies to compare",
    ),
    Check(
        LABELS,
        ("same_paper", "impossible_year"),
        "papers under two labels, labels with two papers, and impossible years",
        lambda s: s.identified,
        "rows",
        "no row has a pmid, a doi or a year",
    ),
    Check(
        LABELS,
        ("same_people",),
        "studies of an author of the same name with as many cases and controls",
        lambda s: s.studies if s.studies > 1 else 0,
        "studies",
        "there are no two studies to compare",
    ),
    Check(
        LABELS,
        ("ethnicity_country",),
        "ancestry labels that studies of the country do not usually state",
        lambda s: s.labels,
        "rows",
        "no row has both a country and an ancestry label",
    ),
)


def checklist_rows(
    config: Config, tables: StudyTables, findings: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of `checks.tsv`.

    Parameters
    ----------
    config : Config
    tables : StudyTables
    findings : iterable of mapping
        The rows of `integrity.tsv`. A check that the list does not name gets a line at its end.
    """
    found = Counter((row["check"], row["severity"]) for row in findings)
    scope = Scope(config, tables)
    rows = []
    for check in CHECKS:
        compared = check.compared(scope)
        rows.append(
            {
                "subject": check.subject,
                "check": ", ".join(check.names),
                "looks_at": check.looks_at,
                "compared": compared,
                "unit": check.unit,
                "warnings": sum(found[name, "warning"] for name in check.names),
                "notes": sum(found[name, "note"] for name in check.names),
                "reason": "" if compared else check.otherwise,
            }
        )
    listed = {name for check in CHECKS for name in check.names}
    for name in sorted({name for name, _ in found} - listed):
        rows.append(
            {
                "subject": "Other",
                "check": name,
                "looks_at": "",
                "compared": None,
                "unit": "",
                "warnings": found[name, "warning"],
                "notes": found[name, "note"],
                "reason": "",
            }
        )
    return rows
