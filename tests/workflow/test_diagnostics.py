"""Whatever diagnostics are chosen, their tables and figures are there, and no others."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genopool.diagnostics.choice import FIGURES, JOINED_DIAGNOSTICS, TABLES

CONFIG = """loci: {SNP: {alleles: A/C}}
models: [dominant]
outcome: disease
strata: {ethnicity: {}}
diagnostics: full
"""
HEADER = "study,locus,year,ethnicity,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"
STUDIES = """Bo 2001,SNP,2001,Asian,36,108,64,46,96,58
Lee 2003,SNP,2003,Asian,53,169,111,97,183,103
Crusius 2005,SNP,2005,European,180,190,60,210,170,40
Vinagre 2007,SNP,2007,European,90,104,31,82,101,29
"""


@pytest.fixture(scope="module")
def run(repository, tmp_path_factory):
    """Run the workflow on a small project with a choice of diagnostics; its results folder."""
    folder = tmp_path_factory.mktemp("chosen")
    (folder / "data" / "studies").mkdir(parents=True)
    (folder / "data" / "studies" / "a.csv").write_text(f"{HEADER}\n{STUDIES}")

    def make(choice):
        (folder / "config.yaml").write_text(CONFIG.replace("full", choice))
        command = [str(Path(sys.executable).with_name("snakemake")), "--directory", str(folder)]
        command += ["--snakefile", str(repository / "Snakefile"), "--cores", "2"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return folder / "results"

    yield make
    shutil.rmtree(folder)


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_full_makes_everything_and_a_list_nothing_else(run):
    results = run("full")
    for name in TABLES:
        made = rows(results / "SNP" / f"{name}.tsv")
        assert made and all(row["locus"] == "SNP" for row in made), name
    figures = rows(results / "SNP" / "figures.tsv")
    assert {row["kind"] for row in figures} == {"forest", *FIGURES}
    for row in figures:
        assert row["stem"], row
        for ending in ("svg", "pdf", "png"):
            assert (results / "SNP" / "figures" / f"{row['stem']}.{ending}").is_file()
    listed = {row["file"] for row in rows(results / "manifest.tsv")}
    assert {f"{name}.tsv" for name in JOINED_DIAGNOSTICS} <= listed
    report = (results / "report.html").read_text()
    assert "Can this result be believed?" in report and "What can be concluded" in report

    results = run("[funnel, small_study]")
    there = {path.stem for path in (results / "SNP").glob("*.tsv")}
    assert there & set(TABLES) == {"small_study"}
    assert not any((results / f"{name}.tsv").exists() for name in JOINED_DIAGNOSTICS)
    kinds = {path.name.split(".")[0] for path in (results / "SNP" / "figures").glob("*.svg")}
    assert kinds == {"forest", "funnel"}
    assert "What can be concluded" not in (results / "report.html").read_text()
