"""The methods section says what the configuration does."""

import re
from dataclasses import replace

import pytest

from genopool.config import Pooling
from genopool.pooling.intervals import INTERVALS
from genopool.pooling.tau2 import ESTIMATORS
from genopool.report import pooling_methods
from genopool.report.bibliography import REFERENCES
from genopool.report.links import DOI
from genopool.report.methods import methods


@pytest.fixture
def write(make_inputs):
    def written(**configuration):
        return methods(make_inputs(configuration=configuration))

    return written


def paragraph(found, heading):
    return next(text for name, text in found.paragraphs if name == heading)


def test_defaults_are_reml_and_hartung_knapp(write):
    found = write()
    assert "restricted maximum likelihood (REML; Viechtbauer 2005)" in paragraph(found, "Pooling")
    assert "t on k − 1 degrees of freedom" in paragraph(found, "Pooling")
    assert "typical within-study variance (Higgins and Thompson 2002), as in metafor" in paragraph(
        found, "Heterogeneity"
    )
    assert "Older papers compute I² from Q" in paragraph(found, "Heterogeneity")
    assert {"viechtbauer2005", "hartung", "viechtbauer2007"} <= set(found.references)


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
    assert "DerSimonian and Laird's moment estimator (1986)" in paragraph(found, "Pooling")
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
        ({"apply": "if0all"}, "every study of a pool in which one has a zero"),
        ({"apply": "none"}, "Nothing is added"),
        ({"correction": "treatment-arm"}, "The treatment-arm correction (Sweeting"),
        ({"correction": "treatment-arm"}, "for cases their share of all people"),
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
        assert not doi or DOI.fullmatch(doi)
    assert [key for key, (_, doi) in REFERENCES.items() if not doi] == [
        "hardy", "iqwig", "viechtbauer2021",
    ]  # fmt: skip


METHODS = [
    dict(method="inverse-variance", tau2=tau2, interval=interval, prediction=prediction)
    for tau2, interval, prediction in (
        *((tau2, "wald", "default") for tau2 in ESTIMATORS),
        *(((method.only or "REML"), name, "riley") for name, method in INTERVALS.items()),
        ("REML", "hartung-knapp", "nagashima"),
        ("REML", "hartung-knapp", "none"),
        ("EE", "wald", "none"),
    )
] + [
    *(dict(method=name) for name in ("mantel-haenszel", "peto", "exact", "bayes")),
    *(dict(method=name) for name in ("UM.FS", "UM.RS", "CM.EL", "CM.AL")),
    dict(method="CM.EL", interval="profile-likelihood", prediction="none"),
    dict(method="bayes", interval="shortest", prediction="none"),
]  # fmt: skip


@pytest.mark.parametrize("pooling", METHODS, ids=lambda p: "-".join(p.values()))
def test_every_method_is_described_in_full(write, pooling):
    settings = Pooling.model_validate(pooling)
    # As the configuration is written out: with its defaults, and None for what was left out.
    found = write(
        models=["allelic"], strata={"ethnicity": {}}, pooling=settings.model_dump(mode="json")
    )
    said = dict(found.paragraphs)
    assert all(key in REFERENCES for key in found.references)
    assert not any(re.search(r"[{}]|\b(None|nan)\b", text) for text in said.values())
    assert ("tau² estimated" in said["Pooling"]) == (
        settings.method == "inverse-variance" and settings.has_tau2
    )
    assert ("Prediction interval" in said) == settings.has_tau2
    assert "95%" in said["Pooling"]
    years = [word for word in ("19", "20") if word in said["Pooling"]]
    assert years or settings.tau2_used == "EE"


def test_every_estimator_and_interval_has_its_words():
    assert set(pooling_methods.TAU2) == set(ESTIMATORS)
    assert set(pooling_methods.INTERVALS) == set(INTERVALS)
    assert len({words for words, _ in pooling_methods.TAU2.values()}) == len(ESTIMATORS)


@pytest.mark.parametrize(
    ("method", "words"),
    [("mantel-haenszel", "divided by the number"), ("exact", "exact needs whole counts"),
     ("CM.EL", "CM.EL needs whole counts")],
)  # fmt: skip
def test_methods_of_whole_counts_combine_shared_controls(write, method, words):
    assert words in paragraph(write(models=["allelic"], pooling={"method": method}),
                              "Shared controls")  # fmt: skip


def test_methods_of_counts_pool_no_reported_estimates_and_uncorrected_cells(write):
    found = write(models=["allelic"], pooling={"method": "peto"})
    assert "listed and not pooled: peto pools counts" in paragraph(found, "Reported estimates")
    assert "pools the counts as they are" in paragraph(found, "Zero cells")
    pooling = {"method": "UM.RS", "zero_cells": {"drop_double_zero": False}}
    kept = write(models=["allelic"], pooling=pooling)
    assert "are kept, as configured." in paragraph(kept, "Zero cells")


def test_rare_exposure_is_asked_for_by_the_approximate_model_alone(write):
    assert "needs an exposure that is rare" in write(pooling={"method": "CM.AL"}).caution
    assert "needs an exposure that is rare" in paragraph(
        write(pooling={"method": "CM.AL"}), "Pooling"
    )
    assert not write(pooling={"method": "CM.EL"}).caution


@pytest.mark.parametrize(
    ("interval", "words"),
    [("hartung-knapp", "the Knapp-Hartung F (2003) on S − 1 and k − S degrees of freedom, for S "
      "strata. "),
     ("hartung-knapp-adhoc", "variance factor never below 1"),
     ("wald-t", "by F on S − 1"), ("kenward-roger", "Q_M against chi²")],
)  # fmt: skip
def test_the_test_between_strata_follows_the_interval(write, interval, words):
    found = write(strata={"ethnicity": {}}, pooling={"interval": interval})
    assert words in paragraph(found, "Strata")


@pytest.mark.parametrize(
    ("bayes", "words"),
    [({}, "half-normal with scale 0.5 (Friede and others 2017)"),
     ({"tau_prior": "half-cauchy", "tau_scale": 0.3}, "tau is half-cauchy with scale 0.3."),
     ({"tau_prior": "uniform", "tau_scale": 2}, "uniform between 0 and 2"),
     ({"tau_prior": "log-normal"}, "mean -2.56 and standard deviation 1.74 (Turner"),
     ({"tau_prior": "log-normal", "tau_scale": [-3, 1]}, "mean -3 and standard deviation 1."),
     ({"effect_prior": [0, 1.5]}, "normal with mean 0 and standard deviation 1.5")],
)  # fmt: skip
def test_priors_are_told(write, bayes, words):
    assert words in paragraph(write(pooling={"method": "bayes", "bayes": bayes}), "Pooling")


@pytest.mark.parametrize(
    ("overlaps", "says"),
    [
        ({"keep": "larger"}, "the one with more people in that analysis enters an analysis."),
        ({"keep": "newer"}, "the newer one (by the column year) enters"),
        ({"keep": "larger", "Wen 2005": "Ye 2007"}, "keeps Ye 2007 in place of Wen 2005."),
    ],
)
def test_which_of_overlapping_studies_is_counted(write, overlaps, says):
    assert says in paragraph(write(overlaps=overlaps), "Who is counted")


def test_chromosome_x_is_explained_where_a_locus_is_on_it(make_inputs):
    inputs = make_inputs()
    assert "Chromosome X" not in dict(methods(inputs).paragraphs)
    loci = [replace(inputs.loci[1], chromosome="X"), inputs.loci[2]]
    found = methods(make_inputs(loci=loci))
    said = paragraph(found, "Chromosome X")
    assert said.startswith("IGFBP3 A-202C is on chromosome X") and "0 or 2 copies" in said
    assert "clayton" in found.references
