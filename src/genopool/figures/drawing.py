"""All figures of a locus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genopool.association.comparisons import comparison
from genopool.association.effects import questions_of
from genopool.config import OVERALL, Config, file_name
from genopool.figures.questions import Question, of_simulated

if TYPE_CHECKING:
    from genopool.analysis import LocusResults
    from genopool.pooling.settings import Pooling


FORMATS = ("svg", "pdf", "png")


@dataclass(frozen=True)
class Figure:
    """A figure of a locus: its kind, what it shows, and the name of its files without ending.

    One that cannot be drawn has no `stem`, and a `reason`.
    """

    kind: str
    effect_allele: str
    model: str
    stratifier: str
    stem: str
    reason: str = ""


def figure_stem(kind: str, effect_allele: str, model: str, stratifier: str) -> str:
    """Name of a figure's files, without their endings."""
    return f"{kind}.{file_name(effect_allele)}.{model}.{stratifier}"


def draw_forests(
    config: Config,
    locus: str,
    results: LocusResults,
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    planted: Mapping[tuple[str, ...], float] | None = None,
) -> list[Figure]:
    """Draw a forest plot for every effect allele, model and stratifier with data.

    Parameters
    ----------
    config : Config
    locus : str
    results : LocusResults
    folder : Path
        Made if it is not there.
    progress : callable, optional
        Called with how many figures are drawn and how many there will be.
    planted : mapping, optional
        Log odds ratios that simulated studies were made with, by effect allele, model, stratifier
        and stratum.

    Returns
    -------
    list of Figure
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted: dict[tuple[str, str], list[str]] = {}
    for row in results.pooled:
        if row["k"]:
            stratifiers = wanted.setdefault((row["effect_allele"], row["model"]), [])
            if row["stratifier"] not in stratifiers:
                stratifiers.append(row["stratifier"])
    if not wanted:
        return []
    from genopool.figures.forest import forest_plot
    from genopool.figures.saving import save_figure

    drawn: list[Figure] = []
    total = sum(map(len, wanted.values()))
    for (effect_allele, model), stratifiers in wanted.items():
        key = {"effect_allele": effect_allele, "model": model}
        tables = [
            _matching(rows, key) for rows in (results.effects, results.pooled, results.strata)
        ]
        question = question_of(config, locus, effect_allele, model, results)
        if config.pooling.method == "bayes":
            question = replace(question, notes=(*question.notes, prior_note(config.pooling)))
        truth = {k[2:]: v for k, v in (planted or {}).items() if k[:2] == (effect_allele, model)}
        for stratifier in stratifiers:
            figure = forest_plot(
                *tables,
                stratifier=stratifier,
                question=question,
                level=config.pooling.level,
                planted=truth,
            )
            stem = figure_stem("forest", effect_allele, model, stratifier)
            save_figure(figure, folder / stem)
            drawn.append(Figure("forest", effect_allele, model, stratifier, stem))
            if progress:
                progress(len(drawn), total)
    return drawn


def _matching(rows: list[dict[str, Any]], key: dict[str, str]) -> list[dict[str, Any]]:
    return [row for row in rows if all(row[name] == value for name, value in key.items())]


def question_of(
    config: Config, locus: str, effect_allele: str, model: str, results: LocusResults
) -> Question:
    """What is asked of an effect allele under a model, in words."""
    settings = config.loci[locus]
    alleles, _ = questions_of(config, locus)
    compared = comparison(alleles, effect_allele, model, settings.against)
    question = Question(
        locus=settings.label or locus,
        effect_allele=effect_allele,
        comparison=compared.text,
        outcome=config.outcome,
        exposure=compared.exposed,
        exposed_heading=compared.exposed,
        turned=settings.turn,
        notes=tuple(_notes(config, locus, model)),
        frequency_range=frequency_range(results.effects, effect_allele, model),
    )
    return of_simulated(question) if config.simulated else question


def _notes(config: Config, locus: str, model: str) -> Iterator[str]:
    """Further lines under a figure."""
    if config.loci[locus].chromosome == "X":
        men = {
            "allelic": "counts as one chromosome",
            "additive": "counts as having 0 or 2 copies",
        }.get(model, "is not in this model")
        yield f"Chromosome X: a man has one allele and {men}."


def prior_note(pooling: Pooling) -> str:
    """The priors of the Bayesian model in words."""
    priors = pooling.bayes
    scale = "" if priors.tau_scale is None else f", scale {priors.tau_scale}"
    effect = "flat"
    if priors.effect_prior:
        effect = "normal, mean {:g}, standard deviation {:g}".format(*priors.effect_prior)
    of = "tau²" if priors.tau_prior == "log-normal" else "tau"
    return f"Prior of {of}: {priors.tau_prior}{scale}; of the log odds ratio: {effect}."


def frequency_range(
    effects: list[dict[str, Any]], effect_allele: str, model: str
) -> tuple[float, float] | None:
    """The lowest and highest frequency of the effect allele in the controls that are pooled."""
    found = []
    for row in effects:
        if (row["effect_allele"], row["model"]) != (effect_allele, model):
            continue
        if row["stratifier"] != OVERALL or row["used"] != "yes":
            continue
        n0, n1, n2 = (row.get(f"control_n{copies}", float("nan")) for copies in range(3))
        copies, alleles = 2 * n2 + n1, 2 * (n0 + n1 + n2)
        if model == "allelic" and row.get("control_exposed") is not None:
            copies = row["control_exposed"]
            alleles = copies + row["control_unexposed"]
        if alleles > 0:
            found.append(copies / alleles)
    return (min(found), max(found)) if found else None
