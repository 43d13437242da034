"""Errors planted in one study of a clean set are found, named, and blamed on that study alone."""

import numpy as np
import pytest

from genopool.diagnostics.integrity.checks import check_locus
from genopool.studies.reading import read_studies


def warnings_of(findings):
    return [f for f in findings if f.severity == "warning"]


def only(findings, check, study):
    (warning,) = warnings_of(findings)
    assert (warning.check, warning.study) == (check, study)
    assert warning.message and warning.why and warning.action and warning.expected
    assert warning.file == "a.csv" and warning.row
    return warning


def with_study(rows, i, cases=None, controls=None, stratum=None):
    name, of, a, b = rows[i]
    rows = list(rows)
    rows[i] = (name, stratum or of, list(cases or a), list(controls or b))
    return rows


def test_clean_studies_are_left_alone(check, studies):
    for seed in range(5):
        assert not warnings_of(check(studies(seed=seed)))


def test_alleles_turned_round_are_found_though_the_letters_tell(check, studies):
    rows = studies()
    rows = with_study(rows, 3, rows[3][2][::-1], rows[3][3][::-1])
    warning = only(check(rows), "orientation", "X3")
    assert "7 other studies of X" in warning.message and "turned round" in warning.message


def test_cases_and_controls_exchanged(check, studies):
    rows = studies(ratio=1.8)
    rows = with_study(rows, 2, rows[2][3], rows[2][2])
    warning = only(check(rows), "cases_and_controls", "X2")
    assert "cases and controls exchanged" in warning.message


def test_one_sides_columns_turned(check, studies):
    rows = studies()
    rows = with_study(rows, 5, controls=rows[5][3][::-1])
    warning = only(check(rows), "columns", "X5")
    assert "controls_AA, controls_GG" in warning.message


def test_heterozygotes_in_the_column_of_homozygotes(check, studies):
    rows = studies(frequency=0.15)
    order = (1, 0, 2)
    rows = with_study(rows, 5, *([side[i] for i in order] for side in rows[5][2:]))
    warning = only(check(rows), "columns", "X5")
    for side, numbers in zip(("cases", "controls"), studies(frequency=0.15)[5][2:], strict=True):
        assert f"{side} {', '.join(map(str, numbers))}" in warning.expected


def test_a_genotype_exchanged_between_cases_and_controls(check, studies):
    rows = studies(ratio=2.2)
    cases, controls = list(rows[1][2]), list(rows[1][3])
    cases[0], controls[0] = controls[0], cases[0]
    warning = only(check(with_study(rows, 1, cases, controls)), "exchanged_genotype", "X1")
    assert "cases_AA, controls_AA" in warning.message


@pytest.mark.parametrize(("slip", "say"), [("transposed", "other order"), ("doubled", "twice")])
def test_an_error_in_a_digit_names_the_cell_and_the_number(check, studies, slip, say):
    rows = studies(people=1000)
    controls = list(rows[4][3])
    right = str(controls[1])
    assert right[0] != right[1]
    controls[1] = int(
        right[1] + right[0] + right[2:] if slip == "transposed" else right + right[-1]
    )
    warning = only(check(with_study(rows, 4, controls=controls)), "digits", "X4")
    assert (warning.column, warning.value) == ("controls_AG", str(controls[1]))
    assert right in warning.expected and say in warning.message


def test_controls_copied_into_the_cases(check, studies):
    rows = studies(ratio=1.1)
    warning = only(check(with_study(rows, 0, cases=rows[0][3])), "cases_equal_controls", "X0")
    assert ", ".join(map(str, rows[0][3])) in warning.message


def test_heterozygotes_read_as_homozygotes(check, studies):
    rows = studies()
    sides = []
    for n0, n1, n2 in rows[6][2:]:
        lost = n1 // 4
        sides.append([n0 + lost // 2, n1 - lost, n2 + lost - lost // 2])
    warning = only(check(with_study(rows, 6, *sides)), "heterozygotes", "X6")
    share = float(warning.message.split("%")[0].split()[-1])
    assert share == pytest.approx(25, abs=5)


def test_a_study_of_the_other_stratum(check, studies):
    rows = [*studies(6, 0.12), *studies(6, 0.42, stratum="Y")]
    warning = only(check(with_study(rows, 2, stratum="Y")), "ethnicity_label", "X2")
    assert warning.expected == "X" and warning.value == "Y" and warning.column == "ethnicity"


def test_a_frequency_that_nothing_explains(check, studies):
    rows = studies(10, 0.15, 1.0)
    other = studies(1, 0.36, 1.0)[0]
    warning = only(check(with_study(rows, 4, *other[2:])), "allele_frequency", "X4")
    assert "turned round it fits no better" in warning.message


def test_an_odds_ratio_that_nothing_explains(check, studies):
    rows = studies(12, 0.25, 1.0)
    other = studies(1, 0.25, 4.0, seed=2)[0]
    warning = only(check(with_study(rows, 4, *other[2:])), "outlying_effect", "X4")
    assert "studentised residual" in warning.message


def test_computed_genotypes(check, studies):
    rows = studies(people=3000)
    sides = []
    for numbers in rows[3][2:]:
        n = sum(numbers)
        p = (2 * numbers[2] + numbers[1]) / (2 * n)
        n1, n2 = round(2 * n * p * (1 - p)), round(n * p * p)
        sides.append([n - n1 - n2, n1, n2])
    warning = only(check(with_study(rows, 3, *sides)), "too_good", "X3")
    assert "computed" in warning.why


# Several studies wrong at once.


def mirrored_studies(studies, turned):
    rows = studies(9, 0.28, 1.2)
    for i in turned:
        rows = with_study(rows, i, rows[i][2][::-1], rows[i][3][::-1])
    return rows


def test_six_of_nine_turned_round_concern_all_nine(check, studies):
    rows = mirrored_studies(studies, range(3, 9))
    found = [f for f in warnings_of(check(rows, alleles="A/T")) if f.check == "orientation"]
    assert sorted(f.study for f in found) == [f"X{i}" for i in range(9)]
    for finding in found:
        assert "X0, X1, X2" in finding.message and "X3, X4, X5, X6, X7, X8" in finding.message
        assert "cannot say which" in finding.message and "frequencies:" in finding.action


@pytest.mark.parametrize("alleles", ["A/T", "A/G"])
def test_a_reference_frequency_settles_which_are_turned(check, studies, alleles):
    rows = mirrored_studies(studies, range(3, 9))
    found = warnings_of(check(rows, alleles=alleles, more=", frequencies: {x: 0.27}"))
    assert {f.check for f in found} == {"orientation"}
    assert sorted(f.study for f in found) == [f"X{i}" for i in range(3, 9)]
    assert all("0.27 in the population" in f.message for f in found)


def test_two_of_nine_turned_round_do_not_hide_each_other(check, studies):
    found = warnings_of(check(mirrored_studies(studies, (3, 7)), alleles="A/T"))
    assert sorted(f.study for f in found) == ["X3", "X7"]


def test_one_study_and_a_reference(check, studies):
    (row,) = studies(1, 0.25)
    turned = [(row[0], row[1], row[2][::-1], row[3][::-1])]
    only(check(turned, more=", frequencies: {X: 0.25}"), "orientation", "X0")
    assert not warnings_of(check([row], more=", frequencies: {X: 0.25}"))
    (note,) = [f for f in check([row], more=", frequencies: {Z: 0.25}") if f.value == "Z"]
    assert note.check == "reference_frequency"


def test_two_different_errors_are_both_found(check, studies):
    rows = studies(10, ratio=1.8)
    rows = with_study(rows, 2, rows[2][3], rows[2][2])
    rows = with_study(rows, 7, rows[7][2][::-1], rows[7][3][::-1])
    found = {(f.check, f.study) for f in warnings_of(check(rows))}
    assert found == {("cases_and_controls", "X2"), ("orientation", "X7")}


# What the configuration says, and odd tables.


def test_a_check_is_switched_off(check, studies):
    rows = studies()
    rows = with_study(rows, 5, controls=rows[5][3][::-1])
    assert not [f for f in check(rows, checks="columns: false") if f.check == "columns"]
    strict = check(rows, checks="columns: {warning: 1.0e+300}")
    assert not [f for f in strict if f.check == "columns"]


def test_without_ancestry_a_frequency_is_no_more_than_noted(check, studies):
    rows = studies(9, 0.1)
    rows = with_study(rows, 4, rows[4][2][::-1], rows[4][3][::-1])
    (note,) = [f for f in check(rows, by="") if f.check == "orientation"]
    assert note.severity == "note" and "ancestries" in note.message


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("numbers", [[0, 0, 50], [50, 0, 0], [0, 0, 0], [0, 1, 0], [7, 0, 5]])
def test_few_studies_and_empty_cells_do_no_harm(check, k, numbers):
    rows = [(f"S{i}", "X", numbers, [40, 5 * i, 0]) for i in range(k)]
    assert all(np.isfinite(len(f.message)) for f in check(rows))


def test_the_order_of_the_rows_does_not_matter(check, studies):
    rows = mirrored_studies(studies, (3, 7))
    one = {(f.check, f.study, f.message) for f in check(rows)}
    other = {(f.check, f.study, f.message) for f in check(rows[::-1])}
    assert {f[:2] for f in one} == {f[:2] for f in other}


@pytest.mark.parametrize(("k", "wrong"), [(9, 6), (9, 3), (5, 2), (6, 3), (4, 2)])
def test_a_larger_group_is_not_believed_for_being_larger(check, studies, k, wrong):
    """Frequencies nearer one half, and studies that differ: both groups are named all the same."""
    rows = []
    for i in range(k):
        (row,) = studies(1, 0.26 + 0.01 * (i % 5), people=500 + 50 * i)
        rows.append((f"S{i}", *row[1:]))
    for i in range(wrong):
        rows = with_study(rows, i, rows[i][2][::-1], rows[i][3][::-1])
    found = {f.study for f in warnings_of(check(rows, alleles="C/G")) if f.check == "orientation"}
    assert found == {f"S{i}" for i in range(k)}


# Other tables than genotypes of two alleles.

BY = "strata: {ethnicity: {}}\nallele_frequency_by: ethnicity\n"


@pytest.fixture
def check_tables(make_project):
    def run(tables, loci, locus):
        project = make_project(tables, f"loci: {{{loci}}}\n{BY}")
        return check_locus(project.config, locus, read_studies(project))

    return run


def test_allele_tables_and_reported_odds_ratios(check_tables):
    counts = ["study,locus,ethnicity,allele,cases,controls"]
    for i in range(6):
        one, other = ("G", "A") if i == 2 else ("A", "G")
        counts += [f"S{i},SNP,X,{one},{700 + i},{720 + i}", f"S{i},SNP,X,{other},300,{283 + i}"]
    reported = [
        "study,locus,ethnicity,effect_allele,model,measure,estimate,ci_low,ci_high",
        "E1,SNP,X,G,additive,OR,1.1,0.95,1.27",
        "E2,SNP,X,G,additive,OR,6,4,9",
        "E3,SNP,X,A,allelic,OR,0.92,0.8,1.06",
    ]
    tables = {"a.csv": "\n".join(counts) + "\n", "e.csv": "\n".join(reported) + "\n"}
    found = warnings_of(check_tables(tables, "SNP: {alleles: A/G}", "SNP"))
    assert {(f.check, f.study) for f in found} == {("orientation", "S2"), ("outlying_effect", "E2")}


def test_estimates_alone_are_no_trouble(check_tables):
    header = "study,locus,ethnicity,effect_allele,model,measure,estimate,ci_low,ci_high\n"
    table = header + "E1,SNP,X,G,additive,OR,1.1,0.95,1.27\n"
    assert not check_tables({"e.csv": table}, "SNP: {alleles: A/G}", "SNP")


def test_a_repeats_frequency_is_out_of_line(check_tables):
    shares = {"17": 0.1, "18": 0.2, "19": 0.5, "20": 0.2}
    odd = {"17": 0.3, "18": 0.4, "19": 0.2, "20": 0.1}
    rows = ["study,locus,ethnicity,allele,cases,controls"]
    for i in range(6):
        for allele, share in (odd if i == 4 else shares).items():
            rows.append(f"S{i},R,X,{allele},{round(800 * share) + i},{round(900 * share) - i}")
    loci = 'R: {kind: repeat, effect_alleles: ["19", "<19"]}'
    found = warnings_of(check_tables({"a.csv": "\n".join(rows) + "\n"}, loci, "R"))
    assert {(f.check, f.study) for f in found} == {("allele_frequency", "S4")}


def test_controls_that_are_shared_count_once(check_tables, studies):
    """Five series with one set of controls are one study's word about the frequency."""
    header = "study,locus,ethnicity,control_group,cases_AA,cases_AG,cases_GG,"
    rows = [header + "controls_AA,controls_AG,controls_GG"]
    (one,) = studies(1, 0.1)
    for i in range(5):
        rows.append(f"C{i},SNP,X,common,{','.join(map(str, [*one[2], *one[3]]))}")
    (other,) = studies(1, 0.9)
    rows.append(f"Other,SNP,X,,{','.join(map(str, [*other[2], *other[3]]))}")
    found = check_tables({"a.csv": "\n".join(rows) + "\n"}, "SNP: {alleles: A/G}", "SNP")
    assert not [f for f in found if f.check in ("orientation", "allele_frequency")]


def test_a_whole_of_two_ancestries_may_lack_heterozygotes(check_tables, studies):
    """Wahlund: two groups in equilibrium, taken together, are not."""
    header = "study,population,locus,ethnicity,"
    rows = [
        header + ",".join(f"{s}_{g}" for s in ("cases", "controls") for g in ("AA", "AG", "GG"))
    ]
    (low,), (high,) = studies(1, 0.1, people=900), studies(1, 0.6, people=900)
    whole = [np.add(low[side], high[side]) for side in (2, 3)]
    for part, of, (cases, controls) in (
        ("", "", whole),
        ("low", "X", low[2:]),
        ("high", "Y", high[2:]),
    ):
        rows.append(f"S,{part},SNP,{of},{','.join(map(str, [*cases, *controls]))}")
    tables = {"a.csv": "\n".join(rows) + "\n"}
    assert not warnings_of(check_tables(tables, "SNP: {alleles: A/G}", "SNP"))
    alone = {"a.csv": "\n".join(rows[:2]) + "\n"}
    assert warnings_of(check_tables(alone, "SNP: {alleles: A/G}", "SNP"))
