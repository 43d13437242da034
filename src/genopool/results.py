"""The files of the results folder: their columns, and writing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path

from genopool.analysis import LocusResults, Rows, check_input, study_rows
from genopool.association.equilibrium import HWE_COLUMNS
from genopool.association.tables import EFFECT_COLUMNS_AFTER, EFFECT_COLUMNS_BEFORE
from genopool.config import Config, Project
from genopool.diagnostics.choice import joined_tables
from genopool.diagnostics.integrity.checklist import CHECKLIST_COLUMNS, checklist_rows
from genopool.diagnostics.tables.across_loci import multiplicity_across_loci
from genopool.diagnostics.tables.columns import DIAGNOSTIC_COLUMNS, JOINED_COLUMNS
from genopool.figures.drawing import FORMATS, Figure
from genopool.pooling.equilibrium_tables import POOLED_HWE_COLUMNS
from genopool.pooling.length_tables import (
    DISTRIBUTION_COLUMNS,
    LENGTH_COLUMNS,
    LENGTH_EFFECT_COLUMNS,
    LENGTH_STRATA_COLUMNS,
    TREND_COLUMNS,
    LengthResults,
)
from genopool.pooling.strata_tables import STRATA_COLUMNS
from genopool.pooling.tables import POOLED_COLUMNS
from genopool.studies.records import StudyTables
from genopool.tables import read_rows, write_rows
from genopool.workflow import write_findings

STUDY_COLUMNS_BEFORE = "file sheet row study population locus control_group unit".split()
STUDY_COLUMNS_AFTER = "genotype cases controls".split()
ESTIMATE_COLUMNS_BEFORE = "file sheet row study population locus control_group".split()
ESTIMATE_COLUMNS_AFTER = (
    "reported_effect_allele reported_model measure estimate ci_low ci_high level adjusted n_cases "
    "n_controls effect_allele model log_estimate se used reason"
).split()
FIGURE_COLUMNS = [column.name for column in fields(Figure)]
SETTINGS_COLUMNS = ["setting", "value"]
ACCOUNT_COLUMNS = "file sheet row kind study population locus used reason".split()


def columns_with(before: Sequence[str], carried: Sequence[str], after: Sequence[str]) -> list[str]:
    """The columns of a table with those carried from the study tables in their place.

    A column of the study tables that has the name of one of ours gives way to it.
    """
    own = {*before, *after}
    return [*before, *(column for column in carried if column not in own), *after]


def effect_columns(carried: Sequence[str]) -> list[str]:
    """The columns of `effects.tsv`."""
    return columns_with(EFFECT_COLUMNS_BEFORE, carried, EFFECT_COLUMNS_AFTER)


def estimate_columns(carried: Sequence[str]) -> list[str]:
    """The columns of `estimates.tsv`."""
    return columns_with(ESTIMATE_COLUMNS_BEFORE, carried, ESTIMATE_COLUMNS_AFTER)


def write_locus(
    results: LocusResults, tables: StudyTables, folder: Path, *, simulated: bool = False
) -> None:
    """Write the tables of one locus; a column `simulated` marks those of simulated studies."""
    carried = tables.carried_columns
    write = partial(write_rows, simulated=simulated)
    write(folder / "effects.tsv", effect_columns(carried), results.effects)
    write(folder / "pooled.tsv", POOLED_COLUMNS, results.pooled)
    write(folder / "strata.tsv", STRATA_COLUMNS, results.strata)
    write(folder / "pooled_counts_only.tsv", POOLED_COLUMNS, results.counts_only)
    write(folder / "hwe.tsv", HWE_COLUMNS, results.hwe)
    write(folder / "hwe_pooled.tsv", POOLED_HWE_COLUMNS, results.hwe_pooled)
    write(folder / "estimates.tsv", estimate_columns(carried), results.estimates)
    write(folder / "account.tsv", ACCOUNT_COLUMNS, results.account)
    write_findings(folder / "integrity.tsv", results.findings, simulated=simulated)
    write_lengths(results.lengths, folder, simulated=simulated)


def write_lengths(lengths: LengthResults, folder: Path, *, simulated: bool = False) -> None:
    """Write the tables of a repeat's lengths; of another locus, their headers."""
    write = partial(write_rows, simulated=simulated)
    write(folder / "lengths.tsv", LENGTH_COLUMNS, lengths.pooled)
    write(folder / "length_trend.tsv", TREND_COLUMNS, lengths.trend)
    write(folder / "length_strata.tsv", LENGTH_STRATA_COLUMNS, lengths.strata)
    write(folder / "length_effects.tsv", LENGTH_EFFECT_COLUMNS, lengths.effects)
    write(folder / "length_distribution.tsv", DISTRIBUTION_COLUMNS, lengths.distribution)


def write_diagnostics(
    diagnosed: Mapping[str, Rows], folder: Path, *, simulated: bool = False
) -> None:
    """Write the chosen tables of diagnostics of one locus."""
    for name, rows in diagnosed.items():
        columns = DIAGNOSTIC_COLUMNS[name]
        write_rows(folder / f"{name}.tsv", columns, rows, simulated=simulated)


def write_figure_list(figures: Sequence[Figure], path: Path, *, simulated: bool = False) -> None:
    """Write which figures a locus has, and which it cannot have and why: `figures.tsv`."""
    rows = (asdict(figure) for figure in figures)
    write_rows(path, FIGURE_COLUMNS, rows, simulated=simulated)


def read_figure_list(path: Path) -> list[Figure]:
    """Read `figures.tsv`."""
    return [Figure(**{name: row[name] for name in FIGURE_COLUMNS}) for row in read_rows(path)]


def drawn_figures(folder: Path) -> list[Path]:
    """The files of the figures in a locus's folder `figures` that the current run made."""
    figures = [figure for figure in read_figure_list(folder.with_suffix(".tsv")) if figure.stem]
    return [folder / f"{figure.stem}.{ending}" for figure in figures for ending in FORMATS]


def settings_rows(config: Config) -> list[dict[str, str]]:
    """Every choice of the analysis with its defaults filled in, as `settings.tsv` lists them."""
    pooling = config.pooling
    choices = {
        "simulated": "yes" if config.simulated else "no",
        "models": ", ".join(config.models),
        "shared_controls": config.shared_controls,
        "overlaps.keep": config.overlaps["keep"],
        **{f"overlaps.{left}": kept for left, kept in config.overlaps.items() if left != "keep"},
        "reported.use": config.reported.use,
        "reported.prefer": config.reported.prefer,
        "allele_frequency_by": config.allele_frequency_by,
        "diagnostics": ", ".join(config.diagnostics) or "none",
        "moderators": ", ".join(" + ".join(names) for names in config.moderators),
        "pooling.method": pooling.method,
        "pooling.tau2": pooling.tau2_used,
        "pooling.interval": pooling.interval_used,
        "pooling.level": pooling.level,
        "pooling.prediction": pooling.prediction_used if pooling.has_tau2 else "",
        "pooling.between_strata": pooling.between_strata_used,
        "pooling.zero_cells.correction": pooling.zero_cells.correction,
        "pooling.zero_cells.apply": pooling.zero_cells.apply,
        "pooling.zero_cells.drop_double_zero": pooling.zero_cells.drop_double_zero,
    }
    if pooling.method == "bayes":
        priors = pooling.bayes
        choices |= {
            "pooling.bayes.tau_prior": priors.tau_prior,
            "pooling.bayes.tau_scale": priors.tau_scale or "default",
            "pooling.bayes.effect_prior": priors.effect_prior or "flat",
        }
    return [{"setting": name, "value": value} for name, value in choices.items()]


def join_loci(project: Project, tables: StudyTables, folder: Path) -> None:
    """Write the tables that show all loci together, from those of the loci.

    Parameters
    ----------
    project : Project
    tables : StudyTables
        All of the study tables.
    folder : Path
        The results folder.
    """
    carried = tables.carried_columns
    write = partial(write_rows, simulated=project.config.simulated)

    def joined(name: str) -> list[dict[str, str]]:
        return [row for locus in project.config.loci for row in read_rows(folder / locus / name)]

    def by_place(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return sorted(rows, key=lambda row: (row["file"], row["sheet"], int(row["row"])))

    write(
        folder / "studies.tsv",
        columns_with(STUDY_COLUMNS_BEFORE, carried, STUDY_COLUMNS_AFTER),
        study_rows(tables),
    )
    write(folder / "estimates.tsv", estimate_columns(carried), by_place(joined("estimates.tsv")))
    write(folder / "settings.tsv", SETTINGS_COLUMNS, settings_rows(project.config))
    write(folder / "hwe.tsv", HWE_COLUMNS, joined("hwe.tsv"))
    write(folder / "pooled.tsv", POOLED_COLUMNS, joined("pooled.tsv"))
    write(folder / "strata.tsv", STRATA_COLUMNS, joined("strata.tsv"))
    write(folder / "lengths.tsv", LENGTH_COLUMNS, joined("lengths.tsv"))
    write(folder / "length_trend.tsv", TREND_COLUMNS, joined("length_trend.tsv"))
    write(folder / "account.tsv", ACCOUNT_COLUMNS, by_place(joined("account.tsv")))
    for name in joined_tables(project.config.diagnostics):
        rows = joined(f"{name}.tsv")
        if name == "multiplicity":
            rows = multiplicity_across_loci(rows)
        write(folder / f"{name}.tsv", JOINED_COLUMNS[name], rows)
    findings = check_input(project, tables)
    write_findings(folder / "integrity.tsv", findings, simulated=project.config.simulated)
    write(
        folder / "checks.tsv",
        CHECKLIST_COLUMNS,
        checklist_rows(project.config, tables, [finding.as_row() for finding in findings]),
    )
