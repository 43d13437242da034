"""Published pools: turned to our allele where needed, matched to our row or listed as unmatched."""

import pytest

from genopool.report import Locus, render_report
from genopool.report.published import match, same_side, turned

REPEAT = Locus("CA", kind="repeat", effect_alleles=("19", "<19"))
SNP = Locus("SNP", kind="snp", alleles=("A", "C"), effect_alleles=("C",))
PALINDROME = Locus("AT", kind="snp", alleles=("A", "T"), effect_alleles=("T",))
WORDS = Locus("IND", kind="snp", alleles=("I", "D"), effect_alleles=("D",))
LOCI = [REPEAT, SNP, PALINDROME, WORDS]
MODELS = ("allelic", "additive", "dominant", "recessive", "homozygous", "heterozygous",
          "overdominant")  # fmt: skip
OURS = [
    {"locus": locus.key, "effect_allele": effect, "model": model, "stratifier": stratifier,
     "stratum": stratum, "k": 3}
    for locus in LOCI for effect in locus.effect_alleles for model in MODELS
    for stratifier, stratum in (("overall", "all"), ("ethnicity", "East Asian"))
]  # fmt: skip


def published(locus="SNP", allele="C", model="dominant", **more):
    row = {"locus": locus, "effect_allele": allele, "model": model, "or": "2", "ci_low": "1.25",
           "ci_high": "4", "subgroup": "overall"}  # fmt: skip
    return match([row | more], OURS, LOCI)[0]


def test_the_same_allele_is_matched_as_it_is():
    found = published()
    assert found.estimate == (2, 1.25, 4)
    assert not found.turned
    wanted = ("C", "dominant", "overall")
    assert (found.ours["effect_allele"], found.ours["model"], found.ours["stratifier"]) == wanted


@pytest.mark.parametrize(
    ("model", "answers"),
    [
        ("allelic", "allelic"), ("additive", "additive"), ("homozygous", "homozygous"),
        ("dominant", "recessive"), ("recessive", "dominant"),
    ],
)  # fmt: skip
def test_the_other_allele_is_turned(model, answers):
    found = published(allele="A", model=model)
    assert found.turned
    assert found.estimate == pytest.approx((0.5, 0.25, 0.8), rel=1e-12)
    assert found.ours["model"] == answers


def test_overdominant_is_the_same_for_both_alleles():
    model, estimate = turned("overdominant", (2.0, 1.25, 4.0))
    assert model == "overdominant"
    assert estimate == pytest.approx((2, 1.25, 4), rel=1e-12)


def test_heterozygous_cannot_be_turned():
    found = published(allele="A", model="heterozygous")
    assert found.ours is None
    assert "cannot be turned" in found.why


def test_the_printed_turn_of_ladd_2007():
    """non-19/non-19 against 19/19 is 1.26 (0.95-1.82) in the paper; 19/19 is its inverse."""
    row = {"or": "1.26", "ci_low": "0.95", "ci_high": "1.82"}
    found = published("CA", "non-19", "homozygous", **row)
    assert found.ours["effect_allele"] == "19"
    assert [f"{x:.2f}" for x in found.estimate] == ["0.79", "0.55", "1.05"]


@pytest.mark.parametrize(
    ("locus", "named", "effect", "side"),
    [
        (SNP, "C", "C", True), (SNP, "a", "C", False), (SNP, "G", "C", True),
        (SNP, "T", "C", False), (SNP, "N", "C", None), (SNP, "non-A", "C", True),
        (PALINDROME, "T", "T", True), (PALINDROME, "G", "T", None), (WORDS, "I", "D", False),
        (WORDS, "A", "D", None), (REPEAT, "non-19", "19", False), (REPEAT, ">=19", "<19", False),
        (REPEAT, "< 19", "<19", True), (REPEAT, "19", "<19", None), (REPEAT, "long", "19", None),
    ],
)  # fmt: skip
def test_which_side_an_allele_names(locus, named, effect, side):
    assert same_side(locus, named, effect) is side


def test_an_allele_that_needs_no_turning_comes_first():
    both = Locus("SNP", kind="snp", alleles=("A", "C"), effect_alleles=("C", "A"))
    row = {"locus": "SNP", "effect_allele": "A", "model": "dominant", "or": 2, "ci_low": 1,
           "ci_high": 4, "stratifier": "overall", "stratum": "all"}  # fmt: skip
    found = match([row], [OURS[0] | row | {"k": 1}], [both])[0]
    assert found.effect_allele == "A"
    assert not found.turned


def test_strata_match_without_case():
    found = published(subgroup="Asian", stratifier="Ethnicity", stratum="east asian")
    assert found.ours["stratum"] == "East Asian"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"locus": "OTHER"}, "locus OTHER is not configured"),
        ({"allele": "N"}, "allele N is neither side of C"),
        ({"model": "codominant"}, "model codominant is not one of allelic"),
        ({"subgroup": "Caucasian"}, "subgroup Caucasian: no stratifier and stratum given"),
        ({"stratifier": "ethnicity", "stratum": "Martian"}, "no study here answers this"),
        ({"stratifier": "ethnicity", "stratum": ""}, "no study here answers this"),
        ({"or": ""}, "not three positive numbers"),
        ({"ci_low": "0"}, "not three positive numbers"),
        ({"ci_high": "n.s."}, "not three positive numbers"),
    ],
)
def test_what_matches_nothing_says_why(changes, why):
    found = published(**changes)
    assert found.ours is None
    assert why in found.why


def test_a_pool_of_ours_without_studies_is_no_match():
    row = {"locus": "SNP", "effect_allele": "C", "model": "dominant", "or": 2, "ci_low": 1,
           "ci_high": 4, "subgroup": "overall"}  # fmt: skip
    ours = {"locus": "SNP", "effect_allele": "C", "model": "dominant", "stratifier": "overall",
            "stratum": "all", "k": 0}  # fmt: skip
    assert match([row], [ours], LOCI)[0].why == "no study here answers this"


def test_rows_on_the_page(make_inputs, parse):
    page = parse(render_report(make_inputs()))
    tables = [
        t for t in page.all("table") if "earlier meta-analyses" in next(t.all("caption")).text
    ]
    matched, unmatched = ([[c.text for c in r.all("th", "td")] for r in t.all("tr")][2:]
                          for t in tables)  # fmt: skip
    assert "1 of 1 match" in next(tables[0].all("caption")).text
    assert matched[0][0] == "Qiu 2010 a DOI"
    assert matched[0][1:5] == ["C homozygous overall", "27", "1.06", "[1.02, 1.11]"]
    assert matched[0][6:9] == ["1", "16.24", "[7.90, 33.36]"]
    assert unmatched[0][0] == "Chen 2008 – (no DOI or PMID given)"
    assert unmatched[0][9] == "no match: locus OTHER is not configured"


def test_the_reference_of_three_alleles_is_turned_only_against_the_rest():
    rest = Locus("APOE", kind="multiallelic", alleles=("e3", "e2", "e4"), effect_alleles=("e4",))
    reference = Locus(
        "APOE",
        kind="multiallelic",
        alleles=("e3", "e2", "e4"),
        effect_alleles=("e4",),
        against="reference",
    )
    assert same_side(rest, "non-e4", "e4") is False
    assert [same_side(locus, "e3", "e4") for locus in (rest, reference)] == [None, None]
    assert [same_side(locus, "e4", "e4") for locus in (rest, reference)] == [True, True]


def test_letters_of_the_other_strand_tell_one_of_three_alleles():
    locus = Locus("TRI", kind="multiallelic", alleles=("A", "C", "T"), effect_alleles=("C",))
    assert same_side(locus, "G", "C") is True
