"""Findings as SARIF 2.1.0, which code hosts and editors show beside the file.

OASIS (2020): Static Analysis Results Interchange Format, version 2.1.0.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from genopool import __version__
from genopool.commands.listing import columns
from genopool.studies.findings import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(
    findings: Sequence[Finding], paths: Mapping[str, Path], source: Path
) -> dict[str, Any]:
    """Findings as a SARIF log.

    Parameters
    ----------
    findings : sequence of Finding
    paths : mapping of str to Path
        Where the files are that findings name.
    source : Path
        The configuration, in which findings are that belong to no file.
    """
    checks = list(dict.fromkeys(finding.check for finding in findings))
    column = columns(paths)
    rules = [{"id": check, "shortDescription": {"text": _in_words(check)}} for check in checks]
    driver = {"name": "genopool", "version": __version__, "rules": rules}
    results = [
        {
            "ruleId": finding.check,
            "ruleIndex": checks.index(finding.check),
            "message": {"text": _text(finding)},
            "locations": [_location(finding, paths.get(finding.file, source), column)],
            "properties": {
                name: getattr(finding, name)
                for name in ("value", "expected", "study", "population", "locus", "why", "action")
                if getattr(finding, name)
            },
            "level": finding.severity,
        }
        for finding in findings
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _in_words(check: str) -> str:
    words = check.replace("_", " ")
    return words[0].upper() + words[1:]


def _text(finding: Finding) -> str:
    text = finding.message
    if finding.sheet and finding.row is not None:
        text = f"sheet {finding.sheet}, row {finding.row}: {text}"
    if finding.expected:
        text += f"; expected {finding.expected}"
    return text.replace("](", "] (")  # else `[x](y)` of a cell is a link in a SARIF message


def _location(
    finding: Finding, path: Path, column: Callable[[Finding], int | None]
) -> dict[str, Any]:
    """The place in a text file by line and column; in a workbook by sheet and row, in words."""
    address = uri(path)
    physical: dict[str, Any] = {"artifactLocation": {"uri": address}}
    if not address.startswith("file:"):
        physical["artifactLocation"]["uriBaseId"] = "%SRCROOT%"
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.sheet:
        parts = [finding.sheet, *([f"row {finding.row}"] if finding.row is not None else [])]
        parts += [finding.column] if finding.column else []
        location["logicalLocations"] = [{"fullyQualifiedName": "/".join(parts), "kind": "element"}]
    elif finding.row is not None:
        start = column(finding)
        physical["region"] = {"startLine": finding.row}
        if start is not None:
            physical["region"]["startColumn"] = start
    return location


def uri(path: Path) -> str:
    """A URI relative to the current folder; absolute for a file that is not below it."""
    path = path.absolute()
    try:
        relative = path.relative_to(Path.cwd())
    except ValueError:
        return "file://" + quote(os.fsencode(path.as_posix()))
    return quote(os.fsencode(relative.as_posix()))
