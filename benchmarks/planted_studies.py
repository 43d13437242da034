"""Clean study tables for planted_errors.py: simulated with known parameters, and published ones."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from genopool.pooling.inverse_variance import pool
from genopool.simulation.sampling import draw_frequencies, draw_genotypes

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
F_ST = 0.01
STUDIES = (4, 6, 8, 12, 20, 30)
#: Fewest studies that are of two strata rather than one.
TWO_STRATA = 8
PEOPLE = (100, 3000)
FREQUENCY = (0.05, 0.5)
LOG_OR = (0.0, 0.2, 0.4)
TAU = (0.0, 0.2)
#: One in so many clean data sets has a dominant effect in place of a multiplicative one.
DOMINANT = 4
STRATA = ("East Asian", "European")
PUBLISHED = {
    "IL-8": ("il8_zhang2015.csv", "A/T", ("AA", "AT", "TT")),
    "CASP8": ("casp8_frank2008.csv", "I/D", ("II", "ID", "DD")),
}


@dataclass(frozen=True)
class Truth:
    """The generating parameters.

    Attributes
    ----------
    frequency : dict of str to float
        Mean frequency of the effect allele by stratum.
    f_st, log_or, tau : float
    dominant : bool
    """

    frequency: dict[str, float]
    f_st: float
    log_or: float
    tau: float
    dominant: bool = False


@dataclass(frozen=True)
class Study:
    """A row of a study table; what is planted changes the text, never the rest.

    Attributes
    ----------
    cells : tuple of str
        Cases with 0, 1, 2 effect alleles, then controls.
    reported : tuple of str
        Odds ratio per allele and its limits, as a row of an estimates table; blank without.
    totals : tuple of str
        Printed numbers of cases and controls; blank without.
    frequency, effect : float
        True frequency in controls and log odds ratio, NaN where not known.
    """

    label: str
    ethnicity: str
    cells: tuple[str, ...]
    population: str = ""
    totals: tuple[str, str] = ("", "")
    reported: tuple[str, ...] = ()
    frequency: float = float("nan")
    effect: float = float("nan")

    @property
    def counts(self) -> np.ndarray:
        """People as (2, 3); the number before a percentage."""
        return np.array([int(cell.split(" ")[0]) for cell in self.cells]).reshape(2, 3)

    def with_counts(self, counts: np.ndarray, **more: object) -> "Study":
        return replace(self, cells=tuple(str(int(n)) for n in np.ravel(counts)), **more)


@dataclass(frozen=True)
class DataSet:
    """The studies of one locus and what they were drawn with."""

    studies: tuple[Study, ...]
    truth: Truth
    alleles: str
    genotypes: tuple[str, ...]

    @property
    def counts(self) -> np.ndarray:
        return np.array([study.counts for study in self.studies], dtype=float)


def simulated(rng: np.random.Generator, *, clean_only: bool = False) -> DataSet:
    """A meta-analysis of clean studies, its parameters drawn from the ranges above.

    Parameters
    ----------
    rng : numpy.random.Generator
    clean_only : bool
        For counting false alarms: the effect may be dominant.
    """
    k = int(rng.choice(STUDIES))
    strata = STRATA if k >= TWO_STRATA else STRATA[:1]
    frequency = {stratum: float(rng.uniform(*FREQUENCY)) for stratum in strata}
    log_or = float(rng.choice(LOG_OR) * rng.choice((-1, 1)))
    tau = float(rng.choice(TAU))
    dominant = clean_only and rng.integers(DOMINANT) == 0
    of = [strata[i % len(strata)] for i in range(k)]
    means = np.array([[1 - frequency[s], frequency[s]] for s in of])
    p = draw_frequencies(rng, means, F_ST)
    people = np.exp(rng.uniform(*np.log(PEOPLE), k))
    share = rng.uniform(0.35, 0.6, k)
    effect = log_or + tau * rng.standard_normal(k)
    log_odds = np.stack([0 * effect, effect, effect if dominant else 2 * effect], axis=1)
    cases = draw_genotypes(rng, p, np.rint(people * share).astype(int), log_odds)
    controls = draw_genotypes(rng, p, np.rint(people * (1 - share)).astype(int))
    # Letters that do not tell the strand are under a rule of their own.
    alleles = str(rng.choice(("A/G", "A/T")))
    one, other = alleles.split("/")
    return DataSet(
        tuple(
            Study(
                f"Study {i + 1}",
                of[i],
                tuple(str(n) for n in (*cases[i], *controls[i])),
                frequency=float(p[i, 1]),
                effect=float(effect[i]),
            )
            for i in range(k)
        ),
        Truth(frequency, F_ST, log_or, tau, bool(dominant)),
        alleles,
        (one + one, one + other, other + other),
    )


def published(name: str) -> DataSet:
    """A published table, taken as clean, with its parameters estimated from itself."""
    file, alleles, genotypes = PUBLISHED[name]
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    columns = [f"{side}_{genotype}" for side in ("cases", "controls") for genotype in genotypes]
    studies = tuple(
        Study(row["study"], row["ethnicity"], tuple(row[c] for c in columns)) for row in rows
    )
    counts = np.array([study.counts for study in studies], dtype=float) + 0.25
    effect, other = 2 * counts[..., 2] + counts[..., 1], 2 * counts[..., 0] + counts[..., 1]
    y, v = np.log(effect / other), 1 / effect + 1 / other
    fit = pool(y[:, 0] - y[:, 1], v.sum(axis=1))
    frequency, f_st = {}, []
    for stratum in sorted({study.ethnicity for study in studies}):
        inside = np.array([study.ethnicity == stratum for study in studies])
        within = pool(y[inside, 1], v[inside, 1])
        p = float(1 / (1 + np.exp(-within.estimate)))
        frequency[stratum] = p
        f_st.append(float(within.tau2) * p * (1 - p))
    truth = Truth(frequency, float(np.mean(f_st)), float(fit.estimate), float(np.sqrt(fit.tau2)))
    return DataSet(studies, truth, alleles, genotypes)
