"""From rows to odds ratios: who enters, turned, divided, corrected or dropped, and why."""

import math

import pytest

from genopool.analysis import analyse_locus
from genopool.association.reported import CannotTurnError, turn
from genopool.studies.findings import errors
from genopool.studies.reading import read_studies

WIDE = "study,locus,population,ethnicity,menopausal_status,control_group,"
WIDE += "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
REPORTED = "study,locus,population,effect_allele,model,measure,estimate,ci_low,ci_high,adjusted\n"


@pytest.fixture
def analyse(make_project):
    def run(tables, locus="SNP", config=None, extra=""):
        project = make_project(tables, *([config] if config else []))
        if extra:
            source = project.source
            source.write_text(source.read_text() + extra)
            from genopool.config import load

            project = load(source)
        studies = read_studies(project)
        assert not errors(studies.findings), errors(studies.findings)
        return analyse_locus(project.config, locus, studies)

    return run


def find(rows, **wanted):
    return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]


def overall(results, model, allele="C"):
    (row,) = find(results.pooled, effect_allele=allele, model=model, stratifier="overall")
    return row


def test_two_by_two_of_every_model(analyse):
    # one study, so that the pooled odds ratio is its own: hand-computed cross products
    results = analyse({"a.csv": WIDE + "S,SNP,,,,,10,20,30,40,50,60\n"})
    expected = {
        "allelic": (2 * 30 + 20) * (2 * 40 + 50) / ((2 * 10 + 20) * (2 * 60 + 50)),
        "dominant": 50 * 40 / (10 * 110),
        "recessive": 30 * 90 / (30 * 60),
        "homozygous": 30 * 40 / (10 * 60),
        "heterozygous": 20 * 40 / (10 * 50),
        "overdominant": 20 * 100 / (40 * 50),
    }
    for model, value in expected.items():
        row = overall(results, model)
        assert row["or"] == pytest.approx(value)
        assert (row["k"], row["interval"], row["q_df"]) == (1, "wald", 0)
        assert "one study" in row["reason"]
        assert math.isnan(row["tau2"]) and math.isnan(row["pi_low"]) and math.isnan(row["q"])
    people = {model: overall(results, model)["n_cases"] for model in expected}
    assert people == {
        "allelic": 60,
        "dominant": 60,
        "recessive": 60,
        "overdominant": 60,
        "homozygous": 40,
        "heterozygous": 30,
    }


def test_every_question_has_its_row_and_its_reason(analyse):
    results = analyse({"a.csv": WIDE + "S,SNP,,,,,10,20,30,40,50,60\n"}, locus="CA")
    assert len(results.pooled) == 14  # two effect alleles × seven models, overall
    assert {(row["k"], row["reason"]) for row in results.pooled} == {(0, "no study answers this")}


def test_cells_that_do_not_answer_are_listed(analyse):
    header = "study,locus,cases_AA,cases_AC+CC,controls_AA,controls_AC+CC\n"
    results = analyse({"a.csv": header + "S,SNP,10,20,30,40\n"})
    answered = [row["model"] for row in results.pooled if row["k"]]
    assert answered == ["dominant"]
    assert overall(results, "dominant")["or"] == pytest.approx(20 * 30 / (10 * 40))
    assert "given only as a sum" in overall(results, "allelic")["reason"]
    assert [f.check for f in results.findings] == ["cannot_answer"]


def test_a_blank_cell_removes_only_the_models_that_need_it(analyse):
    results = analyse({"a.csv": WIDE + "S,SNP,,,,,10,20,,40,50,60\n"})
    assert [row["model"] for row in results.pooled if row["k"]] == ["heterozygous"]


def test_alleles_enter_the_allelic_model_only(analyse):
    results = analyse(
        {"a.csv": "study,locus,cases_A,cases_C,controls_A,controls_C\nS,SNP,30,10,20,20\n"}
    )
    row = overall(results, "allelic")
    assert (row["or"], row["n_cases"], row["n_controls"]) == (pytest.approx(1 / 3), 20, 20)
    assert [r["model"] for r in results.pooled if r["k"]] == ["allelic"]


def test_classes_of_a_repeat_answer_their_own_question(analyse):
    header = "study,locus,genotype,cases,controls\n"
    rows = "S,CA,19/19,10,20\nS,CA,19/non-19,20,20\nS,CA,non-19/non-19,30,10\n"
    results = analyse({"a.csv": header + rows}, locus="CA")
    assert overall(results, "dominant", "19")["or"] == pytest.approx(30 * 10 / (30 * 40))
    assert overall(results, "dominant", "<19")["k"] == 0
    lengths = "S,CA,19/19,10,20\nS,CA,17/19,20,20\nS,CA,18/21,30,10\n"
    results = analyse({"a.csv": header + lengths}, locus="CA")
    assert overall(results, "dominant", "19")["or"] == pytest.approx(30 * 10 / (30 * 40))
    assert overall(results, "dominant", "<19")["or"] == pytest.approx(50 * 20 / (10 * 30))
    partial = "S,CA,19/19,10,20\nS,CA,19/<19,20,20\nS,CA,<19/<19,30,10\n"
    results = analyse({"a.csv": header + partial}, locus="CA")
    assert overall(results, "dominant", "19")["k"] == 0, "nothing is said about lengths above 19"


def test_third_alleles(analyse, make_project):
    header = "study,locus,genotype,cases,controls\n"
    rows = [
        ("e3/e3", 10, 20),
        ("e2/e3", 20, 30),
        ("e2/e2", 5, 5),
        ("e3/e4", 7, 8),
        ("e4/e4", 1, 2),
        ("e2/e4", 3, 4),
    ]
    table = header + "".join(f"S,APOE,{g},{a},{b}\n" for g, a, b in rows)
    rest = analyse({"a.csv": table}, locus="APOE")
    assert overall(rest, "dominant", "e2")["or"] == pytest.approx(28 * 30 / (18 * 39))
    config = "loci: {APOE: {kind: multiallelic, alleles: e3/e2/e4, effect_alleles: [e2, e4], "
    config += "against: reference}}\n"
    against = analyse({"a.csv": table}, locus="APOE", config=config)
    assert overall(against, "dominant", "e2")["or"] == pytest.approx(25 * 20 / (10 * 35))
    assert "11 cases and 14 controls" in find_check(against, "third_allele")[0].message


def find_check(results, check):
    return [finding for finding in results.findings if finding.check == check]


def test_whole_overall_and_parts_in_strata(analyse):
    rows = "S,SNP,,European,,,30,40,50,60,50,40\n"
    rows += "S,SNP,pre,,pre,,10,20,30,30,30,20\nS,SNP,post,,post,,20,20,20,30,20,20\n"
    results = analyse({"a.csv": WIDE + rows})
    k = {
        (r["stratifier"], r["stratum"]): (r["k"], r["k_studies"])
        for r in results.pooled
        if r["model"] == "dominant"
    }
    assert k == {
        ("overall", "all"): (1, 1),
        ("ethnicity", "Caucasian"): (1, 1),
        ("menopausal_status", "pre"): (1, 1),
        ("menopausal_status", "post"): (1, 1),
        ("both", "Caucasian | pre"): (1, 1),
        ("both", "Caucasian | post"): (1, 1),
    }
    left_out = find(results.effects, model="dominant", stratifier="overall", used="no")
    assert {row["reason"] for row in left_out} == {"contained in the whole study"}
    assert {row["used"] for row in results.account} == {"yes"}


def test_parts_enter_as_rows_of_their_own(analyse):
    rows = "S,SNP,pre,,pre,,10,20,30,30,30,20\nS,SNP,post,,post,,20,20,20,30,20,20\n"
    row = overall(analyse({"a.csv": WIDE + rows}), "dominant")
    assert (row["k"], row["k_studies"], row["n_cases"]) == (2, 1, 120)
    assert "two studies" in row["reason"]


SHARED = "S,SNP,,,,G,10,20,30,20,20,20\nT,SNP,,,,G,15,25,20,20,20,20\n"


def test_shared_controls_are_divided(analyse):
    results = analyse({"a.csv": WIDE + SHARED})
    effects = find(results.effects, model="dominant", stratifier="overall")
    assert [row["control_exposed"] for row in effects] == [20, 20]  # 40 over two
    assert effects[0]["or"] == pytest.approx(50 * 10 / (10 * 20))
    assert effects[0]["se"] ** 2 == pytest.approx(1 / 50 + 1 / 10 + 1 / 20 + 1 / 10)
    row = overall(results, "dominant")
    assert (row["n_cases"], row["n_controls"]) == (120, 60)
    assert "1/2" in find_check(results, "shared_controls")[0].action
    assert len(results.hwe) == 1


def test_shared_controls_are_combined(analyse):
    results = analyse({"a.csv": WIDE + SHARED}, extra="shared_controls: combine\n")
    row = overall(results, "dominant")
    assert (row["k"], row["n_cases"], row["n_controls"]) == (1, 120, 60)
    assert row["or"] == pytest.approx(95 * 20 / (25 * 40))
    assert all(row["used"] == "yes" for row in results.account)


def test_between_strata_with_shared_controls_says_why_not(analyse):
    rows = "S,SNP,,European,,G,10,20,30,20,20,20\nT,SNP,,Korean,,G,15,25,20,20,20,20\n"
    rows += "U,SNP,,European,,,10,20,30,20,20,20\nV,SNP,,Korean,,,15,25,20,20,20,25\n"
    results = analyse({"a.csv": WIDE + rows})
    (test,) = find(results.strata, model="dominant", stratifier="ethnicity")
    assert "share the controls G" in test["reason"] and "p_value" not in test


def test_double_zeros_are_dropped_and_counted(analyse):
    rows = "S,SNP,,,,,10,20,0,30,30,0\nT,SNP,,,,,10,20,5,30,30,2\nU,SNP,,,,,10,0,0,20,0,0\n"
    results = analyse({"a.csv": WIDE + rows})
    row = overall(results, "recessive")
    assert (row["k"], row["k_double_zero"], row["k_corrected"]) == (1, 2, 0)
    assert overall(results, "additive")["k_double_zero"] == 1  # U: everybody has one genotype
    reasons = {
        r["study"]: r["reason"]
        for r in find(results.effects, model="recessive", stratifier="overall")
    }
    assert reasons["S"] == "double zero"
    (hetero,) = [
        r
        for r in find(results.effects, model="homozygous", stratifier="overall")
        if r["study"] == "U"
    ]
    assert hetero["reason"] == "double zero"


def test_no_cases_in_the_genotypes_compared(analyse):
    results = analyse({"a.csv": WIDE + "S,SNP,,,,,0,20,0,30,30,10\n"})
    (row,) = find(results.effects, model="homozygous", stratifier="overall")
    assert row["reason"] == "no cases/controls in the genotypes compared"
    assert overall(results, "homozygous")["k"] == 0


@pytest.mark.parametrize(
    ("apply", "corrected"), [("only0", [0.5, 0]), ("if0all", [0.5, 0.5]), ("all", [0.5, 0.5])]
)
def test_zero_cells(analyse, apply, corrected):
    rows = "S,SNP,,,,,10,20,0,30,30,5\nT,SNP,,,,,10,20,5,30,30,2\n"
    extra = f"pooling: {{zero_cells: {{apply: {apply}}}}}\n"
    results = analyse({"a.csv": WIDE + rows}, extra=extra)
    effects = find(results.effects, model="recessive", stratifier="overall")
    assert [row["correction"] for row in effects] == corrected
    assert overall(results, "recessive")["k_corrected"] == sum(c > 0 for c in corrected)


@pytest.mark.parametrize(
    ("model", "turned"),
    [
        ("allelic", "allelic"),
        ("additive", "additive"),
        ("homozygous", "homozygous"),
        ("dominant", "recessive"),
        ("recessive", "dominant"),
    ],
)
def test_turning_inverts(model, turned):
    assert turn(model, 0.3) == (turned, -0.3)


def test_turning_is_what_the_counts_say():
    # 10, 20, 30 against 40, 50, 60: dominant in one allele is recessive in the other
    n, m = (10, 20, 30), (40, 50, 60)
    dominant = math.log((n[1] + n[2]) * m[0] / (n[0] * (m[1] + m[2])))
    recessive_in_other = math.log(n[0] * (m[1] + m[2]) / ((n[1] + n[2]) * m[0]))
    assert turn("dominant", dominant) == ("recessive", pytest.approx(recessive_in_other))


def test_overdominant_stays_and_heterozygous_cannot_be_turned():
    assert turn("overdominant", 0.3) == ("overdominant", 0.3)
    with pytest.raises(CannotTurnError):
        turn("heterozygous", 0.3)


def test_reported_estimates_are_turned_and_pooled(analyse):
    rows = "S,SNP,,A,recessive,OR,2,1,4,no\nS,SNP,,A,heterozygous,OR,2,1,4,no\n"
    rows += "T,SNP,,C,dominant,HR,2,1,4,no\n"
    results = analyse({"a.csv": REPORTED + rows})
    row = overall(results, "dominant")
    assert (row["or"], row["k_reported"], row["k_without_n"]) == (pytest.approx(0.5), 1, 1)
    used = [(r["used"], r["effect_allele"], r["model"], r["reason"]) for r in results.estimates]
    assert used[0] == ("yes", "C", "dominant", "")
    assert used[1][0] == "no" and "cannot be turned" in used[1][3]
    assert used[2][0] == "no" and used[2][3] == "HR, not an odds ratio"
    assert [row["used"] for row in results.account] == ["yes", "no", "no"]


def test_reported_estimates_can_be_left_out(analyse):
    tables = {"a.csv": REPORTED + "S,SNP,,C,dominant,OR,2,1,4,no\n"}
    results = analyse(tables, extra="reported: {use: false}\n")
    assert overall(results, "dominant")["k"] == 0
    assert "counts only" in results.estimates[0]["reason"]


def test_counts_win_and_counts_only_is_shown_beside(analyse):
    tables = {
        "a.csv": WIDE + "S,SNP,,,,,10,20,30,40,50,60\n",
        "b.csv": REPORTED + "S,SNP,,C,dominant,OR,2,1,4,yes\nT,SNP,,C,dominant,OR,2,1,4,yes\n",
    }
    results = analyse(tables)
    assert overall(results, "dominant")["k"] == 2
    (alone,) = [row for row in results.counts_only if row["stratifier"] == "overall"]
    assert (alone["model"], alone["k"]) == ("dominant", 1)
    assert results.estimates[0]["reason"] == "counts preferred"


def test_reported_rows_that_share_controls_are_warned_of(analyse):
    header = REPORTED.replace("population,", "population,control_group,")
    rows = "S,SNP,,G,C,dominant,OR,2,1,4,no\nT,SNP,,G,C,dominant,OR,2,1,4,no\n"
    (warning,) = find_check(analyse({"a.csv": header + rows}), "shared_controls_reported")
    assert warning.severity == "warning"


def test_hardy_weinberg_departure_is_found(analyse):
    # Arafat 2025, controls 104, 72, 46: chi-square 20.3, p = 6e-6
    results = analyse({"a.csv": WIDE + "S,SNP,,,,,11,22,79,104,72,46\n"})
    (row,) = results.hwe
    n, p = 222, (72 + 92) / 444
    expected = [n * (1 - p) ** 2, 2 * n * p * (1 - p), n * p**2]
    chi2 = sum((o - e) ** 2 / e for o, e in zip((104, 72, 46), expected, strict=True))
    assert row["chi2"] == pytest.approx(chi2)
    assert row["minimum_expected"] == pytest.approx(min(expected))
    (finding,) = find_check(results, "hardy_weinberg")
    assert finding.severity == "warning" and "too few heterozygotes" in finding.message


def test_mixed_ancestry_is_marked(analyse):
    rows = "S,SNP,,,,,10,20,30,104,72,46\nS,SNP,x,European,,,5,10,15,50,36,23\n"
    rows += "S,SNP,y,Korean,,,5,10,15,54,36,23\n"
    results = analyse({"a.csv": WIDE + rows})
    assert "mixed ancestry" in results.hwe[0]["reason"] and not results.hwe[1]["reason"]
    assert find_check(results, "hardy_weinberg")[0].severity == "note"


OVERLAP = WIDE.replace("population,", "population,year,overlaps,")


def test_of_overlapping_studies_in_two_files_one_is_counted(analyse):
    tables = {
        "a.csv": OVERLAP + "A,SNP,,2001,,,,,10,20,30,40,50,60\n",
        "b.csv": OVERLAP + "B,SNP,,1999,A; C,,,,20,20,30,40,50,60\n",
        "c.csv": OVERLAP + "C,SNP,,2005,,,,,30,20,30,40,50,60\nD,SNP,,,,,,,1,2,3,4,5,6\n",
    }
    results = analyse(tables)
    rows = {r["study"]: r for r in find(results.effects, model="dominant", stratifier="overall")}
    # C (230 people) before B (220), and then A has nobody to share with
    assert {study: row["used"] for study, row in rows.items()} == {
        "A": "yes",
        "B": "no",
        "C": "yes",
        "D": "yes",
    }
    assert rows["B"]["reason"] == "same people as C, the larger study"
    assert math.isnan(rows["B"]["weight"]) and rows["B"]["case_exposed"] == 50
    assert overall(results, "dominant")["k"] == 3
    (note,) = find_check(results, "overlapping_studies")
    assert note.severity == "note" and "230 people against 220 people" in note.action
    assert {r["study"]: r["used"] for r in results.account}["B"] == "no"


def test_overlap_by_the_configuration_or_the_year(analyse):
    rows = "A,SNP,,2001,B,,,,10,20,30,40,50,60\nB,SNP,,1999,,,,,20,20,30,40,50,60\n"
    for extra, left_out in (
        ("", "A"),
        ("overlaps: {keep: newer}\n", "B"),
        ("overlaps: {A: B}\n", "A"),
        ("overlaps: {B: A}\n", "B"),
    ):
        effects = find(
            analyse({"a.csv": OVERLAP + rows}, extra=extra).effects, stratifier="overall"
        )
        assert {r["study"] for r in effects if r["used"] == "no"} == {left_out}, extra


def test_overlap_of_counts_and_a_reported_estimate_where_both_answer(analyse):
    header = REPORTED.replace("population,", "overlaps,").rstrip() + ",n_cases,n_controls\n"
    tables = {
        "a.csv": WIDE + "A,SNP,,,,,10,20,30,40,50,60\n",
        "b.csv": header + "B,SNP,A,C,dominant,OR,2,1,4,no,500,500\n",
    }
    results = analyse(tables)
    row = overall(results, "dominant")
    assert (row["k"], row["k_reported"], row["or"]) == (1, 1, pytest.approx(2))
    assert overall(results, "recessive")["k_reported"] == 0
    used = {r["study"]: r["used"] for r in results.account}
    assert used == {"A": "yes", "B": "yes"}
    (note,) = find_check(results, "overlapping_studies")
    assert "in the models dominant:" in note.action
    small = {**tables, "b.csv": tables["b.csv"].replace("500,500", ",")}
    results = analyse(small)
    assert overall(results, "dominant")["k_reported"] == 0
    assert results.estimates[0]["reason"] == "same people as A, the larger study"


def test_overlap_acts_within_a_stratum_on_what_is_there(analyse):
    rows = "A,SNP,,,B,European,,,10,20,30,40,50,60\nB,SNP,,,,Korean,,,20,20,30,40,50,60\n"
    results = analyse({"a.csv": OVERLAP + rows})
    k = {r["stratum"]: r["k"] for r in results.pooled if r["model"] == "dominant"}
    # the same people, labelled in two ways: each in its stratum, one of them overall
    assert k == {"all": 1, "Caucasian": 1, "East Asian": 1}
    (test,) = find(results.strata, model="dominant", stratifier="ethnicity")
    assert "A and B have subjects in common" in test["reason"] and "p_value" not in test


APOE = """\
loci: {APOE: {kind: multiallelic, alleles: e3/e2/e4, effect_alleles: [e2, e4], against: %s}}
"""
SIX = "genotype,cases,controls\n"
SIX_ROWS = [("e3/e3", 60, 90), ("e3/e2", 10, 20), ("e2/e2", 1, 2)]
SIX_ROWS += [("e3/e4", 40, 30), ("e2/e4", 5, 6), ("e4/e4", 7, 3)]


@pytest.mark.parametrize(
    ("against", "cases", "controls", "left_out"),
    [("rest", (71, 45, 7), (112, 36, 3), None), ("reference", (60, 40, 7), (90, 30, 3), (16, 28))],
)
def test_three_alleles_against_the_rest_or_the_reference(
    analyse, against, cases, controls, left_out
):
    content = "study,locus," + SIX + "".join(f"S,APOE,{g},{a},{b}\n" for g, a, b in SIX_ROWS)
    results = analyse({"a.csv": content}, "APOE", APOE % against)
    (row,) = find(results.effects, effect_allele="e4", model="additive", stratifier="overall")
    assert tuple(row[f"case_n{i}"] for i in range(3)) == cases
    assert tuple(row[f"control_n{i}"] for i in range(3)) == controls
    assert (row["n_cases"], row["n_controls"]) == (sum(cases), sum(controls))
    said = [f.message for f in find_check(results, "third_allele") if "neither e4" in f.message]
    expected = f"{left_out[0]} cases and {left_out[1]} controls" if left_out else ""
    assert [message[: len(expected)] for message in said] == ([expected] if left_out else [])
    assert [r["reason"][:9] for r in find(results.hwe, effect_allele="e4")] == ["collapsed"]


def test_classes_and_sums_of_three_alleles(analyse):
    content = "study,locus," + SIX + "S,APOE,non-e4/non-e4,71,112\nS,APOE,e4/e4+e4/non-e4,52,39\n"
    results = analyse({"a.csv": content}, "APOE", APOE % "rest")
    assert overall(results, "dominant", "e4")["or"] == pytest.approx(52 * 112 / (71 * 39))
    assert [r["model"] for r in results.pooled if r["k"]] == ["dominant"]
    results = analyse({"a.csv": content}, "APOE", APOE % "reference")
    assert not any(r["k"] for r in results.pooled), "non-e4 is not the reference e3"


def test_an_estimate_for_the_reference_allele_of_three(analyse):
    rows = "S,APOE,,e3,allelic,OR,2,1,4,no\nT,APOE,,non-e4,allelic,OR,2,1,4,no\n"
    rest = analyse({"a.csv": REPORTED + rows}, "APOE", APOE % "rest")
    assert overall(rest, "allelic", "e4")["or"] == pytest.approx(0.5)
    assert overall(rest, "allelic", "e4")["k"] == 1, "e3 against the others is not asked"
    reference = analyse({"a.csv": REPORTED + rows}, "APOE", APOE % "reference")
    assert not any(r["k"] for r in reference.pooled)


def test_a_standard_error_that_no_ratio_can_hold(make_project):
    """An infinite limit and no warning: the se may be a percentage, and the row has no weight."""
    header = "study,locus,effect_allele,model,measure,estimate,se,ci_low,ci_high\n"
    rows = "Wide,SNP,C,allelic,OR,1.2,400,,\nOther,SNP,C,allelic,OR,1.2,,1.0,1.44\n"
    project = make_project({"a.csv": header + rows})
    results = analyse_locus(project.config, "SNP", read_studies(project))
    wide = next(row for row in results.effects if row["study"] == "Wide")
    assert wide["ci_high"] == math.inf and 0 <= wide["ci_low"] < 1e-300
