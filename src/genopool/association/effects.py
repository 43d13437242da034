"""The log odds ratios of every study, for every effect allele, model and stratum of a locus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from genopool.association import reported
from genopool.association.answers import NAN, Answer, Counts, Question, RowCounts
from genopool.association.set_effects import compute_odds_ratios
from genopool.association.shared_controls import share_controls
from genopool.config import ALL, OVERALL
from genopool.studies.findings import Finding
from genopool.studies.genotypes import LocusAlleles
from genopool.studies.overlap_findings import overlap_notes
from genopool.studies.overlaps import LeftOut, Overlaps
from genopool.studies.populations import Candidate, Population, populations, select
from genopool.studies.records import CountRow, EstimateRow, Row, StudyTables
from genopool.studies.sex import MALE
from genopool.studies.strata import Strata

if TYPE_CHECKING:
    from genopool.config import Config


@dataclass
class Effect:
    """One row of `effects.tsv`."""

    population: Population
    question: str
    model: str
    source: str
    cases: Counts | None = None
    controls: Counts | None = None
    n_cases: float = NAN
    n_controls: float = NAN
    log_or: float = NAN
    se: float = NAN
    correction: float = NAN
    correction_controls: float = NAN
    weight: float = NAN
    used: bool = False
    reason: str = ""
    combined_with: Effect | None = None
    members: tuple[Effect, ...] = ()

    @property
    def row(self) -> Row:
        return self.population.row

    @property
    def study(self) -> str:
        """The study, or all studies whose cases share its controls and were added to its own."""
        return _joined([effect.row.study for effect in self.members] or [self.row.study])

    @property
    def population_name(self) -> str:
        return _joined([effect.row.population for effect in self.members] or [self.row.population])

    @property
    def is_of_men(self) -> bool:
        """Whether its people have one allele each, at a locus of chromosome X."""
        return isinstance(self.row, CountRow) and self.row.sex_on_x == MALE

    @property
    def is_pooled(self) -> bool:
        return self.used and self.log_or == self.log_or


def _joined(names: Sequence[str]) -> str:
    return " + ".join(name for name in dict.fromkeys(names) if name)


@dataclass
class PooledSet:
    """The studies of one effect allele, model, stratifier and stratum."""

    question: str
    model: str
    stratifier: str
    stratum: str
    effects: list[Effect] = field(default_factory=list)
    double_zero: int = 0

    @property
    def pooled(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.is_pooled]


@dataclass(frozen=True)
class LocusEffects:
    """What the tables say about a locus, before pooling.

    Attributes
    ----------
    sets : list of PooledSet
        Every configured effect allele × model has its overall set; other strata have a set where
        a row lies in them.
    reported : list of (EstimateRow, list of Turned)
    findings : list of Finding
    populations : mapping of int to Population
    overlaps : Overlaps
        Which studies share people.
    """

    locus: str
    sets: list[PooledSet]
    reported: list[tuple[EstimateRow, list[reported.Turned]]]
    findings: list[Finding]
    populations: dict[int, Population]
    overlaps: Overlaps


def questions_of(config: Config, locus: str) -> tuple[LocusAlleles, list[Question]]:
    """The alleles of a locus and the questions that the configuration asks of them."""
    settings = config.loci[locus]
    alleles = LocusAlleles(settings.kind, settings.alleles)
    return alleles, [
        Question(
            allele,
            *alleles.question(allele, settings.against),
            against_rest=settings.against == "rest",
        )
        for allele in settings.questions
    ]


def locus_effects(config: Config, locus: str, tables: StudyTables) -> LocusEffects:
    """Compute the log odds ratios of a locus.

    Parameters
    ----------
    config : Config
    locus : str
    tables : StudyTables
        Without errors.
    """
    return LocusAnalysis(config, locus, tables).run()


class LocusAnalysis:
    """Who is counted at a locus, for each question, model and stratum.

    Attributes
    ----------
    findings : dict of Finding
        What the choices gave rise to, in order.
    """

    def __init__(self, config: Config, locus: str, tables: StudyTables) -> None:
        self.config = config
        self.locus = locus
        self.counts, self.estimates = tables.of_locus(locus)
        rows: list[Row] = [*self.counts, *self.estimates]
        self.alleles, self.questions = questions_of(config, locus)
        self.populations = populations(rows, config.stratifier_columns)
        self.strata = Strata(config, rows)
        self.overlaps = Overlaps(config.overlaps, self.populations)
        self.left_out: list[tuple[str, LeftOut]] = []
        self.findings: dict[Finding, None] = {}
        self.reported: list[tuple[EstimateRow, list[reported.Turned]]] = []

    def run(self) -> LocusEffects:
        for row in self.estimates:
            found, findings = reported.answers(
                row,
                float(np.log(row.estimate)),
                self.questions,
                self.config.models,
                not_pooled=self._why_not_reported(),
            )
            self.reported.append((row, found))
            self.findings |= dict.fromkeys(findings)
        sets = []
        for question in self.questions:
            counts = [(row, RowCounts(row, self.alleles, question)) for row in self.counts]
            self._note_left_out(question, counts)
            unanswered: dict[int, list[str]] = {}
            for model in self.config.models:
                effects = [*self._from_counts(question, model, counts, unanswered)]
                effects += self._from_reported(question, model)
                sets += self.sets(question.effect_allele, model, effects)
            self._note_unanswered(question, counts, unanswered)
        compute_odds_ratios(self.config.pooling.zero_cells, sets)
        self._note_additive_corrections(sets)
        self.findings |= dict.fromkeys(overlap_notes(self.left_out))
        return LocusEffects(
            self.locus,
            sets,
            self.reported,
            list(self.findings),
            self.populations,
            self.overlaps,
        )

    def _why_not_reported(self) -> str:
        """Why the configuration pools no reported estimate; blank if it does."""
        if not self.config.reported.use:
            return "the configuration pools counts only (reported: use: false)"
        if self.config.pooling.needs_counts:
            return f"method {self.config.pooling.method} pools counts only"
        return ""

    def _from_counts(
        self,
        question: Question,
        model: str,
        counts: Sequence[tuple[CountRow, RowCounts]],
        unanswered: dict[int, list[str]],
    ) -> Iterator[Effect]:
        for row, cells in counts:
            answer: Answer = cells.answer(model)
            effect = Effect(
                self.populations[id(row)],
                question.effect_allele,
                model,
                "counts",
                reason=answer.reason,
            )
            if answer.reason:
                unanswered.setdefault(id(row), []).append(model)
                by_copies = [cells.by_copies(side) for side in ("cases", "controls")]
                effect.cases, effect.controls = (Counts(n, NAN, NAN, NAN) for n in by_copies)
            else:
                effect.cases, effect.controls = answer.cases, answer.controls
                effect.n_cases, effect.n_controls = answer.cases.people, answer.controls.people
            yield effect

    def _from_reported(self, question: Question, model: str) -> Iterator[Effect]:
        for row, found in self.reported:
            for answer in found:
                if answer.question is question and answer.model == model and row.measure == "OR":
                    yield Effect(
                        self.populations[id(row)],
                        question.effect_allele,
                        model,
                        "reported",
                        n_cases=NAN if row.n_cases is None else float(row.n_cases),
                        n_controls=NAN if row.n_controls is None else float(row.n_controls),
                        log_or=answer.log_estimate,
                        se=NAN if row.log_se is None else row.log_se,
                        reason=answer.reason,
                    )

    def sets(self, question: str, model: str, effects: list[Effect]) -> list[PooledSet]:
        """The overall set and those of the strata, with the choice of who is counted."""
        sets = [self._one_set(question, model, OVERALL, ALL, effects)]
        for name in self.strata.names:
            by_stratum: dict[str, list[Effect]] = {}
            for effect in effects:
                stratum = self.strata.assign(name, effect.population.values).stratum
                if stratum is not None and not effect.reason:
                    by_stratum.setdefault(stratum, []).append(effect)
            for stratum in self.strata.order(name, by_stratum):
                sets.append(self._one_set(question, model, name, stratum, by_stratum[stratum]))
        return sets

    def _one_set(
        self, question: str, model: str, stratifier: str, stratum: str, effects: list[Effect]
    ) -> PooledSet:
        """Choose who is counted, and divide or combine shared controls."""
        effects = [replace(effect) for effect in effects]
        candidates: dict[int, tuple[Candidate, Effect]] = {}
        for effect in effects:
            if not effect.reason:
                people = np.nansum([effect.n_cases, effect.n_controls])
                candidate = Candidate(effect.population, effect.source, float(people))
                candidates[id(candidate)] = candidate, effect
        selection = select(
            [candidate for candidate, _ in candidates.values()], self.config.reported.prefer
        )
        self.findings |= dict.fromkeys(selection.findings)
        for candidate, reason in selection.rejected:
            candidates[id(candidate)][1].reason = reason
        left_out = self.overlaps.resolve(selection.chosen) if self.overlaps else []
        for one in left_out:
            candidates[id(one.candidate)][1].reason = one.reason
            self.left_out.append((model, one))
        chosen = [
            effect
            for effect in (candidates[id(candidate)][1] for candidate in selection.chosen)
            if not effect.reason
        ]
        for effect in chosen:
            effect.used = True
        self.findings |= dict.fromkeys(share_controls(chosen, self.config))
        return PooledSet(question, model, stratifier, stratum, effects)

    def _note_unanswered(
        self,
        question: Question,
        counts: Sequence[tuple[CountRow, RowCounts]],
        unanswered: dict[int, list[str]],
    ) -> None:
        for row, cells in counts:
            models = unanswered.get(id(row))
            if models:
                self._find(
                    row,
                    "note",
                    "cannot_answer",
                    f"does not answer {question.effect_allele} in the models "
                    f"{', '.join(models)}: {cells.answer(models[0]).reason}",
                    why="the published classes do not tell",
                    action="not used there",
                )

    def _note_left_out(
        self, question: Question, counts: Sequence[tuple[CountRow, RowCounts]]
    ) -> None:
        for row, cells in counts:
            numbers = [cells.left_out(side) for side in ("cases", "controls")]
            if np.nansum(numbers):
                cases, controls = (
                    "an unknown number of" if n != n else f"{n:.10g}" for n in numbers
                )
                self._find(
                    row,
                    "note",
                    "third_allele",
                    f"{cases} cases and {controls} controls carry an allele that is "
                    f"neither {question.effect_allele} nor the reference",
                    why="the configuration compares with the reference allele only",
                    action="left out of the comparison",
                )

    def _note_additive_corrections(self, sets: Sequence[PooledSet]) -> None:
        for pooled_set in sets:
            for effect in pooled_set.pooled:
                if pooled_set.model == "additive" and effect.correction > 0:
                    self._find(
                        effect.row,
                        "note",
                        "additive_corrected",
                        f"the per-allele odds ratio of {effect.question} is infinite: cases and "
                        "controls do not overlap in their genotypes",
                        why="without a correction it has no finite estimate",
                        action=f"{effect.correction:.3g} was added to each genotype of the cases "
                        f"and {effect.correction_controls:.3g} to each of the controls",
                    )

    def _find(self, row: Row, severity: str, check: str, message: str, **more: Any) -> None:
        self.findings.setdefault(row.finding(severity, check, message, **more))
