"""Tables made of good, odd and hostile cells: every row is used, or said not to be."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CONFIG = """\
loci:
  SNP: {alleles: A/C}
  PALINDROME: {alleles: A/T}
  INDEL: {alleles: I/D}
  CA: {kind: repeat, effect_alleles: ["19", "<19"]}
  APOE: {kind: multiallelic, alleles: e3/e2/e4, effect_alleles: [e2, e4]}
strata:
  ethnicity: {groups: {Caucasian: [Caucasian, European], East Asian: [Chinese, Korean]}}
  menopausal_status: {}
  year: {cuts: [2005]}
  both: {cross: [ethnicity, menopausal_status]}
allele_frequency_by: ethnicity
"""
ALLELES = {
    "SNP": "A C G T",
    "PALINDROME": "A T",
    "INDEL": "I D",
    "CA": "19 <19 non-19 >19 17 21",
    "APOE": "e3 e2 e4 non-e3",
}
HOSTILE = ["=cmd|' /C calc'!A0", "<script>hacked=1</script>", "../../etc/passwd", "CON", "a" * 300]
HOSTILE += ["\u202etxt", "\x1b[2J", "\x00", "٣", "-1", "1.5", "1e9", "9" * 25, "nan", "{x}", '"']
# Few draws of what is wrong, or no table would be without errors.
SELDOM = 40
SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=500,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def rules(outcomes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    (folder / "data" / "studies").mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    return outcomes(folder / "config.yaml")


@st.composite
def cells(draw, good):
    """A cell: almost always one of `good`."""
    if draw(st.integers(0, SELDOM)) == SELDOM:
        return draw(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)))
    return draw(st.sampled_from(good) if isinstance(good, list) else good)


COUNTS = st.one_of(
    st.integers(0, 300).map(str),
    st.sampled_from(["0", "", "NA", "5.0", "1000000000"]),
)
SHARED = {
    "study": [f"S{i}" for i in range(6)] + ["<b>S</b>", "S & T", "Ñandú 2005", "=S"],
    "population": ["", "", "", "", "pre", "post", "women"],
    "ethnicity": ["", "European", "chinese", "Martian", "<i>x</i>"],
    "menopausal_status": ["", "premenopausal", "POSTMENOPAUSAL"],
    "year": ["", "2001", "2010"],
    "control_group": ["", "", "", "", "", "", "", "G"],
    "note": ["", "two\nlines", 'a "quoted" word, with comma', "tab\there", "=1+1"],
}


@st.composite
def labels_of(draw, locus):
    names = ALLELES[locus].split()
    pair = st.lists(st.sampled_from(names), min_size=2, max_size=2).map("/".join)
    return draw(st.lists(pair, min_size=1, max_size=4, unique_by=lambda x: "".join(sorted(x))))


@st.composite
def count_tables(draw):
    """Header and rows of a wide or long table, whose rows are of one locus."""
    locus = draw(st.sampled_from(list(ALLELES)))
    labels = draw(labels_of(locus))
    others = draw(st.lists(st.sampled_from(list(SHARED)[1:]), unique=True, max_size=5))
    rows = draw(st.integers(0, 6))
    if draw(st.booleans()):
        header = ["study", "locus", *others]
        header += [f"{group}_{label}" for group in ("cases", "controls") for label in labels]
        good = [SHARED["study"], [locus], *map(SHARED.get, others), *[COUNTS] * 2 * len(labels)]
        return [header, *([draw(cells(cell)) for cell in good] for _ in range(rows))]
    header = ["study", "locus", *others, "genotype", "cases", "controls"]
    table = [header]
    for _ in range(rows):
        who = [draw(cells(cell)) for cell in (SHARED["study"], [locus], *map(SHARED.get, others))]
        table += [
            [*who, draw(cells([x])), draw(cells(COUNTS)), draw(cells(COUNTS))] for x in labels
        ]
    return table


RATIOS = st.one_of(
    st.floats(0.05, 20).map(lambda x: f"{x:.2f}"), st.sampled_from(["", "1", "0.80"])
)
MODELS = "allelic additive dominant recessive homozygous heterozygous overdominant".split()


@st.composite
def estimate_tables(draw):
    locus = draw(st.sampled_from(list(ALLELES)))
    header = "study locus population effect_allele model measure estimate ci_low ci_high p_value "
    header += "adjusted n_cases"
    table = [header.split()]
    for _ in range(draw(st.integers(0, 5))):
        low, middle, high = sorted(draw(st.lists(RATIOS, min_size=3, max_size=3)))
        good = [SHARED["study"], [locus], SHARED["population"], ALLELES[locus].split(), MODELS]
        good += [["OR", "OR", "HR"], [middle or "1.1"], [low], [high], ["", "0.03", "<0.001"]]
        good += [["yes", "no", ""], COUNTS]
        table.append([draw(cells(cell)) for cell in good])
    return table


def as_csv(table):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue().encode("utf-8", "surrogatepass")


@SETTINGS
@given(st.lists(count_tables(), min_size=1, max_size=3), st.booleans())
def test_counts(rules, tables, in_full):
    rules.check({f"{i}.csv": as_csv(t) for i, t in enumerate(tables)}, in_full=in_full)


@SETTINGS
@given(estimate_tables(), count_tables(), st.booleans())
def test_estimates_beside_counts(rules, estimates, counts, in_full):
    rules.check({"a.csv": as_csv(estimates), "b.csv": as_csv(counts)}, in_full=in_full)


def test_some_of_them_were_analysed_and_some_refused(rules):
    assert rules.analysed > 50 and rules.with_errors > 50, vars(rules)
    print({k: v for k, v in vars(rules).items() if isinstance(v, int)})
    assert rules.cases >= 2 * SETTINGS.max_examples
