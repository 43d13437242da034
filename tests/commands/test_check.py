"""`genopool check`: what it reads, how it says what it found, and how it exits."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from genopool.commands.main import main
from genopool.diagnostics.tables.diagnose import diagnose
from genopool.diagnostics.tables.pools import pools_of
from genopool.results import join_loci, write_diagnostics, write_locus
from genopool.studies.reading import read_studies
from genopool.tables import read_rows

WIDE = "study,locus,ethnicity,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
CONFIG = "loci: {SNP: {alleles: A/C}}\nstrata: {ethnicity: {}}\n"
GOOD = WIDE + "Good 2001,SNP,Chinese,40,80,45,50,70,30\n"
BAD = WIDE + 'Bad 2002,SNP,"Korean, or so",10,-3,10,10,20,10\n'
#: 400 heterozygotes missing: a warning of the Hardy-Weinberg test.
WARNING = WIDE + "Odd 2003,SNP,Chinese,10,20,10,200,0,200\n"


@pytest.fixture
def at_project(make_project, monkeypatch):
    """Make a project and go there, as somebody who types commands."""

    def make(tables, config=CONFIG):
        project = make_project(tables, config)
        monkeypatch.chdir(project.folder)
        return project

    return make


def run(capsys, *arguments):
    """Exit status, output, and what went to standard error."""
    try:
        status = main(["check", *arguments])
    except SystemExit as left:
        status = left.code
    return status, *capsys.readouterr()


def documents(capsys, *arguments):
    status, output, _ = run(capsys, "--format", "json", *arguments)
    return status, json.loads(output)


def found(document):
    return [(f["path"], f["severity"], f["check"]) for f in document["findings"]]


def test_table_names_file_row_column_and_what_was_expected(at_project, capsys):
    at_project({"bad.csv": BAD, "good.csv": GOOD})
    status, output, _ = run(capsys)
    assert status == 1
    assert (
        "data/studies/bad.csv\n  error   row 2, column cases_AC, Bad 2002 [not_a_count]" in output
    )
    assert "'-3' is not a number of people" in output and "expected: a whole number" in output
    assert "2 tables with 2 rows read: 1 error, 0 warnings, 0 notes." in output
    assert "once there are no errors" in output and "\033" not in output


def test_nothing_to_say(at_project, capsys):
    at_project({"good.csv": GOOD})
    expected = "1 table with 1 row read: 0 errors, 0 warnings, 0 notes.\n"
    assert run(capsys) == (0, expected, "")


@pytest.mark.parametrize(
    ("content", "arguments", "status"),
    [
        (GOOD, [], 0),
        (WARNING, [], 0),
        (WARNING, ["--strict"], 1),
        (BAD, [], 1),
        (BAD, ["--severity", "error"], 1),
        (WARNING, ["--severity", "error", "--strict"], 1),
    ],
)
def test_exit_status(at_project, capsys, content, arguments, status):
    at_project({"a.csv": content})
    assert run(capsys, *arguments)[0] == status


def test_severity_hides_the_less_severe(at_project, capsys):
    config = CONFIG + "checks: {hwe: {note: 1}}\n"
    at_project({"a.csv": WARNING + "Near 2004,SNP,Chinese,10,20,10,11,20,10\n"}, config)
    severities = {
        shown: {f["severity"] for f in documents(capsys, "--severity", shown)[1]["findings"]}
        for shown in ("error", "warning", "note")
    }
    assert severities == {"error": set(), "warning": {"warning"}, "note": {"warning", "note"}}


def test_lines_are_what_editors_read(at_project, capsys):
    at_project({"bad.csv": BAD})
    _, output, _ = run(capsys, "--format", "lines")
    (line,) = output.splitlines()
    match = re.fullmatch(r"([^:]+):(\d+):(\d+): (error|warning|note): (.+) \[([a-z_]+)\]", line)
    column = BAD.split("\n")[1].index("-3") + 1
    assert match.groups()[:4] == ("data/studies/bad.csv", "2", str(column), "error")
    assert match[6] == "not_a_count"


def test_sarif_has_the_structure_that_code_hosts_ask_for(at_project, capsys):
    at_project({"bad ä.csv": BAD})
    status, output, _ = run(capsys, "--format", "sarif")
    log = json.loads(output)
    assert status == 1 and log["version"] == "2.1.0" and "sarif" in log["$schema"]
    (run_,) = log["runs"]
    rules = run_["tool"]["driver"]["rules"]
    assert run_["tool"]["driver"]["name"] == "genopool"
    assert len({rule["id"] for rule in rules}) == len(rules)
    (result,) = run_["results"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "not_a_count"
    assert result["level"] in ("none", "note", "warning", "error")
    assert "'-3'" in result["message"]["text"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {
        "uri": "data/studies/bad%20%C3%A4.csv",
        "uriBaseId": "%SRCROOT%",
    }
    assert physical["region"] == {"startLine": 2, "startColumn": BAD.split("\n")[1].index("-3") + 1}


def test_sarif_of_a_workbook_says_the_sheet_in_words(at_project, capsys):
    import openpyxl

    project = at_project({})
    book = openpyxl.Workbook()
    for line in BAD.replace('"Korean, or so"', "Korean").splitlines():
        book.active.append(line.split(","))
    book.save(project.studies / "a.xlsx")
    log = json.loads(run(capsys, "--format", "sarif")[1])
    (location,) = log["runs"][0]["results"][0]["locations"]
    assert "region" not in location["physicalLocation"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "Sheet/row 2/cases_AC"


def test_a_cell_makes_no_link_in_a_sarif_message(at_project, capsys):
    at_project({"a.csv": BAD.replace("-3", "[here](https://example.org)")})
    log = json.loads(run(capsys, "--format", "sarif")[1])
    assert "[here] (https" in log["runs"][0]["results"][0]["message"]["text"]


def test_sarif_names_files_elsewhere_by_their_full_address(at_project, capsys, monkeypatch):
    project = at_project({"bad.csv": BAD})
    monkeypatch.chdir(project.studies)
    source = str(project.source)
    log = json.loads(run(capsys, "--format", "sarif", "--config", source)[1])
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "bad.csv"
    (project.folder / "beside").mkdir()
    monkeypatch.chdir(project.folder / "beside")
    log = json.loads(run(capsys, "--format", "sarif", "--config", source)[1])
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": (project.studies / "bad.csv").as_uri()}


@pytest.mark.parametrize("content", [GOOD, WARNING, BAD])
def test_check_and_integrity_tsv_never_disagree(at_project, capsys, content):
    project = at_project({"a.csv": content, "b.csv": WARNING.replace("Odd", "Other")})
    _, document = documents(capsys)
    shown = [{k: "" if v is None else str(v) for k, v in f.items() if k != "path"}
             for f in document["findings"]]  # fmt: skip
    tables = read_studies(project)
    if content is BAD:
        assert {f["check"] for f in shown if f["severity"] == "error"} == {"not_a_count"}
        return
    written_by_the_workflow(project, tables)
    assert shown == read_rows(project.results / "integrity.tsv")


def written_by_the_workflow(project, tables):
    """What its jobs write; each job reads the tables of its locus alone."""
    from genopool.analysis import analyse_locus

    of_loci = set()
    for locus in project.config.loci:
        own = read_studies(project, tables.files, locus)
        results = analyse_locus(project.config, locus, own)
        of_loci |= set(results.findings)
        write_locus(results, own, project.results / locus)
        pools = pools_of(project.config, locus, results)
        write_diagnostics(diagnose(pools), project.results / locus)
    join_loci(project, tables, project.results)
    return of_loci


@pytest.mark.parametrize("name", ["config.yaml", "examples/il8_gastric_cancer/config.yaml"])
def test_findings_of_every_locus_are_in_the_joined_table(repository, tmp_path, name, capsys):
    import shutil

    from genopool.config import load

    folder = (repository / name).parent
    shutil.copytree(folder / "data", tmp_path / "data")
    shutil.copy(folder / "config.yaml", tmp_path)
    project = load(tmp_path / "config.yaml")
    of_loci = written_by_the_workflow(project, read_studies(project))
    joined = read_rows(project.results / "integrity.tsv")
    assert {(f.check, f.message) for f in of_loci} <= {(r["check"], r["message"]) for r in joined}
    _, document = documents(capsys, "--config", str(tmp_path / "config.yaml"))
    assert [f["message"] for f in document["findings"]] == [r["message"] for r in joined]


def test_a_file_of_the_project_is_checked_among_the_others(at_project, capsys):
    """The repeated row is in both files; only what is in the named one is shown."""
    at_project({"a.csv": GOOD, "b.csv": GOOD, "c.csv": BAD})
    status, document = documents(capsys, "data/studies/b.csv")
    assert status == 1
    assert found(document) == [("data/studies/b.csv", "error", "repeated_row")]
    assert documents(capsys, "data/studies/a.csv")[0] == 0


def test_files_and_folders_elsewhere_are_checked_by_themselves(at_project, capsys, tmp_path):
    at_project({"a.csv": GOOD})
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "a.csv").write_text(GOOD)
    (other / "bad.csv").write_text(BAD)
    assert documents(capsys, "elsewhere/a.csv")[0] == 0
    status, document = documents(capsys, "elsewhere")
    assert (status, found(document)) == (1, [("elsewhere/bad.csv", "error", "not_a_count")])
    status, document = documents(capsys, "data/studies", "elsewhere/bad.csv")
    assert status == 1 and document["files"] == ["data/studies/a.csv", "elsewhere/bad.csv"]
    status, _, message = run(capsys, "data/studies", "elsewhere")
    assert status == 2 and "same file name" in message


def test_a_configuration_elsewhere(at_project, capsys, monkeypatch, tmp_path):
    at_project({"bad.csv": BAD})
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    status, document = documents(capsys, "--config", "../config.yaml")
    assert status == 1
    assert found(document)[0][0] == str(tmp_path / "data" / "studies" / "bad.csv")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-"], "not from standard input"),
        (["nowhere"], "'nowhere' cannot be read: No such file"),
        (["config.yaml"], "not a study table: expected .csv"),
        (["data/studies/.a.csv"], "begins with ."),
        (["--config", "nowhere.yaml"], "--config names the configuration"),
        (["--config", "nowhere.yaml", "data/studies"], "--config names the configuration"),
        (["--output", "data/studies/a.csv"], "one of the files that are read"),
        (["--output", "config.yaml"], "one of the files that are read"),
        (["--output", "nowhere/x.txt", "--format", "lines", "data"], "no column study"),
        (["--format", "xml"], "invalid choice"),
        (["empty"], ""),
    ],
)
def test_wrong_usage_is_status_2(at_project, capsys, arguments, says):
    project = at_project({"a.csv": GOOD, ".a.csv": GOOD})
    (project.folder / "empty").mkdir()
    if arguments[-1] in ("empty", "data"):  # a folder without tables is no error
        assert run(capsys, arguments[-1])[0] == 0
        return
    status, output, message = run(capsys, *arguments)
    assert (status, output) == (2, "")
    assert says in message and "Traceback" not in message


def test_all_problems_of_a_configuration(at_project, capsys):
    project = at_project({})
    project.source.write_text(CONFIG + "titel: x\nmodels: [alelic]\n")
    status, _, message = run(capsys)
    assert status == 2
    assert "did you mean 'title'" in message and "did you mean 'allelic'" in message


def test_output_is_written_whole(at_project, capsys):
    project = at_project({"bad.csv": BAD})
    status, output, _ = run(capsys, "--format", "sarif", "--output", "findings.sarif")
    assert (status, output) == (1, "")
    assert json.loads((project.folder / "findings.sarif").read_text())["runs"]


HOSTILE = "\x1b]0;title\x07\x1b[2J\u202e\x9b31m"


@pytest.mark.parametrize("form", ["table", "json", "sarif", "lines"])
def test_cells_cannot_command_a_terminal(at_project, capsys, form):
    at_project({"a.csv": f"study,locus,cases_AA,controls_AA\n{HOSTILE},SNQ{HOSTILE},{HOSTILE},1\n"})
    status, output, _ = run(capsys, "--format", form)
    assert status == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", output)


def test_a_terminal_has_colours_unless_it_wants_none(at_project, capsys, monkeypatch):
    at_project({"bad.csv": BAD})
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033[1;31merror" in run(capsys)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in run(capsys)[1]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_lines_are_no_longer_than_the_terminal(at_project, capsys, monkeypatch, columns):
    at_project({"warning.csv": WARNING})
    monkeypatch.setenv("COLUMNS", str(columns))
    listing = run(capsys)[1].split("\n\n")[0]
    assert max(map(len, listing.splitlines())) <= min(columns, 120)


def command(folder, *arguments, **options):
    """The command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "genopool", *arguments], cwd=folder, timeout=60, **options
    )


def test_a_terminal_that_is_not_utf_8(at_project):
    project = at_project({"ä.csv": BAD.replace("Bad", "Bäd 漢")})
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = command(project.folder, "check", capture_output=True, env=environment)
    assert done.returncode == 1 and done.stderr == b""
    assert b"B\\xe4d \\u6f22" in done.stdout


def test_a_reader_that_stops_reading(at_project):
    project = at_project({"bad.csv": WIDE + "S,SNP,x,a,b,c,d,e,f\n" * 2_000})
    arguments = [sys.executable, "-m", "genopool", "check", "--format", "lines"]
    process = subprocess.Popen(
        arguments, cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141


def test_help_and_version(tmp_path):
    for arguments in (["--help"], ["check", "--help"], ["new-table", "--help"], ["--version"]):
        done = command(tmp_path, *arguments, capture_output=True, text=True)
        assert done.returncode == 0 and "genopool" in done.stdout
    assert command(tmp_path, capture_output=True).returncode == 2


def test_the_order_of_files_changes_nothing(at_project, capsys):
    at_project({"b.csv": BAD, "a.csv": BAD.replace("Bad", "Worse")})
    one = run(capsys, "data/studies/a.csv", "data/studies/b.csv")
    assert one == run(capsys, "data/studies/b.csv", "data/studies/a.csv")
    assert Path("data/studies").is_dir()
