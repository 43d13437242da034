"""The report, and the manifest of everything that was made."""

import json
from pathlib import Path

from genopool.config import load
from genopool.report.project import write_report
from genopool.results import drawn_figures
from genopool.workflow import update_manifest


def main(snakemake):
    project = load(snakemake.input.configuration, json.loads(snakemake.params.config))
    report = Path(snakemake.output.report)
    results = report.parent
    tables = [Path(path) for path in snakemake.input.tables]
    write_report(project, results, tables, report)
    made = [Path(path) for path in snakemake.params.made]
    figures = [path for folder in snakemake.input.figures for path in drawn_figures(Path(folder))]
    everything = [*made, *figures, report]
    gone = update_manifest(results, everything, simulated=project.config.simulated)
    Path(snakemake.log[0]).write_text(
        "".join(f"no longer made, and deleted: {name}\n" for name in gone) or "nothing to delete\n"
    )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
