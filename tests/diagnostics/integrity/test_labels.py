"""Strata that are one stratum in two spellings, and studies in two spellings."""

import pytest

from genopool.diagnostics.integrity.labels import author_and_year

HEADER = "study,locus,ethnicity,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
GROUPS = (
    "loci: {SNP: {alleles: A/C}}\n"
    "strata: {ethnicity: {groups: {White: [Caucasian, European], East Asian: [Chinese]}}}\n"
)


def table(*ethnicities):
    return HEADER + "".join(
        f"S{i},SNP,{value},{30 + i},50,20,{40 + i},50,{10 + i}\n"
        for i, value in enumerate(ethnicities)
    )


def test_the_rarer_spelling_is_the_suspect_and_its_rows_are_listed(findings_of):
    tables = {"a.csv": table("Asian", "Caucasion", "Asian", "Caucasian", "Caucasian", "Caucasion")}
    tables["b.csv"] = table("Caucasian").replace("S0", "T0")
    (finding,) = findings_of("label_spelling", tables)
    assert (finding.severity, finding.value) == ("warning", "Caucasion")
    assert (finding.file, finding.row, finding.column) == ("a.csv", 3, "ethnicity")
    assert "rows 3, 7 of a.csv" in finding.message
    assert "'Caucasian', which 3 rows have" in finding.message
    assert finding.expected.startswith("Caucasian")


@pytest.mark.parametrize(
    ("value", "right"),
    [("Caucasians", "Caucasian"), ("E. Asian", "East Asian"), ("Chinise", "Chinese"),
     ("East-Asian", "East Asian"), ("Europeans", "European")],
)  # fmt: skip
def test_a_value_that_matches_a_configured_one_but_for_spelling(findings_of, value, right):
    (finding,) = findings_of("label_spelling", {"a.csv": table("Chinese", value)}, GROUPS)
    assert f"spelt almost like {right!r} (of the configuration)" in finding.message


def test_what_the_configuration_puts_in_one_group_is_not_split(findings_of):
    groups = GROUPS.replace("European]", "European, Caucasians]")
    assert not findings_of("label_spelling", {"a.csv": table("Caucasian", "Caucasians")}, groups)


def test_case_and_padding_do_not_split_strata(findings_of):
    assert not findings_of(
        "label_spelling", {"a.csv": table("Asian", "asian", " ASIAN ", "African")}
    )


def test_a_stratum_each_for_real_differences(findings_of):
    labels = ("East Asian", "South Asian", "West Asian", "Austrian", "Australian", "Indian")
    assert not findings_of("label_spelling", {"a.csv": table(*labels)})


def test_two_words_for_the_same_people_are_noted(findings_of):
    (finding,) = findings_of("label_spelling", {"a.csv": table("Caucasian", "Caucasian", "White")})
    assert (finding.severity, finding.value) == ("note", "White")
    assert "for the same people as 'Caucasian'" in finding.message
    groups = GROUPS.replace("European]", "White]")
    assert not findings_of("label_spelling", {"a.csv": table("Caucasian", "White")}, groups)


def test_thousands_of_values_take_seconds(findings_of):
    values = [f"value number {chr(97 + i % 26) * 9}{i}" for i in range(3000)]
    found = findings_of("label_spelling", {"a.csv": table(*values, "Value-number aaaaaaaaa0")})
    assert [f.value for f in found] == ["Value-number aaaaaaaaa0"]


def test_the_check_can_be_a_note_or_off(findings_of):
    for grade, expected in (("note", ["note"]), ("off", [])):
        config = "loci: {SNP: {alleles: A/C}}\nstrata: {ethnicity: {}}\n"
        config += f"checks: {{label_spelling: {grade}}}\n"
        found = findings_of("label_spelling", {"a.csv": table("Asian", "Asians")}, config)
        assert [f.severity for f in found] == expected


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Wen 2005", ("wen", "2005")),
        ("Wen, 2005", ("wen", "2005")),
        ("Wen et al. 2005", ("wen", "2005")),
        ("Wen et al., (2005)", ("wen", "2005")),
        ("WEN2005", ("wen", "2005")),
        ("2005 Wen", ("wen", "2005")),
        ("Wen 2005a", ("wen", "2005a")),
        ("Wen and colleagues 2005", ("wen", "2005")),
        ("Müller 2001", ("muller", "2001")),
        ("Savage (a)", ("savage a", "")),
        ("2005", ("", "2005")),
    ],
)
def test_author_and_year(label, key):
    assert author_and_year(label) == key


def studies(*labels):
    return HEADER + "".join(
        f'"{label}",SNP,,{30 + i},50,20,{40 + i},50,{10 + i}\n' for i, label in enumerate(labels)
    )


@pytest.mark.parametrize("other", ["Wen, 2005", "Wen et al. 2005", "Wen (2005)", "Wen-2005"])
def test_a_study_in_two_spellings(findings_of, other):
    (finding,) = findings_of("study_labels_alike", {"a.csv": studies("Wen 2005", "Xu 2005", other)})
    assert (finding.severity, finding.study) == ("warning", other)
    assert "Wen 2005 (a.csv, row 2)" in finding.message


@pytest.mark.parametrize(
    "labels",
    [
        ("Wen 2005", "Wen 2006"),
        ("Wen 2005a", "Wen 2005b"),
        ("Wang 2005", "Yang 2005"),
        ("Lu W", "Lu"),
        ("Savage (a)", "Savage (b)"),
        ("Johnson 2005", "Johnston 2006"),
        ("2005", "2006"),
    ],
)
def test_studies_that_are_two(findings_of, labels):
    assert not findings_of("study_labels_alike", {"a.csv": studies(*labels)})


def test_case_alone_is_said_once(findings_of):
    assert not findings_of("study_labels_alike", {"a.csv": studies("Wen 2005", "wen  2005")})


def test_a_long_name_that_may_be_misspelt_is_a_note(findings_of):
    labels = ("Sarkissyan 2011", "Sarkisyan 2011")
    (finding,) = findings_of("study_labels_alike", {"a.csv": studies(*labels)})
    assert finding.severity == "note"


def test_hostile_labels_are_harmless(findings_of):
    labels = ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "a" * 200, "(" * 200)
    tables = {"a.csv": studies(*labels) + table(*labels).replace(HEADER, "")}
    findings_of("study_labels_alike", tables)
    findings_of("label_spelling", tables)
