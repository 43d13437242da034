"""The tables of a repeat's lengths: naive twins, statsmodels, planted truth, and edge cases."""

import csv

import numpy as np
import pytest
import statsmodels.api as sm

import genopool
from genopool.analysis import analyse_locus
from genopool.config import load
from genopool.pooling.length_tables import analyse_lengths
from genopool.results import write_locus
from genopool.simulation.sampling import draw_genotypes, genotypes
from genopool.studies.reading import read_studies

# Sums in another order, and statsmodels' own convergence.
RTOL, RTOL_STATSMODELS = 1e-10, 1e-7


@pytest.fixture(scope="module")
def project(repeats, tmp_path_factory):
    """The made-up project: its folder, what was drawn, its results."""
    folder = tmp_path_factory.mktemp("repeats")
    drawn = repeats.write_project(folder)
    loaded = load(folder / "config.yaml")
    tables = read_studies(loaded)
    assert not [f for f in tables.findings if f.severity != "note"]
    return folder, drawn, analyse_lengths(loaded.config, "CA", tables)


def one(rows, **wanted):
    (row,) = [r for r in rows if all(r.get(key) == value for key, value in wanted.items())]
    return row


OVERALL = {"stratifier": "overall", "stratum": "all"}


def test_chromosomes_are_those_drawn(project, repeats):
    _, drawn, results = project
    for side, name in enumerate(("case", "control")):
        total = sum(repeats.chromosomes(counts[side]) for counts in drawn.values())
        rows = [r for r in results.distribution if not r.get("study") and r["stratum"] == "all"]
        assert [r[f"{name}_chromosomes"] for r in rows] == total.tolist()
        assert sum(r[f"{name}_frequency"] for r in rows) == pytest.approx(1)
    assert len({r["stratum"] for r in results.distribution}) == 6


def test_the_reference_is_the_most_common_in_controls(project, repeats):
    _, drawn, results = project
    total = sum(repeats.chromosomes(counts[1]) for counts in drawn.values())
    most = str(repeats.LENGTHS[int(np.argmax(total))])
    assert {row["reference"] for row in results.pooled} == {most} == {"19"}
    row = one(results.pooled, length="19", **OVERALL)
    assert (row["or"], row["k"], row["control_chromosomes"]) == (1, 11, total.max())
    assert f"{total.max()} of {total.sum()}" in row["reason"]


def person_variance(counts, repeats, length, reference):
    """Of log(L/R) in one group: over people, the squares of l/L - r/R, added one by one."""
    pairs = [(repeats.LENGTHS[i], repeats.LENGTHS[j]) for i, j in genotypes(len(repeats.LENGTHS))]
    people = [pair for pair, n in zip(pairs, counts, strict=True) for _ in range(n)]
    ours = sum(pair.count(length) for pair in people)
    others = sum(pair.count(reference) for pair in people)
    return sum((pair.count(length) / ours - pair.count(reference) / others) ** 2 for pair in people)


def test_study_odds_ratios_by_hand(project, repeats):
    _, drawn, results = project
    checked = 0
    for study, (cases, controls) in drawn.items():
        x, y = repeats.chromosomes(cases), repeats.chromosomes(controls)
        for place, length in enumerate(repeats.LENGTHS):
            if length == 19 or not (x[place] and y[place]):
                continue
            row = one(results.effects, study=study, length=str(length), **OVERALL)
            log_or = np.log(x[place] * y[5] / (x[5] * y[place]))
            if study == "Chromosomes":
                variance = 1 / x[place] + 1 / x[5] + 1 / y[place] + 1 / y[5]
            else:
                variance = sum(person_variance(c, repeats, length, 19) for c in (cases, controls))
            assert row["log_or"] == pytest.approx(log_or, rel=RTOL)
            assert row["se"] == pytest.approx(np.sqrt(variance), rel=RTOL)
            checked += 1
    assert checked > 70


def test_variance_in_equilibrium_is_that_of_chromosomes(repeats):
    """Exact Hardy-Weinberg proportions: 1/L + 1/R, as 1/(2np) + 1/(2nq)."""
    p = np.array([0.2, 0.5, 0.3])
    pairs = list(genotypes(3))
    counts = [round(1000 * p[i] * p[j] * (1 + (i != j))) for i, j in pairs]
    lengths = repeats.LENGTHS
    padded = np.zeros(len(genotypes(len(lengths))), dtype=int)
    for (i, j), n in zip(pairs, counts, strict=True):
        padded[genotypes(len(lengths)).index((i, j))] = n
    expected = 1 / (2000 * 0.2) + 1 / (2000 * 0.3)
    assert person_variance(padded, repeats, lengths[0], lengths[2]) == pytest.approx(expected)


def test_the_variance_holds_out_of_equilibrium(repeats):
    """Inbred groups: the spread of simulated log ratios is the robust one, not 1/L + 1/R."""
    rng = np.random.default_rng(5)
    mean = np.array(repeats.ANCESTRIES["African"])
    p = mean / mean.sum()
    drawn = draw_genotypes(rng, np.broadcast_to(p, (4000, p.size)), 800, inbreeding=0.4)
    pairs = genotypes(p.size)
    ours, others = (np.array([pair.count(place) for pair in pairs]) for place in (3, 5))
    ratios = np.log((drawn @ ours) / (drawn @ others))
    variances = [person_variance(counts, repeats, 17, 19) for counts in drawn[:20]]
    # The standard deviation of 4,000 draws is known to 1.1%.
    assert np.sqrt(np.mean(variances)) == pytest.approx(ratios.std(), rel=0.05)
    independent = np.sqrt(1 / (1600 * p[3]) + 1 / (1600 * p[5]))
    assert independent < 0.9 * ratios.std()


def test_pooled_odds_ratios_are_those_of_pool(project):
    """Each set alone through the public function, from the study table."""
    _, _, results = project
    compared = 0
    for row in results.pooled:
        if row["length"] == row["reference"]:
            continue
        key = {name: row[name] for name in ("length", "stratifier", "stratum")}
        used = [
            r
            for r in results.effects
            if r["used"] == "yes" and all(r[name] == value for name, value in key.items())
        ]
        if not used:
            assert row["k"] == 0
            continue
        log_or, se = (np.array([r[name] for r in used]) for name in ("log_or", "se"))
        fit = genopool.pool(log_or, se**2)
        assert row["k"] == len(used)
        assert row["log_or"] == pytest.approx(float(fit.estimate), rel=RTOL)
        assert row["se"] == pytest.approx(float(fit.se), rel=RTOL)
        assert row["ci_high"] == pytest.approx(float(np.exp(fit.ci_high)), rel=RTOL)
        compared += 1
    assert compared > 40


def test_trends_agree_with_statsmodels_logit_on_single_people(project, repeats):
    _, drawn, results = project
    pairs = [(repeats.LENGTHS[i], repeats.LENGTHS[j]) for i, j in genotypes(len(repeats.LENGTHS))]
    for study, (cases, controls) in drawn.items():
        row = one(results.effects, study=study, length="trend", **OVERALL)
        if study == "Chromosomes":
            doses, groups = np.array(repeats.LENGTHS), map(repeats.chromosomes, (cases, controls))
        else:
            doses, groups = np.array([sum(pair) for pair in pairs]), (cases, controls)
        x, y = (np.repeat(doses, counts) for counts in groups)
        dose = np.concatenate([x, y])
        status = np.repeat([1, 0], [len(x), len(y)])
        fit = sm.Logit(status, sm.add_constant(dose - dose.mean())).fit(disp=0, tol=1e-12)
        assert row["log_or"] == pytest.approx(fit.params[1], rel=RTOL_STATSMODELS)
        assert row["se"] == pytest.approx(fit.bse[1], rel=RTOL_STATSMODELS)
        each = 1 if study == "Chromosomes" else 2
        assert row["case_mean_length"] == pytest.approx(x.mean() / each)


def test_pooled_trend_recovers_the_planted_slope(repeats, tmp_path):
    """11 studies of 4,000: the pooled slope lies within 3 standard errors, and finds the tau."""
    rng = np.random.default_rng(12)
    slopes = rng.normal(-0.08, 0.03, 11)
    table = ["study,locus,ethnicity,genotype,cases,controls"]
    for number, slope in enumerate(slopes):
        ancestry = list(repeats.ANCESTRIES)[number % 5]
        cases, controls = repeats.draw_study(rng, ancestry, slope, (4000, 4000))
        table += [
            f"S{number},CA,{ancestry},{g},{x},{y}"
            for g, x, y in zip(repeats.labels(), cases, controls, strict=True)
        ]
    (tmp_path / "data" / "studies").mkdir(parents=True)
    (tmp_path / "data" / "studies" / "a.csv").write_text("\n".join(table))
    (tmp_path / "config.yaml").write_text(repeats.CONFIG)
    loaded = load(tmp_path / "config.yaml")
    results = analyse_lengths(loaded.config, "CA", read_studies(loaded))
    row = one(results.trend, **OVERALL)
    assert abs(row["log_or"] + 0.08) < 3 * row["se"] < 0.06
    each = [r for r in results.effects if r["length"] == "trend" and r["stratum"] == "all"]
    z = [(r["log_or"] - slope) / r["se"] for r, slope in zip(each, slopes, strict=True)]
    # chi² on 11 degrees of freedom: 99.8% lie between 1.8 and 31.3.
    assert 1.8 < np.sum(np.square(z)) < 31.3
    # The odds ratio of 17 against 19 is that of two repeats fewer.
    length = one(results.pooled, length="17", **OVERALL)
    assert abs(length["log_or"] - 0.16) < 3 * length["se"] < 0.15


def analysed(make_project, tables, extra="", top=""):
    config = f"outcome: d\nloci:\n  CA: {{kind: repeat, effect_alleles: ['19']{extra}}}\n{top}"
    loaded = make_project(tables, config)
    tables = read_studies(loaded)
    assert not [f for f in tables.findings if f.severity == "error"]
    return analyse_locus(loaded.config, "CA", tables), tables


def alleles(study, **counts):
    return "study,locus,control_group,allele,cases,controls\n" + "".join(
        f"{study},CA,,{length[1:]},{x},{y}\n" for length, (x, y) in counts.items()
    )


def test_ties_go_to_the_shorter_length(make_project):
    table = alleles("A", _17=(9, 20), _18=(30, 20), _19=(8, 11))
    results, _ = analysed(make_project, {"a.csv": table})
    assert {row["reference"] for row in results.lengths.pooled} == {"17"}
    assert "reference_length" in {f.check for f in results.findings}


def test_a_configured_reference(make_project):
    table = alleles("A", _17=(9, 20), _18=(30, 20), _19=(8, 11))
    results, _ = analysed(make_project, {"a.csv": table}, ", reference_length: 19")
    row = one(results.lengths.pooled, length="17", **OVERALL)
    assert row["log_or"] == pytest.approx(np.log(9 * 11 / (20 * 8)))
    assert "reference_length" not in {f.check for f in results.findings}
    results, _ = analysed(make_project, {"a.csv": table}, ", reference_length: '21'")
    assert results.lengths.pooled == []
    (found,) = [f for f in results.findings if f.check == "no_reference_length"]
    assert found.severity == "warning" and "21" in found.message
    assert one(results.lengths.trend, **OVERALL)["k"] == 1  # the trend needs no reference


def test_rare_lengths_are_listed_and_can_be_grouped(make_project):
    table = alleles("A", _13=(1, 2), _14=(3, 3), _17=(40, 50), _19=(80, 90), _24=(6, 4))
    results, _ = analysed(make_project, {"a.csv": table})
    row = one(results.lengths.pooled, length="13", **OVERALL)
    assert row["k"] == 0 and np.isnan(row["log_or"])
    assert (row["case_chromosomes"], row["control_chromosomes"]) == (1, 2)
    assert "too rare: 3 chromosomes of 13 in all, fewer than 10" in row["reason"]
    assert one(results.lengths.pooled, length="24", **OVERALL)["k"] == 1  # exactly ten
    grouped, _ = analysed(make_project, {"a.csv": table}, ", length_tails: ['<17', '>=23']")
    tail = one(grouped.lengths.pooled, length="<17", **OVERALL)
    assert tail["k"] == 0 and "9 chromosomes of <17" in tail["reason"]
    same = one(grouped.lengths.trend, **OVERALL)
    assert same["log_or"] == one(results.lengths.trend, **OVERALL)["log_or"]


def test_shared_controls_are_divided_or_combined(make_project):
    tables = {
        "a.csv": "study,locus,control_group,allele,cases,controls\n"
        + "".join(
            f"{study},CA,shared,{length},{x},{y}\n"
            for study, factor in (("A", 1), ("B", 2))
            for length, x, y in ((18, 20 * factor, 60), (19, 50, 80), (20, 30, 40))
        )
    }
    divided, _ = analysed(make_project, tables)
    row = one(divided.lengths.pooled, length="18", **OVERALL)
    assert (row["k"], row["case_chromosomes"], row["control_chromosomes"]) == (2, 60, 60)
    effect = one(divided.lengths.effects, study="A", length="18", **OVERALL)
    assert effect["se"] ** 2 == pytest.approx(1 / 20 + 1 / 50 + 1 / 30 + 1 / 40)
    slope = genopool.logistic_trend([[20, 50, 30]], [[30, 40, 20]], [18, 19, 20])
    effect = one(divided.lengths.effects, study="A", length="trend", **OVERALL)
    assert (effect["log_or"], effect["se"] ** 2) == pytest.approx(
        (slope.log_or[0], slope.variance[0])
    )
    combined, _ = analysed(make_project, tables, top="shared_controls: combine\n")
    row = one(combined.lengths.pooled, length="18", **OVERALL)
    assert (row["k"], row["case_chromosomes"], row["control_chromosomes"]) == (1, 60, 60)
    assert row["log_or"] == pytest.approx(np.log(60 * 80 / (100 * 60)))
    trend = genopool.logistic_trend([[60, 100, 60]], [[60, 80, 40]], [18, 19, 20])
    assert one(combined.lengths.trend, **OVERALL)["log_or"] == pytest.approx(trend.log_or[0])


def test_a_whole_is_not_counted_with_its_parts(make_project):
    table = "study,population,locus,allele,cases,controls\n" + "".join(
        f"A,{part},CA,{length},{x * factor},{y * factor}\n"
        for part, factor in (("", 3), ("men", 1), ("women", 2))
        for length, x, y in ((18, 20, 60), (19, 50, 80))
    )
    results, _ = analysed(make_project, {"a.csv": table})
    row = one(results.lengths.pooled, length="18", **OVERALL)
    assert (row["k"], row["case_chromosomes"]) == (1, 60)
    assert one(results.lengths.trend, **OVERALL)["k"] == 1


@pytest.mark.parametrize("method", ["mantel-haenszel", "peto", "CM.EL"])
def test_methods_of_two_by_two_tables(make_project, method):
    tables = {
        f"{name}.csv": alleles(name, _18=(20 + i, 60), _19=(50, 80 + i), _20=(30, 40))
        for i, name in enumerate("ABC")
    }
    top = f"pooling: {{method: {method}}}\nmodels: [allelic]\n"
    results, _ = analysed(make_project, tables, top=top)
    row = one(results.lengths.pooled, length="18", **OVERALL)
    pooled = {
        "mantel-haenszel": genopool.mantel_haenszel,
        "peto": genopool.peto,
        "CM.EL": lambda *cells: genopool.glmm(*cells, model="CM.EL"),
    }[method]([20, 21, 22], [50, 50, 50], [60, 60, 60], [80, 81, 82])
    assert row["log_or"] == pytest.approx(float(pooled.estimate), rel=1e-6)
    trend = one(results.lengths.trend, **OVERALL)
    assert trend["k"] == 0 and "pools 2×2 tables" in trend["reason"]
    effect = one(results.lengths.effects, study="A", length="trend", **OVERALL)
    assert np.isfinite(effect["log_or"]) and effect["used"] == "no"


def test_classes_alone(make_project):
    """Nothing to compare, and it is said in one row and no finding of its own."""
    table = (
        "study,locus,cases_19/19,controls_19/19,cases_19/non-19,controls_19/non-19,"
        "cases_non-19/non-19,controls_non-19/non-19\nA,CA,5,6,7,8,9,10\n"
    )
    results, _ = analysed(make_project, {"a.csv": table})
    assert results.lengths.pooled == [] and results.lengths.distribution == []
    row = one(results.lengths.trend, **OVERALL)
    assert row["k"] == 0 and "19/non-19 does not give lengths" in row["reason"]
    assert "no_lengths" not in {f.check for f in results.findings}


def test_a_row_that_only_its_lengths_use_is_used(make_project):
    table = "study,locus,allele,cases,controls\n" + "".join(
        f"Tails,CA,{allele},{30 + i},40\nClasses,CA,{other},40,{30 + i}\n"
        for i, (allele, other) in enumerate([("<=17", "<20"), ("18", "20"), (">=19", ">20")])
    )
    locus = '{kind: repeat, effect_alleles: ["16"], length_tails: ["<=17", ">=19"]}'
    project = make_project({"a.csv": table}, f"loci: {{CA: {locus}}}\nmodels: [allelic]\n")
    results = analyse_locus(project.config, "CA", read_studies(project))
    used = {(row["study"], row["used"], bool(row["reason"])) for row in results.account}
    assert used == {("Tails", "yes", False), ("Classes", "no", True)}


def test_one_length_only(make_project):
    results, _ = analysed(make_project, {"a.csv": alleles("A", _19=(50, 60))})
    row = one(results.lengths.trend, **OVERALL)
    assert row["k"] == 0 and "everybody has one length" in row["reason"]


def test_other_loci_have_headers_only(make_project, tmp_path):
    project = make_project({"a.csv": "study,locus,cases_AA,controls_AA\nA,SNP,1,2\n"})
    tables = read_studies(project)
    write_locus(analyse_locus(project.config, "SNP", tables), tables, tmp_path / "out")
    for name in (
        "lengths",
        "length_trend",
        "length_strata",
        "length_effects",
        "length_distribution",
    ):
        assert len((tmp_path / "out" / f"{name}.tsv").read_text().splitlines()) == 1


def test_every_column_of_a_row_is_written(project, tmp_path):
    folder, _, _ = project
    loaded = load(folder / "config.yaml")
    tables = read_studies(loaded)
    results = analyse_locus(loaded.config, "CA", tables)
    write_locus(results, tables, tmp_path)
    lengths = results.lengths
    for name, rows in (
        ("lengths", lengths.pooled),
        ("length_trend", lengths.trend),
        ("length_strata", lengths.strata),
        ("length_effects", lengths.effects),
        ("length_distribution", lengths.distribution),
    ):
        with open(tmp_path / f"{name}.tsv", newline="") as file:
            written = list(csv.DictReader(file, delimiter="\t"))
        assert len(written) == len(rows) > 0
        assert all(any(row[column] for row in written) for column in ("locus", "stratifier"))
