"""Which tables a command reads, and the project that they are of."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genopool.config_problems import ConfigError
from genopool.terminal import printable
from genopool.yaml_file import YamlError, YamlFile

if TYPE_CHECKING:
    from genopool.config import Project
    from genopool.studies.findings import Finding
    from genopool.studies.records import StudyTables


class UsageError(ValueError):
    """A command that makes no sense as given: exit status 2."""


@dataclass(frozen=True)
class Checked:
    """What was read and everything that was found.

    Attributes
    ----------
    project : Project
    tables : StudyTables
    findings : list of Finding
        Of the named files only, where files of the project's own folder were named.
    paths : mapping of str to Path
        Where the files are that findings name.
    is_compared : bool
        Whether the studies were compared with each other; not where there are errors.
    """

    project: Project
    tables: StudyTables
    findings: list[Finding]
    paths: Mapping[str, Path]
    is_compared: bool


def load_project(source: str, studies: Path | None = None) -> Project:
    """The project of a configuration; with another folder of study tables if one is given.

    Raises
    ------
    UsageError
        With every problem of the configuration.
    """
    from genopool.config import load

    try:
        if studies is None:
            return load(source)
        return load(source, _values(source) | {"studies": str(studies.absolute())})
    except ConfigError as error:
        hint = "" if Path(source).exists() else "; --config names the configuration"
        raise UsageError(f"{error}{hint}") from None


def check(source: str, paths: Sequence[str]) -> Checked:
    """Read and check study tables.

    Files of the configuration's own folder are checked with all of that folder, and what is found
    elsewhere is left out. Other files and folders are checked as a project of their own.

    Parameters
    ----------
    source : str
        The configuration.
    paths : sequence of str
        Files and folders; the configuration's own folder if there are none.

    Raises
    ------
    UsageError
        If the configuration cannot be used or a path cannot be read.
    """
    given = [_existing(path) for path in paths]
    own = _own_folder(source) if given else Path()
    shown: set[str] | None = None
    names: list[str] | None = None
    if not given:
        project = load_project(source)
    elif all(_is_of(own, path) for path in given):
        project = load_project(source)
        if all(not path.is_dir() for path in given):
            shown = {path.name for path in given}
    elif len(given) == 1 and given[0].is_dir():
        project = load_project(source, given[0])
    else:
        names = _files_of(given)
        project = load_project(source, Path(names[0]).parent)
    return check_project(project, names, shown)


def check_project(
    project: Project, names: list[str] | None = None, shown: set[str] | None = None
) -> Checked:
    """Read and check the study tables of a project.

    Parameters
    ----------
    project : Project
    names : list of str, optional
        Full names of the files to read; all of the project's folder by default.
    shown : set of str, optional
        Names of the files whose findings are wanted; all by default.
    """
    from genopool.analysis import check_input
    from genopool.studies.findings import errors

    tables = _read(project, names)
    findings = check_input(project, tables)
    is_compared = not errors(findings)
    if shown is not None:
        findings = [finding for finding in findings if finding.file in shown]
    return Checked(project, tables, findings, _paths(project, names), is_compared)


def _values(source: str) -> dict[str, Any]:
    try:
        values = YamlFile(Path(source)).values
    except YamlError as error:
        raise ConfigError(Path(source).name, [str(error)]) from None
    if not isinstance(values, dict):
        raise ConfigError(Path(source).name, ["expected keys and values, as `loci:`"])
    return values


def _own_folder(source: str) -> Path:
    """The folder of study tables that a configuration names."""
    from genopool.config import Config

    try:
        values = _values(source)
    except ConfigError as error:
        hint = "" if Path(source).exists() else "; --config names the configuration"
        raise UsageError(f"{error}{hint}") from None
    named = values.get("studies", Config.model_fields["studies"].default)
    return Path(source).absolute().parent / str(named)


def _existing(path: str) -> Path:
    """The path of a folder, or of a file that can be a study table."""
    from genopool.studies.raw.files import EXTENSIONS

    if path == "-":
        raise UsageError("tables are read from files, not from standard input; save it as a file")
    found = Path(path)
    try:
        found.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path!r} cannot be read: {reason}") from None
    if not found.is_dir():
        if found.suffix.lower() not in EXTENSIONS:
            raise UsageError(f"{path!r} is not a study table: expected {', '.join(EXTENSIONS)}")
        if found.name.startswith((".", "~$")):
            raise UsageError(f"{path!r} is passed over: its name begins with . or ~$")
    return found


def _is_of(folder: Path, path: Path) -> bool:
    """Whether the path is the folder, or a file in it."""
    return (path if path.is_dir() else path.parent).resolve() == folder.resolve()


def _files_of(given: Sequence[Path]) -> list[str]:
    """The files, and those of the folders, by their full names."""
    from genopool.studies.raw.files import study_files

    files: dict[str, Path] = {}
    for path in given:
        for file in study_files(path)[0] if path.is_dir() else [path]:
            other = files.setdefault(file.name, file.absolute())
            if other != file.absolute():
                raise UsageError(
                    f"{str(other)!r} and {str(file)!r} have the same file name, by which findings "
                    "tell files apart; check them one after the other"
                )
    if not files:
        raise UsageError("no csv, tsv or xlsx files in the folders")
    return [str(file) for file in files.values()]


def _read(project: Project, names: list[str] | None) -> StudyTables:
    from genopool.studies.findings import in_order
    from genopool.studies.moderators import check_moderators
    from genopool.studies.reading import read_studies
    from genopool.studies.strata import check_strata

    tables = read_studies(project, names)
    if names is None:
        return tables
    of_columns = [*check_strata(project.config, tables), *check_moderators(project.config, tables)]
    findings = [*tables.findings, *of_columns]
    return replace(tables, findings=tuple(in_order(findings)))


def _paths(project: Project, names: list[str] | None) -> dict[str, Path]:
    if names is not None:
        paths = {Path(name).name: Path(name) for name in names}
    else:
        paths = {path.name: path for path in project.studies.iterdir()}
    for beside in (project.published, project.truth):
        if beside is not None:
            paths.setdefault(beside.name, beside)
    return paths


def displayed(path: Path) -> str:
    """A path as a person at this place would type it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive of Windows
        return printable(str(path))
    return printable(os.path.abspath(path) if relative.startswith("..") else relative)
