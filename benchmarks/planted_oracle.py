"""What could be found at best: likelihood-ratio tests that know the generating parameters.

For each kind of error, the oracle compares exactly that error with none in one study. It shares the
form of the likelihood with the sentinel, so that what separates them is knowledge: of the stratum's
mean frequency and F_ST, of the mean odds ratio and tau, of Hardy-Weinberg equilibrium, and of which
error may have been made.
"""

import numpy as np
from planted_kinds import LOST, OUTLYING
from planted_studies import DataSet
from scipy.special import gammaln, logsumexp

from genopool.diagnostics.integrity.clean import CleanModel, genotype_part, to_alleles
from genopool.diagnostics.integrity.numbers import log_odds
from genopool.diagnostics.integrity.predictive import Predictive
from genopool.diagnostics.integrity.repairs import repairs
from genopool.diagnostics.integrity.too_good import probability_of_so_close

NEVER = -np.inf
#: Repairs that make up a kind: those of the sentinel, by kind and, of digits, by slip.
_REPAIRS = {
    "turned": ("turned", ""),
    "swapped": ("swapped", ""),
    "genotype": ("exchanged", ""),
    "transposed": ("digits", "transposed"),
    "dropped": ("digits", "dropped"),
    "doubled": ("digits", "doubled"),
}
_ORDERS = {
    "one side": ((2, 1, 0, 3, 4, 5), (0, 1, 2, 5, 4, 3)),
    "heterozygote column": ((1, 0, 2, 4, 3, 5), (0, 2, 1, 3, 5, 4)),
}
#: Errors that contradict the table itself; a clean table cannot have them.
CONTRADICTIONS = ("total", "percentage", "inverse", "limit")


class Oracle:
    """The scores of a data set: log likelihood ratios by study, of any kind of error.

    Parameters
    ----------
    data : DataSet
    """

    def __init__(self, data: DataSet) -> None:
        self.data, self.truth = data, data.truth
        self.counts = data.counts
        self.k = len(self.counts)
        self.everyone = np.arange(self.k)
        frequency = [self.truth.frequency[study.ethnicity] for study in data.studies]
        self.model = self._model(np.array(frequency))
        self.clean = self.model.log_likelihood(self.counts, self.everyone)

    def _model(self, p: np.ndarray) -> CleanModel:
        one, k, truth = np.ones((self.k, 1)), self.k, self.truth
        spread = np.maximum(truth.f_st, 1e-4) / (p * (1 - p))
        known = np.full(k, 1000)
        return CleanModel(
            Predictive(one, np.log(p / (1 - p))[:, None], spread[:, None], known),
            Predictive(one, truth.log_or * one, (truth.tau**2 + 1e-9) * one, known),
            np.zeros(k),
            np.full(k, 1e-12),
            departs=1e-12,
        )

    def scores(self, kind: str) -> np.ndarray:
        """Log likelihood ratio of the error against none, for each study."""
        if kind in _REPAIRS or kind in _ORDERS:
            return self._repaired(kind)
        return {
            "cases = controls": self._copied_controls,
            "lost heterozygotes": self._lost_heterozygotes,
            "computed": self._computed,
            "outlying": self._outlying,
            "label": self._label,
            "twice": lambda: self._repeated((0, 1)),
            "controls twice": lambda: self._repeated((1,)),
            "part": self._part,
            "whole and parts": self._whole_and_parts,
        }[kind]()

    def _repaired(self, kind: str) -> np.ndarray:
        place, tables, weights = [], [], []
        for i, counts in enumerate(self.counts):
            table = tuple(int(n) for n in counts.ravel())
            if kind in _ORDERS:
                orders = _ORDERS[kind]
                found = [(tuple(table[j] for j in order), -np.log(len(orders))) for order in orders]
            else:
                wanted = _REPAIRS[kind]
                found = [
                    (repair.table, repair.log_weight)
                    for repair in repairs(table)
                    if (repair.kind, repair.slip) == wanted
                ]
            place += [i] * len(found)
            tables += [before for before, _ in found]
            weights += [weight for _, weight in found]
        score = np.full(self.k, NEVER)
        if place:
            at = np.array(place)
            before = np.array(tables, dtype=float).reshape(-1, 2, 3)
            ratio = self.model.log_likelihood(before, at) + np.array(weights) - self.clean[at]
            for i in np.unique(at):
                score[i] = logsumexp(ratio[at == i])
        return score

    def _copied_controls(self) -> np.ndarray:
        equal = (self.counts[:, 0] == self.counts[:, 1]).all(axis=1)
        return np.where(equal, -self._log_probability_of_cases(), NEVER)

    def _log_probability_of_cases(self) -> np.ndarray:
        """Of the cases' counts given the controls'."""
        _, v = log_odds(to_alleles(self.counts))
        alleles = 0.5 * np.log(v[:, 0] / (2 * np.pi))
        return alleles + genotype_part(self.counts[:, 0], departs=1e-12)

    def _lost_heterozygotes(self) -> np.ndarray:
        clean = self.model.genotypes(self.counts, self.everyone).sum(axis=1)
        lost = [
            self.model.genotypes(self.counts, self.everyone, share).sum(axis=1) for share in LOST
        ]
        return logsumexp(lost, axis=0) - np.log(len(LOST)) - clean

    def _computed(self) -> np.ndarray:
        p = probability_of_so_close(self.counts)
        return np.where(p < 1, -np.log(np.maximum(p, 1e-300)), NEVER)

    def _outlying(self) -> np.ndarray:
        y, v = log_odds(to_alleles(self.counts))
        away = y[:, 0] - y[:, 1] - self.truth.log_or
        variance = v.sum(axis=1) + self.truth.tau**2
        shifted = [-0.5 * (away - sign * OUTLYING) ** 2 / v.sum(axis=1) for sign in (-1, 1)]
        change = 0.5 * np.log(variance / v.sum(axis=1)) - np.log(2)
        return logsumexp(shifted, axis=0) + change + 0.5 * away**2 / variance

    def _label(self) -> np.ndarray:
        strata = sorted(self.truth.frequency)
        score = np.full(self.k, NEVER)
        for stratum in strata if len(strata) > 1 else []:
            other = self._model(np.full(self.k, self.truth.frequency[stratum]))
            ratio = other.log_likelihood(self.counts, self.everyone) - self.clean
            wrong = np.array([study.ethnicity != stratum for study in self.data.studies])
            score = np.where(wrong, np.logaddexp(score, ratio - np.log(len(strata) - 1)), score)
        return score

    def _log_probability(self) -> np.ndarray:
        """Of each table, given its numbers of people."""
        people = to_alleles(self.counts).sum(axis=2) + 1
        return self.clean + np.log(people).sum(axis=1) - np.log(2 * np.pi)

    def _repeated(self, sides: tuple[int, ...]) -> np.ndarray:
        chosen = self.counts[:, sides, :].reshape(self.k, -1)
        same = (chosen[:, None] == chosen[None]).all(axis=2) & ~np.eye(self.k, dtype=bool)
        return np.where(same.any(axis=1), -self._log_probability() / (3 - len(sides)), NEVER)

    def _part(self) -> np.ndarray:
        """Each study as some people of another one: hypergeometric."""
        score = np.full(self.k, NEVER)
        by_chance = self._log_probability()
        people = self.counts.sum(axis=2)
        for whole in range(self.k):
            inside = (self.counts <= self.counts[whole]).all(axis=(1, 2))
            inside &= self.everyone != whole
            for i in np.flatnonzero(inside):
                chosen = _log_choose(self.counts[whole], self.counts[i]).sum()
                chosen -= _log_choose(people[whole], people[i]).sum()
                ratio = float(chosen - by_chance[i] - np.log(max(self.k - 1, 1)))
                score[[whole, i]] = np.maximum(score[[whole, i]], ratio)
        return score

    def _whole_and_parts(self) -> np.ndarray:
        score = np.full(self.k, NEVER)
        for one in range(self.k):
            for other in range(one):
                total = self.counts[one] + self.counts[other]
                for whole in np.flatnonzero((self.counts == total).all(axis=(1, 2))):
                    score[[one, other, whole]] = -self._log_probability()[whole]
        return score


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
