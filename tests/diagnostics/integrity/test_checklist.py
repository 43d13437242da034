"""The list of checks: complete, and it says what could not run."""

import re

import pytest

from genopool.diagnostics.integrity.catalogue import CHECKS
from genopool.diagnostics.integrity.checklist import checklist_rows
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


HEADER = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"


@pytest.mark.parametrize(
    ("header", "row", "looked_at"),
    [
        (HEADER, "One,SNP,36,108,64,26,96,68", 0),
        (HEADER, "One,SNP,36 (17.3%),108,64,26,96,68", 1),
        (HEADER, "One,SNP,36,108,64/208,26,96,68", 1),
        (HEADER + ",n_cases", "One,SNP,36,108,64,26,96,68,208", 1),
        (HEADER + ",hwe_p", "One,SNP,36,108,64,26,96,68,NR", 0),
        (HEADER + ",maf", "One,SNP,36,108,64,26,96,68,0.39", 1),
        (HEADER + ",cases_C,controls_C", "One,SNP,36,108,64,26,96,68,236,232", 1),
        (HEADER + ",cases_C,controls_C", "One,SNP,36,108,64,26,96,68,,", 0),
        (HEADER, "One,SNP,36,108,64,26,96,68\nTotal,,36,108,64,26,96,68", 1),
    ],
)
def test_printed_totals_are_looked_at_where_there_are_any(make_project, header, row, looked_at):
    project = make_project({"a.csv": f"{header}\n{row}\n"})
    rows = checklist_rows(project.config, read_studies(project), [])
    (line,) = (row for row in rows if "percentage_differs" in row["check"])
    assert line["compared"] == looked_at and bool(line["reason"]) == (looked_at == 0)


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
