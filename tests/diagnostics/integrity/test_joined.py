"""What is found across loci, and the list of checks, reach the joined tables."""

from genopool.analysis import analyse_locus
from genopool.results import join_loci, write_locus
from genopool.studies.reading import read_studies
from genopool.tables import read_rows

CONFIG = "loci:\n  SNP: {alleles: A/C}\n  OTHER: {alleles: G/T}\nstrata: {ethnicity: {}}\n"
CONFIG += "diagnostics: none\n"
SNP = "study,locus,ethnicity,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
ROWS = "Bo,SNP,Asian,36,108,64,26,96,68\nCanedo,SNP,Asains,53,169,111,137,353,203\n"
OTHER = SNP.replace("A", "G").replace("C", "T") + "Xu\t<b>,OTHER,Asian,36,108,64,26,96,68\n"


def test_findings_across_loci_and_the_list_of_checks_are_joined(make_project, tmp_path):
    project = make_project({"a.csv": SNP + ROWS, "b.csv": OTHER}, CONFIG)
    tables, folder = read_studies(project), tmp_path / "results"
    for locus in project.config.loci:
        write_locus(analyse_locus(project.config, locus, tables), tables, folder / locus)
    join_loci(project, tables, folder)
    findings = read_rows(folder / "integrity.tsv")
    found = {(row["check"], row["study"], row["severity"]) for row in findings}
    assert ("repeated_counts", "Xu <b>", "warning") in found
    assert ("label_spelling", "Canedo", "warning") in found
    places = [(row["file"], row["sheet"], int(row["row"] or 0), row["check"]) for row in findings]
    assert places == sorted(places)
    checks = read_rows(folder / "checks.tsv")
    for severity in ("warning", "note"):
        counted = sum(int(row[f"{severity}s"]) for row in checks)
        assert counted == sum(row["severity"] == severity for row in findings)
