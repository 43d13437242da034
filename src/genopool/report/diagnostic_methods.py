"""What was done to judge the results, in plain English, by the diagnostics that were chosen."""

from __future__ import annotations

from collections.abc import Collection

_SAID: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "verdict": (
        "Verdicts",
        "Each pooled result is graded A, B or C for the amount of evidence, for replication and "
        "for protection from bias by the Venice criteria (Ioannidis 2008), with thresholds fixed "
        "in advance, and is put into words by fixed rules from the numbers shown here. The model "
        "that is judged is the first configured one of those that most studies answer.",
        ("venice",),
    ),
    "sensitivity": (
        "Sensitivity",
        "Results are pooled again without each study, without each pair, cumulatively, without "
        "studies whose controls depart from Hardy-Weinberg equilibrium, adjusted for such "
        "departures, without reported estimates, and with every estimator of tau² and interval.",
        (),
    ),
    "influence": (
        "Influence",
        "Deletion diagnostics of the random-effects model; a study is called influential by the "
        "thresholds of Viechtbauer and Cheung (2010).",
        ("viechtbauer_cheung",),
    ),
    "small_study": (
        "Small-study effects",
        "For odds ratios the score test of Harbord (2006) is read first, and that of Rücker (2008) "
        "where tau² is above 0.1 (Sterne 2011). With fewer than ten studies no test tells chance "
        "from bias. Trim and fill (Duval and Tweedie 2000), PET-PEESE (Stanley and Doucouliagos "
        "2014) and limit meta-analysis (Rücker 2011) are sensitivity analyses: how studies are "
        "selected is assumed, not seen.",
        (
            "harbord",
            "ruecker_arcsine",
            "sterne",
            "duval",
            "stanley",
            "ruecker_limit",
        ),
    ),
    "metaregression": (
        "Meta-regression",
        "Mixed-effects regressions of the log odds ratios on one characteristic of the studies "
        "each, and on those that the configuration names together, with p-values by permutation "
        "(Higgins and Thompson 2004).",
        ("higgins_thompson",),
    ),
    "multiplicity": (
        "Several models and loci",
        "The p-values of the genetic models of a locus are adjusted for each other by the joint "
        "normal distribution of their pooled z's, whose correlation follows from the genotype "
        "counts within studies and, between studies, from the method of moments of Chen, Manning "
        "and Dupuis (2012); where estimates without counts are pooled, by Holm. Over loci, the "
        "smallest adjusted p-values give false discovery rates (Benjamini and Hochberg 1995).",
        ("chen_manning", "benjamini"),
    ),
    "credibility": (
        "Credibility and information",
        "False-positive report probabilities (Wacholder 2004) and Bayesian false-discovery "
        "probabilities (Wakefield 2007) are given for a range of prior probabilities. The "
        "information needed for 80% power at the 5% level is adjusted for heterogeneity by its "
        "diversity (Wetterslev 2008).",
        ("wacholder", "wakefield", "wetterslev"),
    ),
}


def diagnostic_methods(
    chosen: Collection[str],
) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Headed paragraphs about the chosen tables, and the keys of the references they name."""
    said = [_SAID[name] for name in _SAID if name in chosen]
    used = [key for _, _, keys in said for key in keys]
    return [(heading, words) for heading, words, _ in said], tuple(used)
