"""Identifiers, years, and people of one team."""

import pytest

CELLS = "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"
HEADER = f"study,locus,year,pmid,country,{CELLS}\n"


def rows(*lines):
    numbers = ("36,108,64,26,96,68", "53,169,111,137,353,203", "48,113,75,250,574,315")
    return HEADER + "".join(f"{line},{n}\n" for line, n in zip(lines, numbers, strict=False))


def test_one_paper_under_two_labels_and_two_under_one(findings_of):
    table = rows("Wen 2005,SNP,2005,111,", "Xu 2006,SNP,2006,111,", "Yu 2007,SNP,2007,222,")
    (finding,) = findings_of("same_paper", {"a.csv": table})
    assert (finding.severity, finding.study, finding.value) == ("note", "Xu 2006", "111")
    parts = (
        f"study,locus,population,pmid,{CELLS}\n"
        "Wen 2005,SNP,a,111,36,108,64,26,96,68\nWen 2005,SNP,b,222,53,169,111,137,353,203\n"
    )
    (finding,) = findings_of("same_paper", {"a.csv": parts})
    assert "pmid 222 here and 111 in row 2" in finding.message


@pytest.mark.parametrize(
    ("label", "year", "found"),
    [
        ("Wen 2005", "2005", False),
        ("Wen 2005", "2006", False),
        ("Wen 2005", "2050", True),
        ("Wen 2005", "2015", True),
        ("Wen", "1875", True),
        ("Wen", "20005", True),
        ("Wen", "-2005", True),
        ("Wen", "in press", True),
        ("Wen 2005", "2001-2003", True),
        ("Wen 2005", "2003-2005", False),
        ("Wen 2005", "2004–05", False),
        ("Wen 2005", "2005a", False),
        ("Wen", "2015", False),
        ("Wen", "", False),
    ],
)
def test_years_that_cannot_be(findings_of, label, year, found):
    findings = findings_of("year", {"a.csv": rows(f"{label},SNP,{year},,")})
    assert [f.value for f in findings] == ([year] if found else [])


def people(*labels, sizes=("500,500,1000", "501,499,1000")):
    lines = [
        f"{label},SNP,{label[-4:]},,{country},{100 + i},{100},{50},{90 - i},{80 + i},{30}\n"
        for i, (label, country) in enumerate(labels)
    ]
    return HEADER + "".join(lines)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (("Kim 2005", "Korea"), ("Kim 2007", "Korea"), True),
        (("Kim 2005", ""), ("Kim 2007", "Korea"), True),
        (("Kim 2005", "Korea"), ("Kim 2007", "USA"), False),
        (("Kim 2005", "Korea"), ("Kim 2015", "Korea"), False),
        (("Kim 2005", "Korea"), ("Lee 2007", "Korea"), False),
    ],
)
def test_people_of_one_team(findings_of, first, second, found):
    table = people(first, second).replace(",101,100,50,", ",100,101,49,")
    findings = findings_of("same_people", {"a.csv": table})
    assert [f.study for f in findings] == ([second[0]] if found else [])


def test_groups_of_one_size_are_no_evidence_where_they_are_the_rule(findings_of):
    labels = [(f"Author{i} 2005", "") for i in range(9)] + [("Kim 2005", ""), ("Kim 2007", "")]
    lines = "".join(f"{label},SNP,{label[-4:]},,,{150 + i},{100 - i},50,90,80,30\n"
                    for i, (label, _) in enumerate(labels))  # fmt: skip
    assert not findings_of("same_people", {"a.csv": HEADER + lines})
