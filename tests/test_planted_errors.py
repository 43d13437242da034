"""The benchmark of planted errors: what it plants, what its oracle knows, what its page says."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import hypergeom, norm

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module", autouse=True)
def benchmarks_on_the_path():
    """The scripts import each other by name, as Python does when it runs one."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    yield
    sys.path.remove(str(ROOT / "benchmarks"))


@pytest.fixture(scope="module")
def studies():
    return importlib.import_module("planted_studies")


@pytest.fixture(scope="module")
def kinds():
    return {kind.name: kind for kind in importlib.import_module("planted_kinds").KINDS}


@pytest.fixture(scope="module")
def oracle():
    return importlib.import_module("planted_oracle").Oracle


@pytest.fixture(scope="module")
def planted():
    return importlib.import_module("planted_errors")


@pytest.fixture(scope="module")
def table(planted):
    return planted.read_table(ROOT / "docs" / "planted_errors.tsv")


def one_of(studies, k=8):
    rng = np.random.default_rng(7)
    while True:
        data = studies.simulated(rng)
        if len(data.studies) == k and data.truth.tau == 0 and data.truth.log_or > 0.3:
            return data


# What is planted.


def test_simulated_studies_have_the_parameters_asked_for(studies):
    rng = np.random.default_rng(1)
    sets = [studies.simulated(rng) for _ in range(300)]
    drift = [
        (s.frequency - d.truth.frequency[s.ethnicity]) ** 2
        / (d.truth.frequency[s.ethnicity] * (1 - d.truth.frequency[s.ethnicity]))
        for d in sets
        for s in d.studies
    ]
    assert np.mean(drift) == pytest.approx(studies.F_ST, rel=0.1)
    people = [s.counts.sum() for d in sets for s in d.studies]
    assert studies.PEOPLE[0] - 2 <= min(people) and max(people) <= studies.PEOPLE[1] + 2
    spread = [s.effect - d.truth.log_or for d in sets for s in d.studies if d.truth.tau]
    assert np.std(spread) == pytest.approx(studies.TAU[1], rel=0.1)


def test_published_parameters_are_those_of_the_table(studies):
    data = studies.published("IL-8")
    assert len(data.studies) == 26
    assert np.array([s.counts for s in data.studies]).sum(axis=(0, 2)).tolist() == [5286, 8000]
    assert set(data.truth.frequency) == {"Asian", "European"}


def test_every_kind_changes_the_text_and_names_the_study(studies, kinds):
    data = one_of(studies)
    for kind in kinds.values():
        base = kind.dresses(data) if kind.dresses else data
        made = [kind.plant(base, place, np.random.default_rng(3)) for place in range(8)]
        made = [one for one in made if one is not None]
        assert made, kind.name
        for one in made:
            before = {s.label: s for s in base.studies}
            after = {s.label: s for s in one.data.studies}
            changed = {name for name in after if after[name] != before.get(name)}
            assert changed and changed <= one.concerned, kind.name


def test_people_are_conserved_where_they_should_be(studies, kinds):
    data = one_of(studies)
    rng = np.random.default_rng(5)
    for name in ("turned", "swapped", "one side", "lost heterozygotes", "outlying", "label"):
        after = kinds[name].plant(data, 2, rng).data
        assert after.counts.sum() == data.counts.sum()
    after = kinds["whole and parts"].plant(data, 2, rng).data
    assert (after.counts[-1] + after.counts[-2] == data.counts[2]).all()
    part = kinds["part"].plant(data, 2, rng).data.counts[-1]
    assert (part <= data.counts[2]).all() and 0 < part.sum() < data.counts[2].sum()


# The oracle.


def test_an_oracle_of_two_normals(studies, oracle):
    """Outlying: a normal shifted either way against one in place."""
    data = one_of(studies)
    counts = data.counts + 0.0
    effect = 2 * counts[..., 2] + counts[..., 1] + 0.5
    other = 2 * counts[..., 0] + counts[..., 1] + 0.5
    y = np.log(effect / other)
    v = (1 / effect + 1 / other).sum(axis=1)
    away, sd = y[:, 0] - y[:, 1] - data.truth.log_or, np.sqrt(v + data.truth.tau**2)
    shifted = 0.5 * (norm.pdf(away, 1, np.sqrt(v)) + norm.pdf(away, -1, np.sqrt(v)))
    expected = np.log(shifted / norm.pdf(away, 0, sd))
    assert oracle(data).scores("outlying") == pytest.approx(expected, rel=1e-6)


def test_the_oracle_turns_a_study_back(studies, kinds, oracle):
    data = one_of(studies)
    rng = np.random.default_rng(6)
    for name in ("turned", "swapped"):
        after = kinds[name].plant(data, 3, rng).data
        before, there = oracle(data).scores(name)[3], oracle(after).scores(name)[3]
        assert there == pytest.approx(-before)
    assert oracle(kinds["turned"].plant(data, 3, rng).data).scores("turned")[3] > 5


def test_a_part_is_hypergeometric(studies, oracle):
    """Two alleles only, so that the draw of people without replacement is scipy's."""
    module = importlib.import_module("planted_oracle")
    whole, part = np.array([40.0, 60.0]), np.array([10.0, 12.0])
    choose = module._log_choose(whole, part).sum() - module._log_choose(100.0, 22.0)
    assert choose == pytest.approx(hypergeom.logpmf(10, 100, 40, 22))


def test_thresholds_let_so_many_clean_studies_through(planted):
    rng = np.random.default_rng(8)
    names = [kind.name for kind in planted.KINDS if kind.name not in planted.CONTRADICTIONS]
    rows = [{"scores": dict.fromkeys(names, x)} for x in rng.standard_normal(5000)]
    critical = planted.thresholds(rows, 0.01)["turned"]
    assert np.mean([row["scores"]["turned"] > critical for row in rows]) == pytest.approx(0.01, 0.1)
    assert planted.thresholds(rows, 0.01)["total"] == -np.inf


# What is run and written.


def test_a_planting_is_read_and_found_as_a_user_would(planted, studies, kinds):
    data = one_of(studies)
    turned = kinds["one side"].plant(data, 1, np.random.default_rng(1)).data
    clean, found = planted.warned([data, turned])
    assert clean == {}
    assert "Study 2" in found and set(found) == {"Study 2"}


def test_a_batch_is_the_same_again(planted):
    job = planted.Job("simulated", "heterozygote column", 3, (9, 9))
    rows = planted.run(job)
    assert [row["kind"] for row in rows] == ["heterozygote column"] * 3
    assert planted.run(job) == rows
    assert sum(bool(row["checks"]) for row in rows) >= 2


def test_dressed_tables_count_only_what_the_error_adds(planted, kinds, studies, monkeypatch):
    """A reader that refuses every total has not found a wrong one."""
    monkeypatch.setattr(
        planted, "warned", lambda sets: [{s.label: {"header"} for s in d.studies} for d in sets]
    )
    rows = planted.run(planted.Job("simulated", "total", 2, (9, 8)))
    assert [row["checks"] for row in rows] == [[], []]


def test_wilson(planted):
    page = importlib.import_module("planted_errors_page")
    low, high = page.wilson(95, 100)  # statsmodels' proportion_confint(method="wilson")
    from statsmodels.stats.proportion import proportion_confint

    assert (low, high) == pytest.approx(proportion_confint(95, 100, method="wilson"))


def test_the_table_has_every_kind_and_few_false_warnings(table, kinds):
    of = {part: {r["kind"] for r in table if r["part"] == part} for part in ("simulated", "IL-8")}
    assert of["simulated"] == of["IL-8"] == set(kinds)
    for row in table:
        if row["part"] != "clean":
            assert row["both"] <= min(row["oracle"], row["sentinel"])
            assert max(row["oracle"], row["sentinel"]) <= row["planted"]
    (everything,) = [row for row in table if row["kind"] == "any check: all"]
    assert everything["sentinel"] <= 0.01 * everything["planted"]


def test_the_pages_are_made_from_the_table(table):
    page = importlib.import_module("planted_errors_page")
    text = (ROOT / "docs" / "planted_errors.md").read_text(encoding="utf-8")
    assert text == page.page(table)
    checks = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert checks == page.with_shares(checks, table)


def test_the_figure_shows_the_table(table):
    page = importlib.import_module("planted_errors_page")
    axes = page.figure_of(table).axes
    assert len(axes) == len(page.PARTS)
    bars = {round(bar.get_y() + bar.get_height() / 2): bar.get_width() for bar in axes[0].patches}
    for at, kind in zip(range(len(page.KINDS) - 1, -1, -1), page.KINDS, strict=True):
        row = page.of_part(table, "simulated")[kind.name]
        assert bars[at] == pytest.approx(100 * row["oracle"] / row["planted"])
    assert (ROOT / "docs" / "images" / "planted_errors.png").stat().st_size > 10_000


def test_a_study_keeps_its_other_cells(kinds, studies):
    data = one_of(studies)
    one = kinds["doubled"].plant(data, 0, np.random.default_rng(2)).data.studies[0]
    same = [a == b for a, b in zip(one.cells, data.studies[0].cells, strict=True)]
    assert same.count(False) == 1
    assert replace(one, cells=data.studies[0].cells) == data.studies[0]
