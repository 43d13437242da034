"""A design that cannot be meant is refused whole, with every problem at once."""

import pytest

from genopool.config_problems import ConfigError
from genopool.simulation.design import load


def problems(make_design, changes=None, config=None):
    with pytest.raises(ConfigError) as caught:
        make_design(changes, config)
    return "\n".join(caught.value.problems)


def test_the_design_of_the_example_is_read(repository):
    project = load(repository / "examples" / "simulated" / "simulation.yaml")
    assert project.design.studies.number == 30
    assert len(project.design.ancestries) == 5
    lengths = project.design.loci["IGF1_CA"].frequencies["European"]
    assert sorted(map(int, lengths)) == list(range(10, 25))


def test_all_problems_at_once_with_their_lines(make_design):
    said = problems(
        make_design,
        {
            "studies": {"number": 0, "colour": "red", "cases": {"least": 500}},
            "parts": {"menopausal_status": {"cases": {"premenopausal": 0.9}}},
        },
    )
    assert "line 3, studies.number: 0" in said
    assert "studies.colour: unknown key" in said and "Known keys: number" in said
    assert "expected least <= median <= most" in said
    assert "the shares add up to 1.5; expected 1" in said


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seed": None}, "seed: missing"),
        ({"seed": -1}, "seed"),
        ({"studies": {"years": [2010, 2001]}}, "[2010, 2001] is the wrong way round"),
        ({"studies": {"columns": {"control_source": {"hospital": 0.9}}}}, "add up to 1.4"),
        ({"studies": {"columns": {"Ethnicity": {"x": 1.0}}}}, "'Ethnicity' cannot be a column"),
        ({"studies": {"columns": {"cases_AA": {"x": 1.0}}}}, "'cases_AA' cannot be a column"),
        ({"studies": {"columns": {"model": {"x": 1.0}}}}, "'model' cannot be a column"),
        ({"ancestries": {"European": {"share": 0.6}}}, "ancestries: the shares add up to 1.1"),
        ({"ancestries": {"European": {"f_st": 1.0}}}, "f_st"),
        ({"parts": {"receptor_status": {"parts_only": 0.5}}}, "need the whole study beside them"),
        (
            {"parts": {"receptor_status": {"controls": {"x": 1.0}}}},
            "cases and controls name different parts",
        ),
        (
            {"parts": {"stage": {"cases": {"premenopausal": 0.5, "other": 0.5}}}},
            "'premenopausal' is a part twice",
        ),
        ({"loci": {"SNP": {"reporting": {"sums": 0.8, "alleles": 0.3}}}}, "add up to 1.2"),
        ({"loci": {"SNP": {"reporting": {"classes": 0.1, "sums": 0}}}}, "is for a repeat"),
        ({"loci": {"SNP": {"frequencies": {"European": None}}}}, "of European are missing"),
        ({"loci": {"SNP": {"frequencies": {"European": {"C": 0.5}}}}}, "add up to 1.1"),
        (
            {"loci": {"SNP": {"frequencies": {"European": {"C": 0.3, "G": 0.1}}}}},
            "G is not an allele of the locus",
        ),
        (
            {"loci": {"SNP": {"frequencies": {"Europaean": {"A": 1.0}}}}},
            "'Europaean', which is not an ancestry; did you mean 'European'?",
        ),
        ({"loci": {"CA": {"effects": [{"log_or": 0.1}]}}}, "one of alleles and per_repeat_from"),
        (
            {
                "loci": {
                    "CA": {
                        "effects": [
                            {"per_repeat_from": 19, "inheritance": "dominant", "log_or": 0.1}
                        ]
                    }
                }
            },
            "the effect of a length is additive",
        ),
        ({"loci": {"CA": {"effects": [{"alleles": "short", "log_or": 0.1}]}}}, "is not a repeat"),
        (
            {"loci": {"SNP": {"effects": [{"per_repeat_from": 19, "log_or": 0.1}]}}},
            "per_repeat_from is for a repeat",
        ),
        (
            {"loci": {"SNP": {"effects": [{"alleles": "C", "log_or": float("nan")}]}}},
            "log_or",
        ),
        (
            {"loci": {"SNP": {"effects": [{"alleles": "C", "log_or": 0.1, "by": {"age": {}}}]}}},
            "differs by 'age'; expected one of ethnicity, menopausal_status, receptor_status",
        ),
        (
            {
                "loci": {
                    "SNP": {
                        "effects": [
                            {
                                "alleles": "C",
                                "log_or": 0.1,
                                "by": {"receptor_status": {"ER-negativ": 1}},
                            }
                        ]
                    }
                }
            },
            "did you mean 'ER-negative'?",
        ),
        (
            {"loci": {"SNV": {"frequencies": {"European": {"A": 1}, "East Asian": {"A": 1}}}}},
            "loci.SNV: not a locus of config.yaml; did you mean 'SNP'?",
        ),
    ],
)
def test_what_cannot_be_meant(make_design, changes, expected):
    assert expected in problems(make_design, changes)


def test_the_analysis_has_to_say_that_it_is_simulated(make_design):
    assert "lacks `simulated: true`" in problems(
        make_design, config={"simulated": False, "truth": None}
    )


def test_an_analysis_that_turns_studies_is_refused(make_design):
    config = {"loci": {"SNP": {"turn": ["Simulated 01"]}}}
    assert "turns studies" in problems(make_design, config=config)


@pytest.mark.parametrize("text", ["", "- a list", "seed: &a [*a]", "seed: 1\nseed: 2"])
def test_a_file_that_is_no_design(tmp_path, text):
    (tmp_path / "design.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"design\.yaml"):
        load(tmp_path / "design.yaml")


def test_a_design_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "design.yaml")
