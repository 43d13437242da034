"""Speed of random-effects pooling: genopool beside whatever else is installed.

    OMP_NUM_THREADS=1 python benchmarks/pooling_speed.py [--sets 10000] [--scaling]

REML with Hartung-Knapp for many sets of 13 studies, in one run on one core. genopool also gives
the prediction interval, Q and I²; the others are timed for what they have. Libraries that handle
one set at a time are timed on fewer sets and scaled up. What is not installed is skipped with a
message. `--scaling` adds a curve from 100 to 1,000,000 sets with the peak memory of each size.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)

from genopool.pooling.inverse_variance import pool  # noqa: E402

STUDIES = 13
SEED = 20240501
#: Sets timed where each takes milliseconds.
FEW = 50


def data(sets: int) -> tuple[np.ndarray, np.ndarray]:
    """Log odds ratios with tau from 0 to 0.6 and variances of studies of 50 to 2,000 people."""
    rng = np.random.default_rng(SEED)
    variance = 16 / rng.uniform(50, 2000, (sets, STUDIES))
    tau = rng.choice([0, 0.1, 0.3, 0.6], (sets, 1))
    return rng.normal(0.2, np.sqrt(variance + tau**2)), variance


def best(run: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Least wall-clock and processor seconds of `repeats` runs."""
    times = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(t[0] for t in times), min(t[1] for t in times)


def fisher_scoring(y: np.ndarray, v: np.ndarray, steps: int = 20) -> np.ndarray:
    """Bare vectorised REML by Fisher scoring: no safeguard, no test of convergence, tau² only."""
    t = np.maximum(y.var(axis=1, ddof=1) - v.mean(axis=1), 0)
    for _ in range(steps):
        w = 1 / (v + t[:, None])
        w1, w2 = w.sum(axis=1), (w * w).sum(axis=1)
        mean = (w * y).sum(axis=1) / w1
        score = (w * w * (y - mean[:, None]) ** 2).sum(axis=1) - w1 + w2 / w1
        information = w2 - 2 * (w**3).sum(axis=1) / w1 + (w2 / w1) ** 2
        t = np.maximum(t + score / information, 0)
    return t


def time_statsmodels(y: np.ndarray, v: np.ndarray) -> float:
    """Seconds a set: Paule-Mandel with Hartung-Knapp, since statsmodels has no REML."""
    from statsmodels.stats.meta_analysis import combine_effects

    def run() -> None:
        for yi, vi in zip(y[:FEW], v[:FEW], strict=True):
            combine_effects(yi, vi, method_re="iterated", use_t=True).conf_int()

    return best(run, 3)[0] / FEW


def time_pymare(y: np.ndarray, v: np.ndarray) -> float:
    """Seconds a set: one call for all sets, REML with Hartung-Knapp, column by column."""
    import pymare

    def run() -> None:
        estimator = pymare.estimators.VarianceBasedLikelihoodEstimator("reml")
        estimator.fit_dataset(pymare.Dataset(y.T, v.T))
        estimator.summary().get_fe_stats()

    return best(run, 5)[0] / len(y)


def time_pymetaanalysis(y: np.ndarray, v: np.ndarray) -> float:
    """Seconds a set: REML with Hartung-Knapp."""
    import meta_analyze

    options = {"model": "random", "tau2_method": "REML", "ci_method": "hartung_knapp"}

    def run() -> None:
        for yi, vi in zip(y[:FEW], v[:FEW], strict=True):
            meta_analyze.meta_analysis(effect=yi, variance=vi, **options)

    return best(run, 3)[0] / FEW


METAFOR = """
suppressMessages(library(metafor))
d <- as.matrix(read.csv("{path}", header = FALSE)); n <- nrow(d) / 2; failed <- 0
start <- proc.time()[["elapsed"]]
for (i in 1:n) {{
  f <- try(suppressWarnings(rma(d[i, ], d[n + i, ], test = "knha")), silent = TRUE)
  if (inherits(f, "try-error")) failed <- failed + 1 else p <- predict(f)
}}
cat(proc.time()[["elapsed"]] - start, failed, as.character(packageVersion("metafor")))
"""


def time_metafor(y: np.ndarray, v: np.ndarray) -> float:
    """Seconds a set: rma() and predict(), without the start of R."""
    if shutil.which("Rscript") is None:
        raise ImportError("Rscript is not installed")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sets.csv"
        np.savetxt(path, np.vstack([y[:FEW], v[:FEW]]), delimiter=",")
        script = METAFOR.format(path=path)
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True)
    if done.returncode:
        raise ImportError(done.stderr.strip().splitlines()[-1])
    seconds, failed, version = done.stdout.split()
    print(f"  (metafor {version}: {failed} of {FEW} sets did not converge)")
    return float(seconds) / FEW


def compare(sets: int) -> None:
    y, v = data(sets)
    wall, cpu = best(lambda: pool(y, v), 9)
    print(f"{sets:,} sets of {STUDIES} studies, seconds; processor time in brackets")
    print(f"{'genopool: REML, Hartung-Knapp, prediction, Q, I²':58}{wall:10.3f}  ({cpu:.3f})")
    bare = best(lambda: fisher_scoring(y, v), 3)[0]
    print(f"{'bare NumPy Fisher scoring, 20 steps: tau² only':58}{bare:10.3f}")
    others: list[tuple[str, Callable[[np.ndarray, np.ndarray], float]]] = [
        ("PyMARE: REML, Hartung-Knapp, column-parallel", time_pymare),
        ("statsmodels: Paule-Mandel, Hartung-Knapp (scaled up)", time_statsmodels),
        ("PyMetaAnalysis: REML, Hartung-Knapp (scaled up)", time_pymetaanalysis),
        ("metafor: rma, predict (scaled up)", time_metafor),
    ]
    for name, run in others:
        try:
            print(f"{name:58}{run(y, v) * sets:10.3f}")
        except ImportError as problem:
            print(f"{name:58}   skipped: {problem}")


def scaling() -> None:
    print("sets         seconds   processor   microseconds a set   peak memory, GiB")
    for exponent in range(2, 7):
        sets = 10**exponent
        code = f"import {Path(__file__).stem} as b; b.one_size({sets})"
        subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=True)


def one_size(sets: int) -> None:
    """One line of the curve, in its own process so that the peak memory is its own."""
    y, v = data(sets)
    pool(y[:100], v[:100])
    wall, cpu = best(lambda: pool(y, v), 1 if sets > 10**5 else 3)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{sets:<12,}{wall:8.3f}{cpu:12.3f}{1e6 * cpu / sets:21.2f}{memory:19.2f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--scaling", action="store_true")
    arguments = parser.parse_args()
    compare(arguments.sets)
    if arguments.scaling:
        scaling()
