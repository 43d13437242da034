"""Do the estimators of tau² ever fail? 100,000 hard data sets, a fine grid on a sample of them.

    python benchmarks/pooling_convergence.py [--sets 100000] [--sample 800]

The sets have 2 to 30 studies, heterogeneity from none to huge, sampling variances over six orders
of magnitude, and outliers. Every estimator must be finite; where it solves an equation, the
equation must hold; on the sample, no point of a grid may have a higher likelihood than ML and
REML. With R and metafor, the script counts the sets on which `rma()` gives up or stops at a lower
restricted likelihood, among the sample and among ordinary data.
"""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from scipy.special import chdtri

from genopool.pooling.likelihood import FULL, RESTRICTED, deviance, slopes
from genopool.pooling.moments import residual_q
from genopool.pooling.study_sets import in_chunks
from genopool.pooling.tau2 import ESTIMATORS, estimate_tau2

SIZES = (2, 3, 4, 6, 10, 13, 20, 30)
SEED = 7
GRID = 5_000


def hard_sets(sets: int, studies: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    variance = 10 ** (rng.uniform(-6, 0, (sets, studies)) + rng.uniform(-2, 2, (sets, 1)))
    tau = rng.choice([0, 1e-3, 0.1, 1, 30], (sets, 1))
    effect = rng.normal(0, np.sqrt(variance + tau**2))
    outlier = rng.random((sets, studies)) < 0.1
    return effect + outlier * rng.normal(0, 5 * np.sqrt(variance)), variance


def ordinary_sets(
    sets: int, studies: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """As in genetic association: standard errors of 0.14 to 0.77, tau up to 0.55."""
    variance = rng.uniform(0.02, 0.6, (sets, studies))
    tau2 = rng.choice([0, 0.02, 0.1, 0.3], (sets, 1))
    return rng.normal(0, np.sqrt(variance + tau2)), variance


def check_equations(y: np.ndarray, v: np.ndarray) -> dict[str, float]:
    """Greatest departures: Newton's next step over tau² + v, and |Q - target|."""
    worst = dict.fromkeys(("REML", "ML", "PM", "PMM"), 0.0)
    for _, s in in_chunks(y, v):
        for method in ESTIMATORS:
            t = estimate_tau2(s, method)
            if not (np.isfinite(t) & (t >= 0)).all():
                raise AssertionError(f"{method} failed")
            inside = t > 0
            if method in ("REML", "ML"):
                f = slopes(s, t, RESTRICTED if method == "REML" else FULL)
                step = np.abs((f.p - f.n) / (f.dp - f.dn)) / (t + s.v[0, 0])
                worst[method] = max(worst[method], step[inside].max(initial=0))
            if method in ("PM", "PMM"):
                goal = s.df if method == "PM" else chdtri(s.df, 0.5)
                gap = np.abs(residual_q(s, t)[0] - goal)
                worst[method] = max(worst[method], gap[inside].max(initial=0))
    return worst


def grid_gain(y: np.ndarray, v: np.ndarray, likelihood: str) -> float:
    """How far a grid over tau² gets above the solution, in twice the log-likelihood."""
    gain = -np.inf
    for _, s in in_chunks(y, v):
        t = estimate_tau2(s, "REML" if likelihood == RESTRICTED else "ML")
        found = deviance(s, t, likelihood)
        spread = np.ptp(y)
        for point in np.concatenate([[0], np.geomspace(1e-9, 2 * spread**2, GRID)]):
            there = deviance(s, np.full(t.shape, point), likelihood)
            gain = max(gain, (found - there).max())
    return float(gain)


METAFOR = """
suppressMessages(library(metafor))
d <- as.matrix(read.csv("{path}", header = FALSE)); n <- nrow(d) / 2
for (i in 1:n) {{
  f <- try(suppressWarnings(rma(d[i, ], d[n + i, ])), silent = TRUE)
  cat(if (inherits(f, "try-error")) "NaN" else sprintf("%.17g", f$tau2), "\\n")
}}
"""


def metafor_reml(y: np.ndarray, v: np.ndarray) -> np.ndarray | None:
    """tau² by metafor's default REML, NaN where it stops with an error; None without metafor."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sets.csv"
        np.savetxt(path, np.vstack([y, v]), delimiter=",", fmt="%.17g")
        script = METAFOR.format(path=path)
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True)
    return None if done.returncode else np.array(done.stdout.split(), dtype=float)


def compare_with_metafor(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Numbers of sets: compared, given up by metafor, left by it at a lower likelihood."""
    theirs = metafor_reml(y, v)
    if theirs is None:
        return np.zeros(3, dtype=int)
    ((_, s),) = in_chunks(y, v)
    ours = deviance(s, estimate_tau2(s, "REML"), RESTRICTED)
    stopped = np.isnan(theirs)
    reached = deviance(s, np.where(stopped, 0, theirs), RESTRICTED)
    lower = ~stopped & (reached - ours > 1e-3)
    return np.array([theirs.size, stopped.sum(), lower.sum()])


def main(sets: int, sample: int) -> None:
    rng = np.random.default_rng(SEED)
    worst: dict[str, float] = {}
    gains = {RESTRICTED: -np.inf, FULL: -np.inf}
    metafor = {"hard": np.zeros(3, dtype=int), "ordinary": np.zeros(3, dtype=int)}
    each = sample // len(SIZES)
    for studies in SIZES:
        y, v = hard_sets(sets // len(SIZES), studies, rng)
        for method, value in check_equations(y, v).items():
            worst[method] = max(worst.get(method, 0.0), value)
        for likelihood in gains:
            gain = grid_gain(y[:each], v[:each], likelihood)
            gains[likelihood] = max(gains[likelihood], gain)
        metafor["hard"] += compare_with_metafor(y[:each], v[:each])
        metafor["ordinary"] += compare_with_metafor(*ordinary_sets(2 * each, studies, rng))
    print(f"{sets:,} sets, {len(ESTIMATORS)} estimators: all finite and not negative")
    print(f"Newton's next step over tau² + v at most: REML {worst['REML']:.1e}, ", end="")
    print(f"ML {worst['ML']:.1e}; |Q - target| at most: {max(worst['PM'], worst['PMM']):.1e}")
    print(
        f"best gain of a grid of {GRID:,} points, in -2 log-likelihood, on {sample} sets: ", end=""
    )
    print(f"REML {gains[RESTRICTED]:.1e}, ML {gains[FULL]:.1e}")
    for kind, (compared, given_up, lower) in metafor.items():
        if compared:
            print(
                f"metafor's default REML on {compared} {kind} sets: gives up on {given_up}, stops "
                f"at a log-likelihood lower by 0.0005 or more on {lower}"
            )
        else:
            print(f"metafor skipped on {kind} sets: R or metafor is not installed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=800)
    arguments = parser.parse_args()
    main(arguments.sets, arguments.sample)
