"""A simulated project, run: every table, figure and page says that it is."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from genopool.simulation.design import load
from genopool.simulation.project import simulate, write_simulation

CONFIG = """
title: Two loci
outcome: breast cancer
simulated: true
truth: data/truth.tsv
loci:
  CA: {kind: repeat, effect_alleles: ["19"]}
  SNP: {alleles: A/C}
  EMPTY: {alleles: A/C}
models: [allelic, dominant]
strata: {ethnicity: {}}
"""
DESIGN = {
    "seed": 3,
    "studies": {"number": 6},
    "ancestries": {"European": {"share": 0.5, "f_st": 0.002}, "African": {"share": 0.5}},
    "loci": {
        "CA": {
            "frequencies": {
                "European": {"18": 0.2, "19": 0.6, "21": 0.2},
                "African": {"17": 0.3, "19": 0.5, "20": 0.2},
            },
            "effects": [{"alleles": "19", "log_or": -0.2, "tau": 0.1}],
        },
        "SNP": {
            "frequencies": {
                "European": {"A": 0.6, "C": 0.4},
                "African": {"A": 0.3, "C": 0.7},
            },
            "reporting": {"estimates": 0.34},
            "effects": [{"alleles": "C", "log_or": 0.2, "tau": 0.1}],
        },
    },
}


def snakemake(repository, folder, *arguments):
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("snakemake")),
            "--snakefile",
            str(repository / "Snakefile"),
            "--directory",
            str(folder),
            "--cores",
            "2",
            *arguments,
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def finished(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "simulation.yaml").write_text(json.dumps(DESIGN))
    project = load(folder / "simulation.yaml")
    write_simulation(project, simulate(project), folder)
    done = snakemake(repository, folder)
    assert done.returncode == 0, done.stdout
    return folder


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_table_has_the_column_that_says_so(finished):
    tables = sorted((finished / "results").rglob("*.tsv"))
    assert len(tables) > 30
    with_rows = 0
    for path in tables:
        header = path.read_text(encoding="utf-8").split("\n")[0].split("\t")
        assert header[-1] == "simulated" and header.count("simulated") == 1, path
        said = {row["simulated"] for row in rows(path)}
        assert said <= {"yes"}, path
        with_rows += bool(said)
    assert with_rows > 20
    for path in (finished / "data" / "studies").iterdir():
        delimiter = "\t" if path.suffix == ".tsv" else ","
        with open(path, encoding="utf-8") as lines:
            said = {row["provenance"] for row in csv.DictReader(lines, delimiter=delimiter)}
        assert said == {"simulated"}


def test_every_figure_says_so(finished):
    figures = sorted((finished / "results").rglob("figures/[!.]*"))
    assert {path.suffix for path in figures} == {".svg", ".pdf", ".png"}
    svgs = [path for path in figures if path.suffix == ".svg"]
    assert len(svgs) == len(figures) / 3 >= 8
    for path in svgs:
        drawing = path.read_text(encoding="utf-8")
        assert "<dc:title>Simulated data" in drawing
        # Once in the title that is drawn, once in the note.
        assert drawing.count("Simulated data") >= 3
        assert "Simulated data".encode("utf-16-be") in path.with_suffix(".pdf").read_bytes()
        assert path.with_suffix(".png").stat().st_size > 0


def test_forest_plots_mark_the_planted_truth(finished):
    drawing = (finished / "results/SNP/figures/forest.C.allelic.ethnicity.svg").read_text()
    assert "planted odds ratio, overall" in drawing and "#009e73" in drawing


def test_every_caption_of_the_report_says_so(finished):
    page = (finished / "results" / "report.html").read_text(encoding="utf-8")
    captions = page.count("<caption>") + page.count("<figcaption>")
    assert captions > 20
    assert page.count('<span class="made-up">Simulated data.</span>') == captions
    assert "<title>Simulated data" in page and "<h1>Simulated data" in page


def test_every_result_has_its_truth_and_the_other_way_round(finished):
    key = ("locus", "effect_allele", "model", "stratifier", "stratum")
    pooled = {tuple(r[k] for k in key) for r in rows(finished / "results/pooled.tsv") if r["or"]}
    truth = rows(finished / "data" / "truth.tsv")
    of_results = {
        tuple(r[k] for k in key) for r in truth if r["model"] not in ("per_length", "length_trend")
    }
    assert pooled == of_results and len(pooled) == 12
    page = (finished / "results" / "report.html").read_text(encoding="utf-8")
    assert 'id="truth"' in page and "match no result" not in page


def test_a_changed_truth_is_drawn_and_shown_again(finished, repository, tmp_path):
    import shutil

    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    assert "Nothing to be done" in snakemake(repository, folder, "-n").stdout
    truth = folder / "data" / "truth.tsv"
    truth.write_text(truth.read_text().replace("SNP\tC\tallelic", "SNP\tC\tunknown", 1))
    done = snakemake(repository, folder)
    assert done.returncode != 0 and "truth.tsv, row" in done.stdout
    assert "Traceback" not in done.stdout
    errors = rows(folder / "results" / "logs" / "errors.tsv")
    assert [(e["check"], e["column"], e["simulated"]) for e in errors] == [
        ("unknown_value", "model", "yes")
    ]
