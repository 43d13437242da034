"""What is known of one locus: the studies as read, and reported estimates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

from markupsafe import Markup, escape

from genopool.ratios import ratio
from genopool.report import cells, links
from genopool.report.comparison import genotypes, printed_allele
from genopool.report.inputs import REQUIRED, Locus, number, text
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.trust import Warned, marked

WHOLE = "whole study"
WHOLES = " Each row is a whole study."

_MANY_GENOTYPES = 8
_FOLDED_FROM = 12
_MANY_CARRIED = 3
_NOT_CARRIED = frozenset([*REQUIRED["studies"].split(), *REQUIRED["estimates"].split(), "sheet"])
_LONG = ("provenance", "note")
_LINKED = ("doi", "pmid")

RowOf = dict[str, Any]
NONE: Warned = MappingProxyType({})


def studies_tables(
    locus: Locus, rows: Sequence[RowOf], numbering: Numbering, warned: Warned = NONE
) -> list[Table]:
    """The counts as read: people by genotype, and chromosomes by allele where a paper gives
    those. Rows that are warned of say so."""
    tables = []
    for unit, people in (("genotype", "people"), ("allele", "chromosomes")):
        chosen = [row for row in rows if (text(row["unit"]) or "genotype") == unit]
        if chosen:
            tables.append(_counts(locus, chosen, people, numbering, warned))
    return tables


def _listed(counts: Mapping[str, float], unit: str) -> str | Markup:
    """Every count with its label; folded where they would fill a page."""
    if not counts:
        return cells.absent("not reported")
    printed = " · ".join(f"{printed_allele(n)}: {cells.count(v)}" for n, v in counts.items())
    if len(counts) <= _FOLDED_FROM:
        return printed
    return Markup("<details><summary>{}</summary>{}</details>").format(
        cells.plural(len(counts), unit), printed
    )


def _counts(
    locus: Locus, rows: Sequence[RowOf], people: str, numbering: Numbering, warned: Warned
) -> Table:
    groups: dict[tuple[str, ...], list[RowOf]] = {}
    for row in rows:
        key = tuple(
            text(row.get(c)) for c in ("file", "sheet", "study", "population", "control_group")
        )
        groups.setdefault(key, []).append(row)
    names = _in_order(locus, dict.fromkeys(text(row["genotype"]) for row in rows))
    parts = has_parts(rows)
    carried = _carried(rows)
    shared = any(text(row["control_group"]) for row in rows)
    many = len(names) > _MANY_GENOTYPES
    columns = [Column("Study"), *([Column("Population")] if parts else [])]
    columns += [Column("Control group")] if shared else []
    for side in ("Cases", "Controls"):
        columns += (
            [Column(f"by {text(rows[0]['unit']) or 'genotype'}", "note", side)]
            if many
            else [Column(printed_allele(name), "num", side) for name in names]
        )
        columns.append(Column("all", "num", side))
    columns += [*_carried_columns(carried), Column("Where", "where")]
    body = []
    for (file, sheet, study, population, control_group), members in groups.items():
        line = [marked(study, members, warned), *([population or WHOLE] if parts else [])]
        line += [control_group or cells.absent("its own controls")] if shared else []
        for side in ("cases", "controls"):
            found = {text(m["genotype"]): number(m[side]) for m in members}
            known = {name: n for name, n in found.items() if n is not None}
            if many:
                line.append(_listed(known, text(members[0]["unit"]) or "genotype"))
            else:
                line += [cells.count(found.get(name), "not reported") for name in names]
            line.append(cells.count(sum(known.values()) if known else None, "not reported"))
        lines = [text(m["row"]) for m in members if text(m["row"])]
        line += _carried_cells(members[0], carried)
        line.append(_where(members[0], _place(file, sheet, lines)))
        body.append(Row(line, notes=_said(members[0])))
    studies = len({key[2] for key in groups})
    caption = (
        f"{locus.name}: {people} counted, as read and brought to one form "
        f"({cells.plural(len(groups), 'row')}, {cells.plural(studies, 'study', 'studies')})."
        f"{'' if parts else WHOLES}"
    )
    return numbering.table(caption, columns, [Body(body)])


def has_parts(rows: Iterable[RowOf]) -> bool:
    """Whether a row describes a part of a study."""
    return any(text(row["population"]) for row in rows)


def _in_order(locus: Locus, names: Iterable[str]) -> list[str]:
    """Genotypes by copies of the first effect allele, then all others as they come."""
    effect = locus.effect_alleles[0] if locus.effect_alleles else ""
    known = genotypes(locus, effect) if effect else ()
    return sorted(names, key=lambda n: known.index(n) if n in known else len(known))


def _place(file: str, sheet: str, lines: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(lines))
    if not distinct:
        at = ""
    elif len(distinct) == 1:
        at = f", row {distinct[0]}"
    else:
        at = f", rows {distinct[0]}–{distinct[-1]}"
    return f"{file}{f', sheet {sheet}' if sheet else ''}{at}"


def _carried(rows: Iterable[RowOf], leave: frozenset[str] = _NOT_CARRIED) -> list[str]:
    """The columns carried along that say something here, long texts and links apart."""
    rows = list(rows)
    skip = leave | {*_LONG, *_LINKED}
    columns = dict.fromkeys(name for row in rows for name in row if name not in skip)
    return [name for name in columns if any(text(row.get(name)) for row in rows)]


def _carried_columns(names: Sequence[str]) -> list[Column]:
    """A column each; of many, one column for all."""
    if len(names) > _MANY_CARRIED:
        return [Column("Also stated", "note")]
    return [Column(_words(name)) for name in names]


def _carried_cells(row: RowOf, names: Sequence[str]) -> list[str | Markup]:
    if len(names) <= _MANY_CARRIED:
        return [text(row.get(name)) or cells.absent("not stated") for name in names]
    stated = [
        Markup('<span class="minor">{}</span> {}').format(_words(name).lower(), text(row[name]))
        for name in names
        if text(row.get(name))
    ]
    return [Markup(", ").join(stated) or cells.absent("nothing stated")]


def _where(row: RowOf, place: str) -> str | Markup:
    """The place in the tables, and above it the paper."""
    source = links.brief(row)
    return Markup('{} <span class="under">{}</span>').format(source, place) if source else place


def _said(row: RowOf) -> list[str]:
    """Its provenance and notes, for a footnote."""
    return [said for name in _LONG if (said := text(row.get(name)))]


def _words(column: str) -> str:
    return column.replace("_", " ").capitalize()


def estimates_table(
    locus: Locus, rows: Sequence[RowOf], level: float, numbering: Numbering, warned: Warned = NONE
) -> Table:
    """Reported estimates as printed and as turned, whether they are pooled, and why not."""
    carried, parts = _carried(rows), has_parts(rows)
    columns = [
        Column("Study"),
        *([Column("Population")] if parts else []),
        Column(cells.stacked("question", "estimate, interval"), "est", "As printed"),
        Column("adjusted", "text", "As printed"),
        Column(cells.stacked("cases", "controls"), "num", "As printed"),
        Column(
            cells.stacked("question", f"estimate, {cells.level(level)} CI"),
            "est",
            "In our direction",
        ),
        Column("Pooled"),
        *_carried_columns(carried),
        Column("Where", "where"),
    ]
    z = NormalDist().inv_cdf(0.5 + level / 2)
    body = []
    for row in rows:
        reason = text(row["reason"])
        used = text(row["used"]) == "yes"
        measure = text(row["measure"]) or "(no measure)"
        place = _place(text(row["file"]), text(row.get("sheet")), [text(row["row"])])
        line = [
            marked(text(row["study"]), [row], warned),
            *([text(row["population"]) or WHOLE] if parts else []),
            _stacked_estimate(
                _question(row["reported_effect_allele"], row["reported_model"], "not stated"),
                Markup("{} {} {}").format(
                    measure, cells.ratio(row["estimate"], "not reported"), _printed_interval(row)
                ),
            ),
            text(row["adjusted"]) or "unknown",
            cells.stacked(
                cells.count(row["n_cases"], "not reported"),
                cells.count(row["n_controls"], "not reported"),
            ),
            _stacked_estimate(*_turned(row, measure, z, reason or "not turned")),
            Markup("<b>yes</b>") if used else f"no: {reason or 'no reason given'}",
            *_carried_cells(row, carried),
            _where(row, place),
        ]
        notes = [*([reason] if used and reason else []), *_said(row)]
        body.append(Row(line, "" if used else "unused", notes=notes))
    used = sum(text(row["used"]) == "yes" for row in rows)
    caption = (
        f"{locus.name}: estimates that papers report without counts, as printed and as turned to "
        f"the configured effect allele; {used} of {len(rows)} pooled.{'' if parts else WHOLES}"
    )
    return numbering.table(caption, columns, [Body(body)])


def _question(allele: Any, model: Any, reason: str) -> str | Markup:
    words = [printed_allele(text(allele)), text(model)]
    return " ".join(word for word in words if word) or cells.absent(reason)


def _printed_interval(row: RowOf) -> str | Markup:
    printed = cells.interval(row["ci_low"], row["ci_high"], "interval not reported")
    level = number(row["level"])
    if level is None or level == 0.95:
        return printed
    return escape(printed) + f" at {cells.level(level)}"


def _turned(row: RowOf, measure: str, z: float, reason: str) -> tuple[str | Markup, str | Markup]:
    """The question in our direction, and the estimate with its interval."""
    question = _question(row["effect_allele"], row["model"], reason)
    estimate, se = number(row["log_estimate"]), number(row["se"])
    if estimate is None:
        return question, cells.absent(reason)
    shown = cells.ratio(ratio(estimate))
    if se is None:
        limits: str | Markup = cells.absent("no standard error")
    else:
        limits = cells.interval(ratio(estimate - z * se), ratio(estimate + z * se))
    return question, Markup("{} {} {}").format(measure, shown, limits)


def _stacked_estimate(question: str | Markup, estimate: str | Markup) -> str | Markup:
    """The estimate below the question that it answers."""
    if question == estimate and cells.is_absent(question):
        return question
    return Markup('{} <span class="value">{}</span>').format(question, estimate)
