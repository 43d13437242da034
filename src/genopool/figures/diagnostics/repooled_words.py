"""What stands above and below forest plots of pooled results of some of the studies."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from genopool.diagnostics.tables.pools import Pools
from genopool.figures import wording
from genopool.figures.captions import TURNED_ROUND, compared, made_up, pooled_by, without_people
from genopool.figures.diagnostics.repooled import BY_YEAR, LEAVE_ONE_OUT, Repooled, Step
from genopool.figures.drawing import prior_note
from genopool.figures.forest_analysis import TURNED
from genopool.figures.questions import Question
from genopool.figures.text import clean
from genopool.figures.wording import text

BY = {
    LEAVE_ONE_OUT: "without each study in turn",
    BY_YEAR: "cumulative, by year",
    "cumulative_precision": "cumulative, the most precise studies first",
}
_ROWS = {
    LEAVE_ONE_OUT: "Each row is the result of all studies but one.",
    BY_YEAR: "Each row is the result of its study and all above it, which are older.",
    "cumulative_precision": "Each row is the result of its study and all above it; the study with "
    "the smallest standard error comes first.",
}
_LOOK_FOR = {
    LEAVE_ONE_OUT: "What to look for: a result that hangs on one study moves when that study is "
    "left out, so that its dot leaves the band or its interval reaches the other side of 1.",
    BY_YEAR: "What to look for: as studies come in, a stable result stays where it is while its "
    "interval narrows; one that the first studies overstated drifts towards 1. The intervals do "
    "not allow for having looked after every study.",
    "cumulative_precision": "What to look for: a result that drifts away from 1 as the least "
    "precise studies come in, last, may be owed to small studies that were published for what "
    "they found. The intervals do not allow for having looked after every study.",
}
_IN_PAIRS = ("homozygous", "heterozygous")


def notes(content: Repooled) -> list[str]:
    """The lines under the overall result."""
    steps = [step for step in content.steps if isfinite(step.log_or)]
    lines = []
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
    of_all = "excludes" if _excludes_one(content.overall) else "includes"
    return (
        f"The interval of all studies {of_all} 1; of the {len(steps)} others, "
        f"{excluding} exclude{'s' if excluding == 1 else ''} it."
    )


def _excludes_one(step: Step) -> bool:
    return step.low > 0 or step.high < 0


def _uncapitalised(label: str) -> str:
    return label[:1].lower() + label[1:]


def _remarks(content: Repooled) -> Iterator[str]:
    """What is said of some rows and not of the result of all studies."""
    of_whole = text(content.whole.get("reason")).split("; ")
    remarks = dict.fromkeys(
        remark for row in content.rows for remark in text(row.get("reason")).split("; ")
    )
    for remark in remarks:
        if remark and remark not in of_whole:
            yield f"{remark[:1].upper()}{remark[1:]}.".replace("Tau²", "τ²").replace("tau²", "τ²")
