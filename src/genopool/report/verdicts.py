"""What can be concluded, and by which criteria: of all loci together, and of one effect allele."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from genopool.association.models import primary_model
from genopool.config import OVERALL
from genopool.report import cells
from genopool.report.comparison import by_stratifier, favours, printed_allele
from genopool.report.diagnostic_words import CONCLUSIONS
from genopool.report.inputs import Locus, ReportInputs, text, whole
from genopool.report.layout import Body, Column, Numbering, Row, Table
from genopool.report.results import has_result, interval_heading, is_overall

RowOf = dict[str, Any]
ALL_MODELS = "all"
STATEMENT = "statement"
CRITERIA = {
    "amount": "Amount of evidence",
    "replication": "Replication",
    "protection_from_bias": "Protection from bias",
    "overall": "Overall",
}


@dataclass(frozen=True)
class Verdict:
    """What is said of one effect allele.

    Attributes
    ----------
    conclusion, statement : str
        Of everybody.
    strata : sequence of (str, str, str)
        Stratum, conclusion and statement.
    """

    conclusion: str
    statement: str
    strata: Sequence[tuple[str, str, str]]


def judged_model(models: Sequence[str], pooled: Sequence[RowOf]) -> str:
    """The primary model by the rows of `pooled` of one effect allele; blank if there is none."""
    studies = {text(row["model"]): whole(row["k"]) for row in pooled if is_overall(row)}
    return primary_model(models, studies)


def verdict_table(
    inputs: ReportInputs,
    verdicts: Sequence[RowOf],
    pooled: Sequence[RowOf],
    multiplicity: Sequence[RowOf],
    numbering: Numbering,
) -> Table | None:
    """One line for every locus and effect allele: conclusion, odds ratio and grades, overall.

    None where no verdict was asked for, or nothing was pooled.
    """
    lines = []
    for locus in inputs.loci:
        for effect in locus.effect_alleles or [""]:
            mine = [_rows_of(rows, locus, effect) for rows in (verdicts, pooled, multiplicity)]
            said, found, adjusted = mine
            model = judged_model(inputs.models, found)
            if said and model:
                lines.append(_line(locus, effect, model, said, found, adjusted))
    if not lines:
        return None
    columns = [
        Column("Locus"),
        Column("Conclusion"),
        Column("OR", "num", "Primary model"),
        Column(interval_heading(inputs), "ci", "Primary model"),
        Column("p", "num", "Primary model"),
        Column("adjusted", "num", "Smallest p of all models"),
        Column("q over loci", "num", "Smallest p of all models"),
        Column(cells.stacked("Credibility", "Venice grades")),
    ]
    caption = (
        "What can be concluded, overall. The primary model is the first configured one of those "
        "that most studies answer, whatever its p; smallest p-values are adjusted for the models "
        f"looked at, and q-values for the loci. {favours(inputs.outcome)} Grades A to C of the "
        "Venice criteria (Ioannidis 2008) are for the amount of evidence, replication and "
        "protection from bias; the reasons stand in the section of the locus."
    )
    return numbering.table(caption, columns, [Body(lines)])


def _rows_of(rows: Sequence[RowOf], locus: Locus, effect: str) -> list[RowOf]:
    return [
        row
        for row in rows
        if text(row["locus"]) == locus.key
        and text(row["effect_allele"]) == effect
        and is_overall(row)
    ]


def _line(
    locus: Locus,
    effect: str,
    model: str,
    said: Sequence[RowOf],
    pooled: Sequence[RowOf],
    multiplicity: Sequence[RowOf],
) -> Row:
    grades = {text(row["criterion"]): row for row in said if text(row["model"]) == model}
    statement = next((row for row in said if _is_statement(row, ALL_MODELS)), None)
    row = next(row for row in pooled if text(row["model"]) == model)
    why = text(row["reason"]) or "does not exist for this pool"
    smallest = _smallest(multiplicity)
    heading = Markup('<a href="#locus-{}">{}</a>').format(locus.key, locus.name)
    if effect:
        heading += f": {printed_allele(effect)}"
    heading += Markup(' <span class="under">{}</span>').format(f"{model} model")
    return Row(
        [
            heading,
            _conclusion(statement) if statement else cells.absent("no statement"),
            cells.ratio(row["or"], why),
            cells.interval(row["ci_low"], row["ci_high"], why),
            cells.p_value(row["p_value"], why),
            _of_model(smallest, pooled),
            cells.p_value(smallest.get("q_value"), "no adjusted p-value"),
            _grades(grades),
        ]
    )


def _smallest(multiplicity: Sequence[RowOf]) -> RowOf:
    tested = [row for row in multiplicity if row["p_adjusted"] is not None]
    return min(tested, key=lambda row: row["p_adjusted"], default={})


def _grade(row: RowOf | None) -> str | Markup:
    if row is None or not text(row["grade"]):
        return cells.absent(text(row["reason"]) if row else "not graded")
    return text(row["grade"])


def _of_model(smallest: RowOf, pooled: Sequence[RowOf]) -> str | Markup:
    """The smallest adjusted p, and below it whose it is."""
    p = cells.p_value(smallest.get("p_adjusted"), "no adjusted p-value")
    if not smallest:
        return p
    model = text(smallest["model"])
    k = next(whole(row["k"]) for row in pooled if text(row["model"]) == model)
    return cells.stacked(p, f"{model}, {cells.plural(k, 'study', 'studies')}")


def _grades(graded: Mapping[str, RowOf]) -> str | Markup:
    """The overall grade, and below it the three that it is made of."""
    letters = " ".join(str(_letter(graded.get(name))) for name in list(CRITERIA)[:3])
    return cells.stacked(_grade(graded.get("overall")), letters)


def _letter(row: RowOf | None) -> str:
    return text(row["grade"]) if row and text(row["grade"]) else "–"


def _conclusion(row: RowOf) -> str:
    return CONCLUSIONS[text(row["grade"])]


def _is_statement(row: RowOf, model: str) -> bool:
    return text(row["criterion"]) == STATEMENT and text(row["model"]) == model


def verdict_of(verdicts: Sequence[RowOf], pooled: Sequence[RowOf]) -> Verdict | None:
    """The statements about one effect allele; None where there are none.

    Parameters
    ----------
    verdicts, pooled : sequence of dict
        Rows of `verdict` and `pooled` of this effect allele.
    """
    statements = [row for row in verdicts if _is_statement(row, ALL_MODELS)]
    if not statements or not any(has_result(row) for row in pooled):
        return None
    overall = next((row for row in statements if is_overall(row)), None)
    strata = [
        (_stratum(row), _conclusion(row), text(row["text"]))
        for row in statements
        if not is_overall(row)
    ]
    return Verdict(
        conclusion=_conclusion(overall) if overall else "",
        statement=text(overall["text"]) if overall else "",
        strata=strata,
    )


def _stratum(row: RowOf) -> str:
    return f"{text(row['stratum'])} ({by_stratifier(text(row['stratifier']))})"


def criteria_table(
    locus: Locus, effect: str, model: str, verdicts: Sequence[RowOf], numbering: Numbering
) -> Table | None:
    """The Venice criteria of one effect allele and model, overall and by stratum, with reasons."""
    pools: dict[tuple[str, str], dict[str, RowOf]] = {}
    for row in verdicts:
        if text(row["model"]) == model and text(row["criterion"]) in CRITERIA:
            key = text(row["stratifier"]), text(row["stratum"])
            pools.setdefault(key, {})[text(row["criterion"])] = row
    if not pools:
        return None
    bodies = []
    for stratifier in dict.fromkeys(name for name, _ in pools):
        lines = []
        for (name, stratum), graded in pools.items():
            if name == stratifier:
                label = "Everybody" if name == OVERALL else stratum
                lines.append(Row([label, *(_reasoned(graded.get(c)) for c in CRITERIA)]))
        bodies.append(Body(lines, "" if stratifier == OVERALL else by_stratifier(stratifier)))
    columns = [
        Column("Studies of"),
        *(Column(label, "note") for label in CRITERIA.values()),
    ]
    caption = (
        f"{locus.name}, effect allele {printed_allele(effect)}, {model} model: the Venice criteria "
        "for the credibility of a genetic association (Ioannidis 2008), with what each grade "
        "rests on. They grade evidence for an association; a result that shows none is C for "
        "replication."
    )
    return numbering.table(caption, columns, bodies)


def _reasoned(row: RowOf | None) -> str | Markup:
    grade = _grade(row)
    said = text(row["text"]) if row else ""
    if not said:
        return grade
    return Markup('<strong>{}</strong> <span class="why">{}</span>').format(grade, said)
