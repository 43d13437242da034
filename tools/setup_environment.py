"""Make the virtual environment that the Makefile uses; do nothing if it is there already.

    python3.11 tools/setup_environment.py .venv

The environment is made from nothing whenever requirements.lock changes, so that it holds what the
lock names and nothing else; when pyproject.toml changes, only genopool is installed again. A stamp
is written into it last: without the stamp, an environment counts as not there, however far an
interrupted set-up had got. Standard library only, since nothing else is installed yet.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PYTHON_VERSION = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
STAMP = ".genopool-setup"
SECONDS_BETWEEN_LINES = 3.0
LINES_SHOWN_ON_FAILURE = 25


class SetupError(Exception):
    """What stops the set-up, in words for the person who typed `make`."""


def wanted_stamp(root: Path) -> dict[str, str]:
    """What the stamp of a finished environment says."""

    def digest(name: str) -> str:
        return hashlib.sha256((root / name).read_bytes()).hexdigest()

    return {
        "requirements.lock": digest("requirements.lock"),
        # Editable installs and scripts hold absolute paths: a moved checkout needs a new one.
        "checkout": str(root),
        "pyproject.toml": digest("pyproject.toml"),
    }


def read_stamp(environment: Path) -> dict[str, str]:
    """The stamp in `environment`; empty if there is none, or if its Python has gone."""
    stamp = environment / STAMP
    if not stamp.exists() or not (environment / "bin" / "python").exists():
        return {}
    return dict(line.split(" ", 1) for line in stamp.read_text().splitlines())


def write_stamp(environment: Path, stamp: dict[str, str]) -> None:
    """Write the stamp whole or not at all."""
    finished = environment / f"{STAMP}.new"
    finished.write_text("".join(f"{name} {value}\n" for name, value in stamp.items()))
    finished.replace(environment / STAMP)


def check_interpreter(version: tuple[int, ...], executable: str) -> None:
    """Raise SetupError unless this Python can make the environment."""
    if tuple(version[:2]) != PYTHON_VERSION:
        wanted = ".".join(map(str, PYTHON_VERSION))
        found = ".".join(map(str, version[:3]))
        raise SetupError(
            f"genopool's lock file is for Python {wanted}; {executable} is Python {found}. "
            f"Install Python {wanted}, or name it: make PYTHON=/path/to/python{wanted}"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise SetupError(
            f"{executable} cannot make virtual environments ({error}). "
            "On Debian and Ubuntu: apt-get install python3.11-venv"
        ) from error


def check_places(root: Path, environment: Path) -> None:
    """Raise SetupError if the environment cannot be made at `environment`."""
    for place in (root, environment):
        if any(character.isspace() for character in str(place)):
            raise SetupError(
                f"the path '{place}' has a space in it, and Snakemake cannot run scripts from a "
                "virtual environment in such a path. Move the checkout to a path without spaces."
            )
    if environment.exists() and not environment.is_dir():
        raise SetupError(f"{environment} is a file, not a folder for a virtual environment.")
    if (
        environment.is_dir()
        and any(environment.iterdir())
        and not (environment / "pyvenv.cfg").exists()
    ):
        raise SetupError(
            f"{environment} is not empty and is no virtual environment; it is left as it is. "
            "Delete it, or name another place: make VENV=/path/to/venv"
        )


def clean_variables() -> dict[str, str]:
    """The process environment without what would send packages elsewhere."""
    unwanted = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return kept | {"PYTHONNOUSERSITE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def run_pip(environment: Path, options: list[str], log: Path, progress: Callable[[], str]) -> None:
    """Run `pip install` with its output in `log`, printing `progress()` every few seconds.

    Raises SetupError with the end of the log if pip fails.
    """
    python = str(environment / "bin" / "python")
    command = [python, "-m", "pip", "install", "--no-input", *options]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=clean_variables(), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            shown = time.monotonic()
            while process.poll() is None:
                time.sleep(0.1)
                if time.monotonic() - shown > SECONDS_BETWEEN_LINES:
                    print(f"  {progress()}", flush=True)
                    shown = time.monotonic()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode:
        last = log.read_text(errors="replace").splitlines()[-LINES_SHOWN_ON_FAILURE:]
        raise SetupError(
            "\n".join(["pip could not install the packages. The end of what it said:", *last, ""])
            + f"\nAll of it: {log}. Set-up needs the network; when it is there, run make again."
        )


def install_packages(environment: Path, log: Path) -> None:
    """Install what requirements.lock names."""
    total = sum("==" in line for line in (ROOT / "requirements.lock").read_text().splitlines())

    def progress() -> str:
        said = log.read_text(errors="replace")
        if "Installing collected packages" in said:
            done = len(list(environment.glob("lib/python*/site-packages/*.dist-info")))
            return f"installing: {done} of about {total} packages"
        return f"downloading: {said.count('Collecting ')} of about {total} packages"

    run_pip(
        environment,
        ["--require-hashes", "--progress-bar", "off", "--requirement", "requirements.lock"],
        log,
        progress,
    )


def install_project(environment: Path, log: Path) -> None:
    """Install genopool itself, editable, with nothing from the network."""
    run_pip(
        environment,
        ["--no-index", "--no-deps", "--no-build-isolation", "--editable", "."],
        log,
        lambda: "installing genopool",
    )


def discard(environment: Path) -> None:
    """Delete an old environment, so that cutting this short leaves none or the whole of it."""
    discarded = environment.with_name(f"{environment.name}.genopool-discarded")
    if discarded.exists():
        shutil.rmtree(discarded)
    if environment.exists():
        environment.rename(discarded)
        shutil.rmtree(discarded)


def make_environment(environment: Path, log: Path) -> None:
    """Make `environment` from nothing and install the lock's packages in it."""
    check_interpreter(sys.version_info, sys.executable)
    check_places(ROOT, environment)

    import venv

    python = os.path.realpath(sys.executable)
    print(f"Setting up {environment} with {python} (once; needs the network)", flush=True)
    discard(environment)
    venv.EnvBuilder(symlinks=True, with_pip=True, prompt="genopool").create(environment)
    print("Installing the packages of requirements.lock", flush=True)
    install_packages(environment, log)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until no other set-up of this checkout runs (`make` here, `make test` there)."""
    with (root / "requirements.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up of this checkout to end", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:  # a network file system without such locks
            pass
        yield


def set_up(environment: Path) -> None:
    """Bring `environment` to what the lock and pyproject.toml say, doing only what is needed."""
    wanted = wanted_stamp(ROOT)
    if read_stamp(environment) == wanted:
        return
    with alone(ROOT):
        if read_stamp(environment) != wanted:
            bring_up_to_date(environment, wanted)


def bring_up_to_date(environment: Path, wanted: dict[str, str]) -> None:
    """Make the environment, or install genopool in it again if no more is needed."""
    started = time.monotonic()
    found = read_stamp(environment)
    log = environment / "setup.log"
    (environment / STAMP).unlink(missing_ok=True)
    if found != wanted | {"pyproject.toml": found.get("pyproject.toml")}:
        make_environment(environment, log)
    install_project(environment, log)
    write_stamp(environment, wanted)
    print(f"Set-up done in {time.monotonic() - started:.0f} s", flush=True)


def main(arguments: list[str]) -> int:
    """Command line: the folder of the environment."""
    if len(arguments) != 1:
        print("usage: setup_environment.py FOLDER", file=sys.stderr)
        return 2
    try:
        set_up(Path(os.path.abspath(arguments[0])))
    except SetupError as error:
        print(f"\ngenopool set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ngenopool set-up: interrupted; run make again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
