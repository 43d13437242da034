"""Verdicts are printed as the tables have them: conclusions, grades and the smallest p."""

import pytest

from genopool.report import render_report
from genopool.report.diagnostic_words import CONCLUSIONS
from genopool.report.verdicts import judged_model

IGFBP3 = "IGFBP3_A-202C"
HOSTILE = "<script>alert(1)</script> & {{ 7 * 7 }}"


def pool(model, **values):
    return {
        "locus": IGFBP3,
        "effect_allele": "C",
        "model": model,
        "stratifier": "overall",
        "stratum": "all",
    } | values


GRADED = [
    pool("dominant", criterion="amount", grade="B", text="512 people with CC."),
    pool("dominant", criterion="replication", grade="C", text="Large inconsistency."),
    pool("dominant", criterion="protection_from_bias", grade="", text="", reason="no counts"),
    pool("dominant", criterion="overall", grade="weak", text="Weak credibility."),
    pool("homozygous", criterion="amount", grade="A", text="Of another model."),
    pool("all", criterion="statement", grade="too_little", text=f"Too little. {HOSTILE}"),
    pool(
        "all",
        criterion="statement",
        grade="single_study",
        text="One study of premenopausal women.",
        stratifier="menopausal_status",
        stratum="premenopausal",
    ),
]
ADJUSTED = [
    pool("dominant", p_value=0.26, p_adjusted=0.31, q_value=0.0071, adjustment="Holm"),
    pool("homozygous", p_value=0.0021, p_adjusted=0.0042, q_value=0.0071, adjustment="Holm"),
    pool(
        "dominant",
        p_value=1e-9,
        p_adjusted=1e-9,
        stratifier="menopausal_status",
        stratum="premenopausal",
    ),
]


@pytest.fixture
def page(make_inputs, frame, parse):
    def render(verdict=GRADED, multiplicity=ADJUSTED):
        return parse(
            render_report(
                make_inputs(
                    verdict=frame("verdict", *verdict),
                    multiplicity=frame("multiplicity", *multiplicity),
                )
            )
        )

    return render


def table(root, words):
    """The cells of the table whose caption has the words."""
    (found,) = [t for t in root.all("table") if words in next(t.all("caption")).text]
    return [[cell.text for cell in row.all("th", "td")] for row in found.all("tr")]


def test_the_front_table_has_a_line_for_every_effect_allele_with_a_result(page):
    line = table(page(), "What can be concluded")[-1]
    assert line[0].startswith("IGFBP3 A-202C : C")
    assert line[1] == "Too little evidence"
    assert line[2:5] == ["3.36", "[< 0.001, > 99,999]", "0.049"]
    # the smallest of all models overall, not of a stratum
    assert line[5:7] == ["0.0042 homozygous, 1 study", "0.0071"]
    assert line[7] == "weak B C –"


def test_criteria_stand_with_their_reasons_and_of_the_primary_model_only(page):
    rows = table(page(), "Venice criteria for the credibility")
    assert rows[-1][:3] == ["Everybody", "B 512 people with CC.", "C Large inconsistency."]
    assert "no counts" in rows[-1][3] and rows[-1][4] == "weak Weak credibility."
    assert "Of another model" not in str(rows)


def test_statements_are_text_and_those_of_strata_are_named(page):
    root = page()
    (box,) = [e for e in root.all("div") if "statement" in e.attributes.get("class", "")]
    assert box.text == f"Too little evidence. Too little. {HOSTILE}"
    assert not list(box.all("script"))
    (strata,) = [e for e in root.all("dl") if e.attributes.get("class") == "strata"]
    assert strata.text == (
        "premenopausal (by menopausal status): One study only One study of premenopausal women."
    )


def test_without_verdicts_there_is_no_table_and_no_box(make_inputs, parse):
    root = parse(render_report(make_inputs()))
    assert not any("What can be concluded" in c.text for c in root.all("caption"))
    assert not any("statement" in e.attributes.get("class", "") for e in root.all("div"))


@pytest.mark.parametrize(
    ("studies", "expected"),
    [
        ({"allelic": 3, "dominant": 3}, "allelic"),
        ({"allelic": 2, "dominant": 3}, "dominant"),
        ({"recessive": 3, "dominant": 3}, "dominant"),
        ({"allelic": 0}, ""),
        ({}, ""),
    ],
)
def test_the_primary_model_is_the_first_that_most_studies_answer(studies, expected):
    rows = [pool(model, k=k) for model, k in studies.items()]
    rows += [pool("recessive", k=99, stratifier="ethnicity", stratum="Asian")]
    assert judged_model(("allelic", "dominant", "recessive"), rows) == expected


def test_every_conclusion_has_words():
    from genopool.diagnostics import conclusion

    assert set(CONCLUSIONS) == set(conclusion.CONCLUSIONS)
