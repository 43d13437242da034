"""Speed of random-effects pooling: genopool beside whatever else is installed.

    python benchmarks/pooling_speed.py [--sets 10000] [--scaling] [--document docs]

REML with Hartung-Knapp for many sets of 13 studies, in one run on one core. genopool also gives
the prediction interval, Q and I²; the others are timed for what they have. Libraries that handle
one set at a time are timed on fewer sets and scaled up. What is not installed is skipped with a
message. `--scaling` adds a curve from 100 to 1,000,000 sets with the peak memory of each size;
`--document` writes both as speed.md, and the curve as images/scaling.png, into a folder.
"""

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402  (after the number of threads is set)

from genopool.pooling.inverse_variance import pool  # noqa: E402

STUDIES = 13
SEED = 20240501
#: Sets timed where each takes milliseconds.
FEW = 50
SIZES = tuple(10**exponent for exponent in range(2, 7))


@dataclass
class Timing:
    """Seconds by the clock and of the processor; `wall` NaN with a `note` where not installed."""

    name: str
    wall: float
    cpu: float
    note: str = ""


@dataclass
class Size:
    """A point of the scaling curve; memory is the peak of its own process, in GiB."""

    sets: int
    wall: float
    cpu: float
    memory: float


def data(sets: int) -> tuple[np.ndarray, np.ndarray]:
    """Log odds ratios with tau from 0 to 0.6 and variances of studies of 50 to 2,000 people."""
    rng = np.random.default_rng(SEED)
    variance = 16 / rng.uniform(50, 2000, (sets, STUDIES))
    tau = rng.choice([0, 0.1, 0.3, 0.6], (sets, 1))
    return rng.normal(0.2, np.sqrt(variance + tau**2)), variance


def best(run: Callable[[], object], repeats: int) -> np.ndarray:
    """Least seconds of `repeats` runs: by the clock, and of the processor."""
    times = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return np.min(times, axis=0)


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


def time_statsmodels(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Paule-Mandel with Hartung-Knapp, since statsmodels has no REML."""
    from statsmodels.stats.meta_analysis import combine_effects

    def run() -> None:
        for yi, vi in zip(y[:FEW], v[:FEW], strict=True):
            combine_effects(yi, vi, method_re="iterated", use_t=True).conf_int()

    return best(run, 3) * len(y) / FEW


def time_pymare(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """One call for all sets, REML with Hartung-Knapp, column by column."""
    import pymare

    def run() -> None:
        estimator = pymare.estimators.VarianceBasedLikelihoodEstimator("reml")
        estimator.fit_dataset(pymare.Dataset(y.T, v.T))
        estimator.summary().get_fe_stats()

    return best(run, 5)


def time_pymetaanalysis(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """REML with Hartung-Knapp."""
    import meta_analyze

    options = {"model": "random", "tau2_method": "REML", "ci_method": "hartung_knapp"}

    def run() -> None:
        for yi, vi in zip(y[:FEW], v[:FEW], strict=True):
            meta_analyze.meta_analysis(effect=yi, variance=vi, **options)

    return best(run, 3) * len(y) / FEW


METAFOR = """
suppressMessages(library(metafor))
d <- as.matrix(read.csv("{path}", header = FALSE)); n <- nrow(d) / 2
start <- proc.time()
for (i in 1:n) {{
  f <- try(suppressWarnings(rma(d[i, ], d[n + i, ], test = "knha")), silent = TRUE)
  if (!inherits(f, "try-error")) p <- predict(f)
}}
spent <- proc.time() - start
cat(spent[["elapsed"]], spent[["user.self"]] + spent[["sys.self"]])
"""


def time_metafor(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """rma() and predict(), without the start of R."""
    if shutil.which("Rscript") is None:
        raise ImportError("Rscript is not installed")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sets.csv"
        np.savetxt(path, np.vstack([y[:FEW], v[:FEW]]), delimiter=",")
        script = METAFOR.format(path=path)
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True)
    if done.returncode:
        raise ImportError(done.stderr.strip().splitlines()[-1])
    return np.array(done.stdout.split(), dtype=float) * len(y) / FEW


def metafor_version() -> str:
    asked = ["Rscript", "-e", 'cat(as.character(packageVersion("metafor")))']
    return subprocess.run(asked, capture_output=True, text=True).stdout


OTHERS = (
    ("PyMARE", "REML, Hartung-Knapp, column-parallel", time_pymare, lambda: version("pymare")),
    (
        "statsmodels",
        "Paule-Mandel, Hartung-Knapp (scaled up)",
        time_statsmodels,
        lambda: version("statsmodels"),
    ),
    (
        "PyMetaAnalysis",
        "REML, Hartung-Knapp (scaled up)",
        time_pymetaanalysis,
        lambda: version("pymetaanalysis"),
    ),
    ("metafor", "rma, predict (scaled up)", time_metafor, metafor_version),
)


def compare(sets: int) -> list[Timing]:
    """genopool and the others on the same sets; each is printed as it is done."""
    y, v = data(sets)
    print(f"{sets:,} sets of {STUDIES} studies, seconds; processor time in brackets")
    found = [
        Timing("genopool: REML, Hartung-Knapp, prediction, Q, I²", *best(lambda: pool(y, v), 9)),
        Timing(
            "bare NumPy Fisher scoring, 20 steps: tau² only",
            *best(lambda: fisher_scoring(y, v), 3),
        ),
    ]
    for timing in found:
        show(timing)
    for name, what, run, find_version in OTHERS:
        try:
            spent = run(y, v)
            found.append(Timing(f"{name} {find_version()}: {what}", *spent))
        except ImportError as problem:
            found.append(Timing(f"{name}: {what}", np.nan, np.nan, f"skipped: {problem}"))
        show(found[-1])
    return found


def show(timing: Timing) -> None:
    numbers = timing.note or f"{timing.wall:10.3f}  ({timing.cpu:.3f})"
    print(f"{timing.name:62}{numbers}", flush=True)


def scaling() -> list[Size]:
    """The curve, each size in a process of its own so that the peak memory is its own."""
    print("sets         seconds   processor   microseconds a set   peak memory, GiB")
    curve = []
    for sets in SIZES:
        here = Path(__file__).resolve()
        code = f"import sys; sys.path.append({str(here.parent)!r}); import {here.stem} as b; "
        command = [sys.executable, "-c", code + f"b.one_size({sets})"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        size = Size(sets, *map(float, done.stdout.split()))
        each = 1e6 * size.cpu / sets
        print(f"{sets:<12,}{size.wall:8.3f}{size.cpu:12.3f}{each:21.2f}{size.memory:19.2f}")
        curve.append(size)
    return curve


def one_size(sets: int) -> None:
    y, v = data(sets)
    pool(y[:100], v[:100])
    wall, cpu = best(lambda: pool(y, v), 2 if sets > 10**5 else 5)
    print(wall, cpu, peak_memory())


def peak_memory() -> float:
    """Peak of this process in GiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux counts the parent's memory at the fork in ru_maxrss, but not here.
        (line,) = (x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    unit = 2**30 if sys.platform == "darwin" else 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def machine() -> str:
    """Processor, its number, and the software that matters, for the page."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        processor = lines[0].split(":")[1].strip() if lines else processor
    software = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    return (
        f"{processor}, {os.cpu_count()} processors visible, {platform.system()}, "
        f"Python {platform.python_version()}, {software}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--document", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    timings = compare(arguments.sets)
    if arguments.scaling or arguments.document:
        sizes = scaling()
    if arguments.document:
        from pooling_speed_page import write_page

        write_page(arguments.document, arguments.sets, STUDIES, timings, sizes, machine())
