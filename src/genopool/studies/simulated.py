"""Whether the tables of a simulated project say that they are, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from genopool.studies.findings import Finding
from genopool.studies.records import Row

if TYPE_CHECKING:
    from genopool.config import Config

SIMULATED = "simulated"


def check_provenance(config: Config, rows: Iterable[Row]) -> Iterator[Finding]:
    """Errors: rows of a simulated project whose `provenance` is not `simulated`."""
    if not config.simulated:
        return
    for row in rows:
        said = row.values.get("provenance", "")
        if SIMULATED not in said.casefold():
            yield row.finding(
                "error",
                "not_simulated",
                "a row that does not say that its numbers are simulated, in a project that does",
                column="provenance",
                value=said,
                expected=SIMULATED,
                why="real and made-up numbers would be pooled, and all be called made up",
            )
