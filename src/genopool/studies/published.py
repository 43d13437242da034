"""The table of pooled estimates that earlier meta-analyses printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genopool.config import MODELS
from genopool.studies.findings import Finding
from genopool.studies.side_tables import SideRow, read_side_table, unusable

if TYPE_CHECKING:
    from genopool.config import Project

REQUIRED_COLUMNS = ("meta_analysis", "locus", "effect_allele", "model", "or", "ci_low", "ci_high")
COLUMNS = (
    "meta_analysis year doi pmid locus effect_allele model subgroup stratifier stratum k n_cases "
    "n_controls or ci_low ci_high q_p note"
).split()
_NUMBERS = ("k", "n_cases", "n_controls", "or", "ci_low", "ci_high", "q_p")


def read_published(project: Project) -> tuple[list[dict[str, str]], list[Finding]]:
    """Read the table that `published:` names.

    Returns
    -------
    rows : list of dict
        Every column of `COLUMNS`, blank where the table has none.
    findings : list of Finding
        Errors: missing columns, numbers that are none, models that are not known.
    """
    if project.published is None:
        return [], []
    rows, findings = read_side_table(project.published, COLUMNS, REQUIRED_COLUMNS)
    for row in rows:
        findings += _problems(row)
    return [row.values for row in rows], findings


def _problems(row: SideRow) -> list[Finding]:
    values = row.values
    wrong = [
        (name, "a number")
        for name in _NUMBERS
        if (values[name] or name in REQUIRED_COLUMNS) and not _is_number(values[name])
    ]
    if not wrong and not float(values["ci_low"]) <= float(values["or"]) <= float(values["ci_high"]):
        wrong.append(("or", "ci_low <= or <= ci_high"))
    if values["model"] not in MODELS:
        wrong.append(("model", f"one of {', '.join(MODELS)}"))
    return unusable(row, wrong, study=values["meta_analysis"])


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False
