"""The reference results of metafor and meta, as arrays."""

import json
from pathlib import Path

import numpy as np
import pytest

CASES = json.loads((Path(__file__).parents[1] / "reference" / "metafor.json").read_text())["cases"]


def numbers(values):
    return np.array([np.nan if x in (None, "NA") else x for x in values], dtype=float)


class Case:
    """One case of the reference: its 2×2 table, its effects, and what R says of them."""

    def __init__(self, name):
        self.reference = CASES[name]
        self.log_or, self.variance = (
            numbers(self.reference[column]) for column in ("log_or", "variance")
        )
        self.table = [
            numbers(self.reference["table"][column])
            for column in ("case_exposed", "case_unexposed", "control_exposed", "control_unexposed")
        ]

    @property
    def there(self):
        return ~np.isnan(self.log_or)

    def of_studies(self, key, column):
        """R's values for the studies that it kept."""
        values = numbers(self.reference[key][column])
        return values[self.there] if values.size == self.there.size else values


@pytest.fixture(params=CASES)
def case(request):
    return Case(request.param)


@pytest.fixture
def reference_case():
    """A function that gives the case of a name."""
    return Case


@pytest.fixture(scope="session")
def credibility():
    """R's answers for the credibility functions."""
    path = Path(__file__).parents[1] / "reference" / "credibility.json"
    return json.loads(path.read_text())


@pytest.fixture(scope="session")
def small_study():
    """R's answers for small-study effects, meta-regression and plots."""
    path = Path(__file__).parents[1] / "reference" / "small_study.json"
    return json.loads(path.read_text())
