"""`make` sets up once, completely or not at all, and `make clean` deletes only what it may."""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def load_tool(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


class SetUp:
    """The set-up tool on a checkout of its own, with the network's part replaced by a record."""

    def __init__(self, checkout: Path, monkeypatch):
        self.tool = load_tool("setup_environment")
        self.checkout, self.environment = checkout, checkout / ".venv"
        self.installed: list[str] = []
        self.fails_at = None
        checkout.mkdir()
        (checkout / "requirements.lock").write_text("numpy==1.0\n")
        (checkout / "pyproject.toml").write_text("[project]\n")
        monkeypatch.setattr(self.tool, "ROOT", checkout)
        monkeypatch.setattr(self.tool, "run_pip", self.run_pip)
        monkeypatch.setattr("ensurepip._main", lambda *_: 0)
        monkeypatch.setattr("venv.EnvBuilder._setup_pip", lambda *_: None)

    def run_pip(self, environment, options, log, progress):
        what = "project" if "--editable" in options else "packages"
        if what == self.fails_at:
            raise self.failure
        (environment / what).touch()
        self.installed.append(what)

    def make(self) -> tuple[int, list[str]]:
        """Exit status, and what was installed by this call."""
        self.installed.clear()
        return self.tool.main([str(self.environment)]), list(self.installed)


@pytest.fixture
def set_up(tmp_path, monkeypatch):
    return SetUp(tmp_path / "checkout", monkeypatch)


EVERYTHING = ["packages", "project"]
HOLD_LOCK = """
import fcntl, sys, time
with open(sys.argv[1]) as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    time.sleep(0.5)
"""


def test_set_up_runs_once(set_up):
    assert set_up.make() == (0, EVERYTHING)
    assert (set_up.environment / "bin" / "python").exists()
    assert set_up.make() == (0, [])


def test_a_changed_lock_makes_the_environment_from_nothing(set_up):
    set_up.make()
    (set_up.environment / "left by hand").touch()
    (set_up.checkout / "requirements.lock").write_text("numpy==2.0\n")
    assert set_up.make() == (0, EVERYTHING)
    assert not (set_up.environment / "left by hand").exists()
    assert set_up.make() == (0, [])


def test_a_lock_with_a_new_date_only_changes_nothing(set_up):
    set_up.make()
    os.utime(set_up.checkout / "requirements.lock")
    assert set_up.make() == (0, [])


def test_changed_metadata_installs_only_the_project_again(set_up):
    set_up.make()
    (set_up.checkout / "pyproject.toml").write_text("[project]\nname = 'genopool'\n")
    assert set_up.make() == (0, ["project"])
    assert set_up.make() == (0, [])


def test_a_moved_checkout_makes_the_environment_again(set_up, tmp_path, monkeypatch):
    set_up.make()
    moved = set_up.checkout.rename(tmp_path / "moved")
    set_up.environment = moved / ".venv"
    monkeypatch.setattr(set_up.tool, "ROOT", moved)
    assert set_up.make() == (0, EVERYTHING)


def test_an_environment_whose_python_has_gone_is_made_again(set_up):
    set_up.make()
    (set_up.environment / "bin" / "python").unlink()
    assert set_up.make() == (0, EVERYTHING)


@pytest.mark.parametrize("step", EVERYTHING)
@pytest.mark.parametrize("ending", ["failed", "interrupted"])
def test_a_set_up_cut_short_starts_again(set_up, capsys, step, ending):
    set_up.fails_at = step
    set_up.failure = (
        set_up.tool.SetupError("no network") if ending == "failed" else KeyboardInterrupt()
    )
    status, _ = set_up.make()
    assert status == (1 if ending == "failed" else 130)
    assert ("no network" if ending == "failed" else "run make again") in capsys.readouterr().err
    set_up.fails_at = None
    assert set_up.make() == (0, EVERYTHING)


def test_an_old_environment_half_deleted_is_no_obstacle(set_up, monkeypatch):
    set_up.make()
    (set_up.checkout / "requirements.lock").write_text("numpy==2.0\n")

    def cut_short(folder):
        (folder / "pyvenv.cfg").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(set_up.tool.shutil, "rmtree", cut_short)
        assert set_up.make() == (130, [])
    assert set_up.make() == (0, EVERYTHING)
    assert {path.name for path in set_up.checkout.iterdir()} == {
        ".venv",
        "pyproject.toml",
        "requirements.lock",
    }


def test_two_set_ups_at_once_take_turns(set_up, capsys):
    set_up.make()
    (set_up.checkout / "requirements.lock").write_text("numpy==2.0\n")
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(set_up.checkout / "requirements.lock")],
        stdout=subprocess.PIPE,
    )
    other.stdout.readline()
    began = time.monotonic()
    assert set_up.make() == (0, EVERYTHING)
    assert time.monotonic() - began > 0.3
    assert "Waiting for another set-up" in capsys.readouterr().out
    with other:
        assert other.wait() == 0


def test_a_path_with_a_space_is_refused_with_the_reason(tmp_path, monkeypatch, capsys):
    set_up = SetUp(tmp_path / "my checkout", monkeypatch)
    assert set_up.make() == (1, [])
    assert "has a space in it" in capsys.readouterr().err
    assert not set_up.environment.exists()


def test_a_folder_that_is_no_environment_is_left_alone(set_up, capsys):
    set_up.environment.mkdir()
    (set_up.environment / "thesis.txt").write_text("years of work")
    assert set_up.make() == (1, [])
    assert "it is left as it is" in capsys.readouterr().err
    assert (set_up.environment / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("version", [(3, 10, 2), (3, 12, 0), (4, 11, 0)])
def test_another_python_is_refused_by_name(set_up, version):
    with pytest.raises(set_up.tool.SetupError, match=r"is for Python 3\.11; /usr/bin/x is Python"):
        set_up.tool.check_interpreter(version, "/usr/bin/x")


def test_what_pip_says_of_a_failure_is_shown(tmp_path):
    tool = load_tool("setup_environment")
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text("#!/bin/sh\necho 'ERROR: No matching distribution' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(tool.SetupError, match="No matching distribution") as raised:
        tool.run_pip(tmp_path, [], tmp_path / "setup.log", lambda: "working")
    assert "needs the network" in str(raised.value)
    assert str(tmp_path / "setup.log") in str(raised.value)


def test_pip_reports_progress_while_it_is_busy(tmp_path, monkeypatch, capsys):
    tool = load_tool("setup_environment")
    monkeypatch.setattr(tool, "SECONDS_BETWEEN_LINES", 0.2)
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text("#!/bin/sh\nsleep 0.7\n")
    python.chmod(0o755)
    tool.run_pip(tmp_path, [], tmp_path / "setup.log", lambda: "installing: 3 of 90")
    assert capsys.readouterr().out.count("installing: 3 of 90") >= 2


def run_make(*arguments):
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=environment | {"SETUP": "yes"},
        capture_output=True,
        text=True,
    )


def test_make_without_python_311_says_so(tmp_path):
    run = run_make("setup", "PYTHON=", f"VENV={tmp_path / 'venv'}")
    assert run.returncode != 0
    assert "genopool needs Python 3.11" in run.stderr
    assert "make PYTHON=/path/to/python3.11" in run.stderr


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split()
    assert [line.split("\t")[0] for line in run_make("help").stdout.splitlines()] == targets


def write_results(folder: Path, files: dict[str, str], listed: list[str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    rows = [
        f"{name}\t{hashlib.sha256(files.get(name, '').encode()).hexdigest()}" for name in listed
    ]
    (folder / "manifest.tsv").write_text("\n".join(["file\tsha256", *rows, ""]))
    return folder


def test_clean_deletes_what_the_manifest_lists_and_nothing_else(tmp_path):
    results = write_results(
        tmp_path / "results",
        {
            "report.html": "r",
            "L1/pooled.tsv": "p",
            "L1/figures/forest.A.svg": "f",
            "L2/pooled.tsv": "q",
            "L2/my notes.txt": "mine",
        },
        ["report.html", "L1/pooled.tsv", "L1/figures/forest.A.svg", "L2/pooled.tsv", "gone.tsv"],
    )
    run = run_make("clean", f"RESULTS={results}")
    assert run.returncode == 0, run.stderr
    assert "Deleted 4 files" in run.stdout
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == ["results", "results/L2", "results/L2/my notes.txt"]


def test_clean_leaves_nothing_of_a_run_that_only_the_workflow_wrote(tmp_path):
    results = write_results(tmp_path / "results", {"a/b.tsv": ""}, ["a/b.tsv"])
    assert load_tool("clean_results").clean(results) == 1
    assert list(tmp_path.iterdir()) == []


def test_clean_without_a_manifest_deletes_nothing(tmp_path):
    (tmp_path / "report.html").touch()
    run = run_make("clean", f"RESULTS={tmp_path}")
    assert run.returncode == 0
    assert "nothing to delete" in run.stdout
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    "listed",
    ["../thesis.txt", "/etc/passwd", "link/thesis.txt", "..", "", ".", "a/../../thesis.txt"],
)
def test_clean_refuses_a_manifest_that_points_outside(tmp_path, listed):
    (tmp_path / "thesis.txt").write_text("years of work")
    results = write_results(tmp_path / "results", {"report.html": "r"}, ["report.html", listed])
    if not listed:
        (results / "manifest.tsv").write_text("file\tsha256\nreport.html\t0\n\t0\n")
    (results / "link").symlink_to(tmp_path)
    run = run_make("clean", f"RESULTS={results}")
    assert run.returncode != 0
    assert "nothing was deleted" in run.stderr
    assert (results / "report.html").exists()
    assert (tmp_path / "thesis.txt").exists()


def test_clean_needs_nothing_that_is_installed():
    script = ROOT / "tools" / "clean_results.py"
    bare = subprocess.run(
        [sys.executable, "-I", "-S", str(script), "no such folder"], capture_output=True, text=True
    )
    assert bare.returncode == 0, bare.stderr
