"""Links that we build ourselves, from values that look exactly like a DOI or a PMID."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

from genopool.report.inputs import text

# Crossref's pattern for modern DOIs; angle brackets, quotes and blanks of old ones are not let in.
DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]+")
PMID = re.compile(r"[1-9]\d{0,7}")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_PMID_PREFIX = re.compile(r"(?:https?://pubmed\.ncbi\.nlm\.nih\.gov/|pmid:\s*)", re.IGNORECASE)


def _anchor(url: str, label: str) -> Markup:
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, label)


def doi(value: Any) -> Markup:
    """A DOI as a link, or as plain text if it does not match the pattern; blank for nothing."""
    printed = text(value)
    bare = _DOI_PREFIX.sub("", printed, count=1) if _DOI_PREFIX.match(printed) else printed
    if DOI.fullmatch(bare):
        return _anchor(f"https://doi.org/{bare}", f"doi:{bare}")
    return escape(printed)


def pmid(value: Any) -> Markup:
    """A PubMed identifier as a link, or as plain text if it does not match the pattern."""
    printed = text(value)
    bare = _PMID_PREFIX.sub("", printed, count=1) if _PMID_PREFIX.match(printed) else printed
    if PMID.fullmatch(bare.rstrip("/")):
        bare = bare.rstrip("/")
        return _anchor(f"https://pubmed.ncbi.nlm.nih.gov/{bare}/", f"PMID {bare}")
    return escape(printed)


def both(row: dict[str, Any]) -> Markup:
    """The DOI and PMID of a row, whichever it has."""
    return Markup(" ").join(part for part in (doi(row.get("doi")), pmid(row.get("pmid"))) if part)


def brief(row: dict[str, Any]) -> Markup:
    """The same for narrow cells: a DOI is linked by the word alone, and stands in full among the
    references."""
    linked = doi(row.get("doi"))
    found = re.fullmatch(r'(<a href="[^"]*" rel="[^"]*")>doi:([^<]*)</a>', linked)
    if found:
        linked = Markup('{} title="{}">DOI</a>').format(Markup(found[1]), found[2])
    return Markup(" ").join(part for part in (linked, pmid(row.get("pmid"))) if part)
