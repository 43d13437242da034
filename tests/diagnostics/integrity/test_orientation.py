"""A/T and C/G variants: a study that counts the other allele is found, and never turned unasked."""

import numpy as np
import pytest
from scipy.stats import norm

from genopool.analysis import analyse_locus
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

HEADER = "study,locus,ethnicity,cases_AA,cases_AT,cases_TT,controls_AA,controls_AT,controls_TT\n"
CONFIG = """\
loci: {{PALINDROME: {{alleles: A/T{turn}}}}}
strata: {{ethnicity: {{}}}}
allele_frequency_by: ethnicity
models: [allelic]
"""


def counts(frequency, people=400):
    return [
        round(people * share)
        for share in ((1 - frequency) ** 2, 2 * frequency * (1 - frequency), frequency**2)
    ]


@pytest.fixture
def analyse(make_project):
    def run(frequencies, turn="", checks=""):
        rows = "".join(
            f"S{i},PALINDROME,X,{','.join(map(str, counts(f) * 2))}\n"
            for i, f in enumerate(frequencies)
        )
        project = make_project({"a.csv": HEADER + rows}, CONFIG.format(turn=turn) + checks)
        tables = read_studies(project)
        assert not errors(tables.findings)
        return tables, analyse_locus(project.config, "PALINDROME", tables)

    return run


def found(results, check):
    return [finding for finding in results.findings if finding.check == check]


def test_the_study_turned_round_is_found_and_pooled_as_given(analyse):
    _, results = analyse([0.2, 0.22, 0.25, 0.18, 0.79])
    (warning,) = found(results, "orientation")
    assert (warning.study, warning.severity) == ("S4", "warning")
    assert "0.79" in warning.message and "million" in warning.message
    used = [row for row in results.effects if row["stratifier"] == "overall"]
    assert used[4]["control_n2"] == counts(0.79)[2]


def test_a_frequency_out_of_line_but_not_turned_is_left_alone(analyse):
    assert not found(analyse([0.2, 0.22, 0.25, 0.18, 0.35])[1], "orientation")


@pytest.mark.parametrize("frequencies", [[0.2, 0.21, 0.8], [0.5, 0.45, 0.48, 0.52, 0.8]])
def test_what_cannot_be_told_is_noted(analyse, frequencies):
    _, results = analyse(frequencies)
    assert not found(results, "orientation")
    assert len(found(results, "orientation_unknown")) == len(frequencies)


def test_threshold_is_a_ratio_of_normal_densities(analyse):
    """A borderline study, against densities computed with scipy from statsmodels' pool."""
    from statsmodels.stats.meta_analysis import combine_effects

    frequencies = [0.35, 0.3, 0.38, 0.33]
    for last in (0.55, 0.6, 0.65, 0.7):
        numbers = np.array([counts(f) for f in [*frequencies, last]])
        carried, total = 2 * numbers[:, 2] + numbers[:, 1], 2 * numbers.sum(axis=1)
        y = np.log(carried / (total - carried))
        v = 1 / carried + 1 / (total - carried)
        others = combine_effects(y[:4], v[:4], method_re="iterated")
        spread = np.sqrt(max(others.tau2, 0) + others.sd_eff_w_re**2 + v[4])
        ratio = norm.pdf(-y[4], others.mean_effect_re, spread) / norm.pdf(
            y[4], others.mean_effect_re, spread
        )
        warned = [f.study for f in found(analyse([*frequencies, last])[1], "orientation")]
        if not 50 < ratio < 200:  # Paule-Mandel there, REML here
            assert ("S4" in warned) == (ratio > 100)


def test_turn_exchanges_the_alleles_and_says_so(analyse):
    tables, results = analyse([0.2, 0.22, 0.25, 0.18, 0.79], turn=", turn: [S4]")
    assert not found(results, "orientation")
    (note,) = [f for f in tables.findings if f.check == "turned_by_configuration"]
    assert note.study == "S4"
    used = [row for row in results.effects if row["stratifier"] == "overall"]
    assert [used[4][f"control_n{i}"] for i in range(3)] == counts(0.79)[::-1]
    assert {cell.label.text: cell.controls for cell in tables.counts[4].cells} == dict(
        zip(("TT", "AT", "AA"), counts(0.79), strict=True)
    )


def test_letters_that_tell_need_no_frequencies(make_project):
    content = HEADER.replace("_AT", "_AC").replace("_TT", "_CC")
    rows = "".join(f"S{i},SNP,Korean,{','.join(map(str, counts(0.8) * 2))}\n" for i in range(5))
    project = make_project({"a.csv": content + rows})
    results = analyse_locus(project.config, "SNP", read_studies(project))
    assert not found(results, "orientation") + found(results, "orientation_unknown")


def test_the_threshold_is_that_of_the_configuration_and_false_is_silent(analyse):
    frequencies = [0.2, 0.22, 0.25, 0.18, 0.79]
    assert found(analyse(frequencies)[1], "orientation")
    for checks in ("false", "{warning: 1.0e+300}"):
        results = analyse(frequencies, checks=f"checks: {{orientation: {checks}}}\n")[1]
        assert not found(results, "orientation")
    few = [0.2, 0.21, 0.8]
    assert found(analyse(few)[1], "orientation_unknown")
    results = analyse(few, checks="checks: {orientation: false}\n")[1]
    assert not found(results, "orientation_unknown")
