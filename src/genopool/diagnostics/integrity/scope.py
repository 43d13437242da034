"""How much of everything the tables hold for the checks to look at."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from math import comb
from typing import TYPE_CHECKING

from genopool.association.answers import RowCounts
from genopool.association.effects import questions_of
from genopool.diagnostics.integrity.countries import ancestry_columns
from genopool.studies.cells import is_blank
from genopool.studies.moderators import moderator_columns
from genopool.studies.populations import populations
from genopool.studies.records import CountRow, StudyTables
from genopool.studies.strata import Strata

if TYPE_CHECKING:
    from genopool.config import Config

#: A study and the fewest others that can tell whether it is out of line.
FEWEST_IN_STRATUM = 4


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
    def stated(self) -> int:
        """Rows with something printed that the counts can be held against, and rows of totals."""
        totals = sum(f.check.startswith("total_row") for f in self.tables.findings)
        return sum(row.states_more for row in self.tables.counts) + totals

    @property
    def estimates(self) -> int:
        return len(self.tables.estimates)

    @property
    def parts(self) -> int:
        return sum(not row.is_whole for row in self.tables.rows)

    @property
    def shared(self) -> int:
        return sum(
            bool(row.control_group or row.values.get("overlaps")) for row in self.tables.rows
        )

    @property
    def studies(self) -> int:
        return len({row.study for row in self.tables.rows})

    @cached_property
    def genotyped(self) -> dict[str, list[CountRow]]:
        """Rows with all genotypes of controls, by locus."""
        found: dict[str, list[CountRow]] = {}
        for locus in self.config.loci:
            alleles, questions = questions_of(self.config, locus)
            for row in self.tables.of_locus(locus)[0]:
                numbers = RowCounts(row, alleles, questions[0]).by_copies("controls")
                if sum(numbers) == sum(numbers):
                    found.setdefault(locus, []).append(row)
        return found

    @property
    def controls(self) -> int:
        return sum(map(len, self.genotyped.values()))

    @cached_property
    def pairs(self) -> int:
        """Pairs of rows with counts at one locus: of different studies, and of parts of one."""
        total = 0
        for locus in self.config.loci:
            rows = self.tables.of_locus(locus)[0]
            studies = Counter(row.study for row in rows)
            parts = Counter(row.study for row in rows if not row.is_whole)
            total += comb(len(rows), 2) - sum(comb(k, 2) for k in studies.values())
            total += sum(comb(k, 2) for k in parts.values())
        return total

    @property
    def triples(self) -> int:
        numbers = [len({row.study for row in rows}) for rows in self.genotyped.values()]
        return sum(n * (n - 1) * (n - 2) // 6 for n in numbers)

    @property
    def pairs_across(self) -> int:
        numbers = [len(rows) for rows in self.genotyped.values()]
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

    @cached_property
    def in_large_strata(self) -> int:
        """Rows with all genotypes of controls and enough others in their stratum."""
        name, total = self.config.allele_frequency_by, 0
        for locus in self.config.loci:
            counts, estimates = self.tables.of_locus(locus)
            rows = [*counts, *estimates]
            described = populations(rows, self.config.stratifier_columns)
            strata = Strata(self.config, rows)
            sizes = Counter(
                strata.assign(name, described[id(row)].values).stratum if name else ""
                for row in self.genotyped.get(locus, ())
            )
            total += sum(
                n for stratum, n in sizes.items() if stratum is not None and n >= FEWEST_IN_STRATUM
            )
        return total

    @property
    def in_large_loci(self) -> int:
        numbers = Counter(row.locus for row in self.tables.rows)
        return sum(n for n in numbers.values() if n >= FEWEST_IN_STRATUM)

    @property
    def moderator_values(self) -> int:
        columns = moderator_columns(self.config)
        return sum(
            not is_blank(row.values.get(column, "").strip())
            for row in self.tables.rows
            for column in columns
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
