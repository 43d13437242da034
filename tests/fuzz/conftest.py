"""What must hold of every input, however broken: results, or errors that a person can read."""

import csv
import io
import json
import re

import pytest

from genopool.analysis import analyse_locus, check_input
from genopool.commands.check import FORMATS, formatted
from genopool.commands.project import check_project
from genopool.config import Project, load
from genopool.diagnostics.tables.diagnose import diagnose
from genopool.diagnostics.tables.pools import KEYS, pools_of
from genopool.results import ACCOUNT_COLUMNS, write_diagnostics, write_locus
from genopool.studies.findings import SEVERITIES, errors, report_errors
from genopool.studies.reading import read_studies
from genopool.tables import read_rows

#: Columns of the tables of diagnostics that name a row.
NAMES = frozenset(["locus", *KEYS, "analysis", "left_out", "added", "study", "population", "test"])
NAMES |= {"moderator", "term", "quantity", "given_or", "prior", "criterion", "k", "recommended"}
#: Errors that need no row; those of rows say what was expected.
OF_A_WHOLE_FILE = frozenset(["unreadable_file", "header"])
READABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


class Outcomes:
    """Reads one set of files after the other as a project's tables, and holds it to the rules."""

    def __init__(self, project, folder):
        self.project = project
        self.folder = folder
        self.cases = self.with_errors = self.analysed = 0

    def check(self, files, *, in_full=False):
        """Read and check the files; with `in_full`, analyse and write what can be."""
        for path in self.project.studies.iterdir():
            path.unlink()
        for name, data in files.items():
            (self.project.studies / name).write_bytes(data)
        self.cases += 1
        tables = read_studies(self.project)
        self._findings_are_readable(tables.findings, files)
        if in_full:
            self._every_format_is_whole()
        if errors(tables.findings):
            self.with_errors += 1
            assert READABLE.fullmatch(report_errors(tables.findings).replace("\n", " "))
            return tables
        self._no_row_is_lost(tables, files)
        if in_full:
            self._analyse(tables, files)
        return tables

    @staticmethod
    def _findings_are_readable(findings, files):
        for finding in findings:
            assert finding.severity in SEVERITIES
            assert re.fullmatch("[a-z_]+", finding.check)
            assert finding.message.strip()
            if finding.severity == "error":
                assert finding.file in files
                assert finding.row is not None or finding.check in OF_A_WHOLE_FILE
                assert finding.expected or finding.check in OF_A_WHOLE_FILE, finding
                assert len(str(finding)) < 200_000

    def _every_format_is_whole(self):
        checked = check_project(self.project)
        for form in FORMATS:
            text = formatted(checked, form)
            assert READABLE.fullmatch(text.replace("\n", " ") or " ")
            text.encode()
        assert len(json.loads(formatted(checked, "json"))["findings"]) == len(checked.findings)
        results = json.loads(formatted(checked, "sarif"))["runs"][0]["results"]
        assert len(results) == len(checked.findings)
        assert formatted(checked, "lines").count("\n") == len(checked.findings)

    @staticmethod
    def _no_row_is_lost(tables, files):
        """Rows in = rows used + rows reported."""
        used = [(row.file, row.sheet, number) for row in tables.rows for number in row.rows]
        assert len(used) == len(set(used))
        reported = {(f.file, f.sheet, f.row) for f in tables.findings if f.row is not None}
        assert len(used) <= tables.rows_read <= len(set(used) | reported)
        for name, data in files.items():
            written = rows_of_text(data) if not name.endswith("xlsx") else None
            if written is not None and not any(f.file == name for f in tables.findings):
                assert sum(file == name for file, _, _ in used) == max(written - 1, 0)

    def _analyse(self, tables, files):
        self.analysed += 1
        findings = check_input(self.project, tables)
        self._findings_are_readable(findings, files)
        accounted = []
        for locus in self.project.config.loci:
            results = analyse_locus(self.project.config, locus, tables)
            assert set(results.findings) <= set(findings)
            write_locus(results, tables, self.folder / locus)
            diagnosed = diagnose(pools_of(self.project.config, locus, results))
            write_diagnostics(diagnosed, self.folder / locus)
            self._no_diagnostic_is_blank(diagnosed)
            for path in (self.folder / locus).iterdir():
                read_rows(path)  # each line has all of the header's cells
            accounted += read_rows(self.folder / locus / "account.tsv")
        rows = {(row.file, row.sheet, str(number)) for row in tables.rows for number in row.rows}
        names = ACCOUNT_COLUMNS[:3]
        assert sorted(tuple(r[n] for n in names) for r in accounted) == sorted(rows)
        assert all(row["used"] == "yes" or row["reason"] for row in accounted)

    @staticmethod
    def _no_diagnostic_is_blank(diagnosed):
        """Every row says something, or why it does not."""
        for name, rows in diagnosed.items():
            for row in rows:
                said = [v for c, v in row.items() if c not in NAMES and v not in ("", None)]
                assert any(v == v for v in said) or row["reason"], (name, row)


def rows_of_text(data):
    """Rows with something in them, counted in the plainest way; None for what is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return sum(any(map(str.strip, cells)) for cells in csv.reader(io.StringIO(text, newline="")))


@pytest.fixture(scope="module")
def outcomes(repository, tmp_path_factory):
    """`outcomes(config_path)`: the rules for the loci of a configuration."""

    def make(source):
        config = load(repository / source).config
        folder = tmp_path_factory.mktemp("fuzz")
        (folder / "studies").mkdir()
        config = config.model_copy(update={"studies": "studies", "published": ""})
        return Outcomes(Project(config, folder / "config.yaml"), folder / "results")

    return make
