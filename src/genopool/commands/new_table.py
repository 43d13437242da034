"""`genopool new-table`: an empty study table with the right header for a locus."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from genopool.commands.project import UsageError, load_project
from genopool.config_problems import suggestion

if TYPE_CHECKING:
    from genopool.config import Config

NAME = "new-table"
HELP = "write an empty study table with the right header for a locus"
FORMATS = ("csv", "tsv", "xlsx")
KINDS = ("counts", "long", "alleles", "estimates")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--locus", required=True, help="a locus of the configuration")
    parser.add_argument(
        "--kind",
        choices=KINDS,
        help="counts: a column a genotype; long: a row a genotype; alleles: a row an allele; "
        "estimates: reported odds ratios [counts; of a repeat, long]",
    )
    parser.add_argument(
        "--effect-allele",
        metavar="ALLELE",
        help="of a repeat with --kind counts: the allele that has a class of its own [the first "
        "effect allele of the configuration]",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="xlsx has drop-downs and refuses what cannot be [the ending of --output, else csv]",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="the file to write [csv and tsv: the terminal; xlsx: the locus's name]",
    )
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    parser.add_argument(
        "--config", default="config.yaml", metavar="FILE", help="the configuration [config.yaml]"
    )


def run(arguments: argparse.Namespace) -> int:
    project = load_project(arguments.config)
    form, output = _form_and_output(arguments)
    data = empty_table(
        project.config, arguments.locus, arguments.kind, form, arguments.effect_allele or ""
    )
    if output is None:
        sys.stdout.write(data.decode())
        sys.stdout.flush()
        return 0
    from genopool.tables import write_atomically

    if output.is_dir():
        raise UsageError(f"--output {str(output)!r} is a folder")
    if not output.parent.is_dir():
        raise UsageError(f"--output: there is no folder {str(output.parent)!r}")
    if output.exists() and not arguments.force:
        raise UsageError(f"{str(output)!r} is there already; --force replaces it")
    write_atomically(output, lambda beside: beside.write_bytes(data))
    print(f"{output} written")
    return 0


def _form_and_output(arguments: argparse.Namespace) -> tuple[str, Path | None]:
    output = Path(arguments.output) if arguments.output else None
    form = arguments.format
    if output is not None:
        ending = output.suffix.lower().lstrip(".")
        if ending not in FORMATS:
            raise UsageError(f"--output {str(output)!r}: a study table ends in .csv, .tsv or .xlsx")
        if form is not None and form != ending:
            raise UsageError(f"--format {form} and --output {str(output)!r} do not agree")
        form = ending
    form = form or "csv"
    if output is None and form == "xlsx":
        output = Path(f"{arguments.locus}.xlsx")
    return form, output


def empty_table(
    config: Config, locus: str, kind: str | None, form: str, effect_allele: str = ""
) -> bytes:
    """The bytes of an empty table.

    Parameters
    ----------
    config : Config
    locus : str
    kind : {"counts", "long", "alleles", "estimates"} or None
        None for the shape that suits the locus.
    form : {"csv", "tsv", "xlsx"}
    effect_allele : str, optional
        Of a repeat with `counts`: the one whose classes are the columns.

    Raises
    ------
    UsageError
        If the configuration does not name the locus, or the locus has no such table.
    """
    from genopool.commands.headers import kind_for, table_columns
    from genopool.studies.genotypes import LabelError, parse_repeat

    if locus not in config.loci:
        raise UsageError(
            f"locus {locus!r} is not in the configuration{suggestion(locus, config.loci)}\n"
            f"Its loci: {', '.join(config.loci)}"
        )
    settings = config.loci[locus]
    kind = kind or ("counts" if effect_allele else kind_for(settings))
    if effect_allele:
        if settings.kind != "repeat" or kind != "counts":
            raise UsageError("--effect-allele is for repeats with --kind counts")
        try:
            parse_repeat(effect_allele)
        except LabelError as error:
            raise UsageError(f"--effect-allele: {error}") from None
    columns = table_columns(config, locus, kind, effect_allele)
    if form == "xlsx":
        from genopool.commands.workbook import empty_workbook

        return empty_workbook(columns, locus, kind)
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t" if form == "tsv" else ",", lineterminator="\n")
    writer.writerow([column.name for column in columns])
    return text.getvalue().encode()
