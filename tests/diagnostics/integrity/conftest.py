"""Projects whose studies are known, and what the sentinel says about them."""

import numpy as np
import pytest

from genopool.diagnostics.integrity.checks import check_locus
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

CONFIG = """\
loci: {{SNP: {{alleles: {alleles}{more}}}}}
strata: {{ethnicity: {{}}}}
{by}
checks: {{{checks}}}
"""


def proportions(frequency, people):
    """Genotypes in Hardy-Weinberg proportions but for rounding, and a little off them."""
    n1 = round(people * 2 * frequency * (1 - frequency)) + 3
    n2 = round(people * frequency**2) - 1
    return [people - n1 - n2, n1, n2]


@pytest.fixture
def check(make_project):
    """Run the checks on rows of (label, stratum, cases, controls); returns the findings."""

    def run(rows, alleles="A/G", more="", by="allele_frequency_by: ethnicity", checks=""):
        one, other = alleles.split("/")
        genotypes = (one + one, one + other, other + other)
        header = ["study", "locus", "ethnicity"]
        header += [f"{side}_{g}" for side in ("cases", "controls") for g in genotypes]
        lines = [",".join(header)]
        lines += [",".join(map(str, (n, "SNP", s, *a, *b))) for n, s, a, b in rows]
        text = CONFIG.format(alleles=alleles, more=more, by=by, checks=checks)
        project = make_project({"a.csv": "\n".join(lines) + "\n"}, text)
        tables = read_studies(project)
        assert not errors(tables.findings)
        return check_locus(project.config, "SNP", tables)

    return run


@pytest.fixture
def studies():
    """Clean studies, each close to the others, as rows of `check`."""

    def make(k=8, frequency=0.25, ratio=1.5, people=600, stratum="X", seed=1):
        rng = np.random.default_rng(seed)
        rows = []
        for i in range(k):
            p = frequency + rng.uniform(-0.02, 0.02)
            odds = ratio * p / (1 - p)
            cases = proportions(odds / (1 + odds), people + 45 + 7 * i)
            rows.append((f"{stratum}{i}", stratum, cases, proportions(p, people + 11 * i)))
        return rows

    return make
