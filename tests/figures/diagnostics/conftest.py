"""Pools of studies to draw the diagnostic figures of."""

import csv
import json

import numpy as np
import pytest

from genopool.analysis import analyse_locus
from genopool.config import OVERALL, load
from genopool.diagnostics.tables.pools import pools_of
from genopool.figures.diagnostics.registry import DRAWERS
from genopool.figures.drawing import question_of
from genopool.studies.reading import read_studies


def analysed(project, locus):
    return pools_of(
        project.config,
        locus,
        analyse_locus(project.config, locus, read_studies(project, locus=locus)),
    )


@pytest.fixture(scope="session")
def picture_of(drawn):
    """A kind of figure of an overall pool, taken apart: `picture_of(pools, kind, model)`."""

    def picture(pools, kind, model="dominant", stratifier=OVERALL):
        i = overall(pools, model)
        row = pools.rows[i]
        asked = question_of(pools.config, pools.locus, row["effect_allele"], model, pools.results)
        drawer = DRAWERS[kind]
        assert drawer.why_not(pools, i) == ""
        return drawn(drawer.draw(pools, i, asked, stratifier))

    return picture


def overall(pools, model):
    """The index of the overall pool of a model."""
    return next(
        i
        for i, row in enumerate(pools.rows)
        if (row["model"], row["stratifier"]) == (model, OVERALL)
    )


@pytest.fixture(scope="session")
def metafor_il8(repository):
    """metafor's results on the 26 studies, by model; of the other allele, so that signs differ."""
    text = (repository / "tests" / "reference" / "metafor.json").read_text()
    cases = json.loads(text)["cases"]
    return {name.partition(".")[2]: case for name, case in cases.items() if "il8" in name}


@pytest.fixture(scope="session")
def il8_pools(repository):
    """Zhang et al. 2015: 26 studies, by ethnicity and more."""
    return analysed(
        load(repository / "examples" / "il8_gastric_cancer" / "config.yaml"), "IL8_-251A-T"
    )


@pytest.fixture
def make_pools(make_project):
    """Pools of the first locus of a project: `make_pools({"a.csv": "…"}, config)`."""

    def make(tables, config):
        project = make_project(tables, config)
        return analysed(project, next(iter(project.config.loci)))

    return make


HOSTILE = "Cost $5_a^2 <b>&amp; 王 🎉 and many, many others of the consortium"
SNP = "outcome: gastric cancer\nloci:\n  IL8: {label: IL-8 -251A/T, alleles: A/T}\n"
SNP += "models: [dominant]\n"
HEADER = "study,locus,year,cases_AA,cases_AT,cases_TT,controls_AA,controls_AT,controls_TT"


def _il8_rows(repository, studies=None):
    """Zhang et al. 2015 with made-up years, two studies to a year."""
    with open(repository / "tests" / "data" / "il8_zhang2015.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:studies]
    cells = [f"{group}_{g}" for group in ("cases", "controls") for g in ("AA", "AT", "TT")]
    return [
        [row["study"], "IL8", 2000 + (7 * j) % 13, *(row[cell] for cell in cells)]
        for j, row in enumerate(rows)
    ]


def _simulated_rows(studies):
    rng = np.random.default_rng(11)
    rows = []
    for j in range(studies):
        p, people = rng.uniform(0.25, 0.6), int(rng.lognormal(6, 0.8)) + 40
        f = 0.3 if j % 9 == 0 else 0.0
        controls = np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])
        controls += f * p * (1 - p) * np.array([1, -2, 1])
        cases = controls * np.exp(np.arange(3) * rng.normal(0.15, 0.2))
        drawn = (rng.multinomial(people, c / c.sum()) for c in (cases, controls))
        rows.append([f"Study {j:02d}", "IL8", 1995 + j // 3, *np.concatenate(list(drawn))])
    return rows


_EXTREME = [
    ["Tiny A", "IL8", 2001, 9, 1, 0, 1, 6, 4],
    ["Tiny B", "IL8", 2002, 0, 3, 9, 9, 2, 0],
    ["Big", "IL8", 2003, 3000, 4000, 1200, 5000, 6000, 1500],
    ["No heterozygote", "IL8", 2004, 12, 0, 1, 20, 0, 3],
    ["Rare", "IL8", 2005, 400, 3, 0, 500, 2, 0],
    ["Heterozygotes only", "IL8", 2006, 2, 50, 1, 1, 60, 2],
    ["Huge", "IL8", 2007, 40000, 50000, 12000, 31000, 60000, 9000],
]


@pytest.fixture(scope="session")
def case_pools(repository, tmp_path_factory):
    """Pools of a SNP's dominant model by the name of a case; `extra` is added to its config."""

    def build(case, extra="", rows=None):
        if rows is None:
            rows = {
                "il8": lambda: _il8_rows(repository),
                "two": lambda: _il8_rows(repository, 2),
                "three": lambda: _il8_rows(repository, 3),
                "sixty": lambda: _simulated_rows(60),
                "extreme": lambda: _EXTREME,
                "long names": lambda: [
                    [f"{row[0]} {HOSTILE if j % 3 else HOSTILE * 2}", *row[1:]]
                    for j, row in enumerate(_il8_rows(repository, 12))
                ],
            }[case]()
        folder = tmp_path_factory.mktemp("case")
        (folder / "data" / "studies").mkdir(parents=True)
        with open(folder / "data" / "studies" / "a.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER.split(","), *rows])
        (folder / "config.yaml").write_text(SNP + extra)
        return analysed(load(folder / "config.yaml"), "IL8")

    return build


@pytest.fixture(scope="session")
def draw_kind(drawn):
    """Draw a kind of figure of a pool and take it apart."""

    def draw(pools, kind, i=0):
        row = pools.rows[i]
        question = question_of(
            pools.config, pools.locus, row["effect_allele"], row["model"], pools.results
        )
        drawer = DRAWERS[kind]
        assert drawer.why_not(pools, i) == ""
        return drawn(drawer.draw(pools, i, question, "overall"))

    return draw


@pytest.fixture(scope="session")
def at_ticks():
    """Where the tick marks of a figure stand, by their labels: `at_ticks(picture, "x")`."""

    def find(picture, axis, names=("axis", "y axis")):
        found = {}
        along, beside = (0, 1) if axis == "x" else (1, 0)
        centres = (picture.boxes[:, :2] + picture.boxes[:, 2:]) / 2
        for line in (line for name in names for line in picture.shapes(name)):
            span = np.abs(line[-1] - line[0])
            if len(line) == 2 and span[along] < 1e-6 and abs(span[beside] - 3) < 1e-6:
                end = line[np.abs(line[:, beside] - line[0, beside]).argmax()]
                near = np.abs(picture.boxes[:, [beside, beside + 2]] - end[beside]).min(axis=1)
                off = np.abs(centres[:, along] - end[along])
                (match,) = np.flatnonzero((off < 2) & (near < 8))[:1]
                found[picture.strings[match]] = float(line[0, along])
        return found

    return find


@pytest.fixture(scope="session")
def odds_at(at_ticks):
    """Odds ratios of places along the axis of odds ratios, from its tick marks."""

    def odds(picture, places, axis="x"):
        marks = {
            float(label): place
            for label, place in at_ticks(picture, axis).items()
            if label.replace(".", "").isdigit()
        }
        slope, start = np.polyfit(list(marks.values()), np.log(list(marks)), 1)
        return np.exp(start + slope * np.asarray(places))

    return odds
