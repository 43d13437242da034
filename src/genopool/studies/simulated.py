"""Numbers that no paper prints: how rows say so, and whether those of a simulated project do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from genopool.studies.findings import Finding
from genopool.studies.records import Row

if TYPE_CHECKING:
    from genopool.config import Config

SIMULATED = "simulated"
#: Words of the column `provenance` that mean that a row's numbers were made.
KINDS = ("reconstructed", SIMULATED)


def kind(provenance: Any) -> str:
    """`reconstructed` or `simulated` if a cell of the column `provenance` says so, else blank."""
    said = provenance.casefold() if isinstance(provenance, str) else ""
    return next((word for word in KINDS if word in said), "")


def check_provenance(config: Config, rows: Iterable[Row]) -> Iterator[Finding]:
    """Errors: rows of a simulated project whose `provenance` is not `simulated`."""
    if not config.simulated:
        return
    for row in rows:
        said = row.values.get("provenance", "")
        if kind(said) != SIMULATED:
            yield row.finding(
                "error",
                "not_simulated",
                "a row that does not say that its numbers are simulated, in a project that does",
                column="provenance",
                value=said,
                expected=SIMULATED,
                why="real and made-up numbers would be pooled, and all be called made up",
            )
