"""Tables beside the studies: columns that mean themselves, and no rows that are set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genopool.studies.findings import Finding
from genopool.studies.raw.files import read_file


@dataclass(frozen=True)
class SideRow:
    """A row of such a table.

    Attributes
    ----------
    values : dict of str to str
        By column, blank where the table has none.
    where : dict of str to object
        File, sheet and row, as findings take them.
    """

    values: dict[str, str]
    where: dict[str, Any]


def read_side_table(
    path: Path, columns: Sequence[str], required: Sequence[str]
) -> tuple[list[SideRow], list[Finding]]:
    """Read a table whose columns have fixed names.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        Those that are read.
    required : sequence of str
        Those without which nothing is.

    Returns
    -------
    rows : list of SideRow
    findings : list of Finding
        Errors of the file and its cells, and missing columns.
    """
    tables, findings = read_file(path)
    rows = []
    for table in tables:
        findings += table.findings
        missing = [name for name in required if table.position(name) is None]
        if missing:
            findings.append(
                Finding(
                    "error",
                    "header",
                    f"no column {', '.join(missing)}",
                    file=table.file,
                    sheet=table.sheet,
                    expected=", ".join(required),
                )
            )
            continue
        places = {name: table.position(name) for name in columns}
        for number, cells in table.rows:
            values = {name: "" if p is None else cells[p] for name, p in places.items()}
            where = {"file": table.file, "sheet": table.sheet, "row": number}
            rows.append(SideRow(values, where))
    return rows, findings


def unusable(row: SideRow, wrong: Sequence[tuple[str, str]], **about: str) -> list[Finding]:
    """Errors of a row: the columns whose values cannot be used, and what was expected of each.

    Parameters
    ----------
    row : SideRow
    wrong : sequence of (str, str)
    **about : str
        What the row is about, as findings take it: `study` or `locus`.
    """
    return [
        Finding(
            "error",
            "unknown_value",
            f"{name} {row.values[name]!r} cannot be used",
            column=name,
            value=row.values[name],
            expected=expected,
            **row.where,
            **about,
        )
        for name, expected in wrong
    ]
