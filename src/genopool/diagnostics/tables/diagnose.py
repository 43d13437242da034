"""Every chosen diagnostic of a locus, as the rows of its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from genopool.diagnostics.tables.multiplicity import multiplicity_rows
from genopool.diagnostics.tables.pools import Pools, Rows
from genopool.diagnostics.tables.small_study import small_study_rows

#: How the rows of each table are made, but for the verdict.
MAKERS: Mapping[str, Callable[[Pools], Rows]] = {
    "small_study": small_study_rows,
    "multiplicity": multiplicity_rows,
}
