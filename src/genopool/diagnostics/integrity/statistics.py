"""Findings about studies that their numbers, beside those of the others, make suspect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genopool.association import reported as reported_estimates
from genopool.association.answers import Question
from genopool.association.effects import questions_of
from genopool.diagnostics.integrity import wording
from genopool.diagnostics.integrity.evidence import Evidence, ReportedEffects, evidence
from genopool.diagnostics.integrity.explanations import Explanation
from genopool.diagnostics.integrity.frequencies import CLEAR_MAJORITY, UNTELLING, Mirrored
from genopool.diagnostics.integrity.numbers import StudyNumbers, study_numbers
from genopool.studies.findings import Finding
from genopool.studies.records import EstimateRow, Row, StudyTables

if TYPE_CHECKING:
    from genopool.config import Config
    from genopool.diagnostics.settings import Checks

#: The check of each kind of explanation.
CHECK_OF = {
    "turned": "orientation",
    "swapped": "cases_and_controls",
    "columns": "columns",
    "exchanged": "exchanged_genotype",
    "digits": "digits",
    "heterozygotes": "heterozygotes",
    "label": "ethnicity_label",
}
#: The fewest other studies that can tell a frequency, or an odds ratio.
FEWEST_OTHERS = 3
#: More rows are no meta-analysis that somebody typed; each is compared with all others.
MOST_ROWS = 2_000
#: A study rather fits turned round, or rather as it is, when that is so many times likelier.
RATHER = 3.0


def check_statistics(config: Config, locus: str, tables: StudyTables) -> list[Finding]:
    """Compare every study of a locus with the others.

    A study gets one finding a question, for the best explanation: the others would be consequences
    of the same error.

    Parameters
    ----------
    config : Config
        `checks` has the thresholds. With several effect alleles they are shared out.
    locus : str
    tables : StudyTables
    """
    alleles, questions = questions_of(config, locus)
    _, estimates = tables.of_locus(locus)
    findings: dict[tuple[str, int], Finding] = {}
    for question in questions:
        numbers = study_numbers(config, tables, locus, alleles, question)
        rows, effects = _reported(estimates, questions, question, numbers)
        if not len(numbers) + len(rows):
            continue
        if len(numbers) + len(rows) > MOST_ROWS:
            findings["rows", 0] = wording.too_many(locus, len(numbers) + len(rows), MOST_ROWS)
            continue
        references, unused = _references(config, locus, numbers)
        for stratum in unused:
            findings[f"frequencies of {stratum}", 0] = wording.unused_reference(
                locus, stratum, config.allele_frequency_by
            )
        judged = evidence(
            numbers,
            effects,
            references,
            known_ancestry=bool(config.allele_frequency_by),
            two_alleles=alleles.kind == "snp",
        )
        judge = _Judge(config, question, len(questions), numbers, rows, judged, references)
        for finding, row in judge.findings(alleles.is_palindromic and alleles.kind == "snp"):
            findings.setdefault((finding.check, id(row)), finding)
    return list(findings.values())


def _reported(
    estimates: list[EstimateRow],
    questions: list[Question],
    question: Question,
    numbers: StudyNumbers,
) -> tuple[list[EstimateRow], ReportedEffects]:
    """Odds ratios per allele of studies without counts, one a row, in the question's direction."""
    counted = {row.study for row, has in zip(numbers.rows, numbers.has_alleles, strict=True) if has}
    rows, log_or, variance = [], [], []
    for row in estimates:
        if row.measure != "OR" or row.log_se is None or row.study in counted:
            continue
        answers, _ = reported_estimates.answers(
            row, float(np.log(row.estimate)), questions, ("allelic", "additive")
        )
        for answer in answers:
            if answer.question is question and not answer.reason:
                rows.append(row)
                log_or.append(answer.log_estimate)
                variance.append(row.log_se**2)
                break
    studies = tuple(row.study for row in rows)
    return rows, ReportedEffects(np.array(log_or), np.array(variance), studies)


def _references(
    config: Config, locus: str, numbers: StudyNumbers
) -> tuple[dict[str, float], list[str]]:
    """The configuration's frequencies by stratum of the tables, and those of no stratum."""
    by_name = {stratum.casefold(): stratum for stratum in numbers.strata if stratum}
    given = config.loci[locus].frequencies
    known = {by_name[s.casefold()]: p for s, p in given.items() if s.casefold() in by_name}
    return known, [s for s in given if s.casefold() not in by_name]


class _Judge:
    """Decides which findings the evidence of one question amounts to."""

    def __init__(
        self,
        config: Config,
        question: Question,
        questions: int,
        numbers: StudyNumbers,
        estimates: list[EstimateRow],
        judged: Evidence,
        references: dict[str, float],
    ) -> None:
        self.checks: Checks = config.checks
        self.by = config.allele_frequency_by
        self.questions = questions
        self.numbers = numbers
        self.estimates = estimates
        self.judged = judged
        self.references = references
        # Studies that mirror a clear majority: their own numbers say more, if they say it.
        self.alone: set[int] = set()
        self.words = wording.Words(config, question, numbers, judged)

    def findings(self, is_palindromic: bool) -> list[tuple[Finding, Row]]:
        found: dict[int, Finding] = self._mirrored(is_palindromic)
        for i in range(len(self.numbers)):
            best = self._best_explanation(i)
            if i in found and not (i in self.alone and best is not None):
                continue
            # An error is no explanation if a study that is just different is likelier still.
            if best is None or best.log_ratio < self.judged.unexplained[i]:
                different = self._out_of_line(i)
                if different is not None:
                    found[i] = different
                    continue
            if best is not None:
                finding = self.words.explained(i, CHECK_OF[best.kind], best)
                unsure = best.kind in ("turned", "label") and not (self.by or is_palindromic)
                found[i] = wording.as_note(finding) if unsure else finding
        found |= self._no_majority(found)
        pairs = [(finding, self.numbers.rows[i]) for i, finding in sorted(found.items())]
        for j, row in enumerate(self.estimates, len(self.numbers)):
            if self._is_outlying(j):
                pairs.append((self.words.outlying(j, row), row))
        return pairs

    def _mirrored(self, is_palindromic: bool) -> dict[int, Finding]:
        """Studies of two mirrored groups, one of which counts the other allele."""
        found: dict[int, Finding] = {}
        limit = self.checks.orientation
        if limit is None or not (self.by or is_palindromic):
            return found
        for stratum, split in self.judged.mirrored:
            if split.log_ratio <= np.log(limit.warning):
                continue
            if split.is_settled and stratum not in self.references:
                self.alone |= set(split.groups[1])
            wrong = split.groups[1] if split.is_settled else split.groups[0] + split.groups[1]
            for i in wrong:
                reference = self.references.get(stratum)
                found[i] = self.words.mirrored(i, stratum, split, reference)
        return found

    def _no_majority(self, found: dict[int, Finding]) -> dict[int, Finding]:
        """Studies that look turned round beside others that are too few to be right.

        The comparison one by one takes the larger group for right; unless it is far larger, both
        are warned of.
        """
        doubtful: dict[int, Finding] = {}
        for stratum in sorted(
            {s for s in self.numbers.strata if s not in (None, *self.references)}
        ):
            turned = {
                int(i): explanations["turned"].log_ratio
                for i, explanations in enumerate(self.judged.explanations)
                if self.numbers.strata[i] == stratum and "turned" in explanations
            }
            ones = tuple(i for i, log_ratio in turned.items() if log_ratio > np.log(RATHER))
            others = tuple(i for i, log_ratio in turned.items() if log_ratio < -np.log(RATHER))
            blamed = [i for i in ones if i in found and found[i].check == "orientation"]
            if not blamed or not others or len(others) >= CLEAR_MAJORITY * len(ones):
                continue
            mean = float(np.median(self.numbers.frequency[list(others)]))
            if UNTELLING[0] <= mean <= UNTELLING[1]:
                continue
            best = max(turned[i] for i in blamed)
            split = Mirrored(best, (others, ones), is_settled=False, frequency=mean)
            severity = found[blamed[0]].severity
            for i in (*others, *ones):
                if i in blamed or i not in found:
                    finding = self.words.mirrored(i, stratum, split, None)
                    doubtful[i] = wording.as_note(finding) if severity == "note" else finding
        return doubtful

    def _best_explanation(self, i: int) -> Explanation | None:
        best, margin = None, 0.0
        for kind, explanation in self.judged.explanations[i].items():
            limit = getattr(self.checks, CHECK_OF[kind])
            if limit is None or not self._can_tell(i, kind):
                continue
            above = explanation.log_ratio - np.log(limit.warning * self.questions)
            if above > margin:
                best, margin = explanation, above
        return best

    def _can_tell(self, i: int, kind: str) -> bool:
        others = self.judged.frequency.others[i]
        if kind == "turned":
            has_reference = self.numbers.strata[i] in self.references
            return others >= FEWEST_OTHERS or has_reference
        if kind == "label":
            return bool(self.by) and others >= FEWEST_OTHERS
        if kind == "swapped":
            return self.judged.effect.others[i] >= FEWEST_OTHERS
        return True

    def _out_of_line(self, i: int) -> Finding | None:
        """What no single error explains."""
        checks, judged = self.checks, self.judged
        limit = checks.allele_frequency
        if (
            limit is not None
            and self.by
            and (self._can_tell(i, "turned"))
            and judged.frequency_p[i] < limit.warning / self.questions
        ):
            return self.words.frequency(i)
        if self._is_outlying(i):
            return self.words.outlying(i, self.numbers.rows[i])
        if checks.too_good and judged.too_good_p[i] < checks.too_good.warning / self.questions:
            return self.words.too_good(i)
        return None

    def _is_outlying(self, i: int) -> bool:
        limit = self.checks.outlying_effect
        return bool(
            limit is not None
            and self.judged.effect.others[i] >= FEWEST_OTHERS
            and self.judged.effect_p[i] < limit.warning / self.questions
        )
