"""The report of a project, from the files of its results folder."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from genopool import __version__
from genopool.config import OVERALL, Project
from genopool.diagnostics.choice import JOINED_DIAGNOSTICS, chosen_tables
from genopool.report.inputs import Figure, Locus, ReportInputs
from genopool.report.page import render_report
from genopool.results import read_figure_list
from genopool.studies.published import COLUMNS as PUBLISHED_COLUMNS
from genopool.studies.published import read_published
from genopool.studies.truth import COLUMNS as TRUTH_COLUMNS
from genopool.studies.truth import read_truth
from genopool.tables import read_frame, write_text
from genopool.workflow import sha256

SOFTWARE = ("numpy", "scipy", "pandas", "matplotlib", "pydantic", "snakemake")
JOINED = (
    "studies",
    "estimates",
    "integrity",
    "checks",
    "hwe",
    "pooled",
    "strata",
    "account",
    "lengths",
    "length_trend",
)


def write_report(project: Project, results: Path, tables: Sequence[Path], report: Path) -> None:
    """Write the report of a project.

    Parameters
    ----------
    project : Project
    results : Path
        The results folder, with the tables of every locus and the joined ones.
    tables : sequence of Path
        The study tables that were read.
    report : Path
        The file to write.
    """
    config = project.config
    published, _ = read_published(project)
    truth, _ = read_truth(project)
    beside = [path for path in (project.published, project.truth) if path]
    sources = [project.source, *tables, *beside]
    inputs = ReportInputs(
        title=config.title,
        outcome=config.outcome,
        configuration=config.model_dump(mode="json", exclude_defaults=False),
        configuration_text=project.source.read_text(encoding="utf-8-sig"),
        loci=[
            Locus(
                key=key,
                label=locus.label,
                gene=locus.gene,
                rsid=locus.rsid,
                kind=locus.kind,
                alleles=locus.alleles,
                effect_alleles=locus.questions,
                against=locus.against,
                chromosome=locus.chromosome,
            )
            for key, locus in config.loci.items()
        ],
        inputs=[
            (path.resolve().relative_to(project.folder.resolve()).as_posix(), sha256(path))
            for path in sources
        ],
        software=_software(),
        figures={locus: _figures(results, locus) for locus in config.loci},
        effects=_of_all_loci(project, results, "effects.tsv"),
        hwe_pooled=_of_all_loci(project, results, "hwe_pooled.tsv"),
        length_effects=_of_all_loci(project, results, "length_effects.tsv"),
        pooled_counts_only=_of_all_loci(project, results, "pooled_counts_only.tsv"),
        published=pd.DataFrame(published, columns=PUBLISHED_COLUMNS) if published else None,
        truth=pd.DataFrame(truth, columns=TRUTH_COLUMNS) if truth else None,
        **{name: _frame(results / f"{name}.tsv") for name in JOINED},
        **_diagnostics(project, results),
    )
    write_text(report, render_report(inputs))


def _diagnostics(project: Project, results: Path) -> dict[str, pd.DataFrame]:
    """The chosen tables of diagnostics: those that are joined whole, of the others what is overall.

    The report shows strata in verdicts and multiplicity only, and a table of all strata's
    sensitivity analyses can have a hundred thousand rows.
    """
    frames = {}
    for name in chosen_tables(project.config.diagnostics):
        if name in JOINED_DIAGNOSTICS:
            frames[name] = _frame(results / f"{name}.tsv")
        else:
            frame = _of_all_loci(project, results, f"{name}.tsv")
            frames[name] = frame[frame["stratifier"] == OVERALL]
    return frames


def _of_all_loci(project: Project, results: Path, name: str) -> pd.DataFrame:
    frames = [_frame(results / locus / name) for locus in project.config.loci]
    return pd.concat(frames, ignore_index=True)


def _frame(path: Path) -> pd.DataFrame:
    """A table without the mark of simulated ones, which the page itself has."""
    return read_frame(path).drop(columns="simulated", errors="ignore")


def _figures(results: Path, locus: str) -> list[Figure]:
    folder = results / locus / "figures"
    return [
        Figure(
            folder / f"{figure.stem}.svg",
            figure.effect_allele,
            figure.model,
            figure.stratifier,
            kind=figure.kind,
            reason=figure.reason,
        )
        for figure in read_figure_list(folder.with_suffix(".tsv"))
    ]


def _software() -> dict[str, str]:
    versions = {"genopool": __version__, "Python": platform.python_version()}
    for name in SOFTWARE:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return versions
