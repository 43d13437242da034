"""Projects whose studies are known, and what the sentinel says about them."""

import numpy as np
import pytest

from genopool.diagnostics.integrity.checks import check_across_loci, check_locus
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

GENOTYPES = "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"
#: Nine studies of IL8 -251 A/T in gastric cancer, as Zhang (2015) prints them, A written for A.
PUBLISHED = """\
Bo,36,108,64,26,96,68
Canedo,53,169,111,137,353,203
Crusius,48,113,75,250,574,315
de Oliveira,47,98,62,45,134,61
Felipe,22,49,33,41,71,38
Garcia-Gonzalez,65,200,139,76,195,133
Kamangar,22,57,43,24,74,82
Kang,50,165,115,31,170,156
Lee (a),79,136,31,53,184,71
"""
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


@pytest.fixture
def findings_of(make_project):
    """`findings_of(name, {"a.csv": text}, config)`: what a check finds, in all loci and across."""

    def run(name, tables, config="loci: {SNP: {alleles: A/C}}\nstrata: {ethnicity: {}}\n"):
        project = make_project(tables, config)
        read = read_studies(project)
        assert not errors(read.findings)
        found = [
            f for locus in project.config.loci for f in check_locus(project.config, locus, read)
        ]
        found += check_across_loci(project.config, read)
        return [finding for finding in found if finding.check == name]

    return run


@pytest.fixture
def counts():
    """A counts table of the locus SNP: one line a study, or the published ones and more."""

    def table(*lines, published=False):
        rows = PUBLISHED.splitlines() if published else []
        rows += [line for line in lines]
        return f"study,locus,{GENOTYPES}\n" + "".join(
            "{},SNP,{}\n".format(*row.split(",", 1)) for row in rows
        )

    return table
