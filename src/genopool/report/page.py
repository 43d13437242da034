"""The report: one HTML file that holds everything it shows."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from genopool.report import beside, cells, diagnostics, front, provenance, trust
from genopool.report.account import account
from genopool.report.comparison import favours
from genopool.report.fonts import font_faces
from genopool.report.inputs import ReportInputs, by_locus, records, text
from genopool.report.layout import Body as TableBody
from genopool.report.layout import Column, Numbering, Row, Table
from genopool.report.loci import Material, locus_section
from genopool.report.methods import methods
from genopool.report.published import Match, match
from genopool.report.references import method_references, study_references
from genopool.report.summary import legend, summary_table
from genopool.report.svg import Inliner
from genopool.report.truth import truth_section
from genopool.report.verdicts import verdict_table

_HERE = Path(__file__).parent


def render_report(inputs: ReportInputs) -> str:
    """Render the report.

    The same inputs give the same bytes: it carries no clock time and nothing random.

    Parameters
    ----------
    inputs : ReportInputs
        What to show.

    Returns
    -------
    str
        The page. Write it as UTF-8.

    Raises
    ------
    ValueError
        If the account has a row that is neither used nor not used, or a figure is not an SVG.
    """
    rows = {
        name: records(getattr(inputs, name))
        for name in (
            "studies",
            "estimates",
            "integrity",
            "checks",
            "hwe",
            "hwe_pooled",
            "effects",
            "pooled",
            "strata",
            "account",
            "published",
            "pooled_counts_only",
            "lengths",
            "length_trend",
            "length_effects",
            "truth",
            "verdict",
            *diagnostics.TABLES,
        )
    }
    provenance.mark(rows, everything=inputs.simulated)
    trust.anchor(rows["integrity"])
    numbering, inliner = Numbering(), Inliner()
    read = account(rows["account"], inputs.loci)
    account_tables = front.account_tables(read, inputs.loci, numbering)
    trusted = trust.verdict(rows["integrity"], rows["checks"], read.total.studies)
    checks = trust.checks_table(rows["checks"], numbering)
    findings = trust.findings(rows["integrity"], numbering)
    verdicts = verdict_table(
        inputs, rows["verdict"], rows["pooled"], rows["multiplicity"], numbering
    )
    summary = summary_table(inputs, rows["pooled"], by_locus(rows["effects"]), numbering)
    truth = truth_section(
        inputs,
        rows["truth"],
        rows["pooled"],
        numbering,
        rows["lengths"],
        rows["length_trend"],
    )
    matches = match(rows["published"], rows["pooled"], inputs.loci)
    sections = _sections(inputs, rows, matches, numbering, inliner)
    known = {locus.key for locus in inputs.loci}
    elsewhere = beside.published_table(
        inputs,
        "Loci that are not configured",
        None,
        [m for m in matches if text(m.row["locus"]) not in known],
        "",
        numbering,
    )
    method = methods(inputs)
    values: dict[str, Any] = {
        "title": inputs.title,
        "outcome": inputs.outcome,
        "version": inputs.software.get("genopool", ""),
        "account": read,
        "account_tables": account_tables,
        "summary": summary,
        "legend": legend(rows["pooled"]),
        "trusted": trusted,
        "verdicts": verdicts,
        "checks": checks,
        "findings": findings,
        "simulated": inputs.simulated,
        "truth": truth,
        "sections": sections,
        "elsewhere": elsewhere,
        "methods": method.paragraphs,
        "method_caution": method.caution,
        "method_references": method_references(method.references),
        "study_references": study_references([*rows["studies"], *rows["estimates"]], "study"),
        "published_references": study_references(rows["published"], "meta_analysis"),
        "software": _software(inputs, numbering),
        "inputs": _inputs(inputs, numbering),
        "configuration": inputs.configuration_text,
        "favours": favours(inputs.outcome),
        "plural": cells.plural,
        "level": cells.level(inputs.level),
    }
    # Last, since only now is it known which colours and characters the figures have.
    values["style"] = _style(inliner)
    return _environment().get_template("report.html").render(values)


def _sections(
    inputs: ReportInputs,
    rows: dict[str, list[dict[str, Any]]],
    matches: list[Match],
    numbering: Numbering,
    inliner: Inliner,
) -> list[Any]:
    grouped = {name: by_locus(table) for name, table in rows.items() if name != "checks"}
    warned = trust.marks(rows["integrity"])
    published: dict[str, list[Match]] = {}
    for found in matches:
        published.setdefault(text(found.row["locus"]), []).append(found)
    sections = []
    for locus in inputs.loci:
        of = {name: groups.get(locus.key, []) for name, groups in grouped.items()}
        material = Material(
            studies=of["studies"],
            estimates=of["estimates"],
            findings=of["integrity"],
            hwe=of["hwe"],
            hwe_pooled=of["hwe_pooled"],
            effects=of["effects"],
            pooled=of["pooled"],
            counts_only=of["pooled_counts_only"],
            strata=of["strata"],
            published=published.get(locus.key, []),
            lengths=of["lengths"],
            length_trend=of["length_trend"],
            length_effects=of["length_effects"],
            verdict=of["verdict"],
            diagnostics={name: of[name] for name in diagnostics.TABLES},
            warned=warned,
        )
        figures = inputs.figures.get(locus.key, ())
        sections.append(locus_section(inputs, locus, material, figures, numbering, inliner))
    return sections


def _software(inputs: ReportInputs, numbering: Numbering) -> Table:
    rows = [Row([name, version]) for name, version in inputs.software.items()]
    columns = [Column("Software"), Column("Version")]
    return numbering.table("Software that made this report.", columns, [TableBody(rows)])


def _inputs(inputs: ReportInputs, numbering: Numbering) -> Table:
    rows = [
        Row([str(path), Markup('<code class="hash">{}</code>').format(digest)])
        for path, digest in inputs.inputs
    ]
    columns = [Column("File"), Column("SHA-256")]
    return numbering.table("Files that were read, with their SHA-256.", columns, [TableBody(rows)])


def _style(inliner: Inliner) -> Markup:
    sheet = (_HERE / "report.css").read_text(encoding="utf-8")
    sheet = sheet.replace("/* light figures */", inliner.palette("light"))
    sheet = sheet.replace("/* dark figures */", inliner.palette("dark"))
    return Markup("\n".join([font_faces(inliner.characters), sheet, inliner.rules()]))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
