"""The list of checks: complete, and it says what could not run."""

import re

from genopool.diagnostics.integrity.checklist import CHECKS, checklist_rows
from genopool.studies.reading import read_studies


def test_every_check_is_in_the_documentation(repository):
    documented = (repository / "docs" / "checks.md").read_text()
    for check in CHECKS:
        for name in check.names:
            assert f"`{name}`" in documented


def test_no_check_is_listed_twice():
    names = [name for check in CHECKS for name in check.names]
    assert len(names) == len(set(names))


def test_what_had_nothing_to_look_at_says_why(make_project, repository):
    project = make_project(
        {"a.csv": "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
         "One,SNP,36,108,64,26,96,68\n"}
    )  # fmt: skip
    rows = checklist_rows(project.config, read_studies(project), [])
    by_name = {row["check"]: row for row in rows}
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
    rows = {r["check"]: r for r in checklist_rows(project.config, read_studies(project), findings)}
    assert (rows["hardy_weinberg"]["warnings"], rows["hardy_weinberg"]["notes"]) == (1, 1)
    small = next(row for name, row in rows.items() if name.startswith("small_cells"))
    assert small["notes"] == 2
    assert rows["a_new_check"]["warnings"] == 1
    assert sum(r["warnings"] + r["notes"] for r in rows.values()) == len(findings)


def test_names_are_plain(repository):
    assert all(re.fullmatch(r"[a-z_]+", name) for check in CHECKS for name in check.names)
