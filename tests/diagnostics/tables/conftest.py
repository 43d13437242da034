"""Pooled results of projects that a test makes up."""

import pytest

from genopool.analysis import analyse_locus
from genopool.diagnostics.tables.pools import pools_of
from genopool.studies.reading import read_studies


@pytest.fixture
def make_pools(make_project):
    """A function from study tables and a configuration to the pools of its first locus."""

    def make(tables, config):
        project = make_project(tables, config)
        locus = next(iter(project.config.loci))
        results = analyse_locus(project.config, locus, read_studies(project))
        return pools_of(project.config, locus, results)

    return make
