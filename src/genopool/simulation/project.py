"""A simulated project on disk: made in memory, checked, then written whole."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from genopool.config import Project
from genopool.simulation.design import SimulatedProject
from genopool.simulation.frame import draw_studies
from genopool.simulation.genetics import LocusModel, draw_locus
from genopool.simulation.tables import study_tables
from genopool.simulation.truth import truth_rows
from genopool.studies.findings import errors, report_errors
from genopool.studies.reading import read_studies
from genopool.studies.truth import COLUMNS
from genopool.tables import one_line, read_rows, write_text
from genopool.workflow import sha256

#: Lists the files that a simulation made, with their SHA-256, in the folder that it wrote to.
MANIFEST = "simulated.tsv"


class SimulationError(ValueError):
    """A simulation that cannot be written."""


@dataclass(frozen=True)
class Simulation:
    """The files of a simulated project, by their paths below its folder, and what is in them."""

    files: dict[str, str]
    studies: int
    truths: int


def simulate(project: SimulatedProject, seed: int | None = None) -> Simulation:
    """Make the study tables and the planted truth of a design.

    The same design and seed give the same text, whatever the machine, the order of keys in the
    files or the hash seed.

    Raises
    ------
    SimulationError
        If the analysis would refuse the tables, for a reason that the design has.
    """
    design, config = project.design, project.config
    if seed is not None:
        design = design.model_copy(update={"seed": seed})
    studies = draw_studies(design)
    models = [
        LocusModel(design, key, config.loci[key]) for key in config.loci if key in design.loci
    ]
    draws = {model.key: draw_locus(model, studies) for model in models}
    tables = study_tables(design, models, draws)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in tables.items():
            write_text(Path(folder) / name, text)
        here = Project(config.model_copy(update={"studies": "."}), Path(folder) / "config.yaml")
        read = read_studies(here)
        if errors(read.findings):
            raise SimulationError(
                "the simulated tables cannot be analysed:\n" + report_errors(read.findings)
            )
        truth = truth_rows(config, models, draws, read)
    files = {str(PurePosixPath(config.studies) / name): text for name, text in tables.items()}
    if config.truth:
        lines = ["\t".join(COLUMNS)]
        lines += ["\t".join(one_line(row[column]) for column in COLUMNS) for row in truth]
        files[config.truth] = "\n".join(lines) + "\n"
    return Simulation(files, len(studies), len(truth))


def write_simulation(project: SimulatedProject, made: Simulation, folder: Path) -> list[str]:
    """Write a simulated project, whole or not at all.

    Files of an earlier simulation are replaced, or deleted where this one does not make them.
    Outside the design's own folder its two files are copied too, so that the project is complete.

    Parameters
    ----------
    project : SimulatedProject
    made : Simulation
    folder : Path

    Returns
    -------
    list of str
        The files deleted.

    Raises
    ------
    SimulationError
        If a file is there that no simulation made, or that was changed since; nothing is written.
    """
    files = {name: text.encode("utf-8") for name, text in made.files.items()}
    if folder.resolve() != project.folder.resolve():
        for name in (project.source.name, project.design.project):
            files[name] = (project.folder / name).read_bytes()
    before = _listed(folder)
    files[MANIFEST] = _manifest(files)
    problems = [name for name in files if not _is_ours(folder, name, before)]
    if problems:
        raise SimulationError(
            "nothing was written, since these files were not made by a simulation, were changed "
            "since, or lie outside the folder:\n"
            + "\n".join(f"  - {folder / name}" for name in problems)
        )
    gone = [name for name in before if name not in files and _is_ours(folder, name, before)]
    _replace(folder, files)
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    return gone


def _manifest(files: dict[str, bytes]) -> bytes:
    lines = ["file\tsha256\tprovenance"]
    for name in sorted(files):
        lines.append(f"{one_line(name)}\t{hashlib.sha256(files[name]).hexdigest()}\tsimulated")
    return ("\n".join(lines) + "\n").encode()


def _listed(folder: Path) -> dict[str, str]:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return {}
    try:
        return {row["file"]: row["sha256"] for row in read_rows(manifest)}
    except (KeyError, ValueError):
        raise SimulationError(f"{manifest} is not the list of a simulation; move it away") from None


def _is_ours(folder: Path, name: str, listed: dict[str, str]) -> bool:
    """Whether a file below the folder is not there, or is just as a simulation left it."""
    path = folder / name
    if folder.resolve() not in path.resolve().parents:
        return False
    if not path.exists() or name == MANIFEST:
        return not path.is_symlink()
    return path.is_file() and listed.get(name) == sha256(path)


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    """Write all files, or, where one cannot be written, put back what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".simulation.") as beside:
        new, old = Path(beside, "new"), Path(beside, "old")
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)
        placed: list[str] = []
        try:
            for name in files:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.exists():
                    (old / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(target, old / name)
                placed.append(name)
                (new / name).replace(target)
        except BaseException:
            for name in placed:
                if (old / name).exists():
                    (old / name).replace(folder / name)
                elif not (new / name).exists():
                    (folder / name).unlink(missing_ok=True)
            raise
