"""The list of small-study tests: each row is its own function's answer, in the order advised."""

import numpy as np
import pytest

from genopool.diagnostics import funnel_regression, rank_tests
from genopool.diagnostics.small_study import STANDARD_TESTS, TESTS, small_study_tests
from genopool.diagnostics.trim_and_fill import trim_and_fill


def rows(case, **choices):
    found = small_study_tests(*case.table, case.log_or, case.variance, **choices)
    return {row.test: row for row in found}


def test_the_recommended_come_first_and_egger_last_of_the_tests():
    assert TESTS[:3] == ("harbord", "peters", "ruecker")
    asymmetry = ["deeks", "schwarzer", "macaskill", "thompson", "egger_mixed", "begg", "egger"]
    assert list(TESTS[3:10]) == asymmetry
    assert set(STANDARD_TESTS) < set(TESTS)
    assert not {"copas", "step_selection", "beta_selection"} & set(STANDARD_TESTS)


def test_rows_agree_with_r(case):
    ours = rows(case, tests=STANDARD_TESTS)
    assert tuple(ours) == STANDARD_TESTS
    for name in ("harbord", "peters", "deeks", "macaskill"):
        reference = case.reference[f"bias_{name}"]
        assert ours[name].statistic == pytest.approx(reference["statistic"], rel=1e-8, abs=1e-10)
        assert ours[name].p_value == pytest.approx(reference["p_value"], rel=1e-7)
        assert ours[name].df == reference["df"]
    assert ours["egger"].p_value == pytest.approx(case.reference["egger_lm"]["p_value"], rel=1e-7)
    assert ours["pet"].adjusted_log_or == pytest.approx(
        case.reference["egger_lm"]["limit_estimate"], rel=1e-7
    )
    filled = case.reference["trim_and_fill_reml_L0"]
    row = ours[f"trim_and_fill_L0_{filled['side']}"]
    assert row.k_filled == filled["k0"]
    # metafor stops its REML at 1e-5
    assert row.adjusted_log_or == pytest.approx(filled["estimate"], rel=1e-3)


def test_adjusted_rows_have_what_their_functions_say(reference_case):
    bcg = reference_case("bcg")
    ours = rows(bcg)
    fit = trim_and_fill(bcg.log_or, bcg.variance, estimator="R0", side="left").fit
    row = ours["trim_and_fill_R0_left"]
    assert (row.adjusted_log_or, row.ci_low) == (float(fit.estimate), float(fit.ci_low))
    for name in ("pet_peese", "limit_meta_analysis", "step_selection", "copas"):
        row = ours[name]
        assert row.reason == "" and row.ci_low < row.adjusted_log_or < row.ci_high, name
        assert row.k_filled == -1


def test_few_studies_get_the_caution_and_many_do_not():
    rng = np.random.default_rng(1)
    for k in (9, 10):
        table = rng.integers(20, 300, (4, k)).astype(float)
        y, v = np.log(table[0] * table[3] / table[1] / table[2]), (1 / table).sum(axis=0)
        found = small_study_tests(*table, y, v, tests=STANDARD_TESTS)
        assert all(("fewer than 10 studies" in row.caution) == (k < 10) for row in found)


def test_heterogeneity_is_cautioned_but_in_ruecker(reference_case):
    ours = rows(reference_case("bcg"), tests=STANDARD_TESTS)  # tau² 0.3
    assert "heterogeneity can look like asymmetry" in ours["harbord"].caution
    assert "heterogeneity can look like asymmetry" not in ours["ruecker"].caution
    assert "finds asymmetry too often" in ours["egger"].caution
    assert "finds asymmetry too often" not in ours["harbord"].caution


def test_studies_of_one_size_have_no_funnel():
    table = np.tile([[30.0], [70], [25], [75]], (1, 12)) + np.arange(12) % 3
    y, v = np.log(table[0] * table[3] / table[1] / table[2]), (1 / table).sum(axis=0)
    found = small_study_tests(*table, y, v, tests=["harbord"])
    assert "no funnel to look at" in found[0].caution


def test_reported_estimates_count_where_no_table_is_needed(reference_case):
    bcg = reference_case("bcg")
    table = [np.where(np.arange(13) < 3, np.nan, cell) for cell in bcg.table]
    found = small_study_tests(*table, bcg.log_or, bcg.variance, tests=["harbord", "begg"])
    assert [row.k for row in found] == [10, 13]
    alone = funnel_regression.harbord(*[cell[3:] for cell in bcg.table])
    assert found[0].p_value == pytest.approx(float(alone.p_value), rel=1e-10)
    assert found[1].p_value == float(rank_tests.begg(bcg.log_or, bcg.variance).p_value)


def test_divided_controls_leave_out_what_needs_whole_counts():
    table = np.array([[10, 20, 30.0], [30, 40, 20], [7.5, 12, 14], [22.5, 41, 18]])
    found = small_study_tests(*table, [0.1, 0.3, 0.2], [0.1, 0.2, 0.4], tests=["schwarzer"])
    assert found[0].reason == "counts are not whole (controls are shared between rows)"


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_too_few_studies_get_reasons(k, reference_case):
    bcg = reference_case("bcg")
    table = [cell[:k] for cell in bcg.table]
    found = small_study_tests(*table, bcg.log_or[:k], bcg.variance[:k])
    assert [row.test for row in found] == list(TESTS)
    for row in found:
        answered = np.isfinite([row.p_value, row.adjusted_log_or]).any()
        assert answered != bool(row.reason), row


def test_order_of_the_choice_does_not_matter(reference_case):
    assert list(rows(reference_case("bcg"), tests=["egger", "harbord"])) == ["harbord", "egger"]


def test_impossible_input():
    with pytest.raises(ValueError, match="unknown test 'eggers'; did you mean 'egger'"):
        small_study_tests([1], [1], [1], [1], [0.1], [0.1], tests=["eggers"])
    with pytest.raises(ValueError, match="expected one value a study"):
        small_study_tests([1], [1], [1], [1], [0.1, 0.2], [0.1, 0.2])
