"""The log odds ratios of pooled sets, written into their effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from genopool.association.additive import additive_log_odds_ratio
from genopool.association.chromosome_x import additive_in_men
from genopool.association.counts import DOUBLE_ZERO, STATUS_TEXT, USED
from genopool.association.odds_ratios import two_by_two

if TYPE_CHECKING:
    from genopool.association.effects import PooledSet
    from genopool.pooling.settings import ZeroCells


def compute_odds_ratios(zero_cells: ZeroCells, sets: Sequence[PooledSet]) -> None:
    """Log odds ratios of all sets at once: a call for 2×2 tables, one for slopes, one for men's.

    Parameters
    ----------
    zero_cells : ZeroCells
    sets : sequence of PooledSet
        Their effects get `log_or`, `se` and corrections, or are no longer `used`, with a reason.
    """
    for slope in (None, additive_log_odds_ratio, additive_in_men):
        additive = slope is not None
        chosen = [s for s in sets if (s.model == "additive") == additive]
        counted = [
            [
                e
                for e in s.effects
                if e.used
                and e.cases is not None
                and e.source == "counts"
                and (not additive or (slope is additive_in_men) == e.is_of_men)
            ]
            for s in chosen
        ]
        width = max(map(len, counted), default=0)
        if not width:
            continue
        shape = (len(chosen), width, 3 if additive else 2)
        cases, controls = np.full(shape, np.nan), np.full(shape, np.nan)
        for i, effects in enumerate(counted):
            for j, effect in enumerate(effects):
                for array, counts in ((cases, effect.cases), (controls, effect.controls)):
                    array[i, j] = (
                        counts.by_copies if additive else (counts.exposed, counts.unexposed)
                    )
        if additive:
            fit = slope(cases, controls, correction=zero_cells.correction, apply=zero_cells.apply)
        else:
            fit = two_by_two(
                cases[..., 0],
                cases[..., 1],
                controls[..., 0],
                controls[..., 1],
                correction=zero_cells.correction,
                apply=zero_cells.apply,
                drop_double_zero=zero_cells.drop_double_zero,
            )
        for i, effects in enumerate(counted):
            for j, effect in enumerate(effects):
                status = int(fit.status[i, j])
                effect.used = status == USED
                if effect.used:
                    effect.log_or = float(fit.log_or[i, j])
                    effect.se = float(np.sqrt(fit.variance[i, j]))
                    effect.correction = float(fit.added[i, j])
                    effect.correction_controls = float(fit.added_controls[i, j])
                else:
                    effect.reason = STATUS_TEXT[status]
                chosen[i].double_zero += status == DOUBLE_ZERO
        for pooled_set in chosen:
            for effect in pooled_set.effects:
                if effect.combined_with is not None and not effect.combined_with.used:
                    effect.used, effect.reason = False, effect.combined_with.reason
