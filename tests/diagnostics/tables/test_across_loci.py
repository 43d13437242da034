"""The false discovery rate over the questions of all loci, and their joined table."""

import numpy as np
import pytest

from genopool.analysis import analyse_locus
from genopool.diagnostics.tables.across_loci import multiplicity_across_loci
from genopool.diagnostics.tables.columns import JOINED_COLUMNS
from genopool.diagnostics.tables.diagnose import diagnose
from genopool.diagnostics.tables.pools import pools_of
from genopool.results import join_loci, write_diagnostics, write_locus
from genopool.studies.reading import read_studies
from genopool.tables import read_rows

CONFIG = """\
loci:
  SNP: {alleles: A/C}
  EMPTY: {alleles: A/C}
  OTHER: {alleles: G/T}
strata: {ethnicity: {}}
pooling: {tau2: EE}
diagnostics: [multiplicity]
"""
HEADER = "study,locus,ethnicity,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
TABLES = {
    "a.csv": HEADER + "Bo,SNP,Asian,36,108,64,66,96,48\nXu,SNP,European,53,169,111,137,353,203\n",
    "b.csv": HEADER.replace("AA", "GG").replace("AC", "GT").replace("CC", "TT")
    + "Li,OTHER,Asian,50,90,60,55,90,55\n",
}


def row(locus, allele, p, stratifier="overall"):
    names = ("locus", "effect_allele", "stratifier", "p_adjusted")
    return dict(zip(names, (locus, allele, stratifier, "" if p is None else str(p)), strict=True))


def test_two_questions_in_closed_form():
    """Of two, the larger p stays, and the smaller becomes twice itself or the larger."""
    for small, large in ((0.01, 0.2), (0.15, 0.2)):
        rows = [row("A", "C", 0.9), row("A", "C", small), row("B", "T", large)]
        found = multiplicity_across_loci(rows)
        assert [r["p_locus"] for r in found] == [small, small, large]
        expected = min(2 * small, large)
        assert [r["q_value"] for r in found] == pytest.approx([expected, expected, large])
        assert {r["questions"] for r in found} == {2}


def test_each_effect_allele_is_a_question_and_the_order_of_alleles_is_none():
    rows = [row("A", "17", 0.01), row("A", "19", 0.5), row("B", "T", 0.03)]
    for order in (rows, rows[::-1]):
        found = {(r["locus"], r["effect_allele"]): r for r in multiplicity_across_loci(order)}
        q = [found[key]["q_value"] for key in (("A", "17"), ("A", "19"), ("B", "T"))]
        assert q == pytest.approx([0.03, 0.5, 0.045])


def test_strata_and_what_has_no_p_are_no_questions():
    rows = [row("A", "C", 0.04), row("A", "C", 1e-9, "ethnicity"), row("B", "T", None)]
    found = multiplicity_across_loci(rows)
    assert (found[0]["q_value"], found[0]["questions"]) == (pytest.approx(0.04), 1)
    assert found[1:] == rows[1:]
    assert multiplicity_across_loci([]) == []
    assert multiplicity_across_loci(rows[2:]) == rows[2:]


def joined(make_project, folder, config):
    project = make_project(TABLES, config)
    tables = read_studies(project)
    for locus in project.config.loci:
        results = analyse_locus(project.config, locus, tables)
        write_locus(results, tables, folder / locus)
        write_diagnostics(diagnose(pools_of(project.config, locus, results)), folder / locus)
    join_loci(project, tables, folder)


def test_the_joined_table_of_a_project(make_project, tmp_path):
    folder = tmp_path / "results"
    joined(make_project, folder, CONFIG)
    assert (folder / "multiplicity.tsv").read_text().split("\n")[0].split("\t") == (
        JOINED_COLUMNS["multiplicity"]
    )
    rows = read_rows(folder / "multiplicity.tsv")
    assert len(rows) == 7 * 3 + 7 * 2
    overall = [r for r in rows if r["stratifier"] == "overall"]
    smallest = {
        locus: min(float(r["p_adjusted"]) for r in overall if r["locus"] == locus)
        for locus in ("SNP", "OTHER")
    }
    assert smallest["SNP"] < 0.01 < 0.2 < smallest["OTHER"]
    for r in overall:
        expected = smallest[r["locus"]] * (2 if r["locus"] == "SNP" else 1)
        assert float(r["p_locus"]) == smallest[r["locus"]]
        assert float(r["q_value"]) == pytest.approx(expected)
    assert {r["q_value"] for r in rows if r["stratifier"] != "overall"} == {""}
    assert not (folder / "verdict.tsv").exists()


def test_without_the_diagnostic_there_is_no_table(make_project, tmp_path):
    joined(make_project, tmp_path / "results", CONFIG.replace("[multiplicity]", "none"))
    assert (tmp_path / "results" / "pooled.tsv").exists()
    assert not (tmp_path / "results" / "multiplicity.tsv").exists()


def test_one_family_holds_the_rate_in_simulation():
    """40 loci, 10 of them true: of what is found at q < 0.2, at most some 0.2 × 0.75 is false."""
    rng = np.random.default_rng(4)
    shares = []
    for _ in range(60):
        p = rng.uniform(size=40)
        p[:10] = p[:10] ** 12
        found = multiplicity_across_loci([row(f"L{i}", "C", x) for i, x in enumerate(p)])
        false = [i >= 10 for i, r in enumerate(found) if r["q_value"] < 0.2]
        shares.append(np.mean(false) if false else 0.0)
    assert 0.08 < np.mean(shares) < 0.22
