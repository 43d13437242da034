"""The section of one locus, put together from its tables and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genopool.config import OVERALL
from genopool.report import beside, cells, equilibrium, evidence, results
from genopool.report.comparison import (
    by_stratifier,
    comparison,
    frequency_range,
    other_allele,
    printed_allele,
)
from genopool.report.diagnostics import Part, diagnostic_parts
from genopool.report.inputs import Figure, Locus, ReportInputs, text, whole
from genopool.report.layout import Numbering, Plot, Table
from genopool.report.lengths import KINDS as LENGTH_KINDS
from genopool.report.lengths import LengthSection, length_section
from genopool.report.published import Match
from genopool.report.subject import Diagnosed, Subject
from genopool.report.svg import Inliner
from genopool.report.trust import Warned
from genopool.report.verdicts import Verdict, criteria_table, judged_model, verdict_of

RowOf = dict[str, Any]


@dataclass(frozen=True)
class Material:
    """The rows of every table that are about one locus; and the warnings about rows, by place."""

    studies: Sequence[RowOf]
    estimates: Sequence[RowOf]
    findings: Sequence[RowOf]
    hwe: Sequence[RowOf]
    hwe_pooled: Sequence[RowOf]
    effects: Sequence[RowOf]
    pooled: Sequence[RowOf]
    counts_only: Sequence[RowOf]
    strata: Sequence[RowOf]
    published: Sequence[Match]
    lengths: Sequence[RowOf] = ()
    length_trend: Sequence[RowOf] = ()
    length_effects: Sequence[RowOf] = ()
    verdict: Sequence[RowOf] = ()
    diagnostics: Mapping[str, Sequence[RowOf]] = field(default_factory=dict)
    warned: Warned = field(default_factory=dict)


@dataclass(frozen=True)
class ModelFigures:
    """The figures of one model, folded away unless `open`."""

    id: str
    model: str
    compared: str
    result: str
    plots: Sequence[Plot]
    open: bool


@dataclass(frozen=True)
class Question:
    """One effect allele: its pooled tables and its figures by model."""

    id: str
    allele: str
    versus: str
    tables: Sequence[Table]
    figures: Sequence[ModelFigures]
    verdict: Verdict | None
    primary: str
    criteria: Table | None
    diagnostics: Sequence[Part]
    nothing: str


@dataclass(frozen=True)
class LocusSection:
    """All that the report says of a locus."""

    id: str
    locus: Locus
    facts: Sequence[tuple[str, str]]
    has_rows: bool
    findings: str
    studies: Sequence[Table]
    estimates: Table | None
    hwe: Table | None
    hwe_pooled: Table | None
    questions: Sequence[Question]
    lengths: LengthSection | None
    left_out: Table | None
    counts_only: Table | None
    has_reported: bool
    mixed: str
    published: Table | None

    @property
    def has_results(self) -> bool:
        return any(question.tables for question in self.questions)


def locus_section(
    inputs: ReportInputs,
    locus: Locus,
    material: Material,
    figures: Sequence[Figure],
    numbering: Numbering,
    inliner: Inliner,
) -> LocusSection:
    """Build the section of a locus; tables and figures are numbered in reading order."""
    limits = inputs.section("checks").get("hwe") or {}
    thresholds = (float(limits.get("note", 0.05)), float(limits.get("warning", 1e-4)))
    frequencies = frequency_range(material.effects, locus.effect_alleles)
    studies = evidence.studies_tables(locus, material.studies, numbering, material.warned)
    estimates = (
        evidence.estimates_table(
            locus, material.estimates, inputs.level, numbering, material.warned
        )
        if material.estimates
        else None
    )
    hwe = (
        equilibrium.hardy_weinberg_table(locus, material.hwe, thresholds, numbering, inputs.level)
        if material.hwe
        else None
    )
    hwe_pooled = equilibrium.pooled_equilibrium_table(
        locus, material.hwe_pooled, numbering, inputs.level
    )
    questions = [
        _question(inputs, locus, position, material, figures, numbering, inliner)
        for position in range(len(locus.effect_alleles))
    ]
    lengths = length_section(
        inputs,
        locus,
        material.lengths,
        material.length_trend,
        material.length_effects,
        material.studies,
        [figure for figure in figures if figure.kind in LENGTH_KINDS],
        numbering,
        inliner,
    )
    return LocusSection(
        # Below it ids go on after a colon, which a locus's name cannot have.
        id=f"locus-{locus.key}",
        locus=locus,
        facts=_facts(locus),
        has_rows=bool(material.studies or material.estimates),
        findings=_findings(material.findings),
        studies=studies,
        estimates=estimates,
        hwe=hwe,
        hwe_pooled=hwe_pooled,
        questions=questions,
        lengths=lengths,
        counts_only=beside.counts_only_table(
            inputs, locus, material.pooled, material.counts_only, frequencies, numbering
        ),
        has_reported=any(whole(row["k_reported"]) for row in material.pooled),
        mixed=_mixed(material.pooled),
        published=beside.published_table(
            inputs, locus.name, locus, material.published, frequencies, numbering
        ),
        left_out=beside.left_out_table(locus, material.effects, numbering),
    )


def _facts(locus: Locus) -> list[tuple[str, str]]:
    asked = [printed_allele(allele) for allele in locus.effect_alleles]
    facts = [
        ("Gene", locus.gene),
        ("dbSNP", locus.rsid),
        ("Kind", {"snp": "two alleles", "repeat": "repeat"}.get(locus.kind, locus.kind)),
        ("Chromosome", locus.chromosome),
        ("Alleles", "/".join(locus.alleles)),
        ("Effect allele" if len(asked) == 1 else "Effect alleles", ", ".join(asked)),
        ("Name in the tables", locus.key if locus.key != locus.name else ""),
    ]
    return [fact for fact in facts if fact[1]]


def _findings(rows: Sequence[RowOf]) -> str:
    counts: dict[str, int] = {}
    for row in rows:
        severity = text(row["severity"]).lower()
        counts[severity] = counts.get(severity, 0) + 1
    return cells.listed([cells.plural(n, severity) for severity, n in counts.items()])


def _mixed(pooled: Sequence[RowOf]) -> str:
    """How many pools rest on reported estimates, and how many of them on nothing else."""
    found = [row for row in pooled if results.has_result(row)]
    mixed = [row for row in found if whole(row["k_reported"])]
    only = [row for row in mixed if whole(row["k_reported"]) == whole(row["k"])]
    of = cells.plural(len(found), "pool")
    which = f"All {of}" if len(mixed) == len(found) > 1 else f"{len(mixed)} of the {of}"
    verb = "rests" if len(mixed) == 1 else "rest"
    estimates = "odds ratios that papers report without counts"
    if len(only) == len(mixed):
        return f"{which} of this locus {verb} on {estimates} and on nothing else."
    alone = f", {len(only)} of them on nothing else" if only else ""
    return f"{which} of this locus {verb} wholly or in part on {estimates}{alone}."


def _question(
    inputs: ReportInputs,
    locus: Locus,
    position: int,
    material: Material,
    figures: Sequence[Figure],
    numbering: Numbering,
    inliner: Inliner,
) -> Question:
    effect = locus.effect_alleles[position]
    ident = f"locus-{locus.key}:{position + 1}"
    pooled = [row for row in material.pooled if text(row["effect_allele"]) == effect]
    frequency = frequency_range(material.effects, [effect])
    verdicts = [row for row in material.verdict if text(row["effect_allele"]) == effect]
    tables = results.pooled_tables(
        inputs, locus, effect, pooled, material.strata, frequency, numbering
    )
    mine = [figure for figure in figures if figure.effect_allele == effect]
    forests = [figure for figure in mine if figure.kind == "forest"]
    primary = judged_model(inputs.models, pooled)
    by_model = _figures(
        inputs, locus, effect, ident, primary, pooled, forests, material.effects, numbering, inliner
    )
    criteria = criteria_table(locus, effect, primary, verdicts, numbering)
    return Question(
        id=ident,
        allele=printed_allele(effect),
        versus=other_allele(locus, effect),
        tables=tables,
        figures=by_model,
        verdict=verdict_of(verdicts, pooled),
        primary=primary,
        criteria=criteria,
        diagnostics=_diagnostics(
            inputs, locus, effect, primary, material, mine, numbering, inliner
        ),
        nothing="" if tables else _nothing(pooled),
    )


def _diagnostics(
    inputs: ReportInputs,
    locus: Locus,
    effect: str,
    model: str,
    material: Material,
    figures: Sequence[Figure],
    numbering: Numbering,
    inliner: Inliner,
) -> list[Part]:
    if not model:
        return []
    frequency = frequency_range(material.effects, [effect], model, brief=True)
    rows = {
        name: [row for row in table if text(row["effect_allele"]) == effect]
        for name, table in material.diagnostics.items()
    }
    subject = Subject(inputs, locus, effect, model, frequency)
    return diagnostic_parts(subject, Diagnosed(rows), figures, numbering, inliner)


def _nothing(pooled: Sequence[RowOf]) -> str:
    """Why an effect allele has no result."""
    reasons = dict.fromkeys(text(row["reason"]) for row in pooled if text(row["reason"]))
    return "; ".join(reasons) or "no study answers it"


def _figures(
    inputs: ReportInputs,
    locus: Locus,
    effect: str,
    ident: str,
    primary: str,
    pooled: Sequence[RowOf],
    figures: Sequence[Figure],
    effects: Sequence[RowOf],
    numbering: Numbering,
    inliner: Inliner,
) -> list[ModelFigures]:
    models = dict.fromkeys([*inputs.models, *(figure.model for figure in figures)])
    overall = {text(row["model"]): row for row in pooled if results.is_overall(row)}
    with_figures = [m for m in models if any(figure.model == m for figure in figures)]
    configured = [OVERALL, *inputs.section("strata")]
    groups = []
    for model in with_figures:
        chosen = sorted(
            (figure for figure in figures if figure.model == model),
            key=lambda f: configured.index(f.stratifier) if f.stratifier in configured else 99,
        )
        plots = []
        frequency = frequency_range(effects, [effect], model, brief=True)
        for figure in chosen:
            number = numbering.figure()
            plots.append(
                Plot(
                    f"figure-{number}",
                    number,
                    inliner.inline(
                        figure.source(), f"f{number}", figure.alt or _alt(locus, figure, overall)
                    ),
                    figure.caption
                    or _caption(inputs, locus, figure, frequency, _origin(pooled, figure)),
                )
            )
        groups.append(
            ModelFigures(
                id=f"{ident}:{model}",
                model=model,
                compared=comparison(locus, effect, model).text,
                result=_result(overall.get(model), inputs.level),
                plots=plots,
                # The others are one click away.
                open=model == primary,
            )
        )
    return groups


def _result(row: RowOf | None, level: float) -> str:
    if row is None or not results.has_result(row):
        return "no overall result"
    ratio = str(cells.ratio(row["or"]))
    k = cells.plural(whole(row["k"]), "study", "studies")
    if results.triple(row) is None:
        return f"{k}, OR {ratio}"
    return f"{k}, OR {ratio} {cells.interval(row['ci_low'], row['ci_high'])}"


def _alt(locus: Locus, figure: Figure, overall: Mapping[str, RowOf]) -> str:
    row = overall.get(figure.model)
    said = f" Overall: {_result(row, 0.95)}." if row else ""
    return (
        f"Forest plot of {locus.name}, {figure.model} model, effect allele "
        f"{printed_allele(figure.effect_allele)}, {by_stratifier(figure.stratifier)}.{said}"
    )


def _origin(pooled: Sequence[RowOf], figure: Figure) -> str:
    """What is said of the numbers in a figure: of the overall pool and of its strata."""
    shown = (OVERALL, figure.stratifier)
    said = [
        row.get("origin", "")
        for row in pooled
        if text(row["model"]) == figure.model and text(row["stratifier"]) in shown
    ]
    return " ".join(dict.fromkeys(sentence for sentence in said if sentence))


def _caption(
    inputs: ReportInputs, locus: Locus, figure: Figure, frequency: str, origin: str
) -> str:
    """What identifies a figure, whose own notes say the rest."""
    compared = comparison(locus, figure.effect_allele, figure.model)
    return (
        f"{locus.name}, {figure.model} model, {by_stratifier(figure.stratifier)}: {compared.text}; "
        f"above 1, higher odds of {inputs.outcome} with {compared.exposed}. {frequency} {origin}"
    ).rstrip()
