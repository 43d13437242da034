"""The workflow on the made-up repeat: every promised file, and what a new reference re-runs."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from genopool.config import load
from genopool.workflow import locus_settings

SNP = "  SNP: {alleles: A/C}\n"
TABLES = (
    "lengths.tsv",
    "length_trend.tsv",
    "length_strata.tsv",
    "length_effects.tsv",
    "length_distribution.tsv",
)


def run(repository, folder, *arguments):
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("snakemake")),
            "--snakefile",
            str(repository / "Snakefile"),
            "--configfile",
            str(folder / "config.yaml"),
            *arguments,
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def table(path):
    with open(path, encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def finished(repository, repeats, tmp_path_factory):
    folder = tmp_path_factory.mktemp("repeats")
    config = repeats.CONFIG.replace("models:", f"{SNP}models:").replace(
        "models: [allelic, dominant]", "models: [allelic]"
    )
    repeats.write_project(folder, config=config)
    run(repository, folder, "--cores", "1")
    return folder


def test_tables_and_figures_are_made_and_listed(finished):
    results = finished / "results"
    listed = {row["file"] for row in table(results / "manifest.tsv")}
    assert {f"CA/{name}" for name in TABLES} | {f"SNP/{name}" for name in TABLES} <= listed
    assert {"lengths.tsv", "length_trend.tsv"} <= listed
    figures = [row for row in table(results / "CA" / "figures.tsv") if not row["effect_allele"]]
    assert {row["stem"] for row in figures} == {
        f"{kind}.{stratifier}"
        for kind in ("length_distribution", "length_odds_ratios", "length_trend")
        for stratifier in ("overall", "ethnicity")
    }
    for row in figures:
        for ending in ("svg", "pdf", "png"):
            assert f"CA/figures/{row['stem']}.{ending}" in listed
    for name in TABLES:
        assert table(results / "SNP" / name) == []
    assert table(results / "lengths.tsv") == table(results / "CA" / "lengths.tsv")
    assert table(results / "length_trend.tsv")[0]["k"] == "11"


def test_the_report_has_the_section(finished, open_report):
    report = open_report(finished / "results" / "report.html")
    assert report.messages == [] and report.outside == []
    heading = report.page.locator('[id="locus-CA:lengths"]')
    assert heading.inner_text() == "Lengths, one by one"
    assert report.page.locator('[id="locus-SNP:lengths"]').count() == 0
    wide = report.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


def test_a_new_reference_re_runs_its_locus(repository, finished):
    source = finished / "config.yaml"
    before = source.read_text()
    loaded = load(source).config
    settings = {locus: locus_settings(loaded, locus) for locus in loaded.loci}
    try:
        source.write_text(before.replace("kind: repeat,", "kind: repeat, reference_length: '18',"))
        changed = load(source).config
        assert locus_settings(changed, "SNP") == settings["SNP"]
        assert locus_settings(changed, "CA") != settings["CA"]
        printed = run(repository, finished, "--cores", "1", "-n")
    finally:
        source.write_text(before)
    assert "Pooling CA" in printed and "Pooling SNP" not in printed
