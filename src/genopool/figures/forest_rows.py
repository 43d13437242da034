"""What a forest plot says, row by row, from the result tables: no drawing here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, log, nan
from typing import Any

from genopool.figures import wording
from genopool.figures.questions import Question
from genopool.figures.text import clean
from genopool.figures.wording import number, text

Record = Mapping[str, Any]

OVERALL = "overall"
NOT_CLASSIFIED = "Not classified"
PARTS_ONLY, WHOLE_IN_OVERALL, TURNED, CORRECTED = "†", "‡", "§", "*"


@dataclass(frozen=True, slots=True)
class Estimate:
    """An odds ratio to draw, with its line of the table; log scale, weights in per cent."""

    label: str
    counts: tuple[str, str, str, str]
    """Cases and controls: the exposed (or the allele's frequency) and the total of each."""
    log_or: float
    low: float
    high: float
    stratum_weight: float = nan
    overall_weight: float = nan
    area: float = nan
    """What the square's area is proportional to: the weight in the overall analysis."""
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """The rows under one heading, with their pooled result and the lines after it."""

    title: str
    studies: tuple[Estimate, ...]
    pooled: Estimate | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """The body of a forest plot."""

    blocks: tuple[Block, ...]
    overall: Estimate | None
    prediction: Estimate | None
    lines: tuple[str, ...]

    def drawn(self) -> list[Estimate]:
        """Every estimate and interval that stands on the axis."""
        inside = [e for b in self.blocks for e in (*b.studies, b.pooled)]
        return [e for e in (*inside, self.overall, self.prediction) if e is not None]


class Analysis:
    """One question and one stratifier, from the result tables.

    Parameters
    ----------
    effects, pooled, strata : iterable of mapping
        Rows of the result tables for one locus, effect allele and model.
    stratifier : str
        ``overall`` or a stratifier of `pooled`.
    question : Question
        The question in words.

    Raises
    ------
    ValueError
        If the rows are of several questions, lack the overall result, or lack the stratifier.
    """

    def __init__(
        self,
        effects: Iterable[Record],
        pooled: Iterable[Record],
        strata: Iterable[Record],
        *,
        stratifier: str,
        question: Question,
    ) -> None:
        effects, pooled = list(effects), list(pooled)
        _check_one_question(pooled, effects)
        wholes = [row for row in pooled if row["stratifier"] == OVERALL]
        if len(wholes) != 1:
            raise ValueError(f"pooled has {len(wholes)} rows of stratifier 'overall', expected 1")
        names = dict.fromkeys(row["stratifier"] for row in (*pooled, *effects))
        tests = [row for row in strata if row["stratifier"] == stratifier]
        if stratifier not in names and not tests:
            raise ValueError(f"unknown stratifier {stratifier!r}; pooled has: {', '.join(names)}")

        self.stratifier = stratifier
        self.question = question
        self.stratified = stratifier != OVERALL
        self.whole = wholes[0]
        self.model = self.whole["model"]
        self.summaries = {
            row["stratum"]: row
            for row in pooled
            if self.stratified and row["stratifier"] == stratifier
        }
        self.test = tests[0] if tests and self.stratified else None
        self.candidates = [row for row in effects if row["stratifier"] in (OVERALL, stratifier)]
        used = [row for row in self.candidates if row["used"] == "yes"]
        self.overall_rows = {_key(row): row for row in used if row["stratifier"] == OVERALL}
        self.stratum_rows = [row for row in used if row["stratifier"] != OVERALL]
        self._columns = [name for name in names if name != OVERALL]
        self._tau2 = _or_zero(number(self.whole.get("tau2")))
        self._total_precision = sum(self._precision(r) for r in self.overall_rows.values())

    @property
    def used(self) -> list[Record]:
        """The rows that the figure rests on."""
        return [*self.overall_rows.values(), *self.stratum_rows]

    def rows(self) -> Rows:
        """The body of the plot."""
        overall, lines = self._overall()
        return Rows(tuple(self._blocks()), overall, self._prediction(), tuple(lines))

    @cached_property
    def outside_strata(self) -> tuple[list[Record], list[Record]]:
        """Rows of the overall pool that no stratum shows, and wholes of which parts are shown."""
        shown = {_key(row) for row in self.stratum_rows}
        unclassified, contained = [], []
        for key, row in self.overall_rows.items():
            if self.stratified and key not in shown:
                parts = (r for r in self.stratum_rows if r["study"] == row["study"])
                has_parts = any(self._contains(row, part) for part in parts)
                (contained if has_parts else unclassified).append(row)
        return unclassified, contained

    def marks(self, row: Record) -> str:
        """The signs after a study's name that the footnotes explain."""
        in_overall = _key(row) in self.overall_rows
        said = PARTS_ONLY if text(row.get("population")) and in_overall else ""
        if not in_overall:
            said += WHOLE_IN_OVERALL
        if row["study"] in self.question.turned:
            said += TURNED
        if number(row.get("correction")) > 0:
            said += CORRECTED
        return said

    def _contains(self, row: Record, part: Record) -> bool:
        """Whether `row` of the overall pool describes people among whom are those of `part`."""
        if _key(part) in self.overall_rows:
            return False
        if not text(row.get("population")):
            return True
        filled = [name for name in self._columns if text(row.get(name))]
        return bool(filled) and all(text(row.get(n)) == text(part.get(n)) for n in filled)

    def _blocks(self) -> list[Block]:
        if not self.stratified:
            return [Block("", self._studies(self.overall_rows.values()))]
        by_stratum: dict[str, list[Record]] = {stratum: [] for stratum in self.summaries}
        for row in self.stratum_rows:
            by_stratum.setdefault(row["stratum"], []).append(row)
        blocks = [self._stratum(stratum, rows) for stratum, rows in by_stratum.items()]
        unclassified, _ = self.outside_strata
        if unclassified:
            blocks.append(Block(NOT_CLASSIFIED, self._studies(unclassified)))
        return blocks

    def _stratum(self, stratum: str, rows: list[Record]) -> Block:
        name, studies = clean(stratum), self._studies(rows)
        summary = self.summaries.get(stratum)
        if summary is None:
            return Block(name, studies)
        k, reason = _count(summary.get("k")), clean(text(summary.get("reason")))
        if k == 0:
            return Block(name, studies, None, (reason or "No study",))
        if k == 1:
            return Block(name, studies, None, (reason or "One study: its own estimate",))
        shares = [e.overall_weight for e in studies if isfinite(e.overall_weight)]
        pooled = self._pooled(summary, "Pooled", 100.0, sum(shares) if shares else nan)
        lines = (line for line in (_heterogeneity(summary), reason) if line)
        return Block(name, studies, pooled, tuple(lines))

    def _overall(self) -> tuple[Estimate | None, list[str]]:
        """The overall diamond and the lines under it."""
        k, reason = _count(self.whole.get("k")), clean(text(self.whole.get("reason")))
        p = number(self.whole.get("p_value"))
        overall = None
        if k == 0:
            lines = [reason or "No study answers this question"]
        elif k == 1:
            said = reason or "One study: its own estimate"
            lines = [f"Overall – {said}" if self.stratified else said]
        else:
            against_one = f"Overall odds ratio against 1: {wording.p_value(p)}"
            lines = [_heterogeneity(self.whole), against_one if isfinite(p) else "", reason]
        # One study is its own overall result, unless only its parts are drawn.
        if k > 1 or (k == 1 and self.outside_strata[1]):
            overall = self._pooled(self.whole, "Overall", nan, 100.0)
        if self.test is not None:
            lines.append(_test(self.test))
        return overall, [line for line in lines if line]

    def _prediction(self) -> Estimate | None:
        low, high = (_log(number(self.whole.get(name))) for name in ("pi_low", "pi_high"))
        if not (isfinite(low) and isfinite(high)):
            return None
        return Estimate("prediction interval", ("", "", "", ""), nan, low, high)

    def _studies(self, rows: Iterable[Record]) -> tuple[Estimate, ...]:
        return tuple(self._study(row) for row in rows)

    def _study(self, row: Record) -> Estimate:
        whole = self.overall_rows.get(_key(row))
        weight = number(row.get("weight"))
        overall_weight = number(whole.get("weight")) if whole is not None else nan
        area = overall_weight
        if not isfinite(area):
            # What the weight would be, were the row in the overall analysis.
            area = 100 * self._precision(row) / (self._total_precision or self._precision(row))
        label, population = clean(row["study"]), clean(text(row.get("population")))
        if population:
            label += f" ({population})"
        marks = self.marks(row)
        return Estimate(
            label=f"{label} {marks}" if marks else label,
            counts=self._counts(row),
            log_or=number(row.get("log_or")),
            low=_log(number(row.get("ci_low"))),
            high=_log(number(row.get("ci_high"))),
            stratum_weight=weight if row["stratifier"] != OVERALL else nan,
            overall_weight=overall_weight,
            area=area,
            reported=row.get("source") == "reported",
        )

    def _counts(self, row: Record) -> tuple[str, str, str, str]:
        cells: list[str] = []
        for group, people in (("case", "n_cases"), ("control", "n_controls")):
            if self.model == "additive":
                n0, n1, n2 = (number(row.get(f"{group}_n{copies}")) for copies in (0, 1, 2))
                total = n0 + n1 + n2
                share = 100 * (n1 + 2 * n2) / (2 * total) if total else nan
                first = wording.per_cent(share, sign="")
            else:
                exposed = number(row.get(f"{group}_exposed"))
                total = exposed + number(row.get(f"{group}_unexposed"))
                first = wording.count(exposed)
            if not isfinite(total):
                total = self._units(number(row.get(people)))
            cells += [first, wording.count(total)]
        return tuple(cells)

    def _units(self, people: float) -> float:
        """People as the columns count them: alleles in the allelic model."""
        return 2 * people if self.model == "allelic" else people

    def _pooled(
        self, row: Record, name: str, stratum_weight: float, overall_weight: float
    ) -> Estimate:
        n_cases, n_controls = (self._units(number(row.get(c))) for c in ("n_cases", "n_controls"))
        # A sum over estimates none of which states its people is 0, which is not their number.
        totals = [wording.count(n) if n > 0 else wording.ABSENT for n in (n_cases, n_controls)]
        k = _count(row.get("k"))
        return Estimate(
            label=f"{name}, {wording.studies(k, _count(row['k_studies']) or k)}",
            counts=("", totals[0], "", totals[1]),
            log_or=number(row.get("log_or")),
            low=_log(number(row.get("ci_low"))),
            high=_log(number(row.get("ci_high"))),
            stratum_weight=stratum_weight,
            overall_weight=overall_weight,
        )

    def _precision(self, row: Record) -> float:
        return 1 / (number(row.get("se")) ** 2 + self._tau2)


def _check_one_question(pooled: list[Record], effects: list[Record]) -> None:
    for name in ("locus", "effect_allele", "model"):
        values = {str(row[name]) for row in (*pooled, *effects)}
        if len(values) > 1:
            raise ValueError(f"a forest plot shows one {name}, not {', '.join(sorted(values))}")


def _key(row: Record) -> tuple[str, str]:
    return row["study"], text(row.get("population"))


def _heterogeneity(row: Record) -> str:
    said = wording.heterogeneity(*(number(row.get(c)) for c in ("tau2", "i2", "q", "q_df", "q_p")))
    return f"Heterogeneity: {said}" if said else ""


def _test(row: Record) -> str:
    reason = clean(text(row.get("reason")))
    statistic = number(row.get("statistic"))
    if not isfinite(statistic):
        return f"Test between strata: not made ({reason or 'no statistic'})"
    said = wording.between_strata(
        statistic,
        row.get("distribution"),
        *(number(row.get(c)) for c in ("df1", "df2", "p_value")),
        clean(text(row.get("tau2_between"))),
    )
    return f"{said}; {reason}" if reason else said


def _log(odds: float) -> float:
    return log(odds) if odds > 0 else nan


def _or_zero(value: float) -> float:
    return value if isfinite(value) else 0.0


def _count(value: object) -> int:
    return int(_or_zero(number(value)))
