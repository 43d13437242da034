"""All figures of the lengths of a repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from genopool.config import Config
from genopool.figures.drawing import Figure, prior_note
from genopool.figures.questions import Question
from genopool.studies import simulated
from genopool.studies.truth import LENGTH_TREND

if TYPE_CHECKING:
    from genopool.pooling.length_tables import LengthResults

DISTRIBUTION, ODDS, TREND_FOREST = "length_distribution", "length_odds_ratios", "length_trend"


def draw_lengths(
    config: Config,
    locus: str,
    lengths: LengthResults,
    folder: Path,
    planted: Mapping[tuple[str, ...], float] | None = None,
) -> list[Figure]:
    """Draw the distribution of lengths, their odds ratios and the forest plot of their trend.

    Parameters
    ----------
    config : Config
    locus : str
    lengths : LengthResults
    folder : Path
        Made if it is not there.
    planted : mapping, optional
        Log odds ratios that simulated studies were made with, by effect allele, model, stratifier
        and stratum.

    Returns
    -------
    list of Figure
        Named ``<kind>.<stratifier>``: they are of no one effect allele or model.
    """
    pooled = [row for row in lengths.pooled if row["k"] and row["length"] != row["reference"]]
    trend = [row for row in lengths.trend if row["k"]]
    wanted = {
        DISTRIBUTION: _stratifiers(lengths.distribution),
        ODDS: _stratifiers(pooled),
        TREND_FOREST: _stratifiers(trend),
    }
    if not any(wanted.values()):
        return []
    from genopool.figures.forest import forest_plot
    from genopool.figures.length_panels import distribution_figure, odds_figure
    from genopool.figures.saving import save_figure

    folder.mkdir(parents=True, exist_ok=True)
    question, level = _question(config, locus), config.pooling.level
    in_panels = replace(question, notes=(*question.notes, *_made(config, lengths)))
    reference = lengths.pooled[0]["reference"] if lengths.pooled else ""
    tables = [
        [row for row in rows if row["length" if "length" in row else "effect_allele"] == "trend"]
        for rows in (lengths.effects, lengths.trend, lengths.strata)
    ]
    truth = {k[2:]: v for k, v in (planted or {}).items() if k[:2] == ("", LENGTH_TREND)}
    draw = {
        DISTRIBUTION: lambda stratifier: distribution_figure(
            lengths.distribution,
            stratifier=stratifier,
            question=in_panels,
            reference=reference,
        ),
        ODDS: lambda stratifier: odds_figure(
            lengths.pooled, lengths.trend, stratifier=stratifier, question=in_panels, level=level
        ),
        TREND_FOREST: lambda stratifier: forest_plot(
            *tables, stratifier=stratifier, question=question, level=level, planted=truth
        ),
    }
    drawn = []
    for kind, stratifiers in wanted.items():
        for stratifier in stratifiers:
            stem = f"{kind}.{stratifier}"
            save_figure(draw[kind](stratifier), folder / stem)
            drawn.append(Figure(kind, "", "", stratifier, stem))
    return drawn


def _made(config: Config, lengths: LengthResults) -> list[str]:
    """Which studies' numbers no paper prints, unless those of all are simulated.

    The forest plot says it from its own rows.
    """
    if config.simulated:
        return []
    studies: dict[str, dict[str, None]] = {}
    for row in lengths.effects:
        word = simulated.kind(row.get("provenance"))
        if word and row["used"] == "yes":
            studies.setdefault(word, {})[row["study"]] = None
    return [f"{word.capitalize()} numbers: {', '.join(names)}." for word, names in studies.items()]


def _stratifiers(rows: list[dict]) -> list[str]:
    return list(dict.fromkeys(row["stratifier"] for row in rows))


def _question(config: Config, locus: str) -> Question:
    """What the figures say of the locus; `comparison` and what follows is of the trend."""
    settings = config.loci[locus]
    return Question(
        locus=settings.label or locus,
        effect_allele="",
        comparison="each further repeat",
        outcome=config.outcome,
        exposure="each further repeat",
        exposed_heading="",
        turned=settings.turn,
        simulated=config.simulated,
        notes=(prior_note(config.pooling),) if config.pooling.method == "bayes" else (),
    )
