"""What the workflow needs besides the statistics: settings, hashes, the manifest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from genopool.config import Config
from genopool.studies.findings import FINDING_COLUMNS, Finding, in_order
from genopool.tables import write_rows

PACKAGE = Path(__file__).parent
#: Keys of the configuration that a locus's numbers and figures do not depend on.
_NOT_OF_A_LOCUS = {"title", "studies", "results", "published", "truth"}


def locus_settings(config: Config, locus: str) -> str:
    """The part of the configuration that a locus depends on, as JSON.

    Another locus, or a new title, does not change it.
    """
    settings = config.model_copy(update={"loci": {locus: config.loci[locus]}})
    return settings.model_dump_json(exclude=_NOT_OF_A_LOCUS, exclude_defaults=True)


def code_hash(*folders: str) -> str:
    """A hash of the modules at the top of the package and in the named folders.

    Snakemake runs a job again when a parameter changes, but not when a module does that its script
    imports.
    """
    digest = hashlib.sha256()
    for folder in (".", *folders):
        for path in sorted((PACKAGE / folder).iterdir()):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def import_from(folder: str) -> None:
    """Let the scripts of the workflow import the package from `folder`."""
    path = [folder, *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(path)


def write_findings(
    path: Path | str, findings: Iterable[Finding], *, simulated: bool = False
) -> None:
    """Write findings as a table, in their order."""
    rows = (finding.as_row() for finding in in_order(findings))
    write_rows(path, FINDING_COLUMNS, rows, simulated=simulated)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def update_manifest(
    results: Path, current: Iterable[Path], *, simulated: bool = False
) -> list[str]:
    """Write `manifest.tsv` and delete what an earlier one lists and is not made any more.

    Parameters
    ----------
    results : Path
        The results folder.
    current : iterable of Path
        Every file of the current run.
    simulated : bool
        Whether they are of simulated studies, which the manifest says too.

    Returns
    -------
    list of str
        The files that are no longer made, relative to `results`.
    """
    manifest = results / "manifest.tsv"
    listed = {path.relative_to(results).as_posix(): path for path in sorted(current)}
    gone = []
    if manifest.is_file():
        for line in manifest.read_text(encoding="utf-8").splitlines()[1:]:
            name = line.split("\t")[0]
            path = results / name
            if name in listed or not _is_below(path, results):
                continue
            gone.append(name)
            if not path.is_file():
                continue
            path.unlink()
            for folder in path.parents:
                if folder == results or any(folder.iterdir()):
                    break
                folder.rmdir()
    write_rows(
        manifest,
        ("file", "sha256"),
        ({"file": name, "sha256": sha256(path)} for name, path in listed.items()),
        simulated=simulated,
    )
    return gone


def _is_below(path: Path, folder: Path) -> bool:
    return folder.resolve() in path.resolve().parents
