"""`genopool`: one subcommand a module of this folder.

Each module has `NAME`, `HELP`, `add_arguments(parser)` and `run(arguments)`, which returns the exit
status. A module is imported when the command line is read, so it imports what is heavy in `run`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from genopool import __version__
from genopool.commands import check, new_table, simulate
from genopool.commands.project import UsageError
from genopool.terminal import printable

COMMANDS: tuple[ModuleType, ...] = (check, new_table, simulate)
DESCRIPTION = "Study tables of genopool. The analysis itself is `snakemake`."
WRONG_USAGE, INTERRUPTED, BROKEN_PIPE = 2, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal may not be UTF-8
    try:
        return _run(arguments)
    except UsageError as error:
        message = "\n".join(printable(line) for line in str(error).splitlines())
        print(f"genopool: {message}", file=sys.stderr)
        return WRONG_USAGE
    except BrokenPipeError:
        # Whoever read the output has stopped; nothing may be written when Python ends either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        place = f": {error.filename!r}" if error.filename else ""
        print(f"genopool: {error.strerror or error}{place}", file=sys.stderr)
        return WRONG_USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="genopool", description=DESCRIPTION)
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
