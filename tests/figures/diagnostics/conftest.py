"""Pools of studies to draw the diagnostic figures of."""

import pytest

from genopool.analysis import analyse_locus
from genopool.config import load
from genopool.diagnostics.tables.pools import pools_of
from genopool.studies.reading import read_studies


def analysed(project, locus):
    return pools_of(
        project.config,
        locus,
        analyse_locus(project.config, locus, read_studies(project, locus=locus)),
    )


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
