"""Labels of studies that a column of authors gives: two papers of one author are two studies."""

from __future__ import annotations

from dataclasses import replace

from genopool.studies.cells import is_blank
from genopool.studies.findings import Finding
from genopool.studies.raw.tables import RawTable


def with_years(table: RawTable) -> RawTable:
    """The table with the year after each author who has papers of several years.

    Only where the label is not called `study`, and at one locus and population the label alone
    would name two rows.
    """
    study, year = table.position("study"), table.position("year")
    if study is None or year is None or table.columns[study].written.lower() == "study":
        return table
    years: dict[str, dict[str, None]] = {}
    for _, cells in table.rows:
        if not is_blank(cells[year]):
            years.setdefault(cells[study], {})[cells[year]] = None
    several = {label for label, found in years.items() if label and len(found) > 1}
    if not several:
        return table
    rows, findings = [], []
    for line, cells in table.rows:
        label = cells[study]
        if label in several and not is_blank(cells[year]) and cells[year] not in label:
            dated = f"{label} {cells[year]}"
            findings.append(
                Finding(
                    "note",
                    "study_with_year",
                    f"{label!r} has papers of {' and '.join(sorted(years[label]))}",
                    file=table.file,
                    sheet=table.sheet,
                    row=line,
                    column=table.columns[study].written,
                    value=label,
                    study=dated,
                    why="two papers of one author are two studies",
                    action=f"the study is called {dated!r}",
                )
            )
            cells = (*cells[:study], dated, *cells[study + 1 :])
        rows.append((line, cells))
    return replace(table, rows=tuple(rows), findings=(*table.findings, *findings))
