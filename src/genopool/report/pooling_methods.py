"""How studies were pooled, in plain English: one sentence for every choice of `pooling:`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from genopool.pooling.settings import ONE_STAGE
from genopool.report import cells

if TYPE_CHECKING:
    from genopool.pooling.settings import Bayes, Pooling

# What is said, and the keys of the references that it rests on.
Said = tuple[str, tuple[str, ...]]

TAU2: dict[str, Said] = {
    "DL": ("DerSimonian and Laird's moment estimator (1986)", ("dersimonian",)),
    "DLIT": (
        "DerSimonian and Laird's moment estimator, repeated until its weights no longer change "
        "(DerSimonian and Kacker 2007; the solution is Paule and Mandel's)",
        ("kacker", "paule"),
    ),
    "DL2": (
        "the two-step moment estimator that starts from DerSimonian and Laird's (DerSimonian and "
        "Kacker 2007)",
        ("kacker",),
    ),
    "CA2": (
        "the two-step moment estimator that starts from Hedges's (DerSimonian and Kacker 2007)",
        ("kacker",),
    ),
    "HE": ("Hedges's moment estimator with equal weights (1983)", ("hedges",)),
    "HS": ("the Hunter-Schmidt estimator (Viechtbauer 2005)", ("viechtbauer2005",)),
    "HSk": (
        "the Hunter-Schmidt estimator with the small-sample factor of Brannick and others (2019)",
        ("brannick",),
    ),
    "SJ": ("Sidik and Jonkman's estimator (2005)", ("sidik",)),
    "ML": ("maximum likelihood (Viechtbauer 2005)", ("viechtbauer2005",)),
    "REML": ("restricted maximum likelihood (REML; Viechtbauer 2005)", ("viechtbauer2005",)),
    "EB": (
        "Morris's empirical Bayes estimator (1983; the solution is Paule and Mandel's)",
        ("morris", "paule"),
    ),
    "PM": ("Paule and Mandel's estimator (1982)", ("paule",)),
    "PMM": (
        "the median-unbiased variant of Paule and Mandel's estimator (Viechtbauer 2021)",
        ("paule", "viechtbauer2021"),
    ),
}

#: Intervals that rest on t with k − 1 degrees of freedom.
ON_K_MINUS_1 = ("hartung-knapp", "hartung-knapp-adhoc", "hartung-knapp-iqwig", "wald-t")
_HARTUNG_KNAPP = (
    "({level}) and tests are Hartung and Knapp's (2001), with t on k − 1 degrees of freedom"
)
INTERVALS: dict[str, Said] = {
    "wald": (
        "Intervals ({level}) are Wald's, from the normal distribution, as if tau² were known: with "
        "few studies they tend to be too narrow.",
        (),
    ),
    "wald-t": (
        "Intervals ({level}) and tests use Wald's standard error with t on k − 1 degrees of "
        "freedom.",
        (),
    ),
    "hartung-knapp": (
        f"Intervals {_HARTUNG_KNAPP}. With few studies that happen to agree they can be narrower "
        "than Wald's.",
        ("hartung",),
    ),
    "hartung-knapp-adhoc": (
        f"Intervals {_HARTUNG_KNAPP}, in the variant whose standard error is never below Wald's "
        "(Knapp and Hartung 2003).",
        ("hartung", "knapp"),
    ),
    "hartung-knapp-iqwig": (
        f"Intervals {_HARTUNG_KNAPP}. Where that interval is narrower than Wald's with "
        "DerSimonian and Laird's tau², the standard error is kept from falling below Wald's "
        "(IQWiG 2022).",
        ("hartung", "iqwig", "dersimonian"),
    ),
    "kenward-roger": (
        "Intervals ({level}) and tests are Kenward and Roger's (1997; Partlett and Riley 2017): "
        "the variance is enlarged for the estimation of tau², and the degrees of freedom of t are "
        "matched to it.",
        ("kenward", "partlett"),
    ),
    "henmi-copas": (
        "The mean has the weights of equal effects, 1/variance, which small studies sway less. "
        "Intervals ({level}) and tests about it are Henmi and Copas's (2010), which allow for "
        "tau².",
        ("henmi",),
    ),
    "profile-likelihood": (
        "Intervals ({level}) and tests are by profile likelihood (Hardy and Thompson 1996): the "
        "likelihood ratio, maximised over tau², against chi² on one degree of freedom.",
        ("hardy",),
    ),
    "profile-likelihood-bartlett": (
        "Intervals ({level}) and tests are by profile likelihood (Hardy and Thompson 1996) with "
        "Bartlett's correction of the likelihood ratio (Huizenga, Visser and Dolan 2011).",
        ("hardy", "huizenga"),
    ),
}

CM_AL_CAUTION = (
    "The method CM.AL needs an exposure that is rare in cases and controls. Where it is not, what "
    "it estimates is the ratio of the exposure's frequencies, which lies nearer to 1 than the odds "
    "ratio. Genotypes and alleles are seldom that rare; CM.EL has no such need."
)
_MODELS: dict[str, str] = {
    "UM.FS": "binomial counts of cases and controls, with a fixed effect for each study",
    "UM.RS": "binomial counts of cases and controls, with a random effect for each study that is "
    "independent of the random odds ratio",
    "CM.EL": "the exact distribution of the exposed cases given all margins of each study's table "
    "(non-central hypergeometric)",
    "CM.AL": "a binomial approximation to the distribution of the exposed cases given all margins "
    "of each study's table",
}


def pooling(settings: Pooling) -> Said:
    """How odds ratios are pooled, and their interval."""
    level = cells.level(settings.level)
    if settings.method == "mantel-haenszel":
        return (
            "Odds ratios are pooled by the method of Mantel and Haenszel (1959) from the 2×2 "
            "tables: one odds ratio is taken to hold in all studies. Intervals "
            f"({level}) and tests use the variance of Robins, Breslow and Greenland (1986) and the "
            "normal distribution.",
            ("mantel", "robins"),
        )
    if settings.method == "peto":
        return (
            "Odds ratios are pooled by Peto's one-step method (Yusuf and others 1985) from the 2×2 "
            "tables: one odds ratio is taken to hold in all studies. It is biased where the odds "
            "ratio is far from 1 or a study's cases and controls differ much in number. Intervals "
            f"({level}) and tests use the normal distribution.",
            ("yusuf",),
        )
    if settings.method == "exact":
        return (
            "One odds ratio is taken to hold in all studies, and is estimated by conditional "
            "maximum likelihood from the exact distribution of the exposed cases given all margins "
            f"(Mehta, Patel and Gray 1985). Intervals ({level}) have an equal exact tail on each "
            "side; the p-value sums the outcomes that are no more probable than the observed one, "
            "so that the two can disagree near the border.",
            ("mehta",),
        )
    if settings.method in ONE_STAGE:
        return _one_stage(settings)
    if settings.method == "bayes":
        return _bayes(settings)
    if settings.tau2_used == "EE":
        return (
            "Log odds ratios are pooled by inverse variance under equal effects: all studies are "
            "taken to estimate one odds ratio, and differences between them to be chance. "
            f"Intervals ({level}) are Wald's, from the normal distribution.",
            (),
        )
    estimator, sources = TAU2[settings.tau2_used]
    interval, more = INTERVALS[settings.interval_used]
    return (
        "Log odds ratios are pooled by inverse variance under random effects, the between-study "
        f"variance tau² estimated by {estimator}. {interval.format(level=level)}",
        (*sources, *more),
    )


def _one_stage(settings: Pooling) -> Said:
    level = cells.level(settings.level)
    interval = (
        f"Intervals ({level}) and tests of the odds ratio, and intervals of tau², are by profile "
        "likelihood."
        if settings.interval_used == "profile-likelihood"
        else f"Intervals ({level}) and tests are Wald's, from the normal distribution."
    )
    said = (
        f"All studies are pooled in one model of their counts ({settings.method}; Stijnen, Hamza "
        f"and Özdemir 2010; Jackson and others 2018): {_MODELS[settings.method]}. The log odds "
        "ratio varies between studies normally, with variance tau²; all parameters are estimated "
        f"by maximum likelihood. {interval}"
    )
    caution = f" {CM_AL_CAUTION}" if settings.method == "CM.AL" else ""
    return said + caution, ("stijnen", "jackson")


def _bayes(settings: Pooling) -> Said:
    tau, sources = _tau_prior(settings.bayes)
    effect = settings.bayes.effect_prior
    prior = (
        "flat"
        if effect is None
        else f"normal with mean {effect[0]:g} and standard deviation {effect[1]:g}"
    )
    kind = {
        "equal-tailed": "leave out equal probability on each side",
        "shortest": "are the shortest on the log scale",
    }[settings.interval_used]
    return (
        "Log odds ratios are pooled by a Bayesian random-effects model with normal distributions "
        "within and between studies, integrated numerically (Röver 2020). The prior of the mean "
        f"log odds ratio is {prior}; {tau}. The odds ratio shown is the posterior median. Its "
        f"intervals ({cells.level(settings.level)}) are credible intervals and {kind}. There is no "
        "p-value; the probability that the odds ratio exceeds 1 stands in the footnotes.",
        ("rover", *sources),
    )


def _tau_prior(bayes: Bayes) -> Said:
    scale = bayes.tau_scale
    if bayes.tau_prior == "log-normal":
        mean, deviation = (-2.56, 1.74) if scale is None else scale
        given = " (Turner and others 2015)" if scale is None else ""
        return (
            f"that of tau² is log-normal, log tau² with mean {mean:g} and standard deviation "
            f"{deviation:g}{given}",
            ("turner",) if scale is None else (),
        )
    if bayes.tau_prior == "uniform":
        return f"that of tau is uniform between 0 and {scale:g}", ()
    given = " (Friede and others 2017)" if scale is None else ""
    return (
        f"that of tau is {bayes.tau_prior} with scale {0.5 if scale is None else scale:g}{given}",
        ("friede",) if scale is None else (),
    )


def heterogeneity(settings: Pooling) -> Said:
    """tau², I², H² and Q."""
    level = cells.level(settings.level)
    from_q = "I² is max(0, (Q − df)/Q) and H² is Q/df."
    typical = "with s² the typical within-study variance (Higgins and Thompson 2002)"
    if settings.method == "exact":
        return "The method has no tau², I², Q or prediction interval.", ()
    if settings.method == "mantel-haenszel":
        return (
            "Q is the sum of the studies' squared distances from the pooled log odds ratio, each "
            "over its variance, after 1/2 was added to the cells of studies with a zero. "
            f"{from_q} There is no tau² and no prediction interval.",
            ("higgins2002",),
        )
    if settings.method == "peto":
        said = f"Q is Peto's. {from_q} There is no tau² and no prediction interval."
        return said, ("higgins2002",)
    if settings.method in ONE_STAGE:
        without = (
            "" if settings.interval_used == "profile-likelihood" else " It has no interval here."
        )
        return (
            f"tau² is on the log odds ratio scale.{without} I² = tau²/(tau² + s²) and H² = "
            f"(tau² + s²)/s², {typical}. Q is the likelihood-ratio test of one odds ratio for all "
            "studies against one for each.",
            ("higgins2002",),
        )
    if settings.method == "bayes":
        return (
            f"tau² is on the log odds ratio scale: posterior median and credible interval ({level})"
            ". I² = tau²/(tau² + s²) and H² = (tau² + s²)/s² are posterior medians, "
            f"{typical}. There is no Q.",
            ("higgins2002",),
        )
    if settings.tau2_used == "EE":
        return (
            f"Q is Cochran's. Under equal effects {from_q} There is no tau² and no prediction "
            "interval.",
            ("higgins2002",),
        )
    return (
        f"tau² is on the log odds ratio scale; its interval ({level}) is the Q-profile one "
        f"(Viechtbauer 2007). I² = tau²/(tau² + s²) and H² = (tau² + s²)/s², {typical}, as in "
        "metafor. Older papers compute I² from Q instead, as (Q − df)/Q, so that their I² of the "
        "same studies can differ. Q is Cochran's.",
        ("higgins2002", "viechtbauer2007"),
    )


def prediction(settings: Pooling) -> Said:
    """The prediction interval; blank for a method that has none."""
    if not settings.has_tau2:
        return "", ()
    way = settings.prediction_used
    if way == "none":
        return "No prediction interval was asked for.", ()
    base = (
        f"The {cells.level(settings.level)} prediction interval is where the true odds ratio of a "
        "further, similar study is expected"
    )
    source = ("higgins2009",)
    if settings.method == "bayes":
        return f"{base}, given the priors, the model and the data (Röver 2020).", ("rover",)
    if way == "riley":
        return (
            f"{base}. It rests on tau², the standard error of the mean and t on k − 2 degrees of "
            "freedom (Higgins, Thompson and Spiegelhalter 2009; Riley, Higgins and Deeks 2011), "
            "and needs three studies.",
            (*source, "riley"),
        )
    if way == "nagashima":
        return (
            f"{base}, by the parametric bootstrap of Nagashima, Noma and Furukawa (2019), with a "
            "fixed seed. It draws tau² from its own confidence distribution, whatever estimator "
            "is configured.",
            ("nagashima",),
        )
    quantile = "the normal distribution"
    if settings.method == "inverse-variance":
        if settings.interval_used in ON_K_MINUS_1:
            quantile = "t on k − 1 degrees of freedom"
        elif settings.interval_used == "kenward-roger":
            quantile = "t with Kenward and Roger's degrees of freedom"
    return (
        f"{base}. It rests on tau², the standard error of the mean and {quantile}, as in metafor "
        "(in the spirit of Higgins, Thompson and Spiegelhalter 2009).",
        source,
    )


def between_strata(settings: Pooling) -> Said:
    """The test between strata, of S strata."""
    chi2 = "against chi² on S − 1 degrees of freedom, for S strata"
    if settings.method == "bayes":
        return "The Bayesian model has no test between strata: compare their intervals.", ()
    if settings.method != "inverse-variance":
        return (
            "Strata are compared by the spread of their pooled log odds ratios, each weighted by "
            f"the inverse of its squared standard error, {chi2}.",
            (),
        )
    if settings.tau2_used == "EE":
        return f"Strata are compared by Q between them, under equal effects, {chi2}.", ()
    if settings.between_strata_used == "separate":
        return (
            f"Strata are compared by Q between them, each with its own tau² and its Wald standard "
            f"error, {chi2}.",
            (),
        )
    common = "Strata are compared in a mixed-effects model with a common tau², by"
    own = "Each stratum's own row uses its own tau²."
    degrees = "on S − 1 and k − S degrees of freedom, for S strata"
    interval = settings.interval_used
    if interval == "wald-t":
        return f"{common} F {degrees}. {own}", ()
    if interval in ON_K_MINUS_1:
        never = "" if interval == "hartung-knapp" else ", its variance factor never below 1"
        return (
            f"{common} the Knapp-Hartung F (2003) {degrees}{never}. {own}",
            ("knapp",),
        )
    return f"{common} Q_M {chi2}. {own}", ()


def few_studies(settings: Pooling) -> str:
    """What becomes of one study, of two, and of a few."""
    parts = [_one_study(settings)]
    if settings.method == "inverse-variance" and settings.interval_used in ON_K_MINUS_1:
        parts.append(
            "With two studies (k = 2) the interval rests on t with 1 degree of freedom, whose "
            f"multiplier is {math.tan(math.pi * settings.level / 2):.1f}: it is very wide"
            + (
                ", or, if the two happen to agree, deceptively narrow."
                if settings.interval_used == "hartung-knapp"
                else "."
            )
        )
    if settings.method == "bayes":
        parts.append("With fewer than about five studies tau² rests largely on its prior.")
    elif settings.has_tau2:
        parts.append(
            "With fewer than about five studies tau² is hardly known, whatever its estimator, and "
            "the prediction interval is a rough guide."
            if settings.prediction_used != "none"
            else "With fewer than about five studies tau² is hardly known, whatever its estimator."
        )
    return " ".join(parts)


def _one_study(settings: Pooling) -> str:
    if settings.method == "bayes":
        return (
            "With one study (k = 1) the result is that study seen through the priors: its interval "
            "allows for a tau² of which the data say nothing."
        )
    own = "its own odds ratio and Wald interval are shown"
    if settings.method == "peto":
        own = "Peto's odds ratio of it is shown"
    elif settings.method == "exact" or settings.method in ONE_STAGE:
        own = "the estimate of the same method from it alone is shown"
    return (
        f"With one study (k = 1) {own}: nothing is pooled, and there is no tau², I², Q or "
        "prediction interval."
    )
