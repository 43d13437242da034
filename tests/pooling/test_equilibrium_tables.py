"""`hwe_pooled.tsv`: whose controls are pooled, and what comes out."""

import math

import numpy as np
import pytest

from genopool import pool
from genopool.analysis import analyse_locus
from genopool.pooling.equilibrium_tables import POOLED_HWE_COLUMNS
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

HEADER = "study,locus,population,ethnicity,menopausal_status,control_group,overlaps,"
HEADER += "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
KEPT, OUT = "72,96,32", "90,60,50"


def line(study, controls, population="", ethnicity="", status="", group="", overlaps=""):
    cells = study, "SNP", population, ethnicity, status, group, overlaps, "40,50,20", controls
    return ",".join(cells) + "\n"


@pytest.fixture
def pooled(make_project):
    """The rows of `hwe_pooled.tsv` by stratifier and stratum."""

    def run(*lines, header=HEADER, extra=""):
        project = make_project({"a.csv": header + "".join(lines)})
        if extra:
            from genopool.config import load

            project.source.write_text(project.source.read_text() + extra)
            project = load(project.source)
        tables = read_studies(project)
        assert not errors(tables.findings), errors(tables.findings)
        rows = analyse_locus(project.config, "SNP", tables).hwe_pooled
        assert all(set(row) == set(POOLED_HWE_COLUMNS) for row in rows)
        return {(row["stratifier"], row["stratum"]): row for row in rows}

    return run


def coefficient(text):
    """Nei's unbiased coefficient of inbreeding, and its variance in equilibrium."""
    n0, n1, n2 = (float(number) for number in text.split(","))
    n = n0 + n1 + n2
    p = (2 * n2 + n1) / (2 * n)
    return 1 - n1 / (2 * n * p * (1 - p) * 2 * n / (2 * n - 1)), 1 / n


ALL = ("overall", "all")


def test_is_the_pool_of_the_coefficients(pooled):
    texts = [KEPT, OUT, "50,40,10", "300,80,20"]
    rows = pooled(*(line(name, text) for name, text in zip("STUV", texts, strict=True)))
    f, v = np.transpose([coefficient(text) for text in texts])
    expected = pool(f, v)
    assert list(rows) == [ALL]
    row = rows[ALL]
    assert (row["k"], row["locus"], row["effect_allele"]) == (4, "SNP", "C")
    for name in POOLED_HWE_COLUMNS[5:-1]:
        assert row[name] == pytest.approx(float(getattr(expected, name)), rel=1e-9), name


def test_every_stratum_has_its_row_in_order(pooled):
    rows = pooled(
        line("S", KEPT, ethnicity="Korean"),
        line("T", OUT, ethnicity="European", status="pre"),
        line("U", KEPT, ethnicity="European"),
    )
    assert list(rows) == [
        ALL,
        ("ethnicity", "Caucasian"),
        ("ethnicity", "East Asian"),
        ("menopausal_status", "pre"),
        ("both", "Caucasian | pre"),
    ]
    assert [row["k"] for row in rows.values()] == [3, 2, 1, 1, 1]
    assert "one degree of freedom" in rows["ethnicity", "Caucasian"]["reason"]
    alone = rows["menopausal_status", "pre"]
    assert alone["estimate"] == pytest.approx(coefficient(OUT)[0])
    assert "one study" in alone["reason"] and math.isnan(alone["tau2"])


def test_a_control_group_counts_once(pooled):
    shared = (line("S", OUT, group="G"), line("T", OUT, group="G"), line("U", KEPT))
    assert pooled(*shared)[ALL]["k"] == 2
    one = pooled(line("S", OUT), line("U", KEPT))[ALL]
    assert pooled(*shared)[ALL]["estimate"] == pytest.approx(one["estimate"])


def test_a_stratum_has_the_shared_controls_of_its_own_rows(pooled):
    rows = pooled(line("S", OUT, group="G", status="pre"), line("T", OUT, group="G", status="post"))
    assert rows[ALL]["k"] == 1
    assert rows["menopausal_status", "pre"]["k"] == rows["menopausal_status", "post"]["k"] == 1


def test_nobody_is_counted_twice(pooled):
    whole = (line("S", "180,120,100", ethnicity="European"),)
    parts = (line("S", OUT, "x", status="pre"), line("S", OUT, "y", status="post"))
    other = (line("T", KEPT, overlaps="U"), line("U", "144,192,64"))
    rows = pooled(*whole, *parts, *other)
    f, v = np.transpose([coefficient("180,120,100"), coefficient("144,192,64")])
    assert rows[ALL]["k"] == 2
    assert rows[ALL]["estimate"] == pytest.approx(float(pool(f, v).estimate))
    assert rows["menopausal_status", "pre"]["k"] == 1


def test_mixed_ancestry_is_not_pooled_and_its_parts_are(pooled):
    rows = pooled(
        line("M", "180,120,100"),
        line("M", OUT, "x", "European"),
        line("M", OUT, "y", "Korean"),
        line("S", KEPT, ethnicity="European"),
    )
    assert rows[ALL]["k"] == 3
    assert "not pooled, mixed ancestry: M" in rows[ALL]["reason"]
    assert rows["ethnicity", "Caucasian"]["k"] == 2


def test_who_has_no_coefficient(pooled):
    row = pooled(line("S", "30,0,0"), line("T", KEPT), line("U", "30,,20"))[ALL]
    assert row["k"] == 1 and "one allele only, which have no coefficient: 1" in row["reason"]
    alleles = "study,locus,cases_A,cases_C,controls_A,controls_C\n"
    (nothing,) = pooled("S,SNP,10,20,30,40\n", header=alleles).values()
    assert (nothing["k"], nothing["reason"]) == (0, "no study gives its controls by genotype")
    assert math.isnan(nothing["estimate"])


def test_is_pooled_as_configured(pooled):
    texts = [KEPT, OUT, "50,40,10"]
    lines = [line(name, text) for name, text in zip("STU", texts, strict=True)]
    f, v = np.transpose([coefficient(text) for text in texts])
    for extra, choices in (
        ("pooling: {tau2: DL, interval: wald, level: 0.9}\n", {"tau2": "DL", "interval": "wald"}),
        ("models: [dominant]\npooling: {method: UM.FS, level: 0.9}\n", {}),
        ("pooling: {tau2: EE, level: 0.9}\n", {"tau2": "EE"}),
    ):
        row = pooled(*lines, extra=extra)[ALL]
        expected = pool(f, v, level=0.9, **choices)
        assert row["ci_high"] == pytest.approx(float(expected.ci_high), rel=1e-9)
    assert "equal effects" in row["reason"] and math.isnan(row["tau2"])


def test_a_planted_common_cause_is_seen(pooled):
    """Each study alone is within chance of equilibrium; together they are not."""
    slight = "75,86,39"  # F = 0.11 with 200 people: p = 0.12
    row = pooled(*(line(f"S{i}", slight) for i in range(40)), extra="pooling: {tau2: EE}\n")[ALL]
    f, v = coefficient(slight)
    z = f / math.sqrt(v / 40)
    assert row["p_value"] == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=1e-6) and z > 5
