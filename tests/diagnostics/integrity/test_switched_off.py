"""A check whose key is `false` is silent, also about what needs no threshold, and is said to be."""

import pytest

from genopool.diagnostics.integrity.checklist import checklist_rows
from genopool.diagnostics.settings import SWITCHED_OFF, Checks
from genopool.studies.reading import read_studies

COUNTS = "study,locus,ethnicity,cases_AA,cases_AT,cases_TT,controls_AA,controls_AT,controls_TT\n"
ESTIMATES = (
    "study,locus,effect_allele,model,measure,estimate,ci_low,ci_high,adjusted,n_cases,n_controls,"
    "p_value\n"
)
CONFIG = """\
loci: {{SNP: {{alleles: A/T}}}}
strata: {{ethnicity: {{}}}}
allele_frequency_by: ethnicity
checks: {{{checks}}}
"""
ROWS = "".join(f"S{i},SNP,X,{300 + i},180,20,{310 + i},170,{20 + i}\n" for i in range(5))
TABLES = {
    "interval_width": ESTIMATES + "One,SNP,T,recessive,OR,1.10,1.05,1.15,no,500,500,\n",
    # the estimate is that of the counts, the interval half as wide
    "reported_disagrees": ESTIMATES + "S0,SNP,T,dominant,OR,1.06,0.93,1.21,no,500,500,\n",
    "interval_contradicted": ESTIMATES + "One,SNP,T,dominant,OR,1.10,0.80,1.51,no,500,500,<0\n",
    "orientation": COUNTS + "Turned,SNP,X,20,180,300,20,170,310\n",
    "nested_counts": COUNTS
    + "Wen 2005,SNP,X,100,180,60,110,170,70\nWen 2005 (pre),SNP,X,50,90,30,60,80,30\n",
    "orientation_unknown": COUNTS + "Few,SNP,Y,300,180,20,310,170,20\n",
}


@pytest.mark.parametrize("check", sorted(TABLES))
def test_false_silences_a_check_with_all_that_it_looks_at(check, findings_of):
    tables = {"a.csv": TABLES[check], "c.csv": COUNTS + ROWS}
    key = check.removesuffix("_unknown")
    assert findings_of(check, tables, CONFIG.format(checks=""))
    assert not findings_of(check, tables, CONFIG.format(checks=f"{key}: false"))


@pytest.mark.parametrize("key", sorted(Checks.model_fields))
def test_a_check_that_is_off_is_known_to_be(key):
    assert not Checks().is_off(key)
    # as YAML has it, and as the words of Snakemake's --config
    for off in (False, "false", "off"):
        assert Checks.model_validate({key: off}).is_off(key)


def test_the_strictest_thresholds_are_not_taken_for_none():
    strict = {"interval_contradicted": {"se": 0, "z": 0}, "interval_width": {"narrow": 1}}
    checks = Checks.model_validate(strict | {"reported_disagrees": {"unadjusted": 0}})
    assert not any(map(checks.is_off, ("interval_contradicted", "interval_width")))
    assert not checks.is_off("reported_disagrees") and not checks.is_off("title_row")


def test_the_list_of_checks_says_what_is_off(make_project):
    switched = "repeated_counts: false, hwe: false, ethnicity_country: off"
    project = make_project({"c.csv": COUNTS + ROWS}, CONFIG.format(checks=switched))
    rows = checklist_rows(project.config, read_studies(project), [])
    line = {name: row for row in rows for name in row["check"].split(", ")}
    assert line["repeated_counts"]["reason"] == SWITCHED_OFF
    assert line["repeated_counts"]["compared"] == 0
    assert line["ethnicity_country"]["reason"] == SWITCHED_OFF
    # the line's other check runs
    assert line["hardy_weinberg"]["compared"] == 5 and not line["hardy_weinberg"]["reason"]
    assert f"hardy_weinberg {SWITCHED_OFF}" in line["too_good"]["looks_at"]
    assert not any(
        "off" in row["looks_at"] + row["reason"] for row in rows if row["subject"] == "Reading"
    )


def test_a_configuration_that_is_written_out_stays_off():
    checks = Checks.model_validate({"interval_width": False, "small_cells": False})
    again = Checks.model_validate_json(checks.model_dump_json())
    assert again.is_off("interval_width") and again.is_off("small_cells")
