"""What a forest plot rests on: the rows of one question and stratifier, and how they belong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from math import isclose, isfinite, log
from typing import Any

from genopool.figures.questions import Question
from genopool.figures.text import clean
from genopool.figures.wording import NO_TAU2, number, text

Record = Mapping[str, Any]
Key = tuple[str, str]

OVERALL = "overall"
PARTS_ONLY, COUNTED_WITHIN, TURNED, CORRECTED, ALONE = "†", "‡", "§", "*", "¶"
_COMBINED = "cases counted with "
_SAME = 1e-9


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
    planted : mapping of (stratifier, stratum) to float, optional
        Log odds ratios that simulated studies were made with.

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
        planted: Mapping[Key, float] | None = None,
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
        self.planted = planted or {}
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
        self.overall_rows = {key_of(row): row for row in used if row["stratifier"] == OVERALL}
        self.stratum_rows = [row for row in used if row["stratifier"] != OVERALL]
        self.weighted = not used or any(isfinite(number(row.get("weight"))) for row in used)
        self._columns = [name for name in names if name != OVERALL]
        fixed_weights = text(self.whole.get("interval")) == "henmi-copas"
        tau2 = 0.0 if fixed_weights else number(self.whole.get("tau2"))
        self._tau2 = tau2 if isfinite(tau2) else 0.0
        self._total_precision = sum(self._precision(r) for r in self.overall_rows.values())

    @property
    def used(self) -> list[Record]:
        """The rows that the figure rests on."""
        return [*self.overall_rows.values(), *self.stratum_rows]

    @property
    def has_tau2(self) -> bool:
        """Whether the method has a variance between studies."""
        method, estimator = (text(self.whole.get(c)) for c in ("method", "tau2_method"))
        return method not in NO_TAU2 and estimator != "EE"

    def planted_in(self, summary: Record) -> float:
        """The planted log odds ratio of a row of `pooled`; NaN if it is not known."""
        return self.planted.get((summary["stratifier"], summary["stratum"]), float("nan"))

    @cached_property
    def outside_strata(self) -> list[Record]:
        """Rows of the overall pool that no stratum shows."""
        if not self.stratified:
            return []
        shown = {key_of(row) for row in self.stratum_rows}
        return [row for key, row in self.overall_rows.items() if key not in shown]

    @cached_property
    def wholes(self) -> list[Record]:
        """Rows of the overall pool of which the strata show parts."""
        return [r for r in self.outside_strata if any(map(self._part_of(r), self.stratum_rows))]

    @cached_property
    def combined(self) -> list[Record]:
        """Rows to which cases of others that share their controls were added."""
        joined = {_place(row) for row in self.candidates if _is_member(row)}
        return [row for row in self.used if row.get("control_group") and _place(row) in joined]

    @cached_property
    def combined_outside(self) -> list[Record]:
        """Combined rows of the overall pool whose members the strata show one by one."""
        combined = {id(row) for row in self.combined}
        groups = {row.get("control_group") for row in self.stratum_rows if not self.in_overall(row)}
        return [
            row
            for row in self.outside_strata
            if id(row) in combined and row["control_group"] in groups
        ]

    @cached_property
    def on_their_own(self) -> list[Record]:
        """Rows of strata that the overall pool counts neither as such nor within another row."""
        groups = {row["control_group"] for row in self.combined_outside}
        parts = [self._part_of(whole) for whole in self.wholes]
        return [
            row
            for row in self.stratum_rows
            if not self.in_overall(row)
            and row.get("control_group") not in groups
            and not any(is_part(row) for is_part in parts)
        ]

    def in_overall(self, row: Record) -> bool:
        """Whether the overall pool has this row."""
        return key_of(row) in self.overall_rows

    def marks(self, row: Record) -> str:
        """The signs after a study's name that the footnotes explain."""
        in_overall = self.in_overall(row)
        said = PARTS_ONLY if text(row.get("population")) and in_overall else ""
        if not in_overall:
            said += COUNTED_WITHIN
        if row["study"] in self.question.turned:
            said += TURNED
        if number(row.get("correction")) > 0:
            said += CORRECTED
        return said

    def area(self, row: Record) -> float:
        """What the area of a square is proportional to: the weight in the overall pool.

        For a row that has none, its precision on the same scale.
        """
        whole = self.overall_rows.get(key_of(row))
        weight = number(whole.get("weight")) if whole is not None else float("nan")
        if isfinite(weight):
            return weight
        own = self._precision(row)
        return 100 * own / (self._total_precision or own) if own else 0.0

    def alleles_of(self, summary: Record) -> tuple[float, float]:
        """How many alleles the cases and the controls of a pooled result have.

        Two a person; of men, at a locus of chromosome X, one.
        """
        missing, seen = [0.0, 0.0], set()
        for row in self.rows_of(summary):
            counted = number(row.get("case_exposed")) + number(row.get("case_unexposed"))
            people = [number(row.get(name)) for name in ("n_cases", "n_controls")]
            if not (counted < 2 * people[0] and isfinite(counted)):
                continue
            lacking = 2 - counted / people[0]
            missing[0] += lacking * people[0]
            group = text(row.get("control_group")) or key_of(row)
            if group not in seen and isfinite(people[1]):
                missing[1] += lacking * people[1]
                seen.add(group)
        cases, controls = (number(summary.get(name)) for name in ("n_cases", "n_controls"))
        return 2 * cases - missing[0], 2 * controls - missing[1]

    def rows_of(self, summary: Record) -> list[Record]:
        """The rows that a row of `pooled` rests on."""
        if summary is self.whole:
            return list(self.overall_rows.values())
        return [row for row in self.stratum_rows if row["stratum"] == summary["stratum"]]

    def has_diamond(self, summary: Record) -> bool:
        """Whether a pooled result is more than the one study that it rests on."""
        k = number(summary.get("k"))
        if not k >= 1:
            return False
        rows = self.rows_of(summary)
        if k > 1 or len(rows) != 1:
            return k > 1
        pairs = [[number(r.get(n)) for r in (summary, *rows)] for n in ("or", "ci_low", "ci_high")]
        return any(
            pooled == pooled and not isclose(pooled, own, rel_tol=_SAME) for pooled, own in pairs
        )

    def differs_in_strata(self) -> bool:
        """Whether a row has other numbers in its stratum than in the overall pool."""
        pairs = ((row, self.overall_rows.get(key_of(row))) for row in self.stratum_rows)
        return any(
            whole is not None
            and not all(
                isclose(number(row.get(n)), number(whole.get(n)), abs_tol=_SAME)
                for n in ("log_or", "se")
            )
            for row, whole in pairs
        )

    def left_out(self) -> Counter[str]:
        """How many rows are used nowhere in the figure, by reason."""
        used = {key_of(row) for row in self.used}
        reasons: dict[tuple[str, ...], str] = {}
        for row in sorted(self.candidates, key=lambda row: row["stratifier"] != OVERALL):
            if row["used"] == "yes" or key_of(row) in used or _is_member(row):
                continue
            reason = clean(text(row.get("reason"))) or "no reason given"
            if reason.startswith("contained in"):
                reason = "contained in another row"
            place = tuple(
                text(row.get(name)) for name in ("file", "sheet", "row", "study", "population")
            )
            reasons.setdefault(place, reason)
        return Counter(reasons.values())

    def _part_of(self, row: Record) -> Callable[[Record], bool]:
        """A function that tells whether a row of a stratum describes people among those of `row`.

        A stratum's row that is itself in the overall pool is not part of another.
        """
        population = text(row.get("population"))
        filled = [name for name in self._columns if text(row.get(name))]

        def is_part(part: Record) -> bool:
            if part["study"] != row["study"] or self.in_overall(part):
                return False
            if not population:
                return True
            return bool(filled) and all(text(row.get(n)) == text(part.get(n)) for n in filled)

        return is_part

    def _precision(self, row: Record) -> float:
        variance = number(row.get("se")) ** 2
        return 1 / (variance + self._tau2) if variance > 0 else 0.0


def key_of(row: Record) -> Key:
    """The people that a row describes."""
    return row["study"], text(row.get("population"))


def log_of(odds: float) -> float:
    """Logarithm of a cell; -inf of 0, NaN if it is blank."""
    return log(odds) if odds > 0 else float("-inf") if odds == 0 else float("nan")


def _place(row: Record) -> tuple[str, ...]:
    return tuple(text(row.get(name)) for name in ("stratifier", "stratum", "control_group"))


def _is_member(row: Record) -> bool:
    """Whether the cases of a row were added to another that shares its controls."""
    return text(row.get("reason")).startswith(_COMBINED)


def _check_one_question(pooled: list[Record], effects: list[Record]) -> None:
    for name in ("locus", "effect_allele", "model"):
        values = {str(row[name]) for row in (*pooled, *effects)}
        if len(values) > 1:
            raise ValueError(f"a forest plot shows one {name}, not {', '.join(sorted(values))}")
