"""The lock file, the conda file, the package's metadata and the code name the same packages."""

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import genopool

ROOT = Path(__file__).resolve().parent.parent

# What conda-forge and bioconda call a package of another name in the registry of Python.
CONDA_NAMES = {"matplotlib-base": "matplotlib", "snakemake-minimal": "snakemake"}
# In the environment for reasons of its own: the interpreter, and what installs the rest.
CONDA_ONLY = {"python", "pip"}


def normalised(name: str) -> str:
    """The name as the packaging standards compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    """Name to version, of every package in the lock file."""
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text(), re.M)
    return {normalised(name): version for name, version in pins}


def conda() -> dict[str, str]:
    """Name to version, of every package in environment.yml."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    by_pip = next(item["pip"] for item in listed if isinstance(item, dict))
    pairs = [re.split("=+", item) for item in listed if isinstance(item, str)]
    pairs += [item.split("==") for item in by_pip if not item.startswith("-e")]
    named = {pair[0]: pair[1] for pair in pairs if pair[0] not in CONDA_ONLY}
    return {normalised(CONDA_NAMES.get(name, name)): version for name, version in named.items()}


def declared() -> dict[str, set[str]]:
    """What pyproject.toml asks for: the package's own needs, and each extra's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = {"package": project["dependencies"]} | project["optional-dependencies"]
    return {
        group: {normalised(re.match(r"[\w.-]+", need)[0]) for need in needs}
        for group, needs in groups.items()
    }


def test_every_package_of_the_lock_is_pinned_with_hashes():
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "requirements.lock").read_text(), flags=re.M)
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) == len(locked()) > 50
    pattern = re.compile(r"[\w.-]+==[\w.]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries if not pattern.fullmatch(entry)] == []


@pytest.mark.parametrize("name", ["requirements.lock", "environment.yml", "pyproject.toml"])
def test_no_file_says_where_packages_come_from(name):
    text = (ROOT / name).read_text()
    assert (
        re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links|--trusted-host", text) == []
    )


def test_lock_and_conda_file_name_the_same_versions():
    pins = locked()
    assert {name: pins.get(name) for name in conda()} == conda()


def test_lock_and_conda_file_hold_what_the_project_asks_for():
    wanted = set.union(*declared().values()) | {"setuptools"}
    assert wanted - set(locked()) == set()
    assert wanted ^ set(conda()) == set()


def test_lock_holds_what_its_packages_need():
    """`make` installs the lock alone, so whatever a package of it requires must be in it."""
    pins, missing = locked(), []
    for name in pins:
        try:
            needs = requires(name) or []
        except PackageNotFoundError:  # for another operating system
            continue
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                pin = pins.get(normalised(need.name))
                if pin is None or not need.specifier.contains(pin, prereleases=True):
                    missing.append(f"{name} needs {need}; the lock has {pin}")
    assert missing == []


def test_both_files_and_set_up_are_for_the_same_python():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "python=3.11" in listed
    assert metadata["project"]["requires-python"] == ">=3.11"
    assert metadata["tool"]["ruff"]["target-version"] == "py311"
    assert "PYTHON_VERSION = (3, 11)" in (ROOT / "tools/setup_environment.py").read_text()
    assert "!= (3, 11)" in (ROOT / "Makefile").read_text()


def imported_modules(file: Path) -> set[str]:
    """Top-level names that a Python file, or the Python of a Snakefile, imports."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":  # rules are not Python, the imports among them are
        text = "\n".join(
            line.strip() for line in text.splitlines() if re.match(r"\s*(import|from) [\w.]+", line)
        )
    names = set()
    for node in ast.walk(ast.parse(text, str(file))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


#: What benchmarks measure against where it is installed, and skip with a message where it is not.
RIVALS = {"pymare", "meta_analyze"}


def undeclared(folder: str, groups: list[str]) -> list[str]:
    """Imports in `folder` of packages that none of `groups` asks for."""
    allowed = set.union(*(declared()[group] for group in groups))
    installed = packages_distributions()
    top = ROOT / folder
    files = [file for file in top.rglob("*") if file.suffix in (".py", ".smk")]
    files += [ROOT / "Snakefile"] if folder == "workflow" and (ROOT / "Snakefile").exists() else []
    found = []
    for file in files:
        own = {"genopool"} | {other.stem for other in file.parent.glob("*.py")}
        for name in sorted(imported_modules(file) - own - sys.stdlib_module_names):
            if not allowed & {normalised(dist) for dist in installed.get(name, [name])}:
                found.append(f"{file.relative_to(ROOT)} imports {name}")
    return found


@pytest.mark.parametrize(
    ("folder", "groups"),
    [
        ("src", ["package"]),
        ("workflow", ["package", "workflow"]),
        ("tests", ["package", "workflow", "test"]),
        ("benchmarks", ["package", "workflow", "test"]),
    ],
)
def test_what_the_code_imports_is_declared(folder, groups):
    found = [line for line in undeclared(folder, groups) if line.split()[-1] not in RIVALS]
    assert found == []


def test_tools_run_before_anything_is_installed():
    for name in ("setup_environment.py", "clean_results.py"):
        assert imported_modules(ROOT / "tools" / name) - sys.stdlib_module_names == set()


def test_the_citation_names_the_version_and_licence_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert (citation["version"], citation["license"]) == (genopool.__version__, project["license"])
    assert {"message", "title", "authors"} <= citation.keys()
