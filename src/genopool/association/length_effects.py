"""The log odds ratios of a repeat's lengths, each against a reference length, and their trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genopool.association.answers import NAN
from genopool.association.counts import DOUBLE_ZERO, STATUS_TEXT, USED
from genopool.association.dose import logistic_trend
from genopool.association.effects import Effect, LocusAnalysis, PooledSet
from genopool.association.lengths import Kind, Length, RowLengths, lengths_of
from genopool.association.set_effects import compute_odds_ratios
from genopool.config import OVERALL
from genopool.studies.findings import Finding
from genopool.studies.overlaps import Overlaps
from genopool.studies.records import CountRow, StudyTables

if TYPE_CHECKING:
    from genopool.config import Config

LEAST_CHROMOSOMES = 10
"""A length with fewer, cases and controls together, is not pooled. The number of cases among them
does not come into it, so that leaving it out leans to neither side."""
LENGTH, TREND = "length", "trend"


@dataclass(frozen=True)
class LengthEffects:
    """What the tables say about the lengths of a repeat, before pooling.

    Attributes
    ----------
    lengths : list of Length
        Those that the tables name, with the tails of the configuration.
    reference : Length or None
        None where no row tells lengths.
    chosen : str
        How the reference was chosen.
    kinds : list of tuple of int
        Genotypes and single lengths, as `KindCounts.by_kind` has them.
    distributions : list of PooledSet
        Who is counted, overall and in each stratum, with the chromosomes by length.
    sets : list of PooledSet
        Of each length but the reference; `question` is its name.
    trends : list of PooledSet
    selected : dict of int to list of Effect
        By `id` of a set: its rows, those included that a rare length is not pooled from.
    findings : list of Finding
    overlaps : Overlaps
        Which studies share people.
    """

    lengths: list[Length]
    reference: Length | None
    chosen: str
    kinds: list[Kind]
    distributions: list[PooledSet]
    sets: list[PooledSet]
    trends: list[PooledSet]
    selected: dict[int, list[Effect]]
    findings: list[Finding]
    overlaps: Overlaps


def length_effects(config: Config, locus: str, tables: StudyTables) -> LengthEffects:
    """Compute the log odds ratios of the lengths of a repeat.

    Parameters
    ----------
    config : Config
    locus : str
        Of the kind ``repeat``.
    tables : StudyTables
        Without errors.
    """
    return _LengthAnalysis(config, locus, tables).run()


def length_findings(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """What is said about the lengths of a locus, which is nothing unless it is a repeat."""
    if config.loci[locus].kind != "repeat":
        return []
    return length_effects(config, locus, tables).findings


class _LengthAnalysis:
    def __init__(self, config: Config, locus: str, tables: StudyTables) -> None:
        self.config, self.locus = config, locus
        self.settings = config.loci[locus]
        self.analysis = LocusAnalysis(config, locus, tables)
        counts, _ = tables.of_locus(locus)
        self.lengths = lengths_of(counts, self.settings.length_tails)
        self.rows = [(row, RowLengths(row, self.lengths)) for row in counts]
        self.findings: list[Finding] = []
        self.selected: dict[int, list[Effect]] = {}

    def run(self) -> LengthEffects:
        self._note_without_lengths()
        distributions = self._distributions()
        reference, chosen = self._reference(distributions)
        sets: list[PooledSet] = []
        if reference is not None:
            for place, length in enumerate(self.lengths):
                if length is not reference:
                    sets += self._sets_of(place, self.lengths.index(reference))
            self._compute(sets)
        kinds, trends = self._trends()
        return LengthEffects(
            self.lengths,
            reference,
            chosen,
            kinds,
            distributions,
            sets,
            trends,
            self.selected,
            [*self.analysis.findings, *self.findings],
            self.analysis.overlaps,
        )

    def _effect(self, row: CountRow, model: str, question: str, reason: str) -> Effect:
        population = self.analysis.populations[id(row)]
        return Effect(population, question, model, "counts", reason=reason)

    def _note_without_lengths(self) -> None:
        if not any(told.tells_lengths for _, told in self.rows):
            return
        for row, told in self.rows:
            if told.cells and not told.tells_lengths:
                self.findings.append(
                    row.finding(
                        "note",
                        "no_lengths",
                        f"gives no counts by length: {told.why_no_lengths()}",
                        why="single lengths cannot be compared from classes of them",
                        action="not in the comparison of single lengths, nor in their trend",
                    )
                )

    def _distributions(self) -> list[PooledSet]:
        effects = []
        for row, told in self.rows:
            reason = "" if told.tells_lengths else told.why_no_lengths()
            effect = self._effect(row, "distribution", "", reason)
            if not reason:
                effect.cases, effect.controls = map(told.distribution, ("cases", "controls"))
                effect.n_cases, effect.n_controls = effect.cases.people, effect.controls.people
            effects.append(effect)
        return self.analysis.sets("", "distribution", effects)

    def _reference(self, distributions: Sequence[PooledSet]) -> tuple[Length | None, str]:
        overall = next((s for s in distributions if s.stratifier == OVERALL), None)
        used = [] if overall is None else [e for e in overall.effects if e.used and e.controls]
        if not used:
            return None, ""
        totals = np.nansum([effect.controls.by_length for effect in used], axis=0)
        wanted = self.settings.reference_length
        if wanted:
            for length in self.lengths:
                if length.repeats == int(wanted):
                    return length, "named in the configuration"
            self._find(
                "warning",
                "no_reference_length",
                f"no table gives counts of the reference length {wanted}",
                expected=f"one of {', '.join(length.name for length in self.lengths)}",
                why="lengths are compared with it",
                action="lengths are not compared one by one",
            )
            return None, ""
        single = [i for i, length in enumerate(self.lengths) if length.repeats is not None]
        if not single:
            return None, ""
        most = max(single, key=lambda i: (totals[i], -i))
        share = totals[most] / totals.sum() if totals.sum() else NAN
        chosen = (
            f"the most common in controls ({totals[most]:g} of {totals.sum():g} chromosomes, "
            f"{100 * share:.1f}%)"
        )
        self._find(
            "note",
            "reference_length",
            f"each length is compared with {self.lengths[most].name}, {chosen}",
            why="the configuration names no reference_length",
            action="one reference for all strata; of two as common, the shorter",
        )
        return self.lengths[most], chosen

    def _sets_of(self, place: int, reference: int) -> list[PooledSet]:
        length, against = self.lengths[place], self.lengths[reference]
        effects = []
        for row, told in self.rows:
            reason = told.why_not(place) or told.why_not(reference)
            effect = self._effect(row, LENGTH, length.name, reason)
            if not reason:
                effect.cases, effect.controls = (
                    told.counts(side, place, reference) for side in ("cases", "controls")
                )
                effect.n_cases, effect.n_controls = effect.cases.people, effect.controls.people
            effects.append(effect)
        sets = self.analysis.sets(length.name, LENGTH, effects)
        for pooled_set in sets:
            chosen = [effect for effect in pooled_set.effects if effect.used]
            self.selected[id(pooled_set)] = chosen
            there = [effect for effect in chosen if effect.cases is not None]
            total = sum(effect.cases.exposed + effect.controls.exposed for effect in there)
            if total < LEAST_CHROMOSOMES:
                for effect in chosen:
                    effect.used = False
                    effect.reason = (
                        f"too rare: {total:g} chromosomes of {length.name} in all, fewer than "
                        f"{LEAST_CHROMOSOMES}"
                    )
            elif not sum(e.cases.unexposed + e.controls.unexposed for e in there):
                for effect in chosen:
                    effect.used, effect.reason = False, f"nobody has the reference {against.name}"
        return sets

    def _compute(self, sets: Sequence[PooledSet]) -> None:
        """Odds ratios of all sets in one call, then the variances that genotypes give."""
        compute_odds_ratios(self.config.pooling.zero_cells, sets)
        for pooled_set in sets:
            for effect in pooled_set.pooled:
                if effect.cases is None or effect.correction:
                    continue
                variance = sum(_variance(side) for side in (effect.cases, effect.controls))
                if variance > 0:
                    effect.se = float(np.sqrt(variance))

    def _trends(self) -> tuple[list[Kind], list[PooledSet]]:
        reasons = {id(row): told.why_no_trend() for row, told in self.rows}
        found = [told.kinds() for row, told in self.rows if not reasons[id(row)]]
        kinds = sorted(set().union(*found), key=lambda kind: (len(kind), kind))
        effects = []
        for row, told in self.rows:
            effect = self._effect(row, TREND, TREND, reasons[id(row)])
            if not effect.reason:
                effect.cases, effect.controls = (
                    told.by_kind(side, kinds) for side in ("cases", "controls")
                )
                effect.n_cases, effect.n_controls = effect.cases.people, effect.controls.people
            effects.append(effect)
        sets = self.analysis.sets(TREND, TREND, effects)
        self._fit_trends(sets, kinds)
        return kinds, sets

    def _fit_trends(self, sets: Sequence[PooledSet], kinds: Sequence[Kind]) -> None:
        """The slopes of all studies in all sets in one call."""
        for pooled_set in sets:
            self.selected[id(pooled_set)] = [e for e in pooled_set.effects if e.used]
        fitted = [(s, e) for s in sets for e in s.effects if e.used and e.cases is not None]
        if not fitted:
            return
        zero_cells, pooling = self.config.pooling.zero_cells, self.config.pooling
        fit = logistic_trend(
            [effect.cases.by_kind for _, effect in fitted],
            [effect.controls.by_kind for _, effect in fitted],
            [sum(kind) for kind in kinds],
            correction=zero_cells.correction,
            apply=zero_cells.apply,
        )
        for i, (pooled_set, effect) in enumerate(fitted):
            status = int(fit.status[i])
            pooled_set.double_zero += status == DOUBLE_ZERO
            effect.used = status == USED and not pooling.needs_counts
            if status == USED:
                effect.log_or = float(fit.log_or[i])
                effect.se = float(np.sqrt(fit.variance[i]))
                effect.correction = float(fit.added[i])
                effect.correction_controls = float(fit.added_controls[i])
                if pooling.needs_counts:
                    effect.reason = (
                        f"method {pooling.method} pools 2×2 tables, and the trend has none"
                    )
            else:
                effect.reason = STATUS_TEXT[status]
                if status == DOUBLE_ZERO:
                    effect.reason = "everybody has one length"
        for pooled_set in sets:
            for effect in pooled_set.effects:
                if effect.combined_with is not None and not effect.combined_with.used:
                    effect.used, effect.reason = False, effect.combined_with.reason

    def _find(self, severity: str, check: str, message: str, **more: str) -> None:
        self.findings.append(Finding(severity, check, message, locus=self.locus, **more))


def _variance(counts: object) -> float:
    """Variance of log(exposed / unexposed) chromosomes, from the people who carry them.

    With l and r a person's chromosomes of the length and of the reference, L and R their sums, it
    is the sum over people of (l/L - r/R)²: the delta method for a ratio of totals, which needs no
    Hardy-Weinberg equilibrium. For chromosomes without people it is 1/L + 1/R.
    """
    ll, rr, lr = counts.moments
    exposed, unexposed = counts.exposed, counts.unexposed
    return ll / exposed**2 + rr / unexposed**2 - 2 * lr / (exposed * unexposed)
