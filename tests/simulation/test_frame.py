"""Who is studied: shares kept, people counted once, rows that the design asks for."""

import numpy as np
import pytest

from genopool.simulation.frame import draw_studies, quota, whole_parts


@pytest.mark.parametrize(
    ("total", "shares", "expected"),
    [
        (10, [0.5, 0.5], [5, 5]),
        (10, [1, 1, 1], [4, 3, 3]),
        (7, [0.7, 0.3], [5, 2]),
        (0, [0.2, 0.8], [0, 0]),
        (3, [0.0, 1.0], [0, 3]),
    ],
)
def test_whole_parts_add_up(total, shares, expected):
    assert whole_parts(total, shares) == expected


def test_quota_keeps_shares_and_draws_who():
    rng = np.random.default_rng(1)
    drawn = [quota(rng, {"a": 0.25, "b": 0.75}, 8) for _ in range(20)]
    assert all(sorted(values) == ["a"] * 2 + ["b"] * 6 for values in drawn)
    assert len(set(map(tuple, drawn))) > 5


def test_studies_of_a_design(make_design):
    design = make_design().design
    studies = draw_studies(design)
    assert [study.name for study in studies[:2]] == ["Simulated 01", "Simulated 02"]
    assert [study.ancestry for study in studies].count("European") == 6
    assert [s.columns["control_source"] for s in studies].count("hospital") == 6
    for study in studies:
        cases, controls = sum(study.cases.values()), sum(study.controls.values())
        assert 100 <= cases <= 1500
        assert 0.8 * cases - 1 <= controls <= 1.4 * cases + 1
        assert 2001 <= int(study.columns["year"]) <= 2012
        # two divisions of the cases, one of the controls
        assert len(study.cases) == 4 and len(study.controls) == 2


def test_rows_that_studies_report(make_design):
    studies = draw_studies(make_design().design)
    names = [[p.name for p in study.populations] for study in studies]
    menopausal = [row for row in names if "premenopausal" in row]
    assert len(menopausal) == 6
    assert all("postmenopausal" in row for row in menopausal)
    # Never the parts of two divisions without the whole that tells that they overlap.
    assert all("" in row for row in names if {"premenopausal", "ER-positive"} <= set(row))
    assert sum("" not in row for row in names) in (2, 3)


def test_parts_that_share_controls_name_them(make_design):
    for study in draw_studies(make_design().design):
        groups = {p.name: p.control_group for p in study.populations}
        if "ER-positive" in groups:
            assert {groups[name] for name in ("", "ER-positive", "ER-negative")} == {study.name}
            assert groups.get("premenopausal", "") == ""
        else:
            assert set(groups.values()) == {""}
