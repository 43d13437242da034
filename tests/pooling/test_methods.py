"""Every way of pooling as the configuration names it: metafor's numbers reach the tables."""

import json
import math
from pathlib import Path

import pytest

from genopool.analysis import analyse_locus
from genopool.studies.reading import read_studies

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "metafor.json").read_text())
TABLE = REFERENCE["cases"]["nielweise2007"]
HEADER = "study,locus,site,cases_AA,cases_AC+CC,controls_AA,controls_AC+CC\n"


@pytest.fixture
def pooled(make_project):
    """The dominant model of the Nielweise data, whose 2×2 tables have zero cells."""
    cells = zip(
        *(
            TABLE["table"][name]
            for name in (
                "study",
                "case_exposed",
                "case_unexposed",
                "control_exposed",
                "control_unexposed",
            )
        ),
        strict=True,
    )
    rows = "".join(
        f"S{i},SNP,{'north' if i % 2 else 'south'},{b},{a},{d},{c}\n"
        for i, (_, a, b, c, d) in enumerate(cells)
    )

    def run(pooling, extra=""):
        config = "loci: {SNP: {alleles: A/C}}\nmodels: [dominant]\nstrata: {site: {}}\n"
        project = make_project(
            {"a.csv": HEADER + rows}, config + f"pooling: {{{pooling}}}\n" + extra
        )
        results = analyse_locus(project.config, "SNP", read_studies(project))
        return results, results.pooled[0]

    return run


@pytest.mark.parametrize(
    ("method", "key"), [("mantel-haenszel", "mantel_haenszel"), ("peto", "peto")]
)
def test_fixed_effect_methods_are_metafors(pooled, method, key):
    results, row = pooled(f"method: {method}")
    reference = TABLE[key]
    for ours, theirs in (("log_or", "estimate"), ("se", "se"), ("q", "q")):
        assert row[ours] == pytest.approx(reference[theirs], rel=1e-8)
    assert row["ci_low"] == pytest.approx(math.exp(reference["ci_low"]), rel=1e-8)
    assert (row["method"], row["tau2_method"], row["interval"]) == (method, "", "wald")
    assert math.isnan(row["tau2"]) and math.isnan(row["pi_low"])
    assert "no tau²" in row["reason"]
    used = [e for e in results.effects if e["stratifier"] == "overall" and e["used"] == "yes"]
    assert sum(e["weight"] for e in used) == pytest.approx(100)


@pytest.mark.parametrize("method", ["UM.FS", "CM.EL"])
def test_one_stage_models(pooled, method):
    _, row = pooled(f"method: {method}")
    # lme4 and metafor stop up to 4e-4 short of the maximum here (tests/pooling/test_one_stage*)
    assert row["log_or"] == pytest.approx(TABLE["glmm"][method]["estimate"], abs=5e-4)
    assert (row["tau2_method"], row["method"], row["interval"]) == ("ML", method, "wald")
    assert row["pi_low"] < row["ci_low"]


def test_profile_likelihood_interval_of_a_one_stage_model(pooled):
    _, row = pooled("method: CM.EL, interval: profile-likelihood, prediction: none")
    assert row["interval"] == "profile-likelihood"
    assert row["tau2_ci_low"] <= row["tau2"] <= row["tau2_ci_high"]
    assert math.isnan(row["pi_low"])


def test_exact(pooled):
    _, row = pooled("method: exact")
    assert row["interval"] == "exact" and row["ci_low"] < row["or"] < row["ci_high"]
    # close to the conditional model with no heterogeneity, and to Mantel-Haenszel
    assert row["log_or"] == pytest.approx(TABLE["mantel_haenszel"]["estimate"], abs=0.02)


def test_bayes(pooled):
    _, row = pooled("method: bayes, bayes: {tau_prior: half-cauchy, tau_scale: 0.3}")
    assert row["interval"] == "equal-tailed" and row["pi_low"] < row["ci_low"]
    assert "probability that the odds ratio exceeds 1" in row["reason"]
    _, narrow = pooled("method: bayes, bayes: {effect_prior: [0, 0.01]}")
    assert abs(narrow["log_or"]) < 0.05


@pytest.mark.parametrize("method", ["mantel-haenszel", "CM.EL"])
def test_strata_are_compared_by_their_means(pooled, method):
    results, _ = pooled(f"method: {method}")
    strata = [row for row in results.pooled if row["stratifier"] == "site"]
    weights = [1 / row["se"] ** 2 for row in strata]
    mean = sum(w * row["log_or"] for w, row in zip(weights, strata, strict=True)) / sum(weights)
    q = sum(w * (row["log_or"] - mean) ** 2 for w, row in zip(weights, strata, strict=True))
    (test,) = results.strata
    assert (test["statistic"], test["df1"], test["distribution"]) == (pytest.approx(q), 1, "chi2")
    assert test["p_value"] == pytest.approx(math.erfc(math.sqrt(q / 2)))
    assert test["tau2_between"] == "separate"


def test_bayes_says_why_it_has_no_test_between_strata(pooled):
    results, _ = pooled("method: bayes")
    assert "no test" in results.strata[0]["reason"] and "p_value" not in results.strata[0]


def test_prediction_is_selectable(pooled):
    _, default = pooled("tau2: ML, interval: profile-likelihood")
    _, riley = pooled("prediction: riley")
    _, none = pooled("prediction: none")
    assert default["interval"] == "profile-likelihood"
    assert (riley["prediction"], none["prediction"]) == ("riley", "none")
    assert riley["pi_low"] > 0 and math.isnan(none["pi_low"])


def test_reported_estimates_do_not_enter_methods_that_need_counts(make_project):
    config = "loci: {SNP: {alleles: A/C}}\nmodels: [dominant]\npooling: {method: peto}\n"
    content = "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high\n"
    project = make_project({"a.csv": content + "S,SNP,C,dominant,OR,2,1,4\n"}, config)
    results = analyse_locus(project.config, "SNP", read_studies(project))
    assert results.pooled[0]["k"] == 0
    assert results.estimates[0]["reason"] == "method peto pools counts only"


def test_methods_that_need_whole_counts_combine_shared_controls(make_project):
    config = "loci: {SNP: {alleles: A/C}}\nmodels: [dominant]\npooling: {method: CM.EL}\n"
    content = "study,locus,control_group,cases_AA,cases_AC+CC,controls_AA,controls_AC+CC\n"
    content += "S,SNP,G,10,20,15,16\nT,SNP,G,12,25,15,16\nU,SNP,,30,35,25,20\n"
    project = make_project({"a.csv": content}, config)
    results = analyse_locus(project.config, "SNP", read_studies(project))
    assert (results.pooled[0]["k"], results.pooled[0]["k_studies"]) == (2, 3)
    assert "needs whole counts" in str([f.action for f in results.findings])
    assert [e["study"] for e in results.effects if e["used"] == "yes"] == ["S + T", "U"]
