"""Does the sentinel find planted errors? Each kind beside an oracle that knows the parameters.

    python benchmarks/planted_errors.py                 # the published table: minutes
    python benchmarks/planted_errors.py --scale 0.2     # a fifth of it
    python benchmarks/planted_errors.py --quick         # a few of each kind, printed
    python benchmarks/planted_errors.py --from-table    # figure and page again, from the table

Errors are planted in the text of study tables, simulated and published, one and two at a time, and
the tables are read and checked as a user's are. Written are docs/planted_errors.tsv,
docs/planted_errors.md, docs/images/planted_errors.png and the shares in docs/checks.md.
"""

import argparse
import csv
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)
from planted_kinds import KINDS, Kind, Planted  # noqa: E402
from planted_oracle import CONTRADICTIONS, Oracle  # noqa: E402
from planted_studies import DataSet, published, simulated  # noqa: E402

from genopool.association.equilibrium import check_equilibrium  # noqa: E402
from genopool.config import load  # noqa: E402
from genopool.diagnostics.integrity.checks import check_locus  # noqa: E402
from genopool.studies.reading import read_studies  # noqa: E402

DOCS = Path(__file__).resolve().parent.parent / "docs"
SEED = 20260315
#: Plantings of each kind in simulated tables, in published ones, and of pairs of kinds.
PLANTED, IN_PUBLISHED, PAIRS = 1_000, 200, 2_000
#: Clean data sets; there are 13 studies in each on average.
CLEAN = 2_500
#: False warnings of oracle and sentinel alike: one of so many clean studies.
ONE_IN = 100
#: The budget at which the oracle of one kind is shown beside, as one of many checks.
SHARE = 0.001
#: Data sets that share a project, each a locus of its own.
BATCH = 50
COLUMNS = "part kind planted oracle both oracle_at_share both_at_share sentinel own_check".split()


@dataclass(frozen=True)
class Job:
    """A batch of plantings, with its own seed."""

    part: str
    kind: str
    number: int
    seed: tuple[int, ...]


def write_project(folder: Path, data_sets: Sequence[DataSet]) -> Path:
    """The study tables of the data sets as text, a locus each, and their configuration."""
    studies = folder / "data" / "studies"
    studies.mkdir(parents=True)
    lines = ["allele_frequency_by: ethnicity", "strata: {ethnicity: {}}", "loci:"]
    estimates = []
    for number, data in enumerate(data_sets):
        locus = f"L{number}"
        lines.append(f"  {locus}: {{alleles: {data.alleles}}}")
        sides = [f"{s}_{g}" for s in ("cases", "controls") for g in data.genotypes]
        header = ["study", "locus", "population", "ethnicity", *sides]
        totals = any(any(study.totals) for study in data.studies)
        header += ["cases_total", "controls_total"] if totals else []
        rows = []
        for study in data.studies:
            name = f"{study.label} of {locus}"
            row = [name, locus, study.population, study.ethnicity, *study.cells]
            rows.append(row + (list(study.totals) if totals else []))
            if study.reported:
                effect = data.alleles.split("/")[1]
                estimates.append(
                    [name, locus, study.ethnicity, effect, "allelic", "OR", *study.reported, "no"]
                )
        _write(studies / f"counts_{number}.csv", [header, *rows])
    if estimates:
        header = (
            "study locus ethnicity effect_allele model measure estimate ci_low ci_high adjusted"
        )
        _write(studies / "reported.csv", [header.split(), *estimates])
    (folder / "config.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "config.yaml"


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def warned(data_sets: Sequence[DataSet]) -> list[dict[str, set[str]]]:
    """Which checks warn of which studies, as a user of these tables would see it.

    Returns
    -------
    list of dict
        For each data set: the checks with a warning or an error, by study.
    """
    found: list[dict[str, set[str]]] = [{} for _ in data_sets]
    with tempfile.TemporaryDirectory() as folder:
        project = load(write_project(Path(folder), data_sets))
        tables = read_studies(project)
        findings = list(tables.findings)
        for locus in project.config.loci:
            findings += check_equilibrium(project.config, locus, tables)[1]
            findings += check_locus(project.config, locus, tables)
    for finding in findings:
        if finding.severity != "note" and finding.study:
            label, _, locus = finding.study.rpartition(" of L")
            found[int(locus)].setdefault(label, set()).add(finding.check)
    return found


def batches(jobs: Iterable[Job]) -> list[Job]:
    return [
        replace(job, number=min(BATCH, job.number - start), seed=(*job.seed, start))
        for job in jobs
        for start in range(0, job.number, BATCH)
    ]


def plant(kind: Kind, data: DataSet, rng: np.random.Generator, avoid: str = "") -> Planted | None:
    """The error in a study drawn by lot; None if it cannot be in any of a few."""
    for _ in range(5):
        place = int(rng.integers(len(data.studies)))
        if data.studies[place].label != avoid:
            planted = kind.plant(data, place, rng)
            if planted is not None:
                return planted
    return None


def score(planted: Planted, kind: str) -> float:
    """The oracle's log likelihood ratio; infinite where the table contradicts itself."""
    if kind in CONTRADICTIONS:
        return np.inf
    scores = Oracle(planted.data).scores(kind)
    labels = [study.label for study in planted.data.studies]
    return float(max(scores[labels.index(label)] for label in planted.concerned))


def run(job: Job) -> list[dict]:
    """One row for each planting (or clean study) of a batch."""
    rng = np.random.default_rng([SEED, *job.seed])
    if job.part == "clean":
        return _clean(job, rng)
    by_name = {kind.name: kind for kind in KINDS}
    names = list(by_name) if job.part == "two" else [job.kind]
    made = []
    while len(made) < job.number:
        data = published(job.part) if job.part in ("IL-8", "CASP8") else simulated(rng)
        first = by_name[str(rng.choice(names))]
        base = first.dresses(data) if first.dresses else data
        planted = plant(first, base, rng)
        if planted is None:
            continue
        errors = [(first.name, planted)]
        if job.part == "two":
            plain = [kind for kind in KINDS if kind.dresses is None]
            second = plain[rng.integers(len(plain))]
            (avoid, *_) = sorted(planted.concerned)
            again = None if first.dresses else plant(second, planted.data, rng, avoid)
            if again is None or again.concerned & planted.concerned:
                continue
            errors = [(first.name, planted), (second.name, again)]
        made.append((base, errors))
    found = warned([errors[-1][1].data for _, errors in made])
    # A check that does not know totals or percentages yet must not count as finding wrong ones.
    dressed = job.kind in by_name and by_name[job.kind].dresses is not None
    without = warned([base for base, _ in made]) if dressed else [{}] * len(made)
    rows = []
    for (_, errors), checks, before in zip(made, found, without, strict=True):
        for name, planted in errors:
            of = [checks.get(s, set()) - before.get(s, set()) for s in planted.concerned]
            value = score(planted, name)
            rows.append({"kind": name, "score": value, "checks": sorted(set().union(*of))})
    return rows


def _clean(job: Job, rng: np.random.Generator) -> list[dict]:
    """Every study of clean data sets: the oracle's scores, and the checks that warn."""
    data_sets = [simulated(rng, clean_only=True) for _ in range(job.number)]
    rows = []
    for data, checks in zip(data_sets, warned(data_sets), strict=True):
        oracle = None if data.truth.dominant else Oracle(data)
        scores = {
            kind.name: oracle.scores(kind.name)
            for kind in KINDS
            if oracle is not None and kind.name not in CONTRADICTIONS
        }
        for i, study in enumerate(data.studies):
            rows.append(
                {
                    "setting": (len(data.studies), data.truth.tau, data.truth.dominant),
                    "scores": {name: float(values[i]) for name, values in scores.items()},
                    "checks": sorted(checks.get(study.label, set())),
                }
            )
    return rows


def thresholds(clean: Sequence[dict], share: float) -> dict[str, float]:
    """The oracle's critical value of each kind: so many clean studies are above it."""
    found = {}
    for kind in KINDS:
        scores = [row["scores"][kind.name] for row in clean if kind.name in row["scores"]]
        value = np.quantile(scores, 1 - share, method="higher") if scores else -np.inf
        found[kind.name] = float(value)
    return found


def summarise(rows: dict[str, list[dict]]) -> Iterator[dict]:
    """The rows of the table."""
    clean = rows.pop("clean")
    critical, at_share = thresholds(clean, 1 / ONE_IN), thresholds(clean, SHARE)
    for part, found in rows.items():
        for kind in KINDS:
            mine = [row for row in found if row["kind"] == kind.name]
            if not mine:
                continue
            seen = [row["score"] > critical[kind.name] for row in mine]
            shared = [row["score"] > at_share[kind.name] for row in mine]
            hit = [bool(row["checks"]) for row in mine]
            checks = Counter(check for row in mine for check in row["checks"])
            yield {
                "part": part,
                "kind": kind.name,
                "planted": len(mine),
                "oracle": sum(seen),
                "both": sum(a and b for a, b in zip(seen, hit, strict=True)),
                "oracle_at_share": sum(shared),
                "both_at_share": sum(a and b for a, b in zip(shared, hit, strict=True)),
                "sentinel": sum(hit),
                "own_check": " ".join(f"{name}:{n}" for name, n in checks.most_common(4)),
            }
    yield from _false_alarms(clean)


def _false_alarms(clean: Sequence[dict]) -> Iterator[dict]:
    groups: dict[str, list[dict]] = {"all": list(clean)}
    for row in clean:
        k, tau, dominant = row["setting"]
        for name in (f"{k} studies", f"tau {tau:g}", "dominant" if dominant else "multiplicative"):
            groups.setdefault(name, []).append(row)
    for name in ("all", *sorted(set(groups) - {"all"}, key=_natural)):
        group = groups[name]
        yield {
            "part": "clean",
            "kind": f"any check: {name}",
            "planted": len(group),
            "sentinel": sum(bool(row["checks"]) for row in group),
        }
    checks = Counter(check for row in clean for check in row["checks"])
    for check in sorted(checks):
        yield {
            "part": "clean",
            "kind": check,
            "planted": len(clean),
            "sentinel": checks[check],
        }


def _natural(name: str) -> tuple[bool, int, str]:
    first = name.split(" ")[0]
    return not first.isdigit(), int(first) if first.isdigit() else 0, name


def published_alarms() -> Iterator[dict]:
    """Warnings about the published tables as they are: an upper bound of the false ones."""
    for name in ("IL-8", "CASP8"):
        data = published(name)
        (found,) = warned([data])
        yield {
            "part": "clean",
            "kind": f"published: {name}",
            "planted": len(data.studies),
            "sentinel": len(found),
            "own_check": " ".join(sorted({c for checks in found.values() for c in checks})),
        }


def jobs(planted: int, in_published: int, pairs: int, clean: int) -> list[Job]:
    found = [Job("clean", "", clean, (0,))]
    for number, kind in enumerate(KINDS, 1):
        found.append(Job("simulated", kind.name, planted, (1, number)))
        found.append(Job("IL-8", kind.name, in_published, (2, number)))
        if kind.name != "label":  # CASP8 has one ethnicity
            found.append(Job("CASP8", kind.name, in_published, (3, number)))
    found.append(Job("two", "", pairs, (4,)))
    return found


def measure(wanted: Sequence[Job], processes: int) -> list[dict]:
    """The table, from all jobs."""
    rows: dict[str, list[dict]] = {}
    parts = batches(wanted)
    start = time.monotonic()
    with ProcessPoolExecutor(processes) as executor:
        for number, (job, found) in enumerate(zip(parts, executor.map(run, parts), strict=True), 1):
            rows.setdefault(job.part, []).extend(found)
            if number % 20 == 0 or number == len(parts):
                spent = time.monotonic() - start
                print(f"{number} of {len(parts)} batches, {spent:.0f} s", file=sys.stderr)
    return [*summarise(rows), *published_alarms()]


def write_table(rows: Iterable[dict], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def read_table(path: Path) -> list[dict]:
    """Rows of `write_table`; numbers as int, None where blank."""
    text = ("part", "kind", "own_check")
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: x if name in text else int(x) if x else None for name, x in row.items()}
            for row in csv.DictReader(file, delimiter="\t")
        ]


def write_documents(folder: Path) -> None:
    """The figure and the page, from the table."""
    from planted_errors_page import draw, page, with_shares

    rows = read_table(folder / "planted_errors.tsv")
    (folder / "images").mkdir(exist_ok=True)
    draw(rows, folder / "images" / "planted_errors.png")
    (folder / "planted_errors.md").write_text(page(rows), encoding="utf-8")
    checks = folder / "checks.md"
    if checks.exists():
        text = checks.read_text(encoding="utf-8")
        checks.write_text(with_shares(text, rows), encoding="utf-8")


def main(arguments: argparse.Namespace) -> None:
    if arguments.quick:
        for row in measure(jobs(10, 3, 10, 20), arguments.processes):
            print("\t".join(str(row.get(name, "")) for name in COLUMNS))
        return
    if not arguments.from_table:
        numbers = (PLANTED, IN_PUBLISHED, PAIRS, CLEAN)
        wanted = jobs(*(max(round(arguments.scale * number), 1) for number in numbers))
        rows = measure(wanted, arguments.processes)
        write_table(rows, arguments.folder / "planted_errors.tsv")
    write_documents(arguments.folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="print a few, write nothing")
    parser.add_argument("--from-table", action="store_true", help="do not plant anything")
    parser.add_argument("--scale", type=float, default=1.0, help="a share of the plantings")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=DOCS)
    main(parser.parse_args())
