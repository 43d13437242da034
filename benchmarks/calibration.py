"""How often do the intervals contain the truth? Simulated case-control meta-analyses.

    python benchmarks/calibration.py                 # the published grid: some ten minutes
    python benchmarks/calibration.py --quick         # a small grid, printed: seconds
    python benchmarks/calibration.py --from-table    # figures and page again, from the table

Counts are binomial, so that rare exposure brings zero cells, skewed log odds ratios and variances
that depend on them. A cell of the grid is a between-study variance, a number of studies, an
exposure of the controls and a pattern of study sizes. In each, coverage and width of every
interval are worked out over the same simulated tables. Written are docs/calibration.tsv,
docs/calibration.md and docs/images/calibration_*.
"""

import argparse
import csv
import itertools
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)
from scipy.special import expit, logit, ndtr  # noqa: E402

from genopool.association.odds_ratios import log_odds_ratio  # noqa: E402
from genopool.pooling.inverse_variance import pool  # noqa: E402
from genopool.pooling.mantel_haenszel import mantel_haenszel  # noqa: E402
from genopool.pooling.one_stage import glmm  # noqa: E402
from genopool.pooling.tau2_intervals import tau2_interval  # noqa: E402

DOCS = Path(__file__).resolve().parent.parent / "docs"
SEED = 20260301
LEVEL = 0.95
LOG_OR = float(np.log(1.3))
#: Cases, and as many controls, of the average study.
PEOPLE = 200
REPLICATES = 2_000
#: For the methods of `SLOW`, which take milliseconds a set, with sizes `mixed` only.
SLOW_REPLICATES = 500

TAU2 = (0.0, 0.02, 0.1, 0.4)
STUDIES = (2, 3, 5, 10, 20, 40)
EXPOSURE = (0.02, 0.1, 0.4)
#: Patterns of study sizes and the size of study i of k, before scaling to the average.
SIZES = {
    "equal": lambda i, k: np.ones(k),
    "mixed": lambda i, k: 16.0 ** (i / (k - 1)),
    "one large": lambda i, k: np.where(i == 0, 10.0, 1.0),
}

MEAN = (
    ("EE", "wald"),
    ("DL", "wald"),
    ("DL", "hartung-knapp"),
    ("DL", "henmi-copas"),
    ("REML", "wald"),
    ("REML", "wald-t"),
    ("REML", "hartung-knapp"),
    ("REML", "hartung-knapp-adhoc"),
    ("REML", "hartung-knapp-iqwig"),
    ("REML", "kenward-roger"),
    ("ML", "profile-likelihood"),
    ("ML", "profile-likelihood-bartlett"),
)
TAU2_INTERVALS = (
    "Q-profile",
    "generalised-Q",
    "profile-likelihood",
    "restricted-profile-likelihood",
)
#: Prediction intervals, each with an interval of the mean whose standard error it takes.
PREDICTION = tuple(itertools.product(("default", "riley"), ("wald", "hartung-knapp")))
SLOW = ("UM.FS", "nagashima")

COLUMNS = (
    "quantity estimator interval tau2 k exposure sizes replicates defined coverage "
    "mean_width median_width bias"
).split()

Cell = tuple[float, int, float, str]


def full_grid() -> list[Cell]:
    return list(itertools.product(TAU2, STUDIES, EXPOSURE, SIZES))


def study_sizes(pattern: str, k: int) -> np.ndarray:
    """Cases, and as many controls, of each study: shape (k,)."""
    share = SIZES[pattern](np.arange(k), k)
    return np.rint(PEOPLE * share / share.mean()).astype(int)


def simulate(cell: Cell, replicates: int, seed: int = SEED) -> tuple[np.ndarray, ...]:
    """Cells a, b, c, d of 2×2 tables: shape (replicates, studies) each.

    True log odds ratios are normal about `LOG_OR` with variance tau²; all controls have the
    cell's exposure. The draws of a cell do not depend on the rest of the grid.
    """
    tau2, k, exposure, pattern = cell
    place = [round(1000 * tau2), k, round(1000 * exposure), list(SIZES).index(pattern)]
    rng = np.random.default_rng([seed, *place])
    n = study_sizes(pattern, k)
    effect = LOG_OR + np.sqrt(tau2) * rng.standard_normal((replicates, k))
    a = rng.binomial(n, expit(logit(exposure) + effect))
    c = rng.binomial(n, exposure, (replicates, k))
    return a, n - a, c, n - c


def measure(low: np.ndarray, high: np.ndarray, covers: np.ndarray, **extra: float) -> dict:
    """Coverage and widths over the replicates in which the interval exists."""
    exists = ~(np.isnan(low) | np.isnan(high))
    width = (high - low)[exists]
    some = width.size > 0
    return {
        "replicates": low.size,
        "defined": exists.mean(),
        "coverage": covers[exists].mean() if some else np.nan,
        "mean_width": width.mean() if some else np.nan,
        "median_width": np.median(width) if some else np.nan,
        **extra,
    }


def contains(low: np.ndarray, high: np.ndarray, truth: float) -> np.ndarray:
    return (low <= truth) & (truth <= high)


def probability_of_a_new_study(low: np.ndarray, high: np.ndarray, tau2: float) -> np.ndarray:
    """Probability, given the interval, that it contains the log odds ratio of a new study."""
    if tau2 == 0:
        return contains(low, high, LOG_OR)
    tau = np.sqrt(tau2)
    return ndtr((high - LOG_OR) / tau) - ndtr((low - LOG_OR) / tau)


def mean_row(fit) -> dict:
    bias = float(np.nanmean(fit.estimate) - LOG_OR)
    return measure(fit.ci_low, fit.ci_high, contains(fit.ci_low, fit.ci_high, LOG_OR), bias=bias)


def prediction_row(fit, tau2: float) -> dict:
    covers = probability_of_a_new_study(fit.pi_low, fit.pi_high, tau2)
    return measure(fit.pi_low, fit.pi_high, covers)


def rows_of(cell: Cell, replicates: int, seed: int = SEED) -> Iterator[dict]:
    """The rows of the table for the methods that handle all replicates in one call."""
    tables = simulate(cell, replicates, seed)
    y, v = log_odds_ratio(*tables)
    tau2 = cell[0]
    for estimator, interval in MEAN:
        fit = pool(y, v, tau2=estimator, interval=interval, level=LEVEL, prediction="none")
        yield named("mean", estimator, interval, cell, mean_row(fit))
    crude = mantel_haenszel(*tables, level=LEVEL)
    yield named("mean", "mantel-haenszel", "wald", cell, mean_row(crude))
    for method in TAU2_INTERVALS:
        low, high = tau2_interval(y, v, LEVEL, method)
        row = measure(low, high, contains(low, high, tau2))
        yield named("tau2", "", method, cell, row)
    for prediction, interval in PREDICTION:
        fit = pool(y, v, tau2="REML", interval=interval, level=LEVEL, prediction=prediction)
        name = f"{prediction}, {interval}"
        yield named("prediction", "REML", name, cell, prediction_row(fit, tau2))


def slow_rows_of(cell: Cell, replicates: int, seed: int = SEED) -> Iterator[dict]:
    """The rows of the table for the methods of `SLOW`."""
    tables = simulate(cell, replicates, seed)
    yield named("mean", "UM.FS", "wald", cell, mean_row(glmm(*tables, level=LEVEL)))
    fit = pool(*log_odds_ratio(*tables), level=LEVEL, prediction="nagashima")
    yield named("prediction", "", "nagashima", cell, prediction_row(fit, cell[0]))


def named(quantity: str, estimator: str, interval: str, cell: Cell, row: dict) -> dict:
    tau2, k, exposure, sizes = cell
    place = {"tau2": tau2, "k": k, "exposure": exposure, "sizes": sizes}
    return {"quantity": quantity, "estimator": estimator, "interval": interval, **place, **row}


def run(
    cells: Iterable[Cell], replicates: int, slow_replicates: int, seed: int = SEED
) -> Iterator[dict]:
    """The rows of all cells; those of `SLOW` where the sizes are mixed."""
    for cell in cells:
        yield from rows_of(cell, replicates, seed)
        if slow_replicates and cell[3] == "mixed":
            yield from slow_rows_of(cell, slow_replicates, seed)


def written(value: object) -> str:
    """Four decimals (four digits of a large number), and a blank for what does not exist."""
    if not isinstance(value, float | np.floating):
        return str(value)
    if np.isnan(value):
        return ""
    return f"{value:.4g}" if abs(value) >= 10 else f"{value:.4f}".rstrip("0").rstrip(".")


def write_table(rows: Iterable[dict], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([written(row.get(name, "")) for name in COLUMNS])


def read_table(path: Path) -> list[dict]:
    """Rows of `write_table`; numbers as int or float, NaN where blank."""
    text, whole = ("quantity", "estimator", "interval", "sizes"), ("k", "replicates")
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {
                name: x if name in text else int(x) if name in whole else float(x or "nan")
                for name, x in row.items()
            }
            for row in csv.DictReader(file, delimiter="\t")
        ]


def write_documents(folder: Path) -> None:
    """The figures and the page, from the table."""
    from calibration_figures import draw
    from calibration_page import page

    rows = read_table(folder / "calibration.tsv")
    (folder / "images").mkdir(exist_ok=True)
    draw(rows, folder / "images")
    (folder / "calibration.md").write_text(page(rows), encoding="utf-8")


def main(arguments: argparse.Namespace) -> None:
    if arguments.quick:
        for row in run(itertools.product((0.0, 0.1), (2, 5), (0.02, 0.4), ("mixed",)), 200, 0):
            print("\t".join(written(row.get(name, "")) for name in COLUMNS))
        return
    if not arguments.from_table:
        start, cells = time.process_time(), full_grid()
        rows = []
        for number, cell in enumerate(cells, 1):
            rows += run([cell], REPLICATES, SLOW_REPLICATES)
            spent = time.process_time() - start
            print(f"{number} of {len(cells)} cells, {spent:.0f} s", file=sys.stderr, flush=True)
        write_table(rows, arguments.folder / "calibration.tsv")
    write_documents(arguments.folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="print a small grid, write nothing")
    parser.add_argument("--from-table", action="store_true", help="do not simulate")
    parser.add_argument("--folder", type=Path, default=DOCS)
    main(parser.parse_args())
