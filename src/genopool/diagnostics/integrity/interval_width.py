"""Reported intervals that are too narrow or too wide for the people they are stated for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from genopool.association.answers import Question, RowCounts
from genopool.association.effects import questions_of
from genopool.association.equilibrium import once_per_control_group
from genopool.diagnostics.integrity.printed import printed_interval
from genopool.diagnostics.integrity.samples import in_file_order
from genopool.diagnostics.integrity.switches import switched_off
from genopool.studies.findings import Finding
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.populations import populations
from genopool.studies.records import CountRow, EstimateRow, StudyTables
from genopool.studies.strata import Strata

if TYPE_CHECKING:
    from genopool.config import Config

#: What is left to the arithmetic of a paper before an interval is called impossible.
IMPOSSIBLE = 0.98
#: Standard deviations by which a frequency, or a cell, may miss what is expected.
SIGMAS = 3.0
#: Logits of exposures beyond this are alike: nobody or everybody.
FURTHEST = 30.0
#: The standard deviation of logit frequencies that a few alike studies are not trusted below.
LEAST_SPREAD = 0.15
#: The fewest other studies whose frequencies count.
FEWEST_OTHERS = 2


def check_interval_width(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Compare reported standard errors with what the stated numbers of people allow.

    Whatever the frequency of the exposure, an odds ratio of so many cases and controls has at least
    the standard error of `least_se`; adjustment only adds to it. Where two or more other studies of
    the stratum (`allele_frequency_by`) give frequencies, the standard error at those frequencies,
    in Hardy-Weinberg proportions, is compared too, with the factors `checks: interval_width`.
    """
    if "interval_width" in switched_off(config.checks):
        return []
    alleles, _ = questions_of(config, locus)
    counts, estimates = tables.of_locus(locus)
    frequencies = _Frequencies(config, alleles, counts, estimates)
    findings = []
    for row in in_file_order(estimates):
        if row.measure != "OR" or not row.n_cases or not row.n_controls:
            continue
        se = printed_interval(row).se
        if se is None:
            continue
        beta = math.log(row.estimate)
        least = least_se(row.model, beta, row.n_cases, row.n_controls)
        people = f"{row.n_cases} cases and {row.n_controls} controls"
        if se.high < IMPOSSIBLE * least:
            findings.append(
                _finding(
                    row,
                    f"the interval {_interval(row)} is narrower than is possible: its standard "
                    f"error is {se.high:.3g} at most, and with {people} it is {least:.3g} at "
                    "least, whatever the frequency of the allele",
                    expected=f"a standard error of {least:.3g} or more",
                )
            )
            continue
        others = frequencies.others(row)
        if len(others) < FEWEST_OTHERS:
            continue
        low, high = expected_se(row.model, beta, row.n_cases, row.n_controls, others)
        narrow, wide = config.checks.interval_width.narrow, config.checks.interval_width.wide
        among = f"{min(others):.2f} to {max(others):.2f} in {len(others)} other studies"
        if se.high < narrow * low or se.low > wide * high:
            side = "narrow" if se.high < narrow * low else "wide"
            findings.append(
                _finding(
                    row,
                    f"the interval {_interval(row)} is very {side}: its standard error is "
                    f"{(se.low + se.high) / 2:.3g}, and {people} give {low:.3g} to {high:.3g} at "
                    f"the frequencies of {row.effect_allele} ({among})",
                    expected=f"a standard error from {narrow * low:.3g} to {wide * high:.3g}",
                )
            )
    return findings


def least_se(model: str, beta: float, cases: float, controls: float) -> float:
    """The least standard error of a log odds ratio, over all frequencies of the exposure.

    Parameters
    ----------
    model : str
        In `allelic` the alleles are counted, two to a person; in `additive` the most informative
        genotypes are the two homozygotes, twice the slope apart.
    beta : float
        The log odds ratio.
    cases, controls : float
        People.
    """
    if model == "additive":
        return least_se("homozygous", 2 * beta, cases, controls) / 2
    units = 2 if model == "allelic" else 1
    x = np.linspace(-1.5 * abs(beta), 1.5 * abs(beta), 601) - beta / 2
    return float(_two_by_two_se(x, beta, units * cases, units * controls).min())


def expected_se(
    model: str, beta: float, cases: float, controls: float, frequencies: Sequence[float]
) -> tuple[float, float]:
    """The least and the greatest standard error at frequencies like those of other studies.

    The frequency is taken from `SIGMAS` standard deviations below to as many above the others' mean
    on the logit scale, and every cell of the 2×2 table from as many below its expected count to as
    many above.
    """
    p = logit(np.clip(frequencies, 0.005, 0.995))
    spread = SIGMAS * max(float(p.std(ddof=1)), LEAST_SPREAD)
    p = expit(p.mean() + np.linspace(-spread, spread, 101))
    exposed, share = _exposure(model, p)
    in_cases = expit(np.clip(logit(exposed) + beta, -FURTHEST, FURTHEST))
    cells = np.stack(
        [
            share * cases * in_cases,
            share * cases * (1 - in_cases),
            share * controls * exposed,
            share * controls * (1 - exposed),
        ]
    )
    margin = SIGMAS * np.sqrt(cells)
    least = np.sqrt((1 / np.maximum(cells + margin, 1e-9)).sum(axis=0)).min()
    greatest = np.sqrt((1 / np.maximum(cells - margin, 0.5)).sum(axis=0)).max()
    return float(least), float(greatest)


def _two_by_two_se(
    x: NDArray[np.float64], beta: float, cases: float, controls: float
) -> NDArray[np.float64]:
    """By the logit of the exposure in controls: 1 / (p (1 - p)) is 2 + 2 cosh(logit p)."""
    x = np.clip(x, -FURTHEST, FURTHEST)
    in_cases = np.clip(x + beta, -FURTHEST, FURTHEST)
    return np.sqrt((2 + 2 * np.cosh(in_cases)) / cases + (2 + 2 * np.cosh(x)) / controls)


def _exposure(
    model: str, p: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64] | float]:
    """Share of the exposed among those compared, and how many a person counts for."""
    n0, n1, n2 = (1 - p) ** 2, 2 * p * (1 - p), p**2
    return {
        "allelic": (p, 2.0),
        "additive": (p, 2.0),
        "dominant": (n1 + n2, 1.0),
        "recessive": (n2, 1.0),
        "overdominant": (n1, 1.0),
        "homozygous": (n2 / (n0 + n2), n0 + n2),
        "heterozygous": (n1 / (n0 + n1), n0 + n1),
    }[model]


class _Frequencies:
    """Frequencies of an allele in the controls of a stratum's studies."""

    def __init__(
        self,
        config: Config,
        alleles: LocusAlleles,
        counts: Sequence[CountRow],
        estimates: Sequence[EstimateRow],
    ) -> None:
        self._alleles = alleles
        self._rows = once_per_control_group(counts)
        rows = [*counts, *estimates]
        described = populations(rows, config.stratifier_columns)
        strata, name = Strata(config, rows), config.allele_frequency_by
        self._stratum = {
            id(row): strata.assign(name, described[id(row)].values).stratum if name else None
            for row in rows
        }
        self._known: dict[int, dict[int, float]] = {}

    def others(self, row: EstimateRow) -> list[float]:
        known = self._known.get(row.alleles)
        if known is None:
            known = self._known[row.alleles] = self._of(row)
        return [
            known[id(other)]
            for other in self._rows
            if id(other) in known
            and other.study != row.study
            and self._stratum[id(other)] == self._stratum[id(row)]
        ]

    def _of(self, row: EstimateRow) -> dict[int, float]:
        question = Question(row.effect_allele, row.alleles, self._alleles.universe)
        found = {}
        for other in self._rows:
            carried, total = RowCounts(other, self._alleles, question).alleles("controls")
            if total > 0:
                found[id(other)] = carried / total
        return found


def _interval(row: EstimateRow) -> str:
    written = row.printed
    return f"{written['estimate']} ({written['ci_low']}–{written['ci_high']})"


def _finding(row: EstimateRow, message: str, expected: str) -> Finding:
    return row.finding(
        "warning",
        "interval_width",
        message,
        column="ci_low",
        value=f"{row.printed['ci_low']}–{row.printed['ci_high']}",
        expected=expected,
        why="a misprint, an interval of another level, or other people than stated; the weight of "
        "the study follows from it",
        action="pooled with the standard error that the interval gives",
    )
