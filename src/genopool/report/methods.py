"""The methods section, in plain English, from the configuration in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genopool.report import cells, pooling_methods
from genopool.report.comparison import stratifier_name
from genopool.report.diagnostic_methods import diagnostic_methods
from genopool.report.inputs import ReportInputs
from genopool.report.lengths import method_text

if TYPE_CHECKING:
    from genopool.pooling.settings import Pooling


@dataclass(frozen=True)
class Methods:
    """Headed paragraphs, the keys of the `REFERENCES` that they rest on, and what a reader must
    know before the results, if anything."""

    paragraphs: tuple[tuple[str, str], ...]
    references: tuple[str, ...]
    caution: str = ""


def methods(inputs: ReportInputs) -> Methods:
    """Write the methods section of a report."""
    settings = inputs.pooling
    pooled, by = pooling_methods.pooling(settings)
    heterogeneity, heterogeneity_by = pooling_methods.heterogeneity(settings)
    prediction, prediction_by = pooling_methods.prediction(settings)
    strata, strata_by = _strata(inputs.section("strata"), settings)
    zero_cells, zero_cells_by = _zero_cells(settings, inputs.models)
    effects, effects_by = _effects(inputs)
    chromosome_x, chromosome_x_by = _chromosome_x(inputs)
    paragraphs = [
        ("Effect measure", effects),
        ("Who is counted", f"{_people()} {_overlaps(inputs.section('overlaps'))}"),
        ("Chromosome X", chromosome_x),
        ("Shared controls", _shared(inputs.configuration.get("shared_controls"), settings)),
        ("Reported estimates", _reported(inputs.section("reported"), settings)),
        ("Zero cells", zero_cells),
        ("Pooling", pooled),
        ("Heterogeneity", heterogeneity),
        ("Prediction interval", prediction),
        ("Strata", strata),
        ("Few studies", pooling_methods.few_studies(settings)),
        ("Hardy-Weinberg equilibrium", _hardy_weinberg(inputs)),
        ("Lengths of a repeat", method_text(inputs)),
    ]
    judged, judged_by = diagnostic_methods(inputs.configuration.get("diagnostics") or ())
    paragraphs += judged
    paragraphs += [("Also", note) for note in inputs.method_notes]
    used = [
        *effects_by,
        *chromosome_x_by,
        *by,
        *heterogeneity_by,
        *prediction_by,
        *strata_by,
        *zero_cells_by,
        *judged_by,
    ]
    used.append("wigginton")
    return Methods(
        tuple(p for p in paragraphs if p[1]),
        tuple(dict.fromkeys(used)),
        pooling_methods.CM_AL_CAUTION if settings.method == "CM.AL" else "",
    )


def _effects(inputs: ReportInputs) -> pooling_methods.Said:
    two_by_two = [m for m in inputs.models if m != "additive"]
    parts, used = [], []
    if two_by_two:
        used.append("woolf")
        parts.append(
            f"In the {cells.listed(list(two_by_two))} "
            f"{'model' if len(two_by_two) == 1 else 'models'}, a study's log odds ratio is "
            "ln(ad/bc) with variance 1/a + 1/b + 1/c + 1/d (Woolf 1955), where a and b are cases "
            "with and without the exposure and c and d controls."
        )
    if "allelic" in two_by_two:
        used.append("sasieni")
        parts.append(
            "The allelic model counts chromosomes, and its variance assumes Hardy-Weinberg "
            "equilibrium (Sasieni 1997)."
        )
    if "additive" in inputs.models:
        parts.append(
            "The additive model is the maximum-likelihood slope of the logistic regression on 0, 1 "
            "or 2 copies of the effect allele."
        )
    return " ".join(parts), tuple(used)


def _people() -> str:
    return (
        "A row of a table describes a whole study or a part of it. A study's people are never "
        "counted twice: a part is left out of an analysis that its whole answers, parts enter as "
        "separate rows, and k counts the rows pooled. Where rows describe the same people, "
        "genotype counts come before reported estimates. A study that gives only some genotypes, "
        "or a sum of them, enters the models that its cells can answer and no others."
    )


def _overlaps(settings: Mapping[str, str]) -> str:
    """Which of two studies of the same subjects enters."""
    rule = "the one with more people in that analysis"
    if settings.get("keep") == "newer":
        rule = "the newer one (by the column year)"
    chosen = {left: kept for left, kept in settings.items() if left != "keep"}
    named = cells.listed([f"{kept} in place of {left}" for left, kept in chosen.items()])
    return f"Of studies that the tables say have subjects in common, {rule} enters an analysis" + (
        f", except that the configuration keeps {named}." if named else "."
    )


def _chromosome_x(inputs: ReportInputs) -> pooling_methods.Said:
    named = [locus.name for locus in inputs.loci if locus.chromosome == "X"]
    if not named:
        return "", ()
    return (
        f"{cells.listed(named)} {'is' if len(named) == 1 else 'are'} on chromosome X, of which men "
        "have one allele. A man counts as one chromosome in the allelic model and as having 0 or 2 "
        "copies in the additive one (Clayton 2008), and enters no other model and no "
        "Hardy-Weinberg test. Men and women of a study enter as separate rows; numbers of people "
        "count each once."
    ), ("clayton",)


def _shared(way: str | None, settings: Pooling) -> str:
    rest = " Hardy-Weinberg tests and allele frequencies use the undivided controls, once."
    if way == "combine" or settings.needs_whole_counts:
        why = ""
        if way != "combine":
            why = f" ({settings.method} needs whole counts, so that controls cannot be divided)"
        return (
            "Where rows of one analysis share their controls, their cases are summed into one row "
            f"and the controls used once{why}." + rest
        )
    return (
        "Where rows of one analysis share their controls, each control count is divided by the "
        "number of such rows, unrounded." + rest
    )


def _reported(options: Mapping[str, Any], settings: Pooling) -> str:
    if options.get("use") is False:
        return "Odds ratios that papers report without counts are listed and not pooled."
    if settings.needs_counts:
        return (
            "Odds ratios that papers report without counts are listed and not pooled: "
            f"{settings.method} pools counts."
        )
    prefer = options.get("prefer", "adjusted")
    return (
        "An odds ratio that a paper reports without counts enters the model it was reported for, "
        "with a standard error from its confidence interval, turned to the configured effect "
        "allele where needed (a dominant odds ratio of one allele is the inverse of a recessive "
        "one of the other; a heterozygous one cannot be turned). Where a paper gives several for "
        f"the same people, the {prefer} one is used. Hazard ratios and risk ratios are listed and "
        "never pooled with odds ratios."
    )


def _zero_cells(settings: Pooling, models: Sequence[str]) -> pooling_methods.Said:
    options, used = settings.zero_cells, ()
    if options.drop_double_zero or settings.method in ("mantel-haenszel", "peto", "exact"):
        parts = [
            "A study in which nobody, or everybody, has the exposure says nothing about an odds "
            "ratio and is left out."
        ]
    elif settings.needs_counts:
        parts = ["Studies in which nobody, or everybody, has the exposure are kept, as configured."]
    else:
        parts = [
            "Studies in which nobody, or everybody, has the exposure are kept, as configured, and "
            "rest on the correction alone."
        ]
    amount = f"{options.correction:g}" if options.correction != "treatment-arm" else ""
    to = "each cell of"
    if not amount:
        amount, used = (
            "the treatment-arm correction (Sweeting, Sutton and Lambert 2004)",
            ("sweeting",),
        )
        to = "the cells (for cases their share of all people, for controls theirs) of"
    where = {
        "only0": f"{amount} is added to {to} a study that has a zero in one",
        "if0all": f"{amount} is added to {to} every study of a pool in which one has a zero",
        "all": f"{amount} is added to {to} every study",
        "none": "nothing is added, and a study with a zero in a cell is left out",
    }[options.apply]
    if settings.needs_counts:
        parts.append(
            "The method pools the counts as they are. Only for the single studies' own odds ratios "
            f"in figures and tables {where}."
        )
        return " ".join(parts), used
    parts.append(where[0].upper() + where[1:] + ".")
    if options.apply != "none" and "additive" in models:
        parts.append(
            "The additive model needs no correction unless cases and controls do not overlap in "
            "their genotypes."
        )
    return " ".join(parts), used


def _strata(strata: Mapping[str, Any], settings: Pooling) -> pooling_methods.Said:
    if not strata:
        return "No strata were configured.", ()
    described = [_stratifier(name, options or {}) for name, options in strata.items()]
    test, used = pooling_methods.between_strata(settings)
    return (
        f"Studies were divided by {cells.listed(described)}. A study whose value is blank or in no "
        f"group is in no stratum of that stratifier and still counts overall. {test}",
        used,
    )


def _stratifier(name: str, options: Mapping[str, Any]) -> str:
    words = stratifier_name(name)
    crossed = options.get("cross") or options.get("columns")
    if crossed:
        return f"{words} ({' crossed with '.join(map(stratifier_name, crossed))})"
    if options.get("groups"):
        groups = "; ".join(
            f"{label}: {values if isinstance(values, str) else ', '.join(map(str, values))}"
            for label, values in options["groups"].items()
        )
        others = {
            "own": "; every other value in one stratum, Other",
            "each": "; every other value a stratum of its own",
        }.get(options.get("other", ""), "")
        return f"{words} (groups: {groups}{others})"
    if options.get("cuts"):
        return f"{words} (cut at {', '.join(f'{cut:g}' for cut in options['cuts'])})"
    return f"{words} (each value a stratum)"


def _hardy_weinberg(inputs: ReportInputs) -> str:
    limits = inputs.section("checks").get("hwe") or {}
    note, warning = limits.get("note", 0.05), limits.get("warning", 1e-4)
    return (
        "Tested in the undivided controls of every row that gives all genotypes, once per control "
        "group, by chi² and exactly (Wigginton and others 2005). Findings use chi², or the exact p "
        f"where the smallest expected count is below 5: a note below {note:g}, a warning below "
        f"{warning:g}. A departure never removes a study."
    )
