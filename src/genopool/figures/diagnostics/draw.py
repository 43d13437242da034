"""All diagnostic figures of a locus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genopool.config import OVERALL
from genopool.diagnostics.choice import chosen_figures
from genopool.diagnostics.tables.pools import Pools
from genopool.figures.drawing import Figure, figure_stem, question_of

if TYPE_CHECKING:
    from genopool.figures.diagnostics.drawer import Drawer

GENOTYPES = "genotypes"
"""In place of a model, in the names of figures that are of no one model."""


@dataclass(frozen=True)
class _Wanted:
    """A figure to draw of the overall pool `i`."""

    kind: str
    i: int
    model: str
    stratifier: str


def draw_diagnostics(
    pools: Pools, folder: Path, progress: Callable[[int, int], None] | None = None
) -> list[Figure]:
    """Draw every chosen kind of diagnostic figure of a locus.

    Parameters
    ----------
    pools : Pools
        Of the locus, from `genopool.diagnostics.tables.pools.pools_of`.
    folder : Path
        Made if it is not there and there is something to draw.
    progress : callable, optional
        Called with how many figures are drawn and how many there will be.

    Returns
    -------
    list of Figure
        Also those that cannot be drawn, with the reason.
    """
    chosen = chosen_figures(pools.config.diagnostics)
    if not chosen or not pools.rows:
        return []
    from genopool.figures.diagnostics.registry import DRAWERS
    from genopool.figures.saving import save_figure

    folder.mkdir(parents=True, exist_ok=True)
    figures = []
    wanted = [w for kind in DRAWERS if kind in chosen for w in _wanted(pools, kind, DRAWERS[kind])]
    for done, want in enumerate(wanted, start=1):
        drawer, allele = DRAWERS[want.kind], pools.rows[want.i]["effect_allele"]
        place = (want.kind, allele, want.model, want.stratifier)
        reason = drawer.why_not(pools, want.i)
        stem = "" if reason else figure_stem(*place)
        if stem:
            question = question_of(
                pools.config, pools.locus, allele, pools.rows[want.i]["model"], pools.results
            )
            save_figure(drawer.draw(pools, want.i, question, want.stratifier), folder / stem)
        figures.append(Figure(*place, stem, reason))
        if progress:
            progress(done, len(wanted))
    return figures


def _wanted(pools: Pools, kind: str, drawer: Drawer) -> Iterator[_Wanted]:
    alleles = set()
    for i, row in enumerate(pools.rows):
        if row["stratifier"] != OVERALL:
            continue
        if drawer.by == "allele":
            if row["effect_allele"] not in alleles:
                alleles.add(row["effect_allele"])
                yield _Wanted(kind, i, GENOTYPES, OVERALL)
            continue
        yield _Wanted(kind, i, row["model"], OVERALL)
        if drawer.by == "strata" and not drawer.why_not(pools, i):
            for stratifier in _with_strata(pools, i):
                yield _Wanted(kind, i, row["model"], stratifier)


def _with_strata(pools: Pools, i: int) -> list[str]:
    """Stratifiers of which two strata or more have studies of the question of pool `i`."""
    question = pools.rows[i]["effect_allele"], pools.rows[i]["model"]
    strata: dict[str, int] = {}
    for row in pools.rows:
        if (row["effect_allele"], row["model"]) == question and row["stratifier"] != OVERALL:
            strata[row["stratifier"]] = strata.get(row["stratifier"], 0) + 1
    return [stratifier for stratifier, number in strata.items() if number > 1]
