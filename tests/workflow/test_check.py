"""`snakemake check`, and a project whose every cell means harm."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = ("Snakefile", "workflow", "profiles", "src", "environment.yml")
CONFIG = "loci: {SNP: {alleles: A/C}}\nmodels: [allelic]\nstrata: {ethnicity: {}}\n"
HEADER = "study,locus,ethnicity,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"


def snakemake(folder, *arguments):
    """Exit status and everything that was printed."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("snakemake")), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    output = done.stdout.decode()
    assert "Traceback" not in output
    return done.returncode, output


@pytest.fixture
def workflow(repository, tmp_path):
    """A copy of the workflow with a project of one locus in a folder of its own."""
    for part in PARTS:
        source = repository / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, tmp_path / part, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / part)
    (tmp_path / "mine" / "data" / "studies").mkdir(parents=True)
    (tmp_path / "mine" / "config.yaml").write_text(CONFIG)
    return tmp_path


def add(workflow, content, name="a.csv"):
    (workflow / "mine" / "data" / "studies" / name).write_text(content)


@pytest.mark.parametrize(
    "arguments", [["--directory", "mine"], ["--configfile", "mine/config.yaml"]]
)
def test_check_prints_the_findings_and_analyses_nothing(workflow, arguments):
    add(workflow, HEADER + "Odd 2003,SNP,Chinese,10,20,10,200,0,200\n")
    status, output = snakemake(workflow, "check", *arguments)
    assert status == 0
    assert "data/studies/a.csv\n  warning row 2, Odd 2003 [hardy_weinberg]" in output
    assert "1 table with 1 row read: 0 errors, 1 warning" in output
    made = [path for path in (workflow / "mine" / "results").rglob("*") if path.is_file()]
    assert [path.name for path in made] == ["check.log"]
    assert made[0].read_text() in output


def test_check_fails_on_errors(workflow):
    add(workflow, HEADER + "S,SNP,Chinese,x,20,10,10,20,10\n")
    status, output = snakemake(workflow, "check", "--directory", "mine")
    assert status == 1
    assert "a.csv, row 2, column cases_AA: 'x' is not a number of people" in output


def test_the_analysis_stays_the_default(workflow):
    add(workflow, HEADER + "S,SNP,Chinese,40,80,45,50,70,30\n")
    status, output = snakemake(workflow, "-n", "--directory", "mine")
    assert status == 0
    assert "Writing the report" in output and "Checking the study tables" not in output


HARM = [
    "<script>hacked=1</script>",
    '"><img src=x onerror="hacked=1">',
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "../../../escaped",
    "/tmp/escaped",
    "$\\frac{1}{0}$ \\input{/etc/passwd}",
    "\u202eevil\x1b[2J\x07",
    "{{ 7*7 }} %(x)s {locus} $(touch escaped)",
    "CON",
    "a" * 200,
    "\U0001f600 Ж 漢字",
]


def test_a_project_of_hostile_cells_is_analysed_and_nothing_else_happens(workflow, open_report):
    (workflow / "mine" / "config.yaml").write_text(
        'title: "<script>hacked=1</script>"\noutcome: "=cmd"\nmodels: [allelic]\n'
        'loci: {SNP: {alleles: A/C, label: "<img src=x onerror=hacked=1>"}}\n'
        "strata: {ethnicity: {}}\n"
    )
    header = ["study", "locus", "ethnicity", "note", "pmid", "doi", "<b>=x</b>"]
    header += [f"{group}_{g}" for group in ("cases", "controls") for g in ("AA", "AC", "CC")]
    path = workflow / "mine" / "data" / "studies" / "-x \U0001f600.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for i, harm in enumerate(HARM):
            words = [harm, "SNP", harm, harm, "javascript:hacked=1", '10.1000/"><script>', harm]
            writer.writerow([*words, 10 + i, 20, 30, 12, 24, 33 - i])
    before = {p for p in workflow.rglob("*") if not {"results", "__pycache__"} & set(p.parts)}
    status, output = snakemake(workflow, "--directory", "mine")
    assert status == 0, output
    after = {p for p in workflow.rglob("*") if not {"results", "__pycache__"} & set(p.parts)}
    assert {p for p in after - before if ".snakemake" not in p.parts} == set()
    assert not Path("/tmp/escaped").exists()
    results = workflow / "mine" / "results"
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert all(set(p.name) <= allowed for p in results.rglob("*"))
    for table in results.rglob("*.tsv"):
        first, *lines = table.read_text(encoding="utf-8").rstrip("\n").split("\n")
        assert {line.count("\t") for line in lines} <= {first.count("\t")}
    lines = (results / "studies.tsv").read_text(encoding="utf-8").rstrip("\n").split("\n")
    studies = {line.split("\t")[3] for line in lines}
    assert {harm for harm in HARM if "\x1b" not in harm} <= studies
    opened = open_report(results / "report.html")
    assert opened.page.evaluate("typeof hacked") == "undefined"
    assert not opened.messages and not opened.outside
    assert "<script>hacked=1</script>" in opened.page.inner_text("body")
