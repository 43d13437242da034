"""Pools without the studies out of Hardy-Weinberg equilibrium, and with expected controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from genopool.association.effects import Effect
from genopool.association.equilibrium import MIXED, decisive_p, mixed_ancestry
from genopool.association.equilibrium_odds_ratio import equilibrium_log_odds_ratio
from genopool.association.models import COMPARED
from genopool.diagnostics.tables.pools import Pools, label
from genopool.diagnostics.tables.variants import Unanswered, Variant
from genopool.studies.records import Row

#: Departure where the configuration switches the check off.
THRESHOLD = 0.05


class Departures:
    """Which studies' controls depart from Hardy-Weinberg equilibrium.

    Attributes
    ----------
    threshold : float
        p-value below which controls depart.
    remark : str
        What there is to say of it.
    """

    def __init__(self, pools: Pools) -> None:
        limits = pools.config.checks.hwe
        self.threshold = THRESHOLD if limits.is_off else limits.note
        self.remark = (
            f"the check of Hardy-Weinberg equilibrium is switched off: p < {THRESHOLD:g} is used"
            if limits.is_off
            else ""
        )
        rows = {id(e.row): e.row for s in pools.results.sets for e in s.effects}
        self._mixed = set(mixed_ancestry(pools.config, list(rows.values())))
        self._p: dict[tuple, float] = {}
        self._mixed_groups: set[tuple] = set()
        for row in pools.results.hwe:
            key = _key(row["control_group"], row["file"], row["sheet"], row["row"])
            self._p[key, row["effect_allele"]] = decisive_p(row)[0]
            if MIXED in row["reason"]:
                self._mixed_groups.add(key)

    def p_value(self, effect: Effect) -> float:
        """Of a study's controls; NaN where they were not tested."""
        return self._p.get((_key_of(effect.row), effect.question), np.nan)

    def is_mixed(self, effect: Effect) -> bool:
        """Whether a study mixes ancestries, so that a departure is no reason to leave it out."""
        return id(effect.row) in self._mixed or _key_of(effect.row) in self._mixed_groups

    def is_below(self, effect: Effect) -> bool:
        return self.p_value(effect) < self.threshold

    def departs(self, effect: Effect) -> bool:
        """Whether a study is left out."""
        return self.is_below(effect) and not self.is_mixed(effect)


def _key(control_group: str, file: str, sheet: str, row: int) -> tuple:
    """Rows that share controls were tested once, and the result holds for all."""
    return (control_group,) if control_group else (file, sheet, row)


def _key_of(row: Row) -> tuple:
    return _key(row.control_group, row.file, row.sheet, row.row)


def without_departures(pools: Pools, i: int, departures: Departures) -> Variant | Unanswered:
    """The pool without studies whose controls depart, or why there is none."""
    effects = pools.effects[i]
    out = [effect for effect in effects if departures.departs(effect)]
    kept = [effect for effect in effects if not departures.departs(effect)]
    mixed = [e for e in effects if departures.is_below(e) and departures.is_mixed(e)]
    untested = sum(np.isnan(departures.p_value(effect)) for effect in effects)
    remarks = [departures.remark] if departures.remark else []
    if untested and untested < len(effects):
        remarks.append(f"{untested} of {len(effects)} studies could not be tested")
    if mixed:
        names = ", ".join(map(label, mixed))
        remarks.append(f"mixed ancestry is no reason to leave a study out: {names}")
    analysis, names = "without_hwe_departure", "; ".join(map(label, out))
    if out and kept:
        return Variant(i, analysis, kept, left_out=names, remarks=tuple(remarks))
    why = "every study departs" if out else "no study departs"
    if untested == len(effects):
        why = "no study's controls could be tested"
    return Unanswered(i, analysis, "; ".join([why, *remarks]), left_out=names)


def with_expected_controls(pools: Pools, i: int, departures: Departures) -> Variant | Unanswered:
    """The pool with each study's controls as expected in equilibrium, or why there is none.

    Studies that have no expected controls keep their odds ratios: those that do not give
    genotypes, and those of mixed ancestry, in which equilibrium is not expected.
    """
    analysis, effects = "hwe_adjusted", pools.effects[i]
    if pools.sets[i].model not in COMPARED:
        return Unanswered(i, analysis, "the additive model has no table of expected controls")
    amount = pools.config.pooling.zero_cells.correction
    adjusted = _adjusted(
        [None if departures.is_mixed(e) else e for e in effects],
        pools.sets[i].model,
        0.5 if amount == "treatment-arm" else amount,
    )
    if not adjusted:
        return Unanswered(i, analysis, "no study gives genotypes to adjust")
    remarks = []
    if len(adjusted) < len(effects):
        kept = ", ".join(label(e) for j, e in enumerate(effects) if j not in adjusted)
        remarks.append(
            f"{len(adjusted)} of {len(effects)} studies are adjusted; as they are: {kept}"
        )
    members = [adjusted.get(j, effect) for j, effect in enumerate(effects)]
    return Variant(i, analysis, members, remarks=tuple(remarks))


def _adjusted(effects: list[Effect | None], model: str, correction: float) -> Mapping[int, Effect]:
    """The studies that give genotypes, by place, with odds ratios against expected controls."""
    counted = {
        j: effect
        for j, effect in enumerate(effects)
        if effect is not None
        and effect.source == "counts"
        and not np.isnan([*effect.cases.by_copies, *effect.controls.by_copies]).any()
    }
    if not counted:
        return {}
    log_or, variance = equilibrium_log_odds_ratio(
        [effect.cases.by_copies for effect in counted.values()],
        [effect.controls.by_copies for effect in counted.values()],
        model,
        correction=correction,
    )
    return {
        j: replace(
            effect,
            log_or=float(log_or[place]),
            se=float(np.sqrt(variance[place])),
            correction=correction * (0 in (effect.cases.exposed, effect.cases.unexposed)),
        )
        for place, (j, effect) in enumerate(counted.items())
        if np.isfinite(log_or[place])
    }
