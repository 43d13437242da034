"""From the files of the study folder to records, with everything wrong said at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from genopool.studies import consistency
from genopool.studies.cells import is_blank, plain
from genopool.studies.counts import EITHER, ReadCounts, WrittenCell, read_counts
from genopool.studies.estimates import ReadEstimate, read_estimate
from genopool.studies.findings import Finding, in_order
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.locus_names import LocusName, LocusNames
from genopool.studies.moderators import check_moderators
from genopool.studies.overlap_findings import check_overlaps
from genopool.studies.raw.files import read_file, study_files
from genopool.studies.raw.tables import RawTable
from genopool.studies.records import CountRow, EstimateRow, StudyTables, TakenCell
from genopool.studies.sex import SEX, read_sexes, standard
from genopool.studies.shapes import CountColumns, count_columns, shape_of
from genopool.studies.simulated import check_provenance
from genopool.studies.strata import check_strata
from genopool.studies.study_labels import with_years

if TYPE_CHECKING:
    from genopool.config import Project

SHARED_COLUMNS = ("study", "locus", "population", "control_group")
LONG_COLUMNS = ("genotype", "allele", "cases", "controls")
ESTIMATE_COLUMNS = (
    "effect_allele model measure estimate ci_low ci_high level adjusted n_cases n_controls "
    "se p_value"
).split()
#: Labels stand in figures and in every message.
MAX_LABEL = 200
#: Columns of labels, in which `-` and the like can be an allele.
_LABELS = frozenset(["genotype", "allele", "effect_allele"])


def read_studies(
    project: Project,
    files: Iterable[str] | None = None,
    locus: str | None = None,
    names: Iterable[LocusName] | None = None,
) -> StudyTables:
    """Read the study tables of a project.

    Parameters
    ----------
    project : Project
    files : iterable of str, optional
        Names of the files to read; all of the folder by default.
    locus : str, optional
        Read the rows of this locus only.
    names : iterable of LocusName, optional
        What the tables call this locus besides its key, as `StudyTables.locus_names` of a reading
        that saw every locus has it. Without it the names are worked out from the configuration.

    Returns
    -------
    StudyTables
        Its `findings` hold the errors; records with errors are not among the counts and estimates.
    """
    if files is None:
        paths, findings = study_files(project.studies)
    else:
        paths, findings = [project.studies / name for name in sorted(files)], []
    reader = _Reader(project, findings, locus, names)
    kept = frozenset(project.config.stratifier_columns)
    for path in paths:
        tables, problems = read_file(path, kept)
        findings += problems
        for table in _study_sheets(tables, findings):
            reader.read(table)
    findings += reader.names.findings
    read = read_sexes(
        reader.counts,
        reader.estimates,
        on_x={name for name, settings in project.config.loci.items() if settings.chromosome},
        alleles_of=lambda row: reader.alleles_of(vars(row)),
    )
    findings += read.findings
    findings += consistency.check(read.counts, read.estimates, project.config.stratifier_columns)
    tables = StudyTables(
        files=tuple(path.name for path in paths),
        counts=tuple(read.counts),
        estimates=tuple(read.estimates),
        findings=(),
        carried_columns=tuple(reader.carried),
        rows_read=reader.rows_read,
        locus_names=tuple(reader.names.used),
    )
    if files is None:
        findings += check_strata(project.config, tables)
        findings += check_moderators(project.config, tables)
        findings += check_overlaps(project.config, tables.rows)
        findings += check_provenance(project.config, tables.rows)
    return replace(tables, findings=tuple(in_order(findings)))


def _study_sheets(tables: list[RawTable], findings: list[Finding]) -> list[RawTable]:
    """The sheets of a workbook that are study tables; if none is, the first, to say why."""
    sheets = [t for t in tables if _is_of_studies(t)] or tables[:1]
    findings += [
        Finding(
            "note",
            "sheet_ignored",
            f"sheet {table.sheet!r} has no column study",
            file=table.file,
            sheet=table.sheet,
            action="the sheet was not read",
        )
        for table in tables
        if table not in sheets
    ]
    return sheets


def _is_of_studies(table: RawTable) -> bool:
    """Whether a sheet names studies, or loci beside numbers of people or estimates."""
    numbers = {"cases", "controls", "estimate"}
    has_numbers = bool(table.names & numbers) or any(column.label for column in table.columns)
    return "study" in table.names or ("locus" in table.names and has_numbers)


class _Reader:
    def __init__(
        self,
        project: Project,
        findings: list[Finding],
        locus: str | None,
        names: Iterable[LocusName] | None,
    ) -> None:
        self.config = project.config
        self.locus = locus
        self.names = LocusNames(self.config.loci, names)
        self.findings = findings
        self.counts: list[CountRow] = []
        self.estimates: list[EstimateRow] = []
        self.carried: dict[str, None] = {}
        self.rows_read = 0
        self._alleles = {
            (name, turned): LocusAlleles(locus.kind, locus.alleles, turned=turned)
            for name, locus in self.config.loci.items()
            for turned in ((False, True) if locus.turn else (False,))
        }

    def read(self, table: RawTable) -> None:
        table = with_years(table)
        self.findings += table.findings
        self.rows_read += len(table.rows)
        locus = None if "locus" in table.names else self.names.of_table(table)
        shape, problems = shape_of(table, () if locus else tuple(self.config.loci))
        self.findings += problems
        if shape is None:
            return
        if not table.rows:
            self.findings.append(
                Finding(
                    "note",
                    "no_rows",
                    "the table has a header and no rows",
                    file=table.file,
                    sheet=table.sheet,
                )
            )
        own = {*SHARED_COLUMNS, *(LONG_COLUMNS if shape == "long" else ())}
        own |= set(ESTIMATE_COLUMNS) if shape == "estimates" else set()
        carried = [
            (place, column.name)
            for place, column in enumerate(table.columns)
            if column.written and not column.label and column.name not in own
        ]
        self.carried |= dict.fromkeys(name for _, name in carried)
        taken: list[TakenCell] = []
        columns = count_columns(table) if shape == "wide" else []
        long_rows: dict[tuple[str, ...], list[tuple[dict[str, Any], int, tuple[str, ...]]]] = {}
        for row, cells in table.rows:
            shared = self._shared(table, row, cells, locus)
            if shared is None:
                continue
            shared["values"] = {
                name: "" if is_blank(cells[place]) else cells[place] for place, name in carried
            }
            if shape == "estimates":
                given = {name: self._cell(table, name, cells) for name in ESTIMATE_COLUMNS}
                places = {name: table.position(name) for name in ESTIMATE_COLUMNS}
                alleles = self.alleles_of(shared)
                read = read_estimate(shared, given, alleles, table.decimals, places)
                taken += read.taken
                self._keep(read)
            elif shape == "long":
                sex = standard(shared["values"].get(SEX, ""))
                key = (shared["study"], shared["population"], shared["locus"], sex)
                long_rows.setdefault(key, []).append((shared, row, cells))
            else:
                written = [_wide_cell(column, row, cells) for column in columns]
                alleles = self.alleles_of(shared)
                read = read_counts(shared, written, alleles, decimals=table.decimals)
                taken += read.taken
                self._keep(read)
        for group in long_rows.values():
            taken += self._long_row(table, group)
        self._report_taken(table, taken)

    def _report_taken(self, table: RawTable, taken: list[TakenCell]) -> None:
        """One note for each way in which cells were understood, with its first cell."""
        by_kind: dict[str, list[TakenCell]] = {}
        for cell in taken:
            by_kind.setdefault(cell.how, []).append(cell)
        for how, cells in by_kind.items():
            first, others = cells[0], len(cells) - 1
            self.findings.append(
                Finding(
                    "note",
                    "cell_taken",
                    f"{how}: {first.value!r} is read as {first.number:.10g}"
                    + (f", and {others:,} more alike" if others else ""),
                    file=table.file,
                    sheet=table.sheet,
                    row=first.row,
                    column=first.column,
                    value=first.value,
                    expected="digits alone",
                    action="read as said",
                )
            )

    def _shared(
        self, table: RawTable, row: int, cells: tuple[str, ...], locus: str | None
    ) -> dict[str, Any] | None:
        """The columns that every kind of table has; None when the row cannot be placed.

        `locus` is the locus of a table that has no column for it.
        """
        shared: dict[str, Any] = {"file": table.file, "sheet": table.sheet, "rows": (row,)}
        for name in SHARED_COLUMNS:
            shared[name] = self._cell(table, name, cells)
        written = shared["locus"]
        shared["locus"] = locus or (self.names.of_cell(table, row, written) if written else "")
        if self.locus is not None and shared["locus"] != self.locus:
            return None
        usable = True
        for name in SHARED_COLUMNS:
            label = written if name == "locus" else shared[name]
            if len(label) > MAX_LABEL:
                usable = False
                self.findings.append(
                    Finding(
                        "error",
                        "cell_length",
                        f"a label of {len(label):,} characters",
                        file=table.file,
                        sheet=table.sheet,
                        row=row,
                        column=name,
                        value=label[:80] + "…",
                        expected=f"at most {MAX_LABEL} characters",
                    )
                )
        for name in ("study", "locus"):
            if shared[name] == "":
                usable = False
                self.findings.append(
                    Finding(
                        "error",
                        "missing_value",
                        f"{name} is blank",
                        file=table.file,
                        sheet=table.sheet,
                        row=row,
                        column=name,
                        study=shared["study"],
                        expected="a short label, as Wen 2005"
                        if name == "study"
                        else "a locus of the configuration",
                    )
                )
        if shared["locus"] is None and len(written) <= MAX_LABEL:
            from genopool.config_problems import suggestion

            usable = False
            meant = self.names.candidates(written)
            self.findings.append(
                Finding(
                    "error",
                    "unknown_locus",
                    f"locus {written!r} can mean {' or '.join(meant)}"
                    if meant
                    else f"locus {written!r} is not in the configuration"
                    + suggestion(written, self.config.loci),
                    file=table.file,
                    sheet=table.sheet,
                    row=row,
                    column="locus",
                    value=written,
                    study=shared["study"],
                    expected=f"one of {', '.join(self.config.loci)}",
                )
            )
        return shared if usable else None

    @staticmethod
    def _cell(table: RawTable, name: str, cells: tuple[str, ...]) -> str:
        place = table.position(name)
        if place is None or (name not in _LABELS and is_blank(cells[place])):
            return ""
        return plain(cells[place]) if name in _LABELS else cells[place]

    def _long_row(
        self, table: RawTable, group: list[tuple[dict[str, Any], int, tuple[str, ...]]]
    ) -> list[TakenCell]:
        """One record from the rows that a long table has for a population."""
        shared = group[0][0]
        for other, row, _ in group[1:]:
            differing = [
                name for name, value in shared["values"].items() if other["values"][name] != value
            ]
            if other["control_group"] != shared["control_group"]:
                differing.append("control_group")
            for name in differing:
                here = other["values"].get(name, other["control_group"])
                there = shared["values"].get(name, shared["control_group"])
                self.findings.append(
                    Finding(
                        "error",
                        "long_rows_differ",
                        f"{name} is {here!r} here and {there!r} in row {group[0][1]}, "
                        "for the same study, population and locus",
                        file=table.file,
                        sheet=table.sheet,
                        row=row,
                        column=name,
                        value=here,
                        expected="one value (or a population that tells the rows apart)",
                        study=shared["study"],
                        population=shared["population"],
                        locus=shared["locus"],
                    )
                )
        name = unit = "genotype" if table.position("genotype") is not None else "allele"
        if unit == "genotype" and self.config.loci[shared["locus"]].chromosome:
            unit = EITHER  # men's rows name one allele
        cells_of_rows = [
            WrittenCell(
                row,
                self._cell(table, name, cells),
                (name, "cases", "controls"),
                self._cell(table, "cases", cells),
                self._cell(table, "controls", cells),
                places=(table.position("cases"), table.position("controls")),
            )
            for _, row, cells in group
        ]
        shared["rows"] = tuple(row for _, row, _ in group)
        read = read_counts(shared, cells_of_rows, self.alleles_of(shared), unit, table.decimals)
        self._keep(read)
        return read.taken

    def alleles_of(self, shared: dict[str, Any]) -> LocusAlleles:
        locus = self.config.loci[shared["locus"]]
        return self._alleles[shared["locus"], shared["study"] in locus.turn]

    def _keep(self, read: ReadCounts | ReadEstimate) -> None:
        self.findings += read.findings
        if read.record is not None and self.alleles_of(vars(read.record)).turned:
            self.findings.append(
                read.record.finding(
                    "note",
                    "turned_by_configuration",
                    f"the two alleles are exchanged, as the configuration says "
                    f"(loci.{read.record.locus}.turn)",
                    action="read as "
                    + " for ".join(self.config.loci[read.record.locus].alleles[::-1])
                    + ", and the other way round",
                )
            )
        if isinstance(read.record, CountRow):
            self.counts.append(read.record)
        elif read.record is not None:
            self.estimates.append(read.record)


def _wide_cell(column: CountColumns, row: int, cells: tuple[str, ...]) -> WrittenCell:
    percentages = tuple("" if p is None else cells[p] for p in column.percentages)
    places = (column.cases, column.controls)
    counts = (cells[column.cases], cells[column.controls])
    return WrittenCell(row, column.label, column.written, *counts, percentages, places)


def loci_of_files(tables: StudyTables) -> dict[str, list[str]]:
    """The files that name each locus, sorted."""
    files: dict[str, set[str]] = {}
    for row in tables.rows:
        files.setdefault(row.locus, set()).add(row.file)
    return {locus: sorted(names) for locus, names in files.items()}
