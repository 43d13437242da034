"""The report, and the manifest of everything that was made."""

import json
from pathlib import Path

from genopool.config import load
from genopool.report.project import write_report
from genopool.workflow import update_manifest


def main(snakemake):
    project = load(snakemake.params.source, json.loads(snakemake.params.config))
    report = Path(snakemake.output.report)
    results = report.parent
    tables = [Path(path) for path in snakemake.input.tables]
    write_report(project, results, tables, report)
    figures = [
        path
        for folder in snakemake.input.figures
        for path in Path(folder).iterdir()
        if not path.name.startswith(".")  # Snakemake's own time stamp
    ]
    made = [Path(path) for path in snakemake.params.made]
    deleted = update_manifest(results, [*made, *figures, report])
    Path(snakemake.log[0]).write_text(
        "".join(f"deleted, since it is no longer made: {name}\n" for name in deleted)
        or "nothing to delete\n"
    )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
