"""What stands above and below forest plots of pooled results of some of the studies."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from genopool.diagnostics.tables.pools import Pools
from genopool.figures import wording
from genopool.figures.captions import TURNED_ROUND, compared, made_up, pooled_by, without_people
from genopool.figures.diagnostics.repooled import (
    BY_PRECISION,
    BY_YEAR,
    LEAVE_ONE_OUT,
    Repooled,
    Step,
)
from genopool.figures.drawing import prior_note
from genopool.figures.forest_analysis import TURNED, Record
from genopool.figures.questions import Question
from genopool.figures.text import clean
from genopool.figures.wording import text
from genopool.pooling.methods import ABOVE_1

BY = {
    LEAVE_ONE_OUT: "without each study in turn",
    BY_YEAR: "cumulative, by year",
    BY_PRECISION: "cumulative, the most precise studies first",
}
_ROWS = {
    LEAVE_ONE_OUT: "Each row is the result of all studies but one.",
    BY_YEAR: "Each row is the result of its study and all above it, in the order of their years.",
    BY_PRECISION: "Each row is the result of its study and all above it. Not every study has a "
    "year, so the one with the smallest standard error comes first.",
}
_LOOK_FOR = {
    LEAVE_ONE_OUT: "What to look for: a result that hangs on one study moves when that study is "
    "left out, so that its dot leaves the band or its interval reaches the other side of 1.",
    BY_YEAR: "What to look for: as studies come in, a stable result stays where it is while its "
    "interval narrows; one that the first studies overstated drifts towards 1. The intervals do "
    "not allow for having looked after every study.",
    BY_PRECISION: "What to look for: a result that drifts away from 1 as the least "
    "precise studies come in, last, may be owed to small studies that were published for what "
    "they found. The intervals do not allow for having looked after every study.",
}
_OF_FEW = ("one study", "two studies")
_NOT_SHOWN = ("prediction interval", "tau² interval", ABOVE_1)
"""What remarks are not repeated: what is not in the figure, and what is new in every row."""
_MOST_NAMED = 3
_IN_PAIRS = ("homozygous", "heterozygous")


def notes(content: Repooled) -> list[str]:
    """The lines under the overall result."""
    steps = [step for step in content.steps if not isnan(step.log_or)]
    lines = [f"Overall: {remark}".replace("tau²", "τ²") for remark in _said_of(content.whole)]
    if content.analysis == LEAVE_ONE_OUT and steps:
        ends = (min(steps, key=_log_or), max(steps, key=_log_or))
        low, high = (f"{wording.odds_ratio(s.log_or)} ({_uncapitalised(s.label)})" for s in ends)
        lines.append(f"Lowest odds ratio: {low}; highest: {high}.")
        lines.append(_excluding_one(content, steps))
    return lines


def paragraphs(pools: Pools, i: int, question: Question, content: Repooled) -> tuple[str, ...]:
    """The caption."""
    row = pools.rows[i]
    of_pool = {name: row[name] for name in ("effect_allele", "model", "stratifier")}
    used = [
        effect
        for effect in pools.results.effects
        if effect["used"] == "yes" and all(effect[n] == value for n, value in of_pool.items())
    ]
    with_genotypes = " with the genotypes compared" if row["model"] in _IN_PAIRS else ""
    said = [
        compared(question, row["model"]),
        f"{pooled_by(row, pools.config.pooling.level)} {_ROWS[content.analysis]} Diamond, dashed "
        "line and band: the result of all studies and its interval. Cases and controls are "
        f"people{with_genotypes}.",
        _LOOK_FOR[content.analysis],
        " ".join(_remarks(content)),
        f"{TURNED} {TURNED_ROUND}" if content.turned else "",
        " ".join([*without_people(row), *made_up(question, used)]),
        *question.notes,
        prior_note(pools.config.pooling) if row["method"] == "bayes" else "",
    ]
    return tuple(clean(paragraph) for paragraph in said if paragraph)


def _log_or(step: Step) -> float:
    return step.log_or


def _excluding_one(content: Repooled, steps: list[Step]) -> str:
    excluding = sum(map(_excludes_one, steps))
    overall = (
        "excludes 1 overall, and"
        if _excludes_one(content.overall)
        else "includes 1 overall, excludes it"
    )
    return f"The interval {overall} in {excluding} of {len(steps)} rows."


def _excludes_one(step: Step) -> bool:
    return step.low > 0 or step.high < 0


def _uncapitalised(label: str) -> str:
    return label[:1].lower() + label[1:]


def _remarks(content: Repooled) -> Iterator[str]:
    """What is said of some rows and not of the result of all studies."""
    of_whole = _said_of(content.whole)
    rows: dict[str, list[Step]] = {}
    for row, step in zip(content.rows, content.steps, strict=True):
        for remark in _said_of(row):
            if remark not in of_whole:
                rows.setdefault(remark, []).append(step)
    for remark, steps in rows.items():
        where = "" if remark.startswith(_OF_FEW) else f" ({_which(content, steps)})"
        yield _sentence(remark + where)


def _said_of(row: Record) -> list[str]:
    remarks = text(row.get("reason")).split("; ")
    return [said for said in remarks if said and not any(word in said for word in _NOT_SHOWN)]


def _which(content: Repooled, steps: list[Step]) -> str:
    if len(steps) > _MOST_NAMED:
        return f"{len(steps)} rows"
    if content.analysis != LEAVE_ONE_OUT:
        return f"k = {', '.join(str(step.k) for step in steps)}"
    return ", ".join(_uncapitalised(step.label) for step in steps)


def _sentence(remark: str) -> str:
    said = clean(remark).replace("tau²", "τ²")
    return f"{said[:1].upper()}{said[1:]}." if said[:1].isascii() else f"{said}."
