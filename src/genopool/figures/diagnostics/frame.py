"""What every figure of the studies of a pool has around its panels."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from genopool.config import OVERALL
from genopool.diagnostics.tables.pools import Pools
from genopool.figures import marks, theme, wording
from genopool.figures.axes import Axis
from genopool.figures.captions import compared, titles
from genopool.figures.diagnostics import words
from genopool.figures.diagnostics.members import Members
from genopool.figures.plot import Key, Panel, plot_figure
from genopool.figures.questions import Question


def figure_of_studies(
    panels: Sequence[Panel],
    pools: Pools,
    i: int,
    question: Question,
    stratifier: str,
    *,
    kind: str,
    keys: Sequence[Key],
    paragraphs: Sequence[str],
    columns: int = 1,
    panel_width: float | None = None,
) -> Figure:
    """Set panels on a page with the title and caption that all kinds share.

    Parameters
    ----------
    panels : sequence of Panel
    pools : Pools
    i : int
        The overall pool.
    question : Question
    stratifier : str
    kind : str
        What the figure is, in words: ``funnel plot``.
    keys : sequence of Key
    paragraphs : sequence of str
        Of the caption, between what is compared and the notes; the first one follows the number of
        studies.
    columns, panel_width
        As `plot_figure` takes them.
    """
    model = pools.rows[i]["model"]
    if stratifier != OVERALL:
        kind += f" by {question.stratifier or stratifier.replace('_', ' ')}"
    title, subtitle = titles(question, model, kind)
    first, *others = paragraphs
    return plot_figure(
        panels,
        title=title,
        subtitle=subtitle,
        keys=keys,
        paragraphs=[
            compared(question, model),
            f"{words.studies(pools, i)}. {first}",
            *others,
            words.other_method(pools),
            *question.notes,
        ],
        columns=columns,
        panel_width=panel_width,
    )


def study_keys(studies: Members) -> list[Key]:
    """The marks of the strata, or that of all studies."""
    return studies.keys() or [Key("Study", marks.legend(marks.sample(marks.DOT)))]


def key_of_one(dashes: str = "-") -> Key:
    """The line at an odds ratio of 1."""
    return Key("Odds ratio 1", marks.legend(marks.line(theme.RULE, dashes, 0.9)))


def pooled_said(studies: Members) -> str:
    """``pooled odds ratio 1.22 [1.06, 1.40]. Random effects, …, Hartung-Knapp 95% CI.``"""
    fit, choices = studies.fit, studies.choices
    odds = wording.odds_ratio(float(fit.estimate))
    limits = wording.interval(float(fit.ci_low), float(fit.ci_high))
    how = words.method(choices["tau2"], fit.interval, choices["level"])
    return f"pooled odds ratio {odds} {limits}. {how}."


def beyond_said(studies: Members, axis: Axis) -> str:
    """How many studies are beyond the axis of odds ratios: a sentence after a blank, or nothing."""
    beyond = int(((studies.log_or < axis.low) | (studies.log_or > axis.high)).sum())
    return f" Arrows: {beyond} beyond the axis." if beyond else ""
