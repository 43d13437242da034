"""docs/command_line.md: its commands run, and it has every option."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genopool.commands.main import COMMANDS

PAGE = Path(__file__).parents[2] / "docs" / "command_line.md"
PARTS = ("Snakefile", "config.yaml", "workflow", "profiles", "src", "data", "examples")
PARTS += ("environment.yml",)


def commands():
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="module")
def checkout(repository, tmp_path_factory):
    """A copy of the project with `genopool` on the path, whether or not it is installed."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        source = repository / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("results", ".snakemake", "__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy(source, folder / part)
    (folder / "bin").mkdir()
    script = folder / "bin" / "genopool"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m genopool "$@"\n')
    script.chmod(0o755)
    return folder


@pytest.mark.parametrize("command", commands())
def test_every_command_runs(checkout, command):
    path = [str(checkout / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=checkout,
        env=os.environ | {"PATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if "--output" not in command:
        assert re.search(r"tables? with|study,|\[\w+\]$", done.stdout, re.MULTILINE)
    else:
        assert (checkout / command.split()[-1]).stat().st_size > 100


@pytest.mark.parametrize("module", COMMANDS, ids=lambda module: module.NAME)
def test_every_option_is_on_the_page(module):
    page = PAGE.read_text()
    section = page.split(f"## `genopool {module.NAME}`\n")[1].split("\n## `genopool")[0]
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    for action in parser._actions:
        for option in action.option_strings:
            if option not in ("-h", "--help"):
                assert f"`{option}" in section
        for choice in action.choices or ():
            assert f"{choice}`" in section
