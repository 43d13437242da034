"""The methods section, in plain English, from the configuration in use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genopool.report import cells
from genopool.report.comparison import stratifier_name
from genopool.report.inputs import ReportInputs

# (how it is named in a sentence, reference)
_TAU2 = {
    "DL": ("the DerSimonian-Laird moment estimator", "dersimonian"),
    "HE": ("the Hedges (variance component) estimator", "viechtbauer2005"),
    "HS": ("the Hunter-Schmidt estimator", "viechtbauer2005"),
    "SJ": ("the Sidik-Jonkman estimator", "sidik"),
    "ML": ("maximum likelihood", "viechtbauer2005"),
    "REML": ("restricted maximum likelihood (REML)", "viechtbauer2005"),
    "EB": ("the empirical Bayes estimator", "morris"),
    "PM": ("the Paule-Mandel estimator", "paule"),
}

REFERENCES = {
    "dersimonian": (
        "DerSimonian R, Laird N. Meta-analysis in clinical trials. "
        "Control Clin Trials 1986;7:177–188.",
        "10.1016/0197-2456(86)90046-2",
    ),
    "viechtbauer2005": (
        "Viechtbauer W. Bias and efficiency of meta-analytic variance estimators in the "
        "random-effects model. J Educ Behav Stat 2005;30:261–293.",
        "10.3102/10769986030003261",
    ),
    "sidik": (
        "Sidik K, Jonkman JN. Simple heterogeneity variance estimation for meta-analysis. "
        "J R Stat Soc C 2005;54:367–384.",
        "10.1111/j.1467-9876.2005.00489.x",
    ),
    "morris": (
        "Morris CN. Parametric empirical Bayes inference: theory and applications. "
        "J Am Stat Assoc 1983;78:47–55.",
        "10.1080/01621459.1983.10477920",
    ),
    "paule": (
        "Paule RC, Mandel J. Consensus values and weighting factors. "
        "J Res Natl Bur Stand 1982;87:377–385.",
        "10.6028/jres.087.022",
    ),
    "hartung": (
        "Hartung J, Knapp G. A refined method for the meta-analysis of controlled clinical trials "
        "with binary outcome. Stat Med 2001;20:3875–3889.",
        "10.1002/sim.1009",
    ),
    "knapp": (
        "Knapp G, Hartung J. Improved tests for a random effects meta-regression with a single "
        "covariate. Stat Med 2003;22:2693–2710.",
        "10.1002/sim.1482",
    ),
    "viechtbauer2007": (
        "Viechtbauer W. Confidence intervals for the amount of heterogeneity in meta-analysis. "
        "Stat Med 2007;26:37–52.",
        "10.1002/sim.2514",
    ),
    "higgins2002": (
        "Higgins JPT, Thompson SG. Quantifying heterogeneity in a meta-analysis. "
        "Stat Med 2002;21:1539–1558.",
        "10.1002/sim.1186",
    ),
    "higgins2009": (
        "Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects "
        "meta-analysis. J R Stat Soc A 2009;172:137–159.",
        "10.1111/j.1467-985X.2008.00552.x",
    ),
    "wigginton": (
        "Wigginton JE, Cutler DJ, Abecasis GR. A note on exact tests of Hardy-Weinberg "
        "equilibrium. Am J Hum Genet 2005;76:887–893.",
        "10.1086/429864",
    ),
    "sasieni": (
        "Sasieni PD. From genotypes to genes: doubling the sample size. "
        "Biometrics 1997;53:1253–1261.",
        "10.2307/2533494",
    ),
}


@dataclass(frozen=True)
class Methods:
    """Headed paragraphs, and the keys of the `REFERENCES` that they rest on."""

    paragraphs: tuple[tuple[str, str], ...]
    references: tuple[str, ...]


def methods(inputs: ReportInputs) -> Methods:
    """Write the methods section of a report."""
    pooling = inputs.section("pooling")
    tau2 = pooling.get("tau2") or "REML"
    interval = pooling.get("interval") or ("wald" if tau2 == "EE" else "hartung-knapp")
    paragraphs = [
        ("Effect measure", _effects(inputs)),
        ("Who is counted", _people()),
        ("Shared controls", _shared(inputs.configuration.get("shared_controls", "divide"))),
        ("Reported estimates", _reported(inputs.section("reported"))),
        ("Zero cells", _zero_cells(pooling.get("zero_cells") or {})),
        ("Pooling", _pooling(tau2, interval, inputs.level)),
        ("Heterogeneity", _heterogeneity(tau2, inputs.level)),
        ("Prediction interval", _prediction(tau2, pooling.get("prediction", "default"), inputs)),
        ("Strata", _strata(inputs.section("strata"), pooling, interval)),
        ("Few studies", _few(interval, inputs.level)),
        ("Hardy-Weinberg equilibrium", _hardy_weinberg(inputs)),
    ]
    paragraphs += [("Also", note) for note in inputs.method_notes]
    used = ["sasieni"] if "allelic" in inputs.models or "additive" in inputs.models else []
    used += [_TAU2[tau2][1]] if tau2 in _TAU2 else []
    used += ["hartung", "knapp"] if interval.startswith("hartung") else []
    used += ["higgins2002"] + (["viechtbauer2007", "higgins2009"] if tau2 != "EE" else [])
    used.append("wigginton")
    return Methods(tuple(p for p in paragraphs if p[1]), tuple(dict.fromkeys(used)))


def _effects(inputs: ReportInputs) -> str:
    two_by_two = [m for m in inputs.models if m != "additive"]
    parts = []
    if two_by_two:
        parts.append(
            f"In the {cells.listed(list(two_by_two))} "
            f"{'model' if len(two_by_two) == 1 else 'models'}, a study's log odds ratio is "
            "ln(ad/bc) with variance 1/a + 1/b + 1/c + 1/d, where a and b are cases with and "
            "without the exposure and c and d controls."
        )
    if "allelic" in two_by_two:
        parts.append(
            "The allelic model counts chromosomes, and its variance assumes Hardy-Weinberg "
            "equilibrium."
        )
    if "additive" in inputs.models:
        parts.append(
            "The additive model is the maximum-likelihood slope of the logistic regression on 0, 1 "
            "or 2 copies of the effect allele."
        )
    return " ".join(parts)


def _people() -> str:
    return (
        "A row of a table describes a whole study or a part of it. A study's people are never "
        "counted twice: a part is left out of an analysis that its whole answers, parts enter as "
        "separate rows, and k counts the rows pooled. Where rows describe the same people, "
        "genotype counts come before reported estimates. A study that gives only some genotypes, "
        "or a sum of them, enters the models that its cells can answer and no others."
    )


def _shared(way: str) -> str:
    rest = " Hardy-Weinberg tests and allele frequencies use the undivided controls, once."
    if way == "combine":
        return (
            "Where rows of one analysis share their controls, their cases are summed into one row "
            "and the controls used once." + rest
        )
    return (
        "Where rows of one analysis share their controls, each control count is divided by the "
        "number of such rows, unrounded." + rest
    )


def _reported(options: Mapping[str, Any]) -> str:
    if options.get("use") is False:
        return "Odds ratios that papers report without counts are listed and not pooled."
    prefer = options.get("prefer", "adjusted")
    return (
        "An odds ratio that a paper reports without counts enters the model it was reported for, "
        "with a standard error from its confidence interval, turned to the configured effect "
        "allele where needed (a dominant odds ratio of one allele is the inverse of a recessive "
        "one of the other; a heterozygous one cannot be turned). Where a paper gives several for "
        f"the same people, the {prefer} one is used. Hazard ratios and risk ratios are listed and "
        "never pooled with odds ratios."
    )


def _zero_cells(options: Mapping[str, Any]) -> str:
    correction = options.get("correction", 0.5)
    apply = options.get("apply", "only0")
    dropped = (
        "A study in which nobody, or everybody, has the exposure says nothing about an odds ratio "
        "and is left out"
    )
    if options.get("drop_double_zero", True):
        parts = [dropped + "."]
    else:
        parts = [
            "Studies in which nobody, or everybody, has the exposure are kept, as configured, and "
            "rest on the correction alone."
        ]
    amount = (
        "the treatment-arm correction (each group's share of the people)"
        if correction == "treatment-arm"
        else f"{correction:g}"
        if isinstance(correction, int | float)
        else str(correction)
    )
    where = {
        "only0": f"{amount} is added to each cell of a study that has a zero in one",
        "if0all": f"{amount} is added to each cell of every study of a pool that has a zero in one",
        "all": f"{amount} is added to each cell of every study",
        "none": "nothing is added, and a study with a zero in a cell is left out",
    }.get(apply, f"{amount} is added ({apply})")
    parts.append(where[0].upper() + where[1:] + ".")
    if apply != "none":
        parts.append(
            "The additive model needs no correction unless cases and controls do not overlap in "
            "their genotypes."
        )
    return " ".join(parts)


def _pooling(tau2: str, interval: str, level: float) -> str:
    percent = cells.level(level)
    if tau2 == "EE":
        return (
            "Log odds ratios are pooled by inverse variance under equal effects: all studies are "
            "taken to estimate one odds ratio, and differences between them to be chance. "
            f"Intervals ({percent}) are Wald's, from the normal distribution."
        )
    estimator = _TAU2.get(tau2, (tau2, ""))[0]
    ways = {
        "wald": f"Intervals ({percent}) are Wald's, from the normal distribution.",
        "hartung-knapp": (
            f"Intervals ({percent}) and tests are Hartung and Knapp's, with t on k − 1 degrees of "
            "freedom. With few studies that happen to agree they can be narrower than Wald's."
        ),
        "hartung-knapp-adhoc": (
            f"Intervals ({percent}) and tests are Hartung and Knapp's, with t on k − 1 degrees of "
            "freedom, in the variant whose standard error is never below Wald's."
        ),
    }
    way = ways.get(interval, f"Intervals ({percent}): {interval}.")
    return (
        "Log odds ratios are pooled by inverse variance under random effects, the between-study "
        f"variance tau² estimated by {estimator}. {way}"
    )


def _heterogeneity(tau2: str, level: float) -> str:
    if tau2 == "EE":
        return (
            "Q is Cochran's. Under equal effects I² is max(0, (Q − df)/Q) and H² is Q/df. There is "
            "no tau² and no prediction interval."
        )
    return (
        "tau² is on the log odds ratio scale; its interval "
        f"({cells.level(level)}) is the Q-profile one. I² = tau²/(tau² + s²) and H² = "
        "(tau² + s²)/s², with s² the typical within-study variance, as in metafor. Older papers "
        "compute I² from Q instead, as (Q − df)/Q, so that their I² of the same studies can differ."
    )


def _prediction(tau2: str, way: str, inputs: ReportInputs) -> str:
    if tau2 == "EE":
        return ""
    base = (
        f"The {cells.level(inputs.level)} prediction interval is where the true odds ratio of a "
        "further, similar study is expected"
    )
    return {
        "default": f"{base}. It uses the same distribution as the interval of the mean.",
        "riley": f"{base}. It uses t on k − 2 degrees of freedom (Riley).",
        "nagashima": f"{base}, by Nagashima's parametric bootstrap.",
        "none": "No prediction interval was asked for.",
    }.get(way, f"{base} ({way}).")


def _strata(strata: Mapping[str, Any], pooling: Mapping[str, Any], interval: str) -> str:
    if not strata:
        return "No strata were configured."
    described = [_stratifier(name, options or {}) for name, options in strata.items()]
    parts = [f"Studies were divided by {cells.listed(described)}."]
    parts.append(
        "A study whose value is blank or in no group is in no stratum of that stratifier and still "
        "counts overall. A stratum with one study is shown as that study."
    )
    if pooling.get("between_strata", "common") == "separate":
        parts.append(
            "Strata are compared by Q between them, each with its own tau² and its Wald standard "
            "error, against chi² on S − 1 degrees of freedom for S strata."
        )
    else:
        test = (
            "the Knapp-Hartung F on S − 1 and k − S degrees of freedom"
            if interval.startswith("hartung")
            else "Q_M against chi² on S − 1 degrees of freedom"
        )
        parts.append(
            f"Strata are compared in a mixed-effects model with a common tau², by {test}, for S "
            "strata. Each stratum's own row uses its own tau²."
        )
    return " ".join(parts)


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


def _few(interval: str, level: float) -> str:
    parts = [
        "With one study (k = 1) its own odds ratio and Wald interval are shown: nothing is pooled, "
        "and there is no tau², I², Q or prediction interval."
    ]
    if interval.startswith("hartung"):
        parts.append(
            "With two studies (k = 2) the interval rests on t with 1 degree of freedom, whose "
            f"multiplier is {math.tan(math.pi * level / 2):.1f}: it is very wide, or, if the two "
            "happen to agree, deceptively narrow."
        )
    parts.append(
        "With fewer than about five studies tau² is hardly known, whatever its estimator, and the "
        "prediction interval is a rough guide."
    )
    return " ".join(parts)


def _hardy_weinberg(inputs: ReportInputs) -> str:
    limits = inputs.section("checks").get("hwe") or {}
    note, warning = limits.get("note", 0.05), limits.get("warning", 1e-4)
    return (
        "Tested in the undivided controls of every row that gives all genotypes, once per control "
        "group, by chi² and exactly. Findings use chi², or the exact p where the smallest expected "
        f"count is below 5: a note below {note:g}, a warning below {warning:g}. A departure never "
        "removes a study."
    )
