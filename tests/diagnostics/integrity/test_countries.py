"""The stated ancestry against the country."""

import pytest

from genopool.diagnostics.integrity.country_table import USUAL, WORDS

HEADER = (
    "study,locus,ethnicity,country,cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
)
GROUPS = (
    "loci: {SNP: {alleles: A/C}}\n"
    "strata: {ethnicity: {groups: {East Asian: [Group 1], Mixed: [Chinese, European]}}}\n"
)


@pytest.fixture
def found(findings_of):
    def run(ethnicity, country, config=None):
        table = HEADER + f"One,SNP,{ethnicity},{country},36,108,64,26,96,68\n" * 1
        arguments = ("ethnicity_country", {"a.csv": table})
        return findings_of(*arguments, config) if config else findings_of(*arguments)

    return run


@pytest.mark.parametrize(
    ("ethnicity", "country"),
    [("Caucasian", "China"), ("Caucasians", "Japan"), ("East Asian", "Sweden"),
     ("African", "Poland"), ("Asian", "Germany"), ("Chinese", "Iran"), ("Han", "Nigeria")],
)  # fmt: skip
def test_a_label_of_another_continent(found, ethnicity, country):
    (finding,) = found(ethnicity, country)
    assert (finding.severity, finding.value) == ("warning", ethnicity)
    assert country in finding.message


@pytest.mark.parametrize(
    ("ethnicity", "country"),
    [("Asian", "China"), ("East Asian", "Korea"), ("Caucasian", "Turkey"), ("Caucasian", "Iran"),
     ("Asian", "Iran"), ("African", "Egypt"), ("Caucasian", "Egypt"), ("Asian", "India"),
     ("African", "USA"), ("East Asian", "Brazil"), ("Asian", "UK"), ("Asian", "Germany and USA"),
     ("Group 9", "China"), ("", "China"), ("Caucasian", "")],
)  # fmt: skip
def test_what_squares_or_cannot_be_told(found, ethnicity, country):
    assert not found(ethnicity, country)


def test_words_of_the_configured_group_count(found):
    assert found("Group 1", "Sweden", GROUPS)
    assert not found("Group 1", "Japan", GROUPS)
    assert not found("European", "Poland", GROUPS)


def test_every_usual_group_is_one_that_a_word_names():
    assert {group for groups in USUAL.values() for group in groups} <= set(WORDS.values())
    assert not {"usa", "united states", "brazil", "uk", "united kingdom", "canada"} & set(USUAL)
