"""`influence.tsv` against metafor, and what it says where there is nothing to measure."""

import math

import numpy as np
import pytest

from genopool.diagnostics.tables.columns import INFLUENCE_COLUMNS
from genopool.diagnostics.tables.influence import MEASURES, influence_rows

#: As in tests/diagnostics/test_influence.py: metafor's default threshold.
ATOL = 2e-3
HEADER = "study,locus,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
ALIKE = ["40,50,20,60,70,25", "35,52,22,58,74,26", "44,49,18,55,66,30"]


def counts(*rows):
    return HEADER + "".join(f"S{i},SNP,{row}\n" for i, row in enumerate(rows))


def test_agrees_with_metafor(case, pools_of_case):
    rows = influence_rows(pools_of_case(case))
    assert [row["study"] for row in rows] == [f"S{i}" for i in np.flatnonzero(case.there)]
    for field in ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "hat"):
        reference = case.of_studies("influence_reml", field)
        known = ~np.isnan(reference)
        ours = np.array([row[field] for row in rows])
        assert known.any() and np.abs(ours - reference)[known].max() <= ATOL, field
    weights = np.array([row["weight"] for row in rows])
    assert weights == pytest.approx(case.of_studies("influence_reml", "weight"), abs=100 * ATOL)


def test_a_planted_outlier_is_marked_and_no_other(make_pools):
    rows = influence_rows(make_pools(counts(*ALIKE, "10,60,60,80,60,12", *ALIKE)))
    assert {row["study"]: row["is_influential"] for row in rows} == {
        f"S{i}": "yes" if i == 3 else "no" for i in range(7)
    }
    assert sum(row["weight"] for row in rows) == pytest.approx(100)
    assert all(set(row) == set(INFLUENCE_COLUMNS) for row in rows)


def test_one_study_has_a_reason_and_no_measure(make_pools):
    (row,) = influence_rows(make_pools(counts(ALIKE[0])))
    assert all(math.isnan(row[name]) for name in MEASURES)
    assert (row["weight"], row["is_influential"]) == (100, "")
    assert row["reason"] == "one study: nothing is left without it"


def test_two_studies_leave_no_heterogeneity(make_pools):
    rows = influence_rows(make_pools(counts(*ALIKE[:2])))
    assert all(math.isnan(row["tau2_del"]) and row["rstudent"] == row["rstudent"] for row in rows)
    assert all("two studies" in row["reason"] for row in rows)


@pytest.mark.parametrize("pooling", ["tau2: EE", "method: peto", "method: exact", "method: bayes"])
def test_methods_without_a_tau2_say_so(make_pools, pooling):
    config = f"loci: {{SNP: {{alleles: A/C}}}}\nmodels: [dominant]\npooling: {{{pooling}}}\n"
    rows = influence_rows(make_pools(counts(*ALIKE), config))
    is_own = pooling == "tau2: EE"
    said = "equal effects" if is_own else "of the inverse-variance pool with REML"
    for row in rows:
        assert said in row["reason"]
        assert math.isnan(row["tau2_del"]) == is_own and row["cook_d"] >= 0


def test_no_pool_has_no_rows(make_pools):
    assert influence_rows(make_pools(counts("10,0,0,10,0,0"))) == []
