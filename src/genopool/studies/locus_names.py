"""Which locus of the configuration a table means, by the names that people give to loci."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

from genopool.studies.findings import Finding
from genopool.studies.raw.tables import RawTable

if TYPE_CHECKING:
    from genopool.studies.settings import Locus

#: File, sheet and what the table writes (blank where it has no column locus): a name of a locus
#: that is not its key.
LocusName = tuple[str, str, str]


class LocusNames:
    """The names of the loci.

    Parameters
    ----------
    loci : mapping of str to Locus
    settled : iterable of LocusName, optional
        Names that an earlier reading, which saw every locus of the project, found to mean the only
        locus of `loci`. With it nothing is guessed here.
    """

    def __init__(
        self, loci: Mapping[str, Locus], settled: Iterable[LocusName] | None = None
    ) -> None:
        self.loci = loci
        self._settled = None if settled is None else {tuple(name) for name in settled}
        self.used: dict[tuple[str, str, str, str], None] = {}
        self.findings: list[Finding] = []
        self._by_name: dict[str, dict[str, None]] = {}
        for key, locus in loci.items():
            for name in (key, locus.rsid, locus.label):
                if name:
                    self._by_name.setdefault(_folded(name), {})[key] = None

    def candidates(self, written: str) -> list[str]:
        """The loci that a name can mean."""
        if written in self.loci:
            return [written]
        return list(self._by_name.get(_folded(written), ()))

    def of_cell(self, table: RawTable, row: int, written: str) -> str | None:
        """The locus that a cell names, or None."""
        if written in self.loci:
            return written
        found = self._resolve(table, written, self.candidates(written))
        if found is not None and self._is_new(table, written, found):
            self._note(
                table,
                "locus_named_otherwise",
                f"{written!r} is taken as the locus {found}",
                row,
                written,
            )
        return found

    def of_table(self, table: RawTable) -> str | None:
        """The locus of a table without a column that names it, or None."""
        found, why = None, ""
        for what, name in (("sheet", table.sheet), ("file", PurePath(table.file).stem)):
            if name and self.candidates(name) and found is None:
                found = self._resolve(table, "", self.candidates(name))
                why = f"the {what} is named so"
        if found is None:
            found = self._resolve(table, "", list(self.loci))
            why = "it is the only locus of the project"
        if found is not None and self._is_new(table, "", found):
            self._note(
                table,
                "locus_taken",
                f"the table has no column locus: taken as {found}, since {why}",
                table.header_row,
                "",
            )
        return found

    def _resolve(self, table: RawTable, written: str, candidates: list[str]) -> str | None:
        if self._settled is not None:
            mine = (table.file, table.sheet, written) in self._settled
            return next(iter(self.loci)) if mine else None
        return candidates[0] if len(candidates) == 1 else None

    def _is_new(self, table: RawTable, written: str, found: str) -> bool:
        key = (table.file, table.sheet, written, found)
        is_new = key not in self.used
        self.used[key] = None
        return is_new

    def _note(self, table: RawTable, check: str, message: str, row: int, written: str) -> None:
        self.findings.append(
            Finding(
                severity="note",
                check=check,
                message=message,
                file=table.file,
                sheet=table.sheet,
                row=row,
                column="locus" if written else "",
                value=written,
                why="another locus may have been meant",
                action="read so in every row of the table; write the locus's key to be sure",
            )
        )


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())
