"""Adjusted p-values of a stratum's models: permutation, naive twins, what is not known."""

import csv
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from genopool.association.genotype_models import model_effects
from genopool.association.models import MODELS
from genopool.diagnostics.tables.multiplicity import multiplicity_rows
from genopool.pooling.inverse_variance import pool
from genopool.pooling.multiplicity import adjusted_p_values, z_correlation

IL8 = Path(__file__).parents[2] / "data" / "il8_zhang2015.csv"

CONFIG = "loci: {SNP: {alleles: A/C}}\npooling: {tau2: EE}\n"
GENOTYPES = "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"
HEADER = f"study,locus,{GENOTYPES}\n"
COUNTS = np.array(
    [
        [[60, 80, 40], [95, 90, 25]],
        [[50, 75, 25], [70, 85, 25]],
        [[88, 102, 40], [80, 100, 20]],
    ]
)


def table(counts=COUNTS):
    lines = (
        f"S{i},SNP,{','.join(str(n) for n in np.ravel(study))}" for i, study in enumerate(counts)
    )
    return HEADER + "\n".join(lines) + "\n"


def by_model(rows, column="p_adjusted", stratum="all"):
    return {row["model"]: row[column] for row in rows if row["stratum"] == stratum}


def test_agrees_with_permutation_of_case_status_within_studies(make_pools):
    rng = np.random.default_rng(31)
    draws = 4000
    permuted = np.stack(
        [
            rng.multivariate_hypergeometric(study.sum(axis=0), study[0].sum(), draws)
            for study in COUNTS
        ],
        axis=1,
    )
    effects = model_effects(permuted, COUNTS.sum(axis=1) - permuted)
    smallest = pool(effects.log_or, effects.variance, tau2="EE").p_value.min(axis=1)
    rows = multiplicity_rows(make_pools({"a.csv": table()}, CONFIG))
    assert by_model(rows, "models") == dict.fromkeys(MODELS, 7)
    for row in rows:
        expected = (smallest <= row["p_value"]).mean()
        # Four standard errors of the sample, and a hundredth for counts being whole.
        error = 4 * np.sqrt(expected * (1 - expected) / draws) + 0.01
        assert row["p_adjusted"] == pytest.approx(expected, abs=error)
        assert row["adjustment"] == "joint normal" and row["reason"] == ""


def test_every_stratum_of_il8_from_its_own_genotypes(make_pools):
    config = "loci: {IL8_-251A-T: {alleles: T/A}}\nstrata: {ethnicity: {}}\n"
    rows = multiplicity_rows(make_pools({"a.csv": IL8.read_text()}, config))
    assert len(rows) == 7 * 3
    with IL8.open(newline="") as lines:
        studies = list(csv.DictReader(lines))
    for stratum in ("all", "Asian", "European"):
        chosen = [s for s in studies if stratum in ("all", s["ethnicity"])]
        cases, controls = (
            [[int(s[f"{group}_{g}"]) for g in ("TT", "AT", "AA")] for s in chosen]
            for group in ("cases", "controls")
        )
        effects = model_effects(cases, controls)
        fit = pool(effects.log_or, effects.variance)
        r = z_correlation(effects.log_or, effects.variance, effects.covariance, fit.tau2)
        expected = adjusted_p_values(fit.p_value, r)
        ours = by_model(rows, stratum=stratum)
        assert [ours[m] for m in MODELS] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("zero_cells", ["{apply: only0}", "{apply: all}", "{apply: if0all}"])
def test_corrected_studies_have_the_variance_that_was_pooled(make_pools, zero_cells):
    counts = COUNTS.copy()
    counts[0, 1, 2] = 0
    config = CONFIG.replace("EE", f"EE, zero_cells: {zero_cells}")
    ours = by_model(multiplicity_rows(make_pools({"a.csv": table(counts)}, config)))
    apply = zero_cells[8:-1]
    effects = model_effects(counts[:, 0], counts[:, 1], apply=apply)
    fit = pool(effects.log_or, effects.variance, tau2="EE")
    r = z_correlation(effects.log_or, effects.variance, effects.covariance, fit.tau2)
    expected = adjusted_p_values(fit.p_value, r)
    assert [ours[m] for m in MODELS] == pytest.approx(expected, abs=1e-4)


REPORTED = "study,locus,effect_allele,model,measure,estimate,se\nR,SNP,C,dominant,OR,1.3,0.2\n"


def test_a_model_with_reported_estimates_gets_holms_p(make_pools):
    rows = multiplicity_rows(make_pools({"a.csv": table(), "b.csv": REPORTED}, CONFIG))
    p = np.array([row["p_value"] for row in rows])
    expected = multipletests(p, method="holm")[1]
    (place,) = [i for i, row in enumerate(rows) if row["adjustment"] == "Holm"]
    assert rows[place]["model"] == "dominant" and "reported" in rows[place]["reason"]
    assert rows[place]["p_adjusted"] == pytest.approx(expected[place], rel=1e-12)
    others = [m for m in MODELS if m != "dominant"]
    effects = model_effects(COUNTS[:, 0], COUNTS[:, 1], others)
    fit = pool(effects.log_or, effects.variance, tau2="EE")
    r = z_correlation(effects.log_or, effects.variance, effects.covariance, fit.tau2)
    jointly = adjusted_p_values(fit.p_value, r)
    # One more test, independent of these, at the same p.
    at_most = 1 - (1 - jointly) * (1 - fit.p_value)
    ours = by_model(rows)
    assert [ours[m] for m in others] == pytest.approx(at_most, abs=1e-4)
    assert all(row["models"] == 7 for row in rows)


def test_only_reported_models_are_holms(make_pools):
    reported = REPORTED + "R,SNP,C,recessive,OR,1.5,0.15\n"
    rows = multiplicity_rows(make_pools({"b.csv": reported}, CONFIG))
    p = [row["p_value"] for row in rows]
    assert [row["adjustment"] for row in rows] == ["Holm", "Holm"]
    assert sorted(row["p_adjusted"] for row in rows) == pytest.approx([2 * min(p), max(p)])


def test_one_model_keeps_its_p(make_pools):
    rows = multiplicity_rows(make_pools({"b.csv": REPORTED}, CONFIG))
    (row,) = rows
    assert row["p_adjusted"] == row["p_value"] > 0
    assert (row["models"], row["adjustment"]) == (1, "none") and "one model" in row["reason"]


def test_a_method_without_p_values_says_so(make_pools):
    config = CONFIG.replace("tau2: EE", "method: bayes")
    rows = multiplicity_rows(make_pools({"a.csv": table()}, config))
    assert {(row["models"], row["adjustment"]) for row in rows} == {(0, "")}
    assert all(np.isnan(row["p_adjusted"]) and "no p-value" in row["reason"] for row in rows)


def test_mens_two_models_are_one(make_pools):
    """The z of men's additive slope is that of their allelic log odds ratio."""
    config = CONFIG.replace("A/C", "A/C, chromosome: X")
    tables = {
        "a.csv": "study,locus,sex,cases_A,cases_C,controls_A,controls_C\nM,SNP,male,50,60,70,50\n"
    }
    rows = multiplicity_rows(make_pools(tables, config))
    assert by_model(rows, "adjustment") == dict.fromkeys(("allelic", "additive"), "joint normal")
    assert [r["p_adjusted"] for r in rows] == pytest.approx([r["p_value"] for r in rows], rel=1e-9)
    assert 0 < rows[0]["p_value"] < 0.1


def within(counts, models):
    """Delta covariance of two log odds in one group of people, term by term."""
    n0, n1, n2 = (float(n) for n in counts)
    derivatives = {
        "dominant": (-1 / n0, 1 / (n1 + n2), 1 / (n1 + n2)),
        "recessive": (-1 / (n0 + n1), -1 / (n0 + n1), 1 / n2),
    }
    one, other = (derivatives[m] for m in models)
    return sum(n * a * b for n, a, b in zip((n0, n1, n2), one, other, strict=True))


def test_controls_divided_in_one_model_only(make_pools):
    """D gives no recessive table, so that S has all controls there and half of them otherwise."""
    cases, controls = [60, 80, 40], [95, 90, 25]
    with_group = HEADER.replace(",cases_AA", ",control_group,cases_AA", 1)
    tables = {
        "a.csv": with_group + "S,SNP,G,60,80,40,95,90,25\n",
        "b.csv": "study,locus,control_group,cases_AA,cases_AC+CC,controls_AA,controls_AC+CC\n"
        "D,SNP,G,70,90,95,115\n",
    }
    config = CONFIG + "models: [dominant, recessive]\n"
    rows = multiplicity_rows(make_pools(tables, config))
    assert [row["k"] for row in rows] == [2, 1]
    halves = np.array(controls) / 2
    v_dominant = 1 / 60 + 1 / 120 + 1 / halves[0] + 1 / (halves[1] + halves[2])
    v_other = 1 / 70 + 1 / 90 + 1 / halves[0] + 1 / (halves[1] + halves[2])
    v_recessive = 1 / 140 + 1 / 40 + 1 / 185 + 1 / 25
    both = ("dominant", "recessive")
    covariance = within(cases, both) + within(controls, both)
    alone = [within(cases, (m, m)) + within(controls, (m, m)) for m in both]
    c = covariance / np.sqrt(alone[0] * alone[1]) * np.sqrt(v_dominant * v_recessive)
    r = c / v_dominant / np.sqrt(1 / v_dominant + 1 / v_other) / np.sqrt(v_recessive)
    p = [row["p_value"] for row in rows]
    # A half added to each genotype moves r by less than 1 in 1,000.
    expected = adjusted_p_values(p, [[1, r], [r, 1]])
    assert [row["p_adjusted"] for row in rows] == pytest.approx(expected, abs=5e-4)
    assert r < 0.9 * covariance / np.sqrt(alone[0] * alone[1])


@pytest.mark.parametrize(
    ("tables", "name"),
    [
        (
            {
                "b.csv": "study,locus,cases_A,cases_C,controls_A,controls_C\n"
                "L,SNP,160,140,200,120\n",
                "c.csv": "study,locus,cases_AA,cases_AC+CC,controls_AA,controls_AC+CC\n"
                "L,SNP,40,110,60,100\n",
            },
            "L",
        ),
        (
            {
                "b.csv": "study,locus,population,cases_A,cases_C,controls_A,controls_C\n"
                "P,SNP,,160,140,200,120\n",
                "c.csv": "study,locus,population,cases_AA,cases_AC+CC,controls_AA,controls_AC+CC\n"
                "P,SNP,men,20,60,30,50\nP,SNP,women,20,50,30,50\n",
            },
            "P",
        ),
    ],
)
def test_people_who_do_not_tell_how_two_models_vary_together(make_pools, tables, name):
    """Alleles and a dominant table of the same people; alleles of a whole, tables of its parts."""
    rows = multiplicity_rows(make_pools({"a.csv": table(), **tables}, CONFIG))
    how, why = by_model(rows, "adjustment"), by_model(rows, "reason")
    assert [m for m in MODELS if how[m] == "Holm"] == ["allelic", "dominant"]
    assert name in why["allelic"] and "dominant" in why["allelic"] and "allelic" in why["dominant"]
    p, ours = by_model(rows, "p_value"), by_model(rows)
    expected = dict(
        zip(MODELS, multipletests([p[m] for m in MODELS], method="holm")[1], strict=True)
    )
    assert ours["allelic"] == pytest.approx(expected["allelic"], rel=1e-12)
    assert ours["dominant"] == pytest.approx(expected["dominant"], rel=1e-12)


def test_the_order_of_studies_does_not_matter(make_pools):
    one = by_model(multiplicity_rows(make_pools({"a.csv": table()}, CONFIG)))
    other = by_model(multiplicity_rows(make_pools({"a.csv": table(COUNTS[::-1])}, CONFIG)))
    assert list(one.values()) == pytest.approx(list(other.values()), abs=1e-4)
