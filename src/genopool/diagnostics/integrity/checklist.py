"""Which checks ran, on how much, what they found, and which had nothing to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from genopool.diagnostics.integrity.catalogue import CHECKS
from genopool.diagnostics.integrity.scope import Scope
from genopool.diagnostics.settings import SWITCHED_OFF
from genopool.studies.records import StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

CHECKLIST_COLUMNS = "subject title check looks_at compared unit warnings notes reason".split()


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

    Notes
    -----
    A line whose checks the configuration has switched off compared nothing; one of several checks
    that is off is named in what the line looks at.
    """
    found = Counter((row["check"], row["severity"]) for row in findings)
    scope = Scope(config, tables)
    rows = []
    for check in CHECKS:
        off = [name for name in check.names if config.checks.is_off(name)]
        is_off = len(off) == len(check.names)
        compared = 0 if is_off else check.compared(scope)
        looks_at = check.looks_at
        if off and not is_off:
            looks_at += f" ({' and '.join(off)} {SWITCHED_OFF})"
        reason = SWITCHED_OFF if is_off else check.otherwise
        rows.append(
            {
                "subject": check.subject,
                "title": check.title,
                "check": ", ".join(check.names),
                "looks_at": looks_at,
                "compared": compared,
                "unit": check.unit,
                "warnings": sum(found[name, "warning"] for name in check.names),
                "notes": sum(found[name, "note"] for name in check.names),
                "reason": "" if compared else reason,
            }
        )
    listed = {name for check in CHECKS for name in check.names}
    for name in sorted({name for name, _ in found} - listed):
        rows.append(
            {
                "subject": "Other",
                "title": name.replace("_", " "),
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
