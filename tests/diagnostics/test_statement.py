"""Statements say what their numbers say, in sentences, for any numbers."""

import importlib.util
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from genopool.diagnostics.conclusion import conclude
from genopool.diagnostics.evidence import Estimate, Evidence, StrataTest, Without
from genopool.diagnostics.statement import statement


def beside(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


faults = beside("statements").faults
SOUND = beside("test_conclusion").SOUND

#: What has to be changed together, since it is about the same studies.
COUNTED = frozenset("k studies reported largest without_one first departing warned".split())


def an_estimate(rng, *, has_p=True):
    log_or, se = rng.normal(0, 0.3), rng.choice([0.02, 0.1, 0.4, 3.0])
    p = float(rng.uniform()) if has_p else float("nan")
    if has_p and abs(log_or) > 1.96 * se:
        p = float(rng.choice([1e-9, 0.001, 0.049]))
    limits = np.exp([log_or, log_or - 1.96 * se, log_or + 1.96 * se])
    return Estimate(*map(float, limits), p, float(rng.uniform(0, 99)))


def anything(seed):
    """Evidence with any numbers and any of them missing."""
    rng = np.random.default_rng(seed)
    k = int(rng.choice([1, 2, 3, 4, 9, 10, 26]))
    names = tuple(f"Study {i}" for i in range(k))
    maybe = lambda value: value if rng.uniform() < 0.7 else float("nan")  # noqa: E731
    some = lambda: an_estimate(rng) if rng.uniform() < 0.7 else None  # noqa: E731
    part = lambda: tuple(n for n in names if rng.uniform() < 0.2)  # noqa: E731
    has_p = bool(rng.uniform() < 0.9)
    return Evidence(
        locus="GENE rs1",
        outcome="disease",
        exposed=str(rng.choice(["C alleles", "each copy of C", "AC + CC"])),
        reference="AA",
        per_copy=bool(rng.uniform() < 0.3),
        stratum=str(rng.choice(["", "ethnicity: Asian"])),
        k=k,
        studies=int(rng.integers(1, k + 1)),
        reported=int(rng.choice([0, 0, 1, k])),
        n_cases=maybe(float(rng.integers(20, 9000))),
        n_controls=maybe(float(rng.integers(20, 9000))),
        without_numbers=int(rng.integers(0, 2)),
        pooled=an_estimate(rng, has_p=has_p),
        level=float(rng.choice([0.95, 0.9])),
        df=maybe(float(max(k - 1, 1))),
        tau2=maybe(float(rng.choice([0.0, 0.0003, 0.05]))),
        i2=maybe(float(rng.choice([0.0, 12.0, 40.0, 63.0, 100.0]))),
        q_p=maybe(float(rng.uniform())),
        pi_low=maybe(float(rng.choice([0.0, 0.7, 1.01]))),
        pi_high=maybe(float(rng.choice([1.02, 1.6, float("inf")]))),
        models=int(rng.choice([1, 3, 7])),
        p_adjusted=maybe(float(rng.uniform())),
        largest=Without(names[0], an_estimate(rng)),
        share=float(rng.uniform(5, 100)),
        without_one=tuple(Without(n, an_estimate(rng)) for n in names if k > 1),
        first=names[:1],
        first_alone=an_estimate(rng),
        departing=part(),
        untested=int(rng.integers(0, 2)),
        without_departures=some(),
        counts_only=some(),
        warned=part(),
        without_warned=some(),
        small_study_test=str(rng.choice(["harbord", "ruecker", "egger_mixed"])),
        small_study_p=maybe(float(rng.choice([0.01, 0.5]))),
        small_study_slope=maybe(float(rng.normal())),
        alike=bool(rng.uniform() < 0.2),
        adjusted=some(),
        filled=some(),
        excess_p=maybe(float(rng.uniform())),
        choices=70,
        choices_significant=int(rng.integers(0, 71)),
        prior=0.01,
        false_probability=maybe(float(rng.uniform())),
        information=maybe(float(rng.uniform(0, 2))),
        information_or=1.2,
        strata=tuple(
            StrataTest(f"stratifier {i}", maybe(float(rng.choice([0.01, 0.4]))))
            for i in range(int(rng.integers(0, 4)))
        ),
    )


def partly_anything(seed):
    """The same, but sound in a random part, since hardly any result with all at random is."""
    rng, wild = np.random.default_rng([seed, 1]), anything(seed)
    share = rng.choice([0.1, 0.3, 1.0])
    names = {field.name for field in fields(wild) if rng.uniform() < share}
    if names & COUNTED:
        names |= COUNTED
    partly = replace(SOUND, **{name: getattr(wild, name) for name in names})
    return replace(partly, studies=min(partly.studies, partly.k))


def test_any_numbers_make_sentences():
    seen = set()
    for seed in range(3000):
        evidence = partly_anything(seed)
        text = statement(evidence)
        seen.add(conclude(evidence).name)
        # Each of the random names and groups makes a sentence longer than those of real data.
        assert [f for f in faults(text) if "characters" not in f] == [], f"{seed}: {text}"
    assert len(seen) == 11, "every conclusion but that of no study"


def test_the_conclusion_comes_first_and_the_numbers_follow():
    text = statement(SOUND)
    assert text.startswith("The studies support an association between GENE rs1 and disease. ")
    assert (
        "The odds ratio for C alleles compared with A alleles is 1.30 (95% CI 1.20 to 1.41, "
        "p < 0.0001), from 12 studies with 4,000 cases and 4,100 controls: higher odds of disease "
        "with C alleles." in text
    )
    assert "Allowing for the three genetic models looked at, p < 0.0001." in text
    assert "It stays significant whichever single study is left out" in text
    assert faults(text) == []


def test_below_1_the_odds_are_lower():
    text = statement(replace(SOUND, pooled=Estimate(0.70, 0.6, 0.81, 0.0001)))
    assert "lower odds of disease with C alleles" in text and "higher odds" not in text


def test_without_significance_no_side_is_named():
    text = statement(replace(SOUND, pooled=Estimate(1.02, 0.95, 1.09, 0.6)))
    assert "higher odds" not in text and "lower odds" not in text
    assert "their interval excludes average odds ratios outside 0.95 to 1.09." in text
    assert "truly associated" not in text


def test_a_wide_interval_says_how_much_it_leaves_open():
    text = statement(replace(SOUND, pooled=Estimate(1.1, 0.5, 2.4, 0.6)))
    assert text.startswith("There is too little evidence to tell whether GENE rs1 is associated")
    assert "odds ratios from 0.50 to 2.40 are compatible with it" in text


def test_one_study_is_no_meta_analysis():
    one = replace(SOUND, k=1, studies=1, without_one=(), p_adjusted=0.001)
    text = statement(one)
    assert text.startswith(
        "The tables hold only one study of GENE rs1 and disease, and so no meta-analysis: it found "
        "an association, which awaits replication."
    )
    assert "from one study with" in text and "single study is left out" not in text
    assert "only nominally significant" in statement(replace(one, p_adjusted=0.06))
    null = replace(one, pooled=Estimate(1.0, 0.6, 1.7, 0.9))
    assert "it does not show an association, and excludes little" in statement(null)


def test_two_studies_cannot_tell():
    two = replace(SOUND, k=2, studies=2, df=1, pooled=Estimate(1.4, 0.2, 9.0, 0.2))
    assert statement(two).startswith("Two studies cannot tell whether GENE rs1")


def test_no_study():
    text = statement(Evidence("GENE rs1", "disease", "C", "A", stratum="ethnicity: Asian"))
    assert text == (
        "No study in the tables answers this about GENE rs1 and disease (ethnicity: Asian)."
    )


def test_the_study_that_it_rests_on_is_named():
    lost = tuple(
        Without(w.study, Estimate(1.01, 0.9, 1.13, 0.9) if w.study == "C" else w.estimate)
        for w in SOUND.without_one
    )
    text = statement(replace(SOUND, without_one=lost))
    assert "rests on one study, C: without it the odds ratio is 1.01 (95% CI 0.90" in text


def test_few_studies_are_no_relief_about_small_ones():
    few = replace(SOUND, k=9, studies=9, small_study_p=0.9)
    assert "With fewer than ten studies it cannot be told whether small ones exaggerate." in (
        statement(few)
    )
    assert "Nothing shows that small studies exaggerate (Harbord's test, p = 0.50)" in (
        statement(SOUND)
    )


def test_small_study_effects_give_both_adjusted_odds_ratios():
    null, shrunk = Estimate(1.01, 0.9, 1.13), Estimate(1.1, 0.97, 1.25)
    text = statement(replace(SOUND, small_study_p=0.01, adjusted=null, filled=shrunk))
    assert "small-study effects, such as selective publication, could explain it" in text
    assert "1.01 (95% CI 0.90 to 1.13) by PET-PEESE and 1.10 (95% CI 0.97 to 1.25) by trim" in text


def test_lack_of_significance_in_a_stratum_is_no_difference():
    stratum = replace(
        SOUND,
        stratum="ethnicity: Asian",
        pooled=Estimate(1.05, 0.9, 1.2, 0.5),
        strata=(StrataTest("ethnicity", 0.4),),
    )
    assert statement(stratum).endswith(
        "That it is not significant here does not show that this stratum differs from others (test "
        "between strata of ethnicity: p = 0.40)."
    )


def test_strata_that_differ_are_named():
    tests = (StrataTest("ethnicity", 0.001), StrataTest("control source", 0.5))
    text = statement(replace(SOUND, strata=tests))
    assert "The odds ratio differs by ethnicity (p = 0.0010)." in text
    assert "It does not clearly differ by control source (p = 0.50)." in text


def test_reported_odds_ratios_lean():
    some = replace(SOUND, reported=2, counts_only=Estimate(1.2, 1.1, 1.3, 0.001))
    assert (
        "Two of the 12 were found in abstracts, as odds ratios without counts; these lean to "
        "positive results, and counts alone give 1.20" in statement(some)
    )
    wholly = replace(SOUND, reported=12, counts_only=None)
    assert "rests wholly on odds ratios that papers report without counts" in statement(wholly)


@pytest.mark.parametrize(("level", "text"), [(0.95, "95% CI"), (0.9, "90% CI"), (0.995, "99.5%")])
def test_the_level_of_intervals(level, text):
    assert f"1.30 ({text}" in statement(replace(SOUND, level=level))


def test_a_probability_is_a_least_one_unless_it_is_tiny():
    assert "false with probability 82% or more." in statement(
        replace(SOUND, false_probability=0.82)
    )
    assert "false with probability under 1%." in statement(replace(SOUND, false_probability=0.001))


def test_a_credible_interval_is_called_so():
    bayes = replace(SOUND, pooled=Estimate(1.3, 1.2, 1.4, kind="credible interval"))
    assert "1.30 (95% credible interval 1.20 to 1.40), from" in statement(bayes)


@pytest.mark.parametrize(
    ("studies", "probability", "expected"),
    [
        (12, 0.004, "false with probability under 1%."),
        (12, 0.3, "false with probability 30% or more."),
        (1, 0.9, "false with probability 90% or more."),
        (1, 0.004, ""),
    ],
)
def test_a_low_probability_of_error_does_not_vouch_for_one_study(studies, probability, expected):
    evidence = replace(SOUND, false_probability=probability)
    if studies == 1:
        evidence = replace(evidence, k=1, studies=1, without_one=(), first=(), largest=None)
    text = statement(evidence)
    assert expected in text and ("false with" in text) == bool(expected)
