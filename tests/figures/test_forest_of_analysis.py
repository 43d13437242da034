"""Forest plots straight from an analysis: what the tables say is what the figures expect."""

import re
from typing import get_args

import pytest

from genopool.analysis import analyse_locus
from genopool.config import load
from genopool.figures.forest import forest_plot
from genopool.pooling.settings import Method
from genopool.studies.reading import read_studies

CONFIG = """
studies: data
loci: {X: {alleles: A/C}}
models: [dominant]
strata: {ethnicity: {}}
"""
COLUMNS = (
    "study,locus,population,ethnicity,control_group,"
    "cases_AA,cases_AC,cases_CC,controls_AA,controls_AC,controls_CC"
)
ROWS = """
Ann,X,,Asian,,30,40,30,40,40,20
Bob,X,,Asian,,60,40,10,50,40,20
G5,X,,Asian,pool,20,30,10,50,60,30
G6,X,,European,pool,25,30,15,50,60,30
Whole,X,,,,50,60,20,50,50,30
Whole,X,east,Asian,,20,30,5,20,20,10
Whole,X,west,European,,30,30,15,30,30,20
Zero,X,,European,,0,9,0,0,8,4
"""


@pytest.fixture
def shown(tmp_path, question, drawn):
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text(COLUMNS + ROWS)

    def shown(stratifier, **settings):
        project = load(tmp_path / "config.yaml")
        values = project.config.model_dump(exclude_defaults=True) | settings
        config = type(project.config).model_validate(values)
        results = analyse_locus(config, "X", read_studies(project, ["x.csv"], "X"))
        tables = results.effects, results.pooled, results.strata
        return drawn(forest_plot(*tables, stratifier=stratifier, question=question))

    return shown


def printed_overall_weights(picture, names):
    return sum(float(picture.row(name)[-1].rstrip("%")) for name in names)


def test_controls_combined(shown):
    picture = shown("overall", shared_controls="combine")
    text = " ".join(picture.strings)
    assert "Combined, since they share controls: G5 + G6." in text
    assert "3 rows are not used: contained in another row (2); double zero (1)." in text
    names = ["Ann", "Bob", "G5 + G6", "Whole"]
    assert printed_overall_weights(picture, names) == pytest.approx(100, abs=0.21)
    picture = shown("ethnicity", shared_controls="combine")
    assert printed_overall_weights(picture, names) == pytest.approx(100, abs=0.21)
    for part in ("G5 ‡", "G6 ‡", "Whole (east) ‡", "Whole (west) ‡"):
        assert picture.row(part)[-1] == "–"
    assert "within the whole study (Whole) or the combined row (G5 + G6)" in " ".join(
        picture.strings
    )


def test_controls_divided(shown):
    picture = shown("ethnicity")
    names = ["Ann", "Bob", "G5", "G6", "Whole"]
    assert printed_overall_weights(picture, names) == pytest.approx(100, abs=0.26)
    assert "other counts or corrections in the overall estimate" in " ".join(picture.strings)


@pytest.mark.parametrize("method", get_args(Method))
def test_every_method_is_drawn_without_blanks_as_words(shown, method):
    picture = shown("ethnicity", pooling={"method": method})
    assert len(picture.shapes("overall diamond")) == 1
    text = " ".join(picture.strings)
    assert not re.search(r"\b(nan|inf|None)\b", text)
    weighted = method not in ("exact", "UM.FS", "UM.RS", "CM.EL", "CM.AL")
    assert ("Weight" in picture.strings) == weighted
