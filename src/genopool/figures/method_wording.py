"""What was done to pool the studies, in words."""

from __future__ import annotations

_COMMON = "one common odds ratio"
_BINOMIAL = "One-stage binomial-normal model"
_CONDITIONAL = "One-stage conditional model with random effects"
_METHODS = {
    "mantel-haenszel": f"Mantel-Haenszel, {_COMMON}",
    "peto": f"Peto, {_COMMON}",
    "exact": f"Conditional maximum likelihood, {_COMMON}",
    "UM.FS": f"{_BINOMIAL} with fixed study effects (UM.FS), maximum likelihood",
    "UM.RS": f"{_BINOMIAL} with random study effects (UM.RS), maximum likelihood",
    "CM.EL": f"{_CONDITIONAL}, exact (hypergeometric) likelihood (CM.EL), maximum likelihood",
    "CM.AL": f"{_CONDITIONAL}, approximate (binomial) likelihood (CM.AL), maximum likelihood",
    "bayes": "Bayesian random effects (posterior medians)",
}
_ESTIMATORS = {
    "DL": "DerSimonian and Laird",
    "DLIT": "DerSimonian and Laird, iterated",
    "DL2": "DerSimonian and Laird in two steps",
    "CA2": "the two-step Cochran ANOVA estimator",
    "HE": "Hedges",
    "HS": "Hunter and Schmidt",
    "HSk": "Hunter and Schmidt, corrected for small samples",
    "SJ": "Sidik and Jonkman",
    "ML": "maximum likelihood",
    "REML": "restricted maximum likelihood",
    "EB": "empirical Bayes",
    "PM": "Paule and Mandel",
    "PMM": "Paule and Mandel, median-unbiased",
}
_INTERVALS = {
    "wald": "Wald",
    "wald-t": "Wald (t distribution)",
    "hartung-knapp": "Hartung-Knapp",
    "hartung-knapp-adhoc": "Hartung-Knapp (never narrower than Wald)",
    "hartung-knapp-iqwig": "Hartung-Knapp (IQWiG's rule where narrower than DerSimonian-Laird)",
    "kenward-roger": "Kenward-Roger",
    "henmi-copas": "Henmi-Copas",
    "profile-likelihood": "profile-likelihood",
    "profile-likelihood-bartlett": "profile-likelihood (Bartlett-corrected)",
    "exact": "exact",
    "equal-tailed": "equal-tailed",
    "shortest": "shortest",
}
_PREDICTIONS = {
    "riley": "Prediction interval after Riley et al. (2011), t with k − 2 df.",
    "nagashima": "Prediction interval after Nagashima et al. (2019), parametric bootstrap.",
}


def method(name: str, tau2: str, interval: str) -> str:
    """``Random effects, inverse variance, τ² by restricted maximum likelihood (REML)``.

    Parameters
    ----------
    name, tau2, interval : str
        `method`, `tau2_method` and `interval` of a row of pooled results.
    """
    if name in _METHODS:
        return _METHODS[name]
    if tau2 == "EE":
        return "Equal effects, inverse variance"
    weights = "mean with equal-effects weights" if interval == "henmi-copas" else "inverse variance"
    estimator = f"{_ESTIMATORS[tau2]} ({tau2})" if tau2 in _ESTIMATORS else tau2
    return f"Random effects, {weights}, τ² by {estimator}"


def limits(interval: str, level: float, method: str = "") -> str:
    """``Hartung-Knapp 95% CI``, ``equal-tailed 95% credible interval``."""
    kind = _INTERVALS.get(interval, interval)
    what = "credible interval" if method == "bayes" else "CI"
    return f"{kind} {100 * level:g}% {what}".lstrip()


def prediction(name: str) -> str:
    """A sentence on a prediction interval that is not the usual one; else empty."""
    return _PREDICTIONS.get(name, "")
