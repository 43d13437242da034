"""Tables made of good, odd and hostile cells: every row is used, or said not to be."""

import csv
import io

import pytest
from hypothesis import HealthCheck, Phase, given, settings
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
#: Labels that count different people.
LABELS = {
    "SNP": ["AA AC CC", "TT T/G GG", "AA AC+CC", "A C", "A/A C/A"],
    "PALINDROME": ["AA AT TT", "AA AT+TT"],
    "INDEL": ["I/I I/D D/D", "DI DD"],
    "CA": [
        "19/19 19/non-19 non-19/non-19",
        "17/19 19/19 19/21 21/21",
        "<19/<19 <19/>=19 >=19/>=19",
    ],
    "APOE": ["e3/e3 e3/e2 e3/e4 e2/e2 e2/e4 e4/e4", "e2 e3 e4", "e4/e4 e4/non-e4 non-e4/non-e4"],
}
ALLELES = {"SNP": "A C G T", "PALINDROME": "A T", "INDEL": "I D", "CA": "19 <19 non-19 >19 17"}
HOSTILE = ["=cmd|' /C calc'!A0", "<script>hacked=1</script>", "../../etc/passwd", "CON", "a" * 300]
HOSTILE += ["\u202etxt", "\x1b[2J", "\x00", "٣", "-1", "1.5", "1e9", "9" * 25, "nan", "{x}", '"']
# Few draws of what is wrong, or no table would be without errors.
SELDOM = 150
SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=300,
    # a failure is not made smaller: that takes minutes, and the table is printed as it is
    phases=[Phase.explicit, Phase.generate],
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


def people(rows):
    """Study and population of each row, none twice."""
    pairs = st.tuples(st.sampled_from(SHARED["study"]), st.sampled_from(SHARED["population"]))
    return st.lists(pairs, max_size=rows, unique=True)


@st.composite
def count_tables(draw):
    """Header and rows of a wide or long table, whose rows are of one locus."""
    locus = draw(st.sampled_from(list(LABELS)))
    labels = draw(st.sampled_from(LABELS[locus])).split()
    carried = draw(st.lists(st.sampled_from(list(SHARED)[2:]), unique=True, max_size=4))
    shared = ["study", "population", "locus", *carried]
    is_wide = draw(st.booleans())
    unit = "allele" if labels in (["A", "C"], ["e2", "e3", "e4"]) else "genotype"
    if is_wide:
        header = [f"{group}_{label}" for group in ("cases", "controls") for label in labels]
    else:
        header = [unit, "cases", "controls"]
    table = [[*shared, *header]]
    for study, population in draw(people(6)):
        good = [[study], [population], [locus], *map(SHARED.get, carried)]
        who = [draw(cells(cell)) for cell in good]
        if is_wide:
            table.append([*who, *(draw(cells(COUNTS)) for _ in header)])
        else:
            numbers = [[draw(cells(cell)) for cell in ([x], COUNTS, COUNTS)] for x in labels]
            table += [[*who, *own] for own in numbers]
    return table


RATIOS = st.one_of(
    st.floats(0.05, 20).map(lambda x: f"{x:.2f}"), st.sampled_from(["", "1", "0.80"])
)
MODELS = "allelic additive dominant recessive homozygous heterozygous overdominant".split()


@st.composite
def estimate_tables(draw):
    locus = draw(st.sampled_from(list(ALLELES)))
    header = "study population locus effect_allele model measure estimate ci_low ci_high p_value "
    header += "adjusted n_cases"
    table = [header.split()]
    for study, population in draw(people(5)):
        low, middle, high = sorted(
            draw(st.lists(RATIOS, min_size=3, max_size=3)), key=lambda x: float(x or 0)
        )
        good = [[study], [population], [locus], ALLELES[locus].split(), MODELS]
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
    assert rules.cases >= 2 * SETTINGS.max_examples
