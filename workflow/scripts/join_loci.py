"""The tables that show all loci together."""

import json
from pathlib import Path

from genopool.config import load
from genopool.results import join_loci
from genopool.studies.reading import read_studies


def main(snakemake):
    project = load(snakemake.params.source, json.loads(snakemake.params.config))
    studies = read_studies(project)
    results = Path(snakemake.output.pooled).parent
    join_loci(project, studies, results)
    Path(snakemake.log[0]).write_text(
        f"{len(studies.rows)} rows of {len(studies.files)} tables, "
        f"{len(project.config.loci)} loci\n"
    )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
