"""The configuration: what is accepted, and one readable message for everything that is not."""

import json
import re

import pytest
import yaml
from jsonschema import ValidationError, validate

from genopool import config as configuration
from genopool.association.models import MODELS
from genopool.config import file_name, load
from genopool.config_problems import ConfigError
from genopool.results import settings_rows
from genopool.workflow import locus_settings

LOCI = "loci: {SNP: {alleles: A/C}}\n"


def problems(make_project, text):
    with pytest.raises(ConfigError) as caught:
        make_project({}, text)
    return caught.value.problems


def test_defaults(make_project):
    config = make_project({}, LOCI).config
    assert config.models == MODELS
    assert (config.pooling.tau2_used, config.pooling.interval_used) == ("REML", "hartung-knapp")
    assert config.loci["SNP"].questions == ("C",)


def test_equal_effects_has_wald_intervals(make_project):
    assert make_project({}, LOCI + "pooling: {tau2: EE}\n").config.pooling.interval_used == "wald"
    (problem,) = problems(make_project, LOCI + "pooling: {tau2: EE, interval: hartung-knapp}\n")
    assert "does not go with tau2: EE (equal effects); possible: wald" in problem


def test_overlaps_have_a_rule_whatever_else_they_name(make_project):
    for text, expected in (
        ("", {"keep": "larger"}),
        ("overlaps:\n", {"keep": "larger"}),
        ("overlaps: {Wen 2005: Ye 2007}\n", {"keep": "larger", "Wen 2005": "Ye 2007"}),
        ("overlaps: {keep: newer}\n", {"keep": "newer"}),
    ):
        assert make_project({}, LOCI + text).config.overlaps == expected


def test_a_locus_job_gets_the_choices_and_the_chromosome(make_project):
    text = "loci: {SNP: {alleles: A/C, chromosome: chrX}, B: {alleles: A/T}}\n"
    config = make_project({}, text + "overlaps: {keep: newer, Wen 2005: Ye 2007}\n").config
    given = configuration.Config.model_validate(json.loads(locus_settings(config, "SNP")))
    assert given.loci == {"SNP": config.loci["SNP"]} and given.loci["SNP"].chromosome == "X"
    assert given.overlaps == config.overlaps


def test_moderators_are_regressions_of_one_or_of_several(make_project):
    for text, expected in (
        ("", ()),
        ("moderators:\n", ()),
        ("moderators: latitude\n", (("latitude",),)),
        (
            "moderators: [Latitude, [Latitude, year], Latitude]\n",
            (("Latitude",), ("Latitude", "year")),
        ),
    ):
        config = make_project({}, LOCI + text).config
        assert config.moderators == expected
        given = configuration.Config.model_validate(json.loads(locus_settings(config, "SNP")))
        assert given.moderators == expected
    settings = {row["setting"]: row["value"] for row in settings_rows(config)}
    assert settings["moderators"] == "Latitude, Latitude + year"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[]]", "expected the name of a column, or a list of names, not []"),
        ("[[year, Year]]", "year is named twice in one regression"),
        ("[{a: b}]", "expected text, not {'a': 'b'}"),
        ("[strata.ethnicty]", "'ethnicty' is not a stratifier; did you mean 'ethnicity'?"),
    ],
)
def test_impossible_moderators_are_named(text, problem, make_project):
    (said,) = problems(make_project, LOCI + f"strata: {{ethnicity: {{}}}}\nmoderators: {text}\n")
    assert problem in said


def test_names_are_those_of_the_engine():
    from genopool.pooling import settings
    from genopool.pooling.bayes_priors import TAU_PRIORS
    from genopool.pooling.intervals import INTERVALS
    from genopool.pooling.prediction import PREDICTIONS
    from genopool.pooling.tau2 import TAU2_METHODS

    fields = settings.Pooling.model_fields
    assert {*settings.Tau2Method.__args__, "GENQ"} == set(TAU2_METHODS)
    bayesian = {"equal-tailed", "shortest"}
    assert set(settings.Interval.__args__) == {*INTERVALS, *bayesian, "exact"}
    only = {name: method.only for name, method in INTERVALS.items() if method.only}
    assert only == settings.ONLY_WITH
    assert settings.Prediction.__args__ == PREDICTIONS
    assert set(settings.Method.__args__) >= set(settings.ONE_STAGE)
    assert settings.Bayes.model_fields["tau_prior"].annotation.__args__ == TAU_PRIORS
    assert fields["method"].default == "inverse-variance"
    assert configuration.MODELS == MODELS


@pytest.mark.parametrize(
    ("pooling", "says"),
    [
        ("interval: kenward-roger, tau2: DL", "since it belongs to tau2: REML; possible: hartung-"),
        ("interval: equal-tailed", "possible: hartung-knapp"),
        ("method: mantel-haenszel, tau2: REML", "mantel-haenszel has none"),
        ("method: UM.FS, tau2: REML", "by maximum likelihood"),
        ("method: peto, interval: hartung-knapp", "possible: wald"),
        ("method: bayes, interval: wald", "possible: equal-tailed, shortest"),
        ("method: exact, prediction: riley", "possible: none"),
        ("tau2: EE, prediction: riley", "possible: none"),
        ("method: peto, between_strata: common", "possible with peto: separate"),
        ("method: CM.EL, zero_cells: {apply: none}", "possible: only0"),
        ("method: CM.EL, zero_cells: {drop_double_zero: false}", "possible with UM.RS"),
        ("bayes: {tau_prior: half-cauchy}", "for method: bayes"),
        ("method: bayes, bayes: {tau_prior: uniform}", "needs tau_scale"),
        ("method: bayes, bayes: {tau_prior: log-normal, tau_scale: 1}", "two numbers"),
        ("method: mantelhaenszel", "did you mean 'mantel-haenszel'"),
    ],
)
def test_impossible_pooling_is_refused_with_what_is_possible(make_project, pooling, says):
    text = LOCI + "models: [allelic]\n" + f"pooling: {{{pooling}}}\n"
    assert any(says in problem for problem in problems(make_project, text))


def test_the_additive_model_has_no_two_by_two_table(make_project):
    (problem,) = problems(make_project, LOCI + "pooling: {method: peto}\n")
    assert "models: [allelic, dominant, " in problem


def test_repeats_may_be_unquoted_numbers_and_lists(make_project):
    config = make_project({}, "loci: {CA: {kind: repeat, effect_alleles: [19, '<19', '17,20']}}")
    assert config.config.loci["CA"].questions == ("19", "<19", "17,20")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "loci: {SNP: {alleles: A/C}}\nmodles: [allelic]\n",
            "line 2, modles: unknown key; did you mean 'models'?",
        ),
        (
            LOCI + "models: [allelic, alelic]\n",
            "line 2, models.1: 'alelic' is not known; did you mean 'allelic'?",
        ),
        (
            LOCI + "pooling:\n  tau2: REMLL\n",
            "line 3, pooling.tau2: 'REMLL' is not known; did you mean 'REML'?",
        ),
        (LOCI + "pooling: {level: 95}\n", "pooling.level: 95"),
        (LOCI + "pooling: {zero_cells: {correction: -1}}\n", "zero_cells.correction"),
        (LOCI + "models: [allelic, allelic]\n", "allelic is named twice"),
        ("title: x\n", "loci: missing"),
        ("loci: {}\n", "at least one locus"),
        ("loci: {../x: {alleles: A/C}}\n", "cannot be a file name"),
        ("loci: {CON: {alleles: A/C}}\n", "reserved"),
        ("loci: {a: {alleles: A/C}, A: {alleles: A/C}}\n", "differ only in case"),
        ("loci: {SNP: {alleles: A}}\n", "two alleles"),
        ("loci: {SNP: {alleles: A/A}}\n", "twice"),
        ("loci: {SNP: {alleles: [yes, no]}}\n", "in quotes"),
        (
            "loci: {SNP: {alleles: A/C, effect_alleles: [G]}}\n",
            "G, which is not one of the alleles A/C",
        ),
        ("loci: {CA: {kind: repeat}}\n", "effect_alleles is missing"),
        ("loci: {CA: {kind: repeat, effect_alleles: [x]}}\n", "'x' is not a repeat"),
        (
            "loci: {CA: {kind: repeat, effect_alleles: ['17,19', '17/19', '17-19']}}\n",
            "not a repeat",
        ),
        ("loci: {X: {kind: multiallelic, alleles: a/b}}\n", "three or more"),
        (LOCI + "strata: {overall: {}}\n", "reserved"),
        (LOCI + "strata: {e: {groups: {A: [x], B: [X]}}}\n", "in two groups"),
        (LOCI + "strata: {e: {groups: {A: [x]}, cuts: [1]}}\n", "together"),
        (LOCI + "strata: {e: {cross: [a, b]}}\n", "'a', which is not a stratifier"),
        (LOCI + "strata: {e: {other: own}}\n", "needs groups"),
        (LOCI + "strata: {e: {cuts: [2, 1]}}\n", "increasing"),
        (LOCI + "strata: {e: {cuts: [.nan]}}\n", "increasing"),
        (LOCI + "strata: {e: {cuts: [1, .inf]}}\n", "increasing"),
        (LOCI + "strata: {e: {groups: {A: [B], B: [x]}}}\n", "'B' is in two groups"),
        (LOCI + "strata: {e: {groups: {A: [x], a: [y]}}}\n", "differ only in case"),
        (LOCI + "strata: {e: {groups: {A: ['NA']}}}\n", "'NA' means not reported"),
        (LOCI + "strata: {e: {groups: {All: [x]}}}\n", "reserved"),
        (LOCI + "overlaps: {keep: largest}\n", "one of larger, newer"),
        (LOCI + "overlaps: {A: B, B: A}\n", "A → B → A"),
        (LOCI + "overlaps: {A: A}\n", "A → A"),
        (LOCI + "overlaps: larger\n", "keys and values"),
        (LOCI + "overlaps: {keep: [larger]}\n", "expected text"),
        ("loci: {SNP: {alleles: A/C, chromosome: Y}}\n", "not offered"),
        ("loci: {SNP: {alleles: A/C, chromosome: MT}}\n", "not offered"),
        ("loci: {SNP: {alleles: A/C, chromosome: 7}}\n", "leave it out for an autosome"),
        ("loci: {SNP: {alleles: ['+', '-']}}\n", "cannot be the name of an allele"),
        (LOCI + "allele_frequency_by: ethnicity\n", "not a stratifier"),
        (LOCI + "results: .\n", "below the configuration's own"),
        (LOCI + "results: ../out\n", "below the configuration's own"),
        (LOCI + "results: data\n", "overlaps the folder of the studies"),
        (LOCI + "studies: nowhere\n", "not a folder"),
        (LOCI + "published: nothing.csv\n", "not a file"),
        (LOCI + "simulated: true\ntruth: 'tr{u}th.csv'\n", "truth: the name has { } < or >"),
        (
            "loci:\n  CA:\n    kind: repeat\n    effect_alleles:\n      - >19\n",
            'in quotes, as ">19"',
        ),
        ("loci: [\n", "line 2"),
        ("loci: {SNP: {alleles: A/C}}\nloci: {}\n", "given twice, first in line 1"),
        ("- a\n", "keys and values"),
        ("", "keys and values"),
    ],
)
def test_problem_is_readable(make_project, text, says):
    assert any(says in problem for problem in problems(make_project, text)), says


def test_all_problems_at_once(make_project):
    text = "loci: {SNP: {alleles: A/C, lable: x}}\nmodels: [x]\npooling: {tau: REML}\n"
    assert len(problems(make_project, text)) == 3


def test_alias_bomb_is_refused_with_its_line(make_project):
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (problem,) = problems(make_project, "\n".join(rows))
    assert "line" in problem and "1,000" in problem


def test_alias_of_itself_and_depth_are_refused(make_project):
    assert "itself" in problems(make_project, "a: &a [*a]\n")[0]
    assert "deeply" in problems(make_project, "[" * 5000)[0]


def test_large_file_is_refused(make_project):
    assert "at most 1 MB" in problems(make_project, LOCI + "#" * 1_000_001)[0]


def test_small_aliases_are_fine(make_project):
    text = "loci: {S: &s {alleles: A/C}, T: *s}\n"
    assert list(make_project({}, text).config.loci) == ["S", "T"]


def test_python_objects_are_not_made(make_project):
    assert problems(make_project, "title: !!python/object/apply:os.system [echo]\n" + LOCI)


def test_missing_file(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "config.yaml")


@pytest.mark.parametrize(
    ("name", "safe"),
    [("<19", "lt19"), (">=20", "ge20"), ("17,19", "17-19"), ("I/D", "I-D"), ("é x", "__x")],
)
def test_file_names(name, safe):
    assert file_name(name) == safe


def test_schema_is_current(repository):
    written = (repository / "workflow" / "schemas" / "config.schema.json").read_text()
    assert json.loads(written) == configuration.json_schema(), "run `make schema`"


REPEAT = "{{kind: repeat, effect_alleles: ['19'], {}}}"


@pytest.mark.parametrize(
    ("locus", "said"),
    [
        ("{alleles: A/C, reference_length: '19'}", "reference_length is for kind: repeat"),
        ("{alleles: A/C, length_tails: ['<15']}", "length_tails is for kind: repeat"),
        (REPEAT.format("reference_length: '<19'"), "is not one length"),
        (REPEAT.format("reference_length: '19', length_tails: ['>=19']"), "19 lies in >=19"),
        (REPEAT.format("length_tails: ['<15', '<=17']"), "the tails <15 and <=17 overlap"),
        (REPEAT.format("length_tails: ['15']"), "'15' is not a tail"),
        (REPEAT.format("reference_length: nineteen"), "'nineteen' is not a repeat"),
    ],
)
def test_lengths_that_cannot_be(make_project, locus, said):
    (problem,) = problems(make_project, f"loci:\n  L: {locus}\n")
    assert said in problem


def test_lengths_of_a_repeat(make_project):
    given = REPEAT.format("reference_length: 19, length_tails: <=15")
    locus = make_project({}, f"loci:\n  L: {given}\n").config.loci["L"]
    assert (locus.reference_length, locus.length_tails) == ("19", ("<=15",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("loci: {SNP: {alleles: A/C, frequencies: {X: 0.3}}}\n", "allele_frequency_by"),
        ("loci: {SNP: {alleles: A/C, frequencies: {X: 1.3}}}\n", "less than 1"),
        (
            'loci: {R: {kind: repeat, effect_alleles: ["19", "<19"], frequencies: {X: 0.3}}}\n',
            "one effect allele",
        ),
        (LOCI + "checks: {digits: {warning: 0.5}}\n", "greater than 1"),
        (LOCI + "checks: {too_good: {warning: 2}}\n", "less than or equal to 1"),
        (LOCI + "checks: {digitz: false}\n", "digits"),
    ],
)
def test_problems_of_the_checks(make_project, text, says):
    (problem,) = problems(make_project, text)
    assert says in problem


def test_a_check_is_off_or_has_a_threshold(make_project):
    checks = make_project({}, LOCI + "checks: {digits: false, columns: null}\n").config.checks
    assert checks.digits is None and checks.columns is None
    assert checks.orientation.warning > 1


def test_editors_accept_what_genopool_does(repository):
    """The schema is of what is written: one text for a list, false for a check, nothing for {}."""
    documents = [repository / "config.yaml", *repository.glob("examples/*/config.yaml")]
    written = [yaml.safe_load(path.read_text()) for path in documents]
    page = (repository / "docs" / "configuration.md").read_text()
    written += [
        {"loci": {"SNP": {"alleles": "A/C"}}} | yaml.safe_load(block)
        for block in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    ]
    written.append(written[-1] | {"checks": {"digits": False, "hwe": False, "year": "off"}})
    schema = configuration.json_schema()
    for document in written:
        validate(document, schema)
    with pytest.raises(ValidationError):
        validate(written[-1] | {"checks": {"digits": "maybe"}}, schema)
