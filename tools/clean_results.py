"""Delete the files that a run made, and no others: those that its manifest lists.

    python3 tools/clean_results.py results

A file in the folder that is not in its manifest.tsv is somebody's own and stays. The manifest goes
last, so that an interrupted run of this can be repeated. Standard library only, so that it works
without the virtual environment.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

MANIFEST = "manifest.tsv"


def listed_files(results: Path) -> list[Path]:
    """The files that the manifest of `results` lists, every one of them inside `results`.

    Raises ValueError if the manifest has no `file` column or lists a path outside the folder.
    """
    manifest = results / MANIFEST
    with manifest.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        if "file" not in (rows.fieldnames or []):
            raise ValueError(f"{manifest} has no column 'file'; nothing was deleted")
        files = [results / row["file"] for row in rows]
    inside = results.resolve()
    for file in files:
        # The folder is resolved and the file's own name is not: a link is deleted, not its target.
        if file.name in ("", "..") or not file.parent.resolve().joinpath("x").is_relative_to(
            inside
        ):
            raise ValueError(f"{manifest} lists {file}, outside {results}; nothing was deleted")
    return files


def clean(results: Path) -> int:
    """Delete what the manifest of `results` lists, then the manifest and the folders left empty.

    Returns the number of files deleted, the manifest not counted.
    """
    deleted = 0
    files = listed_files(results)
    for file in files:
        if file.is_file() or file.is_symlink():
            file.unlink()
            deleted += 1
    (results / MANIFEST).unlink(missing_ok=True)
    folders = {folder for file in files for folder in file.relative_to(results).parents}
    for folder in sorted(folders | {Path()}, key=lambda path: len(path.parts), reverse=True):
        place = results / folder
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
    return deleted


def main(arguments: list[str]) -> int:
    """Command line: the folder of the results."""
    if len(arguments) != 1:
        print("usage: clean_results.py FOLDER", file=sys.stderr)
        return 2
    results = Path(arguments[0])
    if not (results / MANIFEST).exists():
        print(f"No {results / MANIFEST}, so nothing to delete")
        return 0
    try:
        deleted = clean(results)
    except (ValueError, OSError) as error:
        print(f"make clean: {error}", file=sys.stderr)
        return 1
    print(f"Deleted {deleted} files that {results / MANIFEST} listed")
    if results.exists():
        print(f"Left {results}: it holds files that the manifest does not list")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
