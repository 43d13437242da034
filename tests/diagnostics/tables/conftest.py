"""The pools of made-up projects, as the tables of diagnostics take them."""

import pytest

from genopool.analysis import analyse_locus
from genopool.diagnostics.tables.pools import pools_of
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

DOMINANT = "loci: {SNP: {alleles: A/C}}\nmodels: [dominant]\n"


@pytest.fixture
def make_pools(make_project):
    """Pools of a locus, the first if none is named, from the text of a table, or of several."""

    def make(table, config=DOMINANT, locus=""):
        files = table if isinstance(table, dict) else {"a.csv": table}
        project = make_project(files, config)
        tables = read_studies(project)
        assert not errors(tables.findings), errors(tables.findings)
        locus = locus or next(iter(project.config.loci))
        return pools_of(project.config, locus, analyse_locus(project.config, locus, tables))

    return make


@pytest.fixture
def pools_of_case(make_pools):
    """The pools of a case of the reference; its studies S0, S1, … have the years 1900, 1901, …"""

    def make(case, pooling="tau2: REML, interval: wald"):
        rows = "study,locus,year,cases_AC+CC,cases_AA,controls_AC+CC,controls_AA\n"
        for i, cells in enumerate(zip(*case.table, strict=True)):
            rows += f"S{i},SNP,{1900 + i},{','.join(f'{cell:.0f}' for cell in cells)}\n"
        return make_pools(rows, DOMINANT + f"pooling: {{{pooling}}}\n")

    return make
