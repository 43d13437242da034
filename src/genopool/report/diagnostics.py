"""Whether a pooled result can be believed: the diagnostics of one effect allele."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from genopool.config import OVERALL
from genopool.ratios import ratio
from genopool.report import cells
from genopool.report.comparison import by_stratifier, comparison, printed_allele
from genopool.report.diagnostic_words import FIGURES, QUANTITIES, SMALL_STUDY_TESTS
from genopool.report.inputs import Figure, Locus, ReportInputs, number, text, whole
from genopool.report.layout import Body, Column, Numbering, Plot, Row, Table
from genopool.report.results import interval_heading
from genopool.report.svg import Inliner

RowOf = dict[str, Any]
TABLES = (
    "sensitivity",
    "influence",
    "small_study",
    "metaregression",
    "multiplicity",
    "credibility",
)


@dataclass(frozen=True)
class Part:
    """One question about a result: what is said of it, its tables and its figures, folded away."""

    heading: str
    said: str
    tables: Sequence[Table]
    plots: Sequence[Plot]


@dataclass(frozen=True)
class Diagnosed:
    """The rows of the tables of diagnostics that are about one effect allele."""

    rows: Mapping[str, Sequence[RowOf]] = field(default_factory=dict)

    def of(self, table: str, model: str, stratifier: str = OVERALL) -> list[RowOf]:
        """Rows of one model and stratifier."""
        return [
            row
            for row in self.rows.get(table, ())
            if text(row["model"]) == model and text(row["stratifier"]) == stratifier
        ]


@dataclass(frozen=True)
class Subject:
    """What the tables and figures of a section are about."""

    inputs: ReportInputs
    locus: Locus
    effect: str
    model: str
    frequency: str

    def caption(self, what: str, more: str = "") -> str:
        """A caption that says what is compared, in whom, and which side of 1 means what."""
        compared = comparison(self.locus, self.effect, self.model)
        said = (
            f"{self.locus.name}, {self.model} model, overall: {compared.text}. {what} Above 1: "
            f"higher odds of {self.inputs.outcome} with {compared.exposed}; below 1: lower odds. "
            f"{self.frequency} {more}"
        )
        return " ".join(said.split())


def diagnostic_parts(
    subject: Subject,
    diagnosed: Diagnosed,
    figures: Sequence[Figure],
    numbering: Numbering,
    inliner: Inliner,
) -> list[Part]:
    """The diagnostics of one effect allele's primary model, question by question.

    Parameters
    ----------
    subject : Subject
    diagnosed : Diagnosed
    figures : sequence of Figure
        Of this effect allele, any kind and model.
    numbering : Numbering
    inliner : Inliner

    Returns
    -------
    list of Part
        Those that have a table or a figure.
    """
    makers: list[tuple[str, Callable[..., tuple[str, list[Table]]], tuple[str, ...]]] = [
        (
            "Does it hang on one study, or on a choice of method?",
            _sensitivity,
            ("leave_one_out", "cumulative", "influence_panel", "gosh", "specification_curve"),
        ),
        ("Could small studies explain it?", _small_study, ("funnel",)),
        (
            "Why do studies differ?",
            _differences,
            ("bubble", "baujat", "galbraith", "labbe", "ternary"),
        ),
        (
            "Could it be chance?",
            _chance,
            ("drapery", "sequential"),
        ),
    ]
    parts = []
    for heading, make, kinds in makers:
        said, tables = make(subject, diagnosed, numbering)
        chosen = [f for kind in kinds for f in figures if f.kind == kind]
        plots = [_plot(subject, figure, numbering, inliner) for figure in _shown(subject, chosen)]
        missing = _not_drawn(subject, chosen)
        if tables or plots or said:
            parts.append(Part(heading, f"{said} {missing}".strip(), tables, plots))
    return parts


def _shown(subject: Subject, figures: Iterable[Figure]) -> list[Figure]:
    """Those of the primary model, and those that are of no one model."""
    return [f for f in figures if f.model in (subject.model, "genotypes") and not f.reason]


def _not_drawn(subject: Subject, figures: Iterable[Figure]) -> str:
    """Which kinds of figures there are none of, with why."""
    reasons: dict[str, list[str]] = {}
    for figure in figures:
        if figure.reason and figure.model in (subject.model, "genotypes"):
            reasons.setdefault(figure.reason, []).append(FIGURES[figure.kind].lower())
    if not reasons:
        return ""
    said = "; ".join(f"{cells.listed(names)} ({why})" for why, names in reasons.items())
    return f"Not drawn: {said}."


def _plot(subject: Subject, figure: Figure, numbering: Numbering, inliner: Inliner) -> Plot:
    place = numbering.figure()
    said = f"{FIGURES[figure.kind]}, {by_stratifier(figure.stratifier)}."
    if figure.model == "genotypes":
        caption = f"{subject.locus.name}, effect allele {printed_allele(subject.effect)}: {said}"
    else:
        caption = subject.caption(said)
    alt = figure.alt or f"{subject.locus.name}, {subject.model} model: {said}"
    svg = inliner.inline(figure.source(), f"f{place}", alt)
    return Plot(f"figure-{place}", place, svg, figure.caption or caption)


def _why(row: RowOf) -> str:
    return text(row["reason"]) or "does not exist here"


def _notes(*said: str) -> list[str]:
    return [words[:1].upper() + words[1:].rstrip(".") + "." for words in said if words]


def _pooled_columns(inputs: ReportInputs) -> list[Column]:
    return [
        Column("Studies", "num"),
        Column("OR", "num"),
        Column(interval_heading(inputs), "ci"),
        Column("p", "num"),
        Column("I²", "num"),
    ]


def _pooled_cells(row: RowOf) -> list[str | Markup]:
    why = _why(row)
    return [
        cells.count(row["k"], why),
        cells.ratio(row["or"], why),
        cells.interval(row["ci_low"], row["ci_high"], why),
        cells.p_value(row["p_value"], why),
        cells.percent(row["i2"], why),
    ]


def _sensitivity(
    subject: Subject, diagnosed: Diagnosed, numbering: Numbering
) -> tuple[str, list[Table]]:
    rows = diagnosed.of("sensitivity", subject.model)
    tables = []
    lines = list(_sensitivity_lines(rows))
    if lines:
        columns = [Column("Analysis"), *_pooled_columns(subject.inputs)]
        caption = subject.caption("The pooled result again, with other studies or another method.")
        tables.append(numbering.table(caption, columns, [Body(lines)]))
    influence = diagnosed.of("influence", subject.model)
    if any(number(row["rstudent"]) is not None for row in influence):
        tables.append(_influence_table(subject, influence, numbering))
    return _alone(rows), tables


def _alone(rows: Sequence[RowOf]) -> str:
    """Why nothing could be left out, for a result of one study."""
    reasons = {
        text(row["reason"]) for row in rows if not whole(row["k"]) and _is(row, "leave_one_out")
    }
    said = "; ".join(sorted(reason for reason in reasons if reason))
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _is(row: RowOf, *analyses: str) -> bool:
    return text(row["analysis"]) in analyses


def _sensitivity_lines(rows: Sequence[RowOf]) -> Iterable[Row]:
    """The two ends of what leaving studies out does, and one line each of the rest."""
    without = [r for r in rows if _is(r, "leave_one_out") and number(r["or"]) is not None]
    ends = _ends(without)
    for row, which in ends:
        label = f"Without {text(row['left_out'])} ({which} of {len(without)} left out in turn)"
        yield Row([label, *_pooled_cells(row)])
    named = {
        "leave_two_out_lowest": "Without {} (lowest of all pairs)",
        "leave_two_out_highest": "Without {} (highest of all pairs)",
        "without_hwe_departure": "Without studies out of Hardy-Weinberg equilibrium: {}",
        "hwe_adjusted": "Adjusted for departures from Hardy-Weinberg equilibrium",
        "counts_only": "Without reported estimates",
    }
    for analysis, label in named.items():
        for row in rows:
            if _is(row, analysis) and (number(row["or"]) is not None or text(row["reason"])):
                left_out = cells.listed(text(row["left_out"]).split("; "))
                words = label.format(left_out).rstrip(": ")
                yield Row([words, *_pooled_cells(row)], notes=_notes(text(row["reason"])), noted=0)
    specified = [r for r in rows if text(r["analysis"]).startswith("tau2=")]
    found = [r for r in specified if number(r["or"]) is not None]
    for row in found:
        if text(row["analysis"]).startswith("tau2=EE,"):
            yield Row(["Equal (fixed) effects", *_pooled_cells(row)])
    for row, which in _ends(found):
        words = f"{_specification(row)} ({which} odds ratio of {len(found)} methods)"
        yield Row([words, *_pooled_cells(row)])
    narrow = [r for r in found if number(r["p_value"]) is not None]
    if len(narrow) > 1:
        least = max(narrow, key=lambda r: number(r["p_value"]) or 0.0)
        yield Row(
            [
                f"{_specification(least)} (largest p of {len(narrow)} methods)",
                *_pooled_cells(least),
            ]
        )


def _ends(rows: Sequence[RowOf]) -> list[tuple[RowOf, str]]:
    if len(rows) < 2:
        return [(row, "lowest") for row in rows]
    by_ratio = sorted(rows, key=lambda row: number(row["or"]) or 0.0)
    return [(by_ratio[0], "lowest"), (by_ratio[-1], "highest")]


def _specification(row: RowOf) -> str:
    tau2, _, interval = text(row["analysis"]).partition(",")
    return f"{tau2.removeprefix('tau2=')} with {interval.removeprefix('interval=')} interval"


def _influence_table(subject: Subject, rows: Sequence[RowOf], numbering: Numbering) -> Table:
    columns = [
        Column("Study"),
        Column("Weight", "num"),
        Column("Studentised residual", "num"),
        Column("DFFITS", "num"),
        Column("Cook's distance", "num"),
        Column("Covariance ratio", "num"),
        Column("tau²", "num", "Without it"),
        Column("Q", "num", "Without it"),
    ]
    lines = []
    for row in rows:
        why = _why(row)
        population = text(row["population"])
        name = text(row["study"]) + (f" ({population})" if population else "")
        marked = text(row["is_influential"]) == "yes"
        label = Markup("{}{}").format(
            name, Markup(' <span class="chip">influential</span>') if marked else ""
        )
        lines.append(
            Row(
                [
                    label,
                    cells.percent(row["weight"], why),
                    cells.fixed(row["rstudent"], 2, why),
                    cells.fixed(row["dffits"], 2, why),
                    cells.fixed(row["cook_d"], 3, why),
                    cells.fixed(row["cov_r"], 2, why),
                    cells.variance(row["tau2_del"], why),
                    cells.fixed(row["q_del"], 2, why),
                ]
            )
        )
    caption = subject.caption("What each study does to the pooled log odds ratio.")
    return numbering.table(caption, columns, [Body(lines)])


def _small_study(
    subject: Subject, diagnosed: Diagnosed, numbering: Numbering
) -> tuple[str, list[Table]]:
    rows = diagnosed.of("small_study", subject.model)
    tested = [row for row in rows if text(row["test"]) in SMALL_STUDY_TESTS]
    if not tested:
        reasons = dict.fromkeys(_notes(*(text(row["reason"]) for row in rows)))
        return " ".join(reasons), []
    lines = []
    for row in tested:
        why = _why(row)
        name = SMALL_STUDY_TESTS[text(row["test"])]
        read_first = text(row.get("recommended")) == "yes"
        label = Markup("{}{}").format(
            name, Markup(' <span class="chip">read this one</span>') if read_first else ""
        )
        adjusted = [exponential(row[c]) for c in ("adjusted_log_or", "ci_low", "ci_high")]
        filled = row["k_filled"]
        lines.append(
            Row(
                [
                    label,
                    cells.count(row["k"], why),
                    cells.p_value(row["p_value"], "not a test" if adjusted[0] else why),
                    cells.ratio(adjusted[0], why if number(row["p_value"]) is None else "a test"),
                    cells.interval(adjusted[1], adjusted[2], "a test" if not adjusted[0] else why),
                    cells.count(filled, "nothing is filled in"),
                ],
                notes=_notes(text(row["reason"]), text(row["caution"])),
                noted=0,
            )
        )
    columns = [
        Column("Test or adjustment"),
        Column("Studies", "num"),
        Column("p", "num"),
        Column("Adjusted OR", "num"),
        Column(interval_heading(subject.inputs), "ci"),
        Column("Studies filled in", "num"),
    ]
    caption = subject.caption(
        "Whether small studies find other odds ratios than large ones, and the pooled odds ratio "
        "if they did not. One test was chosen before looking at any; the smallest p of many is no "
        "evidence."
    )
    return "", [numbering.table(caption, columns, [Body(lines)])]


def exponential(value: Any) -> float | None:
    """The odds ratio of a log odds ratio, None for a blank."""
    found = number(value)
    return None if found is None else ratio(found)


def _differences(
    subject: Subject, diagnosed: Diagnosed, numbering: Numbering
) -> tuple[str, list[Table]]:
    rows = diagnosed.of("metaregression", subject.model)
    fitted = [row for row in rows if text(row["term"])]
    missing: dict[str, list[str]] = {}
    for row in rows:
        if not text(row["term"]) and text(row["reason"]):
            names = missing.setdefault(text(row["reason"]), [])
            if text(row["moderator"]) != "all":
                names.append(text(row["moderator"]).replace("_", " "))
    said = " ".join(
        f"No regression on {cells.listed(names)}: {why}." if names else f"No regression: {why}."
        for why, names in missing.items()
    )
    if not fitted:
        return said, []
    bodies = []
    for moderator in dict.fromkeys(text(row["moderator"]) for row in fitted):
        lines = []
        for row in (r for r in fitted if text(r["moderator"]) == moderator):
            why = _why(row)
            limits = cells.interval(*(exponential(row[c]) for c in ("ci_low", "ci_high")), why)
            lines.append(
                Row(
                    [
                        _term(row),
                        cells.count(row["k"], why),
                        cells.ratio(exponential(row["estimate"]), why),
                        limits,
                        cells.p_value(row["p_value"], why),
                        cells.p_value(row["p_permutation"], why),
                        cells.p_value(row["p_adjusted"], why),
                        cells.percent(row["r2"], why),
                    ],
                    notes=_notes(text(row["caution"]), text(row["reason"])),
                    noted=0,
                )
            )
        bodies.append(Body(lines, moderator.replace("_", " ")))
    columns = [
        Column("Term"),
        Column("Studies", "num"),
        Column("Ratio of ORs", "num"),
        Column(interval_heading(subject.inputs), "ci"),
        Column("p", "num"),
        Column("by permutation", "num"),
        Column("adjusted", "num"),
        Column("R²", "num"),
    ]
    caption = subject.caption(
        "Meta-regression: what studies that differ have in common. An intercept is an odds ratio, "
        "any other term the ratio by which it changes. Differences between studies need not be "
        "differences between people."
    )
    return said, [numbering.table(caption, columns, bodies)]


def _term(row: RowOf) -> str:
    """A term with what its ratio is for; the test of several at once says so."""
    term, unit, reference = (text(row.get(c)) for c in ("term", "unit", "reference"))
    if number(row["estimate"]) is None:
        return f"all terms of {text(row['moderator'])} at once"
    if term == "intercept":
        return f"intercept, at {reference}" if reference else term
    return f"{term}, {unit}" if unit else term


def _chance(
    subject: Subject, diagnosed: Diagnosed, numbering: Numbering
) -> tuple[str, list[Table]]:
    tables = []
    models = [
        row
        for row in diagnosed.rows.get("multiplicity", ())
        if text(row["stratifier"]) == OVERALL and number(row["p_value"]) is not None
    ]
    if models:
        tables.append(_multiplicity_table(subject, models, numbering))
    credible = [
        row
        for row in diagnosed.of("credibility", subject.model)
        if text(row["quantity"]) in QUANTITIES
    ]
    if any(number(row["value"]) is not None for row in credible):
        tables.append(_credibility_table(subject, credible, numbering))
    return "", tables


def _multiplicity_table(subject: Subject, rows: Sequence[RowOf], numbering: Numbering) -> Table:
    lines = []
    for row in rows:
        why = _why(row)
        lines.append(
            Row(
                [
                    text(row["model"]),
                    cells.p_value(row["p_value"], why),
                    cells.p_value(row["p_adjusted"], why),
                    text(row["adjustment"]),
                    cells.p_value(row.get("q_value"), "no p-value of the locus"),
                ],
                notes=_notes(text(row["reason"])),
                noted=0,
            )
        )
    columns = [
        Column("Model"),
        Column("p", "num"),
        Column("adjusted", "num"),
        Column("how"),
        Column("q over loci", "num"),
    ]
    allele = printed_allele(subject.effect)
    caption = (
        f"{subject.locus.name}, effect allele {allele}, overall: p-values adjusted for having "
        "looked at all of these models, which share their data, and the false discovery rate "
        "over loci of the smallest."
    )
    return numbering.table(caption, columns, [Body(lines)])


def _credibility_table(subject: Subject, rows: Sequence[RowOf], numbering: Numbering) -> Table:
    lines = []
    for name, (label, print_value) in QUANTITIES.items():
        for row in (r for r in rows if text(r["quantity"]) == name):
            if number(row["value"]) is None and not text(row["reason"]):
                continue
            why = _why(row)
            lines.append(
                Row(
                    [
                        label,
                        cells.ratio(row["given_or"], "none is assumed"),
                        text(row["prior"]) or cells.absent("none is assumed"),
                        print_value(row["value"], why),
                        cells.interval(row["ci_low"], row["ci_high"], "has none"),
                    ],
                    notes=_notes(text(row["caution"])),
                    noted=0,
                )
            )
    columns = [
        Column("Quantity"),
        Column("if the OR is", "num"),
        Column("prior probability", "num"),
        Column("Value", "num"),
        Column(interval_heading(subject.inputs), "ci"),
    ]
    caption = subject.caption(
        "What the result is worth, given what was believed before it, and how much information "
        "there is."
    )
    return numbering.table(caption, columns, [Body(lines)])
