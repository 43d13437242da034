"""Which diagnostic figures are drawn, under which names, and what is said of the others."""

from dataclasses import replace

import pytest
from matplotlib.figure import Figure as Canvas

from genopool.diagnostics.choice import FIGURES
from genopool.figures.diagnostics import registry
from genopool.figures.diagnostics.draw import draw_diagnostics
from genopool.figures.diagnostics.drawer import Drawer
from genopool.results import drawn_figures, read_figure_list, write_figure_list
from genopool.tables import read_rows

MODELS = ("allelic", "additive", "dominant", "recessive", "homozygous", "heterozygous",
          "overdominant")  # fmt: skip
STRATIFIERS = ("ethnicity", "control_source", "genotyping_method")


def test_every_kind_has_a_drawer_in_order():
    assert tuple(registry.DRAWERS) == FIGURES


@pytest.fixture
def asked(monkeypatch):
    """What the drawers of three kinds, one of each sort, were asked to draw."""
    asked = []

    def drawer(kind, by, reason=""):
        def draw(pools, i, question, stratifier):
            asked.append((kind, pools.rows[i]["model"], question, stratifier))
            figure = Canvas(figsize=(0.5, 0.5))
            figure.set_label(kind)
            return figure

        return Drawer(draw, lambda pools, i: reason, by)

    drawers = {
        "funnel": drawer("funnel", "strata"),
        "ternary": drawer("ternary", "allele"),
        "gosh": drawer("gosh", "overall"),
        "bubble": drawer("bubble", "strata", "no moderator"),
    }
    monkeypatch.setattr(registry, "DRAWERS", drawers)
    return asked


def choosing(pools, *names):
    config = pools.config.model_copy(update={"diagnostics": names})
    return replace(pools, config=config)


def test_one_figure_for_each_model_stratifier_or_allele(il8_pools, asked, tmp_path):
    figures = draw_diagnostics(choosing(il8_pools, *FIGURES), tmp_path / "figures")
    expected = {f"funnel.A.{m}.{s}" for m in MODELS for s in ("overall", *STRATIFIERS)}
    expected |= {f"gosh.A.{model}.overall" for model in MODELS} | {"ternary.A.genotypes.overall"}
    drawn = [figure for figure in figures if not figure.reason]
    assert {figure.stem for figure in drawn} == expected and len(drawn) == len(expected)
    files = {path.name for path in (tmp_path / "figures").iterdir()}
    assert files == {f"{stem}.{ending}" for stem in expected for ending in ("svg", "pdf", "png")}
    for _, model, question, _ in asked:
        assert question.outcome == "gastric cancer" and question.effect_allele == "A"
        assert model in ("allelic", "additive") or " vs " in question.comparison


def test_only_what_is_chosen_is_drawn(il8_pools, asked, tmp_path):
    figures = draw_diagnostics(choosing(il8_pools, "sensitivity", "gosh"), tmp_path / "figures")
    assert {figure.kind for figure in figures} == {"gosh"}
    assert draw_diagnostics(choosing(il8_pools, "sensitivity"), tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_figure_that_cannot_be_drawn_has_a_row_and_no_file(il8_pools, asked, tmp_path):
    figures = draw_diagnostics(choosing(il8_pools, "bubble", "ternary"), tmp_path / "figures")
    write_figure_list(figures, tmp_path / "figures.tsv")
    rows = [row for row in read_rows(tmp_path / "figures.tsv") if row["kind"] == "bubble"]
    assert [(r["model"], r["stratifier"], r["stem"], r["reason"]) for r in rows] == [
        (model, "overall", "", "no moderator") for model in MODELS
    ]
    assert read_figure_list(tmp_path / "figures.tsv") == figures
    drawn = {path.name for path in drawn_figures(tmp_path / "figures")}
    assert drawn == {f"ternary.A.genotypes.overall.{ending}" for ending in ("svg", "pdf", "png")}


def test_progress_reaches_the_total(il8_pools, asked, tmp_path):
    said = []
    draw_diagnostics(choosing(il8_pools, "gosh", "bubble"), tmp_path, lambda *s: said.append(s))
    assert said == [(done, 2 * len(MODELS)) for done in range(1, 2 * len(MODELS) + 1)]


def test_a_stratifier_with_studies_in_one_stratum_only_has_no_figure(make_pools, asked, tmp_path):
    header = "study,locus,ethnicity,genotype,cases,controls\n"
    rows = [
        f"S{study},SNP,{people},{genotype},{10 + study + copies},{12 + copies}\n"
        for study, people in enumerate(("Dane", "Dane", "Thai", "Thai"))
        for copies, genotype in enumerate(("AA", "AC", "CC"))
    ]
    config = "loci: {SNP: {alleles: A/C}}\nmodels: [dominant]\nstrata:\n  ethnicity: {}\n"
    config += "  group: {column: ethnicity, groups: {Any: [Dane, Thai]}}\n"
    config += "diagnostics: [funnel]\nsimulated: true\n"
    pools = make_pools({"a.csv": header + "".join(rows)}, config)
    stems = [figure.stem for figure in draw_diagnostics(pools, tmp_path / "figures")]
    assert stems == ["funnel.C.dominant.overall", "funnel.C.dominant.ethnicity"]
    assert all(question.simulated for _, _, question, _ in asked)
    assert all(question.locus.startswith("Simulated data") for _, _, question, _ in asked)
