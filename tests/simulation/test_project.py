"""What is written: the same bytes everywhere, whole or not at all, and nobody else's files."""

import os
import subprocess
import sys

import pytest
import yaml

from genopool.config import load as load_config
from genopool.simulation.design import load
from genopool.simulation.project import SimulationError, simulate, write_simulation
from genopool.studies.reading import read_studies
from genopool.studies.truth import read_truth
from genopool.tables import read_rows


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_example_is_what_its_design_makes(repository):
    folder = repository / "examples" / "simulated"
    made = simulate(load(folder / "simulation.yaml"))
    for name, text in made.files.items():
        assert (folder / name).read_bytes() == text.encode(), f"{name}: run genopool simulate"
    there = {f"data/studies/{path.name}" for path in (folder / "data" / "studies").iterdir()}
    assert there | {"data/truth.tsv"} == set(made.files)


def test_the_example_has_a_clean_bill(repository):
    """30 studies, all lengths from 10 to 24, five ancestries; nothing to warn of."""
    project = load_config(repository / "examples" / "simulated" / "config.yaml")
    tables = read_studies(project)
    assert [f for f in tables.findings if f.severity != "note"] == []
    assert read_truth(project)[1] == []
    assert len({row.study for row in tables.rows}) == 30
    assert len({row.values["ethnicity"] for row in tables.rows}) == 5
    lengths = {
        allele
        for row in tables.counts
        if row.locus == "IGF1_CA"
        for cell in row.cells
        for allele in cell.label.text.split("/")
    }
    assert {str(n) for n in range(10, 25)} <= lengths


def test_the_same_bytes_whatever_the_hash_seed_and_the_order_of_keys(make_design, tmp_path):
    first = make_design(folder=tmp_path / "a")
    values = yaml.safe_load(first.source.read_text())
    values = dict(reversed(values.items()))
    second = tmp_path / "b"
    second.mkdir()
    (second / "simulation.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    (second / "config.yaml").write_bytes((tmp_path / "a" / "config.yaml").read_bytes())
    for folder, seed in (("a", "1"), ("b", "2")):
        subprocess.run(
            [
                sys.executable,
                "-m",
                "genopool.commands.main",
                "simulate",
                str(tmp_path / folder / "simulation.yaml"),
            ],
            env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": "C"},
            check=True,
            capture_output=True,
        )
    one, other = files(tmp_path / "a"), files(tmp_path / "b")
    assert one.pop("simulation.yaml") != other.pop("simulation.yaml")
    assert one == other and len(one) > 5


def test_every_row_and_table_says_that_it_is_simulated(make_design):
    project = make_design()
    write_simulation(project, simulate(project), project.folder)
    tables = read_studies(load_config(project.folder / "config.yaml"))
    assert {row.values["provenance"] for row in tables.rows} == {"simulated"}
    for name in ("data/truth.tsv", "simulated.tsv"):
        assert {row["provenance"] for row in read_rows(project.folder / name)} == {"simulated"}


def test_another_seed_is_another_simulation(make_design):
    project = make_design()
    assert simulate(project, 7).files == simulate(project).files
    assert simulate(project, 8).files != simulate(project).files


def test_every_kind_of_table_is_made(make_design):
    names = " ".join(simulate(make_design()).files)
    for kind in ("counts.csv", "counts.tsv", "repeats.csv", "alleles.", "estimates."):
        assert kind in names


def test_elsewhere_the_project_is_complete(make_design, tmp_path):
    project = make_design()
    folder = tmp_path / "there"
    write_simulation(project, simulate(project), folder)
    assert load_config(folder / "config.yaml").truth.is_file()
    again = load(folder / "simulation.yaml")
    write_simulation(again, simulate(again), folder)


def test_made_anew_without_what_is_not_made_any_more(make_design):
    project = make_design()
    write_simulation(project, simulate(project), project.folder)
    before = files(project.folder)
    fewer = make_design({"studies": {"number": 4}})
    gone = write_simulation(fewer, simulate(fewer), fewer.folder)
    after = files(project.folder)
    assert set(before) - set(after) == set(gone) and gone
    assert {row["file"] for row in read_rows(project.folder / "simulated.tsv")} == {
        name for name in after if name.startswith("data/")
    }


@pytest.mark.parametrize("change", ["edited", "own file", "no manifest"])
def test_nobody_elses_file_is_overwritten(make_design, change):
    project = make_design()
    made = simulate(project)
    name = next(iter(made.files))
    target = project.folder / name
    if change == "own file":
        target.parent.mkdir(parents=True)
        target.write_text("mine")
    else:
        write_simulation(project, made, project.folder)
        if change == "edited":
            target.write_bytes(target.read_bytes() + b"more\n")
        else:
            (project.folder / "simulated.tsv").unlink()
    before = files(project.folder)
    with pytest.raises(SimulationError, match="nothing was written"):
        write_simulation(project, simulate(project, 8), project.folder)
    assert files(project.folder) == before


def test_an_edited_file_is_kept_when_it_is_not_made_any_more(make_design):
    project = make_design()
    made = simulate(project)
    write_simulation(project, made, project.folder)
    fewer = make_design({"studies": {"number": 4}})
    smaller = simulate(fewer)
    kept = next(name for name in made.files if name not in smaller.files)
    (project.folder / kept).write_text("mine")
    write_simulation(fewer, smaller, fewer.folder)
    assert (project.folder / kept).read_text() == "mine"


@pytest.mark.parametrize("key", ["studies", "truth"])
def test_nothing_is_written_outside_the_folder(make_design, tmp_path, key):
    project = make_design(config={key: "../outside"}, folder=tmp_path / "inside")
    with pytest.raises(SimulationError, match="outside the folder"):
        write_simulation(project, simulate(project), project.folder)
    assert not (tmp_path / "outside").exists()
    assert set(files(tmp_path / "inside")) == {"config.yaml", "simulation.yaml"}


def test_what_was_there_is_put_back_when_a_file_cannot_be_written(make_design, monkeypatch):
    from pathlib import Path

    project = make_design()
    write_simulation(project, simulate(project), project.folder)
    before = files(project.folder)
    replace, calls = Path.replace, []

    def fail_at_the_third(path, target):
        if "new" in path.parts:
            calls.append(path)
            if len(calls) == 3:
                raise OSError("no space left")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail_at_the_third)
    with pytest.raises(OSError, match="no space"):
        write_simulation(project, simulate(project, 8), project.folder)
    assert len(calls) == 3
    assert files(project.folder) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"studies": {"number": 1}},
        {"loci": {"CA": {"studied": 0.01}}},
        {"parts": None},
        {"studies": {"per_table": 99, "columns": None}},
        {"ancestries": {"East Asian": {"share": 0.0}, "European": {"share": 1.0}}},
    ],
)
def test_odd_designs(make_design, changes):
    effects = {"SNP": {"effects": [{"alleles": "C", "log_or": 0.1}]}}
    loci = changes.get("loci", {}) | effects
    made = simulate(make_design(changes | {"loci": loci}))
    assert made.truths > 0


def test_hostile_names_stay_in_their_cells(make_design):
    name = 'a,"b"\n<script>\t=1+1'
    project = make_design(
        {
            "studies": {
                "columns": {"control_source": {"population": None, "hospital": None, name: 1.0}}
            }
        }
    )
    write_simulation(project, simulate(project), project.folder)
    tables = read_studies(load_config(project.folder / "config.yaml"))
    assert {" ".join(row.values["control_source"].split()) for row in tables.rows} == {
        " ".join(name.split())
    }
