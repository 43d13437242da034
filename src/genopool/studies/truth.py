"""The table of planted truth that `truth:` names: what simulated studies were made with."""

from __future__ import annotations

from math import exp, isclose, isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from genopool.config import MODELS
from genopool.studies.findings import Finding
from genopool.studies.side_tables import SideRow, read_side_table, unusable

if TYPE_CHECKING:
    from genopool.config import Project

#: Models of rows about the lengths of a repeat: one against `reference`, and per repeat more.
PER_LENGTH, LENGTH_TREND = "per_length", "length_trend"
COLUMNS = (
    "locus effect_allele model reference stratifier stratum k log_or or tau provenance"
).split()
REQUIRED_COLUMNS = ("locus", "effect_allele", "model", "stratifier", "stratum", "log_or", "tau")
KEY = ("locus", "effect_allele", "model", "stratifier", "stratum")


def read_truth(project: Project) -> tuple[list[dict[str, str]], list[Finding]]:
    """Read the table that `truth:` names.

    Returns
    -------
    rows : list of dict
        Every column of `COLUMNS`, blank where the table has none.
    findings : list of Finding
        Errors: missing columns, numbers that are none, models that are not known, two truths of
        one result.
    """
    if project.truth is None:
        return [], []
    rows, findings = read_side_table(project.truth, COLUMNS, REQUIRED_COLUMNS)
    first: dict[tuple[object, ...], int] = {}
    for row in rows:
        findings += _problems(row)
        key = (row.where["sheet"], *(row.values[name] for name in KEY))
        earlier = first.setdefault(key, row.where["row"])
        if earlier != row.where["row"]:
            findings.append(
                Finding(
                    "error",
                    "repeated_row",
                    f"a second truth of the result in row {earlier}",
                    expected="one truth for each result",
                    locus=row.values["locus"],
                    **row.where,
                )
            )
    return [row.values for row in rows], findings


def planted(table: Path | str, locus: str) -> dict[tuple[str, ...], float]:
    """The planted log odds ratios of a locus, from a table without errors.

    Returns
    -------
    dict
        By effect allele, model, stratifier and stratum.
    """
    rows, _ = read_side_table(Path(table), COLUMNS, REQUIRED_COLUMNS)
    return {
        tuple(row.values[name] for name in KEY[1:]): float(row.values["log_or"])
        for row in rows
        if row.values["locus"] == locus
    }


def _problems(row: SideRow) -> list[Finding]:
    values = row.values
    log_or, tau, odds = (_number(values[name]) for name in ("log_or", "tau", "or"))
    wrong = []
    if log_or is None:
        wrong.append(("log_or", "a number"))
    if tau is None or tau < 0:
        wrong.append(("tau", "a number, 0 or more"))
    if values["or"] and (
        odds is None
        or odds <= 0
        or (log_or is not None and not isclose(odds, exp(min(log_or, 700.0)), rel_tol=1e-4))
    ):
        wrong.append(("or", "the exponential of log_or"))
    if values["model"] not in (*MODELS, PER_LENGTH, LENGTH_TREND):
        wrong.append(("model", f"one of {', '.join((*MODELS, PER_LENGTH, LENGTH_TREND))}"))
    return unusable(row, wrong, locus=values["locus"])


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
