"""The genetic models: which genotypes, or alleles, each compares."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genopool.association.counts import checked_genotypes, unknown_name

MODELS = (
    "allelic",
    "additive",
    "dominant",
    "recessive",
    "homozygous",
    "heterozygous",
    "overdominant",
)
"""Names of the genetic models."""

COMPARED: Mapping[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = MappingProxyType(
    {
        "allelic": ((0, 1, 2), (2, 1, 0)),
        "dominant": ((0, 1, 1), (1, 0, 0)),
        "recessive": ((0, 0, 1), (1, 1, 0)),
        "homozygous": ((0, 0, 1), (1, 0, 0)),
        "heterozygous": ((0, 1, 0), (1, 0, 0)),
        "overdominant": ((0, 1, 0), (1, 0, 1)),
    }
)
"""For each model with a 2×2 table: how often a person with 0, 1, 2 effect alleles counts as
exposed, and how often as unexposed."""


def check_model(model: str) -> None:
    """Refuse a name that is not in `MODELS`, with a ValueError that lists them."""
    if model not in MODELS:
        raise unknown_name("model", model, MODELS)


def two_by_two_margins(
    cases: ArrayLike, controls: ArrayLike, model: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The 2×2 table of a genetic model.

    Parameters
    ----------
    cases, controls : array_like, shape (..., 3)
        People with 0, 1 and 2 effect alleles. NaN is a count that was not reported: it makes
        the cells that need it NaN, and no others.
    model : str
        A name in `MODELS` other than ``additive``, which compares no two classes.

    Returns
    -------
    a, b, c, d : ndarray, shape (...)
        Cases exposed, cases unexposed, controls exposed, controls unexposed: people, or
        alleles in the allelic model.

    Raises
    ------
    ValueError
        Unknown model, ``additive``, counts negative or infinite, or a last axis that is not 3.
    """
    check_model(model)
    if model == "additive":
        raise ValueError(
            "the additive model has no 2×2 table; models with one are " + ", ".join(COMPARED)
        )
    case_counts, control_counts = checked_genotypes(cases, controls)
    exposed, unexposed = COMPARED[model]
    a, b, c, d = (
        _weighted_sum(group, weights)
        for group in (case_counts, control_counts)
        for weights in (exposed, unexposed)
    )
    return a, b, c, d


def _weighted_sum(
    counts: NDArray[np.float64], weights: tuple[int, int, int]
) -> NDArray[np.float64]:
    # A genotype of weight 0 is skipped, not multiplied: its NaN must not spread.
    return sum(
        (weight * counts[..., g] for g, weight in enumerate(weights) if weight),
        start=np.zeros(counts.shape[:-1]),
    )


def primary_model(configured: Sequence[str], studies: Mapping[str, int]) -> str:
    """The model that is judged first: the first configured of those that most studies answer.

    Parameters
    ----------
    configured : sequence of str
        Models in the order of the configuration.
    studies : mapping of str to int
        Number of studies of each model; one that none answers may be left out.

    Returns
    -------
    str
        Blank if no study answers any.
    """
    answered = [model for model in configured if studies.get(model)]
    return max(answered, key=lambda model: studies[model], default="")
