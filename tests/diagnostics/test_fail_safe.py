"""Fail-safe N against metafor's."""

import numpy as np
import pytest

from genopool.diagnostics.fail_safe import fail_safe_n

SETS = ("bcg", "nielweise2007", "made_up")


@pytest.mark.parametrize("name", SETS)
def test_agrees_with_metafor(credibility, name):
    data = credibility["sets"][name]
    y, v, fsn = data["yi"], data["vi"], data["fsn"]
    ours = fail_safe_n(y, v)
    for kind in ("rosenthal", "orwin", "rosenberg"):
        assert getattr(ours, kind) == fsn[kind]
    assert fail_safe_n(y, v, alpha=0.01).rosenthal == fsn["rosenthal_01"]
    assert fail_safe_n(y, v, target=np.log(1.1)).orwin == fsn["orwin_target"]
    assert fail_safe_n(y, v, target=-np.log(1.1)).orwin == fsn["orwin_target"]


def test_adding_that_many_null_studies_loses_significance(credibility):
    data = credibility["sets"]["made_up"]
    z = np.array(data["yi"]) / np.sqrt(data["vi"])
    n = int(fail_safe_n(data["yi"], data["vi"]).rosenthal)
    assert z.sum() / np.sqrt(z.size + n) < 1.6448536 < z.sum() / np.sqrt(z.size + n - 1)


def test_sets_and_what_is_not_there():
    y, v = [[0.5, 0.6, np.nan], [np.nan] * 3], [[0.01, 0.02, np.nan], [np.nan] * 3]
    ours = fail_safe_n(y, v)
    assert ours.k.tolist() == [2, 0]
    assert ours.rosenthal[0] == fail_safe_n([0.5, 0.6], [0.01, 0.02]).rosenthal > 0
    assert np.isnan([ours.rosenthal[1], ours.orwin[1], ours.rosenberg[1], ours.target[1]]).all()
    assert fail_safe_n([0.1], [0.1], target=0).orwin == np.inf
    assert fail_safe_n([0.1], [1.0]).rosenthal == 0
    assert "heterogeneity" in ours.caution


@pytest.mark.parametrize("choices", [{"alpha": 0}, {"alpha": "0.05"}, {"target": np.inf}])
def test_errors(choices):
    with pytest.raises(ValueError, match=r"alpha|target"):
        fail_safe_n([0.1], [0.1], **choices)
