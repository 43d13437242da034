"""Which conclusion numbers allow, rule by rule."""

from dataclasses import replace

import pytest

from genopool.diagnostics.conclusion import CONCLUSIONS, conclude, rests_on
from genopool.diagnostics.evidence import Estimate, Evidence, Without

STUDIES = tuple("ABCDEFGHIJKL")
FIRM = Estimate(1.30, 1.20, 1.41, 0.00001)
LOST = Estimate(1.28, 0.97, 1.69, 0.08)
NULL = Estimate(1.02, 0.93, 1.12, 0.6)

#: Twelve studies that agree, with nothing against them.
SOUND = Evidence(
    locus="GENE rs1",
    outcome="disease",
    exposed="C alleles",
    reference="A alleles",
    k=12,
    studies=12,
    n_cases=4000,
    n_controls=4100,
    pooled=FIRM,
    df=11,
    tau2=0.0,
    i2=0.0,
    q_p=0.6,
    pi_low=1.20,
    pi_high=1.41,
    models=3,
    p_adjusted=0.00002,
    largest=Without("A", Estimate(1.3, 1.05, 1.6, 0.01)),
    share=15.0,
    without_one=tuple(Without(name, FIRM) for name in STUDIES),
    first=("B",),
    small_study_test="harbord",
    small_study_p=0.5,
    small_study_slope=0.7,
    excess_p=0.5,
    choices=70,
    choices_significant=70,
    prior=0.01,
    false_probability=0.02,
    information=2.0,
    information_or=1.2,
)


def name(**changes):
    return conclude(replace(SOUND, **changes)).name


def reservations(**changes):
    return conclude(replace(SOUND, **changes)).reservations


def without(*lost, by=LOST):
    return tuple(Without(study, by if study in lost else FIRM) for study in STUDIES)


def test_nothing_against_it_supports():
    found = conclude(SOUND)
    assert (found.name, found.reservations) == ("supports", ())


def test_no_study_and_one_study_say_nothing_more():
    assert conclude(Evidence("L", "d", "C", "A")).name == "no_study"
    assert name(k=1, studies=1) == "single_study"
    assert name(k=3, studies=1) == "single_study"


@pytest.mark.parametrize(
    ("changes", "reservation"),
    [
        ({"pooled": Estimate(1.10, 1.05, 1.15, 0.0001)}, "low"),
        ({"i2": 60.0, "pi_low": 0.9, "pi_high": 1.9}, "inconsistent"),
        ({"k": 3, "studies": 3}, "few studies"),
        ({"false_probability": 0.81}, "chance"),
        ({"excess_p": 0.05}, "excess"),
        ({"without_one": without("C")}, "fragile"),
        ({"small_study_p": 0.05, "adjusted": FIRM, "filled": FIRM}, "small studies"),
        ({"largest": Without("A", Estimate(1.02, 0.9, 1.15, 0.7)), "share": 25.0}, "largest"),
    ],
)
def test_one_thing_against_it_suggests(changes, reservation):
    found = conclude(replace(SOUND, **changes))
    assert (found.name, found.reservations) == ("suggests", (reservation,))


@pytest.mark.parametrize(
    "changes",
    [
        {"p_adjusted": 0.06},
        {"choices_significant": 60},
        {"without_one": without("C"), "false_probability": 0.9},
        {"without_one": without("C"), "k": 3, "studies": 3},
    ],
)
def test_significance_that_does_not_last_is_nominal(changes):
    assert name(**changes) == "nominal_only"


def test_heterogeneity_on_one_side_of_1_is_not_held_against_it():
    """For a prediction interval of 0.97 to 1.7 the other side has 3.8%: log(1.284) / (0.561 / 3.92)
    is 1.77 standard deviations. One of 0.9 to 1.7 has 9.5%."""
    assert name(i2=70.0, pi_low=1.02, pi_high=1.7) == "supports"
    assert name(i2=70.0, pi_low=0.97, pi_high=1.7) == "supports"
    assert name(i2=70.0, pi_low=0.90, pi_high=1.7) == "suggests"


def test_a_study_that_takes_the_effect_along_carries_it():
    evidence = replace(SOUND, without_one=without("C", by=Estimate(1.08, 0.95, 1.22, 0.3)))
    assert rests_on(evidence) == "C" and conclude(evidence).name == "rests_on_one_study"


def test_a_study_with_most_information_carries_it():
    of_a = {"share": 55.0, "without_one": without("A")}
    assert name(**of_a) == "rests_on_one_study"
    assert name(**(of_a | {"share": 45.0})) == "suggests"
    # It does not where half of the others find the same by themselves.
    assert name(**of_a, significant_alone=tuple("ABCDEF")) == "rests_on_one_study"
    assert name(**of_a, significant_alone=tuple("ABCDEFG")) == "suggests"


def test_a_large_study_that_the_others_contradict_carries_what_the_pool_does_not_show():
    big = {
        "pooled": Estimate(1.05, 0.85, 1.30, 0.6),
        "largest": Without("A", Estimate(1.40, 1.28, 1.53, 1e-6)),
        "share": 80.0,
        "without_one": without("A", by=NULL),
    }
    assert name(**big) == "rests_on_one_study"
    # Others that are compatible with it contradict nothing.
    wide = without("A", by=Estimate(1.0, 0.6, 1.7, 0.9))
    assert name(**(big | {"without_one": wide})) == "not_shown"


@pytest.mark.parametrize(
    ("group", "pool"),
    [
        ({"departing": ("C", "D")}, "without_departures"),
        ({"warned": ("C",)}, "without_warned"),
        ({"reported": 2}, "counts_only"),
    ],
)
def test_doubtful_data_that_carry_it(group, pool):
    halved = Estimate(1.12, 0.95, 1.32, 0.2)
    for left in (halved, Estimate(0.7, 0.6, 0.8, 0.001), None):
        assert name(**group, **{pool: left}) == "rests_on_doubtful_data"
    assert name(**group, **{pool: FIRM}) == "supports"


@pytest.mark.parametrize(
    ("group", "pool"),
    [({"departing": ("C",)}, "without_departures"), ({"reported": 1}, "counts_only")],
)
def test_few_doubtful_data_that_carry_only_its_significance(group, pool):
    assert name(**group, **{pool: LOST}) == "suggests"
    assert name(**group, **{pool: LOST}, false_probability=0.9) == "nominal_only"
    half = {key: STUDIES[:6] if key == "departing" else 6 for key in group}
    assert name(**half, **{pool: LOST}) == "rests_on_doubtful_data"


def test_small_study_effects_that_explain_it():
    biased = {"small_study_p": 0.02, "adjusted": NULL, "filled": LOST}
    assert name(**biased) == "small_study_effects"
    # One adjustment alone does not decide it, nor do small studies with the weaker association,
    assert name(**(biased | {"filled": FIRM})) == "suggests"
    assert name(**(biased | {"small_study_slope": -2.0})) == "supports"
    # nor few studies, nor studies of one size.
    assert name(**(biased | {"k": 9, "studies": 9})) == "supports"
    assert name(**(biased | {"alike": True})) == "supports"
    # With few studies the most precise one has to contradict the pool too.
    contradicting = {"largest": Without("A", Estimate(1.0, 0.9, 1.1, 0.9)), "share": 30.0}
    assert name(**(biased | {"k": 8, "studies": 8} | contradicting)) == "small_study_effects"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.95, 1.10, "large_effects_excluded"),
        (0.84, 1.19, "large_effects_excluded"),
        (0.82, 1.10, "not_shown"),
        (0.9, 1.3, "not_shown"),
        (0.67, 1.49, "not_shown"),
        (0.8, 1.6, "too_little"),
        (0.6, 1.1, "too_little"),
        (0.0, float("inf"), "too_little"),
    ],
)
def test_an_interval_with_1_says_what_it_excludes(low, high, expected):
    assert name(pooled=Estimate(1.01, low, high, 0.8)) == expected


def test_two_studies_on_one_degree_of_freedom_cannot_tell():
    narrow = Estimate(1.01, 0.95, 1.08, 0.4)
    assert name(k=2, studies=2, df=1, pooled=narrow) == "too_little"
    assert name(k=2, studies=2, df=float("nan"), pooled=narrow) == "large_effects_excluded"


def test_studies_disagree_only_beyond_chance_and_with_enough_of_them():
    pooled = {"pooled": Estimate(1.05, 0.9, 1.15, 0.6), "i2": 70.0}
    assert name(**pooled, q_p=0.001) == "studies_disagree"
    assert name(**pooled, q_p=0.06) == "large_effects_excluded"
    assert name(**pooled, q_p=0.001, k=4, studies=4) == "large_effects_excluded"


def test_without_p_the_interval_decides():
    assert name(pooled=Estimate(1.3, 1.1, 1.5)) == "supports"
    assert name(pooled=Estimate(1.3, 0.99, 1.5)) == "not_shown"


def test_conclusions_are_a_fixed_list():
    assert len(set(CONCLUSIONS)) == len(CONCLUSIONS) == 12


def test_what_chance_cannot_do_is_not_put_down_to_it():
    """Few studies make the average uncertain, however sure each of them is."""
    few = {"k": 3, "studies": 3, "df": 2, "p_adjusted": 0.08, "false_probability": 0.95}
    few["without_one"] = tuple(Without(study, LOST) for study in "ABC")
    assert name(**few, equal_effects_p=1e-5) == "nominal_only"
    assert name(**few, equal_effects_p=1e-20) == "suggests"
    assert "chance" in reservations(**few, equal_effects_p=1e-5)
    assert "chance" not in reservations(**few, equal_effects_p=1e-20)
    assert name(equal_effects_p=1e-20, false_probability=0.95) == "supports"
