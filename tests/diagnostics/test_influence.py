"""Deletion diagnostics against metafor's `influence` and against their definitions."""

import json
from pathlib import Path

import numpy as np
import pytest

from genopool.diagnostics.influence import influence
from genopool.pooling.inverse_variance import pool

#: metafor deletes each study with REML at its default threshold; see test_sensitivity. Measured on
#: the overdominant CASP8 case, where tau² is barely above 0 without a study.
ATOL = 2e-3
RTOL_OF_EQUAL_EFFECTS = 1e-10


def test_agrees_with_metafor(case):
    ours = influence(case.log_or, case.variance, tau2="REML")
    for field in ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "hat"):
        reference = case.of_studies("influence_reml", field)
        known = ~np.isnan(reference)
        assert known.any()
        assert np.abs(getattr(ours, field)[case.there] - reference)[known].max() <= ATOL, field


MARKED = json.loads((Path(__file__).parents[1] / "reference" / "influence.json").read_text())
#: metafor and ours both solve REML to 1e-10 or better here.
RTOL_OF_MARKED = 1e-6


@pytest.mark.parametrize("fit", MARKED["influence"], ids=lambda f: f"{f['name']}-{f['method']}")
def test_marks_the_studies_that_metafor_marks(fit):
    ours = influence(fit["yi"], fit["vi"], tau2=fit["method"])
    for field in ("dfbetas", "dffits", "cook_d", "hat"):
        assert getattr(ours, field) == pytest.approx(fit[field], rel=RTOL_OF_MARKED, abs=1e-8)
    assert ours.is_influential.tolist() == fit["is_influential"]


def test_equal_effects_by_definition():
    """Without tau² every diagnostic has a closed form."""
    rng = np.random.default_rng(6)
    y, v = rng.normal(size=7), rng.uniform(0.1, 1, 7)
    ours = influence(y, v, tau2="EE")
    w = 1 / v
    mean = (w * y).sum() / w.sum()
    for i in range(7):
        rest = np.arange(7) != i
        others = (w * y)[rest].sum() / w[rest].sum()
        of_others = 1 / w[rest].sum()
        expected = {
            "rstudent": (y[i] - others) / np.sqrt(v[i] + of_others),
            "dffits": (mean - others) / np.sqrt(w[i] / w.sum() * v[i]),
            "cook_d": (mean - others) ** 2 * w.sum(),
            "cov_r": w.sum() / w[rest].sum(),
            "q_del": (w[rest] * (y[rest] - others) ** 2).sum(),
            "hat": w[i] / w.sum(),
        }
        for field, value in expected.items():
            assert getattr(ours, field)[i] == pytest.approx(value, rel=RTOL_OF_EQUAL_EFFECTS), field
    assert np.isnan(ours.tau2_del).all()


def test_a_planted_outlier_stands_out():
    y = np.array([0.1, 0.12, 0.08, 0.11, 1.5, 0.09])
    ours = influence(y, np.full(6, 0.02))
    assert np.argmax(np.abs(ours.rstudent)) == 4 and ours.rstudent[4] > 5
    assert ours.tau2_del[4] == 0 and (ours.tau2_del[[0, 1, 2, 3, 5]] > 0.1).all()


def test_absent_studies_and_leading_axes():
    y = np.array([[0.1, np.nan, 0.4, 0.2], [0.1, 0.3, np.nan, np.nan]])
    v = np.where(np.isnan(y), np.nan, 0.1)
    both = influence(y, v)
    alone = influence([0.1, 0.4, 0.2], [0.1] * 3)
    for field in ("rstudent", "cook_d", "hat"):
        found = getattr(both, field)
        assert found[0][[0, 2, 3]] == pytest.approx(getattr(alone, field))
        assert np.isnan(found[0, 1]) and np.isnan(found[1, 2:]).all()
    assert (both.hat[1, :2] == pool(y, v).weights[1, :2]).all()


def test_one_study_has_none():
    ours = influence([0.3], [0.1])
    assert all(np.isnan(values).all() for values in vars(ours).values())
    assert not ours.is_influential.any()
