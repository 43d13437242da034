"""`genopool simulate` at the command line."""

import pytest

from genopool.commands.main import main

CONFIG = """
simulated: true
truth: data/truth.tsv
loci: {SNP: {alleles: A/C}}
models: [allelic]
"""
DESIGN = """
seed: 1
studies: {number: 3}
ancestries: {European: {share: 1.0}}
loci:
  SNP:
    frequencies: {European: {A: 0.6, C: 0.4}}
    effects: [{alleles: C, log_or: 0.2, tau: 0.1}]
"""


@pytest.fixture
def design(tmp_path):
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "simulation.yaml").write_text(DESIGN)
    return tmp_path / "simulation.yaml"


def test_the_project_is_written(design, capsys):
    assert main(["simulate", str(design)]) == 0
    assert "3 studies and 1 truth in 2 files" in capsys.readouterr().out
    assert (design.parent / "data" / "truth.tsv").is_file()


def test_seed_and_output(design, tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        assert main(["simulate", str(design), "--seed", "9", "--output", str(folder)]) == 0
    one, other = ((f / "data" / "studies" / "studies_1-3_counts.csv").read_bytes() for f in folders)
    assert one == other
    assert main(["simulate", str(design)]) == 0
    own = design.parent / "data" / "studies" / "studies_1-3_counts.csv"
    assert own.read_bytes() != one


@pytest.mark.parametrize("seed", ["-1", "1.5", "x", ""])
def test_a_seed_that_is_none(design, seed, capsys):
    with pytest.raises(SystemExit):
        main(["simulate", str(design), f"--seed={seed}"])
    assert "is not a whole number" in capsys.readouterr().err


def test_a_wrong_design_is_explained(design, capsys):
    design.write_text(DESIGN.replace("share: 1.0", "share: 0.5"))
    assert main(["simulate", str(design)]) == 1
    said = capsys.readouterr()
    assert "simulation.yaml has a problem" in said.err and "add up to 0.5" in said.err
    assert not (design.parent / "data").exists()


def test_a_file_in_the_way_is_named(design, capsys):
    (design.parent / "data").mkdir()
    (design.parent / "data" / "truth.tsv").write_text("mine")
    assert main(["simulate", str(design)]) == 1
    assert "truth.tsv" in capsys.readouterr().err
    assert (design.parent / "data" / "truth.tsv").read_text() == "mine"


def test_a_folder_that_cannot_be_made(design, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["simulate", str(design), "--output", str(tmp_path / "file")]) == 1
    assert "file" in capsys.readouterr().err
