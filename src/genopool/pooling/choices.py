"""Which ways of pooling go together. No numerics, so that reading a configuration stays quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genopool.config import Pooling

ONE_STAGE = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")
#: Intervals of the inverse-variance mean that belong to one estimator of tau².
ONLY_WITH = {
    "kenward-roger": "REML",
    "henmi-copas": "DL",
    "profile-likelihood": "ML",
    "profile-likelihood-bartlett": "ML",
}
_ANY_ESTIMATOR = (
    "hartung-knapp",
    "hartung-knapp-adhoc",
    "hartung-knapp-iqwig",
    "wald",
    "wald-t",
)


def possible_intervals(pooling: Pooling) -> tuple[str, ...]:
    """The intervals of a method (and estimator of tau²), the default first."""
    if pooling.method == "inverse-variance":
        tau2 = pooling.tau2 or "REML"
        if tau2 == "EE":
            return ("wald",)
        return (*_ANY_ESTIMATOR, *(name for name, only in ONLY_WITH.items() if only == tau2))
    if pooling.method in ONE_STAGE:
        return ("wald", "profile-likelihood")
    if pooling.method == "bayes":
        return ("equal-tailed", "shortest")
    return ("exact",) if pooling.method == "exact" else ("wald",)


def pooling_problems(pooling: Pooling) -> list[str]:
    """Choices that do not go together, each with what is possible."""
    method, problems = pooling.method, []
    if method != "inverse-variance" and pooling.tau2 is not None:
        why = "estimates tau² by maximum likelihood" if method in ONE_STAGE else "has none"
        if method == "bayes":
            why = "has a prior of tau (bayes: tau_prior)"
        problems.append(
            f"tau2: {pooling.tau2} is for method: inverse-variance; {method} {why}, leave tau2 out"
        )
    intervals = possible_intervals(pooling)
    if pooling.interval is not None and pooling.interval not in intervals:
        of = f"method: {method}"
        if method == "inverse-variance":
            of = f"tau2: {pooling.tau2 or 'REML'}"
            only = ONLY_WITH.get(pooling.interval)
            if pooling.tau2 == "EE":
                of = "tau2: EE (equal effects)"
            elif only:
                of += f", since it belongs to tau2: {only}"
        problems.append(
            f"interval: {pooling.interval} does not go with {of}; possible: {', '.join(intervals)}"
        )
    predictions = ["default", "riley", "nagashima", "none"]
    if method in (*ONE_STAGE, "bayes"):
        predictions = ["default", "none"]
    elif method != "inverse-variance" or pooling.tau2 == "EE":
        predictions = ["none"]
    if pooling.prediction is not None and pooling.prediction not in predictions:
        problems.append(
            f"prediction: {pooling.prediction} does not go with method: {method}"
            + (" and tau2: EE" if pooling.tau2 == "EE" else "")
            + f"; possible: {', '.join(predictions)}"
        )
    if method != "inverse-variance" and pooling.between_strata == "common":
        problems.append(
            f"between_strata: common is for method: inverse-variance; possible with {method}: "
            "separate"
        )
    if pooling.needs_counts and pooling.zero_cells.apply == "none":
        problems.append(
            f"zero_cells: apply: none leaves studies with a zero cell without an odds ratio to "
            f"show; {method} pools the counts as they are whatever apply says; possible: only0, "
            "if0all, all"
        )
    if method in ("UM.FS", "CM.EL", "CM.AL") and not pooling.zero_cells.drop_double_zero:
        problems.append(
            f"zero_cells: drop_double_zero: false has no effect with method: {method}, in which "
            "such studies tell nothing; possible with UM.RS"
        )
    if method != "bayes" and "bayes" in pooling.model_fields_set:
        problems.append(f"the priors under bayes are for method: bayes, not {method}")
    return problems
