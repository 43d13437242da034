"""Pools of studies to draw the diagnostic figures of."""

import json

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
