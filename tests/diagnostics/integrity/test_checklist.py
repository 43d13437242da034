"""The list of checks: complete, and it says what could not run."""

import re

import pytest

from genopool.diagnostics.integrity.catalogue import CHECKS
from genopool.diagnostics.integrity.checklist import checklist_rows
from genopool.diagnostics.integrity.switches import switched_off
from genopool.diagnostics.settings import Checks
from genopool.studies.reading import read_studies


def test_every_check_of_the_package_is_listed_and_documented(repository):
    """The names as `tests/test_docs.py` finds them; errors stop a run and are not listed."""
    made = set()
    for path in (repository / "src" / "genopool").rglob("*.py"):
        text = path.read_text()
        made |= set(re.findall(r'(?:"warning"|"note"|severity),\s*"([a-z_]+)"', text))
    made -= {"warning", "note", "off"}
    listed = {name for check in CHECKS for name in check.names}
    assert len(made) > 20
    assert made <= listed, made - listed
    documented = (repository / "docs" / "checks.md").read_text()
    assert all(f"`{name}`" in documented for name in made & listed)


def test_no_check_is_listed_twice():
    names = [name for check in CHECKS for name in check.names]
    assert len(names) == len(set(names))


def test_what_had_nothing_to_look_at_says_why(make_project, repository):
    project = make_project(
        {"a.csv": "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
         "One,SNP,36,108,64,26,96,68\n"}
    )  # fmt: skip
    rows = checklist_rows(project.config, read_studies(project), [])
    by_name = {row["check"].split(", ")[0]: row for row in rows}
    assert by_name["hardy_weinberg"]["compared"] == 1
    assert by_name["repeated_counts"]["compared"] == 0
    assert "no two studies" in by_name["repeated_counts"]["reason"]
    assert all(bool(row["reason"]) == (row["compared"] == 0) for row in rows)


def test_findings_are_counted_by_check_and_severity(make_project):
    project = make_project({"a.csv": "study,locus,cases_A,cases_C,controls_A,controls_C\n"})
    findings = [
        {"check": "hardy_weinberg", "severity": "warning"},
        {"check": "hardy_weinberg", "severity": "note"},
        {"check": "tiny_study", "severity": "note"},
        {"check": "small_cells", "severity": "note"},
        {"check": "a_new_check", "severity": "warning"},
    ]
    listed = checklist_rows(project.config, read_studies(project), findings)
    rows = {row["check"].split(", ")[0]: row for row in listed}
    assert (rows["hardy_weinberg"]["warnings"], rows["hardy_weinberg"]["notes"]) == (1, 1)
    assert rows["small_cells"]["notes"] == 2
    assert rows["a_new_check"]["warnings"] == 1
    assert sum(r["warnings"] + r["notes"] for r in rows.values()) == len(findings)


def test_names_are_plain(repository):
    assert all(re.fullmatch(r"[a-z_]+", name) for check in CHECKS for name in check.names)


def test_what_is_switched_off_is_not_said_to_have_looked(make_project):
    genotypes = ("AA", "AC", "CC")
    columns = [f"{side}_{g}" for side in ("cases", "controls") for g in genotypes]
    lines = ["study,locus," + ",".join(columns), "One,SNP,36,108,64,26,96,68"]
    tables = {"a.csv": "\n".join([*lines, "Two,SNP,30,100,60,20,90,64"])}
    off = "repeated_counts: false, hwe: false, digits: false"
    config = f"loci: {{SNP: {{alleles: A/C}}}}\nchecks: {{{off}}}\n"
    project = make_project(tables, config)
    rows = checklist_rows(project.config, read_studies(project), [])
    by_name = {row["check"].split(", ")[0]: row for row in rows}
    repeated = by_name["repeated_counts"]
    assert repeated["compared"] == 0 and "switched off" in repeated["reason"]
    # Its line has another check, which still looks.
    for name, silent in (("hardy_weinberg", "hardy_weinberg"), ("columns", "digits")):
        row = by_name[name]
        assert row["compared"] == 2 and not row["reason"]
        assert row["looks_at"].endswith(f"(switched off in the configuration: {silent})")
    assert sum("switched off" in row["reason"] + row["looks_at"] for row in rows) == 3


@pytest.mark.parametrize("key", Checks.model_fields)
def test_false_switches_one_check_off(key):
    name = {"hwe": "hardy_weinberg"}.get(key, key)
    assert switched_off(Checks()) == frozenset()
    off = switched_off(Checks.model_validate({key: False}))
    assert name in off and off <= {name, f"{name}_unknown"}
