"""What the statistical checks say about a study: findings with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from genopool.diagnostics.integrity.explanations import Explanation
from genopool.studies.findings import Finding
from genopool.studies.records import CountRow, Row

if TYPE_CHECKING:
    from genopool.association.answers import Question
    from genopool.config import Config
    from genopool.diagnostics.integrity.evidence import Evidence
    from genopool.diagnostics.integrity.frequencies import Mirrored
    from genopool.diagnostics.integrity.numbers import StudyNumbers

POOLED = "pooled as given; look at the source"
SLIPS = {
    "transposed": "two adjacent digits in the other order",
    "dropped": "a digit dropped",
    "doubled": "a digit typed twice",
    "mistyped": "another digit",
}
SIDES = ("cases", "controls")


def times(log_ratio: float) -> str:
    """A likelihood ratio for people."""
    if log_ratio >= np.log(1e6):
        return "more than a million"
    ratio = float(np.exp(log_ratio))
    digits = 1 - int(np.floor(np.log10(ratio)))
    return f"{round(ratio, digits):,.{max(digits, 0)}f}"


def as_note(finding: Finding) -> Finding:
    """The same finding where the studies' ancestry is not known."""
    return replace(
        finding,
        severity="note",
        message=finding.message + "; ancestries are not told apart (allele_frequency_by)",
    )


def too_many(locus: str, rows: int, most: int) -> Finding:
    """A locus with more rows than are compared with each other."""
    return Finding(
        "note",
        "not_compared",
        f"{rows:,} rows of {locus} are not compared with each other: more than {most:,}",
        locus=locus,
        expected=f"at most {most:,} rows a locus",
        why="frequencies, odds ratios and mistyped numbers are judged by the other studies",
        action="the other checks were made",
    )


def unused_reference(locus: str, stratum: str, by: str) -> Finding:
    return Finding(
        "note",
        "reference_frequency",
        f"frequencies: {stratum!r} is no stratum of {by} in the tables of {locus}",
        locus=locus,
        value=stratum,
        expected=f"a stratum of {by}",
        action="that frequency is not used",
    )


class Words:
    """The findings of one question.

    Parameters
    ----------
    config : Config
    question : Question
    numbers : StudyNumbers
    judged : Evidence
    """

    def __init__(
        self, config: Config, question: Question, numbers: StudyNumbers, judged: Evidence
    ) -> None:
        self.question = question
        self.allele = question.effect_allele
        self.numbers = numbers
        self.judged = judged
        self.by = config.allele_frequency_by
        self.made = {
            "orientation": self._turned,
            "cases_and_controls": self._swapped,
            "columns": self._columns,
            "exchanged_genotype": self._exchanged,
            "digits": self._digits,
            "heterozygotes": self._heterozygotes,
            "ethnicity_label": self._label,
        }

    def explained(self, i: int, check: str, explanation: Explanation) -> Finding:
        """A finding about the error that explains study `i`."""
        said = self.made[check](i, explanation)
        return self._warning(i, check, **{"action": POOLED, **said})

    def _warning(self, i: int, check: str, message: str, **more: Any) -> Finding:
        return self.numbers.rows[i].finding("warning", check, message, **more)

    def _frequency_beside(self, i: int) -> str:
        frequency = self.judged.frequency
        others = frequency.others[i]
        stratum = self.numbers.strata[i]
        where = f" of {stratum}" if stratum else ""
        text = f"the frequency of {self.allele} in controls is {self.numbers.frequency[i]:.2f}"
        if not others:
            return text
        return (
            f"{text}, {expit(frequency.expected[i]):.2f} on average in the {others} other "
            f"stud{'ies' if others > 1 else 'y'}{where}"
        )

    def _effect_beside(self, i: int) -> str:
        effect = self.judged.effect
        return (
            f"the odds ratio of {self.allele} is {np.exp(self.judged.log_or[i]):.2f}, "
            f"{np.exp(effect.expected[i]):.2f} on average in the {effect.others[i]} other studies"
        )

    def _turned(self, i: int, found: Explanation) -> dict[str, Any]:
        return {
            "message": f"{self._frequency_beside(i)}: {times(found.log_ratio)} times likelier "
            "turned round",
            "expected": "the same allele counted as in the other studies",
            "why": "a study that counts the other allele pulls the pooled odds ratio to the wrong "
            "side",
            "action": "pooled as given; if the source agrees, name the study under `turn:` of the "
            "locus",
        }

    def mirrored(self, i: int, stratum: str, split: Mirrored, reference: float | None) -> Finding:
        """A finding about a study of one of two groups that mirror each other."""
        first, second = (", ".join(self._names(group)) for group in split.groups)
        where = f" of {stratum}" if stratum else ""
        at = self.numbers.frequency[i]
        how_much = f"{times(split.log_ratio)} times likelier than all counting one allele"
        if reference is not None:
            message = (
                f"the frequency of {self.allele} in controls is {at:.2f}, {reference:.2f} in the "
                f"population{where} (`frequencies`): it fits turned round ({second}: {how_much})"
            )
        elif split.is_settled:
            message = (
                f"the frequency of {self.allele} in controls is {at:.2f}, {split.frequency:.2f} in "
                f"most studies{where} ({first}): it fits turned round ({second}: {how_much})"
            )
        else:
            message = (
                f"the studies{where} fall into two groups whose frequencies of {self.allele} "
                f"mirror each other: about {split.frequency:.2f} in {first}, about "
                f"{1 - split.frequency:.2f} in {second} ({how_much}); one group counts the other "
                "allele, and the frequencies cannot say which"
            )
        action = "pooled as given; if the source agrees, name the study under `turn:` of the locus"
        if reference is None and not split.is_settled:
            action = (
                "pooled as given; find out which group counts the other allele and name its "
                "studies under `turn:`, or give the population's frequency under `frequencies:`"
            )
        return self._warning(
            i,
            "orientation",
            message,
            expected="the same allele counted in every study",
            why="a study that counts the other allele pulls the pooled odds ratio to the wrong "
            "side",
            action=action,
        )

    def _names(self, places: Sequence[int]) -> list[str]:
        return [self.numbers.rows[i].name for i in places]

    def _swapped(self, i: int, found: Explanation) -> dict[str, Any]:
        return {
            "message": f"{self._effect_beside(i)}, and {self._frequency_beside(i)}: "
            f"{times(found.log_ratio)} times likelier with cases and controls exchanged",
            "expected": "cases in the columns of the cases",
            "why": "exchanged cases and controls turn the study's odds ratio round",
        }

    def _before(self, i: int, found: Explanation) -> str:
        """The repaired table in words."""
        table = np.array(found.repair.table).reshape(2, -1)
        copies = "0, 1, 2 copies" if table.shape[1] == 3 else "other and effect alleles"
        return (
            "; ".join(
                f"{side} {', '.join(str(n) for n in numbers)}"
                for side, numbers in zip(SIDES, table, strict=True)
            )
            + f" ({copies} of {self.allele})"
        )

    def _columns(self, i: int, found: Explanation) -> dict[str, Any]:
        return {
            "message": f"genotypes look exchanged in {self._changed(i, found)}: "
            f"{times(found.log_ratio)} times likelier as {self._before(i, found)}",
            "expected": self._before(i, found),
            "why": "exchanged columns give the wrong genotypes the risk",
        }

    def _exchanged(self, i: int, found: Explanation) -> dict[str, Any]:
        return {
            "message": f"cases and controls of one genotype look exchanged in "
            f"{self._changed(i, found)}: {times(found.log_ratio)} times likelier as "
            f"{self._before(i, found)}",
            "expected": self._before(i, found),
            "why": "one exchanged pair of numbers changes every odds ratio of the study",
        }

    def _digits(self, i: int, found: Explanation) -> dict[str, Any]:
        (place,) = found.repair.cells
        width = len(found.repair.table) // 2
        table = self.numbers.genotypes[i] if width == 3 else self.numbers.alleles[i]
        value, before = f"{table.ravel()[place]:.0f}", str(found.repair.table[place])
        row, column = self._cell(i, place, width)
        return {
            "message": f"{column} is {value}: {times(found.log_ratio)} times likelier with an "
            f"error in a digit; {before} would fit best ({SLIPS[found.repair.slip]})",
            "row": row,
            "column": column,
            "value": value,
            "expected": f"a number such as {before}",
            "why": "genotypes, allele frequency and odds ratio fit the other studies and "
            "Hardy-Weinberg proportions but for this number",
        }

    def _changed(self, i: int, found: Explanation) -> str:
        width = len(found.repair.table) // 2
        return ", ".join(self._cell(i, place, width)[1] for place in found.repair.cells)

    def _cell(self, i: int, place: int, width: int) -> tuple[int, str]:
        """Row and name of the cell that a place of the six (or four) numbers stands for."""
        row: CountRow = self.numbers.rows[i]
        side, copies = SIDES[place // width], place % width
        for cell in row.cells:
            carried = cell.label.copies(self.question.effect, self.question.compared)
            if cell.label.unit == ("genotype" if width == 3 else "allele") and carried == {copies}:
                return cell.row, f"{side}_{cell.label.text}"
        return row.row, f"{side} with {copies} copies of {self.allele}"

    def _heterozygotes(self, i: int, found: Explanation) -> dict[str, Any]:
        cases, controls = (
            f"{', '.join(f'{n:.0f}' for n in numbers)}" for numbers in self.numbers.genotypes[i]
        )
        return {
            "message": f"heterozygotes are missing on both sides, {100 * found.detail:.0f}% of "
            f"those expected (cases {cases}, controls {controls} with 0, 1, 2 copies of "
            f"{self.allele}): {times(found.log_ratio)} times likelier if heterozygotes were "
            "read as homozygotes",
            "expected": "Hardy-Weinberg proportions",
            "why": "an assay that misses one allele of some heterozygotes makes every genotype "
            "count wrong",
        }

    def _label(self, i: int, found: Explanation) -> dict[str, Any]:
        stratum = self.numbers.strata[i]
        return {
            "message": f"{self._frequency_beside(i)}: {times(found.log_ratio)} times likelier as a "
            f"study of {found.detail}",
            "column": self.by,
            "value": stratum,
            "expected": str(found.detail),
            "why": "a study in the wrong stratum spoils two pooled results",
            "action": "pooled as labelled; look at the source",
        }

    def frequency(self, i: int) -> Finding:
        """A frequency that no single error explains."""
        ratio = self.judged.explanations[i].get("turned")
        turned = ratio is not None and ratio.log_ratio > 0
        return self._warning(
            i,
            "allele_frequency",
            f"{self._frequency_beside(i)} (predictive p = {self.judged.frequency_p[i]:.1g}); "
            + ("turned round it would fit better" if turned else "turned round it fits no better"),
            expected="a frequency like the other studies' of the stratum",
            why="another allele, another population or a genotyping error can do this",
            action=POOLED,
        )

    def outlying(self, i: int, row: Row) -> Finding:
        """An odds ratio that no single error explains."""
        return row.finding(
            "warning",
            "outlying_effect",
            f"{self._effect_beside(i)}: externally studentised residual "
            f"{self.judged.residual[i]:.1f}, predictive p = {self.judged.effect_p[i]:.1g}",
            expected="an odds ratio like the other studies', allowing for heterogeneity",
            why="one study that differs so much decides about heterogeneity, and may be in error",
            action="pooled; look at its source and at the results without it",
        )

    def too_good(self, i: int) -> Finding:
        """Genotypes that look computed."""
        cases, controls = (
            f"{', '.join(f'{n:.0f}' for n in numbers)}" for numbers in self.numbers.genotypes[i]
        )
        return self._warning(
            i,
            "too_good",
            f"genotypes are Hardy-Weinberg proportions to the person, in cases ({cases}) and "
            f"controls ({controls}): by chance p = {self.judged.too_good_p[i]:.1g}",
            expected="counted people, who scatter about the proportions",
            why="counts computed from an allele frequency, or imputed, carry no information on "
            "genotypes beyond it",
            action="pooled; the genotype models of this study rest on an assumption",
        )
