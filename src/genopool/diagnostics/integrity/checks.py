"""Every check of the sentinel, in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genopool.diagnostics.integrity.orientation import check_orientation
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
    return check_orientation(config, locus, tables)
