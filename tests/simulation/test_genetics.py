"""What an effect does to each genotype, and that streams of random numbers are apart."""

import numpy as np
import pytest

from genopool.simulation.frame import draw_studies
from genopool.simulation.genetics import LocusModel, draw_locus


def model_of(project, key):
    return LocusModel(project.design, key, project.config.loci[key])


def effects(*terms):
    return {"loci": {"CA": {"effects": [{"tau": 0.0, **term} for term in terms]}}}


def log_odds(project, **people):
    model = model_of(project, "CA")
    values = model.log_odds(people, np.zeros(len(model.taus)))
    return dict(zip(map(model.label, model.genotypes), values, strict=True))


@pytest.mark.parametrize(
    ("inheritance", "expected"),
    [("additive", (0, 1, 2)), ("dominant", (0, 1, 1)), ("recessive", (0, 0, 1))],
)
def test_inheritance(make_design, inheritance, expected):
    term = {"alleles": "19", "log_or": 0.3, "inheritance": inheritance}
    found = log_odds(make_design(effects(term)))
    values = [found[name] for name in ("18/21", "18/19", "19/19")]
    assert values == pytest.approx([0.3 * n for n in expected])


def test_each_repeat_and_effects_that_add_up(make_design):
    found = log_odds(
        make_design(
            effects({"per_repeat_from": 19, "log_or": 0.1}, {"alleles": "<19", "log_or": 0.5})
        )
    )
    # 18 is one repeat less, 21 two more
    assert found["18/21"] == pytest.approx(-0.1 + 0.2 + 0.5)
    assert found["21/21"] == pytest.approx(0.4)


def test_people_in_whom_the_effect_differs(make_design):
    project = make_design(
        effects(
            {
                "alleles": "19",
                "log_or": 0.1,
                "by": {"receptor_status": {"ER-negative": 0.2}, "ethnicity": {"European": 0.4}},
            }
        )
    )
    found = log_odds(project, receptor_status="ER-negative", ethnicity="European")
    assert found["18/19"] == pytest.approx(0.7)
    found = log_odds(project, receptor_status="ER-positive", ethnicity="East Asian")
    assert found["18/19"] == pytest.approx(0.1)


def test_whole_study_is_the_sum_of_its_parts(make_design):
    project = make_design()
    model = model_of(project, "SNP")
    for draw in draw_locus(model, draw_studies(project.design)):
        counts = {p.name: draw.counts(model, p) for p in draw.populations}
        if {"", "premenopausal"} <= set(counts):
            for side in (0, 1):
                parts = counts["premenopausal"][side] + counts["postmenopausal"][side]
                assert (counts[""][side] == parts).all()
        if "ER-positive" in counts:
            cases = counts["ER-positive"][0] + counts["ER-negative"][0]
            assert (counts[""][0] == cases).all()
            assert (counts[""][1] == counts["ER-positive"][1]).all()


def test_shares_of_what_is_reported(make_design):
    project = make_design(
        {
            "loci": {"SNP": {"reporting": {"sums": 0.25, "estimates": 0.25}, "studied": 0.75}},
            "parts": {"menopausal_status": {"reported": 0.0}, "receptor_status": {"reported": 0.0}},
        }
    )
    draws = draw_locus(model_of(project, "SNP"), draw_studies(project.design))
    styles = [draw.style for draw in draws]
    assert len(styles) == 9
    assert styles.count("sums") == 2 and styles.count("estimates") == 2


def test_another_locus_or_effect_does_not_change_what_is_drawn(make_design, tmp_path):
    def controls(project):
        draws = draw_locus(model_of(project, "SNP"), draw_studies(project.design))
        return [n.tolist() for draw in draws for n in draw.controls.values()]

    first = controls(make_design())
    assert controls(make_design({"loci": {"CA": None}})) == first
    changed = {"loci": {"CA": {"effects": []}, "SNP": {"effects": [{"alleles": "C", "log_or": 1}]}}}
    assert len(controls(make_design(changed))) == len(first)
    assert controls(make_design({"seed": 8})) != first
