"""How often the bookkeeping checks warn of clean studies, and how often they find planted errors.

    python benchmarks/bookkeeping_checks.py --tables 2000

draws tables of ten studies of one variant in which nothing is wrong: allele frequencies of
populations that drifted apart (F_ST 0.01), genotypes in Hardy-Weinberg proportions, log odds ratios
with a mean of 0.1 and a between-study standard deviation of 0.2, a reported odds ratio for every
study, rounded as papers do, adjusted for every other one. It prints the warnings and notes per 100
studies as a Markdown table, and then the share of errors found that are planted one to a table.
docs/checks.md quotes both.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from genopool.config import Config
from genopool.diagnostics.integrity.checks import BOOKKEEPING_CHECKS, PROJECT_CHECKS
from genopool.simulation.sampling import draw_frequencies, draw_genotypes
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.records import CountCell, CountRow, EstimateRow, StudyTables

STUDIES = 10
SURNAMES = (
    "Wang Zhang Li Chen Liu Yang Kim Park Lee Tanaka Suzuki Sato Smith Jones Johnson Williams "
    "Brown Müller Schmidt Garcia Martinez Rossi Ferrari Ivanov Novak Kowalski Nielsen Johansson "
    "Andersen Papadopoulos Yilmaz Ahmadi Rezaei Hosseini Gupta Sharma Kumar Singh Nguyen Santos"
).split()
PLACES = (("China", "East Asian"), ("Japan", "East Asian"), ("Germany", "European"))
PLACES += (("USA", "European"), ("Iran", "Middle Eastern"), ("Brazil", "African"))
DESIGNS = {
    "sizes log-normal about 400": lambda rng: rng.lognormal(math.log(400), 0.7, 2),
    "all groups of 500": lambda rng: np.array([500, 500]),
    "rounded to 50, 50 to 500": lambda rng: 50 * rng.integers(1, 11, 2),
    "small, 20 to 80": lambda rng: rng.integers(20, 81, 2),
}
CONFIG = Config.model_validate(
    {
        "loci": {"SNP": {"alleles": "A/C"}},
        "strata": {"ethnicity": {}},
        "allele_frequency_by": "ethnicity",
    }
)
ALLELES = LocusAlleles("snp", ("A", "C"))
LABELS = [ALLELES.label(text) for text in ("AA", "AC", "CC")]


def draw_tables(rng: np.random.Generator, design) -> StudyTables:
    """Ten clean studies with counts and a reported per-allele odds ratio each."""
    mean = rng.uniform(0.1, 0.9)
    frequencies = draw_frequencies(rng, [1 - mean, mean], 0.01, (STUDIES,))
    counts, estimates, labels = [], [], set()
    for i in range(STUDIES):
        n_cases, n_controls = (max(int(n), 20) for n in design(rng))
        effect = rng.normal(0.1, 0.2)
        log_odds = effect * np.arange(3)
        cases = draw_genotypes(rng, frequencies[i], n_cases, log_odds)
        controls = draw_genotypes(rng, frequencies[i], n_controls)
        while True:
            year = int(rng.integers(2002, 2016))
            label = f"{rng.choice(SURNAMES)} {year}"
            if label not in labels:
                break
        labels.add(label)
        country, ethnicity = PLACES[rng.integers(len(PLACES))]
        values = {"country": country, "ethnicity": ethnicity, "year": str(year)}
        values["pmid"] = str(rng.integers(10**7, 4 * 10**7))
        shared = dict(sheet="", study=label, population="", locus="SNP", control_group="")
        shared |= {"rows": (i + 2,), "values": values}
        cells = tuple(
            CountCell(i + 2, label, int(a), int(c))
            for label, a, c in zip(LABELS, cases, controls, strict=True)
        )
        counts.append(CountRow(file="counts.csv", **shared, cells=cells))
        reported = reported_row(rng, shared, cases, controls, adjusted=bool(i % 2))
        if reported is not None:
            estimates.append(reported)
    columns = ("country", "ethnicity", "year", "pmid")
    files = ("counts.csv", "estimates.csv")
    return StudyTables(files, tuple(counts), tuple(estimates), (), columns, 2 * STUDIES)


def reported_row(rng, shared, cases, controls, *, adjusted) -> EstimateRow | None:
    """The dominant odds ratio as a paper prints it; adjustment moves and widens it a little."""
    a, b = cases[1] + cases[2], cases[0]
    c, d = controls[1] + controls[2], controls[0]
    if min(a, b, c, d) == 0:
        return None
    se = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    log_or = math.log(a * d / (b * c))
    if adjusted:
        log_or += rng.normal(0, 0.25 * se)
        se *= rng.uniform(1.0, 1.3)
    numbers = [math.exp(log_or + z * se) for z in (0, -1.959964, 1.959964)]
    written = dict(
        zip(("estimate", "ci_low", "ci_high"), (f"{n:.2f}" for n in numbers), strict=True)
    )
    low, high = float(written["ci_low"]), float(written["ci_high"])
    if not 0 < low < high:
        return None
    written |= {"p_value": f"{2 * ndtr(-abs(log_or) / se):.3f}", "se": f"{se:.3f}"}
    return EstimateRow(
        file="estimates.csv",
        **shared,
        effect_allele="C",
        alleles=2,
        model="dominant",
        measure="OR",
        estimate=float(written["estimate"]),
        ci_low=low,
        ci_high=high,
        adjusted="yes" if adjusted else "no",
        n_cases=int(sum(cases)),
        n_controls=int(sum(controls)),
        log_se=math.log(high / low) / (2 * 1.959964),
        printed=written,
    )


def with_cells(row: CountRow, vector: np.ndarray, **changes) -> CountRow:
    """A row with other counts: cases first."""
    cells = tuple(
        CountCell(cell.row, cell.label, int(a), int(c))
        for cell, a, c in zip(row.cells, vector[:3], vector[3:], strict=True)
    )
    return replace(row, cells=cells, **changes)


def vector_of(row: CountRow) -> np.ndarray:
    return np.array([c.cases for c in row.cells] + [c.controls for c in row.cells])


def plant_counts(kind: str, counts: list[CountRow]) -> list[CountRow]:
    """The same rows with an error in the last one."""
    first, second, last = counts[0], counts[1], counts[-1]
    there, own = vector_of(first), vector_of(last)
    planted = {
        "a study twice": there,
        "a study twice, alleles exchanged": there.reshape(2, 3)[:, ::-1].ravel(),
        "a study twice, cases and controls exchanged": np.roll(there, 3),
        "controls of another study": np.concatenate([own[:3], there[3:]]),
        "cases of another study": np.concatenate([there[:3], own[3:]]),
        "the sum of two studies": there + vector_of(second),
        "the sum of three studies": there + vector_of(second) + vector_of(counts[2]),
        "controls copied to cases": np.tile(own[3:], 2),
    }[kind.split(",")[0] if kind.endswith("same name") else kind]
    if kind.endswith("same name"):
        return [*counts[:-1], with_cells(last, planted, study=f"{first.study.split()[0]} 2016")]
    return [*counts[:-1], with_cells(last, planted)]


COUNT_ERRORS = {
    "a study twice": "repeated_counts",
    "a study twice, alleles exchanged": "repeated_counts",
    "a study twice, cases and controls exchanged": "repeated_counts",
    "controls of another study": "repeated_counts",
    "controls of another study, of the same name": "repeated_counts",
    "cases of another study": "repeated_counts",
    "the sum of two studies": "nested_counts",
    "the sum of three studies": "nested_counts",
    "controls copied to cases": "cases_equal_controls",
}


def plant_estimate(kind: str, row: EstimateRow) -> EstimateRow:
    """An unadjusted estimate with an error in what is printed."""
    log_or, se = math.log(row.estimate), row.log_se
    z = 1.959964
    if kind == "odds ratio inverted":
        log_or = -log_or
    if kind == "90% interval printed as 95%":
        z = 1.644854
    if kind == "interval of one standard error":
        z = 1.0
    numbers = [f"{math.exp(log_or + k * z * se):.2f}" for k in (0, -1, 1)]
    if kind == "first digits of the upper limit exchanged":
        whole = numbers[2].replace(".", "")
        numbers[2] = f"{whole[1]}.{whole[0]}{whole[2:]}" if len(whole) == 3 else numbers[2]
    written = row.printed | dict(zip(("estimate", "ci_low", "ci_high"), numbers, strict=True))
    estimate, low, high = map(float, numbers)
    return replace(row, estimate=estimate, ci_low=low, ci_high=high, printed=written)


ESTIMATE_ERRORS = {
    "odds ratio inverted": "reported_disagrees",
    "90% interval printed as 95%": "reported_disagrees",
    "interval of one standard error": "reported_disagrees",
    "first digits of the upper limit exchanged": "reported_disagrees",
    "interval of one standard error, no counts": "interval_width",
    "90% interval printed as 95%, standard error beside it": "interval_contradicted",
}


def plant(kind: str, tables: StudyTables) -> tuple[StudyTables, str] | None:
    """Tables with an error, and the study that it is in; None where it makes no difference."""
    if kind in COUNT_ERRORS:
        counts = plant_counts(kind, list(tables.counts))
        return replace(tables, counts=tuple(counts), estimates=()), counts[-1].study
    row = next((e for e in tables.estimates if e.adjusted == "no"), None)
    if row is None:
        return None
    changed = plant_estimate(kind.split(",")[0], row)
    if changed.printed == row.printed or not changed.ci_low < changed.ci_high:
        return None
    counts = tables.counts
    if kind.endswith("no counts"):
        counts = tuple(c for c in counts if c.study != row.study)
    if not kind.endswith("beside it"):
        changed = replace(changed, printed=changed.printed | {"se": "", "p_value": ""})
    return replace(tables, counts=counts, estimates=(changed,)), row.study


def found(tables: StudyTables) -> list:
    findings = [f for check in BOOKKEEPING_CHECKS for f in check(CONFIG, "SNP", tables)]
    return findings + [f for check in PROJECT_CHECKS for f in check(CONFIG, tables)]


def false_alarms(tables: int, seed: int) -> None:
    rates: dict[str, dict[str, Counter]] = {}
    for name, design in DESIGNS.items():
        rng = np.random.default_rng(seed)
        studies: dict[str, set] = {"warning": set(), "note": set()}
        for number in range(tables):
            for finding in found(draw_tables(rng, design)):
                studies[finding.severity].add((finding.check, number, finding.study))
        rates[name] = {
            severity: Counter(check for check, _, _ in hits) for severity, hits in studies.items()
        }
        # a study counts once, however many warnings it has
        rates[name]["warning"]["any"] = len({hit[1:] for hit in studies["warning"]})
    checks = sorted({check for rate in rates.values() for c in rate.values() for check in c})
    per = 100 / (tables * STUDIES)
    print(f"| check | {' | '.join(DESIGNS)} |")
    print("|---" * (len(DESIGNS) + 1) + "|")
    for check in checks:
        cells = [
            f"{rates[name]['warning'][check] * per:.2g} / {rates[name]['note'][check] * per:.2g}"
            for name in DESIGNS
        ]
        print(f"| `{check}` | {' | '.join(cells)} |")


def detection(tables: int, seed: int) -> None:
    print(f"\n| planted in one of ten studies | check | {' | '.join(DESIGNS)} |")
    print("|---" * (len(DESIGNS) + 2) + "|")
    for kind, check in {**COUNT_ERRORS, **ESTIMATE_ERRORS}.items():
        cells = []
        for design in DESIGNS.values():
            rng = np.random.default_rng(seed)
            planted = [plant(kind, draw_tables(rng, design)) for _ in range(tables)]
            hits = [
                any(
                    f.check == check and f.study == study and f.severity == "warning"
                    for f in found(broken)
                )
                for broken, study in filter(None, planted)
            ]
            cells.append(f"{100 * np.mean(hits):.0f}%")
        print(f"| {kind} | `{check}` | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=2000, help="clean tables of ten, a design")
    parser.add_argument("--planted", type=int, default=300, help="tables with an error, a design")
    parser.add_argument("--seed", type=int, default=20261127)
    options = parser.parse_args()
    false_alarms(options.tables, options.seed)
    detection(options.planted, options.seed)


if __name__ == "__main__":
    main()
