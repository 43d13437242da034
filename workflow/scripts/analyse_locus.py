"""Effects, pooled results and figures of one locus, from the tables that name it."""

import json
import sys
import time
from pathlib import Path

from genopool.analysis import analyse_locus
from genopool.config import Config, Project
from genopool.diagnostics.tables.diagnose import diagnose
from genopool.diagnostics.tables.pools import pools_of
from genopool.figures.diagnostics.draw import draw_diagnostics
from genopool.figures.drawing import draw_forests
from genopool.figures.length_figures import draw_lengths
from genopool.results import write_diagnostics, write_figure_list, write_locus
from genopool.studies.reading import read_studies
from genopool.studies.truth import planted

SECONDS_BETWEEN_LINES = 2


def show_progress(locus, what="figures"):
    """A function that says, every two seconds, how many figures are drawn."""
    last = time.monotonic()

    def say(drawn, total):
        nonlocal last
        if drawn < total and time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            print(f"{locus}: {drawn} of {total} {what}", file=sys.stderr, flush=True)

    return say


def main(snakemake):
    locus = snakemake.wildcards.locus
    config = Config.model_validate(json.loads(snakemake.params.settings))
    tables = [Path(path) for path in snakemake.input.tables]
    folder = tables[0].parent if tables else Path()
    project = Project(config.model_copy(update={"studies": "."}), folder / "config.yaml")
    names = json.loads(snakemake.params.names)
    studies = read_studies(project, [path.name for path in tables], locus, names)
    results = analyse_locus(config, locus, studies)
    marked = {"simulated": config.simulated}
    tables_of_locus = Path(snakemake.output.pooled).parent
    write_locus(results, studies, tables_of_locus, **marked)
    pools = pools_of(config, locus, results)
    write_diagnostics(diagnose(pools), tables_of_locus, **marked)
    folder = Path(snakemake.output.figures)
    truth = planted(snakemake.input.truth[0], locus) if snakemake.input.truth else {}
    drawn = draw_forests(config, locus, results, folder, show_progress(locus), truth)
    of_lengths = draw_lengths(config, locus, results.lengths, folder, truth)
    of_diagnostics = draw_diagnostics(pools, folder, show_progress(locus, "diagnostic figures"))
    listed = [*drawn, *of_lengths, *of_diagnostics]
    write_figure_list(listed, Path(snakemake.output.list_of_figures), **marked)
    diagnostic = sum(1 for figure in of_diagnostics if figure.stem)
    Path(snakemake.log[0]).write_text(
        f"{len(studies.rows)} rows in {len(tables)} tables; {len(drawn)} forest plots, "
        f"{len(of_lengths)} figures of lengths, {diagnostic} diagnostic figures\n"
    )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
