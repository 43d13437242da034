"""Which diagnostics a configuration chooses, and what is said of a name that is none."""

import json
from typing import get_args

import pytest
from jsonschema import ValidationError, validate

from genopool.config import json_schema
from genopool.config_problems import ConfigError
from genopool.diagnostics.choice import (
    FIGURES,
    FULL,
    STANDARD,
    TABLES,
    Diagnostic,
    chosen_figures,
    chosen_tables,
)
from genopool.workflow import locus_settings

LOCI = "loci: {SNP: {alleles: A/C}}\n"


@pytest.fixture
def choose(make_project):
    return lambda text: make_project({}, LOCI + f"diagnostics: {text}\n").config.diagnostics


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("standard", STANDARD),
        ("full", FULL),
        ("none", ()),
        ("[]", ()),
        ("", ()),
        ("funnel", ("funnel",)),
        ("[verdict, sensitivity, verdict]", ("sensitivity", "verdict")),
    ],
)
def test_a_choice_stands_for_names_in_one_order(choose, text, expected):
    assert choose(text) == expected


def test_without_the_key_it_is_standard(make_project):
    assert make_project({}, LOCI).config.diagnostics == STANDARD


def test_every_name_is_known_to_the_schema_and_to_the_type():
    assert get_args(Diagnostic) == FULL and set(STANDARD) < set(FULL)
    schema = json_schema()
    for choice in ("standard", "full", "none", "gosh", ["verdict", "funnel"], list(FULL)):
        validate({"loci": {"A": {"alleles": ["A", "C"]}}, "diagnostics": choice}, schema)
    for wrong in ("everything", ["full"], ["fnnel"], 3):
        with pytest.raises(ValidationError):
            validate({"loci": {"A": {"alleles": ["A", "C"]}}, "diagnostics": wrong}, schema)


@pytest.mark.parametrize("wrong", ["fnnel", "[verdict, fnnel]"])
def test_a_misspelt_name_is_named_with_the_one_that_is_meant(choose, wrong):
    with pytest.raises(ConfigError) as caught:
        choose(wrong)
    (problem,) = caught.value.problems
    assert "diagnostics" in problem and "fnnel" in problem and "funnel" in problem


def test_tables_and_figures_are_told_apart_and_models_choose_their_table():
    assert chosen_tables(FULL) == TABLES and chosen_figures(FULL) == FIGURES
    assert chosen_tables(("copas", "gosh")) == ("small_study",)
    assert chosen_figures(("verdict",)) == ()


def test_a_locus_job_runs_again_for_another_choice(make_project):
    before, after = (
        locus_settings(make_project({}, LOCI + f"diagnostics: {text}\n").config, "SNP")
        for text in ("standard", "full")
    )
    assert before != after and json.loads(after)["diagnostics"] == list(FULL)
