"""The methods section says what the configuration does."""

import pytest

from genopool.report.links import DOI
from genopool.report.methods import REFERENCES, methods


@pytest.fixture
def write(make_inputs):
    def written(**configuration):
        return methods(make_inputs(configuration=configuration))

    return written


def paragraph(found, heading):
    return next(text for name, text in found.paragraphs if name == heading)


def test_defaults_are_reml_and_hartung_knapp(write):
    found = write()
    assert "restricted maximum likelihood (REML)" in paragraph(found, "Pooling")
    assert "t on k − 1 degrees of freedom" in paragraph(found, "Pooling")
    assert "typical within-study variance, as in metafor" in paragraph(found, "Heterogeneity")
    assert "Older papers compute I² from Q" in paragraph(found, "Heterogeneity")
    assert {"viechtbauer2005", "hartung", "knapp", "viechtbauer2007"} <= set(found.references)


def test_equal_effects_have_no_tau2_and_no_prediction_interval(write):
    found = write(pooling={"tau2": "EE", "interval": None})
    assert "equal effects" in paragraph(found, "Pooling")
    assert "Wald" in paragraph(found, "Pooling")
    assert "There is no tau²" in paragraph(found, "Heterogeneity")
    assert "Prediction interval" not in dict(found.paragraphs)
    assert "t with 1 degree" not in paragraph(found, "Few studies")
    assert not {"hartung", "viechtbauer2005", "viechtbauer2007"} & set(found.references)


def test_wald_names_chi_squared_between_strata(write):
    found = write(pooling={"tau2": "DL", "interval": "wald"}, strata={"ethnicity": {}})
    assert "DerSimonian-Laird" in paragraph(found, "Pooling")
    assert "Q_M against chi²" in paragraph(found, "Strata")


# Printed tables of t with one degree of freedom: 12.706, 63.657, 6.314.
@pytest.mark.parametrize(("level", "printed"), [(0.95, "12.7"), (0.99, "63.7"), (0.9, "6.3")])
def test_two_studies_have_the_multiplier_of_t_on_one_degree_of_freedom(write, level, printed):
    text = paragraph(write(pooling={"level": level}), "Few studies")
    assert f"multiplier is {printed}:" in text


@pytest.mark.parametrize(
    ("zero_cells", "words"),
    [
        ({}, "0.5 is added to each cell of a study that has a zero in one."),
        ({"correction": 0.25, "apply": "all"}, "0.25 is added to each cell of every study."),
        ({"apply": "if0all"}, "every study of a pool that has a zero in one"),
        ({"apply": "none"}, "Nothing is added"),
        ({"correction": "treatment-arm"}, "The treatment-arm correction"),
        ({"drop_double_zero": False}, "are kept, as configured"),
    ],
)
def test_zero_cells(write, zero_cells, words):
    assert words in paragraph(write(pooling={"zero_cells": zero_cells}), "Zero cells")


@pytest.mark.parametrize(
    ("way", "words"), [("divide", "is divided by the number"), ("combine", "summed into one row")]
)
def test_shared_controls(write, way, words):
    assert words in paragraph(write(shared_controls=way), "Shared controls")


def test_reported_estimates(write):
    assert "the unadjusted one is used" in paragraph(
        write(reported={"use": True, "prefer": "unadjusted"}), "Reported estimates"
    )
    assert "listed and not pooled" in paragraph(
        write(reported={"use": False}), "Reported estimates"
    )


def test_strata_are_described(write):
    text = paragraph(
        write(
            strata={
                "ethnicity": {"groups": {"East Asian": ["Chinese", "Korean"]}, "other": "own"},
                "year": {"cuts": [2005.0, 2010.0]},
                "menopausal_status": {},
                "both": {"cross": ["ethnicity", "menopausal_status"]},
            }
        ),
        "Strata",
    )
    assert "(groups: East Asian: Chinese, Korean; every other value in one stratum, Other)" in text
    assert "year (cut at 2005, 2010)" in text
    assert "menopausal status (each value a stratum)" in text
    assert "both (ethnicity crossed with menopausal status)" in text
    assert paragraph(write(), "Strata") == "No strata were configured."


def test_models_that_are_not_asked_for_are_not_described(write):
    text = paragraph(write(models=["dominant"]), "Effect measure")
    assert "In the dominant model" in text
    assert "additive" not in text
    assert "chromosomes" not in text


def test_references_have_identifiers_of_the_right_form():
    for _, doi in REFERENCES.values():
        assert DOI.fullmatch(doi)
