"""Names of diagnostics as a reader knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from genopool.report import cells
from genopool.report.inputs import number

FIGURES = {
    "funnel": "Funnel plot",
    "leave_one_out": "Leave-one-out forest plot",
    "cumulative": "Cumulative forest plot",
    "influence_panel": "Influence of each study",
    "baujat": "Baujat plot",
    "galbraith": "Galbraith plot",
    "labbe": "L'Abbé plot",
    "gosh": "GOSH plot",
    "drapery": "Drapery plot",
    "bubble": "Bubble plots",
    "ternary": "De Finetti diagram of controls",
    "specification_curve": "Specification curve",
    "sequential": "Sequential monitoring",
}
SMALL_STUDY_TESTS = {
    "harbord": "Harbord's test",
    "peters": "Peters' test",
    "ruecker": "Rücker's arcsine test",
    "deeks": "Deeks' test",
    "schwarzer": "Schwarzer's rank test",
    "macaskill": "Macaskill's test",
    "thompson": "Thompson and Sharp's test",
    "egger_mixed": "Egger's test, mixed effects",
    "begg": "Begg and Mazumdar's rank test",
    "egger": "Egger's test",
    "excess_significance": "Excess significance",
    **{
        f"trim_and_fill_{estimator}_{side}": f"Trim and fill, {estimator}, missing on the {side}"
        for estimator in ("L0", "R0", "Q0")
        for side in ("left", "right")
    },
    "pet": "PET",
    "peese": "PEESE",
    "pet_peese": "PET-PEESE",
    "limit_meta_analysis": "Limit meta-analysis",
    "step_selection": "Step selection model",
    "beta_selection": "Beta selection model",
    "copas": "Copas selection model",
}
#: What the conclusions of `genopool.diagnostics.conclusion` are called.
CONCLUSIONS = {
    "supports": "Supported",
    "suggests": "Suggested, with reservations",
    "nominal_only": "Nominally significant only",
    "rests_on_one_study": "Rests on one study",
    "rests_on_doubtful_data": "Rests on doubtful data",
    "small_study_effects": "Could be small-study effects",
    "large_effects_excluded": "Not shown, large effects excluded",
    "not_shown": "Not shown",
    "studies_disagree": "Not shown, studies disagree",
    "too_little": "Too little evidence",
    "single_study": "One study only",
    "no_study": "No study",
}
Printer = Callable[[Any, str], str | Markup]


def _probability(value: Any, reason: str) -> str | Markup:
    return cells.p_value(value, reason)


def _share(value: Any, reason: str) -> str | Markup:
    found = number(value)
    return cells.percent(None if found is None else 100 * found, reason)


def _people(value: Any, reason: str) -> str | Markup:
    found = number(value)
    return cells.count(None if found is None else round(found), reason)


def _yes(value: Any, reason: str) -> str | Markup:
    found = number(value)
    return cells.absent(reason) if found is None else "yes" if found else "no"


def _decimal(value: Any, reason: str) -> str | Markup:
    return cells.fixed(value, 2, reason)


#: What `credibility.tsv` calls it: its name here, and how its value is printed.
QUANTITIES: Mapping[str, tuple[str, Printer]] = {
    "fprp": ("False-positive report probability", _probability),
    "bfdp": ("Bayesian false-discovery probability", _probability),
    "log10_bayes_factor": ("log₁₀ Bayes factor against an association", _decimal),
    "power": ("Power of this analysis", _share),
    "detectable_or": ("Odds ratio found with 80% power", cells.ratio),
    "required_people": ("People needed", _people),
    "information_fraction": ("Information gathered of that needed", _share),
    "sequential_z": ("Cumulative z", _decimal),
    "sequential_boundary": ("Monitoring boundary for |z|", _decimal),
    "sequential_crossed": ("Monitoring boundary crossed", _yes),
    "winners_curse_or": ("Odds ratio shrunk for having been noticed", cells.ratio),
    "fail_safe_rosenthal": ("Fail-safe N, Rosenthal", _people),
    "fail_safe_orwin": ("Fail-safe N, Orwin", _people),
    "fail_safe_rosenberg": ("Fail-safe N, Rosenberg", _people),
    "excess_significance_observed": ("Significant studies, observed", _people),
    "excess_significance_expected": ("Significant studies, expected", _decimal),
}
