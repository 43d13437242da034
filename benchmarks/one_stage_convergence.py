"""Do the one-stage models converge on sparse tables?

Fits UM.FS, UM.RS, CM.EL and CM.AL to simulated tables with few events, zero cells in most of
them, and reports how each fit ended. A maximum counts as reached when one more Newton step
promises less than 1e-9 of log-likelihood and two quadrature rules agree; the only other endings
allowed are those where the likelihood has no finite maximum, each with its reason. For CM.AL, a
general optimiser (Nelder-Mead on a trapezoidal likelihood of its own) tries to find a higher one.

    python benchmarks/one_stage_convergence.py [--tables 2000] [--seed 1]

Ends with status 1 if any fit failed.
"""

import argparse
import sys
import time
import warnings
from collections import Counter

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln

from genopool.pooling.one_stage import glmm
from genopool.pooling.one_stage_models import ONE_STAGE_MODELS

REACHED = "maximum reached"
# Every so many tables CM.AL is fitted by the general optimiser too.
CHECK_EVERY = 20
# Its own quadrature and tolerance, in log-likelihood.
BETTER = 1e-6


def sparse_table(rng: np.random.Generator) -> np.ndarray:
    """2 to 20 studies of 5 to 300 cases; exposure of 0.3 to 8 per cent; heterogeneity or none."""
    k = int(rng.integers(2, 21))
    n1 = rng.integers(5, 300, k)
    n2 = (n1 * rng.choice([0.5, 1, 1, 3])).astype(int) + 1
    rate = rng.uniform(0.003, 0.08)
    level = np.log(rate / (1 - rate)) + rng.normal(0, rng.choice([0, 0.5, 1.0]), k)
    effect = rng.normal() + rng.normal(0, rng.choice([0, 0.3, 1.0]), k)
    a, c = rng.binomial(n1, expit(level + effect)), rng.binomial(n2, expit(level))
    return np.array([a, n1 - a, c, n2 - c], dtype=float)


def ending(fit) -> str:
    """How a fit ended, in a few words."""
    if np.isfinite(fit.estimate):
        settled = fit.promised_gain < 1e-9 and "quadrature" not in str(fit.reason)
        return REACHED if settled and np.isfinite(fit.se) else f"FAILED: {fit.reason}"
    reason = str(fit.reason)
    known = ("infinity", "without bound", "no study", "nobody or everybody")
    return reason.split(":")[0] if any(word in reason for word in known) else f"FAILED: {reason}"


def general_optimiser(counts: np.ndarray) -> float:
    """Largest log-likelihood of CM.AL that Nelder-Mead finds."""
    a, b, c, d = counts[:, (counts[0] + counts[2] > 0) & (counts[1] + counts[3] > 0)]
    z = np.linspace(-9, 9, 721)[:, None]
    weight = -(z**2) / 2 - np.log(2 * np.pi) / 2 + np.log(z[1, 0] - z[0, 0])
    weight = weight + gammaln(a + c + 1) - gammaln(a + 1) - gammaln(c + 1)
    offset = np.log((a + b) / (c + d))

    def loss(p):
        eta = offset + p[0] + p[1] * z
        log_f = a * eta - (a + c) * np.logaddexp(0, eta) + weight
        top = log_f.max(axis=0)
        return -(top + np.log(np.exp(log_f - top).sum(axis=0))).sum()

    options = {"xatol": 1e-6, "fatol": 1e-10, "maxiter": 2000}
    starts = ([0.0, 0.1], [1.0, 1.0], [-1.0, 2.0])
    return max(-minimize(loss, s, method="Nelder-Mead", options=options).fun for s in starts)


def main() -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("error")
    rng = np.random.default_rng(options.seed)
    endings = {model: Counter() for model in ONE_STAGE_MODELS}
    seconds = {model: [] for model in ONE_STAGE_MODELS}
    checked = beaten = zero_cells = 0
    for i in range(options.tables):
        counts = sparse_table(rng)
        zero_cells += bool((counts == 0).any())
        for model in ONE_STAGE_MODELS:
            start = time.perf_counter()
            fit = glmm(*counts, model=model)
            seconds[model].append(time.perf_counter() - start)
            endings[model][ending(fit)] += 1
            if model == "CM.AL" and i % CHECK_EVERY == 0 and fit.k > 1 and np.isfinite(fit.se):
                checked += 1
                beaten += general_optimiser(counts) > fit.log_likelihood + BETTER
    print(f"{options.tables} tables, seed {options.seed}, {zero_cells} with a zero cell")
    for model, counter in endings.items():
        ms = 1000 * np.array(seconds[model])
        print(f"{model}: median {np.median(ms):.1f} ms, longest {ms.max():.0f} ms")
        for text, number in counter.most_common():
            print(f"  {number:6d}  {text}")
    print(f"CM.AL: a general optimiser found a higher likelihood in {beaten} of {checked} tables")
    failed = sum(n for c in endings.values() for text, n in c.items() if "FAILED" in text)
    return 1 if failed or beaten else 0


if __name__ == "__main__":
    sys.exit(main())
