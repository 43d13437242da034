"""The list of references: what was read, and the methods."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape

from genopool.report import links
from genopool.report.bibliography import REFERENCES
from genopool.report.inputs import text


def study_references(rows: Iterable[dict[str, Any]], name: str) -> list[Markup]:
    """One reference for each paper that rows name, in alphabetical order.

    Parameters
    ----------
    name : str
        The column that names the paper: `study` or `meta_analysis`.
    """
    papers: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        label = text(row[name])
        key = (label.casefold(), text(row.get("doi")).casefold(), text(row.get("pmid")))
        papers.setdefault(key, row)
    linked = {key[0] for key in papers if key[1] or key[2]}
    return [
        _reference(row, name)
        for key, row in sorted(papers.items())
        if key[1] or key[2] or key[0] not in linked
    ]


def _reference(row: dict[str, Any], name: str) -> Markup:
    label, year = text(row[name]) or "(no name)", text(row.get("year"))
    if year and year not in label:
        label = f"{label} ({year})"
    where = links.both(row) or Markup('<span class="minor">no DOI or PMID in the tables</span>')
    return escape(label) + ". " + where


def method_references(keys: Iterable[str]) -> list[Markup]:
    """References of the methods, in alphabetical order."""
    return [
        Markup("{} {}").format(citation, links.doi(doi)) if doi else escape(citation)
        for citation, doi in sorted(REFERENCES[key] for key in keys)
    ]
