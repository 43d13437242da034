"""docs/metafor.md: its Python runs, and R and Python give the numbers that it shows."""

import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "metafor.md").read_text(encoding="utf-8")
#: R call, Python call, what both give.
ROWS = re.findall(r"^\| `(.*?)` \| `(.*?)` \| ([-\d. e]+) \|$", PAGE, re.MULTILINE)


def code(language):
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def names():
    """What a reader has after the page's Python blocks."""
    found = {}
    exec(code("python"), found)
    return found


def half_a_digit(shown):
    """Half a unit of the last digit of a number as printed; a hair more, for ties."""
    mantissa, _, exponent = shown.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5001 * 10.0 ** (int(exponent or 0) - decimals)


def assert_shown(values, shown):
    expected = shown.split()
    assert np.size(values) == len(expected)
    for value, text in zip(np.ravel(values), expected, strict=True):
        assert value == pytest.approx(float(text), abs=half_a_digit(text), rel=0)


def test_the_page_has_its_tables():
    assert len(ROWS) > 50
    assert "?" not in "".join(shown for *_, shown in ROWS)


@pytest.mark.parametrize(("python", "shown"), [row[1:] for row in ROWS])
def test_python_gives_what_metafor_gave(names, python, shown):
    assert_shown(eval(python, dict(names)), shown)


def test_every_other_python_call_runs(names):
    prose = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    spans = {x for x in re.findall(r"`([^`\n]+)`", prose) if x.split("(")[0] in names and "(" in x}
    others = spans - {row[1] for row in ROWS}
    assert len(others) > 20
    for call in sorted(others):
        eval(call, dict(names))


def test_every_name_of_ours_exists():
    for name in re.findall(r"`(genopool\.[\w.]+)`", PAGE):
        module, _, member = name.rpartition(".")
        assert hasattr(import_module(module), member), name


def test_numbers_in_the_prose(names):
    said = {
        'pool(y, v, tau2="DLIT").tau2': 0.341205,
        'pool(y, v, tau2="GENQ", weights=1 / np.sqrt(v)).estimate': -0.746,
        'glmm(a, b, c, d, model="UM.RS").tau2': 0.3218,
    }
    for call, number in said.items():
        assert str(number) in PAGE
        assert_shown(eval(call, dict(names)), str(number))


def test_r_gives_what_the_page_shows():
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    calls = [r.replace(r"\|", "|") for r, *_ in ROWS]
    lines = [f'cat(sprintf("%.15g", as.numeric(unlist({call}))), "\\n")' for call in calls]
    script = "\n".join([code("r"), *lines])
    done = subprocess.run(["Rscript", "-"], input=script, capture_output=True, text=True)
    if "there is no package" in done.stderr:
        pytest.skip(f"an R package is missing: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    answers = done.stdout.strip().splitlines()
    for (*_, shown), answer in zip(ROWS, answers, strict=True):
        assert_shown([float(x) for x in answer.split()], shown)
