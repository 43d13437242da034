"""Names that become those of files and folders, and names of files that are not read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NAME_PATTERN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
_FILE_ENDING = re.compile(r"\.(tsv|html)$", re.IGNORECASE)
RESERVED_NAMES = frozenset(["logs", "report", "studies", "figures", "overall"])
#: Windows takes these for devices, whatever follows after a dot.
DEVICE_NAMES = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)]
)
#: The name of a file has at most 255 bytes, and several names can be in it.
LONGEST_NAME = 80
#: In a path, `{x}` is a wildcard to Snakemake and `<x>` a variable.
_SNAKEMAKE_PATTERN = frozenset("{}<>")


def file_name(name: str) -> str:
    """`name` as part of a file name: `<` is `lt`, `>=` is `ge`, `,` and `/` are `-`."""
    for sign, word in (("<=", "le"), (">=", "ge"), ("<", "lt"), (">", "gt")):
        name = name.replace(sign, word)
    return re.sub(r"[^A-Za-z0-9._-]", "_", re.sub(r"[,/]", "-", name))


def name_problems(names: Iterable[str]) -> list[str]:
    """Why names of loci or of stratifiers cannot be those of folders and files."""
    seen: dict[str, str] = {}
    problems = []
    for name in names:
        folded = name.casefold()
        if not NAME_PATTERN.match(name):
            problems.append(
                f"{name!r} cannot be a file name: expected letters, digits, '.', '_' and '-', "
                "beginning with a letter or a digit"
            )
        elif len(name) > LONGEST_NAME or name.endswith("."):
            problems.append(
                f"{name!r} cannot be a file name: expected at most {LONGEST_NAME} characters, "
                "the last of them no dot"
            )
        is_device = folded.split(".")[0] in DEVICE_NAMES
        if folded in RESERVED_NAMES or is_device or _FILE_ENDING.search(name):
            problems.append(f"{name!r} is a reserved name")
        if seen.setdefault(folded, name) != name:
            problems.append(f"{name!r} and {seen[folded]!r} differ only in case")
    return problems


def path_problem(path: str) -> str:
    """Why a path of the configuration or the name of a study table is not used, or blank.

    They go into tables and reports, and to Snakemake.
    """
    if any("\ud800" <= character <= "\udfff" for character in path):
        return "the name is not UTF-8"
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in path):
        return "the name has a line break or another control character"
    if _SNAKEMAKE_PATTERN & set(path):
        return "the name has { } < or >, which Snakemake reads as a pattern"
    return ""
