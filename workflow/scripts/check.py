"""What there is to say about the input, on the terminal and in the log."""

import json
import sys
from pathlib import Path

from genopool.commands.check import formatted, status
from genopool.commands.project import check_project
from genopool.config import load


def main(snakemake):
    project = load(snakemake.params.source, json.loads(snakemake.params.config))
    checked = check_project(project)
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.stdout.write(formatted(checked, "table"))
    Path(snakemake.log[0]).write_text(
        formatted(checked, "table", to_file=True), encoding="utf-8", errors="backslashreplace"
    )
    if status(checked.findings):
        sys.exit(1)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
