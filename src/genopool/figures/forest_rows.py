"""What a forest plot says, row by row, from the result tables: no drawing here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, nan

from genopool.figures import wording
from genopool.figures.forest_analysis import ALONE, OVERALL, Analysis, Record, key_of, log_of
from genopool.figures.text import clean
from genopool.figures.wording import number, text

NOT_CLASSIFIED = "Not classified"
WHOLES = "Whole studies, whose parts are above"
COMBINED = "Combined, since they share controls"
_ONE_STUDY = "one study: its own estimate"
TREND = "trend"
"""In place of a model, where the odds ratio is per repeat."""
_EQUAL_AREA = 0.35  # where no study has a weight, of the largest square possible


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
    """What the square's area is proportional to."""
    reported: bool = False
    planted: float = nan
    """The log odds ratio that simulated studies were made with."""


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
    weighted: bool
    """Whether studies have weights, so that there are columns of them."""
    notes: tuple[str, ...]
    """Footnotes that stand for a line under several blocks."""

    def drawn(self) -> list[Estimate]:
        """Every estimate and interval that stands on the axis."""
        inside = [e for b in self.blocks for e in (*b.studies, b.pooled)]
        return [e for e in (*inside, self.overall, self.prediction) if e is not None]

    def planted(self) -> list[float]:
        """The planted log odds ratios of the pooled results."""
        pooled = (*(block.pooled for block in self.blocks), self.overall)
        return [e.planted for e in pooled if e is not None and isfinite(e.planted)]

    def largest_area(self) -> float:
        """The area of the largest square, on the scale of `Estimate.area`."""
        areas = [e.area for block in self.blocks for e in block.studies]
        return (max(areas, default=0.0) if self.weighted else 0.0) or 1.0


def rows(analysis: Analysis) -> Rows:
    """The body of the forest plot of `analysis`."""
    return _Body(analysis).rows()


class _Body:
    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.pooled = [r for r in self._summaries() if analysis.has_diamond(r)]

    def rows(self) -> Rows:
        overall, lines = self._overall()
        said_once = [f"{_sentence(reason)}." for reason in self.said_of_all]
        alone = [f"{ALONE} {_sentence(self.alone)}."] if self.alone else []
        return Rows(
            blocks=tuple(self._blocks()),
            overall=overall,
            prediction=self._prediction(),
            lines=tuple(lines),
            weighted=self.analysis.weighted,
            notes=(*alone, *said_once),
        )

    @cached_property
    def said_of_all(self) -> list[str]:
        """Remarks that every one of several pooled results has."""
        several = [row for row in self.pooled if _count(row.get("k")) > 1]
        first, *others = [_remarks(row) for row in several] or [[]]
        return [said for said in first if others and all(said in other for other in others)]

    @cached_property
    def alone(self) -> str:
        """What is said of several strata with one study, if anything."""
        of_one = [
            self._why_alone(row)
            for row in self.analysis.summaries.values()
            if _count(row.get("k")) == 1 and not self._is_pooled(row)
        ]
        ((reason, times), *_) = Counter(of_one).most_common(1) or [("", 0)]
        return reason if times > 1 else ""

    def _summaries(self) -> list[Record]:
        return [*self.analysis.summaries.values(), self.analysis.whole]

    def _is_pooled(self, summary: Record) -> bool:
        return any(row is summary for row in self.pooled)

    def _blocks(self) -> list[Block]:
        analysis = self.analysis
        if not analysis.stratified:
            return [Block("", self._studies(analysis.overall_rows.values()))]
        by_stratum: dict[str, list[Record]] = {stratum: [] for stratum in analysis.summaries}
        for row in analysis.stratum_rows:
            by_stratum.setdefault(row["stratum"], []).append(row)
        blocks = [self._stratum(stratum, rows) for stratum, rows in by_stratum.items()]
        if analysis.outside_strata:
            blocks.append(Block(self._outside(), self._studies(analysis.outside_strata)))
        return blocks

    def _outside(self) -> str:
        """Heading of the rows that are in no stratum."""
        analysis = self.analysis
        for title, some in ((WHOLES, analysis.wholes), (COMBINED, analysis.combined_outside)):
            if len(some) == len(analysis.outside_strata):
                return title
        return NOT_CLASSIFIED

    def _stratum(self, stratum: str, rows: list[Record]) -> Block:
        name, studies = clean(stratum), self._studies(rows)
        summary = self.analysis.summaries.get(stratum)
        if summary is None:
            return Block(name, studies)
        if self._is_pooled(summary):
            shares = [e.overall_weight for e in studies if isfinite(e.overall_weight)]
            pooled = self._pooled(summary, "Pooled", 100.0, sum(shares) if shares else nan)
            lines = (line for line in (_heterogeneity(summary), self._reason(summary)) if line)
            return Block(name, studies, pooled, tuple(lines))
        if _count(summary.get("k")) == 0:
            return Block(name, studies, None, (_sentence(_reason(summary) or "no study"),))
        reason = self._why_alone(summary)
        if reason == self.alone:
            return Block(f"{name} {ALONE}", studies)
        return Block(name, studies, None, (_sentence(reason),))

    def _overall(self) -> tuple[Estimate | None, list[str]]:
        """The overall diamond and the lines under it."""
        analysis, whole = self.analysis, self.analysis.whole
        p = number(whole.get("p_value"))
        overall = None
        if self._is_pooled(whole):
            overall = self._pooled(whole, "Overall", nan, 100.0)
            tested = f"Test of an odds ratio of 1: {wording.p_value(p)}" if isfinite(p) else ""
            lines = [_heterogeneity(whole), tested, self._reason(whole)]
        elif _count(whole.get("k")) == 0:
            lines = [_sentence(_reason(whole) or "no study answers this question")]
        else:
            said = self._why_alone(whole)
            lines = [f"Overall – {said}" if analysis.stratified else _sentence(said)]
        if analysis.test is not None:
            lines.append(self._test(analysis.test))
        return overall, [line for line in lines if line]

    def _reason(self, summary: Record) -> str:
        """The remarks under a diamond, without those that all of them have."""
        return _sentence("; ".join(r for r in _remarks(summary) if r not in self.said_of_all))

    def _why_alone(self, summary: Record) -> str:
        return _reason(summary) or _ONE_STUDY

    def _prediction(self) -> Estimate | None:
        whole = self.analysis.whole
        low, high = (log_of(number(whole.get(name))) for name in ("pi_low", "pi_high"))
        if not (isfinite(low) and isfinite(high)):
            return None
        return Estimate("prediction interval", ("", "", "", ""), nan, low, high)

    def _studies(self, rows: Iterable[Record]) -> tuple[Estimate, ...]:
        return tuple(self._study(row) for row in rows)

    def _study(self, row: Record) -> Estimate:
        analysis = self.analysis
        whole = analysis.overall_rows.get(key_of(row))
        label, marks = row_label(row), analysis.marks(row)
        return Estimate(
            label=f"{label} {marks}" if marks else label,
            counts=self._counts(row),
            log_or=number(row.get("log_or")),
            low=log_of(number(row.get("ci_low"))),
            high=log_of(number(row.get("ci_high"))),
            stratum_weight=number(row.get("weight")) if row["stratifier"] != OVERALL else nan,
            overall_weight=number(whole.get("weight")) if whole is not None else nan,
            area=analysis.area(row) if analysis.weighted else _EQUAL_AREA,
            reported=row.get("source") == "reported",
        )

    def _counts(self, row: Record) -> tuple[str, str, str, str]:
        cells: list[str] = []
        for group, people in (("case", "n_cases"), ("control", "n_controls")):
            if self.analysis.model == "additive":
                n0, n1, n2 = (number(row.get(f"{group}_n{copies}")) for copies in (0, 1, 2))
                total = n0 + n1 + n2
                share = 100 * (n1 + 2 * n2) / (2 * total) if total else nan
                first = wording.per_cent(share, sign="")
            elif self.analysis.model == TREND:
                total = number(row.get(people))
                mean = number(row.get(f"{group}_mean_length"))
                first = f"{mean:.2f}" if isfinite(mean) else wording.ABSENT
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
        return 2 * people if self.analysis.model == "allelic" else people

    def _pooled(
        self, row: Record, name: str, stratum_weight: float, overall_weight: float
    ) -> Estimate:
        if self.analysis.model == "allelic":
            n_cases, n_controls = self.analysis.alleles_of(row)
        else:
            n_cases, n_controls = (number(row.get(c)) for c in ("n_cases", "n_controls"))
        # A sum over estimates none of which states its people is 0, which is not their number.
        totals = [wording.count(n) if n > 0 else wording.ABSENT for n in (n_cases, n_controls)]
        k = _count(row.get("k"))
        return Estimate(
            label=f"{name}, {wording.studies(k, _count(row['k_studies']) or k)}",
            counts=("", totals[0], "", totals[1]),
            log_or=number(row.get("log_or")),
            low=log_of(number(row.get("ci_low"))),
            high=log_of(number(row.get("ci_high"))),
            stratum_weight=stratum_weight,
            overall_weight=overall_weight,
            planted=self.analysis.planted_in(row),
        )

    def _test(self, row: Record) -> str:
        reason = _reason(row)
        statistic = number(row.get("statistic"))
        if not isfinite(statistic):
            return f"Test between strata: not made ({reason or 'no statistic'})"
        said = wording.between_strata(
            statistic,
            row.get("distribution"),
            *(number(row.get(c)) for c in ("df1", "df2", "p_value")),
            clean(text(row.get("tau2_between"))) if self.analysis.has_tau2 else "",
        )
        return f"{said}; {reason}" if reason else said


def row_label(row: Record) -> str:
    """``Marin``, ``Marin (hypertensive pregnancy)``."""
    study, population = clean(row["study"]), clean(text(row.get("population")))
    return f"{study} ({population})" if population else study


def _heterogeneity(row: Record) -> str:
    said = wording.heterogeneity(
        *(number(row.get(c)) for c in ("tau2", "i2", "q", "q_df", "q_p")),
        method=text(row.get("method")),
    )
    return f"Heterogeneity: {said}" if said else ""


def _reason(row: Record) -> str:
    return clean(text(row.get("reason"))).replace("tau²", "τ²")


def _remarks(row: Record) -> list[str]:
    """The reason of a pooled result that has a diamond, remark by remark."""
    remarks = _reason(row).split("; ")
    # The diamond shows that it is not the study's own.
    return [said for said in remarks if said and not said.startswith(_ONE_STUDY)]


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:] if said[:1].isascii() else said


def _count(value: object) -> int:
    found = number(value)
    return int(found) if isfinite(found) else 0
