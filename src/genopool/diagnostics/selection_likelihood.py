"""Likelihoods of published studies when publication depends on their p-values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

SIDES = ("greater", "less", "two-sided")
#: Beyond this p, and below its complement, a beta weight stays the same.
_SMALLEST_P = 1e-5
_NODES = 160
_LOG_ROOT_2PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Sample:
    """One set of studies: effects and variances, shape (studies,), and which p is looked at."""

    y: np.ndarray
    v: np.ndarray
    side: str

    @cached_property
    def turn(self) -> float:
        """The sign that makes low p-values positive effects."""
        return -1.0 if self.side == "less" else 1.0

    @cached_property
    def z(self) -> np.ndarray:
        return self.turn * self.y / np.sqrt(self.v)


class Weights(Protocol):
    """Chance of publication by p: what `log_likelihood` asks of it.

    `parameters` is the number of free parameters, `shown` that of those reported; `impossible` is
    blank or says why there is no maximum.
    """

    parameters: int
    shown: int
    studies: np.ndarray
    impossible: str

    def log_weight(self, delta: np.ndarray) -> np.ndarray:
        """Log weight of each study: (points, parameters) to (points, studies)."""

    def log_chance(self, delta: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
        """Log of the mean weight of normal z: mean and sd of shape (points, studies)."""

    def show(self, delta: np.ndarray, first: float) -> np.ndarray:
        """The parameters as they are reported."""


@cache
def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss and Legendre on -1 to 1."""
    return np.polynomial.legendre.leggauss(_NODES)


def log_likelihood(sample: Sample, weights: Weights, points: np.ndarray) -> np.ndarray:
    """Log-likelihood at points (points, 2 + parameters): mean, tau², parameters of the weights."""
    mean, tau2, delta = points[:, :1], points[:, 1:2], points[:, 2:]
    total = sample.v + tau2
    sd = np.sqrt(total)
    root = np.sqrt(sample.v)
    normal = -(((sample.y - mean) / sd) ** 2) / 2 - np.log(sd) - _LOG_ROOT_2PI
    chance = weights.log_chance(delta, sample.turn * mean / root, sd / root)
    return (normal + weights.log_weight(delta) - chance).sum(axis=1)


class StepWeights:
    """A weight of 1 up to the first step, then one parameter for each interval of p."""

    def __init__(self, sample: Sample, steps: np.ndarray):
        two = sample.side == "two-sided"
        self._two = two
        self._cuts = -ndtri(steps / 2 if two else steps)
        p = 2 * ndtr(-np.abs(sample.z)) if two else ndtr(-sample.z)
        self._interval = np.searchsorted(steps, p)
        self.parameters = steps.size
        self.shown = steps.size + 1
        self.studies = np.bincount(self._interval, minlength=self.shown)
        edges = [0.0, *steps, 1.0]
        empty = np.flatnonzero(self.studies == 0)
        self.impossible = ""
        if empty.size:
            first = empty[0]
            self.impossible = f"no study with p from {edges[first]:g} to {edges[first + 1]:g}"

    def log_weight(self, delta: np.ndarray) -> np.ndarray:
        return np.log(self._all(delta))[:, self._interval]

    def log_chance(self, delta: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
        mean, sd = mean[..., None], sd[..., None]
        below = ndtr((mean - self._cuts) / sd)  # chance of a p up to each step
        if self._two:
            below = below + ndtr((-mean - self._cuts) / sd)
        weight = self._all(delta)[:, None, :]
        return np.log(weight[..., -1] + (below * (weight[..., :-1] - weight[..., 1:])).sum(axis=-1))

    def show(self, delta: np.ndarray, first: float) -> np.ndarray:
        return np.concatenate([[first], delta])

    @staticmethod
    def _all(delta: np.ndarray) -> np.ndarray:
        return np.concatenate([np.ones((len(delta), 1)), delta], axis=1)


class BetaWeights:
    """A beta density of the one-sided p, its two parameters free."""

    parameters = 2
    shown = 2
    impossible = ""

    def __init__(self, sample: Sample):
        self.studies = np.full(2, sample.y.size)
        self._end = float(-ndtri(_SMALLEST_P))
        self._of_studies = self._logs(np.clip(sample.z, -self._end, self._end))
        nodes, share = _rule()
        self._z = nodes * self._end
        self._log_share = np.log(share * self._end) - _LOG_ROOT_2PI
        self._of_nodes = self._logs(self._z)
        self._of_ends = self._logs(np.array([-self._end, self._end]))

    @staticmethod
    def _logs(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log p and log(1 - p)."""
        return log_ndtr(-z), log_ndtr(z)

    @staticmethod
    def _log_density(delta: np.ndarray, logs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        return (delta[:, :1] - 1) * logs[0] + (delta[:, 1:] - 1) * logs[1]

    def log_weight(self, delta: np.ndarray) -> np.ndarray:
        return self._log_density(delta, self._of_studies)

    def log_chance(self, delta: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
        inside = self._log_density(delta, self._of_nodes) + self._log_share
        ends = self._log_density(delta, self._of_ends)
        top = np.maximum(inside.max(axis=1), ends.max(axis=1))[:, None]
        density = np.exp(-(((self._z - mean[..., None]) / sd[..., None]) ** 2) / 2)
        chance = np.einsum("psn,pn->ps", density, np.exp(inside - top)) / sd
        chance = chance + np.exp(ends[:, :1] - top) * ndtr((-self._end - mean) / sd)
        chance = chance + np.exp(ends[:, 1:] - top) * ndtr((mean - self._end) / sd)
        return np.log(chance) + top

    def show(self, delta: np.ndarray, first: float) -> np.ndarray:
        return np.asarray(delta)
