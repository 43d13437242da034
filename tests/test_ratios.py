"""Odds ratios of any size."""

from math import exp, inf, isnan, nan

import pytest

from genopool.ratios import ratio


@pytest.mark.parametrize(
    ("log_ratio", "expected"),
    [(0.0, 1.0), (0.5, exp(0.5)), (-800.0, 0.0), (709.0, exp(709.0)), (800.0, inf), (inf, inf)],
)
def test_ratio(log_ratio, expected):
    assert ratio(log_ratio) == expected


def test_nothing_stays_nothing():
    assert isnan(ratio(nan))
