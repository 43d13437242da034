"""Numbers as printed."""

import math
from typing import get_args

import pytest

from genopool.figures import method_wording, wording
from genopool.pooling.settings import Interval, Method, Tau2Method


@pytest.mark.parametrize(
    ("odds", "expected"),
    [
        (0.7636, "0.76"),
        (0.0949, "0.09"),
        (0.0042, "0.004"),
        (0.0001, "<0.001"),
        (33.356, "33.36"),
        (163.2, "163"),
        (12345.6, "12,346"),
        (1e9, ">99,000"),
    ],
)
def test_odds_ratio(odds, expected):
    assert wording.odds_ratio(math.log(odds)) == expected


def test_exact_results_may_be_infinite():
    assert wording.interval(-math.inf, math.log(0.5)) == "[0, 0.50]"
    assert wording.interval(math.log(2), math.inf) == "[2.00, ∞]"
    assert wording.odds_ratio(-math.inf) == "0"


def test_every_method_and_interval_of_a_configuration_is_in_words():
    for name in get_args(Method):
        assert method_wording.method(name, "REML", "wald") not in ("", name)
    for tau2 in get_args(Tau2Method):
        said = method_wording.method("inverse-variance", tau2, "wald")
        assert said.endswith(f" ({tau2})") != (tau2 == "EE")
    named_as_said = {"exact", "equal-tailed", "shortest", "profile-likelihood"}
    for interval in get_args(Interval):
        said = method_wording.limits(interval, 0.9)
        assert said.endswith(" 90% CI")
        assert said.startswith(f"{interval} ") == (interval in named_as_said)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("mantel-haenszel", "", "wald"), "Mantel-Haenszel, one common odds ratio"),
        (
            ("UM.RS", "ML", "wald"),
            "One-stage binomial-normal model with random study effects (UM.RS), maximum likelihood",
        ),
        (
            ("inverse-variance", "DL", "henmi-copas"),
            "Random effects, mean with equal-effects weights, τ² by DerSimonian and Laird (DL)",
        ),
    ],
)
def test_a_method_in_words(cells, said):
    assert method_wording.method(*cells) == said


def test_what_is_not_there_is_a_dash():
    assert wording.odds_ratio(math.nan) == wording.count(math.nan) == "–"
    assert wording.interval(math.nan, 1.0) == wording.per_cent(math.nan) == "–"


@pytest.mark.parametrize(
    ("value", "expected"), [(200_000, "200,000"), (94.5, "94.5"), (94.0, "94"), (31.0 / 3, "10.3")]
)
def test_count(value, expected):
    assert wording.count(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0494, "p = 0.0494"), (0.118, "p = 0.118"), (3e-7, "p < 0.0001"), (1.0, "p = 1.000")],
)
def test_p_value(value, expected):
    assert wording.p_value(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(4.04, "4.0%"), (0.02, "<0.1%"), (0.0, "0.0%")])
def test_per_cent(value, expected):
    assert wording.per_cent(value) == expected


def test_heterogeneity_leaves_out_what_there_is_not():
    assert wording.heterogeneity(0.0, 0.0, 1.25, 3, 0.741) == (
        "τ² = 0, I² = 0.0%, Q = 1.25 (df 3), p = 0.741"
    )
    assert wording.heterogeneity(math.nan, 12.5, math.nan, 3, math.nan) == "I² = 12.5%"
    assert wording.heterogeneity(1e-5, math.nan, math.nan, 0, math.nan) == "τ² < 0.001"
    assert wording.heterogeneity(math.nan, 0.01, 3.0, math.nan, math.nan) == "I² < 0.1%, Q = 3.00"
    assert wording.heterogeneity(*[math.nan] * 5) == ""
    assert wording.heterogeneity(math.nan, math.nan, 3.0, 2, 0.223, method="CM.EL") == (
        "likelihood-ratio Q = 3.00 (df 2), p = 0.223"
    )


@pytest.mark.parametrize(
    ("k", "k_studies", "expected"),
    [(26, 26, "26 studies"), (1, 1, "1 study"), (27, 26, "27 rows of 26 studies")],
)
def test_studies(k, k_studies, expected):
    assert wording.studies(k, k_studies) == expected
