"""Small projects of one variant, and the findings of one check about them."""

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
