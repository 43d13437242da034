"""`genopool check`: read and check study tables without analysing them."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genopool.commands.project import Checked, UsageError, check, displayed

if TYPE_CHECKING:
    from genopool.studies.findings import Finding

NAME = "check"
HELP = "read and check study tables without analysing them"
FORMATS = ("table", "json", "sarif", "lines")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="FOLDER_OR_FILE",
        help="study tables; the configuration's own folder by default",
    )
    parser.add_argument(
        "--config", default="config.yaml", metavar="FILE", help="the configuration [config.yaml]"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="table",
        help="table for people; json; sarif for code hosts; lines as compilers print [table]",
    )
    parser.add_argument("--output", metavar="FILE", help="write there instead of to the terminal")
    parser.add_argument(
        "--severity",
        choices=("error", "warning", "note"),
        default="note",
        help="the least severe findings to show [note]",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 on warnings too")


def run(arguments: argparse.Namespace) -> int:
    checked = check(arguments.config, arguments.paths)
    output = Path(arguments.output) if arguments.output else None
    if output is not None:
        _refuse_input(output, [*checked.paths.values(), checked.project.source])
    text = formatted(checked, arguments.format, arguments.severity, to_file=output is not None)
    if output is None:
        # By lines: of one large write into a broken pipe Python does not hear.
        sys.stdout.writelines(text.splitlines(keepends=True))
        sys.stdout.flush()
    else:
        from genopool.tables import write_text

        write_text(output, text)
    return status(checked.findings, strict=arguments.strict)


def status(findings: list[Finding], *, strict: bool = False) -> int:
    """1 if there is an error (or, strictly, a warning), else 0."""
    stopping = ("error", "warning") if strict else ("error",)
    return int(any(finding.severity in stopping for finding in findings))


def formatted(checked: Checked, form: str, severity: str = "note", *, to_file: bool = False) -> str:
    """What was found, in one of `FORMATS`."""
    from genopool.commands.listing import as_lines
    from genopool.commands.sarif import as_sarif
    from genopool.studies.findings import SEVERITIES

    shown = SEVERITIES[: SEVERITIES.index(severity) + 1]
    findings = [finding for finding in checked.findings if finding.severity in shown]
    source = checked.project.source
    if form == "lines":
        return as_lines(findings, checked.paths, source)
    if form == "json":
        return _json(_document(checked, findings))
    if form == "sarif":
        return _json(as_sarif(findings, checked.paths, source))
    return _table(checked, findings, to_file)


def _table(checked: Checked, findings: list[Finding], to_file: bool) -> str:
    from genopool.commands.listing import as_table, summary

    is_terminal = not to_file and sys.stdout.isatty()
    text = as_table(
        findings,
        checked.paths,
        width=min(shutil.get_terminal_size((100, 24)).columns, 120),
        coloured=is_terminal and not os.environ.get("NO_COLOR"),
    )
    tables = checked.tables
    if text:
        text += "\n"
    text += (
        f"{len(tables.files):,} table{'' if len(tables.files) == 1 else 's'} with "
        f"{tables.rows_read:,} row{'' if tables.rows_read == 1 else 's'} read: "
        f"{summary(checked.findings)}.\n"
    )
    if not checked.is_compared:
        text += "Studies are compared with each other once there are no errors.\n"
    return text


def _document(checked: Checked, findings: list[Finding]) -> dict[str, Any]:
    counted = {
        f"{severity}s": sum(finding.severity == severity for finding in checked.findings)
        for severity in ("error", "warning", "note")
    }
    paths = {name: displayed(path) for name, path in checked.paths.items()}
    return {
        "files": [paths.get(name, name) for name in checked.tables.files],
        "rows_read": checked.tables.rows_read,
        "studies_compared": checked.is_compared,
        **counted,
        "findings": [
            {"path": paths.get(finding.file, ""), **finding.as_row()} for finding in findings
        ],
    }


def _json(document: dict[str, Any]) -> str:
    """JSON in ASCII, whatever terminal it goes to."""
    return json.dumps(_whole_characters(document), indent=2) + "\n"


def _whole_characters(value: Any) -> Any:
    """Half surrogate pairs, which JSON readers refuse, as `\\udc80` in words."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _whole_characters(item) for key, item in value.items()}
    return [_whole_characters(item) for item in value] if isinstance(value, list) else value


def _refuse_input(output: Path, inputs: list[Path]) -> None:
    if any(output.resolve() == path.resolve() for path in inputs):
        raise UsageError(f"--output {str(output)!r} is one of the files that are read")
