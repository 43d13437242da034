"""What a kind of diagnostic figure is to those that draw all kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib import figure

    from genopool.diagnostics.tables.pools import Pools
    from genopool.figures.questions import Question


@dataclass(frozen=True)
class Drawer:
    """How a kind of figure is drawn, when it cannot be, and how many there are.

    Parameters
    ----------
    draw : callable
        Takes the pools of a locus, the index of an overall pool, the question in words, and the
        stratifier (``overall``, or the one whose strata are told apart); gives the figure.
    why_not : callable
        Takes the pools and the index of an overall pool; gives the reason why it has no such
        figure, as ``fewer than three studies``, or an empty text.
    by : {'overall', 'strata', 'allele'}
        One figure for each effect allele and model; or besides one for each stratifier of which
        two strata or more have studies; or one for each effect allele, whatever the model.
    """

    draw: Callable[[Pools, int, Question, str], figure.Figure]
    why_not: Callable[[Pools, int], str]
    by: Literal["overall", "strata", "allele"] = "overall"
