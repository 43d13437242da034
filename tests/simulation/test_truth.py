"""The planted truth against closed forms, quadrature against simulation, and coverage."""

from math import exp, log

import numpy as np
import pytest

from genopool.analysis import analyse_locus
from genopool.config import Project
from genopool.simulation.project import simulate
from genopool.simulation.truth import expected_mean, nodes
from genopool.studies.reading import read_studies

KEY = ("locus", "effect_allele", "model", "stratifier", "stratum")
#: Studies that differ in size only.
ALIKE = {
    "parts": {
        "menopausal_status": {"reported": 0.0},
        "receptor_status": {"reported": 0.0},
    },
    "ancestries": {"European": {"f_st": 0.0}, "East Asian": {"f_st": 0.0}},
}


def truths(made):
    head, *lines = made.files["data/truth.tsv"].splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    return {tuple(row[name] for name in KEY): row for row in rows}


def one_effect(**effect):
    return ALIKE | {"loci": {"SNP": {"effects": [{"alleles": "C", **effect}]}}}


def truth_of(made, model, stratum="European"):
    return truths(made)["SNP", "C", model, "ethnicity", stratum]


@pytest.mark.parametrize("p", [0.4, 0.7])
def test_an_additive_effect_in_closed_form(make_design, p):
    """In Hardy-Weinberg proportions a per-allele odds ratio r gives the cases' alleles odds r."""
    r, stratum = exp(0.15), {0.4: "European", 0.7: "East Asian"}[p]
    made = simulate(make_design(one_effect(log_or=0.15)))
    q = 1 - p
    shares = [q * q, 2 * p * q * r, p * p * r * r]
    expected = {
        "allelic": 0.15,
        "additive": 0.15,
        "dominant": log((shares[1] + shares[2]) / shares[0] * q * q / (1 - q * q)),
        "recessive": log(shares[2] / (shares[0] + shares[1]) * (1 - p * p) / (p * p)),
    }
    for model, value in expected.items():
        row = truth_of(made, model, stratum)
        assert float(row["log_or"]) == pytest.approx(value, abs=1e-6)
        assert float(row["or"]) == pytest.approx(exp(value), abs=2e-6)
        assert float(row["tau"]) == pytest.approx(0, abs=1e-6)


def test_a_recessive_effect_is_its_own_truth(make_design):
    made = simulate(make_design(one_effect(log_or=0.4, inheritance="recessive")))
    assert float(truth_of(made, "recessive")["log_or"]) == pytest.approx(0.4, abs=1e-6)
    # C/C people are p² of the controls and weigh e^0.4 among cases; A and C alleles counted
    p, weight = 0.4, exp(0.4)
    c, a = p * (1 - p) + p * p * weight, (1 - p) ** 2 + p * (1 - p)
    assert float(truth_of(made, "allelic")["log_or"]) == pytest.approx(
        log(c / a * (1 - p) / p), abs=1e-6
    )


def test_no_effect_is_the_truth_of_every_result(make_design):
    design = make_design({"loci": {"SNP": {"effects": []}, "CA": {"effects": []}}})
    rows = truths(simulate(design)).values()
    assert len(rows) > 30
    assert {row["log_or"] for row in rows} == {"0.000000"}
    assert {row["tau"] for row in rows} == {"0.000000"}


def test_planted_heterogeneity_is_the_truth_of_tau(make_design):
    made = simulate(make_design(one_effect(log_or=0.15, tau=0.2)))
    row = truth_of(made, "allelic")
    assert float(row["tau"]) == pytest.approx(0.2, abs=1e-6)
    assert float(row["log_or"]) == pytest.approx(0.15, abs=1e-6)


def test_difference_between_ancestries_is_heterogeneity_overall(make_design):
    effect = one_effect(log_or=0.0, by={"ethnicity": {"European": 0.3}})
    found = truths(simulate(make_design(effect)))
    overall = found["SNP", "C", "allelic", "overall", "all"]
    # k studies, half of them at 0.3 and the rest at 0, give or take those that give sums
    assert 0.1 < float(overall["log_or"]) < 0.2
    assert float(overall["tau"]) == pytest.approx(0.157, abs=0.004)


def test_subtypes_of_disease_and_their_mixture(make_design):
    effect = {
        "loci": {
            "SNP": {
                "effects": [
                    {"alleles": "C", "log_or": 0.1, "by": {"receptor_status": {"ER-negative": 0.5}}}
                ]
            }
        }
    }
    parts = {"parts": {"receptor_status": {"reported": 1.0}}, "ancestries": ALIKE["ancestries"]}
    found = truths(simulate(make_design(effect | parts)))
    by_receptor = {
        s: float(found["SNP", "C", "allelic", "receptor_status", s]["log_or"])
        for s in ("ER-positive", "ER-negative")
    }
    assert by_receptor == pytest.approx({"ER-positive": 0.1, "ER-negative": 0.6}, abs=1e-5)

    # Cases of the whole: 70% and 30% of the two, whose frequencies of C average so.
    def odds(p, log_or):
        return p / (1 - p) * exp(log_or)

    mixed = sum(w * odds(0.4, b) / (1 + odds(0.4, b)) for w, b in ((0.7, 0.1), (0.3, 0.6)))
    expected = log(mixed / (1 - mixed) / (0.4 / 0.6))
    european = float(found["SNP", "C", "allelic", "ethnicity", "European"]["log_or"])
    assert european == pytest.approx(expected, abs=2e-3)  # parts of whole people


def test_lengths_against_the_commonest_and_the_trend(make_design):
    effects = [{"per_repeat_from": 19, "log_or": 0.05}]
    found = truths(simulate(make_design(ALIKE | {"loci": {"CA": {"effects": effects}}})))
    of_lengths = {
        key[1]: row for key, row in found.items() if key[2:] == ("per_length", "overall", "all")
    }
    assert {length: float(row["log_or"]) for length, row in of_lengths.items()} == pytest.approx(
        {"18": -0.05, "21": 0.10}, abs=1e-6
    )
    assert {row["reference"] for row in of_lengths.values()} == {"19"}
    trend = found["CA", "", "length_trend", "overall", "all"]
    assert float(trend["log_or"]) == pytest.approx(0.05, abs=1e-6)


def test_nodes_have_the_moments_of_the_deviations():
    deviations, weights = nodes(np.array([0.2, 0.0, 0.5]))
    assert weights.sum() == pytest.approx(1)
    assert weights @ deviations == pytest.approx([0, 0, 0])
    assert weights @ deviations**2 == pytest.approx([0.04, 0, 0.25])
    assert weights @ deviations**4 == pytest.approx([3 * 0.04**2, 0, 3 * 0.25**2])


def test_expected_mean_is_the_mean_of_many_meta_analyses():
    """Three studies with their own distributions of truth, drawn and pooled 40,000 times."""
    rng = np.random.default_rng(1)
    means, sds = np.array([0.1, 0.3, 0.2]), np.array([0.1, 0.2, 0.15])
    variances = np.array([0.01, 0.02, 0.04])
    deviations, weights = nodes(np.array([1.0]))
    studies = [(m + s * deviations[:, 0], v) for m, s, v in zip(means, sds, variances, strict=True)]
    mean, tau = expected_mean(studies, weights)
    assert tau**2 == pytest.approx((sds**2).mean() + means.var(ddof=1))
    drawn = rng.normal(means, sds, (40_000, 3)) + rng.normal(0, np.sqrt(variances), (40_000, 3))
    pooled = (drawn / (variances + tau**2)).sum(1) / (1 / (variances + tau**2)).sum()
    assert mean == pytest.approx(pooled.mean(), abs=4 * pooled.std() / 200)


def test_intervals_hold_the_truth_as_often_as_they_say(make_design, tmp_path):
    """One independent result a seed: a nominal 95% interval, 60 seeds."""
    project = make_design({"studies": {"number": 8}})
    held, z = [], []
    for seed in range(60):
        made = simulate(project, seed)
        folder = tmp_path / str(seed)
        for name, text in made.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        tables = read_studies(Project(project.config, folder / "config.yaml"))
        rows = analyse_locus(project.config, "SNP", tables).pooled
        (row,) = [r for r in rows if (r["model"], r["stratifier"]) == ("allelic", "overall")]
        truth = float(truths(made)["SNP", "C", "allelic", "overall", "all"]["log_or"])
        held.append(row["ci_low"] <= exp(truth) <= row["ci_high"])
        z.append((row["log_or"] - truth) / row["se"])
    assert sum(held) >= 51  # binomial, 0.95: fewer in 1 of 1,000 test suites
    assert abs(np.mean(z)) < 0.5
