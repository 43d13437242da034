"""Every check of the sentinel, in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genopool.diagnostics.integrity.countries import check_countries
from genopool.diagnostics.integrity.interval_contradicted import check_interval_contradicted
from genopool.diagnostics.integrity.interval_width import check_interval_width
from genopool.diagnostics.integrity.labels import check_labels
from genopool.diagnostics.integrity.nested_counts import check_nested_counts
from genopool.diagnostics.integrity.orientation import check_orientation
from genopool.diagnostics.integrity.papers import check_papers
from genopool.diagnostics.integrity.repeated_counts import (
    check_repeated_across_loci,
    check_repeated_counts,
)
from genopool.diagnostics.integrity.reported_counts import check_reported_against_counts
from genopool.diagnostics.integrity.single_rows import check_single_rows
from genopool.diagnostics.integrity.statistics import check_statistics
from genopool.studies.findings import Finding
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config


def _compare_studies(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """The statistical checks; where they are silent, the rule of thumb for A/T and C/G variants."""
    found = check_statistics(config, locus, tables)
    warned = {f.study for f in found if f.check == "orientation" and f.severity == "warning"}
    return found + [
        finding
        for finding in check_orientation(config, locus, tables)
        if finding.study not in warned
    ]


BOOKKEEPING_CHECKS = (
    check_repeated_counts,
    check_nested_counts,
    check_single_rows,
    check_reported_against_counts,
    check_interval_width,
    check_interval_contradicted,
)
LOCUS_CHECKS = (_compare_studies, *BOOKKEEPING_CHECKS)
PROJECT_CHECKS = (
    check_repeated_across_loci,
    check_labels,
    check_countries,
    check_papers,
)


def check_locus(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """What the studies of one locus say about each other.

    Parameters
    ----------
    config : Config
    locus : str
        A key of the configuration's loci.
    tables : StudyTables
        The tables that name the locus, without errors.
    """
    return [finding for check in LOCUS_CHECKS for finding in check(config, locus, tables)]


def check_across_loci(config: Config, tables: StudyTables) -> list[Finding]:
    """What the rows of all loci say about each other.

    Parameters
    ----------
    config : Config
    tables : StudyTables
        All of the study tables, without errors.
    """
    return [finding for check in PROJECT_CHECKS for finding in check(config, tables)]
