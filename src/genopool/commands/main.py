"""`genopool`: one subcommand a module of this folder.

Each module has `NAME`, `HELP`, `add_arguments(parser)` and `run(arguments)`, which returns the exit
status. A module is imported when the command line is read, so it imports what is heavy in `run`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from genopool import __version__
from genopool.commands import simulate

COMMANDS: tuple[ModuleType, ...] = (simulate,)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="genopool", description=__doc__)
    parser.add_argument("--version", action="version", version=f"genopool {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for module in COMMANDS:
        own = commands.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        module.add_arguments(own)
        own.set_defaults(run=module.run)
    given = parser.parse_args(arguments)
    return given.run(given)


if __name__ == "__main__":
    sys.exit(main())
