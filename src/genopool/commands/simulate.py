"""`genopool simulate`: study tables with planted truth."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

NAME = "simulate"
HELP = "make study tables with planted truth from a design"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "design", type=Path, help="the design, as examples/simulated/simulation.yaml"
    )
    parser.add_argument(
        "--seed", type=_seed, help="seed of the random numbers, in place of the design's"
    )
    parser.add_argument(
        "--output", type=Path, help="folder to write the project to; the design's own by default"
    )


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 0 or more")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Make the project; 0 when it is written, 1 when the design or a file stands in the way."""
    from genopool.config_problems import ConfigError
    from genopool.simulation.design import load

    try:
        project = load(arguments.design)
        from genopool.simulation.project import SimulationError, simulate, write_simulation

        try:
            made = simulate(project, arguments.seed)
            folder = arguments.output or project.folder
            gone = write_simulation(project, made, folder)
        except SimulationError as error:
            print(f"{arguments.design}: {error}", file=sys.stderr)
            return 1
    except (ConfigError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for name in gone:
        print(f"not made any more, and deleted: {folder / name}")
    said = [
        f"{n:,} {word if n == 1 else words}"
        for n, word, words in (
            (made.studies, "study", "studies"),
            (made.truths, "truth", "truths"),
            (len(made.files), "file", "files"),
        )
    ]
    print(f"simulated: {said[0]} and {said[1]} in {said[2]} of {folder}")
    return 0
