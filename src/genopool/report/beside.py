"""What is set beside our pools: those of counts alone, published ones, and rows left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from genopool.config import OVERALL
from genopool.report import cells, glyphs, links, provenance
from genopool.report.comparison import comparison, favours, printed_allele, stratifier_name
from genopool.report.inputs import Locus, ReportInputs, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.published import Match
from genopool.report.results import (
    has_result,
    interval_heading,
    is_overall,
    model_cell,
    studies_cell,
    triple,
)

RowOf = dict[str, Any]


def counts_only_table(
    inputs: ReportInputs,
    locus: Locus,
    pooled: Sequence[RowOf],
    counts_only: Sequence[RowOf],
    frequencies: str,
    numbering: Numbering,
) -> Table | None:
    """The pools that rest partly on reported estimates, beside those of counts alone.

    None where no such pool has any counts.
    """
    without = {_key(row): row for row in counts_only if has_result(row)}
    mixed = [row for row in pooled if has_result(row) and whole(row["k_reported"])]
    mixed = [row for row in mixed if _key(row) in without]
    if not mixed:
        return None
    ci = interval_heading(inputs)
    columns = [
        Column("Question"),
        Column("Stratum"),
        Column("studies", "num", "With reported estimates"),
        Column("reported", "num", "With reported estimates"),
        Column("OR", "num", "With reported estimates"),
        Column(ci, "ci", "With reported estimates"),
        Column("studies", "num", "Counts only"),
        Column("OR", "num", "Counts only"),
        Column(ci, "ci", "Counts only"),
    ]
    lines = []
    for row in mixed:
        other = without[_key(row)]
        allele = printed_allele(text(row["effect_allele"]))
        lines.append(
            Row(
                [
                    Markup("{} {}").format(allele, model_cell(locus, row)),
                    _stratum(row),
                    studies_cell(row),
                    str(whole(row["k_reported"])),
                    cells.ratio(row["or"]),
                    cells.interval(row["ci_low"], row["ci_high"], text(row["reason"])),
                    studies_cell(other),
                    cells.ratio(other["or"]),
                    cells.interval(other["ci_low"], other["ci_high"], text(other["reason"])),
                ],
                notes=[note for note in (row.get("origin"), other.get("origin")) if note],
            )
        )
    caption = (
        f"{locus.name}: the pools that include reported estimates, beside the pools of genotype "
        f"counts alone. {favours(inputs.outcome)} {frequencies}"
    )
    return numbering.table(caption, columns, [Body(lines)])


def _key(row: RowOf) -> tuple[str, ...]:
    return tuple(text(row[c]) for c in ("locus", "effect_allele", "model", "stratifier", "stratum"))


def _stratum(row: RowOf) -> str:
    if is_overall(row):
        return OVERALL
    return f"{stratifier_name(text(row['stratifier']))}: {text(row['stratum'])}"


def published_table(
    inputs: ReportInputs,
    title: str,
    locus: Locus | None,
    matches: Sequence[Match],
    frequencies: str,
    numbering: Numbering,
) -> Table | None:
    """Pools that earlier meta-analyses printed, beside ours."""
    if not matches:
        return None
    drawn: list[tuple[float, float, float]] = []
    for m in matches:
        drawn += [m.estimate] if m.estimate else []
        drawn += [t] if m.ours is not None and (t := triple(m.ours)) else []
    scale = glyphs.scale(drawn)
    ci = interval_heading(inputs)
    columns = [
        Column("Meta-analysis", "where"),
        Column("question", "note", "Published"),
        Column("studies", "num", "Published"),
        Column("OR", "num", "Published"),
        Column("CI", "ci", "Published"),
        Column(glyphs.axis(scale), "plot"),
        Column("studies", "num", "Ours"),
        Column("OR", "num", "Ours"),
        Column(ci, "ci", "Ours"),
        Column("question", "note", "Ours"),
    ]
    lines = [_published_row(locus, m, scale) for m in matches]
    matched = sum(m.ours is not None for m in matches)
    caption = (
        f"{title}: pooled odds ratios that earlier meta-analyses printed, beside ours; {matched} "
        f"of {len(matches)} match a pool of ours. Where one names the other allele, the line below "
        "has it turned. Drawn: theirs above in outline, ours below, filled. "
        f"{favours(inputs.outcome)} {frequencies}"
    )
    return numbering.table(caption, columns, [Body(lines)])


def _published_row(locus: Locus | None, m: Match, scale: glyphs.Scale) -> Row:
    row = m.row
    name, year = text(row["meta_analysis"]), text(row.get("year"))
    if year and year not in name:
        name = f"{name} ({year})"
    question: str | Markup = f"{printed_allele(text(row['effect_allele']))} {text(row['model'])}"
    ratio = cells.ratio(row["or"], "not printed")
    limits = cells.interval(row["ci_low"], row["ci_high"], "not printed")
    if m.turned and m.estimate:
        below = f"turned: {printed_allele(m.effect_allele)} {m.model}"
        question = _two_lines(question, below)
        ratio = cells.stacked(ratio, cells.ratio(m.estimate[0]))
        limits = cells.stacked(limits, cells.interval(*m.estimate[1:]))
    ours = triple(m.ours) if m.ours is not None else None
    drawn = [(t, s) for t, s in ((m.estimate, "theirs"), (ours, "ours")) if t]
    line = [
        _two_lines(
            name or cells.absent("no name given"),
            links.brief(row) or cells.absent("no DOI or PMID given"),
        ),
        _two_lines(question, text(row.get("subgroup")) or cells.absent("no subgroup given")),
        cells.count(row.get("k"), "not printed"),
        ratio,
        limits,
        glyphs.mark(scale, *(t for t, _ in drawn), styles=tuple(s for _, s in drawn))
        if drawn
        else cells.absent(m.why),
    ]
    if m.ours is None or locus is None:
        line += [cells.absent(m.why)] * 3 + [f"no match: {m.why}"]
    else:
        line += [
            studies_cell(m.ours),
            cells.ratio(m.ours["or"]),
            cells.interval(m.ours["ci_low"], m.ours["ci_high"], text(m.ours["reason"])),
            _two_lines(
                f"{m.model}, {_stratum(m.ours)}", comparison(locus, m.effect_allele, m.model).text
            ),
        ]
    origin = m.ours.get("origin", "") if m.ours is not None else ""
    notes = [note for note in (text(row.get("note")), origin) if note]
    return Row(line, "" if m.ours is not None else "unused", notes=notes)


def _two_lines(above: str | Markup, below: str | Markup) -> Markup:
    return Markup('{} <span class="under">{}</span>').format(above, below)


def left_out_table(locus: Locus, effects: Iterable[RowOf], numbering: Numbering) -> Table | None:
    """Rows that could have entered a pool and did not, with the pools and the reason."""
    groups: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for row in effects:
        if text(row["used"]) != "no" or provenance.combined_with(row):
            continue
        key = (text(row["study"]), text(row["population"]), text(row["reason"]))
        question = f"{printed_allele(text(row['effect_allele']))} {text(row['model'])}"
        groups.setdefault(key, {}).setdefault(question, []).append(_stratum(row))
    if not groups:
        return None
    lines = []
    for (study, population, reason), questions in groups.items():
        by_strata: dict[tuple[str, ...], list[str]] = {}
        for question, strata in questions.items():
            by_strata.setdefault(tuple(dict.fromkeys(strata)), []).append(question)
        pools = "; ".join(
            f"{', '.join(asked)} ({', '.join(strata)})" for strata, asked in by_strata.items()
        )
        lines.append(
            Row([study, population or "whole study", reason or cells.absent("none given"), pools])
        )
    columns = [Column("Study"), Column("Population"), Column("Reason", "note")]
    columns.append(Column("Left out of", "note"))
    caption = f"{locus.name}: rows that could have entered a pool and did not."
    return numbering.table(caption, columns, [Body(lines)])
