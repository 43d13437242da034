"""Parts that do not add up to their whole."""

import pytest

from genopool.studies.reading import read_studies

CONFIG = "loci: {SNP: {alleles: A/C}, CA: {kind: repeat, effect_alleles: ['19']}}\n"
CONFIG += "strata: {ethnicity: {}, menopausal_status: {}}\n"
HEADER = "study,locus,population,ethnicity,menopausal_status,control_group,"
HEADER += "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC\n"
WHOLE = "S,SNP,,,,,100,200,100,110,210,90\n"
PRE = "S,SNP,pre,,pre,,40,80,30,50,100,40\n"
POST = "S,SNP,post,,post,,60,120,70,60,110,50\n"


@pytest.fixture
def sums(make_project):
    """The findings about sums of the tables, as (severity, check, population, message)."""

    def run(*tables):
        files = {f"{name}.csv": HEADER + rows for name, rows in zip("abc", tables, strict=False)}
        found = read_studies(make_project(files, CONFIG)).findings
        assert not [f for f in found if f.severity == "error"], found
        return [
            (f.severity, f.check, f.population, f.message)
            for f in found
            if f.check.startswith("parts_") and f.check != "parts_by_label"
        ]

    return run


def test_parts_that_add_up_are_no_finding(sums):
    assert sums(WHOLE + PRE + POST) == []


def test_more_in_one_cell_is_a_warning_with_the_numbers(sums):
    ((severity, check, _, message),) = sums(WHOLE + PRE + POST.replace(",70,", ",71,"))
    assert (severity, check) == ("warning", "parts_exceed_whole")
    assert "pre, post" in message and "CC cases 101 against 100" in message
    assert "AA" not in message


def test_fewer_is_a_note_with_the_number_of_people(sums):
    ((severity, check, _, message),) = sums(WHOLE + PRE + POST.replace(",60,110,50", ",55,109,50"))
    assert (severity, check) == ("note", "parts_below_whole")
    assert "6 controls" in message and "cases" not in message


def test_whole_and_parts_in_other_files(sums):
    more = POST.replace(",70,", ",71,")
    assert [check for _, check, *_ in sums(PRE, WHOLE, more)] == ["parts_exceed_whole"]


def test_one_part_alone_may_be_smaller_and_never_larger(sums):
    assert sums(WHOLE + PRE) == []
    ((_, check, _, message),) = sums(WHOLE + PRE.replace(",40,80", ",101,80"))
    assert check == "parts_exceed_whole" and "AA cases 101 against 100" in message


def test_a_blank_cell_is_not_compared(sums):
    assert sums(WHOLE + PRE + POST.replace(",70,", ",,")) == []
    assert sums(WHOLE.replace("100,200,100", "100,200,") + PRE + POST.replace(",70,", ",99,")) == []


def test_parts_that_differ_in_labels_only_are_not_added(sums):
    smokers, obese = (f"S,SNP,{name},,,,60,120,60,70,120,60\n" for name in ("smokers", "obese"))
    assert sums(WHOLE + smokers + obese) == []
    assert len(sums(WHOLE + smokers.replace(",60,120", ",160,120") + obese)) == 1


STAGES = """\
S,SNP,GWAS,{0},,{1},96,217,168,366,1317,1280
S,SNP,first,{0},,{1},634,2049,1673,119,474,519
S,SNP,second,{0},,{1},206,695,477,3279,11284,10260
"""


@pytest.mark.parametrize("ethnicity", ["", "Asian"])
def test_parts_by_label_that_add_up_in_most_cells_tell_of_the_others(sums, ethnicity):
    whole = f"S,SNP,,{ethnicity},,,936,2961,2381,3764,13075,12059\n"
    parts = STAGES.format(ethnicity, "")
    ((severity, check, population, message),) = sums(whole + parts)
    assert (severity, check, population) == ("warning", "parts_differ_from_whole", "")
    assert "CC cases 2381 where the parts have 2318" in message
    assert "two digits exchanged in the whole study?" in message
    assert sums(whole.replace("2381", "2318") + parts) == []


def test_the_slip_may_be_in_a_part(sums):
    whole = "S,SNP,,,,,936,2961,2318,3764,13075,12059\n"
    ((_, check, _, message),) = sums(whole + STAGES.format("", "").replace("2049", "2094"))
    assert check == "parts_differ_from_whole"
    assert "AC cases 2961 where the parts have 3006" in message
    assert "two digits exchanged in first?" in message


def test_parts_by_label_that_are_right_in_few_cells_tell_nothing(sums):
    whole = "S,SNP,,,,,936,2961,2381,3765,13075,12059\n"
    assert [c for _, c, *_ in sums(whole + STAGES.format("", ""))] == ["parts_differ_from_whole"]
    fewer = whole.replace("13075", "13076")
    assert sums(fewer + STAGES.format("", "")) == []


def test_controls_that_parts_by_label_share_are_those_of_the_whole(sums):
    rows = "S,SNP,,,,,100,200,100,110,210,90\nS,SNP,UC,,,,40,80,30,110,210,90\n"
    rows += "S,SNP,CD,,,,60,120,70,110,210,90\n"
    assert sums(rows) == []
    # nor are they right by adding up: two sums of cases do not make a third one wrong
    assert sums(rows.replace(",100,110,", ",109,110,")) == []


@pytest.mark.parametrize("group", ["", "G"])
def test_cases_of_no_part_beside_shared_controls_are_nothing_remarkable(sums, group):
    rows = f"S,SNP,,,,{group},103,206,104,110,210,90\nS,SNP,UC,,,{group},40,80,30,110,210,90\n"
    rows += f"S,SNP,CD,,,{group},60,120,70,110,210,90\n"
    assert sums(rows) == []


def test_families_are_compared_each_with_the_whole(sums):
    asian = "S,SNP,Asian,Asian,,,100,200,100,110,210,90\n"
    assert sums(WHOLE + PRE + POST + asian) == []


def test_crossed_parts_against_the_whole_and_against_their_part(sums):
    crossed = "S,SNP,pre Asian,Asian,pre,,30,40,10,20,50,20\n"
    crossed += "S,SNP,pre other,other,pre,,20,40,20,30,50,20\n"
    found = sums(WHOLE + PRE + POST + crossed)
    # of the whole they are too few, which is noted; of the premenopausal too many
    assert [(check, population) for _, check, population, _ in found] == [
        ("parts_below_whole", ""),
        ("parts_exceed_whole", "pre"),
    ]
    assert "AA cases 50 against 40" in found[1][3]


def test_controls_that_parts_share_count_once(sums):
    rows = "S,SNP,,,,G,100,200,100,110,210,90\nS,SNP,pre,,pre,G,40,80,30,110,210,90\n"
    rows += "S,SNP,post,,post,G,60,120,70,110,210,90\n"
    assert sums(rows) == []
    apart = [check for _, check, *_ in sums(rows.replace(",G,", ",,"))]
    assert apart == ["parts_exceed_whole"]


def test_classes_of_a_repeat_are_compared_by_what_they_mean(make_project):
    header = "study,locus,population,menopausal_status,genotype,cases,controls\n"
    rows = "S,CA,,,>19/>19,10,10\nS,CA,pre,pre,>=20/>=20,6,6\nS,CA,post,post,>19/>19,5,4\n"
    (found,) = read_studies(make_project({"a.csv": header + rows}, CONFIG)).findings[-1:]
    assert found.check == "parts_exceed_whole" and "cases 11 against 10" in found.message


def test_two_wholes_in_two_files_are_an_error(make_project):
    tables = {"a.csv": HEADER + WHOLE, "b.csv": HEADER + WHOLE}
    (found,) = read_studies(make_project(tables, CONFIG)).findings[:1]
    assert (found.severity, found.check, found.file) == ("error", "repeated_row", "b.csv")
