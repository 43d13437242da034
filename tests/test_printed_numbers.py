"""The benchmark of printed numbers: it is silent on sound rows, and hears what is wrong."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def printed_numbers():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    yield importlib.import_module("printed_numbers")
    sys.path.remove(str(ROOT / "benchmarks"))


def test_sound_rows_are_left_alone(printed_numbers):
    rows = printed_numbers.rows_of(np.random.default_rng(1), 300)
    assert not printed_numbers.warnings_of(rows)


@pytest.mark.parametrize(
    ("column", "wrong", "check"),
    [
        ("n_cases", lambda text: str(int(text) + 9), "total_differs"),
        ("cases_AC", lambda text: text.split("(")[0] + "(1.0%)", "percentage_differs"),
        ("controls_A", lambda text: str(int(text) + 7), "alleles_differ"),
        ("maf", lambda text: f"{(float(text) + 0.2) % 0.5:.3f}", "frequency_differs"),
    ],
)
def test_a_wrong_number_is_heard(printed_numbers, column, wrong, check):
    rows = printed_numbers.rows_of(np.random.default_rng(2), 40)
    rows[7][column] = wrong(rows[7][column])
    assert printed_numbers.warnings_of(rows)[check] == 1
