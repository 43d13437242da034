"""Planted truth beside estimates: matching, coverage counted by hand, nothing lost."""

from math import log
from statistics import NormalDist

import pandas as pd
import pytest
from scipy import stats

from genopool.report import render_report
from genopool.report.inputs import Locus
from genopool.report.layout import Numbering
from genopool.report.planted import binomial_range, match
from genopool.report.truth import truth_section
from genopool.studies.truth import COLUMNS

LOCUS = Locus("SNP", alleles=("A", "C"), effect_alleles=("C",))
KEY = dict(locus="SNP", effect_allele="C", model="allelic", stratifier="overall", stratum="all")
TRUTH = KEY | dict(log_or="0.2", tau="0.1", reference="", k="5")
OURS = KEY | {
    "k": 5, "or": 1.2, "ci_low": 1.1, "ci_high": 1.3, "tau2": 0.01, "tau2_ci_low": 0.0,
    "tau2_ci_high": 0.02, "pi_low": 1.0, "pi_high": 1.5, "reason": "",
}  # fmt: skip


def one(truth=(), ours=()):
    return match([TRUTH | dict(truth)], [OURS | dict(ours)], [LOCUS])[0]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1.1, 1.3, True), (1.1, 1.2213, False), (1.2216, 1.3, False), (None, 1.3, None)],
)
def test_an_interval_holds_the_truth_or_not(low, high, expected):
    """exp(0.2) = 1.2214"""
    assert one(ours={"ci_low": low, "ci_high": high}).covered is expected


@pytest.mark.parametrize(("tau", "expected"), [("0.1", True), ("0.142", False)])
def test_an_interval_of_tau2(tau, expected):
    assert one({"tau": tau}).tau_covered is expected


def test_share_of_the_planted_studies_in_the_prediction_interval():
    planted = NormalDist(0.2, 0.1)
    assert one().predicted == pytest.approx(planted.cdf(log(1.5)) - planted.cdf(log(1.0)))
    assert one({"tau": "0"}).predicted == 1
    assert one({"tau": "0"}, {"pi_high": 1.2}).predicted == 0
    assert one(ours={"pi_low": None}).predicted is None


def test_one_study_alone_is_not_judged():
    alone = one(ours={"k": 1})
    assert alone.ours is not None
    assert (alone.covered, alone.tau_covered, alone.predicted) == (None, None, None)


@pytest.mark.parametrize(
    ("truth", "ours", "why"),
    [
        ({"locus": "OTHER"}, {}, "the locus is not configured"),
        ({"effect_allele": "A"}, {}, "not an effect allele"),
        ({"model": "dominant"}, {}, "no such result"),
        ({"stratum": "All"}, {}, "no such result"),
        ({}, {"k": 0, "or": None}, "no study here answers this"),
    ],
)
def test_what_matches_nothing_says_why(truth, ours, why):
    found = one(truth, ours)
    assert found.ours is None and why in found.why and found.covered is None


@pytest.mark.parametrize("n", [0, 1, 5, 20, 400])
@pytest.mark.parametrize("p", [0.5, 0.9, 0.95])
def test_binomial_range_against_scipy(n, p):
    low, high = binomial_range(n, p)
    assert (low, high) == tuple(int(x) for x in stats.binom.ppf([0.025, 0.975], n, p))


IGFBP3, IGF1 = "IGFBP3_A-202C", "IGF1_CA"
ROWS = [
    # one study alone; two studies whose interval holds it; and rows that match nothing
    KEY | dict(locus=IGFBP3, model="homozygous", log_or="2.7", tau="0.1"),
    KEY | dict(locus=IGFBP3, model="dominant", log_or="1.0", tau="0.1"),
    KEY | dict(locus=IGFBP3, model="recessive", log_or="0.1", tau="0"),
    KEY | dict(locus="<b>X</b>", log_or="0.1", tau="0"),
    KEY | dict(locus=IGF1, effect_allele="17", model="per_length", reference="19", k="3",
               log_or="-0.1", tau="0"),
    KEY | dict(locus=IGF1, effect_allele="", model="length_trend", k="3", log_or="0.02", tau="0"),
]  # fmt: skip


@pytest.fixture
def page(make_inputs, parse):
    frame = pd.DataFrame([dict.fromkeys(COLUMNS, "") | row for row in ROWS], columns=list(COLUMNS))
    inputs = make_inputs(truth=frame)
    configuration = {**inputs.configuration, "simulated": True}
    return parse(render_report(make_inputs(truth=frame, configuration=configuration)))


def section(page):
    return next(e for e in page.all("section") if e.attributes.get("id") == "truth")


def lines(section, words):
    (table,) = [t for t in section.all("table") if words in next(t.all("caption")).text]
    return [
        [cell.text for cell in row.all("th", "td")]
        for body in table.all("tbody")
        for row in body.all("tr")
    ]


def test_every_row_of_truth_is_on_the_page(page):
    truth = section(page)
    assert "of two studies or more, 1 in number, 1 (100.0%)" in truth.text
    beside = lines(truth, "beside the estimate, overall")
    (dominant,) = [row for row in beside if row[0].startswith("dominant")]
    assert dominant[2:4] == ["2.72", "0.100"] and dominant[6] == "yes"
    (alone,) = [row for row in beside if row[0].startswith("homozygous")]
    assert "one study alone" in alone[6]
    unmatched = lines(truth, "match no result")
    assert [row[0] for row in unmatched] == [IGFBP3, "<b>X</b>"]
    assert "2" in next(e for e in truth.all("span") if e.attributes.get("class") == "count").text
    lengths = lines(truth, "single lengths")
    assert [row[:5] for row in lengths if len(row) > 1] == [
        ["17 repeats", "19 repeats", "3", "0.905", "0.000"],
        ["each repeat more", "one repeat fewer", "3", "1.020", "0.000"],
    ]


def test_every_table_figure_and_heading_of_a_simulated_page_says_so(page):
    captions = [e.text for e in page.all("caption", "figcaption")]
    assert len(captions) > 15
    assert all("Simulated data." in caption for caption in captions)
    for tag in ("title", "h1"):
        assert next(page.all(tag)).text.startswith("Simulated data")
    bar = next(e for e in page.all("p") if e.attributes.get("class") == "simulated")
    assert "no number on this page comes from a real study" in bar.text


def test_other_pages_do_not_say_so(make_inputs, parse):
    page = parse(render_report(make_inputs()))
    assert not [e for e in page.all("section") if e.attributes.get("id") == "truth"]
    assert "Simulated data" not in " ".join(e.text for e in page.all("main"))


def test_truth_about_lengths_is_matched_to_the_results_about_lengths(make_inputs):
    about = [row for row in ROWS if row["locus"] == IGF1]
    result = {name: OURS[name] for name in OURS if name not in KEY} | {
        "locus": IGF1, "stratifier": "overall", "stratum": "all"
    }  # fmt: skip
    lengths = [result | {"length": 17, "reference": 19, "or": 0.9, "ci_low": 0.8, "ci_high": 1.0}]
    trend = [result | {"or": 1.1, "ci_low": 1.05, "ci_high": 1.2}]
    found = truth_section(make_inputs(), about, [], Numbering(), lengths, trend)
    (body,) = found.lengths.bodies
    assert [str(row.cells[-1]) for row in body.rows] == ["yes", '<span class="chip">no</span>']
    assert found.unmatched is None
    # One of them without a result: said where it stands, and among what matches nothing.
    found = truth_section(make_inputs(), about, [], Numbering(), lengths, [])
    assert found.n_unmatched == 1
