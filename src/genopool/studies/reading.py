"""From the files of the study folder to records, with everything wrong said at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from genopool.studies import consistency
from genopool.studies.counts import ReadCounts, WrittenCell, read_counts
from genopool.studies.estimates import ReadEstimate, read_estimate
from genopool.studies.files import BLANKS, RawTable, read_file, study_files
from genopool.studies.findings import Finding, in_order
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.records import CountRow, EstimateRow, StudyTables
from genopool.studies.strata import check_strata

if TYPE_CHECKING:
    from genopool.config import Project

SHARED_COLUMNS = ("study", "locus", "population", "control_group")
LONG_COLUMNS = ("genotype", "allele", "cases", "controls")
ESTIMATE_COLUMNS = (
    "effect_allele model measure estimate ci_low ci_high level adjusted n_cases n_controls "
    "se p_value"
).split()
REQUIRED_ESTIMATE_COLUMNS = ("effect_allele", "model", "measure", "estimate")
#: Labels stand in figures and in every message.
MAX_LABEL = 200
#: Columns of labels, in which `-` and the like can be an allele.
_LABELS = frozenset(["genotype", "allele", "effect_allele"])


def read_studies(
    project: Project, files: Iterable[str] | None = None, locus: str | None = None
) -> StudyTables:
    """Read the study tables of a project.

    Parameters
    ----------
    project : Project
    files : iterable of str, optional
        Names of the files to read; all of the folder by default.
    locus : str, optional
        Read the rows of this locus only.

    Returns
    -------
    StudyTables
        Its `findings` hold the errors; records with errors are not among the counts and estimates.
    """
    if files is None:
        paths, findings = study_files(project.studies)
    else:
        paths, findings = [project.studies / name for name in sorted(files)], []
    reader = _Reader(project, findings, locus)
    for path in paths:
        tables, problems = read_file(path)
        findings += problems
        for table in _study_sheets(tables, findings):
            reader.read(table)
    findings += consistency.check(reader.counts, reader.estimates)
    tables = StudyTables(
        files=tuple(path.name for path in paths),
        counts=tuple(reader.counts),
        estimates=tuple(reader.estimates),
        findings=(),
        carried_columns=tuple(reader.carried),
        rows_read=reader.rows_read,
    )
    if files is None:
        findings += check_strata(project.config, tables)
    return replace(tables, findings=tuple(in_order(findings)))


def _study_sheets(tables: list[RawTable], findings: list[Finding]) -> list[RawTable]:
    """The sheets of a workbook that are study tables; if none is, the first, to say why."""
    sheets = [t for t in tables if t.names & {"study", "locus"}]
    if not sheets:
        return tables[:1]
    findings += [
        Finding(
            "note",
            "sheet_ignored",
            f"sheet {table.sheet!r} has no column study or locus",
            file=table.file,
            sheet=table.sheet,
            action="the sheet was not read",
        )
        for table in tables
        if table not in sheets
    ]
    return sheets


class _Reader:
    def __init__(self, project: Project, findings: list[Finding], locus: str | None) -> None:
        self.config = project.config
        self.locus = locus
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
        self.rows_read += len(table.rows)
        kind = self._kind(table)
        if kind is None:
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
        own = {*SHARED_COLUMNS, *(LONG_COLUMNS if kind == "long" else ())}
        own |= set(ESTIMATE_COLUMNS) if kind == "estimates" else set()
        carried = [
            (place, column.name)
            for place, column in enumerate(table.columns)
            if column.written and not column.label and column.name not in own
        ]
        self.carried |= dict.fromkeys(name for _, name in carried)
        long_rows: dict[tuple[str, ...], list[tuple[dict[str, Any], int, tuple[str, ...]]]] = {}
        for row, cells in table.rows:
            if self.locus is not None and self._cell(table, "locus", cells) != self.locus:
                continue
            shared = self._shared(table, row, cells)
            if shared is None:
                continue
            shared["values"] = {
                name: "" if cells[place].upper() in BLANKS else cells[place]
                for place, name in carried
            }
            if kind == "estimates":
                given = {name: self._cell(table, name, cells) for name in ESTIMATE_COLUMNS}
                self._keep(read_estimate(shared, given, self._alleles_of(shared)))
            elif kind == "long":
                key = (shared["study"], shared["population"], shared["locus"])
                long_rows.setdefault(key, []).append((shared, row, cells))
            else:
                written = [
                    WrittenCell(row, label, columns, cells[cases], cells[controls])
                    for label, columns, cases, controls in self._count_columns(table)
                ]
                self._keep(read_counts(shared, written, self._alleles_of(shared)))
        for group in long_rows.values():
            self._long_row(table, group)

    def _kind(self, table: RawTable) -> str | None:
        """Which kind of table this is, or None when its header says nothing usable."""
        names = table.names
        wide = any(column.label for column in table.columns)
        long = {"cases", "controls"} <= names and bool({"genotype", "allele"} & names)
        estimates = set(REQUIRED_ESTIMATE_COLUMNS) <= names
        problems = []
        missing = [name for name in ("study", "locus") if name not in names]
        if missing:
            problems.append((f"no column {' and no column '.join(missing)}", "study and locus"))
        if wide + long + estimates != 1:
            shapes = [
                shape
                for shape, there in (("wide", wide), ("long", long), ("estimates", estimates))
                if there
            ]
            lacking = [name for name in REQUIRED_ESTIMATE_COLUMNS if name not in names]
            if shapes:
                message = f"the header mixes tables of different kinds ({', '.join(shapes)})"
            elif "estimate" in names or "effect_allele" in names:
                message = f"an estimates table without {', '.join(lacking)}"
            else:
                message = "the header has neither counts nor estimates"
            problems.append(
                (
                    message,
                    "cases_<genotype> and controls_<genotype>; or genotype, cases, controls; or "
                    + ", ".join(REQUIRED_ESTIMATE_COLUMNS),
                )
            )
        if long and {"genotype", "allele"} <= names:
            problems.append(("the header has both genotype and allele", "one of them"))
        labels: dict[str, dict[Any, str]] = {"cases": {}, "controls": {}}
        for column in table.columns:
            if column.label:
                labels[column.name][_in_either_order(column.label)] = column.label
        for one, other in (("cases", "controls"), ("controls", "cases")):
            folded = {_folded(key) for key in labels[other]}
            for key, label in labels[one].items():
                if key not in labels[other] and _folded(key) not in folded:
                    problems.append(
                        (f"{one}_{label} stands without {other}_{label}", f"{other}_{label}")
                    )
        for message, expected in problems:
            self.findings.append(
                Finding(
                    "error",
                    "header",
                    message,
                    file=table.file,
                    sheet=table.sheet,
                    row=1 if not table.sheet else None,
                    expected=expected,
                )
            )
        if problems:
            return None
        return "wide" if wide else "long" if long else "estimates"

    def _shared(self, table: RawTable, row: int, cells: tuple[str, ...]) -> dict[str, Any] | None:
        """The columns that every kind of table has; None when the row cannot be placed."""
        shared: dict[str, Any] = {"file": table.file, "sheet": table.sheet, "rows": (row,)}
        for name in SHARED_COLUMNS:
            shared[name] = self._cell(table, name, cells)
        usable = True
        for name in SHARED_COLUMNS:
            if len(shared[name]) > MAX_LABEL:
                usable = False
                self.findings.append(
                    Finding(
                        "error",
                        "cell_length",
                        f"a label of {len(shared[name]):,} characters",
                        file=table.file,
                        sheet=table.sheet,
                        row=row,
                        column=name,
                        value=shared[name][:80] + "…",
                        expected=f"at most {MAX_LABEL} characters",
                    )
                )
        for name in ("study", "locus"):
            if not shared[name]:
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
        if 0 < len(shared["locus"]) <= MAX_LABEL and shared["locus"] not in self.config.loci:
            from genopool.config_problems import suggestion

            usable = False
            self.findings.append(
                Finding(
                    "error",
                    "unknown_locus",
                    f"locus {shared['locus']!r} is not in the configuration"
                    + suggestion(shared["locus"], self.config.loci),
                    file=table.file,
                    sheet=table.sheet,
                    row=row,
                    column="locus",
                    value=shared["locus"],
                    study=shared["study"],
                    expected=f"one of {', '.join(self.config.loci)}",
                )
            )
        return shared if usable else None

    @staticmethod
    def _cell(table: RawTable, name: str, cells: tuple[str, ...]) -> str:
        place = table.position(name)
        if place is None or (name not in _LABELS and cells[place].upper() in BLANKS):
            return ""
        return cells[place]

    @staticmethod
    def _count_columns(table: RawTable) -> list[tuple[str, tuple[str, str, str], int, int]]:
        """Label, names of its columns, and where its cases and controls stand."""
        places: dict[tuple[str, Any], list[int]] = {}
        for place, column in enumerate(table.columns):
            if column.label:
                key = (column.name, _in_either_order(column.label))
                places.setdefault(key, []).append(place)
        found = []
        for (name, key), cases_places in places.items():
            if name != "cases":
                continue
            for cases in cases_places:
                label = table.columns[cases].label
                candidates = places.get(("controls", key)) or next(
                    found
                    for (side, other), found in places.items()
                    if side == "controls" and _folded(other) == _folded(key)
                )
                controls = next(
                    (p for p in candidates if table.columns[p].label == label), candidates[0]
                )
                written = (table.columns[cases].written, table.columns[controls].written)
                found.append((label, (written[0], *written), cases, controls))
        return found

    def _long_row(
        self, table: RawTable, group: list[tuple[dict[str, Any], int, tuple[str, ...]]]
    ) -> None:
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
        name = "genotype" if table.position("genotype") is not None else "allele"
        cells_of_rows = [
            WrittenCell(
                row,
                self._cell(table, name, cells),
                (name, "cases", "controls"),
                self._cell(table, "cases", cells),
                self._cell(table, "controls", cells),
            )
            for _, row, cells in group
        ]
        shared["rows"] = tuple(row for _, row, _ in group)
        self._keep(read_counts(shared, cells_of_rows, self._alleles_of(shared), name))

    def _alleles_of(self, shared: dict[str, Any]) -> LocusAlleles:
        locus = self.config.loci[shared["locus"]]
        return self._alleles[shared["locus"], shared["study"] in locus.turn]

    def _keep(self, read: ReadCounts | ReadEstimate) -> None:
        self.findings += read.findings
        if read.record is not None and self._alleles_of(vars(read.record)).turned:
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


def _in_either_order(label: str) -> frozenset[tuple[str, ...]]:
    """A label as a key that is the same for `AC` and `CA`, `A/C` and `C/A`."""
    parts = []
    for part in label.split("+"):
        alleles = [allele.strip() for allele in part.split("/")]
        if len(alleles) == 1 and len(alleles[0]) == 2 and alleles[0].isalpha():
            alleles = list(alleles[0])
        parts.append(tuple(sorted(alleles)))
    return frozenset(parts)


def _folded(key: frozenset[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(sorted(allele.casefold() for allele in part)) for part in key)


def loci_of_files(tables: StudyTables) -> dict[str, list[str]]:
    """The files that name each locus, sorted."""
    files: dict[str, set[str]] = {}
    for row in tables.rows:
        files.setdefault(row.locus, set()).add(row.file)
    return {locus: sorted(names) for locus, names in files.items()}
