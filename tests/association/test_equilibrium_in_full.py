"""The columns of `hwe.tsv` that no finding rests on."""

import math

import numpy as np
import pytest
from scipy import stats

from genopool.analysis import analyse_locus, check_input
from genopool.association import equilibrium_in_full
from genopool.association.equilibrium import HWE_COLUMNS
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

WIDE = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
LONG = "study,locus,genotype,cases,controls\n"


@pytest.fixture
def rows(make_project):
    """The rows of `hwe.tsv` of a locus."""

    def run(table, locus="SNP", extra=""):
        project = make_project({"a.csv": table})
        if extra:
            from genopool.config import load

            project.source.write_text(project.source.read_text() + extra)
            project = load(project.source)
        tables = read_studies(project)
        assert not errors(tables.findings), errors(tables.findings)
        return analyse_locus(project.config, locus, tables).hwe

    return run


def long(locus, people, study="S"):
    return "".join(f"{study},{locus},{genotype},5,{n}\n" for genotype, n in people.items())


def test_measures_by_their_definitions(rows):
    (row,) = rows(WIDE + "S,SNP,11,22,79,104,72,46\n")
    n0, n1, n2 = 104, 72, 46
    n, p = 222, (72 + 92) / 444
    assert list(row) and set(row) == set(HWE_COLUMNS)
    assert row["disequilibrium"] == pytest.approx(n2 / n - p**2)
    assert row["lindley_alpha"] == pytest.approx(math.log(4 * n0 * n2 / n1**2) / 2)
    expected = np.array([n * (1 - p) ** 2, 2 * n * p * (1 - p), n * p**2])
    chi2 = ((np.abs([n0, n1, n2] - expected) - 0.5) ** 2 / expected).sum()
    assert row["p_chi2_corrected"] == pytest.approx(stats.chi2.sf(chi2, 1), rel=1e-9)
    # Weir's variance at either limit of F makes the distance z standard errors
    f = row["inbreeding_coefficient"]
    for limit in (row["f_ci_low"], row["f_ci_high"]):
        variance = (1 - limit) ** 2 * (1 - 2 * limit)
        variance += limit * (1 - limit) * (2 - limit) / (2 * p * (1 - p))
        assert abs(f - limit) == pytest.approx(stats.norm.ppf(0.975) * math.sqrt(variance / n))
    assert row["test_all_alleles"] == "" and math.isnan(row["p_all_alleles"])
    assert row["reason"] == ""


def test_the_interval_has_the_configured_level(rows):
    wide = rows(WIDE + "S,SNP,11,22,79,104,72,46\n", extra="pooling: {level: 0.99}\n")[0]
    narrow = rows(WIDE + "S,SNP,11,22,79,104,72,46\n", extra="pooling: {level: 0.9}\n")[0]
    assert wide["f_ci_low"] < narrow["f_ci_low"] < narrow["f_ci_high"] < wide["f_ci_high"]


def test_what_does_not_exist_has_a_reason(rows):
    no_heterozygotes, one_allele, untested = rows(
        WIDE + "S,SNP,1,2,3,30,0,5\nT,SNP,1,2,3,30,0,0\nU,SNP,1,2,3,30,,5\n"
    )
    assert no_heterozygotes["reason"] == "nobody has one of the genotypes: no Lindley's alpha"
    assert math.isnan(no_heterozygotes["lindley_alpha"])
    assert no_heterozygotes["f_ci_low"] == no_heterozygotes["f_ci_low"]
    assert one_allele["reason"] == "one allele only: nothing to test"
    assert untested["reason"] == "not tested: AC is not reported"
    assert math.isnan(untested["disequilibrium"]) and math.isnan(untested["f_ci_high"])


#: Three alleles, five people: 17/17, 17/18, 18/19, 19/19, 19/19.
FEW = {"17/17": 1, "17/18": 1, "17/19": 0, "18/18": 0, "18/19": 1, "19/19": 2}


def enumerated(alleles):
    """Exact p of a sample given by its genes in pairs: all orders of the genes, by recursion."""

    def pairings(genes):
        if not genes:
            yield ()
            return
        first, rest = genes[0], genes[1:]
        for i, partner in enumerate(rest):
            for others in pairings(rest[:i] + rest[i + 1 :]):
                yield tuple(sorted([tuple(sorted((first, partner))), *others]))

    chance = {}
    for pairs in pairings(alleles):
        chance[pairs] = chance.get(pairs, 0) + 1
    observed = tuple(sorted(tuple(alleles[i : i + 2]) for i in range(0, len(alleles), 2)))
    total = sum(chance.values())
    return sum(n for n in chance.values() if n <= chance[observed]) / total


def test_all_alleles_of_a_repeat_exactly(rows):
    found = rows(LONG + long("CA", FEW), "CA")
    p = enumerated([17, 17, 17, 18, 18, 19, 19, 19, 19, 19])
    assert [row["effect_allele"] for row in found] == ["19", "<19"]
    for row in found:  # the same sample, whatever the effect allele
        assert row["p_all_alleles"] == pytest.approx(p, rel=1e-9)
        assert row["test_all_alleles"] == "exact"
        assert row["reason"].startswith("collapsed")


def test_all_alleles_of_a_repeat_that_nobody_lists_in_full(rows):
    # genotypes that nobody has need no row, and those of other studies are blank
    some = {genotype: n for genotype, n in FEW.items() if n}
    table = LONG + long("CA", some) + long("CA", {"20/20": 4, "20/21": 9, "21/21": 4}, "T")
    found = rows(table, "CA")
    p = enumerated([17, 17, 17, 18, 18, 19, 19, 19, 19, 19])
    assert found[0]["study"] == "S" and found[0]["p_all_alleles"] == pytest.approx(p, rel=1e-9)


def test_many_people_are_sampled_with_a_fixed_seed(rows):
    people = {"17/17": 90, "17/18": 160, "18/18": 120, "17/19": 240, "18/19": 330, "19/19": 260}
    first, again = (rows(LONG + long("CA", people), "CA")[0] for _ in range(2))
    assert first["test_all_alleles"] == "Monte Carlo"
    assert first["p_all_alleles"] == again["p_all_alleles"]
    # planted: no heterozygotes
    apart = {genotype: n for genotype, n in people.items() if genotype[:2] == genotype[3:]}
    (low, _) = rows(LONG + long("CA", apart), "CA")
    assert low["p_all_alleles"] < 1e-3


APOE = {"e2/e2": 1, "e2/e3": 1, "e2/e4": 0, "e3/e3": 0, "e3/e4": 1, "e4/e4": 2}


def test_all_alleles_of_a_listed_locus(rows):
    found = rows(LONG + long("APOE", APOE), "APOE")
    p = enumerated([2, 2, 2, 3, 3, 4, 4, 4, 4, 4])
    assert [row["p_all_alleles"] for row in found] == [pytest.approx(p, rel=1e-9)] * 2


@pytest.mark.parametrize(
    ("locus", "people", "reason"),
    [
        ("CA", {"19/19": 8, "19/non-19": 9, "non-19/non-19": 4}, "19/non-19 names a class"),
        ("CA", {"19/19": 8, "17/18+17/17": 4, "17/19": 9}, "is given only as a sum"),
        (
            "APOE",
            {"e2/e2+e2/e3": 5, "e2/e4": 6, "e3/e3": 4, "e3/e4": 8, "e4/e4": 9},
            "is given only as a sum",
        ),
    ],
)
def test_rows_that_do_not_give_pairs_say_so(rows, locus, people, reason):
    tested = [row for row in rows(LONG + long(locus, people), locus) if row["n0"] == row["n0"]]
    assert tested
    for row in tested:
        assert "all alleles are not tested together" in row["reason"] and reason in row["reason"]
        assert math.isnan(row["p_all_alleles"]) and row["test_all_alleles"] == ""


def test_checking_the_input_does_not_sample(make_project, monkeypatch):
    def refuse(*_):
        raise AssertionError("sampled")

    project = make_project({"a.csv": LONG + long("CA", FEW)})
    tables = read_studies(project)
    monkeypatch.setattr(equilibrium_in_full, "hwe_multiallelic", refuse)
    check_input(project, tables)
    with pytest.raises(AssertionError, match="sampled"):
        analyse_locus(project.config, "CA", tables)
