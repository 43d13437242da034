"""The benchmarks: what they simulate, and that the documentation still says what they find."""

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

from genopool.pooling.inverse_variance import pool

ROOT = Path(__file__).parent.parent
COMMON, RARE = (0.1, 0.4), (0.02,)
#: A replicate near a limit may fall on its other side on another machine.
FLIPPED = 3
#: Standard errors that two simulations may differ by; some 25 comparisons are made.
SIGMAS = 4


@pytest.fixture(scope="module", autouse=True)
def benchmarks_on_the_path():
    """The scripts import each other by name, as Python does when it runs one."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    yield
    sys.path.remove(str(ROOT / "benchmarks"))


@pytest.fixture(scope="module")
def calibration():
    return importlib.import_module("calibration")


@pytest.fixture(scope="module")
def table(calibration):
    return calibration.read_table(ROOT / "docs" / "calibration.tsv")


def key(row):
    names = ("quantity", "estimator", "interval", "tau2", "k", "exposure", "sizes")
    return tuple(row[name] for name in names)


def coverages(table, quantity, estimator, interval, **among):
    found = [
        row["coverage"]
        for row in table
        if (row["quantity"], row["estimator"], row["interval"]) == (quantity, estimator, interval)
        and all(row[name] in values for name, values in among.items())
        and row["defined"] > 0
    ]
    assert found
    return np.array(found)


# What is simulated.


def test_patterns_of_study_sizes(calibration):
    sizes = {name: calibration.study_sizes(name, 10) for name in calibration.SIZES}
    assert (sizes["equal"] == calibration.PEOPLE).all()
    assert sizes["mixed"].max() / sizes["mixed"].min() == pytest.approx(16, rel=0.02)
    assert sizes["one large"][0] / sizes["one large"][1] == pytest.approx(10, rel=0.02)
    for n in sizes.values():
        assert n.mean() == pytest.approx(calibration.PEOPLE, rel=0.01)


def test_counts_have_the_odds_ratios_asked_for(calibration):
    a, b, c, d = calibration.simulate((0.1, 20, 0.4, "equal"), 2000)
    n = calibration.PEOPLE
    assert ((a + b == n) & (c + d == n)).all()
    assert c.mean() / n == pytest.approx(0.4, abs=0.002)
    effects = calibration.LOG_OR + np.sqrt(0.1) * np.random.default_rng(1).normal(size=10**6)
    p = expit(logit(0.4) + effects)
    assert a.mean() / n == pytest.approx(p.mean(), abs=0.002)
    assert a.var() == pytest.approx((n * p * (1 - p)).mean() + (n * p).var(), rel=0.03)


def test_a_cell_does_not_depend_on_the_rest_of_the_grid(calibration):
    cell = (0.1, 5, 0.1, "mixed")
    alone = calibration.simulate(cell, 50)
    assert all((x == y).all() for x, y in zip(alone, calibration.simulate(cell, 50), strict=True))
    other = calibration.simulate((0.1, 5, 0.1, "equal"), 50)
    assert not (alone[0] == other[0]).all()


def test_prediction_is_judged_by_the_chance_of_new_studies(calibration):
    new = calibration.LOG_OR + np.sqrt(0.4) * np.random.default_rng(2).normal(size=10**6)
    for low, high in ((-0.5, 1.0), (0.2, 2.5)):
        chance = calibration.probability_of_a_new_study(np.array(low), np.array(high), 0.4)
        assert chance == pytest.approx(((new >= low) & (new <= high)).mean(), abs=0.002)


def test_coverage_is_counted_over_what_exists(calibration):
    low = np.array([0.0, 1.0, np.nan, -1.0])
    high = np.array([2.0, np.inf, np.nan, 0.5])
    row = calibration.measure(low, high, calibration.contains(low, high, 0.7))
    assert (row["defined"], row["coverage"]) == (0.75, pytest.approx(1 / 3))
    assert row["median_width"] == 2.0


def test_intervals_with_a_known_coverage_have_it(calibration):
    """Without heterogeneity and with large counts; 97.5% since tau² cannot be below 0."""
    rows = {key(r)[:3]: r for r in calibration.rows_of((0.0, 10, 0.4, "equal"), 2000, seed=5)}
    error = SIGMAS * np.sqrt(0.95 * 0.05 / 2000)
    for estimator, interval in (
        ("EE", "wald"),
        ("REML", "hartung-knapp"),
        ("mantel-haenszel", "wald"),
    ):
        assert rows["mean", estimator, interval]["coverage"] == pytest.approx(0.95, abs=error)
    assert rows["tau2", "", "Q-profile"]["coverage"] == pytest.approx(0.975, abs=error)


# The published table.


def test_the_table_is_the_whole_grid(calibration, table):
    each = [("mean", *pair) for pair in (*calibration.MEAN, ("mantel-haenszel", "wald"))]
    each += [("tau2", "", name) for name in calibration.TAU2_INTERVALS]
    each += [("prediction", "REML", ", ".join(pair)) for pair in calibration.PREDICTION]
    slow = [("mean", "UM.FS", "wald"), ("prediction", "", "nagashima")]
    wanted = [
        (*name, *cell)
        for cell in calibration.full_grid()
        for name in (each + slow if cell[3] == "mixed" else each)
    ]
    assert [key(row) for row in table] == wanted
    for row in table:
        usual = calibration.SLOW_REPLICATES if key(row)[:3] in slow else calibration.REPLICATES
        assert row["replicates"] == usual
    assert np.sqrt(0.95 * 0.05 / calibration.REPLICATES) == pytest.approx(0.005, abs=2e-4)


@pytest.mark.parametrize("cell", [(0.1, 5, 0.1, "mixed"), (0.4, 5, 0.02, "one large")])
def test_a_cell_simulated_again_is_that_of_the_table(calibration, table, cell):
    published = {key(row): row for row in table}
    for row in calibration.rows_of(cell, calibration.REPLICATES):
        before = published[key(row)]
        assert row["defined"] == pytest.approx(before["defined"], abs=1e-4)
        if not row["defined"]:
            continue
        one = FLIPPED / calibration.REPLICATES + 1e-4
        assert row["coverage"] == pytest.approx(before["coverage"], abs=one), key(row)
        assert row["median_width"] == pytest.approx(before["median_width"], rel=2e-3), key(row)
        if row["quantity"] == "mean":
            assert row["bias"] == pytest.approx(before["bias"], abs=2e-4), key(row)


def test_other_draws_agree_within_monte_carlo_error(calibration, table):
    """Among them the methods that are too slow to repeat in full."""
    published = {key(row): row for row in table}
    cell, few = (0.1, 5, 0.4, "mixed"), 60
    again = [*calibration.rows_of(cell, 500, seed=1), *calibration.slow_rows_of(cell, few, seed=1)]
    assert len(again) == 23
    for row in again:
        before = published[key(row)]
        p = np.clip(before["coverage"], 0.01, 0.99)
        error = np.sqrt(p * (1 - p) * (1 / row["replicates"] + 1 / before["replicates"]))
        assert row["coverage"] == pytest.approx(before["coverage"], abs=SIGMAS * error), key(row)


def test_the_page_is_made_from_the_table(table):
    page = importlib.import_module("calibration_page").page(table)
    assert (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8") == page


def test_what_the_page_says_in_words(table):
    """The sentences of calibration_template.md that no number in it would correct."""

    def mean(estimator, interval, exposure=COMMON, **among):
        return coverages(table, "mean", estimator, interval, exposure=exposure, **among)

    hk, unequal = ("REML", "hartung-knapp"), ("mixed", "one large")
    assert np.abs(mean(*hk, sizes=("equal",)) - 0.95).max() < 0.02
    assert mean(*hk, sizes=unequal).min() < mean(*hk, sizes=("equal",)).min() - 0.03
    adhoc = mean("REML", "hartung-knapp-adhoc", k=(2, 3, 5))
    assert adhoc.min() > mean(*hk, k=(2, 3, 5)).min() + 0.02
    for wide in ("hartung-knapp-adhoc", "wald-t"):
        assert mean("REML", wide, k=(2,)).min() > 0.99
    assert np.abs(mean(*hk, k=(20, 40)) - mean("REML", "wald", k=(20, 40))).max() < 0.03
    assert mean("REML", "hartung-knapp-iqwig").mean() < mean("REML", "hartung-knapp-adhoc").mean()
    assert mean("REML", "hartung-knapp-iqwig").mean() > mean(*hk).mean()
    assert mean("ML", "profile-likelihood-bartlett").min() > 0.93
    assert mean("ML", "profile-likelihood").min() > mean("REML", "wald").min()
    assert mean("DL", "henmi-copas", k=(2, 3, 5)).mean() < mean(*hk, k=(2, 3, 5)).mean()
    assert np.abs(mean(*hk) - mean("DL", "hartung-knapp")).max() < 0.015
    for few in ((2, 3), (5, 10)):
        assert mean("UM.FS", "wald", k=few).min() < 0.9
    for crude in (("EE", "wald"), ("mantel-haenszel", "wald")):
        assert np.abs(mean(*crude, tau2=(0.0,)) - 0.95).max() < 0.02
        assert mean(*crude, tau2=(0.1,)).max() < 0.9

    rare = [mean(*hk, RARE, tau2=(0.4,), k=(k,)).mean() for k in (10, 40)]
    assert rare[1] < rare[0] < 0.95
    cell = (0.4, 40, 0.02, "mixed")
    bias = [r["bias"] for r in table if r["quantity"] == "mean" and key(r)[3:] == cell]
    assert len(bias) == 14
    assert min(bias) > 0.05

    def tau2(name, exposure=COMMON, **among):
        return coverages(table, "tau2", "", name, exposure=exposure, **among)

    assert np.abs(tau2("generalised-Q") - tau2("Q-profile")).max() < 0.02
    assert tau2("profile-likelihood").min() < tau2("restricted-profile-likelihood").min()
    for name in ("Q-profile", "generalised-Q", "profile-likelihood"):
        assert tau2(name, RARE, k=(40,)).min() < 0.92

    predictions = ("default, hartung-knapp", "default, wald", "riley, hartung-knapp", "riley, wald")
    for name in predictions:
        assert coverages(table, "prediction", "REML", name, exposure=COMMON).min() < 0.85
    bootstrap = coverages(table, "prediction", "", "nagashima", exposure=COMMON)
    assert bootstrap.min() > 0.91


def test_widths_that_the_page_describes(table):
    width = {key(row): row["median_width"] for row in table}

    def ratios(quantity, one, other, **among):
        return np.array(
            [
                x / width[(quantity, *other, *place[3:])]
                for place, x in width.items()
                if place[:3] == (quantity, *one)
                and all(place[i] in among[name] for i, name in enumerate(among, 3))
            ]
        )

    everywhere = {"tau2": (0.0, 0.02, 0.1, 0.4), "k": (3, 5, 10, 20, 40), "exposure": COMMON}
    small = everywhere | {"tau2": (0.0, 0.02)}
    assert ratios("tau2", ("", "generalised-Q"), ("", "Q-profile"), **small).max() < 1.01
    assert np.median(ratios("tau2", ("", "generalised-Q"), ("", "Q-profile"), **small)) < 0.95
    few = {"tau2": (0.0,), "k": (2, 3), "exposure": COMMON, "sizes": ("mixed", "one large")}
    without_end = ratios("mean", ("REML", "kenward-roger"), ("REML", "hartung-knapp"), **few)
    assert without_end.min() > 1e6


def test_the_pages_link_to_what_exists():
    for name in ("docs/calibration.md", "docs/speed.md", "docs/metafor.md", "benchmarks/README.md"):
        page = ROOT / name
        links = re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
        assert links
        assert [link for link in links if not (page.parent / link).exists()] == [], name


def test_figures_show_every_interval(calibration, table):
    figures = importlib.import_module("calibration_figures")
    for plan in figures.PLANS:
        drawn = {(p.estimator, p.interval) for p in plan.panels}
        found = {key(row)[1:3] for row in table if row["quantity"] == plan.quantity}
        assert drawn <= found
        assert {name for _, name in found} == {name for _, name in drawn}
        assert (ROOT / "docs" / "images" / f"calibration_{plan.quantity}.png").exists()


def test_a_line_of_the_figure_is_the_table(table):
    figures = importlib.import_module("calibration_figures")
    plan = next(plan for plan in figures.PLANS if plan.quantity == "tau2")
    figure = figures.draw_plan(plan, table)
    assert len(figure.axes) == 4 * len(plan.panels)
    axes = figure.axes[1]  # Q-profile, 10% of controls exposed
    line = next(line for line in axes.get_lines() if line.get_label() == "tau² = 0.4")
    rows = [r for r in table if key(r)[:4] == ("tau2", "", "Q-profile", 0.4)]
    rows = [r for r in rows if (r["exposure"], r["sizes"]) == (0.1, "mixed")]
    assert line.get_ydata() == pytest.approx([100 * r["coverage"] for r in rows])


def test_the_quick_run_prints_every_interval(calibration, capsys):
    calibration.main(calibration.argparse.Namespace(quick=True))
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 8 * 21
    assert all(len(line) == len(calibration.COLUMNS) for line in lines)


# Speed and convergence.


def test_the_bare_fisher_scoring_is_worth_comparing_with():
    speed = importlib.import_module("pooling_speed")
    y, v = speed.data(300)
    ours = pool(y, v).tau2
    # It neither checks nor damps its steps: some sets are not there after 20 of them.
    assert np.median(np.abs(speed.fisher_scoring(y, v) - ours)) < 1e-8


def test_a_size_of_the_curve_is_measured(capsys):
    speed = importlib.import_module("pooling_speed")
    speed.one_size(200)
    wall, cpu, memory = map(float, capsys.readouterr().out.split())
    assert 0 < wall < 10 and 0 < cpu < 10
    assert 0.01 < memory < 8


def test_what_is_not_installed_is_skipped_with_a_message(monkeypatch, capsys):
    speed = importlib.import_module("pooling_speed")
    monkeypatch.setattr(speed.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "pymare", None)
    monkeypatch.setitem(sys.modules, "meta_analyze", None)
    timings = speed.compare(60)
    skipped = {t.name.split(":")[0] for t in timings if t.note}
    assert skipped == {"PyMARE", "PyMetaAnalysis", "metafor"}
    assert "skipped: Rscript is not installed" in capsys.readouterr().out


def test_the_speed_page_has_every_measurement(tmp_path):
    speed = importlib.import_module("pooling_speed")
    timings = [
        speed.Timing("genopool: all", 0.05, 0.04),
        speed.Timing("slow", 9.0, 8.0),
        speed.Timing("absent", np.nan, np.nan, "skipped: not installed"),
    ]
    curve = [speed.Size(100, 0.002, 0.001, 0.05), speed.Size(1000, 0.03, 0.02, 0.06)]
    page = importlib.import_module("pooling_speed_page")
    page.write_page(tmp_path, 10_000, 13, timings, curve, "a machine")
    text = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert "| slow | 9.000 | 8.000 | 200 |" in text
    assert "| absent | skipped: not installed | | |" in text
    assert "| 1,000 | 0.030 | 0.020 | 20.0 | 0.06 |" in text
    assert (tmp_path / "images" / "scaling.png").stat().st_size > 1000


def test_the_convergence_check_sees_solutions_and_failures():
    convergence = importlib.import_module("pooling_convergence")
    y, v = convergence.hard_sets(200, 6, np.random.default_rng(3))
    assert max(convergence.check_equations(y, v).values()) < 1e-10
    off = dict(convergence.ESTIMATORS)
    with pytest.MonkeyPatch.context() as patch:
        off["REML"] = lambda s: np.full(s.k.shape, np.nan)
        patch.setattr("genopool.pooling.tau2.ESTIMATORS", off)
        with pytest.raises(AssertionError, match="REML failed"):
            convergence.check_equations(y, v)


def test_no_grid_point_beats_the_solution(monkeypatch):
    convergence = importlib.import_module("pooling_convergence")
    monkeypatch.setattr(convergence, "GRID", 300)
    y, v = convergence.hard_sets(60, 4, np.random.default_rng(4))
    for likelihood in (convergence.RESTRICTED, convergence.FULL):
        assert convergence.grid_gain(y, v, likelihood) <= 1e-9


def test_every_script_is_in_the_readme():
    listed = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    scripts = [
        path.name
        for path in (ROOT / "benchmarks").glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8")
    ]
    assert [name for name in scripts if f"`{name}`" not in listed] == []
