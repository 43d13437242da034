"""Every check of the sentinel, in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genopool.diagnostics.integrity.orientation import check_orientation
from genopool.diagnostics.integrity.statistics import check_statistics
from genopool.studies.findings import Finding
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config


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
    found = check_statistics(config, locus, tables)
    # The rule of thumb for A/T and C/G variants adds what the likelihoods of all counts leave out.
    warned = {f.study for f in found if f.check == "orientation" and f.severity == "warning"}
    return found + [
        finding
        for finding in check_orientation(config, locus, tables)
        if finding.study not in warned
    ]
